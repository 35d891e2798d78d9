//! Stages: their rules as written and as answered, how they came out, and ruling one.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use market::award::stage_prospect;
use market::judging::{RuleStage, StageLineView, StageScore, StageView};
use market::task::{Rules, Stage, StagePrizes};
use market::{IdempotencyKey, Result};

use crate::convert::Form;
use crate::entry::Entry;
use crate::payload::payloads;
use crate::person::Person;
use crate::record::Record;
use crate::refusal::answer;
use crate::request::Ask;
use crate::rules::{Outlook, Plan, PrizePlanInput};
use crate::scalar::{DateTime, Score, TokenAmount};
use crate::task::Task;

/// Where a stage stands.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "market::judging::StageState")]
pub(crate) enum StageState {
    /// It has not begun.
    Coming,
    /// It runs.
    Running,
    /// It has ended, and its scores are due.
    Judging,
    /// It was cut.
    Done,
}

/// A stage of a race, with the rules that it belongs to.
pub(crate) struct RaceStage {
    pub(crate) view: StageView,
    pub(crate) rules: Rules,
}

/// A part of a race with an end of its own: the lanes below its cut are closed, and what it pays is paid at once.
#[Object(name = "Stage")]
impl RaceStage {
    /// Its number, from 1.
    async fn number(&self) -> u32 {
        self.view.no
    }

    /// What it is called.
    async fn name(&self) -> &str {
        &self.view.stage.name
    }

    /// Where it stands now.
    async fn state(&self) -> StageState {
        self.view.state.into()
    }

    /// When it ends: what comes at this instant belongs to the next.
    async fn ends_at(&self) -> DateTime {
        self.view.stage.ends_at.into()
    }

    /// Until when whoever judges may give its scores; then the clock cuts by those that there are.
    async fn judged_until(&self) -> DateTime {
        self.view.stage.judged_until().into()
    }

    /// The least score that counts in it; null for none.
    async fn mark(&self) -> Option<Score> {
        self.view.stage.mark.map(Score::from)
    }

    /// So many lanes go on at most, and all that tie on the line; null when it does not cut by place.
    async fn keep(&self) -> Option<u32> {
        self.view.stage.keep
    }

    /// Where fewer lanes meet the mark, the race stops here and what is left goes back; null for no gate.
    async fn gate(&self) -> Option<u32> {
        self.view.stage.gate
    }

    /// What is set aside of the bounty for it; null when it pays nothing.
    async fn pot(&self, ctx: &Context<'_>) -> Option<TokenAmount> {
        self.view.stage.prizes.as_ref().map(|prizes| TokenAmount::of(ctx.market(), prizes.pot))
    }

    /// How that becomes prizes.
    async fn plan(&self, ctx: &Context<'_>) -> Option<Plan> {
        self.view.stage.prizes.as_ref().map(|prizes| Plan::of(ctx.market(), &prizes.plan))
    }

    /// What each place of the stage gets when 1, 2, 3, … entries come in: what you get if you are cut here.
    #[graphql(complexity = "Outlook::cost(entries, 0, child_complexity)")]
    async fn prospects(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 5, desc = "How far the table goes, up to 100 entries.")] entries: u8,
    ) -> Vec<Outlook> {
        let table = stage_prospect(&self.rules, &self.view.stage, u32::from(entries));
        table.iter().map(|row| Outlook::of(ctx.market(), row, &[])).collect()
    }

    /// Who gave the scores; null before the cut, and where the clock cut.
    async fn by(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        match self.view.by {
            Some(by) => Person::load(ctx, by).await,
            None => Ok(None),
        }
    }

    /// The reasons for the whole, Markdown.
    async fn summary(&self) -> &str {
        &self.view.summary
    }

    /// When it was cut.
    async fn cut_at(&self) -> Option<DateTime> {
        self.view.cut_at.map(DateTime::from)
    }

    /// Whether the race stopped at its gate.
    async fn stopped(&self) -> bool {
        self.view.stopped
    }

    /// The record that deposits how it came out.
    async fn record(&self, ctx: &Context<'_>) -> Result<Option<Record>> {
        match self.view.record {
            Some(id) => Record::load(ctx, id).await,
            None => Ok(None),
        }
    }

    /// How it came out for each entry that ran, best place first; empty before the cut.
    #[graphql(complexity = "crate::connection::list_cost(6, child_complexity)")]
    async fn lines(&self) -> Vec<StageLine> {
        self.view.lines.iter().cloned().map(StageLine).collect()
    }
}

/// A line of a stage.
pub(crate) struct StageLine(StageLineView);

/// How a stage came out for one entry.
#[Object]
impl StageLine {
    /// The entry.
    async fn entry(&self, ctx: &Context<'_>) -> Result<Option<Entry>> {
        Entry::load(ctx, self.0.entry).await
    }

    /// Its place, dead heats sharing one; null without a score.
    async fn place(&self) -> Option<u32> {
        self.0.place
    }

    /// Its score.
    async fn score(&self) -> Option<Score> {
        self.0.score.map(Score::from)
    }

    /// What the stage paid it, for the whole crew.
    async fn award(&self, ctx: &Context<'_>) -> TokenAmount {
        TokenAmount::of(ctx.market(), self.0.award)
    }

