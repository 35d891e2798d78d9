//! Checking a statement against the keys that the reader knows.
//!
//! Promises: the checks go from the signature inwards, and only a statement that passes all of them is
//! opened. Must never: skip a posting of the account, or count one of another's.

use super::{StatedRecord, Statement};
use crate::{
    account::AccountId,
    amount::AssetNo,
    checkpoint::{Checkpoint, CheckpointError, OpenCheckpoint},
    commitment::opens,
    note::VerifierKey,
    posting::{AccountState, Posting, Side},
    receipt::Disclosure,
    record::{Record, RecordError},
    tree::{ProofError, leaf_hash, verify_cover},
};

/// Both totals of an account at one moment, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// All that ever went out.
    pub debits: u64,
    /// All that ever came in.
    pub credits: u64,
}

impl Totals {
    /// Credits less debits.
    #[must_use]
    pub const fn balance(&self) -> i128 {
        self.credits as i128 - self.debits as i128
    }
}

/// A statement that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenStatement {
    /// Whose postings these are.
    pub account: AccountId,
    /// What the account holds.
    pub asset: AssetNo,
    /// The first posting's number.
    pub from: u64,
    /// The last posting's number.
    pub to: u64,
    /// Before the first line; nothing if that is the account's first posting.
    pub opening: Totals,
    /// After the last line.
    pub closing: Totals,
    /// The records, by ascending index.
    pub records: Vec<ProvedRecord>,
    /// The state of the log that they are proved against, and who vouches for that.
    pub checkpoint: OpenCheckpoint,
}

/// A record of a statement that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvedRecord {
    /// Its place in the log.
    pub index: u64,
    /// The record, with other accounts' postings too.
    pub record: Record,
    /// What is disclosed; each matches a commitment of the record.
    pub disclosures: Vec<Disclosure>,
}

/// Why a statement is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// The text isn't that of a statement.
    #[error("not a statement: {0}")]
    Malformed(&'static str),
    /// The checkpoint in it is refused.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The checkpoint is another log's, or another log's key signed it.
    #[error("the key that signed does not carry the log's name, {0}")]
    OtherLog(String),
    /// A record isn't in the log at its place, or one more hash is there than needed.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// Bytes that are not a record.
    #[error("the record at {index} is refused: {error}")]
    Record {
        /// The record's place.
        index: u64,
        /// What is wrong with it.
        error: RecordError,
    },
    /// A text that its record doesn't commit to.
    #[error("the record at {index} does not commit to what is disclosed as `{label}`")]
    NotCommitted {
        /// The record's place.
        index: u64,
        /// The text's label.
        label: String,
    },
    /// A record that doesn't touch the account.
    #[error("the record at {0} has no posting of this account")]
    NotOurs(u64),
    /// A line is missing, here twice, or out of order.
    #[error("line {found} follows, expected {expected}: the statement is not complete")]
    Gap {
        /// The number that should follow.
        expected: u64,
        /// The number that does.
        found: u64,
    },
    /// The lines end elsewhere than the statement says.
    #[error("the last line is {found}, not {claimed}")]
    End {
        /// What the statement says.
        claimed: u64,
        /// What it holds.
        found: u64,
    },
    /// The account's first posting doesn't start from nothing.
    #[error("line 1 does not start from nothing")]
    Opening,
    /// The totals of a line don't follow from those before, or the asset is another.
    #[error("line {0} does not follow from the line before")]
    Totals(u64),
}

impl Statement {
    /// Reads a statement and checks all of it against the keys that the caller knows.
    ///
    /// # Errors
    /// What doesn't hold; nothing of such a statement is to be believed.
    pub fn open(text: &str, keys: &[VerifierKey]) -> Result<OpenStatement, StatementError> {
        text.parse::<Self>()?.verify(keys)
    }

