//! `saima backup` and `saima restore`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use market::{Actor, Clock as _, RandomIds, SystemClock};

use super::{Failure, Place, say};
use crate::app::{self, Trouble};
use crate::backup;
use crate::keys::Keys;

/// Take a backup while the server serves: the database, the files of submissions, and their sums.
#[derive(Args)]
pub(super) struct Backup {
    #[command(flatten)]
    place: Place,
    /// The folder to make; nothing may be in it.
    to: PathBuf,
    /// Put the private keys in as well: whoever has the backup can then sign as this installation.
    #[arg(long)]
    with_keys: bool,
}

impl Backup {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let config = self.place.load(None)?;
        let manifest = backup::take(&config, &self.to, self.with_keys, &SystemClock.now().rfc3339()).await?;
        say(format_args!("backup of {} in {}", manifest.origin, self.to.display()));
        say(format_args!("  records  {}", manifest.size));
        say(format_args!("  parts    {}", manifest.parts.len()));
        if !self.with_keys {
            say("  keys     not in it: keep a copy of them elsewhere, and log.mark with them");
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Bring a backup back into an empty place, verify it, and go on: in a new epoch of the log, unless the mark
/// that lies there shows that nothing was signed since.
#[derive(Args)]
pub(super) struct Restore {
    #[command(flatten)]
    place: Place,
    /// The backup.
    from: PathBuf,
    /// The number of the new epoch, where the next one was started already elsewhere, and lost.
    #[arg(long, value_name = "NUMBER")]
    epoch: Option<i64>,
}

impl Restore {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let config = self.place.load(None)?;
        let style = ProgressStyle::with_template("{bar:40} {human_pos}/{human_len} records {per_sec} {eta}")?;
        let bar = ProgressBar::new(0).with_style(style);
        let restored = backup::restore(&self.from, &config, |done, total| {
            bar.set_length(total);
            bar.set_position(done);
        });
        let restored = restored.await;
        bar.finish_and_clear();
        let manifest = restored?;
        say(format_args!("restored and verified: {} records of {}", manifest.size, manifest.origin));
        let had_mark = config.data.join(market::books::MARK).exists();
        let ids = Arc::new(RandomIds);
        let keys = Keys::open(&config, ids.as_ref())?;
        let market = app::open_unchecked(&config, &keys, Arc::new(SystemClock), ids).await?;
        let nothing_lost = had_mark && market.check_mark().await.is_ok();
        let started = if nothing_lost {
            Ok(None)
        } else {
            let reason = format!("Restored from a backup of {}.", manifest.taken_at);
            market.start_epoch(&Actor::Operator, &reason, self.epoch).await.map(Some)
        };
        let written = app::write_down_keys(&config, &market).await;
        market.close().await;
        match started.map_err(Trouble::from)? {
            None => say("nothing was signed since: the log goes on"),
            Some(epoch) => {
                say(format_args!("epoch {} of the log begins: {}", epoch.no, epoch.origin));
                say(
                    "tell those who verify the log: its name and public keys have changed (saima key show --all)",
                );
            }
        }
        written?;
        Ok(ExitCode::SUCCESS)
    }
}
