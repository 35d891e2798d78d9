//! The rules of a race: prize plan, mark, judges, appeals, as answered and as written.

use async_graphql::{Context, Enum, ID, InputObject, MaybeUndefined, Object, OneofObject, SimpleObject};
use market::race::{CheckIn, EntryRules};
use market::submission::{EvidenceItem, EvidenceKind};
use market::task::{Judging, PrizePlan, Prizes, Prospect, Rules, Silence, StartPrize, TaskView, prospect};
use market::{Amount, Code, Market, Refusal, Result};

use crate::board::{Measured, MetricRulesInput};
use crate::connection::list_cost;
use crate::convert::Form;
use crate::entry_rules::{CheckIns, CheckInsInput, EntryRulesInput, EntryRulesOf};
use crate::meter::{Growing, GrowthInput, MeteredInput};
use crate::panel::{PanelInput, PanelRules};
use crate::person::Person;
use crate::request::Ask;
use crate::scalar::{DateTime, Score, TokenAmount};
use crate::silence::{SilenceInput, SilenceRules};
use crate::stage::{StageInput, StageRules};
use crate::vote::{VoteRulesInput, Voting};

/// A crew of fifty, and the unit that they ride for.
const MOST_SHARES: usize = 51;

/// What happens when several entries come in on one place.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "market::task::DeadHeat")]
pub(crate) enum DeadHeat {
    /// They pool the prizes of the places that they take up and share them equally, as in racing.
    Split,
    /// Who handed in the last version earlier is placed before.
    Earliest,
}

/// What happens to prizes that nobody reached.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "market::task::Unreached")]
pub(crate) enum Unreached {
    /// Back to the funders, in proportion.
    Refund,
    /// To the placed entries, in proportion to their prizes.
    Share,
}

/// How a bounty becomes prizes. The pot is the bounty, boosts included, less the start pool.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PrizePlanKind {
    /// The first place gets the whole pot.
    WinnerTakesAll,
    /// Each place gets its share of the pot.
    RankedShares,
    /// Each place gets a fixed amount.
    RankedAmounts,
    /// Each of the first places that meet the mark gets the same amount.
    Threshold,
    /// The pot is shared by the points above the mark.
    Proportional,
    /// So much for each verified event of a placed entry.
    Metered,
}

/// How a bounty becomes prizes.
#[derive(SimpleObject)]
#[graphql(name = "PrizePlan")]
pub(crate) struct Plan {
    /// Which plan it is.
    kind: PrizePlanKind,
    /// With `RANKED_SHARES`: basis points of the pot (10000 is all of it), best place first; else empty.
    shares: Vec<u32>,
    /// With `RANKED_AMOUNTS`: the prizes, best place first; else empty.
    amounts: Vec<TokenAmount>,
    /// With `THRESHOLD`: how many places are paid.
    places: Option<u32>,
    /// With `THRESHOLD`: what each of them gets.
    prize: Option<TokenAmount>,
    /// With `PROPORTIONAL`: the most that one entry gets, in basis points of the pot; null for no cap.
    cap: Option<u32>,
    /// With `METERED`: what each event is paid.
    per_event: Option<TokenAmount>,
}

impl Plan {
    /// The plan, with amounts in text.
    pub(crate) fn of(market: &Market, plan: &PrizePlan) -> Self {
        let bare = |kind| Self {
            kind,
            shares: Vec::new(),
            amounts: Vec::new(),
            places: None,
            prize: None,
            cap: None,
            per_event: None,
        };
        match plan {
            PrizePlan::WinnerTakesAll => bare(PrizePlanKind::WinnerTakesAll),
            PrizePlan::Ranked(Prizes::Shares(shares)) => {
                Self { shares: shares.clone(), ..bare(PrizePlanKind::RankedShares) }
            }
            PrizePlan::Ranked(Prizes::Amounts(amounts)) => {
                Self { amounts: in_text(market, amounts), ..bare(PrizePlanKind::RankedAmounts) }
            }
            PrizePlan::Threshold { places, prize } => Self {
                places: Some(*places),
                prize: Some(TokenAmount::of(market, *prize)),
                ..bare(PrizePlanKind::Threshold)
            },
            PrizePlan::Proportional { cap } => Self { cap: *cap, ..bare(PrizePlanKind::Proportional) },
            PrizePlan::Metered { per_event } => {
                let per_event = Some(TokenAmount::of(market, *per_event));
                Self { per_event, ..bare(PrizePlanKind::Metered) }
            }
        }
    }
}

