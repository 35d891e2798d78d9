//! Webhooks: which addresses are told of what, and what was sent there.
//!
//! Promises: a secret is shown in the answer that made it and never again. Must never: show what was sent
//! beyond its kind.

use actix_web::web::{Data, Path};
use askama::Template;
use market::notice::Kind;
use market::webhook::{
    DeliveryState, DeliveryView, DisableWebhook, RedeliverWebhook, RotateWebhook, WebhookOf, WebhookState,
    WebhookView,
};
use market::{DeliveryId, Market, Refusal, WebhookId};

use super::kit::{Address, Badge, Link, asked, id};
use crate::errors::{Answer, Failure};
use crate::format::When;
use crate::forms::{Form, Posted};
use crate::i18n::key;
use crate::visit::Visit;
use crate::{respond, urls};

/// The addresses of one group.
#[derive(Debug, Template)]
#[template(path = "people/webhooks.html")]
pub struct WebhooksPage {
    /// The request.
    pub v: Visit,
    /// What was typed; `of` says whose events.
    pub form: Form,
    /// Whose events, as a link.
    pub group: Link,
    /// The secret just made.
    pub secret: Option<String>,
    /// The addresses, newest first.
    pub hooks: Vec<HookRow>,
}

/// One address.
#[derive(Debug, Template)]
#[template(path = "people/webhook.html")]
pub struct WebhookPage {
    /// The request.
    pub v: Visit,
    /// What is wrong with what was asked.
    pub form: Form,
    /// The address.
    pub hook: HookRow,
    /// The secret just made.
    pub secret: Option<String>,
    /// Whether anything can be sent there.
    pub open: bool,
    /// Where the forms go: rotate, disable, redeliver.
    pub to: [String; 3],
    /// What was sent, newest first.
    pub deliveries: Vec<DeliveryRow>,
}

/// An address in a list.
#[derive(Debug, Clone)]
pub struct HookRow {
    /// The address, and where it is looked at.
    pub link: Link,
    /// How it does.
    pub badge: Badge,
    /// Since when it is told.
    pub since: When,
}

/// A delivery.
#[derive(Debug, Clone)]
pub struct DeliveryRow {
    /// Its id, for the form.
    pub id: String,
    /// What happened.
    pub kind: Kind,
    /// The id that the receiver sees.
    pub event: String,
    /// When.
    pub at: When,
    /// How it does.
    pub badge: Badge,
    /// How often it was sent.
    pub tries: u32,
    /// When it is sent next.
    pub due: Option<When>,
    /// What came back last.
    pub answer: Option<String>,
}

/// `GET /webhooks`: `of`, which is `house`, `unit:<slug>` or `programme:<slug>`.
///
/// # Errors
/// Not found, for whoever may not look after that group's addresses.
pub async fn list(v: Visit, market: Data<Market>, address: Address) -> Answer {
    let wanted = asked(address).given("of").unwrap_or("house").to_owned();
    let page = list_page(v, &market, Form::of([("of", wanted)]), None).await?;
    Ok(respond::page(&page.v, &page))
}

/// `POST /webhooks`: `of`, `url`. Answers with the secret, once.
///
/// # Errors
/// Not found, for whoever may not look after that group's addresses.
pub async fn add(v: Visit, market: Data<Market>, Posted(form): Posted) -> Answer {
    let (of, _) = group(&v, &market, form.value("of")).await?;
    match market.add_webhook(&v.actor, of, form.value("url").to_owned()).await {
        Ok(made) => {
            let bare = Form::of([("of", form.value("of"))]);
            let page = list_page(v, &market, bare, Some(made.secret.shown())).await?;
            Ok(respond::page(&page.v, &page))
        }
        Err(refusal) => {
            let form = form.mend(&v, refusal)?;
            let page = list_page(v, &market, form, None).await?;
            Ok(respond::form_again(&page.v, &page))
        }
    }
}

