//! The treasury: what was issued, where it is now, issuing and allocating.

use actix_web::web::Data;
use askama::Template;
use market::error::{Code, Problems};
use market::wallet::{AllocateTokens, Destination, IssueTokens};
use market::{Act, Amount, Market, Page, Refusal};

use super::act::{ActPage, Ask, Field, is_sure};
use super::kit::{Choice, Fact, Link, amount, key_of, name, tokens};
use super::task_input::person;
use crate::errors::{Answer, Failure};
use crate::format::Tokens;
use crate::forms::{Form, Posted};
use crate::i18n::key;
use crate::visit::Visit;
use crate::{respond, urls};

/// The page.
#[derive(Debug, Template)]
#[template(path = "treasury/show.html")]
pub struct TreasuryPage {
    /// The request.
    pub v: Visit,
    /// Everything ever issued.
    pub issued: Tokens,
    /// Where it is now: the key of the place, how much, and its part of the bar.
    pub places: Vec<Place>,
    /// True if the asker may issue and allocate.
    pub may_issue: bool,
}

/// Where tokens are.
#[derive(Debug, Clone)]
pub struct Place {
    /// The key of its message.
    pub label: &'static str,
    /// How much is there.
    pub amount: Tokens,
    /// Where its part of the bar begins, in hundredths of a percent.
    pub x: u64,
    /// How long it is.
    pub width: u64,
}

/// `GET /treasury`.
///
/// # Errors
/// Not found, for who may not look.
pub async fn show(v: Visit, market: Data<Market>) -> Answer {
    if !v.may(Act::SeeTreasury) {
        return Err(Refusal::NotFound.into());
    }
    let treasury = market.treasury(&v.actor).await?;
    let asset = market.asset();
    let places = [
        (key("place-treasury"), treasury.treasury),
        (key("place-programmes"), treasury.programmes),
        (key("place-escrow"), treasury.escrow),
        (key("place-wallets"), treasury.wallets),
        (key("place-retired"), treasury.retired),
    ];
    let mut x = 0;
    let place = |(label, amount): (&'static str, Amount)| {
        let width = share(amount, treasury.issued);
        let place = Place { label, amount: tokens(asset, amount), x, width };
        x += width;
        place
    };
    let page = TreasuryPage {
        issued: tokens(asset, treasury.issued),
        places: places.into_iter().map(place).collect(),
        may_issue: v.may(Act::IssueTokens),
        v,
    };
    Ok(respond::page(&page.v, &page))
}

fn share(part: Amount, whole: Amount) -> u64 {
    let share = u128::from(part.minor()) * 10_000 / u128::from(whole.minor().max(1));
    u64::try_from(share).unwrap_or(0)
}

/// `GET /treasury/issue`.
///
/// # Errors
/// Not found, for who may not.
pub async fn issue_ask(v: Visit, market: Data<Market>) -> Answer {
    keeper(&v)?;
    Ok(issue_page(v, &market, Form::default()).once(&market).answer())
}

/// `POST /treasury/issue`: `amount`, `reason`, and `sure` once spelled out.
///
/// # Errors
/// Not found, for who may not.
pub async fn issue(v: Visit, market: Data<Market>, Posted(mut form): Posted) -> Answer {
    keeper(&v)?;
    let added = match amount(&form, "amount", market.asset()) {
        Ok(added) => added,
        Err(code) => return issue_page(v, &market, form).once(&market).mend(Refusal::on("amount", code)),
    };
    let reason = form.value("reason").to_owned();
    if !is_sure(&form) {
        let issued = market.treasury(&v.actor).await?.issued;
        let mut facts = vec![
            Fact::new(v.t(key("fact-amount")), tokens(market.asset(), added)),
            Fact::new(v.t(key("field-reason")), &reason),
        ];
        if let Some(after) = issued.checked_add(added) {
            facts.push(Fact::new(v.t(key("issue-after")), tokens(market.asset(), after)));
        }
        let (lead, submit) = (v.t(key("issue-sure")).into_owned(), v.t(key("issue-title")).into_owned());
        return Ok(issue_page(v, &market, form).spelled_out(facts, lead, submit).answer());
    }
    match market.run_once(&v.actor, key_of(&form)?, IssueTokens { amount: added, reason }).await {
        Ok(_) => Ok(respond::done(&urls::treasury(), key("done-issued"))),
        Err(refusal) => {
            form.forget("key");
            issue_page(v, &market, form).once(&market).mend(refusal)
        }
    }
}

fn issue_page(v: Visit, market: &Market, form: Form) -> ActPage {
    let asks = vec![
        Ask::Number(Field::bare(&v, "amount", key("fact-amount")), market.asset().code.as_str().to_owned()),
        Ask::Area(Field::new(&v, "reason", key("field-reason"), key("field-reason-hint"))),
    ];
    page(v, form, (key("issue-title"), key("issue-lead")), asks, urls::treasury_issue())
}

/// `GET /treasury/allocate`.
///
/// # Errors
/// Not found, for who may not.
pub async fn allocate_ask(v: Visit, market: Data<Market>) -> Answer {
    keeper(&v)?;
    Ok(allocate_page(v, &market, Form::default()).await?.once(&market).answer())
}

