//! The table `race_event`. Must never: be read outside the market.

pub(crate) mod race_event {
    //! One row a count.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "race_event")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub task_id: Uuid,
        pub entry_id: Option<Uuid>,
        pub event_count: i64,
        pub evidence: String,
        pub by_id: Uuid,
        pub at: i64,
        pub record_id: Uuid,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel};

use crate::error::Result;
use crate::policy::Permit;

/// Writes a count.
pub(super) async fn insert<S>(
    db: &impl ConnectionTrait,
    _: &Permit<S>,
    row: race_event::Model,
) -> Result<()> {
    race_event::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}
