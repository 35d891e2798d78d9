//! One signature line: `— <name> <base64(key id ‖ signature)>`.
//!
//! Promises: what is read is written back the same. Must never take a hyphen for the em dash.

use super::{NoteError, key::is_name};
use crate::text::{base64, parse_base64};
use std::{fmt, str::FromStr};

/// A signature by a key that may or may not be known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteSignature {
    /// The key's name.
    pub name: String,
    /// The key's id.
    pub key_id: [u8; 4],
    /// What follows the key id; for Ed25519, 64 bytes.
    pub bytes: Vec<u8>,
}

impl FromStr for NoteSignature {
    type Err = NoteError;

    fn from_str(line: &str) -> Result<Self, Self::Err> {
        let parts = line.strip_prefix("\u{2014} ").and_then(|rest| rest.split_once(' '));
        let (name, encoded) =
            parts.ok_or(NoteError::Malformed("a signature line has no em dash, name and signature"))?;
        if !is_name(name) {
            return Err(NoteError::Malformed("a signature line has no proper name"));
        }
        let blob = parse_base64(encoded).ok_or(NoteError::Malformed("a signature is not base64"))?;
        match blob.split_first_chunk() {
            Some((key_id, bytes)) if !bytes.is_empty() => {
                Ok(Self { name: name.to_owned(), key_id: *key_id, bytes: bytes.to_vec() })
            }
            _ => Err(NoteError::Malformed("a signature is too short")),
        }
    }
}

impl fmt::Display for NoteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let blob = [self.key_id.as_slice(), &self.bytes].concat();
        write!(f, "\u{2014} {} {}", self.name, base64(blob))
    }
}
