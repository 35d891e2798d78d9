//! Verifying a whole installation from its database: every leaf, tile, checkpoint and balance.
//!
//! Promises: reads one unchanging snapshot; believes nothing but the records' bytes, and compares every
//! table with them; memory grows with the accounts only; all cores are used; names the first wrong thing.
//! Must never: write, repair or skip.
//!
//! Readers with connections of their own take stretches of 4,096 records in turn, and check each by itself
//! (`stretch.rs`); the stretches are then put together in order (here): replay, tree, checkpoints.

mod beside;
mod compare;
mod fault;
mod read;
mod stretch;
mod tree;

use std::collections::HashSet;
use std::num::NonZero;
use std::sync::Arc;

use ledger::record::Intent;
use ledger::{Checkpoint, Hash, Record, RecordKind, Replay, VerifierKey};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use tokio::sync::mpsc::{Receiver, channel};
use tokio::task::spawn_blocking;

use super::epoch;
use super::erase;
use super::lineage;
use super::post::signed;
use super::sealer::{Head, head};
use crate::books::rows::{PostingRow, Reader, Shelf, Source};
use crate::store::snapshot;
pub use fault::AuditFault;
use stretch::{Checked, Trust};
use tree::{STRETCH, Tree};

/// More readers than this only wait for the replay.
const MOST_READERS: usize = 16;

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
    /// Records whose own decision somebody signed; [`crate::signing::audit_intents`] checks how.
    pub signed: u64,
    /// Checkpoints whose root the log had at their size.
    pub checkpoints: u64,
    /// Of those, the ones whose signature was checked: all, or none if no key was given.
    pub signatures: u64,
    /// Cosignatures by witnesses that hold by the key stored with them.
    pub cosignatures: u64,
    /// Minor units of the asset in the world.
    pub supply: i128,
    /// What the asset is called. No record says so: it is for the reader to know.
    pub asset: String,
    /// How many decimals it has.
    pub scale: i64,
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
    let txn = snapshot(db).await?;
    let head = head(&txn).await?;
    let source = Source::beside(db, &txn).await;
    let trust =
        Trust { epochs: epoch::epochs(&txn).await?, gone: erase::erased(&txn).await?, keys: keys.to_vec() };
    let trust = Arc::new(trust);
    let mut audit = Audit::begin(&txn, &trust, head).await?;
    progress(0, audit.head.size);
    let mut stretches = read_in_turn(&source, audit.head.size, &trust);
    let readers = stretches.len().max(1);
    for turn in (0..readers).cycle() {
        if audit.tree.size() == audit.head.size {
            break;
        }
        let next = match stretches.get_mut(turn) {
            Some(reader) => reader.recv().await,
            None => None,
        };
        audit.stretch(&txn, next.ok_or_else(|| AuditFault::new("a reader gave up"))??).await?;
        progress(audit.tree.size(), audit.head.size);
    }
    audit.finish(&txn, &mut source.open().await?).await
}

/// What a reader hands over.
type Read = Result<Checked, AuditFault>;

/// Starts the readers: the first takes the first stretch, the second the next, and so on in turn. Each is
/// at most two stretches ahead of what is taken from it, and stops when nobody takes any more.
fn read_in_turn(source: &Source, size: u64, trust: &Arc<Trust>) -> Vec<Receiver<Read>> {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let stretches = usize::try_from(size.div_ceil(STRETCH)).unwrap_or(usize::MAX);
    let readers = cores.clamp(1, MOST_READERS).min(stretches);
    let start = |first: usize| {
        let (hand_over, taken) = channel::<Read>(1);
        let (source, trust) = (source.clone(), Arc::clone(trust));
        let step = STRETCH * readers as u64;
        tokio::spawn(async move {
            let mut reader = source.open().await.map(Some);
            let mut from = STRETCH * first as u64;
            while from < size {
                let to = size.min(from + STRETCH);
                let checked = match &mut reader {
                    Ok(reader) => one_stretch(reader, from, to, &trust).await,
                    Err(fault) => Err(fault.clone()),
                };
                let is_end = checked.as_ref().map_or(true, |checked| checked.fault.is_some());
                if hand_over.send(checked).await.is_err() || is_end {
                    return;
                }
                from += step;
            }
        });
        taken
    };
    (0..readers).map(start).collect()
}

