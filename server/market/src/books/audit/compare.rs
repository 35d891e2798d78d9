//! Comparing what the tables say with what the bytes say.
//!
//! Promises: every column that repeats a part of a record is compared with it. Must never: stop at
//! what looks alike.

use std::collections::{HashMap, HashSet};

use ledger::commitment::opens;
use ledger::{Checkpoint, Hash, Posting, Record, Replay, VerifierKey, leaf_hash};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::read::{self, Stored};
use super::{AuditFault, CHUNK};
use crate::books::EpochView;
use crate::books::epoch::origin_at;
use crate::books::post::state;
use crate::books::tables::{account, checkpoint as checkpoints, disclosure, posting, record as records};
use crate::books::{account_id, account_uuid, record_uuid};

fn check(holds: bool, what: &str) -> Result<(), AuditFault> {
    if holds { Ok(()) } else { Err(AuditFault::new(what)) }
}

/// The leaf at `index` is this record's, and its hash that of the bytes.
pub(super) fn leaf(index: u64, stored: &Stored) -> Result<Hash, AuditFault> {
    let hash = leaf_hash(&stored.row.bytes);
    if stored.index != Some(index) {
        return Err(AuditFault::at(index, "is missing"));
    }
    if stored.hash.as_deref() != Some(&hash[..]) {
        return Err(AuditFault::at(index, "the leaf's hash is not that of the record's bytes"));
    }
    Ok(hash)
}

/// The columns that a record is found by.
pub(super) fn columns(record: &Record, row: &records::Model) -> Result<(), AuditFault> {
    check(record_uuid(record.id) == row.id, "its id is not the one in its bytes")?;
    check(record.kind.as_str() == row.kind, "its kind is not the one in its bytes")?;
    check(i64::try_from(record.posted_at) == Ok(row.posted_at), "its time is not the one in its bytes")?;
    check(
        record.links.subject.map(Uuid::from_bytes) == row.subject,
        "its subject is not the one in its bytes",
    )?;
    let reversed = record.links.reversed.map(record_uuid);
    check(reversed == row.reversed, "the record that it reverses is not the one in its bytes")?;
    let lines = i64::try_from(record.postings.len());
    check(lines == Ok(row.lines), "its count of postings is not that of its bytes")
}

/// Where each account's newest era is, and its first number there.
pub(super) type Eras = HashMap<Uuid, (i64, i64)>;

/// The posting rows, line by line.
pub(super) fn postings(record: &Record, rows: &[posting::Model], eras: &mut Eras) -> Result<(), AuditFault> {
    check(rows.len() == record.postings.len(), "it has more or fewer rows of postings than postings")?;
    for (line, (wanted, row)) in (0_i64..).zip(record.postings.iter().zip(rows)) {
        check(
            row.line == line && is_row_of(wanted, row),
            "a row of its postings says something else than its bytes",
        )?;
        let newest = eras.entry(row.account_id).or_insert((0, 1));
        let holds = row.prev_era == newest.0 && row.era >= row.prev_era;
        check(holds, "a row of its postings does not follow the era of the one before")?;
        if row.era > newest.0 {
            *newest = (row.era, row.seq);
        }
    }
    Ok(())
}

fn is_row_of(wanted: &Posting, row: &posting::Model) -> bool {
    let same = |value: u64, stored: i64| i64::try_from(value) == Ok(stored);
    row.account_id == account_uuid(wanted.account)
        && row.asset == i64::from(wanted.asset.0)
        && row.side == i64::from(wanted.side.code())
        && row.amount == wanted.amount.as_i64()
        && same(wanted.seq, row.seq)
        && same(wanted.debits, row.debits)
        && same(wanted.credits, row.credits)
}

