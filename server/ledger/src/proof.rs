//! Offline proofs that a record is in a log: `.tlog-proof` files (C2SP tlog-proof, v1).
//!
//! Promises: a file has everything that checking needs but the record and the keys. Must never
//! believe a checkpoint that the log of its own name hasn't signed.

use crate::{
    checkpoint::{Checkpoint, CheckpointError, OpenCheckpoint},
    note::VerifierKey,
    text::{base64, next_line, parse_base64, parse_decimal, parse_hash},
    tree::{Hash, ProofError, leaf_hash, verify_inclusion},
};
use std::{fmt, str::FromStr};

const HEADER: &str = "c2sp.org/tlog-proof@v1";
/// A path from a leaf to the root of the largest tree is no longer.
pub(crate) const MAX_PROOF: usize = 63;
/// Longest file that is looked at, in bytes.
const MAX_FILE: usize = 8 << 20;

/// What a proof file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlogProof {
    /// Bytes of the log's own choosing; see [`crate::receipt`] for ours.
    pub extra: Option<Vec<u8>>,
    /// The record's index.
    pub index: u64,
    /// The inclusion proof.
    pub proof: Vec<Hash>,
    /// The signed checkpoint, as a note.
    pub checkpoint: String,
}

/// Why a proof file is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlogProofError {
    /// The text isn't that of a proof file.
    #[error("not a proof file: {0}")]
    Malformed(&'static str),
    /// The checkpoint in it is refused.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The checkpoint is another log's, or another log's key signed it.
    #[error("the key that signed does not carry the log's name, {0}")]
    OtherLog(String),
    /// The record isn't in the log at that place.
    #[error(transparent)]
    Proof(#[from] ProofError),
}

impl TlogProof {
    /// Checks that the record with these bytes is in a log whose key is known.
    ///
    /// # Errors
    /// What doesn't hold.
    pub fn verify(&self, record: &[u8], keys: &[VerifierKey]) -> Result<OpenCheckpoint, TlogProofError> {
        let open = Checkpoint::open(self.checkpoint.as_bytes(), keys)?;
        if !open.is_signed_by_its_origin() {
            return Err(TlogProofError::OtherLog(open.checkpoint.origin));
        }
        let Checkpoint { size, root, .. } = &open.checkpoint;
        verify_inclusion(&leaf_hash(record), self.index, *size, &self.proof, root)?;
        Ok(open)
    }
}

impl FromStr for TlogProof {
    type Err = TlogProofError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let malformed = TlogProofError::Malformed;
        if text.len() > MAX_FILE {
            return Err(malformed("it is too long"));
        }
        let mut rest = text;
        if next_line(&mut rest) != Some(HEADER) {
            return Err(malformed("the first line is not that of a proof file"));
        }
        let mut line = next_line(&mut rest);
        let mut extra = None;
        if let Some(encoded) = line.and_then(|line| line.strip_prefix("extra ")) {
            extra = Some(parse_base64(encoded).ok_or(malformed("the extra data is not base64"))?);
            line = next_line(&mut rest);
        }
        let index = line.and_then(|line| line.strip_prefix("index ")).and_then(parse_decimal);
        let index = index.ok_or(malformed("the index is missing or not a decimal number"))?;
        let proof = parse_hashes(&mut rest).ok_or(malformed("the hashes are not those of a proof"))?;
        Ok(Self { extra, index, proof, checkpoint: rest.to_owned() })
    }
}

impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", base64(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        write_hashes(f, &self.proof)?;
        f.write_str(&self.checkpoint)
    }
}

/// Lines of base64 hashes up to and with an empty line; leaves what follows in `rest`.
pub(crate) fn parse_hashes(rest: &mut &str) -> Option<Vec<Hash>> {
    let mut hashes = Vec::new();
    loop {
        match next_line(rest)? {
            "" => return Some(hashes),
            _ if hashes.len() == MAX_PROOF => return None,
            line => hashes.push(parse_hash(line)?),
        }
    }
}

/// The same the other way round.
pub(crate) fn write_hashes(f: &mut fmt::Formatter<'_>, hashes: &[Hash]) -> fmt::Result {
    hashes.iter().try_for_each(|hash| writeln!(f, "{}", base64(hash)))?;
    f.write_str("\n")
}
