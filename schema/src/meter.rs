//! Events that count: of a metered race, and of a pot that grows.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use market::meter::{EventsView, RecordEvents};
use market::task::Growth;
use market::{IdempotencyKey, Market, Result, TaskId};

use crate::convert::Form;
use crate::entry::Entry;
use crate::payload::payloads;
use crate::person::Person;
use crate::record::Record;
use crate::refusal::answer;
use crate::request::Ask;
use crate::scalar::{DateTime, TokenAmount};
use crate::task::Task;

/// A part of the bounty by which the pot grows with joint output or reuse.
#[derive(SimpleObject)]
#[graphql(name = "Growth")]
pub(crate) struct Growing {
    /// What is set aside of the bounty from the beginning; what is never released of it goes back.
    reserve: TokenAmount,
    /// What each event releases into the pot, until the reserve is empty.
    per_event: TokenAmount,
    /// What such an event is.
    label: String,
}

impl Growing {
    /// As answered.
    pub(crate) fn of(market: &Market, growth: &Growth) -> Self {
        Self {
            reserve: TokenAmount::of(market, growth.reserve),
            per_event: TokenAmount::of(market, growth.per_event),
            label: growth.label.clone(),
        }
    }
}

/// A part of the bounty by which the pot shall grow.
#[derive(InputObject)]
pub(crate) struct GrowthInput {
    /// What is set aside of the bounty: enough for one event at least, less than the bounty.
    reserve: TokenAmount,
    /// What each event releases into the pot.
    per_event: TokenAmount,
    /// What such an event is, in one line of up to 80 characters.
    label: String,
}

impl GrowthInput {
    /// The rule; the market checks it.
    pub(crate) fn read(self, form: &mut Form<'_>) -> Growth {
        Growth {
            reserve: form.amount("rules.growth.reserve", &self.reserve),
            per_event: form.amount("rules.growth.per_event", &self.per_event),
            label: self.label,
        }
    }
}

/// So much for each verified event, until the pot is empty.
#[derive(InputObject)]
pub(crate) struct MeteredInput {
    /// What each event of a placed entry is paid, with the ruling.
    pub(crate) per_event: TokenAmount,
}

/// A count of events.
pub(crate) struct Events(pub(crate) EventsView);

/// Verified events, counted by a judge or the poster, on the ledger with their evidence.
#[Object]
impl Events {
    /// For which entry; null for those by which the pot grows.
    async fn entry(&self, ctx: &Context<'_>) -> Result<Option<Entry>> {
        match self.0.entry {
            Some(entry) => Entry::load(ctx, entry).await,
            None => Ok(None),
        }
    }

    /// How many.
    async fn count(&self) -> u32 {
        self.0.count
    }

    /// What shows them.
    async fn evidence(&self) -> &str {
        &self.0.evidence
    }

    /// Who counted them.
    async fn by(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        Person::load(ctx, self.0.by).await
    }

    /// When.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }

    /// The record that deposits them.
    async fn record(&self, ctx: &Context<'_>) -> Result<Option<Record>> {
        Record::load(ctx, self.0.record).await
    }
}

/// Events to count.
#[derive(InputObject)]
pub(crate) struct RecordEventsInput {
    /// The global id of the task.
    task: ID,
    /// The global id of the entry, where the plan is metered. Null: events by which the pot grows.
    entry: Option<ID>,
    /// How many, from 1.
    count: u32,
    /// What shows them, for everybody to read, up to 2,000 characters.
    evidence: String,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

payloads! {
    /// What came of `recordEvents`.
    RecordEventsPayload {
        /// The task.
        task: Task,
    }
}

/// What can be done with events.
#[derive(Default)]
pub(crate) struct MeterMutation;

#[Object]
impl MeterMutation {
    /// Counts verified events, for the judges and the poster, until the race is ruled. They are paid with the ruling.
    async fn record_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In which race, how many, and what shows them.")] input: RecordEventsInput,
    ) -> Result<Option<RecordEventsPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let task: TaskId = form.id("task", &input.task);
            let entry = input.entry.as_ref().map(|entry| form.id("entry", entry));
            let RecordEventsInput { count, evidence, .. } = input;
            let command = form.done(RecordEvents { task, entry, count, evidence })?;
            let key = IdempotencyKey::parse(&input.idempotency_key)?;
            ctx.market().run_once(ctx.actor(), key, command).await?;
            Ok((Task::seen(ctx, task).await?,))
        })
        .await
    }
}
