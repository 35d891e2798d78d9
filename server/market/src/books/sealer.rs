//! Sealing: posted records get their places in the log.
//!
//! Promises: places are given without a gap in the order of (posted at, id); whoever changes the head
//! sealed the batch, and everybody else starts over; what is posted in bulk is sealed in the same database
//! transaction, behind all that waits. Must never: take a number from a sequence, or touch a place that
//! was given.

use std::collections::HashMap;
use std::pin::pin;
use std::time::Duration;

use futures::future::{Either, select};
use ledger::{Hash, leaf_hash, tile};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use uuid::Uuid;

use super::log::load_tiles;
use super::post::{signed, unsigned};
use super::tables::{log_head, seal_queue};
use super::write::{Unsealed, lost_race};
use crate::actor::Actor;
use crate::clock::Moment;
use crate::error::{Refusal, Result};
use crate::market::Market;
use crate::policy::{Act, House, Permit, permit};
use crate::store::rows::{Cells, Rows};
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
        let waiting = waiting(scope, BATCH).await?;
        extend(scope, &permit, &head, waiting.len(), waiting).await
    }
}

/// Has records wait for the sealer.
pub(super) async fn queue(scope: &Scope<'_>, records: &[Unsealed]) -> Result<()> {
    let rows = Rows(vec![
        ("record_id", Cells::Ids(records.iter().map(|record| record.id).collect())),
        ("posted_at", Cells::Numbers(records.iter().map(|record| record.at.0).collect())),
    ]);
    let sql = "INSERT INTO seal_queue (record_id, posted_at) SELECT record_id, posted_at FROM {rows}";
    rows.execute(scope.txn, sql).await?;
    Ok(())
}

/// Seals these records in the transaction that posted them, after all that waits. Where too much waits, or
/// after an alarm, they wait as well. Their accounts are locked, so whatever was posted to those before is
/// sealed or waits by now: no account's records are ever sealed out of order.
pub(super) async fn ride(scope: &Scope<'_>, own: Vec<Unsealed>) -> Result<()> {
    if !scope.seals {
        return queue(scope, &own).await;
    }
    let permit = permit(&Actor::Clockwork, Act::Seal, &House)?;
    let head = locked_head(scope).await?;
    let mut all = waiting(scope, BATCH + 1).await?;
    let waited = all.len();
    if waited > BATCH {
        return queue(scope, &own).await;
    }
    all.extend(own);
    extend(scope, &permit, &head, waited, all).await?;
    Ok(())
}

/// Gives these records the next places. The first `waited` of them leave the queue.
async fn extend<S>(
    scope: &Scope<'_>,
    permit: &Permit<S>,
    head: &Head,
    waited: usize,
    records: Vec<Unsealed>,
) -> Result<usize> {
    if records.is_empty() {
        return Ok(0);
    }
    let hashes: Vec<Hash> = records.iter().map(|record| record.hash).collect();
    let existing = load_tiles(scope.txn, &tile::tiles_needed_for_append(head.size)).await?;
    let appended = tile::append(head.size, &existing, &hashes).map_err(Refusal::fault)?;
    unqueue(scope, permit, records.iter().take(waited).map(|record| record.id).collect()).await?;
    let count = records.len();
    write_leaves(scope, permit, head.size, records).await?;
    write_tiles(scope, permit, appended.tiles).await?;
    move_head(scope, permit, head, appended.new_size, &appended.root).await?;
    Ok(count)
}

/// Gives this record the next place if it waits, before all others that do. It moves nothing, so no account's
/// order is touched.
pub(super) async fn seal_first<S>(scope: &Scope<'_>, permit: &Permit<S>, record: Uuid) -> Result<()> {
    let head = locked_head(scope).await?;
    let mut all = waiting(scope, BATCH).await?;
    if all.iter().any(|unsealed| unsealed.id == record) {
        all.sort_by_key(|unsealed| unsealed.id != record);
        extend(scope, permit, &head, all.len(), all).await?;
    }
    Ok(())
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
pub(super) async fn locked_head(scope: &Scope<'_>) -> Result<Head> {
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

/// The oldest records that wait, at most so many, in the order that they are sealed in.
async fn waiting(scope: &Scope<'_>, most: usize) -> Result<Vec<Unsealed>> {
    let queued = seal_queue::Entity::find()
        .order_by_asc(seal_queue::Column::PostedAt)
        .order_by_asc(seal_queue::Column::RecordId)
        .limit(most as u64)
        .all(scope.txn)
        .await?;
    if queued.is_empty() {
        return Ok(Vec::new());
    }
    let hashes = leaf_hashes(scope, queued.iter().map(|row| row.record_id).collect()).await?;
    let missing = || Refusal::fault("a record that waits to be sealed is not there");
    let unsealed = queued.into_iter().map(|row| {
        let hash = hashes.get(&row.record_id).copied().ok_or_else(missing)?;
        Ok(Unsealed { id: row.record_id, at: Moment(row.posted_at), hash })
    });
    unsealed.collect()
}

async fn leaf_hashes(scope: &Scope<'_>, ids: Vec<Uuid>) -> Result<HashMap<Uuid, Hash>> {
    let wanted = Rows(vec![("id", Cells::Ids(ids))]);
    let sql = "SELECT record.id, record.bytes FROM {rows} JOIN record ON record.id = given.id";
    let mut hashes = HashMap::new();
    for row in wanted.query(scope.txn, sql).await? {
        let bytes: Vec<u8> = row.try_get("", "bytes")?;
        hashes.insert(row.try_get("", "id")?, leaf_hash(&bytes));
    }
    Ok(hashes)
}

async fn write_leaves<S>(scope: &Scope<'_>, _: &Permit<S>, size: u64, records: Vec<Unsealed>) -> Result<()> {
    let from = signed(size)?;
    let rows = Rows(vec![
        ("idx", Cells::Numbers((from..).zip(&records).map(|(idx, _)| idx).collect())),
        ("record_id", Cells::Ids(records.iter().map(|record| record.id).collect())),
        ("hash", Cells::Bytes(records.iter().map(|record| record.hash.to_vec()).collect())),
    ]);
    let sql = "INSERT INTO leaf (idx, record_id, hash) SELECT idx, record_id, hash FROM {rows}";
    rows.execute(scope.txn, sql).await?;
    Ok(())
}

async fn write_tiles<S>(scope: &Scope<'_>, _: &Permit<S>, new: Vec<(u8, u64, Vec<u8>)>) -> Result<()> {
    let indices = new.iter().map(|(_, index, _)| signed(*index)).collect::<Result<_>>()?;
    let rows = Rows(vec![
        ("level", Cells::Numbers(new.iter().map(|(level, ..)| i64::from(*level)).collect())),
        ("idx", Cells::Numbers(indices)),
        ("hashes", Cells::Bytes(new.into_iter().map(|(.., hashes)| hashes).collect())),
    ]);
    let sql = "INSERT INTO tile (level, idx, hashes) SELECT level, idx, hashes FROM {rows} WHERE true \
               ON CONFLICT (level, idx) DO UPDATE SET hashes = excluded.hashes";
    rows.execute(scope.txn, sql).await?;
    Ok(())
}

async fn unqueue<S>(scope: &Scope<'_>, _: &Permit<S>, ids: Vec<Uuid>) -> Result<()> {
    let count = ids.len() as u64;
    let rows = Rows(vec![("id", Cells::Ids(ids))]);
    let sql = "DELETE FROM seal_queue WHERE record_id IN (SELECT id FROM {rows})";
    if rows.execute(scope.txn, sql).await? == count {
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