    /// Whether it was closed there.
    async fn cut(&self) -> bool {
        self.0.cut
    }

    /// Why it has this score.
    async fn reason(&self) -> &str {
        &self.0.reason
    }
}

/// A stage's rules, frozen with those of the race.
#[derive(SimpleObject)]
#[graphql(name = "StageRules")]
pub(crate) struct StageRules {
    /// What it is called.
    name: String,
    /// When it ends.
    ends_at: DateTime,
    /// Seconds in which its scores are to be given.
    judge_seconds: u32,
    /// The least score that counts in it.
    mark: Option<Score>,
    /// So many lanes go on at most.
    keep: Option<u32>,
    /// Where fewer lanes meet the mark, the race stops.
    gate: Option<u32>,
}

impl From<&Stage> for StageRules {
    fn from(stage: &Stage) -> Self {
        Self {
            name: stage.name.clone(),
            ends_at: stage.ends_at.into(),
            judge_seconds: stage.judge_seconds,
            mark: stage.mark.map(Score::from),
            keep: stage.keep,
            gate: stage.gate,
        }
    }
}

/// A stage, as the poster writes it.
#[derive(InputObject)]
pub(crate) struct StageInput {
    /// What it is called, up to 60 characters.
    name: String,
    /// When it ends: after the one before and its time for scores, and before the deadline.
    ends_at: DateTime,
    /// Seconds in which whoever judges gives its scores, 0 to 2592000 (30 days); then the clock cuts by those that
    /// there are.
    #[graphql(default = 259_200)]
    judge_seconds: u32,
    /// The least score that counts in it, such as "60": lanes below do not go on. Null: none.
    mark: Option<Score>,
    /// So many lanes go on at most, 1 to 1000, and all that tie on the line. Null: it does not cut by place.
    keep: Option<u32>,
    /// Where fewer lanes meet the mark, the race stops and what is left goes back. Null: no gate.
    gate: Option<u32>,
    /// What it pays. Null: nothing.
    prizes: Option<StagePrizesInput>,
}

/// What a stage shall pay.
#[derive(InputObject)]
pub(crate) struct StagePrizesInput {
    /// What is set aside of the bounty; all stages must leave some of it for the end.
    pot: TokenAmount,
    /// How it becomes prizes, by the places of the stage.
    plan: PrizePlanInput,
}

impl StageInput {
    /// The stage, with problems noted on `rules.stages.N.…`.
    pub(crate) fn read(self, form: &mut Form<'_>, at: usize) -> Stage {
        let field = |part: &str| format!("rules.stages.{at}.{part}");
        Stage {
            ends_at: form.moment(&field("ends_at"), &self.ends_at),
            mark: form.score(&field("mark"), self.mark.as_ref()),
            prizes: self.prizes.map(|prizes| StagePrizes {
                pot: form.amount(&field("prizes.pot"), &prizes.pot),
                plan: prizes.plan.read(form),
            }),
            name: self.name,
            judge_seconds: self.judge_seconds,
            keep: self.keep,
            gate: self.gate,
        }
    }
}

/// The score of one entry in a stage.
#[derive(InputObject)]
pub(crate) struct StageScoreInput {
    /// The global id of the entry.
    entry: ID,
    /// Its score.
    score: Score,
    /// Why, up to 4,000 characters.
    reason: String,
}

/// Which stage to rule, and how.
#[derive(InputObject)]
pub(crate) struct RuleStageInput {
    /// The global id of the task.
    task: ID,
    /// The number of the stage that waits.
    stage: u32,
    /// The reasons for the whole, Markdown, up to 10,000 characters.
    #[graphql(default)]
    summary: String,
    /// One line for each entry that runs and handed in during the stage.
    lines: Vec<StageScoreInput>,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

payloads! {
    /// What came of `ruleStage`.
    RuleStagePayload {
        /// The task, with the stage cut.
        task: Task,
    }
}

/// What can be done by those who judge stages.
#[derive(Default)]
pub(crate) struct StageMutation;

#[Object]
impl StageMutation {
    /// Gives the scores of a stage that has ended, for those who judge the race: the lanes below its cut are closed
    /// and what it pays is paid at once.
    async fn rule_stage(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which stage, and how.")] input: RuleStageInput,
    ) -> Result<Option<RuleStagePayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let task = form.id("task", &input.task);
            let line = |(at, line): (usize, StageScoreInput), form: &mut Form<'_>| StageScore {
                entry: form.id(&format!("lines.{at}.entry"), &line.entry),
                score: form.score(&format!("lines.{at}.score"), Some(&line.score)).unwrap_or_default(),
                reason: line.reason,
            };
            let lines = input.lines.into_iter().enumerate().map(|each| line(each, &mut form)).collect();
            let command = RuleStage { task, stage: input.stage, summary: input.summary, lines };
            let command = form.done(command)?;
            let key = IdempotencyKey::parse(&input.idempotency_key)?;
            ctx.market().run_once(ctx.actor(), key, command).await?;
            Ok((Task::seen(ctx, task).await?,))
        })
        .await
    }
}
