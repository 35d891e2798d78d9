//! Verifying a whole installation from its database: every leaf, tile, checkpoint and balance.
//!
//! Promises: reads one unchanging snapshot; believes nothing but the records' bytes, and compares every
//! table with them; memory grows with the accounts only; names the first wrong thing. Must never:
//! write, repair or skip.

mod beside;
mod compare;
mod read;
mod tree;

use std::collections::HashSet;
use std::fmt;

use ledger::{Hash, Record, RecordId, Replay, VerifierKey};
use sea_orm::{ConnectionTrait, DatabaseConnection};

use super::epoch::{self, EpochView};
use super::erase;
use super::lineage;
use super::sealer::{Head, head};
use crate::error::Refusal;
use crate::store::snapshot;
use read::Stored;
use tree::Tree;

/// Records looked at together.
const CHUNK: u64 = 5_000;

/// What was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditReport {
    /// The log's name.
    pub origin: String,
    /// Records sealed, each checked.
    pub size: u64,
    /// The root that they lead to.
    pub root: Hash,
    /// Records that wait to be sealed, checked as well.
    pub waiting: u64,
    /// Postings that agree with their records.
    pub postings: u64,
    /// Accounts whose balance is what their postings sum to.
    pub accounts: u64,
    /// Texts that match their commitments.
    pub disclosures: u64,
    /// Commitments whose texts were erased, each named by an erasure on record.
    pub erased: u64,
    /// Checkpoints whose root the log had at their size.
    pub checkpoints: u64,
    /// Of those, the ones whose signature was checked: all, or none if no key was given.
    pub signatures: u64,
    /// Cosignatures by witnesses that hold by the key stored with them.
    pub cosignatures: u64,
    /// Minor units of the asset in the world.
    pub supply: i128,
}

/// The first wrong thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditFault {
    /// The place in the log of the record at fault, where it is a sealed record's.
    pub index: Option<u64>,
    /// What is wrong.
    pub what: String,
}

impl AuditFault {
    fn new(what: impl fmt::Display) -> Self {
        Self { index: None, what: what.to_string() }
    }

    fn at(index: u64, what: impl fmt::Display) -> Self {
        Self { index: Some(index), what: what.to_string() }
    }
}

impl fmt::Display for AuditFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.index {
            Some(index) => write!(f, "record {index} of the log: {}", self.what),
            None => f.write_str(&self.what),
        }
    }
}

impl std::error::Error for AuditFault {}

impl From<sea_orm::DbErr> for AuditFault {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::new(format_args!("the database can't be read: {error}"))
    }
}

impl From<Refusal> for AuditFault {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Fault(why) => Self::new(why),
            other => Self::new(other),
        }
    }
}

/// Verifies everything. `progress` is told how many sealed records of how many are done. Without keys
/// everything but the signatures is checked.
///
/// # Errors
/// The first wrong thing, or that the database can't be read.
pub async fn audit(
    db: &DatabaseConnection,
    keys: &[VerifierKey],
    mut progress: impl FnMut(u64, u64),
) -> Result<AuditReport, AuditFault> {
    let db = snapshot(db).await?;
    let head = head(&db).await?;
    let mut audit = Audit::begin(&db, keys, head).await?;
    progress(0, audit.head.size);
    while audit.done < audit.head.size {
        audit.chunk(&db).await?;
        progress(audit.done, audit.head.size);
    }
    audit.finish(&db).await
}

/// An audit under way.
struct Audit<'k> {
    keys: &'k [VerifierKey],
    head: Head,
    epochs: Vec<EpochView>,
    gone: HashSet<Hash>,
    erased: u64,
    replay: Replay,
    tree: Tree,
    eras: compare::Eras,
    done: u64,
    postings: u64,
    disclosures: u64,
    checkpoints: u64,
}

impl<'k> Audit<'k> {
    async fn begin(
        db: &impl ConnectionTrait,
        keys: &'k [VerifierKey],
        head: Head,
    ) -> Result<Self, AuditFault> {
        let replay = Replay::watching(read::reversed(db).await?);
        let tree = Tree::default();
        let epochs = epoch::epochs(db).await?;
        let gone = erase::erased(db).await?;
        let mut audit = Self {
            keys,
            head,
            epochs,
            gone,
            erased: 0,
            replay,
            tree,
            eras: compare::Eras::new(),
            done: 0,
            postings: 0,
            disclosures: 0,
            checkpoints: 0,
        };
        let root = audit.tree.root();
        for checkpoint in read::checkpoints(db, 0..=0).await? {
            audit.checkpoints += compare::checkpoint(&checkpoint, &audit.epochs, keys, &root)?;
        }
        Ok(audit)
    }

