//! Reading PostgreSQL past the object mapper: rows in the wire's binary form, in the snapshot of the audit.
//!
//! Must never: write; the transaction refuses to.

use ledger::RecordKind;
use sea_orm::sqlx::postgres::PgRow;
use sea_orm::sqlx::{self, AssertSqlSafe, PgPool, Postgres, Row as _, Transaction};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use super::{
    AuditFault, CHECKPOINTS, CheckpointRow, Found, PostingRow, RecordRow, Shelf, Statements, Stretch, TILES,
    TextRow,
};

/// The server, and the name of the snapshot that readers share, where the server can share one.
#[derive(Clone)]
pub(in super::super) struct Source {
    pool: PgPool,
    snapshot: Option<String>,
}

/// A transaction on a connection of its own.
pub(in super::super) struct Reader(Transaction<'static, Postgres>);

type Read<T> = sqlx::Result<T>;

impl Source {
    pub(super) async fn of(db: &DatabaseConnection, snapshot: &impl ConnectionTrait) -> Self {
        let name = Statement::from_string(DbBackend::Postgres, "SELECT pg_export_snapshot() AS name");
        let row = snapshot.query_one_raw(name).await.ok().flatten();
        let snapshot = row.and_then(|row| row.try_get("", "name").ok());
        Self { pool: db.get_postgres_connection_pool().clone(), snapshot }
    }

    pub(super) async fn open(&self) -> Result<Reader, AuditFault> {
        let mut reader = self.pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
        if let Some(name) = &self.snapshot {
            let share = AssertSqlSafe(format!("SET TRANSACTION SNAPSHOT '{name}'"));
            sqlx::raw_sql(share).execute(&mut *reader).await?;
        }
        Ok(Reader(reader))
    }
}

impl Reader {
    pub(super) async fn read(&mut self, shelf: Shelf, from: i64, to: i64) -> Result<Stretch, AuditFault> {
        let statements = Statements::of(shelf, "BYTEA");
        let mut stretch = Stretch {
            records: self.all(statements.records, from, to, record).await?,
            postings: self.all(statements.postings, from, to, posting).await?,
            texts: self.all(statements.texts, from, to, text).await?,
            ..Stretch::default()
        };
        if shelf == Shelf::Sealed {
            let tile = |row: &PgRow| Ok((row.try_get(0)?, row.try_get(1)?));
            stretch.tiles = self.all(TILES.to_owned(), from, to, tile).await?;
            stretch.checkpoints = self.all(CHECKPOINTS.to_owned(), from, to, checkpoint).await?;
        }
        Ok(stretch)
    }

    async fn all<T>(
        &mut self,
        sql: String,
        from: i64,
        to: i64,
        make: impl Fn(&PgRow) -> Read<T>,
    ) -> Read<Vec<T>> {
        let query = sqlx::query(AssertSqlSafe(sql)).bind(from).bind(to);
        let rows = query.fetch_all(&mut *self.0).await?;
        rows.iter().map(make).collect()
    }
}

fn record(row: &PgRow) -> Read<RecordRow> {
    let bytes: Option<Vec<u8>> = row.try_get(8)?;
    let found = match bytes {
        None => None,
        Some(bytes) => Some(Found {
            kind: row.try_get::<&str, _>(4)?.parse::<RecordKind>().ok(),
            posted_at: row.try_get(5)?,
            subject: row.try_get(6)?,
            reversed: row.try_get(7)?,
            bytes,
            lines: row.try_get(9)?,
        }),
    };
    Ok(RecordRow {
        place: row.try_get(0)?,
        id: row.try_get(1)?,
        hash: row.try_get(2)?,
        queued_at: row.try_get(3)?,
        found,
    })
}

fn posting(row: &PgRow) -> Read<PostingRow> {
    Ok(PostingRow {
        place: row.try_get(0)?,
        line: row.try_get(1)?,
        account: row.try_get(2)?,
        asset: row.try_get(3)?,
        side: row.try_get(4)?,
        amount: row.try_get(5)?,
        seq: row.try_get(6)?,
        debits: row.try_get(7)?,
        credits: row.try_get(8)?,
        era: row.try_get(9)?,
        prev_era: row.try_get(10)?,
    })
}

fn text(row: &PgRow) -> Read<TextRow> {
    Ok(TextRow {
        place: row.try_get(0)?,
        line: row.try_get(1)?,
        label: row.try_get(2)?,
        salt: row.try_get(3)?,
        data: row.try_get(4)?,
    })
}

fn checkpoint(row: &PgRow) -> Read<CheckpointRow> {
    Ok(CheckpointRow { size: row.try_get(0)?, root: row.try_get(1)?, note: row.try_get(2)? })
}
