//! Every byte counts: whatever is changed behind the market's back in the tables of the ledger is found.
//!
//! A small log exhaustively, one bit of each byte of each column of each row; a larger one by samples.
//! `TEST_TAMPER_SAMPLES` takes more of them.

use std::collections::BTreeSet;
use std::ops::Range;

use ledger::checkpoint::first_origin;
use market::books::{AuditFault, AuditReport, audit};
use market::signing::{RevokeKey, audit_intents};
use market::wallet::{AllocateTokens, Destination, IssueTokens, TransferTokens};
use market::{Actor, WalletOwner};
use rusqlite::types::Value;
use rusqlite::{Connection, params};
use sea_orm::{ConnectOptions, Database, DatabaseConnection};
use tests::{Db, Start, World, play};

use crate::{signing, witnesses};

/// The tables of the ledger.
const TABLES: [&str; 10] = [
    "asset",
    "account",
    "record",
    "posting",
    "seal_queue",
    "leaf",
    "log_head",
    "tile",
    "checkpoint",
    "disclosure",
];

/// Tables that say nothing which records, checkpoints or signatures don't say too.
const TOLD_ELSEWHERE: [&str; 6] = ["epoch", "log_key", "cosignature", "anchor", "person_key", "intent"];

/// The market beside the ledger. What of it counts is committed to by records.
const MARKET: &[&str] = &[
    "answer_key",
    "amendment",
    "amendment_accepted",
    "amendment_answer",
    "appeal",
    "ballot",
    "command",
    "crew_change",
    "crew_change_part",
    "crew_member",
    "delivery",
    "entry",
    "entry_unit",
    "erasure",
    "feedback",
    "feedback_request",
    "file",
    "followed_log",
    "funding",
    "invitation",
    "judge_conflict",
    "mailing",
    "notice",
    "panel_round",
    "person",
    "programme",
    "programme_manager",
    "question",
    "race_event",
    "race_invitation",
    "refresh_token",
    "returned",
    "role_grant",
    "ruling",
    "ruling_line",
    "seaql_migrations",
    "second_appeal",
    "session",
    "sheet",
    "sheet_comment",
    "sheet_score",
    "stage_line",
    "stage_ruling",
    "submission",
    "task",
    "task_edge",
    "task_judge",
    "template",
    "terms_accepted",
    "throttle",
    "unit",
    "unit_member",
    "version_score",
    "vote_window",
    "webhook",
    "part_offer",
    "race_value",
    "effort",
];

/// Columns that the audit can't judge, and why no change of them matters to it.
const BESIDE_THE_LEDGER: [(&str, &str, &str); 14] = [
    (
        "asset",
        "code",
        "what tokens are called: no server starts whose settings say otherwise; the report tells it",
    ),
    (
        "asset",
        "scale",
        "where the point stands: no server starts whose settings say otherwise; the report tells it",
    ),
    ("asset", "name", "a title for pages, changed by the settings"),
    ("asset", "created_at", "shown nowhere"),
    ("account", "owner", "who an account belongs to is kept beside the ledger, which names no person"),
    ("record", "made_by", "who asked is kept beside the ledger, which names no person"),
    ("epoch", "at", "of the first, which no record began: the server's own word"),
    ("log_key", "at", "of the first, which no record enrolled: the server's own word"),
    ("person_key", "label", "what a person calls a key of theirs"),
    ("person_key", "enrolled_at", "the server's own word; the record has the time"),
    ("person_key", "revoked_at", "the server's own word; the record has the time"),
    ("person_key", "used_at", "when it was used last, so that records tell the order; it only grows"),
    ("intent", "at", "the server's own word; the record has the time"),
    ("checkpoint", "signed_at", "the server's own word; the note carries no time"),
];

/// A copy of a world's database without its guards, and the audit of it.
struct Forgery {
    db: DatabaseConnection,
    sql: Connection,
    keys: Vec<ledger::VerifierKey>,
}

