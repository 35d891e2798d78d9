//! The installation's own keys, in files.
//!
//! Promises: a key is made once, on first start, whole or not at all; its file can be read by its owner
//! alone, and a file that others can read is refused. Which of the log's keys signs is the market's to say,
//! not the folder's. Must never: print a key, or replace one.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, KeypairBytes};
use ledger::VerifierKey;
use market::Ids;
use market::books::KeyRing;

use crate::config::Config;

/// The file of the first key that signs checkpoints; those of later ones are called `log-<8 hex digits>.key`.
const LOG: &str = "log.key";
/// The file of the public halves, with the log's name, as verifiers want them.
const PUBLIC: &str = "log.vkey";
/// The file of the key that signs access tokens.
const TOKEN: &str = "token.key";

/// The keys of an installation.
pub struct Keys {
    /// Those that sign checkpoints: read anew when one is missing.
    pub log: KeyRing,
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
    #[error("{0} does not hold the public half of a private key beside it")]
    Foreign(PathBuf),
    /// A name can't name a key.
    #[error("this can't name a key: {0}")]
    Name(String),
    /// A key of the log can't be had.
    #[error("{0}")]
    Ring(String),
}

impl Keys {
    /// Reads the keys, and makes those that are missing. A log key in the environment stands for the files.
    ///
    /// # Errors
    /// When a file can't be read or written, is open to others, or holds something else.
    pub fn open(config: &Config, ids: &dyn Ids) -> Result<Self, KeyTrouble> {
        let dir = config.keys();
        folder(&dir)?;
        let token = open(&dir.join(TOKEN), ids)?;
        let secret: Vec<SigningKey> =
            config.log_key.iter().chain(&config.log_key_next).map(|secret| secret.0.clone()).collect();
        let log = if secret.is_empty() {
            if log_keys(&dir)?.is_empty() {
                make(&dir.join(LOG), ids)?;
            }
            KeyRing::reading(move || {
                let found = log_keys(&dir).map_err(|trouble| trouble.to_string())?;
                Ok(found.into_iter().map(|(_, key)| key).collect())
            })
        } else {
            KeyRing::reading(move || Ok(secret.clone()))
        };
        Ok(Self { log: log.map_err(KeyTrouble::Ring)?, token })
    }
}

/// The private keys of the log in `dir`: the first one, then those made for rotations, by name.
///
/// # Errors
/// When one can't be read, is open to others, or is no key.
pub fn log_keys(dir: &Path) -> Result<Vec<(PathBuf, SigningKey)>, KeyTrouble> {
    let mut names = Vec::new();
    for item in fs::read_dir(dir).map_err(|why| at(dir, why))? {
        let name = item.map_err(|why| at(dir, why))?.file_name();
        if name
            .to_str()
            .is_some_and(|name| name == LOG || (name.starts_with("log-") && name.ends_with(".key")))
        {
            names.push(name);
        }
    }
    names.sort_by_key(|name| (name != LOG, name.clone()));
    names.into_iter().map(|name| dir.join(name)).map(|path| Ok((path.clone(), read(&path)?))).collect()
}

/// Makes one more private key of the log: the first, or one that waits for a rotation.
///
/// # Errors
/// When the file can't be written.
pub fn add_log_key(dir: &Path, ids: &dyn Ids) -> Result<(PathBuf, SigningKey), KeyTrouble> {
    folder(dir)?;
    let path = if log_keys(dir)?.is_empty() {
        dir.join(LOG)
    } else {
        let mut name = [0; 4];
        ids.fill(&mut name);
        dir.join(format!("log-{}.key", hex::encode(name)))
    };
    make(&path, ids)?;
    Ok((path.clone(), read(&path)?))
}

/// Writes down the public keys of the log beside the private ones, oldest first, for [`published`]. Called
/// once the market has agreed to the log's name, which is part of a key.
///
/// # Errors
/// When the file can't be written.
pub fn publish(dir: &Path, keys: &[VerifierKey]) -> Result<(), KeyTrouble> {
    folder(dir)?;
    let path = dir.join(PUBLIC);
    let draft = draft_of(&path);
    let text: String = keys.iter().map(|key| format!("{key}\n")).collect();
    fs::write(&draft, text).and_then(|()| fs::rename(&draft, &path)).map_err(|why| at(&path, why))
}

