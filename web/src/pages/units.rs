//! Units: small standing teams with a wallet and a lead.

use actix_web::web::{Data, Path};
use askama::Template;
use market::policy::{UnitFacts, WebhookFacts, may};
use market::unit::{AddUnitMember, CreateUnit, HandOverUnit, RemoveUnitMember, UnitView};
use market::{Act, Market, PersonId, Refusal, WalletOwner};

use super::act::{ActPage, Ask, Field};
use super::insight;
use super::kit::{Address, Link, Pager, asked, key_of, listed, name, page_of};
use super::rides::{self, HistoryBlock};
use super::task_input::person;
use super::wallet::{Statement, Sums};
use crate::errors::{Answer, Failure};
use crate::format::When;
use crate::forms::{Form, Posted};
use crate::i18n::key;
use crate::plot::Figure;
use crate::undo::Undo;
use crate::visit::Visit;
use crate::{respond, urls};

/// The list.
#[derive(Debug, Template)]
#[template(path = "units/list.html")]
pub struct UnitsPage {
    /// The request.
    pub v: Visit,
    /// The units.
    pub units: Vec<UnitRow>,
    /// The way on.
    pub pager: Pager,
}

/// A unit in the list.
#[derive(Debug, Clone)]
pub struct UnitRow {
    /// Its name and page.
    pub name: Link,
    /// What it is for.
    pub purpose: String,
    /// Who leads it.
    pub lead: Link,
    /// How many belong to it.
    pub members: usize,
}

/// One unit.
#[derive(Debug, Template)]
#[template(path = "units/show.html")]
pub struct UnitPage {
    /// The request.
    pub v: Visit,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub purpose: String,
    /// When it was founded.
    pub founded: When,
    /// Who belongs to it.
    pub members: Vec<MemberRow>,
    /// Its profit and loss by month, for those who may look into its wallet.
    pub profit: Option<Figure>,
    /// Its honours and newest races.
    pub history: HistoryBlock,
    /// What is in its wallet, for those who may look.
    pub sums: Option<Sums>,
    /// Its lines, newest first.
    pub statement: Statement,
    /// True if the asker may change who belongs to it.
    pub may_manage: bool,
    /// Where its webhooks are looked after, for who may.
    pub webhooks: Option<String>,
    /// True if the asker may send from its wallet.
    pub may_send: bool,
    /// What was typed.
    pub form: Form,
    /// Where the forms go: add, remove, hand over, send.
    pub to: [String; 4],
}

/// A member.
#[derive(Debug, Clone)]
pub struct MemberRow {
    /// Who.
    pub who: Link,
    /// Their id, for the forms.
    pub id: String,
    /// True for the lead.
    pub lead: bool,
}

/// `GET /units`: `after` or `before`.
///
/// # Errors
/// Not found, for whoever is not a member.
pub async fn list(v: Visit, market: Data<Market>, address: Address) -> Answer {
    inside(&v)?;
    let listing = listed(market.units(&v.actor, page_of(&asked(address), 30)).await)?;
    let row = |unit: &UnitView| UnitRow {
        name: Link::new(&unit.name, urls::unit(&unit.slug)),
        purpose: unit.purpose.clone(),
        lead: lead(unit),
        members: unit.members.len(),
    };
    let page = UnitsPage {
        units: listing.items.iter().map(|(_, unit)| row(unit)).collect(),
        pager: Pager::of(&listing, &urls::units()),
        v,
    };
    Ok(respond::page(&page.v, &page))
}

fn inside(v: &Visit) -> Result<(), Failure> {
    if v.may(Act::SeeInside) { Ok(()) } else { Err(Refusal::NotFound.into()) }
}

fn lead(unit: &UnitView) -> Link {
    let lead = unit.members.iter().find(|member| member.id == unit.lead);
    lead.map(|lead| Link::new(&lead.name, urls::person(&lead.handle))).unwrap_or_default()
}

/// `GET /units/{slug}`: `after` or `before` for its statement.
///
/// # Errors
/// Not found, for who may not see units.
pub async fn show(v: Visit, market: Data<Market>, path: Path<String>, address: Address) -> Answer {
    let unit = market.unit_by_slug(&v.actor, name(&path)?).await?;
    let page = page(v, &market, unit, &asked(address), Form::default()).await?;
    Ok(respond::page(&page.v, &page))
}