/// The texts, each against the commitment in its place; answers how many were erased. What is missing must
/// be named by an erasure, and what is named must be gone.
pub(super) fn disclosures(
    record: &Record,
    rows: &[disclosure::Model],
    gone: &HashSet<Hash>,
) -> Result<u64, AuditFault> {
    let mut erased = 0;
    let mut rows = rows.iter().peekable();
    for (line, commitment) in (0_i64..).zip(&record.commitments) {
        if let Some(row) = rows.next_if(|row| row.line == line) {
            let salt = row.salt.as_slice().try_into().ok();
            let holds = salt.is_some_and(|salt| opens(commitment, &row.label, salt, &row.data));
            check(holds, "a text behind it does not match its commitment")?;
            check(!gone.contains(commitment), "a text behind it is said to be erased, and is there")?;
        } else {
            check(gone.contains(commitment), "a text behind it is gone, and no erasure names it")?;
            erased += 1;
        }
    }
    check(rows.next().is_none(), "a text behind it does not match its commitment")?;
    Ok(erased)
}

/// A checkpoint against the root that the log had at its size; counts as one.
pub(super) fn checkpoint(
    row: &checkpoints::Model,
    epochs: &[EpochView],
    keys: &[VerifierKey],
    root: &Hash,
) -> Result<u64, AuditFault> {
    let wrong = |what: &dyn std::fmt::Display| {
        AuditFault::new(format_args!("checkpoint of {} records: {what}", row.size))
    };
    let signed = if keys.is_empty() {
        let note = ledger::SignedNote::parse(row.note.as_bytes()).map_err(|error| wrong(&error))?;
        note.text.parse::<Checkpoint>().map_err(|error| wrong(&error))?
    } else {
        let open = Checkpoint::open(row.note.as_bytes(), keys).map_err(|error| wrong(&error))?;
        if !open.is_signed_by_its_origin() {
            return Err(wrong(&"the key that signed it does not carry the log's name"));
        }
        open.checkpoint
    };
    if origin_at(epochs, signed.size) != Some(signed.origin.as_str()) {
        return Err(wrong(&"it is another log's, or another epoch's"));
    }
    if i64::try_from(signed.size) != Ok(row.size) {
        return Err(wrong(&"another size was signed"));
    }
    if signed.root != *root || row.root != root {
        return Err(wrong(&"the log did not have this root"));
    }
    Ok(1)
}

/// Every account row against what the records left it with; answers how many there are.
pub(super) async fn accounts(
    db: &impl ConnectionTrait,
    replay: &Replay,
    eras: &Eras,
) -> Result<u64, AuditFault> {
    let mut touched = replay.accounts().len();
    let mut count = 0;
    let mut last = None;
    loop {
        let rows = read::accounts(db, last, CHUNK).await?;
        let Some(newest) = rows.last() else { break };
        last = Some(newest.id);
        for row in &rows {
            touched -= usize::from(account(row, replay, eras)?);
            count += 1;
        }
    }
    check(touched == 0, "an account of the records has no row")?;
    Ok(count)
}

/// One account row; answers whether any record touched it.
fn account(row: &account::Model, replay: &Replay, eras: &Eras) -> Result<bool, AuditFault> {
    let wrong = |what: &str| AuditFault::new(format_args!("account {}: {what}", account_id(row.id)));
    let stored = state(row).map_err(AuditFault::from)?;
    if eras.get(&row.id).copied().unwrap_or((0, 1)) != (row.era, row.era_from) {
        return Err(wrong("its era is not that of its newest posting"));
    }
    match replay.account(&account_id(row.id)) {
        Some(replayed) => {
            let same_time = i64::try_from(replayed.last_posted_at) == Ok(row.last_posted_at);
            if replayed.state != stored || i64::from(replayed.asset.0) != row.asset || !same_time {
                return Err(wrong("its balance, count, kind or time is not what its records say"));
            }
            Ok(true)
        }
        None if stored.seq == 0 && stored.debits == 0 && stored.credits == 0 => Ok(false),
        None => Err(wrong("it holds something, but no record says so")),
    }
}
