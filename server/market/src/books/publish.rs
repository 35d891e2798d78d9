//! Publishing: the log's head is signed for everybody to hold against us.
//!
//! Promises: a head is signed only if the tiles lead to its root, if it extends the newest checkpoint and
//! this server's own high-water mark, and if the books add up to nothing; the head is committed first, then
//! the mark, and only then does the signature leave the house. Must never: sign a smaller tree than one
//! that was signed, or take back a checkpoint.

use std::path::Path;
use std::time::{Duration, Instant};

use ledger::{Checkpoint, Hash, tile, tree};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, DatabaseConnection, EntityTrait, PaginatorTrait, QueryOrder, Statement};
use serde::Serialize;

use super::AuditFault;
use super::epoch::{behind, goes_on_from};
use super::keys::{self, KeyRing, Signing};
use super::log::load_tiles;
use super::mark::{MarkFile, Moved, published, read_mark};
use super::post::{signed, unsigned};
use super::sealer::{BATCH, Head, Seal, hash, head, locked_head};
use super::tables::{checkpoint, seal_queue};
use crate::actor::Actor;
use crate::clock::Moment;
use crate::error::{Refusal, Result};
use crate::market::Market;
use crate::policy::{Act, House, permit};
use crate::store::{Command, Scope, Store};

/// What summing up all accounts may take without a thought.
const QUICK: Duration = Duration::from_millis(2);
/// What takes longer is not done again before so many times as long have passed.
const REST: u32 = 20;

/// How often to look again while other processes of this folder move the mark.
const TRIES: usize = 50;

impl Market {
    /// Seals everything that waits at this moment and publishes; answers how many it sealed.
    ///
    /// # Errors
    /// When the database fails, or the books or the log contradict themselves: then nothing more is
    /// sealed or signed.
    pub async fn seal_now(&self) -> Result<u64> {
        let db = self.store().reads();
        let mut left = waiting(db).await?;
        if left == 0 {
            self.publish().await?;
            return Ok(0);
        }
        self.check_books().await?;
        let mut sealed = 0;
        while left > 0 {
            let batch = self.run(&Actor::Clockwork, Seal {}).await?;
            sealed += batch as u64;
            left = if batch < BATCH { 0 } else { left.saturating_sub(batch as u64) };
        }
        self.sign().await?;
        Ok(sealed)
    }

    /// Signs the head if it is newer than the newest checkpoint. Does nothing on a server that holds
    /// no key.
    ///
    /// # Errors
    /// [`Refusal::Fault`], with nothing signed, when the log went back or contradicts what was signed
    /// (here or anywhere), when this server does not hold the log's keys, or when the sum of all balances
    /// is not zero.
    pub async fn publish(&self) -> Result<()> {
        if self.signer().is_none() || self.news().await?.is_none() {
            return Ok(());
        }
        self.check_books().await?;
        self.sign().await
    }

    /// Nothing is sealed, not even by the way, until the books add up again. All accounts are summed up, so
    /// with very many of them this takes a small part of the time only.
    async fn check_books(&self) -> Result<()> {
        if self.store().is_weighed() {
            return Ok(());
        }
        let started = Instant::now();
        let checked = check_books(self.store().reads()).await;
        let rest = if started.elapsed() < QUICK { Duration::ZERO } else { started.elapsed() * REST };
        self.store().weighed(checked.is_ok().then(|| Instant::now() + rest));
        checked
    }

    /// Checks that the log in the database goes on from all that this server signed, and that it holds the
    /// keys that sign it. A server that can't say so should not start.
    ///
    /// # Errors
    /// [`Refusal::Fault`] that says what to do.
    pub async fn check_mark(&self) -> Result<()> {
        let Some(signing) = self.signer() else { return Ok(()) };
        self.check_log_now().await?;
        let db = self.store().reads();
        let head = head(db).await?;
        signing.ring.signers(&keys::active(db, head.epoch, &head.origin).await?).map(drop)
    }

    /// The same without the keys.
    pub(super) async fn check_log_now(&self) -> Result<()> {
        let Some(signing) = self.signer() else { return Ok(()) };
        let db = self.store().reads();
        let mark = signing.mark.read().await?;
        let newest = newest(db).await?;
        let head = head(db).await?;
        is_news(newest.as_ref(), &head)?;
        check_log(db, newest.as_ref(), mark.as_ref(), &head).await
    }

    /// The head with the newest checkpoint before it, if the head is still to be signed.
    async fn news(&self) -> Result<Option<(Head, Option<Published>)>> {
        let db = self.store().reads();
        // The checkpoint first: a head that is read later can only be newer.
        let newest = newest(db).await?;
        let head = head(db).await?;
        Ok(is_news(newest.as_ref(), &head)?.then_some((head, newest)))
    }

