//! What a poster or a funder does to a task: publish, add to the bounty, move the deadline, call off.
//!
//! Promises: each is spelled out in numbers before it is done. Must never: decide whether it may be done.

use actix_web::web::{Data, Path};
use market::task::{BoostTask, CancelTask, DeleteDraft, ExtendDeadline, PublishTask, TaskView};
use market::{Act, Market, Refusal};

use super::act::{ActPage, Ask, Field, is_sure};
use super::kit::{Fact, Link, amount, key_of, name, time, time_typed, tokens};
use super::names::Wanted;
use super::task_input::{source, sources};
use crate::errors::{Answer, Failure};
use crate::forms::{Form, Posted};
use crate::i18n::key;
use crate::visit::Visit;
use crate::{respond, urls};

/// `GET /tasks/{handle}/publish`: what moves from where.
///
/// # Errors
/// Not found, unless it is the asker's to publish.
pub async fn publish_ask(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let task = mine(&v, &market, &path, Act::PublishTask).await?;
    Ok(publish_page(v, &market, &task, Form::default()).await?.once(&market).answer())
}

/// `POST /tasks/{handle}/publish`.
///
/// # Errors
/// Not found, unless it is the asker's to publish.
pub async fn publish(v: Visit, market: Data<Market>, path: Path<String>, Posted(form): Posted) -> Answer {
    let task = mine(&v, &market, &path, Act::PublishTask).await?;
    match market.run_once(&v.actor, key_of(&form)?, PublishTask { task: task.id }).await {
        Ok(_) => Ok(respond::done(&urls::task(&task.handle), key("done-published"))),
        Err(refusal) => publish_page(v, &market, &task, Form::default()).await?.once(&market).mend(refusal),
    }
}

async fn publish_page(v: Visit, market: &Market, task: &TaskView, form: Form) -> Result<ActPage, Failure> {
    let mut wanted = Wanted::default();
    wanted.source(task.source);
    let names = wanted.names(&v, market).await?;
    let facts = vec![
        Fact::new(v.t(key("fact-amount")), tokens(market.asset(), task.bounty)),
        Fact::linked(v.t(key("fact-from")), names.source(task.source)),
        Fact::new(v.t(key("fact-to")), v.t1(key("fact-escrow"), "title", &task.title)),
        Fact::new(v.t(key("clock-closes")), v.when(task.closes_at).exact),
    ];
    let action = urls::task_publish(&task.handle);
    let said = (key("publish-title"), key("publish-lead"), key("act-publish"));
    Ok(ActPage { facts, sure: true, ..page(v, task, form, said, action) })
}

/// `GET /tasks/{handle}/delete`.
///
/// # Errors
/// Not found, unless it is the asker's draft.
pub async fn delete_ask(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let task = mine(&v, &market, &path, Act::DeleteDraft).await?;
    Ok(delete_page(v, &task).once(&market).answer())
}

/// `POST /tasks/{handle}/delete`.
///
/// # Errors
/// Not found, unless it is the asker's draft.
pub async fn delete(v: Visit, market: Data<Market>, path: Path<String>, Posted(form): Posted) -> Answer {
    let task = mine(&v, &market, &path, Act::DeleteDraft).await?;
    match market.run_once(&v.actor, key_of(&form)?, DeleteDraft { task: task.id }).await {
        Ok(()) => Ok(respond::done(&urls::tasks(), key("done-deleted"))),
        Err(refusal) => delete_page(v, &task).once(&market).mend(refusal),
    }
}

fn delete_page(v: Visit, task: &TaskView) -> ActPage {
    let said = (key("delete-title"), key("delete-lead"), key("act-delete"));
    let facts = vec![Fact::new(v.t(key("col-task")), &task.title)];
    ActPage {
        facts,
        sure: true,
        sign: None,
        danger: true,
        ..page(v, task, Form::default(), said, urls::task_delete(&task.handle))
    }
}