/// What each qualified entry gets for taking part: one that has handed in and is still in the race.
#[derive(SimpleObject)]
#[graphql(name = "StartPrize")]
pub(crate) struct Start {
    /// What each gets while the pool lasts.
    each: TokenAmount,
    /// What is set aside of the bounty. Too little for all is shared equally; what is left goes back.
    pool: TokenAmount,
}

/// How a piece of evidence is brought.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EvidenceAs {
    /// In words, up to 2000 characters.
    Words,
    /// By a link, `https://…` or `http://…`.
    Link,
    /// By a file.
    File,
}

/// One thing that every version must bring along.
#[derive(SimpleObject)]
#[graphql(name = "EvidenceItem")]
pub(crate) struct Evidence {
    /// What it is.
    title: String,
    /// How it is brought.
    kind: EvidenceAs,
    /// With `FILE`: what the file's name must fit; `*` stands for anything.
    file: Option<String>,
}

impl From<&EvidenceItem> for Evidence {
    fn from(item: &EvidenceItem) -> Self {
        let (kind, file) = match &item.asks {
            EvidenceKind::Words => (EvidenceAs::Words, None),
            EvidenceKind::Link => (EvidenceAs::Link, None),
            EvidenceKind::File(pattern) => (EvidenceAs::File, Some(pattern.clone())),
        };
        Self { title: item.title.clone(), kind, file }
    }
}

/// One thing that every version must bring along.
#[derive(InputObject)]
pub(crate) struct EvidenceItemInput {
    /// What it is, up to 120 characters.
    title: String,
    /// How it is brought.
    kind: EvidenceAs,
    /// With `FILE`: what the file's name must fit, such as `*.pdf`; `*` stands for anything, and for any file if
    /// nothing is given.
    file: Option<String>,
}

impl From<EvidenceItemInput> for EvidenceItem {
    fn from(item: EvidenceItemInput) -> Self {
        let asks = match item.kind {
            EvidenceAs::Words => EvidenceKind::Words,
            EvidenceAs::Link => EvidenceKind::Link,
            EvidenceAs::File => EvidenceKind::File(item.file.unwrap_or_else(|| "*".to_owned())),
        };
        Self { title: item.title, asks }
    }
}

/// The rules of a race.
pub(crate) struct RaceRules(pub(crate) Rules);

/// The rules of a race; frozen, with a digest on the ledger, from the moment the task opens.
#[Object(name = "Rules")]
impl RaceRules {
    /// How the bounty becomes prizes.
    async fn plan(&self, ctx: &Context<'_>) -> Plan {
        Plan::of(ctx.market(), &self.0.plan)
    }

    /// What each qualified entry gets for taking part; null when there is no start prize.
    async fn start(&self, ctx: &Context<'_>) -> Option<Start> {
        let in_text = |amount| TokenAmount::of(ctx.market(), amount);
        self.0.start.map(|start| Start { each: in_text(start.each), pool: in_text(start.pool) })
    }

    /// What every version must bring along; empty for nothing in particular.
    async fn evidence(&self) -> Vec<Evidence> {
        self.0.evidence.iter().map(Evidence::from).collect()
    }

    /// Whether every placed entry needs a score.
    async fn asks_scores(&self) -> bool {
        self.0.asks_scores()
    }

    /// The least score that counts; null when the rules ask for none.
    async fn mark(&self) -> Option<Score> {
        self.0.mark.map(Score::from)
    }

    /// What a dead heat does.
    async fn dead_heat(&self) -> DeadHeat {
        self.0.dead_heat.into()
    }

    /// What happens to prizes that nobody reached.
    async fn unreached(&self) -> Unreached {
        self.0.unreached.into()
    }

    /// The judges: of a panel all score, otherwise any one of them rules; empty when the poster or the server rules.
    #[graphql(complexity = "crate::connection::list_cost(3, child_complexity)")]
    async fn judges(&self, ctx: &Context<'_>) -> Result<Vec<Person>> {
        Person::load_many(ctx, self.0.judging.named()).await
    }

    /// Whether the poster rules.
    async fn judged_by_poster(&self) -> bool {
        self.0.judging == Judging::Poster
    }

    /// How the server measures; null when it does not.
    async fn metric(&self) -> Option<Measured> {
        match &self.0.judging {
            Judging::Metric(measured) => Some(measured.into()),
            _ => None,
        }
    }

