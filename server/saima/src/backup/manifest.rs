//! What a backup says of itself.
//!
//! Promises: names every part with its SHA-256, and the state of the log that it holds. Must never: be
//! believed about the ledger; it guards against a bad disk, not against a forger.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Failure;

/// The file of the manifest.
pub const MANIFEST: &str = "manifest.json";
/// The only format that there is.
const FORMAT: &str = "saima-backup/v1";

/// A backup's manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The format.
    pub format: String,
    /// When it was taken, RFC 3339.
    pub taken_at: String,
    /// The log's name in its epoch.
    pub origin: String,
    /// The number of that epoch.
    pub epoch: i64,
    /// Records sealed.
    pub size: i64,
    /// The newest signed checkpoint, if there was one.
    pub checkpoint: Option<String>,
    /// The SHA-256 of every part, by its path.
    pub parts: BTreeMap<String, String>,
}

impl Manifest {
    /// Describes what lies in `folder`, whose database is `db`.
    pub(super) async fn of(db: &DatabaseConnection, folder: &Path, now: &str) -> Result<Self, Failure> {
        let one = |sql: &str| Statement::from_string(db.get_database_backend(), sql.to_owned());
        let head = db.query_one_raw(one("SELECT origin, epoch, size FROM log_head")).await?;
        let head = head.ok_or("there is no installation in this database")?;
        let note = db.query_one_raw(one("SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1")).await?;
        let mut parts = BTreeMap::new();
        walk(folder, folder, &mut parts)?;
        Ok(Self {
            format: FORMAT.to_owned(),
            taken_at: now.to_owned(),
            origin: head.try_get("", "origin")?,
            epoch: head.try_get("", "epoch")?,
            size: head.try_get("", "size")?,
            checkpoint: note.map(|row| row.try_get("", "note")).transpose()?,
            parts,
        })
    }

    pub(super) fn write(&self, folder: &Path) -> Result<(), Failure> {
        let text = format!("{}\n", serde_json::to_string_pretty(self)?);
        fs::write(folder.join(MANIFEST), text)?;
        File::open(folder)?.sync_all()?;
        Ok(())
    }

    /// Reads the manifest of a backup.
    ///
    /// # Errors
    /// When there is none, or it is another program's.
    pub fn read(folder: &Path) -> Result<Self, Failure> {
        let path = folder.join(MANIFEST);
        let text = fs::read_to_string(&path).map_err(|why| format!("{}: {why}", path.display()))?;
        let manifest: Self =
            serde_json::from_str(&text).map_err(|why| format!("{}: {why}", path.display()))?;
        if manifest.format == FORMAT {
            Ok(manifest)
        } else {
            Err(format!("{}: the format {} is not known here", path.display(), manifest.format).into())
        }
    }

    /// Checks that every part is there and what it was.
    pub(super) fn check(&self, folder: &Path) -> Result<(), Failure> {
        for (name, wanted) in &self.parts {
            let is_plain =
                Path::new(name).components().all(|part| matches!(part, std::path::Component::Normal(_)));
            if !is_plain {
                return Err(format!("the manifest names {name:?}, which lies outside the backup").into());
            }
            if sha256(&folder.join(name))? != *wanted {
                return Err(format!("{name} is not what it was when the backup was taken").into());
            }
        }
        Ok(())
    }
}

/// The SHA-256 of a file in hex.
pub(super) fn sha256(path: &Path) -> Result<String, Failure> {
    let told = |why: std::io::Error| format!("{}: {why}", path.display());
    let mut file = File::open(path).map_err(told)?;
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 1 << 20]);
    loop {
        match file.read(&mut buffer).map_err(told)? {
            0 => return Ok(hex::encode(hash.finalize())),
            read => hash.update(&buffer[..read]),
        }
    }
}

fn walk(top: &Path, folder: &Path, parts: &mut BTreeMap<String, String>) -> Result<(), Failure> {
    for item in fs::read_dir(folder)? {
        let path = item?.path();
        if path.is_dir() {
            walk(top, &path, parts)?;
            continue;
        }
        let name = path.strip_prefix(top)?.to_str().ok_or("a part's name is not UTF-8")?.to_owned();
        if !name.ends_with("-wal") && !name.ends_with("-shm") {
            File::open(&path)?.sync_all()?;
            parts.insert(name, sha256(&path)?);
        }
    }
    Ok(())
}
