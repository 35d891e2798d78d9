//! Changes of a running crew: other shares, other mates, another captain, two lanes made one.
//!
//! Promises: the crew rides on as it is until everybody concerned has agreed, those included who would
//! leave; one change at a time is open for an entry; what was agreed to is on the ledger. Must never:
//! change a crew after the freeze, or leave an entry without its captain.

mod apply;
mod commands;
mod tables;
mod waiting;

use serde::{Deserialize, Serialize};

use super::CrewAnswer;
use crate::actor::{Actor, names};
use crate::clock::Moment;
use crate::ids::{EntryId, PersonId, UnitId};

pub use commands::{HandOverEntry, LeaveCrew, MergeEntries};

pub(super) use commands::{agree, decline, propose_crew};
pub(super) use tables::{drop_open, open_in, open_of};
pub(super) use waiting::waiting;

/// What a change does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Another crew, or other shares.
    Crew,
    /// Two entries ride on as one.
    Merge,
    /// Another captain.
    Captain,
}

names!(ChangeKind, Crew = "crew", Merge = "merge", Captain = "captain");

/// Somebody who must agree to a change: a person, or a unit by its lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChangePart {
    /// The person, unless it is a unit.
    pub person: Option<PersonId>,
    /// The unit, unless it is a person.
    pub unit: Option<UnitId>,
    /// Basis points that they would take; none = they would leave.
    pub share: Option<u32>,
    /// What they said.
    pub answer: CrewAnswer,
}

/// A change that is proposed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeView {
    /// The entry that rides on.
    pub entry: EntryId,
    /// The entry that would ride on in it.
    pub other: Option<EntryId>,
    /// What it does.
    pub kind: ChangeKind,
    /// Who proposed it.
    pub by: PersonId,
    /// When.
    pub at: Moment,
    /// Who must agree, in the order of payment; who would leave comes last.
    pub parts: Vec<ChangePart>,
}

impl ChangeView {
    /// Whether the asker is named in it, or leads a unit that is.
    pub fn concerns(&self, asker: &Actor) -> bool {
        self.parts.iter().any(|part| is_for(part, asker))
    }

    /// Whether the asker has yet to answer.
    pub fn asks(&self, asker: &Actor) -> bool {
        self.parts.iter().any(|part| part.answer == CrewAnswer::Asked && is_for(part, asker))
    }

    pub(super) fn asked_persons(&self) -> impl Iterator<Item = PersonId> {
        self.parts.iter().filter(|part| part.answer == CrewAnswer::Asked).filter_map(|part| part.person)
    }

    pub(super) fn asked_units(&self) -> impl Iterator<Item = UnitId> {
        self.parts.iter().filter(|part| part.answer == CrewAnswer::Asked).filter_map(|part| part.unit)
    }
}

fn is_for(part: &ChangePart, asker: &Actor) -> bool {
    let Some(person) = asker.person() else { return false };
    part.person == Some(person.id) || part.unit.is_some_and(|unit| person.leads.contains(&unit))
}
