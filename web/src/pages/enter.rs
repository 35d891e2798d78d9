//! Entering a race, and changing a crew that has not agreed yet.
//!
//! Promises: everybody named sees their share before they agree; shares are typed in percent and kept to
//! the basis point. Must never: work out who may ride.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;
use market::error::{Code, Problems};
use market::race::{CrewShare, EnterRace, EntryView, ReviseCrew};
use market::task::TaskView;
use market::{Act, EntryId, Market, Refusal, UnitId};

use super::kit::{Choice, Link, basis_points, fresh_key, id, key_of, name, percent_typed};
use super::names::Wanted;
use super::outcomes::{self, CrewOutcomes, Mate};
use super::task_input::person;
use crate::errors::{Answer, Failure, problem_text};
use crate::forms::{Form, Posted};
use crate::i18n::key;
use crate::visit::Visit;
use crate::{respond, urls};

/// Rows for a crew on the form.
const ROWS: usize = 8;

/// The page.
#[derive(Debug, Template)]
#[template(path = "entries/form.html")]
pub struct EnterPage {
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
    /// True for a new entry, false for a new crew.
    pub new: bool,
    /// Units that the asker may enter for; the first choice is none.
    pub units: Vec<Choice>,
    /// Names of the rows: handle and share.
    pub rows: Vec<Row>,
    /// What the race pays.
    pub bounty: String,
    /// Most people in a crew.
    pub most: u32,
    /// What each would get by the shares as typed.
    pub preview: Option<CrewOutcomes>,
}

/// The field names of one row.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its number, from 1.
    pub number: usize,
    /// The field of the handle.
    pub person: String,
    /// The field of the share.
    pub share: String,
}

/// `GET /tasks/{handle}/enter`.
///
/// # Errors
/// Not found, for who may not enter.
pub async fn ask(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let task = enterable(&v, &market, &path).await?;
    let me = v.asker().map(|asker| asker.handle.clone()).unwrap_or_default();
    let mut form =
        Form::of([("crew.0.person", me), ("crew.0.share", "100".to_owned()), ("unit_share", "0".to_owned())]);
    form.set("key", fresh_key(&market));
    let page = enter_page(v, &market, &task, form).await?;
    Ok(respond::page(&page.v, &page))
}

/// `POST /tasks/{handle}/enter`: `name`, `unit`, `unit_share`, `crew.N.person`, `crew.N.share`; with `do` as
/// `preview` it only shows what each would get.
///
/// # Errors
/// Not found, for who may not enter.
pub async fn enter(v: Visit, market: Data<Market>, path: Path<String>, Posted(form): Posted) -> Answer {
    let task = enterable(&v, &market, &path).await?;
    if form.value("do") == "preview" {
        let unit = form.given("unit").and_then(|unit| unit.parse().ok());
        let (form, preview) = previewed(&v, &market, &task, form, unit).await?;
        let page = EnterPage { preview, ..enter_page(v, &market, &task, form).await? };
        return Ok(shown(&page));
    }
    let done = match crew(&v, &market, &form).await? {
        Err(refusal) => Err(refusal),
        Ok((unit_share, crew)) => {
            let unit: Option<UnitId> = form.given("unit").and_then(|unit| unit.parse().ok());
            let name = form.given("name").map(str::to_owned);
            let command = EnterRace { task: task.id, name, unit, unit_share, crew };
            market.run_once(&v.actor, key_of(&form)?, command).await
        }
    };
    match done {
        Ok(entry) => Ok(respond::done(&urls::entry(entry), key("done-entered"))),
        Err(refusal) => {
            let mut form = form.mend(&v, refusal)?;
            form.set("key", fresh_key(&market));
            let page = enter_page(v, &market, &task, form).await?;
            Ok(respond::form_again(&page.v, &page))
        }
    }
}

