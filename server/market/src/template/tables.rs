//! The table `template`. Must never: be read outside the market.

pub(crate) mod template {
    //! One row a template; `content` is JSON.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "template")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub by_id: Uuid,
        pub name: String,
        pub shared: bool,
        pub content: String,
        pub at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel};
use uuid::Uuid;

use crate::error::Result;
use crate::policy::{House, Permit, TemplateFacts};

/// Writes a new template.
pub(super) async fn insert(db: &impl ConnectionTrait, _: &Permit<House>, row: template::Model) -> Result<()> {
    template::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// Deletes one.
pub(super) async fn delete(db: &impl ConnectionTrait, _: &Permit<TemplateFacts>, id: Uuid) -> Result<()> {
    template::Entity::delete_by_id(id).exec(db).await?;
    Ok(())
}
