//! Reading entries.

use std::collections::HashMap;

use ledger::Amount;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::tables::{self, crew_member, entry};
use super::{CrewAnswer, CrewView, EntryState, EntryView};
use crate::actor::Actor;
use crate::clock::Moment;
use crate::error::{Refusal, Result};
use crate::ids::{EntryId, PersonId, TaskId, UnitId};
use crate::judging::{self, ruling_line};
use crate::market::Market;
use crate::policy::{Act, EntryFacts, permit};
use crate::store::{Scope, must};
use crate::submission::{self, Handed};
use crate::task::{self, Score, Task};

impl Market {
    /// The entries of a race by lane.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when the asker may not see the task.
    pub async fn entries(&self, asker: &Actor, id: TaskId) -> Result<Vec<EntryView>> {
        let db = self.store().reads();
        let task = task::tables::load(db, id).await?;
        permit(asker, Act::SeeTask, &task::facts(db, &task, self.now()).await?)?;
        views(db, asker, &task, tables::entries_of(db, id).await?, self.now()).await
    }

    /// One entry.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when there is none, or the asker may not see its task.
    pub async fn entry(&self, asker: &Actor, id: EntryId) -> Result<EntryView> {
        let db = self.store().reads();
        let row = must(entry::Entity::find_by_id(id.0).one(db).await?)?;
        let task = task::tables::load(db, TaskId(row.task_id)).await?;
        permit(asker, Act::SeeTask, &task::facts(db, &task, self.now()).await?)?;
        views(db, asker, &task, vec![row], self.now()).await?.pop().ok_or(Refusal::NotFound)
    }
}

async fn views(
    db: &impl ConnectionTrait,
    asker: &Actor,
    task: &Task,
    rows: Vec<entry::Model>,
    now: Moment,
) -> Result<Vec<EntryView>> {
    let mut crews: HashMap<Uuid, Vec<CrewView>> = HashMap::new();
    for one in tables::crews_of(db, task.id).await? {
        crews.entry(one.entry_id).or_default().push(CrewView {
            person: PersonId(one.person_id),
            share: narrow(one.share),
            answer: one.answer.parse()?,
        });
    }
    let handed = submission::handed(db, task.id).await?;
    // While the board is frozen, others are shown as they stood before.
    let frozen = match task.rules.board_frozen_since(task.closes_at, now) {
        Some(since) => Some(submission::handed_between(db, task.id, Moment(i64::MIN), since).await?),
        None => None,
    };
    let lines = judging::lines_of(db, task.ruling).await?;
    let mut returned = submission::returned_in(db, task.id).await?;
    rows.into_iter()
        .map(|row| {
            let crew = crews.remove(&row.id).unwrap_or_default();
            let own = crew.iter().any(|one| Some(one.person) == asker.id());
            let handed = frozen.as_ref().filter(|_| !own).unwrap_or(&handed);
            let at = returned.iter().position(|one| one.entry == EntryId(row.id));
            let returned = at.map(|at| returned.swap_remove(at));
            Ok(EntryView { returned, ..view(asker, row, crew, handed, &lines)? })
        })
        .collect()
}

fn view(
    asker: &Actor,
    row: entry::Model,
    crew: Vec<CrewView>,
    handed: &HashMap<Uuid, Handed>,
    lines: &HashMap<Uuid, ruling_line::Model>,
) -> Result<EntryView> {
    let me = asker.id();
    let handed = handed.get(&row.id);
    let line = lines.get(&row.id);
    Ok(EntryView {
        id: EntryId(row.id),
        task: TaskId(row.task_id),
        lane: narrow(row.lane),
        captain: PersonId(row.captain_id),
        unit: row.unit_id.map(UnitId),
        unit_share: narrow(row.unit_share),
        state: state_of(&row)?,
        cut_stage: row.cut_stage.map(narrow),
        entered_at: Moment(row.entered_at),
        submissions: handed.map_or(0, |handed| handed.versions),
        last_submitted_at: handed.map(|handed| handed.last),
        place: line.and_then(|line| line.place).map(narrow),
        score: line.and_then(|line| line.score).and_then(|score| Score::new(narrow(score)).ok()),
        award: line.and_then(|line| Amount::from_i64(line.award).ok()),
        reason: line.map(|line| line.reason.clone()),
        returned: None,
        mine: crew.iter().any(|one| Some(one.person) == me && one.answer == CrewAnswer::Agreed),
        captained: Some(PersonId(row.captain_id)) == me,
        name: row.name,
        crew,
    })
}

/// Where an entry stands.
pub(crate) fn state_of(row: &entry::Model) -> Result<EntryState> {
    Ok(match row.state.parse()? {
        EntryState::Running if row.cut_stage.is_some() => EntryState::Cut,
        state => state,
    })
}

