//! Sealing: posted records get their places in the log.
//!
//! Promises: places are given without a gap in the order of (posted at, id); whoever changes the head
//! sealed the batch, and everybody else starts over. Must never: take a number from a sequence, or
//! touch a place that was given.

use std::collections::HashMap;
use std::pin::pin;
use std::time::Duration;

use futures::future::{Either, select};
use ledger::{Hash, leaf_hash, tile};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, LockType, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use uuid::Uuid;

use super::log::load_tiles;
use super::post::{lost_race, signed, unsigned};
use super::tables::{leaf, log_head, record, seal_queue, tile as tiles};
use crate::actor::Actor;
use crate::error::{Refusal, Result};
use crate::market::Market;
use crate::policy::{Act, House, Permit, permit};
use crate::store::{Command, Scope};

/// Most records sealed in one database transaction.
pub(super) const BATCH: usize = 2_048;
/// The key of the head's only row.
pub(super) const HEAD: i64 = 1;
/// How often the sealer looks when nothing wakes it: another server may have posted.
const LOOK: Duration = Duration::from_secs(1);
/// A breath between two rounds, so that records come in batches and share a signature.
const BREATH: Duration = Duration::from_millis(20);

/// Gives the oldest records that wait (at most 2,048) their places in the log; answers how many.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Seal {}

impl Command for Seal {
    type Output = usize;
    const ACT: Act = Act::Seal;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<usize> {
        let permit = permit(asker, Act::Seal, &House)?;
        let head = locked_head(scope).await?;
        let ids = waiting(scope).await?;
        if ids.is_empty() {
            return Ok(0);
        }
        let hashes = leaf_hashes(scope, &ids).await?;
        let existing = load_tiles(scope.txn, &tile::tiles_needed_for_append(head.size)).await?;
        let appended = tile::append(head.size, &existing, &hashes).map_err(Refusal::fault)?;
        write_leaves(scope, &permit, head.size, &ids, &hashes).await?;
        write_tiles(scope, &permit, &appended.tiles).await?;
        unqueue(scope, &permit, &ids).await?;
        move_head(scope, &permit, &head, appended.new_size, &appended.root).await?;
        Ok(ids.len())
    }
}

/// Seals and signs whenever something was written, and once a second, until `stop` is done. What goes
/// wrong is told to the log, and tried again.
pub async fn seal_forever(market: Market, stop: impl Future<Output = ()>) {
    let mut stop = pin!(stop);
    loop {
        if let Err(why) = market.seal_now().await {
            tracing::error!(?why, "sealing failed; it will be tried again");
            if let Either::Left(_) = select(stop.as_mut(), pin!(tokio::time::sleep(LOOK))).await {
                return;
            }
        }
        let woken = async {
            tokio::time::sleep(BREATH).await;
            let _late = tokio::time::timeout(LOOK, market.store().written()).await;
        };
        if let Either::Left(_) = select(stop.as_mut(), pin!(woken)).await {
            return;
        }
    }
}

/// The log's head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    /// The log's name.
    pub(super) origin: String,
    /// Grows when a restored backup starts anew.
    pub(super) epoch: i64,
    /// Records sealed.
    pub(super) size: u64,
    /// The root over them.
    pub(super) root: Hash,
}

/// Reads the head.
pub(super) async fn head(db: &impl ConnectionTrait) -> Result<Head> {
    read_head(log_head::Entity::find_by_id(HEAD).one(db).await?)
}

/// Reads the head and keeps others from sealing until this transaction ends.
async fn locked_head(scope: &Scope<'_>) -> Result<Head> {
    let mut select = log_head::Entity::find_by_id(HEAD);
    if scope.txn.get_database_backend() == DbBackend::Postgres {
        select = select.lock(LockType::NoKeyUpdate);
    }
    read_head(select.one(scope.txn).await?)
}

fn read_head(row: Option<log_head::Model>) -> Result<Head> {
    let row = row.ok_or_else(|| Refusal::fault("the log has no head"))?;
    Ok(Head { origin: row.origin, epoch: row.epoch, size: unsigned(row.size)?, root: hash(&row.root)? })
}

