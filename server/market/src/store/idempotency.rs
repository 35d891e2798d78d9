//! The first outcome of a key, for ever.
//!
//! Promises: the same asker, key and input get the first outcome again, also when it was a refusal
//! that can't change; the same key with another input is refused. Only a digest of the input is kept.
//! Must never: remember a refusal that may be different tomorrow.

use std::collections::HashMap;

use sea_orm::entity::prelude::*;
use sea_orm::{DatabaseTransaction, FromQueryResult};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::rows::{Cells, Rows};
use super::{Call, Command};
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

    /// The key as it was given.
    pub(super) fn as_str(&self) -> &str {
        &self.0
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
    let row = Entity::find_by_id((owner(asker), key.0.clone())).one(txn).await?;
    row.map(|row| outcome(&row, command)).transpose()
}

/// The same for many calls at once, in their order.
pub(super) async fn recall_all<C: Command>(
    txn: &DatabaseTransaction,
    calls: &[Call<C>],
) -> Result<Vec<Option<Result<C::Output>>>> {
    let keys = || calls.iter().filter_map(|call| Some((owner(&call.asker), call.key.as_ref()?)));
    let wanted = Rows(vec![
        ("owner", Cells::Ids(keys().map(|(owner, _)| owner).collect())),
        ("word", Cells::Texts(keys().map(|(_, key)| key.0.clone()).collect())),
    ]);
    let sql = "SELECT command.* FROM {rows} JOIN command ON command.asker = given.owner AND command.key = given.word";
    let mut known = HashMap::new();
    for row in wanted.query(txn, sql).await? {
        let row = Model::from_query_result(&row, "")?;
        known.insert((row.asker, row.key.clone()), row);
    }
    calls
        .iter()
        .map(|call| {
            let key = call.key.as_ref().filter(|_| !known.is_empty());
            let row = key.and_then(|key| known.get(&(owner(&call.asker), key.0.clone())));
            row.map(|row| outcome(row, &call.command)).transpose()
        })
        .collect()
}

/// What a remembered row answers to this command.
fn outcome<C: Command>(row: &Model, command: &C) -> Result<Result<C::Output>> {
    if row.act != C::ACT.as_str() || row.input != digest(command)? {
        return Ok(Err(Refusal::KeyReused));
    }
    Ok(match serde_json::from_str(&row.outcome)? {
        Outcome::Done(output) => Ok(output),
        Outcome::Refused(refusal) => Err(refusal),
    })
}

/// Keeps the outcome under its key, unless it is a refusal that may change.
pub(super) async fn remember<C: Command>(
    txn: &DatabaseTransaction,
    call: &Call<C>,
    outcome: &Result<C::Output>,
    at: Moment,
) -> Result<()> {
    remember_all(txn, [(call, outcome)].into_iter(), at).await
}

/// The same for many calls at once; those without a key are passed over.
pub(super) async fn remember_all<'a, C: Command>(
    txn: &DatabaseTransaction,
    calls: impl Iterator<Item = (&'a Call<C>, &'a Result<C::Output>)>,
    at: Moment,
) -> Result<()> {
    let (mut askers, mut keys, mut inputs, mut outcomes) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (call, outcome) in calls {
        let Some(key) = &call.key else { continue };
        let outcome = match outcome {
            Ok(output) => serde_json::to_string(&Outcome::Done(output))?,
            Err(refusal) if refusal.is_final() => {
                serde_json::to_string(&Outcome::<()>::Refused(refusal.clone()))?
            }
            Err(_) => continue,
        };
        askers.push(owner(&call.asker));
        keys.push(key.0.clone());
        inputs.push(digest(&call.command)?);
        outcomes.push(outcome);
    }
    let count = keys.len();
    let rows = Rows(vec![
        ("asker", Cells::Ids(askers)),
        ("key", Cells::Texts(keys)),
        ("act", Cells::Texts(vec![C::ACT.as_str().to_owned(); count])),
        ("input", Cells::Bytes(inputs)),
        ("outcome", Cells::Texts(outcomes)),
        ("at", Cells::Numbers(vec![at.0; count])),
    ]);
    let sql = "INSERT INTO command (asker, key, act, input, outcome, at) \
               SELECT asker, key, act, input, outcome, at FROM {rows}";
    rows.execute(txn, sql).await?;
    Ok(())
}

/// Whose keys the asker's are.
pub(super) fn owner(asker: &Actor) -> Uuid {
    asker.id().map_or(Uuid::nil(), |id| id.0)
}

fn digest<C: Command>(command: &C) -> Result<Vec<u8>> {
    Ok(Sha256::digest(serde_json::to_vec(command)?).to_vec())
}
