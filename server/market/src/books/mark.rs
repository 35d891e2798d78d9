//! The high-water mark: the newest checkpoint that this server signed, kept outside the database.
//!
//! Promises: the mark is on disk (written aside, synced, renamed, the folder synced) before a checkpoint
//! leaves the house; of several processes in one folder one moves it at a time, and never back within an
//! epoch. Must never: be written for a checkpoint that contradicts it; the caller proves that first.
//!
//! `log.mark` is the signed note itself, so that any tool can hold the log against it. `log.published` is
//! the size of the newest checkpoint that the database was seen to keep; it may lag behind after a crash,
//! and what it says is told by `saima verify`.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use ledger::{Checkpoint, SignedNote};

use crate::error::{Refusal, Result};

/// The file of the mark.
pub const MARK: &str = "log.mark";
const PUBLISHED: &str = "log.published";
const LOCK: &str = "log.lock";

/// Where a server keeps its mark.
#[derive(Debug, Clone)]
pub(crate) struct MarkFile {
    folder: PathBuf,
}

/// What came of moving the mark.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Moved {
    /// It is on disk.
    Done,
    /// Another process moved it meanwhile: look again.
    Meanwhile,
}

impl MarkFile {
    pub(crate) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// The mark, if this server ever signed.
    pub(super) async fn read(&self) -> Result<Option<Checkpoint>> {
        let folder = self.folder.clone();
        blocking(move || read_mark(&folder)).await
    }

    /// Moves the mark from `old`, as it was read, to `note`.
    pub(super) async fn advance(&self, old: Option<Checkpoint>, note: SignedNote) -> Result<Moved> {
        let folder = self.folder.clone();
        blocking(move || {
            let lock = lock(&folder)?;
            if read_mark(&folder)? != old {
                return Ok(Moved::Meanwhile);
            }
            write_whole(&folder, MARK, &note.to_string(), true)?;
            drop(lock);
            Ok(Moved::Done)
        })
        .await
    }

    /// Notes that the database keeps a checkpoint of `size` records. Not synced: it tells of what was kept
    /// when it is there, and nothing when it is not.
    pub(super) async fn published(&self, origin: String, size: u64) -> Result<()> {
        let folder = self.folder.clone();
        blocking(move || {
            let _lock = lock(&folder)?;
            let newer = published(&folder).is_none_or(|(there, kept)| there != origin || kept < size);
            if newer {
                write_whole(&folder, PUBLISHED, &format!("{origin}\n{size}\n"), false)
            } else {
                Ok(())
            }
        })
        .await
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Refusal::fault)?
}

/// The mark in this folder, if there is one.
///
/// # Errors
/// When it can't be read, or is not a checkpoint: then nobody knows what was signed.
pub fn read_mark(folder: &Path) -> Result<Option<Checkpoint>> {
    let path = folder.join(MARK);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Refusal::fault(format!("{}: {error}", path.display()))),
    };
    let note = SignedNote::parse(&bytes).map_err(|error| damaged(&path, &error))?;
    note.text.parse().map(Some).map_err(|error| damaged(&path, &error))
}

/// The newest checkpoint that the database was seen to keep, by origin and size; `None` where nobody knows.
pub fn published(folder: &Path) -> Option<(String, u64)> {
    let text = fs::read_to_string(folder.join(PUBLISHED)).ok()?;
    let mut lines = text.strip_suffix('\n')?.split('\n');
    let (origin, size) = (lines.next()?, lines.next()?.parse().ok()?);
    lines.next().is_none().then(|| (origin.to_owned(), size))
}

fn damaged(path: &Path, why: &dyn std::fmt::Display) -> Refusal {
    Refusal::fault(format!(
        "{} is damaged ({why}), so nobody knows what was signed here: bring it back from a copy, or move it \
         aside and start a new epoch with `saima epoch`",
        path.display()
    ))
}

fn lock(folder: &Path) -> Result<File> {
    let path = folder.join(LOCK);
    let told = |error| Refusal::fault(format!("{}: {error}", path.display()));
    let file = OpenOptions::new().create(true).write(true).truncate(false).mode(0o600).open(&path);
    let file = file.map_err(told)?;
    file.lock().map_err(told)?;
    Ok(file)
}

fn write_whole(folder: &Path, name: &str, text: &str, synced: bool) -> Result<()> {
    let (path, draft) = (folder.join(name), folder.join(format!("{name}.draft")));
    let write = || -> std::io::Result<()> {
        let mut file = File::create(&draft)?;
        file.write_all(text.as_bytes())?;
        if synced {
            file.sync_all()?;
        }
        fs::rename(&draft, &path)?;
        if synced { File::open(folder)?.sync_all() } else { Ok(()) }
    };
    write().map_err(|error| Refusal::fault(format!("{}: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;
    use ledger::{NoteSigner, leaf_hash};

    use super::*;

    fn note(size: u64) -> SignedNote {
        let signer = NoteSigner::new("example.org/log", SigningKey::from_bytes(&[7; 32])).unwrap();
        Checkpoint::new("example.org/log", size, leaf_hash(&size.to_be_bytes())).sign(&signer).unwrap()
    }

    fn folder(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("saima-mark-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        path
    }

    #[tokio::test]
    async fn the_mark_moves_only_from_what_was_read() {
        let folder = folder("moves");
        let file = MarkFile::new(&folder);
        assert_eq!(file.read().await.unwrap(), None);
        assert_eq!(file.advance(None, note(3)).await.unwrap(), Moved::Done);
        let three = file.read().await.unwrap();
        assert_eq!(three.as_ref().map(|mark| mark.size), Some(3));
        assert_eq!(file.advance(None, note(4)).await.unwrap(), Moved::Meanwhile);
        assert_eq!(file.advance(three, note(4)).await.unwrap(), Moved::Done);
        assert_eq!(fs::read_to_string(folder.join(MARK)).unwrap(), note(4).to_string());
        fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    async fn a_damaged_mark_is_not_taken_for_none() {
        let folder = folder("damaged");
        fs::write(folder.join(MARK), "").unwrap();
        assert!(
            matches!(MarkFile::new(&folder).read().await, Err(Refusal::Fault(why)) if why.contains("saima epoch"))
        );
        fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    async fn what_was_published_only_grows_within_an_epoch() {
        let folder = folder("published");
        let file = MarkFile::new(&folder);
        for (origin, size, kept) in [("a", 5, ("a", 5)), ("a", 3, ("a", 5)), ("b", 1, ("b", 1))] {
            file.published(origin.to_owned(), size).await.unwrap();
            assert_eq!(published(&folder), Some((kept.0.to_owned(), kept.1)));
        }
        for unknown in ["", "a\n", "a\n5", "a\nx\n", "a\n5\n6\n"] {
            fs::write(folder.join(PUBLISHED), unknown).unwrap();
            assert_eq!(published(&folder), None, "{unknown:?}");
        }
        fs::remove_dir_all(folder).unwrap();
    }
}
