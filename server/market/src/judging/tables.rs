//! The tables `ruling`, `ruling_line` and `appeal`. Must never: be read outside the market.

pub(crate) mod ruling {
    //! One row a ruling.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "ruling")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub task_id: Uuid,
        pub version: i64,
        pub ruled_by: Uuid,
        pub summary: String,
        pub at: i64,
        pub record_id: Uuid,
        pub by_clock: bool,
        pub since: Option<i64>,
        pub due_at: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod ruling_line {
    //! What a ruling says of one entry.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "ruling_line")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub ruling_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub entry_id: Uuid,
        pub place: Option<i64>,
        pub score: Option<i64>,
        pub reason: String,
        pub award: i64,
        pub start_prize: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod appeal {
    //! One row an appeal.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "appeal")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub task_id: Uuid,
        pub ruling_id: Uuid,
        pub entry_id: Uuid,
        pub by_id: Uuid,
        pub grounds: String,
        pub at: i64,
        pub verdict: Option<String>,
        pub answer: Option<String>,
        pub answered_by: Option<Uuid>,
        pub answered_at: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod second_appeal {
    //! One row for an appeal that was made again.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "second_appeal")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub appeal_id: Uuid,
        pub task_id: Uuid,
        pub ruling_id: Uuid,
        pub by_id: Uuid,
        pub grounds: String,
        pub at: i64,
        pub verdict: Option<String>,
        pub answer: Option<String>,
        pub answered_by: Option<Uuid>,
        pub answered_at: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::Verdict;
use crate::clock::Moment;
use crate::ids::PersonId;

use crate::error::Result;
use crate::policy::Permit;

/// Writes a ruling with its lines.
pub(super) async fn insert_ruling<S>(
    db: &impl ConnectionTrait,
    _: &Permit<S>,
    row: ruling::Model,
    lines: Vec<ruling_line::Model>,
) -> Result<()> {
    ruling::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    let lines = lines.into_iter().map(|line| line.into_active_model());
    ruling_line::Entity::insert_many(lines).exec_without_returning(db).await?;
    Ok(())
}

/// Writes the lines of a ruling anew, and the record that stands for them.
pub(super) async fn replace_lines<S>(
    db: &impl ConnectionTrait,
    _: &Permit<S>,
    row: ruling::ActiveModel,
    lines: Vec<ruling_line::Model>,
) -> Result<()> {
    let row = ruling::Entity::update(row).exec(db).await?;
    ruling_line::Entity::delete_many().filter(ruling_line::Column::RulingId.eq(row.id)).exec(db).await?;
    let lines = lines.into_iter().map(|line| line.into_active_model());
    ruling_line::Entity::insert_many(lines).exec_without_returning(db).await?;
    Ok(())
}

/// Writes an appeal.
pub(super) async fn insert_appeal<S>(
    db: &impl ConnectionTrait,
    _: &Permit<S>,
    row: appeal::Model,
) -> Result<()> {
    appeal::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// Writes the answer of an appeal.
pub(super) async fn answer_appeal<S>(
    db: &impl ConnectionTrait,
    _: &Permit<S>,
    row: appeal::ActiveModel,
) -> Result<()> {
    appeal::Entity::update(row).exec(db).await?;
    Ok(())
}

/// Writes a second appeal.
pub(super) async fn insert_second<S>(
    db: &impl ConnectionTrait,
    _: &Permit<S>,
    row: second_appeal::Model,
) -> Result<()> {
    second_appeal::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// Writes the answer of a second appeal; nobody's where the clock lets the ruling stand.
pub(super) async fn answer_second<S>(
    db: &impl ConnectionTrait,
    _: &Permit<S>,
    (appeal, verdict): (uuid::Uuid, Verdict),
    said: Option<(String, PersonId)>,
    at: Moment,
) -> Result<()> {
    let (answer, by) = said.unzip();
    let row = second_appeal::ActiveModel {
        appeal_id: Set(appeal),
        verdict: Set(Some(verdict.as_str().to_owned())),
        answer: Set(answer),
        answered_by: Set(by.map(|by| by.0)),
        answered_at: Set(Some(at.0)),
        ..Default::default()
    };
    second_appeal::Entity::update(row).exec(db).await?;
    Ok(())
}
