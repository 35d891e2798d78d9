//! Comparing the tables of epochs and keys with the records that they repeat.
//!
//! Promises: every epoch but the first, and every key but the first, stands in a record of the log with all
//! that its row says; every key signed the first checkpoint of its time. Must never: believe a row because nothing contradicts it.

use std::collections::{HashMap, HashSet};

use ledger::{RecordKind, SignedNote, tile};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::epoch::EpochView;
use super::keys::{self, LogKeyView};
use super::log::load_tiles;
use super::post::{signed, unsigned};
use super::sealer::Head;
use super::tables::{checkpoint, disclosure, leaf, log_key, record};
use super::{label, record_uuid};
use crate::error::{Refusal, Result};

/// Compares both tables.
///
/// # Errors
/// [`Refusal::Fault`] with the first difference.
pub(super) async fn compare(db: &impl ConnectionTrait, head: &Head, epochs: &[EpochView]) -> Result<()> {
    let [first, later @ ..] = epochs else { return Err(wrong("the log has no first epoch")) };
    if first.no != 1 || first.from_size != 0 || first.from_root != ledger::tree::empty_root() {
        return Err(wrong("the first epoch does not begin with an empty log"));
    }
    let newest = epochs.last().unwrap_or(first);
    if (newest.no, &newest.origin) != (head.epoch, &head.origin) {
        return Err(wrong("the head is of another epoch than the newest"));
    }
    let told = Told::load(db).await?;
    let mut before = first;
    for epoch in later {
        check_epoch(db, &told, before, epoch).await?;
        before = epoch;
    }
    let of_kind = record::Column::Kind.eq(RecordKind::Epoch.as_str());
    let records = record::Entity::find().filter(of_kind).count(db).await?;
    if records != later.len() as u64 {
        return Err(wrong("a record begins an epoch that is not there"));
    }
    let at: HashMap<(i64, Vec<u8>), i64> = log_key::Entity::find()
        .all(db)
        .await?
        .into_iter()
        .map(|row| ((row.epoch, row.public_key), row.at))
        .collect();
    let keys = keys::all(db).await?;
    if keys.iter().filter(|key| key.record.is_none()).count() > 1 {
        return Err(wrong("more than one key of the log came without a record"));
    }
    if epochs.iter().any(|epoch| keys.iter().all(|key| key.epoch != epoch.no)) {
        return Err(wrong("an epoch of the log has no key"));
    }
    let listed: HashSet<Uuid> =
        keys.iter().flat_map(|key| [key.record, key.retired_by]).flatten().map(record_uuid).collect();
    if told.keys().any(|record| !listed.contains(&record)) {
        return Err(wrong("a record brings in or retires a key of the log that is not listed"));
    }
    for key in &keys {
        let at = at.get(&(key.epoch, key.key.public_key().to_bytes().to_vec())).copied();
        check_key(&told, key, at, epochs)?;
        check_signed(db, key).await?;
    }
    Ok(())
}

fn wrong(what: &str) -> Refusal {
    Refusal::fault(what)
}

/// What the records of epochs and keys say, and when, by record.
struct Told {
    texts: HashMap<Uuid, (String, i64)>,
    keys: HashSet<Uuid>,
}

impl Told {
    async fn load(db: &impl ConnectionTrait) -> Result<Self> {
        let texts = disclosure::Entity::find()
            .filter(disclosure::Column::Label.is_in([label::EPOCH, label::LOG_KEY]))
            .all(db)
            .await?;
        let ids: Vec<Uuid> = texts.iter().map(|text| text.record_id).collect();
        let rows = record::Entity::find().filter(record::Column::Id.is_in(ids)).all(db).await?;
        let at: HashMap<Uuid, i64> = rows.into_iter().map(|row| (row.id, row.posted_at)).collect();
        let mut told = HashMap::new();
        let mut keys = HashSet::new();
        for text in texts {
            if text.label == label::LOG_KEY {
                keys.insert(text.record_id);
            }
            let said = String::from_utf8(text.data).map_err(Refusal::fault)?;
            let posted = at.get(&text.record_id).copied().unwrap_or_default();
            told.insert(text.record_id, (said, posted));
        }
        Ok(Self { texts: told, keys })
    }

    /// The records that are about keys alone.
    fn keys(&self) -> impl Iterator<Item = Uuid> {
        self.keys.iter().copied()
    }

    /// Whether this record says so: each a line of its text.
    fn says(&self, record: Uuid, lines: &[String]) -> bool {
        self.texts
            .get(&record)
            .is_some_and(|(text, _)| lines.iter().all(|wanted| text.split('\n').any(|line| line == wanted)))
    }

