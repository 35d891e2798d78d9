//! Reading addresses and what was sent there.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::tables::{self, delivery, webhook};
use super::{DeliveryView, WebhookOf, WebhookView};
use crate::actor::Actor;
use crate::clock::Moment;
use crate::error::{Refusal, Result};
use crate::ids::{DeliveryId, EventId, PersonId, WebhookId};
use crate::market::Market;
use crate::policy::{Act, permit};
use crate::store::must;

/// Deliveries that are listed.
const LISTED: u64 = 100;

impl Market {
    /// The addresses that are told of somebody's events, newest first.
    ///
    /// # Errors
    /// Whatever the policy says.
    pub async fn webhooks(&self, asker: &Actor, of: WebhookOf) -> Result<Vec<WebhookView>> {
        if matches!(asker, Actor::Visitor) {
            return Err(Refusal::Unauthenticated);
        }
        let db = self.store().reads();
        permit(asker, Act::SeeWebhooks, &tables::facts(db, of).await?)?;
        let (of_kind, of_id) = tables::of_columns(of);
        let rows = webhook::Entity::find()
            .filter(webhook::Column::OfKind.eq(of_kind))
            .filter(webhook::Column::OfId.eq(of_id))
            .order_by_desc(webhook::Column::MadeAt)
            .order_by_desc(webhook::Column::Id)
            .all(db)
            .await?;
        rows.into_iter().map(view).collect()
    }

    /// One address.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when there is none, or it is not the asker's to see.
    pub async fn webhook(&self, asker: &Actor, id: WebhookId) -> Result<WebhookView> {
        if matches!(asker, Actor::Visitor) {
            return Err(Refusal::Unauthenticated);
        }
        let db = self.store().reads();
        let row = must(webhook::Entity::find_by_id(id.0).one(db).await?)?;
        permit(asker, Act::SeeWebhooks, &tables::facts(db, tables::of(&row)?).await?)?;
        view(row)
    }

    /// What was, and is to be, sent to an address: the newest hundred.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when there is no such address, or it is not the asker's to see.
    pub async fn deliveries(&self, asker: &Actor, id: WebhookId) -> Result<Vec<DeliveryView>> {
        self.webhook(asker, id).await?;
        let rows = delivery::Entity::find()
            .filter(delivery::Column::WebhookId.eq(id.0))
            .order_by_desc(delivery::Column::At)
            .order_by_desc(delivery::Column::Id)
            .limit(LISTED)
            .all(self.store().reads())
            .await?;
        rows.into_iter().map(delivery_view).collect()
    }
}

fn view(row: webhook::Model) -> Result<WebhookView> {
    Ok(WebhookView {
        id: WebhookId(row.id),
        of: tables::of(&row)?,
        state: row.state.parse()?,
        made_by: PersonId(row.made_by),
        made_at: Moment(row.made_at),
        url: row.url,
    })
}

fn delivery_view(row: delivery::Model) -> Result<DeliveryView> {
    Ok(DeliveryView {
        id: DeliveryId(row.id),
        event: EventId(row.event_id),
        kind: row.kind.parse()?,
        facts: serde_json::from_str(&row.facts)?,
        at: Moment(row.at),
        state: row.state.parse()?,
        tries: u32::try_from(row.tries).unwrap_or(u32::MAX),
        tried_at: row.tried_at.map(Moment),
        due_at: row.due_at.map(Moment),
        answer: row.answer,
    })
}
