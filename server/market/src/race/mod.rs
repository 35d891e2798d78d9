//! Races: the lanes, who rides in them, and on which shares.
//!
//! Promises: an entry runs only when everybody named in its crew, and the lead of every unit named, has
//! agreed to their share; a person rides in one crew a race, a unit in one entry; shares of a running entry
//! change only when everybody concerned has agreed, or grow because somebody left; every crew that was
//! agreed to is on the ledger as a digest. Must never: let anybody ride who may not, or leave a running
//! entry without a crew.

mod blind;
mod change;
mod check_in;
mod commands;
mod door;
mod eligible;
mod invite;
mod out;
mod proposal;
mod pulse;
mod queries;
mod rules;
mod steps;
pub(crate) mod tables;
mod views;
mod waiting;
mod work;

use serde::{Deserialize, Serialize};

use crate::actor::names;
use crate::ids::{PersonId, UnitId};

pub use blind::Names;
pub use change::{ChangeKind, ChangePart, ChangeView, HandOverEntry, LeaveCrew, MergeEntries};
pub use check_in::{CheckIn, CheckInEntry, Lapse, LapseEntry};
pub use commands::{AgreeToCrew, DeclineCrew, EnterRace, ReviseCrew};
pub use door::{EntryRules, TermsOfEntry, Who};
pub use eligible::{EligibilityView, Eligible};
pub use invite::{AcceptTerms, Became, InvitationView, InviteToRace, UninviteFromRace};
pub use out::{DisqualifyEntry, WithdrawEntry};
pub use pulse::{Pulse, Stand, Watch};
pub use steps::{MOST_STEPS, Step, StepKind};
pub use views::{CrewView, EntryView, UnitPart};
pub use work::{WorkItem, WorkKind};

pub(crate) use blind::{hidden_races, hidden_riders, hides, hiding};
pub(crate) use check_in::{check as check_check_in, seen};
pub(crate) use commands::check_in_race;
pub(crate) use door::check as check_entry_rules;
pub(crate) use invite::invited_to;
pub(crate) use out::{abide, disqualified_in, disqualified_of, part, reinstate};
pub(crate) use queries::{
    facts, facts_in, lane_counts, lanes_of, largest_crew, locked, riders_in, riders_of, runs, state_of,
    units_in,
};
pub(crate) use tables::units_of as unit_rows_of;

/// Where an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryState {
    /// Somebody in the crew has not agreed yet.
    Forming,
    /// All lanes are taken: it waits for one.
    Waiting,
    /// All agreed: it can submit.
    Running,
    /// It left the race.
    Withdrawn,
    /// It was closed at the cut of a stage.
    Cut,
    /// It rides on in another lane.
    Merged,
    /// It was taken out of the race, with a reason.
    Disqualified,
    /// The clock took it out: nothing was heard of its crew.
    Lapsed,
    /// It left on an amendment, with the start prize where there was one.
    Left,
}

names!(
    EntryState,
    Forming = "forming",
    Waiting = "waiting",
    Running = "running",
    Withdrawn = "withdrawn",
    Cut = "cut",
    Merged = "merged",
    Disqualified = "disqualified",
    Lapsed = "lapsed",
    Left = "left"
);

impl EntryState {
    /// Whether it has left the race, one way or another.
    pub fn is_out(self) -> bool {
        !matches!(self, Self::Forming | Self::Waiting | Self::Running)
    }
}

/// What a person says to being named in a crew, or a unit's lead for their unit.
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

/// A unit and the share that its own wallet shall take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitShare {
    /// Which.
    pub unit: UnitId,
    /// Basis points of the entry's award.
    pub share: u32,
}
