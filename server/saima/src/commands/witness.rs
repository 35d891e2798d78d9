//! `saima witness`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use ledger::{KeyType, VerifierKey};
use market::{RandomIds, SystemClock};

use super::serve::Signals;
use super::{Failure, environment, say, start_log};
use crate::app::read_policy;
use crate::config::{Config, Layer};
use crate::witness::{self, Witness as Works};

/// Be a witness: sign what logs show, as long as each of them only grows.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Witness {
    #[command(subcommand)]
    command: Option<Ask>,
    #[command(flatten)]
    serve: Serve,
}

#[derive(Subcommand)]
enum Ask {
    /// Print the witness's public key, for the policy files of those who trust it; made if there is none.
    Key(Home),
}

/// Whose witness.
#[derive(Args)]
struct Home {
    /// The directory for its key and what it has signed. Guard it as you guard the key: without what it
    /// has signed, a witness must not sign.
    #[arg(long, value_name = "DIR", default_value = "witness")]
    data: PathBuf,
    /// Its name, such as `witness.example.org/finance`; fixed once the key is made [default:
    /// localhost/witness].
    #[arg(long)]
    name: Option<String>,
}

#[derive(Args)]
struct Serve {
    #[command(flatten)]
    home: Home,
    /// Where to listen.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8090")]
    listen: SocketAddr,
    /// The public key of a log to be witness of, as `saima key show` prints it; its name is the log's
    /// origin. Can be given several times.
    #[arg(long = "log", value_name = "KEY")]
    logs: Vec<VerifierKey>,
    /// A policy file (C2SP tlog-policy) whose logs are to be witnessed too.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

impl Witness {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        match self.command {
            Some(Ask::Key(home)) => {
                say(witness::cosigner(&home.data, home.name.as_deref(), &RandomIds)?.verifier_key());
                Ok(ExitCode::SUCCESS)
            }
            None => self.serve.run().await,
        }
    }
}

impl Serve {
    async fn run(self) -> Result<ExitCode, Failure> {
        start_log(&Config::load(Layer::default(), None, environment())?)?;
        let mut logs = self.logs;
        if let Some(path) = &self.policy {
            logs.extend(read_policy(path)?.logs().iter().map(|log| log.key.clone()));
        }
        if logs.is_empty() {
            return Err("name at least one log, with --log or in the file of --policy".into());
        }
        if let Some(wrong) = logs.iter().find(|key| key.key_type() != KeyType::Ed25519) {
            return Err(format!("{wrong} is the key of a witness, not of a log").into());
        }
        let mut signals = Signals::listen()?;
        let Home { data, name } = self.home;
        let witness = Works::open(&data, name.as_deref(), logs, Arc::new(SystemClock), &RandomIds)?;
        say(format_args!("key {}", witness.verifier_key()));
        let serving = witness::serve(witness, self.listen)?;
        say(format_args!("listening on http://{}", serving.address));
        serving.until(async move { signals.told().await }).await?;
        Ok(ExitCode::SUCCESS)
    }
}
