//! Erasures: asked for by one, approved by another.
//!
//! Promises: what will go, whose it is, and why, stand beside the button that does it. Must never: show a text
//! that is about to go.

use actix_web::web::Data;
use askama::Template;
use market::erasure::{ErasureView, RequestErasure};
use market::error::Code;
use market::{Act, ErasureId, Market, Refusal};

use super::kit::{Link, fresh_key, key_of};
use crate::errors::{Answer, Failure};
use crate::format::When;
use crate::forms::{Form, Posted};
use crate::i18n::key;
use crate::visit::Visit;
use crate::{respond, urls};

/// The page.
#[derive(Debug, Template)]
#[template(path = "people/erasures.html")]
pub struct ErasurePage {
    /// The request.
    pub v: Visit,
    /// What was typed.
    pub form: Form,
    /// Whether the asker may ask for one.
    pub may_ask: bool,
    /// Those asked for, newest first.
    pub erasures: Vec<ErasureRow>,
}

/// An erasure.
#[derive(Debug, Clone)]
pub struct ErasureRow {
    /// Its id, for the form.
    pub id: String,
    /// Whose texts and names.
    pub person: Link,
    /// On what ground.
    pub ground: String,
    /// Who asked.
    pub by: Link,
    /// When.
    pub at: When,
    /// The record that says that it is done.
    pub record: Option<String>,
    /// Whether the asker may approve it: not who asked, and not whom it is about.
    pub may_approve: bool,
    /// For the form that approves it.
    pub key: String,
}

/// `GET /admin/erasures`.
///
/// # Errors
/// Not found, for everybody but admins and auditors.
pub async fn show(v: Visit, market: Data<Market>) -> Answer {
    let page = page(v, &market, Form::default()).await?;
    Ok(respond::page(&page.v, &page))
}

/// `POST /admin/erasures`: `handle`, `ground`.
///
/// # Errors
/// Not found, for everybody but admins.
pub async fn request(v: Visit, market: Data<Market>, Posted(form): Posted) -> Answer {
    let asked = match market.person_by_handle(&v.actor, form.value("handle").trim()).await {
        Ok(person) => {
            let ground = form.value("ground").to_owned();
            let ask = RequestErasure { person: person.id, ground, records: Vec::new() };
            market.run(&v.actor, ask).await.map(drop)
        }
        Err(Refusal::NotFound) if v.may(Act::RequestErasure) => {
            Err(Refusal::on("handle", Code::NoSuchPerson))
        }
        Err(refusal) => Err(refusal),
    };
    again(v, &market, form, asked, key("done-erasure-asked")).await
}

/// `POST /admin/erasures/approve`: `erasure`, an id.
///
/// # Errors
/// Not found, for everybody but admins and auditors.
pub async fn approve(v: Visit, market: Data<Market>, Posted(form): Posted) -> Answer {
    let id: ErasureId = super::kit::id(form.value("erasure"))?;
    let approved = market.approve_erasure(&v.actor, key_of(&form)?, id).await.map(drop);
    again(v, &market, Form::default(), approved, key("done-erased")).await
}

async fn again(
    v: Visit,
    market: &Market,
    form: Form,
    outcome: market::Result<()>,
    told: &'static str,
) -> Answer {
    match outcome {
        Ok(()) => Ok(respond::done(&urls::erasures(), told)),
        Err(refusal) => {
            let form = form.mend(&v, refusal)?;
            let page = page(v, market, form).await?;
            Ok(respond::form_again(&page.v, &page))
        }
    }
}

async fn page(v: Visit, market: &Market, form: Form) -> Result<ErasurePage, Failure> {
    let erasures = market.erasures(&v.actor).await?;
    let ids: Vec<_> = erasures.iter().flat_map(|one| [one.person, one.requested_by]).collect();
    let people = market.persons_by_ids(&v.actor, &ids).await?;
    let link = |id: &market::PersonId| {
        people.get(id).map_or_else(
            || Link::new("–", urls::people()),
            |person| Link::new(&person.name, urls::person(&person.handle)),
        )
    };
    let me = v.actor.id();
    let row = |one: &ErasureView| ErasureRow {
        id: one.id.to_string(),
        person: link(&one.person),
        ground: one.ground.clone(),
        by: link(&one.requested_by),
        at: v.when(one.requested_at),
        record: one.record.map(urls::record),
        may_approve: one.approved_at.is_none() && me != Some(one.person) && me != Some(one.requested_by),
        key: fresh_key(market),
    };
    let erasures = erasures.iter().map(row).collect();
    Ok(ErasurePage { erasures, form, may_ask: v.may(Act::RequestErasure), v })
}

#[cfg(test)]
pub(crate) fn samples() -> Vec<ErasurePage> {
    let page = |v: Visit| {
        let row = |record: Option<String>, may_approve| ErasureRow {
            id: "1".to_owned(),
            person: Link::new("Ada <Lovelace>", urls::person("ada")),
            ground: "Asked for it.".to_owned(),
            by: Link::new("Root", urls::person("root")),
            at: v.when(v.now.plus_seconds(-60)),
            record,
            may_approve,
            key: "k1".to_owned(),
        };
        let mut form = Form::of([("handle", "nobody")]);
        form.refuse("handle", "Nobody here goes by that handle.");
        ErasurePage {
            erasures: vec![row(None, true), row(None, false), row(Some(urls::record(7)), false)],
            form,
            may_ask: true,
            v,
        }
    };
    let empty = |v: Visit| ErasurePage { erasures: Vec::new(), form: Form::default(), may_ask: false, v };
    let all = crate::visit::samples::all();
    all.iter().cloned().map(page).chain(all.iter().cloned().map(empty)).collect()
}
