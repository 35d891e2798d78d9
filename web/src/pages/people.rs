//! A person's page.

use actix_web::web::{Data, Path};
use askama::Template;
use market::judging::DecidingRecord;
use market::person::{PersonView, UpdateProfile};
use market::{Market, PersonId, PersonKind, Refusal, Role, WalletOwner};

use super::kit::{Address, Fact, asked, name, page_of};
use super::rides::{self, HistoryBlock};
use crate::errors::{Answer, Failure};
use crate::format::{self, When};
use crate::forms::{Form, Posted};
use crate::i18n::key;
use crate::undo::Undo;
use crate::visit::Visit;
use crate::{respond, urls};

/// The page.
#[derive(Debug, Template)]
#[template(path = "people/show.html")]
pub struct PersonPage {
    /// The request.
    pub v: Visit,
    /// Their name.
    pub name: String,
    /// Their handle.
    pub handle: String,
    /// The key of where they stand towards the organisation.
    pub kind: &'static str,
    /// The keys of their roles.
    pub roles: Vec<&'static str>,
    /// Their address, for themselves and admins.
    pub email: Option<String>,
    /// Since when they are here.
    pub since: When,
    /// How they have decided races, for members and where there is anything to tell.
    pub deciding: Vec<Fact>,
    /// Their races and honours.
    pub history: HistoryBlock,
    /// What was typed, on one's own page.
    pub own: Option<Form>,
}

/// `GET /people/{handle}`: `after` or `before` for their races.
///
/// # Errors
/// Not found, for visitors.
pub async fn show(v: Visit, market: Data<Market>, path: Path<String>, address: Address) -> Answer {
    let person = market.person_by_handle(&v.actor, name(&path)?).await?;
    let own = (v.actor.id() == Some(person.id)).then(|| Form::of([("name", &person.name)]));
    let page = page(v, &market, &person, &asked(address), own).await?;
    Ok(respond::page(&page.v, &page))
}

/// `POST /profile`: `name`.
///
/// # Errors
/// To the door, for visitors.
pub async fn rename(v: Visit, market: Data<Market>, Posted(form): Posted) -> Answer {
    let me = v.actor.id().ok_or(Refusal::Unauthenticated)?;
    let person = market.person(&v.actor, me).await?;
    match market.run(&v.actor, UpdateProfile { name: form.value("name").to_owned() }).await {
        Ok(()) => {
            let undo = Undo::new(urls::profile(), [("name", person.name.clone())]);
            Ok(respond::done_undoable(&v, &urls::person(&person.handle), key("done-renamed"), &undo))
        }
        Err(refusal) => {
            let form = form.mend(&v, refusal)?;
            let page = page(v, &market, &person, &Form::default(), Some(form)).await?;
            Ok(respond::form_again(&page.v, &page))
        }
    }
}

/// How somebody has decided, in plain words; nothing for outsiders, and of who never had to decide.
async fn deciding(v: &Visit, market: &Market, person: PersonId) -> Result<Vec<Fact>, Failure> {
    let record = match market.deciding_record(&v.actor, person).await {
        Ok(record) => record,
        Err(Refusal::NotFound | Refusal::Unauthenticated) => return Ok(Vec::new()),
        Err(refusal) => return Err(refusal.into()),
    };
    if record == DecidingRecord::default() {
        return Ok(Vec::new());
    }
    let fact = |label: &'static str, value: String| Fact::new(v.t(label), value);
    let mut facts = vec![
        fact(key("deciding-ruled"), record.ruled.to_string()),
        fact(key("deciding-in-time"), format!("{} / {}", record.in_time, record.with_deadline)),
    ];
    if record.first_answers > 0 {
        let first = format!("{} / {}", record.first_in_time, record.first_answers);
        facts.push(fact(key("deciding-first"), first));
    }
    let median = record.median_seconds.map(|seconds| format::duration(v.locale, seconds));
    facts.extend(median.map(|median| fact(key("deciding-median"), median)));
    facts.push(fact(key("deciding-missed"), record.missed.to_string()));
    facts.push(fact(key("deciding-overdue"), record.overdue.to_string()));
    Ok(facts)
}

async fn page(
    v: Visit,
    market: &Market,
    person: &PersonView,
    asked: &Form,
    own: Option<Form>,
) -> Result<PersonPage, Failure> {
    let of = WalletOwner::Person(person.id);
    let here = urls::person(&person.handle);
    Ok(PersonPage {
        history: rides::block(&v, market, of, page_of(asked, 20), &here).await?,
        deciding: deciding(&v, market, person.id).await?,
        name: person.name.clone(),
        handle: person.handle.clone(),
        kind: kind(person.kind),
        roles: person.roles.iter().map(|each| role(*each)).collect(),
        email: person.email.clone(),
        since: v.when(person.created_at),
        own,
        v,
    })
}

/// The key of where somebody stands towards the organisation.
pub(super) fn kind(kind: PersonKind) -> &'static str {
    match kind {
        PersonKind::Member => key("person-member"),
        PersonKind::Contributor => key("person-contributor"),
    }
}

/// The key of a role's name.
pub(crate) fn role(role: Role) -> &'static str {
    match role.as_str() {
        "manager" => key("role-manager"),
        "treasurer" => key("role-treasurer"),
        "auditor" => key("role-auditor"),
        _ => key("role-admin"),
    }
}

#[cfg(test)]
pub(crate) fn samples() -> Vec<PersonPage> {
    let page = |v: Visit, own: bool| PersonPage {
        name: "Ada <Lovelace>".to_owned(),
        handle: "ada".to_owned(),
        kind: key("person-member"),
        roles: vec![key("role-manager"), key("role-auditor")],
        email: own.then(|| "ada@example.org".to_owned()),
        since: v.when(v.now.plus_seconds(-86_400 * 40)),
        deciding: vec![Fact::new("Rulings given", 3)],
        history: if own { rides::sample(&v) } else { HistoryBlock::default() },
        own: own.then(|| Form::of([("name", "Ada")])),
        v,
    };
    crate::visit::samples::all().into_iter().flat_map(|v| [page(v.clone(), true), page(v, false)]).collect()
}
