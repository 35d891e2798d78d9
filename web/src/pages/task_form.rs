//! Writing a task: what, under which rules, judged by whom, paid from where, with the reason for each
//! default beside it and the token table before anything is published.
//!
//! Promises: the form keeps whatever was typed; the table comes from the rules as they would be frozen.
//! Must never: publish; that is a page of its own.

use actix_web::web::{Data, Path};
use askama::Template;
use market::error::Refusal;
use market::task::{CreateTask, Judging, Rules, TaskInput, TaskState, TaskView, UpdateTask};
use market::vote::{VoteRules, Voters};
use market::{Act, Amount, Market};

use super::amend::AmendForm;
use super::entry_rules;
use super::evidence::{self, EvidenceRow};
use super::kit::{Address, Choice, Link, asked, fresh_key, key_of, name};
use super::names::Wanted;
use super::outcomes::{self, Outcomes};
use super::task_input::{fill, read};
use super::task_silence;
use super::task_stages::{self, StageFields};
use super::templates::{self, TemplateRow};
use crate::errors::{Answer, Failure, problem_text};
use crate::forms::{Form, Posted};
use crate::i18n::key;
use crate::visit::Visit;
use crate::{respond, urls};

/// The page.
#[derive(Debug, Template)]
#[template(path = "tasks/form.html")]
pub struct TaskFormPage {
    /// The request.
    pub v: Visit,
    /// What was typed.
    pub form: Form,
    /// The way back.
    pub back: Link,
    /// The key of the heading.
    pub title: &'static str,
    /// Where the form goes.
    pub action: String,
    /// Where the bounty may come from.
    pub sources: Vec<Choice>,
    /// The prize plans.
    pub plans: Vec<Choice>,
    /// What a dead heat may do.
    pub dead_heats: Vec<Choice>,
    /// What may happen to prizes nobody reached.
    pub unreached: Vec<Choice>,
    /// Who may rule.
    pub judgings: Vec<Choice>,
    /// Who may vote.
    pub voters: Vec<Choice>,
    /// The measures.
    pub metrics: Vec<Choice>,
    /// How a panel's scores become one.
    pub combines: Vec<Choice>,
    /// Who may see it.
    pub visibilities: Vec<Choice>,
    /// Room for stages.
    pub stage_slots: Vec<StageFields>,
    /// Whether anybody shall be hurried.
    pub silence_switches: Vec<Choice>,
    /// What the clock may do when nobody decides.
    pub silence_defaults: Vec<Choice>,
    /// Who may enter.
    pub whos: Vec<Choice>,
    /// Until when names may be hidden.
    pub hidings: Vec<Choice>,
    /// The code of the tokens.
    pub code: String,
    /// The evidence checklist.
    pub evidence: Vec<EvidenceRow>,
    /// How evidence may be brought.
    pub evidence_kinds: Vec<Choice>,
    /// What the rules as typed would pay.
    pub preview: Option<Outcomes>,
    /// What a new task can begin with.
    pub templates: Vec<TemplateRow>,
    /// That it was kept as a template just now.
    pub kept: bool,
    /// Set where it amends a race that is open.
    pub amend: Option<AmendForm>,
}

/// `GET /tasks/new`: `template` or `from`, to begin with.
///
/// # Errors
/// Not found, for who may not post, and for a template that is not theirs to use.
pub async fn new(v: Visit, market: Data<Market>, address: Address) -> Answer {
    if !v.may(Act::CreateTask) {
        return Err(Refusal::NotFound.into());
    }
    let begun = templates::beginning(&v, &market, &asked(address)).await?;
    let mut form = Form::of([("brief", &begun.brief), ("criteria", &begun.criteria)]);
    let (judges, deputies) = judges_of(&v, &market, &begun.rules).await?;
    let units = units_of(&v, &market, &begun.rules).await?;
    fill(&mut form, &v, market.asset(), &begun.rules, (&judges, &deputies, &units));
    entry_rules::fill(&mut form, &v, &market, &begun.rules).await?;
    form.set("visibility", begun.visibility.as_str());
    form.set("source", "person");
    form.set("closes_at", super::kit::time_typed(&v, v.now.plus_seconds(begun.runs_seconds)));
    form.set("key", fresh_key(&market));
    let page = page(v, &market, form, None).await?;
    Ok(respond::page(&page.v, &page))
}

