//! The table `question`. Must never: be read outside the market.

pub(crate) mod question {
    //! One row a question, or for what was made clear unasked: then nobody asked.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "question")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub task_id: Uuid,
        pub asked_by: Option<Uuid>,
        pub asked_at: i64,
        pub question: String,
        pub question_record: Option<Uuid>,
        pub answer: Option<String>,
        pub answered_by: Option<Uuid>,
        pub answered_at: Option<i64>,
        pub answer_record: Option<Uuid>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel};

use crate::error::Result;
use crate::policy::{Permit, RaceFacts};

/// Writes a new row.
pub(super) async fn insert(
    db: &impl ConnectionTrait,
    _: &Permit<RaceFacts>,
    row: question::Model,
) -> Result<()> {
    question::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// Writes an answer.
pub(super) async fn update(
    db: &impl ConnectionTrait,
    _: &Permit<RaceFacts>,
    row: question::ActiveModel,
) -> Result<()> {
    question::Entity::update(row).exec(db).await?;
    Ok(())
}
