//! Checking every signed intent of a log: that the bytes kept are those signed, that the record does what
//! they say, and that the key was its person's at that place in the log.
//!
//! Promises: memory stays flat but for the keys; the fault names the record that doesn't hold. Must never:
//! take the table of keys at its word: each key's own enrolment, signed by it, is among what is checked, and
//! the records that enrol and revoke keys are held against it.

use std::collections::HashMap;

use ledger::intent::{self, Decision, IntentError};
use ledger::{Record, RecordId, RecordKind};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::json;
use uuid::Uuid;

use super::tables::{intent as spent, person_key};
use crate::books::tables::{disclosure, leaf, record};
use crate::books::{label, record_id};
use crate::store::snapshot;

/// How many records are looked at in one go.
const STEP: u64 = 500;

/// What was found in order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct IntentReport {
    /// Keys whose enrolment and revocation are in the log.
    pub keys: u64,
    /// Records that carry an intent whose bytes are kept.
    pub checked: u64,
    /// Records that carry an intent whose bytes were erased: the signature can't be checked any more.
    pub erased: u64,
}

/// What doesn't hold.
#[derive(Debug, thiserror::Error)]
pub enum IntentFault {
    /// The database can't be read.
    #[error("the database can't be read: {0}")]
    Database(#[from] sea_orm::DbErr),
    /// A record whose intent is refused.
    #[error("record {record}: {why}")]
    Intent {
        /// Which.
        record: RecordId,
        /// Why.
        why: IntentError,
    },
    /// Something else about a record or a key.
    #[error("{what} ({of})")]
    Odd {
        /// What is wrong.
        what: &'static str,
        /// With which record or key.
        of: String,
    },
}

/// A key, with the places in the log from which and up to which it holds.
struct Term {
    person: Uuid,
    from: Option<i64>,
    until: Option<i64>,
}

/// A decision with the record that carries it out.
struct Found {
    row: spent::Model,
    place: Option<i64>,
    record: Record,
    bytes: Option<Vec<u8>>,
}

/// Checks every decision that was carried out in the log of `origin`, the enrolment of each key included.
/// `signed` is how many records are known to carry one, as [`crate::books::audit`] counted them: fewer rows
/// than that are a fault, for what was signed could be used again.
///
/// # Errors
/// The first that doesn't hold.
pub async fn audit_intents(
    db: &DatabaseConnection,
    origin: &str,
    signed: u64,
) -> Result<IntentReport, IntentFault> {
    let db = &snapshot(db).await?;
    let terms = terms(db).await?;
    let mut report = IntentReport { keys: terms.len() as u64, ..IntentReport::default() };
    let mut after = Vec::new();
    loop {
        let rows = spent::Entity::find()
            .filter(spent::Column::Hash.gt(after.clone()))
            .order_by_asc(spent::Column::Hash)
            .limit(STEP)
            .all(db)
            .await?;
        let Some(last) = rows.last() else { break };
        after.clone_from(&last.hash);
        for found in find(db, rows).await? {
            let term = terms.get(&found.row.key_id);
            match check(origin, &found, term)? {
                true => report.checked += 1,
                false => report.erased += 1,
            }
        }
    }
    let known = report.checked + report.erased;
    if known < signed {
        let of = format!("{signed} records carry one, {known} are listed");
        return Err(IntentFault::Odd { what: "a signed decision is not listed as carried out", of });
    }
    Ok(report)
}

/// Whether the bytes are there and hold; false when they were erased.
fn check(origin: &str, found: &Found, term: Option<&Term>) -> Result<bool, IntentFault> {
    let record = found.record.id;
    let odd = |what| IntentFault::Odd { what, of: record.to_string() };
    let signed = found.record.intent.ok_or_else(|| odd("the record carries no intent"))?;
    if signed.hash.as_slice() != found.row.hash || signed.key_id.as_slice() != found.row.key_id {
        return Err(odd("the record carries another intent than the table says"));
    }
    let term = term.ok_or_else(|| odd("nobody's key signed it"))?;
    let held = match (term.from, found.place) {
        (Some(from), Some(place)) => from <= place && term.until.is_none_or(|until| place < until),
        // What waits to be sealed comes after all that is sealed.
        (_, None) => term.until.is_none(),
        (None, Some(_)) => false,
    };
    if !held {
        return Err(odd("the key did not hold at that place in the log"));
    }
    let Some(bytes) = &found.bytes else { return Ok(false) };
    let decision: Decision =
        intent::check(origin, &found.record, bytes).map_err(|why| IntentFault::Intent { record, why })?;
    if decision.who != term.person.into_bytes() || decision.act != found.row.act {
        return Err(odd("somebody else's key signed it, or another act"));
    }
    Ok(true)
}

async fn terms(db: &impl ConnectionTrait) -> Result<HashMap<Vec<u8>, Term>, IntentFault> {
    let texts = key_texts(db).await?;
    let told = texts.values().flatten().count();
    let rows = person_key::Entity::find().all(db).await?;
    let listed = rows.len() + rows.iter().filter(|row| row.revoked_by.is_some()).count();
    if told > listed {
        let of = format!("{told} records enrol or revoke keys, {listed} are listed");
        return Err(IntentFault::Odd { what: "a key's enrolment or revocation is not listed", of });
    }
    let records: Vec<Uuid> =
        rows.iter().flat_map(|row| [Some(row.enrolled_by), row.revoked_by]).flatten().collect();
    let places = places(db, &records).await?;
    let mut terms = HashMap::with_capacity(rows.len());
    for row in rows {
        let odd = |what| IntentFault::Odd { what, of: hex::encode(&row.public_key) };
        let public =
            <&[u8; 32]>::try_from(row.public_key.as_slice()).map_err(|_| odd("a key of another length"))?;
        if intent::key_id(public).as_slice() != row.id {
            return Err(odd("a key under another name"));
        }
        let says = |by: &Uuid, what: &str| {
            let said = json!({ what: hex::encode(public), "person": row.person_id }).to_string();
            texts.get(by).is_some_and(|text| text.as_ref().is_none_or(|text| *text == said.as_bytes()))
        };
        if !says(&row.enrolled_by, "enrolled") || row.revoked_by.is_some_and(|by| !says(&by, "revoked")) {
            return Err(odd("its records say something else than the table of keys"));
        }
        if row.revoked_by.is_some() != row.revoked_at.is_some() {
            return Err(odd("a key that is revoked in half"));
        }
        let until = row.revoked_by.map(|by| places.get(&by).copied().unwrap_or(i64::MAX));
        let from = places.get(&row.enrolled_by).copied();
        terms.insert(row.id, Term { person: row.person_id, from, until });
    }
    Ok(terms)
}

/// What every record of a key says; nothing where that was erased.
async fn key_texts(db: &impl ConnectionTrait) -> Result<HashMap<Uuid, Option<Vec<u8>>>, IntentFault> {
    let of_kind = record::Column::Kind.eq(RecordKind::Key.as_str());
    let ids = record::Entity::find().select_only().column(record::Column::Id).filter(of_kind);
    let ids: Vec<Uuid> = ids.into_tuple().all(db).await?;
    let texts = disclosure::Entity::find().filter(disclosure::Column::Label.eq(label::KEY)).all(db).await?;
    let mut texts: HashMap<Uuid, Vec<u8>> =
        texts.into_iter().map(|text| (text.record_id, text.data)).collect();
    Ok(ids.into_iter().map(|id| (id, texts.remove(&id))).collect())
}

async fn find(db: &impl ConnectionTrait, rows: Vec<spent::Model>) -> Result<Vec<Found>, IntentFault> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.record_id).collect();
    let places = places(db, &ids).await?;
    let records = record::Entity::find().filter(record::Column::Id.is_in(ids.clone())).all(db).await?;
    let mut records: HashMap<Uuid, Vec<u8>> = records.into_iter().map(|row| (row.id, row.bytes)).collect();
    let texts = disclosure::Entity::find()
        .filter(disclosure::Column::RecordId.is_in(ids))
        .filter(disclosure::Column::Label.eq(label::INTENT))
        .all(db)
        .await?;
    let mut texts: HashMap<Uuid, Vec<u8>> =
        texts.into_iter().map(|text| (text.record_id, text.data)).collect();
    rows.into_iter()
        .map(|row| {
            let odd = |what| IntentFault::Odd { what, of: record_id(row.record_id).to_string() };
            let bytes =
                records.remove(&row.record_id).ok_or_else(|| odd("the record of an intent is gone"))?;
            let record = Record::decode(&bytes).map_err(|_| odd("the record of an intent is no record"))?;
            let (place, bytes) = (places.get(&row.record_id).copied(), texts.remove(&row.record_id));
            Ok(Found { row, place, record, bytes })
        })
        .collect()
}

async fn places(db: &impl ConnectionTrait, records: &[Uuid]) -> Result<HashMap<Uuid, i64>, IntentFault> {
    let mut places = HashMap::with_capacity(records.len());
    // One statement has only so many values.
    for some in records.chunks(10_000) {
        let rows = leaf::Entity::find().filter(leaf::Column::RecordId.is_in(some.iter().copied())).all(db);
        places.extend(rows.await?.into_iter().map(|leaf| (leaf.record_id, leaf.idx)));
    }
    Ok(places)
}
