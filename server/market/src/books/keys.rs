//! The private keys that a server holds, and the public ones that may sign the log.
//!
//! Promises: which keys sign is what the table says, never what happens to lie in a folder; keys are read
//! anew when one is missing, so that a running server picks up a new one; a retired key signs nothing
//! more. Must never: print a private key, or write one into the database.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use ed25519_dalek::{SigningKey, VerifyingKey};
use ledger::{Checkpoint, KeyType, NoteSigner, RecordId, SignedNote, VerifierKey};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::mark::MarkFile;
use super::post::unsigned;
use super::record_id;
use super::tables::{epoch, log_key};
use crate::error::{Refusal, Result};

/// Where private keys come from.
type Source = dyn Fn() -> std::result::Result<Vec<SigningKey>, String> + Send + Sync;

/// The private keys of this server.
#[derive(Clone)]
pub struct KeyRing {
    source: Arc<Source>,
    held: Arc<RwLock<Vec<SigningKey>>>,
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing").field("keys", &self.held().len()).finish_non_exhaustive()
    }
}

impl KeyRing {
    /// Keys that `source` reads, now and whenever one is missing; the key of a new log comes first.
    ///
    /// # Errors
    /// What the source says.
    pub fn reading(
        source: impl Fn() -> std::result::Result<Vec<SigningKey>, String> + Send + Sync + 'static,
    ) -> std::result::Result<Self, String> {
        let held = source()?;
        Ok(Self { source: Arc::new(source), held: Arc::new(RwLock::new(held)) })
    }

    /// One key that stays the same.
    #[must_use]
    pub fn of(key: SigningKey) -> Self {
        let held = Arc::new(RwLock::new(vec![key.clone()]));
        Self { source: Arc::new(move || Ok(vec![key.clone()])), held }
    }

    fn held(&self) -> Vec<SigningKey> {
        self.held.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The public halves of what is held.
    pub(super) fn public(&self) -> Vec<VerifyingKey> {
        self.held().iter().map(SigningKey::verifying_key).collect()
    }

    /// Reads the keys anew.
    pub(super) fn reload(&self) -> Result<()> {
        let fresh = (self.source)().map_err(Refusal::fault)?;
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// The private halves of `wanted`, each under its name; `Err` names the first that is not held.
    fn find(&self, wanted: &[VerifierKey]) -> std::result::Result<Vec<NoteSigner>, String> {
        let held = self.held();
        wanted
            .iter()
            .map(|key| {
                let private = held.iter().find(|private| private.verifying_key() == *key.public_key());
                let private = private.ok_or_else(|| key.to_string())?;
                NoteSigner::new(key.name(), private.clone()).map_err(|error| error.to_string())
            })
            .collect()
    }

    /// The private halves of `wanted`, read anew if one is missing.
    ///
    /// # Errors
    /// [`Refusal::Fault`] that names the key which this server does not hold.
    pub(super) fn signers(&self, wanted: &[VerifierKey]) -> Result<Vec<NoteSigner>> {
        if let Ok(found) = self.find(wanted) {
            return Ok(found);
        }
        self.reload()?;
        self.find(wanted).map_err(|missing| {
            Refusal::fault(format!(
                "this server does not hold the private key of {missing}, which signs the log: bring its file \
                 into the folder of keys (or into the environment and start again)"
            ))
        })
    }
}

/// What a server signs with: its keys, its high-water mark, and one signature at a time.
#[derive(Debug)]
pub struct Signing {
    pub(super) ring: KeyRing,
    pub(super) mark: MarkFile,
    pub(super) turn: tokio::sync::Mutex<()>,
    pub(super) alarm: RwLock<Option<String>>,
    at_start: VerifierKey,
}

impl Signing {
    pub(crate) fn new(ring: KeyRing, mark: MarkFile, at_start: VerifierKey) -> Self {
        Self { ring, mark, turn: tokio::sync::Mutex::default(), alarm: RwLock::default(), at_start }
    }

    /// The newest public key of the log as this server found it at its start.
    pub fn verifier_key(&self) -> &VerifierKey {
        &self.at_start
    }

    /// Why nothing is signed at present, if that is so.
    pub(crate) fn alarm(&self) -> Option<String> {
        self.alarm.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn note_alarm(&self, why: Option<String>) {
        *self.alarm.write().unwrap_or_else(PoisonError::into_inner) = why;
    }
}

/// A public key of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogKeyView {
    /// The epoch that it signs in.
    pub epoch: i64,
    /// The key, under the epoch's name.
    pub key: VerifierKey,
    /// How many records the log had when it was brought in.
    pub from_size: u64,
    /// How many it had when it was retired: it signed no checkpoint of more. `None` while it signs.
    pub until_size: Option<u64>,
    /// The record that brought it in; `None` for the first.
    pub record: Option<RecordId>,
    /// The record that retired it.
    pub retired_by: Option<RecordId>,
}

/// The public keys that the database itself names as the log's, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn log_keys_in(db: &sea_orm::DatabaseConnection) -> Result<Vec<VerifierKey>> {
    Ok(all(db).await?.into_iter().map(|view| view.key).collect())
}

/// Every key of the log, oldest first.
pub(super) async fn all(db: &impl ConnectionTrait) -> Result<Vec<LogKeyView>> {
    let mut rows = log_key::Entity::find().find_also_related(epoch::Entity).all(db).await?;
    rows.sort_by_key(|(row, _)| (row.epoch, age(row)));
    rows.into_iter()
        .map(|(row, epoch)| {
            let origin = epoch.ok_or_else(|| Refusal::fault("a key of the log has no epoch"))?.origin;
            Ok(LogKeyView {
                epoch: row.epoch,
                key: named(&origin, &row.public_key)?,
                from_size: unsigned(row.from_size)?,
                until_size: row.until_size.map(unsigned).transpose()?,
                record: row.record_id.map(record_id),
                retired_by: row.retired_by.map(record_id),
            })
        })
        .collect()
}

/// The keys that sign in this epoch, oldest first.
pub(super) async fn active(db: &impl ConnectionTrait, no: i64, origin: &str) -> Result<Vec<VerifierKey>> {
    let mut rows = log_key::Entity::find()
        .filter(log_key::Column::Epoch.eq(no))
        .filter(log_key::Column::UntilSize.is_null())
        .all(db)
        .await?;
    rows.sort_by_key(age);
    rows.iter().map(|row| named(origin, &row.public_key)).collect()
}

/// What keys of one epoch are sorted by: the first of a log has no record.
fn age(row: &log_key::Model) -> (i64, i64, Option<uuid::Uuid>) {
    (row.from_size, row.at, row.record_id)
}

/// A public key under the log's name.
pub(super) fn named(origin: &str, public: &[u8]) -> Result<VerifierKey> {
    let public = public.try_into().map_err(|_| Refusal::fault("a key of the log does not have 32 bytes"))?;
    let public = VerifyingKey::from_bytes(public).map_err(Refusal::fault)?;
    VerifierKey::new(origin, KeyType::Ed25519, public).map_err(Refusal::fault)
}

/// The checkpoint, signed by every one of `signers`.
pub(super) fn sign(checkpoint: &Checkpoint, signers: &[NoteSigner]) -> Result<SignedNote> {
    let (first, others) =
        signers.split_first().ok_or_else(|| Refusal::fault("the log has no key that signs"))?;
    let note = checkpoint.sign(first).map_err(Refusal::fault)?;
    Ok(others.iter().fold(note, SignedNote::also_signed))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_bytes(&[seed; 32])
    }

