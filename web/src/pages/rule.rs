//! The judge's desk of one race: a place, a score and a reason for each lane that handed in.
//!
//! Promises: what a judge typed is kept until the ruling stands. Must never: suggest a place.

use actix_web::web::{Data, Path};
use askama::Template;
use market::error::{Code, Problems};
use market::judging::{RuleRace, RulingLine};
use market::race::EntryView;
use market::task::{Score, TaskView};
use market::{Act, EntryId, Market, Refusal};

use super::kit::{Fact, Link, fresh_key, key_of, name, tokens};
use super::lanes;
use super::names::Wanted;
use super::returned::{self, SameRow};
use super::rules;
use super::signing::{SignNote, proposal, signed, wanted};
use super::task_parts::entry_link;
use crate::errors::{Answer, Failure};
use crate::format::Tokens;
use crate::forms::{Form, Posted};
use crate::i18n::key;
use crate::visit::Visit;
use crate::{markdown, respond, urls};

/// The page.
#[derive(Debug, Template)]
#[template(path = "tasks/rule.html")]
pub struct RulePage {
    /// The request.
    pub v: Visit,
    /// What was typed.
    pub form: Form,
    /// The task.
    pub task: Link,
    /// What had to hold, as safe HTML.
    pub criteria: String,
    /// The rules in plain words.
    pub rules: Vec<Fact>,
    /// Whether every placed lane needs a score.
    pub needs_scores: bool,
    /// Whether scores decide what is paid.
    pub by_score: bool,
    /// Where the form goes.
    pub action: String,
    /// The lanes to rule.
    pub lanes: Vec<RuleRow>,
    /// The same artefact in several lanes.
    pub same: Vec<SameRow>,
    /// What the ruling as typed would pay.
    pub preview: Option<Preview>,
    /// What a script must know to sign it.
    pub sign: SignNote,
}

/// What a ruling would pay.
#[derive(Debug, Clone)]
pub struct Preview {
    /// A row for each lane: name, place, all it gets, the start prize in that.
    pub rows: Vec<PreviewRow>,
    /// What goes back to the funders.
    pub refund: Tokens,
}

/// What one lane would get.
#[derive(Debug, Clone)]
pub struct PreviewRow {
    /// The lane.
    pub name: Link,
    /// Its place.
    pub place: Option<u32>,
    /// All it gets.
    pub award: Tokens,
    /// The start prize in that.
    pub start: Tokens,
}

/// A lane to rule.
#[derive(Debug, Clone)]
pub struct RuleRow {
    /// Its number.
    pub lane: u32,
    /// Its name, leading to what it handed in.
    pub name: Link,
    /// How many versions it handed in.
    pub versions: u32,
    /// The entry's id, for the form.
    pub id: String,
    /// The names of its fields.
    pub entry: String,
    /// Its place.
    pub place: String,
    /// Its score.
    pub score: String,
    /// Why.
    pub reason: String,
}

/// `GET /tasks/{handle}/rule`.
///
/// # Errors
/// Not found, for who may not rule.
pub async fn ask(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let task = judged(&v, &market, &path).await?;
    let mut form = Form::default();
    form.set("key", fresh_key(&market));
    let page = page(v, &market, &task, form).await?;
    Ok(respond::page(&page.v, &page))
}

