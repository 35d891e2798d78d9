//! Other installations' logs: which are followed, and what of them is anchored here.
//!
//! Promises: what is shown was signed by the log's key and proved to continue what came before, when it was
//! anchored. Must never: ask another server anything.

use actix_web::web::Data;
use askama::Template;
use market::books::{AnchorCheckpoint, AnchorView, FollowLog, FollowedLogView};
use market::{Act, Market, Refusal};

use super::act::{ActPage, Ask, Field, is_sure};
use super::kit::{Fact, Link, key_of};
use crate::errors::{Answer, Failure};
use crate::format;
use crate::forms::{Form, Posted};
use crate::i18n::key;
use crate::visit::Visit;
use crate::{respond, urls};

/// Most anchors shown of a log.
const EACH: u64 = 20;

/// The page.
#[derive(Debug, Template)]
#[template(path = "ledger/anchors.html")]
pub struct AnchorsPage {
    /// The request.
    pub v: Visit,
    /// The logs, by name.
    pub logs: Vec<LogRow>,
    /// True if the asker may name a log.
    pub may_follow: bool,
    /// True if the asker may anchor.
    pub may_anchor: bool,
}

/// A log that is followed.
#[derive(Debug, Clone)]
pub struct LogRow {
    /// Its name, with the way there if it was told.
    pub origin: Link,
    /// Its public key.
    pub key: String,
    /// What is anchored, newest first.
    pub anchors: Vec<AnchorRow>,
}

/// A checkpoint that is anchored.
#[derive(Debug, Clone)]
pub struct AnchorRow {
    /// How many records the log had.
    pub size: String,
    /// The root over them.
    pub root: String,
    /// The record that anchors it: its place, or that it waits.
    pub record: Link,
    /// Its receipt, once it is sealed.
    pub receipt: Option<String>,
}

/// `GET /ledger/anchors`.
///
/// # Errors
/// Faults.
pub async fn show(v: Visit, market: Data<Market>) -> Answer {
    let logs = market.followed_logs(&v.actor, EACH).await?;
    let page = AnchorsPage {
        logs: logs.into_iter().map(|log| log_row(&v, log)).collect(),
        may_follow: v.may(Act::FollowLog),
        may_anchor: v.may(Act::AnchorCheckpoint),
        v,
    };
    Ok(respond::page(&page.v, &page))
}

fn log_row(v: &Visit, log: FollowedLogView) -> LogRow {
    let FollowedLogView { origin, verifier_key, url, anchors } = log;
    let anchors = anchors.into_iter().map(|anchor| anchor_row(v, &anchor)).collect();
    LogRow { origin: Link::new(origin, url), key: verifier_key, anchors }
}

fn anchor_row(v: &Visit, anchor: &AnchorView) -> AnchorRow {
    let name = match anchor.index {
        Some(index) => v.t1(key("record-no"), "index", index).into_owned(),
        None => v.t(key("record-waiting")).into_owned(),
    };
    AnchorRow {
        size: format::grouped(u128::from(anchor.size)),
        root: hex::encode(anchor.root),
        record: Link::new(name, urls::record(anchor.record)),
        receipt: anchor.index.map(|_| urls::receipt(anchor.record)),
    }
}

/// `GET /ledger/anchors/follow`.
///
/// # Errors
/// Not found, for everybody but admins.
pub async fn follow_ask(v: Visit, market: Data<Market>) -> Answer {
    only(&v, Act::FollowLog)?;
    Ok(follow_page(v, Form::default()).once(&market).answer())
}

/// `POST /ledger/anchors/follow`: `verifier_key`, `url`.
///
/// # Errors
/// Not found, for everybody but admins.
pub async fn follow(v: Visit, market: Data<Market>, Posted(mut form): Posted) -> Answer {
    only(&v, Act::FollowLog)?;
    let command =
        FollowLog { verifier_key: form.value("verifier_key").to_owned(), url: form.value("url").to_owned() };
    match market.run_once(&v.actor, key_of(&form)?, command).await {
        Ok(_) => Ok(respond::done(&urls::anchors(), key("done-followed"))),
        Err(refusal) => {
            form.forget("key");
            follow_page(v, form).once(&market).mend(refusal)
        }
    }
}

