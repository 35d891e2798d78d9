//! Prizes: what a plan gives to whom.
//!
//! Promises: settlement is a pure function of plan, bounty and standings, and [`decide`] is the only one;
//! awards and refund always sum to the bounty. Must never: look at names, at the order in which entries come, or at a clock.

mod commands;
mod plan;
mod prospect;
mod queries;
mod rules;
mod silence;
mod stages;

use std::fmt;

use ledger::Amount;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::error::Code;
use crate::ids::{EntryId, PersonId, ProgrammeId, UnitId};
use crate::task::TaskView;

pub use plan::{DeadHeat, Growth, PrizePlan, Prizes, StartPrize, Terms, Unreached};
pub use prospect::{Prospect, prospect};
pub use rules::{crew_split, decide, settle, settle_grown};
pub use silence::{by_default, placed_by_score};
pub use stages::{StageLine, StageOutcome, decide_stage, stage_prospect};

pub(crate) use commands::{pay_awards, pay_part, refund_moves, settle_task};
pub(crate) use rules::start_parts;

/// A mark from 0 to 100 in hundredths.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Score(u32);

impl Score {
    /// 100.00
    pub const MAX: u32 = 10_000;

    /// A score of so many hundredths.
    ///
    /// # Errors
    /// [`Code::BadScore`] above 100.00.
    pub fn new(hundredths: u32) -> Result<Self, Code> {
        if hundredths <= Self::MAX { Ok(Self(hundredths)) } else { Err(Code::BadScore) }
    }

    /// The score in hundredths.
    pub fn hundredths(self) -> u32 {
        self.0
    }

    /// Reads `87`, `87.5` or `87.50`.
    ///
    /// # Errors
    /// [`Code::BadScore`] for anything else.
    pub fn parse(text: &str) -> Result<Self, Code> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str, most: usize| {
            (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !digits(whole, 3) || !digits(decimals, 2) {
            return Err(Code::BadScore);
        }
        let whole: u32 = whole.parse().map_err(|_| Code::BadScore)?;
        let tail: u32 = decimals.parse().map_err(|_| Code::BadScore)?;
        Self::new(whole * 100 + if decimals.len() == 1 { tail * 10 } else { tail })
    }

    /// Always two decimals: `87.50`.
    pub fn format(self) -> String {
        self.to_string()
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

/// How a qualified entry came out, before any prize: one that has handed in and is still in the race.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The entry.
    pub entry: EntryId,
    /// Its lane: decides who gets a leftover minor unit.
    pub lane: u32,
    /// Its place as ruled; equal numbers are a dead heat; `None` is unplaced.
    pub place: Option<u32>,
    /// Its score, if one was given.
    pub score: Option<Score>,
    /// When its last version was handed in.
    pub submitted_at: Moment,
    /// How many verified events it has, where those are what is paid.
    pub events: u64,
}

/// What one entry gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Award {
    /// The entry.
    pub entry: EntryId,
    /// Its place among those that count, dead heats sharing one: 1, 2, 2, 4. `None` when it does not count.
    pub place: Option<u32>,
    /// What it gets in all, its start prize included.
    pub amount: Amount,
    /// How much of that is its start prize.
    pub start: Amount,
}

/// What a plan gives to all: the awards, in order of place and lane, and what goes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// One for each standing.
    pub awards: Vec<Award>,
    /// What goes back to the funders.
    pub refund: Amount,
}

/// Whose wallet or budget a payout reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Payee {
    /// A person's wallet.
    Person(PersonId),
    /// A unit's wallet.
    Unit(UnitId),
    /// A programme's budget.
    Programme(ProgrammeId),
}

/// One credit of a payout or refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutLine {
    /// Who was paid.
    pub to: Payee,
    /// For which entry; `None` for a refund.
    pub entry: Option<EntryId>,
    /// How much.
    pub amount: Amount,
    /// Whether it went back to a funder.
    pub refund: bool,
}

/// A record that emptied the escrow, or part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutView {
    /// The record.
    pub record: ledger::RecordId,
    /// When it was posted.
    pub at: Moment,
    /// Its credits.
    pub lines: Vec<PayoutLine>,
}

/// A payout, for the front page.
#[derive(Debug, Clone, PartialEq)]
pub struct RecentPayout {
    /// The task that paid.
    pub task: TaskView,
    /// The payout's record.
    pub record: ledger::RecordId,
    /// When.
    pub at: Moment,
    /// How much was paid in all.
    pub total: Amount,
    /// How many wallets were paid.
    pub payees: u32,
}
