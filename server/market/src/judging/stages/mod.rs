//! Stages: the scores at the end of each, the cut, and what it pays at once.
//!
//! Promises: a stage is cut once, by whoever judges or by the clock; what it pays leaves the escrow in the same
//! database transaction as the cut, split over the crews like any award. Must never: show what was handed in after
//! the stage ended.

mod cut;
mod queries;
pub(crate) mod tables;

use std::collections::HashMap;

use ledger::{Amount, RecordId};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::board;
use crate::clock::Moment;
use crate::error::{Code, Problems, Refusal, Result};
use crate::ids::{EntryId, PersonId, TaskId};
use crate::policy::{Act, permit};
use crate::store::{Command, Scope};
use crate::task::{self, Score, Stage, Task, TaskState};
use crate::text;

pub(crate) use cut::{cut_by_clock, end_stage};
pub(crate) use queries::newest_scores;

/// Gives the scores of a stage that has ended, upon which the lanes below the cut are closed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RuleStage {
    /// The task.
    pub task: TaskId,
    /// Which stage, from 1: the one that waits.
    pub stage: u32,
    /// The reasons for the whole: Markdown, at most 10,000 characters.
    pub summary: String,
    /// One line for each entry that runs and handed in during the stage.
    pub lines: Vec<StageScore>,
}

/// The score of one entry in a stage.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StageScore {
    /// The entry.
    pub entry: EntryId,
    /// Its score.
    pub score: Score,
    /// Why: at most 4,000 characters.
    pub reason: String,
}

/// Where a stage stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageState {
    /// It has not begun.
    Coming,
    /// It runs.
    Running,
    /// It has ended, and its scores are due.
    Judging,
    /// It was cut.
    Done,
}

crate::actor::names!(StageState, Coming = "coming", Running = "running", Judging = "judging", Done = "done");

/// A stage, as anybody sees it who sees the task.
#[derive(Debug, Clone, PartialEq)]
pub struct StageView {
    /// Its number, from 1.
    pub no: u32,
    /// Its rules.
    pub stage: Stage,
    /// Where it stands.
    pub state: StageState,
    /// Who gave the scores; nobody where the clock cut.
    pub by: Option<PersonId>,
    /// The reasons for the whole.
    pub summary: String,
    /// Whether the race stopped there.
    pub stopped: bool,
    /// When it was cut.
    pub cut_at: Option<Moment>,
    /// The record of it.
    pub record: Option<RecordId>,
    /// How it came out, best place first.
    pub lines: Vec<StageLineView>,
}

/// How a stage came out for one entry.
#[derive(Debug, Clone, PartialEq)]
pub struct StageLineView {
    /// The entry.
    pub entry: EntryId,
    /// Its place.
    pub place: Option<u32>,
    /// Its score.
    pub score: Option<Score>,
    /// What the stage paid it.
    pub award: Amount,
    /// Whether it was closed there.
    pub cut: bool,
    /// Why it has this score.
    pub reason: String,
}

/// The scores that there are when the clock has to cut a stage: the one door for every way of judging. Whoever judges
/// in person gives theirs by [`RuleStage`], which cuts at once, so that none are left for the clock; where the server
/// measures, the public figures of the versions handed in during the stage count, if the metric is a score.
pub(crate) async fn stage_scores(
    db: &impl ConnectionTrait,
    task: &Task,
    stage: u32,
) -> Result<HashMap<EntryId, Score>> {
    match (&task.rules.judging, task.rules.stages.get(usize::try_from(stage - 1).unwrap_or(usize::MAX))) {
        (task::Judging::Metric(measured), Some(rules)) => {
            board::public_scores(db, task.id, measured, task.stage_began(stage), rules.ends_at).await
        }
        _ => Ok(HashMap::new()),
    }
}

impl Command for RuleStage {
    type Output = ();
    const ACT: Act = Act::RuleStage;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        if matches!(asker, Actor::Visitor) {
            return Err(Refusal::Unauthenticated);
        }
        let task = task::tables::lock(scope.txn, self.task).await?;
        let leave = permit(asker, Self::ACT, &task::facts(scope.txn, &task, scope.now).await?)?;
        check_waiting(&task, self.stage, scope.now)?;
        let (handed, _) = cut::field(scope.txn, &task, self.stage).await?;
        let wanted: Vec<EntryId> = handed.iter().map(|standing| standing.entry).collect();
        let mut problems = Problems::default();
        let summary = text::maybe_prose(&mut problems, "summary", &self.summary, 10_000);
        problems.check(self.lines.len() > wanted.len(), "lines", Code::TooManyItems { max: wanted.len() });
        let mut scores = HashMap::new();
        for (at, line) in self.lines.iter().take(wanted.len()).enumerate() {
            let field = |part: &str| format!("lines.{at}.{part}");
            problems.check(!wanted.contains(&line.entry), field("entry"), Code::EntryNotInRace);
            let reason = text::prose(&mut problems, &field("reason"), &line.reason, 4_000);
            let twice = scores.insert(line.entry, (line.score, reason)).is_some();
            problems.check(twice, field("entry"), Code::Twice);
        }
        problems.check(wanted.iter().any(|entry| !scores.contains_key(entry)), "lines", Code::EntryNotRuled);
        problems.done()?;
        cut::cut(scope, &leave, &task, self.stage, (leave.by(), summary), scores).await
    }
}

/// What stands against ruling a stage now.
pub(crate) fn check_waiting(task: &Task, stage: u32, now: Moment) -> Result<()> {
    let next = task.next_stage().filter(|(no, _)| *no == stage);
    let (Some((_, next)), TaskState::Open) = (next, task.state(now)) else {
        return Err(Refusal::because(Code::NotJudging));
    };
    if now < next.ends_at {
        return Err(Refusal::because(Code::NotYetClosed));
    }
    if now >= next.judged_until() {
        return Err(Refusal::because(Code::DecisionLate));
    }
    Ok(())
}
