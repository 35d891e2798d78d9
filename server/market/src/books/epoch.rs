//! Epochs: what the log does when its past can't be vouched for any more.
//!
//! Promises: a new epoch goes on with the same tree under a name of its own, and its first record says from
//! where, and what is known to be lost; whoever follows the old name is never shown two histories of it.
//! Must never: be started by anybody but the operator, or silently.

use std::fmt::Write as _;

use ledger::{Checkpoint, Hash, RecordId, RecordKind, VerifierKey};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use serde::Serialize;

use super::keys::{self, LogKeyView};
use super::post::{Draft, Evidence, post, signed, unsigned};
use super::sealer::{HEAD, Head, Seal, hash, locked_head, seal_first};
use super::tables::{epoch, log_head, log_key, seal_queue};
use super::write::lost_race;
use super::{label, record_id, record_uuid};
use crate::actor::Actor;
use crate::clock::Moment;
use crate::error::{Refusal, Result};
use crate::market::Market;
use crate::policy::{Act, House, Permit, permit};
use crate::store::{Command, Scope};

/// The longest reason, in bytes.
const REASON: usize = 1_000;

/// An epoch of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EpochView {
    /// Its number, from 1; a number may be left out when an epoch itself was lost.
    pub no: i64,
    /// The log's name in it.
    pub origin: String,
    /// How many records the log had when it began; its own first record has this index.
    pub from_size: u64,
    /// The root over those.
    pub from_root: Hash,
    /// The record that began it; `None` for the first.
    pub record: Option<RecordId>,
    /// Why it began; empty for the first.
    pub reason: String,
    /// When it began.
    pub at: Moment,
}

impl Market {
    /// The epochs of the log, oldest first. Public.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn epochs(&self, _: &Actor) -> Result<Vec<EpochView>> {
        epochs(self.store().reads()).await
    }

    /// Every public key that ever signed the log, oldest first. Public.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn log_keys(&self, _: &Actor) -> Result<Vec<LogKeyView>> {
        keys::all(self.store().reads()).await
    }

    /// Starts a new epoch with the records that are there, and signs its first checkpoint. `no` is its
    /// number, where the next one is taken already by an epoch that nobody here knows of.
    ///
    /// # Errors
    /// [`Refusal::Fault`] when this server holds no key that may sign, the number is not higher than all
    /// that are known here, or the reason is empty or too long.
    pub async fn start_epoch(&self, asker: &Actor, reason: &str, no: Option<i64>) -> Result<EpochView> {
        let signing = self.signer().ok_or_else(|| Refusal::fault("this server holds no key"))?;
        signing.ring.reload()?;
        let start = StartEpoch {
            reason: reason.trim().to_owned(),
            no,
            mark: signing.mark.read().await?.map(|mark| (mark.origin, mark.size, mark.root)),
            lost: self.check_log_now().await.is_err(),
            held: signing.ring.public().iter().map(|key| key.to_bytes().to_vec()).collect(),
        };
        permit(asker, Act::StartEpoch, &House)?;
        // What waits belongs to the old epoch: the new one begins with its own record.
        while self.run(&Actor::Clockwork, Seal {}).await? > 0 {}
        let no = self.run(asker, start).await?;
        self.publish().await?;
        let epochs = epochs(self.store().reads()).await?;
        epochs
            .into_iter()
            .find(|epoch| epoch.no == no)
            .ok_or_else(|| Refusal::fault("the epoch is not there"))
    }
}

/// Every epoch, oldest first.
pub(super) async fn epochs(db: &impl ConnectionTrait) -> Result<Vec<EpochView>> {
    let rows = epoch::Entity::find().order_by_asc(epoch::Column::No).all(db).await?;
    rows.into_iter()
        .map(|row| {
            Ok(EpochView {
                no: row.no,
                origin: row.origin,
                from_size: unsigned(row.from_size)?,
                from_root: hash(&row.from_root)?,
                record: row.record_id.map(record_id),
                reason: row.reason,
                at: Moment(row.at),
            })
        })
        .collect()
}

/// The name of the epoch with this number, of a log that began as `first`.
pub(super) fn origin_of(first: &str, no: i64) -> String {
    if no == 1 { first.to_owned() } else { format!("{first}/epoch-{no}") }
}

/// The number of the epoch that has this name.
pub(super) fn number_of(first: &str, origin: &str) -> Option<i64> {
    if origin == first {
        return Some(1);
    }
    let no: i64 = origin.strip_prefix(first)?.strip_prefix("/epoch-")?.parse().ok()?;
    (no > 1 && origin_of(first, no) == origin).then_some(no)
}

/// The name under which checkpoints of so many records are signed: an epoch's own first record is in all of
/// its checkpoints.
pub(super) fn origin_at(epochs: &[EpochView], size: u64) -> Option<&str> {
    let began = epochs.iter().rev().find(|epoch| epoch.no == 1 || epoch.from_size < size);
    began.map(|epoch| epoch.origin.as_str())
}

