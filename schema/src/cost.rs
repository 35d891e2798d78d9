//! The cost of a race against its value.

use async_graphql::{Context, ID, InputObject, Object};
use market::cost::{CostView, DeclareEffort, EffortSum, StateValue, StatedValue};
use market::{Command, IdempotencyKey, Result, TaskId};

use crate::convert::Form;
use crate::payload::payloads;
use crate::refusal::answer;
use crate::request::Ask;
use crate::scalar::{Long, TokenAmount};
use crate::task::Task;

/// What a race costs.
pub(crate) struct RaceCost(pub(crate) CostView);

/// What a race costs and is worth, as the asker may know.
#[Object]
impl RaceCost {
    /// What a result is worth to who posted it; null where they did not say so or the asker may not know.
    async fn value(&self, ctx: &Context<'_>) -> Option<TokenAmount> {
        self.0.value.map(|value| TokenAmount::of(ctx.market(), value.amount))
    }

    /// Whether whoever sees the task may know the value; null where the asker may not.
    async fn value_is_public(&self) -> Option<bool> {
        self.0.value.map(|value| value.public)
    }

    /// Prizes of the ruling that counts and of the stages, start prizes included; null before a ruling.
    async fn prizes(&self, ctx: &Context<'_>) -> Option<TokenAmount> {
        self.0.prizes.map(|amount| TokenAmount::of(ctx.market(), amount))
    }

    /// What of the ruling's prizes went to those who won.
    async fn winner(&self, ctx: &Context<'_>) -> Option<TokenAmount> {
        self.0.winner.map(|amount| TokenAmount::of(ctx.market(), amount))
    }

    /// What was paid for parts of entries.
    async fn parts(&self, ctx: &Context<'_>) -> TokenAmount {
        TokenAmount::of(ctx.market(), self.0.parts)
    }

    /// The hours of all lanes.
    async fn crews(&self) -> Effort {
        Effort(self.0.crews)
    }

    /// The hours of those who judge.
    async fn judging(&self) -> Effort {
        Effort(self.0.judging)
    }

    /// What an hour counts in this organisation; null where it does not say so.
    async fn hour(&self, ctx: &Context<'_>) -> Option<TokenAmount> {
        self.0.hour.map(|amount| TokenAmount::of(ctx.market(), amount))
    }

    /// Everything together: prizes, parts, and the hours that are shown, where an hour has a price.
    async fn total(&self, ctx: &Context<'_>) -> Option<TokenAmount> {
        self.0.total().map(|amount| TokenAmount::of(ctx.market(), amount))
    }

    /// What the asker has declared, in minutes.
    async fn own_minutes(&self) -> Option<u32> {
        self.0.own
    }

    /// Whether the asker may declare hours now.
    async fn may_declare(&self) -> bool {
        self.0.may_declare
    }

    /// Whether the asker may state the value now.
    async fn may_state(&self) -> bool {
        self.0.may_state
    }
}

/// Hours of several people.
pub(crate) struct Effort(EffortSum);

/// Hours that people have declared.
#[Object]
impl Effort {
    /// How many people have.
    async fn people(&self) -> u32 {
        self.0.people
    }

    /// Their minutes together; null while fewer than three have, so that nobody is given away.
    async fn minutes(&self) -> Option<Long> {
        self.0.minutes.map(Long)
    }
}

/// What a result is worth.
#[derive(InputObject)]
pub(crate) struct StateValueInput {
    /// The global id of the draft.
    task: ID,
    /// How much; null takes back what was said.
    amount: Option<TokenAmount>,
    /// Whether whoever sees the task may know; else managers and auditors only.
    #[graphql(default)]
    public: bool,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

/// How much time the asker has spent on a race.
#[derive(InputObject)]
pub(crate) struct DeclareEffortInput {
    /// The global id of the task.
    task: ID,
    /// Minutes, up to 600000; 0 takes back what was declared.
    minutes: u32,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

payloads! {
    /// What came of `stateValue`.
    StateValuePayload {
        /// The task.
        task: Task,
    }

    /// What came of `declareEffort`.
    DeclareEffortPayload {
        /// The task.
        task: Task,
    }
}

/// Costs and values.
#[derive(Default)]
pub(crate) struct CostMutation;

#[Object]
impl CostMutation {
    /// States what a result is worth to who posted the task, while it is a draft. It goes on record as the race opens.
    async fn state_value(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which task, and how much.")] input: StateValueInput,
    ) -> Result<Option<StateValuePayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let task = form.id("task", &input.task);
            let amount = input.amount.as_ref().map(|amount| form.amount("amount", amount));
            let value = amount.map(|amount| StatedValue { amount, public: input.public });
            act(ctx, &input.idempotency_key, task, form.done(StateValue { task, value })?).await
        })
        .await
    }

    /// Declares how much time the asker has spent on a race, riding or judging. Others see sums only.
    async fn declare_effort(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "On which race, and how much.")] input: DeclareEffortInput,
    ) -> Result<Option<DeclareEffortPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let task = form.id("task", &input.task);
            let command = form.done(DeclareEffort { task, minutes: input.minutes })?;
            act(ctx, &input.idempotency_key, task, command).await
        })
        .await
    }
}

async fn act<C: Command>(ctx: &Context<'_>, key: &str, task: TaskId, command: C) -> Result<(Task,)> {
    ctx.market().run_once(ctx.actor(), IdempotencyKey::parse(key)?, command).await?;
    Ok((Task::seen(ctx, task).await?,))
}
