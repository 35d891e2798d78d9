//! The reader's own keys: which there are, a new one made by this browser, and revoking.
//!
//! Promises: nothing private of a key ever comes here. Must never: enrol a key that did not sign for itself.

use actix_web::web::{Data, Path};
use askama::Template;
use market::signing::{EnrolKey, KeyView, RevokeKey};
use market::{KeyId, Market, PersonId, Refusal};

use super::act::{ActPage, is_sure};
use super::kit::{Fact, Link, fresh_key, id, key_of};
use super::signing::{proposal, public_key, signed, wanted};
use crate::errors::{Answer, Failure};
use crate::format::When;
use crate::forms::{Form, Posted};
use crate::i18n::key;
use crate::visit::Visit;
use crate::{respond, urls};

/// The page.
#[derive(Debug, Template)]
#[template(path = "people/keys.html")]
pub struct KeysPage {
    /// The request.
    pub v: Visit,
    /// What was typed.
    pub form: Form,
    /// Who the reader is.
    pub person: String,
    /// The ledger that keys sign for.
    pub origin: String,
    /// The keys, newest first.
    pub keys: Vec<KeyRow>,
}

/// A key.
#[derive(Debug, Clone)]
pub struct KeyRow {
    /// Its name.
    pub id: String,
    /// What its person calls it.
    pub label: String,
    /// Since when it holds, and the record that says so.
    pub enrolled: When,
    /// That record.
    pub enrolled_by: String,
    /// When it last signed.
    pub used: When,
    /// Since when it holds no more, and the record that says so.
    pub revoked: Option<(When, String)>,
    /// Where it is revoked.
    pub revoke: String,
}

/// `GET /keys`.
///
/// # Errors
/// To the door, for visitors.
pub async fn show(v: Visit, market: Data<Market>) -> Answer {
    let mut form = Form::default();
    form.set("key", fresh_key(&market));
    let page = page(v, &market, form).await?;
    Ok(respond::page(&page.v, &page))
}

/// `POST /keys`: `label`, `public`, and the signature by that key; with `prepare`, the bytes to sign.
///
/// # Errors
/// To the door, for visitors.
pub async fn enrol(v: Visit, market: Data<Market>, Posted(mut form): Posted) -> Answer {
    v.actor.id().ok_or(Refusal::Unauthenticated)?;
    let label = form.value("label").to_owned();
    if let Some(public_key) = wanted(&form)? {
        return proposal(market.intent(&v.actor, public_key, EnrolKey { public_key, label }).await);
    }
    let signed = signed(&mut form)?;
    // Without a script there is no key yet: the page says how one is made elsewhere.
    let public_key = form.given("public").map_or(Ok([0; 32]), public_key)?;
    form.forget("public");
    let outcome = market.run_signed(&v.actor, key_of(&form)?, EnrolKey { public_key, label }, signed).await;
    match outcome {
        Ok(_) => Ok(respond::done(&urls::keys(), key("done-key-enrolled"))),
        Err(refusal) => {
            let mut form = form.mend(&v, refusal)?;
            form.set("key", fresh_key(&market));
            let page = page(v, &market, form).await?;
            Ok(respond::form_again(&page.v, &page))
        }
    }
}

/// `GET /keys/{id}/revoke`.
///
/// # Errors
/// Not found, unless it is the asker's own and holds.
pub async fn revoke_ask(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let own = own(&v, &market, &path).await?;
    Ok(revoke_page(v, own, Form::default()).once(&market).answer())
}

/// `POST /keys/{id}/revoke`.
///
/// # Errors
/// Not found, unless it is the asker's own.
pub async fn revoke(v: Visit, market: Data<Market>, path: Path<String>, Posted(form): Posted) -> Answer {
    let own = own(&v, &market, &path).await?;
    if !is_sure(&form) {
        return Ok(revoke_page(v, own, form).once(&market).answer());
    }
    match market.run_once(&v.actor, key_of(&form)?, RevokeKey { key: own.id }).await {
        Ok(_) => Ok(respond::done(&urls::keys(), key("done-key-revoked"))),
        Err(refusal) => revoke_page(v, own, form).mend(refusal),
    }
}

/// How a key is made in a file, in any language.
pub fn commands() -> &'static str {
    "saima sign new my.key\nsaima sign show my.key"
}

async fn own(v: &Visit, market: &Market, path: &str) -> Result<KeyView, Failure> {
    let wanted: KeyId = id(path)?;
    let mine = market.keys(&v.actor, me(v)?).await?;
    let found = mine.into_iter().find(|key| key.id == wanted && key.revoked_at.is_none());
    Ok(found.ok_or(Refusal::NotFound)?)
}

fn me(v: &Visit) -> Result<PersonId, Refusal> {
    v.actor.id().ok_or(Refusal::Unauthenticated)
}

fn revoke_page(v: Visit, own: KeyView, form: Form) -> ActPage {
    let facts = vec![Fact::new(v.t(key("keys-label")), own.label), Fact::new(v.t(key("keys-id")), own.id)];
    ActPage {
        form,
        crumbs: vec![Link::new(v.t(key("keys-title")), urls::keys())],
        title: v.t(key("keys-revoke-title")).into_owned(),
        lead: v.t(key("keys-revoke-lead")).into_owned(),
        facts,
        asks: Vec::new(),
        action: urls::key_revoke(own.id),
        submit: v.t(key("keys-revoke")).into_owned(),
        danger: true,
        sure: true,
        sign: None,
        v,
    }
}

async fn page(v: Visit, market: &Market, form: Form) -> Result<KeysPage, Failure> {
    let me = me(&v)?;
    let keys = market.keys(&v.actor, me).await?;
    Ok(KeysPage {
        form,
        person: me.to_string(),
        origin: market.settings().origin.clone(),
        keys: keys.into_iter().map(|key| row(&v, key)).collect(),
        v,
    })
}

fn row(v: &Visit, own: KeyView) -> KeyRow {
    let revoked = own.revoked_at.zip(own.revoked_by);
    KeyRow {
        id: own.id.to_string(),
        label: own.label,
        enrolled: v.when(own.enrolled_at),
        enrolled_by: urls::record(own.enrolled_by),
        used: v.when(own.used_at),
        revoked: revoked.map(|(at, by)| (v.when(at), urls::record(by))),
        revoke: urls::key_revoke(own.id),
    }
}

#[cfg(test)]
pub(crate) fn samples() -> Vec<KeysPage> {
    let page = |v: Visit, some: bool| {
        let row = |id: &str, revoked: bool| KeyRow {
            id: id.to_owned(),
            label: "Ada's <laptop>".to_owned(),
            enrolled: v.when(v.now.plus_seconds(-86_400)),
            enrolled_by: urls::record(12),
            used: v.when(v.now.plus_seconds(-600)),
            revoked: revoked.then(|| (v.when(v.now), urls::record(13))),
            revoke: urls::key_revoke(id),
        };
        let rows = vec![row("0011223344556677", false), row("8899aabbccddeeff", true)];
        let mut form = Form::of([("label", "my laptop")]);
        form.refuse("label", "Use at most 60 characters.");
        let person = "00000000-0000-0000-0000-000000000001".to_owned();
        let origin = "harbour.example/ledger".to_owned();
        KeysPage { form, person, origin, keys: if some { rows } else { Vec::new() }, v }
    };
    crate::visit::samples::all().into_iter().flat_map(|v| [page(v.clone(), true), page(v, false)]).collect()
}
