//! Adding an address, giving it a new secret, ending it, and sending once more.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel as _, PaginatorTrait, QueryFilter};
use serde::{Deserialize, Serialize};

use super::tables::{self, delivery, webhook};
use super::{DeliveryState, Secret, WebhookOf, WebhookState};
use crate::actor::Actor;
use crate::error::{Code, Problems, Refusal, Result};
use crate::ids::{DeliveryId, WebhookId};
use crate::market::Market;
use crate::person::fresh;
use crate::policy::{Act, Permit, WebhookFacts, permit};
use crate::store::{Command, Scope, must};
use crate::text;

/// Most addresses of one kind that are told at once.
const MOST: usize = 20;
/// Most characters of an address.
const LONGEST: usize = 500;
/// Seconds that an old secret signs beside its successor.
const OVERLAP: i64 = 86_400;

/// An address and its secret, which is seen this once: it is not kept with the outcome of a command.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewSecret {
    /// The address's id.
    pub id: WebhookId,
    /// The secret.
    #[serde(skip, default = "none")]
    pub secret: Secret,
}

fn none() -> Secret {
    Secret(Vec::new())
}

/// Adds an address that is told. See [`Market::add_webhook`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AddWebhook {
    of: WebhookOf,
    url: String,
    plain: bool,
}

/// Gives an address a new secret; the old one signs beside it for a day.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RotateWebhook {
    /// Which.
    pub webhook: WebhookId,
}

/// Sends nothing to an address any more; what waits is given up.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DisableWebhook {
    /// Which.
    pub webhook: WebhookId,
}

/// Sends a delivery once more, under the same id.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RedeliverWebhook {
    /// Which.
    pub delivery: DeliveryId,
}

impl Market {
    /// Adds an address: `https`, or where the installation allows it, `http`. The secret is seen this once.
    ///
    /// # Errors
    /// Whatever the policy says; problems on `url`.
    pub async fn add_webhook(&self, asker: &Actor, of: WebhookOf, url: String) -> Result<NewSecret> {
        self.run(asker, AddWebhook { of, url, plain: self.has_plain_webhooks() }).await
    }
}

impl Command for AddWebhook {
    type Output = NewSecret;
    const ACT: Act = Act::AddWebhook;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<NewSecret> {
        let leave = leave(scope, asker, Self::ACT, self.of).await?;
        let mut problems = Problems::default();
        let url = text::line(&mut problems, "url", &self.url, LONGEST);
        problems.check(!url.is_empty() && !is_fine(&url, self.plain), "url", Code::BadWebhook);
        problems.done()?;
        let (of_kind, of_id) = tables::of_columns(self.of);
        let held = webhook::Entity::find()
            .filter(webhook::Column::OfKind.eq(of_kind))
            .filter(webhook::Column::OfId.eq(of_id))
            .filter(webhook::Column::State.ne(WebhookState::Disabled.as_str()));
        if held.count(scope.txn).await? >= MOST as u64 {
            return Err(Refusal::on("url", Code::TooManyItems { max: MOST }));
        }
        let secret = Secret(scope.ids.salt().to_vec());
        let id = WebhookId(scope.ids.id(scope.now));
        let row = webhook::Model {
            id: id.0,
            of_kind: of_kind.to_owned(),
            of_id,
            url,
            secret: secret.0.clone(),
            old_secret: None,
            old_until: None,
            state: WebhookState::Active.as_str().to_owned(),
            made_by: leave.by().ok_or(Refusal::Unauthenticated)?.0,
            made_at: scope.now.0,
        };
        webhook::Entity::insert(row.into_active_model()).exec_without_returning(scope.txn).await?;
        Ok(NewSecret { id, secret })
    }
}

impl Command for RotateWebhook {
    type Output = NewSecret;
    const ACT: Act = Act::RotateWebhook;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<NewSecret> {
        let row = held(scope, asker, Self::ACT, self.webhook).await?;
        if row.state == WebhookState::Disabled.as_str() {
            return Err(Refusal::because(Code::WebhookDisabled));
        }
        let secret = Secret(scope.ids.salt().to_vec());
        webhook::Entity::update_many()
            .col_expr(webhook::Column::Secret, Expr::value(secret.0.clone()))
            .col_expr(webhook::Column::OldSecret, Expr::value(row.secret))
            .col_expr(webhook::Column::OldUntil, Expr::value(scope.now.plus_seconds(OVERLAP).0))
            .filter(webhook::Column::Id.eq(row.id))
            .exec(scope.txn)
            .await?;
        Ok(NewSecret { id: self.webhook, secret })
    }
}

