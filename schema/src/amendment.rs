//! Amendments of frozen rules: what is proposed, what it changes line by line, and who has agreed.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use market::amendment::{
    AcceptAmendment, Amended, AmendmentView, AnswerAmendment, Change, ProposeAmendment, WithdrawAmendment,
};
use market::task::prospect;
use market::{AmendmentId, IdempotencyKey, Result};

use crate::convert::Form;
use crate::entry::Entry;
use crate::id::Global;
use crate::payload::payloads;
use crate::person::Person;
use crate::record::Record;
use crate::refusal::answer;
use crate::request::{Ask, open};
use crate::rules::{Outlook, RaceRules, RulesInput};
use crate::scalar::{DateTime, TokenAmount};
use crate::task::Task;

/// Where an amendment stands.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "market::amendment::AmendmentState")]
pub(crate) enum AmendmentState {
    /// Those whom it concerns are asked.
    Open,
    /// The race runs by it.
    InForce,
    /// Somebody did not agree to it in time: everything stays as it was.
    Fallen,
    /// Its poster took it back.
    Withdrawn,
}

/// What an entry says to an amendment.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "market::amendment::AmendmentAnswer")]
pub(crate) enum AmendmentAnswer {
    /// It rides on under the amended rules.
    Consent,
    /// It leaves for good when they take effect, with the start prize where there is one.
    Leave,
}

/// What of a task can be amended.
pub(crate) struct AmendedTask(Amended);

/// What of a task can be amended, as it is or as it would be.
#[Object]
impl AmendedTask {
    /// What is wanted and why, Markdown.
    async fn brief(&self) -> &str {
        &self.0.brief
    }

    /// What must hold for work to be accepted, Markdown.
    async fn criteria(&self) -> &str {
        &self.0.criteria
    }

    /// When the clock stops.
    async fn closes_at(&self) -> DateTime {
        self.0.closes_at.into()
    }

    /// The rules.
    async fn rules(&self) -> RaceRules {
        RaceRules(self.0.rules.clone())
    }
}

/// One place at which the frozen rules and those proposed differ.
#[derive(SimpleObject)]
#[graphql(name = "AmendmentChange")]
pub(crate) struct Differing {
    /// Where, as in the frozen JSON: `rules.plan.ranked.shares.0`. Amounts are in minor units there, marks in
    /// hundredths, shares in basis points.
    path: String,
    /// What stands there before; null where nothing does.
    before: Option<String>,
    /// What stands there after; null where nothing does.
    after: Option<String>,
}

impl From<Change> for Differing {
    fn from(change: Change) -> Self {
        Self { path: change.path, before: change.before, after: change.after }
    }
}

/// An amendment of the rules of a race.
pub(crate) struct Amendment(pub(crate) AmendmentView);

/// A change of frozen rules, by consent: it takes effect when every entry that rides has agreed to it or chosen to
/// leave; where one stays silent until `answerBy` it falls, and everything stays as it was.
#[Object]
impl Amendment {
    /// Its global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// The task.
    async fn task(&self, ctx: &Context<'_>) -> Result<Option<Task>> {
        Task::load(ctx, self.0.task).await
    }

    /// Who proposed it.
    async fn by(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        Person::load(ctx, self.0.by).await
    }

    /// Why.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// When.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }

    /// Until when it is answered; null where nobody had to be asked.
    async fn answer_by(&self) -> Option<DateTime> {
        self.0.answer_by.map(DateTime::from)
    }

    /// Where it stands.
    async fn state(&self) -> AmendmentState {
        self.0.state.into()
    }

    /// The version of the rules that it made, from 2 on; null unless it is in force.
    async fn version(&self) -> Option<u32> {
        self.0.version
    }

    /// When it took effect, fell or was taken back.
    async fn ended_at(&self) -> Option<DateTime> {
        self.0.ended_at.map(DateTime::from)
    }

    /// What it changes.
    async fn before(&self) -> AmendedTask {
        AmendedTask(self.0.before.clone())
    }

    /// Into what.
    async fn after(&self) -> AmendedTask {
        AmendedTask(self.0.after.clone())
    }

    /// Every place at which they differ, in the order of their paths.
    #[graphql(complexity = "crate::connection::list_cost(5, child_complexity)")]
    async fn changes(&self) -> Vec<Differing> {
        self.0.changes().into_iter().map(Differing::from).collect()
    }