/// `POST /tasks/{handle}/rule`: `summary`, and `lines.N.entry`, `.place`, `.score`, `.reason`.
///
/// # Errors
/// Not found, for who may not rule.
pub async fn rule(v: Visit, market: Data<Market>, path: Path<String>, Posted(mut form): Posted) -> Answer {
    let task = judged(&v, &market, &path).await?;
    let (signed, wanted) = (signed(&mut form)?, wanted(&form)?);
    let summary = form.value("summary").to_owned();
    let command = lines(&form).map(|lines| RuleRace { task: task.id, summary, lines });
    if form.value("do") == "preview" {
        return preview(v, &market, &task, form, command).await;
    }
    if let Some(public_key) = wanted {
        return proposal(match command {
            Ok(command) => market.intent(&v.actor, public_key, command).await,
            Err(refusal) => Err(refusal),
        });
    }
    let done = match command {
        Err(refusal) => Err(refusal),
        Ok(command) => market.run_signed(&v.actor, key_of(&form)?, command, signed).await,
    };
    match done {
        Ok(_) => Ok(respond::done(&urls::task(&task.handle), key("done-ruled"))),
        Err(refusal) => {
            let mut form = form.mend(&v, refusal)?;
            form.set("key", fresh_key(&market));
            let page = page(v, &market, &task, form).await?;
            Ok(respond::form_again(&page.v, &page))
        }
    }
}

/// The form again, with what it would pay or with what is wrong.
async fn preview(
    v: Visit,
    market: &Market,
    task: &TaskView,
    mut form: Form,
    command: Result<RuleRace, Refusal>,
) -> Answer {
    form.forget("do");
    let found = match command {
        Ok(command) => market.ruling_preview(&v.actor, &command).await,
        Err(refusal) => Err(refusal),
    };
    match found {
        Ok(found) => {
            let entries = lanes::all(&v, market, task.id).await?;
            let asset = market.asset();
            let row = |award: &market::award::Award| PreviewRow {
                name: entry_link(&entries, award.entry),
                place: award.place,
                award: tokens(asset, award.amount),
                start: tokens(asset, award.start),
            };
            let rows = found.awards.iter().map(row).collect();
            let shown = Preview { rows, refund: tokens(asset, found.refund) };
            let page = RulePage { preview: Some(shown), ..page(v, market, task, form).await? };
            Ok(respond::page(&page.v, &page))
        }
        Err(refusal) => {
            let form = form.mend(&v, refusal)?;
            let page = page(v, market, task, form).await?;
            Ok(respond::form_again(&page.v, &page))
        }
    }
}

async fn judged(v: &Visit, market: &Market, path: &str) -> Result<TaskView, Failure> {
    let task = market.task_by_handle(&v.actor, name(path)?).await?;
    let can = market.viewer_can(&v.actor, task.id).await?;
    if can.iter().any(|(act, _)| *act == Act::RuleRace) { Ok(task) } else { Err(Refusal::NotFound.into()) }
}

/// The lines as typed. An empty place means: not placed.
fn lines(form: &Form) -> Result<Vec<RulingLine>, Refusal> {
    let mut problems = Problems::default();
    let mut lines = Vec::new();
    for at in 0..1_000 {
        let field = |part: &str| format!("lines.{at}.{part}");
        let Some(entry) = form.given(field("entry")) else { break };
        let place =
            form.given(field("place")).map(|text| text.parse().map_err(|_| Code::BadPlace)).transpose();
        let score = form.given(field("score")).map(Score::parse).transpose();
        let entry = problems.keep(field("entry"), entry.parse::<EntryId>().map_err(|_| Code::BadId));
        let place = problems.keep(field("place"), place);
        let score = problems.keep(field("score"), score);
        if let (Some(entry), Some(place), Some(score)) = (entry, place, score) {
            lines.push(RulingLine { entry, place, score, reason: form.value(field("reason")).to_owned() });
        }
    }
    problems.done().map(|()| lines)
}