impl Forgery {
    async fn of(world: &World) -> Self {
        let copy = world.fresh.path().join("forged.db");
        let sql = Connection::open(world.fresh.path().join("saima.db")).unwrap();
        sql.execute("VACUUM INTO ?1", [copy.to_str().unwrap()]).unwrap();
        let sql = Connection::open(&copy).unwrap();
        sql.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF;
             PRAGMA ignore_check_constraints = ON;",
        )
        .unwrap();
        for name in triggers(&sql) {
            sql.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
        }
        // Every table has numbered rows here: what the audit reads is the same.
        sql.execute_batch(
            "CREATE TABLE numbered AS SELECT * FROM posting; DROP TABLE posting;
             ALTER TABLE numbered RENAME TO posting;",
        )
        .unwrap();
        let mut options = ConnectOptions::new(format!("sqlite://{}", copy.display()));
        options.max_connections(1).sqlx_logging(false);
        let db = Database::connect(options).await.unwrap();
        let keys = vec![world.market.signer().unwrap().verifier_key().clone()];
        Self { db, sql, keys }
    }

    async fn audited(&self) -> Result<AuditReport, AuditFault> {
        audit(&self.db, &self.keys, |_, _| {}).await
    }

    /// As `saima verify` does it: the ledger, and what people signed.
    async fn verified(&self) -> Result<(), String> {
        let report = self.audited().await.map_err(|fault| fault.to_string())?;
        let intents = audit_intents(&self.db, first_origin(&report.origin), report.signed).await;
        intents.map(drop).map_err(|fault| fault.to_string())
    }

    /// The values of a column, by row.
    fn column(&self, table: &str, column: &str) -> Vec<(i64, Value)> {
        let mut rows =
            self.sql.prepare(&format!("SELECT rowid, {column} FROM {table} ORDER BY rowid")).unwrap();
        rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
    }

    fn tables(&self) -> BTreeSet<String> {
        let sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'";
        let mut names = self.sql.prepare(sql).unwrap();
        names.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    fn columns(&self, table: &str) -> Vec<String> {
        let mut names = self.sql.prepare("SELECT name FROM pragma_table_info(?1)").unwrap();
        names.query_map([table], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    /// The bytes of the records that wait to be sealed.
    fn waiting(&self) -> Vec<Vec<u8>> {
        let sql = "SELECT bytes FROM record JOIN seal_queue ON seal_queue.record_id = record.id";
        let mut records = self.sql.prepare(sql).unwrap();
        records.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    /// Turns a bit of one byte, looks, and puts it back.
    async fn turned(&self, table: &str, column: &str, row: i64, value: &Value, byte: usize) -> Found {
        self.turned_and(table, column, row, value, byte, async |forgery| forgery.audited().await).await
    }

    /// The same with another way to look.
    async fn turned_and<T, F>(
        &self,
        table: &str,
        column: &str,
        row: i64,
        value: &Value,
        byte: usize,
        look: impl AsyncFn(&Self) -> Result<T, F>,
    ) -> Found<F> {
        let (sql, forged) = match value {
            Value::Integer(number) => ("?1", Value::Integer(number ^ (1 << (byte * 8 + byte % 7)))),
            Value::Text(text) => ("CAST(?1 AS TEXT)", Value::Blob(turn(text.as_bytes(), byte))),
            Value::Blob(bytes) => ("?1", Value::Blob(turn(bytes, byte))),
            other => panic!("{table}.{column} holds {other:?}"),
        };
        let forge = format!("UPDATE {table} SET {column} = {sql} WHERE rowid = ?2");
        let Ok(changed) = self.sql.execute(&forge, params![forged, row]) else { return Found::Refused };
        assert_eq!(changed, 1);
        let report = look(self).await;
        let back = format!("UPDATE {table} SET {column} = ?1 WHERE rowid = ?2");
        if self.sql.execute(&back, params![value, row]).unwrap() == 0 {
            // The row went to another place with its key.
            assert_eq!(self.sql.execute(&back, params![value, forged]).unwrap(), 1, "{table}.{column}");
        }
        report.map_or_else(Found::Fault, |_| Found::Nothing)
    }
}

fn triggers(sql: &Connection) -> Vec<String> {
    let mut names = sql.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").unwrap();
    names.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// Where the random bytes of a record that waits are: nothing repeats them until it is sealed, which takes a
/// moment only. Everything else of it stands in its columns, postings and texts too.
fn waiting_nonce(table: &str, column: &str, value: &Value, waiting: &[Vec<u8>]) -> Range<usize> {
    let Value::Blob(bytes) = value else { return 0..0 };
    if (table, column) != ("record", "bytes") || !waiting.contains(bytes) {
        return 0..0;
    }
    let nonce = ledger::Record::decode(bytes).unwrap().nonce;
    let from = bytes.windows(nonce.len()).position(|window| window == nonce).unwrap();
    from..from + nonce.len()
}

/// What came of a forgery.
#[derive(Debug)]
enum Found<F = AuditFault> {
    Fault(F),
    /// The table itself would not have it.
    Refused,
    Nothing,
}

fn turn(bytes: &[u8], byte: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[byte] ^= 1 << (byte % 8);
    bytes
}

fn length(value: &Value) -> usize {
    match value {
        Value::Integer(_) => 8,
        Value::Text(text) => text.len(),
        Value::Blob(bytes) => bytes.len(),
        _ => 0,
    }
}

fn is_beside(table: &str, column: &str) -> bool {
    BESIDE_THE_LEDGER.iter().any(|(beside, name, _)| (*beside, *name) == (table, column))
}

async fn send(world: &World, amount: &str, memo: &str) {
    let command = TransferTokens {
        from: WalletOwner::Person(world.person("ada").await),
        to: WalletOwner::Person(world.person("ben").await),
        amount: world.tokens(amount),
        memo: memo.to_owned(),
    };
    world.must("ada", command).await;
}

#[test]
fn every_byte_of_a_small_log_counts() {
    play(Db::Sqlite, async |world: &World| {
        let tess = world.treasurer().await;
        let ada = world.person("ada").await;
        world.must(tess, IssueTokens { amount: world.tokens("10"), reason: "a start".to_owned() }).await;
        let allocate = AllocateTokens {
            to: Destination::Person(ada),
            amount: world.tokens("9"),
            reason: "a gift".to_owned(),
        };
        world.must(tess, allocate).await;
        world.market.seal_now().await.unwrap();
        send(world, "4", "for the coffee").await;
        world.market.seal_now().await.unwrap();
        world.race(Start { bounty: "5", ..Start::default() }).await;
        assert_eq!(world.market.head(&Actor::Visitor).await.unwrap().waiting, 2, "two records wait");

        let forgery = Forgery::of(world).await;
        let waiting = forgery.waiting();
        let report = forgery.audited().await.unwrap();
        assert_eq!((report.size, report.waiting, report.checkpoints), (5, 2, report.signatures));
        let known = TABLES.iter().chain(&TOLD_ELSEWHERE).chain(MARKET).map(|name| (*name).to_owned());
        assert_eq!(forgery.tables(), known.collect::<BTreeSet<_>>(), "say what kind of table the new one is");
        let mut tried = 0;
        for table in TABLES {
            for column in forgery.columns(table) {
                for (row, value) in forgery.column(table, &column) {
                    let beside = is_beside(table, &column);
                    // One byte is enough to show that a column is rightly said to be beside the ledger.
                    let bytes = if beside { length(&value).min(1) } else { length(&value) };
                    let open = waiting_nonce(table, &column, &value, &waiting);
                    for byte in (0..bytes).filter(|byte| !open.contains(byte)) {
                        let found = forgery.turned(table, &column, row, &value, byte).await;
                        let missed = matches!(found, Found::Nothing);
                        assert_eq!(missed, beside, "{table}.{column}, row {row}, byte {byte}: {found:?}");
                        tried += 1;
                    }
                }
            }
        }
        assert!(tried > 1_500, "{tried} bytes were turned");
        forgery.audited().await.unwrap();
    });
}

/// The tables beside the log, of which every byte stands in a record, a checkpoint or a signature as well.
#[test]
fn every_byte_of_what_is_told_elsewhere_counts_too() {
    play(Db::Sqlite, async |world: &World| {
        world.give_person("ada", "10").await;
        let laptop = signing::key(1);
        signing::enrol(world, "ada", &laptop).await;
        let (command, intent) = signing::proposed(world, &laptop).await;
        signing::send(world, "ada", "signed", command, signing::sign(&laptop, &intent)).await.unwrap();
        let revoked = signing::key(2);
        signing::enrol(world, "ada", &revoked).await;
        world.must("ada", RevokeKey { key: signing::id_of(&revoked) }).await;
        let side = witnesses::Side::new(9);
        witnesses::follow(world, &side).await;
        world.must("root", side.at(5, 0)).await;
        world.market.seal_now().await.unwrap();
        let watched = witnesses::watched(world);
        assert_eq!(witnesses::cosign(&watched, 0).await.len(), 1);

        let forgery = Forgery::of(world).await;
        forgery.verified().await.unwrap();
        for table in TOLD_ELSEWHERE {
            let mut rows = 0;
            for column in forgery.columns(table) {
                for (row, value) in forgery.column(table, &column) {
                    rows += 1;
                    let beside = is_beside(table, &column);
                    let bytes = if beside { length(&value).min(1) } else { length(&value) };
                    for byte in 0..bytes {
                        let look = async |forgery: &Forgery| forgery.verified().await;
                        let found = forgery.turned_and(table, &column, row, &value, byte, look).await;
                        let missed = matches!(found, Found::Nothing);
                        assert_eq!(missed, beside, "{table}.{column}, row {row}, byte {byte}: {found:?}");
                    }
                }
            }
            assert!(rows > 0, "{table} is empty");
        }
        for gone in ["person_key", "intent", "anchor", "log_key", "epoch"] {
            let take = format!("CREATE TABLE kept AS SELECT * FROM {gone}; DELETE FROM {gone}");
            forgery.sql.execute_batch(&take).unwrap();
            forgery.verified().await.expect_err(gone);
            let back = format!("INSERT INTO {gone} SELECT * FROM kept; DROP TABLE kept");
            forgery.sql.execute_batch(&back).unwrap();
            forgery.verified().await.unwrap();
        }
    });
}

/// The fault names the place: table, column, and the very byte where that can be known.
#[test]
fn the_first_wrong_byte_is_named() {
    play(Db::Sqlite, async |world: &World| {
        world.give_person("ada", "10").await;
        send(world, "4", "for the coffee").await;
        world.market.seal_now().await.unwrap();
        let forgery = Forgery::of(world).await;
        for (table, column, byte) in [
            ("tile", "hashes", 70),
            ("leaf", "hash", 5),
            ("checkpoint", "root", 9),
            // The version, right behind the head of the map: nothing else may stand there.
            ("record", "bytes", 2),
        ] {
            let (row, value) = forgery.column(table, column).remove(0);
            let Found::Fault(fault) = forgery.turned(table, column, row, &value, byte).await else {
                panic!("{table}.{column} was not found")
            };
            assert_eq!(
                (fault.table, fault.column, fault.byte),
                (Some(table), Some(column), Some(byte)),
                "{fault}"
            );
        }
        for (table, column) in [("posting", "amount"), ("account", "credits"), ("disclosure", "data")] {
            let (row, value) = forgery.column(table, column).remove(0);
            let Found::Fault(fault) = forgery.turned(table, column, row, &value, 0).await else {
                panic!("{table}.{column} was not found")
            };
            assert_eq!((fault.table, fault.column), (Some(table), Some(column)), "{fault}");
        }
    });
}

/// Several tiles and a level above them.
#[test]
fn samples_of_a_larger_log_count_too() {
    play(Db::Sqlite, async |world: &World| {
        world.give_person("ada", "1000").await;
        for step in 0..290 {
            send(world, "1", if step % 7 == 0 { "for the coffee" } else { "" }).await;
            if step % 60 == 0 {
                world.market.seal_now().await.unwrap();
            }
        }
        world.market.seal_now().await.unwrap();
        let forgery = Forgery::of(world).await;
        let samples =
            std::env::var("TEST_TAMPER_SAMPLES").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
        let mut places = Vec::new();
        for table in TABLES {
            for column in forgery.columns(table).into_iter().filter(|column| !is_beside(table, column)) {
                let values =
                    forgery.column(table, &column).into_iter().filter(|(_, value)| length(value) > 0);
                places.extend(values.map(|(row, value)| (table, column.clone(), row, value)));
            }
        }
        // A stride that shares nothing with most lengths visits all tables and rows.
        let mut at: usize = 0;
        for sample in 0..samples {
            at = (at + 7_919) % places.len();
            let (table, column, row, value) = &places[at];
            let byte = (sample * 31) % length(value);
            let found = forgery.turned(table, column, *row, value, byte).await;
            assert!(!matches!(found, Found::Nothing), "{table}.{column}, row {row}, byte {byte}");
        }
        forgery.audited().await.unwrap();
    });
}
