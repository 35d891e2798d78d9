//! The tables `race_value` and `effort`. Must never: be read outside the market.

pub(crate) mod race_value {
    //! What a result is worth to who posted the task, if they said so.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "race_value")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub task_id: Uuid,
        pub amount: i64,
        pub public: bool,
        pub at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod effort {
    //! What somebody declared of their hours in a race.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "effort")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub task_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub person_id: Uuid,
        pub judging: bool,
        pub minutes: i64,
        pub at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel};

use crate::error::Result;
use crate::ids::TaskId;
use crate::policy::{Permit, RaceFacts};

/// Writes what a result is worth in the place of what was said before; nothing takes it back.
pub(super) async fn state(
    db: &impl ConnectionTrait,
    _: &Permit<RaceFacts>,
    task: TaskId,
    row: Option<race_value::Model>,
) -> Result<()> {
    race_value::Entity::delete_by_id(task.0).exec(db).await?;
    if let Some(row) = row {
        race_value::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    }
    Ok(())
}

/// Writes what somebody declares in the place of what they did before; without minutes it is taken back.
pub(super) async fn declare(
    db: &impl ConnectionTrait,
    _: &Permit<RaceFacts>,
    row: effort::Model,
) -> Result<()> {
    effort::Entity::delete_by_id((row.task_id, row.person_id)).exec(db).await?;
    if row.minutes > 0 {
        effort::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    }
    Ok(())
}
