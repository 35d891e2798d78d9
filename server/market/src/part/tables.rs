//! The table `part_offer`. Must never: be read outside the market.

pub(crate) mod part_offer {
    //! One row an offer.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "part_offer")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub task_id: Uuid,
        pub entry_id: Uuid,
        pub buyer_id: Uuid,
        pub source_kind: String,
        pub source_id: Uuid,
        pub account_id: Uuid,
        pub part: String,
        pub purpose: String,
        pub price: i64,
        pub offered_at: i64,
        pub until: i64,
        pub state: String,
        pub ended_at: Option<i64>,
        pub ended_by: Option<Uuid>,
        pub record_id: Uuid,
        pub end_record_id: Option<Uuid>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

use ledger::RecordId;
use sea_orm::ActiveValue::Set;
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel};

use super::OfferState;
use crate::books::record_uuid;
use crate::clock::Moment;
use crate::error::Result;
use crate::policy::{EntryFacts, Permit};

/// Writes a new offer.
pub(super) async fn insert(
    db: &impl ConnectionTrait,
    _: &Permit<EntryFacts>,
    row: part_offer::Model,
) -> Result<()> {
    part_offer::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// Ends an offer.
pub(super) async fn end<S>(
    db: &impl ConnectionTrait,
    leave: &Permit<S>,
    id: uuid::Uuid,
    (state, record, now): (OfferState, RecordId, Moment),
) -> Result<()> {
    let row = part_offer::ActiveModel {
        id: Set(id),
        state: Set(state.as_str().to_owned()),
        ended_at: Set(Some(now.0)),
        ended_by: Set(leave.by().map(|by| by.0)),
        end_record_id: Set(Some(record_uuid(record))),
        ..Default::default()
    };
    part_offer::Entity::update(row).exec(db).await?;
    Ok(())
}
