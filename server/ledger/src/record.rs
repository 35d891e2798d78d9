//! Records: one atomic movement of the books, or a deposit of evidence, and its canonical bytes.
//!
//! Promises: a record has exactly one encoding (deterministic CBOR, see [`crate::cbor`]); what
//! decodes encodes to the same bytes, and the other way round; a record that doesn't balance can be
//! neither written nor read. Must never hold personal data: only random ids and salted commitments.

mod codec;
mod kind;

use crate::{
    account::AccountId,
    amount::Amount,
    cbor::CborError,
    posting::{BooksError, Posting, Side, balanced},
};
pub use kind::{RecordKind, UnknownRecordKind};

/// The format version that this code writes and reads.
pub const VERSION: u64 = 1;
/// Longest encoding: an entry bundle counts bytes in 16 bits.
pub const MAX_BYTES: usize = 65_535;
/// Most postings in one record; they fit [`MAX_BYTES`] at their longest.
pub const MAX_POSTINGS: usize = 1_000;
/// Most commitments in one record.
pub const MAX_COMMITMENTS: usize = 1_000;

crate::id::id_type!(
    /// Sixteen bytes that name a record for ever, shown as 32 lower-case hex digits.
    RecordId,
    16
);

/// A decision that a person or a device signed before the server made a record of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Intent {
    /// Which enrolled key signed.
    pub key_id: [u8; 8],
    /// How: 1 is Ed25519.
    pub algorithm: u8,
    /// SHA-256 of the exact message that was signed.
    pub hash: [u8; 32],
    /// The signature.
    pub signature: [u8; 64],
}

/// What a record refers to; each is optional.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// The task, entry or other thing that the record is about (key 8).
    pub subject: Option<[u8; 16]>,
    /// The record that a reversal undoes (key 9); a reversal has it, nothing else does.
    pub reversed: Option<RecordId>,
    /// What groups the records of one action (key 10).
    pub batch: Option<[u8; 16]>,
    /// When the record takes effect, µs since 1970 UTC, where that isn't when it was posted (key 11).
    pub effective_at: Option<u64>,
}

/// One line of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Format version, [`VERSION`].
    pub version: u64,
    /// What sort of movement or deposit this is.
    pub kind: RecordKind,
    /// The record's name.
    pub id: RecordId,
    /// When it was posted, µs since 1970 UTC, at most 2^63-1.
    pub posted_at: u64,
    /// The lines it adds to accounts; none for kinds that move nothing.
    pub postings: Vec<Posting>,
    /// Who decided it, where they signed.
    pub intent: Option<Intent>,
    /// Salted hashes of every text, name or file behind the record, see [`crate::commitment`].
    pub commitments: Vec<[u8; 32]>,
    /// Random bytes, so that a guessable record can't be found from its leaf hash.
    pub nonce: [u8; 16],
    /// What it refers to.
    pub links: Links,
}

/// Why a record can't be written, or bytes aren't a record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Not the restricted CBOR that records are made of.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// Good CBOR, but not what this place holds.
    #[error("byte {offset}: {what}")]
    Field {
        /// Offset of the item at fault.
        offset: usize,
        /// What is wrong there.
        what: &'static str,
    },
    /// A value that a record can't have.
    #[error("{0}")]
    Shape(&'static str),
    /// Debits and credits differ.
    #[error(transparent)]
    Books(#[from] BooksError),
    /// Longer than [`MAX_BYTES`].
    #[error("the record has {0} bytes, more than 65,535; split it")]
    TooLong(usize),
}

impl Record {
    /// The canonical bytes: these are hashed, stored and served.
    ///
    /// # Errors
    /// [`RecordError::Shape`], [`RecordError::Books`] or [`RecordError::TooLong`] for a record that
    /// must not exist.
    pub fn encode(&self) -> Result<Vec<u8>, RecordError> {
        self.check()?;
        let bytes = codec::write(self);
        if bytes.len() > MAX_BYTES { Err(RecordError::TooLong(bytes.len())) } else { Ok(bytes) }
    }

    /// Reads canonical bytes, and refuses any others.
    ///
    /// # Errors
    /// Whatever [`Record::encode`] would not have written; what is wrong with the encoding names
    /// its byte offset.
    pub fn decode(bytes: &[u8]) -> Result<Self, RecordError> {
        if bytes.len() > MAX_BYTES {
            return Err(RecordError::TooLong(bytes.len()));
        }
        let record = codec::read(bytes)?;
        record.check()?;
        Ok(record)
    }

    /// The accounts touched, in id order, each once: the order in which money is locked.
    #[must_use]
    pub fn accounts(&self) -> Vec<AccountId> {
        let mut accounts: Vec<_> = self.postings.iter().map(|posting| posting.account).collect();
        accounts.sort_unstable();
        accounts.dedup();
        accounts
    }

    /// The rules that hold for a record on its own, whatever came before it.
    fn check(&self) -> Result<(), RecordError> {
        let rules = [
            (self.version == VERSION, "the format version must be 1"),
            (self.postings.len() <= MAX_POSTINGS, "a record has at most 1,000 postings; split it"),
            (self.commitments.len() <= MAX_COMMITMENTS, "a record has at most 1,000 commitments; split it"),
            (
                self.kind.moves_money() != self.postings.is_empty(),
                "records that move money have postings, and the others have none",
            ),
            (
                (self.kind == RecordKind::Reversal) == self.links.reversed.is_some(),
                "a reversal names the record that it undoes, and nothing else does",
            ),
            (fits(self.posted_at), "posted_at is too large"),
            (self.links.effective_at.is_none_or(fits), "effective_at is too large"),
            (self.postings.iter().all(is_possible), "a posting has an impossible amount, seq or total"),
        ];
        if let Some((_, what)) = rules.into_iter().find(|(holds, _)| !holds) {
            return Err(RecordError::Shape(what));
        }
        Ok(balanced(&self.postings)?)
    }
}

/// Whether a database's `BIGINT` holds the number.
const fn fits(value: u64) -> bool {
    value <= Amount::MAX.minor()
}

/// Whether any history at all could have led to this posting.
fn is_possible(posting: &Posting) -> bool {
    let own_total = match posting.side {
        Side::Debit => posting.debits,
        Side::Credit => posting.credits,
    };
    !posting.amount.is_zero()
        && posting.seq > 0
        && [posting.seq, posting.debits, posting.credits].into_iter().all(fits)
        && own_total >= posting.amount.minor()
}