    fn posted_at(&self, record: Uuid) -> Option<i64> {
        self.texts.get(&record).map(|(_, at)| *at)
    }

    fn note(&self, record: Uuid) -> Option<SignedNote> {
        self.texts.get(&record).and_then(|(text, _)| SignedNote::parse(text.as_bytes()).ok())
    }
}

async fn check_epoch(
    db: &impl ConnectionTrait,
    told: &Told,
    before: &EpochView,
    epoch: &EpochView,
) -> Result<()> {
    let fault = |what: &str| Refusal::fault(format!("epoch {}: {what}", epoch.no));
    let id = record_uuid(epoch.record.ok_or_else(|| fault("no record begins it"))?);
    let first = leaf::Entity::find().filter(leaf::Column::RecordId.eq(id)).one(db).await?;
    let first = first.map(|leaf| unsigned(leaf.idx)).transpose()?;
    if first != Some(epoch.from_size) {
        return Err(fault("its first record is not the one that begins it"));
    }
    let lines = [
        format!("origin: {}", epoch.origin),
        format!("follows: {}", before.origin),
        format!("size: {}", epoch.from_size),
        format!("root: {}", hex::encode(epoch.from_root)),
        format!("reason: {}", epoch.reason),
    ];
    if !told.says(id, &lines) || told.posted_at(id) != Some(epoch.at.0) {
        return Err(fault("its row says something else than its record"));
    }
    let tiles = load_tiles(db, &tile::tiles_needed_for_append(epoch.from_size)).await?;
    let root = tile::root(epoch.from_size, &tiles).map_err(Refusal::fault)?;
    if root == epoch.from_root { Ok(()) } else { Err(fault("the log did not have this root")) }
}

fn check_key(told: &Told, key: &LogKeyView, at: Option<i64>, epochs: &[EpochView]) -> Result<()> {
    let fault = |what: &str| Refusal::fault(format!("key {} of the log: {what}", key.key));
    match key.record.map(record_uuid) {
        None if key.epoch == 1 && key.from_size == 0 => {}
        None => return Err(fault("no record brought it in")),
        Some(id) => {
            let size = format!("size: {}", key.from_size);
            let as_new = told.says(id, &[size.clone(), format!("new: {}", key.key)]);
            let with_epoch = told.says(id, &[size, format!("key: {}", key.key)]);
            if !(as_new || with_epoch) || told.posted_at(id) != at {
                return Err(fault("its row says something else than the record that brought it in"));
            }
            if as_new && !is_signed_by(told, id, key) {
                return Err(fault("it has not signed the record that brought it in"));
            }
        }
    }
    let newer = epochs.iter().find(|epoch| epoch.no > key.epoch);
    match (key.until_size, key.retired_by.map(record_uuid)) {
        (None, None) if newer.is_none() => Ok(()),
        (Some(until), Some(id)) => {
            let retired = told.says(id, &[format!("size: {until}"), format!("retired: {}", key.key)]);
            let by_epoch = newer
                .is_some_and(|epoch| epoch.record.map(record_uuid) == Some(id) && epoch.from_size == until);
            if retired || by_epoch { Ok(()) } else { Err(fault("no record retires it as its row says")) }
        }
        _ => Err(fault("it is retired in half, or signs in an epoch that is over")),
    }
}

/// Keys that hold sign every checkpoint, so the first of its time tells whether it was this one.
async fn check_signed(db: &impl ConnectionTrait, key: &LogKeyView) -> Result<()> {
    let mut found = checkpoint::Entity::find().filter(checkpoint::Column::Size.gt(signed(key.from_size)?));
    if let Some(until) = key.until_size {
        found = found.filter(checkpoint::Column::Size.lte(signed(until)?));
    }
    let Some(first) = found.order_by_asc(checkpoint::Column::Size).one(db).await? else { return Ok(()) };
    let note = SignedNote::parse(first.note.as_bytes()).map_err(Refusal::fault)?;
    note.verify(std::slice::from_ref(&key.key)).map(drop).map_err(|error| {
        Refusal::fault(format!(
            "key {} of the log has not signed the checkpoint of {} records: {error}",
            key.key, first.size
        ))
    })
}

fn is_signed_by(told: &Told, record: Uuid, key: &LogKeyView) -> bool {
    told.note(record).is_some_and(|note| note.verify(std::slice::from_ref(&key.key)).is_ok())
}
