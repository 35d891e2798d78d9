//! Reading panels: each asker is shown what is theirs to see at this moment.

use std::collections::{BTreeSet, HashMap, HashSet};

use ledger::RecordId;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::board::Board;
use super::sums::Spread;
use super::tables::{self, panel_round, sheet};
use super::{Panel, Sheet};
use crate::actor::Actor;
use crate::award::Score;
use crate::clock::Moment;
use crate::error::Result;
use crate::ids::{EntryId, PersonId, SheetId, TaskId};
use crate::market::Market;
use crate::memo::Known;
use crate::policy::{Act, RaceFacts, SheetFacts, may, permit, reads_everything};
use crate::race::hides;
use crate::task::{self, Task, TaskState};

/// A panel as the asker may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PanelView {
    /// The task.
    pub task: TaskId,
    /// The rules of the panel.
    pub panel: Panel,
    /// Which round it is in, from 1.
    pub round: u32,
    /// The only criterion that is scored in this round, by its place in the rubric from 0; `None` is all.
    pub criterion: Option<u32>,
    /// When the sheets of this round are due.
    pub due: Moment,
    /// Whether who rides is hidden from the asker, their own lanes apart.
    pub hidden: bool,
    /// The lanes that are scored, by lane, with their numbers.
    pub lanes: Vec<(EntryId, u32)>,
    /// The judges in order, those named later last.
    pub judges: Vec<PanelJudge>,
    /// Who stands aside from which lane: to judges their own, to those in charge and after the ruling all.
    pub conflicts: Vec<ConflictView>,
    /// Lanes that nobody can score: another judge must be named. For those in charge and the crews.
    pub orphans: Vec<EntryId>,
    /// The sheets that the asker may see, their own draft among them.
    pub sheets: Vec<SheetView>,
    /// What the sheets come to, best first; empty before the ruling.
    pub results: Vec<ResultView>,
    /// Whether the asker is a judge of it.
    pub judging: bool,
    /// Whether the asker may name another judge now.
    pub may_name: bool,
}

/// A judge of a panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PanelJudge {
    /// Who.
    pub person: PersonId,
    /// When they locked their sheet of this round.
    pub locked_at: Option<Moment>,
    /// Whether they were named after the race began.
    pub later: bool,
}

/// A judge who does not score a lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConflictView {
    /// Who.
    pub judge: PersonId,
    /// Which lane.
    pub entry: EntryId,
    /// What they said; `None` where the tie itself is on the books, a crew or a unit, and to others while it is
    /// hidden who rides.
    pub reason: Option<String>,
}

/// A sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetView {
    /// Its id.
    pub id: SheetId,
    /// Whose.
    pub judge: PersonId,
    /// In which round.
    pub round: u32,
    /// When it was locked; `None` while it is a draft.
    pub locked_at: Option<Moment>,
    /// The record that deposits it.
    pub record: Option<RecordId>,
    /// What it says, by lane.
    pub marks: Vec<MarksView>,
}

/// What a sheet says of one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarksView {
    /// The entry.
    pub entry: EntryId,
    /// One for each line of the rubric.
    pub scores: Vec<Option<Score>>,
    /// Why.
    pub comment: String,
    /// What this judge's scores alone come to.
    pub total: Option<Score>,
}

/// What the sheets come to for one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultView {
    /// The entry.
    pub entry: EntryId,
    /// Its total.
    pub total: Option<Score>,
    /// How far the judges are apart, for each line of the rubric.
    pub criteria: Vec<Option<Spread>>,
}

impl Market {
    /// The panel of a race; `None` where the race has none.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when the asker may not see the task.
    pub async fn panel(&self, asker: &Actor, id: TaskId) -> Result<Option<PanelView>> {
        let db = self.store().reads();
        let now = self.now();
        let Known { task, facts } = &*self.known(id).await?;
        permit(asker, Act::SeeTask, facts)?;
        if task.rules.judging.panel().is_none() {
            return Ok(None);
        }
        let board = Board::load(db, task, facts).await?;
        view(db, asker, task, facts, board, now).await.map(Some)
    }
}