    /// Checks the signature, the proof, every record and text, and the chain of lines.
    ///
    /// # Errors
    /// What doesn't hold.
    pub fn verify(self, keys: &[VerifierKey]) -> Result<OpenStatement, StatementError> {
        let checkpoint = Checkpoint::open(self.checkpoint.as_bytes(), keys)?;
        if !checkpoint.is_signed_by_its_origin() {
            return Err(StatementError::OtherLog(checkpoint.checkpoint.origin));
        }
        let leaves: Vec<_> =
            self.records.iter().map(|record| (record.index, leaf_hash(&record.bytes))).collect();
        let Checkpoint { size, root, .. } = &checkpoint.checkpoint;
        verify_cover(&leaves, *size, &self.proof, root)?;
        let records = self.records.into_iter().map(prove).collect::<Result<Vec<_>, _>>()?;
        let chain = Chain::follow(self.account, self.from, &records)?;
        if chain.state.seq != self.to {
            return Err(StatementError::End { claimed: self.to, found: chain.state.seq });
        }
        let closing = Totals { debits: chain.state.debits, credits: chain.state.credits };
        let (account, from, to) = (self.account, self.from, self.to);
        let (asset, opening) = (chain.asset, chain.opening);
        Ok(OpenStatement { account, asset, from, to, opening, closing, records, checkpoint })
    }
}

impl OpenStatement {
    /// The account's lines in order, each with the record that it is of.
    pub fn lines(&self) -> impl Iterator<Item = (&ProvedRecord, &Posting)> {
        let ours = |posting: &&Posting| posting.account == self.account;
        self.records.iter().flat_map(move |proved| {
            proved.record.postings.iter().filter(ours).map(move |line| (proved, line))
        })
    }
}

fn prove(stated: StatedRecord) -> Result<ProvedRecord, StatementError> {
    let StatedRecord { index, bytes, disclosures } = stated;
    let record = Record::decode(&bytes).map_err(|error| StatementError::Record { index, error })?;
    for Disclosure { label, salt, data } in &disclosures {
        if !record.commitments.iter().any(|commitment| opens(commitment, label, salt, data)) {
            return Err(StatementError::NotCommitted { index, label: label.clone() });
        }
    }
    Ok(ProvedRecord { index, record, disclosures })
}

/// The account's lines so far.
struct Chain {
    asset: AssetNo,
    opening: Totals,
    state: AccountState,
}

impl Chain {
    fn follow(account: AccountId, from: u64, records: &[ProvedRecord]) -> Result<Self, StatementError> {
        let mut chain: Option<Self> = None;
        for ProvedRecord { index, record, .. } in records {
            let mut ours = record.postings.iter().filter(|posting| posting.account == account).peekable();
            if ours.peek().is_none() {
                return Err(StatementError::NotOurs(*index));
            }
            for posting in ours {
                match &mut chain {
                    None => chain = Some(Self::start(from, posting)?),
                    Some(chain) => chain.add(posting)?,
                }
            }
        }
        chain.ok_or(StatementError::Malformed("it has no records"))
    }

    /// Steps back over the first line, to what was there before.
    fn start(from: u64, first: &Posting) -> Result<Self, StatementError> {
        if first.seq != from {
            return Err(StatementError::Gap { expected: from, found: first.seq });
        }
        // A record's own total is never below its amount, and its number never zero: decoding saw to that.
        let amount = first.amount.minor();
        let (debits, credits) = match first.side {
            Side::Debit => (first.debits.saturating_sub(amount), first.credits),
            Side::Credit => (first.debits, first.credits.saturating_sub(amount)),
        };
        let opening = Totals { debits, credits };
        if first.seq == 1 && opening != Totals::default() {
            return Err(StatementError::Opening);
        }
        let seq = first.seq.saturating_sub(1);
        // Which accounts have a floor isn't written in records; the log's own replay checks it.
        let state = AccountState { seq, debits, credits, may_go_below_zero: true };
        let mut chain = Self { asset: first.asset, opening, state };
        chain.add(first)?;
        Ok(chain)
    }

    fn add(&mut self, posting: &Posting) -> Result<(), StatementError> {
        let expected = self.state.seq.saturating_add(1);
        if posting.seq != expected {
            return Err(StatementError::Gap { expected, found: posting.seq });
        }
        let broken = StatementError::Totals(posting.seq);
        let follows = self.state.apply(&posting.as_move()).map_err(|_| broken.clone())?;
        if follows == *posting && posting.asset == self.asset { Ok(()) } else { Err(broken) }
    }
}
