//! Receipts: a proof file that carries the record and the texts its holder may see.
//!
//! Promises: the file alone, with the log's public key, shows that the record is in the log and that
//! each text in it is the one the record commits to. Must never show a text that matches no
//! commitment, and never be believed in part.
//!
//! The `extra` bytes are strict CBOR (see [`crate::cbor`]): a map of 0, the record's bytes, and 1, an
//! array of `[label, salt, data]`; key 1 is left out when nothing is disclosed.

use crate::{
    cbor::{CborError, Reader, Writer},
    checkpoint::{OpenCheckpoint, first_origin},
    commitment::opens,
    intent::{self, IntentError},
    note::VerifierKey,
    proof::{TlogProof, TlogProofError},
    record::{Record, RecordError},
    tree::Hash,
};
use std::{fmt, str::FromStr};

const KEY_RECORD: u64 = 0;
const KEY_DISCLOSED: u64 = 1;

/// One text, name or file behind a record, with what it takes to check it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disclosure {
    /// What it is, such as `memo`.
    pub label: String,
    /// The salt of its commitment.
    pub salt: [u8; 32],
    /// The text or the file's bytes.
    pub data: Vec<u8>,
}

/// A receipt that hasn't been checked, or that is about to be handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The record's canonical bytes.
    pub record: Vec<u8>,
    /// What is disclosed along with it.
    pub disclosures: Vec<Disclosure>,
    /// The record's index.
    pub index: u64,
    /// Its inclusion proof.
    pub proof: Vec<Hash>,
    /// The signed checkpoint, as a note.
    pub checkpoint: String,
}

/// A receipt that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenReceipt {
    /// The record.
    pub record: Record,
    /// What is disclosed; each matches a commitment of the record.
    pub disclosures: Vec<Disclosure>,
    /// The record's index in the log.
    pub index: u64,
    /// The state of the log that it is proved against, and who vouches for that.
    pub checkpoint: OpenCheckpoint,
}

/// Why a receipt is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// The proof file is malformed or doesn't hold.
    #[error(transparent)]
    Proof(#[from] TlogProofError),
    /// A proof file without extra data has no record in it.
    #[error("this proof file carries no record")]
    NoRecord,
    /// The extra data isn't what a receipt carries.
    #[error("in the extra data, {0}")]
    Extra(#[from] CborError),
    /// Good CBOR, but not a receipt's.
    #[error("in the extra data, byte {offset}: {what}")]
    Field {
        /// Offset of the item at fault.
        offset: usize,
        /// What is wrong there.
        what: &'static str,
    },
    /// The record's bytes are not a record.
    #[error("the record in this receipt is refused: {0}")]
    Record(#[from] RecordError),
    /// What is disclosed as signed isn't what the record carries, or isn't what it does.
    #[error(transparent)]
    Intent(#[from] IntentError),
    /// A text that the record doesn't commit to.
    #[error("the record does not commit to what is disclosed as `{0}`")]
    NotCommitted(String),
}

impl Receipt {
    /// Reads a receipt and checks all of it against the keys that the caller knows.
    ///
    /// # Errors
    /// What doesn't hold; nothing of such a receipt is to be believed.
    pub fn open(text: &str, keys: &[VerifierKey]) -> Result<OpenReceipt, ReceiptError> {
        text.parse::<Self>()?.verify(keys)
    }

    /// Checks the proof, the record and every disclosure.
    ///
    /// # Errors
    /// What doesn't hold.
    pub fn verify(self, keys: &[VerifierKey]) -> Result<OpenReceipt, ReceiptError> {
        let Self { record, disclosures, index, proof, checkpoint } = self;
        let proof = TlogProof { extra: None, index, proof, checkpoint };
        let checkpoint = proof.verify(&record, keys)?;
        let record = Record::decode(&record)?;
        for Disclosure { label, salt, data } in &disclosures {
            if !record.commitments.iter().any(|commitment| opens(commitment, label, salt, data)) {
                return Err(ReceiptError::NotCommitted(label.clone()));
            }
        }
        // What was signed, once it is disclosed, has to be what the record carries.
        let signed = disclosures.iter().find(|text| text.label == intent::LABEL);
        if let (Some(_), Some(signed)) = (record.intent, signed) {
            intent::check(first_origin(&checkpoint.checkpoint.origin), &record, &signed.data)?;
        }
        Ok(OpenReceipt { record, disclosures, index, checkpoint })
    }

    fn extra(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.map(if self.disclosures.is_empty() { 1 } else { 2 });
        out.uint(KEY_RECORD).bytes(&self.record);
        if !self.disclosures.is_empty() {
            out.uint(KEY_DISCLOSED).array(self.disclosures.len());
            for disclosure in &self.disclosures {
                out.array(3).text(&disclosure.label).bytes(&disclosure.salt).bytes(&disclosure.data);
            }
        }
        out.finish()
    }
}

impl FromStr for Receipt {
    type Err = ReceiptError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let TlogProof { extra, index, proof, checkpoint } = text.parse()?;
        let (record, disclosures) = parse_extra(&extra.ok_or(ReceiptError::NoRecord)?)?;
        Ok(Self { record, disclosures, index, proof, checkpoint })
    }
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (proof, checkpoint) = (self.proof.clone(), self.checkpoint.clone());
        TlogProof { extra: Some(self.extra()), index: self.index, proof, checkpoint }.fmt(f)
    }
}

fn parse_extra(extra: &[u8]) -> Result<(Vec<u8>, Vec<Disclosure>), ReceiptError> {
    let mut input = Reader::new(extra);
    let pairs = input.map()?;
    if !(1..=2).contains(&pairs) {
        return Err(ReceiptError::Field { offset: 0, what: "a receipt has one or two fields" });
    }
    expect_key(&mut input, KEY_RECORD)?;
    let record = input.bytes()?.to_vec();
    let mut disclosures = Vec::new();
    if pairs == 2 {
        expect_key(&mut input, KEY_DISCLOSED)?;
        let offset = input.offset();
        let count = input.array()?;
        if count == 0 {
            return Err(ReceiptError::Field { offset, what: "an empty list must be left out" });
        }
        for _ in 0..count {
            disclosures.push(parse_disclosure(&mut input)?);
        }
    }
    input.finish()?;
    Ok((record, disclosures))
}

fn expect_key(input: &mut Reader<'_>, key: u64) -> Result<(), ReceiptError> {
    let offset = input.offset();
    if input.uint()? == key { Ok(()) } else { Err(ReceiptError::Field { offset, what: "unknown key" }) }
}

fn parse_disclosure(input: &mut Reader<'_>) -> Result<Disclosure, ReceiptError> {
    let offset = input.offset();
    if input.array()? != 3 {
        return Err(ReceiptError::Field { offset, what: "a disclosure has 3 parts" });
    }
    Ok(Disclosure { label: input.text()?.to_owned(), salt: input.fixed()?, data: input.bytes()?.to_vec() })
}
