//! Sending tokens to several at once: by amounts, by shares or in equal parts, spelled out before anything moves.
//!
//! Promises: every number that will stand in the record stands on the page that asks for a yes, and only those
//! are sent; whoever is not known is told beside their row. Must never: divide by a rule of its own.

use actix_web::web::Data;
use askama::Template;
use market::error::{Code, Problems};
use market::wallet::{MOST_RECEIVERS, Portion, SplitTokens, divided};
use market::{Act, Amount, Market, Refusal, WalletOwner};

use super::act::{ActPage, is_sure};
use super::kit::{Address, Choice, Fact, Link, amount, asked, fresh_key, key_of, name, tokens};
use super::names::Wanted;
use super::task_input::person;
use super::wallet::{from, sources};
use crate::errors::{Answer, Failure};
use crate::forms::{Form, Posted};
use crate::i18n::key;
use crate::visit::Visit;
use crate::{respond, urls};

/// Rows that the form begins with, and grows by.
const ROWS: usize = 5;
/// Decimals of a share.
const DECIMALS: usize = 4;

/// The page.
#[derive(Debug, Clone, Template)]
#[template(path = "wallet/split.html")]
pub struct SplitPage {
    /// The request.
    pub v: Visit,
    /// What was typed so far.
    pub form: Form,
    /// Wallets that the asker may send from.
    pub sources: Vec<Choice>,
    /// How it is divided.
    pub ways: Vec<Choice>,
    /// The asset's code.
    pub code: String,
    /// The rows.
    pub rows: Vec<Row>,
    /// Most rows.
    pub most: usize,
}

/// The field names of one row.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its number, from 1.
    pub number: usize,
    /// The field of the handle, or of a unit's short name.
    pub who: String,
    /// The field of the amount or share.
    pub part: String,
}

impl Row {
    fn new(at: usize) -> Self {
        Self { number: at + 1, who: format!("to.{at}.to"), part: format!("to.{at}.amount") }
    }
}

/// `GET /wallet/split`: `from` may be filled in.
///
/// # Errors
/// To the door, for visitors.
pub async fn ask(v: Visit, market: Data<Market>, address: Address) -> Answer {
    v.actor.id().ok_or(Refusal::Unauthenticated)?;
    let mut form = asked(address);
    if form.value("how").is_empty() {
        form.set("how", "amounts");
    }
    form.set("key", fresh_key(&market));
    let page = page(v, &market, form, false).await?;
    Ok(respond::page(&page.v, &page))
}

/// `POST /wallet/split`: `from`, `how` (`amounts`, `shares`, `equal`), `total`, `to.N.to`, `to.N.amount`, `memo`,
/// and `sure` once spelled out; with `do` as `more` it only has more rows.
///
/// # Errors
/// To the door, for visitors.
pub async fn send(v: Visit, market: Data<Market>, Posted(mut form): Posted) -> Answer {
    v.actor.id().ok_or(Refusal::Unauthenticated)?;
    if form.value("do") == "more" {
        form.forget("do");
        let page = page(v, &market, form, true).await?;
        return Ok(respond::page(&page.v, &page));
    }
    let command = match typed(&v, &market, &form).await? {
        Ok(command) => command,
        Err(refusal) => return again(v, &market, form, refusal).await,
    };
    if !is_sure(&form) {
        return Ok(spelled_out(v, &market, form, &command).await?.answer());
    }
    let url = match command.from {
        WalletOwner::Person(_) => urls::wallet(),
        WalletOwner::Unit(unit) => {
            let mut wanted = Wanted::default();
            wanted.units([unit]);
            wanted.names(&v, &market).await?.unit(unit).url
        }
    };
    match market.run_once(&v.actor, key_of(&form)?, command).await {
        Ok(_) => Ok(respond::done(&url, key("done-split"))),
        Err(refusal) => again(v, &market, form, refusal).await,
    }
}

