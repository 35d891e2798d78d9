//! Eras: how an account's postings are found in a layout that stays flat.
//!
//! The postings' unique key begins with the stretch of the log they were posted in, so that new ones touch
//! the newest end of it only. An account's row names its newest era and its first number there; the first
//! posting of each era names the era before. Promises: any page of a statement is one query, which goes
//! down two steps of an index for each era that it passes. Must never: search postings by account alone.

use std::collections::HashMap;

use ledger::{AccountKind, Amount, RecordKind, Side};
use sea_orm::{ConnectionTrait, EntityTrait, Statement, Value};
use uuid::Uuid;

use super::ASSET;
use super::tables::posting;
use crate::error::{Refusal, Result};

/// Records in an era: few enough that the newest end of the key stays small, many enough that the way
/// from era to era stays short.
const RECORDS: i64 = 16_384;

/// The era of a log of this size.
pub(super) fn era(size: i64) -> i64 {
    size / RECORDS
}

/// The stretches of numbers that accounts have in each era, newest era first. `{which}` says which accounts,
/// `{on}` whether to go on.
pub(crate) fn spans(which: &str, on: &str) -> String {
    format!(
        "WITH RECURSIVE span (account_id, era, first, prev_era) AS ( \
           SELECT p.account_id, p.era, p.seq, p.prev_era FROM account AS a JOIN posting AS p \
             ON p.era = a.era AND p.account_id = a.id AND p.seq = a.era_from WHERE {which} \
           UNION ALL \
           SELECT p.account_id, p.era, p.seq, p.prev_era FROM span AS s JOIN posting AS p \
             ON p.era = s.prev_era AND p.account_id = s.account_id AND p.seq = ( \
               SELECT MIN(q.seq) FROM posting AS q WHERE q.era = s.prev_era AND q.account_id = s.account_id) \
             WHERE s.first > 1 AND {on})"
    )
}

/// An account's postings with the numbers from `first` to `last`, in order.
///
/// # Errors
/// When the database fails.
pub(crate) async fn postings_of(
    db: &impl ConnectionTrait,
    account: Uuid,
    first: i64,
    last: i64,
) -> Result<Vec<posting::Model>> {
    let sql = format!(
        "{} SELECT p.* FROM span AS s JOIN posting AS p ON p.era = s.era AND p.account_id = s.account_id \
         WHERE p.seq >= s.first AND p.seq BETWEEN $2 AND $3 ORDER BY p.seq",
        spans("a.id = $1", "s.first > $2")
    );
    let values: [Value; 3] = [account.into(), first.into(), last.into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Ok(posting::Entity::find().from_raw_sql(statement).all(db).await?)
}

/// What records of one kind have brought these owners' accounts, by owner; nobody who got nothing.
pub(crate) async fn received(
    db: &impl ConnectionTrait,
    kind: AccountKind,
    owners: &[Uuid],
    by: RecordKind,
) -> Result<HashMap<Uuid, Amount>> {
    let mut totals = HashMap::new();
    // A page names fewer owners than one statement may have values; a list of all may name more.
    for some in owners.chunks(10_000) {
        let named: Vec<String> = (3..some.len() + 3).map(|at| format!("${at}")).collect();
        let which = format!("a.kind = $1 AND a.asset = {} AND a.owner IN ({})", ASSET.0, named.join(", "));
        let sql = format!(
            "{} SELECT a.owner, CAST(SUM(p.amount) AS BIGINT) AS total FROM span AS s \
             JOIN posting AS p ON p.era = s.era AND p.account_id = s.account_id \
             JOIN record AS r ON r.id = p.record_id JOIN account AS a ON a.id = s.account_id \
             WHERE p.side = {} AND r.kind = $2 GROUP BY a.owner",
            spans(&which, "TRUE"),
            Side::Credit.code()
        );
        let mut values: Vec<Value> = vec![kind.as_str().into(), by.as_str().into()];
        values.extend(some.iter().map(|owner| Value::from(*owner)));
        let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
        for row in db.query_all_raw(statement).await? {
            let total: i64 = row.try_get("", "total")?;
            totals.insert(row.try_get("", "owner")?, Amount::from_i64(total).map_err(Refusal::fault)?);
        }
    }
    Ok(totals)
}
