//! What the policy needs to know of tasks.
//!
//! Promises: any number of tasks costs the same few statements, and one task is told of exactly as many are. Must
//! never: decide who may do what; that is the policy's.

use std::collections::{HashMap, HashSet};

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::queries::in_scope;
use super::tables::{task, task_judge};
use super::{Judging, Panel, Task, TaskSource, TaskState, Visibility};
use crate::actor::Actor;
use crate::clock::Moment;
use crate::error::{Refusal, Result};
use crate::ids::{PersonId, TaskId, UnitId};
use crate::policy::{RaceFacts, VoteFacts};
use crate::{judging, programme, race};

/// Everything the policy needs to know of a task.
pub(crate) async fn facts(db: &impl ConnectionTrait, task: &Task, now: Moment) -> Result<RaceFacts> {
    let mut known = facts_of(db, std::slice::from_ref(task), now).await?;
    known.remove(&task.id).ok_or_else(|| Refusal::fault("a task without its facts"))
}

/// The same for several tasks.
pub(crate) async fn facts_of(
    db: &impl ConnectionTrait,
    tasks: &[Task],
    now: Moment,
) -> Result<HashMap<TaskId, RaceFacts>> {
    let around = Around::load(db, tasks).await?;
    Ok(tasks.iter().map(|task| (task.id, around.of(task, now))).collect())
}

/// What stands around tasks in other tables.
struct Around {
    owners: HashMap<Uuid, PersonId>,
    doors: HashMap<TaskId, (Vec<PersonId>, Vec<UnitId>)>,
    judges: HashMap<TaskId, Vec<PersonId>>,
    lockers: HashMap<TaskId, Vec<PersonId>>,
    rulers: HashMap<TaskId, PersonId>,
    riders: HashMap<TaskId, Vec<PersonId>>,
    riding_units: HashMap<TaskId, Vec<UnitId>>,
}

impl Around {
    /// Reads it; what no task of these needs is not asked for.
    async fn load(db: &impl ConnectionTrait, tasks: &[Task]) -> Result<Self> {
        let programmes: Vec<Uuid> = tasks.iter().filter_map(programme_of).collect();
        let ids = |wanted: fn(&Task) -> bool| -> Vec<Uuid> {
            tasks.iter().filter(|task| wanted(task)).map(|task| task.id.0).collect()
        };
        let panels = ids(|task| task.rules.judging.panel().is_some());
        Ok(Self {
            owners: programme::owners_of(db, &programmes).await?,
            doors: race::invited_to(db, ids(|task| task.rules.entry.who == race::Who::Invited)).await?,
            judges: judges_in(db, &panels).await?,
            lockers: judging::lockers_in(db, panels).await?,
            rulers: judging::rulers_of(db, ids(|task| task.rules.judging.panel().is_none())).await?,
            riders: race::riders_in(db, ids(|_| true)).await?,
            riding_units: race::units_in(db, ids(|task| matches!(task.rules.judging, Judging::Vote(_))))
                .await?,
        })
    }

    fn of(&self, task: &Task, now: Moment) -> RaceFacts {
        let state = task.state(now);
        let panel = task.rules.judging.panel();
        let (people, units) = self.doors.get(&task.id).cloned().unwrap_or_default();
        RaceFacts {
            door: crate::policy::Door { who: task.rules.entry.who.clone(), people, units },
            published: state != TaskState::Draft,
            open: task.visibility == Visibility::Open,
            stopped: !matches!(state, TaskState::Draft | TaskState::Open),
            poster: task.poster,
            judges: match panel {
                Some(panel) if state != TaskState::Draft => {
                    panel_now(task, panel, self.judges.get(&task.id).cloned().unwrap_or_default())
                }
                _ => judges_now(task),
            },
            named: task.rules.bench(task.poster),
            stage_ended: state != TaskState::Draft && task.stage_ended_at(now).is_some(),
            panel: panel.is_some(),
            rulers: match panel {
                Some(_) => self.lockers.get(&task.id).cloned().unwrap_or_default(),
                None => self.rulers.get(&task.id).copied().into_iter().collect(),
            },
            programme_owner: programme_of(task).and_then(|id| self.owners.get(&id).copied()),
            riders: self.riders.get(&task.id).cloned().unwrap_or_default(),
            vote: match &task.rules.judging {
                Judging::Vote(vote) => Some(VoteFacts {
                    voters: vote.voters.clone(),
                    riding_units: self.riding_units.get(&task.id).cloned().unwrap_or_default(),
                }),
                _ => None,
            },
        }
    }
}

fn programme_of(task: &Task) -> Option<Uuid> {
    match task.source {
        TaskSource::Programme(id) => Some(id.0),
        _ => None,
    }
}

/// Whose turn it is to judge: after silence, the deputies'.
pub(super) fn judges_now(task: &Task) -> Vec<PersonId> {
    match task.rules.judging.named() {
        _ if task.passed_at.is_some() => task.rules.deputies().to_vec(),
        // The poster answers for it, also where the server measures.
        [] => vec![task.poster],
        judges => judges.to_vec(),
    }
}

/// Who scores for a panel: those named, those named later, and after silence the deputies too.
fn panel_now(task: &Task, panel: &Panel, mut judges: Vec<PersonId>) -> Vec<PersonId> {
    let deputies = task.rules.deputies();
    let sits = |judge: &PersonId| panel.judges.contains(judge) || !deputies.contains(judge);
    judges.retain(|judge| task.passed_at.is_some() || sits(judge));
    judges
}

/// The judges of published races: those that their rules name, and those named later.
async fn judges_in(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<TaskId, Vec<PersonId>>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = task_judge::Entity::find().filter(task_judge::Column::TaskId.is_in(ids.iter().copied()));
    let mut judges: HashMap<TaskId, Vec<PersonId>> = HashMap::new();
    for row in rows.all(db).await? {
        judges.entry(TaskId(row.task_id)).or_default().push(PersonId(row.person_id));
    }
    Ok(judges)
}

/// Whether the asker may see the task.
pub(crate) async fn visible(db: &impl ConnectionTrait, asker: &Actor, id: TaskId) -> Result<bool> {
    Ok(!visible_among(db, asker, [id.0]).await?.is_empty())
}

/// Those of these tasks that the asker may see.
pub(crate) async fn visible_among(
    db: &impl ConnectionTrait,
    asker: &Actor,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<HashSet<Uuid>> {
    let ids: Vec<Uuid> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let seen = task::Entity::find()
        .select_only()
        .column(task::Column::Id)
        .filter(task::Column::Id.is_in(ids))
        .filter(in_scope(asker))
        .into_tuple::<Uuid>();
    Ok(seen.all(db).await?.into_iter().collect())
}

/// Tasks by their ids; those that are not there are left out.
pub(crate) async fn loaded(db: &impl ConnectionTrait, ids: &[TaskId]) -> Result<Vec<Task>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = task::Entity::find().filter(task::Column::Id.is_in(ids.iter().map(|id| id.0)));
    rows.all(db).await?.into_iter().map(Task::try_from).collect()
}
