//! What open challenges come to, all together: three figures for somebody who has never been here.
//!
//! Promises: counts open challenges only, whoever asks, so it tells no visitor what runs inside. Must never: grow
//! in questions with the number of races.

use ledger::Amount;
use sea_orm::{ConnectionTrait, Statement, Value};

use crate::actor::Actor;
use crate::error::{Refusal, Result};
use crate::market::Market;

/// Open challenges in figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glance {
    /// How many run at this moment.
    pub running: u64,
    /// What can be won in those.
    pub at_stake: Amount,
    /// How many were settled, ever.
    pub settled: u64,
    /// What those paid to crews, ever.
    pub paid: Amount,
}

impl Market {
    /// The figures of open challenges, the same for whoever asks.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn glance(&self, _asker: &Actor) -> Result<Glance> {
        let sql = "SELECT COUNT(running) AS running, CAST(COALESCE(SUM(running), 0) AS BIGINT) AS stake, \
             COUNT(settled) AS settled, CAST(COALESCE(SUM(settled), 0) AS BIGINT) AS paid FROM ( \
             SELECT CASE WHEN t.state = 'open' AND t.closes_at > $1 THEN t.bounty END AS running, \
             CASE WHEN t.state = 'settled' THEN t.paid + COALESCE((SELECT SUM(l.award) FROM ruling_line AS l \
             WHERE l.ruling_id = t.ruling_id), 0) END AS settled \
             FROM task AS t WHERE t.visibility = 'open' AND t.state IN ('open', 'settled')) AS each_one";
        let db = self.store().reads();
        let asked =
            Statement::from_sql_and_values(db.get_database_backend(), sql, [Value::from(self.now().0)]);
        let row = db.query_one_raw(asked).await?.ok_or_else(|| Refusal::fault("a sum without a row"))?;
        let count = |column: &str| -> Result<u64> {
            Ok(u64::try_from(row.try_get::<i64>("", column)?).unwrap_or_default())
        };
        let amount = |column: &str| -> Result<Amount> {
            Amount::from_i64(row.try_get::<i64>("", column)?).map_err(Refusal::fault)
        };
        Ok(Glance {
            running: count("running")?,
            at_stake: amount("stake")?,
            settled: count("settled")?,
            paid: amount("paid")?,
        })
    }
}
