//! What the machine does without Saima: how often it reaches the disk, and how many rows plain SQL writes.
//!
//! Must never: be kinder to itself than the market is: SQLite in WAL mode with `synchronous=FULL`.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};

/// Appends of 512 bytes, each followed by `fdatasync`, a second.
pub fn fsyncs(folder: &Path, how_long: Duration) -> u64 {
    let mut file = OpenOptions::new().create(true).append(true).open(folder.join("fsync")).unwrap();
    let begun = Instant::now();
    let mut count = 0;
    while begun.elapsed() < how_long {
        file.write_all(&[7; 512]).unwrap();
        file.sync_data().unwrap();
        count += 1;
    }
    per_second(count, begun.elapsed())
}

/// Tables as one would write them down, without guards.
const TABLES: &str = "
    CREATE TABLE account (id BLOB NOT NULL PRIMARY KEY, seq INTEGER NOT NULL, debits INTEGER NOT NULL,
        credits INTEGER NOT NULL, last_posted_at INTEGER NOT NULL) STRICT;
    CREATE TABLE record (id BLOB NOT NULL PRIMARY KEY, kind TEXT NOT NULL, posted_at INTEGER NOT NULL,
        made_by BLOB, bytes BLOB NOT NULL) STRICT;
    CREATE TABLE posting (record_id BLOB NOT NULL, line INTEGER NOT NULL, account_id BLOB NOT NULL,
        asset INTEGER NOT NULL, side INTEGER NOT NULL, amount INTEGER NOT NULL, seq INTEGER NOT NULL,
        debits INTEGER NOT NULL, credits INTEGER NOT NULL, PRIMARY KEY (record_id, line),
        UNIQUE (account_id, seq)) STRICT;
    CREATE TABLE leaf (idx INTEGER NOT NULL PRIMARY KEY, record_id BLOB NOT NULL UNIQUE, hash BLOB NOT NULL) STRICT;";

/// The same rows by plain prepared statements, `batch` records in a transaction; records a second.
pub fn plain_sqlite(folder: &Path, how_long: Duration, batch: u64) -> u64 {
    let mut db = Connection::open(folder.join("plain.db")).unwrap();
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 16000;
        PRAGMA cache_size = -65536;",
    )
    .unwrap();
    db.execute_batch(TABLES).unwrap();
    for account in 0..10_000_u64 {
        db.execute("INSERT INTO account VALUES (?1, 0, 0, 0, 0)", params![wide(account, 3)]).unwrap();
    }
    let begun = Instant::now();
    let mut count = 0;
    while begun.elapsed() < how_long {
        let txn = db.transaction().unwrap();
        for _ in 0..batch {
            write_record(&txn, count);
            count += 1;
        }
        txn.commit().unwrap();
    }
    per_second(count, begun.elapsed())
}

fn write_record(db: &Connection, number: u64) {
    // In the order of time, as ids of version 7 are.
    let id = [&number.to_be_bytes()[..], &number.to_le_bytes()[..]].concat();
    let at = i64::try_from(number).unwrap();
    let mut record = db.prepare_cached("INSERT INTO record VALUES (?1, 'transfer', ?2, ?1, ?3)").unwrap();
    record.execute(params![id, at, [9_u8; 260]]).unwrap();
    let mut account = db
        .prepare_cached("UPDATE account SET seq = seq + 1, debits = debits + 1, credits = credits + 1, last_posted_at = ?2 WHERE id = ?1")
        .unwrap();
    let mut posting =
        db.prepare_cached("INSERT INTO posting VALUES (?1, ?2, ?3, 1, ?2, 1, ?4, 5, 5)").unwrap();
    for line in 0..2_u64 {
        let whose = wide((number * 7_919 + line * 4_111) % 10_000, 3);
        account.execute(params![whose, at]).unwrap();
        posting.execute(params![id, i64::try_from(line).unwrap(), whose, at * 2 + 1]).unwrap();
    }
    let mut leaf = db.prepare_cached("INSERT INTO leaf VALUES (?1, ?2, ?3)").unwrap();
    leaf.execute(params![at, id, [7_u8; 32]]).unwrap();
}

/// 16 bytes without an order, as random ids are.
fn wide(number: u64, seed: u64) -> Vec<u8> {
    let mixed = (number + seed).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    [mixed.to_be_bytes(), number.to_be_bytes()].concat()
}

/// So many a second.
pub fn per_second(count: u64, took: Duration) -> u64 {
    count * 1_000 / u64::try_from(took.as_millis()).unwrap().max(1)
}
