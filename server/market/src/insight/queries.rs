//! The figures of all races together.
//!
//! Promises: six questions, whatever the number of races. Must never: read a race that is not settled as a result.

use ledger::Amount;
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use uuid::Uuid;

use super::months::{bounds, bucket};
use super::{InsightMonth, InsightView, LaneResult, MONTHS, MOST_RACES, RaceResult};
use crate::actor::Actor;
use crate::clock::Moment;
use crate::error::{Refusal, Result};
use crate::ids::TaskId;
use crate::market::Market;
use crate::policy::{Act, House, permit};

impl Market {
    /// What bounties brought and races cost. For managers, treasurers and auditors.
    ///
    /// # Errors
    /// [`Refusal::Unauthenticated`] and [`Refusal::NotFound`] for those who may not know.
    pub async fn insight(&self, asker: &Actor) -> Result<InsightView> {
        permit(asker, Act::SeeInsight, &House)?;
        let db = self.store().reads();
        let bounds = bounds(self.now(), MONTHS);
        Ok(InsightView {
            months: months(db, &bounds).await?,
            races: races(db).await?,
            lanes: lanes(db, bounds.first().copied().unwrap_or(Moment(0))).await?,
        })
    }
}

async fn months(db: &impl ConnectionTrait, bounds: &[Moment]) -> Result<Vec<InsightMonth>> {
    let starts = &bounds[..bounds.len().saturating_sub(1)];
    let mut found: Vec<InsightMonth> =
        starts.iter().map(|from| InsightMonth { from: *from, ..InsightMonth::default() }).collect();
    let month = bucket("t.ended_at", 1, bounds);
    let within = format!("t.ended_at >= $1 AND t.ended_at < ${}", bounds.len());
    let ended = format!(
        "SELECT {month} AS month, COUNT(*) AS ended, \
         COUNT(CASE WHEN t.state = 'settled' THEN 1 END) AS settled, \
         CAST(SUM(t.bounty) AS BIGINT) AS bounty, CAST(SUM(t.paid) AS BIGINT) AS paid, \
         CAST(AVG(t.ended_at - t.published_at) AS BIGINT) AS micros \
         FROM task AS t WHERE {within} GROUP BY 1"
    );
    for row in ask(db, &ended, bounds).await? {
        let Some(month) = at(&mut found, &row)? else { continue };
        month.ended = count(&row, "ended")?;
        month.settled = count(&row, "settled")?;
        month.bounty = amount(&row, "bounty")?;
        month.paid = amount(&row, "paid")?;
        month.seconds = seconds(&row)?;
    }
    let awards = format!(
        "SELECT {month} AS month, CAST(SUM(l.award) AS BIGINT) AS paid FROM task AS t \
         JOIN ruling_line AS l ON l.ruling_id = t.ruling_id WHERE t.state = 'settled' AND {within} GROUP BY 1"
    );
    for row in ask(db, &awards, bounds).await? {
        let Some(month) = at(&mut found, &row)? else { continue };
        month.paid = month.paid.checked_add(amount(&row, "paid")?).unwrap_or(month.paid);
    }
    let entries = format!(
        "SELECT {month} AS month, COUNT(*) AS entries FROM task AS t JOIN entry AS e ON e.task_id = t.id \
         WHERE e.running_since IS NOT NULL AND {within} GROUP BY 1"
    );
    for row in ask(db, &entries, bounds).await? {
        let Some(month) = at(&mut found, &row)? else { continue };
        month.entries = count(&row, "entries")?;
    }
    let edge = bucket("t.due_at", 1, bounds);
    let overdue = format!(
        "SELECT {edge} AS month, COUNT(*) AS overdue FROM task_edge AS t \
         WHERE t.kind IN ('remind', 'pass_on', 'default', 'appeal_pass_on', 'appeal_stands') \
         AND t.due_at >= $1 AND t.due_at < ${} GROUP BY 1",
        bounds.len()
    );
    for row in ask(db, &overdue, bounds).await? {
        let Some(month) = at(&mut found, &row)? else { continue };
        month.overdue = count(&row, "overdue")?;
    }
    let parts = format!(
        "SELECT {} AS month, CAST(SUM(t.price) AS BIGINT) AS price FROM part_offer AS t \
         WHERE t.state = 'accepted' AND {within} GROUP BY 1",
        bucket("t.ended_at", 1, bounds)
    );
    for row in ask(db, &parts, bounds).await? {
        let Some(month) = at(&mut found, &row)? else { continue };
        month.parts = amount(&row, "price")?;
    }
    Ok(found)
}

