//! Amending the rules of a race: proposing, reading the difference, answering, taking it back.
//!
//! Promises: what would change stands old beside new before anybody answers, with the prize table before and after;
//! what a form has no room for stays as it is. Must never: decide whether it may be changed.

use actix_web::web::{Data, Path};
use askama::Template;
use market::amendment::{
    Amended, AmendmentAnswer, AmendmentState, AmendmentView, AnswerAmendment, ProposeAmendment,
    WithdrawAmendment, merged,
};
use market::task::TaskView;
use market::{Act, AmendmentId, Market, Refusal};

use super::act::ActPage;
use super::amend_diff::{self, DiffBlock};
use super::kit::{Badge, Link, fresh_key, id, key_of, time};
use super::lanes;
use super::names::Names;
use super::task_acts::{mine, page as act_page, without_key};
use super::task_form::{self, TaskFormPage};
use super::task_input::read;
use super::task_parts::entry_link;
use crate::errors::{Answer, Failure, problem_text};
use crate::format::{Tokens, When};
use crate::forms::{Form, Posted};
use crate::i18n::key;
use crate::visit::Visit;
use crate::{markdown, respond, urls};

const REASON: &str = "reason";
const ANSWER_BY: &str = "answer_by";

/// What the task's form shows besides when it amends a race.
#[derive(Debug)]
pub struct AmendForm {
    /// What it would change, once that was asked for.
    pub diff: Option<DiffBlock>,
    /// How many are asked.
    pub asked: Option<u32>,
}

/// `GET /tasks/{handle}/amend`.
///
/// # Errors
/// Not found, unless it is the asker's own task.
pub async fn ask(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let task = mine(&v, &market, &path, Act::ProposeAmendment).await?;
    let mut form = task_form::filled(&v, &market, &task).await?;
    form.set("key", fresh_key(&market));
    let page = form_page(v, &market, &task, form, None).await?;
    Ok(respond::page(&page.v, &page))
}

/// `POST /tasks/{handle}/amend`: the fields of a task, `reason`, `answer_by`; `do` is `preview` or `save`.
///
/// # Errors
/// Not found, unless it is the asker's own task.
pub async fn propose(v: Visit, market: Data<Market>, path: Path<String>, Posted(form): Posted) -> Answer {
    let task = mine(&v, &market, &path, Act::ProposeAmendment).await?;
    let preview = form.value("do") == "preview";
    let (mut form, wanted) = typed(&v, &market, &task, form).await?;
    form.forget("do");
    let done = match wanted {
        None => Err(Refusal::Invalid(Vec::new())),
        Some(wanted) if preview => {
            let told = market.preview_amendment(&v.actor, &wanted).await;
            match told {
                Ok(told) => {
                    let page = form_page(v, &market, &task, form, Some(&told)).await?;
                    return Ok(respond::page(&page.v, &page));
                }
                Err(refusal) => Err(refusal),
            }
        }
        Some(wanted) => market.run_once(&v.actor, key_of(&form)?, wanted).await,
    };
    match done {
        Ok(id) => Ok(respond::done(&urls::amendment(id), key("done-amend-proposed"))),
        Err(refusal) => {
            let mut form = form.mend(&v, refusal)?;
            form.set("key", fresh_key(&market));
            let page = form_page(v, &market, &task, form, None).await?;
            Ok(respond::form_again(&page.v, &page))
        }
    }
}

