//! Commands that come signed, and the decisions that are handed out to be signed.
//!
//! Promises: nothing is carried out that differs from what was signed; a decision is good once. Must
//! never: carry out on an old look: everything is checked inside the command's own database transaction.

use ledger::Record;
use ledger::intent::{self, Decision};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde::Serialize;
use uuid::Uuid;

use super::tables::{self, intent as spent};
use super::{Attested, IntentView, KeyId, Says, Signable, SignedIntent};
use crate::actor::Actor;
use crate::books::tables::{disclosure, record};
use crate::books::{label, record_uuid};
use crate::clock::Moment;
use crate::error::{Code, Refusal, Result};
use crate::ids::PersonId;
use crate::market::Market;
use crate::policy::{Act, Belonging, permit};
use crate::store::{Command, IdempotencyKey, Scope};

/// How long a decision that is handed out may be signed and sent: long enough to read it.
const HOLDS: i64 = 15 * 60;

/// A command with the decision that its asker signed for it. Made by [`Market::run_signed`].
#[derive(Debug, Clone, Serialize)]
pub struct Signed<C> {
    command: C,
    intent: SignedIntent,
    origin: String,
}

impl Market {
    /// Runs a command at most once, signed if a signature came with it.
    ///
    /// # Errors
    /// The command's refusals; [`Code::BadIntent`], [`Code::KeyUnusable`], [`Code::IntentDiffers`],
    /// [`Code::IntentExpired`] and [`Code::IntentUsed`] for what was signed.
    pub async fn run_signed<C: Signable>(
        &self,
        asker: &Actor,
        key: IdempotencyKey,
        command: C,
        intent: Option<SignedIntent>,
    ) -> Result<C::Output> {
        match intent {
            None => self.run_once(asker, key, command).await,
            Some(intent) => {
                let origin = self.settings().origin.clone();
                self.run_once(asker, key, Signed { command, intent, origin }).await
            }
        }
    }

    /// What the asker would decide by this command, to be signed with the key named and sent with it.
    ///
    /// # Errors
    /// The command's refusals, as far as they can be told before it is done.
    pub async fn intent<C: Signable>(&self, asker: &Actor, key: [u8; 32], command: C) -> Result<IntentView> {
        let who = asker.id().ok_or(Refusal::Unauthenticated)?;
        let says = self.run(asker, Propose(command)).await?;
        let not_after = self.now().plus_seconds(HOLDS);
        let decision = Decision {
            act: C::ACT.as_str().to_owned(),
            who: who.0.into_bytes(),
            key,
            not_after: u64::try_from(not_after.0).map_err(Refusal::fault)?,
            nonce: self.store().ids().nonce(),
            says,
        };
        let bytes = decision.encode();
        if bytes.len() > intent::MAX_BYTES {
            return Err(Refusal::on("signature", Code::TooLong { max: intent::MAX_BYTES }));
        }
        let message = intent::message(&self.settings().origin, &bytes);
        Ok(IntentView { decision, bytes, message })
    }
}

/// Asks what a command would say. It opens accounts that are named and were never used, nothing else.
#[derive(Serialize)]
struct Propose<C>(C);

impl<C: Signable> Command for Propose<C> {
    type Output = Says;
    const ACT: Act = C::ACT;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<Says> {
        self.0.says(asker, scope).await
    }
}

impl<C: Signable> Command for Signed<C> {
    type Output = C::Output;
    const ACT: Act = C::ACT;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<C::Output> {
        let me = asker.id().ok_or(Refusal::Unauthenticated)?;
        let leave = permit(asker, Act::SignIntent, &Belonging(me))?;
        let (decision, attested) = self.opened()?;
        let now = self.check_key(scope, me, &decision, attested.intent.key_id).await?;
        let scope = &Scope { now, present: now, signed: Some(&attested), ..*scope };
        self.check(me, &decision, scope.now)?;
        let hash = attested.intent.hash.to_vec();
        if spent::Entity::find_by_id(hash.clone()).one(scope.txn).await?.is_some() {
            return Err(Refusal::on("signature", Code::IntentUsed));
        }
        if decision.says != self.command.says(asker, scope).await? {
            return Err(Refusal::on("signature", Code::IntentDiffers));
        }
        let output = self.command.run(asker, scope).await?;
        let record =
            attested.record.get().ok_or_else(|| Refusal::fault("nothing carries what was signed"))?;
        let row = spent::Model {
            hash,
            record_id: record_uuid(*record),
            key_id: attested.intent.key_id.to_vec(),
            act: C::ACT.as_str().to_owned(),
            at: scope.now.0,
        };
        tables::spend(scope, &leave, row).await?;
        Ok(output)
    }
}

impl<C: Signable> Signed<C> {
    /// The decision, if the signature is its key's.
    fn opened(&self) -> Result<(Decision, Attested)> {
        let refused = || Refusal::on("signature", Code::BadIntent);
        let signature = self.intent.signature.as_slice().try_into().map_err(|_| refused())?;
        let (decision, intent) =
            intent::open(&self.origin, &self.intent.bytes, &signature).map_err(|_| refused())?;
        Ok((decision, Attested::new(self.intent.bytes.clone(), intent)))
    }

    /// Refuses a key that isn't the asker's or holds no more; answers when the command is decided.
    async fn check_key(&self, scope: &Scope<'_>, me: PersonId, of: &Decision, id: [u8; 8]) -> Result<Moment> {
        if let Some(own) = self.command.own_key() {
            return if own == of.key {
                Ok(scope.now)
            } else {
                Err(Refusal::on("signature", Code::IntentDiffers))
            };
        }
        let row = tables::lock(scope.txn, KeyId(id)).await?;
        let usable = |row: &tables::person_key::Model| {
            row.person_id == me.0 && row.public_key == of.key && row.revoked_at.is_none()
        };
        let row = row.filter(usable).ok_or_else(|| Refusal::on("signature", Code::KeyUnusable))?;
        Ok(tables::after(scope.now, &row))
    }

    fn check(&self, me: PersonId, decision: &Decision, now: Moment) -> Result<()> {
        if decision.act != C::ACT.as_str() || decision.who != me.0.into_bytes() {
            return Err(Refusal::on("signature", Code::IntentDiffers));
        }
        if u64::try_from(now.0).is_ok_and(|now| now > decision.not_after) {
            return Err(Refusal::on("signature", Code::IntentExpired));
        }
        Ok(())
    }
}

/// What was signed for a record, for another that carries the same decision out.
pub(crate) async fn of_record(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Attested>> {
    let Some(row) = record::Entity::find_by_id(id).one(db).await? else { return Ok(None) };
    let Some(intent) = Record::decode(&row.bytes).map_err(Refusal::fault)?.intent else { return Ok(None) };
    let texts = disclosure::Entity::find()
        .filter(disclosure::Column::RecordId.eq(id))
        .filter(disclosure::Column::Label.eq(label::INTENT));
    Ok(texts.one(db).await?.map(|text| Attested::new(text.data, intent)))
}
