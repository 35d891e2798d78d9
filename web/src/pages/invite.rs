//! Inviting people and units to a race.
//!
//! Must never: decide who may be invited.

use actix_web::web::{Data, Path};
use market::error::{Code, Problems};
use market::race::InviteToRace;
use market::task::TaskView;
use market::{Act, Market, Refusal};

use super::act::{ActPage, Ask, Field};
use super::enter::unit;
use super::kit::{Fact, Link, fresh_key, key_of, name};
use super::names::Wanted;
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
    let (people, units) = market.invited(&v.actor, task.id).await?;
    let mut wanted = Wanted::default();
    wanted.persons(people.iter().copied()).units(units.iter().copied());
    let names = wanted.names(&v, market).await?;
    let units = units.iter().map(|one| names.unit(*one).text);
    let invited: Vec<String> = units.chain(people.iter().map(|one| names.person(*one).text)).collect();
    let invited = match invited.is_empty() {
        true => v.t(key("invite-nobody")).into_owned(),
        false => invited.join(v.t(key("list-comma")).as_ref()),
    };
    Ok(ActPage {
        form,
        crumbs: vec![Link::new(&task.title, urls::task(&task.handle))],
        title: v.t(key("race-invite-title")).into_owned(),
        lead: v.t(key("invite-lead")).into_owned(),
        facts: vec![Fact::new(v.t(key("invite-so-far")), invited)],
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
