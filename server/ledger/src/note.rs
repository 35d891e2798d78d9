//! Signed notes and verifier keys, as C2SP signed-note defines them.
//!
//! Promises: a note is good only if a known key signed it and no known key's signature fails;
//! signatures by unknown keys are carried along and ignored. Must never sign or accept text with
//! control characters, nor a spelling that another tool would read differently.

mod key;
mod line;
#[cfg(test)]
mod wycheproof_test;

pub use key::{KeyError, KeyType, NoteSigner, VerifierKey};
pub use line::NoteSignature;

use crate::{cosignature, text::has_control};
use std::fmt;

/// Longest note that is looked at, in bytes.
const MAX_NOTE: usize = 1_000_000;
/// Most signatures that are looked at; the specification asks for at least 16.
const MAX_SIGNATURES: usize = 100;

/// Why a note is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// The bytes or the text aren't those of a note.
    #[error("not a signed note: {0}")]
    Malformed(&'static str),
    /// None of the keys that were given has signed.
    #[error("no key that is known has signed this")]
    NoKnownKey,
    /// A key that was given has a signature here that doesn't hold.
    #[error("the signature by {0} does not hold")]
    BadSignature(String),
    /// Two of the keys that were given can't be told apart by name and key id.
    #[error("two known keys are both called {0} and have the same key id")]
    AmbiguousKey(String),
}

/// A text and the signatures below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedNote {
    /// The text that is signed; ends in a line feed.
    pub text: String,
    /// At least one signature, in the order of the lines.
    pub signatures: Vec<NoteSignature>,
}

/// A signature that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The key's name.
    pub name: String,
    /// The key's id.
    pub key_id: [u8; 4],
    /// What sort of key it is: a log's or a witness's.
    pub key_type: KeyType,
    /// When the witness signed, in seconds since 1970 UTC; only cosignatures have it.
    pub timestamp: Option<u64>,
}

impl SignedNote {
    /// Signs a text.
    ///
    /// # Errors
    /// [`NoteError::Malformed`] when the text is empty, doesn't end in a line feed, or holds control
    /// characters.
    pub fn sign(text: &str, signer: &NoteSigner) -> Result<Self, NoteError> {
        check_text(text)?;
        Ok(Self { text: text.to_owned(), signatures: vec![signer.sign(text)] })
    }

    /// The same note with one more signature below it, as while a key is being replaced.
    #[must_use]
    pub fn also_signed(mut self, signer: &NoteSigner) -> Self {
        self.signatures.push(signer.sign(&self.text));
        self
    }

    /// Reads a note; its signatures haven't been checked yet.
    ///
    /// # Errors
    /// [`NoteError::Malformed`].
    pub fn parse(note: &[u8]) -> Result<Self, NoteError> {
        if note.len() > MAX_NOTE {
            return Err(NoteError::Malformed("it is too long"));
        }
        let note = std::str::from_utf8(note).map_err(|_| NoteError::Malformed("it is not UTF-8"))?;
        let (text, lines) =
            note.rsplit_once("\n\n").ok_or(NoteError::Malformed("no empty line before the signatures"))?;
        let text = format!("{text}\n");
        check_text(&text)?;
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Malformed("the last line is cut off"))?;
        if lines.split('\n').count() > MAX_SIGNATURES {
            return Err(NoteError::Malformed("too many signatures"));
        }
        let signatures = lines.split('\n').map(str::parse).collect::<Result<_, _>>()?;
        Ok(Self { text, signatures })
    }

    /// Checks the signatures against the keys that the caller knows; each key counts once.
    ///
    /// # Errors
    /// [`NoteError::BadSignature`] when a known key's signature doesn't hold, [`NoteError::NoKnownKey`]
    /// when there is none, [`NoteError::AmbiguousKey`] when the keys can't be told apart.
    pub fn verify(&self, keys: &[VerifierKey]) -> Result<Vec<Verified>, NoteError> {
        let mut verified: Vec<Verified> = Vec::new();
        for signature in &self.signatures {
            let mut known = keys.iter().filter(|key| key.is_named_by(signature));
            let Some(key) = known.next() else { continue };
            if known.any(|other| other != key) {
                return Err(NoteError::AmbiguousKey(signature.name.clone()));
            }
            let bad = || NoteError::BadSignature(signature.name.clone());
            let timestamp = match key.key_type() {
                KeyType::Ed25519 => {
                    key.verifies(self.text.as_bytes(), &signature.bytes).then_some(None).ok_or_else(bad)?
                }
                KeyType::CosignatureV1 => {
                    Some(cosignature::verify(key, &self.text, &signature.bytes).ok_or_else(bad)?)
                }
            };
            let (name, key_id, key_type) = (signature.name.clone(), signature.key_id, key.key_type());
            if !verified.iter().any(|earlier| earlier.name == name && earlier.key_id == key_id) {
                verified.push(Verified { name, key_id, key_type, timestamp });
            }
        }
        if verified.is_empty() { Err(NoteError::NoKnownKey) } else { Ok(verified) }
    }
}

impl fmt::Display for SignedNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| writeln!(f, "{signature}"))
    }
}

fn check_text(text: &str) -> Result<(), NoteError> {
    if text.len() < 2 || !text.ends_with('\n') {
        return Err(NoteError::Malformed("the text is empty or does not end in a line feed"));
    }
    if has_control(text) {
        return Err(NoteError::Malformed("the text holds control characters"));
    }
    Ok(())
}
