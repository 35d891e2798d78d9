//! Amendments: frozen rules that change by consent.
//!
//! Promises: what would change is shown line by line, old beside new, before anybody answers; nobody's silence
//! changes the rules for them, so an amendment that one of those asked has not answered in time falls and
//! everything stays as it was; who leaves on it leaves when it takes effect, with the start prize, and not
//! when it falls; rules, brief, clock, payouts and the record of it all change in one write. Must never: lower a
//! bounty, shorten a clock, or touch what has been measured, paid or promised to be secret.

mod commands;
mod difference;
mod effect;
mod merge;
mod queries;
mod rules;
pub(crate) mod tables;

use ledger::{Amount, RecordId};
use serde::{Deserialize, Serialize};

use crate::actor::names;
use crate::clock::Moment;
use crate::ids::{AmendmentId, EntryId, PersonId, TaskId};
use crate::task::Rules;

pub(crate) use commands::check_seen;
pub use commands::{AcceptAmendment, AnswerAmendment, ProposeAmendment, WithdrawAmendment};
pub use difference::{Change, Line, LineKind, difference, lines};
pub(crate) use effect::{decide, drop_open, due_at};
pub use merge::merged;
pub(crate) use queries::{answers_waiting, due_of};

/// The least time that entrants have for an answer, in seconds: a day.
pub const LEAST_SECONDS: i64 = 86_400;
/// The time that they have where the poster names none: three days, or less where the race ends before.
pub const USUAL_SECONDS: i64 = 3 * 86_400;

/// What of a task can be amended, all of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amended {
    /// What is wanted and why: Markdown, at most 20,000 characters.
    pub brief: String,
    /// What must hold for work to be accepted: Markdown, at most 10,000 characters.
    pub criteria: String,
    /// When the clock stops.
    pub closes_at: Moment,
    /// The rules.
    pub rules: Rules,
}

/// Where an amendment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AmendmentState {
    /// Those whom it concerns are asked.
    Open,
    /// The race runs by it.
    InForce,
    /// Somebody did not agree to it in time.
    Fallen,
    /// Its poster took it back.
    Withdrawn,
}

names!(AmendmentState, Open = "open", InForce = "in_force", Fallen = "fallen", Withdrawn = "withdrawn");

/// What an entry says to an amendment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AmendmentAnswer {
    /// It rides on under the amended rules.
    Consent,
    /// It leaves for good when they take effect, with the start prize where there is one.
    Leave,
}

names!(AmendmentAnswer, Consent = "consent", Leave = "leave");

/// An amendment as the asker may see it.
#[derive(Debug, Clone, PartialEq)]
pub struct AmendmentView {
    /// Its id; that of a preview names nothing.
    pub id: AmendmentId,
    /// The task.
    pub task: TaskId,
    /// Who proposed it.
    pub by: PersonId,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Moment,
    /// Until when it is answered; `None` where nobody had to be asked.
    pub answer_by: Option<Moment>,
    /// Where it stands.
    pub state: AmendmentState,
    /// The version of the rules that it made, from 2 on.
    pub version: Option<u32>,
    /// When it took effect, fell or was taken back.
    pub ended_at: Option<Moment>,
    /// What it changes.
    pub before: Amended,
    /// Into what.
    pub after: Amended,
    /// The bounty at this moment, for the prize tables.
    pub bounty: Amount,
    /// How many entries are asked.
    pub asked: u32,
    /// How many of them have answered.
    pub answered: u32,
    /// Which of them have not, for the poster and the auditor.
    pub outstanding: Vec<EntryId>,
    /// What each that leaves would be paid at least.
    pub start: Amount,
    /// The asker's own entry that is asked, as its captain or one of its crew, with what it answered.
    pub mine: Option<(EntryId, Option<AmendmentAnswer>)>,
    /// Whether the asker can answer for that entry now.
    pub may_answer: bool,
    /// Whether the asker has said, before entering, that they ride under either.
    pub accepted: bool,
    /// The record that deposits what was proposed.
    pub record: Option<RecordId>,
    /// The record by which it took effect, with the digest of the rules, or ended otherwise.
    pub end_record: Option<RecordId>,
}

impl AmendmentView {
    /// What it changes, line by line.
    pub fn changes(&self) -> Vec<Change> {
        difference(&self.before, &self.after)
    }
}
