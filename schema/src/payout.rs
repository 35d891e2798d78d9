//! Payouts and fundings: what left an escrow, and what went into it.

use async_graphql::{Context, Object};
use market::Result;
use market::award::{PayoutLine, PayoutView, RecentPayout};
use market::task::FundingView;

use crate::entry::Entry;
use crate::holder::Holder;
use crate::person::Person;
use crate::record::Record;
use crate::request::Ask;
use crate::scalar::{DateTime, TokenAmount};
use crate::task::Task;

/// A payout.
pub(crate) struct Payout(pub(crate) PayoutView);

/// One record that emptied an escrow, or part of it.
#[Object]
impl Payout {
    /// The record.
    async fn record(&self, ctx: &Context<'_>) -> Result<Option<Record>> {
        Record::load(ctx, self.0.record).await
    }

    /// When it was posted.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }

    /// Who got how much.
    #[graphql(complexity = "crate::connection::list_cost(8, child_complexity)")]
    async fn lines(&self) -> Vec<Paid> {
        self.0.lines.iter().cloned().map(Paid).collect()
    }
}

/// A line of a payout.
pub(crate) struct Paid(PayoutLine);

/// One credit of a payout or refund.
#[Object(name = "PayoutLine")]
impl Paid {
    /// Whose wallet or budget it went to.
    async fn to(&self, ctx: &Context<'_>) -> Result<Option<Holder>> {
        Holder::load(ctx, self.0.to).await
    }

    /// For which entry; null for a refund.
    async fn entry(&self, ctx: &Context<'_>) -> Result<Option<Entry>> {
        match self.0.entry {
            Some(id) => Entry::load(ctx, id).await,
            None => Ok(None),
        }
    }

    /// How much.
    async fn amount(&self, ctx: &Context<'_>) -> TokenAmount {
        TokenAmount::of(ctx.market(), self.0.amount)
    }

    /// Whether it went back to a funder.
    async fn refund(&self) -> bool {
        self.0.refund
    }
}

/// A funding.
pub(crate) struct Funding(pub(crate) FundingView);

/// Tokens that went into a task's escrow.
#[Object]
impl Funding {
    /// The wallet or budget that they came from.
    async fn source(&self, ctx: &Context<'_>) -> Result<Option<Holder>> {
        Holder::load(ctx, self.0.source).await
    }

    /// Who decided it.
    async fn funder(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        Person::load(ctx, self.0.funder).await
    }

    /// How much.
    async fn amount(&self, ctx: &Context<'_>) -> TokenAmount {
        TokenAmount::of(ctx.market(), self.0.amount)
    }

    /// When.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }

    /// The record that moved them.
    async fn record(&self, ctx: &Context<'_>) -> Result<Option<Record>> {
        Record::load(ctx, self.0.record).await
    }
}

/// A payout for the front page.
pub(crate) struct Recent(RecentPayout);

/// A race that paid lately.
#[Object(name = "RecentPayout")]
impl Recent {
    /// The task that paid.
    async fn task(&self) -> Task {
        Task(self.0.task.clone())
    }

    /// The payout's record.
    async fn record(&self, ctx: &Context<'_>) -> Result<Option<Record>> {
        Record::load(ctx, self.0.record).await
    }

    /// When.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }

    /// How much was paid in all.
    async fn total(&self, ctx: &Context<'_>) -> TokenAmount {
        TokenAmount::of(ctx.market(), self.0.total)
    }

    /// How many wallets were paid.
    async fn payees(&self) -> u32 {
        self.0.payees
    }
}

/// The most of them that one answer holds.
const MOST_RECENT: u32 = 50;

/// Questions about payouts.
#[derive(Default)]
pub(crate) struct PayoutQuery;

#[Object]
impl PayoutQuery {
    /// The races that paid last and that the asker may see, newest first.
    #[graphql(complexity = "crate::connection::list_cost(usize::from(limit), child_complexity)")]
    async fn recent_payouts(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 5, desc = "How many, up to 50.")] limit: u8,
    ) -> Result<Vec<Recent>> {
        let payouts = ctx.market().recent_payouts(ctx.actor(), u32::from(limit).min(MOST_RECENT)).await?;
        Ok(payouts.into_iter().map(Recent).collect())
    }
}
