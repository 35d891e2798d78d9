//! Votes: races that people decide once the works are open, by one vote each or by voice credits.
//!
//! Promises: who rides, who posted, and whoever belongs to a unit that rides never votes; a ballot can be
//! changed until the vote closes and is shown to nobody else before it is counted; once counted, all ballots are
//! on record without names, so that anybody can count them again. Must never: show a tally while people vote.

mod commands;
mod count;
mod queries;
mod rules;
pub(crate) mod tables;

use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::ids::{EntryId, UnitId};

pub use commands::CastBallot;
pub(crate) use queries::{has_voted, voters, windows};
pub(crate) use rules::check;

/// Most voice credits of one person.
pub const MOST_CREDITS: u32 = 10_000;

/// How people decide a race.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoteRules {
    /// Who may vote, rivals and the poster left out.
    pub voters: Voters,
    /// What a ballot holds.
    pub ballot: Ballot,
    /// For so many seconds after the clock has stopped, an hour to 30 days.
    pub seconds: u32,
}

/// Who may vote. Nobody who rides or was asked to, nobody who belongs to a unit that rides, and not the poster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Voters {
    /// Everybody who is signed in and may see the race.
    Everyone,
    /// Members of the organisation.
    Members,
    /// Whoever belongs to one of these units.
    Units(Vec<UnitId>),
}

/// What a ballot holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ballot {
    /// One vote for one entry.
    One,
    /// Votes for any entries, which cost their square in voice credits: 3 votes cost 9.
    Quadratic {
        /// How many credits each person has.
        credits: u32,
    },
}

impl VoteRules {
    /// When people can vote no more, in a race that closes then.
    pub fn closes_at(&self, race_closes_at: Moment) -> Moment {
        race_closes_at.plus_seconds(i64::from(self.seconds))
    }
}

/// So many votes for an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct VotesFor {
    /// The entry.
    pub entry: EntryId,
    /// How many, from 1.
    pub votes: u32,
}

/// A vote, as the asker may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoteView {
    /// From when people can vote: when the clock of the race stops.
    pub opens_at: Moment,
    /// When they can no more.
    pub closes_at: Moment,
    /// Whether they can now.
    pub is_open: bool,
    /// Whether the asker is among those who may.
    pub may_vote: bool,
    /// How many ballots there are.
    pub ballots: u32,
    /// What stands on the asker's own ballot.
    pub mine: Vec<VotesFor>,
    /// The votes for each entry that can be voted for, most first; empty before they are counted.
    pub tally: Vec<VotesFor>,
}
