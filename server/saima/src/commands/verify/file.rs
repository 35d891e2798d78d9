//! Verifying a file by itself, without database or network.
//!
//! Promises: what a file says drives no terminal. Must never: believe a file in part.

use std::path::Path;

use ledger::checkpoint::OpenCheckpoint;
use ledger::intent::{self, Decision};
use ledger::{
    Checkpoint, Cosigned, Disclosure, OpenReceipt, OpenStatement, Policy, Receipt, Record, Side, Standing,
    Statement, VerifierKey, statement,
};
use market::Moment;

use super::{Failure, say};

/// Checks a receipt or a statement, told apart by the first line, and tells what it says.
pub(super) fn verify(path: &Path, keys: &[VerifierKey], policy: Option<&Policy>) -> Result<(), Failure> {
    if keys.is_empty() {
        return Err("name the log's public key with --key".into());
    }
    let text = std::fs::read_to_string(path).map_err(|why| format!("{}: {why}", path.display()))?;
    let checkpoint = if text.lines().next() == Some(statement::HEADER) {
        let open = Statement::open(&text, keys)?;
        tell_statement(&open);
        open.checkpoint
    } else {
        let open = Receipt::open(&text, keys)?;
        tell_receipt(&open);
        open.checkpoint
    };
    policy.map_or(Ok(()), |policy| tell_standing(&policy.judge(checkpoint)))
}

/// Says whether the checkpoint is witnessed or only signed.
pub(super) fn tell_standing(standing: &Standing) -> Result<(), Failure> {
    for Cosigned { witness, at, .. } in &standing.by {
        let at =
            i64::try_from(*at).map(|seconds| Moment(0).plus_seconds(seconds).rfc3339()).unwrap_or_default();
        say(format_args!("  witness      {} at {at}", readable(witness.as_bytes())));
    }
    if !standing.quorum {
        return Err("signed, but not by a quorum of the policy's witnesses".into());
    }
    say(format_args!("  standing     {}", if standing.is_witnessed() { "witnessed" } else { "signed" }));
    Ok(())
}

fn tell_statement(open: &OpenStatement) {
    let OpenStatement { account, asset, from, to, opening, closing, checkpoint, .. } = open;
    say(format_args!("verified: lines {from} to {to} of account {account}, none missing"));
    say(format_args!("  log          {}", checkpoint.checkpoint.origin));
    tell_checkpoint(checkpoint);
    say(format_args!("  asset        {asset}, in minor units"));
    say(format_args!("  before       {}", opening.balance()));
    for (proved, line) in open.lines() {
        let sign = if line.side == Side::Debit { '-' } else { '+' };
        let (seq, at, kind) = (line.seq, posted(&proved.record), proved.record.kind.as_str());
        let (amount, after, index) = (line.amount.minor(), line.balance(), proved.index);
        say(format_args!("  {seq:<6} {at}  {kind:<9} {sign}{amount} -> {after}  (record {index})"));
        for Disclosure { label, data, .. } in &proved.disclosures {
            say(format_args!("         {label}: {}", readable(data)));
        }
    }
    say(format_args!("  after        {}", closing.balance()));
    say("  what came after the last line, if anything, is not told here");
}

fn tell_checkpoint(open: &OpenCheckpoint) {
    let Checkpoint { size, root, .. } = &open.checkpoint;
    say(format_args!("  checkpoint   {size} records, root {}", hex::encode(root)));
    for by in &open.verified {
        say(format_args!("  signed by    {} ({})", by.name, hex::encode(by.key_id)));
    }
}

fn posted(record: &Record) -> String {
    i64::try_from(record.posted_at).map(|micros| Moment(micros).rfc3339()).unwrap_or_default()
}

fn tell_receipt(open: &OpenReceipt) {
    let OpenReceipt { record, disclosures, index, checkpoint } = open;
    say(format_args!("verified: record {index} of {}", checkpoint.checkpoint.origin));
    say(format_args!("  kind         {}", record.kind.as_str()));
    say(format_args!("  record       {}", record.id));
    say(format_args!("  posted at    {}", posted(record)));
    tell_checkpoint(checkpoint);
    for posting in &record.postings {
        let side = if posting.side == Side::Debit { "debit " } else { "credit" };
        say(format_args!("  {side}       {} {} minor units", posting.account, posting.amount.minor()));
    }
    tell_signer(record, disclosures);
    say(format_args!("  commitments  {} ({} disclosed)", record.commitments.len(), disclosures.len()));
    for Disclosure { label, data, .. } in disclosures.iter().filter(|text| text.label != intent::LABEL) {
        say(format_args!("  {label}: {}", readable(data)));
    }
}

/// Who signed the record, and what: opening the receipt has checked it against the record.
fn tell_signer(record: &Record, disclosures: &[Disclosure]) {
    let Some(signed) = record.intent else {
        say("  person       nobody signed it: only the server attests it");
        return;
    };
    let text = disclosures.iter().find(|text| text.label == intent::LABEL);
    let Some(decision) = text.and_then(|text| Decision::decode(&text.data).ok()) else {
        say(format_args!(
            "  person       key {}; what it signed is not disclosed",
            hex::encode(signed.key_id)
        ));
        return;
    };
    say(format_args!(
        "  person       signed by key {} ({})",
        hex::encode(signed.key_id),
        hex::encode(decision.key)
    ));
    say(format_args!("  act          {}", readable(decision.act.as_bytes())));
    for (name, value) in decision.told() {
        say(format_args!("    {}: {}", readable(name.as_bytes()), readable(value.as_bytes())));
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
