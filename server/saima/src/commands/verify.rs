//! `saima verify`: what is to be verified, and by which keys.
//!
//! Promises: ends with 0 only if everything that was looked at holds. Must never: make or change anything.

mod address;
mod database;
mod file;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use ledger::{Policy, VerifierKey};

use super::{Failure, Place, complain, say};
use crate::app::read_policy;
use crate::config::Config;
use crate::keys::published;

/// Check the whole ledger, here or by its address, or a receipt or statement without any server.
#[derive(Args)]
pub(super) struct Verify {
    #[command(flatten)]
    place: Place,
    /// A receipt (`.tlog-proof`) or a statement, checked by itself, without database or network; or the
    /// address of a log (`https://…/log`). Without any, this installation's database.
    #[arg(value_name = "FILE|URL")]
    what: Option<String>,
    /// A public key to believe, as `saima key show` prints it; can be given several times. Without any,
    /// this installation's own is taken.
    #[arg(long = "key", value_name = "KEY")]
    keys: Vec<VerifierKey>,
    /// A policy file (C2SP tlog-policy): its logs are believed too, and what its quorum of witnesses does
    /// not vouch for is not verified.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// An access token, for a log that is not open to all [SAIMA_TOKEN].
    #[arg(long, value_name = "TOKEN", env = "SAIMA_TOKEN", hide_env = true)]
    token: Option<String>,
    /// Check the tree alone: of a log whose records are not Saima's.
    #[arg(long)]
    tree_only: bool,
}

impl Verify {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let config = self.place.load(None)?;
        let policy = self.policy.as_deref().map(read_policy).transpose()?;
        let keys = known_keys(&self.keys, policy.as_ref(), &config);
        let (policy, token, tree_only) = (policy.as_ref(), self.token, self.tree_only);
        let verified = match self.what.as_deref() {
            Some(url) if url.starts_with("https://") || url.starts_with("http://") => {
                address::verify(address::Question { url, keys: &keys, policy, token, tree_only }).await
            }
            Some(path) => file::verify(Path::new(path), &keys, policy),
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

fn known_keys(given: &[VerifierKey], policy: Option<&Policy>, config: &Config) -> Vec<VerifierKey> {
    let named = policy.is_some_and(|policy| !policy.logs().is_empty());
    if !given.is_empty() || named {
        return policy.map_or_else(|| given.to_vec(), |policy| policy.keys(given));
    }
    let own = published(&config.keys()).unwrap_or_default();
    policy.map_or_else(|| own.clone(), |policy| policy.keys(&own))
}
