//! What changes a running crew or takes an entry out: leaving, handing over, disqualifying. Each on a page
//! of its own that spells out what it does.
//!
//! Must never: decide whether it may be done.

use actix_web::web::{Data, Path};
use market::race::{CrewAnswer, DisqualifyEntry, EntryState, EntryView, HandOverEntry, LeaveCrew};
use market::{EntryId, Market, PersonId, Refusal};

use super::act::{ActPage, Ask, Field};
use super::kit::{Choice, Fact, Link, fresh_key, id, key_of};
use super::lanes;
use super::names::{Names, Wanted};
use crate::errors::{Answer, Failure};
use crate::forms::{Form, Posted};
use crate::i18n::key;
use crate::visit::Visit;
use crate::{format, respond, urls};

/// `GET /entries/{id}/leave`.
///
/// # Errors
/// Not found, unless the asker rides in it.
pub async fn leave_ask(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let entry = entry(&v, &market, &path, |entry| entry.mine).await?;
    Ok(leave_page(v, &entry, Form::default()).once(&market).answer())
}

/// `POST /entries/{id}/leave`.
///
/// # Errors
/// Not found, unless the asker rides in it.
pub async fn leave(v: Visit, market: Data<Market>, path: Path<String>, Posted(mut form): Posted) -> Answer {
    let entry = entry(&v, &market, &path, |entry| entry.mine).await?;
    match market.run_once(&v.actor, key_of(&form)?, LeaveCrew { entry: entry.id }).await {
        Ok(()) => Ok(respond::done(&urls::entry(entry.id), key("done-left"))),
        Err(refusal) => {
            form.set("key", fresh_key(&market));
            leave_page(v, &entry, form).mend(refusal)
        }
    }
}

/// `GET /entries/{id}/hand-over`.
///
/// # Errors
/// Not found, unless the asker is its captain.
pub async fn hand_over_ask(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let entry = entry(&v, &market, &path, |entry| entry.captained).await?;
    let names = crew_names(&v, &market, &entry).await?;
    Ok(hand_over_page(v, &entry, &names, Form::default()).once(&market).answer())
}

/// `POST /entries/{id}/hand-over`: `to`.
///
/// # Errors
/// Not found, unless the asker is its captain.
pub async fn hand_over(
    v: Visit,
    market: Data<Market>,
    path: Path<String>,
    Posted(mut form): Posted,
) -> Answer {
    let entry = entry(&v, &market, &path, |entry| entry.captained).await?;
    let done = match form.value("to").parse::<PersonId>() {
        Ok(to) => market.run_once(&v.actor, key_of(&form)?, HandOverEntry { entry: entry.id, to }).await,
        Err(_) => Err(Refusal::on("to", market::Code::BadChoice)),
    };
    match done {
        Ok(()) => Ok(respond::done(&urls::entry(entry.id), key("done-offered"))),
        Err(refusal) => {
            let names = crew_names(&v, &market, &entry).await?;
            form.set("key", fresh_key(&market));
            hand_over_page(v, &entry, &names, form).mend(refusal)
        }
    }
}

/// `GET /entries/{id}/disqualify`.
///
/// # Errors
/// Not found, for who may not.
pub async fn disqualify_ask(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let entry = entry(&v, &market, &path, |entry| entry.may_disqualify).await?;
    Ok(disqualify_page(v, &entry, Form::default()).once(&market).answer())
}

/// `POST /entries/{id}/disqualify`: `reason`.
///
/// # Errors
/// Not found, for who may not.
pub async fn disqualify(
    v: Visit,
    market: Data<Market>,
    path: Path<String>,
    Posted(mut form): Posted,
) -> Answer {
    let may = |entry: &EntryView| entry.may_disqualify || entry.state == EntryState::Disqualified;
    let entry = entry(&v, &market, &path, may).await?;
    let command = DisqualifyEntry { entry: entry.id, reason: form.value("reason").to_owned() };
    match market.run_once(&v.actor, key_of(&form)?, command).await {
        Ok(()) => Ok(respond::done(&urls::entry(entry.id), key("done-disqualified"))),
        Err(refusal) => {
            form.set("key", fresh_key(&market));
            disqualify_page(v, &entry, form).mend(refusal)
        }
    }
}

async fn entry(
    v: &Visit,
    market: &Market,
    path: &str,
    may: impl Fn(&EntryView) -> bool,
) -> Result<EntryView, Failure> {
    if !v.signed_in() {
        return Err(Refusal::Unauthenticated.into());
    }
    let entry = lanes::one(v, market, id::<EntryId>(path)?).await?;
    if may(&entry) { Ok(entry) } else { Err(Refusal::NotFound.into()) }
}

async fn crew_names(v: &Visit, market: &Market, entry: &EntryView) -> Result<Names, Failure> {
    let mut wanted = Wanted::default();
    wanted.persons(entry.crew.iter().map(|mate| mate.person));
    wanted.names(v, market).await
}

fn leave_page(v: Visit, entry: &EntryView, form: Form) -> ActPage {
    let own = entry.crew.iter().find(|mate| Some(mate.person) == v.actor.id()).map_or(0, |mate| mate.share);
    ActPage {
        form,
        crumbs: vec![Link::new(&entry.name, urls::entry(entry.id))],
        title: v.t(key("leave-title")).into_owned(),
        lead: v.t(key("leave-lead")).into_owned(),
        facts: vec![
            Fact::new(v.t(key("col-entry")), &entry.name),
            Fact::new(v.t(key("leave-share")), format::percent(own)),
        ],
        asks: Vec::new(),
        action: urls::entry_leave(entry.id),
        submit: v.t(key("act-leave")).into_owned(),
        danger: true,
        sure: true,
        sign: None,
        v,
    }
}

fn hand_over_page(v: Visit, entry: &EntryView, names: &Names, form: Form) -> ActPage {
    let mates = entry
        .crew
        .iter()
        .filter(|mate| Some(mate.person) != entry.captain && mate.answer == CrewAnswer::Agreed);
    let none = Choice::new("", v.t(key("choose")));
    let mates = mates.map(|mate| Choice::new(mate.person.to_string(), names.person(mate.person).text));
    ActPage {
        form,
        crumbs: vec![Link::new(&entry.name, urls::entry(entry.id))],
        title: v.t(key("hand-over-title")).into_owned(),
        lead: v.t(key("hand-over-lead")).into_owned(),
        facts: vec![Fact::new(v.t(key("col-entry")), &entry.name)],
        asks: vec![Ask::Select(
            Field::bare(&v, "to", key("hand-over-to")),
            std::iter::once(none).chain(mates).collect(),
        )],
        action: urls::entry_hand_over(entry.id),
        submit: v.t(key("hand-over-submit")).into_owned(),
        danger: false,
        sure: true,
        sign: None,
        v,
    }
}

fn disqualify_page(v: Visit, entry: &EntryView, form: Form) -> ActPage {
    ActPage {
        form,
        crumbs: vec![Link::new(&entry.name, urls::entry(entry.id))],
        title: v.t(key("disqualify-title")).into_owned(),
        lead: v.t(key("disqualify-lead")).into_owned(),
        facts: vec![
            Fact::new(v.t(key("col-entry")), &entry.name),
            Fact::new(v.t(key("col-versions")), entry.submissions),
        ],
        asks: vec![Ask::Area(Field::new(
            &v,
            "reason",
            key("disqualify-reason"),
            key("disqualify-reason-hint"),
        ))],
        action: urls::entry_disqualify(entry.id),
        submit: v.t(key("act-disqualify")).into_owned(),
        danger: true,
        sure: true,
        sign: None,
        v,
    }
}
