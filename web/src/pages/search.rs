//! Finding anything by one box: tasks, people, units, programmes, and records by their number.
//!
//! Promises: works as a plain form; what is looked for stands in the address. Must never: tell that something
//! is there which the reader may not see.

use actix_web::web::Data;
use askama::Template;
use market::Market;
use market::search::Found;

use super::kit::{Address, Link, asked};
use super::ledger::kind;
use super::tasks::TaskCard;
use crate::errors::Answer;
use crate::forms::Form;
use crate::i18n::key;
use crate::visit::Visit;
use crate::{respond, urls};

/// Most characters that are looked for.
const LONGEST: usize = 200;

/// The page.
#[derive(Debug, Template)]
#[template(path = "front/search.html")]
pub struct SearchPage {
    /// The request.
    pub v: Visit,
    /// What was typed.
    pub form: Form,
    /// Whether anything was looked for and nothing found.
    pub nothing: bool,
    /// Tasks.
    pub tasks: Vec<TaskCard>,
    /// People, units and programmes: each with its handle or slug.
    pub groups: Vec<Group>,
    /// The record: its kind's key and its page.
    pub record: Option<(&'static str, Link)>,
}

/// Things of one kind.
#[derive(Debug, Clone)]
pub struct Group {
    /// The key of their kind.
    pub title: &'static str,
    /// Each with what else it is known by.
    pub rows: Vec<(Link, String)>,
}

/// `GET /search`: `q`.
///
/// # Errors
/// Faults.
pub async fn show(v: Visit, market: Data<Market>, address: Address) -> Answer {
    let form = asked(address);
    let text: String = form.value("q").chars().take(LONGEST).collect();
    let found = market.search(&v.actor, &text).await?;
    let page = page(v, &market, form, &found);
    Ok(respond::page(&page.v, &page))
}

fn page(v: Visit, market: &Market, form: Form, found: &Found) -> SearchPage {
    let group = |title, rows: Vec<(Link, String)>| Group { title, rows };
    let groups = [
        group(
            key("search-people"),
            found
                .people
                .iter()
                .map(|one| (Link::new(&one.name, urls::person(&one.handle)), one.handle.clone()))
                .collect(),
        ),
        group(
            key("nav-units"),
            found
                .units
                .iter()
                .map(|one| (Link::new(&one.name, urls::unit(&one.slug)), one.slug.clone()))
                .collect(),
        ),
        group(
            key("nav-programmes"),
            found
                .programmes
                .iter()
                .map(|one| (Link::new(&one.name, urls::programme(&one.slug)), one.slug.clone()))
                .collect(),
        ),
    ];
    let named = |index: Option<u64>, id: String| index.map_or(id, |index| format!("#{index}"));
    SearchPage {
        nothing: !form.value("q").trim().is_empty() && found.is_empty(),
        tasks: found.tasks.iter().map(|task| TaskCard::new(&v, market.asset(), task)).collect(),
        groups: groups.into_iter().filter(|group| !group.rows.is_empty()).collect(),
        record: found.record.as_ref().map(|record| {
            let text = named(record.index, record.id.to_string());
            (kind(record.kind), Link::new(text, urls::record(record.id)))
        }),
        form,
        v,
    }
}

#[cfg(test)]
pub(crate) fn samples() -> Vec<SearchPage> {
    let full = |v: Visit| SearchPage {
        form: Form::of([("q", "\"red\" <b>")]),
        nothing: false,
        tasks: vec![super::tasks::samples::card(&v, "Cut the start-up time <b>")],
        groups: vec![Group {
            title: key("search-people"),
            rows: vec![(Link::new("Red & Co", urls::person("red")), "red".to_owned())],
        }],
        record: Some((key("kind-payout"), Link::new("#7", urls::record(7)))),
        v,
    };
    let empty = |v: Visit| SearchPage {
        form: Form::of([("q", "zzz")]),
        nothing: true,
        tasks: Vec::new(),
        groups: Vec::new(),
        record: None,
        v,
    };
    crate::visit::samples::all().into_iter().flat_map(|v| [full(v.clone()), empty(v)]).collect()
}
