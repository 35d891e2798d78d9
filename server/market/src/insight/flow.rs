//! The flow of funds of a programme: from issue to use, as of an instant.
//!
//! Promises: as much leaves every place as came into it, or lies there still; what came back to a funder never left.
//! Must never: tell who of a crew got how much; that is on the payout's record.

use std::collections::BTreeMap;

use ledger::AccountId;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Statement, Value};
use uuid::Uuid;

use super::MOST_TASKS;
use crate::actor::Actor;
use crate::books::tables::account;
use crate::books::{self, account_id};
use crate::clock::Moment;
use crate::error::{Refusal, Result};
use crate::ids::{ProgrammeId, TaskId};
use crate::market::Market;
use crate::policy::{Act, House, permit};

/// What a task got and gave, in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TaskFlow {
    /// From the programme, less what came back to it.
    pub own: u64,
    /// From other funders, less what came back to them.
    pub others: u64,
    /// Paid to persons.
    pub persons: u64,
    /// Paid to units.
    pub units: u64,
}

impl TaskFlow {
    /// What still lies in its escrow.
    pub fn locked(&self) -> u64 {
        (self.own + self.others).saturating_sub(self.persons + self.units)
    }

    fn and(self, other: Self) -> Self {
        Self {
            own: self.own + other.own,
            others: self.others + other.others,
            persons: self.persons + other.persons,
            units: self.units + other.units,
        }
    }
}

/// A task in the flow of funds; the smaller ones together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowBand {
    /// The task; none for the others together.
    pub task: Option<TaskId>,
    /// Its escrow's account.
    pub escrow: Option<AccountId>,
    /// How many tasks it stands for.
    pub tasks: usize,
    /// What it got and gave.
    pub flow: TaskFlow,
}

/// A programme's flow of funds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowView {
    /// The programme.
    pub programme: ProgrammeId,
    /// As of when.
    pub at: Moment,
    /// Its budget's account, once it was used.
    pub account: Option<AccountId>,
    /// What the treasury has allocated to it, in minor units.
    pub allocated: u64,
    /// What is left in the budget.
    pub left: u64,
    /// Its tasks: those that got most, then the others together.
    pub tasks: Vec<FlowBand>,
}

impl Market {
    /// The flow of a programme's funds as of `at`: what was posted before that instant. For members.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] also for outsiders.
    pub async fn flow(&self, asker: &Actor, id: ProgrammeId, at: Moment) -> Result<FlowView> {
        permit(asker, Act::SeeJournal, &House)?;
        self.programme(asker, id).await?;
        let db = self.store().reads();
        let budget = account::Entity::find()
            .filter(account::Column::Kind.eq("programme"))
            .filter(account::Column::Owner.eq(id.0))
            .one(db)
            .await?;
        let balance = balance(db, id, at).await?;
        let tasks = tasks(db, id, at).await?;
        let mut view = assemble(id, at, balance, tasks)?;
        view.account = budget.map(|row| account_id(row.id));
        let shown: Vec<Uuid> = view.tasks.iter().filter_map(|band| band.task.map(|task| task.0)).collect();
        let escrows = account::Entity::find()
            .filter(account::Column::Kind.eq("escrow"))
            .filter(account::Column::Owner.is_in(shown))
            .all(db)
            .await?;
        for band in &mut view.tasks {
            let of = |row: &&account::Model| band.task == Some(TaskId(row.owner));
            band.escrow = escrows.iter().find(of).map(|row| account_id(row.id));
        }
        Ok(view)
    }
}

/// What lay in the budget at `at`.
async fn balance(db: &impl ConnectionTrait, id: ProgrammeId, at: Moment) -> Result<i64> {
    let sql = format!(
        "{} SELECT CAST(COALESCE(SUM(CASE WHEN p.side = 1 THEN p.amount ELSE -p.amount END), 0) AS BIGINT) AS held \
         FROM span AS s JOIN posting AS p ON p.era = s.era AND p.account_id = s.account_id \
         JOIN record AS r ON r.id = p.record_id WHERE r.posted_at < $2",
        books::spans("a.kind = 'programme' AND a.owner = $1 AND a.asset = 1", "TRUE")
    );
    let values: [Value; 2] = [id.0.into(), at.0.into()];
    let row =
        db.query_one_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?;
    Ok(row.map(|row| row.try_get("", "held")).transpose()?.unwrap_or(0))
}

