//! The tables `amendment`, `amendment_answer` and `amendment_accepted`. Must never: be read outside the market.

pub(crate) mod amendment {
    //! One row for each amendment that was proposed, with what it changes and into what.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "amendment")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub task_id: Uuid,
        pub by_id: Uuid,
        pub reason: String,
        pub at: i64,
        pub answer_by: Option<i64>,
        pub state: String,
        pub version: Option<i64>,
        pub ended_at: Option<i64>,
        pub brief: String,
        pub criteria: String,
        pub closes_at: i64,
        pub rules: String,
        pub old_brief: String,
        pub old_criteria: String,
        pub old_closes_at: i64,
        pub old_rules: String,
        pub record_id: Uuid,
        pub end_record_id: Option<Uuid>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod amendment_answer {
    //! What an entry says to it, by its captain.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "amendment_answer")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub amendment_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub entry_id: Uuid,
        pub answer: String,
        pub by_id: Uuid,
        pub at: i64,
        pub record_id: Uuid,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod amendment_accepted {
    //! Who said before entering that they ride under either.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "amendment_accepted")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub amendment_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub person_id: Uuid,
        pub at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{Amended, AmendmentState};
use crate::clock::Moment;
use crate::error::Result;
use crate::ids::TaskId;
use crate::policy::Permit;

impl amendment::Model {
    /// What it changes.
    pub(super) fn before(&self) -> Result<Amended> {
        Ok(Amended {
            brief: self.old_brief.clone(),
            criteria: self.old_criteria.clone(),
            closes_at: Moment(self.old_closes_at),
            rules: serde_json::from_str(&self.old_rules)?,
        })
    }

    /// Into what.
    pub(super) fn after(&self) -> Result<Amended> {
        Ok(Amended {
            brief: self.brief.clone(),
            criteria: self.criteria.clone(),
            closes_at: Moment(self.closes_at),
            rules: serde_json::from_str(&self.rules)?,
        })
    }
}

/// The amendments of a task, oldest first.
pub(super) async fn all_of(db: &impl ConnectionTrait, task: TaskId) -> Result<Vec<amendment::Model>> {
    let rows = amendment::Entity::find().filter(amendment::Column::TaskId.eq(task.0));
    Ok(rows.order_by_asc(amendment::Column::At).order_by_asc(amendment::Column::Id).all(db).await?)
}

/// The amendment of a task that is open, if one is.
pub(super) async fn open_of(db: &impl ConnectionTrait, task: TaskId) -> Result<Option<amendment::Model>> {
    let rows = amendment::Entity::find()
        .filter(amendment::Column::TaskId.eq(task.0))
        .filter(amendment::Column::State.eq(AmendmentState::Open.as_str()));
    Ok(rows.one(db).await?)
}

/// What was answered to these amendments.
pub(super) async fn answers_of(
    db: &impl ConnectionTrait,
    ids: Vec<Uuid>,
) -> Result<Vec<amendment_answer::Model>> {
    let rows = amendment_answer::Entity::find().filter(amendment_answer::Column::AmendmentId.is_in(ids));
    Ok(rows.all(db).await?)
}

/// Who said before entering that they ride under either, of these amendments.
pub(super) async fn accepted_of(
    db: &impl ConnectionTrait,
    ids: Vec<Uuid>,
) -> Result<Vec<amendment_accepted::Model>> {
    let rows = amendment_accepted::Entity::find().filter(amendment_accepted::Column::AmendmentId.is_in(ids));
    Ok(rows.all(db).await?)
}

/// Writes a new amendment.
pub(super) async fn insert<S>(db: &impl ConnectionTrait, _: &Permit<S>, row: amendment::Model) -> Result<()> {
    amendment::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// Writes the changed columns of an amendment.
pub(super) async fn update<S>(
    db: &impl ConnectionTrait,
    _: &Permit<S>,
    row: amendment::ActiveModel,
) -> Result<()> {
    amendment::Entity::update(row).exec(db).await?;
    Ok(())
}

/// Writes what an entry says, in place of what it said before.
pub(super) async fn answer<S>(
    db: &impl ConnectionTrait,
    _: &Permit<S>,
    row: amendment_answer::Model,
) -> Result<()> {
    use amendment_answer::Column;
    let again = OnConflict::columns([Column::AmendmentId, Column::EntryId])
        .update_columns([Column::Answer, Column::ById, Column::At, Column::RecordId])
        .to_owned();
    amendment_answer::Entity::insert(row.into_active_model())
        .on_conflict(again)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Notes that somebody rides under either.
pub(super) async fn accept<S>(
    db: &impl ConnectionTrait,
    _: &Permit<S>,
    row: amendment_accepted::Model,
) -> Result<()> {
    amendment_accepted::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}
