//! Writing a book: one statement a table, whatever the number of records.
//!
//! Promises: an account's row changes only if nobody else changed it since it was read. Must never: write
//! a record without all of its postings.

use ledger::{Hash, leaf_hash};
use sea_orm::{ConnectionTrait, DbBackend};
use uuid::Uuid;

use super::book::{Book, Open, Page};
use super::post::signed;
use super::{account_uuid, record_uuid};
use crate::clock::Moment;
use crate::error::{Refusal, Result};
use crate::store::Scope;
use crate::store::rows::{Cells, Rows, arrays};

/// A record that was written and has no place in the log yet.
pub(super) struct Unsealed {
    pub(super) id: Uuid,
    pub(super) at: Moment,
    pub(super) hash: Hash,
}

const NEW_ACCOUNTS: &str = "INSERT INTO account (id, kind, owner, asset, seq, debits, credits, last_posted_at) \
    SELECT id, kind, owner, asset, 0, 0, 0, 0 FROM {rows} WHERE true ON CONFLICT DO NOTHING";
const ACCOUNTS: &str = "UPDATE account SET seq = given.seq, debits = given.debits, credits = given.credits, \
    last_posted_at = given.last, era = given.era, era_from = given.era_from \
    FROM {rows} WHERE account.id = given.id AND account.seq = given.before";
const RECORDS: &str = "INSERT INTO record (id, kind, posted_at, subject, reversed, made_by, lines, bytes) \
    SELECT id, kind, posted_at, subject, reversed, made_by, lines, bytes FROM {rows}";
const POSTINGS: &str = "INSERT INTO posting (record_id, line, account_id, asset, side, amount, seq, debits, \
    credits, era, prev_era) SELECT record_id, line, account_id, asset, side, amount, seq, debits, credits, era, \
    prev_era FROM {rows}";
const DISCLOSURES: &str = "INSERT INTO disclosure (record_id, line, label, salt, data) \
    SELECT record_id, line, label, salt, data FROM {rows}";

impl Book {
    /// Writes all that was posted; answers the records in the order that they are to be sealed in.
    ///
    /// # Errors
    /// A lost race, upon which the store runs the command again; a fault when the database fails.
    pub(super) async fn write(self, scope: &Scope<'_>) -> Result<Vec<Unsealed>> {
        let Self { accounts, mut pages, .. } = self;
        pages.sort_unstable_by_key(|page| (page.record.posted_at, page.record.id));
        write_accounts(scope, accounts.into_values().filter(Open::is_touched).collect()).await?;
        let unsealed = pages.iter().map(unsealed).collect::<Result<_>>()?;
        let texts = disclosures(&mut pages);
        let (postings, records) = (postings(&pages)?, records(pages)?);
        if scope.txn.get_database_backend() == DbBackend::Postgres {
            // In one statement, so that the triggers of both tables see all of both.
            let sql = format!("WITH written AS ({RECORDS}) {POSTINGS}");
            scope.txn.execute_raw(arrays(&sql, vec![records, postings])).await?;
        } else {
            // The postings first: the database weighs them when their record comes, and takes no more then.
            postings.execute(scope.txn, POSTINGS).await?;
            records.execute(scope.txn, RECORDS).await?;
        }
        texts.execute(scope.txn, DISCLOSURES).await?;
        Ok(unsealed)
    }
}

impl Open {
    fn is_touched(&self) -> bool {
        i64::try_from(self.state.seq) != Ok(self.row.seq)
    }
}

/// A fault that makes the store run the command again.
pub(super) fn lost_race(why: &str) -> Refusal {
    Refusal::fault(format!("could not serialize access: {why}"))
}

fn numbers<T>(of: &[T], number: impl Fn(&T) -> i64) -> Cells {
    Cells::Numbers(of.iter().map(number).collect())
}

async fn write_accounts(scope: &Scope<'_>, open: Vec<Open>) -> Result<()> {
    let new: Vec<&Open> = open.iter().filter(|open| open.new).collect();
    let rows = Rows(vec![
        ("id", Cells::Ids(new.iter().map(|open| open.row.id).collect())),
        ("kind", Cells::Texts(new.iter().map(|open| open.row.kind.clone()).collect())),
        ("owner", Cells::Ids(new.iter().map(|open| open.row.owner).collect())),
        ("asset", numbers(&new, |open| open.row.asset)),
    ]);
    if rows.execute(scope.txn, NEW_ACCOUNTS).await? != new.len() as u64 {
        return Err(lost_race("an account was made meanwhile"));
    }
    let states = |pick: fn(&Open) -> u64| -> Result<Cells> {
        Ok(Cells::Numbers(open.iter().map(|open| signed(pick(open))).collect::<Result<_>>()?))
    };
    let rows = Rows(vec![
        ("id", Cells::Ids(open.iter().map(|open| open.row.id).collect())),
        ("before", numbers(&open, |open| open.row.seq)),
        ("seq", states(|open| open.state.seq)?),
        ("debits", states(|open| open.state.debits)?),
        ("credits", states(|open| open.state.credits)?),
        ("last", numbers(&open, |open| open.last.0)),
        ("era", numbers(&open, |open| open.era)),
        ("era_from", numbers(&open, |open| open.era_from)),
    ]);
    if rows.execute(scope.txn, ACCOUNTS).await? != open.len() as u64 {
        return Err(lost_race("an account moved on meanwhile"));
    }
    Ok(())
}