async fn page(
    v: Visit,
    market: &Market,
    unit: UnitView,
    asked: &Form,
    form: Form,
) -> Result<UnitPage, Failure> {
    let owner = WalletOwner::Unit(unit.id);
    let (mut sums, mut statement, mut profit) = (None, Statement::default(), None);
    if may(&v.actor, Act::SeeWallet, &owner) {
        let wallet = market.wallet(&v.actor, owner).await?;
        let lines = listed(market.statement(&v.actor, owner, page_of(asked, 20)).await)?;
        sums = Some(Sums::new(market, &wallet));
        profit = insight::profit(&v, market.asset(), &market.unit_months(&v.actor, unit.id).await?);
        statement = Statement::new(&v, market, &lines, &urls::unit(&unit.slug)).await?;
    }
    let member = |member: &market::person::PersonView| MemberRow {
        who: Link::new(&member.name, urls::person(&member.handle)),
        id: member.id.to_string(),
        lead: member.id == unit.lead,
    };
    let from = format!("unit:{}", unit.id);
    let history = rides::newest(&v, market, owner, urls::unit_races(&unit.slug)).await?;
    Ok(UnitPage {
        history,
        profit,
        founded: v.when(unit.created_at),
        members: unit.members.iter().map(member).collect(),
        may_manage: may(&v.actor, Act::AddUnitMember, &UnitFacts { id: unit.id }),
        webhooks: may(&v.actor, Act::SeeWebhooks, &WebhookFacts::Unit(unit.id))
            .then(|| urls::unit_webhooks(&unit.slug)),
        may_send: may(&v.actor, Act::TransferTokens, &owner),
        to: [
            urls::unit_add(&unit.slug),
            urls::unit_remove(&unit.slug),
            urls::unit_hand_over(&unit.slug),
            urls::with_query(urls::wallet_send(), &[("from", &from)]),
        ],
        name: unit.name,
        purpose: unit.purpose,
        sums,
        statement,
        form,
        v,
    })
}

/// `GET /units/new`.
///
/// # Errors
/// Not found, for whoever is not a member.
pub async fn new(v: Visit, market: Data<Market>) -> Answer {
    inside(&v)?;
    Ok(new_page(v, Form::default()).once(&market).answer())
}

/// `POST /units/new`: `slug`, `name`, `purpose`.
///
/// # Errors
/// Not found, for whoever is not a member.
pub async fn create(v: Visit, market: Data<Market>, Posted(mut form): Posted) -> Answer {
    inside(&v)?;
    let text = |name: &str| form.value(name).to_owned();
    let command = CreateUnit { slug: text("slug"), name: text("name"), purpose: text("purpose"), lead: None };
    match market.run_once(&v.actor, key_of(&form)?, command).await {
        Ok(unit) => {
            // The asker's standing was read before they led this unit.
            let actor = market.actor(v.actor.id().ok_or(Refusal::Unauthenticated)?).await?;
            let unit = market.unit(&actor, unit).await?;
            Ok(respond::done(&urls::unit(&unit.slug), key("done-unit")))
        }
        Err(refusal) => {
            form.forget("key");
            new_page(v, form).once(&market).mend(refusal)
        }
    }
}

fn new_page(v: Visit, form: Form) -> ActPage {
    ActPage {
        form,
        crumbs: vec![Link::new(v.t(key("nav-units")), urls::units())],
        title: v.t(key("unit-new")).into_owned(),
        lead: v.t(key("unit-new-lead")).into_owned(),
        facts: Vec::new(),
        asks: vec![
            Ask::Text(Field::bare(&v, "name", key("field-name"))),
            Ask::Text(Field::new(&v, "slug", key("field-slug"), key("field-slug-hint"))),
            Ask::Area(Field::bare(&v, "purpose", key("field-purpose"))),
        ],
        action: urls::unit_new(),
        submit: v.t(key("unit-new")).into_owned(),
        danger: false,
        sure: false,
        sign: None,
        v,
    }
}