    /// Signs the head if that is still to be done, one signature at a time.
    async fn sign(&self) -> Result<()> {
        let Some(signing) = self.signer() else { return Ok(()) };
        let _turn = signing.turn.lock().await;
        let mut signed = Ok(Moved::Meanwhile);
        for _ in 0..TRIES {
            signed = self.try_to_sign(signing).await;
            if signed != Ok(Moved::Meanwhile) {
                break;
            }
        }
        signing.note_alarm(signed.as_ref().err().map(|why| match why {
            Refusal::Fault(why) => why.clone(),
            other => other.to_string(),
        }));
        match signed? {
            Moved::Done => Ok(()),
            Moved::Meanwhile => Err(Refusal::fault("others keep moving the mark of this server")),
        }
    }

    /// Checks, marks, publishes. Another process of this folder may move the mark in between.
    async fn try_to_sign(&self, signing: &Signing) -> Result<Moved> {
        let db = self.store().reads();
        // The mark first: whatever is marked was committed before, so a head that is read later has it.
        let mark = signing.mark.read().await?;
        let Some((head, newest)) = self.news().await? else { return Ok(Moved::Done) };
        check_log(db, newest.as_ref(), mark.as_ref(), &head).await?;
        let keys = keys::active(db, head.epoch, &head.origin).await?;
        let checkpoint = Checkpoint::new(&head.origin, head.size, head.root);
        let note = keys::sign(&checkpoint, &signing.ring.signers(&keys)?)?;
        if signing.mark.advance(mark, note.clone()).await? == Moved::Meanwhile {
            return Ok(Moved::Meanwhile);
        }
        let keys = keys.iter().map(ToString::to_string).collect();
        let publish =
            Publish { epoch: head.epoch, size: head.size, root: head.root, note: note.to_string(), keys };
        self.run(&Actor::Clockwork, publish).await?;
        signing.mark.published(head.origin, head.size).await?;
        self.tell_published(head.size);
        Ok(Moved::Done)
    }
}

/// A signed checkpoint, as the database has it.
#[derive(Debug, Clone)]
pub(super) struct Published {
    /// Records covered.
    pub(super) size: u64,
    /// The root over them.
    pub(super) root: Hash,
    /// The signed note.
    pub(super) note: String,
    /// When it was signed.
    pub(super) signed_at: Moment,
}

/// The newest checkpoint.
pub(super) async fn newest(db: &impl ConnectionTrait) -> Result<Option<Published>> {
    let row = checkpoint::Entity::find().order_by_desc(checkpoint::Column::Size).one(db).await?;
    row.map(read).transpose()
}

/// The checkpoint of exactly this size.
pub(super) async fn published_at(db: &impl ConnectionTrait, size: u64) -> Result<Option<Published>> {
    let Ok(size) = signed(size) else { return Ok(None) };
    checkpoint::Entity::find_by_id(size).one(db).await?.map(read).transpose()
}

fn read(row: checkpoint::Model) -> Result<Published> {
    Ok(Published {
        size: unsigned(row.size)?,
        root: hash(&row.root)?,
        note: row.note,
        signed_at: Moment(row.signed_at),
    })
}

/// How many records wait to be sealed.
pub(super) async fn waiting(db: &impl ConnectionTrait) -> Result<u64> {
    Ok(seal_queue::Entity::find().count(db).await?)
}

/// Whether the head needs a signature.
fn is_news(newest: Option<&Published>, head: &Head) -> Result<bool> {
    match newest {
        None => Ok(true),
        Some(newest) if newest.size > head.size => {
            Err(alarm(format!("the log has {} records, but {} were signed", head.size, newest.size)))
        }
        Some(newest) if newest.size == head.size && newest.root != head.root => {
            Err(alarm(format!("another root was signed for the log's {} records", head.size)))
        }
        Some(newest) => Ok(newest.size < head.size),
    }
}

/// The tiles must lead to the head's root, and the head must extend what was signed: here, by the mark, and
/// anywhere, by the newest checkpoint.
async fn check_log(
    db: &impl ConnectionTrait,
    newest: Option<&Published>,
    mark: Option<&Checkpoint>,
    head: &Head,
) -> Result<()> {
    let mut olds = vec![newest.map_or((0, tree::empty_root()), |newest| (newest.size, newest.root))];
    if let Some(mark) = mark {
        let goes_on = goes_on_from(db, mark, head).await?;
        olds.extend(goes_on.map_err(alarm)?.filter(|marked| *marked != olds[0]));
    }
    let mut wanted = tile::tiles_needed_for_append(head.size);
    for (old, _) in &olds {
        wanted.extend(tile::tiles_needed_for_consistency(*old, head.size).map_err(Refusal::fault)?);
    }
    let tiles = load_tiles(db, &wanted).await?;
    let root = tile::root(head.size, &tiles).map_err(alarm)?;
    if root != head.root {
        return Err(alarm(format!("the tiles do not lead to the root of the log's {} records", head.size)));
    }
    for (old, old_root) in &olds {
        let proof = tile::consistency_proof(*old, head.size, &tiles).map_err(alarm)?;
        tree::verify_consistency(*old, head.size, old_root, &head.root, &proof).map_err(|error| {
            alarm(behind(&format!(
                "the log does not go on from the {old} records that were signed ({error})"
            )))
        })?;
    }
    Ok(())
}

