//! Scoring, locking, standing aside, and naming another judge.

use ledger::RecordKind;
use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::board::Board;
use super::tables::{self, judge_conflict, sheet};
use super::{FINAL, Marks, Panel, Round, Sheet, ruling};
use crate::actor::Actor;
use crate::award::Score;
use crate::books::{self, label};
use crate::clock::Moment;
use crate::error::{Code, Problems, Refusal, Result};
use crate::ids::{EntryId, PersonId, SheetId, TaskId};
use crate::notice::{Event, Kind, notify};
use crate::policy::{Act, Permit, RaceFacts, permit};
use crate::race;
use crate::store::{Command, Scope};
use crate::task::{self, Task, TaskState};
use crate::{person, text};

/// Most characters of a comment on one entry.
const COMMENT: usize = 2_000;

/// Saves what a judge says of one entry, in place of what they said before; their sheet stays a draft that
/// nobody else sees.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SaveScores {
    /// The entry.
    pub entry: EntryId,
    /// One for each line of the rubric, in its order; `None` is not scored yet.
    pub scores: Vec<Option<Score>>,
    /// Why: at most 2,000 characters; needed before the sheet is locked.
    pub comment: String,
}

impl Command for SaveScores {
    type Output = ();
    const ACT: Act = Act::SaveScores;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        let (task, _, facts) = race::locked(scope, asker, self.entry).await?;
        let leave = permit(asker, Self::ACT, &facts)?;
        check_judging(&task, scope.now)?;
        let board = Board::load(scope.txn, &task, &facts.race).await?;
        if !board.entries.iter().any(|entry| entry.entry == self.entry) {
            return Err(Refusal::because(Code::EntryNotInRace));
        }
        let round = board.round()?;
        let mut problems = Problems::default();
        let lines = board.panel.rubric.len();
        problems.check(self.scores.len() > lines, "scores", Code::TooManyItems { max: lines });
        for (at, score) in self.scores.iter().take(lines).enumerate() {
            problems.check(score.is_some() && !round.asks(at), format!("scores.{at}"), Code::BadChoice);
        }
        let comment = text::maybe_prose(&mut problems, "comment", &self.comment, COMMENT);
        problems.done()?;
        let judge = leave.by().ok_or(Refusal::Unauthenticated)?;
        let sheet = begun(scope, &leave, &task, &board, judge).await?;
        let marks = Marks { scores: self.scores.clone(), comment };
        tables::write_marks(scope.txn, &leave, sheet, self.entry, &marks).await
    }
}

/// Locks the asker's sheet: from then on it never changes, and they see what the others locked. The last
/// one that is waited for brings the ruling.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LockSheet {
    /// The task.
    pub task: TaskId,
}

impl Command for LockSheet {
    type Output = SheetId;
    const ACT: Act = Act::LockSheet;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<SheetId> {
        let (task, facts, leave) = task::locked(scope, asker, self.task, Self::ACT).await?;
        check_judging(&task, scope.now)?;
        let board = Board::load(scope.txn, &task, &facts).await?;
        let round = board.round()?;
        let judge = leave.by().ok_or(Refusal::Unauthenticated)?;
        let sheet = complete(&board, round, judge)?;
        let said = deposited(sheet, &board, &leave).to_string().into_bytes();
        let posted =
            books::deposit(scope, &leave, task.id.0, RecordKind::Evidence, label::SHEET, said).await?;
        let record = Uuid::from_bytes(posted.record.to_bytes());
        tables::lock(scope.txn, &leave, sheet.id, scope.now, record).await?;
        // The facts change by this very sheet: who locks it is one of those who rule.
        let facts = task::facts(scope.txn, &task, scope.now).await?;
        ruling::rule_if_ready(scope, &leave, &task, &facts).await?;
        task::clockwork::arm(scope.txn, &leave, task.id).await?;
        Ok(sheet.id)
    }
}

/// Stands aside from one entry: the asker does not score it, and says why.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeclareConflict {
    /// The entry.
    pub entry: EntryId,
    /// Why, for those in charge, and for everybody after the ruling: at most 500 characters.
    pub reason: String,
}