/// `POST /treasury/allocate`: `kind`, `to`, `amount`, `reason`, and `sure` once spelled out.
///
/// # Errors
/// Not found, for who may not.
pub async fn allocate(v: Visit, market: Data<Market>, Posted(mut form): Posted) -> Answer {
    keeper(&v)?;
    let (command, to) = match typed(&v, &market, &form).await? {
        Ok(typed) => typed,
        Err(refusal) => return allocate_page(v, &market, form).await?.once(&market).mend(refusal),
    };
    if !is_sure(&form) {
        let facts = vec![
            Fact::new(v.t(key("fact-amount")), tokens(market.asset(), command.amount)),
            Fact::new(v.t(key("fact-from")), v.t(key("place-treasury"))),
            Fact::linked(v.t(key("fact-to")), to),
            Fact::new(v.t(key("field-reason")), &command.reason),
        ];
        let (lead, submit) =
            (v.t(key("allocate-sure")).into_owned(), v.t(key("allocate-title")).into_owned());
        return Ok(allocate_page(v, &market, form).await?.spelled_out(facts, lead, submit).answer());
    }
    match market.run_once(&v.actor, key_of(&form)?, command).await {
        Ok(_) => Ok(respond::done(&urls::treasury(), key("done-allocated"))),
        Err(refusal) => {
            form.forget("key");
            allocate_page(v, &market, form).await?.once(&market).mend(refusal)
        }
    }
}

type Typed = (AllocateTokens, Link);

async fn typed(v: &Visit, market: &Market, form: &Form) -> Result<Result<Typed, Refusal>, Failure> {
    let mut problems = Problems::default();
    let amount = problems.keep("amount", amount(form, "amount", market.asset()));
    let to = destination(v, market, form).await?;
    problems.check(to.is_none(), "to", Code::NoSuchWallet);
    let reason = form.value("reason").to_owned();
    Ok(problems.done().and_then(|()| match (amount, to) {
        (Some(amount), Some((to, link))) => Ok((AllocateTokens { to, amount, reason }, link)),
        _ => Err(Refusal::because(Code::Required)),
    }))
}

async fn destination(
    v: &Visit,
    market: &Market,
    form: &Form,
) -> Result<Option<(Destination, Link)>, Failure> {
    let to = form.value("to").trim();
    let found = match form.value("kind") {
        "person" => match person(v, market, to).await? {
            Some(id) => market.person(&v.actor, id).await.map(|person| {
                (Destination::Person(person.id), Link::new(person.name, urls::person(person.handle)))
            }),
            None => return Ok(None),
        },
        _ if name(to).is_err() => return Ok(None),
        "unit" => {
            let unit = market.unit_by_slug(&v.actor, to).await;
            unit.map(|unit| (Destination::Unit(unit.id), Link::new(unit.name, urls::unit(unit.slug))))
        }
        _ => market.programme_by_slug(&v.actor, to).await.map(|programme| {
            (Destination::Programme(programme.id), Link::new(programme.name, urls::programme(programme.slug)))
        }),
    };
    match found {
        Ok(found) => Ok(Some(found)),
        Err(Refusal::NotFound) => Ok(None),
        Err(refusal) => Err(refusal.into()),
    }
}

async fn allocate_page(v: Visit, market: &Market, form: Form) -> Result<ActPage, Failure> {
    let kinds = vec![
        Choice::new("programme", v.t(key("allocate-programme"))),
        Choice::new("unit", v.t(key("send-to-unit"))),
        Choice::new("person", v.t(key("send-to-person"))),
    ];
    let known = market.programmes(&v.actor, Page { first: Some(10), ..Page::default() }).await?;
    let slugs: Vec<_> = known.items.iter().map(|(_, programme)| programme.slug.as_str()).collect();
    let mut to = Field::new(&v, "to", key("fact-to"), key("send-to-hint"));
    if !slugs.is_empty() {
        to.hint = format!("{} {}", to.hint, v.t1(key("allocate-known"), "names", slugs.join(", ")));
    }
    let asks = vec![
        Ask::Select(Field::bare(&v, "kind", key("send-kind")), kinds),
        Ask::Text(to),
        Ask::Number(Field::bare(&v, "amount", key("fact-amount")), market.asset().code.as_str().to_owned()),
        Ask::Area(Field::new(&v, "reason", key("field-reason"), key("field-reason-hint"))),
    ];
    Ok(page(v, form, (key("allocate-title"), key("allocate-lead")), asks, urls::treasury_allocate()))
}

fn keeper(v: &Visit) -> Result<(), Failure> {
    if v.may(Act::IssueTokens) { Ok(()) } else { Err(Refusal::NotFound.into()) }
}

fn page(v: Visit, form: Form, said: (&'static str, &'static str), asks: Vec<Ask>, action: String) -> ActPage {
    let (title, lead) = said;
    ActPage {
        form,
        crumbs: vec![Link::new(v.t(key("nav-treasury")), urls::treasury())],
        title: v.t(title).into_owned(),
        lead: v.t(lead).into_owned(),
        facts: Vec::new(),
        asks,
        action,
        submit: v.t(key("go-on")).into_owned(),
        danger: false,
        sure: false,
        sign: None,
        v,
    }
}

#[cfg(test)]
pub(crate) fn samples() -> Vec<TreasuryPage> {
    let place = |label, x, width| Place { label, amount: Tokens::new(width * 1_000, 2, "SAI"), x, width };
    let page = |v: Visit| TreasuryPage {
        issued: Tokens::new(10_000_000, 2, "SAI"),
        places: vec![
            place(key("place-treasury"), 0, 5_000),
            place(key("place-programmes"), 5_000, 2_500),
            place(key("place-wallets"), 7_500, 2_500),
        ],
        may_issue: v.signed_in(),
        v,
    };
    crate::visit::samples::all().into_iter().map(page).collect()
}
