//! Templates: to begin a task with, to keep, to throw away.
//!
//! Promises: beginning with a template only fills the form; nothing is saved before its poster says so. Must
//! never: let a template decide where the bounty comes from.

use actix_web::web::{Data, Path};
use askama::Template;
use market::error::{Problems, Refusal};
use market::task::{Rules, TaskInput, Visibility};
use market::template::{DeleteTemplate, SaveTemplate, TemplateInput, built_in, moved};
use market::{Act, Market, Moment, PersonId, TemplateId};

use super::kit::{fresh_key, id, key_of, name};
use super::names::Wanted;
use crate::errors::{Answer, Failure};
use crate::forms::{Form, Posted};
use crate::i18n::key;
use crate::visit::Visit;
use crate::{format, respond, urls};

/// What a form begins with.
pub(super) struct Beginning {
    /// What the brief begins with.
    pub(super) brief: String,
    /// What the criteria begin with.
    pub(super) criteria: String,
    /// Who may see it.
    pub(super) visibility: Visibility,
    /// How long it runs.
    pub(super) runs_seconds: i64,
    /// The rules.
    pub(super) rules: Rules,
}

impl Beginning {
    fn of(input: TemplateInput, then: Moment, now: Moment) -> Self {
        let TemplateInput { brief, criteria, visibility, runs_seconds, rules, .. } = input;
        let rules = moved(rules, then, now);
        Self { brief, criteria, visibility, runs_seconds: i64::from(runs_seconds), rules }
    }
}

/// What the address asks to begin with: `template` (a built-in one's name, or an id), `from` (a task's handle),
/// or the defaults.
///
/// # Errors
/// Not found, for a template or a task that the asker may not see.
pub(super) async fn beginning(v: &Visit, market: &Market, address: &Form) -> Result<Beginning, Failure> {
    if let Some(handle) = address.given("from") {
        let task = market.task_by_handle(&v.actor, name(handle)?).await?;
        let began = task.published_at.unwrap_or(task.created_at);
        return Ok(Beginning {
            brief: task.brief,
            criteria: task.criteria,
            visibility: task.visibility,
            runs_seconds: task.closes_at.seconds_since(began).max(3_600),
            rules: moved(task.rules, began, v.now),
        });
    }
    let wanted = address.given("template").unwrap_or("several-prizes");
    if let Some(known) = built_in().into_iter().find(|known| known.slug == wanted) {
        return Ok(Beginning::of(known.input, Moment(0), v.now));
    }
    let saved = market.template(&v.actor, id::<TemplateId>(wanted)?).await?;
    Ok(Beginning::of(saved.input, saved.at, v.now))
}

/// A template to choose.
#[derive(Debug, Clone)]
pub struct TemplateRow {
    /// Where it begins a task.
    pub url: String,
    /// What it is called.
    pub name: String,
    /// What it is good for, or who saved it.
    pub why: String,
    /// How long a race begun with it runs.
    pub runs: String,
    /// Where to delete it, for who may.
    pub delete: Option<String>,
}

/// What a built-in one is called, and why it is as it is.
fn told(slug: &str) -> (&'static str, &'static str) {
    match slug {
        "three-stages" => (key("template-stages"), key("template-stages-why")),
        "first-to-do-it" => (key("template-first"), key("template-first-why")),
        "open-challenge" => (key("template-open"), key("template-open-why")),
        "by-score" => (key("template-score"), key("template-score-why")),
        _ => (key("template-several"), key("template-several-why")),
    }
}