    /// A part of the bounty by which the pot grows; null where it does not.
    async fn growth(&self, ctx: &Context<'_>) -> Option<Growing> {
        self.0.growth.as_ref().map(|growth| Growing::of(ctx.market(), growth))
    }

    /// How people vote; null where no vote decides.
    async fn vote(&self) -> Option<Voting> {
        match &self.0.judging {
            Judging::Vote(vote) => Some(Voting(vote.clone())),
            _ => None,
        }
    }

    /// How a panel judges; null where none does.
    async fn panel(&self) -> Option<PanelRules> {
        self.0.judging.panel().map(PanelRules::of)
    }

    /// Whether a crew can open a version to the judges while the race runs, to be told what they think of it.
    async fn feedback(&self) -> bool {
        self.0.feedback
    }

    /// The most entries; null for no cap.
    async fn max_lanes(&self) -> Option<u32> {
        self.0.max_lanes
    }

    /// The most people in one crew.
    async fn max_crew(&self) -> u32 {
        self.0.max_crew
    }

    /// How long after the ruling a crew can appeal, in seconds; the payout comes after it.
    async fn appeal_seconds(&self) -> u32 {
        self.0.appeal_seconds
    }

    /// When work is taken from on; null: from publishing on.
    async fn opens_at(&self) -> Option<DateTime> {
        self.0.opens_at.map(DateTime::from)
    }

    /// Parts of the race with ends of their own, in order; how they come out is told by the task.
    #[graphql(complexity = "crate::connection::list_cost(3, child_complexity)")]
    async fn stages(&self) -> Vec<StageRules> {
        self.0.stages.iter().map(StageRules::from).collect()
    }

    /// Seconds before each end in which nobody is shown how the others stand; null when the board never freezes.
    async fn freeze_seconds(&self) -> Option<u32> {
        self.0.freeze_seconds
    }

    /// Deadlines for those who decide, and what follows when they stay silent; null when nobody is hurried.
    async fn silence(&self) -> Option<SilenceRules> {
        self.0.silence.clone().map(SilenceRules)
    }

    /// How often a crew says that it is still at it; null when it need not.
    async fn check_in(&self) -> Option<CheckIns> {
        self.0.check_in.map(CheckIns::from)
    }

    /// What was paid, out of the start pool, to entries that left on amendments; null for nothing.
    async fn departed(&self, ctx: &Context<'_>) -> Option<TokenAmount> {
        self.0.departed.map(|amount| TokenAmount::of(ctx.market(), amount))
    }

    /// Who enters, and how long crews can change.
    async fn entry(&self) -> EntryRulesOf {
        EntryRulesOf(self.0.entry.clone())
    }
}

/// What the rules give when so many entries qualify and are placed.
#[derive(SimpleObject)]
#[graphql(name = "Prospect")]
pub(crate) struct Outlook {
    /// How many entries are placed, without a dead heat.
    placed: u32,
    /// What each gets in all, best place first.
    prizes: Vec<TokenAmount>,
    /// What each would get at least without a place: the start prize.
    start: TokenAmount,
    /// The scores that the row assumes, evenly from 100 down towards the mark, where scores decide what is
    /// paid; else empty.
    scores: Vec<Score>,
    /// What each of the crew gets on each place, by the shares asked about: for each place the unit's part
    /// first, if a unit entered, then the crew's in their order. Empty without shares.
    parts: Vec<Vec<TokenAmount>>,
    /// What goes back to the funders.
    refund: TokenAmount,
}

impl Outlook {
    /// The table for up to `entries` entries, with the parts of a crew with these shares, if any.
    ///
    /// # Errors
    /// When there are shares and they don't sum to the whole.
    pub(crate) fn table(market: &Market, task: &TaskView, entries: u8, shares: &[u32]) -> Result<Vec<Self>> {
        if shares.len() > MOST_SHARES {
            return Err(Refusal::on("shares", Code::TooManyItems { max: MOST_SHARES }));
        }
        let sum: u64 = shares.iter().map(|share| u64::from(*share)).sum();
        if !shares.is_empty() && sum != 10_000 {
            return Err(Refusal::on("shares", Code::BadShares { sum }));
        }
        let table = prospect(&task.rules, task.bounty, u32::from(entries));
        Ok(table.iter().map(|row| Self::of(market, row, shares)).collect())
    }

