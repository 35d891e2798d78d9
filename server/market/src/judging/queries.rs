//! Reading rulings and appeals.

use std::collections::HashMap;

use ledger::{Amount, RecordId};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use super::stages::newest_scores;
use super::tables::{appeal, ruling, ruling_line};
use super::{AppealView, RuleRace, RulingLineView, RulingView, Verdict, give, panel, rules, second};
use crate::actor::Actor;
use crate::award::{Award, Settlement};
use crate::clock::Moment;
use crate::error::{Code, Refusal, Result};
use crate::ids::{AppealId, EntryId, PersonId, RulingId, TaskId};
use crate::market::Market;
use crate::memo::Known;
use crate::policy::{Act, RaceFacts, may, permit};
use crate::race;
use crate::signing::{self, Attested};
use crate::task::tables::task as task_table;
use crate::task::{Score, Task, TaskState};

/// What a ruling would pay, before it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulingPreview {
    /// What each entry would get, best place first.
    pub awards: Vec<Award>,
    /// What would go back to the funders.
    pub refund: Amount,
}

impl Market {
    /// What a ruling would pay, for who may give it now; nothing is written.
    ///
    /// # Errors
    /// The refusals of the ruling itself.
    pub async fn ruling_preview(&self, asker: &Actor, ruling: &RuleRace) -> Result<RulingPreview> {
        let db = self.store().reads();
        let Known { task, facts } = &*self.known(ruling.task).await?;
        permit(asker, Act::RuleRace, facts)?;
        let standings = give::standings(db, task).await?;
        if task.state(self.now()) != TaskState::Judging || standings.is_empty() {
            return Err(Refusal::because(Code::NotJudging));
        }
        let submitted: Vec<EntryId> = standings.iter().map(|standing| standing.entry).collect();
        let lines = rules::check(&task.rules, &submitted, &ruling.lines)?;
        let Settlement { awards, refund } = give::settled(task, standings, &lines);
        Ok(RulingPreview { awards, refund })
    }

    /// The rulings of a race, newest first.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when the asker may not see the task.
    pub async fn rulings(&self, asker: &Actor, id: TaskId) -> Result<Vec<RulingView>> {
        let db = self.store().reads();
        let Known { task, facts } = &*self.known(id).await?;
        permit(asker, Act::SeeTask, facts)?;
        let rows = ruling::Entity::find()
            .filter(ruling::Column::TaskId.eq(id.0))
            .order_by_desc(ruling::Column::Version)
            .all(db)
            .await?;
        let lines = ruling_line::Entity::find()
            .filter(ruling_line::Column::RulingId.is_in(rows.iter().map(|row| row.id)))
            .all(db)
            .await?;
        let mut panels = HashMap::new();
        if task.rules.judging.panel().is_some() {
            let locked = panel::locked_in(db, id).await?;
            for row in &rows {
                panels.insert(row.id, panel::panel_at(&locked, Moment(row.at)));
            }
        }
        let mut by_ruling: HashMap<Uuid, Vec<RulingLineView>> = HashMap::new();
        for line in lines {
            by_ruling.entry(line.ruling_id).or_default().push(line_view(line)?);
        }
        rows.into_iter()
            .map(|row| {
                let mut lines = by_ruling.remove(&row.id).unwrap_or_default();
                lines.sort_by_key(|line| (line.place.is_none(), line.place, line.entry));
                let paid = lines.iter().try_fold(Amount::ZERO, |sum, line| sum.checked_add(line.award));
                Ok(RulingView {
                    current: task.ruling == Some(RulingId(row.id)),
                    id: RulingId(row.id),
                    version: u32::try_from(row.version).map_err(Refusal::fault)?,
                    by: (!row.by_clock).then_some(PersonId(row.ruled_by)),
                    panel: panels.remove(&row.id).unwrap_or_default(),
                    summary: row.summary,
                    at: Moment(row.at),
                    record: RecordId::from_bytes(*row.record_id.as_bytes()),
                    refund: paid.and_then(|paid| task.left().checked_sub(paid)).unwrap_or(Amount::ZERO),
                    lines,
                })
            })
            .collect()
    }

    /// The appeals of a race, oldest first.
    ///
    /// # Errors
    /// As [`Market::rulings`].
    pub async fn appeals(&self, asker: &Actor, id: TaskId) -> Result<Vec<AppealView>> {
        let db = self.store().reads();
        let Known { task, facts } = &*self.known(id).await?;
        permit(asker, Act::SeeTask, facts)?;
        appeals_in(db, asker, &[(task, facts)], self.now()).await
    }
}

