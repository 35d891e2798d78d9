//! The file store: bytes under their own digest.
//!
//! Promises: a file is whole or absent (written aside, synced, then renamed); the same bytes are kept
//! once; what is read back is checked against its digest. Must never: use a name that came from outside.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tokio::fs;
use tokio::io::AsyncWriteExt as _;

use crate::error::{Refusal, Result};

/// Where the bytes of submissions lie: `files/ab/<64 hex digits>` below the data folder.
#[derive(Debug, Clone)]
pub struct FileStore {
    root: PathBuf,
}

impl FileStore {
    /// Uses (and makes) the folder `files` below `data`.
    ///
    /// # Errors
    /// When the folder can't be made.
    pub async fn open(data: &Path) -> Result<Self> {
        let root = data.join("files");
        fs::create_dir_all(&root).await.map_err(Refusal::fault)?;
        Ok(Self { root })
    }

    /// Keeps `bytes`; `aside` makes the name of the temporary file unique.
    ///
    /// # Errors
    /// When the disk refuses.
    pub async fn keep(&self, bytes: &[u8], aside: &str) -> Result<[u8; 32]> {
        let digest: [u8; 32] = Sha256::digest(bytes).into();
        let path = self.path(&digest);
        if fs::try_exists(&path).await.map_err(Refusal::fault)? {
            return Ok(digest);
        }
        let folder = path.parent().unwrap_or(&self.root);
        fs::create_dir_all(folder).await.map_err(Refusal::fault)?;
        let temporary = folder.join(format!("{aside}.part"));
        let mut file = fs::File::create(&temporary).await.map_err(Refusal::fault)?;
        file.write_all(bytes).await.map_err(Refusal::fault)?;
        file.sync_all().await.map_err(Refusal::fault)?;
        fs::rename(&temporary, &path).await.map_err(Refusal::fault)?;
        Ok(digest)
    }

    /// The bytes of a digest.
    ///
    /// # Errors
    /// A fault when they are missing or not those of the digest any more.
    pub async fn read(&self, digest: &[u8; 32]) -> Result<Vec<u8>> {
        let bytes = fs::read(self.path(digest)).await.map_err(Refusal::fault)?;
        if Sha256::digest(&bytes).as_slice() == digest {
            Ok(bytes)
        } else {
            Err(Refusal::fault(format!("the file {} has changed on disk", hex::encode(digest))))
        }
    }

    /// Whether the bytes of a digest are there.
    ///
    /// # Errors
    /// When the disk refuses.
    pub async fn has(&self, digest: &[u8; 32]) -> Result<bool> {
        fs::try_exists(self.path(digest)).await.map_err(Refusal::fault)
    }

    /// Deletes the bytes of a digest, if they are there.
    ///
    /// # Errors
    /// When the disk refuses.
    pub async fn forget(&self, digest: &[u8; 32]) -> Result<()> {
        match fs::remove_file(self.path(digest)).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Refusal::fault(error)),
            _ => Ok(()),
        }
    }

    fn path(&self, digest: &[u8; 32]) -> PathBuf {
        self.root.join(stored_at(digest))
    }
}

/// Where the bytes of a digest lie below the folder `files`: `ab/<64 hex digits>`.
#[must_use]
pub fn stored_at(digest: &[u8]) -> String {
    let name = hex::encode(digest);
    format!("{}/{name}", name.get(..2).unwrap_or_default())
}
