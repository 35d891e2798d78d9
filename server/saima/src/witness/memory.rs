//! What a witness has signed last of each log, in one file a log.
//!
//! Promises: a file is there whole or as it was before, also after a crash; a store that holds anything
//! else than this witness's own word is refused; a second process is refused. Must never: go back to a
//! smaller size, or forget a log.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use ledger::{Checkpoint, Seen, SignedNote, VerifierKey, witness::monitor_path};

use super::WitnessTrouble;

/// The file whose lock says that somebody works on the store.
const LOCK: &str = "lock";
/// The folder of the logs' files.
const LOGS: &str = "logs";
/// What those files are called after the hash of the origin.
const ENDING: &str = "checkpoint";

/// What was signed last, by the hash of the log's origin.
pub(super) struct Memory {
    folder: PathBuf,
    newest: HashMap<String, (Seen, String)>,
    /// Held until the process ends.
    _lock: File,
}

impl Memory {
    /// Reads what `key` has signed, and keeps others out.
    pub(super) fn open(dir: &Path, key: &VerifierKey) -> Result<Self, WitnessTrouble> {
        let lock = lock(&dir.join(LOCK))?;
        let folder = dir.join(LOGS);
        DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(|why| at(&folder, why))?;
        let mut newest = HashMap::new();
        for item in fs::read_dir(&folder).map_err(|why| at(&folder, why))? {
            let path = item.map_err(|why| at(&folder, why))?.path();
            // A draft was never answered for: what it was to replace still stands.
            if path.extension() == Some(OsStr::new(ENDING)) {
                let (hash, seen, note) = read(&path, key)?;
                newest.insert(hash, (seen, note));
            }
        }
        Ok(Self { folder, newest, _lock: lock })
    }

    /// What was signed last of this log.
    pub(super) fn seen(&self, origin: &str) -> Seen {
        self.newest.get(&hash_of(origin)).map_or_else(Seen::default, |(seen, _)| *seen)
    }

    /// The note that was signed last of the log whose origin has this hash.
    pub(super) fn note(&self, hash: &str) -> Option<&str> {
        self.newest.get(hash).map(|(_, note)| note.as_str())
    }

    /// Puts a newer checkpoint in place of the older one: on disk first.
    pub(super) fn keep(&mut self, origin: &str, seen: Seen, note: String) -> io::Result<()> {
        let hash = hash_of(origin);
        if self.newest.get(&hash).is_some_and(|(older, _)| older.size > seen.size) {
            return Err(io::Error::other("a larger checkpoint was signed before"));
        }
        write_whole(&self.folder.join(&hash).with_extension(ENDING), note.as_bytes())?;
        self.newest.insert(hash, (seen, note));
        Ok(())
    }
}

/// Writes beside the place, then moves it there; on disk, the name too, when this returns.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let draft = path.with_extension("draft");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

fn lock(path: &Path) -> Result<File, WitnessTrouble> {
    let open = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path);
    let file = open.map_err(|why| at(path, why))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(WitnessTrouble::InUse(path.to_owned())),
        Err(TryLockError::Error(why)) => Err(at(path, why)),
    }
}

fn read(path: &Path, key: &VerifierKey) -> Result<(String, Seen, String), WitnessTrouble> {
    let spoilt = |why: String| WitnessTrouble::Spoilt { path: path.to_owned(), why };
    let note = fs::read_to_string(path).map_err(|why| at(path, why))?;
    let signed = SignedNote::parse(note.as_bytes()).map_err(|why| spoilt(why.to_string()))?;
    signed.verify(std::slice::from_ref(key)).map_err(|why| spoilt(why.to_string()))?;
    let checkpoint: Checkpoint =
        signed.text.parse().map_err(|why: ledger::CheckpointError| spoilt(why.to_string()))?;
    let hash = hash_of(&checkpoint.origin);
    if path.file_stem() != Some(OsStr::new(&hash)) {
        return Err(spoilt(format!("it holds a checkpoint of {}", checkpoint.origin)));
    }
    Ok((hash, Seen { size: checkpoint.size, root: checkpoint.root }, note))
}

