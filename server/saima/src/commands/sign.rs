//! `saima sign`: a key in a file of one's own, which signs what the API hands out.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use ledger::intent::{self, Decision, key_id};
use market::{Moment, RandomIds};
use serde::{Deserialize, Serialize};

use super::{Failure, say};
use crate::keys;

/// Sign with a key of your own.
#[derive(Subcommand)]
pub(super) enum Sign {
    /// Make a key in a file that you alone can read.
    New(File),
    /// Print the public half of a key, and its name in records.
    Show(File),
    /// Sign an intent that the API handed out, after printing what it says.
    Intent(Intent),
}

#[derive(Args)]
pub(super) struct File {
    /// The file of the key (PKCS#8 PEM, mode 600).
    key: PathBuf,
}

#[derive(Args)]
pub(super) struct Intent {
    /// The file of the key (PKCS#8 PEM, mode 600).
    key: PathBuf,
    /// The ledger that it is for: the first line of its checkpoints.
    #[arg(long)]
    origin: String,
    /// The bytes of the intent in base64, as `…Intent { bytes }` hands them out; without it, from standard input.
    bytes: Option<String>,
}

impl Sign {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        match self {
            Self::New(File { key }) => {
                keys::create(&key, &RandomIds)?;
                show(&key)?;
            }
            Self::Show(File { key }) => show(&key)?,
            Self::Intent(wanted) => wanted.sign()?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn show(path: &Path) -> Result<(), Failure> {
    let public = keys::read(path)?.verifying_key().to_bytes();
    say(format_args!("public key  {}", hex::encode(public)));
    say(format_args!("key id      {}", hex::encode(key_id(&public))));
    Ok(())
}

/// Bytes as JSON has them.
#[derive(Serialize, Deserialize)]
struct Signed {
    bytes: String,
    signature: String,
}

impl Intent {
    fn sign(self) -> Result<(), Failure> {
        use base64::Engine as _;
        use base64::engine::general_purpose::STANDARD;
        let key = keys::read(&self.key)?;
        let text = match self.bytes {
            Some(text) => text,
            None => standard_input()?,
        };
        let bytes = STANDARD.decode(text.trim()).map_err(|_| "the intent is not base64")?;
        let decision = Decision::decode(&bytes)?;
        if decision.key != key.verifying_key().to_bytes() {
            return Err(
                "the intent is for another key: ask for one with the key that `saima sign show` prints"
                    .into(),
            );
        }
        tell(&decision, &self.origin);
        let signature = STANDARD.encode(intent::sign(&key, intent::house(&self.origin), &bytes));
        let signed = Signed { bytes: STANDARD.encode(&bytes), signature };
        say(serde_json::to_string(&signed)?);
        Ok(())
    }
}

fn standard_input() -> Result<String, Failure> {
    let mut text = String::new();
    std::io::stdin().lock().take(100_000).read_to_string(&mut text)?;
    Ok(text)
}

/// What is about to be signed, to standard error: standard output is for the program that goes on.
fn tell(decision: &Decision, origin: &str) {
    let until = i64::try_from(decision.not_after).map(|micros| Moment(micros).rfc3339()).unwrap_or_default();
    super::complain(format_args!("signing {} for {origin}, good until {until}", decision.act));
    for (name, value) in decision.told() {
        let plain = |text: String| text.replace(char::is_control, "\u{fffd}");
        super::complain(format_args!("  {}: {}", plain(name), plain(value)));
    }
}
