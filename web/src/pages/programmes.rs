//! Programmes: budgets with a purpose, and who may draw on them.

use actix_web::web::{Data, Path};
use askama::Template;
use market::policy::{WebhookFacts, may};
use market::programme::{CreateProgramme, GrantProgramme, ProgrammeView, RevokeProgramme};
use market::{Act, AssetView, Market, PersonId, Refusal};

use super::act::{ActPage, Ask, Field};
use super::kit::{Address, Link, Pager, asked, key_of, listed, name, page_of, tokens};
use super::names::{Names, Wanted};
use super::task_input::person;
use super::units::MemberRow;
use crate::errors::{Answer, Failure};
use crate::format::{Tokens, When};
use crate::forms::{Form, Posted};
use crate::i18n::key;
use crate::undo::Undo;
use crate::visit::Visit;
use crate::{respond, urls};

/// The list.
#[derive(Debug, Template)]
#[template(path = "programmes/list.html")]
pub struct ProgrammesPage {
    /// The request.
    pub v: Visit,
    /// The programmes.
    pub programmes: Vec<ProgrammeRow>,
    /// The way on.
    pub pager: Pager,
    /// True if the asker may start one.
    pub may_create: bool,
}

/// A programme in the list.
#[derive(Debug, Clone)]
pub struct ProgrammeRow {
    /// Its name and page.
    pub name: Link,
    /// What it is for.
    pub purpose: String,
    /// Who answers for it.
    pub owner: Link,
    /// What it still has.
    pub balance: Tokens,
    /// What it has put into bounties.
    pub spent: Tokens,
}

/// One programme.
#[derive(Debug, Template)]
#[template(path = "programmes/show.html")]
pub struct ProgrammePage {
    /// The request.
    pub v: Visit,
    /// What it is and has.
    pub row: ProgrammeRow,
    /// When it was started.
    pub started: When,
    /// Who may draw on it.
    pub managers: Vec<MemberRow>,
    /// True if the asker may change that.
    pub may_grant: bool,
    /// Where its money went.
    pub flow: String,
    /// Where its webhooks are looked after, for who may.
    pub webhooks: Option<String>,
    /// What was typed.
    pub form: Form,
    /// Where the forms go: grant, revoke.
    pub to: [String; 2],
}

/// `GET /programmes`: `after` or `before`.
///
/// # Errors
/// Not found, for whoever is not a member.
pub async fn list(v: Visit, market: Data<Market>, address: Address) -> Answer {
    if !v.may(Act::SeeInside) {
        return Err(Refusal::NotFound.into());
    }
    let listing = listed(market.programmes(&v.actor, page_of(&asked(address), 30)).await)?;
    let mut wanted = Wanted::default();
    wanted.persons(listing.items.iter().map(|(_, programme)| programme.owner));
    let names = wanted.names(&v, &market).await?;
    let page = ProgrammesPage {
        programmes: listing
            .items
            .iter()
            .map(|(_, programme)| row(market.asset(), &names, programme))
            .collect(),
        pager: Pager::of(&listing, &urls::programmes()),
        may_create: v.may(Act::CreateProgramme),
        v,
    };
    Ok(respond::page(&page.v, &page))
}

fn row(asset: &AssetView, names: &Names, programme: &ProgrammeView) -> ProgrammeRow {
    ProgrammeRow {
        name: Link::new(&programme.name, urls::programme(&programme.slug)),
        purpose: programme.purpose.clone(),
        owner: names.person(programme.owner),
        balance: tokens(asset, programme.balance),
        spent: tokens(asset, programme.spent),
    }
}

/// `GET /programmes/{slug}`.
///
/// # Errors
/// Not found, for who may not see programmes.
pub async fn show(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let programme = market.programme_by_slug(&v.actor, name(&path)?).await?;
    let page = page(v, &market, &programme, Form::default()).await?;
    Ok(respond::page(&page.v, &page))
}

async fn page(
    v: Visit,
    market: &Market,
    programme: &ProgrammeView,
    form: Form,
) -> Result<ProgrammePage, Failure> {
    let mut wanted = Wanted::default();
    wanted.persons([programme.owner]).persons(programme.managers.iter().copied());
    let names = wanted.names(&v, market).await?;
    let manager = |id: &PersonId| MemberRow { who: names.person(*id), id: id.to_string(), lead: false };
    let facts = WebhookFacts::Programme { id: programme.id, owner: programme.owner };
    Ok(ProgrammePage {
        row: row(market.asset(), &names, programme),
        started: v.when(programme.created_at),
        managers: programme.managers.iter().map(manager).collect(),
        flow: super::flow::of(&programme.slug),
        may_grant: v.may(Act::GrantProgramme),
        webhooks: may(&v.actor, Act::SeeWebhooks, &facts).then(|| urls::programme_webhooks(&programme.slug)),
        form,
        to: [urls::programme_grant(&programme.slug), urls::programme_revoke(&programme.slug)],
        v,
    })
}

/// `GET /programmes/new`.
///
/// # Errors
/// Not found, for who may not start one.
pub async fn new(v: Visit, market: Data<Market>) -> Answer {
    creator(&v)?;
    Ok(new_page(v, Form::default()).once(&market).answer())
}

