//! `saima export`: the whole journal, for other tools of bookkeeping.
//!
//! Promises: every line names its record; amounts have the asset's decimals; what comes last are balances
//! that the other tool can check. Must never: hold the journal in memory, or write into the database.

mod csv_lines;
mod json_lines;
mod plain;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use ledger::{AccountId, Posting};
use market::Moment;
use market::books::{Journal, JournalRecord};
use sea_orm::Database;

use super::{Failure, Place, complain};

/// Write the whole journal for hledger, Beancount, a spreadsheet or a program.
#[derive(Args)]
pub(super) struct Export {
    #[command(flatten)]
    place: Place,
    /// What to write.
    #[arg(long, value_enum)]
    format: Format,
    /// The file to write; without it, standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Give accounts the handles of their owners too: then the file tells who holds what.
    #[arg(long)]
    names: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A journal for hledger (and ledger).
    Hledger,
    /// A file for Beancount.
    Beancount,
    /// One line for each posting, with a header (RFC 4180).
    Csv,
    /// One JSON object for each record (JSON Lines).
    Jsonl,
}

/// Writes a journal in some format.
trait Writer {
    /// What comes before the first record.
    fn begin(&mut self, journal: &Journal) -> Result<(), Failure>;
    /// One record.
    fn record(&mut self, journal: &Journal, line: &JournalRecord) -> Result<(), Failure>;
    /// What comes after the last: the newest posting of each account, in the order of their ids.
    fn end(&mut self, journal: &Journal, newest: &BTreeMap<AccountId, Posting>) -> Result<(), Failure>;
}

impl Export {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let config = self.place.load(None)?;
        // Exporting must not make the database that it is asked about.
        let url = config.database.as_str().replace("mode=rwc", "mode=rw");
        let db =
            Database::connect(url).await.map_err(|error| format!("the database can't be opened: {error}"))?;
        let mut journal = Journal::open(&db, self.names).await.map_err(market_trouble)?;
        let mut out: Box<dyn Write> = match &self.output {
            Some(path) => {
                let file = File::create(path).map_err(|why| format!("{}: {why}", path.display()))?;
                Box::new(BufWriter::new(file))
            }
            None => Box::new(BufWriter::new(std::io::stdout())),
        };
        let mut writer: Box<dyn Writer + '_> = match self.format {
            Format::Hledger => Box::new(plain::Hledger::new(&mut out)),
            Format::Beancount => Box::new(plain::Beancount::new(&mut out)),
            Format::Csv => Box::new(csv_lines::Csv::new(&mut out)),
            Format::Jsonl => Box::new(json_lines::JsonLines::new(&mut out)),
        };
        let count = write(&mut journal, writer.as_mut()).await?;
        drop(writer);
        out.flush()?;
        if self.output.is_some() {
            complain(format_args!("{count} records written"));
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn write(journal: &mut Journal, writer: &mut dyn Writer) -> Result<u64, Failure> {
    let mut newest = BTreeMap::new();
    let mut count = 0;
    writer.begin(journal)?;
    loop {
        let lines = journal.read().await.map_err(market_trouble)?;
        if lines.is_empty() {
            break;
        }
        for line in &lines {
            writer.record(journal, line)?;
            newest.extend(line.record.postings.iter().map(|posting| (posting.account, *posting)));
            count += 1;
        }
    }
    writer.end(journal, &newest)?;
    Ok(count)
}

/// What the operator is told about a database that can't be read: everything, for it is theirs.
fn market_trouble(refusal: market::Refusal) -> Failure {
    match refusal {
        market::Refusal::Fault(why) => why.into(),
        other => other.to_string().into(),
    }
}

/// When a record was posted.
fn posted(line: &JournalRecord) -> Moment {
    Moment(i64::try_from(line.record.posted_at).unwrap_or(i64::MAX))
}

/// The place of a record in the log, empty while it waits.
fn place(line: &JournalRecord) -> String {
    line.index.map(|index| index.to_string()).unwrap_or_default()
}

/// Minor units in major ones, with a sign where they are below zero.
fn decimal(minor: i128, scale: u8) -> String {
    let unit = 10_u128.pow(u32::from(scale));
    let (sign, size) = (if minor < 0 { "-" } else { "" }, minor.unsigned_abs());
    if scale == 0 {
        return format!("{sign}{size}");
    }
    format!("{sign}{}.{:0places$}", size / unit, size % unit, places = usize::from(scale))
}

/// What a posting adds to its account, in minor units.
fn change(posting: &Posting) -> i128 {
    let amount = i128::from(posting.amount.minor());
    if posting.side == ledger::Side::Debit { -amount } else { amount }
}

#[cfg(test)]
mod tests {
    use super::decimal;

    #[test]
    fn amounts_have_the_decimals_of_the_asset_and_a_sign_below_zero() {
        let table = [(0, 2, "0.00"), (5, 2, "0.05"), (-5, 2, "-0.05"), (-12_345, 3, "-12.345"), (7, 0, "7")];
        for (minor, scale, text) in table {
            assert_eq!(decimal(minor, scale), text);
        }
        assert_eq!(decimal(-i128::from(i64::MAX), 0), "-9223372036854775807");
    }
}