    /// A row of the table.
    pub(crate) fn of(market: &Market, prospect: &Prospect, shares: &[u32]) -> Self {
        let parts = if shares.is_empty() { Vec::new() } else { prospect.parts(shares) };
        Self {
            placed: prospect.placed,
            prizes: in_text(market, &prospect.prizes),
            start: TokenAmount::of(market, prospect.start),
            scores: prospect.scores.iter().copied().map(Score::from).collect(),
            parts: parts.iter().map(|parts| in_text(market, parts)).collect(),
            refund: TokenAmount::of(market, prospect.refund),
        }
    }

    /// What asking for a table costs: its rows, and a part for each share on each place of each row.
    pub(crate) fn cost(entries: u8, shares: usize, child: usize) -> usize {
        let entries = usize::from(entries).min(100);
        list_cost(entries, child.saturating_add(entries.saturating_mul(shares) / 10))
    }
}

fn in_text(market: &Market, amounts: &[Amount]) -> Vec<TokenAmount> {
    amounts.iter().map(|amount| TokenAmount::of(market, *amount)).collect()
}

/// How the bounty shall become prizes: exactly one of these. The pot is the bounty less the start pool.
#[derive(OneofObject)]
pub(crate) enum PrizePlanInput {
    /// True: the first place gets the whole pot.
    WinnerTakesAll(bool),
    /// Basis points of the pot, best place first: `[6000, 2500, 1500]` is 60, 25 and 15 %. At most 10000 together.
    RankedShares(Vec<u32>),
    /// Fixed prizes, best place first: `["600", "250", "150"]`. At most the pot together.
    RankedAmounts(Vec<TokenAmount>),
    /// The same for each of the first places that meet the mark, which the rules then need.
    Threshold(ThresholdInput),
    /// By the points above the mark, or above nought where there is none. Every placed entry needs a score.
    Proportional(ProportionalInput),
    /// So much for each verified event of a placed entry, until the pot is empty.
    Metered(MeteredInput),
}

/// The same prize for each of the first places that meet the mark.
#[derive(InputObject)]
pub(crate) struct ThresholdInput {
    /// How many places are paid, 1 to 100.
    places: u32,
    /// What each of them gets. All together are at most the pot.
    prize: TokenAmount,
}

/// The pot shared by the points above the mark.
#[derive(InputObject)]
pub(crate) struct ProportionalInput {
    /// The most that one entry gets, in basis points of the pot, 1 to 10000. Null: no cap.
    cap: Option<u32>,
}

/// What each qualified entry shall get for taking part.
#[derive(InputObject)]
pub(crate) struct StartPrizeInput {
    /// What each gets while the pool lasts.
    each: TokenAmount,
    /// What is set aside of the bounty: enough for one at least, less than the bounty.
    pool: TokenAmount,
}

/// The rules of a race, as its poster writes them.
#[derive(InputObject)]
pub(crate) struct RulesInput {
    /// How the bounty shall become prizes.
    plan: PrizePlanInput,
    /// What each qualified entry shall get for taking part. Null: nothing.
    start: Option<StartPrizeInput>,
    /// A part of the bounty by which the pot shall grow. Null: it does not.
    growth: Option<GrowthInput>,
    /// The least score that counts, such as "60"; every entry then needs a score. Null: none.
    mark: Option<Score>,
    /// What a dead heat does.
    #[graphql(default_with = "DeadHeat::Split")]
    dead_heat: DeadHeat,
    /// What happens to prizes that nobody reached.
    #[graphql(default_with = "Unreached::Refund")]
    unreached: Unreached,
    /// The global ids of up to 20 judges, any one of whom rules, unless they are a panel; they can't enter. Empty:
    /// the poster rules.
    #[graphql(default)]
    judges: Vec<ID>,
    /// How the server shall measure; then nobody judges. Null: it does not.
    metric: Option<MetricRulesInput>,
    /// How people shall vote; then nobody judges. Null: they do not.
    vote: Option<VoteRulesInput>,
    /// How the judges score as a panel. Null: they don't, any one of them rules.
    panel: Option<PanelInput>,
    /// Whether a crew can open a version to the judges while the race runs, to be told what they think of it.
    #[graphql(default)]
    feedback: bool,
    /// The most entries, 1 to 1000. Null: no cap.
    max_lanes: Option<u32>,
    /// The most people in one crew, 1 to 50.
    #[graphql(default = 8)]
    max_crew: u32,
    /// How long after the ruling a crew can appeal, in seconds, 0 to 7776000 (90 days).
    #[graphql(default = 259_200)]
    appeal_seconds: u32,
    /// What every version must bring along, up to 20 things.
    #[graphql(default)]
    evidence: Vec<EvidenceItemInput>,
    /// Deadlines for those who decide, and what follows when they stay silent. Left out: the usual ones, with nobody
    /// as deputy. Null: nobody is hurried.
    silence: MaybeUndefined<SilenceInput>,
    /// When work is taken from on; crews form before. Null: from publishing on.
    opens_at: Option<DateTime>,
    /// Parts of the race with ends of their own, in order, up to 8; what is left after them is the last.
    #[graphql(default)]
    stages: Vec<StageInput>,
    /// Seconds before each end in which nobody is shown how the others stand, 1 to 2592000. Null: never.
    freeze_seconds: Option<u32>,
    /// Who enters, and how long crews can change. Null: everybody who may see the race, until the clock stops.
    entry: Option<EntryRulesInput>,
    /// How often a crew shall say that it is still at it. Null: never.
    check_in: Option<CheckInsInput>,
}

