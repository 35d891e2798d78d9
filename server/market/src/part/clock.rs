//! The clock's part: an offer that nobody answered lapses, and its price goes back.
//!
//! Promises: at its instant an offer can be accepted no more, whether or not the clock has come to it; each lapses
//! once, as of its instant, with any number of servers. Must never: act before the instant.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};

use super::OfferState;
use super::commands::{send_back, tell_buyer};
use super::tables::part_offer;
use crate::actor::Actor;
use crate::clock::Moment;
use crate::error::Result;
use crate::ids::{OfferId, TaskId};
use crate::market::Market;
use crate::notice::Kind;
use crate::policy::{Act, permit};
use crate::store::{Command, Scope, must};
use crate::task;

/// Offers looked at in one round; the next round comes at once while there are more.
const ROUND: u64 = 200;

/// Ends an offer whose time is over; answers whether it did.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LapseOffer {
    /// The offer.
    pub offer: OfferId,
}

impl Command for LapseOffer {
    type Output = bool;
    const ACT: Act = Act::KeepTime;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<bool> {
        let found = must(part_offer::Entity::find_by_id(self.offer.0).one(scope.txn).await?)?;
        let task = task::tables::lock(scope.txn, TaskId(found.task_id)).await?;
        let leave = permit(asker, Self::ACT, &task::facts(scope.txn, &task, scope.now).await?)?;
        // Read again under the lock: it may have been answered, or another server was quicker.
        let offer = must(part_offer::Entity::find_by_id(self.offer.0).one(scope.txn).await?)?;
        if offer.state != OfferState::Open.as_str() || scope.now.0 < offer.until {
            return Ok(false);
        }
        let scope = &Scope { now: Moment(offer.until), ..*scope };
        send_back(scope, &leave, &task, &offer, OfferState::Lapsed).await?;
        tell_buyer(scope, &leave, &offer, Kind::OfferLapsed).await?;
        Ok(true)
    }
}

impl Market {
    /// Ends every offer whose time is over by now; answers how many.
    pub(crate) async fn lapse_offers(&self) -> Result<usize> {
        let ids = part_offer::Entity::find()
            .select_only()
            .column(part_offer::Column::Id)
            .filter(part_offer::Column::State.eq(OfferState::Open.as_str()))
            .filter(part_offer::Column::Until.lte(self.now().0))
            .order_by_asc(part_offer::Column::Until)
            .order_by_asc(part_offer::Column::Id)
            .limit(ROUND)
            .into_tuple::<uuid::Uuid>()
            .all(self.store().reads())
            .await?;
        let mut done = 0;
        for id in ids {
            done += usize::from(self.run(&Actor::Clockwork, LapseOffer { offer: OfferId(id) }).await?);
        }
        Ok(done)
    }

    /// The next instant at which an offer lapses, if any is open.
    pub(crate) async fn next_offer_end(&self) -> Result<Option<Moment>> {
        let next = part_offer::Entity::find()
            .select_only()
            .column(part_offer::Column::Until)
            .filter(part_offer::Column::State.eq(OfferState::Open.as_str()))
            .order_by_asc(part_offer::Column::Until)
            .limit(1)
            .into_tuple::<i64>();
        Ok(next.one(self.store().reads()).await?.map(Moment))
    }
}