impl Command for DeclareConflict {
    type Output = ();
    const ACT: Act = Act::DeclareConflict;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        let (task, _, facts) = race::locked(scope, asker, self.entry).await?;
        let leave = permit(asker, Self::ACT, &facts)?;
        match task.state(scope.now) {
            TaskState::Open | TaskState::Judging => {}
            _ => return Err(Refusal::because(Code::NotJudging)),
        }
        let mut problems = Problems::default();
        let reason = text::prose(&mut problems, "reason", &self.reason, 500);
        problems.done()?;
        let judge = leave.by().ok_or(Refusal::Unauthenticated)?;
        let board = Board::load(scope.txn, &task, &facts.race).await?;
        match board.own(judge) {
            Some(sheet) if sheet.locked_at.is_some() => return Err(Refusal::because(Code::SheetLocked)),
            Some(sheet) => tables::forget_marks(scope.txn, &leave, sheet.id, self.entry).await?,
            None => {}
        }
        if judge_conflict::Entity::find_by_id((self.entry.0, judge.0)).one(scope.txn).await?.is_some() {
            return Err(Refusal::because(Code::ConflictDeclared));
        }
        let said = json!({ "conflict": { "judge": judge, "entry": self.entry, "reason": reason } });
        let said = said.to_string().into_bytes();
        books::deposit(scope, &leave, task.id.0, RecordKind::Evidence, label::CONFLICT, said).await?;
        let row = judge_conflict::Model {
            entry_id: self.entry.0,
            judge_id: judge.0,
            task_id: task.id.0,
            reason,
            at: scope.now.0,
        };
        tables::declare(scope.txn, &leave, row).await?;
        let leave = permit(asker, Self::ACT, &facts.race)?;
        ruling::tell_orphans(scope, &leave, &task, &facts.race).await?;
        if task.state(scope.now) == TaskState::Judging {
            // Who stands aside from every lane is not waited for any more.
            ruling::rule_if_ready(scope, &leave, &task, &facts.race).await?;
        }
        task::clockwork::arm(scope.txn, &leave, task.id).await?;
        Ok(())
    }
}

/// Names one more judge, where a lane has nobody left who can score it. On record, and told to the crews.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NameJudge {
    /// The task.
    pub task: TaskId,
    /// Who.
    pub person: PersonId,
}

impl Command for NameJudge {
    type Output = ();
    const ACT: Act = Act::NameJudge;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        let (task, facts, leave) = task::locked(scope, asker, self.task, Self::ACT).await?;
        check_judging(&task, scope.now)?;
        let orphans = Board::load(scope.txn, &task, &facts).await?.orphans();
        if orphans.is_empty() {
            return Err(Refusal::because(Code::JudgeNotNeeded));
        }
        let wrong = |code| Err(Refusal::on("person", code));
        if facts.judges.contains(&self.person) {
            return wrong(Code::Twice);
        }
        let known = person::known(scope.txn, &[self.person]).await?;
        if !known.contains(&self.person) {
            return wrong(Code::NoSuchPerson);
        }
        if task.poster == self.person || facts.riders.contains(&self.person) {
            return wrong(Code::MayNotJudge);
        }
        task::tables::name_judges(scope.txn, &leave, task.id, &[self.person]).await?;
        let facts = task::facts(scope.txn, &task, scope.now).await?;
        let left = Board::load(scope.txn, &task, &facts).await?.orphans();
        if left.len() == orphans.len() {
            return wrong(Code::MayNotJudge);
        }
        let said = json!({ "judges": { "added": self.person } }).to_string().into_bytes();
        books::deposit(scope, &leave, task.id.0, RecordKind::Rules, label::AMENDMENT, said).await?;
        let event = Event::of(&leave, Kind::JudgeNamed).task(task.id).to([self.person]);
        notify(scope, event.to(race::riders_of(scope.txn, task.id).await?)).await
    }
}

