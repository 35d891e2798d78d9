//! `saima verify`: what is to be verified, and by which keys.
//!
//! Promises: ends with 0 only if everything that was looked at holds. Must never: make or change anything.

mod database;
mod file;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use ledger::VerifierKey;

use super::{Failure, Place, complain, say};
use crate::config::Config;
use crate::keys::published;

/// Check the whole ledger, or a receipt without any server.
#[derive(Args)]
pub(super) struct Verify {
    #[command(flatten)]
    place: Place,
    /// A receipt (`.tlog-proof`): checked by itself, without database or network.
    receipt: Option<PathBuf>,
    /// A public key to believe, as `saima key show` prints it; can be given several times. Without any,
    /// this installation's own is taken.
    #[arg(long = "key", value_name = "KEY")]
    keys: Vec<VerifierKey>,
}

impl Verify {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let config = self.place.load(None)?;
        let keys = known_keys(self.keys, &config);
        let verified = match &self.receipt {
            Some(path) => file::verify(path, &keys),
            None => database::verify(&config, &keys).await,
        };
        Ok(match verified {
            Ok(()) => ExitCode::SUCCESS,
            Err(fault) => {
                complain(format_args!("NOT VERIFIED: {fault}"));
                ExitCode::FAILURE
            }
        })
    }
}

fn known_keys(given: Vec<VerifierKey>, config: &Config) -> Vec<VerifierKey> {
    if !given.is_empty() {
        return given;
    }
    published(&config.keys()).into_iter().collect()
}