async fn page(v: Visit, market: &Market, task: &TaskView, form: Form) -> Result<RulePage, Failure> {
    let entries = lanes::all(&v, market, task.id).await?;
    let mut wanted = Wanted::default();
    wanted.persons([task.poster]);
    if let market::race::Who::Units(units) = &task.rules.entry.who {
        wanted.units(units.iter().copied());
    }
    wanted.persons(task.rules.judging.named().iter().copied());
    let names = wanted.names(&v, market).await?;
    let poster = names.person(task.poster);
    let ruled =
        |entry: &&EntryView| !entry.state.is_out() && entry.submissions > 0 && entry.returned.is_none();
    let same = market.same_work(&v.actor, task.id).await?;
    Ok(RulePage {
        task: Link::new(&task.title, urls::task(&task.handle)),
        criteria: markdown::to_html(&task.criteria),
        rules: rules::facts(&v, &task.rules, task.visibility, market.asset(), &names, poster),
        needs_scores: task.rules.asks_scores(),
        by_score: task.rules.plan.by_score(),
        action: urls::task_rule(&task.handle),
        lanes: entries.iter().filter(ruled).enumerate().map(|(at, entry)| row(at, entry)).collect(),
        same: returned::same_rows(&entries, &same),
        sign: SignNote::new(&v, market, Act::RuleRace).await?,
        preview: None,
        form,
        v,
    })
}

fn row(at: usize, entry: &EntryView) -> RuleRow {
    RuleRow {
        lane: entry.lane,
        name: Link::new(&entry.name, urls::entry(entry.id)),
        versions: entry.submissions,
        id: entry.id.to_string(),
        entry: format!("lines.{at}.entry"),
        place: format!("lines.{at}.place"),
        score: format!("lines.{at}.score"),
        reason: format!("lines.{at}.reason"),
    }
}

#[cfg(test)]
pub(crate) fn samples() -> Vec<RulePage> {
    let lane = |at: usize, name: &str| RuleRow {
        lane: 1,
        name: Link::new(name, urls::entry("1")),
        versions: 2,
        id: "1".to_owned(),
        entry: format!("lines.{at}.entry"),
        place: format!("lines.{at}.place"),
        score: format!("lines.{at}.score"),
        reason: format!("lines.{at}.reason"),
    };
    let page = |v: Visit| {
        let mut form = Form::of([("lines.0.place", "1"), ("lines.0.reason", "</textarea><script>")]);
        form.refuse("lines.0.score", "Give a score from 0 to 100.");
        RulePage {
            form,
            task: Link::new("A task", urls::task("abc")),
            criteria: "<p>It works.</p>".to_owned(),
            rules: vec![Fact::new("Prizes", "all")],
            needs_scores: v.signed_in(),
            by_score: v.signed_in(),
            action: urls::task_rule("abc"),
            same: vec![SameRow {
                kind: key("same-file"),
                what: "<copy>.zip".to_owned(),
                lanes: vec![Link::new("Red", urls::entry("1")), Link::new("Blue & Green", urls::entry("2"))],
            }],
            sign: super::signing::sample(),
            preview: v.signed_in().then(|| Preview {
                rows: vec![PreviewRow {
                    name: Link::new("Red", urls::entry(1)),
                    place: Some(1),
                    award: Tokens::new(62_000, 2, "SAI"),
                    start: Tokens::new(2_000, 2, "SAI"),
                }],
                refund: Tokens::new(0, 2, "SAI"),
            }),
            lanes: vec![lane(0, "Red"), lane(1, "Blue & Green")],
            v,
        }
    };
    crate::visit::samples::all().into_iter().map(page).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: &str = "00000000-0000-0000-0000-000000000001";

    #[test]
    fn an_empty_place_is_no_place() {
        let form = Form::of([("lines.0.entry", ENTRY), ("lines.0.place", " "), ("lines.0.score", "12.5")]);
        let read = lines(&form).unwrap_or_default();
        assert_eq!((read.len(), read[0].place, read[0].score.map(Score::hundredths)), (1, None, Some(1_250)));
    }

    #[test]
    fn what_cannot_be_read_is_told_beside_its_field() {
        let form = Form::of([("lines.0.entry", ENTRY), ("lines.0.place", "first"), ("lines.0.score", "101")]);
        let Err(Refusal::Invalid(problems)) = lines(&form) else { panic!("refused") };
        let fields: Vec<_> = problems.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(fields, ["lines.0.place", "lines.0.score"]);
    }
}