/// Every template that the asker may begin with.
///
/// # Errors
/// Not found, for who may not post.
pub(super) async fn rows(v: &Visit, market: &Market) -> Result<Vec<TemplateRow>, Failure> {
    let saved = market.templates(&v.actor).await?;
    let mut wanted = Wanted::default();
    wanted.persons(saved.iter().map(|one| one.by));
    let names = wanted.names(v, market).await?;
    let runs = |seconds: u32| format::duration(v.locale, u64::from(seconds));
    let known = built_in().into_iter().map(|known| {
        let (name, why) = told(known.slug);
        TemplateRow {
            url: urls::task_new_with(known.slug),
            name: v.t(name).into_owned(),
            why: v.t(why).into_owned(),
            runs: runs(known.input.runs_seconds),
            delete: None,
        }
    });
    let by = |by: PersonId| v.t1(key("template-by"), "name", names.person(by).text).into_owned();
    let own = saved.iter().map(|one| TemplateRow {
        url: urls::task_new_with(one.id),
        name: one.input.name.clone(),
        why: by(one.by),
        runs: runs(one.input.runs_seconds),
        delete: one.may_delete.then(|| urls::template_delete(one.id)),
    });
    Ok(own.chain(known).collect())
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "tasks/templates.html")]
pub struct TemplatesPage {
    /// The request.
    pub v: Visit,
    /// The form's key for what is deleted.
    pub form: Form,
    /// Those there are.
    pub templates: Vec<TemplateRow>,
}

/// `GET /templates`.
///
/// # Errors
/// Not found, for who may not post.
pub async fn list(v: Visit, market: Data<Market>) -> Answer {
    if !v.may(Act::SaveTemplate) {
        return Err(Refusal::NotFound.into());
    }
    let mut form = Form::default();
    form.set("key", fresh_key(&market));
    let page = TemplatesPage { templates: rows(&v, &market).await?, form, v };
    Ok(respond::page(&page.v, &page))
}

/// `POST /templates/{id}/delete`.
///
/// # Errors
/// Not found, for who may not delete it.
pub async fn delete(v: Visit, market: Data<Market>, path: Path<String>, Posted(form): Posted) -> Answer {
    let template = id::<TemplateId>(&path)?;
    market.run_once(&v.actor, key_of(&form)?, DeleteTemplate { template }).await?;
    Ok(respond::done(&urls::templates(), key("done-template-deleted")))
}

/// Keeps what was typed as a template; answers what is wrong with its name.
///
/// # Errors
/// Faults.
pub(super) async fn keep(v: &Visit, market: &Market, form: &Form, typed: &TaskInput) -> Result<(), Refusal> {
    let runs = typed.closes_at.seconds_since(v.now).clamp(3_600, 1_096 * 86_400);
    let kept = TemplateInput {
        name: form.value("template.name").to_owned(),
        shared: form.has("template.shared", "on"),
        brief: typed.brief.clone(),
        criteria: typed.criteria.clone(),
        visibility: typed.visibility,
        runs_seconds: u32::try_from(runs).unwrap_or(u32::MAX),
        rules: typed.rules.clone(),
    };
    let key = market::IdempotencyKey::parse(form.value("key"))?;
    match market.run_once(&v.actor, key, SaveTemplate(kept)).await {
        Ok(_) => Ok(()),
        Err(Refusal::Invalid(problems)) => {
            let mut beside = Problems::default();
            for problem in problems {
                let field = if problem.field == "name" { "template.name".to_owned() } else { problem.field };
                beside.add(field, problem.code);
            }
            beside.done()
        }
        Err(other) => Err(other),
    }
}

#[cfg(test)]
pub(crate) fn row_samples() -> Vec<TemplateRow> {
    let row = |name: &str, delete: Option<String>| TemplateRow {
        url: urls::task_new_with("several-prizes"),
        name: name.to_owned(),
        why: "Several prizes keep more teams trying.".to_owned(),
        runs: "14 days".to_owned(),
        delete,
    };
    vec![row("Two <weeks>", Some(urls::template_delete(1))), row("Several prizes", None)]
}

#[cfg(test)]
pub(crate) fn samples() -> Vec<TemplatesPage> {
    let page = |v: Visit| TemplatesPage { templates: row_samples(), form: Form::of([("key", "k")]), v };
    crate::visit::samples::all().into_iter().map(page).collect()
}
