//! Comma-separated lines with a header, one for each posting; a record without postings has one line.

use std::collections::BTreeMap;
use std::io::Write;

use ledger::{AccountId, Posting, Side};
use market::books::{Journal, JournalRecord};

use super::{Failure, Writer, decimal, place, posted};

const HEADER: [&str; 13] = [
    "index",
    "record",
    "kind",
    "posted_at",
    "subject",
    "reversed",
    "account",
    "account_id",
    "side",
    "amount",
    "asset",
    "seq",
    "balance",
];

/// Writes them.
pub(super) struct Csv<W: Write>(csv::Writer<W>);

impl<W: Write> Csv<W> {
    pub(super) fn new(out: W) -> Self {
        Self(csv::Writer::from_writer(out))
    }
}

impl<W: Write> Writer for Csv<W> {
    fn begin(&mut self, _: &Journal) -> Result<(), Failure> {
        Ok(self.0.write_record(HEADER)?)
    }

    fn record(&mut self, journal: &Journal, line: &JournalRecord) -> Result<(), Failure> {
        let record = &line.record;
        let of_record = [
            place(line),
            record.id.to_string(),
            record.kind.to_string(),
            posted(line).rfc3339(),
            record.links.subject.map(hex::encode).unwrap_or_default(),
            record.links.reversed.map(|id| id.to_string()).unwrap_or_default(),
        ];
        if record.postings.is_empty() {
            let nothing = std::iter::repeat_n(String::new(), HEADER.len() - of_record.len());
            return Ok(self.0.write_record(of_record.into_iter().chain(nothing))?);
        }
        let scale = journal.asset().scale.get();
        for posting in &record.postings {
            let account = journal.account(&posting.account).map_err(super::market_trouble)?;
            let of_posting = [
                super::plain::named(account, ":"),
                posting.account.to_string(),
                if posting.side == Side::Debit { "debit" } else { "credit" }.to_owned(),
                decimal(i128::from(posting.amount.minor()), scale),
                journal.asset().code.to_string(),
                posting.seq.to_string(),
                decimal(posting.balance(), scale),
            ];
            self.0.write_record(of_record.iter().chain(&of_posting))?;
        }
        Ok(())
    }

    fn end(&mut self, _: &Journal, _: &BTreeMap<AccountId, Posting>) -> Result<(), Failure> {
        Ok(self.0.flush()?)
    }
}