/// Opens a round in which one criterion is scored again for every entry, or everything where `all` is. Where
/// no criterion is named and not all is meant, or the rubric has no such line, it is refused.
pub(crate) async fn open_again<S>(
    scope: &Scope<'_>,
    leave: &Permit<S>,
    task: &Task,
    panel: &Panel,
    criterion: Option<u32>,
    all: bool,
) -> Result<()> {
    if criterion.is_none() && !all {
        return Err(Refusal::on("criterion", Code::CriterionNeeded));
    }
    let lines = u32::try_from(panel.rubric.len()).unwrap_or(u32::MAX);
    if criterion.is_some_and(|criterion| criterion >= lines) {
        return Err(Refusal::on("criterion", Code::BadChoice));
    }
    let rounds = tables::rounds_of(scope.txn, task.id).await?;
    let number = 1 + rounds.last().map_or(1, |round| round.number);
    let round = Round { number, criterion, due: panel.due(scope.now) };
    tables::open_round(scope.txn, leave, task.id, round).await
}

fn check_judging(task: &Task, now: Moment) -> Result<()> {
    match task.state(now) {
        TaskState::Judging => Ok(()),
        TaskState::Open => Err(Refusal::because(Code::NotYetClosed)),
        _ => Err(Refusal::because(Code::NotJudging)),
    }
}

/// The asker's sheet of this round, which is begun if it is not there yet.
async fn begun<S>(
    scope: &Scope<'_>,
    leave: &Permit<S>,
    task: &Task,
    board: &Board,
    judge: PersonId,
) -> Result<SheetId> {
    match board.own(judge) {
        Some(sheet) if sheet.locked_at.is_some() => Err(Refusal::because(Code::SheetLocked)),
        Some(sheet) => Ok(sheet.id),
        None => {
            let round = board.round()?;
            tables::open_round(scope.txn, leave, task.id, round).await?;
            let id = SheetId(scope.ids.id(scope.now));
            let row = sheet::Model {
                id: id.0,
                task_id: task.id.0,
                stage: FINAL,
                round: i64::from(round.number),
                judge_id: judge.0,
                locked_at: None,
                record_id: None,
            };
            tables::insert(scope.txn, leave, row).await?;
            Ok(id)
        }
    }
}

/// The judge's sheet, if it has a score for each criterion asked and a comment, for each lane that is theirs.
fn complete(board: &Board, round: Round, judge: PersonId) -> Result<&Sheet> {
    let lanes = board.scorable(judge);
    if lanes.is_empty() {
        return Err(Refusal::because(Code::NothingToScore));
    }
    let sheet = board.own(judge);
    if sheet.is_some_and(|sheet| sheet.locked_at.is_some()) {
        return Err(Refusal::because(Code::SheetLocked));
    }
    let whole = |entry: &EntryId| {
        sheet.and_then(|sheet| sheet.marks.get(entry)).is_some_and(|marks| {
            let scored = |at: usize| !round.asks(at) || matches!(marks.scores.get(at), Some(Some(_)));
            !marks.comment.is_empty() && (0..board.panel.rubric.len()).all(scored)
        })
    };
    let mut lacking: Vec<u32> =
        lanes.iter().filter(|lane| !whole(&lane.entry)).map(|lane| lane.lane).collect();
    lacking.sort_unstable();
    match sheet {
        Some(sheet) if lacking.is_empty() => Ok(sheet),
        _ => {
            let lanes = lacking.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
            Err(Refusal::because(Code::SheetIncomplete { lanes }))
        }
    }
}

/// What the digest on the ledger is of: the scores in hundredths in the rubric's order, null where a
/// criterion was not asked.
fn deposited(sheet: &Sheet, board: &Board, leave: &Permit<RaceFacts>) -> serde_json::Value {
    let theirs = leave.by().map(|judge| board.scorable(judge)).unwrap_or_default();
    let lines: Vec<_> = theirs
        .iter()
        .filter_map(|lane| {
            let marks = sheet.marks.get(&lane.entry)?;
            let mut scores: Vec<Option<u32>> =
                marks.scores.iter().map(|score| score.map(Score::hundredths)).collect();
            scores.resize(board.panel.rubric.len(), None);
            Some(json!({ "entry": lane.entry, "scores": scores, "comment": marks.comment }))
        })
        .collect();
    json!({ "sheet": sheet.id, "judge": sheet.judge, "round": sheet.round, "lines": lines })
}
