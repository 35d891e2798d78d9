//! Tasks: what is wanted, under which rules, and where the task stands in its life.
//!
//! Promises: rules freeze when the task opens and their digest is on the ledger; the whole bounty is in
//! escrow before anyone can enter; the state that anybody sees and the state that commands decide by come
//! from one function, [`state_at`]. Must never: reopen a deadline, lower a prize, shorten a clock.

pub(crate) mod clockwork;
mod commands;
mod departed;
mod facts;
mod queries;
mod rules;
mod silence;
mod stages;
pub(crate) mod tables;
mod views;

use ledger::{Amount, RecordId};
use serde::{Deserialize, Serialize};

use crate::actor::names;
use crate::clock::Moment;
use crate::ids::{PersonId, ProgrammeId, TaskId, UnitId};

use crate::award::Terms;
pub use crate::award::{
    DeadHeat, Growth, PrizePlan, Prizes, Prospect, Score, StartPrize, Unreached, prospect,
};
use crate::board::MetricRules;
pub use crate::judging::{Combine, Criterion, Panel};
use crate::race::{CheckIn, EntryRules};
use crate::submission::EvidenceItem;
use crate::vote::VoteRules;
pub use clockwork::{EdgeKind, EdgeView};
pub use commands::{BoostTask, CancelTask, CreateTask, DeleteDraft, ExtendDeadline, PublishTask, UpdateTask};
pub use queries::{TaskFilter, TaskOrder};
pub(crate) use rules::{check_amended, check_running, state_at};
pub use silence::{Silence, SilenceDefault};
pub use stages::{Stage, StagePrizes};
pub(crate) use stages::{check_entering, check_submitting};
pub use views::{FundingView, TaskView};

pub(crate) use commands::{
    check_people, frozen_rules, input_of, locked, purse, refund_all, resolve_source, stop,
};
pub(crate) use facts::{facts, facts_of, loaded, visible, visible_among};
pub(crate) use queries::{in_scope, judged_by, open_races, running};

/// Who may see the task and join the race.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Members only.
    Internal,
    /// Outsiders too.
    Open,
}

names!(Visibility, Internal = "internal", Open = "open");

/// Where a task stands at a given instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    /// Being written; only its poster sees it.
    Draft,
    /// The race is running.
    Open,
    /// The clock has stopped; a ruling is due.
    Judging,
    /// Ruled; appeals are possible.
    Provisional,
    /// Paid.
    Settled,
    /// Called off by its poster; everything went back.
    Cancelled,
    /// Nobody handed in anything; everything went back.
    Expired,
}

names!(
    TaskState,
    Draft = "draft",
    Open = "open",
    Judging = "judging",
    Provisional = "provisional",
    Settled = "settled",
    Cancelled = "cancelled",
    Expired = "expired"
);

/// Where a bounty comes from, as the asker says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A programme that the asker may draw on.
    Programme(ProgrammeId),
    /// The asker's own wallet.
    Person,
    /// The wallet of a unit that the asker leads.
    Unit(UnitId),
}

/// Where a bounty came from, as anybody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskSource {
    /// A programme.
    Programme(ProgrammeId),
    /// A person's wallet.
    Person(PersonId),
    /// A unit's wallet.
    Unit(UnitId),
}

/// Who rules the race.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judging {
    /// The poster.
    Poster,
    /// Any one of these, who can't enter; the poster then has no say.
    Judges(Vec<PersonId>),
    /// The server, by measuring predictions against an answer key.
    Metric(MetricRules),
    /// People, by voting once the works are open.
    Vote(VoteRules),
    /// Several, who score by a rubric, each alone.
    Panel(Panel),
}

impl Judging {
    /// The judges that the rules name; nobody where the poster or the server judges.
    pub fn named(&self) -> &[PersonId] {
        match self {
            Self::Judges(judges) => judges,
            Self::Panel(panel) => &panel.judges,
            Self::Poster | Self::Metric(_) | Self::Vote(_) => &[],
        }
    }

    /// Whether the clock rules, and a person only once an appeal was upheld.
    pub fn by_clock(&self) -> bool {
        matches!(self, Self::Metric(_) | Self::Vote(_))
    }

    /// The panel, where one judges.
    pub fn panel(&self) -> Option<&Panel> {
        match self {
            Self::Panel(panel) => Some(panel),
            Self::Poster | Self::Judges(_) | Self::Metric(_) | Self::Vote(_) => None,
        }
    }
}

