//! What the clock does when nobody does anything.
//!
//! Promises: each due task is dealt with in a command of its own, which looks again under a lock, so
//! that two servers, a restart or a late tick change nothing. Must never: act before the instant.

use ledger::RecordId;
use sea_orm::sea_query::Query;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, IntoActiveModel as _, QueryFilter, QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize};

use super::tables::task;
use super::{ExpireTask, TaskState, facts, queries, tables};
use crate::actor::Actor;
use crate::award::SettleTask;
use crate::clock::Moment;
use crate::error::Result;
use crate::ids::TaskId;
use crate::market::Market;
use crate::notice::tables::told_closed;
use crate::notice::{Event, Kind, notify};
use crate::policy::{Act, permit};
use crate::store::{Command, Scope};
use crate::{board, judging, submission};

/// Tasks looked at in one round; the next round comes at once while there are more.
const ROUND: u64 = 200;

/// Tells the judges, once, that the clock of a race has stopped and that a ruling is due.
#[derive(Debug, Serialize, Deserialize)]
struct TellClosed {
    task: TaskId,
}

impl Command for TellClosed {
    type Output = ();
    const ACT: Act = Act::KeepTime;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        let task = tables::lock(scope.txn, self.task).await?;
        let facts = facts(scope.txn, &task, scope.now).await?;
        let leave = permit(asker, Self::ACT, &facts)?;
        let told = told_closed::Entity::find_by_id(task.id.0).one(scope.txn).await?.is_some();
        if told || task.state(scope.now) != TaskState::Judging {
            return Ok(());
        }
        let row = told_closed::Model { task_id: task.id.0, at: scope.now.0 };
        told_closed::Entity::insert(row.into_active_model()).exec_without_returning(scope.txn).await?;
        notify(scope, Event::of(&leave, Kind::TaskClosed).task(task.id).to(facts.judges)).await
    }
}

impl Market {
    /// Does what is due: expires races that nobody submitted to, settles those whose appeal window has
    /// closed. Returns how many tasks moved on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_time(&self) -> Result<usize> {
        let now = self.now();
        let mut moved = 0;
        let deserted = queries::in_state(TaskState::Judging, now)
            .add(task::Column::Id.not_in_subquery(submission::tasks_with_submissions()));
        for id in self.due(deserted).await? {
            moved += usize::from(self.run(&Actor::Clockwork, ExpireTask { task: id }).await?);
        }
        let measured = queries::in_state(TaskState::Judging, now)
            .add(task::Column::Id.in_subquery(submission::tasks_with_submissions()))
            .add(task::Column::Id.in_subquery(board::tables::with_key()))
            .add(task::Column::Id.not_in_subquery(judging::tasks_with_rulings()));
        for id in self.due(measured).await? {
            // One race that can't be measured holds up no other.
            match self.rule_by_metric(id).await {
                Ok(ruled) => moved += usize::from(ruled),
                Err(refusal) => tracing::error!(task = %id, ?refusal, "a race could not be measured"),
            }
        }
        if self.store().tells() {
            let told =
                Query::select().column(told_closed::Column::TaskId).from(told_closed::Entity).to_owned();
            let untold = queries::in_state(TaskState::Judging, now)
                .add(task::Column::Id.in_subquery(submission::tasks_with_submissions()))
                .add(task::Column::Id.not_in_subquery(told));
            for id in self.due(untold).await? {
                self.run(&Actor::Clockwork, TellClosed { task: id }).await?;
            }
        }
        let window_closed = Condition::all()
            .add(task::Column::State.eq(super::Stored::Provisional.as_str()))
            .add(task::Column::AppealsUntil.lte(now.0))
            .add(task::Column::Id.not_in_subquery(judging::tasks_with_open_appeals()));
        for id in self.due(window_closed).await? {
            let paid: Option<RecordId> = self.run(&Actor::Clockwork, SettleTask { task: id }).await?;
            moved += usize::from(paid.is_some());
        }
        Ok(moved)
    }

    /// The next instant at which the clock has something to do, if any is known.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_edge(&self) -> Result<Option<Moment>> {
        let db = self.store().reads();
        let closing = task::Entity::find()
            .filter(queries::in_state(TaskState::Open, self.now()))
            .order_by_asc(task::Column::ClosesAt)
            .one(db)
            .await?;
        let settling = task::Entity::find()
            .filter(task::Column::State.eq(super::Stored::Provisional.as_str()))
            .filter(task::Column::AppealsUntil.gt(self.now().0))
            .order_by_asc(task::Column::AppealsUntil)
            .one(db)
            .await?;
        let edges = [closing.map(|row| row.closes_at), settling.and_then(|row| row.appeals_until)];
        Ok(edges.into_iter().flatten().min().map(Moment))
    }

    async fn due(&self, condition: Condition) -> Result<Vec<TaskId>> {
        let ids = task::Entity::find()
            .select_only()
            .column(task::Column::Id)
            .filter(condition)
            .order_by_asc(task::Column::ClosesAt)
            .limit(ROUND)
            .into_tuple::<uuid::Uuid>();
        Ok(ids.all(self.store().reads()).await?.into_iter().map(TaskId).collect())
    }
}
