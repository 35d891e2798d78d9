//! Stating what a result is worth, declaring hours.

use ledger::{Amount, RecordKind};
use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::MOST_MINUTES;
use super::tables::{self, effort, race_value};
use crate::actor::Actor;
use crate::books::{self, label};
use crate::error::{Code, Problems, Refusal, Result};
use crate::ids::TaskId;
use crate::policy::{Act, Permit, RaceFacts, permit};
use crate::store::{Command, Scope};
use crate::task::{self, Task, TaskState};

/// What a result is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatedValue {
    /// So much.
    pub amount: Amount,
    /// Whether whoever sees the task may know; else managers and auditors only.
    pub public: bool,
}

/// States what a result is worth to who posted the task, while it is a draft; or takes it back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StateValue {
    /// The draft.
    pub task: TaskId,
    /// The value.
    pub value: Option<StatedValue>,
}

impl Command for StateValue {
    type Output = ();
    const ACT: Act = Act::StateValue;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        let (task, leave) = locked(scope, asker, self.task, Self::ACT).await?;
        if task.state(scope.now) != TaskState::Draft {
            return Err(Refusal::because(Code::NotDraft));
        }
        let mut problems = Problems::default();
        problems.check(self.value.is_some_and(|value| value.amount.is_zero()), "amount", Code::AmountZero);
        problems.done()?;
        let row = self.value.map(|value| race_value::Model {
            task_id: task.id.0,
            amount: value.amount.as_i64(),
            public: value.public,
            at: scope.now.0,
        });
        tables::state(scope.txn, &leave, task.id, row).await
    }
}

/// Declares how much time the asker has spent on a race, riding or judging; again, it takes the place of what was
/// declared before, and nothing takes it back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeclareEffort {
    /// The task.
    pub task: TaskId,
    /// Minutes, at most [`MOST_MINUTES`].
    pub minutes: u32,
}

impl Command for DeclareEffort {
    type Output = ();
    const ACT: Act = Act::DeclareEffort;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        if matches!(asker, Actor::Visitor) {
            return Err(Refusal::Unauthenticated);
        }
        let task = task::tables::lock(scope.txn, self.task).await?;
        let facts = task::facts(scope.txn, &task, scope.now).await?;
        let leave = permit(asker, Self::ACT, &facts)?;
        let person = leave.by().ok_or(Refusal::Unauthenticated)?;
        if matches!(task.state(scope.now), TaskState::Cancelled | TaskState::Expired) {
            return Err(Refusal::because(Code::NotOpen));
        }
        let mut problems = Problems::default();
        let range = Code::OutOfRange { min: "0".to_owned(), max: (MOST_MINUTES / 60).to_string() };
        problems.check(self.minutes > MOST_MINUTES, "hours", range);
        problems.done()?;
        let row = effort::Model {
            task_id: task.id.0,
            person_id: person.0,
            judging: !facts.riders.contains(&person),
            minutes: i64::from(self.minutes),
            at: scope.now.0,
        };
        tables::declare(scope.txn, &leave, row).await
    }
}

/// Puts what a result is worth on record as the race opens, so that nobody says later that it was something else.
pub(crate) async fn seal(scope: &Scope<'_>, leave: &Permit<RaceFacts>, task: &Task) -> Result<()> {
    let Some(row) = race_value::Entity::find_by_id(task.id.0).one(scope.txn).await? else { return Ok(()) };
    let label = if row.public { label::VALUE } else { label::PRIVATE_VALUE };
    let said = json!({ "task": task.id, "value": row.amount, "public": row.public });
    let said = said.to_string().into_bytes();
    books::deposit(scope, leave, task.id.0, RecordKind::Evidence, label, said).await?;
    Ok(())
}

async fn locked(scope: &Scope<'_>, asker: &Actor, id: TaskId, act: Act) -> Result<(Task, Permit<RaceFacts>)> {
    // A visitor is sent to sign in whether or not the task exists.
    if matches!(asker, Actor::Visitor) {
        return Err(Refusal::Unauthenticated);
    }
    let task = task::tables::lock(scope.txn, id).await?;
    let leave = permit(asker, act, &task::facts(scope.txn, &task, scope.now).await?)?;
    Ok((task, leave))
}