    /// What each place gets before, when 1, 2, 3, … entries are placed.
    #[graphql(complexity = "Outlook::cost(entries, 0, child_complexity)")]
    async fn prospects_before(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 5, desc = "How far the table goes, up to 100 entries.")] entries: u8,
    ) -> Vec<Outlook> {
        self.table(ctx, &self.0.before, entries)
    }

    /// What each place gets after.
    #[graphql(complexity = "Outlook::cost(entries, 0, child_complexity)")]
    async fn prospects_after(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 5, desc = "How far the table goes, up to 100 entries.")] entries: u8,
    ) -> Vec<Outlook> {
        self.table(ctx, &self.0.after, entries)
    }

    /// How many entries are asked.
    async fn asked_count(&self) -> u32 {
        self.0.asked
    }

    /// How many of them have answered; how is told once it is in force.
    async fn answered_count(&self) -> u32 {
        self.0.answered
    }

    /// Which of them have not, for the poster and the auditor; empty for everybody else.
    #[graphql(complexity = "crate::connection::list_cost(3, child_complexity)")]
    async fn outstanding(&self, ctx: &Context<'_>) -> Result<Vec<Entry>> {
        let mut entries = Vec::with_capacity(self.0.outstanding.len());
        for id in &self.0.outstanding {
            entries.extend(open(ctx.market().entry(ctx.actor(), *id).await)?.map(Entry));
        }
        Ok(entries)
    }

    /// What each entry that leaves is paid at least.
    async fn start_prize(&self, ctx: &Context<'_>) -> TokenAmount {
        TokenAmount::of(ctx.market(), self.0.start)
    }

    /// The asker's entry that is asked; null where they have none.
    async fn viewer_entry(&self, ctx: &Context<'_>) -> Result<Option<Entry>> {
        match self.0.mine {
            Some((id, _)) => Ok(open(ctx.market().entry(ctx.actor(), id).await)?.map(Entry)),
            None => Ok(None),
        }
    }

    /// What that entry has answered.
    async fn viewer_answer(&self) -> Option<AmendmentAnswer> {
        self.0.mine.and_then(|(_, answer)| answer).map(AmendmentAnswer::from)
    }

    /// Whether the asker, as its captain, can answer now.
    async fn viewer_may_answer(&self) -> bool {
        self.0.may_answer
    }

    /// Whether the asker has said, before entering, that they ride under either.
    async fn viewer_accepted(&self) -> bool {
        self.0.accepted
    }

    /// The record that deposits what was proposed.
    async fn record(&self, ctx: &Context<'_>) -> Result<Option<Record>> {
        match self.0.record {
            Some(id) => Record::load(ctx, id).await,
            None => Ok(None),
        }
    }

    /// The record by which it took effect, with the digests of the rules before and after and the consents; or by which
    /// it ended otherwise.
    async fn end_record(&self, ctx: &Context<'_>) -> Result<Option<Record>> {
        match self.0.end_record {
            Some(id) => Record::load(ctx, id).await,
            None => Ok(None),
        }
    }
}

impl Amendment {
    fn table(&self, ctx: &Context<'_>, of: &Amended, entries: u8) -> Vec<Outlook> {
        let rows = prospect(&of.rules, self.0.bounty, u32::from(entries));
        rows.iter().map(|row| Outlook::of(ctx.market(), row, &[])).collect()
    }
}

/// What to amend, into what.
#[derive(InputObject)]
pub(crate) struct AmendmentContentInput {
    /// The global id of the task.
    task: ID,
    /// What is wanted and why, Markdown, all of it as it shall be.
    brief: String,
    /// What must hold for work to be accepted, Markdown, all of it as it shall be.
    #[graphql(default)]
    criteria: String,
    /// When the clock shall stop: not earlier than now agreed.
    closes_at: DateTime,
    /// The rules, all of them as they shall be.
    rules: RulesInput,
    /// Why, for everybody who sees the race, up to 2000 characters.
    reason: String,
    /// Until when it is answered: a day from now at least, and before the stage or the race ends. Null: three days, or
    /// less where that ends before.
    answer_by: Option<DateTime>,
}

impl AmendmentContentInput {
    fn read(self, form: &mut Form<'_>) -> ProposeAmendment {
        ProposeAmendment {
            task: form.id("task", &self.task),
            to: Amended {
                closes_at: form.moment("closes_at", &self.closes_at),
                rules: self.rules.read(form),
                brief: self.brief,
                criteria: self.criteria,
            },
            reason: self.reason,
            answer_by: self.answer_by.map(|at| form.moment("answer_by", &at)),
        }
    }
}