fn unsealed(page: &Page) -> Result<Unsealed> {
    let at = Moment(signed(page.record.posted_at)?);
    Ok(Unsealed { id: record_uuid(page.record.id), at, hash: leaf_hash(&page.bytes) })
}

fn records(pages: Vec<Page>) -> Result<Rows> {
    let lines = |page: &Page| signed(page.record.postings.len() as u64);
    let lines = pages.iter().map(lines).collect::<Result<_>>()?;
    let times = pages.iter().map(|page| signed(page.record.posted_at)).collect::<Result<_>>()?;
    let subject = |page: &Page| page.record.links.subject.map(Uuid::from_bytes);
    Ok(Rows(vec![
        ("id", Cells::Ids(pages.iter().map(|page| record_uuid(page.record.id)).collect())),
        ("kind", Cells::Texts(pages.iter().map(|page| page.record.kind.as_str().to_owned()).collect())),
        ("posted_at", Cells::Numbers(times)),
        ("subject", Cells::MaybeIds(pages.iter().map(subject).collect())),
        (
            "reversed",
            Cells::MaybeIds(pages.iter().map(|page| page.record.links.reversed.map(record_uuid)).collect()),
        ),
        ("made_by", Cells::MaybeIds(pages.iter().map(|page| page.by.map(|id| id.0)).collect())),
        ("lines", Cells::Numbers(lines)),
        ("bytes", Cells::Bytes(pages.into_iter().map(|page| page.bytes).collect())),
    ]))
}

fn postings(pages: &[Page]) -> Result<Rows> {
    let all: Vec<_> = pages
        .iter()
        .flat_map(|page| {
            let id = record_uuid(page.record.id);
            (0_i64..).zip(page.record.postings.iter().zip(&page.eras)).map(move |line| (id, line))
        })
        .collect();
    let totals = |pick: fn(&ledger::Posting) -> u64| -> Result<Cells> {
        let values = all.iter().map(|(_, (_, (posting, _)))| signed(pick(posting)));
        Ok(Cells::Numbers(values.collect::<Result<_>>()?))
    };
    Ok(Rows(vec![
        ("record_id", Cells::Ids(all.iter().map(|(id, _)| *id).collect())),
        ("line", numbers(&all, |(_, (line, _))| *line)),
        (
            "account_id",
            Cells::Ids(all.iter().map(|(_, (_, (posting, _)))| account_uuid(posting.account)).collect()),
        ),
        ("asset", numbers(&all, |(_, (_, (posting, _)))| i64::from(posting.asset.0))),
        ("side", numbers(&all, |(_, (_, (posting, _)))| i64::from(posting.side.code()))),
        ("amount", numbers(&all, |(_, (_, (posting, _)))| posting.amount.as_i64())),
        ("seq", totals(|posting| posting.seq)?),
        ("debits", totals(|posting| posting.debits)?),
        ("credits", totals(|posting| posting.credits)?),
        ("era", numbers(&all, |(_, (_, (_, (era, _))))| *era)),
        ("prev_era", numbers(&all, |(_, (_, (_, (_, before))))| *before)),
    ]))
}

/// The texts behind the records, taken out of them.
fn disclosures(pages: &mut [Page]) -> Rows {
    let (mut ids, mut lines, mut labels) = (Vec::new(), Vec::new(), Vec::new());
    let (mut salts, mut data) = (Vec::new(), Vec::new());
    for page in pages {
        for (line, salted) in (0_i64..).zip(std::mem::take(&mut page.evidence)) {
            ids.push(record_uuid(page.record.id));
            lines.push(line);
            labels.push(salted.text.label.to_owned());
            salts.push(salted.salt.to_vec());
            data.push(salted.text.data);
        }
    }
    Rows(vec![
        ("record_id", Cells::Ids(ids)),
        ("line", Cells::Numbers(lines)),
        ("label", Cells::Texts(labels)),
        ("salt", Cells::Bytes(salts)),
        ("data", Cells::Bytes(data)),
    ])
}