impl Command for DisableWebhook {
    type Output = ();
    const ACT: Act = Act::DisableWebhook;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        let row = held(scope, asker, Self::ACT, self.webhook).await?;
        disable(scope, row.id).await
    }
}

impl Command for RedeliverWebhook {
    type Output = ();
    const ACT: Act = Act::RedeliverWebhook;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        if matches!(asker, Actor::Visitor) {
            return Err(Refusal::Unauthenticated);
        }
        let row = must(delivery::Entity::find_by_id(self.delivery.0).one(scope.txn).await?)?;
        let hook = held(scope, asker, Self::ACT, WebhookId(row.webhook_id)).await?;
        if hook.state == WebhookState::Disabled.as_str() {
            return Err(Refusal::because(Code::WebhookDisabled));
        }
        delivery::Entity::update_many()
            .col_expr(delivery::Column::State, Expr::value(DeliveryState::Waiting.as_str()))
            .col_expr(delivery::Column::DueAt, Expr::value(scope.now.0))
            .col_expr(delivery::Column::Tries, Expr::value(0_i64))
            .filter(delivery::Column::Id.eq(row.id))
            .exec(scope.txn)
            .await?;
        Ok(())
    }
}

/// Ends an address: what waits for it is given up.
pub(super) async fn disable(scope: &Scope<'_>, id: uuid::Uuid) -> Result<()> {
    webhook::Entity::update_many()
        .col_expr(webhook::Column::State, Expr::value(WebhookState::Disabled.as_str()))
        .filter(webhook::Column::Id.eq(id))
        .exec(scope.txn)
        .await?;
    delivery::Entity::update_many()
        .col_expr(delivery::Column::State, Expr::value(DeliveryState::Failed.as_str()))
        .col_expr(delivery::Column::DueAt, Expr::value(None::<i64>))
        .filter(delivery::Column::WebhookId.eq(id))
        .filter(delivery::Column::DueAt.is_not_null())
        .exec(scope.txn)
        .await?;
    Ok(())
}

/// Leave to act, for the asker as they are at this moment.
async fn leave(scope: &Scope<'_>, asker: &Actor, act: Act, of: WebhookOf) -> Result<Permit<WebhookFacts>> {
    if matches!(asker, Actor::Visitor) {
        return Err(Refusal::Unauthenticated);
    }
    let facts = tables::facts(scope.txn, of).await?;
    permit(&fresh(scope.txn, asker).await?, act, &facts)
}

/// Reads and holds an address that the asker may act on.
async fn held(scope: &Scope<'_>, asker: &Actor, act: Act, id: WebhookId) -> Result<webhook::Model> {
    if matches!(asker, Actor::Visitor) {
        return Err(Refusal::Unauthenticated);
    }
    let row = tables::lock(scope.txn, id).await?;
    leave(scope, asker, act, tables::of(&row)?).await?;
    Ok(row)
}

/// Whether an address can be one: a scheme that is allowed, a host, no name or password before it. Where it
/// leads to is looked at each time that something is sent.
fn is_fine(url: &str, plain: bool) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://").filter(|_| plain));
    let Some(rest) = rest else { return false };
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    let printable = url.chars().all(|c| c.is_ascii_graphic() && !"\"<>\\^`{|}#".contains(c));
    printable && !host.is_empty() && !host.starts_with(':') && !host.contains('@')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_https_with_a_host_and_without_a_password() {
        for fine in ["https://a.example", "https://a.example:8443/in?x=1", "https://[2001:db8::1]/"] {
            assert!(is_fine(fine, false), "{fine}");
        }
        for bad in [
            "http://a.example",
            "https://",
            "https:///in",
            "https://:443/",
            "https://me:secret@a.example",
            "ftp://a.example",
            "https://a b",
            "https://a.example/#x",
            "https://例.example",
        ] {
            assert!(!is_fine(bad, false), "{bad}");
        }
        assert!(is_fine("http://127.0.0.1:9/in", true));
        assert!(!is_fine("file:///etc/passwd", true));
    }
}