    fn public(seed: u8) -> VerifierKey {
        VerifierKey::new("example.org/log", KeyType::Ed25519, key(seed).verifying_key()).unwrap()
    }

    #[test]
    fn a_key_that_came_meanwhile_is_picked_up_and_one_that_never_came_is_named() {
        let looked = Arc::new(AtomicUsize::new(0));
        let counter = looked.clone();
        let ring = KeyRing::reading(move || {
            let later = counter.fetch_add(1, Ordering::SeqCst) > 0;
            Ok(if later { vec![key(1), key(2)] } else { vec![key(1)] })
        })
        .unwrap();
        assert_eq!(ring.signers(&[public(1)]).unwrap().len(), 1);
        assert_eq!(looked.load(Ordering::SeqCst), 1, "what is held is not read again");
        assert_eq!(ring.signers(&[public(1), public(2)]).unwrap().len(), 2);
        let missing = ring.signers(&[public(3)]).unwrap_err();
        assert!(matches!(missing, Refusal::Fault(why) if why.contains(&public(3).to_string())));
    }

    #[test]
    fn a_checkpoint_signed_by_two_keys_is_believed_by_holders_of_either() {
        let checkpoint = Checkpoint::new("example.org/log", 0, ledger::tree::empty_root());
        let signers = KeyRing::reading(|| Ok(vec![key(1), key(2)])).unwrap();
        let signers = signers.signers(&[public(1), public(2)]).unwrap();
        let note = sign(&checkpoint, &signers).unwrap().to_string();
        for known in [vec![public(1)], vec![public(2)], vec![public(1), public(2)]] {
            assert!(Checkpoint::open(note.as_bytes(), &known).unwrap().is_signed_by_its_origin());
        }
        assert!(Checkpoint::open(note.as_bytes(), &[public(3)]).is_err());
        assert!(sign(&checkpoint, &[]).is_err());
    }

    #[test]
    fn no_private_key_is_shown() {
        assert_eq!(format!("{:?}", KeyRing::of(key(1))), "KeyRing { keys: 1, .. }");
    }
}