/// Starts an epoch. See [`Market::start_epoch`].
#[derive(Debug, Serialize)]
struct StartEpoch {
    reason: String,
    no: Option<i64>,
    mark: Option<(String, u64, Hash)>,
    /// Whether what is here does not go on from the mark.
    lost: bool,
    held: Vec<Vec<u8>>,
}

impl Command for StartEpoch {
    type Output = i64;
    const ACT: Act = Act::StartEpoch;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<i64> {
        let leave = permit(asker, Self::ACT, &House)?;
        if self.reason.is_empty() || self.reason.len() > REASON || self.reason.chars().any(char::is_control) {
            return Err(Refusal::fault(
                "say why in one line of at most 1,000 bytes: the reason is on record",
            ));
        }
        let old = locked_head(scope).await?;
        let known = epochs(scope.txn).await?;
        let first = known.first().ok_or_else(|| Refusal::fault("the log has no first epoch"))?;
        let no = self.number(&first.origin, old.epoch)?;
        let new = Head { origin: origin_of(&first.origin, no), epoch: no, ..old.clone() };
        let keys = self.keys(scope, &old, &new).await?;
        let text = self.text(&old, &new, &keys);
        let draft = Draft {
            kind: RecordKind::Epoch,
            moves: Vec::new(),
            subject: None,
            reversed: None,
            evidence: vec![Evidence { label: label::EPOCH, data: text.into_bytes() }],
        };
        if seal_queue::Entity::find().count(scope.txn).await? > 0 {
            return Err(Refusal::fault("records came in meanwhile: stop the other servers, and try again"));
        }
        rename(scope, &leave, &old, &new).await?;
        let record = post(scope, &leave, draft).await?.record;
        seal_first(scope, &leave, record_uuid(record)).await?;
        self.write(scope, &leave, &new, record, &keys).await?;
        Ok(no)
    }
}

impl StartEpoch {
    /// The next number that neither the database nor the mark has seen.
    fn number(&self, first: &str, current: i64) -> Result<i64> {
        let marked = self.mark.as_ref().and_then(|(origin, ..)| number_of(first, origin)).unwrap_or(0);
        let newest = current.max(marked);
        match self.no {
            None => newest.checked_add(1).ok_or_else(|| Refusal::fault("there are too many epochs")),
            Some(no) if no > newest => Ok(no),
            Some(_) => Err(Refusal::fault(format!("epoch {newest} is known here: choose a higher number"))),
        }
    }

    /// The keys that the new epoch begins with: those that sign now, as far as they are held; else those
    /// that are held and were never the log's.
    async fn keys(&self, scope: &Scope<'_>, old: &Head, new: &Head) -> Result<Vec<VerifierKey>> {
        let held = |key: &VerifierKey| self.held.iter().any(|held| held == key.public_key().as_bytes());
        let active = keys::active(scope.txn, old.epoch, &old.origin).await?;
        let stay: Vec<&[u8]> =
            active.iter().filter(|key| held(key)).map(|key| key.public_key().as_bytes().as_slice()).collect();
        let ever = keys::all(scope.txn).await?;
        let unknown = |held: &&[u8]| !ever.iter().any(|view| view.key.public_key().as_bytes() == held);
        let chosen: Vec<&[u8]> = if stay.is_empty() {
            self.held.iter().map(Vec::as_slice).filter(unknown).collect()
        } else {
            stay
        };
        if chosen.is_empty() {
            return Err(Refusal::fault(
                "this server holds no key that may sign a new epoch: make one with `saima key new`",
            ));
        }
        chosen.into_iter().map(|public| keys::named(&new.origin, public)).collect()
    }

    /// What the record commits to, for everybody to read.
    fn text(&self, old: &Head, new: &Head, keys: &[VerifierKey]) -> String {
        let mut text = format!(
            "saima-epoch/v1\norigin: {}\nfollows: {}\nsize: {}\nroot: {}\n",
            new.origin,
            old.origin,
            old.size,
            hex::encode(old.root)
        );
        let _infallible = match &self.mark {
            Some((origin, size, root)) if self.lost => {
                writeln!(text, "lost: {origin} {size} {}", hex::encode(root))
            }
            Some((origin, size, root)) => writeln!(text, "signed: {origin} {size} {}", hex::encode(root)),
            None => writeln!(text, "lost: nobody knows; no high-water mark was there"),
        };
        for key in keys {
            let _infallible = writeln!(text, "key: {key}");
        }
        let _infallible = writeln!(text, "reason: {}", self.reason);
        text
    }

