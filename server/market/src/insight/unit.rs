//! Profit and loss of a unit, month by month, from the postings of its wallet.
//!
//! Promises: what is told adds up to the change of the balance, line by line. Must never: tell it to somebody who may
//! not look into the wallet.

use ledger::{Amount, RecordKind, Side};
use sea_orm::{ConnectionTrait, Statement, Value};

use super::MONTHS;
use super::months::{bounds, bucket};
use crate::actor::Actor;
use crate::books;
use crate::clock::Moment;
use crate::error::{Refusal, Result};
use crate::ids::UnitId;
use crate::market::Market;
use crate::policy::{Act, WalletOwner, permit};

/// What came into a unit's wallet in a month and what left it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UnitMonth {
    /// When the month began.
    pub from: Moment,
    /// Earned in races, and by parts of entries that were bought.
    pub earned: Amount,
    /// Put into bounties and offers, less what came back: in minor units; below zero where more came back.
    pub invested: i128,
    /// Allocated by the treasury.
    pub granted: Amount,
    /// Sent by others.
    pub received: Amount,
    /// Sent to others.
    pub sent: Amount,
    /// Everything else that changed the balance, such as reversals: in minor units.
    pub other: i128,
}

impl UnitMonth {
    /// What races brought less what bounties cost, in minor units.
    pub fn profit(&self) -> i128 {
        i128::from(self.earned.minor()) - self.invested
    }

    /// By how much the balance changed, in minor units.
    pub fn change(&self) -> i128 {
        let minor = |amount: Amount| i128::from(amount.minor());
        self.profit() + minor(self.granted) + minor(self.received) - minor(self.sent) + self.other
    }

    fn add(&mut self, kind: RecordKind, side: Side, amount: Amount) {
        let minor = i128::from(amount.minor());
        let sum = |a: Amount| a.checked_add(amount).unwrap_or(Amount::MAX);
        match (kind, side) {
            (RecordKind::Payout, Side::Credit) => self.earned = sum(self.earned),
            (RecordKind::Fund, Side::Debit) => self.invested += minor,
            (RecordKind::Refund, Side::Credit) => self.invested -= minor,
            (RecordKind::Allocate, Side::Credit) => self.granted = sum(self.granted),
            (RecordKind::Transfer, Side::Credit) => self.received = sum(self.received),
            (RecordKind::Transfer, Side::Debit) => self.sent = sum(self.sent),
            (_, Side::Credit) => self.other += minor,
            (_, Side::Debit) => self.other -= minor,
        }
    }
}

impl Market {
    /// The last months of a unit's wallet, oldest first, the running one last.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] also for those who may not look into the wallet.
    pub async fn unit_months(&self, asker: &Actor, unit: UnitId) -> Result<Vec<UnitMonth>> {
        permit(asker, Act::SeeWallet, &WalletOwner::Unit(unit))?;
        let db = self.store().reads();
        let bounds = bounds(self.now(), MONTHS);
        let starts = &bounds[..bounds.len().saturating_sub(1)];
        let mut months: Vec<UnitMonth> =
            starts.iter().map(|from| UnitMonth { from: *from, ..UnitMonth::default() }).collect();
        let sql = format!(
            "{} SELECT {} AS month, r.kind, p.side, CAST(SUM(p.amount) AS BIGINT) AS total FROM span AS s \
             JOIN posting AS p ON p.era = s.era AND p.account_id = s.account_id \
             JOIN record AS r ON r.id = p.record_id \
             WHERE r.posted_at >= $2 AND r.posted_at < ${} GROUP BY 1, r.kind, p.side",
            books::spans("a.kind = 'unit' AND a.owner = $1 AND a.asset = 1", "TRUE"),
            bucket("r.posted_at", 2, &bounds),
            bounds.len() + 1,
        );
        let mut values: Vec<Value> = vec![unit.0.into()];
        values.extend(bounds.iter().map(|at| Value::from(at.0)));
        let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
        for row in db.query_all_raw(statement).await? {
            let month =
                row.try_get::<Option<i32>>("", "month")?.and_then(|month| usize::try_from(month).ok());
            let Some(month) = month.and_then(|month| months.get_mut(month)) else { continue };
            let kind: RecordKind = row.try_get::<String>("", "kind")?.parse().map_err(Refusal::fault)?;
            let side = u64::try_from(row.try_get::<i64>("", "side")?).ok().and_then(Side::from_code);
            let side = side.ok_or_else(|| Refusal::fault("a side that is none"))?;
            let total = Amount::from_i64(row.try_get("", "total")?).map_err(Refusal::fault)?;
            month.add(kind, side, total);
        }
        Ok(months)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_back_from_a_bounty_was_not_spent() {
        let amount = |minor| Amount::new(minor).unwrap_or(Amount::ZERO);
        let mut month = UnitMonth::default();
        month.add(RecordKind::Payout, Side::Credit, amount(100));
        month.add(RecordKind::Fund, Side::Debit, amount(60));
        month.add(RecordKind::Refund, Side::Credit, amount(20));
        month.add(RecordKind::Transfer, Side::Debit, amount(5));
        month.add(RecordKind::Reversal, Side::Debit, amount(1));
        assert_eq!((month.profit(), month.change()), (60, 54));
    }
}