async fn again(v: Visit, market: &Market, mut form: Form, refusal: Refusal) -> Answer {
    form.forget("sure");
    form.set("key", fresh_key(market));
    let form = form.mend(&v, refusal)?;
    let page = page(v, market, form, false).await?;
    Ok(respond::form_again(&page.v, &page))
}

/// The command that the form describes, its numbers worked out.
async fn typed(v: &Visit, market: &Market, form: &Form) -> Result<Result<SplitTokens, Refusal>, Failure> {
    let asset = market.asset();
    let mut problems = Problems::default();
    let source = problems.keep("from", from(v, form.value("from")));
    let (mut owners, mut rows) = (Vec::new(), Vec::new());
    for row in (0..MOST_RECEIVERS).map(Row::new) {
        let Some(who) = form.given(&row.who) else {
            problems.check(form.given(&row.part).is_some(), &row.who, Code::Required);
            continue;
        };
        match receiver(v, market, who).await? {
            Some(owner) => owners.push(owner),
            None => problems.add(&row.who, Code::NoSuchWallet),
        }
        rows.push(row);
    }
    let parts = match form.value("how") {
        "equal" => {
            let total = problems.keep("total", amount(form, "total", asset));
            total.and_then(|total| divided(total, &vec![1; rows.len()]))
        }
        "shares" => {
            let total = problems.keep("total", amount(form, "total", asset));
            let weights: Vec<_> =
                rows.iter().filter_map(|row| problems.keep(&row.part, share(form, &row.part))).collect();
            total.filter(|_| weights.len() == rows.len()).and_then(|total| divided(total, &weights))
        }
        _ => {
            let each = rows.iter().filter_map(|row| problems.keep(&row.part, amount(form, &row.part, asset)));
            Some(each.collect::<Vec<Amount>>())
        }
    };
    problems.check(rows.is_empty(), "to", Code::Required);
    let memo = form.value("memo").to_owned();
    Ok(problems.done().and_then(|()| match (source, parts) {
        (Some(from), Some(parts)) => {
            let portion = |(to, amount)| Portion { to, amount };
            Ok(SplitTokens { from, to: owners.into_iter().zip(parts).map(portion).collect(), memo })
        }
        _ => Err(Refusal::on("to", Code::Required)),
    }))
}

/// A share as a weight: any plain number with at most four decimals, more than nought.
fn share(form: &Form, field: &str) -> Result<u64, Code> {
    let text = form.given(field).ok_or(Code::Required)?.trim_end_matches('%').trim_end();
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let plain = digits(whole) && digits(decimals) && !whole.is_empty() && whole.len() <= 9;
    let wrong = || Code::OutOfRange { min: "0.0001".to_owned(), max: "999999999".to_owned() };
    if !plain || decimals.len() > DECIMALS {
        return Err(wrong());
    }
    let weight: u64 = format!("{whole}{decimals:0<DECIMALS$}").parse().map_err(|_| wrong())?;
    if weight == 0 { Err(wrong()) } else { Ok(weight) }
}

/// A person by their handle, or `unit:` and a unit's short name.
async fn receiver(v: &Visit, market: &Market, typed: &str) -> Result<Option<WalletOwner>, Failure> {
    let Some(slug) = typed.strip_prefix("unit:").or_else(|| typed.strip_prefix("unit：")) else {
        return Ok(person(v, market, typed).await?.map(WalletOwner::Person));
    };
    let Ok(slug) = name(slug.trim()) else { return Ok(None) };
    match market.unit_by_slug(&v.actor, slug).await {
        Ok(unit) => Ok(Some(WalletOwner::Unit(unit.id))),
        Err(Refusal::NotFound) => Ok(None),
        Err(refusal) => Err(refusal.into()),
    }
}

