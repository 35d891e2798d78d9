//! Reading what a race costs and is worth.

use ledger::Amount;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use super::tables::{effort, race_value};
use super::{CostView, EffortSum, StatedValue, rules};
use crate::actor::Actor;
use crate::error::{Refusal, Result};
use crate::ids::TaskId;
use crate::judging;
use crate::market::Market;
use crate::memo::Known;
use crate::part;
use crate::policy::{Act, may, permit};
use crate::task::TaskState;

impl Market {
    /// What a race costs and is worth.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when the asker may not see the task.
    pub async fn cost(&self, asker: &Actor, id: TaskId) -> Result<CostView> {
        let db = self.store().reads();
        let Known { task, facts } = &*self.known(id).await?;
        permit(asker, Act::SeeTask, facts)?;
        let state = task.state(self.now());
        let value = race_value::Entity::find_by_id(id.0).one(db).await?;
        let value = value.filter(|row| row.public || may(asker, Act::SeeValue, facts));
        let value = value.map(|row| {
            let amount = Amount::from_i64(row.amount).map_err(Refusal::fault)?;
            Ok::<_, Refusal>(StatedValue { amount, public: row.public })
        });
        let ruled = matches!(state, TaskState::Provisional | TaskState::Settled);
        let lines = judging::lines_of(db, task.ruling).await?;
        let award = |line: &judging::ruling_line::Model| u64::try_from(line.award).unwrap_or(0);
        let prizes: u64 = lines.values().map(award).sum();
        let winner: u64 = lines.values().filter(|line| line.place == Some(1)).map(award).sum();
        let amount = |minor: u64| Amount::new(minor).map_err(Refusal::fault);
        let own = match asker.id() {
            Some(me) => effort::Entity::find_by_id((id.0, me.0)).one(db).await?,
            None => None,
        };
        let over = matches!(state, TaskState::Cancelled | TaskState::Expired);
        Ok(CostView {
            value: value.transpose()?,
            prizes: ruled.then(|| amount(prizes + task.paid.minor())).transpose()?,
            winner: ruled.then(|| amount(winner)).transpose()?,
            parts: part::paid_in(db, id).await?,
            crews: sum(db, id, false).await?,
            judging: sum(db, id, true).await?,
            hour: self.settings().hour_cost.and_then(|minor| Amount::new(minor).ok()),
            own: own.and_then(|row| u32::try_from(row.minutes).ok()),
            may_declare: !over && may(asker, Act::DeclareEffort, facts),
            may_state: state == TaskState::Draft && may(asker, Act::StateValue, facts),
        })
    }
}

async fn sum(db: &impl ConnectionTrait, task: TaskId, judging: bool) -> Result<EffortSum> {
    let found = effort::Entity::find()
        .select_only()
        .column_as(Expr::col(effort::Column::PersonId).count(), "people")
        .column_as(Expr::col(effort::Column::Minutes).sum().cast_as("BIGINT"), "minutes")
        .filter(effort::Column::TaskId.eq(task.0))
        .filter(effort::Column::Judging.eq(judging))
        .into_tuple::<(i64, Option<i64>)>()
        .one(db)
        .await?;
    let (people, minutes) = found.unwrap_or_default();
    let minutes = u64::try_from(minutes.unwrap_or(0)).unwrap_or(0);
    Ok(rules::shown(u32::try_from(people).unwrap_or(u32::MAX), minutes))
}
