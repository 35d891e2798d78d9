//! Bringing the tables up to date at start.
//!
//! Promises: several servers may start at the same moment on one database; one of them does the work
//! and the others find it done. Must never: begin serving on tables that are behind.

use std::time::Duration;

use sea_orm::DatabaseConnection;

use crate::error::{Refusal, Result};

/// Something that knows how to bring tables up to date; the program hands in the `migrations` crate,
/// which this crate does not depend on.
pub trait Migrate {
    /// Applies what is missing. May fail when another server is at it.
    fn up(db: &DatabaseConnection) -> impl Future<Output = std::result::Result<(), sea_orm::DbErr>> + Send;
}

const TRIES: u32 = 20;

/// Applies what is missing, again and again while somebody else is at it.
pub(super) async fn migrate<M: Migrate>(db: &DatabaseConnection) -> Result<()> {
    let mut tried = 0;
    loop {
        tried += 1;
        match M::up(db).await {
            Ok(()) => return Ok(()),
            Err(_) if tried < TRIES => tokio::time::sleep(Duration::from_millis(50 * u64::from(tried))).await,
            Err(error) => {
                return Err(Refusal::fault(format!("the tables can't be brought up to date: {error}")));
            }
        }
    }
}