/// What was typed. A form says less than rules can: whatever stands in it as it was filled in stays as it is.
async fn typed(
    v: &Visit,
    market: &Market,
    task: &TaskView,
    mut form: Form,
) -> Result<(Form, Option<ProposeAmendment>), Failure> {
    let original = task_form::filled(v, market, task).await?;
    for fixed in ["title", "bounty", "visibility"] {
        form.set(fixed, original.value(fixed));
    }
    form.set("source", "person");
    let mut before = original.clone();
    before.set("source", "person");
    let (input, problems) = read(v, market, &form).await?;
    for problem in &problems {
        form.refuse(&problem.field, problem_text(v, &problem.code));
    }
    let answer_by = match form.given(ANSWER_BY).map(|_| time(&form, ANSWER_BY)).transpose() {
        Ok(answer_by) => answer_by,
        Err(code) => {
            form.refuse(ANSWER_BY, problem_text(v, &code));
            return Ok((form, None));
        }
    };
    let Some(input) = input.filter(|_| problems.is_empty()) else { return Ok((form, None)) };
    let (same, _) = read(v, market, &before).await?;
    let kept = |typed: &str, old: &str, was: market::Moment, is: market::Moment| {
        if typed == old { was } else { is }
    };
    let closes_at =
        kept(form.value("closes_at"), original.value("closes_at"), task.closes_at, input.closes_at);
    let rules = match same {
        Some(same) => merged(&task.rules, &same.rules, &input.rules)?,
        None => input.rules,
    };
    let to = Amended { brief: input.brief, criteria: input.criteria, closes_at, rules };
    let reason = form.value(REASON).to_owned();
    let wanted = ProposeAmendment { task: task.id, to, reason, answer_by };
    Ok((form, Some(wanted)))
}

async fn form_page(
    v: Visit,
    market: &Market,
    task: &TaskView,
    form: Form,
    told: Option<&AmendmentView>,
) -> Result<TaskFormPage, Failure> {
    let (diff, asked) = match told {
        Some(told) => (Some(amend_diff::block(&v, market, task, told).await?), Some(told.asked)),
        None => (None, None),
    };
    task_form::amending(v, market, form, task, AmendForm { diff, asked }).await
}

/// The page of an amendment.
#[derive(Debug, Template)]
#[template(path = "tasks/amendment.html")]
pub struct AmendmentPage {
    /// The request.
    pub v: Visit,
    /// The task.
    pub task: Link,
    /// Where it stands.
    pub badge: Badge,
    /// The version of the rules that it made.
    pub version: Option<u32>,
    /// Who proposed it.
    pub by: Link,
    /// When.
    pub at: When,
    /// Why, as safe HTML.
    pub reason: String,
    /// Until when it is answered.
    pub answer_by: Option<When>,
    /// When it was decided.
    pub ended: Option<When>,
    /// How many are asked, and how many have answered.
    pub counts: (u32, u32),
    /// Which have not, for those who may know.
    pub outstanding: Vec<Link>,
    /// What each that leaves is paid; nothing where there is no start prize.
    pub start: Option<Tokens>,
    /// The reader's own entry.
    pub own: Option<OwnAnswer>,
    /// Where its poster takes it back.
    pub withdraw_url: Option<String>,
    /// What it changes.
    pub diff: DiffBlock,
    /// The record of the proposal.
    pub record: Option<String>,
    /// The record of its end.
    pub end_record: Option<String>,
}

/// What the reader's own entry says.
#[derive(Debug, Clone)]
pub struct OwnAnswer {
    /// The entry.
    pub entry: Link,
    /// The key of what it says, or that it says nothing.
    pub says: &'static str,
    /// Where its captain agrees, and where they leave.
    pub urls: Option<(String, String)>,
}

/// `GET /amendments/{id}`.
///
/// # Errors
/// Not found, for who may not see the task.
pub async fn show(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let (view, task) = found(&v, &market, &path).await?;
    let page = amendment_page(v, &market, &view, &task).await?;
    Ok(respond::page(&page.v, &page))
}

async fn found(v: &Visit, market: &Market, path: &str) -> Result<(AmendmentView, TaskView), Failure> {
    let view = market.amendment(&v.actor, id::<AmendmentId>(path)?).await?;
    let task = market.task(&v.actor, view.task).await?;
    Ok((view, task))
}