/// The rules of a race, frozen when the task opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// How the bounty becomes prizes.
    pub plan: PrizePlan,
    /// The least score that counts, if any.
    pub mark: Option<Score>,
    /// What a dead heat does.
    pub dead_heat: DeadHeat,
    /// What happens to prizes nobody reached.
    pub unreached: Unreached,
    /// Who rules.
    pub judging: Judging,
    /// Most entries that may run at once; none = no cap.
    pub max_lanes: Option<u32>,
    /// Most people in one crew, 1 to 50.
    pub max_crew: u32,
    /// Seconds between the ruling and the payout in which a crew can appeal, 0 to 90 days.
    pub appeal_seconds: u32,
    /// What each qualified entry gets for taking part, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<StartPrize>,
    /// What every version must bring along; empty = nothing in particular.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<EvidenceItem>,
    /// Deadlines for those who decide, and what follows when they stay silent; none = nobody is hurried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silence: Option<Silence>,
    /// When work is taken from on; none = from publishing on. Crews form before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens_at: Option<Moment>,
    /// Parts of the race with ends of their own, in order; what is left after them is the last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<Stage>,
    /// Seconds before each end in which nobody is shown how the others stand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freeze_seconds: Option<u32>,
    /// A part of the bounty by which the pot grows, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub growth: Option<Growth>,
    /// Who enters, and how long crews can change.
    #[serde(default, skip_serializing_if = "EntryRules::is_plain")]
    pub entry: EntryRules,
    /// How often a crew says that it is still at it, if it must.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_in: Option<CheckIn>,
    /// Whether a crew can open a version to the judges while the race runs, to be told what they think of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub feedback: bool,
    /// What was paid to entries that left on amendments; none = nothing. No poster writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub departed: Option<Amount>,
}

impl Rules {
    /// What settlement looks at.
    pub fn terms(&self) -> Terms<'_> {
        Terms {
            plan: &self.plan,
            mark: self.mark,
            dead_heat: self.dead_heat,
            unreached: self.unreached,
            start: self.start_left(),
            held: self.growth.as_ref().map_or(Amount::ZERO, |growth| growth.reserve),
        }
    }

    /// Whether every placed entry needs a score.
    pub fn asks_scores(&self) -> bool {
        self.mark.is_some() || self.plan.by_score() || self.plan.needs_mark()
    }
}

impl Default for Rules {
    /// Several prizes 60/25/15, dead heats share, what nobody reached goes back, the poster rules, three
    /// days for appeals: `design/market.md` gives the studies behind each.
    fn default() -> Self {
        Self {
            plan: PrizePlan::Ranked(Prizes::Shares(vec![6_000, 2_500, 1_500])),
            mark: None,
            dead_heat: DeadHeat::Split,
            unreached: Unreached::Refund,
            judging: Judging::Poster,
            max_lanes: None,
            max_crew: 8,
            appeal_seconds: 3 * 86_400,
            start: None,
            evidence: Vec::new(),
            silence: None,
            opens_at: None,
            stages: Vec::new(),
            freeze_seconds: None,
            growth: None,
            entry: EntryRules::default(),
            check_in: None,
            feedback: false,
            departed: None,
        }
    }
}

/// Everything that a poster writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskInput {
    /// One line, at most 120 characters.
    pub title: String,
    /// What is wanted and why: Markdown, at most 20,000 characters.
    pub brief: String,
    /// What must hold for work to be accepted: Markdown, at most 10,000 characters.
    pub criteria: String,
    /// Who may see it and join.
    pub visibility: Visibility,
    /// Where the bounty comes from.
    pub source: Source,
    /// The bounty.
    pub bounty: Amount,
    /// When the clock stops: at this instant it has stopped.
    pub closes_at: Moment,
    /// The rules.
    pub rules: Rules,
}

/// A task as the decisions need it.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    pub(crate) id: TaskId,
    pub(crate) handle: String,
    pub(crate) poster: PersonId,
    pub(crate) title: String,
    pub(crate) brief: String,
    pub(crate) criteria: String,
    pub(crate) rules: Rules,
    pub(crate) visibility: Visibility,
    pub(crate) source: TaskSource,
    pub(crate) bounty: Amount,
    pub(crate) stored: Stored,
    pub(crate) closes_at: Moment,
    pub(crate) created_at: Moment,
    pub(crate) published_at: Option<Moment>,
    pub(crate) appeals_until: Option<Moment>,
    pub(crate) ended_at: Option<Moment>,
    pub(crate) rules_record: Option<RecordId>,
    pub(crate) rules_digest: Option<ledger::Hash>,
    pub(crate) ruling: Option<crate::ids::RulingId>,
    /// Since when the ruling that is due waits; nothing until the clock has stopped the race.
    pub(crate) judging_since: Option<Moment>,
    /// When those who judge were reminded of it.
    pub(crate) reminded_at: Option<Moment>,
    /// When the decision passed on to the deputies.
    pub(crate) passed_at: Option<Moment>,
    /// How many stages the clock has ended.
    pub(crate) stages_ended: u32,
    /// How many stages have been cut.
    pub(crate) stages_done: u32,
    /// What stages have paid of the bounty.
    pub(crate) paid: Amount,
    /// How many events have released parts of the reserve.
    pub(crate) grown: u32,
}

/// The state that is written down; "judging" is not, for the clock alone makes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stored {
    Draft,
    Open,
    Provisional,
    Settled,
    Cancelled,
    Expired,
}

names!(
    Stored,
    Draft = "draft",
    Open = "open",
    Provisional = "provisional",
    Settled = "settled",
    Cancelled = "cancelled",
    Expired = "expired"
);

impl Task {
    /// The state at `now`.
    pub(crate) fn state(&self, now: Moment) -> TaskState {
        state_at(self.stored, self.closes_at, now)
    }
}
