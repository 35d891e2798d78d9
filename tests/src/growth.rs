//! A world with many rows, made from one with few: past the market, for pages that must not mind.
//!
//! Promises: every task comes so many times more, with its entries, works, rulings, records, postings and notices, and
//! all of it belongs to the same people, units, programmes and accounts; of those there are many more too, who do
//! nothing; new tables are multiplied by themselves. Must never: be held for a world whose books are in order:
//! nothing of it was posted or sealed.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use crate::world::World;

/// Tables that stay as they are: those of people and of what they hold, and the log's own.
const KEPT: &[&str] = &[
    "account",
    "anchor",
    "asset",
    "checkpoint",
    "command",
    "cosignature",
    "delivery",
    "epoch",
    "erasure",
    "followed_log",
    "intent",
    "invitation",
    "log_head",
    "log_key",
    "mailing",
    "person_key",
    "programme_manager",
    "refresh_token",
    "role_grant",
    "seal_queue",
    "seaql_migrations",
    "session",
    "throttle",
    "tile",
    "unit_member",
    "webhook",
];

/// Columns that name one of those: the same in every copy.
const SAME: &[&str] = &[
    "account_id",
    "answered_by",
    "asked_by",
    "asker",
    "by_id",
    "buyer_id",
    "captain_id",
    "ended_by",
    "funder_id",
    "invited_by",
    "judge_id",
    "lead_id",
    "made_by",
    "out_by",
    "owner_id",
    "person_id",
    "poster_id",
    "programme_id",
    "proposed_by",
    "requested_by",
    "ruled_by",
    "source_id",
    "unit_id",
];

impl World {
    /// Brings `copies` copies of every task and of all that belongs to it; answers how many records there are then.
    pub async fn multiply(&self, copies: u32) -> u64 {
        let db = self.fresh.connect().await;
        let sqlite = db.get_database_backend() == DbBackend::Sqlite;
        unguard(&db, sqlite).await;
        for (table, columns) in tables(&db, sqlite).await {
            let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
            let copied: Vec<String> =
                columns.iter().map(|(name, is_id)| copy_of(&table, name, *is_id, sqlite)).collect();
            let sql = format!(
                "INSERT INTO {table} ({}) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {copies})
                 SELECT {} FROM {table} AS o, n",
                names.join(", "),
                copied.join(", "),
            );
            db.execute_unprepared(&sql).await.unwrap_or_else(|why| panic!("{sql}: {why}"));
        }
        let records = count(&db, "record").await;
        db.close().await.unwrap();
        records
    }
}

/// Turns off what keeps tables in order, for this connection or for good.
async fn unguard(db: &DatabaseConnection, sqlite: bool) {
    if !sqlite {
        db.execute_unprepared("SET session_replication_role = replica").await.unwrap();
        return;
    }
    db.execute_unprepared("PRAGMA foreign_keys = OFF").await.unwrap();
    for name in texts(db, "SELECT name FROM sqlite_master WHERE type = 'trigger'").await {
        db.execute_unprepared(&format!("DROP TRIGGER {name}")).await.unwrap();
    }
}

/// The tables that are multiplied, with their columns, and whether each is an id.
async fn tables(db: &DatabaseConnection, sqlite: bool) -> Vec<(String, Vec<(String, bool)>)> {
    let all = match sqlite {
        true => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
        }
        false => {
            "SELECT table_name::text AS name FROM information_schema.tables
             WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY table_name"
        }
    };
    let mut found = Vec::new();
    for table in texts(db, all).await {
        if KEPT.contains(&table.as_str()) {
            continue;
        }
        // SQLite keeps ids and digests alike, as bytes: an id has a name for it.
        let columns = match sqlite {
            true => format!(
                "SELECT name || ' ' || (type = 'BLOB') AS name FROM pragma_table_info('{table}') ORDER BY cid"
            ),
            false => format!(
                "SELECT column_name || ' ' || (data_type = 'uuid')::int AS name FROM information_schema.columns
                 WHERE table_name = '{table}' ORDER BY ordinal_position"
            ),
        };
        let columns = texts(db, &columns).await.into_iter().map(|text| {
            let (name, is_id) = text.split_once(' ').unwrap();
            (name.to_owned(), is_id == "1")
        });
        found.push((table, columns.collect()));
    }
    found
}

/// What a column of the copy number `n.i` holds.
fn copy_of(table: &str, column: &str, is_id: bool, sqlite: bool) -> String {
    let digest =
        ["bytes", "data", "salt", "hash", "digest", "sha256", "root", "rules_digest"].contains(&column);
    match (table, column) {
        ("task" | "person", "handle") | ("person", "email") | ("unit" | "programme", "slug") => {
            format!("o.{column} || n.i")
        }
        ("leaf", "idx") => "o.idx + n.i * 1000000".to_owned(),
        // A record says in its own bytes which it is.
        ("record", "bytes") if sqlite => {
            "unhex(replace(hex(o.bytes), hex(o.id), printf('%08X', n.i) || substr(hex(o.id), 9)))".to_owned()
        }
        ("record", "bytes") => "decode(replace(encode(o.bytes, 'hex'), replace(o.id::text, '-', ''), \
             lpad(to_hex(n.i), 8, '0') || substr(replace(o.id::text, '-', ''), 9)), 'hex')"
            .to_owned(),
        ("posting", "seq") => "o.seq + n.i * 1000000".to_owned(),
        _ if !is_id || digest || SAME.contains(&column) => format!("o.{column}"),
        _ if sqlite => format!(
            "CASE WHEN o.{column} IS NULL THEN NULL ELSE unhex(printf('%08x', n.i) || substr(hex(o.{column}), 9)) END"
        ),
        _ => format!("(lpad(to_hex(n.i), 8, '0') || substr(o.{column}::text, 9))::uuid"),
    }
}

async fn texts(db: &DatabaseConnection, sql: &str) -> Vec<String> {
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await;
    rows.unwrap_or_else(|why| panic!("{sql}: {why}"))
        .iter()
        .map(|row| row.try_get("", "name").unwrap())
        .collect()
}

async fn count(db: &DatabaseConnection, table: &str) -> u64 {
    let sql = format!("SELECT COUNT(*) AS many FROM {table}");
    let row =
        db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap().unwrap();
    u64::try_from(row.try_get::<i64>("", "many").unwrap()).unwrap()
}
