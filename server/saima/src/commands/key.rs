//! `saima key`.

use std::process::ExitCode;

use clap::Subcommand;

use super::{Failure, Place, say};
use crate::keys::existing_signer;

/// Show keys.
#[derive(Subcommand)]
pub(super) enum Key {
    /// Print the public key of the log, as tools that verify receipts want it.
    Show(Place),
}

impl Key {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        let Self::Show(place) = self;
        let config = place.load(None)?;
        let signer = existing_signer(&config.keys(), &config.settings.origin)?;
        say(signer.verifier_key());
        Ok(ExitCode::SUCCESS)
    }
}
