//! A receipt that somebody brings, checked step by step.
//!
//! Promises: it holds exactly when [`ledger::Receipt::verify`] says so; the steps only tell where it fails, the
//! same ones in the same order as the browser's own check. Must never: say that a receipt holds because most of
//! it does, or ask the database whether it has ever made one.

use ledger::intent;
use ledger::tree::verify_inclusion;
use ledger::{
    Amount, AssetNo, Checkpoint, Disclosure, Hash, Receipt, Record, RecordId, RecordKind, Side, SignedNote,
    VerifierKey, leaf_hash,
};

use crate::clock::Moment;

/// A step of the check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckStep {
    /// The bytes are a record's, and their hash is worked out.
    Leaf,
    /// The way from the hash leads to the root.
    Path,
    /// A key that is known signed the root.
    Signature,
    /// The record commits to the texts.
    Texts,
    /// A person signed what the record does.
    Person,
}

/// What came of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checked {
    /// It holds.
    Holds,
    /// It does not, and why.
    Fails(String),
    /// There is nothing to check: what was signed is not disclosed.
    Nothing,
}

/// A line of the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckedMove {
    /// The account.
    pub account: ledger::AccountId,
    /// Of what.
    pub asset: AssetNo,
    /// True for what came in.
    pub credit: bool,
    /// How much.
    pub amount: Amount,
}

/// What the record in a receipt says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedRecord {
    /// What it is.
    pub kind: RecordKind,
    /// Its id.
    pub id: RecordId,
    /// When it was posted.
    pub at: Moment,
    /// What it moved.
    pub moves: Vec<CheckedMove>,
}

/// A receipt, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptCheck {
    /// True if all of it holds.
    pub holds: bool,
    /// The log's name, as the checkpoint in the receipt has it.
    pub origin: String,
    /// The record's place.
    pub index: u64,
    /// How many records the checkpoint covers.
    pub size: u64,
    /// The root that was signed.
    pub root: Hash,
    /// The hash of the record's bytes.
    pub leaf: Hash,
    /// How many bytes they are.
    pub length: usize,
    /// What it says; nothing unless all of it holds.
    pub record: Option<CheckedRecord>,
    /// The texts disclosed along with it, by label, those that are text; none unless all of it holds.
    pub texts: Vec<(String, String)>,
    /// The steps.
    pub steps: Vec<(CheckStep, Checked)>,
}

/// Checks the receipt in `text` against the keys that are known.
///
/// # Errors
/// Why it is no receipt at all.
pub fn check_receipt(text: &str, keys: &[VerifierKey]) -> Result<ReceiptCheck, String> {
    let receipt: Receipt = text.parse().map_err(|why: ledger::ReceiptError| why.to_string())?;
    let note = SignedNote::parse(receipt.checkpoint.as_bytes()).map_err(|why| why.to_string())?;
    let checkpoint: Checkpoint = note.text.parse().map_err(|why: ledger::CheckpointError| why.to_string())?;
    let leaf = leaf_hash(&receipt.record);
    let record = Record::decode(&receipt.record);
    let mut steps = vec![
        (CheckStep::Leaf, outcome(record.as_ref())),
        (
            CheckStep::Path,
            outcome(verify_inclusion(
                &leaf,
                receipt.index,
                checkpoint.size,
                &receipt.proof,
                &checkpoint.root,
            )),
        ),
        (CheckStep::Signature, signature(&receipt.checkpoint, keys)),
    ];
    if let Ok(record) = &record {
        steps.push((CheckStep::Texts, texts(record, &receipt.disclosures)));
        if record.intent.is_some() {
            steps.push((CheckStep::Person, person(&checkpoint.origin, record, &receipt.disclosures)));
        }
    }
    let (index, length) = (receipt.index, receipt.record.len());
    let whole = receipt.verify(keys).ok();
    let said = |disclosure: &Disclosure| {
        let text = String::from_utf8(disclosure.data.clone()).ok()?;
        (disclosure.label != intent::LABEL).then(|| (disclosure.label.clone(), text))
    };
    Ok(ReceiptCheck {
        holds: whole.is_some(),
        origin: checkpoint.origin,
        index,
        size: checkpoint.size,
        root: checkpoint.root,
        leaf,
        length,
        texts: whole.iter().flat_map(|open| open.disclosures.iter().filter_map(said)).collect(),
        record: whole.map(|open| says(&open.record)),
        steps,
    })
}

fn outcome<T, E: ToString>(result: Result<T, E>) -> Checked {
    result.map_or_else(|why| Checked::Fails(why.to_string()), |_| Checked::Holds)
}

fn signature(note: &str, keys: &[VerifierKey]) -> Checked {
    match Checkpoint::open(note.as_bytes(), keys) {
        Ok(open) if open.is_signed_by_its_origin() => Checked::Holds,
        Ok(open) => Checked::Fails(ledger::TlogProofError::OtherLog(open.checkpoint.origin).to_string()),
        Err(why) => Checked::Fails(why.to_string()),
    }
}

fn texts(record: &Record, disclosures: &[Disclosure]) -> Checked {
    let opens = |text: &&Disclosure| {
        let Disclosure { label, salt, data } = text;
        record.commitments.iter().any(|commitment| ledger::commitment::opens(commitment, label, salt, data))
    };
    disclosures.iter().find(|text| !opens(text)).map_or(Checked::Holds, |other| {
        Checked::Fails(ledger::ReceiptError::NotCommitted(other.label.clone()).to_string())
    })
}

fn person(origin: &str, record: &Record, disclosures: &[Disclosure]) -> Checked {
    let signed = disclosures.iter().find(|text| text.label == intent::LABEL);
    signed.map_or(Checked::Nothing, |signed| {
        outcome(intent::check(ledger::checkpoint::first_origin(origin), record, &signed.data))
    })
}

fn says(record: &Record) -> CheckedRecord {
    let moves = record.postings.iter().map(|posting| CheckedMove {
        account: posting.account,
        asset: posting.asset,
        credit: posting.side == Side::Credit,
        amount: posting.amount,
    });
    CheckedRecord {
        kind: record.kind,
        id: record.id,
        at: Moment(i64::try_from(record.posted_at).unwrap_or(i64::MAX)),
        moves: moves.collect(),
    }
}