/// `GET /entries/{id}/crew`.
///
/// # Errors
/// Not found, unless the asker is its captain.
pub async fn revise_ask(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let (entry, task) = captained(&v, &market, &path).await?;
    let mut wanted = Wanted::default();
    wanted.persons(entry.crew.iter().map(|mate| mate.person));
    let names = wanted.names(&v, &market).await?;
    let mut form = Form::of([("unit_share", percent_typed(entry.unit_share))]);
    for (at, mate) in entry.crew.iter().enumerate() {
        form.set(&format!("crew.{at}.person"), names.handle(mate.person).unwrap_or_default());
        form.set(&format!("crew.{at}.share"), percent_typed(mate.share));
    }
    form.set("key", fresh_key(&market));
    let page = crew_page(v, &market, &task, &entry, form);
    Ok(respond::page(&page.v, &page))
}

/// `POST /entries/{id}/crew`: `unit_share`, `crew.N.person`, `crew.N.share`, and `do` as in [`enter`].
///
/// # Errors
/// Not found, unless the asker is its captain.
pub async fn revise(v: Visit, market: Data<Market>, path: Path<String>, Posted(form): Posted) -> Answer {
    let (entry, task) = captained(&v, &market, &path).await?;
    if form.value("do") == "preview" {
        let (form, preview) = previewed(&v, &market, &task, form, entry.unit).await?;
        let page = EnterPage { preview, ..crew_page(v, &market, &task, &entry, form) };
        return Ok(shown(&page));
    }
    let done = match crew(&v, &market, &form).await? {
        Err(refusal) => Err(refusal),
        Ok((unit_share, crew)) => {
            let command = ReviseCrew { entry: entry.id, unit_share, crew };
            market.run_once(&v.actor, key_of(&form)?, command).await
        }
    };
    match done {
        Ok(()) => Ok(respond::done(&urls::entry(entry.id), key("done-crew"))),
        Err(refusal) => {
            let mut form = form.mend(&v, refusal)?;
            form.set("key", fresh_key(&market));
            let page = crew_page(v, &market, &task, &entry, form);
            Ok(respond::form_again(&page.v, &page))
        }
    }
}

/// The task, if the asker may ever enter its race.
async fn enterable(v: &Visit, market: &Market, path: &str) -> Result<TaskView, Failure> {
    let task = market.task_by_handle(&v.actor, name(path)?).await?;
    let can = market.viewer_can(&v.actor, task.id).await?;
    match can.iter().any(|(act, _)| *act == Act::EnterRace) {
        true => Ok(task),
        false if v.signed_in() => Err(Refusal::NotFound.into()),
        false => Err(Refusal::Unauthenticated.into()),
    }
}

async fn captained(v: &Visit, market: &Market, path: &str) -> Result<(EntryView, TaskView), Failure> {
    let entry = market.entry(&v.actor, id::<EntryId>(path)?).await?;
    if !entry.captained {
        return Err(Refusal::NotFound.into());
    }
    let task = market.task(&v.actor, entry.task).await?;
    Ok((entry, task))
}

type Crew = (u32, Vec<CrewShare>);

/// The unit's share and the crew as typed, or what is wrong with them, beside the rows they were typed in.
async fn crew(v: &Visit, market: &Market, form: &Form) -> Result<Result<Crew, Refusal>, Failure> {
    let mut problems = Problems::default();
    let unit_share = match form.given("unit_share") {
        Some(text) => problems.keep("unit_share", basis_points(text)),
        None => Some(0),
    };
    let mut crew = Vec::new();
    for at in 0..50 {
        let (person_field, share_field) = (format!("crew.{at}.person"), format!("crew.{at}.share"));
        let Some(typed) = form.given(&person_field) else { continue };
        let found = person(v, market, typed).await?;
        problems.check(found.is_none(), person_field, Code::NoSuchPerson);
        let share = problems.keep(share_field.as_str(), basis_points(form.value(&share_field)));
        if let (Some(person), Some(share)) = (found, share) {
            crew.push(CrewShare { person, share });
        }
    }
    Ok(problems.done().map(|()| (unit_share.unwrap_or(0), crew)))
}

