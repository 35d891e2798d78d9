//! The cost of a race against its value: prizes, parts bought, the hours of all lanes and of those who judge.
//!
//! Promises: what a result is worth is stated before the race opens and stays; what somebody declares of their hours
//! is theirs: others see sums of at least [`FEWEST`] people only. Must never: decide who wins, or change what is paid.

mod commands;
mod queries;
mod rules;
pub(crate) mod tables;

use ledger::Amount;

pub(crate) use commands::seal;
pub use commands::{DeclareEffort, StateValue, StatedValue};

/// A sum of hours is shown from so many people on, so that it gives nobody away.
pub const FEWEST: u32 = 3;
/// Most minutes that one person declares in a race: 10,000 hours.
pub const MOST_MINUTES: u32 = 600_000;

/// Hours that people have declared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EffortSum {
    /// How many people have.
    pub people: u32,
    /// Their minutes together; nothing while there are fewer than [`FEWEST`].
    pub minutes: Option<u64>,
}

/// What a race costs and is worth, as the asker may know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostView {
    /// What a result is worth to who posted it, if they said so and the asker may know.
    pub value: Option<StatedValue>,
    /// Prizes of the ruling that counts and of the stages, start prizes included; none before a ruling.
    pub prizes: Option<Amount>,
    /// What of that went to those who won: what the race would have cost with the winner alone.
    pub winner: Option<Amount>,
    /// What was paid for parts of entries.
    pub parts: Amount,
    /// The hours of all lanes.
    pub crews: EffortSum,
    /// The hours of those who judge.
    pub judging: EffortSum,
    /// What an hour counts in this organisation, if it says so.
    pub hour: Option<Amount>,
    /// What the asker has declared, in minutes.
    pub own: Option<u32>,
    /// Whether the asker may declare hours now.
    pub may_declare: bool,
    /// Whether the asker may state the value now.
    pub may_state: bool,
}

impl CostView {
    /// The price of the hours that are shown, where an hour has one.
    pub fn effort(&self) -> Option<Amount> {
        let minutes = [self.crews.minutes, self.judging.minutes].into_iter().flatten().sum::<u64>();
        rules::priced(minutes, self.hour?).filter(|_| minutes > 0)
    }

    /// Everything together: prizes, parts, and the hours that are shown, where an hour has a price.
    pub fn total(&self) -> Option<Amount> {
        let paid = self.prizes?.checked_add(self.parts)?;
        paid.checked_add(self.effort().unwrap_or(Amount::ZERO))
    }
}
