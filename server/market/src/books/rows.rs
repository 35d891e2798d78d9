//! The rows of many records at once, read as leanly as each database allows.
//!
//! Promises: a fixed number of statements for each stretch of records, on a connection of the reader's own;
//! whatever is stored comes back, also where it makes no sense. Must never: leave out a row of the stretch.

mod postgres;
mod sqlite;

use ledger::RecordKind;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend};
use uuid::Uuid;

use super::audit::AuditFault;

/// Which records, in which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shelf {
    /// Those of the log, by their places.
    Sealed,
    /// Those that wait, in the order that they will be sealed in, counted from 0.
    Waiting,
}

/// A stretch of records as the tables have them.
#[derive(Default)]
pub(super) struct Stretch {
    /// Record rows by place.
    pub(super) records: Vec<RecordRow>,
    /// Posting rows by place and line.
    pub(super) postings: Vec<PostingRow>,
    /// Texts by place and line.
    pub(super) texts: Vec<TextRow>,
    /// The hash tiles of level 0 over the stretch, by index.
    pub(super) tiles: Vec<(i64, Vec<u8>)>,
    /// Checkpoints of sizes above the first place up to the end, smallest first.
    pub(super) checkpoints: Vec<CheckpointRow>,
}

/// A place with what it names.
pub(super) struct RecordRow {
    pub(super) place: i64,
    pub(super) id: Uuid,
    /// The leaf's hash, of a sealed record.
    pub(super) hash: Option<Vec<u8>>,
    /// The time that a waiting record is queued under.
    pub(super) queued_at: Option<i64>,
    /// The record itself, if it is there.
    pub(super) found: Option<Found>,
}

/// A record's row.
pub(super) struct Found {
    /// `None` for a word that is no kind.
    pub(super) kind: Option<RecordKind>,
    pub(super) posted_at: i64,
    pub(super) subject: Option<Uuid>,
    pub(super) reversed: Option<Uuid>,
    pub(super) bytes: Vec<u8>,
    /// How many postings it is said to have.
    pub(super) lines: i64,
}

/// A row of postings.
#[derive(Clone, Copy)]
pub(super) struct PostingRow {
    pub(super) place: i64,
    pub(super) line: i64,
    pub(super) account: Uuid,
    pub(super) asset: i64,
    pub(super) side: i64,
    pub(super) amount: i64,
    pub(super) seq: i64,
    pub(super) debits: i64,
    pub(super) credits: i64,
    pub(super) era: i64,
    pub(super) prev_era: i64,
}

/// A text behind a record.
pub(super) struct TextRow {
    pub(super) place: i64,
    pub(super) line: i64,
    pub(super) label: String,
    pub(super) salt: Vec<u8>,
    pub(super) data: Vec<u8>,
}

/// A checkpoint.
pub(super) struct CheckpointRow {
    pub(super) size: i64,
    pub(super) root: Vec<u8>,
    pub(super) note: String,
}

/// How to open readers of one database.
#[derive(Clone)]
pub(super) enum Source {
    Sqlite(sqlite::Source),
    Postgres(postgres::Source),
}

/// A connection that reads stretches.
pub(super) enum Reader {
    Sqlite(sqlite::Reader),
    Postgres(postgres::Reader),
}

impl Source {
    /// Readers see what `snapshot`, a transaction on `db`, sees; on SQLite perhaps more at the end.
    pub(super) async fn beside(db: &DatabaseConnection, snapshot: &impl ConnectionTrait) -> Self {
        if db.get_database_backend() == DbBackend::Sqlite {
            Self::Sqlite(sqlite::Source::of(db))
        } else {
            Self::Postgres(postgres::Source::of(db, snapshot).await)
        }
    }

    /// A new connection.
    pub(super) async fn open(&self) -> Result<Reader, AuditFault> {
        Ok(match self {
            Self::Sqlite(source) => Reader::Sqlite(source.open()?),
            Self::Postgres(source) => Reader::Postgres(source.open().await?),
        })
    }
}

impl Reader {
    /// Whether reading keeps its thread busy.
    pub(super) fn blocks(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }

    /// As [`Reader::read`], for a reader that keeps its thread busy.
    pub(super) fn read_blocking(&mut self, shelf: Shelf, from: i64, to: i64) -> Result<Stretch, AuditFault> {
        match self {
            Self::Sqlite(reader) => reader.read(shelf, from, to),
            Self::Postgres(_) => Err(AuditFault::new("this reader waits for a network")),
        }
    }

    /// The records from place `from` up to, not including, `to`.
    pub(super) async fn read(&mut self, shelf: Shelf, from: i64, to: i64) -> Result<Stretch, AuditFault> {
        match self {
            Self::Sqlite(reader) => reader.read(shelf, from, to),
            Self::Postgres(reader) => reader.read(shelf, from, to).await,
        }
    }
}

/// The statements, with `$1` and `$2` for the first place and the one after the last.
struct Statements {
    records: String,
    postings: String,
    texts: String,
}

impl Statements {
    /// `bytes` is the database's word for byte strings.
    fn of(shelf: Shelf, bytes: &str) -> Self {
        let places = match shelf {
            Shelf::Sealed => {
                "SELECT idx AS place, record_id, hash, CAST(NULL AS BIGINT) AS queued_at
                 FROM leaf WHERE idx >= $1 AND idx < $2"
                    .to_owned()
            }
            Shelf::Waiting => format!(
                "SELECT place, record_id, CAST(NULL AS {bytes}) AS hash, posted_at AS queued_at FROM (
                     SELECT row_number() OVER (ORDER BY posted_at, record_id) - 1 AS place, record_id, posted_at
                     FROM seal_queue
                 ) AS queue WHERE place >= $1 AND place < $2"
            ),
        };
        Self {
            records: format!(
                "SELECT p.place, p.record_id, p.hash, p.queued_at,
                        r.kind, r.posted_at, r.subject, r.reversed, r.bytes, r.lines
                 FROM ({places}) AS p LEFT JOIN record AS r ON r.id = p.record_id ORDER BY p.place"
            ),
            postings: format!(
                "SELECT p.place, r.line, r.account_id, r.asset, r.side, r.amount, r.seq, r.debits, r.credits,
                        r.era, r.prev_era
                 FROM ({places}) AS p JOIN posting AS r ON r.record_id = p.record_id ORDER BY p.place, r.line"
            ),
            texts: format!(
                "SELECT p.place, r.line, r.label, r.salt, r.data
                 FROM ({places}) AS p JOIN disclosure AS r ON r.record_id = p.record_id ORDER BY p.place, r.line"
            ),
        }
    }
}

/// The tiles of level 0 that cover the places from `$1` up to, not including, `$2`.
const TILES: &str =
    "SELECT idx, hashes FROM tile WHERE level = 0 AND idx >= $1 / 256 AND idx <= ($2 - 1) / 256 ORDER BY idx";

/// The checkpoints of sizes above `$1`, up to and with `$2`.
const CHECKPOINTS: &str =
    "SELECT size, root, note FROM checkpoint WHERE size > $1 AND size <= $2 ORDER BY size";
