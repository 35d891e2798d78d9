//! Signed intents: what a person decided, in bytes that they signed with a key of their own.
//!
//! Promises: a decision has exactly one encoding (deterministic CBOR, see [`crate::cbor`]), says who
//! decided what with which key until when, and is never good for another log; a signature is checked
//! strictly (RFC 8032, no small-order points, no second form of a signature), and a record that moves
//! tokens moves exactly what its decision says. Must never: take a decision on a server's word.
//!
//! What is signed is `saima-intent/v1\n<origin>\n<bytes>`, where the bytes are a map of
//! 0: version 1, 1: the act, 2: who (16 bytes), 3: the public key (32), 4: not after (µs since 1970 UTC),
//! 5: a nonce (16), 6: what, as `[[name, value], …]`. A record keeps the SHA-256 of that message and the
//! signature (field 5), and commits to the bytes under the label [`LABEL`].

use crate::{
    cbor::{CborError, Reader, Writer},
    record::{Intent, Record, RecordKind},
};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};

/// What the bytes of a decision are called among the texts behind a record.
pub const LABEL: &str = "intent";
/// The number of Ed25519 among the algorithms of field 5.
pub const ED25519: u8 = 1;
/// Most bytes of a decision.
pub const MAX_BYTES: usize = 32_768;
/// Most things that one decision says, and most items of one of them.
pub const MAX_SAYS: usize = 1_000;

const TAG: &str = "saima-intent/v1";
const KEY_TAG: &str = "saima-key/v1";
const VERSION: u64 = 1;

/// The act of sending tokens: says `from`, `to` (accounts), `amount` (minor units) and more.
pub const TRANSFER: &str = "transferTokens";
/// The act of enrolling the key that signs.
pub const ENROL: &str = "enrolKey";

/// Something that a decision says.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Value {
    /// A whole number: an amount in minor units, a place.
    Number(u64),
    /// A text in full.
    Text(String),
    /// An id, or the SHA-256 of a text or file too long to be repeated.
    Bytes(Vec<u8>),
    /// Several of them, in order; lists within lists within a list are not read.
    List(Vec<Value>),
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
            Self::Bytes(bytes) => f.write_str(&hex::encode(bytes)),
            Self::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    let comma = if at == 0 { "" } else { ", " };
                    match item {
                        Self::List(_) => write!(f, "{comma}[{item}]")?,
                        _ => write!(f, "{comma}{item}")?,
                    }
                }
                Ok(())
            }
        }
    }
}

/// What somebody decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What they do, by its name in the API, such as `transferTokens`.
    pub act: String,
    /// Who they are: the person's id.
    pub who: [u8; 16],
    /// The public key that they sign with.
    pub key: [u8; 32],
    /// Until when it may be carried out, µs since 1970 UTC.
    pub not_after: u64,
    /// Random bytes, so that a decision is good once and can't be guessed from its hash.
    pub nonce: [u8; 16],
    /// What exactly, name by name.
    pub says: Vec<(String, Value)>,
}

/// Why a signed intent is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IntentError {
    /// Not the restricted CBOR that decisions are made of.
    #[error("the intent is malformed at {0}")]
    Cbor(#[from] CborError),
    /// Good CBOR, but not a decision.
    #[error("the intent is malformed at byte {offset}: {what}")]
    Field {
        /// Offset of the item at fault.
        offset: usize,
        /// What is wrong there.
        what: &'static str,
    },
    /// The record carries no intent.
    #[error("the record carries no intent")]
    Unsigned,
    /// The record names another way of signing than Ed25519.
    #[error("the intent is signed in an unknown way")]
    Algorithm,
    /// The record's hash is of another message.
    #[error("the record's intent is of other bytes than these")]
    Hash,
    /// The record names another key than the decision.
    #[error("the intent names another key than the record")]
    Key,
    /// The signature isn't the key's.
    #[error("the signature of the intent does not hold")]
    Signature,
    /// The record does something else than what was signed.
    #[error("the record does not do what the intent says")]
    Differs,
}

