//! Verifying an installation from its database.
//!
//! Promises: reads only. Must never: make the database that it is asked about.

use indicatif::{ProgressBar, ProgressStyle};
use ledger::VerifierKey;
use ledger::checkpoint::first_origin;
use market::books::{AuditReport, audit, compare_mark};
use market::signing::{IntentReport, audit_intents};
use sea_orm::Database;

use super::{Failure, say};
use crate::config::Config;

/// Checks everything in the database, and tells what was checked.
pub(super) async fn verify(config: &Config, keys: &[VerifierKey]) -> Result<(), Failure> {
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
    let report = report?;
    let mark = compare_mark(&db, &config.data).await?;
    let intents = audit_intents(&db, first_origin(&report.origin), report.signed).await?;
    tell(&report);
    let IntentReport { keys, checked, erased } = intents;
    say(format_args!("  intents      {checked} signed by people, {erased} erased, {keys} keys"));
    if let Some(mark) = mark {
        say(format_args!("  mark         {} records of {} signed here", mark.size, mark.origin));
    } else {
        say("  mark         none here: an older copy of the database would not be noticed");
    }
    Ok(())
}

fn tell(report: &AuditReport) {
    say(format_args!("verified: {}", report.origin));
    say(format_args!("  records      {} sealed, {} waiting", report.size, report.waiting));
    say(format_args!("  root         {}", hex::encode(report.root)));
    say(format_args!("  postings     {}", report.postings));
    say(format_args!("  accounts     {}", report.accounts));
    say(format_args!("  disclosures  {} ({} erased, on record)", report.disclosures, report.erased));
    let checked = if report.checkpoints == report.signatures {
        "signatures good"
    } else {
        "no key known: signatures NOT checked"
    };
    say(format_args!("  checkpoints  {} ({checked})", report.checkpoints));
    say(format_args!("  cosignatures {}", report.cosignatures));
    say(format_args!(
        "  supply       {} minor units of {} (scale {})",
        report.supply, report.asset, report.scale
    ));
}