/// The hash that names a log in addresses and files.
fn hash_of(origin: &str) -> String {
    let path = monitor_path(origin);
    path.split_once('/').map_or(path.clone(), |(hash, _)| hash.to_owned())
}

fn at(path: &Path, why: io::Error) -> WitnessTrouble {
    WitnessTrouble::File { path: path.to_owned(), why }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use ed25519_dalek::SigningKey;
    use ledger::{Cosigner, NoteSigner};

    use super::*;

    fn cosigner() -> Cosigner {
        Cosigner::new("w.example", SigningKey::from_bytes(&[3; 32])).unwrap()
    }

    fn signed(origin: &str, size: u64) -> (Seen, String) {
        let checkpoint = Checkpoint::new(origin, size, [7; 32]);
        let log = NoteSigner::new(origin, SigningKey::from_bytes(&[4; 32])).unwrap();
        let mut note = checkpoint.sign(&log).unwrap();
        note.signatures.push(cosigner().cosign(&checkpoint, 1_700_000_000));
        (Seen { size, root: [7; 32] }, note.to_string())
    }

    fn open(dir: &Path) -> Result<Memory, WitnessTrouble> {
        Memory::open(dir, cosigner().verifier_key())
    }

    #[test]
    fn what_was_kept_is_there_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let mut memory = open(dir.path()).unwrap();
        assert_eq!(memory.seen("one.example/log"), Seen::default());
        for (origin, size) in [("one.example/log", 5), ("two.example/log", 9), ("one.example/log", 6)] {
            let (seen, note) = signed(origin, size);
            memory.keep(origin, seen, note).unwrap();
        }
        drop(memory);
        let memory = open(dir.path()).unwrap();
        assert_eq!((memory.seen("one.example/log").size, memory.seen("two.example/log").size), (6, 9));
        let hash = hash_of("one.example/log");
        assert_eq!(memory.note(&hash), Some(signed("one.example/log", 6).1.as_str()));
        assert_eq!(memory.note("one.example/log"), None);
    }

    #[test]
    fn a_second_process_is_refused_while_the_first_works() {
        let dir = tempfile::tempdir().unwrap();
        let first = open(dir.path()).unwrap();
        assert!(matches!(open(dir.path()), Err(WitnessTrouble::InUse(_))));
        drop(first);
        assert!(open(dir.path()).is_ok());
    }

    #[test]
    fn nothing_goes_back_to_a_smaller_size() {
        let dir = tempfile::tempdir().unwrap();
        let mut memory = open(dir.path()).unwrap();
        let ((five, note), (four, older)) = (signed("a", 5), signed("a", 4));
        memory.keep("a", five, note).unwrap();
        assert!(memory.keep("a", four, older).is_err());
        assert_eq!(memory.seen("a"), five);
    }

    #[test]
    fn a_draft_that_a_crash_left_counts_for_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let mut memory = open(dir.path()).unwrap();
        let (seen, note) = signed("a", 5);
        memory.keep("a", seen, note).unwrap();
        drop(memory);
        fs::write(dir.path().join(LOGS).join(hash_of("a")).with_extension("draft"), "half a li").unwrap();
        let mut memory = open(dir.path()).unwrap();
        assert_eq!(memory.seen("a"), seen);
        let (seen, note) = signed("a", 6);
        memory.keep("a", seen, note).unwrap();
    }

    #[test]
    fn a_file_that_this_witness_did_not_sign_is_refused_and_kept() {
        let dir = tempfile::tempdir().unwrap();
        let mut memory = open(dir.path()).unwrap();
        let (seen, note) = signed("a", 5);
        memory.keep("a", seen, note.clone()).unwrap();
        drop(memory);
        let path = dir.path().join(LOGS).join(hash_of("a")).with_extension(ENDING);
        for spoilt in [note.replacen('5', "4", 1), String::new(), "text\n".to_owned(), signed("b", 5).1] {
            fs::write(&path, &spoilt).unwrap();
            assert!(matches!(open(dir.path()), Err(WitnessTrouble::Spoilt { .. })), "{spoilt}");
            assert_eq!(fs::read_to_string(&path).unwrap(), spoilt);
        }
    }
}
