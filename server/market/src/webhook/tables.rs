//! The tables of webhooks.

use sea_orm::sea_query::LockType;
use sea_orm::{ConnectionTrait, DatabaseTransaction, EntityTrait, QuerySelect};
use uuid::Uuid;

use super::WebhookOf;
use crate::error::{Refusal, Result};
use crate::ids::{ProgrammeId, UnitId, WebhookId};
use crate::policy::WebhookFacts;
use crate::programme::owner_of;
use crate::store::must;

pub(crate) mod webhook {
    //! Addresses; `of_id` is nil for the house.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "webhook")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub of_kind: String,
        pub of_id: Uuid,
        pub url: String,
        pub secret: Vec<u8>,
        pub old_secret: Option<Vec<u8>>,
        pub old_until: Option<i64>,
        pub state: String,
        pub made_by: Uuid,
        pub made_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod delivery {
    //! One row for each event and address.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "delivery")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub webhook_id: Uuid,
        pub event_id: Uuid,
        pub kind: String,
        pub facts: String,
        pub at: i64,
        pub state: String,
        pub due_at: Option<i64>,
        pub tries: i64,
        pub tried_at: Option<i64>,
        pub answer: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// How the tables spell whose events they are.
pub(super) fn of_columns(of: WebhookOf) -> (&'static str, Uuid) {
    match of {
        WebhookOf::House => ("house", Uuid::nil()),
        WebhookOf::Unit(id) => ("unit", id.0),
        WebhookOf::Programme(id) => ("programme", id.0),
    }
}

/// Whose events a row is about.
pub(super) fn of(row: &webhook::Model) -> Result<WebhookOf> {
    match row.of_kind.as_str() {
        "house" => Ok(WebhookOf::House),
        "unit" => Ok(WebhookOf::Unit(UnitId(row.of_id))),
        "programme" => Ok(WebhookOf::Programme(ProgrammeId(row.of_id))),
        other => Err(Refusal::fault(format!("the tables hold a webhook of a '{other}'"))),
    }
}

/// What the policy needs to know.
pub(super) async fn facts(db: &impl ConnectionTrait, of: WebhookOf) -> Result<WebhookFacts> {
    Ok(match of {
        WebhookOf::House => WebhookFacts::House,
        WebhookOf::Unit(id) => WebhookFacts::Unit(id),
        WebhookOf::Programme(id) => WebhookFacts::Programme { id, owner: must(owner_of(db, id).await?)? },
    })
}

/// Reads an address and holds its row until the transaction ends.
pub(super) async fn lock(txn: &DatabaseTransaction, id: WebhookId) -> Result<webhook::Model> {
    must(webhook::Entity::find_by_id(id.0).lock(LockType::NoKeyUpdate).one(txn).await?)
}