/// The public keys of the log, oldest first, as they were written down at the last start; makes nothing.
///
/// # Errors
/// When there are none, or private keys lie there and the newest public one belongs to none of them.
pub fn published(dir: &Path) -> Result<Vec<VerifierKey>, KeyTrouble> {
    let path = dir.join(PUBLIC);
    let text = fs::read_to_string(&path).map_err(|why| at(&path, why))?;
    let foreign = || KeyTrouble::Foreign(path.clone());
    let keys: Vec<VerifierKey> =
        text.lines().map(str::parse).collect::<Result<_, _>>().map_err(|_| foreign())?;
    let newest = keys.last().ok_or_else(foreign)?;
    let held = log_keys(dir)?;
    let known = held.is_empty() || held.iter().any(|(_, key)| key.verifying_key() == *newest.public_key());
    if known { Ok(keys) } else { Err(foreign()) }
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

    use ledger::KeyType;
    use market::CountedIds;

    use super::*;
    use crate::config::Layer;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o777
    }

    fn config(dir: &Path) -> Config {
        Config::from(Layer { data: Some(dir.to_owned()), ..Layer::default() })
    }

    fn public(key: &SigningKey) -> VerifierKey {
        VerifierKey::new("example.org/log", KeyType::Ed25519, key.verifying_key()).unwrap()
    }

    #[test]
    fn keys_are_made_once_and_are_their_owners_alone() {
        let dir = tempfile::tempdir().unwrap();
        let (config, ids) = (config(dir.path()), CountedIds::default());
        let home = config.keys();
        let first = Keys::open(&config, &ids).unwrap();
        let log = log_keys(&home).unwrap();
        let again = Keys::open(&config, &ids).unwrap();
        assert_eq!(log_keys(&home).unwrap(), log);
        assert_eq!(first.token, again.token);
        assert_ne!(log[0].1, first.token);
        assert_eq!((mode(&home), mode(&home.join(LOG)), mode(&home.join(TOKEN))), (0o700, 0o600, 0o600));
        assert_eq!(fs::read_dir(&home).unwrap().count(), 2, "no draft is left");
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let config = config(dir.path());
        Keys::open(&config, &CountedIds::default()).unwrap();
        add_log_key(&config.keys(), &CountedIds::default()).unwrap();
        for (path, _) in log_keys(&config.keys()).unwrap() {
            fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
            let refused = Keys::open(&config, &CountedIds::default()).err().unwrap().to_string();
            assert!(refused.contains("chmod 600") && refused.contains("640"), "{refused}");
            fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        }
    }

    #[test]
    fn a_file_that_holds_no_key_is_refused_and_kept() {
        let dir = tempfile::tempdir().unwrap();
        let config = config(dir.path());
        Keys::open(&config, &CountedIds::default()).unwrap();
        let token = config.keys().join(TOKEN);
        fs::write(&token, "").unwrap();
        assert!(matches!(Keys::open(&config, &CountedIds::default()), Err(KeyTrouble::Malformed(_))));
        assert_eq!(fs::read(token).unwrap(), b"");
    }

    #[test]
    fn the_public_keys_are_written_down_and_checked_against_the_private_ones() {
        let dir = tempfile::tempdir().unwrap();
        let config = config(dir.path());
        let (home, ids) = (config.keys(), CountedIds::default());
        assert!(published(&home).is_err());
        assert!(!home.exists(), "looking makes nothing");
        Keys::open(&config, &ids).unwrap();
        let (next, _) = add_log_key(&home, &ids).unwrap();
        let known: Vec<_> = log_keys(&home).unwrap().iter().map(|(_, key)| public(key)).collect();
        publish(&home, &known).unwrap();
        assert_eq!(published(&home).unwrap(), known);
        fs::remove_file(home.join(LOG)).unwrap();
        assert_eq!(published(&home).unwrap(), known, "a retired key may be destroyed");
        fs::remove_file(next).unwrap();
        add_log_key(&home, &ids).unwrap();
        assert!(matches!(published(&home), Err(KeyTrouble::Foreign(_))));
    }

    #[test]
    fn a_log_key_in_the_environment_stands_for_the_files() {
        let dir = tempfile::tempdir().unwrap();
        let layer = Layer { data: Some(dir.path().to_owned()), ..Layer::default() };
        let secret = "CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=".parse().unwrap();
        let config = Config::from(Layer { log_key: Some(secret), ..layer });
        Keys::open(&config, &CountedIds::default()).unwrap();
        assert_eq!(log_keys(&config.keys()).unwrap(), vec![]);
        assert!(!format!("{config:?}").contains("CQkJ"), "no secret is shown");
    }
}