/// `POST /units/{slug}/add`: `person`, a handle.
///
/// # Errors
/// Not found, unless the asker leads it.
pub async fn add(v: Visit, market: Data<Market>, path: Path<String>, Posted(form): Posted) -> Answer {
    let unit = market.unit_by_slug(&v.actor, name(&path)?).await?;
    let found = person(&v, &market, form.value("person")).await?;
    let done = match found {
        Some(person) => market.run(&v.actor, AddUnitMember { unit: unit.id, person }).await,
        None => Err(Refusal::on("person", market::Code::NoSuchPerson)),
    };
    let undo = found.map(|person| Undo::new(urls::unit_remove(&unit.slug), [("person", person.to_string())]));
    finish(v, &market, unit, form, done, key("done-member-added"), undo).await
}

/// `POST /units/{slug}/remove`: `person`, an id.
///
/// # Errors
/// Not found, unless the asker leads it.
pub async fn remove(v: Visit, market: Data<Market>, path: Path<String>, Posted(form): Posted) -> Answer {
    let unit = market.unit_by_slug(&v.actor, name(&path)?).await?;
    let person: PersonId = super::kit::id(form.value("person"))?;
    let handle = market.person(&v.actor, person).await?.handle;
    let done = market.run(&v.actor, RemoveUnitMember { unit: unit.id, person }).await;
    let undo = Undo::new(urls::unit_add(&unit.slug), [("person", handle)]);
    finish(v, &market, unit, Form::default(), done, key("done-member-removed"), Some(undo)).await
}

/// `POST /units/{slug}/hand-over`: `person`, an id.
///
/// # Errors
/// Not found, unless the asker leads it.
pub async fn hand_over(v: Visit, market: Data<Market>, path: Path<String>, Posted(form): Posted) -> Answer {
    let unit = market.unit_by_slug(&v.actor, name(&path)?).await?;
    let lead: PersonId = super::kit::id(form.value("person"))?;
    let done = market.run(&v.actor, HandOverUnit { unit: unit.id, lead }).await;
    finish(v, &market, unit, Form::default(), done, key("done-handed-over"), None).await
}

async fn finish(
    v: Visit,
    market: &Market,
    unit: UnitView,
    form: Form,
    done: market::Result<()>,
    told: &'static str,
    undo: Option<Undo>,
) -> Answer {
    match done {
        Ok(()) => {
            let url = urls::unit(&unit.slug);
            Ok(match undo {
                Some(undo) => respond::done_undoable(&v, &url, told, &undo),
                None => respond::done(&url, told),
            })
        }
        Err(refusal) => {
            let form = form.mend(&v, refusal)?;
            let page = page(v, market, unit, &Form::default(), form).await?;
            Ok(respond::form_again(&page.v, &page))
        }
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::super::wallet::samples;
    use super::*;

    pub(crate) fn lists() -> Vec<UnitsPage> {
        let row = UnitRow {
            name: Link::new("Red & Co", urls::unit("red")),
            purpose: "Cranes <and> cables".to_owned(),
            lead: Link::new("Ada", urls::person("ada")),
            members: 4,
        };
        let full =
            |v: &Visit| UnitsPage { units: vec![row.clone(); 3], pager: Pager::default(), v: v.clone() };
        let empty = |v| UnitsPage { units: vec![], pager: Pager::default(), v };
        crate::visit::samples::all().into_iter().flat_map(|v| [full(&v), empty(v)]).collect()
    }

    pub(crate) fn pages() -> Vec<UnitPage> {
        let member =
            |who: &str, lead| MemberRow { who: Link::new(who, urls::person("x")), id: "1".to_owned(), lead };
        let page = |v: &Visit, inside: bool| UnitPage {
            profit: insight::samples::profit_figure(v).filter(|_| inside),
            history: if inside { rides::sample(v) } else { HistoryBlock::default() },
            name: "Red & Co".to_owned(),
            purpose: "Cranes <and> cables".to_owned(),
            founded: v.when(v.now.plus_seconds(-86_400 * 80)),
            members: vec![member("Ada", true), member("陈伟", false)],
            sums: inside.then(samples::sums),
            statement: if inside { samples::statement(v) } else { Statement::default() },
            may_manage: inside,
            webhooks: inside.then(|| urls::unit_webhooks("red")),
            may_send: inside,
            form: Form::default(),
            to: [
                urls::unit_add("red"),
                urls::unit_remove("red"),
                urls::unit_hand_over("red"),
                urls::wallet_send(),
            ],
            v: v.clone(),
        };
        crate::visit::samples::all().into_iter().flat_map(|v| [page(&v, true), page(&v, false)]).collect()
    }
}
