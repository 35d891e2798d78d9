//! The installation's own keys, in files.
//!
//! Promises: a key is made once, on first start, whole or not at all; its file can be read by its owner
//! alone, and a file that others can read is refused. Must never: print a key, or replace one.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, KeypairBytes};
use ledger::{NoteSigner, VerifierKey};
use market::Ids;

/// The file of the key that signs checkpoints.
const LOG: &str = "log.key";
/// The file of its public half, with the log's name, as verifiers want it.
const PUBLIC: &str = "log.vkey";
/// The file of the key that signs access tokens.
const TOKEN: &str = "token.key";

/// The keys of an installation.
pub struct Keys {
    /// Signs checkpoints.
    pub log: SigningKey,
    /// Signs access tokens.
    pub token: SigningKey,
}

/// Why a key can't be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyTrouble {
    /// The file can't be read or written.
    #[error("{path}: {why}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        why: std::io::Error,
    },
    /// Others can read it.
    #[error(
        "{path} can be read by others (mode {mode:03o}): take the key as known to them, or run `chmod 600`"
    )]
    Open {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// Not an Ed25519 key.
    #[error("{0} does not hold an Ed25519 private key in PKCS#8 PEM")]
    Malformed(PathBuf),
    /// Not the public half of the key beside it.
    #[error("{0} does not hold the public half of log.key")]
    Foreign(PathBuf),
    /// The log's origin can't name a key.
    #[error("the origin can't name a key: {0}")]
    Name(String),
}

impl Keys {
    /// Reads the keys in `dir`, and makes those that are missing.
    ///
    /// # Errors
    /// When a file can't be read or written, is open to others, or holds something else.
    pub fn open(dir: &Path, ids: &dyn Ids) -> Result<Self, KeyTrouble> {
        folder(dir)?;
        Ok(Self { log: open(&dir.join(LOG), ids)?, token: open(&dir.join(TOKEN), ids)? })
    }

    /// What signs checkpoints of the log `origin`.
    ///
    /// # Errors
    /// When the origin can't name a key.
    pub fn signer(&self, origin: &str) -> Result<NoteSigner, KeyTrouble> {
        NoteSigner::new(origin, self.log.clone()).map_err(|error| KeyTrouble::Name(error.to_string()))
    }
}

/// Writes down the public key of the log beside its private one, for [`published`]. Called once the market
/// has agreed to the log's name, which is part of the key.
///
/// # Errors
/// When the file can't be written.
pub fn publish(dir: &Path, key: &VerifierKey) -> Result<(), KeyTrouble> {
    let path = dir.join(PUBLIC);
    let draft = draft_of(&path);
    fs::write(&draft, format!("{key}\n"))
        .and_then(|()| fs::rename(&draft, &path))
        .map_err(|why| at(&path, why))
}

/// The public key of the log, as it was written down at the last start; makes nothing.
///
/// # Errors
/// When there is none, or it is not the public half of the private key that lies there.
pub fn published(dir: &Path) -> Result<VerifierKey, KeyTrouble> {
    let path = dir.join(PUBLIC);
    let text = fs::read_to_string(&path).map_err(|why| at(&path, why))?;
    let key: VerifierKey = text.trim_end().parse().map_err(|_| KeyTrouble::Foreign(path.clone()))?;
    if *key.public_key() == read(&dir.join(LOG))?.verifying_key() {
        Ok(key)
    } else {
        Err(KeyTrouble::Foreign(path))
    }
}

/// Makes the folder `dir`, its owner's alone, unless it is there.
pub(crate) fn folder(dir: &Path) -> Result<(), KeyTrouble> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(|why| at(dir, why))
}

/// Makes a key in a file of its own, for its owner alone to read.
///
/// # Errors
/// When there is such a file already, or it can't be written.
pub fn create(path: &Path, ids: &dyn Ids) -> Result<(), KeyTrouble> {
    if path.try_exists().map_err(|why| at(path, why))? {
        return Err(at(path, ErrorKind::AlreadyExists.into()));
    }
    make(path, ids)
}

/// Reads the key in the file `path`, and makes it if it is missing.
pub(crate) fn open(path: &Path, ids: &dyn Ids) -> Result<SigningKey, KeyTrouble> {
    if !path.try_exists().map_err(|why| at(path, why))? {
        make(path, ids)?;
    }
    read(path)
}

