//! Backups: one folder with everything that an installation is, taken while it serves.
//!
//! Promises: the database in it is one moment of the real one, whatever was written meanwhile; every file of
//! a submission that it names is in it; each part's SHA-256 stands in `manifest.json`. A backup is always an
//! SQLite database, so one of PostgreSQL can be restored to either. Must never: hold private keys unless
//! asked to, or be taken for a proof: what it restores is verified.
//!
//! What was erased before a backup is not in it; what was erased after it still is, so old backups must go
//! when an erasure has to be complete, and whoever restores one erases again.

mod copy;
mod manifest;
mod place;

use std::fs;
use std::path::{Path, PathBuf};

use market::books::{audit, log_keys_in};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};

use crate::config::Config;
pub use manifest::{MANIFEST, Manifest};
pub use place::place_must_be_empty;

/// The database in a backup.
const DATABASE: &str = "saima.db";
/// The folder of submissions' files, here and there.
const FILES: &str = "files";
/// The folder of keys, here and there.
const KEYS: &str = "keys";

/// Why a backup can't be taken or restored.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Takes a backup into `to`, an empty folder or one that is not there yet.
///
/// # Errors
/// When `to` holds something, or something can't be read or written.
pub async fn take(config: &Config, to: &Path, with_keys: bool, now: &str) -> Result<Manifest, Failure> {
    if to.exists() && fs::read_dir(to)?.next().is_some() {
        return Err(format!("{} is not empty: name a new folder for the backup", to.display()).into());
    }
    fs::create_dir_all(to)?;
    let database = to.join(DATABASE);
    let source = connect(config.database.as_str(), "rw").await?;
    if source.get_database_backend() == DbBackend::Sqlite {
        let name = database.to_str().ok_or("the backup's path is not UTF-8")?;
        let vacuum = Statement::from_sql_and_values(DbBackend::Sqlite, "VACUUM INTO ?", [name.into()]);
        source.execute_raw(vacuum).await?;
    } else {
        let target = connect(&sqlite(&database), "rwc").await?;
        migrations::up(&target).await?;
        copy::tables(&source, &target).await?;
        target.close().await?;
    }
    source.close().await?;
    let copied = connect(&sqlite(&database), "rw").await?;
    copy_files(&copied, &config.data, to).await?;
    if with_keys {
        copy_keys(&config.keys(), &to.join(KEYS))?;
    }
    let manifest = Manifest::of(&copied, to, now).await?;
    copied.close().await?;
    for end in ["-wal", "-shm"] {
        let _gone = fs::remove_file(to.join(format!("{DATABASE}{end}")));
    }
    manifest.write(to)?;
    Ok(manifest)
}

/// Brings a backup back into the place that `config` names, which holds nothing but, perhaps, keys and the
/// mark of before; what comes of it is verified before it can be served.
///
/// # Errors
/// When the place is not empty, a part is not what the manifest says, or the ledger in it does not hold.
pub async fn restore(
    from: &Path,
    config: &Config,
    mut progress: impl FnMut(u64, u64),
) -> Result<Manifest, Failure> {
    let manifest = Manifest::read(from)?;
    manifest.check(from)?;
    place_must_be_empty(config).await?;
    fs::create_dir_all(&config.data)?;
    let source = connect(&sqlite(&from.join(DATABASE)), "ro").await?;
    copy_files(&source, from, &config.data).await?;
    let target = if let Some(path) = config.database.sqlite_path() {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let draft = path.with_extension("restoring");
        fs::copy(from.join(DATABASE), &draft)?;
        verify(&sqlite(&draft), &mut progress).await?;
        fs::File::open(&draft)?.sync_all()?;
        fs::rename(&draft, &path)?;
        for end in ["-wal", "-shm"] {
            let _gone = fs::remove_file(format!("{}{end}", draft.display()));
        }
        None
    } else {
        let target = connect(config.database.as_str(), "rw").await?;
        migrations::up(&target).await?;
        copy::tables(&source, &target).await?;
        Some(target)
    };
    source.close().await?;
    if let Some(target) = target {
        target.close().await?;
        verify(config.database.as_str(), &mut progress).await?;
    }
    let keys = from.join(KEYS);
    if keys.exists() {
        copy_keys(&keys, &config.keys())?;
    }
    Ok(manifest)
}

/// Verifies the whole ledger by the keys that it names itself: whether they are the right ones is for those
/// to say who have followed the log from outside.
async fn verify(url: &str, progress: &mut impl FnMut(u64, u64)) -> Result<(), Failure> {
    let db = connect(url, "rw").await?;
    migrations::up(&db).await?;
    let keys = log_keys_in(&db).await.map_err(|refusal| refusal.to_string())?;
    let audited = audit(&db, &keys, &mut *progress).await;
    // The last connection to leave takes the write-ahead log into the file.
    let _settled = db.execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await;
    db.close().await?;
    audited.map_err(|fault| format!("the backup does not verify: {fault}"))?;
    Ok(())
}

async fn connect(url: &str, mode: &str) -> Result<DatabaseConnection, Failure> {
    let url = url.replace("mode=rwc", &format!("mode={mode}"));
    // One reads, and on PostgreSQL verification has readers beside it.
    let connections = if url.starts_with("sqlite:") { 1 } else { 10 };
    let mut options = sea_orm::ConnectOptions::new(url);
    options.max_connections(connections).sqlx_logging(false);
    Ok(Database::connect(options).await.map_err(|error| format!("the database can't be opened: {error}"))?)
}

fn sqlite(path: &Path) -> String {
    format!("sqlite://{}?mode=rwc", path.display())
}

/// Every file that the database names, each checked against its digest.
async fn copy_files(db: &DatabaseConnection, from: &Path, to: &Path) -> Result<(), Failure> {
    let sql = "SELECT DISTINCT sha256 FROM file";
    for row in db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await? {
        let digest: Vec<u8> = row.try_get("", "sha256")?;
        let name = PathBuf::from(market::submission::stored_at(&digest));
        let (source, target) = (from.join(FILES).join(&name), to.join(FILES).join(&name));
        if manifest::sha256(&source)? != hex::encode(&digest) {
            return Err(format!("{} is not what it was when it was handed in", source.display()).into());
        }
        fs::create_dir_all(target.parent().unwrap_or(to))?;
        fs::copy(&source, &target)?;
    }
    Ok(())
}

/// Private keys keep their mode; one that is there already stays.
fn copy_keys(from: &Path, to: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(to)?;
    for item in fs::read_dir(from)? {
        let item = item?;
        let target = to.join(item.file_name());
        if item.path().extension().is_some_and(|end| end == "key") && !target.exists() {
            fs::copy(item.path(), &target)?;
        }
    }
    Ok(())
}