async fn races(db: &impl ConnectionTrait) -> Result<Vec<RaceResult>> {
    let sql = format!(
        "SELECT t.id, t.bounty, t.paid, t.ended_at - t.published_at AS micros, COUNT(l.entry_id) AS ruled, \
         COUNT(l.place) AS placed, MAX(l.score) AS best, CAST(COALESCE(SUM(l.award), 0) AS BIGINT) AS awards \
         FROM (SELECT id, bounty, paid, ended_at, published_at, ruling_id FROM task \
               WHERE state = 'settled' ORDER BY ended_at DESC, id DESC LIMIT {MOST_RACES}) AS t \
         LEFT JOIN ruling_line AS l ON l.ruling_id = t.ruling_id \
         GROUP BY t.id, t.bounty, t.paid, t.ended_at, t.published_at ORDER BY t.ended_at DESC, t.id DESC"
    );
    let rows = ask(db, &sql, &[]).await?;
    rows.iter()
        .map(|row| {
            let paid = amount(row, "paid")?.checked_add(amount(row, "awards")?);
            Ok(RaceResult {
                task: TaskId(row.try_get::<Uuid>("", "id")?),
                bounty: amount(row, "bounty")?,
                paid: paid.ok_or_else(|| Refusal::fault("awards beyond the largest amount"))?,
                ruled: count(row, "ruled")?,
                placed: count(row, "placed")?,
                best: row.try_get::<Option<i64>>("", "best")?.and_then(|best| u32::try_from(best).ok()),
                seconds: seconds(row)?,
            })
        })
        .collect()
}

async fn lanes(db: &impl ConnectionTrait, from: Moment) -> Result<Vec<LaneResult>> {
    let sql = "SELECT lanes, COUNT(*) AS races, CAST(AVG(best) AS BIGINT) AS best FROM ( \
         SELECT t.id, (SELECT COUNT(*) FROM entry AS e WHERE e.task_id = t.id AND e.running_since IS NOT NULL) AS lanes, \
         (SELECT MAX(l.score) FROM ruling_line AS l WHERE l.ruling_id = t.ruling_id) AS best \
         FROM task AS t WHERE t.state = 'settled' AND t.ended_at >= $1) AS counted GROUP BY lanes ORDER BY lanes";
    let rows = ask(db, sql, &[from]).await?;
    rows.iter()
        .map(|row| {
            Ok(LaneResult {
                lanes: count(row, "lanes")?,
                races: count(row, "races")?,
                best: row.try_get::<Option<i64>>("", "best")?.and_then(|best| u32::try_from(best).ok()),
            })
        })
        .collect()
}

async fn ask(db: &impl ConnectionTrait, sql: &str, bounds: &[Moment]) -> Result<Vec<QueryResult>> {
    let values: Vec<Value> = bounds.iter().map(|at| Value::from(at.0)).collect();
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Ok(db.query_all_raw(statement).await?)
}

/// The month that a row is about.
fn at<'m>(months: &'m mut [InsightMonth], row: &QueryResult) -> Result<Option<&'m mut InsightMonth>> {
    let month = row.try_get::<Option<i32>>("", "month")?;
    Ok(month.and_then(|month| usize::try_from(month).ok()).and_then(|month| months.get_mut(month)))
}

fn count(row: &QueryResult, column: &str) -> Result<u32> {
    Ok(u32::try_from(row.try_get::<i64>("", column)?).unwrap_or(u32::MAX))
}

fn amount(row: &QueryResult, column: &str) -> Result<Amount> {
    let minor = row.try_get::<Option<i64>>("", column)?.unwrap_or(0);
    Amount::from_i64(minor).map_err(Refusal::fault)
}

fn seconds(row: &QueryResult) -> Result<Option<u64>> {
    let micros = row.try_get::<Option<i64>>("", "micros")?;
    Ok(micros.and_then(|micros| u64::try_from(micros / 1_000_000).ok()))
}
