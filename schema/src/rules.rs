//! The rules of a race: prize plan, mark, judges, appeals, as answered and as written.

use async_graphql::{Context, Enum, ID, InputObject, Object, OneofObject, SimpleObject};
use market::task::{Judging, PrizePlan, Prizes, Prospect, Rules};
use market::{Amount, Code, Market, Result};

use crate::convert::Form;
use crate::person::Person;
use crate::request::Ask;
use crate::scalar::{Score, TokenAmount};

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

/// How a bounty becomes prizes.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PrizePlanKind {
    /// The first place gets the whole bounty.
    WinnerTakesAll,
    /// Each place gets its share of the bounty.
    RankedShares,
    /// Each place gets a fixed amount.
    RankedAmounts,
}

/// How a bounty becomes prizes.
#[derive(SimpleObject)]
#[graphql(name = "PrizePlan")]
pub(crate) struct Plan {
    /// Which plan it is.
    kind: PrizePlanKind,
    /// With `RANKED_SHARES`: basis points of the whole bounty (10000 is all of it), best place first; else empty.
    shares: Vec<u32>,
    /// With `RANKED_AMOUNTS`: the prizes, best place first; else empty.
    amounts: Vec<TokenAmount>,
}

impl Plan {
    fn of(market: &Market, plan: &PrizePlan) -> Self {
        let (kind, shares, amounts) = match plan {
            PrizePlan::WinnerTakesAll => (PrizePlanKind::WinnerTakesAll, Vec::new(), Vec::new()),
            PrizePlan::Ranked(Prizes::Shares(shares)) => {
                (PrizePlanKind::RankedShares, shares.clone(), Vec::new())
            }
            PrizePlan::Ranked(Prizes::Amounts(amounts)) => {
                (PrizePlanKind::RankedAmounts, Vec::new(), in_text(market, amounts))
            }
        };
        Self { kind, shares, amounts }
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

    /// The judges, any one of whom rules; empty when the poster rules.
    #[graphql(complexity = "crate::connection::list_cost(3, child_complexity)")]
    async fn judges(&self, ctx: &Context<'_>) -> Result<Vec<Person>> {
        match &self.0.judging {
            Judging::Poster => Ok(Vec::new()),
            Judging::Judges(judges) => Person::load_many(ctx, judges).await,
        }
    }

    /// Whether the poster rules.
    async fn judged_by_poster(&self) -> bool {
        self.0.judging == Judging::Poster
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
}

/// What the plan gives when so many entries are placed.
#[derive(SimpleObject)]
#[graphql(name = "Prospect")]
pub(crate) struct Outlook {
    /// How many entries are placed, without a dead heat.
    placed: u32,
    /// What each gets, best place first.
    prizes: Vec<TokenAmount>,
    /// What goes back to the funders.
    refund: TokenAmount,
}

impl Outlook {
    /// A row of the table.
    pub(crate) fn of(market: &Market, prospect: &Prospect) -> Self {
        Self {
            placed: prospect.placed,
            prizes: in_text(market, &prospect.prizes),
            refund: TokenAmount::of(market, prospect.refund),
        }
    }
}

fn in_text(market: &Market, amounts: &[Amount]) -> Vec<TokenAmount> {
    amounts.iter().map(|amount| TokenAmount::of(market, *amount)).collect()
}

/// How the bounty shall become prizes: exactly one of these.
#[derive(OneofObject)]
pub(crate) enum PrizePlanInput {
    /// True: the first place gets the whole bounty.
    WinnerTakesAll(bool),
    /// Basis points of the whole bounty, best place first: `[6000, 2500, 1500]` is 60, 25 and 15 %. At most 10000 together.
    RankedShares(Vec<u32>),
    /// Fixed prizes, best place first: `["600", "250", "150"]`. At most the bounty together.
    RankedAmounts(Vec<TokenAmount>),
}

/// The rules of a race, as its poster writes them.
#[derive(InputObject)]
pub(crate) struct RulesInput {
    /// How the bounty shall become prizes.
    plan: PrizePlanInput,
    /// The least score that counts, such as "60"; every entry then needs a score. Null: none.
    mark: Option<Score>,
    /// What a dead heat does.
    #[graphql(default_with = "DeadHeat::Split")]
    dead_heat: DeadHeat,
    /// What happens to prizes that nobody reached.
    #[graphql(default_with = "Unreached::Refund")]
    unreached: Unreached,
    /// The global ids of up to 20 judges, any one of whom rules; they can't enter. Empty: the poster rules.
    #[graphql(default)]
    judges: Vec<ID>,
    /// The most entries, 1 to 1000. Null: no cap.
    max_lanes: Option<u32>,
    /// The most people in one crew, 1 to 50.
    #[graphql(default = 8)]
    max_crew: u32,
    /// How long after the ruling a crew can appeal, in seconds, 0 to 7776000 (90 days).
    #[graphql(default = 259_200)]
    appeal_seconds: u32,
}

impl RulesInput {
    /// The rules, with problems noted on `rules.…`.
    pub(crate) fn read(self, form: &mut Form<'_>) -> Rules {
        let judges = form.ids("rules.judges", &self.judges);
        Rules {
            plan: self.plan.read(form),
            mark: form.score("rules.mark", self.mark.as_ref()),
            dead_heat: self.dead_heat.into(),
            unreached: self.unreached.into(),
            judging: if judges.is_empty() { Judging::Poster } else { Judging::Judges(judges) },
            max_lanes: self.max_lanes,
            max_crew: self.max_crew,
            appeal_seconds: self.appeal_seconds,
        }
    }
}

impl PrizePlanInput {
    fn read(self, form: &mut Form<'_>) -> PrizePlan {
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
        }
    }
}