async fn amendment_page(
    v: Visit,
    market: &Market,
    view: &AmendmentView,
    task: &TaskView,
) -> Result<AmendmentPage, Failure> {
    let entries = lanes::all(&v, market, task.id).await?;
    let mut wanted = super::names::Wanted::default();
    wanted.persons([view.by]);
    let names: Names = wanted.names(&v, market).await?;
    let open = view.state == AmendmentState::Open;
    let own = view.mine.filter(|_| open).map(|(entry, said)| OwnAnswer {
        entry: entry_link(&entries, entry),
        says: match said {
            None => key("amend-says-nothing"),
            Some(AmendmentAnswer::Consent) => key("amend-says-consent"),
            Some(AmendmentAnswer::Leave) => key("amend-says-leave"),
        },
        urls: view.may_answer.then(|| (urls::amendment_consent(view.id), urls::amendment_leave(view.id))),
    });
    let withdraws = open && v.actor.id() == Some(task.poster);
    Ok(AmendmentPage {
        task: Link::new(&task.title, urls::task(&task.handle)),
        badge: badge(view.state),
        version: view.version,
        by: names.person(view.by),
        at: v.when(view.at),
        reason: markdown::to_html(&view.reason),
        answer_by: view.answer_by.map(|at| v.when(at)),
        ended: view.ended_at.map(|at| v.when(at)),
        counts: (view.asked, view.answered),
        outstanding: view.outstanding.iter().map(|entry| entry_link(&entries, *entry)).collect(),
        start: (open && !view.start.is_zero()).then(|| super::kit::tokens(market.asset(), view.start)),
        own,
        withdraw_url: withdraws.then(|| urls::amendment_withdraw(view.id)),
        diff: amend_diff::block(&v, market, task, view).await?,
        record: view.record.map(urls::record),
        end_record: view.end_record.map(urls::record),
        v,
    })
}

/// The badge of where it stands.
pub(super) fn badge(state: AmendmentState) -> Badge {
    match state {
        AmendmentState::Open => Badge { tone: "wait", label: key("amendment-open-badge") },
        AmendmentState::InForce => Badge { tone: "go", label: key("amendment-in-force") },
        AmendmentState::Fallen => Badge { tone: "", label: key("amendment-fallen") },
        AmendmentState::Withdrawn => Badge { tone: "", label: key("amendment-withdrawn") },
    }
}

/// An amendment as the task's page and the form of entry tell of it.
#[derive(Debug, Clone)]
pub struct AmendmentRow {
    /// Its page.
    pub url: String,
    /// Where it stands.
    pub badge: Badge,
    /// The version of the rules that it made.
    pub version: Option<u32>,
    /// Why.
    pub reason: String,
    /// When it was decided, or proposed.
    pub at: When,
    /// Until when it is answered, while it is open.
    pub answer_by: Option<When>,
    /// Its id, for a form that accepts it; empty where that is not needed.
    pub accept: String,
}

/// The row of an amendment.
pub(super) fn row(v: &Visit, view: &AmendmentView) -> AmendmentRow {
    let open = view.state == AmendmentState::Open;
    AmendmentRow {
        url: urls::amendment(view.id),
        badge: badge(view.state),
        version: view.version,
        reason: markdown::to_text(&view.reason, 200),
        at: v.when(view.ended_at.unwrap_or(view.at)),
        answer_by: view.answer_by.filter(|_| open).map(|at| v.when(at)),
        accept: if open && !view.accepted { view.id.to_string() } else { String::new() },
    }
}

/// The amendment of a race that is open, if one is.
pub(super) async fn open_one(
    v: &Visit,
    market: &Market,
    task: &TaskView,
) -> Result<Option<AmendmentRow>, Failure> {
    let all = market.amendments(&v.actor, task.id).await?;
    Ok(all.iter().find(|view| view.state == AmendmentState::Open).map(|view| row(v, view)))
}

/// `POST /amendments/{id}/consent`.
///
/// # Errors
/// Not found, unless the asker is a captain who is asked.
pub async fn consent(v: Visit, market: Data<Market>, path: Path<String>, Posted(_): Posted) -> Answer {
    let (view, _) = found(&v, &market, &path).await?;
    answer(&v, &market, &view, AmendmentAnswer::Consent).await?;
    Ok(respond::done(&urls::amendment(view.id), key("done-amend-consent")))
}

async fn answer(
    v: &Visit,
    market: &Market,
    view: &AmendmentView,
    answer: AmendmentAnswer,
) -> market::Result<()> {
    let (entry, _) = view.mine.ok_or(match view.state {
        AmendmentState::Open => Refusal::NotFound,
        _ => Refusal::because(market::Code::AmendmentOver),
    })?;
    market.run(&v.actor, AnswerAmendment { amendment: view.id, entry, answer }).await
}

