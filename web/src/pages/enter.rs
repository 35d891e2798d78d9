//! Entering a race, proposing another crew, and merging two lanes into one.
//!
//! Promises: everybody named sees their share before they agree; shares are typed in percent and kept to
//! the basis point. Must never: work out who may ride.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;
use market::amendment::AcceptAmendment;
use market::error::{Code, Problems};
use market::race::{
    AcceptTerms, CrewShare, EnterRace, EntryState, EntryView, MergeEntries, ReviseCrew, UnitShare,
};
use market::task::TaskView;
use market::{Act, AmendmentId, EntryId, Market, PersonKind, Refusal, UnitId};

use super::amend::{self, AmendmentRow};
use super::entry_rules::{self, TermsBlock};
use super::kit::{Address, Link, asked, basis_points, fresh_key, id, key_of, name, percent_typed};
use super::lanes;
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

/// Rows for units on the form.
const UNIT_ROWS: usize = 4;

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
    /// The key of what it means, where that needs saying.
    pub note: Option<&'static str>,
    /// Where the form goes.
    pub action: String,
    /// True for a new entry, false for a new crew.
    pub new: bool,
    /// True for those inside, who have units.
    pub inside: bool,
    /// Names of the rows of units: short name and share.
    pub unit_rows: Vec<Row>,
    /// Names of the rows: handle and share.
    pub rows: Vec<Row>,
    /// What the race pays.
    pub bounty: String,
    /// Most people in a crew.
    pub most: u32,
    /// The amendment that is open, unless the asker has said that they ride under either.
    pub amendment: Option<AmendmentRow>,
    /// The terms to accept, unless the asker has.
    pub terms: Option<TermsBlock>,
    /// What each would get by the shares as typed.
    pub preview: Option<CrewOutcomes>,
}

/// The field names of one row.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its number, from 1.
    pub number: usize,
    /// The field of the handle, or of a unit's short name.
    pub who: String,
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
    let mut form = Form::of([("crew.0.person", me), ("crew.0.share", "100".to_owned())]);
    form.set("key", fresh_key(&market));
    let terms = to_accept(&v, &market, &task).await?;
    let amendment = open_one(&v, &market, &task).await?;
    let page = EnterPage { terms, amendment, ..enter_page(v, &market, &task, form) };
    Ok(respond::page(&page.v, &page))
}

