//! Enrolling and revoking keys.

use ledger::intent::{Value, key_id};
use ledger::{RecordId, RecordKind};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::tables::{self, person_key};
use super::{KeyId, Says, Signable};
use crate::actor::Actor;
use crate::books::{self, Draft, Evidence, label, record_uuid};
use crate::error::{Code, Problems, Refusal, Result};
use crate::ids::PersonId;
use crate::notice::{Event, Kind, notify};
use crate::person::fresh;
use crate::policy::{Act, Belonging, Permit, permit};
use crate::store::{Command, Scope, must};
use crate::text;

/// Most keys that hold at once for one person.
const MOST: usize = 20;

/// Enrols a key of the asker's own; has to come signed by that very key ([`super::Signed`]), which shows
/// that the asker holds it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EnrolKey {
    /// The public half, an Ed25519 key.
    pub public_key: [u8; 32],
    /// What to call it, such as the device that it is on: 1 to 60 characters.
    pub label: String,
}

/// Revokes a key: what it signs from now on is refused. For its person, and for admins.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RevokeKey {
    /// Which.
    pub key: KeyId,
}

impl EnrolKey {
    fn label(&self) -> Result<String> {
        let mut problems = Problems::default();
        let label = text::line(&mut problems, "label", &self.label, 60);
        problems.done()?;
        Ok(label)
    }
}

impl Signable for EnrolKey {
    async fn says(&self, asker: &Actor, scope: &Scope<'_>) -> Result<Says> {
        let me = asker.id().ok_or(Refusal::Unauthenticated)?;
        permit(asker, Act::EnrolKey, &Belonging(me))?;
        let label = self.label()?;
        if person_key::Entity::find_by_id(key_id(&self.public_key).to_vec()).one(scope.txn).await?.is_some() {
            return Err(Refusal::on("key", Code::KeyKnown));
        }
        let held = person_key::Entity::find()
            .filter(person_key::Column::PersonId.eq(me.0))
            .filter(person_key::Column::RevokedAt.is_null());
        if held.count(scope.txn).await? >= MOST as u64 {
            return Err(Refusal::on("key", Code::TooManyItems { max: MOST }));
        }
        Ok(vec![("label".to_owned(), Value::Text(label))])
    }

    fn own_key(&self) -> Option<[u8; 32]> {
        Some(self.public_key)
    }
}

impl Command for EnrolKey {
    type Output = RecordId;
    const ACT: Act = Act::EnrolKey;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<RecordId> {
        let me = asker.id().ok_or(Refusal::Unauthenticated)?;
        let leave = permit(asker, Act::EnrolKey, &Belonging(me))?;
        let id = KeyId(key_id(&self.public_key));
        // Whoever has no signature by the key doesn't hold it.
        if scope.signed.is_none_or(|signed| signed.intent.key_id != id.0) {
            return Err(Refusal::on("signature", Code::Required));
        }
        let said = json!({ "enrolled": hex::encode(self.public_key), "person": me });
        let record = deposit(scope, &leave, &said).await?;
        let row = person_key::Model {
            id: id.0.to_vec(),
            person_id: me.0,
            public_key: self.public_key.to_vec(),
            label: self.label()?,
            enrolled_by: record_uuid(record),
            enrolled_at: scope.now.0,
            revoked_by: None,
            revoked_at: None,
            used_at: scope.now.0,
        };
        tables::enrol(scope, &leave, row).await?;
        notify(scope, Event::of(&leave, Kind::KeyEnrolled).to([me]).even_to_doer()).await?;
        Ok(record)
    }
}

impl Command for RevokeKey {
    type Output = RecordId;
    const ACT: Act = Act::RevokeKey;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<RecordId> {
        if matches!(asker, Actor::Visitor) {
            return Err(Refusal::Unauthenticated);
        }
        let row = must(tables::lock(scope.txn, self.key).await?)?;
        let asker = fresh(scope.txn, asker).await?;
        let leave = permit(&asker, Act::RevokeKey, &Belonging(PersonId(row.person_id)))?;
        if row.revoked_at.is_some() {
            return Err(Refusal::on("key", Code::KeyRevoked));
        }
        let later = tables::after(scope.now, &row);
        let scope = &Scope { now: later, present: later, ..*scope };
        let said = json!({ "revoked": hex::encode(&row.public_key), "person": row.person_id });
        let record = deposit(scope, &leave, &said).await?;
        tables::revoke(scope, &leave, self.key, record_uuid(record)).await?;
        let event = Event::of(&leave, Kind::KeyRevoked).to([PersonId(row.person_id)]);
        notify(scope, event.even_to_doer()).await?;
        Ok(record)
    }
}

/// The record of a key: whose it is stands behind a commitment, never in it.
async fn deposit(scope: &Scope<'_>, leave: &Permit<Belonging>, said: &serde_json::Value) -> Result<RecordId> {
    let evidence = vec![Evidence { label: label::KEY, data: said.to_string().into_bytes() }];
    let draft = Draft { kind: RecordKind::Key, moves: Vec::new(), subject: None, reversed: None, evidence };
    Ok(books::post(scope, leave, draft).await?.record)
}