    /// The next records in the order of their places.
    async fn chunk(&mut self, db: &impl ConnectionTrait) -> Result<(), AuditFault> {
        let (from, to) = (self.done, self.head.size.min(self.done + CHUNK));
        let stored = read::sealed(db, from, to).await?;
        let mut checkpoints = read::checkpoints(db, from + 1..=to).await?.into_iter().peekable();
        let mut hashes = Vec::with_capacity(stored.len());
        for (index, stored) in (from..).zip(&stored) {
            let hash = compare::leaf(index, stored)?;
            self.record(stored).map_err(|fault| AuditFault { index: Some(index), ..fault })?;
            self.tree.grow(hash);
            hashes.push(hash);
            while let Some(checkpoint) = checkpoints.next_if(|next| self.tree.has(next.size)) {
                let root = self.tree.root();
                self.checkpoints += compare::checkpoint(&checkpoint, &self.epochs, self.keys, &root)?;
            }
        }
        if self.tree.size() != to {
            return Err(AuditFault::at(self.tree.size(), "is missing"));
        }
        self.tree.compare(db, &hashes).await?;
        self.done = to;
        Ok(())
    }

    /// One record against its columns, its postings, its texts, and all records before it.
    fn record(&mut self, stored: &Stored) -> Result<RecordId, AuditFault> {
        let record = Record::decode(&stored.row.bytes).map_err(AuditFault::new)?;
        compare::columns(&record, &stored.row)?;
        compare::postings(&record, &stored.postings, &mut self.eras)?;
        self.erased += compare::disclosures(&record, &stored.disclosures, &self.gone)?;
        self.replay.apply(&record).map_err(|fault| AuditFault::new(fault.fault))?;
        self.postings += stored.postings.len() as u64;
        self.disclosures += stored.disclosures.len() as u64;
        Ok(record.id)
    }

    /// What is left once every leaf was looked at.
    async fn finish(mut self, db: &impl ConnectionTrait) -> Result<AuditReport, AuditFault> {
        if self.tree.root() != self.head.root {
            return Err(AuditFault::new("the head's root is not the root over its records"));
        }
        self.tree.compare_shape(db).await?;
        lineage::compare(db, &self.head, &self.epochs).await?;
        let waiting = self.waiting(db).await?;
        let accounts = compare::accounts(db, &self.replay, &self.eras).await?;
        if let Some((asset, sum)) = self.replay.sums().into_iter().find(|(_, sum)| *sum != 0) {
            return Err(AuditFault::new(format_args!(
                "the balances of asset {asset} sum to {sum}, not to zero"
            )));
        }
        let counts = read::counts(db).await?;
        let expected = [
            ("leaf", counts.leaves, self.head.size),
            ("record", counts.records, self.head.size + waiting),
            ("posting", counts.postings, self.postings),
            ("disclosure", counts.disclosures, self.disclosures),
            ("checkpoint", counts.checkpoints, self.checkpoints),
        ];
        for (table, there, accounted) in expected {
            if there != accounted {
                let what = format_args!("table {table} has {there} rows, but {accounted} belong to the log");
                return Err(AuditFault::new(what));
            }
        }
        let cosignatures = beside::check(db).await?;
        let signatures = if self.keys.is_empty() { 0 } else { self.checkpoints };
        Ok(AuditReport {
            origin: self.head.origin,
            size: self.head.size,
            root: self.head.root,
            waiting,
            postings: self.postings,
            accounts,
            disclosures: self.disclosures,
            erased: self.erased,
            checkpoints: self.checkpoints,
            signatures,
            cosignatures,
            supply: self.replay.supply().values().sum(),
        })
    }

    /// The records that wait, in the order that they will be sealed in.
    async fn waiting(&mut self, db: &impl ConnectionTrait) -> Result<u64, AuditFault> {
        let mut last = None;
        let mut count = 0;
        loop {
            let some = read::waiting(db, last, CHUNK).await?;
            let Some(newest) = some.last() else { return Ok(count) };
            last = Some((newest.row.posted_at, newest.row.id));
            for stored in &some {
                self.record(stored).map_err(|fault| {
                    AuditFault::new(format_args!(
                        "record {}, which waits to be sealed: {fault}",
                        stored.row.id
                    ))
                })?;
                count += 1;
            }
        }
    }
}
