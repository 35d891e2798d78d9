//! Blind lanes: who rides in a race is hidden from everybody else for a while.
//!
//! Promises: what is hidden is hidden from poster, judges and rivals alike, wherever an entry is shown; an
//! entry's own people and the auditor see it as it is. Must never: hide a place, a score or an award.

use std::collections::HashSet;

use sea_orm::sea_query::{Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::queries::riders_in;
use super::tables::crew_member;
use crate::actor::Actor;
use crate::clock::Moment;
use crate::error::Result;
use crate::ids::PersonId;
use crate::policy::reads_everything;
use crate::task::tables::{task, task_judge};
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
    let names = match task.rules.judging.panel() {
        Some(panel) if panel.blind => Names::UntilRuling,
        _ => task.rules.entry.names,
    };
    match names {
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

/// Others who ride in races that hide them from the asker, who decides about them or rides there too: nothing
/// else may lead back to them, such as the key that they sign with.
pub(crate) async fn hidden_riders(
    db: &impl ConnectionTrait,
    asker: &Actor,
    now: Moment,
) -> Result<HashSet<PersonId>> {
    let Some(me) = asker.id().filter(|_| !reads_everything(asker)) else { return Ok(HashSet::new()) };
    let judged = Query::select()
        .column(task_judge::Column::TaskId)
        .from(task_judge::Entity)
        .and_where(task_judge::Column::PersonId.eq(me.0))
        .to_owned();
    let ridden = Query::select()
        .column(crew_member::Column::TaskId)
        .from(crew_member::Entity)
        .and_where(crew_member::Column::PersonId.eq(me.0))
        .to_owned();
    let near = Condition::any()
        .add(task::Column::PosterId.eq(me.0))
        .add(task::Column::Id.in_subquery(judged))
        .add(task::Column::Id.in_subquery(ridden));
    let mut hidden = Vec::new();
    for row in task::Entity::find().filter(near).filter(names_hidden()).all(db).await? {
        let task = Task::try_from(row)?;
        hidden.extend(hides(&task, now).then_some(task.id.0));
    }
    let mut riders: HashSet<PersonId> = riders_in(db, hidden).await?.into_values().flatten().collect();
    riders.remove(&me);
    Ok(riders)
}

fn names_hidden() -> Condition {
    let says = |part: &str| task::Column::Rules.contains(part);
    Condition::all().add(task::Column::State.eq(Stored::Open.as_str())).add(
        Condition::any()
            .add(says("\"names\":\"until_stop\""))
            .add(says("\"names\":\"until_ruling\""))
            .add(says("\"blind\":true")),
    )
}
