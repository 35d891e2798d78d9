//! Events that count: verified uses of an entry's work, and joint output or reuse by which a pot grows.
//!
//! Promises: each count is on the ledger with its evidence, given by a judge or the poster while nothing is ruled;
//! no more is counted than the pot, or the reserve, pays for. Must never: pay; that is `award`, at the end.

mod commands;
mod queries;
pub(crate) mod rules;
pub(crate) mod tables;

use ledger::RecordId;

use crate::clock::Moment;
use crate::ids::{EntryId, PersonId};

pub use commands::RecordEvents;
pub(crate) use queries::by_entry;

/// Most events in one count.
pub const MOST_AT_ONCE: u32 = 1_000_000;

/// A count of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventsView {
    /// For which entry; none = by which the pot grows.
    pub entry: Option<EntryId>,
    /// How many.
    pub count: u32,
    /// What shows them.
    pub evidence: String,
    /// Who counted them.
    pub by: PersonId,
    /// When.
    pub at: Moment,
    /// The record that deposits it.
    pub record: RecordId,
}
