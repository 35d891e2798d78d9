//! People's own keys, and what they sign with them.
//!
//! Promises: a key is enrolled by its person with a signature of its own and revoked by a record, and its
//! private half never comes here; a command that came signed is carried out exactly as it was signed, once,
//! by the person whose key it is, while the key holds; the exact bytes are kept behind the record. Must
//! never: sign for anybody, or call what only this server attests signed.
//!
//! The bytes and the message over them are those of [`ledger::intent`].

mod audit;
mod commands;
mod intents;
mod queries;
pub(crate) mod tables;

use std::sync::OnceLock;

use ledger::RecordId;
pub use ledger::intent::{Decision, Value};
use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::clock::Moment;
use crate::error::Result;
use crate::ids::PersonId;
use crate::store::{Command, Scope};

pub use audit::{IntentFault, IntentReport, audit_intents};
pub use commands::{EnrolKey, RevokeKey};
pub use intents::Signed;
pub(crate) use intents::of_record;

/// What the bytes that were signed are called among the texts behind a record.
pub const INTENT: &str = ledger::intent::LABEL;

/// Names with what is said under them, in the order that they are signed in.
pub type Says = Vec<(String, Value)>;

/// The name of a key: the first eight bytes of a hash of its public half, see [`ledger::intent::key_id`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct KeyId(pub [u8; 8]);

impl std::fmt::Display for KeyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl std::str::FromStr for KeyId {
    type Err = crate::error::Refusal;

    fn from_str(text: &str) -> Result<Self> {
        let mut bytes = [0; 8];
        let lower = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        match hex::decode_to_slice(text, &mut bytes) {
            Ok(()) if lower => Ok(Self(bytes)),
            _ => Err(crate::error::Refusal::because(crate::error::Code::BadId)),
        }
    }
}

/// What came with a command: the bytes that were signed and the signature over them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedIntent {
    /// The bytes of the decision, at most [`ledger::intent::MAX_BYTES`].
    pub bytes: Vec<u8>,
    /// The Ed25519 signature over `saima-intent/v1\n<origin>\n<bytes>`; 64 bytes.
    pub signature: Vec<u8>,
}

/// A decision whose signature holds: what the records of its command carry.
#[derive(Debug)]
pub struct Attested {
    /// The exact bytes.
    pub bytes: Vec<u8>,
    /// Field 5 of the record.
    pub intent: ledger::Intent,
    /// The first record that carries it, once posted.
    pub(crate) record: OnceLock<RecordId>,
}

impl Attested {
    /// A decision that is about to be carried out.
    pub(crate) fn new(bytes: Vec<u8>, intent: ledger::Intent) -> Self {
        Self { bytes, intent, record: OnceLock::new() }
    }
}

/// A command that can be signed by who gives it.
pub trait Signable: Command {
    /// What it does, name by name, as it would be done now. Checks leave and input as the command does.
    fn says(&self, asker: &Actor, scope: &Scope<'_>) -> impl Future<Output = Result<Says>> + Send;

    /// The key that the command itself brings in, and so must be signed by; nothing for all but one.
    fn own_key(&self) -> Option<[u8; 32]> {
        None
    }
}

/// A decision to be signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntentView {
    /// What is decided.
    pub decision: Decision,
    /// The bytes of it.
    pub bytes: Vec<u8>,
    /// What to sign: the message around them.
    pub message: Vec<u8>,
}

/// A key of a person's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyView {
    /// Its name in records.
    pub id: KeyId,
    /// Whose it is.
    pub person: PersonId,
    /// Its public half, an Ed25519 key.
    pub public_key: [u8; 32],
    /// What its person calls it.
    pub label: String,
    /// Since when it holds.
    pub enrolled_at: Moment,
    /// The record that enrolled it.
    pub enrolled_by: RecordId,
    /// Since when it holds no more.
    pub revoked_at: Option<Moment>,
    /// The record that revoked it.
    pub revoked_by: Option<RecordId>,
    /// When it last signed something.
    pub used_at: Moment,
}

/// Who signed a record, as far as the asker may know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureView {
    /// The key.
    pub key: KeyId,
    /// SHA-256 of the message.
    pub hash: [u8; 32],
    /// The signature.
    pub signature: [u8; 64],
    /// What was signed, once the bytes are disclosed to the asker and hold.
    pub decision: Option<Decision>,
}