/// `POST /programmes/new`: `slug`, `name`, `purpose`, `owner`, a handle.
///
/// # Errors
/// Not found, for who may not start one.
pub async fn create(v: Visit, market: Data<Market>, Posted(mut form): Posted) -> Answer {
    creator(&v)?;
    let text = |name: &str| form.value(name).to_owned();
    let owner = match form.given("owner") {
        Some(handle) => match person(&v, &market, handle).await? {
            Some(owner) => Some(owner),
            None => {
                return new_page(v, form)
                    .once(&market)
                    .mend(Refusal::on("owner", market::Code::NoSuchPerson));
            }
        },
        None => None,
    };
    let command = CreateProgramme { slug: text("slug"), name: text("name"), purpose: text("purpose"), owner };
    match market.run_once(&v.actor, key_of(&form)?, command).await {
        Ok(programme) => {
            let programme = market.programme(&v.actor, programme).await?;
            Ok(respond::done(&urls::programme(&programme.slug), key("done-programme")))
        }
        Err(refusal) => {
            form.forget("key");
            new_page(v, form).once(&market).mend(refusal)
        }
    }
}

fn creator(v: &Visit) -> Result<(), Failure> {
    if v.may(Act::CreateProgramme) { Ok(()) } else { Err(Refusal::NotFound.into()) }
}

fn new_page(v: Visit, form: Form) -> ActPage {
    ActPage {
        form,
        crumbs: vec![Link::new(v.t(key("nav-programmes")), urls::programmes())],
        title: v.t(key("programme-new")).into_owned(),
        lead: v.t(key("programme-new-lead")).into_owned(),
        facts: Vec::new(),
        asks: vec![
            Ask::Text(Field::bare(&v, "name", key("field-name"))),
            Ask::Text(Field::new(&v, "slug", key("field-slug"), key("field-slug-hint"))),
            Ask::Area(Field::bare(&v, "purpose", key("field-purpose"))),
            Ask::Text(Field::new(&v, "owner", key("programme-owner"), key("handle-hint"))),
        ],
        action: urls::programme_new(),
        submit: v.t(key("programme-new")).into_owned(),
        danger: false,
        sure: false,
        sign: None,
        v,
    }
}

/// `POST /programmes/{slug}/grant`: `manager`, a handle.
///
/// # Errors
/// Not found, for who may not.
pub async fn grant(v: Visit, market: Data<Market>, path: Path<String>, Posted(form): Posted) -> Answer {
    let programme = market.programme_by_slug(&v.actor, name(&path)?).await?;
    let found = person(&v, &market, form.value("manager")).await?;
    let done = match found {
        Some(manager) => market.run(&v.actor, GrantProgramme { programme: programme.id, manager }).await,
        None => Err(Refusal::on("manager", market::Code::NoSuchPerson)),
    };
    match done {
        Ok(()) => {
            let manager = found.map(|manager| ("person", manager.to_string()));
            let undo = Undo::new(urls::programme_revoke(&programme.slug), manager);
            let url = urls::programme(&programme.slug);
            Ok(respond::done_undoable(&v, &url, key("done-granted"), &undo))
        }
        Err(refusal) => {
            let form = form.mend(&v, refusal)?;
            let page = page(v, &market, &programme, form).await?;
            Ok(respond::form_again(&page.v, &page))
        }
    }
}

/// `POST /programmes/{slug}/revoke`: `person`, an id.
///
/// # Errors
/// Not found, for who may not.
pub async fn revoke(v: Visit, market: Data<Market>, path: Path<String>, Posted(form): Posted) -> Answer {
    let programme = market.programme_by_slug(&v.actor, name(&path)?).await?;
    let manager: PersonId = super::kit::id(form.value("person"))?;
    let handle = market.person(&v.actor, manager).await?.handle;
    market.run(&v.actor, RevokeProgramme { programme: programme.id, manager }).await?;
    let undo = Undo::new(urls::programme_grant(&programme.slug), [("manager", handle)]);
    Ok(respond::done_undoable(&v, &urls::programme(&programme.slug), key("done-revoked"), &undo))
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;

    fn sample_row() -> ProgrammeRow {
        ProgrammeRow {
            name: Link::new("Key technology", urls::programme("tech")),
            purpose: "What we must be able to do <ourselves>".to_owned(),
            owner: Link::new("Ada", urls::person("ada")),
            balance: Tokens::new(9_000_000, 2, "SAI"),
            spent: Tokens::new(1_000_000, 2, "SAI"),
        }
    }

    pub(crate) fn lists() -> Vec<ProgrammesPage> {
        let page = |v: Visit, rows: usize| ProgrammesPage {
            programmes: vec![sample_row(); rows],
            pager: Pager::default(),
            may_create: v.signed_in(),
            v,
        };
        crate::visit::samples::all().into_iter().flat_map(|v| [page(v.clone(), 3), page(v, 0)]).collect()
    }

    pub(crate) fn pages() -> Vec<ProgrammePage> {
        let page = |v: Visit| ProgrammePage {
            row: sample_row(),
            started: v.when(v.now.plus_seconds(-86_400 * 30)),
            managers: vec![MemberRow {
                who: Link::new("Bo", urls::person("bo")),
                id: "1".to_owned(),
                lead: false,
            }],
            may_grant: v.signed_in(),
            flow: super::super::flow::of("key-technology"),
            webhooks: v.signed_in().then(|| urls::programme_webhooks("tech")),
            form: Form::default(),
            to: [urls::programme_grant("tech"), urls::programme_revoke("tech")],
            v,
        };
        crate::visit::samples::all().into_iter().map(page).collect()
    }
}