/// What to propose.
#[derive(InputObject)]
pub(crate) struct ProposeAmendmentInput {
    #[graphql(flatten)]
    content: AmendmentContentInput,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

/// Which amendment to answer, for which entry, and how.
#[derive(InputObject)]
pub(crate) struct AnswerAmendmentInput {
    /// The global id of the amendment.
    amendment: ID,
    /// The global id of the entry.
    entry: ID,
    /// What it says.
    answer: AmendmentAnswer,
}

/// Which amendment to take back.
#[derive(InputObject)]
pub(crate) struct WithdrawAmendmentInput {
    /// The global id of the amendment.
    amendment: ID,
}

/// Which amendment the asker has read.
#[derive(InputObject)]
pub(crate) struct AcceptAmendmentInput {
    /// The global id of the amendment.
    amendment: ID,
}

payloads! {
    /// What came of `proposeAmendment`.
    ProposeAmendmentPayload {
        /// The amendment: in force already where nobody rides.
        amendment: Amendment,
    }

    /// What came of `answerAmendment`.
    AnswerAmendmentPayload {
        /// The amendment: in force where that was the last answer that was missing.
        amendment: Amendment,
    }

    /// What came of `withdrawAmendment`.
    WithdrawAmendmentPayload {
        /// The amendment, taken back.
        amendment: Amendment,
    }

    /// What came of `acceptAmendment`.
    AcceptAmendmentPayload {
        /// The amendment.
        amendment: Amendment,
    }

    /// What proposing an amendment would bring up.
    AmendmentPreview {
        /// The amendment as it would be proposed; its id names nothing.
        amendment: Amendment,
    }
}

/// Questions about amendments.
#[derive(Default)]
pub(crate) struct AmendmentQuery;

#[Object]
impl AmendmentQuery {
    /// Tells what proposing this would bring up, with the same refusals, for the poster. Nothing is written.
    async fn amendment_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to amend, into what.")] input: AmendmentContentInput,
    ) -> Result<Option<AmendmentPreview>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let wanted = input.read(&mut form);
            let wanted = form.done(wanted)?;
            Ok((Amendment(ctx.market().preview_amendment(ctx.actor(), &wanted).await?),))
        })
        .await
    }
}

/// What can be done about amendments.
#[derive(Default)]
pub(crate) struct AmendmentMutation;

#[Object]
impl AmendmentMutation {
    /// Proposes to amend the rules of a running race, for its poster. Every captain is asked; where nobody rides it takes
    /// effect at once.
    async fn propose_amendment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to amend, into what.")] input: ProposeAmendmentInput,
    ) -> Result<Option<ProposeAmendmentPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let wanted = input.content.read(&mut form);
            let command = form.done(wanted)?;
            let key = IdempotencyKey::parse(&input.idempotency_key)?;
            let id = ctx.market().run_once(ctx.actor(), key, command).await?;
            Ok((seen(ctx, id).await?,))
        })
        .await
    }

    /// Answers an amendment for an entry, for its captain; the answer can be changed until it is decided.
    async fn answer_amendment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which amendment, for which entry, and how.")] input: AnswerAmendmentInput,
    ) -> Result<Option<AnswerAmendmentPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let amendment = form.id("amendment", &input.amendment);
            let entry = form.id("entry", &input.entry);
            let command = form.done(AnswerAmendment { amendment, entry, answer: input.answer.into() })?;
            ctx.market().run(ctx.actor(), command).await?;
            Ok((seen(ctx, amendment).await?,))
        })
        .await
    }

    /// Takes an amendment back that is open, for the poster.
    async fn withdraw_amendment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which amendment.")] input: WithdrawAmendmentInput,
    ) -> Result<Option<WithdrawAmendmentPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let amendment = form.id("amendment", &input.amendment);
            let command = form.done(WithdrawAmendment { amendment })?;
            ctx.market().run(ctx.actor(), command).await?;
            Ok((seen(ctx, amendment).await?,))
        })
        .await
    }

    /// Says that the asker has read an amendment that is open and rides under either rules: needed before `enterRace`
    /// while one is open, and the consent of the entry that follows.
    async fn accept_amendment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which amendment.")] input: AcceptAmendmentInput,
    ) -> Result<Option<AcceptAmendmentPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let amendment = form.id("amendment", &input.amendment);
            let command = form.done(AcceptAmendment { amendment })?;
            ctx.market().run(ctx.actor(), command).await?;
            Ok((seen(ctx, amendment).await?,))
        })
        .await
    }
}

async fn seen(ctx: &Context<'_>, id: AmendmentId) -> Result<Amendment> {
    ctx.market().amendment(ctx.actor(), id).await.map(Amendment)
}
