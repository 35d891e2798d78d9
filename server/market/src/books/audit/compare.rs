//! Comparing what the tables say with what the bytes say.
//!
//! Promises: every column that repeats a part of a record is compared with it. Must never: stop at
//! what looks alike.

use std::collections::{HashMap, HashSet};

use ledger::commitment::opens;
use ledger::{Hash, Links, Posting, Record, Replay};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::fault::{AuditFault, first_difference};
use super::read;
use crate::books::post::state;
use crate::books::rows::{Found, PostingRow, TextRow};
use crate::books::tables::account;
use crate::books::{account_id, account_uuid, record_id, record_uuid};

/// Accounts looked at together.
const PAGE: u64 = 5_000;

const OTHER: &str = "says something else than the record's bytes";

fn check(holds: bool, table: &'static str, column: &'static str) -> Result<(), AuditFault> {
    if holds { Ok(()) } else { Err(AuditFault::new(OTHER).in_table(table, column)) }
}

/// The columns that a record is found by.
pub(super) fn columns(record: &Record, id: Uuid, row: &Found) -> Result<(), AuditFault> {
    check(record_uuid(record.id) == id, "record", "id")?;
    check(Some(record.kind) == row.kind, "record", "kind")?;
    check(i64::try_from(record.posted_at) == Ok(row.posted_at), "record", "posted_at")?;
    check(record.links.subject.map(Uuid::from_bytes) == row.subject, "record", "subject")?;
    check(record.links.reversed.map(record_uuid) == row.reversed, "record", "reversed")?;
    check(i64::try_from(record.postings.len()) == Ok(row.lines), "record", "lines")
}

/// Where each account's newest era is, and its first number there.
pub(super) type Eras = HashMap<Uuid, (i64, i64)>;

/// A posting row's era, given the rows of its account before it.
pub(super) fn era(row: &PostingRow, eras: &mut Eras) -> Result<(), AuditFault> {
    let newest = eras.entry(row.account).or_insert((0, 1));
    let wrong =
        |column| AuditFault::new("does not follow the account's posting before").in_table("posting", column);
    if row.prev_era != newest.0 {
        return Err(wrong("prev_era"));
    }
    if row.era < row.prev_era {
        return Err(wrong("era"));
    }
    if row.era > newest.0 {
        *newest = (row.era, row.seq);
    }
    Ok(())
}

/// The posting rows, line by line.
pub(super) fn postings(record: &Record, rows: &[PostingRow]) -> Result<(), AuditFault> {
    for (line, (wanted, row)) in (0_i64..).zip(record.postings.iter().zip(rows)) {
        check(row.line == line, "posting", "line")?;
        posting(wanted, row).map_err(|fault| fault.of(format_args!("line {line}")))?;
    }
    if rows.len() == record.postings.len() {
        return Ok(());
    }
    let (there, wanted) = (rows.len(), record.postings.len());
    let what = format_args!("there are {there} rows of postings for {wanted} in the record's bytes");
    Err(AuditFault::new(what).in_table("posting", "record_id"))
}

fn posting(wanted: &Posting, row: &PostingRow) -> Result<(), AuditFault> {
    let same = |value: u64, stored: i64| i64::try_from(value) == Ok(stored);
    let columns = [
        (row.account == account_uuid(wanted.account), "account_id"),
        (row.asset == i64::from(wanted.asset.0), "asset"),
        (row.side == i64::from(wanted.side.code()), "side"),
        (row.amount == wanted.amount.as_i64(), "amount"),
        (same(wanted.seq, row.seq), "seq"),
        (same(wanted.debits, row.debits), "debits"),
        (same(wanted.credits, row.credits), "credits"),
    ];
    let wrong = columns.into_iter().find(|(holds, _)| !holds);
    wrong.map_or(Ok(()), |(_, column)| check(false, "posting", column))
}

