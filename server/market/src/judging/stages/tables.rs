//! The tables `stage_ruling` and `stage_line`. Must never: be read outside the market.

pub(crate) mod stage_ruling {
    //! How a stage came out.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "stage_ruling")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub task_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub stage: i64,
        pub by_id: Option<Uuid>,
        pub summary: String,
        pub stopped: bool,
        pub at: i64,
        pub record_id: Uuid,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod stage_line {
    //! How it came out for one entry.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "stage_line")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub task_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub stage: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub entry_id: Uuid,
        pub place: Option<i64>,
        pub score: Option<i64>,
        pub award: i64,
        pub cut: bool,
        pub reason: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel};

use crate::error::Result;
use crate::policy::Permit;

/// Writes how a stage came out.
pub(super) async fn insert<S>(
    db: &impl ConnectionTrait,
    _: &Permit<S>,
    row: stage_ruling::Model,
    lines: Vec<stage_line::Model>,
) -> Result<()> {
    stage_ruling::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    if !lines.is_empty() {
        let lines = lines.into_iter().map(|line| line.into_active_model());
        stage_line::Entity::insert_many(lines).exec_without_returning(db).await?;
    }
    Ok(())
}
