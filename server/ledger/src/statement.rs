//! Statements: a stretch of one account's history that proves its own completeness.
//!
//! Promises: the file alone, with the log's public key, shows that every record in it is in the log, that
//! the account's postings in them are numbered without a gap from the first to the last line, and that each
//! one's totals follow from those before. Must never: be believed in part. A statement can't show that
//! nothing came after its last line; the next statement starts there.
//!
//! ```text
//! saima-statement/v1
//! account <32 hex digits>
//! lines <first seq> <last seq>
//! record <index> <base64 of the record's bytes>
//! text <label> <base64 salt> <base64 data>      none or more, of the record above
//! …                                             records by ascending index
//! hash <base64>                                 the proof of all records at once, see `tree::cover_ranges`
//! …
//!                                               an empty line, then the signed checkpoint
//! ```

mod verify;

use crate::{
    account::AccountId,
    receipt::Disclosure,
    text::{base64, next_line, parse_base64, parse_decimal, parse_hash},
    tree::Hash,
};
use std::{fmt, str::FromStr};
pub use verify::{OpenStatement, ProvedRecord, StatementError, Totals};

/// The first line, by which a reader tells a statement from a receipt.
pub const HEADER: &str = "saima-statement/v1";
/// Most records in a statement.
pub const MAX_RECORDS: usize = 10_000;
/// Longest file that is looked at, in bytes.
const MAX_FILE: usize = 64 << 20;
/// Most texts with one record.
const MAX_TEXTS: usize = 1_000;
/// Most hashes: a path from each record to the root.
const MAX_HASHES: usize = MAX_RECORDS * crate::proof::MAX_PROOF;

/// A statement that hasn't been checked, or that is about to be handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Whose postings these are.
    pub account: AccountId,
    /// The first posting's number, from 1.
    pub from: u64,
    /// The last posting's number.
    pub to: u64,
    /// The records that hold them, by ascending index.
    pub records: Vec<StatedRecord>,
    /// The roots of [`crate::tree::cover_ranges`] of the records' places.
    pub proof: Vec<Hash>,
    /// The signed checkpoint, as a note.
    pub checkpoint: String,
}

/// One record of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatedRecord {
    /// Its place in the log.
    pub index: u64,
    /// Its canonical bytes.
    pub bytes: Vec<u8>,
    /// What is disclosed along with it.
    pub disclosures: Vec<Disclosure>,
}

impl FromStr for Statement {
    type Err = StatementError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let malformed = StatementError::Malformed;
        if text.len() > MAX_FILE {
            return Err(malformed("it is too long"));
        }
        let mut rest = text;
        if next_line(&mut rest) != Some(HEADER) {
            return Err(malformed("the first line is not that of a statement"));
        }
        let account = field(&mut rest, "account ").and_then(|text| text.parse().ok());
        let account = account.ok_or(malformed("the account is missing or not 32 hex digits"))?;
        let lines = field(&mut rest, "lines ").and_then(|text| text.split_once(' '));
        let lines = lines.and_then(|(from, to)| Some((parse_decimal(from)?, parse_decimal(to)?)));
        let (from, to) = lines.ok_or(malformed("the numbers of the lines are missing"))?;
        let mut records = Vec::new();
        while let Some(fields) = field(&mut rest, "record ") {
            if records.len() == MAX_RECORDS {
                return Err(malformed("it has too many records"));
            }
            records.push(record(fields, &mut rest)?);
        }
        let mut proof = Vec::new();
        while let Some(hash) = field(&mut rest, "hash ") {
            if proof.len() == MAX_HASHES {
                return Err(malformed("it has too many hashes"));
            }
            proof.push(parse_hash(hash).ok_or(malformed("a hash is not one in base64"))?);
        }
        if next_line(&mut rest) != Some("") {
            return Err(malformed("a line is neither a record, a text nor a hash"));
        }
        Ok(Self { account, from, to, records, proof, checkpoint: rest.to_owned() })
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}\naccount {}\nlines {} {}", self.account, self.from, self.to)?;
        for StatedRecord { index, bytes, disclosures } in &self.records {
            writeln!(f, "record {index} {}", base64(bytes))?;
            for Disclosure { label, salt, data } in disclosures {
                writeln!(f, "text {label} {} {}", base64(salt), base64(data))?;
            }
        }
        self.proof.iter().try_for_each(|hash| writeln!(f, "hash {}", base64(hash)))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

/// What follows `name` on the next line; takes nothing off where the line begins otherwise.
fn field<'a>(rest: &mut &'a str, name: &str) -> Option<&'a str> {
    let mut after = *rest;
    let value = next_line(&mut after)?.strip_prefix(name)?;
    *rest = after;
    Some(value)
}

fn record(fields: &str, rest: &mut &str) -> Result<StatedRecord, StatementError> {
    let malformed = StatementError::Malformed;
    let parsed = fields.split_once(' ').and_then(|(index, bytes)| {
        let bytes = parse_base64(bytes).filter(|bytes| bytes.len() <= crate::record::MAX_BYTES)?;
        Some((parse_decimal(index)?, bytes))
    });
    let (index, bytes) = parsed.ok_or(malformed("a record is not an index and bytes in base64"))?;
    let mut disclosures = Vec::new();
    while let Some(fields) = field(rest, "text ") {
        if disclosures.len() == MAX_TEXTS {
            return Err(malformed("a record has too many texts"));
        }
        disclosures.push(disclosure(fields).ok_or(malformed("a text is not a label, a salt and data"))?);
    }
    Ok(StatedRecord { index, bytes, disclosures })
}

fn disclosure(fields: &str) -> Option<Disclosure> {
    let mut parts = fields.split(' ');
    let (label, salt, data) = (parts.next()?, parts.next()?, parts.next()?);
    if label.is_empty() || parts.next().is_some() {
        return None;
    }
    let salt = parse_base64(salt)?.try_into().ok()?;
    Some(Disclosure { label: label.to_owned(), salt, data: parse_base64(data)? })
}
