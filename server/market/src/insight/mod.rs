//! Insight: what bounties brought, what races cost, and where money went, from the tables and the books.
//!
//! Promises: every figure is added up by the database, in a number of questions that does not grow with the rows;
//! what flows into a place of the flow of funds flows out of it or still lies there. Must never: rank people, or tell
//! a figure to somebody who may not read what it is made of.

mod flow;
mod glance;
mod months;
mod queries;
mod unit;

use ledger::Amount;

use crate::clock::Moment;
use crate::ids::TaskId;

pub use flow::{FlowBand, FlowView, TaskFlow};
pub use glance::Glance;
pub use unit::UnitMonth;

/// How many months back the figures go.
pub const MONTHS: usize = 12;
/// Most races that are told one by one: the newest.
pub const MOST_RACES: u64 = 60;
/// Most tasks that a flow of funds tells one by one: those that got most.
pub const MOST_TASKS: usize = 8;

/// What leaders are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InsightView {
    /// Month by month, oldest first, the running one last.
    pub months: Vec<InsightMonth>,
    /// The newest races that were settled, newest first.
    pub races: Vec<RaceResult>,
    /// Races by how many lanes they had, fewest first.
    pub lanes: Vec<LaneResult>,
}

/// The races that ended in a month.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InsightMonth {
    /// When the month began.
    pub from: Moment,
    /// How many races ended, settled, expired or called off.
    pub ended: u32,
    /// How many of those were settled.
    pub settled: u32,
    /// Their bounties together.
    pub bounty: Amount,
    /// What of those was paid, stages included.
    pub paid: Amount,
    /// What was paid for parts of entries in that month.
    pub parts: Amount,
    /// Seconds from publishing to the end, on average.
    pub seconds: Option<u64>,
    /// Entries that ran in them.
    pub entries: u32,
    /// How often a decision was overdue: reminded, passed on, or taken by the clock.
    pub overdue: u32,
}

impl InsightMonth {
    /// What went back to the funders.
    pub fn returned(&self) -> Amount {
        self.bounty.checked_sub(self.paid).unwrap_or(Amount::ZERO)
    }
}

/// What one bounty brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RaceResult {
    /// The task.
    pub task: TaskId,
    /// Its bounty.
    pub bounty: Amount,
    /// What was paid of it.
    pub paid: Amount,
    /// How many entries handed in and were ruled.
    pub ruled: u32,
    /// How many were placed.
    pub placed: u32,
    /// The best score in hundredths, where scores were given.
    pub best: Option<u32>,
    /// Seconds from publishing to the end.
    pub seconds: Option<u64>,
}

/// Races with so many lanes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneResult {
    /// How many entries ran.
    pub lanes: u32,
    /// In how many races.
    pub races: u32,
    /// Their best scores on average, in hundredths, where scores were given.
    pub best: Option<u32>,
}