/// `POST /tasks/new`: `do` is `preview`, `template` or `save`.
///
/// # Errors
/// Not found, for who may not post.
pub async fn create(v: Visit, market: Data<Market>, Posted(form): Posted) -> Answer {
    if !v.may(Act::CreateTask) {
        return Err(Refusal::NotFound.into());
    }
    match typed(&v, &market, form).await? {
        Typed::Back(form, preview) => again(&market, page(v, &market, form, None).await?, preview),
        Typed::Keep(form, input) => keep(v, &market, form, &input, None).await,
        Typed::Ready(form, input) => {
            let key = key_of(&form)?;
            match market.run_once(&v.actor, key, CreateTask(*input)).await {
                Ok(id) => {
                    let task = market.task(&v.actor, id).await?;
                    Ok(respond::done(&urls::task(&task.handle), key_done()))
                }
                Err(refusal) => again(
                    &market,
                    page(
                        v.clone(),
                        &market,
                        mended(&market, form.mend(&v, super::panel_input::beside(refusal))?),
                        None,
                    )
                    .await?,
                    None,
                ),
            }
        }
    }
}

/// `GET /tasks/{handle}/edit`.
///
/// # Errors
/// Not found, unless it is the asker's own draft.
pub async fn edit(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let task = draft(&v, &market, &path).await?;
    let mut form = filled(&v, &market, &task).await?;
    form.set("key", fresh_key(&market));
    let page = page(v, &market, form, Some(&task)).await?;
    Ok(respond::page(&page.v, &page))
}

/// The form as a task fills it.
///
/// # Errors
/// Faults.
pub(super) async fn filled(v: &Visit, market: &Market, task: &TaskView) -> Result<Form, Failure> {
    let mut form = Form::of([("title", &task.title), ("brief", &task.brief), ("criteria", &task.criteria)]);
    let (judges, deputies) = judges_of(v, market, &task.rules).await?;
    let units = units_of(v, market, &task.rules).await?;
    fill(&mut form, v, market.asset(), &task.rules, (&judges, &deputies, &units));
    entry_rules::fill(&mut form, v, market, &task.rules).await?;
    form.set("visibility", task.visibility.as_str());
    form.set("source", super::task_input::source_value(v, task.source));
    form.set("bounty", task.bounty.format(market.asset().scale));
    form.set("closes_at", super::kit::time_typed(v, task.closes_at));
    Ok(form)
}

/// The form of a task that is open, to amend it.
///
/// # Errors
/// Faults.
pub(super) async fn amending(
    v: Visit,
    market: &Market,
    form: Form,
    task: &TaskView,
    amend: AmendForm,
) -> Result<TaskFormPage, Failure> {
    let page = page(v, market, form, Some(task)).await?;
    Ok(TaskFormPage {
        title: key("amend-title"),
        action: urls::task_amend(&task.handle),
        amend: Some(amend),
        ..page
    })
}

/// `POST /tasks/{handle}/edit`: `do` is `preview`, `template` or `save`.
///
/// # Errors
/// Not found, unless it is the asker's own draft.
pub async fn update(v: Visit, market: Data<Market>, path: Path<String>, Posted(form): Posted) -> Answer {
    let task = draft(&v, &market, &path).await?;
    match typed(&v, &market, form).await? {
        Typed::Back(form, preview) => again(&market, page(v, &market, form, Some(&task)).await?, preview),
        Typed::Keep(form, input) => keep(v, &market, form, &input, Some(&task)).await,
        Typed::Ready(form, input) => {
            let command = UpdateTask { task: task.id, input: *input };
            match market.run_once(&v.actor, key_of(&form)?, command).await {
                Ok(()) => Ok(respond::done(&urls::task(&task.handle), key_done())),
                Err(refusal) => again(
                    &market,
                    page(
                        v.clone(),
                        &market,
                        mended(&market, form.mend(&v, super::panel_input::beside(refusal))?),
                        Some(&task),
                    )
                    .await?,
                    None,
                ),
            }
        }
    }
}