/// Whether an entry is in the race: its crew has agreed, and it has neither left nor been cut.
pub(crate) fn runs(row: &entry::Model) -> bool {
    state_of(row).is_ok_and(|state| state == EntryState::Running)
}

/// Reads an entry with its task, which stays locked until the transaction ends.
pub(crate) async fn locked(
    scope: &Scope<'_>,
    asker: &Actor,
    id: EntryId,
) -> Result<(Task, entry::Model, EntryFacts)> {
    // A visitor is sent to sign in whether or not the entry exists.
    if matches!(asker, Actor::Visitor) {
        return Err(Refusal::Unauthenticated);
    }
    let found = must(entry::Entity::find_by_id(id.0).one(scope.txn).await?)?;
    let task = task::tables::lock(scope.txn, TaskId(found.task_id)).await?;
    // Read again under the lock: what was read before it may be old.
    let row = must(entry::Entity::find_by_id(id.0).one(scope.txn).await?)?;
    let facts = facts(scope.txn, &task, &row, scope.now).await?;
    Ok((task, row, facts))
}

/// Everything the policy needs to know of an entry.
pub(crate) async fn facts(
    db: &impl ConnectionTrait,
    task: &Task,
    row: &entry::Model,
    now: Moment,
) -> Result<EntryFacts> {
    let crew = tables::crew_of(db, EntryId(row.id)).await?;
    let who = |answer: CrewAnswer| {
        crew.iter().filter(|one| one.answer == answer.as_str()).map(|one| PersonId(one.person_id)).collect()
    };
    Ok(EntryFacts {
        race: task::facts(db, task, now).await?,
        captain: PersonId(row.captain_id),
        unit: row.unit_id.map(UnitId),
        crew: who(CrewAnswer::Agreed),
        asked: who(CrewAnswer::Asked),
    })
}

/// Everybody who rides in a crew of this race or was asked to; who declined or withdrew is left out.
pub(crate) async fn riders_of(db: &impl ConnectionTrait, task: TaskId) -> Result<Vec<PersonId>> {
    let riders = crew_member::Entity::find()
        .select_only()
        .column(crew_member::Column::PersonId)
        .filter(crew_member::Column::TaskId.eq(task.0))
        .filter(crew_member::Column::Active.eq(1))
        .into_tuple::<Uuid>();
    Ok(riders.all(db).await?.into_iter().map(PersonId).collect())
}

/// The units for which somebody rides, withdrawn entries left out.
pub(crate) async fn units_of(db: &impl ConnectionTrait, task: TaskId) -> Result<Vec<UnitId>> {
    let entries = tables::entries_of(db, task).await?;
    let riding = entries.into_iter().filter(|row| row.state != EntryState::Withdrawn.as_str());
    Ok(riding.filter_map(|row| row.unit_id).map(UnitId).collect())
}

/// How many entries have not withdrawn.
pub(crate) async fn lanes_of(db: &impl ConnectionTrait, task: TaskId) -> Result<u32> {
    let entries = entry::Entity::find()
        .filter(entry::Column::TaskId.eq(task.0))
        .filter(entry::Column::State.ne(EntryState::Withdrawn.as_str()));
    Ok(u32::try_from(entries.count(db).await?).unwrap_or(u32::MAX))
}

/// For each task: entries that have not withdrawn, and those of them that run.
pub(crate) async fn lane_counts(
    db: &impl ConnectionTrait,
    tasks: &[TaskId],
) -> Result<HashMap<TaskId, (u32, u32)>> {
    let ids: Vec<Uuid> = tasks.iter().map(|task| task.0).collect();
    let rows = entry::Entity::find()
        .select_only()
        .column(entry::Column::TaskId)
        .column(entry::Column::State)
        .column_as(entry::Column::Id.count(), "entries")
        .filter(entry::Column::TaskId.is_in(ids))
        .filter(entry::Column::CutStage.is_null())
        .group_by(entry::Column::TaskId)
        .group_by(entry::Column::State)
        .into_tuple::<(Uuid, String, i64)>()
        .all(db)
        .await?;
    let mut counts: HashMap<TaskId, (u32, u32)> = HashMap::new();
    for (task, state, entries) in rows {
        let count = counts.entry(TaskId(task)).or_default();
        match state.parse()? {
            EntryState::Withdrawn | EntryState::Cut => {}
            EntryState::Forming => count.0 += narrow(entries),
            EntryState::Running => {
                count.0 += narrow(entries);
                count.1 += narrow(entries);
            }
        }
    }
    Ok(counts)
}

fn narrow(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
