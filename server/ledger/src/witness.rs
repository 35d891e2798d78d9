//! What a log says to a witness (C2SP tlog-witness), what the witness answers, and where monitors find
//! what it has seen.
//!
//! Promises: a request is read strictly, and its proof is checked against the root that the witness
//! itself remembers; each refusal has the status that the specification gives it. Must never take the
//! log's word for the old root, nor let one log speak for another.

use crate::{
    checkpoint::{Checkpoint, CheckpointError, OpenCheckpoint},
    note::{KeyType, NoteError, SignedNote, VerifierKey},
    proof::{parse_hashes, write_hashes},
    text::{next_line, parse_decimal},
    tree::{Hash, ProofError, empty_root, verify_consistency},
};
use sha2::{Digest, Sha256};
use std::{fmt, str::FromStr};

/// The body of `POST add-checkpoint`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size that the witness is thought to have signed last.
    pub old_size: u64,
    /// The proof from there to the checkpoint, at most 63 hashes.
    pub proof: Vec<Hash>,
    /// The signed checkpoint, as a note.
    pub checkpoint: String,
}

/// The state of a log that a witness signed last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// How many records it had.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

/// Why a witness refuses a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WitnessError {
    /// The body isn't that of a request.
    #[error("not an add-checkpoint request: {0}")]
    Malformed(&'static str),
    /// The note or the checkpoint in it is malformed.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// No key of a log of this name is trusted here.
    #[error("the log {0} is not known here")]
    UnknownLog(String),
    /// None of the log's keys that are trusted here has signed, or one of them has a bad signature.
    #[error("invalid signature: {0}")]
    NotSigned(NoteError),
    /// The old size is more than the checkpoint's.
    #[error("the old size, {old}, is more than the checkpoint's, {new}")]
    Backwards {
        /// The old size that was sent.
        old: u64,
        /// The size of the checkpoint.
        new: u64,
    },
    /// The old size isn't that of the checkpoint that was signed last, or it is and the root of the very
    /// same size is another one.
    #[error("the tree size signed last is {size}")]
    Conflict {
        /// The size that was signed last; zero if none was.
        size: u64,
    },
    /// The consistency proof doesn't hold.
    #[error("consistency proof: {0}")]
    Proof(#[from] ProofError),
}

impl WitnessError {
    /// The status code that the specification gives this refusal.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::Malformed(_) | Self::Checkpoint(_) | Self::Backwards { .. } => 400,
            Self::NotSigned(_) => 403,
            Self::UnknownLog(_) => 404,
            Self::Conflict { .. } => 409,
            Self::Proof(_) => 422,
        }
    }
}

impl Default for Seen {
    /// Nothing was seen yet.
    fn default() -> Self {
        Self { size: 0, root: empty_root() }
    }
}

impl AddCheckpoint {
    /// Decides whether a witness that trusts `logs` may sign the checkpoint; `seen` tells what it has
    /// signed last of the log with this origin. A log is trusted under its key's name only.
    ///
    /// The caller must keep what is accepted before it answers, and let no other request of that log be
    /// decided meanwhile.
    ///
    /// # Errors
    /// The first thing that is wrong, in the order of the specification.
    pub fn consider(
        &self,
        logs: &[VerifierKey],
        seen: impl FnOnce(&str) -> Seen,
    ) -> Result<OpenCheckpoint, WitnessError> {
        let note = SignedNote::parse(self.checkpoint.as_bytes()).map_err(CheckpointError::Note)?;
        let checkpoint: Checkpoint = note.text.parse()?;
        let trusted =
            |key: &&VerifierKey| key.key_type() == KeyType::Ed25519 && key.name() == checkpoint.origin;
        let keys: Vec<VerifierKey> = logs.iter().filter(trusted).cloned().collect();
        if keys.is_empty() {
            return Err(WitnessError::UnknownLog(checkpoint.origin));
        }
        let verified = note.verify(&keys).map_err(WitnessError::NotSigned)?;
        let Checkpoint { size, root, .. } = &checkpoint;
        if self.old_size > *size {
            return Err(WitnessError::Backwards { old: self.old_size, new: *size });
        }
        let seen = seen(&checkpoint.origin);
        let forked = seen.size == *size && seen.root != *root;
        if self.old_size != seen.size || forked {
            return Err(WitnessError::Conflict { size: seen.size });
        }
        verify_consistency(seen.size, *size, &seen.root, root, &self.proof)?;
        Ok(OpenCheckpoint { checkpoint, verified, note })
    }
}

impl FromStr for AddCheckpoint {
    type Err = WitnessError;

    fn from_str(body: &str) -> Result<Self, Self::Err> {
        let mut rest = body;
        let old = next_line(&mut rest).and_then(|line| line.strip_prefix("old ")).and_then(parse_decimal);
        let old_size = old.ok_or(WitnessError::Malformed("the first line is not the old size"))?;
        let proof = parse_hashes(&mut rest);
        let proof = proof.ok_or(WitnessError::Malformed("the hashes are not those of a proof"))?;
        Ok(Self { old_size, proof, checkpoint: rest.to_owned() })
    }
}

impl fmt::Display for AddCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old_size)?;
        write_hashes(f, &self.proof)?;
        f.write_str(&self.checkpoint)
    }
}

/// The size in the body of a witness's status 409: digits and a line feed.
#[must_use]
pub fn parse_conflict(body: &str) -> Option<u64> {
    body.strip_suffix('\n').and_then(parse_decimal)
}

/// Where a witness shows monitors the newest checkpoint it has signed of the log `origin`, below its
/// monitoring prefix.
#[must_use]
pub fn monitor_path(origin: &str) -> String {
    format!("{}/checkpoint", hex::encode(Sha256::digest(origin)))
}
