//! Inviting people and units to a race.
//!
//! Must never: decide who may be invited.

use actix_web::web::{Data, Path};
use market::error::{Code, Problems};
use market::race::{Became, InvitationView, InviteToRace, UninviteFromRace};
use market::task::TaskView;
use market::{Act, Market, Refusal};

use super::act::{ActPage, Ask, Field};
use super::enter::unit;
use super::kit::{Choice, Fact, Link, fresh_key, key_of, name};
use super::names::{Names, Wanted};
use super::task_acts::page as act_page;
use super::task_input::{list, person};
use crate::errors::{Answer, Failure};
use crate::forms::{Form, Posted};
use crate::i18n::key;
use crate::visit::Visit;
use crate::{respond, urls};

/// `GET /tasks/{handle}/invite`.
///
/// # Errors
/// Not found, unless the asker posted it.
pub async fn ask(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let task = posted(&v, &market, &path).await?;
    Ok(page(v, &market, &task, Form::default()).await?.once(&market).answer())
}

/// `POST /tasks/{handle}/invite`: `people`, `units`, each a list of short names.
///
/// # Errors
/// Not found, unless the asker posted it.
pub async fn invite(v: Visit, market: Data<Market>, path: Path<String>, Posted(mut form): Posted) -> Answer {
    let task = posted(&v, &market, &path).await?;
    let done = match read(&v, &market, &task, &form).await? {
        Ok(command) => market.run_once(&v.actor, key_of(&form)?, command).await,
        Err(refusal) => Err(refusal),
    };
    match done {
        Ok(()) => Ok(respond::done(&urls::task(&task.handle), key("done-invited"))),
        Err(refusal) => {
            form.set("key", fresh_key(&market));
            page(v, &market, &task, form).await?.mend(in_lists(refusal))
        }
    }
}

/// A problem with one of a list stands beside the list.
fn in_lists(refusal: Refusal) -> Refusal {
    let Refusal::Invalid(mut problems) = refusal else { return refusal };
    for problem in &mut problems {
        if let Some((list, _)) = problem.field.split_once('.') {
            problem.field = list.to_owned();
        }
    }
    Refusal::Invalid(problems)
}

async fn posted(v: &Visit, market: &Market, path: &str) -> Result<TaskView, Failure> {
    let task = market.task_by_handle(&v.actor, name(path)?).await?;
    let can = market.viewer_can(&v.actor, task.id).await?;
    if can.iter().any(|(act, _)| *act == Act::InviteToRace) {
        Ok(task)
    } else {
        Err(Refusal::NotFound.into())
    }
}

async fn read(
    v: &Visit,
    market: &Market,
    task: &TaskView,
    form: &Form,
) -> Result<Result<InviteToRace, Refusal>, Failure> {
    let mut problems = Problems::default();
    let (mut people, mut units) = (Vec::new(), Vec::new());
    for handle in list(form.value("people")).take(51) {
        match person(v, market, handle).await? {
            Some(found) => people.push(found),
            None => problems.add("people", Code::NoSuchPerson),
        }
    }
    for slug in list(form.value("units")).take(51) {
        match unit(v, market, slug).await? {
            Some(found) => units.push(found),
            None => problems.add("units", Code::BadChoice),
        }
    }
    Ok(problems.done().map(|()| InviteToRace { task: task.id, people, units }))
}

async fn page(v: Visit, market: &Market, task: &TaskView, form: Form) -> Result<ActPage, Failure> {
    let (invited, names) = invitations(&v, market, task).await?;
    let mut facts: Vec<Fact> = invited.iter().map(|one| fact(&v, &names, one)).collect();
    if facts.is_empty() {
        facts.push(Fact::new(v.t(key("invite-so-far")), v.t(key("invite-nobody"))));
    } else if invited.iter().any(|one| one.revoked_at.is_none()) {
        let back = Link::new(v.t(key("act-uninvite")), urls::task_uninvite(&task.handle));
        facts.push(Fact::linked(v.t(key("uninvite-fact")), back));
    }
    Ok(ActPage {
        form,
        crumbs: vec![Link::new(&task.title, urls::task(&task.handle))],
        title: v.t(key("race-invite-title")).into_owned(),
        lead: v.t(key("invite-lead")).into_owned(),
        facts,
        asks: vec![
            Ask::Line(Field::new(&v, "people", key("invite-people"), key("invite-people-hint"))),
            Ask::Line(Field::new(&v, "units", key("invite-units"), key("invite-units-hint"))),
        ],
        action: urls::task_invite(&task.handle),
        submit: v.t(key("act-invite-race")).into_owned(),
        danger: false,
        sure: true,
        sign: None,
        v,
    })
}

