//! The judge's desk of one stage: a score and a reason for each lane that handed in.
//!
//! Promises: what a judge typed is kept until the stage is cut; what the scores come to is said in words beside
//! them. Must never: suggest a score.

use actix_web::web::{Data, Path};
use askama::Template;
use market::error::{Code, Problems};
use market::judging::{RuleStage, StageScore, StageState, StageView};
use market::race::{EntryState, EntryView};
use market::task::{Score, TaskView};
use market::{Act, EntryId, Market, Moment, Refusal};

use super::kit::{Link, fresh_key, key_of, name};
use super::lanes;
use super::names::Wanted;
use super::task_stages::{self, StageBlock};
use crate::errors::{Answer, Failure};
use crate::forms::{Form, Posted};
use crate::i18n::key;
use crate::visit::Visit;
use crate::{respond, urls};

/// The page.
#[derive(Debug, Template)]
#[template(path = "tasks/stage_rule.html")]
pub struct StageRulePage {
    /// The request.
    pub v: Visit,
    /// What was typed.
    pub form: Form,
    /// The task.
    pub task: Link,
    /// The stage.
    pub stage: StageBlock,
    /// Where the form goes.
    pub action: String,
    /// The lanes to score.
    pub lanes: Vec<ScoreRow>,
}

/// A lane to score.
#[derive(Debug, Clone)]
pub struct ScoreRow {
    /// Its number.
    pub lane: u32,
    /// Its name, leading to what it handed in.
    pub name: Link,
    /// The entry's id, for the form.
    pub id: String,
    /// The names of its fields.
    pub entry: String,
    /// Its score.
    pub score: String,
    /// Why.
    pub reason: String,
}

/// `GET /tasks/{handle}/stage`.
///
/// # Errors
/// Not found, for who may not rule it, and while no stage waits.
pub async fn ask(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let (task, stage) = waiting(&v, &market, &path).await?;
    let mut form = Form::default();
    form.set("key", fresh_key(&market));
    let page = page(v, &market, &task, &stage, form).await?;
    Ok(respond::page(&page.v, &page))
}

/// `POST /tasks/{handle}/stage`: `summary`, and `lines.N.entry`, `.score`, `.reason`.
///
/// # Errors
/// Not found, for who may not rule it, and while no stage waits.
pub async fn rule(v: Visit, market: Data<Market>, path: Path<String>, Posted(form): Posted) -> Answer {
    let (task, stage) = waiting(&v, &market, &path).await?;
    let summary = form.value("summary").to_owned();
    let done = match lines(&form) {
        Err(refusal) => Err(refusal),
        Ok(lines) => {
            let command = RuleStage { task: task.id, stage: stage.no, summary, lines };
            market.run_once(&v.actor, key_of(&form)?, command).await
        }
    };
    match done {
        Ok(()) => Ok(respond::done(&urls::task(&task.handle), key("done-stage"))),
        Err(refusal) => {
            let mut form = form.mend(&v, refusal)?;
            form.set("key", fresh_key(&market));
            let page = page(v, &market, &task, &stage, form).await?;
            Ok(respond::form_again(&page.v, &page))
        }
    }
}

/// The stage that waits for the asker's scores.
async fn waiting(v: &Visit, market: &Market, path: &str) -> Result<(TaskView, StageView), Failure> {
    let task = market.task_by_handle(&v.actor, name(path)?).await?;
    let can = market.viewer_can(&v.actor, task.id).await?;
    let stages = market.stages(&v.actor, task.id).await?;
    let stage = stages.into_iter().find(|stage| stage.state == StageState::Judging);
    match stage.filter(|_| can.iter().any(|(act, _)| *act == Act::RuleStage)) {
        Some(stage) => Ok((task, stage)),
        None => Err(Refusal::NotFound.into()),
    }
}

fn lines(form: &Form) -> Result<Vec<StageScore>, Refusal> {
    let mut problems = Problems::default();
    let mut lines = Vec::new();
    for at in 0..1_000 {
        let field = |part: &str| format!("lines.{at}.{part}");
        let Some(entry) = form.given(field("entry")) else { break };
        let entry = problems.keep(field("entry"), entry.parse::<EntryId>().map_err(|_| Code::BadId));
        let score = form.given(field("score")).ok_or(Code::Required).and_then(Score::parse);
        let score = problems.keep(field("score"), score);
        if let (Some(entry), Some(score)) = (entry, score) {
            lines.push(StageScore { entry, score, reason: form.value(field("reason")).to_owned() });
        }
    }
    problems.done().map(|()| lines)
}

async fn page(
    v: Visit,
    market: &Market,
    task: &TaskView,
    stage: &StageView,
    form: Form,
) -> Result<StageRulePage, Failure> {
    let entries = lanes::all(&v, market, task.id).await?;
    let names = Wanted::default().names(&v, market).await?;
    let before = stage.no.checked_sub(2).and_then(|at| task.rules.stages.get(usize::try_from(at).ok()?));
    let began = before.map_or(Moment(i64::MIN), |stage| stage.ends_at);
    let handed = market.handed_within(&v.actor, task.id, (began, stage.stage.ends_at)).await?;
    let runs = |entry: &&EntryView| entry.state == EntryState::Running && handed.contains(&entry.id);
    Ok(StageRulePage {
        task: Link::new(&task.title, urls::task(&task.handle)),
        stage: task_stages::block(&v, market.asset(), &names, &entries, &task.rules, stage),
        action: urls::task_stage(&task.handle),
        lanes: entries.iter().filter(runs).enumerate().map(|(at, entry)| row(at, entry)).collect(),
        form,
        v,
    })
}

fn row(at: usize, entry: &EntryView) -> ScoreRow {
    ScoreRow {
        lane: entry.lane,
        name: Link::new(&entry.name, urls::entry(entry.id)),
        id: entry.id.to_string(),
        entry: format!("lines.{at}.entry"),
        score: format!("lines.{at}.score"),
        reason: format!("lines.{at}.reason"),
    }
}

#[cfg(test)]
pub(crate) fn samples() -> Vec<StageRulePage> {
    let page = |v: Visit| {
        let mut form = Form::of([("lines.0.reason", "</textarea><script>")]);
        form.refuse("lines.0.score", "Give a score from 0 to 100.");
        let lane = ScoreRow {
            lane: 1,
            name: Link::new("Blue & Green", urls::entry("1")),
            id: "1".to_owned(),
            entry: "lines.0.entry".to_owned(),
            score: "lines.0.score".to_owned(),
            reason: "lines.0.reason".to_owned(),
        };
        StageRulePage {
            form,
            task: Link::new("A task", urls::task("abc")),
            stage: task_stages::sample(&v),
            action: urls::task_stage("abc"),
            lanes: vec![lane],
            v,
        }
    };
    crate::visit::samples::all().into_iter().map(page).collect()
}
