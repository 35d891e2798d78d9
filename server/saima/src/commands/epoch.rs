//! `saima epoch`.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use market::{Actor, RandomIds, SystemClock};

use super::{Failure, Place, say};
use crate::app::{self, Trouble};
use crate::keys::Keys;

/// Start a new epoch of the log, on record, where its past can't be vouched for any more.
///
/// The records that are there stay, under a new name of the log; what this server knows to be lost is told in
/// the first record. Stop other servers on this database first, and start them again afterwards.
#[derive(Args)]
pub(super) struct Epoch {
    #[command(flatten)]
    place: Place,
    /// Why: one line, which everybody can read in the log.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// The number of the epoch, where the next one was started already elsewhere, and lost.
    #[arg(long, value_name = "NUMBER")]
    no: Option<i64>,
}

impl Epoch {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let config = self.place.load(None)?;
        let ids = Arc::new(RandomIds);
        let keys = Keys::open(&config, ids.as_ref())?;
        let market = app::open_unchecked(&config, &keys, Arc::new(SystemClock), ids).await?;
        let started = market.start_epoch(&Actor::Operator, &self.reason, self.no).await;
        let written = app::write_down_keys(&config, &market).await;
        market.close().await;
        let epoch = started.map_err(Trouble::from)?;
        written?;
        say(format_args!("epoch {} of the log begins: {}", epoch.no, epoch.origin));
        say(format_args!("  records  {} taken over", epoch.from_size));
        say(format_args!("  root     {}", hex::encode(epoch.from_root)));
        if let Some(record) = epoch.record {
            say(format_args!("  record   {record}"));
        }
        say("tell those who verify the log: its name and public keys have changed (saima key show --all)");
        Ok(ExitCode::SUCCESS)
    }
}
