//! Tasks for programs that read along: an Atom feed of any list, and the map of the site for search engines.
//!
//! Promises: both hold what visitors may see, whoever asks. Must never: grow beyond a bound.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Data;
use askama::Template;
use market::task::TaskView;
use market::{Actor, Market, Page};

use super::kit::{Address, asked, listed, tokens};
use super::tasks::filter;
use crate::errors::{Answer, Failure};
use crate::forms::Form;
use crate::i18n::key;
use crate::urls::Base;
use crate::visit::Visit;
use crate::zone::Zone;
use crate::{markdown, urls};

/// Most entries of a feed.
const ENTRIES: u32 = 50;
/// Most challenges in the site's map.
const CHALLENGES: u64 = 2_000;

/// A feed (RFC 4287).
#[derive(Debug, Template)]
#[template(path = "tasks/feed.xml")]
struct Feed {
    v: Visit,
    title: String,
    own: String,
    page: String,
    updated: String,
    entries: Vec<FeedEntry>,
}

#[derive(Debug)]
struct FeedEntry {
    url: String,
    title: String,
    published: String,
    updated: String,
    summary: String,
    html: String,
}

/// The map (sitemaps.org 0.9).
#[derive(Debug, Template)]
#[template(path = "tasks/sitemap.xml")]
struct Map {
    pages: Vec<(String, Option<String>)>,
}

/// `GET /feed.atom`: open challenges, newest first.
///
/// # Errors
/// Faults.
pub async fn open(v: Visit, market: Data<Market>, base: Data<Base>) -> Answer {
    let form = Form::of([("show", "open"), ("state", "open")]);
    feed(v, &market, &base, &form, urls::feed()).await
}

/// `GET /tasks.atom`: the list of tasks by the same words in the address.
///
/// # Errors
/// Faults.
pub async fn list(v: Visit, market: Data<Market>, base: Data<Base>, address: Address) -> Answer {
    let form = asked(address);
    let own = ["show", "q", "state", "order"].map(|name| (name, form.value(name)));
    let own = urls::with_query(urls::tasks_feed(), &own);
    feed(v, &market, &base, &form, own).await
}

async fn feed(v: Visit, market: &Market, base: &Base, form: &Form, own: String) -> Answer {
    let v = Visit { actor: Actor::Visitor, zone: Zone::utc(), ..v };
    let page = Page { first: Some(ENTRIES), ..Page::default() };
    let listing = listed(market.tasks(&v.actor, &filter(&v, form), &page).await)?;
    let entries: Vec<FeedEntry> =
        listing.items.iter().map(|(_, task)| entry(&v, market, base, task)).collect();
    let updated = entries.iter().map(|entry| entry.updated.clone()).max();
    let feed = Feed {
        title: format!("{} · {}", v.t(key("tasks-title")), market.settings().house),
        page: base.of(&own.replacen(".atom", "", 1).replacen("/feed", "/tasks", 1)),
        own: base.of(&own),
        updated: updated.unwrap_or_else(|| v.now.rfc3339()),
        entries,
        v,
    };
    sent(&feed, "application/atom+xml; charset=utf-8", 300)
}

fn entry(v: &Visit, market: &Market, base: &Base, task: &TaskView) -> FeedEntry {
    let published = task.published_at.unwrap_or(task.created_at);
    let closes = v.when(task.closes_at);
    FeedEntry {
        url: base.of(&urls::task(&task.handle)),
        title: task.title.clone(),
        published: published.rfc3339(),
        updated: task.ended_at.unwrap_or(published).rfc3339(),
        summary: format!(
            "{} {} · {} {}",
            v.t(key("task-bounty")),
            tokens(market.asset(), task.bounty),
            v.t(key("clock-closes")),
            closes.exact,
        ),
        html: markdown::to_html(&task.brief),
    }
}

/// `GET /sitemap.xml`: the front, the list, and open challenges that run.
///
/// # Errors
/// Faults.
pub async fn map(market: Data<Market>, base: Data<Base>) -> Answer {
    let mut pages = vec![(base.of(&urls::front()), None), (base.of(&urls::tasks()), None)];
    let challenges = market.open_challenges(&Actor::Visitor, CHALLENGES).await?;
    pages.extend(
        challenges.iter().map(|(handle, since)| (base.of(&urls::task(handle)), Some(since.rfc3339()))),
    );
    sent(&Map { pages }, "application/xml; charset=utf-8", 3_600)
}

fn sent(template: &impl Template, kind: &'static str, seconds: u32) -> Answer {
    let text = template.render().map_err(|fault| Failure::Refused(market::Refusal::fault(fault)))?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, kind))
        .insert_header((header::CACHE_CONTROL, format!("public, max-age={seconds}")))
        .insert_header((header::VARY, "Accept-Language, Cookie"))
        .body(text))
}
