//! Insight: what bounties brought, a unit's profit and loss, the flow of a programme's funds.

use async_graphql::{Context, ID, Object};
use market::insight::{FlowBand, FlowView, InsightMonth, InsightView, LaneResult, RaceResult, UnitMonth};
use market::{Amount, Code, Moment, Refusal, Result};

use crate::id::Global;
use crate::request::Ask;
use crate::scalar::{DateTime, Long, TokenAmount};
use crate::task::Task;

/// What leaders are told.
pub(crate) struct Insight(InsightView);

/// What bounties brought and races cost, added up by the database.
#[Object]
impl Insight {
    /// The last 12 calendar months in UTC, oldest first, the running one last.
    #[graphql(complexity = "crate::connection::list_cost(12, child_complexity)")]
    async fn months(&self) -> Vec<Month> {
        self.0.months.iter().copied().map(Month).collect()
    }

    /// The newest races that were settled, up to 60, newest first.
    #[graphql(complexity = "crate::connection::list_cost(60, child_complexity)")]
    async fn races(&self) -> Vec<Outcome> {
        self.0.races.iter().copied().map(Outcome).collect()
    }

    /// Races settled in these months by how many lanes they had, fewest first.
    #[graphql(complexity = "crate::connection::list_cost(10, child_complexity)")]
    async fn lanes(&self) -> Vec<Lanes> {
        self.0.lanes.iter().copied().map(Lanes).collect()
    }
}

/// A month.
pub(crate) struct Month(InsightMonth);

/// The races that ended in a month.
#[Object(name = "InsightMonth")]
impl Month {
    /// When the month began.
    async fn from(&self) -> DateTime {
        self.0.from.into()
    }

    /// How many races ended.
    async fn ended(&self) -> u32 {
        self.0.ended
    }

    /// How many of those were settled.
    async fn settled(&self) -> u32 {
        self.0.settled
    }

    /// Their bounties together.
    async fn bounty(&self, ctx: &Context<'_>) -> TokenAmount {
        TokenAmount::of(ctx.market(), self.0.bounty)
    }

    /// What of those was paid.
    async fn paid(&self, ctx: &Context<'_>) -> TokenAmount {
        TokenAmount::of(ctx.market(), self.0.paid)
    }

    /// What of those went back to the funders.
    async fn returned(&self, ctx: &Context<'_>) -> TokenAmount {
        TokenAmount::of(ctx.market(), self.0.returned())
    }

    /// What was paid for parts of entries in that month.
    async fn parts(&self, ctx: &Context<'_>) -> TokenAmount {
        TokenAmount::of(ctx.market(), self.0.parts)
    }

    /// Seconds from publishing to the end, on average; null where no race ended.
    async fn seconds(&self) -> Option<Long> {
        self.0.seconds.map(Long)
    }

    /// Entries that ran in them.
    async fn entries(&self) -> u32 {
        self.0.entries
    }

    /// How often a decision was overdue.
    async fn overdue(&self) -> u32 {
        self.0.overdue
    }
}

/// A race and what it brought.
pub(crate) struct Outcome(RaceResult);

/// What one bounty brought.
#[Object(name = "RaceResult")]
impl Outcome {
    /// The task.
    async fn task(&self, ctx: &Context<'_>) -> Result<Option<Task>> {
        Task::load(ctx, self.0.task).await
    }

    /// Its bounty.
    async fn bounty(&self, ctx: &Context<'_>) -> TokenAmount {
        TokenAmount::of(ctx.market(), self.0.bounty)
    }

    /// What was paid of it.
    async fn paid(&self, ctx: &Context<'_>) -> TokenAmount {
        TokenAmount::of(ctx.market(), self.0.paid)
    }

    /// How many entries were ruled.
    async fn ruled(&self) -> u32 {
        self.0.ruled
    }

    /// How many were placed.
    async fn placed(&self) -> u32 {
        self.0.placed
    }

    /// The best score in hundredths of a point; null where no scores were given.
    async fn best(&self) -> Option<u32> {
        self.0.best
    }

    /// Seconds from publishing to the end.
    async fn seconds(&self) -> Option<Long> {
        self.0.seconds.map(Long)
    }
}

/// Races with so many lanes.
pub(crate) struct Lanes(LaneResult);

/// Races with so many lanes.
#[Object(name = "LaneResult")]
impl Lanes {
    /// How many entries ran.
    async fn lanes(&self) -> u32 {
        self.0.lanes
    }

    /// In how many races.
    async fn races(&self) -> u32 {
        self.0.races
    }

    /// Their best scores on average, in hundredths of a point; null where no scores were given.
    async fn best(&self) -> Option<u32> {
        self.0.best
    }
}

/// A month of a unit.
pub(crate) struct Profit(pub(crate) UnitMonth);

/// What came into a unit's wallet in a month and what left it.
#[Object(name = "UnitMonth")]
impl Profit {
    /// When the month began.
    async fn from(&self) -> DateTime {
        self.0.from.into()
    }