/// The page that says in full what will be done.
async fn spelled_out(
    v: Visit,
    market: &Market,
    form: Form,
    command: &SplitTokens,
) -> Result<ActPage, Failure> {
    let mut wanted = Wanted::default();
    for owner in command.to.iter().map(|portion| portion.to).chain([command.from]) {
        match owner {
            WalletOwner::Person(person) => wanted.persons([person]),
            WalletOwner::Unit(unit) => wanted.units([unit]),
        };
    }
    let names = wanted.names(&v, market).await?;
    let called = |owner: WalletOwner| match owner {
        WalletOwner::Person(person) => names.person(person),
        WalletOwner::Unit(unit) => names.unit(unit),
    };
    let asset = market.asset();
    let before = market.wallet(&v.actor, command.from).await?.balance;
    let total = command.total().unwrap_or(Amount::ZERO);
    let mut facts = vec![Fact::linked(v.t(key("fact-from")), called(command.from))];
    facts.extend(command.to.iter().map(|one| Fact::new(called(one.to).text, tokens(asset, one.amount))));
    facts.push(Fact::new(v.t(key("split-total")), tokens(asset, total)));
    if let Some(after) = before.checked_sub(total) {
        facts.push(Fact::new(v.t(key("send-left")), tokens(asset, after)));
    }
    if !command.memo.is_empty() {
        facts.push(Fact::new(v.t(key("send-memo")), &command.memo));
    }
    if form.value("how") != "amounts" {
        facts.push(Fact::new(v.t(key("split-rounding")), v.t(key("split-rounding-text"))));
    }
    let title = (key("split-title"), key("split-sure"), key("send-button"));
    let crumbs = vec![
        Link::new(v.t(key("nav-wallet")), urls::wallet()),
        Link::new(v.t(key("split-title")), urls::wallet_split()),
    ];
    let mut page = ActPage::saying(v, crumbs, form, title, urls::wallet_split());
    page.facts = facts;
    page.sure = true;
    Ok(page)
}

async fn page(v: Visit, market: &Market, form: Form, more: bool) -> Result<SplitPage, Failure> {
    let used = (0..MOST_RECEIVERS)
        .filter(|at| {
            let row = Row::new(*at);
            form.pairs()
                .any(|(name, value)| (name == row.who || name == row.part) && !value.trim().is_empty())
        })
        .max()
        .map_or(0, |at| at + 1);
    let shown =
        (0..MOST_RECEIVERS).filter(|at| form.pairs().any(|(name, _)| name == Row::new(*at).who)).count();
    let rows = used.max(shown).max(ROWS) + if more { ROWS } else { 0 };
    let ways = vec![
        Choice::new("amounts", v.t(key("split-by-amounts"))),
        Choice::new("shares", v.t(key("split-by-shares"))),
        Choice::new("equal", v.t(key("split-equally"))),
    ];
    Ok(SplitPage {
        sources: sources(&v, market, Act::SplitTokens).await?,
        ways,
        code: market.asset().code.as_str().to_owned(),
        rows: (0..rows.min(MOST_RECEIVERS)).map(Row::new).collect(),
        most: MOST_RECEIVERS,
        form,
        v,
    })
}

#[cfg(test)]
pub(crate) fn samples() -> Vec<SplitPage> {
    crate::visit::samples::all()
        .into_iter()
        .map(|v| {
            let mut form = Form::of([("how", "shares"), ("to.0.to", "\"><script>"), ("to.0.amount", "1")]);
            form.refuse("to.0.to", "<i>wrong</i>");
            form.refuse("to", "all of it");
            SplitPage {
                form,
                sources: vec![Choice::new("person", "Your wallet")],
                ways: vec![Choice::new("amounts", "By amounts"), Choice::new("shares", "By shares")],
                code: "SAI".to_owned(),
                rows: (0..ROWS).map(Row::new).collect(),
                most: MOST_RECEIVERS,
                v,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_plain_numbers_and_anything_else_is_refused() {
        let share = |text: &str| share(&Form::of([("s", text)]), "s").ok();
        assert_eq!(share("60"), Some(600_000));
        assert_eq!(share(" 12.5 % "), Some(125_000));
        assert_eq!(share("0.0001"), Some(1));
        for wrong in ["", "0", "0.00001", "-1", "1e3", ".5", "1.2.3", "9999999999", "一"] {
            assert_eq!(share(wrong), None, "{wrong}");
        }
    }
}
