//! History and honours: the races of a person or a unit, each with role, share, place and prize.
//!
//! Promises: history is written for each who rode, with their share, and is read from the same entries, rulings and
//! records as the race itself; each honour leads to the record that it stands on; what the asker may not see of a
//! race, they don't see here either. Must never: rank people, or count what is not settled as an honour.

mod queries;
mod rules;

use ledger::{Amount, RecordId};

use crate::actor::names;
use crate::clock::Moment;
use crate::ids::{EntryId, TaskId};
use crate::part::OfferView;
use crate::race::EntryState;
use crate::task::Score;

/// In what role somebody rode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RideRole {
    /// Entered it.
    Captain,
    /// Rode in its crew.
    Crew,
    /// A unit that entered.
    Unit,
}

names!(RideRole, Captain = "captain", Crew = "crew", Unit = "unit");

/// One race of somebody's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RideView {
    /// The task.
    pub task: TaskId,
    /// The entry.
    pub entry: EntryId,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub state: EntryState,
    /// In what role they rode.
    pub role: RideRole,
    /// Their share, in basis points.
    pub share: u32,
    /// How many versions the entry has handed in.
    pub versions: u32,
    /// Its place in the ruling that counts, dead heats sharing one.
    pub place: Option<u32>,
    /// How many entries share that place with it.
    pub sharing: u32,
    /// Its score.
    pub score: Option<Score>,
    /// What the ruling gives the entry.
    pub award: Option<Amount>,
    /// What they get of that by their share.
    pub own: Option<Amount>,
    /// Whether the ruling is final and paid.
    pub settled: bool,
    /// The ruling's record.
    pub record: Option<RecordId>,
    /// When the entry was made.
    pub since: Moment,
    /// Parts of the entry that were bought.
    pub bought: Vec<OfferView>,
}

/// What somebody has earned a mention for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HonourKind {
    /// First, alone.
    First,
    /// First in a dead heat.
    FirstShared,
    /// Second or third.
    Placed,
    /// Handed in by the end of a race that was settled.
    Finished,
    /// A part of an entry that did not win was bought.
    PartBought,
}

names!(
    HonourKind,
    First = "first",
    FirstShared = "first_shared",
    Placed = "placed",
    Finished = "finished",
    PartBought = "part_bought"
);

/// An honour, how often, and what the newest of them stand on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HonourView {
    /// What for.
    pub kind: HonourKind,
    /// How often.
    pub count: u32,
    /// The newest, at most [`NEWEST`].
    pub newest: Vec<HonourProof>,
}

/// What one honour stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HonourProof {
    /// The task.
    pub task: TaskId,
    /// The entry.
    pub entry: EntryId,
    /// The record: a ruling, what was handed in last, or a payout.
    pub record: RecordId,
}

/// Most proofs that are told of one honour.
pub const NEWEST: usize = 5;
