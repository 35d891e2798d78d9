//! The tables `person_key` and `intent`. Must never: hold a private key, or be read outside the market.

pub(crate) mod person_key {
    //! One row a key; its enrolment never changes.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "person_key")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Vec<u8>,
        pub person_id: Uuid,
        pub public_key: Vec<u8>,
        pub label: String,
        pub enrolled_by: Uuid,
        pub enrolled_at: i64,
        pub revoked_by: Option<Uuid>,
        pub revoked_at: Option<i64>,
        pub used_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod intent {
    //! Every decision that was carried out, so that none is twice.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "intent")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub hash: Vec<u8>,
        pub record_id: Uuid,
        pub key_id: Vec<u8>,
        pub act: String,
        pub at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryTrait};
use uuid::Uuid;

use super::KeyId;
use crate::clock::Moment;
use crate::error::Result;
use crate::policy::{Belonging, Permit};
use crate::store::{Scope, lock_rows};

/// The key, which stays locked until the transaction ends: it isn't revoked while it is used.
pub(super) async fn lock(db: &impl ConnectionTrait, id: KeyId) -> Result<Option<person_key::Model>> {
    let mut select = person_key::Entity::find_by_id(id.0.to_vec());
    lock_rows(db.get_database_backend(), QueryTrait::query(&mut select));
    Ok(select.one(db).await?)
}

/// Writes a key down.
pub(super) async fn enrol(scope: &Scope<'_>, _: &Permit<Belonging>, row: person_key::Model) -> Result<()> {
    person_key::Entity::insert(row.into_active_model()).exec_without_returning(scope.txn).await?;
    Ok(())
}

/// Marks a key as revoked.
pub(super) async fn revoke(scope: &Scope<'_>, _: &Permit<Belonging>, id: KeyId, record: Uuid) -> Result<()> {
    let row = person_key::ActiveModel {
        id: Set(id.0.to_vec()),
        revoked_by: Set(Some(record)),
        revoked_at: Set(Some(scope.now.0)),
        ..Default::default()
    };
    person_key::Entity::update(row).exec(scope.txn).await?;
    Ok(())
}

/// Notes that a decision was carried out.
pub(super) async fn spend(scope: &Scope<'_>, _: &Permit<Belonging>, row: intent::Model) -> Result<()> {
    person_key::Entity::update_many()
        .col_expr(person_key::Column::UsedAt, Expr::val(scope.now.0))
        .filter(person_key::Column::Id.eq(row.key_id.clone()))
        .exec(scope.txn)
        .await?;
    intent::Entity::insert(row.into_active_model()).exec_without_returning(scope.txn).await?;
    Ok(())
}

/// Later than all that the key has done, so that records tell the order of use and revocation.
pub(super) fn after(now: Moment, key: &person_key::Model) -> Moment {
    now.max(Moment(key.used_at.saturating_add(1)))
}
