//! `saima key`.

use std::process::ExitCode;

use clap::Subcommand;

use super::{Failure, Place, say};
use crate::keys::published;

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
        say(published(&config.keys())?);
        Ok(ExitCode::SUCCESS)
    }
}
