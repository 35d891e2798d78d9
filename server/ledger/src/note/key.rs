//! Keys of signed notes: `name+<8 hex>+base64(type ‖ public key)`, and the key that signs.
//!
//! Promises: a key's id always matches its name, type and bytes. Must never show a private key.

use super::NoteSignature;
use crate::text::{base64, parse_base64};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};
use std::{fmt, str::FromStr};

/// What a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyType {
    /// 01: Ed25519 over the text of a note; what logs sign with.
    Ed25519,
    /// 04: a timestamped cosignature over a checkpoint; what witnesses sign with.
    CosignatureV1,
}

impl KeyType {
    /// The byte in front of the public key.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Ed25519 => 1,
            Self::CosignatureV1 => 4,
        }
    }
}

/// Why a text is not a verifier key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a verifier key: {0}")]
pub struct KeyError(pub &'static str);

/// A public key with its name.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    key_type: KeyType,
    key: VerifyingKey,
    id: [u8; 4],
}

impl VerifierKey {
    /// Names a public key.
    ///
    /// # Errors
    /// [`KeyError`] when the name is empty, or holds a space, a plus sign or a control character.
    pub fn new(name: &str, key_type: KeyType, key: VerifyingKey) -> Result<Self, KeyError> {
        if !is_name(name) {
            return Err(KeyError(
                "the name must not be empty or hold spaces, plus signs or control characters",
            ));
        }
        let hash = Sha256::new()
            .chain_update(name)
            .chain_update([b'\n', key_type.code()])
            .chain_update(key.as_bytes())
            .finalize();
        let id = [hash[0], hash[1], hash[2], hash[3]];
        Ok(Self { name: name.to_owned(), key_type, key, id })
    }

    /// The key's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first four bytes of `SHA-256(name ‖ 0A ‖ type ‖ public key)`.
    #[must_use]
    pub const fn id(&self) -> [u8; 4] {
        self.id
    }

    /// What the key signs.
    #[must_use]
    pub const fn key_type(&self) -> KeyType {
        self.key_type
    }

    /// The public key.
    #[must_use]
    pub const fn public_key(&self) -> &VerifyingKey {
        &self.key
    }

    /// Whether a signature line carries this key's name and id.
    pub(crate) fn is_named_by(&self, signature: &NoteSignature) -> bool {
        self.name == signature.name && self.id == signature.key_id
    }

    /// Whether `signature` is this key's Ed25519 signature over `message`.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature).is_ok_and(|sig| self.key.verify_strict(message, &sig).is_ok())
    }
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Base64 may hold plus signs itself, so only the first two separate.
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(encoded)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(KeyError("expected name+id+key"));
        };
        let bytes = parse_base64(encoded).ok_or(KeyError("the key is not base64"))?;
        let (code, public) = bytes.split_first().ok_or(KeyError("the key is empty"))?;
        let key_type = match code {
            1 => KeyType::Ed25519,
            4 => KeyType::CosignatureV1,
            _ => return Err(KeyError("the type of key is not supported")),
        };
        let public = public.try_into().map_err(|_| KeyError("the key does not have 32 bytes"))?;
        let key =
            VerifyingKey::from_bytes(public).map_err(|_| KeyError("the key is not a point of Ed25519"))?;
        let key = Self::new(name, key_type, key)?;
        if hex::encode(key.id) == id { Ok(key) } else { Err(KeyError("the id does not match the key")) }
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = vec![self.key_type.code()];
        bytes.extend_from_slice(self.key.as_bytes());
        write!(f, "{}+{}+{}", self.name, hex::encode(self.id), base64(bytes))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifierKey({self})")
    }
}

/// A private key of type 01 with its name: signs notes.
pub struct NoteSigner {
    key: SigningKey,
    verifier: VerifierKey,
}

impl NoteSigner {
    /// Names a private key.
    ///
    /// # Errors
    /// As [`VerifierKey::new`].
    pub fn new(name: &str, key: SigningKey) -> Result<Self, KeyError> {
        let verifier = VerifierKey::new(name, KeyType::Ed25519, key.verifying_key())?;
        Ok(Self { key, verifier })
    }

    /// The public half.
    #[must_use]
    pub const fn verifier_key(&self) -> &VerifierKey {
        &self.verifier
    }

    /// The signature line for a text; [`super::SignedNote::sign`] checks the text first.
    pub(crate) fn sign(&self, text: &str) -> NoteSignature {
        NoteSignature {
            name: self.verifier.name.clone(),
            key_id: self.verifier.id,
            bytes: self.key.sign(text.as_bytes()).to_bytes().to_vec(),
        }
    }
}

impl fmt::Debug for NoteSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NoteSigner({})", self.verifier)
    }
}

/// Whether a text can name a key.
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c == '+' || c.is_whitespace() || c.is_control())
}
