//! Webhooks: other programs that are told what happens here.

use async_graphql::{Context, Enum, ID, InputObject, Object, Value};
use market::notice::Facts;
use market::webhook::{
    DeliveryView, DisableWebhook, RedeliverWebhook, RotateWebhook, WebhookOf, WebhookView,
};
use market::{Code, Problems, ProgrammeId, Result, UnitId, WebhookId};

use crate::convert::Form;
use crate::id::Global;
use crate::payload::payloads;
use crate::refusal::answer;
use crate::request::{Ask, open};
use crate::scalar::DateTime;

/// How an address does.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "market::webhook::WebhookState")]
pub(crate) enum WebhookState {
    /// It takes what it is sent, as far as is known.
    Active,
    /// A delivery was given up.
    Failing,
    /// Nothing is sent there any more.
    Disabled,
}

/// How a delivery does.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "market::webhook::DeliveryState")]
pub(crate) enum DeliveryState {
    /// It is to be sent, perhaps again.
    Waiting,
    /// It was taken.
    Delivered,
    /// It was given up.
    Failed,
}

/// An address that is told.
pub(crate) struct Webhook(WebhookView);

/// An address that is told of events by Standard Webhooks: signed, with ids and without texts.
#[Object]
impl Webhook {
    /// Its global id.
    async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// Where events go.
    async fn url(&self) -> &str {
        &self.0.url
    }

    /// How it does.
    async fn state(&self) -> WebhookState {
        self.0.state.into()
    }

    /// When it was added.
    async fn created_at(&self) -> DateTime {
        self.0.made_at.into()
    }

    /// What was, and is to be, sent there: the newest hundred.
    #[graphql(complexity = "crate::connection::list_cost(20, child_complexity)")]
    async fn deliveries(&self, ctx: &Context<'_>) -> Result<Vec<Delivery>> {
        let all = ctx.market().deliveries(ctx.actor(), self.0.id).await?;
        Ok(all.into_iter().map(Delivery).collect())
    }
}

/// One event for one address.
pub(crate) struct Delivery(DeliveryView);

/// One event for one address.
#[Object(name = "WebhookDelivery")]
impl Delivery {
    /// Its global id.
    async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// What the receiver sees as `webhook-id`: the same however often it is sent.
    async fn event(&self) -> String {
        self.0.event.to_string()
    }

    /// What happened, as `race.ruled`.
    async fn kind(&self) -> &str {
        self.0.kind.as_str()
    }

    /// When.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }

    /// How it does.
    async fn state(&self) -> DeliveryState {
        self.0.state.into()
    }

    /// How often it was sent.
    async fn attempts(&self) -> u32 {
        self.0.tries
    }

    /// When it is sent next.
    async fn due_at(&self) -> Option<DateTime> {
        self.0.due_at.map(DateTime::from)
    }

    /// What came back last: a status and the beginning of an answer, or why there was none.
    async fn answer(&self) -> Option<&str> {
        self.0.answer.as_deref()
    }
}

/// The facts of an event with global ids, as webhooks carry them.
pub fn global_facts(facts: &Facts) -> Value {
    let text = |id: ID| Value::String(id.0);
    let named = [
        ("task", facts.task.map(|id| text(id.global()))),
        ("entry", facts.entry.map(|id| text(id.global()))),
        ("person", facts.person.map(|id| text(id.global()))),
        ("unit", facts.unit.map(|id| text(id.global()))),
        ("programme", facts.programme.map(|id| text(id.global()))),
        ("until", facts.until.map(|at| Value::String(at.rfc3339()))),
        ("role", facts.role.map(|role| Value::String(role.as_str().to_owned()))),
    ];
    let present =
        named.into_iter().filter_map(|(name, value)| Some((async_graphql::Name::new(name), value?)));
    Value::Object(present.collect())
}

/// Whose events: a unit's, a programme's, or, without an id, the house's.
fn of(id: Option<&ID>) -> Result<WebhookOf, Code> {
    let Some(id) = id else { return Ok(WebhookOf::House) };
    let unit = UnitId::local(id).map(WebhookOf::Unit);
    unit.or_else(|| ProgrammeId::local(id).map(WebhookOf::Programme)).ok_or(Code::BadId)
}

/// The question about webhooks.
#[derive(Default)]
pub(crate) struct WebhookQuery;