/// The appeals of some races that the asker was found to see, oldest first. A fixed number of statements.
pub(crate) async fn appeals_in(
    db: &impl ConnectionTrait,
    asker: &Actor,
    races: &[(&Task, &RaceFacts)],
    now: Moment,
) -> Result<Vec<AppealView>> {
    if races.is_empty() {
        return Ok(Vec::new());
    }
    let ids = || races.iter().map(|(task, _)| task.id.0);
    let struck = race::disqualified_in(db, ids()).await?;
    let struck_by_asker =
        |entry: Uuid| struck.iter().any(|(out, _, by)| out.0 == entry && by.is_some() && *by == asker.id());
    let rows = appeal::Entity::find()
        .filter(appeal::Column::TaskId.is_in(ids()))
        .order_by_asc(appeal::Column::At)
        .all(db)
        .await?;
    let mut seconds = second::seconds_of(db, asker, races, now).await?;
    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        let Some((task, facts)) = races.iter().find(|(task, _)| task.id.0 == row.task_id) else { continue };
        let current = task.state(now) == TaskState::Provisional;
        let may_answer = current && may(asker, Act::AnswerAppeal, *facts);
        let counts = task.ruling == Some(RulingId(row.ruling_id));
        let theirs = struck_by_asker(row.entry_id);
        let again = seconds.remove(&row.id);
        let mut view = appeal_view(row, false)?;
        view.may_answer = may_answer && counts && view.verdict.is_none() && !theirs;
        let until = view.answered_at.map(|at| at.plus_seconds(second::again_seconds(&task.rules)));
        let free = counts && current && again.is_none() && view.verdict == Some(Verdict::Rejected);
        view.again_until = until.filter(|until| free && now < *until);
        view.again = again;
        views.push(view);
    }
    Ok(views)
}

fn line_view(row: ruling_line::Model) -> Result<RulingLineView> {
    let narrow = |number: i64| u32::try_from(number).map_err(Refusal::fault);
    Ok(RulingLineView {
        entry: EntryId(row.entry_id),
        place: row.place.map(narrow).transpose()?,
        score: row.score.map(narrow).transpose()?.and_then(|score| Score::new(score).ok()),
        reason: row.reason,
        award: Amount::from_i64(row.award).map_err(Refusal::fault)?,
        start: Amount::from_i64(row.start_prize).map_err(Refusal::fault)?,
    })
}

fn appeal_view(row: appeal::Model, may_answer: bool) -> Result<AppealView> {
    Ok(AppealView {
        id: AppealId(row.id),
        task: TaskId(row.task_id),
        ruling: RulingId(row.ruling_id),
        entry: EntryId(row.entry_id),
        by: PersonId(row.by_id),
        grounds: row.grounds,
        at: Moment(row.at),
        verdict: row.verdict.map(|verdict| verdict.parse()).transpose()?,
        answer: row.answer,
        answered_by: row.answered_by.map(PersonId),
        answered_at: row.answered_at.map(Moment),
        may_answer,
        again: None,
        again_until: None,
    })
}

/// Who gave the newest ruling of a race; nobody where the clock did.
pub(crate) async fn ruler_of(db: &impl ConnectionTrait, task: TaskId) -> Result<Option<PersonId>> {
    let newest = ruling::Entity::find()
        .filter(ruling::Column::TaskId.eq(task.0))
        .order_by_desc(ruling::Column::Version)
        .one(db)
        .await?;
    Ok(newest.filter(|row| !row.by_clock).map(|row| PersonId(row.ruled_by)))
}

/// Who gave the newest ruling of each of these races; those ruled by the clock are left out.
pub(crate) async fn rulers_of(
    db: &impl ConnectionTrait,
    tasks: Vec<Uuid>,
) -> Result<HashMap<TaskId, PersonId>> {
    if tasks.is_empty() {
        return Ok(HashMap::new());
    }
    let oldest_first = ruling::Entity::find()
        .select_only()
        .columns([ruling::Column::TaskId, ruling::Column::RuledBy, ruling::Column::ByClock])
        .filter(ruling::Column::TaskId.is_in(tasks))
        .order_by_asc(ruling::Column::Version)
        .into_tuple::<(Uuid, Uuid, bool)>();
    let newest: HashMap<Uuid, (Uuid, bool)> =
        oldest_first.all(db).await?.into_iter().map(|(task, by, clock)| (task, (by, clock))).collect();
    let people = newest.into_iter().filter(|(_, (_, by_clock))| !by_clock);
    Ok(people.map(|(task, (by, _))| (TaskId(task), PersonId(by))).collect())
}