/// `GET /webhooks/{id}`.
///
/// # Errors
/// Not found, for whoever may not look after it.
pub async fn show(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let page = hook_page(v, &market, id(&path)?, Form::default(), None).await?;
    Ok(respond::page(&page.v, &page))
}

/// `POST /webhooks/{id}/rotate`. Answers with the new secret, once.
///
/// # Errors
/// Not found, for whoever may not look after it.
pub async fn rotate(v: Visit, market: Data<Market>, path: Path<String>, _: Posted) -> Answer {
    let webhook: WebhookId = id(&path)?;
    match market.run(&v.actor, RotateWebhook { webhook }).await {
        Ok(made) => {
            let secret = Some(made.secret.shown());
            let page = hook_page(v, &market, webhook, Form::default(), secret).await?;
            Ok(respond::page(&page.v, &page))
        }
        Err(refusal) => again(v, &market, webhook, refusal).await,
    }
}

/// `POST /webhooks/{id}/disable`.
///
/// # Errors
/// Not found, for whoever may not look after it.
pub async fn disable(v: Visit, market: Data<Market>, path: Path<String>, _: Posted) -> Answer {
    let webhook: WebhookId = id(&path)?;
    match market.run(&v.actor, DisableWebhook { webhook }).await {
        Ok(()) => Ok(respond::done(&urls::webhook(webhook), key("done-webhook-disabled"))),
        Err(refusal) => again(v, &market, webhook, refusal).await,
    }
}

/// `POST /webhooks/{id}/redeliver`: `delivery`, an id.
///
/// # Errors
/// Not found, for whoever may not look after it.
pub async fn redeliver(v: Visit, market: Data<Market>, path: Path<String>, Posted(form): Posted) -> Answer {
    let webhook: WebhookId = id(&path)?;
    let delivery: DeliveryId = id(form.value("delivery"))?;
    match market.run(&v.actor, RedeliverWebhook { delivery }).await {
        Ok(()) => Ok(respond::done(&urls::webhook(webhook), key("done-redelivered"))),
        Err(refusal) => again(v, &market, webhook, refusal).await,
    }
}

async fn again(v: Visit, market: &Market, webhook: WebhookId, refusal: Refusal) -> Answer {
    let form = Form::default().mend(&v, refusal)?;
    let page = hook_page(v, market, webhook, form, None).await?;
    Ok(respond::form_again(&page.v, &page))
}

/// The group that an address names, with a link to it.
async fn group(v: &Visit, market: &Market, of: &str) -> Result<(WebhookOf, Link), Failure> {
    Ok(match of.split_once(':') {
        None if of == "house" => {
            (WebhookOf::House, Link::new(market.settings().house.clone(), urls::front()))
        }
        Some(("unit", slug)) => {
            let unit = market.unit_by_slug(&v.actor, slug).await?;
            (WebhookOf::Unit(unit.id), Link::new(unit.name, urls::unit(unit.slug)))
        }
        Some(("programme", slug)) => {
            let programme = market.programme_by_slug(&v.actor, slug).await?;
            (WebhookOf::Programme(programme.id), Link::new(programme.name, urls::programme(programme.slug)))
        }
        _ => return Err(Refusal::NotFound.into()),
    })
}

async fn list_page(
    v: Visit,
    market: &Market,
    form: Form,
    secret: Option<String>,
) -> Result<WebhooksPage, Failure> {
    let (of, group) = group(&v, market, form.value("of")).await?;
    let hooks = market.webhooks(&v.actor, of).await?;
    Ok(WebhooksPage { hooks: hooks.iter().map(|hook| hook_row(&v, hook)).collect(), form, group, secret, v })
}

