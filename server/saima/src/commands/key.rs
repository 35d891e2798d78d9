//! `saima key`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use ed25519_dalek::VerifyingKey;
use market::{Actor, Market, RandomIds, SystemClock};

use super::{Failure, Place, say};
use crate::app::{self, Trouble};
use crate::config::Config;
use crate::keys::{Keys, add_log_key, log_keys, published};

/// Make, show and replace the keys of the log.
#[derive(Subcommand)]
pub(super) enum Key {
    /// Make a private key of the log in a file of its own: the first one, or one for the next rotation.
    New(Place),
    /// Print the public key of the log, as tools that verify receipts want it.
    Show(Show),
    /// Bring in a new key, which signs beside the old one until that is retired.
    Rotate(Rotate),
}

#[derive(Args)]
pub(super) struct Show {
    #[command(flatten)]
    place: Place,
    /// Every key that ever signed, oldest first: old receipts verify by old keys.
    #[arg(long)]
    all: bool,
}

#[derive(Args)]
pub(super) struct Rotate {
    #[command(flatten)]
    place: Place,
    /// Retire the old key: from now on only the new one signs.
    #[arg(long)]
    finish: bool,
}

impl Key {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        match self {
            Self::New(place) => new(&place.load(None)?)?,
            Self::Show(show) => {
                let keys = published(&show.place.load(None)?.keys())?;
                let skipped = if show.all { 0 } else { keys.len().saturating_sub(1) };
                keys.iter().skip(skipped).for_each(say);
            }
            Self::Rotate(rotate) => {
                let config = rotate.place.load(None)?;
                let ids = Arc::new(RandomIds);
                let keys = Keys::open(&config, ids.as_ref())?;
                let market = app::open(&config, &keys, Arc::new(SystemClock), ids).await?;
                let done = if rotate.finish {
                    finish(&config, &market).await
                } else {
                    begin(&config, &market).await
                };
                let written = app::write_down_keys(&config, &market).await;
                market.close().await;
                done?;
                written?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn new(config: &Config) -> Result<(), Failure> {
    if config.log_key.is_some() {
        return Err("the log's key is told by the environment here: make a new one there".into());
    }
    let (path, _) = add_log_key(&config.keys(), &RandomIds)?;
    say(format_args!("made {}", path.display()));
    Ok(())
}

async fn begin(config: &Config, market: &Market) -> Result<(), Failure> {
    let (path, new) = next(config, market).await?;
    let record = market.rotate_log_key(&Actor::Operator, &new).await.map_err(Trouble::from)?;
    market.seal_now().await.map_err(Trouble::from)?;
    say(format_args!("a new key signs beside the old one; record {record} says so, signed by both"));
    if let Some(path) = path {
        say(format_args!("  private key  {}", path.display()));
        say("servers in other folders need that file too, before they sign again");
    }
    say("when those who verify have the new key (saima key show), retire the old: saima key rotate --finish");
    Ok(())
}

async fn finish(config: &Config, market: &Market) -> Result<(), Failure> {
    let before = market.log_keys(&Actor::Operator).await.map_err(Trouble::from)?;
    let record = market.retire_log_key(&Actor::Operator).await.map_err(Trouble::from)?;
    market.seal_now().await.map_err(Trouble::from)?;
    say(format_args!("the old key is retired; record {record} says so"));
    let after = market.log_keys(&Actor::Operator).await.map_err(Trouble::from)?;
    let retired = before.iter().zip(&after).find(|(was, is)| was.until_size != is.until_size);
    if let Some((key, _)) = retired {
        let files = log_keys(&config.keys())?;
        let file = files.iter().find(|(_, private)| private.verifying_key() == *key.key.public_key());
        if let Some((path, _)) = file {
            say(format_args!("its private half may be destroyed now: {}", path.display()));
        }
    }
    Ok(())
}

/// The key to bring in: one that lies ready and was never the log's, or a new one.
async fn next(config: &Config, market: &Market) -> Result<(Option<PathBuf>, VerifyingKey), Failure> {
    let known = market.log_keys(&Actor::Operator).await.map_err(Trouble::from)?;
    if known.iter().filter(|key| key.until_size.is_none()).count() > 1 {
        return Err(
            "two keys sign already: retire the old one first, with `saima key rotate --finish`".into()
        );
    }
    let is_spare = |key: &VerifyingKey| !known.iter().any(|view| view.key.public_key() == key);
    if config.log_key.is_some() {
        let next = config.log_key_next.as_ref().map(|key| key.0.verifying_key()).filter(is_spare);
        let next =
            next.ok_or("put the new private key into SAIMA_LOG_KEY_NEXT, here and for every server")?;
        return Ok((None, next));
    }
    let spare = log_keys(&config.keys())?.into_iter().find(|(_, key)| is_spare(&key.verifying_key()));
    let (path, key) = match spare {
        Some(spare) => spare,
        None => add_log_key(&config.keys(), &RandomIds)?,
    };
    Ok((Some(path), key.verifying_key()))
}
