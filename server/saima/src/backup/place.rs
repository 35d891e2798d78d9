//! Whether a place is free for an installation.
//!
//! Promises: nothing that is there is written over. Must never: count keys and the mark of before, which a
//! restored installation is meant to find.

use std::fs;

use sea_orm::{ConnectionTrait, Statement};

use super::{Failure, connect};
use crate::config::Config;

/// Refuses a place where something lives.
///
/// # Errors
/// When there is a database, or a file that is no key and no mark.
pub async fn place_must_be_empty(config: &Config) -> Result<(), Failure> {
    if config.data.exists() {
        for item in fs::read_dir(&config.data)? {
            let name = item?.file_name();
            let stays = ["keys", "log.mark", "log.published", "log.lock"].iter().any(|known| name == *known);
            if !stays {
                return Err(format!(
                    "{} holds {}: restore into an empty folder (the folder keys and log.mark may stay)",
                    config.data.display(),
                    name.display()
                )
                .into());
            }
        }
    }
    match config.database.sqlite_path() {
        Some(path) if path.exists() => {
            Err(format!("{} is there already: move it away first", path.display()).into())
        }
        Some(_) => Ok(()),
        None => no_tables(config).await,
    }
}

async fn no_tables(config: &Config) -> Result<(), Failure> {
    let db = connect(config.database.as_str(), "rw").await?;
    let sql =
        "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() LIMIT 1";
    let taken = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    db.close().await?;
    match taken {
        None => Ok(()),
        Some(_) => Err("the database holds tables already: make an empty one".into()),
    }
}