/// `GET /amendments/{id}/leave`: what leaving means.
///
/// # Errors
/// Not found, unless the asker is a captain who is asked.
pub async fn leave_ask(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let (view, task) = found(&v, &market, &path).await?;
    if view.may_answer { Ok(leave_page(v, &view, &task).answer()) } else { Err(Refusal::NotFound.into()) }
}

/// `POST /amendments/{id}/leave`.
///
/// # Errors
/// Not found, unless the asker is a captain who is asked.
pub async fn leave(v: Visit, market: Data<Market>, path: Path<String>, Posted(_): Posted) -> Answer {
    let (view, task) = found(&v, &market, &path).await?;
    match answer(&v, &market, &view, AmendmentAnswer::Leave).await {
        Ok(()) => Ok(respond::done(&urls::amendment(view.id), key("done-amend-leave"))),
        Err(refusal) => leave_page(v, &view, &task).mend(refusal),
    }
}

fn leave_page(v: Visit, view: &AmendmentView, task: &TaskView) -> ActPage {
    let said = (key("amend-leave-title"), key("amend-leave-lead"), key("act-amend-leave"));
    let page = act_page(v, task, Form::default(), said, urls::amendment_leave(view.id));
    ActPage { sure: true, danger: true, ..page }
}

/// `GET /amendments/{id}/withdraw`.
///
/// # Errors
/// Not found, unless the asker may propose one.
pub async fn withdraw_ask(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let (view, task) = found(&v, &market, &path).await?;
    if v.actor.id() != Some(task.poster) {
        return Err(Refusal::NotFound.into());
    }
    Ok(withdraw_page(v, &view, &task, Form::default()).answer())
}

/// `POST /amendments/{id}/withdraw`.
///
/// # Errors
/// Not found, unless the asker may propose one.
pub async fn withdraw(v: Visit, market: Data<Market>, path: Path<String>, Posted(form): Posted) -> Answer {
    let (view, task) = found(&v, &market, &path).await?;
    match market.run(&v.actor, WithdrawAmendment { amendment: view.id }).await {
        Ok(()) => Ok(respond::done(&urls::task(&task.handle), key("done-amend-withdrawn"))),
        Err(refusal) => withdraw_page(v, &view, &task, without_key(form)).mend(refusal),
    }
}

fn withdraw_page(v: Visit, view: &AmendmentView, task: &TaskView, form: Form) -> ActPage {
    let said = (key("amend-withdraw-title"), key("amend-withdraw-lead"), key("act-amend-withdraw"));
    ActPage { sure: true, ..act_page(v, task, form, said, urls::amendment_withdraw(view.id)) }
}

#[cfg(test)]
pub(crate) fn sample_row(v: &Visit) -> AmendmentRow {
    AmendmentRow {
        url: urls::amendment(1),
        badge: badge(AmendmentState::Open),
        version: Some(2),
        reason: "The machine <has> changed.".to_owned(),
        at: v.when(v.now.plus_seconds(-3_600)),
        answer_by: Some(v.when(v.now.plus_seconds(86_400))),
        accept: "1".to_owned(),
    }
}

#[cfg(test)]
pub(crate) fn samples() -> Vec<AmendmentPage> {
    crate::visit::samples::all()
        .into_iter()
        .map(|v| AmendmentPage {
            task: Link::new("Cut the start-up time <in half>", urls::task("abc")),
            badge: badge(AmendmentState::Open),
            version: Some(2),
            by: Link::new("Mia <b>", urls::person("mia")),
            at: v.when(v.now.plus_seconds(-3_600)),
            reason: markdown::to_html("The machine *has* changed."),
            answer_by: Some(v.when(v.now.plus_seconds(86_400))),
            ended: Some(v.when(v.now)),
            counts: (3, 1),
            outstanding: vec![Link::new("Lane 2", urls::entry(2)), Link::new("Red & Blue", urls::entry(3))],
            start: Some(Tokens::new(5_000, 2, "SAI")),
            own: Some(OwnAnswer {
                entry: Link::new("Red & Blue", urls::entry(3)),
                says: key("amend-says-nothing"),
                urls: Some((urls::amendment_consent(1), urls::amendment_leave(1))),
            }),
            withdraw_url: Some(urls::amendment_withdraw(1)),
            diff: amend_diff::sample(&v),
            record: Some(urls::task("abc")),
            end_record: None,
            v,
        })
        .collect()
}
