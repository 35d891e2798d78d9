//! The tables `submission`, `file` and `returned`. Must never: be read outside the market.

pub(crate) mod submission {
    //! One row a version.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "submission")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub entry_id: Uuid,
        pub task_id: Uuid,
        pub version: i64,
        pub body: String,
        pub links: String,
        pub by_id: Uuid,
        pub at: i64,
        pub record_id: Uuid,
        pub digest: Vec<u8>,
        pub evidence: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod file {
    //! One row a file.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "file")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub submission_id: Uuid,
        pub place: i64,
        pub name: String,
        pub media_type: String,
        pub size: i64,
        pub sha256: Vec<u8>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod returned {
    //! Entries that were returned unread.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "returned")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub entry_id: Uuid,
        pub task_id: Uuid,
        pub by_id: Uuid,
        pub at: i64,
        pub reason: String,
        pub note: String,
        pub record_id: Uuid,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel};
use uuid::Uuid;

use crate::error::Result;
use crate::policy::{EntryFacts, Permit};

/// Writes a version with its files.
pub(super) async fn insert(
    db: &impl ConnectionTrait,
    _: &Permit<EntryFacts>,
    row: submission::Model,
    files: Vec<file::Model>,
) -> Result<()> {
    submission::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    if !files.is_empty() {
        let rows = files.into_iter().map(|file| file.into_active_model());
        file::Entity::insert_many(rows).exec_without_returning(db).await?;
    }
    Ok(())
}

/// Writes that an entry was returned.
pub(super) async fn insert_returned(
    db: &impl ConnectionTrait,
    _: &Permit<EntryFacts>,
    row: returned::Model,
) -> Result<()> {
    returned::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// Takes it back.
pub(super) async fn delete_returned<S>(db: &impl ConnectionTrait, _: &Permit<S>, entry: Uuid) -> Result<()> {
    returned::Entity::delete_by_id(entry).exec(db).await?;
    Ok(())
}
