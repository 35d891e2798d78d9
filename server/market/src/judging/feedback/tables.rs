//! The tables `feedback_request` and `feedback`. Must never: be read outside the market.

use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel};

use crate::error::Result;
use crate::policy::Permit;

pub(crate) mod feedback_request {
    //! Versions that their crew has opened to the judges.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "feedback_request")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub submission_id: Uuid,
        pub entry_id: Uuid,
        pub by_id: Uuid,
        pub at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod feedback {
    //! What was written to crews.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "feedback")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub submission_id: Uuid,
        pub entry_id: Uuid,
        pub by_id: Uuid,
        pub body: String,
        pub at: i64,
        pub record_id: Uuid,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Notes that a version was opened.
pub(super) async fn open<S>(
    db: &impl ConnectionTrait,
    _: &Permit<S>,
    row: feedback_request::Model,
) -> Result<()> {
    feedback_request::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// Writes what was written to a crew.
pub(super) async fn insert<S>(db: &impl ConnectionTrait, _: &Permit<S>, row: feedback::Model) -> Result<()> {
    feedback::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}