/// Reads and checks on a thread where waiting and computing hurt nobody.
async fn one_stretch(slot: &mut Option<Reader>, from: u64, to: u64, trust: &Arc<Trust>) -> Read {
    let gone = || AuditFault::new("a reader was stopped");
    let mut reader = slot.take().ok_or_else(gone)?;
    let (first, last) = (signed(from)?, signed(to)?);
    let trust = Arc::clone(trust);
    let (reader, checked) = if reader.blocks() {
        let work = move || {
            let read = reader.read_blocking(Shelf::Sealed, first, last);
            (reader, read.map(|read| stretch::sealed(&read, from, to, &trust)))
        };
        spawn_blocking(work).await.map_err(|_| gone())?
    } else {
        let read = reader.read(Shelf::Sealed, first, last).await?;
        let work = move || Ok(stretch::sealed(&read, from, to, &trust));
        (reader, spawn_blocking(work).await.map_err(|_| gone())?)
    };
    *slot = Some(reader);
    checked
}

/// An audit under way.
struct Audit {
    head: Head,
    trust: Arc<Trust>,
    erased: u64,
    replay: Replay,
    tree: Tree,
    postings: u64,
    disclosures: u64,
    signed: u64,
    decided: HashSet<Intent>,
    checkpoints: u64,
    eras: compare::Eras,
}

impl Audit {
    async fn begin(db: &impl ConnectionTrait, trust: &Arc<Trust>, head: Head) -> Result<Self, AuditFault> {
        let replay = Replay::watching(read::reversed(db).await?);
        let mut audit = Self {
            head,
            trust: Arc::clone(trust),
            erased: 0,
            replay,
            tree: Tree::default(),
            postings: 0,
            disclosures: 0,
            signed: 0,
            decided: HashSet::new(),
            checkpoints: 0,
            eras: compare::Eras::new(),
        };
        if let Some(first) = read::first_checkpoint(db).await? {
            audit.checkpoint(&stretch::checkpoint(&first, trust)?)?;
        }
        Ok(audit)
    }

    /// The next stretch in the order of the log.
    async fn stretch(&mut self, db: &impl ConnectionTrait, checked: Checked) -> Result<(), AuditFault> {
        let from = self.tree.size();
        for (index, record) in (from..).zip(&checked.records) {
            self.replay(record).map_err(|fault| fault.at(index))?;
        }
        if let Some(fault) = checked.fault {
            return Err(fault);
        }
        self.eras(&checked.postings).map_err(|(place, fault)| fault.at(place))?;
        self.postings += checked.postings.len() as u64;
        self.disclosures += checked.disclosures;
        self.erased += checked.erased;
        self.tree.grow(checked.subtree);
        for signed in &checked.checkpoints {
            self.checkpoint(signed)?;
        }
        self.tree.compare(db, false).await
    }

    /// One record given all before it.
    fn replay(&mut self, record: &Record) -> Result<(), AuditFault> {
        let replayed = self.replay.apply(record);
        replayed.map_err(|fault| AuditFault::new(fault.fault).in_table("record", "bytes"))?;
        self.signature(record)
    }

    /// What pays a ruling out carries the signature of who ruled, and none but that.
    fn signature(&mut self, record: &Record) -> Result<(), AuditFault> {
        let Some(intent) = record.intent else { return Ok(()) };
        match record.kind {
            RecordKind::Payout | RecordKind::Refund if self.decided.contains(&intent) => return Ok(()),
            RecordKind::Payout | RecordKind::Refund => {
                let fault = AuditFault::new("carries a signature that no decision before it does");
                return Err(fault.in_table("record", "bytes"));
            }
            RecordKind::Evidence => {
                self.decided.insert(intent);
            }
            _ => {}
        }
        self.signed += 1;
        Ok(())
    }