/// The form again, and what each would get by the shares as typed, if those sum to the whole.
async fn previewed(
    v: &Visit,
    market: &Market,
    task: &TaskView,
    mut form: Form,
    unit: Option<UnitId>,
) -> Result<(Form, Option<CrewOutcomes>), Failure> {
    form.forget("do");
    let (unit_share, mut crew) = match crew(v, market, &form).await? {
        Ok(read) => read,
        Err(refusal) => return Ok((form.mend(v, refusal)?, None)),
    };
    // Nobody named means the asker alone, as the market has it.
    if let (true, Some(person)) = (crew.is_empty(), v.actor.id()) {
        crew.push(CrewShare { person, share: 10_000_u32.saturating_sub(unit_share) });
    }
    let sum = crew.iter().map(|one| u64::from(one.share)).sum::<u64>() + u64::from(unit_share);
    if sum != 10_000 {
        form.refuse("crew", problem_text(v, &Code::BadShares { sum }));
        return Ok((form, None));
    }
    let mut wanted = Wanted::default();
    wanted.persons(crew.iter().map(|one| one.person)).units(unit);
    let names = wanted.names(v, market).await?;
    let unit = unit.map(|unit| Mate { who: names.unit(unit).text, share: unit_share, own: false });
    let crew = crew.iter().map(|one| Mate {
        who: names.person(one.person).text,
        share: one.share,
        own: v.actor.id() == Some(one.person),
    });
    let mates: Vec<Mate> = unit.into_iter().chain(crew).collect();
    let table = outcomes::crew_outcomes(v, task, outcomes::imagined(task), market.asset(), &mates);
    Ok((form, Some(table)))
}

fn shown(page: &EnterPage) -> HttpResponse {
    let wrong = !page.form.errors().is_empty();
    if wrong { respond::form_again(&page.v, page) } else { respond::page(&page.v, page) }
}

async fn enter_page(v: Visit, market: &Market, task: &TaskView, form: Form) -> Result<EnterPage, Failure> {
    let mine = v.asker().map(|asker| asker.leads.clone()).unwrap_or_default();
    let mut wanted = Wanted::default();
    wanted.units(mine.iter().copied());
    let names = wanted.names(&v, market).await?;
    let none = Choice::new("", v.t(key("enter-no-unit")));
    let units = mine.iter().map(|unit| Choice::new(unit.to_string(), names.unit(*unit).text));
    Ok(EnterPage {
        units: std::iter::once(none).chain(units).collect(),
        back: Link::new(&task.title, urls::task(&task.handle)),
        title: key("enter-title"),
        action: urls::task_enter(&task.handle),
        new: true,
        rows: rows(task.rules.max_crew),
        bounty: super::kit::tokens(market.asset(), task.bounty).to_string(),
        most: task.rules.max_crew,
        preview: None,
        form,
        v,
    })
}

fn crew_page(v: Visit, market: &Market, task: &TaskView, entry: &EntryView, form: Form) -> EnterPage {
    EnterPage {
        units: Vec::new(),
        back: Link::new(&entry.name, urls::entry(entry.id)),
        title: key("crew-title"),
        action: urls::entry_crew(entry.id),
        new: false,
        rows: rows(task.rules.max_crew),
        bounty: super::kit::tokens(market.asset(), task.bounty).to_string(),
        most: task.rules.max_crew,
        preview: None,
        form,
        v,
    }
}

fn rows(most: u32) -> Vec<Row> {
    let count = usize::try_from(most).unwrap_or(ROWS).min(ROWS);
    (0..count)
        .map(|at| Row {
            number: at + 1,
            person: format!("crew.{at}.person"),
            share: format!("crew.{at}.share"),
        })
        .collect()
}

#[cfg(test)]
pub(crate) fn samples() -> Vec<EnterPage> {
    let one = |v: Visit, new: bool| {
        let mut form = Form::of([("crew.0.person", "ada"), ("crew.0.share", "33.33")]);
        form.refuse("crew.0.share", "The shares must sum to 100 %.");
        EnterPage {
            form,
            back: Link::new("A task", urls::task("abc")),
            title: if new { key("enter-title") } else { key("crew-title") },
            action: urls::task_enter("abc"),
            new,
            units: vec![Choice::new("", "–"), Choice::new("1", "Red & Co")],
            rows: rows(4),
            bounty: "12,500.00 SAI".to_owned(),
            most: 4,
            preview: new.then(|| super::task_parts::samples::crew_outcomes(&v)),
            v,
        }
    };
    crate::visit::samples::all().into_iter().flat_map(|v| [one(v.clone(), true), one(v, false)]).collect()
}