/// The name of a key in records: the first 8 bytes of `SHA-256("saima-key/v1" ‖ 00 ‖ public key)`.
#[must_use]
pub fn key_id(public: &[u8; 32]) -> [u8; 8] {
    let hash = Sha256::new().chain_update(KEY_TAG).chain_update([0]).chain_update(public).finalize();
    std::array::from_fn(|at| hash[at])
}

/// The message that is signed: tag, log and bytes.
#[must_use]
pub fn message(origin: &str, bytes: &[u8]) -> Vec<u8> {
    [TAG.as_bytes(), b"\n", origin.as_bytes(), b"\n", bytes].concat()
}

/// The name that intents are signed for: an epoch's origin without its number, because a decision
/// outlives the epoch that it was made in.
#[must_use]
pub fn house(origin: &str) -> &str {
    match origin.rsplit_once("/epoch-") {
        Some((house, number)) if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) => house,
        _ => origin,
    }
}

/// Signs the bytes of a decision for the log of `origin`.
#[must_use]
pub fn sign(key: &SigningKey, origin: &str, bytes: &[u8]) -> [u8; 64] {
    key.sign(&message(origin, bytes)).to_bytes()
}

/// Checks a signature over a decision, and what field 5 of its record will be.
///
/// # Errors
/// Bytes that are no decision, or a signature that the key named in them did not make.
pub fn open(origin: &str, bytes: &[u8], signature: &[u8; 64]) -> Result<(Decision, Intent), IntentError> {
    let decision = Decision::decode(bytes)?;
    let message = message(origin, bytes);
    let key = VerifyingKey::from_bytes(&decision.key).map_err(|_| IntentError::Signature)?;
    let made = Signature::from_bytes(signature);
    key.verify_strict(&message, &made).map_err(|_| IntentError::Signature)?;
    let (key_id, hash) = (key_id(&decision.key), Sha256::digest(&message).into());
    Ok((decision, Intent { key_id, algorithm: ED25519, hash, signature: *signature }))
}

/// Checks a record against the bytes that were signed before it was made. Whether the key was its
/// person's at the time is for whoever has the log's records of keys.
///
/// # Errors
/// What doesn't hold.
pub fn check(origin: &str, record: &Record, bytes: &[u8]) -> Result<Decision, IntentError> {
    let intent = record.intent.ok_or(IntentError::Unsigned)?;
    if intent.algorithm != ED25519 {
        return Err(IntentError::Algorithm);
    }
    if <[u8; 32]>::from(Sha256::digest(message(house(origin), bytes))) != intent.hash {
        return Err(IntentError::Hash);
    }
    let (decision, made) = open(house(origin), bytes, &intent.signature)?;
    if made.key_id != intent.key_id {
        return Err(IntentError::Key);
    }
    if decision.is_done_by(record) { Ok(decision) } else { Err(IntentError::Differs) }
}

