//! What an audit reads, in chunks.
//!
//! Promises: a fixed number of queries for each chunk. Must never: leave out a row that it was asked for.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use ledger::RecordId;
use sea_orm::sea_query::{ExprTrait, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use super::AuditFault;
use crate::books::post::{signed, unsigned};
use crate::books::record_id;
use crate::books::tables::{account, checkpoint, disclosure, leaf, posting, record, seal_queue};

/// A record as the tables have it.
pub(super) struct Stored {
    /// The record's row.
    pub(super) row: record::Model,
    /// Its place, if it is sealed.
    pub(super) index: Option<u64>,
    /// The hash stored there.
    pub(super) hash: Option<Vec<u8>>,
    /// Its posting rows, in order.
    pub(super) postings: Vec<posting::Model>,
    /// Its texts, in order.
    pub(super) disclosures: Vec<disclosure::Model>,
}

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

/// The records at the places from `from` up to, not including, `to`.
pub(super) async fn sealed(db: &impl ConnectionTrait, from: u64, to: u64) -> Result<Vec<Stored>, AuditFault> {
    let places = || leaf::Column::Idx.gte(signed_or_max(from)).and(leaf::Column::Idx.lt(signed_or_max(to)));
    let leaves = leaf::Entity::find().filter(places()).order_by_asc(leaf::Column::Idx).all(db).await?;
    let ids =
        Query::select().column(leaf::Column::RecordId).from(leaf::Entity).and_where(places()).to_owned();
    let mut shelf = Shelf::load(db, &ids).await?;
    let mut stored = Vec::with_capacity(leaves.len());
    for leaf in leaves {
        let index = unsigned(leaf.idx)?;
        let Some(mut found) = shelf.take(leaf.record_id) else {
            return Err(AuditFault::at(index, "the record of this leaf is missing"));
        };
        (found.index, found.hash) = (Some(index), Some(leaf.hash));
        stored.push(found);
    }
    Ok(stored)
}

/// The records that wait after `last`, in the order that they will be sealed in.
pub(super) async fn waiting(
    db: &impl ConnectionTrait,
    last: Option<(i64, Uuid)>,
    most: u64,
) -> Result<Vec<Stored>, AuditFault> {
    let mut select = seal_queue::Entity::find();
    if let Some((at, id)) = last {
        let same_time = Condition::all()
            .add(seal_queue::Column::PostedAt.eq(at))
            .add(seal_queue::Column::RecordId.gt(id));
        select = select.filter(Condition::any().add(seal_queue::Column::PostedAt.gt(at)).add(same_time));
    }
    let queued = select
        .order_by_asc(seal_queue::Column::PostedAt)
        .order_by_asc(seal_queue::Column::RecordId)
        .limit(most)
        .all(db)
        .await?;
    let ids = Query::select()
        .column(record::Column::Id)
        .from(record::Entity)
        .and_where(record::Column::Id.is_in(queued.iter().map(|row| row.record_id)))
        .to_owned();
    let mut shelf = Shelf::load(db, &ids).await?;
    let missing = |id| AuditFault::new(format_args!("record {id}, which waits to be sealed, is missing"));
    let mut stored = Vec::with_capacity(queued.len());
    for row in queued {
        let found = shelf.take(row.record_id).ok_or_else(|| missing(row.record_id))?;
        if found.row.posted_at != row.posted_at {
            return Err(AuditFault::new(format_args!(
                "record {} waits under another time than its own",
                row.record_id
            )));
        }
        stored.push(found);
    }
    Ok(stored)
}

/// The checkpoints of these sizes, smallest first.
pub(super) async fn checkpoints(
    db: &impl ConnectionTrait,
    sizes: RangeInclusive<u64>,
) -> Result<Vec<checkpoint::Model>, AuditFault> {
    let (from, to) = (signed(*sizes.start())?, signed(*sizes.end())?);
    let select = checkpoint::Entity::find().filter(checkpoint::Column::Size.between(from, to));
    Ok(select.order_by_asc(checkpoint::Column::Size).all(db).await?)
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

/// Records with what belongs to them, by id.
struct Shelf {
    rows: HashMap<Uuid, record::Model>,
    postings: HashMap<Uuid, Vec<posting::Model>>,
    disclosures: HashMap<Uuid, Vec<disclosure::Model>>,
}

impl Shelf {
    async fn load(
        db: &impl ConnectionTrait,
        ids: &sea_orm::sea_query::SelectStatement,
    ) -> Result<Self, DbErr> {
        let rows = record::Entity::find().filter(record::Column::Id.in_subquery(ids.clone())).all(db).await?;
        let lines = posting::Entity::find().filter(posting::Column::RecordId.in_subquery(ids.clone()));
        let mut postings: HashMap<Uuid, Vec<posting::Model>> = HashMap::new();
        for row in lines.order_by_asc(posting::Column::Line).all(db).await? {
            postings.entry(row.record_id).or_default().push(row);
        }
        let texts = disclosure::Entity::find().filter(disclosure::Column::RecordId.in_subquery(ids.clone()));
        let mut disclosures: HashMap<Uuid, Vec<disclosure::Model>> = HashMap::new();
        for row in texts.order_by_asc(disclosure::Column::Line).all(db).await? {
            disclosures.entry(row.record_id).or_default().push(row);
        }
        Ok(Self { rows: rows.into_iter().map(|row| (row.id, row)).collect(), postings, disclosures })
    }

    fn take(&mut self, id: Uuid) -> Option<Stored> {
        let row = self.rows.remove(&id)?;
        let postings = self.postings.remove(&id).unwrap_or_default();
        let disclosures = self.disclosures.remove(&id).unwrap_or_default();
        Some(Stored { row, index: None, hash: None, postings, disclosures })
    }
}

/// Places beyond what a database can hold are never there.
fn signed_or_max(place: u64) -> i64 {
    i64::try_from(place).unwrap_or(i64::MAX)
}
