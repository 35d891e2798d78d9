//! The first outcome of a key, for ever.
//!
//! Promises: the same asker, key and input get the first outcome again, also when it was a refusal
//! that can't change; the same key with another input is refused. Only a digest of the input is kept.
//! Must never: remember a refusal that may be different tomorrow.

use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, DatabaseTransaction};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Command;
use crate::actor::Actor;
use crate::clock::Moment;
use crate::error::{Code, Refusal, Result};

/// A caller's own name for one command: 1 to 100 printable ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Reads a key from outside.
    ///
    /// # Errors
    /// A problem on `idempotency_key` when it is empty, too long or not printable ASCII.
    pub fn parse(text: &str) -> Result<Self> {
        let refuse = |code| Err(Refusal::on("idempotency_key", code));
        match text {
            "" => refuse(Code::Required),
            _ if text.len() > 100 => refuse(Code::TooLong { max: 100 }),
            _ if !text.bytes().all(|byte| byte.is_ascii_graphic()) => refuse(Code::ControlCharacters),
            _ => Ok(Self(text.to_owned())),
        }
    }
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "command")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub asker: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    pub act: String,
    pub input: Vec<u8>,
    pub outcome: String,
    pub at: i64,
}

impl ActiveModelBehavior for ActiveModel {}

#[derive(Serialize, Deserialize)]
enum Outcome<T> {
    Done(T),
    Refused(Refusal),
}

/// The remembered outcome of this key, if there is one.
pub(super) async fn recall<C: Command>(
    txn: &DatabaseTransaction,
    asker: &Actor,
    key: &IdempotencyKey,
    command: &C,
) -> Result<Option<Result<C::Output>>> {
    let Some(row) = Entity::find_by_id((owner(asker), key.0.clone())).one(txn).await? else {
        return Ok(None);
    };
    if row.act != C::ACT.as_str() || row.input != digest(command)? {
        return Ok(Some(Err(Refusal::KeyReused)));
    }
    Ok(Some(match serde_json::from_str(&row.outcome)? {
        Outcome::Done(output) => Ok(output),
        Outcome::Refused(refusal) => Err(refusal),
    }))
}

/// Keeps the outcome under its key, unless it is a refusal that may change.
pub(super) async fn remember<C: Command>(
    txn: &DatabaseTransaction,
    asker: &Actor,
    key: &IdempotencyKey,
    command: &C,
    outcome: &Result<C::Output>,
    at: Moment,
) -> Result<()> {
    let outcome = match outcome {
        Ok(output) => serde_json::to_string(&Outcome::Done(output))?,
        Err(refusal) if refusal.is_final() => {
            serde_json::to_string(&Outcome::<()>::Refused(refusal.clone()))?
        }
        Err(_) => return Ok(()),
    };
    let row = ActiveModel {
        asker: Set(owner(asker)),
        key: Set(key.0.clone()),
        act: Set(C::ACT.as_str().to_owned()),
        input: Set(digest(command)?),
        outcome: Set(outcome),
        at: Set(at.0),
    };
    Entity::insert(row).exec_without_returning(txn).await?;
    Ok(())
}

fn owner(asker: &Actor) -> Uuid {
    asker.id().map_or(Uuid::nil(), |id| id.0)
}

fn digest<C: Command>(command: &C) -> Result<Vec<u8>> {
    Ok(Sha256::digest(serde_json::to_vec(command)?).to_vec())
}