/// The texts, each against the commitment in its place; answers how many were erased. What is missing must
/// be named by an erasure, and what is named must be gone.
pub(super) fn disclosures(
    record: &Record,
    rows: &[TextRow],
    gone: &HashSet<Hash>,
) -> Result<u64, AuditFault> {
    let wrong = |line: i64, column: &'static str, what: &str| {
        AuditFault::new(what).of(format_args!("line {line}")).in_table("disclosure", column)
    };
    let mut erased = 0;
    let mut rows = rows.iter().peekable();
    for (line, commitment) in (0_i64..).zip(&record.commitments) {
        if let Some(row) = rows.next_if(|row| row.line == line) {
            let salt = row.salt.as_slice().try_into().ok();
            if !salt.is_some_and(|salt| opens(commitment, &row.label, salt, &row.data)) {
                return Err(wrong(line, "data", "label, salt and data do not match their commitment"));
            }
            if gone.contains(commitment) {
                return Err(wrong(line, "data", "is said to be erased, and is there"));
            }
        } else if gone.contains(commitment) {
            erased += 1;
        } else {
            return Err(wrong(line, "line", "the text is gone, and no erasure names it"));
        }
    }
    match rows.next() {
        None => Ok(erased),
        Some(row) => Err(wrong(row.line, "line", "the record commits to no such text")),
    }
}

/// The fault of bytes whose hash is not the log's: with the byte, where they no longer read as a record.
pub(super) fn changed(row: &Found, id: Uuid) -> AuditFault {
    let what = "the record's bytes are not those that were sealed";
    match Record::decode(&row.bytes) {
        Err(error) => AuditFault::from(&error).of(what),
        Ok(record) => {
            // The columns once said the same as the bytes: what they lead to shows where the bytes differ.
            let told = Record {
                kind: row.kind.unwrap_or(record.kind),
                id: record_id(id),
                posted_at: u64::try_from(row.posted_at).unwrap_or(record.posted_at),
                links: Links {
                    subject: row.subject.map(Uuid::into_bytes),
                    reversed: row.reversed.map(record_id),
                    ..record.links
                },
                ..record
            };
            let byte = told.encode().ok().and_then(|told| first_difference(&row.bytes, &told));
            AuditFault::new(what).in_table("record", "bytes").on_byte(byte)
        }
    }
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
        let rows = read::accounts(db, last, PAGE).await?;
        let Some(newest) = rows.last() else { break };
        last = Some(newest.id);
        for row in &rows {
            touched -= usize::from(account(row, replay, eras)?);
            count += 1;
        }
    }
    if touched == 0 {
        return Ok(count);
    }
    Err(AuditFault::new("an account of the records has no row").in_table("account", "id"))
}

/// One account row; answers whether any record touched it.
fn account(row: &account::Model, replay: &Replay, eras: &Eras) -> Result<bool, AuditFault> {
    let id = account_id(row.id);
    let wrong = |column: &'static str, what: &str| {
        AuditFault::new(what).of(format_args!("account {id}")).in_table("account", column)
    };
    let stored = state(row).map_err(|refusal| AuditFault::from(refusal).of(format_args!("account {id}")))?;
    let (era, era_from) = eras.get(&row.id).copied().unwrap_or((0, 1));
    if era != row.era {
        return Err(wrong("era", "is not that of its newest posting"));
    }
    if era_from != row.era_from {
        return Err(wrong("era_from", "is not its first number in its newest era"));
    }
    let Some(replayed) = replay.account(&id) else {
        let unused = [
            (stored.seq == 0, "seq"),
            (stored.debits == 0, "debits"),
            (stored.credits == 0, "credits"),
            (row.last_posted_at == 0, "last_posted_at"),
        ];
        let used = unused.into_iter().find(|(holds, _)| !holds);
        return used.map_or(Ok(false), |(_, column)| Err(wrong(column, "no record has touched it")));
    };
    let columns = [
        (i64::from(replayed.asset.0) == row.asset, "asset"),
        (replayed.state.may_go_below_zero == stored.may_go_below_zero, "kind"),
        (replayed.state.seq == stored.seq, "seq"),
        (replayed.state.debits == stored.debits, "debits"),
        (replayed.state.credits == stored.credits, "credits"),
        (i64::try_from(replayed.last_posted_at) == Ok(row.last_posted_at), "last_posted_at"),
    ];
    let other = columns.into_iter().find(|(holds, _)| !holds);
    other.map_or(Ok(true), |(_, column)| Err(wrong(column, "its records say something else")))
}