/// What every task that drew on the programme got and gave until `at`.
async fn tasks(db: &impl ConnectionTrait, id: ProgrammeId, at: Moment) -> Result<BTreeMap<Uuid, Sums>> {
    let sql = format!(
        "{}, mine AS (SELECT DISTINCT r.subject FROM span AS s \
           JOIN posting AS p ON p.era = s.era AND p.account_id = s.account_id \
           JOIN record AS r ON r.id = p.record_id \
           WHERE r.kind = 'fund' AND r.subject IS NOT NULL AND r.posted_at < $2) \
         SELECT r.subject, r.kind, CASE WHEN a.kind = 'programme' AND a.owner = $1 THEN 'own' ELSE a.kind END AS part, \
         CAST(SUM(p.amount) AS BIGINT) AS total FROM mine AS m JOIN record AS r ON r.subject = m.subject \
         JOIN posting AS p ON p.record_id = r.id JOIN account AS a ON a.id = p.account_id \
         WHERE r.kind IN ('fund', 'payout', 'refund') AND r.posted_at < $2 AND a.kind <> 'escrow' \
         GROUP BY 1, 2, 3",
        books::spans("a.kind = 'programme' AND a.owner = $1 AND a.asset = 1", "TRUE")
    );
    let values: [Value; 2] = [id.0.into(), at.0.into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let mut found: BTreeMap<Uuid, Sums> = BTreeMap::new();
    for row in db.query_all_raw(statement).await? {
        let (kind, part): (String, String) = (row.try_get("", "kind")?, row.try_get("", "part")?);
        let total = u64::try_from(row.try_get::<i64>("", "total")?).map_err(Refusal::fault)?;
        found.entry(row.try_get("", "subject")?).or_default().add(&kind, &part, total);
    }
    Ok(found)
}

/// The movements of one escrow, by the other side of each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Sums {
    from_own: u64,
    from_others: u64,
    to_own: u64,
    to_others: u64,
    persons: u64,
    units: u64,
}

impl Sums {
    fn add(&mut self, kind: &str, part: &str, total: u64) {
        let sum = match (kind, part) {
            ("fund", "own") => &mut self.from_own,
            ("fund", _) => &mut self.from_others,
            ("refund", "own") => &mut self.to_own,
            ("refund", _) => &mut self.to_others,
            (_, "unit") => &mut self.units,
            _ => &mut self.persons,
        };
        *sum = sum.saturating_add(total);
    }

    fn net(self) -> TaskFlow {
        TaskFlow {
            own: self.from_own.saturating_sub(self.to_own),
            others: self.from_others.saturating_sub(self.to_others),
            persons: self.persons,
            units: self.units,
        }
    }
}

/// Puts the places together: the largest tasks by themselves, the others as one.
fn assemble(
    programme: ProgrammeId,
    at: Moment,
    balance: i64,
    tasks: BTreeMap<Uuid, Sums>,
) -> Result<FlowView> {
    let left = u64::try_from(balance).map_err(Refusal::fault)?;
    let mut flows: Vec<(Uuid, TaskFlow)> = tasks.into_iter().map(|(task, sums)| (task, sums.net())).collect();
    // What came back altogether says nothing.
    flows.retain(|(_, flow)| flow.own > 0);
    flows.sort_by_key(|(task, flow)| (std::cmp::Reverse(flow.own), *task));
    let drawn: u64 = flows.iter().map(|(_, flow)| flow.own).sum();
    let rest = flows.split_off(flows.len().min(MOST_TASKS));
    let mut bands: Vec<FlowBand> = flows
        .into_iter()
        .map(|(task, flow)| FlowBand { task: Some(TaskId(task)), escrow: None, tasks: 1, flow })
        .collect();
    if !rest.is_empty() {
        let flow = rest.iter().fold(TaskFlow::default(), |sum, (_, flow)| sum.and(*flow));
        bands.push(FlowBand { task: None, escrow: None, tasks: rest.len(), flow });
    }
    Ok(FlowView { programme, at, account: None, allocated: left + drawn, left, tasks: bands })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sums() -> impl Strategy<Value = Sums> {
        // An escrow gives no more than it got, and nobody gets more back than they put in.
        (0_u64..1_000_000, 0_u64..1_000_000, 0_u64..=100, 0_u64..=100, 0_u64..=100, 0_u64..=100).prop_map(
            |(from_own, from_others, own, others, paid, units)| {
                let (to_own, to_others) = (from_own * own / 100, from_others * others / 100);
                let held = from_own + from_others - to_own - to_others;
                let paid = held * paid / 100;
                let units = paid * units / 100;
                Sums { from_own, from_others, to_own, to_others, persons: paid - units, units }
            },
        )
    }

    proptest! {
        #[test]
        fn as_much_leaves_every_place_as_came_into_it(
            balance in 0_i64..1_000_000_000,
            all in proptest::collection::vec(sums(), 0..40),
        ) {
            let tasks: BTreeMap<Uuid, Sums> =
                (1_u128..).zip(all.clone()).map(|(id, sums)| (Uuid::from_u128(id), sums)).collect();
            let view = assemble(ProgrammeId(Uuid::nil()), Moment(0), balance, tasks).unwrap_or_else(|why| panic!("{why:?}"));
            let drawn: u64 = view.tasks.iter().map(|band| band.flow.own).sum();
            prop_assert_eq!(view.allocated, view.left + drawn);
            for band in &view.tasks {
                let flow = band.flow;
                prop_assert_eq!(flow.own + flow.others, flow.persons + flow.units + flow.locked());
            }
            prop_assert!(view.tasks.len() <= MOST_TASKS + 1);
            let told: usize = view.tasks.iter().map(|band| band.tasks).sum();
            prop_assert_eq!(told, all.iter().filter(|sums| sums.net().own > 0).count());
        }
    }
}