fn follow_page(v: Visit, form: Form) -> ActPage {
    let asks = vec![
        Ask::Text(Field::new(&v, "verifier_key", key("ledger-key"), key("follow-key-hint"))),
        Ask::Text(Field::new(&v, "url", key("follow-url"), key("follow-url-hint"))),
    ];
    page(v, form, (key("follow-title"), key("follow-lead")), asks, urls::log_follow())
}

/// `GET /ledger/anchors/new`.
///
/// # Errors
/// Not found, for who may not.
pub async fn anchor_ask(v: Visit, market: Data<Market>) -> Answer {
    only(&v, Act::AnchorCheckpoint)?;
    Ok(anchor_page(v, Form::default()).once(&market).answer())
}

/// `POST /ledger/anchors/new`: `checkpoint`, `proof`, and `sure` once spelled out.
///
/// # Errors
/// Not found, for who may not.
pub async fn anchor(v: Visit, market: Data<Market>, Posted(mut form): Posted) -> Answer {
    only(&v, Act::AnchorCheckpoint)?;
    let read = AnchorCheckpoint::read(form.value("checkpoint"), form.value("proof"));
    let (command, (origin, size, root)) =
        match read.and_then(|command| Ok((command.clone(), command.says()?))) {
            Ok(read) => read,
            Err(refusal) => return anchor_page(v, form).once(&market).mend(refusal),
        };
    if !is_sure(&form) {
        let facts = vec![
            Fact::new(v.t(key("ledger-origin")), origin),
            Fact::new(v.t(key("ledger-size")), format::grouped(u128::from(size))),
            Fact::new(v.t(key("ledger-root")), hex::encode(root)),
        ];
        let (lead, submit) = (v.t(key("anchor-sure")).into_owned(), v.t(key("anchor-title")).into_owned());
        return Ok(anchor_page(v, form).once(&market).spelled_out(facts, lead, submit).answer());
    }
    match market.run_once(&v.actor, key_of(&form)?, command).await {
        Ok(_) => Ok(respond::done(&urls::anchors(), key("done-anchored"))),
        Err(refusal) => {
            form.forget("key");
            anchor_page(v, form).once(&market).mend(refusal)
        }
    }
}

fn anchor_page(v: Visit, form: Form) -> ActPage {
    let asks = vec![
        Ask::Area(Field::new(&v, "checkpoint", key("anchor-checkpoint"), key("anchor-checkpoint-hint"))),
        Ask::Area(Field::new(&v, "proof", key("anchor-proof"), key("anchor-proof-hint"))),
    ];
    page(v, form, (key("anchor-title"), key("anchor-lead")), asks, urls::log_anchor())
}

fn only(v: &Visit, act: Act) -> Result<(), Failure> {
    if v.may(act) { Ok(()) } else { Err(Refusal::NotFound.into()) }
}

fn page(v: Visit, form: Form, said: (&'static str, &'static str), asks: Vec<Ask>, action: String) -> ActPage {
    let (title, lead) = said;
    ActPage {
        form,
        crumbs: vec![
            Link::new(v.t(key("nav-ledger")), urls::ledger()),
            Link::new(v.t(key("anchors-title")), urls::anchors()),
        ],
        title: v.t(title).into_owned(),
        lead: v.t(lead).into_owned(),
        facts: Vec::new(),
        asks,
        action,
        submit: v.t(key("go-on")).into_owned(),
        danger: false,
        sure: false,
        sign: None,
        v,
    }
}

#[cfg(test)]
pub(crate) fn samples() -> Vec<AnchorsPage> {
    let row = |size: &str, sealed: bool| AnchorRow {
        size: size.to_owned(),
        root: "cd".repeat(32),
        record: Link::new(if sealed { "No. 12" } else { "…" }, urls::record(12)),
        receipt: sealed.then(|| urls::receipt(12)),
    };
    let log = |origin: &str, anchors| LogRow {
        origin: Link::new(origin, "https://side.example/log"),
        key: "side.example/log+0011aabb+AQID".to_owned(),
        anchors,
    };
    let page = |v: &Visit, logs: Vec<LogRow>, may: bool| AnchorsPage {
        logs,
        may_follow: may,
        may_anchor: may,
        v: v.clone(),
    };
    crate::visit::samples::all()
        .into_iter()
        .flat_map(|v| {
            let full = vec![
                log("side.example/<log>", vec![row("900", false), row("12", true)]),
                log("new.example", vec![]),
            ];
            [page(&v, full, true), page(&v, Vec::new(), false)]
        })
        .collect()
}