    /// Earned in races, and by parts of entries that were bought.
    async fn earned(&self, ctx: &Context<'_>) -> TokenAmount {
        TokenAmount::of(ctx.market(), self.0.earned)
    }

    /// Put into bounties and offers, less what came back, in minor units; below zero where more came back.
    async fn invested_minor(&self) -> String {
        self.0.invested.to_string()
    }

    /// Earned less invested, in minor units.
    async fn profit_minor(&self) -> String {
        self.0.profit().to_string()
    }

    /// Allocated by the treasury.
    async fn granted(&self, ctx: &Context<'_>) -> TokenAmount {
        TokenAmount::of(ctx.market(), self.0.granted)
    }

    /// Sent by others.
    async fn received(&self, ctx: &Context<'_>) -> TokenAmount {
        TokenAmount::of(ctx.market(), self.0.received)
    }

    /// Sent to others.
    async fn sent(&self, ctx: &Context<'_>) -> TokenAmount {
        TokenAmount::of(ctx.market(), self.0.sent)
    }

    /// By how much the balance changed, in minor units.
    async fn change_minor(&self) -> String {
        self.0.change().to_string()
    }
}

/// A flow of funds.
pub(crate) struct FundFlow(FlowView);

/// A programme's money from issue to use. As much leaves every place as came into it, or lies there still; what came
/// back to a funder never left.
#[Object]
impl FundFlow {
    /// As of when: what was posted before that instant.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }

    /// What the treasury has allocated.
    async fn allocated(&self, ctx: &Context<'_>) -> TokenAmount {
        written(ctx, self.0.allocated)
    }

    /// What is left in the budget.
    async fn left(&self, ctx: &Context<'_>) -> TokenAmount {
        written(ctx, self.0.left)
    }

    /// The tasks that got most, up to 8, then the others together.
    #[graphql(complexity = "crate::connection::list_cost(9, child_complexity)")]
    async fn tasks(&self) -> Vec<Through> {
        self.0.tasks.iter().cloned().map(Through).collect()
    }
}

/// What flows through tasks.
pub(crate) struct Through(FlowBand);

/// What flows through the escrow of a task, or of several together.
#[Object(name = "TaskFlow")]
impl Through {
    /// The task; null for the others together.
    async fn task(&self, ctx: &Context<'_>) -> Result<Option<Task>> {
        match self.0.task {
            Some(id) => Task::load(ctx, id).await,
            None => Ok(None),
        }
    }

    /// How many tasks it stands for.
    async fn tasks(&self) -> u32 {
        u32::try_from(self.0.tasks).unwrap_or(u32::MAX)
    }

    /// From the programme.
    async fn from_programme(&self, ctx: &Context<'_>) -> TokenAmount {
        written(ctx, self.0.flow.own)
    }

    /// From other funders.
    async fn from_others(&self, ctx: &Context<'_>) -> TokenAmount {
        written(ctx, self.0.flow.others)
    }

    /// Paid to persons.
    async fn to_persons(&self, ctx: &Context<'_>) -> TokenAmount {
        written(ctx, self.0.flow.persons)
    }

    /// Paid to units.
    async fn to_units(&self, ctx: &Context<'_>) -> TokenAmount {
        written(ctx, self.0.flow.units)
    }

    /// What still lies in escrow.
    async fn locked(&self, ctx: &Context<'_>) -> TokenAmount {
        written(ctx, self.0.flow.locked())
    }
}

fn written(ctx: &Context<'_>, minor: u64) -> TokenAmount {
    TokenAmount::of(ctx.market(), Amount::new(minor).unwrap_or(Amount::MAX))
}

/// Questions about all races together.
#[derive(Default)]
pub(crate) struct InsightQuery;

#[Object]
impl InsightQuery {
    /// What bounties brought and races cost, for managers, treasurers and auditors.
    #[graphql(complexity = "20 + child_complexity")]
    async fn insight(&self, ctx: &Context<'_>) -> Result<Option<Insight>> {
        ctx.market().insight(ctx.actor()).await.map(|view| Some(Insight(view)))
    }

    /// The flow of a programme's funds, for members.
    #[graphql(complexity = "20 + child_complexity")]
    async fn fund_flow(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id of the programme.")] programme: ID,
        #[graphql(desc = "What was posted before this instant; all until now if none is given.")] at: Option<
            DateTime,
        >,
    ) -> Result<Option<FundFlow>> {
        let id = Global::local(&programme).ok_or(Refusal::NotFound)?;
        let at = match at {
            Some(text) => Moment::parse_rfc3339(&text.0).ok_or_else(|| Refusal::on("at", Code::BadTime))?,
            None => Moment(i64::MAX),
        };
        ctx.market().flow(ctx.actor(), id, at).await.map(|view| Some(FundFlow(view)))
    }
}
