//! Reading SQLite without a thread and a channel in between: a connection of rusqlite's for each reader.
//!
//! Must never: write; the connection refuses to.

use std::path::PathBuf;
use std::time::Duration;

use ledger::RecordKind;
use rusqlite::{Connection, OpenFlags, Row, ToSql};
use sea_orm::DatabaseConnection;
use uuid::Uuid;

use super::{
    AuditFault, CHECKPOINTS, CheckpointRow, Found, PostingRow, RecordRow, Shelf, Statements, Stretch, TILES,
    TextRow,
};

/// The file.
#[derive(Clone)]
pub(in super::super) struct Source(PathBuf);

/// A connection to it.
pub(in super::super) struct Reader(Connection);

type Read<T> = rusqlite::Result<T>;

impl Source {
    pub(super) fn of(db: &DatabaseConnection) -> Self {
        Self(db.get_sqlite_connection_pool().connect_options().get_filename().to_owned())
    }

    pub(super) fn open(&self) -> Result<Reader, AuditFault> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.0, flags)?;
        connection.busy_timeout(Duration::from_secs(30))?;
        connection.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -16384; BEGIN")?;
        Ok(Reader(connection))
    }
}

impl Reader {
    pub(super) fn read(&mut self, shelf: Shelf, from: i64, to: i64) -> Result<Stretch, AuditFault> {
        let statements = Statements::of(shelf, "BLOB");
        let mut stretch = Stretch {
            records: self.all(&statements.records, from, to, record)?,
            postings: self.all(&statements.postings, from, to, posting)?,
            texts: self.all(&statements.texts, from, to, text)?,
            ..Stretch::default()
        };
        if shelf == Shelf::Sealed {
            stretch.tiles = self.all(TILES, from, to, |row| Ok((row.get(0)?, row.get(1)?)))?;
            stretch.checkpoints = self.all(CHECKPOINTS, from, to, checkpoint)?;
        }
        Ok(stretch)
    }

    fn all<T>(&self, sql: &str, from: i64, to: i64, make: impl Fn(&Row<'_>) -> Read<T>) -> Read<Vec<T>> {
        let mut statement = self.0.prepare(sql)?;
        let places: [&dyn ToSql; 2] = [&from, &to];
        let mut rows = statement.query(&places[..])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push(make(row)?);
        }
        Ok(all)
    }
}

fn record(row: &Row<'_>) -> Read<RecordRow> {
    let bytes: Option<Vec<u8>> = row.get(8)?;
    let found = match bytes {
        None => None,
        Some(bytes) => Some(Found {
            kind: kind(row.get_ref(4)?.as_bytes()?),
            posted_at: row.get(5)?,
            subject: optional_id(row, 6)?,
            reversed: optional_id(row, 7)?,
            bytes,
            lines: row.get(9)?,
        }),
    };
    Ok(RecordRow { place: row.get(0)?, id: id(row, 1)?, hash: row.get(2)?, queued_at: row.get(3)?, found })
}

/// A word that is broken, even as text, is no kind.
fn kind(word: &[u8]) -> Option<RecordKind> {
    std::str::from_utf8(word).ok()?.parse().ok()
}

fn posting(row: &Row<'_>) -> Read<PostingRow> {
    Ok(PostingRow {
        place: row.get(0)?,
        line: row.get(1)?,
        account: id(row, 2)?,
        asset: row.get(3)?,
        side: row.get(4)?,
        amount: row.get(5)?,
        seq: row.get(6)?,
        debits: row.get(7)?,
        credits: row.get(8)?,
        era: row.get(9)?,
        prev_era: row.get(10)?,
    })
}

fn text(row: &Row<'_>) -> Read<TextRow> {
    let (place, line) = (row.get(0)?, row.get(1)?);
    // A label that was broken into is no longer text: it then matches no commitment.
    let label = String::from_utf8_lossy(row.get_ref(2)?.as_bytes()?).into_owned();
    Ok(TextRow { place, line, label, salt: row.get(3)?, data: row.get(4)? })
}

fn checkpoint(row: &Row<'_>) -> Read<CheckpointRow> {
    let note = String::from_utf8_lossy(row.get_ref(2)?.as_bytes()?).into_owned();
    Ok(CheckpointRow { size: row.get(0)?, root: row.get(1)?, note })
}

fn id(row: &Row<'_>, column: usize) -> Read<Uuid> {
    let value = row.get_ref(column)?;
    Uuid::from_slice(value.as_blob()?)
        .map_err(|_| rusqlite::Error::InvalidColumnType(column, "id".to_owned(), value.data_type()))
}

fn optional_id(row: &Row<'_>, column: usize) -> Read<Option<Uuid>> {
    if row.get_ref(column)?.as_blob_or_null()?.is_some() { id(row, column).map(Some) } else { Ok(None) }
}
