//! The command line.
//!
//! Promises: what it prints for programs goes to standard output, what it logs to standard error; it ends
//! with 0 when all is well, 1 when what was asked is not so, 2 when it was asked wrongly. Must never:
//! decide what the market decides.

mod anchor;
mod backup;
mod demo;
mod epoch;
mod export;
mod key;
mod person;
mod serve;
mod sign;
mod verify;
mod witness;

use std::fmt::Display;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::{Config, ConfigError, DatabaseUrl, Layer};
use crate::telemetry;

/// How a command may fail.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Saima: incentives, races and a signed ledger.
#[derive(Parser)]
#[command(name = "saima", version, about, propagate_version = true)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the market.
    Serve(serve::Serve),
    /// Serve a world to try things out in, with people, tasks and races; made on first start.
    Demo(demo::Demo),
    /// Check the whole ledger, here or by its address, or a receipt or statement without any server.
    Verify(verify::Verify),
    /// Make the newest checkpoint of one installation a record of another.
    Anchor(anchor::Anchor),
    /// Be a witness of other logs, on a machine of one's own.
    Witness(witness::Witness),
    /// Write the whole journal for hledger, Beancount, a spreadsheet or a program.
    Export(export::Export),
    /// Bring in people.
    #[command(subcommand)]
    Person(person::Person),
    /// Make, show and replace the keys of the log.
    #[command(subcommand)]
    Key(key::Key),
    /// Sign with a key of your own.
    #[command(subcommand)]
    Sign(sign::Sign),
    /// Take a backup while the server serves.
    Backup(backup::Backup),
    /// Bring a backup back, verified, in a new epoch of the log if it may lack something.
    Restore(backup::Restore),
    /// Start a new epoch of the log, on record, where its past can't be vouched for any more.
    Epoch(epoch::Epoch),
}

/// Which installation is meant. Each has an environment variable and a key of the file too.
#[derive(Args)]
struct Place {
    /// The configuration file (TOML) [SAIMA_CONFIG].
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The database: `sqlite://path?mode=rwc` or `postgres://…` [SAIMA_DATABASE_URL].
    #[arg(long, value_name = "URL")]
    database: Option<DatabaseUrl>,
    /// The directory for keys, files and the SQLite database [SAIMA_DATA; default: data].
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

impl Place {
    fn load(self, listen: Option<SocketAddr>) -> Result<Config, ConfigError> {
        let flags = Layer { database: self.database, data: self.data, listen, ..Layer::default() };
        Config::load(flags, self.config.as_deref(), environment())
    }
}

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    let CommandLine { command } = CommandLine::parse();
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failure::from)
        .and_then(|runtime| runtime.block_on(run(command)));
    outcome.unwrap_or_else(|failure| {
        complain(&failure);
        ExitCode::FAILURE
    })
}

async fn run(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Serve(serve) => serve.run().await,
        Command::Demo(demo) => demo.run().await,
        Command::Verify(verify) => verify.run().await,
        Command::Anchor(anchor) => anchor.run().await,
        Command::Witness(witness) => witness.run().await,
        Command::Export(export) => export.run().await,
        Command::Person(person) => person.run().await,
        Command::Key(key) => key.run().await,
        Command::Backup(backup) => backup.run().await,
        Command::Restore(restore) => restore.run().await,
        Command::Epoch(epoch) => epoch.run().await,
        Command::Sign(sign) => sign.run(),
    }
}

/// The variables that are ours. A value that is not UTF-8 comes out as one that can't be read.
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
}

fn start_log(config: &Config) -> Result<(), Failure> {
    telemetry::start(&config.log, config.log_format)
}

/// Writes a line to standard output. A reader who has gone is no reason to fail.
fn say(line: impl Display) {
    let _gone = writeln!(std::io::stdout().lock(), "{line}");
}

/// Writes a line to standard error.
fn complain(line: impl Display) {
    let _gone = writeln!(std::io::stderr().lock(), "saima: {line}");
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        CommandLine::command().debug_assert();
    }
}
