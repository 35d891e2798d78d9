//! What the rules say about silence, what the clock did, and how somebody has decided.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use market::judging::DecidingRecord;
use market::task::{EdgeView, Silence};
use market::{Market, PersonId, Refusal, Result};

use crate::convert::Form;
use crate::person::Person;
use crate::scalar::DateTime;

/// What the clock does when nobody decides. Start prizes are paid in any case.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "market::task::SilenceDefault")]
pub(crate) enum SilenceDefault {
    /// Pays by the plan and the scores that there are; equally where there are none.
    PayByScores,
    /// Shares the pot equally among all that qualify.
    ShareEqually,
    /// Sends the pot back to the funders.
    Refund,
}

/// What the clock did with a task.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "market::task::EdgeKind")]
pub(crate) enum EdgeKind {
    /// Decided an amendment: its time for answers was over.
    Amend,
    /// Ended a stage: its scores were due.
    StageEnd,
    /// Cut a stage by the scores that there were.
    StageCut,
    /// Stopped the race.
    Close,
    /// Measured what was handed in against the answer key, and ruled.
    Measure,
    /// Came to the ruling of a panel: its sheets were due and enough were locked.
    Sheets,
    /// Ended a race in which nobody qualified any more.
    Expire,
    /// Reminded those who judge.
    Remind,
    /// Passed the ruling on to the deputies.
    PassOn,
    /// Executed the default of the rules.
    Default,
    /// Passed an appeal on to the deputies.
    AppealPassOn,
    /// Let the ruling stand against an appeal that nobody answered.
    AppealStands,
    /// Paid.
    Settle,
}

/// Something that the clock did with a task.
#[derive(SimpleObject)]
#[graphql(name = "ClockEdge")]
pub(crate) struct ClockEdge {
    /// What it did.
    kind: EdgeKind,
    /// When it was due: the instant as of which it was done.
    due_at: DateTime,
    /// When it was done: later, where no server ran.
    done_at: DateTime,
}

impl From<EdgeView> for ClockEdge {
    fn from(view: EdgeView) -> Self {
        Self { kind: view.kind.into(), due_at: view.due_at.into(), done_at: view.done_at.into() }
    }
}

/// What the rules say about silence.
pub(crate) struct SilenceRules(pub(crate) Silence);

/// Deadlines for those who decide, and what follows when they stay silent.
#[Object(name = "Silence")]
impl SilenceRules {
    /// Seconds after the stop at which those who judge are reminded, if they have not ruled.
    async fn first_answer_seconds(&self) -> u32 {
        self.0.first_answer_seconds
    }

    /// Seconds after the stop, or after an appeal was upheld, within which the ruling is due.
    async fn ruling_seconds(&self) -> u32 {
        self.0.ruling_seconds
    }

    /// Who decides after that; empty when the default follows at once.
    #[graphql(complexity = "crate::connection::list_cost(3, child_complexity)")]
    async fn deputies(&self, ctx: &Context<'_>) -> Result<Vec<Person>> {
        Person::load_many(ctx, &self.0.deputies).await
    }

    /// Seconds that the deputies have.
    async fn deputy_seconds(&self) -> u32 {
        self.0.deputy_seconds
    }

    /// What the clock does when nobody decides.
    async fn default(&self) -> SilenceDefault {
        self.0.default.into()
    }

    /// Seconds within which an appeal is to be answered; then the deputies may, and at last the ruling stands.
    async fn appeal_answer_seconds(&self) -> u32 {
        self.0.appeal_answer_seconds
    }
}

/// What the rules shall say about silence.
#[derive(InputObject)]
pub(crate) struct SilenceInput {
    /// Seconds after the stop at which those who judge are reminded, 0 to 7776000 (90 days).
    #[graphql(default = 604_800)]
    first_answer_seconds: u32,
    /// Seconds within which the ruling is due, 3600 to 7776000.
    #[graphql(default = 1_209_600)]
    ruling_seconds: u32,
    /// The global ids of up to 20 deputies, who decide after that; neither the poster nor judges. Empty: the default
    /// follows at once.
    #[graphql(default)]
    deputies: Vec<ID>,
    /// Seconds that the deputies have, 3600 to 7776000.
    #[graphql(default = 432_000)]
    deputy_seconds: u32,
    /// What the clock does when nobody decides.
    #[graphql(default_with = "SilenceDefault::PayByScores")]
    default: SilenceDefault,
    /// Seconds within which an appeal is to be answered, 3600 to 7776000.
    #[graphql(default = 432_000)]
    appeal_answer_seconds: u32,
}

impl SilenceInput {
    /// What was meant, with problems noted on `rules.silence.…`.
    pub(crate) fn read(self, form: &mut Form<'_>) -> Silence {
        Silence {
            first_answer_seconds: self.first_answer_seconds,
            ruling_seconds: self.ruling_seconds,
            deputies: form.ids("rules.silence.deputies", &self.deputies),
            deputy_seconds: self.deputy_seconds,
            default: self.default.into(),
            appeal_answer_seconds: self.appeal_answer_seconds,
        }
    }
}

/// How somebody has decided: counted from rulings and from what the clock had to do.
#[derive(SimpleObject)]
#[graphql(name = "DecidingRecord")]
pub(crate) struct Deciding {
    /// Rulings that they gave.
    ruled: u32,
    /// Those of them that had a deadline and came before it.
    in_time: u32,
    /// Those of them that had a deadline.
    with_deadline: u32,
    /// First answers that were due to them, where the rules set a deadline for it before that of the ruling.
    first_answers: u32,
    /// Those of them that came before the clock had to remind them.
    first_in_time: u32,
    /// How long the middle one of their rulings took, in seconds; null without any.
    median_seconds: Option<i32>,
    /// Decisions that passed on, or were executed by the clock, because they stayed silent.
    missed: u32,
    /// Decisions of theirs that are overdue now: until they are given, they can't publish another task.
    overdue: u32,
}

impl Deciding {
    /// The record of a person; null for an asker from outside.
    pub(crate) async fn of(ctx: &Context<'_>, market: &Market, person: PersonId) -> Result<Option<Self>> {
        use crate::request::Ask as _;
        match market.deciding_record(ctx.actor(), person).await {
            Ok(record) => Ok(Some(Self::from(record))),
            Err(Refusal::NotFound | Refusal::Unauthenticated) => Ok(None),
            Err(other) => Err(other),
        }
    }
}

impl From<DecidingRecord> for Deciding {
    fn from(record: DecidingRecord) -> Self {
        let DecidingRecord {
            ruled,
            in_time,
            with_deadline,
            first_answers,
            first_in_time,
            median_seconds,
            missed,
            overdue,
        } = record;
        let median_seconds = median_seconds.map(|seconds| i32::try_from(seconds).unwrap_or(i32::MAX));
        Self { ruled, in_time, with_deadline, first_answers, first_in_time, median_seconds, missed, overdue }
    }
}
