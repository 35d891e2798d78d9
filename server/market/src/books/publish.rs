//! Publishing: the log's head is signed for everybody to hold against us.
//!
//! Promises: a head is signed only if the tiles lead to its root, if it extends the newest checkpoint,
//! and if the books add up to nothing. Must never: sign a smaller tree than one that was signed, or
//! take back a checkpoint.

use ledger::{Checkpoint, Hash, tile, tree};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait, QueryOrder, Statement};
use serde::Serialize;

use super::log::load_tiles;
use super::post::{signed, unsigned};
use super::sealer::{BATCH, Head, Seal, hash, head};
use super::tables::{checkpoint, seal_queue};
use crate::actor::Actor;
use crate::clock::Moment;
use crate::error::{Refusal, Result};
use crate::market::Market;
use crate::policy::{Act, House, permit};
use crate::store::{Command, Scope};

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
        if let Some(news) = self.news().await? {
            self.sign(news).await?;
        }
        Ok(sealed)
    }

    /// Signs the head if it is newer than the newest checkpoint. Does nothing on a server that holds
    /// no key.
    ///
    /// # Errors
    /// [`Refusal::Fault`], with nothing signed, when the log went back or contradicts what was signed,
    /// or when the sum of all balances is not zero.
    pub async fn publish(&self) -> Result<()> {
        let Some(news) = self.news().await? else { return Ok(()) };
        self.check_books().await?;
        self.sign(news).await
    }

    /// Nothing is sealed, not even by the way, until the books add up again.
    async fn check_books(&self) -> Result<()> {
        let checked = check_books(self.store().reads()).await;
        self.store().alarm(checked.is_err());
        checked
    }

    /// The head with the newest checkpoint before it, if the head is still to be signed, and here.
    async fn news(&self) -> Result<Option<(Head, Option<Published>)>> {
        if self.signer().is_none() {
            return Ok(None);
        }
        let db = self.store().reads();
        // The checkpoint first: a head that is read later can only be newer.
        let newest = newest(db).await?;
        let head = head(db).await?;
        Ok(is_news(newest.as_ref(), &head)?.then_some((head, newest)))
    }

    async fn sign(&self, (head, newest): (Head, Option<Published>)) -> Result<()> {
        let signer = self.signer().ok_or_else(|| Refusal::fault("this server holds no key"))?;
        check_log(self.store().reads(), newest.as_ref(), &head).await?;
        let note =
            Checkpoint::new(&head.origin, head.size, head.root).sign(signer).map_err(Refusal::fault)?;
        let publish = Publish { size: head.size, root: head.root, note: note.to_string() };
        self.run(&Actor::Clockwork, publish).await?;
        self.tell_published(head.size);
        Ok(())
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

/// The tiles must lead to the head's root, and the head must extend what was signed.
async fn check_log(db: &impl ConnectionTrait, newest: Option<&Published>, head: &Head) -> Result<()> {
    let (old, old_root) = newest.map_or((0, tree::empty_root()), |newest| (newest.size, newest.root));
    let mut wanted = tile::tiles_needed_for_append(head.size);
    wanted.extend(tile::tiles_needed_for_consistency(old, head.size).map_err(Refusal::fault)?);
    let tiles = load_tiles(db, &wanted).await?;
    let root = tile::root(head.size, &tiles).map_err(alarm)?;
    if root != head.root {
        return Err(alarm(format!("the tiles do not lead to the root of the log's {} records", head.size)));
    }
    let proof = tile::consistency_proof(old, head.size, &tiles).map_err(alarm)?;
    tree::verify_consistency(old, head.size, &old_root, &head.root, &proof).map_err(alarm)
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
    size: u64,
    root: Hash,
    note: String,
}

impl Command for Publish {
    type Output = ();
    const ACT: Act = Act::Seal;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        permit(asker, Act::Seal, &House)?;
        let size = signed(self.size)?;
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
