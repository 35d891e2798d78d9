//! Replacing the key of the log.
//!
//! Promises: the new key is brought in by a record that old and new have signed; from then on both sign
//! every checkpoint until the old one is retired by another record; whoever knows only the old key can
//! follow from it to the new one. Must never: leave the log without a key that signs.

use ed25519_dalek::VerifyingKey;
use ledger::{NoteSigner, RecordId, RecordKind, SignedNote, VerifierKey};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::Serialize;

use super::epoch::bring_in;
use super::keys;
use super::post::{Draft, Evidence, post, signed};
use super::sealer::{Head, head, locked_head};
use super::tables::log_key;
use super::{label, record_uuid};
use crate::actor::Actor;
use crate::error::{Refusal, Result};
use crate::market::Market;
use crate::policy::{Act, House, permit};
use crate::store::{Command, Scope};

impl Market {
    /// Brings in a new key of the log, which this server holds. Until [`Market::retire_log_key`] both the
    /// old key and the new one sign.
    ///
    /// # Errors
    /// [`Refusal::Fault`] when two keys sign already, or this server does not hold both.
    pub async fn rotate_log_key(&self, asker: &Actor, new: &VerifyingKey) -> Result<RecordId> {
        permit(asker, Act::RotateLogKey, &House)?;
        let (head, active) = self.signing_keys().await?;
        let [old] = active.as_slice() else {
            return Err(Refusal::fault(
                "two keys sign already: retire the old one first, with `saima key rotate --finish`",
            ));
        };
        if keys::all(self.store().reads()).await?.iter().any(|known| known.key.public_key() == new) {
            return Err(Refusal::fault("this key is or was the log's already: make another one"));
        }
        let new = keys::named(&head.origin, new.as_bytes())?;
        let text = format!(
            "saima-log-key/v1\norigin: {}\nsize: {}\nold: {old}\nnew: {new}\n",
            head.origin, head.size
        );
        let note = self.vouch(&text, &[old.clone(), new.clone()])?;
        let change = Change::BringIn(new.public_key().to_bytes());
        self.run(asker, RotateLogKey { note, size: head.size, change }).await
    }

    /// Retires the older of the two keys that sign. Its private half is of no more use, and may be
    /// destroyed; what it signed stays good.
    ///
    /// # Errors
    /// [`Refusal::Fault`] when only one key signs, or this server does not hold the newer one.
    pub async fn retire_log_key(&self, asker: &Actor) -> Result<RecordId> {
        permit(asker, Act::RotateLogKey, &House)?;
        let (head, active) = self.signing_keys().await?;
        let [old, new] = active.as_slice() else {
            return Err(Refusal::fault(
                "only one key signs: bring in a new one first, with `saima key rotate`",
            ));
        };
        let text = format!(
            "saima-log-key/v1\norigin: {}\nsize: {}\nretired: {old}\nstays: {new}\n",
            head.origin, head.size
        );
        // The old key may be lost by now: what it would vouch for, it did when it brought in the new one.
        let note = self.vouch(&text, std::slice::from_ref(new))?;
        let change = Change::Retire(old.public_key().to_bytes());
        self.run(asker, RotateLogKey { note, size: head.size, change }).await
    }

    /// The log's head with the keys that sign at present.
    async fn signing_keys(&self) -> Result<(Head, Vec<VerifierKey>)> {
        let db = self.store().reads();
        let head = head(db).await?;
        let active = keys::active(db, head.epoch, &head.origin).await?;
        Ok((head, active))
    }

    fn vouch(&self, text: &str, by: &[VerifierKey]) -> Result<String> {
        let signing = self.signer().ok_or_else(|| Refusal::fault("this server holds no key"))?;
        let signers: Vec<NoteSigner> = signing.ring.signers(by)?;
        let (first, others) = signers.split_first().ok_or_else(|| Refusal::fault("nobody signs"))?;
        let note = SignedNote::sign(text, first).map_err(Refusal::fault)?;
        Ok(others.iter().fold(note, SignedNote::also_signed).to_string())
    }
}

#[derive(Debug, Clone, Serialize)]
enum Change {
    BringIn([u8; 32]),
    Retire([u8; 32]),
}

/// Writes down what the keys have signed. The keys never come near a command.
#[derive(Debug, Serialize)]
struct RotateLogKey {
    note: String,
    /// The size of the log that the note tells.
    size: u64,
    change: Change,
}

impl Command for RotateLogKey {
    type Output = RecordId;
    const ACT: Act = Act::RotateLogKey;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<RecordId> {
        let leave = permit(asker, Self::ACT, &House)?;
        let head = locked_head(scope).await?;
        let active = keys::active(scope.txn, head.epoch, &head.origin).await?;
        self.check(&head, &active)?;
        let head = Head { size: self.size, ..head };
        let evidence = vec![Evidence { label: label::LOG_KEY, data: self.note.clone().into_bytes() }];
        let draft =
            Draft { kind: RecordKind::Key, moves: Vec::new(), subject: None, reversed: None, evidence };
        let record = post(scope, &leave, draft).await?.record;
        match self.change {
            Change::BringIn(public) => bring_in(scope, &head, &public, record).await?,
            Change::Retire(public) => retire(scope, &head, &public, record).await?,
        }
        Ok(record)
    }
}

impl RotateLogKey {
    /// The note must be signed by the keys that it takes, as they are now.
    fn check(&self, head: &Head, active: &[VerifierKey]) -> Result<()> {
        let moved_on =
            || Refusal::fault("the log's keys or its epoch moved on meanwhile: look, and try again");
        let wanted = match (&self.change, active) {
            (Change::BringIn(new), [old]) => vec![old.clone(), keys::named(&head.origin, new)?],
            (Change::Retire(gone), [old, new]) if old.public_key().as_bytes() == gone => vec![new.clone()],
            _ => return Err(moved_on()),
        };
        if self.size > head.size {
            return Err(moved_on());
        }
        let note = SignedNote::parse(self.note.as_bytes()).map_err(Refusal::fault)?;
        let verified = note.verify(&wanted).map_err(Refusal::fault)?;
        if verified.len() == wanted.len() { Ok(()) } else { Err(moved_on()) }
    }
}

async fn retire(scope: &Scope<'_>, head: &Head, public: &[u8], record: RecordId) -> Result<()> {
    let done = log_key::Entity::update_many()
        .col_expr(log_key::Column::UntilSize, Expr::val(signed(head.size)?))
        .col_expr(log_key::Column::RetiredBy, Expr::val(record_uuid(record)))
        .filter(log_key::Column::Epoch.eq(head.epoch))
        .filter(log_key::Column::PublicKey.eq(public.to_vec()))
        .filter(log_key::Column::UntilSize.is_null())
        .exec(scope.txn)
        .await?;
    if done.rows_affected == 1 { Ok(()) } else { Err(Refusal::fault("the key was retired meanwhile")) }
}