async fn hook_page(
    v: Visit,
    market: &Market,
    webhook: WebhookId,
    form: Form,
    secret: Option<String>,
) -> Result<WebhookPage, Failure> {
    let hook = market.webhook(&v.actor, webhook).await?;
    let deliveries = market.deliveries(&v.actor, webhook).await?;
    Ok(WebhookPage {
        open: hook.state != WebhookState::Disabled,
        hook: hook_row(&v, &hook),
        deliveries: deliveries.into_iter().map(|one| delivery_row(&v, one)).collect(),
        to: [urls::webhook_rotate(webhook), urls::webhook_disable(webhook), urls::webhook_redeliver(webhook)],
        form,
        secret,
        v,
    })
}

fn hook_row(v: &Visit, hook: &WebhookView) -> HookRow {
    let badge = match hook.state {
        WebhookState::Active => Badge { tone: "go", label: key("webhook-active") },
        WebhookState::Failing => Badge { tone: "bad", label: key("webhook-failing") },
        WebhookState::Disabled => Badge { tone: "", label: key("webhook-disabled") },
    };
    HookRow { link: Link::new(&hook.url, urls::webhook(hook.id)), badge, since: v.when(hook.made_at) }
}

fn delivery_row(v: &Visit, one: DeliveryView) -> DeliveryRow {
    let badge = match one.state {
        DeliveryState::Waiting => Badge { tone: "wait", label: key("delivery-waiting") },
        DeliveryState::Delivered => Badge { tone: "go", label: key("delivery-delivered") },
        DeliveryState::Failed => Badge { tone: "bad", label: key("delivery-failed") },
    };
    DeliveryRow {
        id: one.id.to_string(),
        kind: one.kind,
        event: one.event.to_string(),
        at: v.when(one.at),
        badge,
        tries: one.tries,
        due: one.due_at.map(|due| v.when(due)),
        answer: one.answer,
    }
}

#[cfg(test)]
pub(crate) mod samples {
    //! Pages to render.

    use super::*;

    fn hook(v: &Visit, label: &'static str) -> HookRow {
        HookRow {
            link: Link::new("https://hooks.example/in?<x>", urls::webhook("1")),
            badge: Badge { tone: "go", label },
            since: v.when(v.now.plus_seconds(-86_400)),
        }
    }

    pub(crate) fn lists() -> Vec<WebhooksPage> {
        let page = |v: Visit, full: bool| {
            let mut form = Form::of([("of", "unit:red"), ("url", "ftp://x")]);
            form.refuse("url", "Write an address that starts with https://.");
            WebhooksPage {
                form: if full { form } else { Form::of([("of", "house")]) },
                group: Link::new("Red <team>", urls::unit("red")),
                secret: full.then(|| "whsec_c2VjcmV0".to_owned()),
                hooks: if full { vec![hook(&v, key("webhook-active"))] } else { Vec::new() },
                v,
            }
        };
        let all = crate::visit::samples::all().into_iter();
        all.flat_map(|v| [page(v.clone(), true), page(v, false)]).collect()
    }

    pub(crate) fn pages() -> Vec<WebhookPage> {
        let page = |v: Visit, open: bool| {
            let row = |label, due: bool, answer: Option<&str>| DeliveryRow {
                id: "1".to_owned(),
                kind: Kind::RaceRuled,
                event: "0190".to_owned(),
                at: v.when(v.now),
                badge: Badge { tone: "wait", label },
                tries: 3,
                due: due.then(|| v.when(v.now.plus_seconds(60))),
                answer: answer.map(str::to_owned),
            };
            let deliveries = vec![
                row(key("delivery-waiting"), true, Some("500 <oops>")),
                row(key("delivery-delivered"), false, None),
            ];
            WebhookPage {
                form: Form::default(),
                hook: hook(&v, key("webhook-failing")),
                secret: open.then(|| "whsec_c2VjcmV0".to_owned()),
                open,
                to: [urls::webhook_rotate("1"), urls::webhook_disable("1"), urls::webhook_redeliver("1")],
                deliveries: if open { deliveries } else { Vec::new() },
                v,
            }
        };
        let all = crate::visit::samples::all().into_iter();
        all.flat_map(|v| [page(v.clone(), true), page(v, false)]).collect()
    }
}
