//! Whether somebody can enter a race, and why: told before they try.
//!
//! Promises: the same answer as the command would give at this moment, with what to do about it. Must
//! never: name anybody else.

use super::{EntryState, invite, queries, tables};
use crate::actor::{Actor, names};
use crate::error::Result;
use crate::ids::TaskId;
use crate::market::Market;
use crate::memo::Known;
use crate::policy::{Act, eligible, permit};
use crate::task::TaskState;

/// Why somebody can or can't enter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Eligible {
    /// Yes: everybody who sees the race can.
    Anybody,
    /// Yes, as a member of the organisation.
    Member,
    /// Yes, as a member of a unit that the rules name.
    OfUnit,
    /// Yes, by invitation.
    Invited,
    /// Yes, but all lanes are taken: the entry waits for one.
    Waits,
    /// No: sign in first.
    SignIn,
    /// No: this person posted it.
    Poster,
    /// No: this person judges it.
    Judge,
    /// No: auditors and admins never ride.
    Keeper,
    /// No: members of the organisation only.
    NotMember,
    /// No: members of certain units only.
    NotOfUnit,
    /// No: by invitation only.
    NotInvited,
    /// No: the race is not open.
    Closed,
    /// No: this person rides already, or was asked to.
    Riding,
    /// No: this person's entry was disqualified.
    Disqualified,
    /// No: all lanes are taken.
    Full,
}

names!(
    Eligible,
    Anybody = "anybody",
    Member = "member",
    OfUnit = "of_unit",
    Invited = "invited",
    Waits = "waits",
    SignIn = "sign_in",
    Poster = "poster",
    Judge = "judge",
    Keeper = "keeper",
    NotMember = "not_member",
    NotOfUnit = "not_of_unit",
    NotInvited = "not_invited",
    Closed = "closed",
    Riding = "riding",
    Disqualified = "disqualified",
    Full = "full"
);

impl Eligible {
    /// Whether it is a yes.
    pub fn can(self) -> bool {
        matches!(self, Self::Anybody | Self::Member | Self::OfUnit | Self::Invited | Self::Waits)
    }
}

/// Whether the asker can enter a race.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EligibilityView {
    /// Whether, and why.
    pub why: Eligible,
    /// Whether the asker has accepted the terms; nothing where there are none.
    pub accepted: Option<bool>,
}

impl Market {
    /// Whether the asker can enter a race at this moment, and why.
    ///
    /// # Errors
    /// [`crate::Refusal::NotFound`] when the asker may not see the task.
    pub async fn eligibility(&self, asker: &Actor, id: TaskId) -> Result<EligibilityView> {
        let db = self.store().reads();
        let Known { task, facts } = &*self.known(id).await?;
        permit(asker, Act::SeeTask, facts)?;
        let mut why = eligible(asker, facts);
        if why.can() || why == Eligible::SignIn {
            let closed = task.state(self.now()) != TaskState::Open;
            why = if closed { Eligible::Closed } else { why };
        }
        if let (true, Some(person)) = (why.can(), asker.id()) {
            let riding = facts.riders.contains(&person);
            let full = match task.rules.max_lanes {
                Some(max) => queries::lanes_of(db, id).await? >= max,
                None => false,
            };
            why = match (riding, full) {
                (true, _) if is_out(db, id, person).await? => Eligible::Disqualified,
                (true, _) => Eligible::Riding,
                (false, true) if task.rules.entry.waiting_list => Eligible::Waits,
                (false, true) => Eligible::Full,
                (false, false) => why,
            };
        }
        let accepted = match (&task.rules.entry.terms, asker.id()) {
            (Some(_), Some(person)) => Some(invite::has_accepted(db, id, person).await?),
            _ => None,
        };
        Ok(EligibilityView { why, accepted })
    }
}

async fn is_out(
    db: &impl sea_orm::ConnectionTrait,
    task: TaskId,
    person: crate::ids::PersonId,
) -> Result<bool> {
    let crews = tables::crews_of(db, task).await?;
    let ridden = crews.iter().find(|one| one.person_id == person.0 && one.active == Some(1));
    let entries = tables::entries_of(db, task).await?;
    let entry = entries.iter().find(|entry| ridden.is_some_and(|one| one.entry_id == entry.id));
    match entry {
        Some(entry) => Ok(queries::state_of(entry)? == EntryState::Disqualified),
        None => Ok(false),
    }
}