/// What the form amounts to.
enum Typed {
    /// Show it again, with the token table if it was asked for.
    Back(Form, Option<Box<(Rules, Amount)>>),
    /// Keep it as a template.
    Keep(Form, Box<TaskInput>),
    /// Save it.
    Ready(Form, Box<TaskInput>),
}

/// Keeps what was typed as a template and shows the form again.
async fn keep(v: Visit, market: &Market, form: Form, input: &TaskInput, task: Option<&TaskView>) -> Answer {
    let (form, kept) = match templates::keep(&v, market, &form, input).await {
        Ok(()) => (form, true),
        Err(refusal) => (form.mend(&v, refusal)?, false),
    };
    let mut page = page(v, market, mended(market, form), task).await?;
    page.kept = kept;
    again(market, page, None)
}

async fn typed(v: &Visit, market: &Market, mut form: Form) -> Result<Typed, Failure> {
    let (preview, template) = (form.value("do") == "preview", form.value("do") == "template");
    let mut whole = form.clone();
    if template && whole.given("bounty").is_none() {
        // A template has no bounty of its own.
        whole.set("bounty", "1");
    }
    let (input, problems) = read(v, market, &whole).await?;
    form.forget("do");
    for problem in &problems {
        form.refuse(&problem.field, problem_text(v, &problem.code));
    }
    Ok(match input {
        Some(input) if preview => Typed::Back(form, Some(Box::new((input.rules, input.bounty)))),
        Some(input) if problems.is_empty() && template => Typed::Keep(form, Box::new(input)),
        Some(input) if problems.is_empty() => Typed::Ready(form, Box::new(input)),
        _ => Typed::Back(form, None),
    })
}

/// A refused form needs a new key: the old one is bound to what was refused.
fn mended(market: &Market, mut form: Form) -> Form {
    form.set("key", fresh_key(market));
    form
}

/// The form again: with what is wrong, or with the token table.
fn again(market: &Market, mut page: TaskFormPage, preview: Option<Box<(Rules, Amount)>>) -> Answer {
    page.preview = preview.map(|typed| {
        let (rules, bounty) = *typed;
        let entries = rules.max_lanes.unwrap_or(0).max(4);
        outcomes::outcomes(&page.v, &rules, bounty, entries, market.asset())
    });
    let wrong = !page.form.errors().is_empty();
    Ok(if wrong { respond::form_again(&page.v, &page) } else { respond::page(&page.v, &page) })
}

fn key_done() -> &'static str {
    key("done-draft")
}

async fn draft(v: &Visit, market: &Market, path: &str) -> Result<TaskView, Failure> {
    let task = market.task_by_handle(&v.actor, name(path)?).await?;
    let may_edit = market.viewer_can(&v.actor, task.id).await?.iter().any(|(act, _)| *act == Act::UpdateTask);
    if may_edit && task.state == TaskState::Draft { Ok(task) } else { Err(Refusal::NotFound.into()) }
}

/// The handles of the judges and of the deputies.
async fn judges_of(v: &Visit, market: &Market, rules: &Rules) -> Result<(Vec<String>, Vec<String>), Failure> {
    let judges = rules.judging.named();
    let mut wanted = Wanted::default();
    wanted.persons(judges.iter().chain(rules.deputies()).copied());
    let names = wanted.names(v, market).await?;
    Ok((task_silence::handles(&names, judges), task_silence::handles(&names, rules.deputies())))
}

async fn units_of(v: &Visit, market: &Market, rules: &Rules) -> Result<Vec<String>, Failure> {
    let Judging::Vote(VoteRules { voters: Voters::Units(units), .. }) = &rules.judging else {
        return Ok(Vec::new());
    };
    let found = market.units_by_ids(&v.actor, units).await?;
    Ok(units.iter().filter_map(|unit| found.get(unit)).map(|unit| unit.slug.clone()).collect())
}

