//! Panels: several judges score every lane by a rubric, each alone, and the scores come to a ruling by rule.
//!
//! Promises: a locked sheet never changes and its digest is on the ledger; nobody sees another's scores
//! before their own sheet is locked, and nobody else sees any before the ruling; who is tied to an entry does
//! not score it; the order of judges and entries changes nothing. Must never: let anybody place a lane by hand.

mod board;
mod commands;
mod queries;
mod ruling;
mod sums;
pub(crate) mod tables;
mod ties;
mod waiting;

use serde::{Deserialize, Serialize};

use crate::actor::names;
use crate::award::Score;
use crate::clock::Moment;
use crate::error::{Code, Problems};
use crate::ids::{EntryId, PersonId, SheetId};
use crate::text;

pub use commands::{DeclareConflict, LockSheet, NameJudge, SaveScores};
pub use queries::{ConflictView, MarksView, PanelJudge, PanelView, ResultView, SheetView};
pub use sums::{Spread, spread, total};

pub(crate) use commands::open_again;
pub(crate) use queries::{locked_in, lockers_in, open_sheets, panel_at, sheets_due};
pub(crate) use ruling::{rule_panel, tell_orphans};
pub(crate) use tables::conflicted;
pub(crate) use ties::lacking_judges;
pub(crate) use waiting::sheets_waiting;

/// A race has one set of sheets so far; stages will have their own from 1 on.
pub(crate) const FINAL: i64 = 0;

const MOST_CRITERIA: usize = 20;
const MOST_WEIGHT: u32 = 1_000;
/// A sheet is due within at least an hour and at most 90 days.
const SHEET_SECONDS: std::ops::RangeInclusive<u32> = 3_600..=90 * 86_400;

/// How a race is judged by a panel, as the rules freeze it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Panel {
    /// Who scores; they can't enter.
    pub judges: Vec<PersonId>,
    /// What is scored, each from 0 to 100.
    pub rubric: Vec<Criterion>,
    /// Whether lanes have no names until the ruling, for all but their own crew and those in charge.
    pub blind: bool,
    /// How several judges' scores of one criterion become one.
    pub combine: Combine,
    /// The least sheets that must be locked once they are due; where more judges than that lock in time,
    /// all of theirs count.
    pub quorum: u32,
    /// Seconds after the stop at which sheets are due.
    pub sheet_seconds: u32,
}

/// One line of a rubric.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Criterion {
    /// Its name: one line, at most 80 characters.
    pub name: String,
    /// What it means: at most 500 characters, perhaps none.
    pub description: String,
    /// How much it weighs beside the others, 1 to 1,000.
    pub weight: u32,
}

/// How several judges' scores of one criterion become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Combine {
    /// Their mean.
    Mean,
    /// Where three or more scored the entry, their mean without one highest and one lowest; otherwise the mean.
    TrimmedMean,
}

names!(Combine, Mean = "mean", TrimmedMean = "trimmed_mean");

impl Panel {
    /// When the sheets of a race that stopped at `closed` are due.
    pub fn due(&self, closed: Moment) -> Moment {
        closed.plus_seconds(i64::from(self.sheet_seconds))
    }
}

/// Checks what a poster wrote beside the judges' names.
pub(crate) fn check(problems: &mut Problems, panel: &Panel) {
    let range = |min: &str, max: String| Code::OutOfRange { min: min.to_owned(), max };
    problems.check(panel.rubric.is_empty(), "rules.panel.rubric", Code::Required);
    let many = panel.rubric.len() > MOST_CRITERIA;
    problems.check(many, "rules.panel.rubric", Code::TooManyItems { max: MOST_CRITERIA });
    for (at, criterion) in panel.rubric.iter().take(MOST_CRITERIA).enumerate() {
        let field = |part: &str| format!("rules.panel.rubric.{at}.{part}");
        let name = text::line(problems, &field("name"), &criterion.name, 80);
        text::maybe_prose(problems, &field("description"), &criterion.description, 500);
        let twice = panel.rubric[..at].iter().any(|other| other.name.trim() == name);
        problems.check(twice, field("name"), Code::Twice);
        let wrong = !(1..=MOST_WEIGHT).contains(&criterion.weight);
        problems.check(wrong, field("weight"), range("1", MOST_WEIGHT.to_string()));
    }
    let most = u32::try_from(panel.judges.len()).unwrap_or(u32::MAX).max(1);
    let wrong = !(1..=most).contains(&panel.quorum);
    problems.check(wrong, "rules.panel.quorum", range("1", most.to_string()));
    let wrong = !SHEET_SECONDS.contains(&panel.sheet_seconds);
    problems.check(wrong, "rules.panel.sheet_seconds", range("3600", SHEET_SECONDS.end().to_string()));
}

/// What one judge says of one entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    /// By criterion, in the rubric's order; `None` is not scored.
    pub(crate) scores: Vec<Option<Score>>,
    /// Why.
    pub(crate) comment: String,
}

/// One judge's scores of all entries in one round.
#[derive(Debug, Clone)]
pub(crate) struct Sheet {
    pub(crate) id: SheetId,
    pub(crate) round: u32,
    pub(crate) judge: PersonId,
    pub(crate) locked_at: Option<Moment>,
    pub(crate) record: Option<ledger::RecordId>,
    pub(crate) marks: std::collections::BTreeMap<EntryId, Marks>,
}

/// Once around the table: the first scores all criteria, one after a granted appeal scores one again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Round {
    /// From 1.
    pub(crate) number: u32,
    /// The only criterion that is scored; `None` is all.
    pub(crate) criterion: Option<u32>,
    /// When its sheets are due.
    pub(crate) due: Moment,
}

impl Round {
    /// Whether this criterion is scored in this round.
    pub(crate) fn asks(&self, criterion: usize) -> bool {
        self.criterion.is_none_or(|asked| usize::try_from(asked) == Ok(criterion))
    }
}