/// For each asset, what all accounts hold together is nothing, since the mint owes what others have.
async fn check_books(db: &impl ConnectionTrait) -> Result<()> {
    let sql = "SELECT asset FROM account GROUP BY asset HAVING SUM(credits - debits) <> 0";
    let wrong = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    match wrong {
        None => Ok(()),
        Some(row) => {
            let asset: i64 = row.try_get("", "asset")?;
            Err(alarm(format!("the balances of asset {asset} do not sum to zero")))
        }
    }
}

/// Something that must not be signed: told to the log at once.
fn alarm(what: impl std::fmt::Display) -> Refusal {
    tracing::error!(%what, "ALARM: nothing is signed until this is cleared up");
    Refusal::fault(what)
}

/// Keeps a signed checkpoint. The key never comes near a command; only what it signed does.
#[derive(Serialize)]
struct Publish {
    epoch: i64,
    size: u64,
    root: Hash,
    note: String,
    keys: Vec<String>,
}

impl Command for Publish {
    type Output = ();
    const ACT: Act = Act::Seal;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        permit(asker, Act::Seal, &House)?;
        let size = signed(self.size)?;
        self.still_holds(scope).await?;
        let row = checkpoint::ActiveModel {
            size: Set(size),
            root: Set(self.root.to_vec()),
            note: Set(self.note.clone()),
            signed_at: Set(scope.now.0),
        };
        let there = OnConflict::column(checkpoint::Column::Size).do_nothing().to_owned();
        checkpoint::Entity::insert(row)
            .on_conflict(there)
            .try_insert()
            .exec_without_returning(scope.txn)
            .await?;
        let kept = checkpoint::Entity::find_by_id(size).one(scope.txn).await?;
        if kept.is_some_and(|kept| kept.root == self.root) {
            Ok(())
        } else {
            Err(alarm(format!("another root was signed for the log's {} records", self.size)))
        }
    }
}

impl Publish {
    /// What was signed under an epoch or by keys that have gone meanwhile is not published.
    async fn still_holds(&self, scope: &Scope<'_>) -> Result<()> {
        let head = locked_head(scope).await?;
        let keys = keys::active(scope.txn, head.epoch, &head.origin).await?;
        let same_keys = keys.iter().map(ToString::to_string).eq(self.keys.iter().cloned());
        if head.epoch == self.epoch && head.size >= self.size && same_keys {
            Ok(())
        } else {
            Err(Refusal::fault("the log's epoch or keys moved on while it was signed; it is signed again"))
        }
    }
}

/// Holds the log in the database against the mark in `folder`; answers the mark, if there is one.
///
/// # Errors
/// That the log does not go on from it, or lacks a checkpoint that it was seen to keep.
pub async fn compare_mark(
    db: &DatabaseConnection,
    folder: &Path,
) -> std::result::Result<Option<Checkpoint>, AuditFault> {
    let mark = read_mark(folder)?;
    let head = head(db).await?;
    check_log(db, newest(db).await?.as_ref(), mark.as_ref(), &head).await?;
    if let Some((origin, size)) = published(folder).filter(|(origin, _)| *origin == head.origin) {
        let kept = checkpoint::Entity::find_by_id(signed(size)?).one(db).await?;
        if kept.is_none() {
            return Err(AuditFault::from(Refusal::fault(format!(
                "the checkpoint of {size} records of {origin}, which was published, is gone from the database"
            ))));
        }
    }
    Ok(mark)
}

/// What this server signs with: its keys, and the mark of what it signed.
///
/// # Errors
/// When it holds no key, or the database fails.
pub(crate) async fn signing(store: &Store, ring: KeyRing, mark: MarkFile) -> Result<Signing> {
    let head = head(store.reads()).await?;
    let newest = keys::active(store.reads(), head.epoch, &head.origin).await?.pop();
    let newest = newest.ok_or_else(|| Refusal::fault("the log has no key that signs"))?;
    Ok(Signing::new(ring, mark, newest))
}
