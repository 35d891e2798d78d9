//! Cosignatures: what a witness adds to a checkpoint it has seen (C2SP tlog-cosignature, v1).
//!
//! Promises: the signature covers the time and the whole text of the checkpoint. Must never read the
//! clock: the time is passed in. Whether the checkpoint is consistent with the one before is for the
//! caller to check first.

use crate::{
    checkpoint::Checkpoint,
    note::{KeyError, KeyType, NoteSignature, VerifierKey},
};
use ed25519_dalek::{Signer, SigningKey};
use std::fmt;

/// A private key of type 04 with its name: signs checkpoints as a witness.
pub struct Cosigner {
    key: SigningKey,
    verifier: VerifierKey,
}

impl Cosigner {
    /// Names a private key, which must not be used for anything else.
    ///
    /// # Errors
    /// As [`VerifierKey::new`].
    pub fn new(name: &str, key: SigningKey) -> Result<Self, KeyError> {
        let verifier = VerifierKey::new(name, KeyType::CosignatureV1, key.verifying_key())?;
        Ok(Self { key, verifier })
    }

    /// The public half.
    #[must_use]
    pub const fn verifier_key(&self) -> &VerifierKey {
        &self.verifier
    }

    /// Signs a checkpoint as seen at `seconds` since 1970 UTC.
    #[must_use]
    pub fn cosign(&self, checkpoint: &Checkpoint, seconds: u64) -> NoteSignature {
        let signature = self.key.sign(&message(&checkpoint.to_string(), seconds));
        NoteSignature {
            name: self.verifier.name().to_owned(),
            key_id: self.verifier.id(),
            bytes: [seconds.to_be_bytes().as_slice(), &signature.to_bytes()].concat(),
        }
    }
}

impl fmt::Debug for Cosigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cosigner({})", self.verifier)
    }
}

/// When the witness `key` signed the checkpoint `text`, in seconds since 1970 UTC, by the signature line
/// `line`; `None` if it did not, or if the line or the key is another's.
#[must_use]
pub fn signed_at(key: &VerifierKey, text: &str, line: &NoteSignature) -> Option<u64> {
    let own = key.key_type() == KeyType::CosignatureV1 && key.is_named_by(line);
    if own { verify(key, text, &line.bytes) } else { None }
}

/// The same for the bytes after the key id.
pub(crate) fn verify(key: &VerifierKey, text: &str, bytes: &[u8]) -> Option<u64> {
    let (seconds, signature) = bytes.split_first_chunk()?;
    let seconds = u64::from_be_bytes(*seconds);
    if seconds > i64::MAX.unsigned_abs() {
        return None;
    }
    key.verifies(&message(text, seconds), signature).then_some(seconds)
}

fn message(text: &str, seconds: u64) -> Vec<u8> {
    format!("cosignature/v1\ntime {seconds}\n{text}").into_bytes()
}
