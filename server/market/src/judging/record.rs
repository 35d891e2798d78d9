//! How somebody has decided: in time or not.
//!
//! Promises: counted from rulings and from what the clock had to do, so that it can't be told otherwise.
//! Must never: name a task that the asker may not see; only numbers are told.

use std::collections::HashSet;

use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::tables::ruling;
use crate::actor::Actor;
use crate::clock::Moment;
use crate::error::Result;
use crate::ids::PersonId;
use crate::market::Market;
use crate::policy::{Act, House, permit};
use crate::task::clockwork::tables::task_edge;
use crate::task::tables::task;
use crate::task::{EdgeKind, Task, judged_by};

/// How somebody has decided.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DecidingRecord {
    /// Rulings that they gave.
    pub ruled: u32,
    /// Those of them that had a deadline and came before it.
    pub in_time: u32,
    /// Those of them that had a deadline.
    pub with_deadline: u32,
    /// First answers that were due to them: races that they ruled or were reminded of, where the rules set a deadline.
    pub first_answers: u32,
    /// Those of them that came before the clock had to remind them.
    pub first_in_time: u32,
    /// How long the middle one of their rulings took, in seconds; `None` without any.
    pub median_seconds: Option<u64>,
    /// Decisions that passed on or were executed by the clock because they stayed silent.
    pub missed: u32,
    /// Decisions of theirs that are overdue now.
    pub overdue: u32,
}

impl Market {
    /// How this person has decided, for members.
    ///
    /// # Errors
    /// [`crate::Refusal::NotFound`] for everybody else.
    pub async fn deciding_record(&self, asker: &Actor, person: PersonId) -> Result<DecidingRecord> {
        permit(asker, Act::SeeInside, &House)?;
        let db = self.store().reads();
        let rulings = ruling::Entity::find()
            .filter(ruling::Column::RuledBy.eq(person.0))
            .filter(ruling::Column::ByClock.eq(false))
            .all(db)
            .await?;
        let mut took: Vec<u64> = rulings
            .iter()
            .filter_map(|row| u64::try_from(Moment(row.at).seconds_since(Moment(row.since?))).ok())
            .collect();
        took.sort_unstable();
        let with_deadline = rulings.iter().filter(|row| row.due_at.is_some()).count();
        let in_time = rulings.iter().filter(|row| row.due_at.is_some_and(|due| row.at <= due)).count();
        let now = self.now();
        let tasks = tasks_to_decide(db, person, Condition::all()).await?;
        let overdue = tasks.iter().filter(|task| is_overdue(task, person, now)).count();
        let (first_in_time, first_answers) = first_answers(db, &tasks, &rulings).await?;
        Ok(DecidingRecord {
            first_answers: count(first_answers),
            first_in_time: count(first_in_time),
            ruled: count(rulings.len()),
            in_time: count(in_time),
            with_deadline: count(with_deadline),
            median_seconds: took.get(took.len() / 2).copied(),
            missed: count(missed(db, &tasks).await?),
            overdue: count(overdue),
        })
    }
}

/// A task whose ruling is this person's to give and overdue, if there is one: the longest overdue first.
pub(crate) async fn overdue_of(
    db: &impl ConnectionTrait,
    person: PersonId,
    now: Moment,
) -> Result<Option<Task>> {
    let open = Condition::all().add(task::Column::State.eq("open")).add(task::Column::ClosesAt.lte(now.0));
    let tasks = tasks_to_decide(db, person, open).await?;
    let late = tasks.into_iter().filter(|task| is_overdue(task, person, now));
    Ok(late.min_by_key(|task| (task.judging_since, task.id)))
}

/// Tasks with deadlines that this person judges first, those left out that they only stand by for.
async fn tasks_to_decide(db: &impl ConnectionTrait, person: PersonId, among: Condition) -> Result<Vec<Task>> {
    let theirs = Condition::any().add(task::Column::PosterId.eq(person.0)).add(judged_by(person));
    let rows = task::Entity::find().filter(theirs).filter(task::Column::State.ne("draft")).filter(among);
    let tasks = rows.all(db).await?.into_iter().map(Task::try_from).collect::<Result<Vec<_>>>()?;
    let first = |task: &Task| {
        let deputies = task.rules.deputies();
        !deputies.contains(&person) && task.rules.bench(task.poster).contains(&person)
    };
    Ok(tasks.into_iter().filter(|task| task.rules.silence.is_some() && first(task)).collect())
}

/// Whether the ruling has waited longer than whoever judges first may take.
fn is_overdue(task: &Task, person: PersonId, now: Moment) -> bool {
    let due = task.judging_since.zip(task.rules.silence.as_ref());
    task.is_judged(now)
        && task.rules.bench(task.poster).contains(&person)
        && due.is_some_and(|(since, silence)| now >= silence.ruling_due(since))
}

/// First answers in time, and all that were due: a race counts as late when the clock had to remind its judges, and as in
/// time when its first ruling came without that. What the rules set no earlier deadline for counts as neither.
async fn first_answers(
    db: &impl ConnectionTrait,
    tasks: &[Task],
    rulings: &[ruling::Model],
) -> Result<(usize, usize)> {
    let set = |task: &&Task| {
        task.rules.silence.as_ref().is_some_and(|one| one.first_answer_seconds < one.ruling_seconds)
    };
    let ids: Vec<Uuid> = tasks.iter().filter(set).map(|task| task.id.0).collect();
    let reminded: HashSet<Uuid> = task_edge::Entity::find()
        .filter(task_edge::Column::TaskId.is_in(ids.clone()))
        .filter(task_edge::Column::Kind.eq(EdgeKind::Remind.as_str()))
        .all(db)
        .await?
        .into_iter()
        .map(|row| row.task_id)
        .collect();
    let in_time: HashSet<Uuid> = rulings
        .iter()
        .map(|row| row.task_id)
        .filter(|task| ids.contains(task) && !reminded.contains(task))
        .collect();
    Ok((in_time.len(), in_time.len() + reminded.len()))
}

/// How often the clock had to act for them: a decision that passed on counts once, whatever came after.
async fn missed(db: &impl ConnectionTrait, tasks: &[Task]) -> Result<usize> {
    let with_deputies: HashSet<Uuid> =
        tasks.iter().filter(|task| !task.rules.deputies().is_empty()).map(|task| task.id.0).collect();
    let rows = task_edge::Entity::find()
        .filter(task_edge::Column::TaskId.is_in(tasks.iter().map(|task| task.id.0)))
        .filter(task_edge::Column::Kind.is_in([EdgeKind::PassOn.as_str(), EdgeKind::Default.as_str()]))
        .all(db)
        .await?;
    let counts = |row: &&task_edge::Model| {
        row.kind == EdgeKind::PassOn.as_str() || !with_deputies.contains(&row.task_id)
    };
    Ok(rows.iter().filter(counts).count())
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