/// Everybody who was invited, and their names.
async fn invitations(
    v: &Visit,
    market: &Market,
    task: &TaskView,
) -> Result<(Vec<InvitationView>, Names), Failure> {
    let invited = market.race_invitations(&v.actor, task.id).await?;
    let mut wanted = Wanted::default();
    wanted.persons(invited.iter().filter_map(|one| one.person));
    wanted.units(invited.iter().filter_map(|one| one.unit));
    let names = wanted.names(v, market).await?;
    Ok((invited, names))
}

fn called(names: &Names, one: &InvitationView) -> String {
    let person = one.person.map(|person| names.person(person).text);
    person.or(one.unit.map(|unit| names.unit(unit).text)).unwrap_or_default()
}

/// What became of an invitation, and since when.
fn fact(v: &Visit, names: &Names, one: &InvitationView) -> Fact {
    let became = match one.became {
        Became::Waits => key("invite-waits"),
        Became::Rides => key("invite-rides"),
        Became::Revoked => key("invite-revoked"),
    };
    let at = v.when(one.revoked_at.unwrap_or(one.at));
    Fact::new(called(names, one), v.t2(key("invite-became"), "what", v.t(became), "when", at.relative))
}

/// `GET /tasks/{handle}/uninvite`.
///
/// # Errors
/// Not found, unless the asker posted it.
pub async fn revoke_ask(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let task = posted(&v, &market, &path).await?;
    Ok(revoke_page(v, &market, &task, Form::default()).await?.answer())
}

/// `POST /tasks/{handle}/uninvite`: `who` is `person:ID` or `unit:ID`.
///
/// # Errors
/// Not found, unless the asker posted it.
pub async fn revoke(v: Visit, market: Data<Market>, path: Path<String>, Posted(form): Posted) -> Answer {
    let task = posted(&v, &market, &path).await?;
    let (person, unit) = match form.value("who").split_once(':') {
        Some(("person", who)) => (who.parse().ok(), None),
        Some(("unit", who)) => (None, who.parse().ok()),
        _ => (None, None),
    };
    let done = match (person, unit) {
        (None, None) => Err(Refusal::on("who", Code::BadChoice)),
        (person, unit) => market.run(&v.actor, UninviteFromRace { task: task.id, person, unit }).await,
    };
    match done {
        Ok(()) => Ok(respond::done(&urls::task_invite(&task.handle), key("done-uninvited"))),
        Err(refusal) => revoke_page(v, &market, &task, form).await?.mend(refusal),
    }
}

async fn revoke_page(v: Visit, market: &Market, task: &TaskView, form: Form) -> Result<ActPage, Failure> {
    let (invited, names) = invitations(&v, market, task).await?;
    let choices = invited.iter().filter(|one| one.revoked_at.is_none()).filter_map(|one| {
        let value = match (one.person, one.unit) {
            (Some(person), _) => format!("person:{person}"),
            (None, Some(unit)) => format!("unit:{unit}"),
            (None, None) => return None,
        };
        Some(Choice::new(value, called(&names, one)))
    });
    let asks = vec![Ask::Select(Field::bare(&v, "who", key("invite-who")), choices.collect())];
    let said = (key("uninvite-title"), key("uninvite-lead"), key("act-uninvite"));
    let page = act_page(v, task, form, said, urls::task_uninvite(&task.handle));
    Ok(ActPage { asks, sure: true, ..page })
}
