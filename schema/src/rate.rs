//! What a query costs, and what is left of the asker's allowance.
//!
//! Promises: the cost is known and charged before anything runs. Must never: keep the allowance itself;
//! the edge does.

use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};

use crate::scalar::{DateTime, Long};

/// The asker's allowance. Given as `Arc<dyn Meter>` in the data of the request.
pub trait Meter: Send + Sync + 'static {
    /// Takes `cost` from the allowance, or answers after how many seconds to try again.
    ///
    /// # Errors
    /// The seconds to wait, when too little is left.
    fn charge(&self, cost: u64) -> Result<(), u64>;

    /// How the allowance stands after the charge.
    fn standing(&self) -> RateLimit;
}

/// How an allowance stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// What this request cost.
    pub cost: u64,
    /// The most that can be saved up.
    pub limit: u64,
    /// What is left.
    pub remaining: u64,
    /// When the allowance is full again.
    pub reset_at: market::Moment,
}

/// How the asker's allowance of requests stands.
#[derive(SimpleObject)]
#[graphql(name = "RateLimit")]
struct RateLimitObject {
    /// What this request cost: one for every ten fields that the answer can have, lists counted by page size.
    cost: Long,
    /// The most that can be saved up.
    limit: Long,
    /// What is left after this request.
    remaining: Long,
    /// When the allowance is full again if nothing more is asked.
    reset_at: DateTime,
}

/// The question about the allowance.
#[derive(Default)]
pub(crate) struct RateQuery;

#[Object]
impl RateQuery {
    /// How the asker's allowance of requests stands; null where requests are not metered.
    async fn rate_limit(&self, ctx: &Context<'_>) -> Option<RateLimitObject> {
        ctx.data_opt::<Arc<dyn Meter>>().map(|meter| meter.standing().into())
    }
}

impl From<RateLimit> for RateLimitObject {
    fn from(state: RateLimit) -> Self {
        Self {
            cost: Long(state.cost),
            limit: Long(state.limit),
            remaining: Long(state.remaining),
            reset_at: state.reset_at.into(),
        }
    }
}