    /// The eras of posting rows, each given those before; a fault comes with its record's place.
    fn eras(&mut self, rows: &[PostingRow]) -> Result<(), (u64, AuditFault)> {
        rows.iter().try_for_each(|row| {
            compare::era(row, &mut self.eras).map_err(|fault| (u64::try_from(row.place).unwrap_or(0), fault))
        })
    }

    /// What was signed against the root that the log had at that size.
    fn checkpoint(&mut self, signed: &Checkpoint) -> Result<(), AuditFault> {
        if self.tree.root_at(signed.size)? != signed.root {
            return Err(AuditFault::new("the log did not have this root")
                .of(format_args!("of {} records", signed.size))
                .in_table("checkpoint", "note"));
        }
        self.checkpoints += 1;
        Ok(())
    }

    /// What is left once every leaf was looked at.
    async fn finish(
        mut self,
        db: &impl ConnectionTrait,
        reader: &mut Reader,
    ) -> Result<AuditReport, AuditFault> {
        if self.tree.root_at(self.head.size)? != self.head.root {
            let fault = AuditFault::new("the head's root is not the root over its records");
            return Err(fault.in_table("log_head", "root"));
        }
        self.tree.compare(db, true).await?;
        self.tree.compare_shape(db).await?;
        lineage::compare(db, &self.head, &self.trust.epochs).await?;
        let waiting = self.waiting(reader).await?;
        let accounts = compare::accounts(db, &self.replay, &self.eras).await?;
        if let Some((asset, sum)) = self.replay.sums().into_iter().find(|(_, sum)| *sum != 0) {
            let what = format_args!("the balances of asset {asset} sum to {sum}, not to zero");
            return Err(AuditFault::new(what));
        }
        self.count(db, waiting).await?;
        let cosignatures = beside::check(db).await?;
        let asset = read::asset(db).await?.ok_or_else(|| AuditFault::new("the asset is not there"))?;
        Ok(AuditReport {
            origin: self.head.origin,
            size: self.head.size,
            root: self.head.root,
            waiting,
            postings: self.postings,
            accounts,
            disclosures: self.disclosures,
            erased: self.erased,
            signed: self.signed,
            checkpoints: self.checkpoints,
            signatures: if self.trust.keys.is_empty() { 0 } else { self.checkpoints },
            cosignatures,
            supply: self.replay.supply().values().sum(),
            asset: asset.code,
            scale: asset.scale,
        })
    }

    /// The records that wait, in the order that they will be sealed in.
    async fn waiting(&mut self, reader: &mut Reader) -> Result<u64, AuditFault> {
        let mut count = 0;
        loop {
            let (from, to) = (signed(count)?, signed(count + STRETCH)?);
            let rows = reader.read(Shelf::Waiting, from, to).await?;
            let checked = stretch::waiting(&rows, count, &self.trust);
            for record in &checked.records {
                let of = format_args!("record {}, which waits to be sealed", record.id);
                self.replay(record).map_err(|fault| fault.of(of))?;
            }
            if let Some(fault) = checked.fault {
                return Err(fault);
            }
            self.eras(&checked.postings).map_err(|(_, fault)| fault.of("waiting to be sealed"))?;
            self.postings += checked.postings.len() as u64;
            self.disclosures += checked.disclosures;
            self.erased += checked.erased;
            if checked.records.is_empty() {
                return Ok(count);
            }
            count += checked.records.len() as u64;
        }
    }

    /// No table has a row that belongs to no record of the log.
    async fn count(&self, db: &impl ConnectionTrait, waiting: u64) -> Result<(), AuditFault> {
        let counts = read::counts(db).await?;
        let expected = [
            ("leaf", counts.leaves, self.head.size),
            ("record", counts.records, self.head.size + waiting),
            ("posting", counts.postings, self.postings),
            ("disclosure", counts.disclosures, self.disclosures),
            ("checkpoint", counts.checkpoints, self.checkpoints),
        ];
        match expected.into_iter().find(|(_, there, accounted)| there != accounted) {
            None => Ok(()),
            Some((table, there, accounted)) => {
                let what = format_args!("{there} rows, but {accounted} belong to the log");
                Err(AuditFault { table: Some(table), ..AuditFault::new(what) })
            }
        }
    }
}
