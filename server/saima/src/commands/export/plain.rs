//! Plain-text accounting: hledger's journal and Beancount's file.
//!
//! Promises: a credit of ours is a positive amount, so that wallets hold what people hold, and the mint is
//! as far below zero as there are tokens. Must never: open an account after its first posting.
//!
//! Formats: hledger 1.25 (`hledger check --strict`), Beancount 3 (`bean-check`).

use std::collections::{BTreeMap, HashSet};
use std::io::Write;

use ledger::{AccountId, AccountKind, Posting};
use market::Moment;
use market::books::{Journal, JournalAccount, JournalRecord};

use super::{Failure, Writer, change, decimal, market_trouble, place, posted};

/// Seconds of a day.
const DAY: i64 = 86_400;

/// Kind, owner if known, and short id, such as `person:ada:0a1b2c3d4e5f`.
pub(super) fn named(account: &JournalAccount, between: &str) -> String {
    let owner = account.owner.iter().map(String::as_str);
    let parts = std::iter::once(account.kind.as_str()).chain(owner).chain([account.short.as_str()]);
    parts.collect::<Vec<_>>().join(between)
}

fn day(at: Moment) -> String {
    at.rfc3339().get(..10).unwrap_or_default().to_owned()
}

/// A journal for hledger.
pub(super) struct Hledger<W: Write> {
    out: W,
    met: HashSet<AccountId>,
    last: Option<Moment>,
}

impl<W: Write> Hledger<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, met: HashSet::new(), last: None }
    }
}

/// hledger takes a code that holds digits for an amount unless it is quoted.
fn quoted(code: &str) -> String {
    if code.bytes().any(|byte| byte.is_ascii_digit()) { format!("\"{code}\"") } else { code.to_owned() }
}

impl<W: Write> Writer for Hledger<W> {
    fn begin(&mut self, journal: &Journal) -> Result<(), Failure> {
        let asset = journal.asset();
        let sample = match asset.scale.get() {
            0 => "1000.".to_owned(),
            scale => decimal(1_000 * 10_i128.pow(u32::from(scale)), scale),
        };
        writeln!(self.out, "; The journal of {}. A credit is positive.", journal.origin())?;
        writeln!(self.out, "commodity {sample} {}\n", quoted(asset.code.as_str()))?;
        Ok(())
    }

    fn record(&mut self, journal: &Journal, line: &JournalRecord) -> Result<(), Failure> {
        let record = &line.record;
        let at = posted(line);
        let tags = format!("index:{}, record:{}", place(line), record.id);
        if record.postings.is_empty() {
            return Ok(writeln!(self.out, "; {} {}, {tags}\n", day(at), record.kind)?);
        }
        for posting in record.postings.iter().filter(|posting| self.met.insert(posting.account)) {
            let account = journal.account(&posting.account).map_err(market_trouble)?;
            writeln!(self.out, "account {}  ; id:{}", named(account, ":"), posting.account)?;
        }
        writeln!(self.out, "{} * ({}) {}  ; {tags}", day(at), place(line), record.kind)?;
        for posting in &record.postings {
            let account = named(journal.account(&posting.account).map_err(market_trouble)?, ":");
            let amount = decimal(change(posting), journal.asset().scale.get());
            let code = quoted(journal.asset().code.as_str());
            writeln!(self.out, "    {account}  {amount} {code}  ; {tags}, seq:{}", posting.seq)?;
        }
        self.last = self.last.max(Some(at));
        Ok(writeln!(self.out)?)
    }

    fn end(&mut self, journal: &Journal, newest: &BTreeMap<AccountId, Posting>) -> Result<(), Failure> {
        let Some(last) = self.last else { return Ok(self.out.flush()?) };
        let (scale, code) = (journal.asset().scale.get(), quoted(journal.asset().code.as_str()));
        writeln!(self.out, "{} * balances", day(last))?;
        for (id, posting) in newest {
            let account = named(journal.account(id).map_err(market_trouble)?, ":");
            let balance = decimal(posting.balance(), scale);
            writeln!(self.out, "    {account}  {} {code} = {balance} {code}", decimal(0, scale))?;
        }
        Ok(self.out.flush()?)
    }
}

/// A file for Beancount.
pub(super) struct Beancount<W: Write> {
    out: W,
    open: HashSet<AccountId>,
    last: Option<Moment>,
}

impl<W: Write> Beancount<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, open: HashSet::new(), last: None }
    }
}

/// Every part begins with a capital letter or a digit, below one of five roots.
fn beancount_name(account: &JournalAccount) -> String {
    let root = match account.kind {
        AccountKind::Mint => "Equity",
        AccountKind::Retired => "Expenses",
        _ => "Assets",
    };
    let parts = named(account, ":");
    let parts = parts.split(':').map(capital).collect::<Vec<_>>();
    format!("{root}:{}", parts.join(":"))
}

fn capital(part: &str) -> String {
    let mut letters = part.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

impl<W: Write> Writer for Beancount<W> {
    fn begin(&mut self, journal: &Journal) -> Result<(), Failure> {
        let code = journal.asset().code.as_str();
        writeln!(self.out, "; A credit is positive.")?;
        writeln!(self.out, "option \"title\" \"{}\"", text(journal.origin()))?;
        writeln!(self.out, "option \"operating_currency\" \"{code}\"\n")?;
        writeln!(self.out, "1970-01-01 commodity {code}")?;
        writeln!(self.out, "  name: \"{}\"\n", text(&journal.asset().name))?;
        Ok(())
    }

    fn record(&mut self, journal: &Journal, line: &JournalRecord) -> Result<(), Failure> {
        let record = &line.record;
        let (date, code) = (day(posted(line)), journal.asset().code.as_str());
        if record.postings.is_empty() {
            let (place, id) = (place(line), record.id);
            return Ok(writeln!(self.out, "; {date} {}, index {place}, record {id}\n", record.kind)?);
        }
        for posting in record.postings.iter().filter(|posting| self.open.insert(posting.account)) {
            let account = beancount_name(journal.account(&posting.account).map_err(market_trouble)?);
            writeln!(self.out, "{date} open {account} {code}\n  id: \"{}\"", posting.account)?;
        }
        writeln!(self.out, "{date} * \"{}\" \"record {}\"", record.kind, record.id)?;
        if let Some(index) = line.index {
            writeln!(self.out, "  index: {index}")?;
        }
        for posting in &record.postings {
            let account = beancount_name(journal.account(&posting.account).map_err(market_trouble)?);
            let amount = decimal(change(posting), journal.asset().scale.get());
            writeln!(self.out, "  {account}  {amount} {code}")?;
            writeln!(self.out, "    record: \"{}\"\n    seq: {}", record.id, posting.seq)?;
        }
        self.last = self.last.max(Some(posted(line)));
        Ok(writeln!(self.out)?)
    }

    fn end(&mut self, journal: &Journal, newest: &BTreeMap<AccountId, Posting>) -> Result<(), Failure> {
        let Some(last) = self.last else { return Ok(self.out.flush()?) };
        // Beancount checks a balance as of the beginning of its day.
        let (date, code) = (day(last.plus_seconds(DAY)), journal.asset().code.as_str());
        for (id, posting) in newest {
            let account = beancount_name(journal.account(id).map_err(market_trouble)?);
            let balance = decimal(posting.balance(), journal.asset().scale.get());
            writeln!(self.out, "{date} balance {account}  {balance} ~ 0 {code}")?;
        }
        Ok(self.out.flush()?)
    }
}

/// A text between quotation marks.
fn text(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