async fn view(
    db: &impl ConnectionTrait,
    asker: &Actor,
    task: &Task,
    facts: &RaceFacts,
    board: Board,
    now: Moment,
) -> Result<PanelView> {
    let round = board.round()?;
    let ruled = is_ruled(task, now);
    let hidden = hides(task, now) && !reads_everything(asker);
    let in_charge = may(asker, Act::NameJudge, facts) || reads_everything(asker) || ruled;
    let crew = asker.id().is_some_and(|me| facts.riders.contains(&me));
    let orphans = if facts.stopped { board.orphans() } else { Vec::new() };
    let may_name = may(asker, Act::NameJudge, facts) && !orphans.is_empty() && !ruled;
    let mut lanes: Vec<_> = board.entries.iter().map(|entry| (entry.entry, entry.lane)).collect();
    lanes.sort_by_key(|(_, lane)| *lane);
    let sees = |sheet: &&Sheet| {
        let facts = SheetFacts {
            race: facts.clone(),
            judge: sheet.judge,
            ruled: ruled || sheet.round < round.number,
            locked: lockers_of(&board.sheets, sheet.round),
        };
        let draft = sheet.locked_at.is_none();
        may(asker, Act::SeeSheet, &facts) && (!draft || asker.id() == Some(sheet.judge))
    };
    let sheets = board.sheets.iter().filter(sees).map(|sheet| sheet_view(&board, sheet)).collect();
    Ok(PanelView {
        task: task.id,
        round: round.number,
        criterion: round.criterion,
        due: round.due,
        hidden,
        judges: judges(&board, task),
        conflicts: conflicts(db, asker, task, &board, (in_charge, hidden)).await?,
        orphans: if in_charge || crew { orphans } else { Vec::new() },
        sheets,
        results: if ruled { results(&board) } else { Vec::new() },
        judging: asker.id().is_some_and(|me| board.judges.contains(&me)),
        may_name,
        lanes,
        panel: board.panel,
    })
}

/// Whether the sheets of the present round have come to a ruling, or the race is over.
fn is_ruled(task: &Task, now: Moment) -> bool {
    !matches!(task.state(now), TaskState::Draft | TaskState::Open | TaskState::Judging)
}

fn lockers_of(sheets: &[Sheet], round: u32) -> Vec<PersonId> {
    let locked = sheets.iter().filter(|sheet| sheet.round == round && sheet.locked_at.is_some());
    locked.map(|sheet| sheet.judge).collect()
}

fn judges(board: &Board, task: &Task) -> Vec<PanelJudge> {
    let named = task.rules.judging.named();
    let judge = |person: PersonId| PanelJudge {
        person,
        locked_at: board.own(person).and_then(|sheet| sheet.locked_at),
        later: !named.contains(&person),
    };
    let later = board.judges.iter().copied().filter(|person| !named.contains(person));
    named.iter().copied().chain(later).map(judge).collect()
}

async fn conflicts(
    db: &impl ConnectionTrait,
    asker: &Actor,
    task: &Task,
    board: &Board,
    (all, hidden): (bool, bool),
) -> Result<Vec<ConflictView>> {
    let declared: HashMap<(Uuid, Uuid), String> = tables::declared(db, task.id)
        .await?
        .into_iter()
        .map(|row| ((row.entry_id, row.judge_id), row.reason))
        .collect();
    let shown = board.barred.iter().filter(|(_, judge)| all || asker.id() == Some(*judge));
    Ok(shown
        .map(|(entry, judge)| ConflictView {
            judge: *judge,
            entry: *entry,
            // A reason can tell whose lane it is.
            reason: declared
                .get(&(entry.0, judge.0))
                .filter(|_| !hidden || asker.id() == Some(*judge))
                .cloned(),
        })
        .collect())
}

fn sheet_view(board: &Board, sheet: &Sheet) -> SheetView {
    let marks = |(entry, _): &(EntryId, u32)| {
        let marks = sheet.marks.get(entry)?;
        let mut scores = marks.scores.clone();
        scores.resize(board.panel.rubric.len(), None);
        let alone: Vec<Vec<Score>> = scores.iter().map(|score| score.iter().copied().collect()).collect();
        let total = super::total(&board.panel.rubric, &alone, board.panel.combine);
        Some(MarksView { entry: *entry, scores, comment: marks.comment.clone(), total })
    };
    let mut lanes: Vec<_> = board.entries.iter().map(|entry| (entry.entry, entry.lane)).collect();
    lanes.sort_by_key(|(_, lane)| *lane);
    SheetView {
        id: sheet.id,
        judge: sheet.judge,
        round: sheet.round,
        locked_at: sheet.locked_at,
        record: sheet.record,
        marks: lanes.iter().filter_map(marks).collect(),
    }
}

fn results(board: &Board) -> Vec<ResultView> {
    let mut results: Vec<_> = board
        .entries
        .iter()
        .map(|entry| {
            let criteria = board.spreads(entry.entry);
            (entry.lane, ResultView { entry: entry.entry, total: board.total(entry.entry), criteria })
        })
        .collect();
    results.sort_by_key(|(lane, result)| (std::cmp::Reverse(result.total), *lane));
    results.into_iter().map(|(_, result)| result).collect()
}