impl RulesInput {
    /// The rules, with problems noted on `rules.…`.
    pub(crate) fn read(self, form: &mut Form<'_>) -> Rules {
        let judges = form.ids("rules.judges", &self.judges);
        let ways = [!judges.is_empty() || self.panel.is_some(), self.metric.is_some(), self.vote.is_some()];
        let twice = ways.into_iter().filter(|given| *given).count() > 1;
        form.check(twice, "rules.judges", Code::BadChoice);
        Rules {
            plan: self.plan.read(form),
            mark: form.score("rules.mark", self.mark.as_ref()),
            dead_heat: self.dead_heat.into(),
            unreached: self.unreached.into(),
            judging: match (self.metric, self.vote, self.panel) {
                (Some(metric), ..) => Judging::Metric(metric.read()),
                (None, Some(vote), _) => Judging::Vote(vote.read(form)),
                (None, None, Some(panel)) => Judging::Panel(panel.read(judges)),
                (None, None, None) if judges.is_empty() => Judging::Poster,
                (None, None, None) => Judging::Judges(judges),
            },
            max_lanes: self.max_lanes,
            max_crew: self.max_crew,
            appeal_seconds: self.appeal_seconds,
            entry: self.entry.map_or_else(EntryRules::default, |entry| entry.read(form)),
            check_in: self.check_in.map(CheckIn::from),
            feedback: self.feedback,
            start: self.start.map(|start| StartPrize {
                each: form.amount("rules.start.each", &start.each),
                pool: form.amount("rules.start.pool", &start.pool),
            }),
            evidence: self.evidence.into_iter().map(EvidenceItem::from).collect(),
            silence: match self.silence {
                MaybeUndefined::Undefined => Some(Silence::default()),
                MaybeUndefined::Null => None,
                MaybeUndefined::Value(silence) => Some(silence.read(form)),
            },
            opens_at: self.opens_at.map(|at| form.moment("rules.opens_at", &at)),
            stages: self.stages.into_iter().enumerate().map(|(at, stage)| stage.read(form, at)).collect(),
            freeze_seconds: self.freeze_seconds,
            growth: self.growth.map(|growth| growth.read(form)),
            departed: None,
        }
    }
}

impl PrizePlanInput {
    /// The plan, with problems noted on `rules.plan.…`.
    pub(crate) fn read(self, form: &mut Form<'_>) -> PrizePlan {
        match self {
            Self::WinnerTakesAll(meant) => {
                form.check(!meant, "rules.plan.winner_takes_all", Code::BadChoice);
                PrizePlan::WinnerTakesAll
            }
            Self::RankedShares(shares) => PrizePlan::Ranked(Prizes::Shares(shares)),
            Self::RankedAmounts(amounts) => {
                let field = |at| format!("rules.plan.ranked_amounts.{at}");
                let read = amounts.iter().enumerate().map(|(at, amount)| form.amount(&field(at), amount));
                PrizePlan::Ranked(Prizes::Amounts(read.collect()))
            }
            Self::Threshold(ThresholdInput { places, prize }) => {
                let prize = form.amount("rules.plan.threshold.prize", &prize);
                PrizePlan::Threshold { places, prize }
            }
            Self::Proportional(ProportionalInput { cap }) => PrizePlan::Proportional { cap },
            Self::Metered(MeteredInput { per_event }) => {
                PrizePlan::Metered { per_event: form.amount("rules.plan.metered.per_event", &per_event) }
            }
        }
    }
}