/// `GET /tasks/{handle}/cancel`.
///
/// # Errors
/// Not found, unless it is the asker's to call off.
pub async fn cancel_ask(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let task = mine(&v, &market, &path, Act::CancelTask).await?;
    Ok(cancel_page(v, &market, &task, Form::default()).once(&market).answer())
}

/// `POST /tasks/{handle}/cancel`: `reason`.
///
/// # Errors
/// Not found, unless it is the asker's to call off.
pub async fn cancel(v: Visit, market: Data<Market>, path: Path<String>, Posted(form): Posted) -> Answer {
    let task = mine(&v, &market, &path, Act::CancelTask).await?;
    let command = CancelTask { task: task.id, reason: form.value("reason").to_owned() };
    match market.run_once(&v.actor, key_of(&form)?, command).await {
        Ok(_) => Ok(respond::done(&urls::task(&task.handle), key("done-cancelled"))),
        Err(refusal) => cancel_page(v, &market, &task, without_key(form)).once(&market).mend(refusal),
    }
}

fn cancel_page(v: Visit, market: &Market, task: &TaskView, form: Form) -> ActPage {
    let said = (key("cancel-title"), key("cancel-lead"), key("act-cancel"));
    let facts = vec![
        Fact::new(v.t(key("cancel-back")), tokens(market.asset(), task.escrow)),
        Fact::new(v.t(key("cancel-funders")), task.funders),
        Fact::new(v.t(key("cancel-lanes")), task.lanes),
    ];
    let asks = vec![Ask::Area(Field::new(&v, "reason", key("cancel-reason"), key("cancel-reason-hint")))];
    let action = urls::task_cancel(&task.handle);
    ActPage { facts, asks, sure: true, danger: true, ..page(v, task, form, said, action) }
}

/// `GET /tasks/{handle}/extend`.
///
/// # Errors
/// Not found, unless it is the asker's to extend.
pub async fn extend_ask(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let task = mine(&v, &market, &path, Act::ExtendDeadline).await?;
    let form = Form::of([("closes_at", time_typed(&v, task.closes_at))]);
    Ok(extend_page(v, &task, form).once(&market).answer())
}

/// `POST /tasks/{handle}/extend`: `closes_at`, `zone`, and `sure` once spelled out.
///
/// # Errors
/// Not found, unless it is the asker's to extend.
pub async fn extend(v: Visit, market: Data<Market>, path: Path<String>, Posted(form): Posted) -> Answer {
    let task = mine(&v, &market, &path, Act::ExtendDeadline).await?;
    let closes_at = match time(&form, "closes_at") {
        Ok(closes_at) => closes_at,
        Err(code) => return extend_page(v, &task, form).once(&market).mend(Refusal::on("closes_at", code)),
    };
    if !is_sure(&form) {
        let facts = vec![
            Fact::new(v.t(key("extend-old")), v.when(task.closes_at).exact),
            Fact::new(v.t(key("extend-new")), v.when(closes_at).exact),
        ];
        let (lead, submit) = (v.t(key("extend-sure")).into_owned(), v.t(key("act-extend")).into_owned());
        return Ok(extend_page(v, &task, form).spelled_out(facts, lead, submit).answer());
    }
    match market.run_once(&v.actor, key_of(&form)?, ExtendDeadline { task: task.id, closes_at }).await {
        Ok(()) => Ok(respond::done(&urls::task(&task.handle), key("done-extended"))),
        Err(refusal) => extend_page(v, &task, without_key(form)).once(&market).mend(refusal),
    }
}

fn extend_page(v: Visit, task: &TaskView, form: Form) -> ActPage {
    let said = (key("extend-title"), key("extend-lead"), key("go-on"));
    let asks = vec![Ask::Time(Field::bare(&v, "closes_at", key("extend-new")), v.zone_name())];
    ActPage { asks, ..page(v, task, form, said, urls::task_extend(&task.handle)) }
}

