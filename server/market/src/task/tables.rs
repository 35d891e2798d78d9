//! The tables `task` and `funding`. Must never: be read outside the market.

pub(crate) mod task {
    //! One row a task.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "task")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub handle: String,
        pub poster_id: Uuid,
        pub title: String,
        pub brief: String,
        pub criteria: String,
        pub rules: String,
        pub visibility: String,
        pub source_kind: String,
        pub source_id: Uuid,
        pub asset: i64,
        pub bounty: i64,
        pub state: String,
        pub closes_at: i64,
        pub created_at: i64,
        pub published_at: Option<i64>,
        pub appeals_until: Option<i64>,
        pub ended_at: Option<i64>,
        pub rules_record: Option<Uuid>,
        pub rules_digest: Option<Vec<u8>>,
        pub ruling_id: Option<Uuid>,
        pub edge_at: Option<i64>,
        pub judging_since: Option<i64>,
        pub reminded_at: Option<i64>,
        pub passed_at: Option<i64>,
        pub stages_ended: i64,
        pub stages_done: i64,
        pub paid: i64,
        pub growth_events: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod funding {
    //! Who put how much into a task's escrow.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "funding")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub task_id: Uuid,
        pub account_id: Uuid,
        pub funder_id: Uuid,
        pub amount: i64,
        pub record_id: Uuid,
        pub at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod task_judge {
    //! The judges that frozen rules name.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "task_judge")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub task_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub person_id: Uuid,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

use ledger::Amount;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};

use super::{Stored, Task, TaskSource, Visibility};
use crate::clock::Moment;
use crate::error::{Refusal, Result};
use crate::ids::{PersonId, ProgrammeId, RulingId, TaskId, UnitId};
use crate::policy::{Permit, RaceFacts};
use crate::store::must;

impl TryFrom<task::Model> for Task {
    type Error = Refusal;

    fn try_from(row: task::Model) -> Result<Self> {
        Ok(Self {
            id: TaskId(row.id),
            handle: row.handle,
            poster: PersonId(row.poster_id),
            title: row.title,
            brief: row.brief,
            criteria: row.criteria,
            rules: serde_json::from_str(&row.rules)?,
            visibility: row.visibility.parse::<Visibility>()?,
            source: source(&row.source_kind, row.source_id)?,
            bounty: Amount::from_i64(row.bounty).map_err(Refusal::fault)?,
            stored: row.state.parse::<Stored>()?,
            closes_at: Moment(row.closes_at),
            created_at: Moment(row.created_at),
            published_at: row.published_at.map(Moment),
            appeals_until: row.appeals_until.map(Moment),
            ended_at: row.ended_at.map(Moment),
            rules_record: row.rules_record.map(|id| ledger::RecordId::from_bytes(*id.as_bytes())),
            rules_digest: row.rules_digest.and_then(|digest| digest.try_into().ok()),
            ruling: row.ruling_id.map(RulingId),
            judging_since: row.judging_since.map(Moment),
            reminded_at: row.reminded_at.map(Moment),
            passed_at: row.passed_at.map(Moment),
            stages_ended: u32::try_from(row.stages_ended).map_err(Refusal::fault)?,
            stages_done: u32::try_from(row.stages_done).map_err(Refusal::fault)?,
            paid: Amount::from_i64(row.paid).map_err(Refusal::fault)?,
            grown: u32::try_from(row.growth_events).map_err(Refusal::fault)?,
        })
    }
}

/// Where tokens came from, by the words and the id that tables keep.
pub(crate) fn source(kind: &str, id: uuid::Uuid) -> Result<TaskSource> {
    match kind {
        "programme" => Ok(TaskSource::Programme(ProgrammeId(id))),
        "person" => Ok(TaskSource::Person(PersonId(id))),
        "unit" => Ok(TaskSource::Unit(UnitId(id))),
        other => Err(Refusal::fault(format!("a task has the source {other}"))),
    }
}

/// The words and the id of a source, as the table keeps them.
pub(crate) fn source_columns(source: TaskSource) -> (&'static str, uuid::Uuid) {
    match source {
        TaskSource::Programme(id) => ("programme", id.0),
        TaskSource::Person(id) => ("person", id.0),
        TaskSource::Unit(id) => ("unit", id.0),
    }
}

/// Reads a task and keeps its row locked until the transaction ends: all commands on one race take turns.
pub(crate) async fn lock(db: &impl ConnectionTrait, id: TaskId) -> Result<Task> {
    let row = task::Entity::find_by_id(id.0).lock(sea_orm::sea_query::LockType::NoKeyUpdate).one(db).await?;
    must(row)?.try_into()
}

/// Reads a task.
pub(crate) async fn load(db: &impl ConnectionTrait, id: TaskId) -> Result<Task> {
    must(task::Entity::find_by_id(id.0).one(db).await?)?.try_into()
}

/// Writes a new draft.
pub(super) async fn insert(
    db: &impl ConnectionTrait,
    _: &Permit<crate::policy::House>,
    row: task::ActiveModel,
) -> Result<()> {
    task::Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

/// Writes the changed columns of a task, and what the clock has to do next by them.
pub(crate) async fn update<S>(
    db: &impl ConnectionTrait,
    leave: &Permit<S>,
    row: task::ActiveModel,
) -> Result<()> {
    let id = row.id.try_as_ref().copied().ok_or_else(|| Refusal::fault("a task without its id"))?;
    task::Entity::update(row).exec(db).await?;
    super::clockwork::arm(db, leave, TaskId(id)).await
}

/// Removes a draft: it never was on the ledger.
pub(super) async fn delete(db: &impl ConnectionTrait, _: &Permit<RaceFacts>, id: TaskId) -> Result<()> {
    crate::cost::tables::race_value::Entity::delete_by_id(id.0).exec(db).await?;
    task::Entity::delete_by_id(id.0).exec(db).await?;
    Ok(())
}

/// Notes who put how much into the escrow.
pub(super) async fn fund(
    db: &impl ConnectionTrait,
    _: &Permit<RaceFacts>,
    row: funding::Model,
) -> Result<()> {
    funding::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// Notes whom the frozen rules name as judges.
pub(crate) async fn name_judges(
    db: &impl ConnectionTrait,
    _: &Permit<RaceFacts>,
    task: TaskId,
    judges: &[PersonId],
) -> Result<()> {
    let rows =
        judges.iter().map(|judge| task_judge::ActiveModel { task_id: Set(task.0), person_id: Set(judge.0) });
    if !judges.is_empty() {
        task_judge::Entity::insert_many(rows).exec_without_returning(db).await?;
    }
    Ok(())
}

/// Notes whom the frozen rules name to decide, the poster left out, in place of whom they named before.
pub(crate) async fn rename_judges(
    db: &impl ConnectionTrait,
    leave: &Permit<RaceFacts>,
    task: &Task,
) -> Result<()> {
    task_judge::Entity::delete_many().filter(task_judge::Column::TaskId.eq(task.id.0)).exec(db).await?;
    let bench = task.rules.bench(task.poster);
    let judges: Vec<PersonId> = bench.into_iter().filter(|one| *one != task.poster).collect();
    name_judges(db, leave, task.id, &judges).await
}

/// The fundings of some tasks, oldest first.
pub(crate) async fn fundings(db: &impl ConnectionTrait, tasks: &[TaskId]) -> Result<Vec<funding::Model>> {
    use sea_orm::QueryOrder;
    let ids: Vec<uuid::Uuid> = tasks.iter().map(|task| task.0).collect();
    let rows = funding::Entity::find().filter(funding::Column::TaskId.is_in(ids));
    Ok(rows.order_by_asc(funding::Column::At).order_by_asc(funding::Column::Id).all(db).await?)
}