/// Who has locked a sheet of each of these races: they rule it.
pub(crate) async fn lockers_in(
    db: &impl ConnectionTrait,
    tasks: Vec<Uuid>,
) -> Result<HashMap<TaskId, Vec<PersonId>>> {
    if tasks.is_empty() {
        return Ok(HashMap::new());
    }
    let locked = sheet::Entity::find()
        .select_only()
        .columns([sheet::Column::TaskId, sheet::Column::JudgeId])
        .filter(sheet::Column::TaskId.is_in(tasks))
        .filter(sheet::Column::LockedAt.is_not_null())
        .into_tuple::<(Uuid, Uuid)>();
    // A judge locks a sheet in each round, and is one of those who rule once.
    let locked: BTreeSet<(Uuid, Uuid)> = locked.all(db).await?.into_iter().collect();
    let mut lockers: HashMap<TaskId, Vec<PersonId>> = HashMap::new();
    for (task, judge) in locked {
        lockers.entry(TaskId(task)).or_default().push(PersonId(judge));
    }
    Ok(lockers)
}

/// Who locked a sheet of a race and when, in the order in which they did.
pub(crate) async fn locked_in(db: &impl ConnectionTrait, task: TaskId) -> Result<Vec<(PersonId, Moment)>> {
    let locked = sheet::Entity::find()
        .select_only()
        .columns([sheet::Column::JudgeId, sheet::Column::LockedAt])
        .filter(sheet::Column::TaskId.eq(task.0))
        .filter(sheet::Column::LockedAt.is_not_null())
        .order_by_asc(sheet::Column::LockedAt)
        .into_tuple::<(Uuid, i64)>();
    Ok(locked.all(db).await?.into_iter().map(|(judge, at)| (PersonId(judge), Moment(at))).collect())
}

/// Those of them who had locked one at this instant, each once.
pub(crate) fn panel_at(locked: &[(PersonId, Moment)], at: Moment) -> Vec<PersonId> {
    let mut judges: Vec<PersonId> = Vec::new();
    for (judge, _) in locked.iter().filter(|(_, locked)| *locked <= at) {
        if !judges.contains(judge) {
            judges.push(*judge);
        }
    }
    judges
}

/// When the sheets of a panel are due, if enough are locked for a ruling then.
pub(crate) async fn sheets_due(db: &impl ConnectionTrait, task: &Task) -> Result<Option<Moment>> {
    if task.rules.judging.panel().is_none() {
        return Ok(None);
    }
    let board = Board::load(db, task, &task::facts(db, task, task.closes_at).await?).await?;
    let due = board.round()?.due;
    Ok(board.is_ready(due).then_some(due))
}

/// Of these records, those that deposit a sheet that the asker may see.
pub(crate) async fn open_sheets(
    db: &impl ConnectionTrait,
    asker: &Actor,
    now: Moment,
    records: &[Uuid],
) -> Result<HashSet<Uuid>> {
    let rows = sheet::Entity::find().filter(sheet::Column::RecordId.is_in(records.to_vec())).all(db).await?;
    let ids: BTreeSet<TaskId> = rows.iter().map(|row| TaskId(row.task_id)).collect();
    let ids: Vec<TaskId> = ids.into_iter().collect();
    let tasks = task::loaded(db, &ids).await?;
    let facts = task::facts_of(db, &tasks, now).await?;
    let of = || ids.iter().map(|id| id.0);
    let mut locked: HashMap<(Uuid, i64), Vec<PersonId>> = HashMap::new();
    let all = sheet::Entity::find()
        .select_only()
        .columns([sheet::Column::TaskId, sheet::Column::Round, sheet::Column::JudgeId])
        .filter(sheet::Column::TaskId.is_in(of()))
        .filter(sheet::Column::LockedAt.is_not_null())
        .into_tuple::<(Uuid, i64, Uuid)>();
    for (task, round, judge) in all.all(db).await? {
        locked.entry((task, round)).or_default().push(PersonId(judge));
    }
    let mut last: HashMap<Uuid, i64> = HashMap::new();
    for row in panel_round::Entity::find().filter(panel_round::Column::TaskId.is_in(of())).all(db).await? {
        let newest = last.entry(row.task_id).or_insert(row.round);
        *newest = row.round.max(*newest);
    }
    let mut open = HashSet::new();
    for row in rows {
        let task = tasks.iter().find(|task| task.id.0 == row.task_id);
        let (Some(task), Some(race)) = (task, facts.get(&TaskId(row.task_id))) else { continue };
        let later = last.get(&row.task_id).is_some_and(|newest| *newest > row.round);
        let facts = SheetFacts {
            race: race.clone(),
            judge: PersonId(row.judge_id),
            ruled: is_ruled(task, now) || later,
            locked: locked.get(&(row.task_id, row.round)).cloned().unwrap_or_default(),
        };
        if may(asker, Act::SeeSheet, &facts) {
            open.extend(row.record_id);
        }
    }
    Ok(open)
}