/// `POST /tasks/{handle}/enter`: `name`, `units.N.unit`, `units.N.share`, `crew.N.person`,
/// `crew.N.share`; with `do` as `preview` it only shows what each would get.
///
/// # Errors
/// Not found, for who may not enter.
pub async fn enter(v: Visit, market: Data<Market>, path: Path<String>, Posted(form): Posted) -> Answer {
    let task = enterable(&v, &market, &path).await?;
    if form.value("do") == "preview" {
        let (form, preview) = previewed(&v, &market, &task, form).await?;
        let terms = to_accept(&v, &market, &task).await?;
        let amendment = open_one(&v, &market, &task).await?;
        let page = EnterPage { preview, terms, amendment, ..enter_page(v, &market, &task, form) };
        return Ok(shown(&page));
    }
    let done = match crew(&v, &market, &form).await? {
        Err(refusal) => Err(refusal),
        Ok((units, crew)) => {
            accept(&v, &market, &task, &form).await?;
            accept_amendment(&v, &market, &form).await?;
            let name = form.given("name").map(str::to_owned);
            let command = EnterRace { task: task.id, name, units, crew };
            market.run_once(&v.actor, key_of(&form)?, command).await
        }
    };
    match done {
        Ok(entry) => Ok(respond::done(&urls::entry(entry), key("done-entered"))),
        Err(refusal) => {
            let mut form = form.mend(&v, refusal)?;
            form.set("key", fresh_key(&market));
            let terms = to_accept(&v, &market, &task).await?;
            let amendment = open_one(&v, &market, &task).await?;
            let page = EnterPage { terms, amendment, ..enter_page(v, &market, &task, form) };
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
    let mut form = Form::default();
    fill(&v, &market, &mut form, &[&entry]).await?;
    form.set("key", fresh_key(&market));
    let page = crew_page(v, &market, &task, &entry, form);
    Ok(respond::page(&page.v, &page))
}

/// `POST /entries/{id}/crew`: units, crew and `do` as in [`enter`].
///
/// # Errors
/// Not found, unless the asker is its captain.
pub async fn revise(v: Visit, market: Data<Market>, path: Path<String>, Posted(form): Posted) -> Answer {
    let (entry, task) = captained(&v, &market, &path).await?;
    if form.value("do") == "preview" {
        let (form, preview) = previewed(&v, &market, &task, form).await?;
        let page = EnterPage { preview, ..crew_page(v, &market, &task, &entry, form) };
        return Ok(shown(&page));
    }
    let done = match crew(&v, &market, &form).await? {
        Err(refusal) => Err(refusal),
        Ok((units, crew)) => {
            let command = ReviseCrew { entry: entry.id, units, crew };
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
    let entry = lanes::one(v, market, id::<EntryId>(path)?).await?;
    if !entry.captained {
        return Err(Refusal::NotFound.into());
    }
    let task = market.task(&v.actor, entry.task).await?;
    Ok((entry, task))
}

type Crew = (Vec<UnitShare>, Vec<CrewShare>);

/// Fills in the crew and the units of some entries, shares kept in proportion.
async fn fill(v: &Visit, market: &Market, form: &mut Form, entries: &[&EntryView]) -> Result<(), Failure> {
    let many = u32::try_from(entries.len()).unwrap_or(1).max(1);
    let mut wanted = Wanted::default();
    let parts = entries.iter().flat_map(|entry| entry.units.iter());
    let units: Vec<_> = parts.map(|part| (part.unit, part.share / many)).collect();
    let mates = entries.iter().flat_map(|entry| entry.crew.iter());
    let mates: Vec<_> = mates.map(|mate| (mate.person, mate.share / many)).collect();
    wanted.persons(mates.iter().map(|(person, _)| *person));
    let names = wanted.names(v, market).await?;
    let known =
        market.units_by_ids(&v.actor, &units.iter().map(|(unit, _)| *unit).collect::<Vec<_>>()).await?;
    for (at, (unit, share)) in units.iter().enumerate() {
        let slug = known.get(unit).map(|unit| unit.slug.clone()).unwrap_or_default();
        form.set(&format!("units.{at}.unit"), slug);
        form.set(&format!("units.{at}.share"), percent_typed(*share));
    }
    for (at, (person, share)) in mates.iter().enumerate() {
        form.set(&format!("crew.{at}.person"), names.handle(*person).unwrap_or_default());
        form.set(&format!("crew.{at}.share"), percent_typed(*share));
    }
    Ok(())
}

/// The units and the crew as typed, or what is wrong with them, beside the rows they were typed in.
async fn crew(v: &Visit, market: &Market, form: &Form) -> Result<Result<Crew, Refusal>, Failure> {
    let mut problems = Problems::default();
    let mut units = Vec::new();
    for at in 0..10 {
        let (unit_field, share_field) = (format!("units.{at}.unit"), format!("units.{at}.share"));
        let Some(typed) = form.given(&unit_field) else { continue };
        let found = unit(v, market, typed).await?;
        problems.check(found.is_none(), unit_field, Code::BadChoice);
        let share =
            problems.keep(share_field.as_str(), basis_points(form.given(&share_field).unwrap_or("0")));
        if let (Some(unit), Some(share)) = (found, share) {
            units.push(UnitShare { unit, share });
        }
    }
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
    Ok(problems.done().map(|()| (units, crew)))
}

/// The unit of a short name as people type it.
pub(super) async fn unit(v: &Visit, market: &Market, typed: &str) -> Result<Option<UnitId>, Failure> {
    let slug = typed.trim().to_ascii_lowercase();
    if name(&slug).is_err() {
        return Ok(None);
    }
    match market.unit_by_slug(&v.actor, &slug).await {
        Ok(unit) => Ok(Some(unit.id)),
        Err(Refusal::NotFound) => Ok(None),
        Err(refusal) => Err(refusal.into()),
    }
}

/// The form again, and what each would get by the shares as typed, if those sum to the whole.
async fn previewed(
    v: &Visit,
    market: &Market,
    task: &TaskView,
    mut form: Form,
) -> Result<(Form, Option<CrewOutcomes>), Failure> {
    form.forget("do");
    let (units, mut crew) = match crew(v, market, &form).await? {
        Ok(read) => read,
        Err(refusal) => return Ok((form.mend(v, refusal)?, None)),
    };
    let of_units = units.iter().map(|one| u64::from(one.share)).sum::<u64>();
    // Nobody named means the asker alone, as the market has it.
    if let (true, Some(person)) = (crew.is_empty(), v.actor.id()) {
        let share = u32::try_from(10_000_u64.saturating_sub(of_units)).unwrap_or(0);
        crew.push(CrewShare { person, share });
    }
    let sum = crew.iter().map(|one| u64::from(one.share)).sum::<u64>() + of_units;
    if sum != 10_000 {
        form.refuse("crew", problem_text(v, &Code::BadShares { sum }));
        return Ok((form, None));
    }
    let mut wanted = Wanted::default();
    wanted.persons(crew.iter().map(|one| one.person)).units(units.iter().map(|one| one.unit));
    let names = wanted.names(v, market).await?;
    let units = units.iter().map(|one| Mate { who: names.unit(one.unit).text, share: one.share, own: false });
    let crew = crew.iter().map(|one| Mate {
        who: names.person(one.person).text,
        share: one.share,
        own: v.actor.id() == Some(one.person),
    });
    let mates: Vec<Mate> = units.chain(crew).collect();
    let table = outcomes::crew_outcomes(v, task, outcomes::imagined(task), market.asset(), &mates);
    Ok((form, Some(table)))
}

fn shown(page: &EnterPage) -> HttpResponse {
    let wrong = !page.form.errors().is_empty();
    if wrong { respond::form_again(&page.v, page) } else { respond::page(&page.v, page) }
}

fn enter_page(v: Visit, market: &Market, task: &TaskView, form: Form) -> EnterPage {
    EnterPage {
        back: Link::new(&task.title, urls::task(&task.handle)),
        title: key("enter-title"),
        note: None,
        action: urls::task_enter(&task.handle),
        new: true,
        inside: is_inside(&v),
        unit_rows: rows("units", "unit", UNIT_ROWS),
        rows: rows("crew", "person", crew_rows(task)),
        bounty: super::kit::tokens(market.asset(), task.bounty).to_string(),
        most: task.rules.max_crew,
        terms: None,
        amendment: None,
        preview: None,
        form,
        v,
    }
}

/// The terms of the race, unless there are none or the asker has accepted them.
///
/// # Errors
/// Faults.
pub(super) async fn to_accept(
    v: &Visit,
    market: &Market,
    task: &TaskView,
) -> Result<Option<TermsBlock>, Failure> {
    let terms = entry_rules::terms(v, task, market.eligibility(&v.actor, task.id).await?);
    Ok(terms.filter(|terms| !terms.accepted))
}

/// Accepts the terms, if the form says so.
///
/// # Errors
/// The market's refusals.
pub(super) async fn accept(v: &Visit, market: &Market, task: &TaskView, form: &Form) -> Result<(), Failure> {
    if form.has("terms", "on") && task.rules.entry.terms.is_some() {
        market.run(&v.actor, AcceptTerms { task: task.id }).await?;
    }
    Ok(())
}

/// The amendment to accept, unless the asker has.
async fn open_one(v: &Visit, market: &Market, task: &TaskView) -> Result<Option<AmendmentRow>, Failure> {
    Ok(amend::open_one(v, market, task).await?.filter(|row| !row.accept.is_empty()))
}

/// Says that the asker rides under either, where the form names the amendment that they were shown.
async fn accept_amendment(v: &Visit, market: &Market, form: &Form) -> Result<(), Failure> {
    if let Some(seen) = form.given("amendment") {
        let amendment = id::<AmendmentId>(seen)?;
        match market.run(&v.actor, AcceptAmendment { amendment }).await {
            // Decided meanwhile: there is nothing to accept any more.
            Ok(()) | Err(Refusal::Invalid(_)) => {}
            Err(refusal) => return Err(refusal.into()),
        }
    }
    Ok(())
}

fn crew_page(v: Visit, market: &Market, task: &TaskView, entry: &EntryView, form: Form) -> EnterPage {
    EnterPage {
        back: Link::new(&entry.name, urls::entry(entry.id)),
        title: key("crew-title"),
        note: (entry.state == EntryState::Running).then(|| key("crew-running-note")),
        action: urls::entry_crew(entry.id),
        new: false,
        ..enter_page(v, market, task, form)
    }
}

fn is_inside(v: &Visit) -> bool {
    v.asker().is_some_and(|asker| asker.kind == PersonKind::Member)
}

fn crew_rows(task: &TaskView) -> usize {
    usize::try_from(task.rules.max_crew).unwrap_or(ROWS).min(ROWS)
}

fn rows(list: &str, who: &str, count: usize) -> Vec<Row> {
    (0..count)
        .map(|at| Row {
            number: at + 1,
            who: format!("{list}.{at}.{who}"),
            share: format!("{list}.{at}.share"),
        })
        .collect()
}

/// `GET /entries/{id}/merge?with=…`: the entry whose lane would close.
///
/// # Errors
/// Not found, unless the asker is its captain.
pub async fn merge_ask(v: Visit, market: Data<Market>, path: Path<String>, address: Address) -> Answer {
    let (entry, task) = captained(&v, &market, &path).await?;
    let with = asked(address).value("with").to_owned();
    let other = lanes::one(&v, &market, id::<EntryId>(&with)?).await?;
    if other.task != entry.task || other.id == entry.id {
        return Err(Refusal::NotFound.into());
    }
    let mut form = Form::of([("with", with)]);
    fill(&v, &market, &mut form, &[&entry, &other]).await?;
    form.set("key", fresh_key(&market));
    let page = merge_page(v, &market, &task, &entry, form);
    Ok(respond::page(&page.v, &page))
}

/// `POST /entries/{id}/merge`: `with`, units, crew and `do` as in [`enter`].
///
/// # Errors
/// Not found, unless the asker is its captain.
pub async fn merge(v: Visit, market: Data<Market>, path: Path<String>, Posted(form): Posted) -> Answer {
    let (entry, task) = captained(&v, &market, &path).await?;
    let with = id::<EntryId>(form.value("with"))?;
    if form.value("do") == "preview" {
        let (form, preview) = previewed(&v, &market, &task, form).await?;
        let page = EnterPage { preview, ..merge_page(v, &market, &task, &entry, form) };
        return Ok(shown(&page));
    }
    let done = match crew(&v, &market, &form).await? {
        Err(refusal) => Err(refusal),
        Ok((units, crew)) => {
            let command = MergeEntries { entry: entry.id, with, units, crew };
            market.run_once(&v.actor, key_of(&form)?, command).await
        }
    };
    match done {
        Ok(()) => Ok(respond::done(&urls::entry(entry.id), key("done-crew"))),
        Err(refusal) => {
            let mut form = form.mend(&v, refusal)?;
            form.set("key", fresh_key(&market));
            let page = merge_page(v, &market, &task, &entry, form);
            Ok(respond::form_again(&page.v, &page))
        }
    }
}

fn merge_page(v: Visit, market: &Market, task: &TaskView, entry: &EntryView, form: Form) -> EnterPage {
    EnterPage {
        title: key("merge-title"),
        note: Some(key("merge-note")),
        action: urls::entry_merge(entry.id),
        ..crew_page(v, market, task, entry, form)
    }
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
            note: (!new).then(|| key("merge-note")),
            inside: new,
            unit_rows: rows("units", "unit", 2),
            rows: rows("crew", "person", 4),
            bounty: "12,500.00 SAI".to_owned(),
            most: 4,
            terms: new.then(entry_rules::sample_terms),
            amendment: new.then(|| amend::sample_row(&v)),
            preview: new.then(|| super::task_parts::samples::crew_outcomes(&v)),
            v,
        }
    };
    crate::visit::samples::all().into_iter().flat_map(|v| [one(v.clone(), true), one(v, false)]).collect()
}
