//! Checkpoints: the signed state of a log (C2SP tlog-checkpoint).
//!
//! Promises: one state has one text, and only that is read. Must never be signed here for a state
//! that contradicts an earlier one; the caller guards that with its high-water mark.

use crate::{
    note::{KeyType, NoteError, NoteSigner, SignedNote, Verified, VerifierKey},
    text::{base64, has_control, next_line, parse_decimal, parse_hash},
    tree::{Hash, empty_root},
};
use std::{fmt, str::FromStr};

/// A log's name, size and root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name, unique in the world; one line.
    pub origin: String,
    /// How many records it holds, at most 2^63-1.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// Further lines; none of them empty.
    pub extensions: Vec<String>,
}

/// Why a checkpoint is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The text isn't that of a checkpoint.
    #[error("not a checkpoint: {0}")]
    Malformed(&'static str),
    /// The note around it is refused.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// Only witnesses have signed, no log that is known.
    #[error("no log that is known has signed this checkpoint")]
    NoLogSignature,
}

/// A checkpoint whose signatures hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenCheckpoint {
    /// What was signed.
    pub checkpoint: Checkpoint,
    /// Who signed it, of those that are known: at least one log, and any witnesses.
    pub verified: Vec<Verified>,
    /// The note, with the signatures by unknown keys too.
    pub note: SignedNote,
}

impl Checkpoint {
    /// A checkpoint without extensions.
    #[must_use]
    pub fn new(origin: &str, size: u64, root: Hash) -> Self {
        Self { origin: origin.to_owned(), size, root, extensions: Vec::new() }
    }

    /// Signs the checkpoint.
    ///
    /// # Errors
    /// [`CheckpointError::Malformed`] when the fields don't make a checkpoint that reads back.
    pub fn sign(&self, signer: &NoteSigner) -> Result<SignedNote, CheckpointError> {
        let text = self.to_string();
        if text.parse::<Self>()? != *self {
            return Err(CheckpointError::Malformed("a field holds a line feed"));
        }
        Ok(SignedNote::sign(&text, signer)?)
    }

    /// Reads a signed checkpoint and checks it against the keys that the caller knows: at least one
    /// log's key (type 01) must have signed it.
    ///
    /// # Errors
    /// Whatever [`SignedNote::verify`] refuses, text that isn't a checkpoint, or only witnesses.
    pub fn open(note: &[u8], keys: &[VerifierKey]) -> Result<OpenCheckpoint, CheckpointError> {
        let note = SignedNote::parse(note)?;
        let verified = note.verify(keys)?;
        if !verified.iter().any(|by| by.key_type == KeyType::Ed25519) {
            return Err(CheckpointError::NoLogSignature);
        }
        Ok(OpenCheckpoint { checkpoint: note.text.parse()?, verified, note })
    }
}

impl OpenCheckpoint {
    /// Whether a log's key that carries the origin as its name has signed. Holders of several logs'
    /// keys need this: otherwise one log could speak for another.
    #[must_use]
    pub fn is_signed_by_its_origin(&self) -> bool {
        let origin = &self.checkpoint.origin;
        self.verified.iter().any(|by| by.key_type == KeyType::Ed25519 && by.name == *origin)
    }
}

/// The name that a log began under: later epochs of it are called `<first name>/epoch-<number>`. What people
/// sign names the log by its first name, whatever epoch it is in.
#[must_use]
pub fn first_origin(origin: &str) -> &str {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    origin.rsplit_once("/epoch-").filter(|(_, no)| is_number(no)).map_or(origin, |(first, _)| first)
}

impl FromStr for Checkpoint {
    type Err = CheckpointError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let malformed = CheckpointError::Malformed;
        if has_control(text) {
            return Err(malformed("it holds control characters"));
        }
        let mut rest = text;
        let mut line = || next_line(&mut rest).filter(|line| !line.is_empty());
        let origin = line().ok_or(malformed("the origin is missing"))?;
        let size = line().and_then(parse_decimal).ok_or(malformed("the size is not a decimal number"))?;
        let root = line().and_then(parse_hash).ok_or(malformed("the root is not a hash in base64"))?;
        let mut extensions = Vec::new();
        while !rest.is_empty() {
            let extension = next_line(&mut rest).filter(|line| !line.is_empty());
            extensions.push(extension.ok_or(malformed("an extension line is empty or cut off"))?.to_owned());
        }
        if size == 0 && root != empty_root() {
            return Err(malformed("an empty log has another root"));
        }
        Ok(Self { origin: origin.to_owned(), size, root, extensions })
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}\n{}\n", self.origin, self.size, base64(self.root))?;
        self.extensions.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}