/// `GET /tasks/{handle}/boost`.
///
/// # Errors
/// Not found, for who may not see the task.
pub async fn boost_ask(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let task = mine(&v, &market, &path, Act::BoostTask).await?;
    Ok(boost_page(v, &market, &task, Form::default()).await?.once(&market).answer())
}

/// `POST /tasks/{handle}/boost`: `amount`, `source`, and `sure` once spelled out.
///
/// # Errors
/// Not found, for who may not see the task.
pub async fn boost(v: Visit, market: Data<Market>, path: Path<String>, Posted(form): Posted) -> Answer {
    let task = mine(&v, &market, &path, Act::BoostTask).await?;
    let asset = market.asset();
    let (added, from) = match (amount(&form, "amount", asset), source(form.value("source"))) {
        (Ok(added), Ok(from)) => (added, from),
        (Err(code), _) => {
            return boost_page(v, &market, &task, form)
                .await?
                .once(&market)
                .mend(Refusal::on("amount", code));
        }
        (_, Err(code)) => {
            return boost_page(v, &market, &task, form)
                .await?
                .once(&market)
                .mend(Refusal::on("source", code));
        }
    };
    if !is_sure(&form) {
        let from = sources(&v, &market).await?.into_iter().find(|choice| form.has("source", &choice.value));
        let facts = vec![
            Fact::new(v.t(key("fact-amount")), tokens(asset, added)),
            Fact::new(v.t(key("fact-from")), from.map(|choice| choice.text).unwrap_or_default()),
            Fact::new(v.t(key("fact-to")), v.t1(key("fact-escrow"), "title", &task.title)),
        ];
        let (lead, submit) = (v.t(key("boost-sure")).into_owned(), v.t(key("act-boost")).into_owned());
        return Ok(boost_page(v, &market, &task, form).await?.spelled_out(facts, lead, submit).answer());
    }
    match market.run_once(&v.actor, key_of(&form)?, BoostTask { task: task.id, from, amount: added }).await {
        Ok(_) => Ok(respond::done(&urls::task(&task.handle), key("done-boosted"))),
        Err(refusal) => boost_page(v, &market, &task, without_key(form)).await?.once(&market).mend(refusal),
    }
}

async fn boost_page(v: Visit, market: &Market, task: &TaskView, form: Form) -> Result<ActPage, Failure> {
    let said = (key("boost-title"), key("boost-lead"), key("go-on"));
    let code = market.asset().code.as_str().to_owned();
    let asks = vec![
        Ask::Number(Field::bare(&v, "amount", key("fact-amount")), code),
        Ask::Select(Field::bare(&v, "source", key("fact-from")), sources(&v, market).await?),
    ];
    Ok(ActPage { asks, ..page(v, task, form, said, urls::task_boost(&task.handle)) })
}

/// The task, if the asker may ever do this to it. Whether it can be done now, the market says when it is.
/// Visitors are shown the door where everybody who came through it may do this.
pub(super) async fn mine(v: &Visit, market: &Market, path: &str, act: Act) -> Result<TaskView, Failure> {
    let task = market.task_by_handle(&v.actor, name(path)?).await?;
    let can = market.viewer_can(&v.actor, task.id).await?;
    match can.iter().any(|(allowed, _)| *allowed == act) {
        true => Ok(task),
        false if matches!(act, Act::BoostTask | Act::AskQuestion) && !v.signed_in() => {
            Err(Refusal::Unauthenticated.into())
        }
        false => Err(Refusal::NotFound.into()),
    }
}

/// A refused form needs a new key: the old one is bound to what was refused.
pub(super) fn without_key(mut form: Form) -> Form {
    form.forget("key");
    form
}

/// Title, lead and button are keys of messages.
pub(super) fn page(
    v: Visit,
    task: &TaskView,
    form: Form,
    said: (&'static str, &'static str, &'static str),
    action: String,
) -> ActPage {
    let crumbs = vec![
        Link::new(v.t(key("nav-tasks")), urls::tasks()),
        Link::new(&task.title, urls::task(&task.handle)),
    ];
    ActPage::saying(v, crumbs, form, said, action)
}