#[Object]
impl WebhookQuery {
    /// The addresses that are told of the events of a unit, for its lead, of a programme, for its owner, or of the
    /// house, for admins; null for all others.
    #[graphql(complexity = "crate::connection::list_cost(20, child_complexity)")]
    async fn webhooks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id of the unit or programme; none for the house.")] of_group: Option<ID>,
    ) -> Result<Option<Vec<Webhook>>> {
        let Ok(of) = of(of_group.as_ref()) else { return Ok(None) };
        let all = open(ctx.market().webhooks(ctx.actor(), of).await)?;
        Ok(all.map(|all| all.into_iter().map(Webhook).collect()))
    }
}

/// Which address shall be told of what.
#[derive(InputObject)]
pub(crate) struct AddWebhookInput {
    /// The global id of the unit or programme; none for the house.
    of: Option<ID>,
    /// The address, which starts with `https://`: at most 500 characters.
    url: String,
}

/// Which address gets a new secret.
#[derive(InputObject)]
pub(crate) struct RotateWebhookInput {
    /// The global id of the webhook.
    webhook: ID,
}

/// Which address is told nothing any more.
#[derive(InputObject)]
pub(crate) struct DisableWebhookInput {
    /// The global id of the webhook.
    webhook: ID,
}

/// What to send once more.
#[derive(InputObject)]
pub(crate) struct RedeliverWebhookInput {
    /// The global id of the delivery.
    delivery: ID,
}

payloads! {
    /// What came of `addWebhook`.
    AddWebhookPayload {
        /// What signs deliveries: `whsec_` and base64. Shown this once.
        secret: String,
        /// The webhook.
        webhook: Webhook,
    }

    /// What came of `rotateWebhook`.
    RotateWebhookPayload {
        /// What signs deliveries from now on; the old secret signs beside it for a day. Shown this once.
        secret: String,
        /// The webhook.
        webhook: Webhook,
    }

    /// What came of `disableWebhook`.
    DisableWebhookPayload {
        /// The webhook.
        webhook: Webhook,
    }

    /// What came of `redeliverWebhook`.
    RedeliverWebhookPayload {
        /// The delivery that is sent once more, by its global id.
        delivery: ID,
    }
}

/// What can be done with webhooks.
#[derive(Default)]
pub(crate) struct WebhookMutation;

#[Object]
impl WebhookMutation {
    /// Adds an address that is told of events: for admins, leads of units and owners of programmes.
    async fn add_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which address, of what.")] input: AddWebhookInput,
    ) -> Result<Option<AddWebhookPayload>> {
        answer(async {
            ctx.signed_in()?;
            let mut problems = Problems::default();
            let whose = problems.keep("of", of(input.of.as_ref()));
            problems.done()?;
            let whose = whose.unwrap_or(WebhookOf::House);
            let made = ctx.market().add_webhook(ctx.actor(), whose, input.url).await?;
            Ok((made.secret.shown(), seen(ctx, made.id).await?))
        })
        .await
    }

    /// Gives an address a new secret.
    async fn rotate_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: RotateWebhookInput,
    ) -> Result<Option<RotateWebhookPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let webhook = form.id("webhook", &input.webhook);
            let made = ctx.market().run(ctx.actor(), form.done(RotateWebhook { webhook })?).await?;
            Ok((made.secret.shown(), seen(ctx, webhook).await?))
        })
        .await
    }

    /// Tells an address nothing any more.
    async fn disable_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: DisableWebhookInput,
    ) -> Result<Option<DisableWebhookPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let webhook = form.id("webhook", &input.webhook);
            ctx.market().run(ctx.actor(), form.done(DisableWebhook { webhook })?).await?;
            Ok((seen(ctx, webhook).await?,))
        })
        .await
    }

    /// Sends a delivery once more, under the same id.
    async fn redeliver_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: RedeliverWebhookInput,
    ) -> Result<Option<RedeliverWebhookPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let delivery = form.id("delivery", &input.delivery);
            ctx.market().run(ctx.actor(), form.done(RedeliverWebhook { delivery })?).await?;
            Ok((input.delivery,))
        })
        .await
    }
}

async fn seen(ctx: &Context<'_>, id: WebhookId) -> Result<Webhook> {
    ctx.market().webhook(ctx.actor(), id).await.map(Webhook)
}
