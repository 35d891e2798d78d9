//! The witness: a small server that signs what logs show it, as long as each of them only grows (C2SP
//! tlog-witness). For finance, a works council or a partner company to run, far from the log's own server.
//!
//! Promises: of each log one history is signed, across crashes and restarts; what is signed is on disk
//! before anybody sees the signature; one process at a time works on a store. Must never: sign on a log's
//! word, forget what it has signed, or share a key with a log.

mod http;
mod memory;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ledger::{AddCheckpoint, Cosigner, OpenCheckpoint, Seen, VerifierKey, WitnessError};
use market::{Clock, Ids};

use crate::keys::{self, KeyTrouble};
pub use http::{Serving, serve};
use memory::Memory;

/// The file of the private key.
const KEY: &str = "witness.key";
/// The file of its public half, which carries the witness's name.
const PUBLIC: &str = "witness.vkey";
/// The name of a witness that was not given one; fit for trying out.
const DEFAULT_NAME: &str = "localhost/witness";

/// A witness with its key, the logs that it trusts, and its memory.
pub struct Witness {
    cosigner: Cosigner,
    logs: Vec<VerifierKey>,
    memory: Mutex<Memory>,
    clock: Arc<dyn Clock>,
}

/// Why a witness can't work.
#[derive(Debug, thiserror::Error)]
pub enum WitnessTrouble {
    /// Its key.
    #[error(transparent)]
    Key(#[from] KeyTrouble),
    /// A file of its store.
    #[error("{path}: {why}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        why: std::io::Error,
    },
    /// Another process works on the store.
    #[error("{0} is in use: another witness works on this store")]
    InUse(PathBuf),
    /// A file of the store holds something that this witness has not signed.
    #[error(
        "{path} is not what this witness has signed: {why}. Without its memory a witness must not sign; take a new key"
    )]
    Spoilt {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// It goes by another name.
    #[error("this witness goes by the name {0}, which can't be changed")]
    Renamed(String),
    /// It can't listen.
    #[error("can't listen on {address}: {why}")]
    Listen {
        /// Where.
        address: std::net::SocketAddr,
        /// What the system says.
        why: std::io::Error,
    },
}

/// Why a checkpoint was not signed.
#[derive(Debug)]
pub enum Refused {
    /// The protocol says so.
    Protocol(WitnessError),
    /// It could not be stored.
    Storage(std::io::Error),
}

/// The witness's key in `dir`, made with this name if there is none.
///
/// # Errors
/// When a file can't be read or written, the key is open to others, or the name is another.
pub fn cosigner(dir: &Path, name: Option<&str>, ids: &dyn Ids) -> Result<Cosigner, WitnessTrouble> {
    keys::folder(dir)?;
    let path = dir.join(PUBLIC);
    let known = read_public(&path)?;
    let name = match (&known, name) {
        (Some(key), Some(name)) if key.name() != name => {
            return Err(WitnessTrouble::Renamed(key.name().to_owned()));
        }
        (Some(key), _) => key.name().to_owned(),
        (None, name) => name.unwrap_or(DEFAULT_NAME).to_owned(),
    };
    let key = keys::open(&dir.join(KEY), ids)?;
    let cosigner = Cosigner::new(&name, key).map_err(|error| KeyTrouble::Name(error.to_string()))?;
    match known {
        Some(known) if known != *cosigner.verifier_key() => {
            Err(WitnessTrouble::Spoilt { path, why: "it is not the public half of witness.key".to_owned() })
        }
        Some(_) => Ok(cosigner),
        None => {
            memory::write_whole(&path, format!("{}\n", cosigner.verifier_key()).as_bytes())
                .map_err(|why| WitnessTrouble::File { path, why })?;
            Ok(cosigner)
        }
    }
}

fn read_public(path: &Path) -> Result<Option<VerifierKey>, WitnessTrouble> {
    match fs::read_to_string(path) {
        Ok(text) => text.trim_end().parse().map(Some).map_err(|why: ledger::note::KeyError| {
            WitnessTrouble::Spoilt { path: path.to_owned(), why: why.to_string() }
        }),
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(why) => Err(WitnessTrouble::File { path: path.to_owned(), why }),
    }
}

impl Witness {
    /// Opens the store in `dir`, which is made if it is not there.
    ///
    /// # Errors
    /// When another process has it, or what lies there is not this witness's.
    pub fn open(
        dir: &Path,
        name: Option<&str>,
        logs: Vec<VerifierKey>,
        clock: Arc<dyn Clock>,
        ids: &dyn Ids,
    ) -> Result<Self, WitnessTrouble> {
        let cosigner = cosigner(dir, name, ids)?;
        let memory = Mutex::new(Memory::open(dir, cosigner.verifier_key())?);
        Ok(Self { cosigner, logs, memory, clock })
    }

    /// The public key.
    pub fn verifier_key(&self) -> &VerifierKey {
        self.cosigner.verifier_key()
    }

    /// Decides on the body of `add-checkpoint`, and answers the cosignature line once the checkpoint is on
    /// disk. Blocks while it writes, and while another request is decided.
    ///
    /// # Errors
    /// What the protocol refuses; a disk that does not take it.
    pub fn add_checkpoint(&self, body: &[u8]) -> Result<String, Refused> {
        let text = std::str::from_utf8(body).map_err(|_| WitnessError::Malformed("it is not UTF-8"))?;
        let request: AddCheckpoint = text.parse()?;
        // One request at a time from look-up to disk: what is compared is what is replaced.
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let open = request
            .consider(&self.logs, |origin| memory.seen(origin))
            .inspect_err(|why| suspect(why, &request))?;
        let seconds = u64::try_from(self.clock.now().0 / 1_000_000).unwrap_or_default();
        let OpenCheckpoint { checkpoint, verified, mut note } = open;
        let cosignature = self.cosigner.cosign(&checkpoint, seconds);
        // Strangers' signatures are not ours to keep.
        note.signatures
            .retain(|line| verified.iter().any(|by| by.name == line.name && by.key_id == line.key_id));
        note.signatures.push(cosignature.clone());
        let seen = Seen { size: checkpoint.size, root: checkpoint.root };
        memory.keep(&checkpoint.origin, seen, note.to_string()).map_err(Refused::Storage)?;
        Ok(format!("{cosignature}\n"))
    }

    /// The newest checkpoint signed of the log whose origin has this hash, as monitors ask for it.
    pub fn newest(&self, hash: &str) -> Option<String> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner).note(hash).map(str::to_owned)
    }
}

impl From<WitnessError> for Refused {
    fn from(error: WitnessError) -> Self {
        Self::Protocol(error)
    }
}

/// A log that signed what does not go together has given evidence against itself: it goes to our own log.
fn suspect(why: &WitnessError, request: &AddCheckpoint) {
    if matches!(why, WitnessError::Proof(_)) {
        tracing::warn!(%why, checkpoint = request.checkpoint, "a trusted log has signed what it can't prove");
    }
}
