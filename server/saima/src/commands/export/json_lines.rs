//! JSON lines: one object for each record. Amounts are texts, since they can be larger than a float is exact.

use std::collections::BTreeMap;
use std::io::Write;

use ledger::{AccountId, Posting, Side};
use market::books::{Journal, JournalRecord};
use serde_json::{Value, json};

use super::{Failure, Writer, decimal, posted};

/// Writes them.
pub(super) struct JsonLines<W: Write>(W);

impl<W: Write> JsonLines<W> {
    pub(super) fn new(out: W) -> Self {
        Self(out)
    }
}

impl<W: Write> Writer for JsonLines<W> {
    fn begin(&mut self, _: &Journal) -> Result<(), Failure> {
        Ok(())
    }

    fn record(&mut self, journal: &Journal, line: &JournalRecord) -> Result<(), Failure> {
        let record = &line.record;
        let postings: Result<Vec<Value>, Failure> =
            record.postings.iter().map(|posting| line_of(journal, posting)).collect();
        let object = json!({
            "index": line.index,
            "record": record.id.to_string(),
            "kind": record.kind.as_str(),
            "postedAt": posted(line).rfc3339(),
            "subject": record.links.subject.map(hex::encode),
            "reversed": record.links.reversed.map(|id| id.to_string()),
            "commitments": record.commitments.iter().map(hex::encode).collect::<Vec<_>>(),
            "postings": postings?,
        });
        Ok(writeln!(self.0, "{object}")?)
    }

    fn end(&mut self, _: &Journal, _: &BTreeMap<AccountId, Posting>) -> Result<(), Failure> {
        Ok(())
    }
}

fn line_of(journal: &Journal, posting: &Posting) -> Result<Value, Failure> {
    let account = journal.account(&posting.account).map_err(super::market_trouble)?;
    let scale = journal.asset().scale.get();
    Ok(json!({
        "account": super::plain::named(account, ":"),
        "accountId": posting.account.to_string(),
        "side": if posting.side == Side::Debit { "debit" } else { "credit" },
        "amount": decimal(i128::from(posting.amount.minor()), scale),
        "asset": journal.asset().code.as_str(),
        "seq": posting.seq,
        "balance": decimal(posting.balance(), scale),
    }))
}
