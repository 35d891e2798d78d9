//! Blind lanes: who rides in a race is hidden from everybody else for a while.
//!
//! Promises: what is hidden is hidden from poster, judges and rivals alike, wherever an entry is shown; an
//! entry's own people and the auditor see it as it is. Must never: hide a place, a score or an award.

use std::collections::HashSet;

use sea_orm::sea_query::{Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait as _, QueryFilter};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::Moment;
use crate::error::Result;
use crate::task::tables::task;
use crate::task::{Stored, Task, TaskState};

/// Until when the names of a race's entries are hidden.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Names {
    /// Not at all.
    #[default]
    Shown,
    /// Until the clock stops.
    UntilStop,
    /// Until the race is ruled.
    UntilRuling,
}

impl Names {
    pub(super) fn is_shown(&self) -> bool {
        *self == Self::Shown
    }
}

/// Whether a race hides at this moment who rides in it.
pub(crate) fn hides(task: &Task, now: Moment) -> bool {
    let state = task.state(now);
    match task.rules.entry.names {
        Names::Shown => false,
        Names::UntilStop => matches!(state, TaskState::Draft | TaskState::Open),
        Names::UntilRuling => matches!(state, TaskState::Draft | TaskState::Open | TaskState::Judging),
    }
}

/// Those of these tasks that hide at this moment who rides in them.
pub(crate) async fn hiding(
    db: &impl ConnectionTrait,
    tasks: impl IntoIterator<Item = Uuid>,
    now: Moment,
) -> Result<HashSet<Uuid>> {
    let tasks: HashSet<Uuid> = tasks.into_iter().collect();
    if tasks.is_empty() {
        return Ok(HashSet::new());
    }
    let rows =
        task::Entity::find().filter(task::Column::Id.is_in(tasks)).filter(names_hidden()).all(db).await?;
    let mut found = HashSet::new();
    for row in rows {
        let id = row.id;
        if hides(&Task::try_from(row)?, now) {
            found.insert(id);
        }
    }
    Ok(found)
}

/// Races that may hide who rides in them, whatever the time: until they are ruled. Quotation marks within a
/// text are escaped in JSON, so that no text of a poster's can be taken for the rule.
pub(crate) fn hidden_races() -> SelectStatement {
    Query::select().column(task::Column::Id).from(task::Entity).cond_where(names_hidden()).to_owned()
}

fn names_hidden() -> Condition {
    let says = |word: &str| task::Column::Rules.contains(format!("\"names\":\"{word}\""));
    Condition::all()
        .add(task::Column::State.eq(Stored::Open.as_str()))
        .add(says("until_stop").or(says("until_ruling")))
}
