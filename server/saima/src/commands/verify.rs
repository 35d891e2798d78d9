//! `saima verify`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use ledger::{Disclosure, OpenReceipt, Receipt, Side, VerifierKey};
use market::Moment;
use market::books::{AuditReport, audit};
use sea_orm::Database;

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
            Some(path) => receipt(path, &keys),
            None => database(&config, &keys).await,
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

async fn database(config: &Config, keys: &[VerifierKey]) -> Result<(), Failure> {
    // Verifying must not make the database that it is asked about.
    let url = config.database.as_str().replace("mode=rwc", "mode=rw");
    let db =
        Database::connect(url).await.map_err(|error| format!("the database can't be opened: {error}"))?;
    let style = ProgressStyle::with_template("{bar:40} {human_pos}/{human_len} records {per_sec} {eta}")?;
    let bar = ProgressBar::new(0).with_style(style);
    let report = audit(&db, keys, |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    });
    let report = report.await;
    bar.finish_and_clear();
    tell(&report?, config.settings.asset.scale);
    Ok(())
}

fn tell(report: &AuditReport, scale: u8) {
    say(format_args!("verified: {}", report.origin));
    say(format_args!("  records      {} sealed, {} waiting", report.size, report.waiting));
    say(format_args!("  root         {}", hex::encode(report.root)));
    say(format_args!("  postings     {}", report.postings));
    say(format_args!("  accounts     {}", report.accounts));
    say(format_args!("  disclosures  {}", report.disclosures));
    let checked = if report.checkpoints == report.signatures {
        "signatures good"
    } else {
        "no key known: signatures NOT checked"
    };
    say(format_args!("  checkpoints  {} ({checked})", report.checkpoints));
    say(format_args!("  supply       {} minor units (scale {scale})", report.supply));
}

fn receipt(path: &Path, keys: &[VerifierKey]) -> Result<(), Failure> {
    if keys.is_empty() {
        return Err("name the log's public key with --key".into());
    }
    let text = std::fs::read_to_string(path).map_err(|why| format!("{}: {why}", path.display()))?;
    let open = Receipt::open(&text, keys)?;
    tell_receipt(&open);
    Ok(())
}

fn tell_receipt(open: &OpenReceipt) {
    let OpenReceipt { record, disclosures, index, checkpoint } = open;
    let posted = i64::try_from(record.posted_at).map(|micros| Moment(micros).rfc3339()).unwrap_or_default();
    say(format_args!("verified: record {index} of {}", checkpoint.checkpoint.origin));
    say(format_args!("  kind         {}", record.kind.as_str()));
    say(format_args!("  record       {}", record.id));
    say(format_args!("  posted at    {posted}"));
    say(format_args!(
        "  checkpoint   {} records, root {}",
        checkpoint.checkpoint.size,
        hex::encode(checkpoint.checkpoint.root)
    ));
    for by in &checkpoint.verified {
        say(format_args!("  signed by    {} ({})", by.name, hex::encode(by.key_id)));
    }
    for posting in &record.postings {
        let side = if posting.side == Side::Debit { "debit " } else { "credit" };
        say(format_args!("  {side}       {} {} minor units", posting.account, posting.amount.minor()));
    }
    say(format_args!("  commitments  {} ({} disclosed)", record.commitments.len(), disclosures.len()));
    for Disclosure { label, data, .. } in disclosures {
        say(format_args!("  {label}: {}", readable(data)));
    }
}

/// Text as it is, without what would drive a terminal; anything else as its length.
fn readable(data: &[u8]) -> String {
    match std::str::from_utf8(data) {
        Ok(text) => text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect(),
        Err(_) => format!("{} bytes", data.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_receipt_discloses_cannot_drive_the_terminal() {
        assert_eq!(readable("二百 for \u{1b}[2J you".as_bytes()), "二百 for \u{fffd}[2J you");
        assert_eq!(readable(&[0xff, 0xfe]), "2 bytes");
    }
}