    async fn write<S>(
        &self,
        scope: &Scope<'_>,
        _: &Permit<S>,
        new: &Head,
        record: RecordId,
        keys: &[VerifierKey],
    ) -> Result<()> {
        let row = epoch::ActiveModel {
            no: Set(new.epoch),
            origin: Set(new.origin.clone()),
            from_size: Set(signed(new.size)?),
            from_root: Set(new.root.to_vec()),
            record_id: Set(Some(record_uuid(record))),
            reason: Set(self.reason.clone()),
            at: Set(scope.now.0),
        };
        epoch::Entity::insert(row).exec_without_returning(scope.txn).await?;
        log_key::Entity::update_many()
            .col_expr(log_key::Column::UntilSize, Expr::val(signed(new.size)?))
            .col_expr(log_key::Column::RetiredBy, Expr::val(record_uuid(record)))
            .filter(log_key::Column::UntilSize.is_null())
            .exec(scope.txn)
            .await?;
        for key in keys {
            bring_in(scope, new, key.public_key().as_bytes(), record).await?;
        }
        Ok(())
    }
}

/// Takes down a key that signs checkpoints of more records than there are now.
pub(super) async fn bring_in(scope: &Scope<'_>, head: &Head, public: &[u8], record: RecordId) -> Result<()> {
    let row = log_key::ActiveModel {
        epoch: Set(head.epoch),
        public_key: Set(public.to_vec()),
        from_size: Set(signed(head.size)?),
        until_size: Set(None),
        record_id: Set(Some(record_uuid(record))),
        retired_by: Set(None),
        at: Set(scope.now.0),
    };
    log_key::Entity::insert(row).exec_without_returning(scope.txn).await?;
    Ok(())
}

async fn rename<S>(scope: &Scope<'_>, _: &Permit<S>, old: &Head, new: &Head) -> Result<()> {
    let done = log_head::Entity::update_many()
        .col_expr(log_head::Column::Origin, Expr::val(new.origin.clone()))
        .col_expr(log_head::Column::Epoch, Expr::val(new.epoch))
        .filter(log_head::Column::Id.eq(HEAD))
        .filter(log_head::Column::Size.eq(signed(old.size)?))
        .filter(log_head::Column::Epoch.eq(old.epoch))
        .exec(scope.txn)
        .await?;
    if done.rows_affected == 1 { Ok(()) } else { Err(lost_race("the head moved on meanwhile")) }
}

/// Whether the log in the database goes on from this server's mark; if not, what to do. Answers the size
/// and root of the mark where the tiles must be held against them.
pub(super) async fn goes_on_from(
    db: &impl ConnectionTrait,
    mark: &Checkpoint,
    head: &Head,
) -> Result<std::result::Result<Option<(u64, Hash)>, String>> {
    let known = epochs(db).await?;
    let Some(first) = known.first() else { return Err(Refusal::fault("the log has no first epoch")) };
    let Some(no) = number_of(&first.origin, &mark.origin) else {
        return Ok(Err(format!(
            "the mark here is of the log {}, the database holds {}: give each installation a folder of its own",
            mark.origin, head.origin
        )));
    };
    if no < head.epoch {
        // A new epoch was declared since, on record: what the old one was is told there.
        return Ok(Ok(None));
    }
    if no > head.epoch {
        return Ok(Err(behind(&format!(
            "epoch {no} was signed here, the database is in epoch {}",
            head.epoch
        ))));
    }
    if mark.size > head.size {
        return Ok(Err(behind(&format!(
            "a checkpoint of {} records was signed here, the database holds {}",
            mark.size, head.size
        ))));
    }
    Ok(Ok(Some((mark.size, mark.root))))
}

/// What to do about a database that is behind.
pub(super) fn behind(what: &str) -> String {
    format!(
        "{what}: the database was put back, or is not the one it was. Nothing is signed. Bring the right \
         database back; or, if it is lost and this is what is left, start a new epoch, on record, with \
         `saima epoch --reason \"…\"`"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_has_one_name_and_a_name_one_epoch() {
        for no in [1, 2, 3, 10, i64::MAX] {
            assert_eq!(number_of("a.example/log", &origin_of("a.example/log", no)), Some(no));
        }
        for other in [
            "",
            "a.example",
            "a.example/log/epoch-1",
            "a.example/log/epoch-02",
            "a.example/log/epoch-+2",
            "b/epoch-2",
        ] {
            assert_eq!(number_of("a.example/log", other), None, "{other}");
        }
    }

    #[test]
    fn the_next_epoch_is_one_that_neither_database_nor_mark_has_seen() {
        let start = |mark: Option<&str>, no| StartEpoch {
            reason: "why".to_owned(),
            no,
            mark: mark.map(|origin| (origin.to_owned(), 5, [0; 32])),
            lost: false,
            held: Vec::new(),
        };
        assert_eq!(start(None, None).number("a", 1), Ok(2));
        assert_eq!(start(Some("a"), None).number("a", 3), Ok(4));
        assert_eq!(start(Some("a/epoch-7"), None).number("a", 3), Ok(8));
        assert_eq!(start(None, Some(9)).number("a", 3), Ok(9));
        assert!(start(Some("a/epoch-7"), Some(7)).number("a", 3).is_err());
    }
}