impl Decision {
    /// The canonical bytes: these are signed, and kept as they are.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.map(7).uint(0).uint(VERSION).uint(1).text(&self.act).uint(2).bytes(&self.who);
        out.uint(3).bytes(&self.key).uint(4).uint(self.not_after).uint(5).bytes(&self.nonce);
        out.uint(6).array(self.says.len());
        for (name, value) in &self.says {
            out.array(2).text(name);
            write(&mut out, value);
        }
        out.finish()
    }

    /// Reads canonical bytes, and refuses any others.
    ///
    /// # Errors
    /// Whatever [`Decision::encode`] would not have written, and what is too large.
    pub fn decode(bytes: &[u8]) -> Result<Self, IntentError> {
        if bytes.len() > MAX_BYTES {
            return Err(IntentError::Field { offset: MAX_BYTES, what: "the intent is too long" });
        }
        let mut input = Reader::new(bytes);
        expect(input.map()? == 7, 0, "an intent has 7 fields")?;
        key(&mut input, 0)?;
        let offset = input.offset();
        expect(input.uint()? == VERSION, offset, "unknown version")?;
        key(&mut input, 1)?;
        let act = input.text()?.to_owned();
        key(&mut input, 2)?;
        let who = input.fixed()?;
        key(&mut input, 3)?;
        let public = input.fixed()?;
        key(&mut input, 4)?;
        let not_after = input.uint()?;
        key(&mut input, 5)?;
        let nonce = input.fixed()?;
        key(&mut input, 6)?;
        let count = count(&mut input)?;
        let mut says = Vec::with_capacity(count.min(16));
        for _ in 0..count {
            let offset = input.offset();
            expect(input.array()? == 2, offset, "each thing said has a name and a value")?;
            let name = input.text()?.to_owned();
            says.push((name, read(&mut input, 0)?));
        }
        input.finish()?;
        Ok(Self { act, who, key: public, not_after, nonce, says })
    }

    /// What it says under this name; the first, if there are several.
    #[must_use]
    pub fn said(&self, name: &str) -> Option<&Value> {
        self.says.iter().find(|(said, _)| said == name).map(|(_, value)| value)
    }

    /// Everything that it says, for people: bytes in hexadecimal.
    #[must_use]
    pub fn told(&self) -> Vec<(String, String)> {
        self.says.iter().map(|(name, value)| (name.clone(), value.to_string())).collect()
    }

    /// Whether the record does what was decided, as far as a record tells: a transfer moves the amount
    /// from the account to the account; everything else is about the task that was named.
    fn is_done_by(&self, record: &Record) -> bool {
        let bytes = |name| match self.said(name) {
            Some(Value::Bytes(bytes)) => Some(bytes.as_slice()),
            _ => None,
        };
        match self.act.as_str() {
            TRANSFER => {
                let [out, into] = record.postings.as_slice() else { return false };
                let sides = (out.side, into.side) == (crate::Side::Debit, crate::Side::Credit);
                record.kind == RecordKind::Transfer
                    && sides
                    && bytes("from") == Some(&out.account.0)
                    && bytes("to") == Some(&into.account.0)
                    && self.said("amount") == Some(&Value::Number(out.amount.minor()))
            }
            ENROL => record.kind == RecordKind::Key,
            _ => {
                record.links.subject.is_some()
                    && bytes("task") == record.links.subject.as_ref().map(<[u8; 16]>::as_slice)
            }
        }
    }
}

fn write(out: &mut Writer, value: &Value) {
    match value {
        Value::Number(number) => out.uint(*number),
        Value::Text(text) => out.text(text),
        Value::Bytes(bytes) => out.bytes(bytes),
        Value::List(items) => {
            out.array(items.len());
            items.iter().for_each(|item| write(out, item));
            out
        }
    };
}

fn read(input: &mut Reader<'_>, depth: u8) -> Result<Value, IntentError> {
    let offset = input.offset();
    Ok(match input.major() {
        Some(0) => Value::Number(input.uint()?),
        Some(2) => Value::Bytes(input.bytes()?.to_vec()),
        Some(3) => Value::Text(input.text()?.to_owned()),
        Some(4) if depth < 2 => {
            let count = count(input)?;
            Value::List((0..count).map(|_| read(input, depth + 1)).collect::<Result<_, _>>()?)
        }
        _ => {
            return Err(IntentError::Field { offset, what: "a number, a text, bytes or a list is expected" });
        }
    })
}

fn count(input: &mut Reader<'_>) -> Result<usize, IntentError> {
    let offset = input.offset();
    let found = usize::try_from(input.array()?).ok().filter(|count| *count <= MAX_SAYS);
    found.ok_or(IntentError::Field { offset, what: "a list has at most 1,000 items" })
}

fn key(input: &mut Reader<'_>, wanted: u64) -> Result<(), IntentError> {
    let offset = input.offset();
    expect(input.uint()? == wanted, offset, "unknown key")
}

fn expect(holds: bool, offset: usize, what: &'static str) -> Result<(), IntentError> {
    if holds { Ok(()) } else { Err(IntentError::Field { offset, what }) }
}