/// Reads a key that nobody else can read.
///
/// # Errors
/// When the file is open to others, or holds something else.
pub fn read(path: &Path) -> Result<SigningKey, KeyTrouble> {
    let mode = fs::metadata(path).map_err(|why| at(path, why))?.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeyTrouble::Open { path: path.to_owned(), mode });
    }
    let pem = fs::read_to_string(path).map_err(|why| at(path, why))?;
    SigningKey::from_pkcs8_pem(&pem).map_err(|_| KeyTrouble::Malformed(path.to_owned()))
}

/// Writes beside the place, then links into it: the file is never there in part, and when two servers
/// start at once, both go on with the key of the one that came first.
fn make(path: &Path, ids: &dyn Ids) -> Result<(), KeyTrouble> {
    // Version 1 of the format, without the public half, is what other tools read.
    let pair = KeypairBytes { secret_key: ids.salt(), public_key: None };
    let pem = pair.to_pkcs8_pem(LineEnding::LF).map_err(|_| KeyTrouble::Malformed(path.to_owned()))?;
    let draft = draft_of(path);
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)
        .and_then(|mut file| file.write_all(pem.as_bytes()).and_then(|()| file.sync_all()))
        .and_then(|()| match fs::hard_link(&draft, path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            linked => linked,
        });
    let cleared = fs::remove_file(&draft);
    written.and(cleared).map_err(|why| at(path, why))
}

fn draft_of(path: &Path) -> PathBuf {
    path.with_extension(format!("draft-{}", std::process::id()))
}

fn at(path: &Path, why: std::io::Error) -> KeyTrouble {
    KeyTrouble::File { path: path.to_owned(), why }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use std::os::unix::fs::PermissionsExt;

    use market::CountedIds;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o777
    }

    #[test]
    fn keys_are_made_once_and_are_their_owners_alone() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().join("keys");
        let ids = CountedIds::default();
        let first = Keys::open(&home, &ids).unwrap();
        let again = Keys::open(&home, &ids).unwrap();
        assert_eq!(first.log, again.log);
        assert_eq!(first.token, again.token);
        assert_ne!(first.log, first.token);
        assert_eq!((mode(&home), mode(&home.join(LOG)), mode(&home.join(TOKEN))), (0o700, 0o600, 0o600));
        assert_eq!(fs::read_dir(&home).unwrap().count(), 2, "no draft is left");
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        Keys::open(dir.path(), &CountedIds::default()).unwrap();
        fs::set_permissions(dir.path().join(LOG), PermissionsExt::from_mode(0o640)).unwrap();
        let refused = Keys::open(dir.path(), &CountedIds::default()).err().unwrap();
        assert!(matches!(refused, KeyTrouble::Open { mode: 0o640, .. }), "{refused}");
    }

    #[test]
    fn a_file_that_holds_no_key_is_refused_and_kept() {
        let dir = tempfile::tempdir().unwrap();
        Keys::open(dir.path(), &CountedIds::default()).unwrap();
        fs::write(dir.path().join(TOKEN), "").unwrap();
        assert!(matches!(Keys::open(dir.path(), &CountedIds::default()), Err(KeyTrouble::Malformed(_))));
        assert_eq!(fs::read(dir.path().join(TOKEN)).unwrap(), b"");
    }

    #[test]
    fn the_public_key_is_written_down_and_checked_against_the_private_one() {
        let dir = tempfile::tempdir().unwrap();
        assert!(published(dir.path()).is_err());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "looking makes nothing");
        let ids = CountedIds::default();
        let signer = Keys::open(dir.path(), &ids).unwrap().signer("example.org/log").unwrap();
        publish(dir.path(), signer.verifier_key()).unwrap();
        assert_eq!(published(dir.path()).unwrap(), *signer.verifier_key());
        fs::remove_file(dir.path().join(LOG)).unwrap();
        let other = Keys::open(dir.path(), &ids).unwrap();
        assert!(matches!(published(dir.path()), Err(KeyTrouble::Foreign(_))));
        assert!(other.signer("two words").is_err());
    }
}
