//! What an audit reads besides stretches of records: little, or by pages.
//!
//! Must never: leave out a row that it was asked for.

use ledger::RecordId;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use crate::books::ASSET;
use crate::books::record_id;
use crate::books::rows::CheckpointRow;
use crate::books::tables::{account, asset, checkpoint, disclosure, leaf, posting, record};

/// Rows of the tables that an audit must account for.
pub(super) struct Counts {
    pub(super) leaves: u64,
    pub(super) records: u64,
    pub(super) postings: u64,
    pub(super) disclosures: u64,
    pub(super) checkpoints: u64,
}

/// Counts them.
pub(super) async fn counts(db: &impl ConnectionTrait) -> Result<Counts, DbErr> {
    Ok(Counts {
        leaves: leaf::Entity::find().count(db).await?,
        records: record::Entity::find().count(db).await?,
        postings: posting::Entity::find().count(db).await?,
        disclosures: disclosure::Entity::find().count(db).await?,
        checkpoints: checkpoint::Entity::find().count(db).await?,
    })
}

/// The records that reversals name.
pub(super) async fn reversed(db: &impl ConnectionTrait) -> Result<Vec<RecordId>, DbErr> {
    let ids: Vec<Uuid> = record::Entity::find()
        .select_only()
        .column(record::Column::Reversed)
        .filter(record::Column::Reversed.is_not_null())
        .into_tuple()
        .all(db)
        .await?;
    Ok(ids.into_iter().map(record_id).collect())
}

/// The checkpoint of the empty log, if it was signed.
pub(super) async fn first_checkpoint(db: &impl ConnectionTrait) -> Result<Option<CheckpointRow>, DbErr> {
    let row = checkpoint::Entity::find_by_id(0_i64).one(db).await?;
    Ok(row.map(|row| CheckpointRow { size: row.size, root: row.root, note: row.note }))
}

/// The accounts after `last` in the order of their ids.
pub(super) async fn accounts(
    db: &impl ConnectionTrait,
    last: Option<Uuid>,
    most: u64,
) -> Result<Vec<account::Model>, DbErr> {
    let mut select = account::Entity::find();
    if let Some(last) = last {
        select = select.filter(account::Column::Id.gt(last));
    }
    select.order_by_asc(account::Column::Id).limit(most).all(db).await
}

/// The asset.
pub(super) async fn asset(db: &impl ConnectionTrait) -> Result<Option<asset::Model>, DbErr> {
    asset::Entity::find_by_id(i64::from(ASSET.0)).one(db).await
}