/// A hash as the database kept it.
pub(super) fn hash(bytes: &[u8]) -> Result<Hash> {
    bytes.try_into().map_err(|_| Refusal::fault("a stored hash does not have 32 bytes"))
}

/// The ids of the oldest records that wait, in the order that they are sealed in.
async fn waiting(scope: &Scope<'_>) -> Result<Vec<Uuid>> {
    let rows = seal_queue::Entity::find()
        .order_by_asc(seal_queue::Column::PostedAt)
        .order_by_asc(seal_queue::Column::RecordId)
        .limit(BATCH as u64)
        .all(scope.txn)
        .await?;
    Ok(rows.into_iter().map(|row| row.record_id).collect())
}

async fn leaf_hashes(scope: &Scope<'_>, ids: &[Uuid]) -> Result<Vec<Hash>> {
    let rows: Vec<(Uuid, Vec<u8>)> = record::Entity::find()
        .select_only()
        .column(record::Column::Id)
        .column(record::Column::Bytes)
        .filter(record::Column::Id.is_in(ids.iter().copied()))
        .into_tuple()
        .all(scope.txn)
        .await?;
    let by_id: HashMap<Uuid, Hash> = rows.iter().map(|(id, bytes)| (*id, leaf_hash(bytes))).collect();
    let missing = || Refusal::fault("a record that waits to be sealed is not there");
    ids.iter().map(|id| by_id.get(id).copied().ok_or_else(missing)).collect()
}

async fn write_leaves<S>(
    scope: &Scope<'_>,
    _: &Permit<S>,
    size: u64,
    ids: &[Uuid],
    hashes: &[Hash],
) -> Result<()> {
    let rows = (signed(size)?..).zip(ids.iter().zip(hashes)).map(|(idx, (id, hash))| leaf::ActiveModel {
        idx: Set(idx),
        record_id: Set(*id),
        hash: Set(hash.to_vec()),
    });
    leaf::Entity::insert_many(rows).exec_without_returning(scope.txn).await?;
    Ok(())
}

async fn write_tiles<S>(scope: &Scope<'_>, _: &Permit<S>, new: &[(u8, u64, Vec<u8>)]) -> Result<()> {
    let mut rows = Vec::with_capacity(new.len());
    for (level, index, hashes) in new {
        rows.push(tiles::ActiveModel {
            level: Set(i64::from(*level)),
            idx: Set(signed(*index)?),
            hashes: Set(hashes.clone()),
        });
    }
    let longer = OnConflict::columns([tiles::Column::Level, tiles::Column::Idx])
        .update_column(tiles::Column::Hashes)
        .to_owned();
    tiles::Entity::insert_many(rows).on_conflict(longer).exec_without_returning(scope.txn).await?;
    Ok(())
}

async fn unqueue<S>(scope: &Scope<'_>, _: &Permit<S>, ids: &[Uuid]) -> Result<()> {
    let queued = seal_queue::Column::RecordId.is_in(ids.iter().copied());
    let done = seal_queue::Entity::delete_many().filter(queued).exec(scope.txn).await?;
    if done.rows_affected == ids.len() as u64 {
        Ok(())
    } else {
        Err(lost_race("the queue was sealed meanwhile"))
    }
}

async fn move_head<S>(scope: &Scope<'_>, _: &Permit<S>, old: &Head, size: u64, root: &Hash) -> Result<()> {
    let done = log_head::Entity::update_many()
        .col_expr(log_head::Column::Size, Expr::val(signed(size)?))
        .col_expr(log_head::Column::Root, Expr::val(root.to_vec()))
        .filter(log_head::Column::Id.eq(HEAD))
        .filter(log_head::Column::Size.eq(signed(old.size)?))
        .filter(log_head::Column::Epoch.eq(old.epoch))
        .exec(scope.txn)
        .await?;
    if done.rows_affected == 1 { Ok(()) } else { Err(lost_race("the head moved on meanwhile")) }
}
