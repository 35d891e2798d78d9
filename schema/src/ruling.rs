//! Rulings: the ranked result with its reasons, and ruling a race.

use async_graphql::{Context, ID, InputObject, Object};
use market::judging::{RuleRace, RulingLine, RulingLineView, RulingView};
use market::{IdempotencyKey, Refusal, Result, SignedIntent};

use crate::convert::Form;
use crate::entry::Entry;
use crate::id::Global;
use crate::key::SignedIntentInput;
use crate::payload::payloads;
use crate::person::Person;
use crate::record::Record;
use crate::refusal::answer;
use crate::request::Ask;
use crate::scalar::{DateTime, Score, TokenAmount};
use crate::task::Task;

/// A ruling.
pub(crate) struct Ruling(pub(crate) RulingView);

/// The ranked result of a race with its reasons; provisional until the appeal window closes.
#[Object]
impl Ruling {
    /// Its global id.
    async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// Its number, 1 for the first of its race.
    async fn version(&self) -> u32 {
        self.0.version
    }

    /// Who gave it; of a panel, who locked last; null where the clock executed the default of the rules.
    async fn by(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        match self.0.by {
            Some(by) => Person::load(ctx, by).await,
            None => Ok(None),
        }
    }

    /// Whether the clock gave it, because nobody ruled in time.
    async fn by_clock(&self) -> bool {
        self.0.by.is_none()
    }

    /// The panel that came to it, in the order in which they locked; empty where one person ruled.
    #[graphql(complexity = "crate::connection::list_cost(3, child_complexity)")]
    async fn panel(&self, ctx: &Context<'_>) -> Result<Vec<Person>> {
        Person::load_many(ctx, &self.0.panel).await
    }

    /// The reasons for the whole, Markdown; empty where the sheets of a panel say them.
    async fn summary(&self) -> &str {
        &self.0.summary
    }

    /// When it was given.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }

    /// The record that deposits it.
    async fn record(&self, ctx: &Context<'_>) -> Result<Option<Record>> {
        Record::load(ctx, self.0.record).await
    }

    /// One line for each entry that had submitted, best place first.
    #[graphql(complexity = "crate::connection::list_cost(6, child_complexity)")]
    async fn lines(&self) -> Vec<Line> {
        self.0.lines.iter().cloned().map(Line).collect()
    }

    /// What goes back to the funders under it.
    async fn refund(&self, ctx: &Context<'_>) -> TokenAmount {
        TokenAmount::of(ctx.market(), self.0.refund)
    }

    /// Whether it is the one that counts.
    async fn current(&self) -> bool {
        self.0.current
    }
}

/// A line of a ruling.
pub(crate) struct Line(RulingLineView);

/// What a ruling says of one entry.
#[Object(name = "RulingLine")]
impl Line {
    /// The entry.
    async fn entry(&self, ctx: &Context<'_>) -> Result<Option<Entry>> {
        Entry::load(ctx, self.0.entry).await
    }

    /// Its place, dead heats sharing one; null when it does not count.
    async fn place(&self) -> Option<u32> {
        self.0.place
    }

    /// Its score.
    async fn score(&self) -> Option<Score> {
        self.0.score.map(Score::from)
    }

    /// Why.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// What the prize plan gives it, for the whole crew, start prize included.
    async fn award(&self, ctx: &Context<'_>) -> TokenAmount {
        TokenAmount::of(ctx.market(), self.0.award)
    }

    /// How much of that is its start prize.
    async fn start(&self, ctx: &Context<'_>) -> TokenAmount {
        TokenAmount::of(ctx.market(), self.0.start)
    }
}

/// What to rule of one entry.
#[derive(InputObject)]
pub(crate) struct RulingLineInput {
    /// The global id of the entry.
    entry: ID,
    /// Its place from 1; the same number twice is a dead heat. Null: not placed.
    place: Option<u32>,
    /// Its score; needed where the rules have a mark.
    score: Option<Score>,
    /// Why, up to 4,000 characters.
    reason: String,
}

/// Which race to rule, and how.
#[derive(InputObject)]
pub(crate) struct RuleRaceInput {
    /// The global id of the task.
    task: ID,
    /// The reasons for the whole, Markdown, up to 10,000 characters.
    summary: String,
    /// One line for each entry that has submitted.
    lines: Vec<RulingLineInput>,
    /// Signed by a key of your own: what `ruleRaceIntent` says for this input.
    intent: Option<SignedIntentInput>,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

payloads! {
    /// What came of `ruleRace`.
    RuleRacePayload {
        /// The ruling.
        ruling: Ruling,
        /// The task, now provisional.
        task: Task,
    }
}

/// What can be done by those who judge.
#[derive(Default)]
pub(crate) struct RulingMutation;

#[Object]
impl RulingMutation {
    /// Rules a race whose clock has stopped, for its judges, or for the poster where the rules name none. Nothing is
    /// paid before the appeal window closes.
    async fn rule_race(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which race, and how.")] input: RuleRaceInput,
    ) -> Result<Option<RuleRacePayload>> {
        answer(async {
            let (command, signed, key) = input.read(Form::of(ctx)?)?;
            let task = command.task;
            let key = IdempotencyKey::parse(&key)?;
            let id = ctx.market().run_signed(ctx.actor(), key, command, signed).await?;
            let rulings = ctx.market().rulings(ctx.actor(), task).await?;
            let ruling = rulings.into_iter().find(|ruling| ruling.id == id).ok_or(Refusal::NotFound)?;
            Ok((Ruling(ruling), Task::seen(ctx, task).await?))
        })
        .await
    }
}

impl RuleRaceInput {
    /// The command, what was signed for it, and its name.
    pub(crate) fn read(self, mut form: Form<'_>) -> Result<(RuleRace, Option<SignedIntent>, String)> {
        let task = form.id("task", &self.task);
        let lines = self.lines.into_iter().enumerate().map(|(at, line)| line.read(&mut form, at)).collect();
        let signed = SignedIntentInput::read(self.intent, &mut form);
        form.done((RuleRace { task, summary: self.summary, lines }, signed, self.idempotency_key))
    }
}

impl RulingLineInput {
    fn read(self, form: &mut Form<'_>, at: usize) -> RulingLine {
        RulingLine {
            entry: form.id(&format!("lines.{at}.entry"), &self.entry),
            place: self.place,
            score: form.score(&format!("lines.{at}.score"), self.score.as_ref()),
            reason: self.reason,
        }
    }
}
