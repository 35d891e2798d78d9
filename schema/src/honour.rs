//! History and honours of persons and units.

use async_graphql::{Context, Enum, Object};
use market::honour::{HonourProof, HonourView, RideView};
use market::{Listing, Page, Result, WalletOwner};

use crate::connection::Connection;
use crate::entry::{Entry, EntryState};
use crate::part::PartOffer;
use crate::record::Record;
use crate::request::{Ask, open};
use crate::scalar::{DateTime, Score, TokenAmount};
use crate::task::Task;

/// In what role somebody rode.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "market::honour::RideRole")]
pub(crate) enum RideRole {
    /// Entered it.
    Captain,
    /// Rode in its crew.
    Crew,
    /// A unit that entered.
    Unit,
}

/// One race of somebody's.
pub(crate) struct Ride(RideView);

/// One race of a person or a unit, with role, share, place and prize.
#[Object]
impl Ride {
    /// The task.
    async fn task(&self, ctx: &Context<'_>) -> Result<Option<Task>> {
        Task::load(ctx, self.0.task).await
    }

    /// The entry.
    async fn entry(&self, ctx: &Context<'_>) -> Result<Option<Entry>> {
        Entry::load(ctx, self.0.entry).await
    }

    /// Where the entry stands.
    async fn state(&self) -> EntryState {
        self.0.state.into()
    }

    /// In what role they rode.
    async fn role(&self) -> RideRole {
        self.0.role.into()
    }

    /// Their share, in basis points: 10000 is all of it.
    async fn share(&self) -> u32 {
        self.0.share
    }

    /// The entry's place in the ruling that counts; null when not placed or not ruled.
    async fn place(&self) -> Option<u32> {
        self.0.place
    }

    /// How many entries share that place, itself included.
    async fn sharing(&self) -> u32 {
        self.0.sharing
    }

    /// The entry's score.
    async fn score(&self) -> Option<Score> {
        self.0.score.map(Score::from)
    }

    /// What the ruling gives the entry.
    async fn award(&self, ctx: &Context<'_>) -> Option<TokenAmount> {
        self.0.award.map(|amount| TokenAmount::of(ctx.market(), amount))
    }

    /// What they get of that by their share.
    async fn own_part(&self, ctx: &Context<'_>) -> Option<TokenAmount> {
        self.0.own.map(|amount| TokenAmount::of(ctx.market(), amount))
    }

    /// Whether the ruling is final and paid.
    async fn settled(&self) -> bool {
        self.0.settled
    }

    /// The ruling's record.
    async fn record(&self, ctx: &Context<'_>) -> Result<Option<Record>> {
        match self.0.record {
            Some(id) => Record::load(ctx, id).await,
            None => Ok(None),
        }
    }

    /// When the entry was made.
    async fn since(&self) -> DateTime {
        self.0.since.into()
    }

    /// Parts of the entry that were bought.
    #[graphql(complexity = "crate::connection::list_cost(2, child_complexity)")]
    async fn parts_bought(&self) -> Vec<PartOffer> {
        self.0.bought.iter().cloned().map(PartOffer).collect()
    }
}

impl From<RideView> for Ride {
    fn from(view: RideView) -> Self {
        Self(view)
    }
}

/// What somebody has earned a mention for.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "market::honour::HonourKind")]
pub(crate) enum HonourKind {
    /// First, alone.
    First,
    /// First in a dead heat.
    FirstShared,
    /// Second or third.
    Placed,
    /// Handed in by the end of a race that was settled.
    Finished,
    /// A part of an entry that did not win was bought.
    PartBought,
}

/// An honour.
pub(crate) struct Honour(HonourView);

/// An honour, how often it was earned, and what the newest stand on.
#[Object]
impl Honour {
    /// What for.
    async fn kind(&self) -> HonourKind {
        self.0.kind.into()
    }

    /// How often.
    async fn count(&self) -> u32 {
        self.0.count
    }

    /// What the newest of them stand on, up to 5.
    #[graphql(complexity = "crate::connection::list_cost(5, child_complexity)")]
    async fn newest(&self) -> Vec<Proof> {
        self.0.newest.iter().copied().map(Proof).collect()
    }
}

/// What an honour stands on.
pub(crate) struct Proof(HonourProof);

/// What an honour stands on.
#[Object(name = "HonourProof")]
impl Proof {
    /// The task.
    async fn task(&self, ctx: &Context<'_>) -> Result<Option<Task>> {
        Task::load(ctx, self.0.task).await
    }

    /// The entry.
    async fn entry(&self, ctx: &Context<'_>) -> Result<Option<Entry>> {
        Entry::load(ctx, self.0.entry).await
    }

    /// A ruling, what was handed in last, or a payout.
    async fn record(&self, ctx: &Context<'_>) -> Result<Option<Record>> {
        Record::load(ctx, self.0.record).await
    }
}

/// The races of somebody, or nothing where they are not open to the asker.
pub(crate) async fn rides(
    ctx: &Context<'_>,
    of: WalletOwner,
    page: Page,
) -> Result<Option<Connection<Ride>>> {
    let found: Option<Listing<RideView>> = open(ctx.market().rides(ctx.actor(), of, page).await)?;
    Ok(found.and_then(Connection::some))
}

/// The honours of somebody, none where they are not open to the asker.
pub(crate) async fn honours(ctx: &Context<'_>, of: WalletOwner) -> Result<Vec<Honour>> {
    let found = open(ctx.market().honours(ctx.actor(), of).await)?;
    Ok(found.unwrap_or_default().into_iter().map(Honour).collect())
}