async fn page(
    v: Visit,
    market: &Market,
    form: Form,
    task: Option<&TaskView>,
) -> Result<TaskFormPage, Failure> {
    let sources = super::task_input::sources(&v, market).await?;
    let (title, action, back) = match task {
        Some(task) => (
            key("task-edit"),
            urls::task_edit(&task.handle),
            Link::new(&task.title, urls::task(&task.handle)),
        ),
        None => (key("task-new"), urls::task_new(), Link::new(v.t(key("nav-tasks")), urls::tasks())),
    };
    let code = market.asset().code.as_str().to_owned();
    let begin = if task.is_none() { templates::rows(&v, market).await? } else { Vec::new() };
    Ok(TaskFormPage { templates: begin, ..blank(v, form, back, title, action, sources, code) })
}

fn blank(
    v: Visit,
    form: Form,
    back: Link,
    title: &'static str,
    action: String,
    sources: Vec<Choice>,
    code: String,
) -> TaskFormPage {
    let choices = |pairs: &[(&str, &'static str)]| {
        pairs.iter().map(|(value, label)| Choice::new(*value, v.t(*label))).collect::<Vec<_>>()
    };
    TaskFormPage {
        plans: choices(&[
            ("shares", key("plan-shares")),
            ("amounts", key("plan-amounts")),
            ("threshold", key("plan-threshold")),
            ("proportional", key("plan-proportional")),
            ("metered", key("plan-metered")),
            ("winner", key("plan-winner")),
        ]),
        dead_heats: choices(&[
            ("split", key("rule-dead-heat-split")),
            ("earliest", key("rule-dead-heat-earliest")),
        ]),
        unreached: choices(&[
            ("refund", key("rule-unreached-refund")),
            ("share", key("rule-unreached-share")),
        ]),
        judgings: choices(&[
            ("poster", key("judging-poster")),
            ("judges", key("judging-judges")),
            ("metric", key("judging-metric")),
            ("vote", key("judging-vote")),
            ("panel", key("judging-panel")),
        ]),
        combines: choices(&[
            ("mean", key("panel-combine-mean")),
            ("trimmed_mean", key("panel-combine-trimmed")),
        ]),
        metrics: super::task_metric::choices(&v),
        voters: super::task_vote::choices(&v),
        visibilities: choices(&[("internal", key("rule-entry-internal")), ("open", key("rule-entry-open"))]),
        stage_slots: task_stages::slots(),
        silence_switches: task_silence::switches(&v),
        silence_defaults: task_silence::defaults(&v),
        whos: entry_rules::whos(&v),
        hidings: entry_rules::hidings(&v),
        preview: None,
        templates: Vec::new(),
        kept: false,
        amend: None,
        evidence: evidence::rows(&form),
        evidence_kinds: evidence::kinds(&v),
        form,
        back,
        title,
        action,
        sources,
        code,
        v,
    }
}

#[cfg(test)]
pub(crate) fn samples() -> Vec<TaskFormPage> {
    crate::visit::samples::all()
        .into_iter()
        .map(|v| {
            let mut form =
                Form::of([("title", "<b>"), ("rules.plan", "shares"), ("rules.prizes", "60, 25, 15")]);
            form.refuse("bounty", "The amount must be more than zero.");
            let back = Link::new("Tasks", urls::tasks());
            let sources = vec![Choice::new("person", "My wallet")];
            let mut page = blank(v, form, back, key("task-new"), urls::task_new(), sources, "SAI".to_owned());
            page.preview = Some(super::task_parts::samples::outcomes(&page.v));
            page.templates = templates::row_samples();
            page.kept = page.v.signed_in();
            let amend = AmendForm { diff: Some(super::amend_diff::sample(&page.v)), asked: Some(2) };
            page.amend = page.v.signed_in().then_some(amend);
            if page.amend.is_some() {
                // What it pays is not amended.
                page.form = Form::of([("title", "<b>"), ("reason", "</textarea>")]);
                page.form.refuse("reason", "Say why.");
            }
            page
        })
        .collect()
}
