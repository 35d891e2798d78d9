//! What a log says to a witness (C2SP tlog-witness), and where monitors find what it has seen.
//!
//! Promises: a request is read strictly, and its proof is checked against the root that the witness
//! itself remembers. Must never take the log's word for the old root.

use crate::{
    checkpoint::{Checkpoint, CheckpointError, OpenCheckpoint},
    note::VerifierKey,
    proof::{parse_hashes, write_hashes},
    text::{next_line, parse_decimal},
    tree::{Hash, ProofError, verify_consistency},
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

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WitnessError {
    /// The body isn't that of a request (400).
    #[error("not an add-checkpoint request: {0}")]
    Malformed(&'static str),
    /// The checkpoint is malformed (400) or no trusted log signed it (403).
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The proof doesn't hold (422), or the sizes are the wrong way round (400).
    #[error(transparent)]
    Proof(#[from] ProofError),
}

impl AddCheckpoint {
    /// Checks signature and proof; `old_root` is what the witness remembers for `old_size`.
    ///
    /// # Errors
    /// What doesn't hold.
    pub fn verify(&self, keys: &[VerifierKey], old_root: &Hash) -> Result<OpenCheckpoint, WitnessError> {
        let open = Checkpoint::open(self.checkpoint.as_bytes(), keys)?;
        let Checkpoint { size, root, .. } = &open.checkpoint;
        verify_consistency(self.old_size, *size, old_root, root, &self.proof)?;
        Ok(open)
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

/// Where a witness shows monitors the newest checkpoint it has signed of the log `origin`, below its
/// monitoring prefix.
#[must_use]
pub fn monitor_path(origin: &str) -> String {
    format!("{}/checkpoint", hex::encode(Sha256::digest(origin)))
}
