//! Statements of accounts as files that prove themselves (see [`ledger::statement`]).
//!
//! Promises: the lines have no gap, all rest on one checkpoint that was signed and published, and one
//! statement costs a fixed number of queries and a bounded amount of memory. Must never: hand out an
//! account's lines, or a text behind them, to someone who may not see them on a page.

use ledger::{AccountId, Record, StatedRecord, Statement, tile};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::eras::postings_of;
use super::log::{disclosed, load_tiles};
use super::post::{signed, unsigned};
use super::queries::records_by_id;
use super::rules;
use super::tables::{account, record};
use super::{account_uuid, record_id};
use crate::actor::Actor;
use crate::error::{Code, Refusal, Result};
use crate::market::Market;
use crate::store::must;

/// Most lines in one statement; the next begins where it ends.
pub const MOST_LINES: u64 = 1_000;
/// Most bytes of records in one statement.
const MOST_BYTES: i64 = 4 << 20;

/// A statement, ready to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementFile {
    /// Whose lines they are.
    pub account: AccountId,
    /// The number of the first line.
    pub from: u64,
    /// The number of the last.
    pub to: u64,
    /// The file.
    pub text: String,
}

impl Market {
    /// The lines `from` to `to` of an account's history, as a file that anyone who has the log's public key
    /// can check: the newest 1,000 where neither end is named. A record that has several lines is never cut,
    /// so that the statement may begin or end a little further out. Wallets are for those who may look into
    /// them, programmes and escrows for members, the treasury for its keepers and auditors.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for an account that is not there, has no lines, or is not open to the asker;
    /// problems on `from` and `to`.
    pub async fn statement_file(
        &self,
        asker: &Actor,
        account: AccountId,
        from: Option<u64>,
        to: Option<u64>,
    ) -> Result<StatementFile> {
        let db = self.store().reads();
        let row = must(account::Entity::find_by_id(account_uuid(account)).one(db).await?)?;
        let kind = row.kind.parse().map_err(Refusal::fault)?;
        let count = unsigned(row.seq)?;
        if count == 0 || !rules::sees_account(asker, kind, row.owner) {
            return Err(Refusal::NotFound);
        }
        let (from, to) = span(from, to, count)?;
        let last = must(lines(db, row.id, to, to).await?.pop())?;
        let (place, checkpoint) = self.published(record_id(last)).await?;
        let Some(newest) = checkpoint else {
            return Err(Refusal::fault("no checkpoint covers the account yet, and this server holds no key"));
        };
        let (size, note) = self.vouched(asker, &newest, place).await?;
        let ids = lines(db, row.id, from, to).await?;
        check_length(db, &ids).await?;
        let records = self.stated(asker, &ids).await?;
        let places: Vec<u64> = records.iter().map(|record| record.index).collect();
        let wanted = tile::tiles_needed_for_cover(&places, size).map_err(Refusal::fault)?;
        let tiles = load_tiles(db, &wanted).await?;
        let proof = tile::cover_proof(&places, size, &tiles).map_err(Refusal::fault)?;
        let (from, to) = ends(account, &records)?;
        let statement = Statement { account, from, to, records, proof, checkpoint: note };
        Ok(StatementFile { account, from, to, text: statement.to_string() })
    }

    /// The records by their places, with the texts that the asker may see.
    async fn stated(&self, asker: &Actor, ids: &[Uuid]) -> Result<Vec<StatedRecord>> {
        let views = records_by_id(self.store().reads(), asker, self.now(), ids).await?;
        let mut records = Vec::with_capacity(views.len());
        for view in views.into_values() {
            let index =
                view.index.ok_or_else(|| Refusal::fault("a line before a sealed one is not sealed"))?;
            let disclosures = disclosed(view.disclosures);
            records.push(StatedRecord { index, bytes: view.bytes, disclosures });
        }
        records.sort_unstable_by_key(|record| record.index);
        Ok(records)
    }
}

/// Which lines are meant.
fn span(from: Option<u64>, to: Option<u64>, newest: u64) -> Result<(u64, u64)> {
    let range = |min: u64, max: u64| Code::OutOfRange { min: min.to_string(), max: max.to_string() };
    if from.is_some_and(|from| from == 0 || from > newest) {
        return Err(Refusal::on("from", range(1, newest)));
    }
    let most = from.map_or(newest, |from| newest.min(from.saturating_add(MOST_LINES - 1)));
    let to = to.unwrap_or(most);
    if to < from.unwrap_or(1) || to > most {
        return Err(Refusal::on("to", range(from.unwrap_or(1), most)));
    }
    Ok((from.unwrap_or_else(|| to.saturating_sub(MOST_LINES - 1).max(1)), to))
}

/// The records of the account's postings with these numbers, each once, in order.
async fn lines(db: &impl ConnectionTrait, account: Uuid, from: u64, to: u64) -> Result<Vec<Uuid>> {
    let lines = postings_of(db, account, signed(from)?, signed(to)?).await?;
    let mut ids: Vec<Uuid> = lines.into_iter().map(|line| line.record_id).collect();
    ids.dedup();
    Ok(ids)
}

/// Refuses what would be too long before any of it is read.
async fn check_length(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<()> {
    let lengths: Vec<i32> = record::Entity::find()
        .select_only()
        .column_as(Expr::cust("LENGTH(bytes)"), "length")
        .filter(record::Column::Id.is_in(ids.iter().copied()))
        .into_tuple()
        .all(db)
        .await?;
    let all: i64 = lengths.iter().copied().map(i64::from).sum();
    if all > MOST_BYTES { Err(Refusal::on("to", Code::TooManyItems { max: ids.len() / 2 })) } else { Ok(()) }
}

/// The numbers of the first and the last line in these records.
fn ends(account: AccountId, records: &[StatedRecord]) -> Result<(u64, u64)> {
    let numbers = |record: Option<&StatedRecord>| {
        let record = Record::decode(&must(record)?.bytes).map_err(Refusal::fault)?;
        let ours = record.postings.into_iter().filter(|posting| posting.account == account);
        Ok::<_, Refusal>(ours.map(|posting| posting.seq).collect::<Vec<_>>())
    };
    let first = numbers(records.first())?.into_iter().min();
    let last = numbers(records.last())?.into_iter().max();
    Ok((must(first)?, must(last)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_thousand_lines_are_meant_where_nothing_is_said() {
        assert_eq!(span(None, None, 7), Ok((1, 7)));
        assert_eq!(span(None, None, 2_500), Ok((1_501, 2_500)));
        assert_eq!(span(Some(1), None, 2_500), Ok((1, 1_000)));
        assert_eq!(span(None, Some(1_200), 2_500), Ok((201, 1_200)));
        assert_eq!(span(Some(3), Some(3), 7), Ok((3, 3)));
    }

    #[test]
    fn lines_that_are_not_there_or_too_many_are_refused_where_they_were_named() {
        let field = |from, to| match span(from, to, 2_500) {
            Err(Refusal::Invalid(problems)) => problems[0].field.clone(),
            other => panic!("{other:?}"),
        };
        for from in [0, 2_501, u64::MAX] {
            assert_eq!(field(Some(from), None), "from");
        }
        assert_eq!(field(Some(5), Some(4)), "to");
        assert_eq!(field(Some(1), Some(1_001)), "to");
        assert_eq!(field(None, Some(2_501)), "to");
        assert_eq!(field(None, Some(0)), "to");
    }
}
