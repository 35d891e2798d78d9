//! Judging: rulings with their reasons, and appeals against them.
//!
//! Promises: a ruling is provisional until its appeal window has closed with nothing open; each ruling,
//! appeal and answer is on the ledger as a digest; nobody answers an appeal against their own ruling.
//! Must never: pay; that is `award`, when the clock says so.

mod commands;
mod feedback;
mod give;
mod panel;
mod queries;
mod record;
mod rules;
mod second;
mod silence;
mod stages;
mod strike;
pub(crate) mod tables;

use ledger::{Amount, RecordId};
use serde::{Deserialize, Serialize};

use crate::actor::names;
use crate::clock::Moment;
use crate::ids::{AppealId, EntryId, PersonId, RulingId, TaskId};
use crate::task::Score;

pub use commands::{AnswerAppeal, AppealRuling, RuleRace, RulingLine};
pub use record::DecidingRecord;
pub use stages::{RuleStage, StageLineView, StageScore, StageState, StageView};

pub use feedback::{AskFeedback, FeedbackView, GiveFeedback};
pub use panel::{
    Combine, ConflictView, Criterion, DeclareConflict, LockSheet, MarksView, NameJudge, Panel, PanelJudge,
    PanelView, ResultView, SaveScores, SheetView, Spread, spread, total,
};
pub use queries::RulingPreview;

pub(crate) use feedback::opened;
pub(crate) use give::{Decision, Giver, give, settled, standings};
pub(crate) use panel::{
    check as check_panel, conflicted, lacking_judges, lockers_in, open_sheets, rule_panel, sheets_due,
    sheets_waiting, tell_orphans,
};
pub(crate) use queries::{
    appeals_for_clock, appeals_in, appeals_waiting, is_ruled, lines_of, open_appeals, ruler_of, rulers_of,
    signed,
};
pub(crate) use record::overdue_of;
pub use second::{AnswerAgain, AppealAgain};
pub(crate) use second::{seconds_for_clock, seconds_waiting};
pub(crate) use silence::{let_stand, rule_by_default};
pub(crate) use stages::{check_waiting, cut_by_clock, end_stage};
pub(crate) use strike::strike;
pub(crate) use tables::ruling_line;

/// What became of an appeal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Granted: the race is judged again.
    Upheld,
    /// Refused: the ruling stands.
    Rejected,
}

names!(Verdict, Upheld = "upheld", Rejected = "rejected");

/// A ruling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulingView {
    /// Its id.
    pub id: RulingId,
    /// 1 for the first of its race.
    pub version: u32,
    /// Who gave it; of a panel, who locked last; nobody where the clock executed the default of the rules.
    pub by: Option<PersonId>,
    /// The panel that came to it, in the order in which they locked; empty where one person ruled.
    pub panel: Vec<PersonId>,
    /// The reasons for the whole; empty where the sheets of a panel say them.
    pub summary: String,
    /// When.
    pub at: Moment,
    /// The record that deposits it.
    pub record: RecordId,
    /// One line for each entry that had submitted, best place first.
    pub lines: Vec<RulingLineView>,
    /// What goes back to the funders under it, of the bounty as it is now.
    pub refund: Amount,
    /// Whether it is the one that counts.
    pub current: bool,
}

/// What a ruling says of one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulingLineView {
    /// The entry.
    pub entry: EntryId,
    /// Its place, dead heats sharing one; `None` when it does not count.
    pub place: Option<u32>,
    /// Its score.
    pub score: Option<Score>,
    /// Why.
    pub reason: String,
    /// What the prize plan gives it, start prize included.
    pub award: Amount,
    /// How much of that is its start prize.
    pub start: Amount,
}

/// An appeal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppealView {
    /// Its id.
    pub id: AppealId,
    /// The task.
    pub task: TaskId,
    /// Against which ruling.
    pub ruling: RulingId,
    /// Whose.
    pub entry: EntryId,
    /// Who of the crew wrote it.
    pub by: PersonId,
    /// On what grounds.
    pub grounds: String,
    /// When.
    pub at: Moment,
    /// What became of it.
    pub verdict: Option<Verdict>,
    /// Why.
    pub answer: Option<String>,
    /// Who answered.
    pub answered_by: Option<PersonId>,
    /// When.
    pub answered_at: Option<Moment>,
    /// Whether the asker may answer it now.
    pub may_answer: bool,
    /// The same appeal made again, after it was turned down.
    pub again: Option<SecondAppealView>,
    /// Until when it can be made again, while it can.
    pub again_until: Option<Moment>,
}

/// An appeal made again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecondAppealView {
    /// Who of the crew wrote it.
    pub by: PersonId,
    /// On what grounds.
    pub grounds: String,
    /// When.
    pub at: Moment,
    /// What became of it.
    pub verdict: Option<Verdict>,
    /// Why.
    pub answer: Option<String>,
    /// Who answered: neither who ruled nor who answered first.
    pub answered_by: Option<PersonId>,
    /// When.
    pub answered_at: Option<Moment>,
    /// Whether the asker may answer it now.
    pub may_answer: bool,
}