/// Whether a race was ruled at least once.
pub(crate) async fn is_ruled(db: &impl ConnectionTrait, task: TaskId) -> Result<bool> {
    Ok(ruling::Entity::find().filter(ruling::Column::TaskId.eq(task.0)).count(db).await? > 0)
}

/// The lines of a ruling by entry.
pub(crate) async fn lines_of(
    db: &impl ConnectionTrait,
    ruling: Option<RulingId>,
) -> Result<HashMap<Uuid, ruling_line::Model>> {
    let Some(ruling) = ruling else { return Ok(HashMap::new()) };
    let lines =
        ruling_line::Entity::find().filter(ruling_line::Column::RulingId.eq(ruling.0)).all(db).await?;
    Ok(lines.into_iter().map(|line| (line.entry_id, line)).collect())
}

/// The scores that there are while a ruling is due: those of the ruling that an appeal upset, or else those of the
/// last stage.
pub(crate) async fn scores_there_are(
    db: &impl ConnectionTrait,
    task: &Task,
) -> Result<HashMap<EntryId, Score>> {
    let newest = ruling::Entity::find()
        .filter(ruling::Column::TaskId.eq(task.id.0))
        .order_by_desc(ruling::Column::Version)
        .one(db)
        .await?;
    let Some(newest) = newest else { return newest_scores(db, task).await };
    let lines = lines_of(db, Some(RulingId(newest.id))).await?;
    let score = |line: ruling_line::Model| {
        let score = u32::try_from(line.score?).ok().and_then(|score| Score::new(score).ok())?;
        Some((EntryId(line.entry_id), score))
    };
    Ok(lines.into_values().filter_map(score).collect())
}

/// What the clock looks at of the appeals against a ruling: those that nobody has answered, oldest first, and
/// when the last answer came.
pub(crate) async fn appeals_for_clock(
    db: &impl ConnectionTrait,
    ruling: RulingId,
) -> Result<(Vec<(Uuid, Moment)>, Option<Moment>)> {
    let rows = appeal::Entity::find()
        .filter(appeal::Column::RulingId.eq(ruling.0))
        .order_by_asc(appeal::Column::At)
        .order_by_asc(appeal::Column::Id)
        .all(db)
        .await?;
    let open = rows.iter().filter(|row| row.verdict.is_none()).map(|row| (row.id, Moment(row.at))).collect();
    Ok((open, rows.iter().filter_map(|row| row.answered_at).max().map(Moment)))
}

/// How many appeals against the ruling that counts are not answered.
pub(crate) async fn open_appeals(db: &impl ConnectionTrait, id: TaskId) -> Result<u64> {
    let open = appeal::Entity::find().filter(appeal::Column::TaskId.eq(id.0)).filter(is_open());
    Ok(open.count(db).await?)
}

/// Appeals that wait for an answer, oldest first.
pub(crate) async fn appeals_waiting(
    db: &impl ConnectionTrait,
    among: Condition,
    most: u64,
) -> Result<Vec<appeal::Model>> {
    let open = appeal::Entity::find().filter(is_open()).filter(among);
    Ok(open.order_by_asc(appeal::Column::At).limit(most).all(db).await?)
}

/// Not answered, and against the ruling that counts: an upheld appeal makes the others of its ruling moot.
fn is_open() -> Condition {
    let of = |column| (appeal::Entity, column);
    let current = Query::select()
        .expr(Expr::val(1))
        .from(task_table::Entity)
        .and_where(Expr::col((task_table::Entity, task_table::Column::Id)).equals(of(appeal::Column::TaskId)))
        .and_where(
            Expr::col((task_table::Entity, task_table::Column::RulingId))
                .equals(of(appeal::Column::RulingId)),
        )
        .to_owned();
    Condition::all().add(appeal::Column::Verdict.is_null()).add(Expr::exists(current))
}

/// What the judge signed for a ruling, if they did.
pub(crate) async fn signed(db: &impl ConnectionTrait, id: RulingId) -> Result<Option<Attested>> {
    match ruling::Entity::find_by_id(id.0).one(db).await? {
        Some(row) => signing::of_record(db, row.record_id).await,
        None => Ok(None),
    }
}
