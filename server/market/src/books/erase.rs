//! Erasing texts behind records.
//!
//! Promises: the texts go with their salts, and one record names every commitment that can't be opened any
//! more; whatever is missing without such a record is a fault that verification finds. Must never: touch the
//! texts that tell of the log itself.

use std::collections::HashSet;

use ledger::{Hash, Record, RecordId, RecordKind};
use sea_orm::sea_query::Query;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
};
use uuid::Uuid;

use super::label;
use super::post::{Draft, Evidence, post};
use super::tables::{account, disclosure, posting, record};
use crate::error::{Refusal, Result};
use crate::ids::PersonId;
use crate::policy::Permit;
use crate::store::{Scope, Store};

/// What a line that names a commitment begins with.
const COMMITMENT: &str = "commitment: ";

/// Deletes what `person` wrote, what was written to their wallet, and the texts of `records`; posts the
/// record that says so, with `said` before the list of commitments.
pub(crate) async fn erase<S>(
    scope: &Scope<'_>,
    leave: &Permit<S>,
    person: PersonId,
    records: &[Uuid],
    said: String,
) -> Result<RecordId> {
    let lines = lines_of(scope.txn, person, records).await?;
    let mut text = said;
    let mut last: Option<(Uuid, Record)> = None;
    for (id, line) in &lines {
        if last.as_ref().is_none_or(|(known, _)| known != id) {
            last = Some((*id, decoded(scope.txn, *id).await?));
        }
        let commitment = last.as_ref().and_then(|(_, record)| {
            usize::try_from(*line).ok().and_then(|line| record.commitments.get(line))
        });
        let commitment = commitment.ok_or_else(|| Refusal::fault("a text stands where no commitment is"))?;
        text.push_str(&format!("{COMMITMENT}{}\n", hex::encode(commitment)));
    }
    for (id, line) in &lines {
        disclosure::Entity::delete_by_id((*id, *line)).exec(scope.txn).await?;
    }
    let draft = Draft {
        kind: RecordKind::Erasure,
        moves: Vec::new(),
        subject: None,
        reversed: None,
        evidence: vec![Evidence { label: label::ERASURE, data: text.into_bytes() }],
    };
    Ok(post(scope, leave, draft).await?.record)
}

/// The texts concerned, by record and line, in order.
async fn lines_of(db: &impl ConnectionTrait, person: PersonId, records: &[Uuid]) -> Result<Vec<(Uuid, i64)>> {
    let written = Query::select()
        .column(record::Column::Id)
        .from(record::Entity)
        .and_where(record::Column::MadeBy.eq(person.0))
        .to_owned();
    let wallets = Query::select()
        .column(account::Column::Id)
        .from(account::Entity)
        .and_where(account::Column::Owner.eq(person.0))
        .and_where(account::Column::Kind.is_in(["person", "hold"]))
        .to_owned();
    let touching = Query::select()
        .column(posting::Column::RecordId)
        .from(posting::Entity)
        .and_where(posting::Column::AccountId.in_subquery(wallets))
        .to_owned();
    let concerned = Condition::any()
        .add(disclosure::Column::RecordId.in_subquery(written))
        .add(disclosure::Column::RecordId.in_subquery(touching))
        .add(disclosure::Column::RecordId.is_in(records.iter().copied()));
    let mut lines: Vec<(Uuid, i64)> = disclosure::Entity::find()
        .select_only()
        .column(disclosure::Column::RecordId)
        .column(disclosure::Column::Line)
        .filter(concerned)
        .filter(disclosure::Column::Label.is_not_in([
            label::EPOCH,
            label::LOG_KEY,
            label::ERASURE,
            label::CHECKPOINT,
        ]))
        .into_tuple()
        .all(db)
        .await?;
    lines.sort_unstable();
    Ok(lines)
}

async fn decoded(db: &impl ConnectionTrait, id: Uuid) -> Result<Record> {
    let row = record::Entity::find_by_id(id).one(db).await?;
    let row = row.ok_or_else(|| Refusal::fault("a text stands behind no record"))?;
    Record::decode(&row.bytes).map_err(Refusal::fault)
}

/// Whether all these records are there.
pub(crate) async fn all_there(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<bool> {
    let distinct: HashSet<&Uuid> = ids.iter().collect();
    let found =
        record::Entity::find().filter(record::Column::Id.is_in(ids.iter().copied())).count(db).await?;
    Ok(found == distinct.len() as u64)
}

/// The commitments that erasures name. That these texts are what their own records commit to is found when
/// those records are verified.
pub(super) async fn erased(db: &impl ConnectionTrait) -> Result<HashSet<Hash>> {
    let erasures = Query::select()
        .column(record::Column::Id)
        .from(record::Entity)
        .and_where(record::Column::Kind.eq(RecordKind::Erasure.as_str()))
        .to_owned();
    let texts = disclosure::Entity::find()
        .filter(disclosure::Column::Label.eq(label::ERASURE))
        .filter(disclosure::Column::RecordId.in_subquery(erasures))
        .all(db)
        .await?;
    let mut named = HashSet::new();
    for text in texts {
        let text = String::from_utf8(text.data).map_err(Refusal::fault)?;
        for hex in text.lines().filter_map(|line| line.strip_prefix(COMMITMENT)) {
            let mut commitment = Hash::default();
            hex::decode_to_slice(hex, &mut commitment).map_err(Refusal::fault)?;
            named.insert(commitment);
        }
    }
    Ok(named)
}

/// Brings SQLite's write-ahead log into the file and empties it: it may hold pages as they were before.
pub(crate) async fn forget_old_pages(store: &Store) -> Result<()> {
    if store.reads().get_database_backend() == DbBackend::Sqlite {
        store.reads().execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await?;
    }
    Ok(())
}
