//! Every template, with every sample, in both languages.

use std::env;
use std::fs;

use askama::Template;

use super::*;
use crate::errors::{ErrorPage, StartingPage};
use crate::visit::samples;
use actix_web::http::StatusCode;

/// Renders all pages; with `SAIMA_PREVIEW` set to a folder, they are also left there to be looked at.
#[test]
fn every_page_renders_with_every_sample_and_breaks_no_rule() {
    let mut seen = 0;
    let mut check = |name: &str, pages: Vec<String>| {
        assert!(!pages.is_empty(), "{name} has no sample");
        for (at, html) in pages.iter().enumerate() {
            hold(name, html);
            preview(&format!("{name}-{at}"), html);
        }
        seen += pages.len();
    };
    check("front", rendered(front::samples()));
    check("tasks", rendered(tasks::samples::pages()));
    check("task", rendered(task::samples()));
    check("replay", rendered(replay::samples()));
    check("task-form", rendered(task_form::samples()));
    check("amendment", rendered(amend::samples()));
    check("templates", rendered(templates::samples()));
    check("act", rendered(act::samples()));
    check("key", rendered(board::samples::pages()));
    check("vote", rendered(vote::samples::pages()));
    check("enter", rendered(enter::samples()));
    check("entry", rendered(entry::samples::pages()));
    check("rule", rendered(rule::samples()));
    check("search", rendered(search::samples()));
    check("stage_rule", rendered(stage_rule::samples()));
    check("panel", rendered(panel::samples()));
    check("score", rendered(panel_sheet::samples()));
    check("work", rendered(work::samples()));
    check("wallet", rendered(wallet::samples::pages()));
    check("split", rendered(split::samples()));
    check("units", rendered(units::samples::lists()));
    check("unit", rendered(units::samples::pages()));
    check("programmes", rendered(programmes::samples::lists()));
    check("programme", rendered(programmes::samples::pages()));
    check("treasury", rendered(treasury::samples()));
    check("ledger", rendered(ledger::samples()));
    check("verify", rendered(verify::samples()));
    check("anchors", rendered(anchors::samples()));
    check("record", rendered(record::samples::pages()));
    check("insight", rendered(insight::samples::pages()));
    check("flow", rendered(flow::samples()));
    check("rides", rendered(rides::samples()));
    check("person", rendered(people::samples()));
    check("keys", rendered(keys::samples()));
    check("notices", rendered(notices::samples()));
    check("preferences", rendered(preferences::samples()));
    check("webhooks", rendered(webhooks::samples::lists()));
    check("webhook", rendered(webhooks::samples::pages()));
    check("unsubscribe", rendered(notices::unsubscribe_samples()));
    check("account", rendered(account::samples()));
    check("admin", rendered(admin::samples()));
    check("erasures", rendered(erasure::samples()));
    check("door", rendered(door::samples()));
    check("style", rendered(style::samples()));
    check("error", rendered(errors()));
    check("starting", rendered(vec![StartingPage::new()]));
    assert!(seen > 100, "{seen} pages");
}

fn errors() -> Vec<ErrorPage> {
    let statuses = [400, 401, 403, 404, 405, 409, 410, 413, 422, 429, 500, 503];
    samples::all()
        .into_iter()
        .flat_map(|v| {
            statuses
                .into_iter()
                .filter_map(|status| StatusCode::from_u16(status).ok())
                .map(move |status| {
                    let page = ErrorPage::new(v.clone(), status, None);
                    let number =
                        (status.as_u16() >= 500).then(|| "019aa8f6-0000-7000-8000-000000000007".into());
                    ErrorPage { back: Some("/tasks?q=a&page=2".to_owned()), number, ..page }
                })
                .collect::<Vec<_>>()
        })
        .collect()
}

fn rendered<T: Template>(pages: Vec<T>) -> Vec<String> {
    pages.into_iter().map(|page| page.render().unwrap_or_else(|fault| panic!("{fault}"))).collect()
}

/// What holds for every page, whatever it shows.
fn hold(name: &str, html: &str) {
    assert_eq!(html.matches("<h1").count(), 1, "{name}: one heading of the first order");
    assert_eq!(html.matches("<main").count(), 1, "{name}");
    for banned in ["<script>", " style=", "onclick=", "{{", "{%", "javascript:"] {
        assert!(!html.contains(banned), "{name}: {banned}");
    }
    for form in html.split("<form").skip(1) {
        let form = form.split("</form>").next().unwrap_or_default();
        let posts = form.contains(r#"method="post""#);
        assert!(!posts || form.contains(r#"name="csrf""#), "{name}: a form without its token: {form}");
    }
    ids_are_unique(name, html);
    described_exists(name, html);
}

fn ids_are_unique(name: &str, html: &str) {
    let mut ids: Vec<&str> = html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "{name}: an id twice in {ids:?}");
}

/// Labels, descriptions and links within the page lead somewhere.
fn described_exists(name: &str, html: &str) {
    for attribute in ["aria-describedby=\"", "aria-labelledby=\"", " for=\"", "href=\"#"] {
        for value in html.split(attribute).skip(1).filter_map(|rest| rest.split('"').next()) {
            for id in value.split_whitespace() {
                assert!(html.contains(&format!(" id=\"{id}\"")), "{name}: nothing has the id {id}");
            }
        }
    }
}

fn preview(name: &str, html: &str) {
    let Ok(folder) = env::var("SAIMA_PREVIEW") else { return };
    let html = html.replace("/static/saima", "static/saima").replace("/static/favicon", "static/favicon");
    let written = fs::create_dir_all(&folder).and_then(|()| fs::write(format!("{folder}/{name}.html"), html));
    assert!(written.is_ok(), "{folder}");
}
