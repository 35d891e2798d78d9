//! Verifying a file by itself, without database or network.
//!
//! Promises: what a file says drives no terminal. Must never: believe a file in part.

use std::path::Path;

use ledger::{Cosigned, Disclosure, OpenReceipt, Policy, Receipt, Side, Standing, VerifierKey};
use market::Moment;

use super::{Failure, say};

/// Checks a receipt, and tells what it says.
pub(super) fn verify(path: &Path, keys: &[VerifierKey], policy: Option<&Policy>) -> Result<(), Failure> {
    if keys.is_empty() {
        return Err("name the log's public key with --key".into());
    }
    let text = std::fs::read_to_string(path).map_err(|why| format!("{}: {why}", path.display()))?;
    let open = Receipt::open(&text, keys)?;
    let standing = policy.map(|policy| policy.judge(open.checkpoint.clone()));
    tell_receipt(&open);
    standing.map_or(Ok(()), |standing| tell_standing(&standing))
}

/// Says whether the checkpoint is witnessed or only signed.
fn tell_standing(standing: &Standing) -> Result<(), Failure> {
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
