//! Sheets that wait for a judge.
//!
//! Promises: any number of races costs the same few statements. Must never: tell what stands on a sheet.

use std::collections::{HashMap, HashSet};

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::FINAL;
use super::tables::{panel_round, sheet};
use crate::clock::Moment;
use crate::error::Result;
use crate::ids::{PersonId, TaskId};
use crate::task;

/// Of these races, those in which this judge has not locked a sheet of the present round, each with when it is due.
pub(crate) async fn sheets_waiting(
    db: &impl ConnectionTrait,
    judge: PersonId,
    ids: &[TaskId],
    now: Moment,
) -> Result<HashMap<TaskId, Moment>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let tasks = task::loaded(db, ids).await?;
    let facts = task::facts_of(db, &tasks, now).await?;
    let mut rounds: HashMap<Uuid, (i64, i64)> = HashMap::new();
    let known = panel_round::Entity::find()
        .filter(panel_round::Column::TaskId.is_in(ids.iter().map(|id| id.0)))
        .filter(panel_round::Column::Stage.eq(FINAL));
    for row in known.all(db).await? {
        let present = rounds.entry(row.task_id).or_default();
        *present = (row.round, row.due_at).max(*present);
    }
    let locked = sheet::Entity::find()
        .select_only()
        .columns([sheet::Column::TaskId, sheet::Column::Round])
        .filter(sheet::Column::TaskId.is_in(ids.iter().map(|id| id.0)))
        .filter(sheet::Column::Stage.eq(FINAL))
        .filter(sheet::Column::JudgeId.eq(judge.0))
        .filter(sheet::Column::LockedAt.is_not_null())
        .into_tuple::<(Uuid, i64)>();
    let locked: HashSet<(Uuid, i64)> = locked.all(db).await?.into_iter().collect();
    let waits = |task: &task::Task| {
        let panel = task.rules.judging.panel()?;
        let sits = facts.get(&task.id).is_some_and(|facts| facts.judges.contains(&judge));
        let (round, due) =
            rounds.get(&task.id.0).copied().unwrap_or_else(|| (1, panel.due(task.closes_at).0));
        let due_here = (sits || panel.judges.contains(&judge)) && !locked.contains(&(task.id.0, round));
        due_here.then_some((task.id, Moment(due)))
    };
    Ok(tasks.iter().filter_map(waits).collect())
}
