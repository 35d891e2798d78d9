//! Races: the lanes, who rides in them, and on which shares.
//!
//! Promises: an entry runs only when everybody named in its crew has agreed to their share; a person
//! rides in one crew a race; the agreed crew is on the ledger as a digest. Must never: change the
//! shares of a running entry, or let anybody ride who may not.

mod commands;
mod queries;
mod rules;
pub(crate) mod tables;
mod work;

use ledger::Amount;
use serde::{Deserialize, Serialize};

use crate::actor::names;
use crate::clock::Moment;
use crate::ids::{EntryId, PersonId, TaskId, UnitId};
use crate::submission::ReturnView;
use crate::task::Score;

pub use commands::{AgreeToCrew, DeclineCrew, EnterRace, ReviseCrew, WithdrawEntry};
pub use work::{WorkItem, WorkKind};

pub(crate) use queries::{facts, lane_counts, lanes_of, locked, riders_of, runs, state_of, units_of};

/// Where an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryState {
    /// Somebody in the crew has not agreed yet.
    Forming,
    /// All agreed: it can submit.
    Running,
    /// It left the race.
    Withdrawn,
    /// It was closed at the cut of a stage.
    Cut,
}

names!(EntryState, Forming = "forming", Running = "running", Withdrawn = "withdrawn", Cut = "cut");

/// What a person says to being named in a crew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CrewAnswer {
    /// Nothing yet.
    Asked,
    /// Yes, on this share.
    Agreed,
    /// No.
    Declined,
}

names!(CrewAnswer, Asked = "asked", Agreed = "agreed", Declined = "declined");

/// A person and the share that they shall take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrewShare {
    /// Who.
    pub person: PersonId,
    /// Basis points of the entry's award.
    pub share: u32,
}

/// One of a crew, as shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CrewView {
    /// Who.
    pub person: PersonId,
    /// Basis points of the entry's award.
    pub share: u32,
    /// What they said.
    pub answer: CrewAnswer,
}

/// An entry as the asker may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryView {
    /// Its id.
    pub id: EntryId,
    /// The task whose race it runs in.
    pub task: TaskId,
    /// Its lane, from 1.
    pub lane: u32,
    /// Its name.
    pub name: String,
    /// Who entered it.
    pub captain: PersonId,
    /// The unit that entered, if one did.
    pub unit: Option<UnitId>,
    /// The unit's own share in basis points.
    pub unit_share: u32,
    /// Where it stands.
    pub state: EntryState,
    /// The stage at which it was closed, if it was.
    pub cut_stage: Option<u32>,
    /// Its crew in order.
    pub crew: Vec<CrewView>,
    /// When it was entered.
    pub entered_at: Moment,
    /// How many versions it has handed in.
    pub submissions: u32,
    /// When the last one came.
    pub last_submitted_at: Option<Moment>,
    /// Its place in the newest ruling, dead heats sharing one.
    pub place: Option<u32>,
    /// Its score in the newest ruling.
    pub score: Option<Score>,
    /// What the newest ruling gives it.
    pub award: Option<Amount>,
    /// The judge's reason.
    pub reason: Option<String>,
    /// Why it was returned unread, if it was.
    pub returned: Option<ReturnView>,
    /// Whether the asker belongs to its crew and agreed.
    pub mine: bool,
    /// Whether the asker is its captain.
    pub captained: bool,
}

impl EntryView {
    /// The shares of an award in the order in which it is split: the unit's first, if a unit entered, then
    /// the crew's.
    pub fn shares(&self) -> Vec<u32> {
        let unit = self.unit.map(|_| self.unit_share);
        unit.into_iter().chain(self.crew.iter().map(|mate| mate.share)).collect()
    }
}
