//! A wallet: what is in it, how it got there, and sending some of it.
//!
//! Promises: the running balance on each line is the one in the record; sending is spelled out first.
//! Must never: add up a balance by itself.

use actix_web::web::Data;
use askama::Template;
use market::error::{Code, Problems};
use market::policy::may;
use market::wallet::{StatementLine, TransferTokens, WalletView};
use market::{Act, Amount, Listing, Market, Page, Refusal, WalletOwner};

use super::account;
use super::act::{ActPage, Ask, Field, is_sure};
use super::kit::{Address, Choice, Fact, Link, Pager, amount, asked, key_of, listed, name, page_of, tokens};
use super::ledger::kind;
use super::names::{Names, Wanted};
use super::signing::{SignNote, proposal, signed, wanted};
use super::task_input::person;
use crate::errors::{Answer, Failure};
use crate::format::{Tokens, When};
use crate::forms::{Form, Posted};
use crate::i18n::key;
use crate::plot::steps::Plot;
use crate::visit::Visit;
use crate::{respond, urls};

/// The page.
#[derive(Debug, Template)]
#[template(path = "wallet/show.html")]
pub struct WalletPage {
    /// The request.
    pub v: Visit,
    /// What is in it.
    pub sums: Sums,
    /// Its lines, newest first.
    pub statement: Statement,
    /// Its balance over time, for a wide window and for a narrow one.
    pub plots: Vec<(&'static str, Plot)>,
    /// How many lines the picture is made of.
    pub drawn: usize,
    /// Units whose wallets the asker can look into.
    pub units: Vec<Link>,
}

/// What a wallet holds.
#[derive(Debug, Clone)]
pub struct Sums {
    /// There to be used.
    pub balance: Tokens,
    /// Received as prizes, ever.
    pub earned: Tokens,
    /// Put into escrows that have not paid yet.
    pub escrowed: Tokens,
    /// The account on the ledger.
    pub account: String,
    /// Where its statement is, as a file that proves itself.
    pub file: String,
}

impl Sums {
    /// The sums of `wallet`.
    pub fn new(market: &Market, wallet: &WalletView) -> Self {
        let shown = |amount: Amount| tokens(market.asset(), amount);
        Self {
            balance: shown(wallet.balance),
            earned: shown(wallet.earned),
            escrowed: shown(wallet.escrowed),
            account: wallet.account.to_string(),
            file: urls::statement(wallet.account),
        }
    }
}

/// Lines of a statement.
#[derive(Debug, Clone, Default)]
pub struct Statement {
    /// The lines.
    pub lines: Vec<Line>,
    /// The way on.
    pub pager: Pager,
}

/// A line of a statement.
#[derive(Debug, Clone)]
pub struct Line {
    /// Its number in the account, without gaps.
    pub seq: u64,
    /// When.
    pub at: When,
    /// The key of what it was.
    pub kind: &'static str,
    /// The task it belongs to.
    pub task: Option<Link>,
    /// What was written with it.
    pub memo: Option<String>,
    /// The record.
    pub record: String,
    /// True for what came in.
    pub credit: bool,
    /// How much, with its sign.
    pub amount: Tokens,
    /// What was there afterwards.
    pub balance: Tokens,
}

impl Statement {
    /// The lines of `listing`, whose address is `url`.
    ///
    /// # Errors
    /// Faults, while tasks are looked up.
    pub async fn new(
        v: &Visit,
        market: &Market,
        listing: &Listing<StatementLine>,
        url: &str,
    ) -> Result<Self, Failure> {
        let mut wanted = Wanted::default();
        wanted.tasks(listing.items.iter().filter_map(|(_, line)| line.task));
        let names = wanted.names(v, market).await?;
        let lines = listing.items.iter().map(|(_, line)| Self::line(v, market, &names, line)).collect();
        Ok(Self { lines, pager: Pager::of(listing, url) })
    }

    fn line(v: &Visit, market: &Market, names: &Names, line: &StatementLine) -> Line {
        let asset = market.asset();
        let minor = i128::from(line.amount.minor());
        Line {
            seq: line.seq,
            at: v.when(line.at),
            kind: kind(line.kind),
            task: line.task.map(|task| names.task(task)),
            memo: line.memo.clone(),
            record: urls::record(line.record),
            credit: line.credit,
            amount: Tokens::signed(
                if line.credit { minor } else { -minor },
                asset.scale.get(),
                asset.code.as_str(),
            ),
            balance: tokens(asset, line.balance_after),
        }
    }
}

/// `GET /wallet`: `after` or `before`.
///
/// # Errors
/// To the door, for visitors.
pub async fn show(v: Visit, market: Data<Market>, address: Address) -> Answer {
    let me = v.actor.id().ok_or(Refusal::Unauthenticated)?;
    let owner = WalletOwner::Person(me);
    let wallet = market.wallet(&v.actor, owner).await?;
    let form = asked(address);
    let listing = listed(market.statement(&v.actor, owner, page_of(&form, 30)).await)?;
    let units = v.asker().map(|asker| asker.units.clone()).unwrap_or_default();
    let mut wanted = Wanted::default();
    wanted.units(units.iter().copied());
    let names = wanted.names(&v, &market).await?;
    let history =
        market.history(&v.actor, wallet.account, Page { first: Some(1), ..Page::default() }).await?;
    let page = WalletPage {
        drawn: history.curve.len(),
        plots: account::plots(&v, &history, market.asset().scale.get()),
        sums: Sums::new(&market, &wallet),
        statement: Statement::new(&v, &market, &listing, &urls::wallet()).await?,
        units: units.into_iter().map(|unit| names.unit(unit)).collect(),
        v,
    };
    Ok(respond::page(&page.v, &page))
}

/// `GET /wallet/send`: `from` and `to` may be filled in.
///
/// # Errors
/// To the door, for visitors.
pub async fn send_ask(v: Visit, market: Data<Market>, address: Address) -> Answer {
    v.actor.id().ok_or(Refusal::Unauthenticated)?;
    let form = asked(address);
    Ok(send_page(v, &market, form).await?.once(&market).answer())
}

/// `POST /wallet/send`: `from`, `kind`, `to`, `amount`, `memo`, and `sure` once spelled out.
///
/// # Errors
/// To the door, for visitors.
pub async fn send(v: Visit, market: Data<Market>, Posted(mut form): Posted) -> Answer {
    v.actor.id().ok_or(Refusal::Unauthenticated)?;
    let (signed, wanted) = (signed(&mut form)?, wanted(&form)?);
    let command = match typed(&v, &market, &form).await? {
        Ok(command) => command,
        Err(refusal) => return send_page(v, &market, form).await?.once(&market).mend(refusal),
    };
    if let Some(public_key) = wanted {
        return proposal(market.intent(&v.actor, public_key, command).await);
    }
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
    match market.run_signed(&v.actor, key_of(&form)?, command, signed).await {
        Ok(_) => Ok(respond::done(&url, key("done-sent"))),
        Err(refusal) => {
            form.forget("key");
            send_page(v, &market, form).await?.once(&market).mend(refusal)
        }
    }
}

async fn typed(v: &Visit, market: &Market, form: &Form) -> Result<Result<TransferTokens, Refusal>, Failure> {
    let mut problems = Problems::default();
    let amount = problems.keep("amount", amount(form, "amount", market.asset()));
    let from = problems.keep("from", from(v, form.value("from")));
    let to = match receiver(v, market, form).await? {
        Some(to) => Some(to),
        None => {
            problems.add("to", Code::NoSuchWallet);
            None
        }
    };
    let memo = form.value("memo").to_owned();
    Ok(problems.done().and_then(|()| match (from, to, amount) {
        (Some(from), Some(to), Some(amount)) => Ok(TransferTokens { from, to, amount, memo }),
        _ => Err(Refusal::because(Code::Required)),
    }))
}

/// The wallet of the asker's that a form names.
pub(super) fn from(v: &Visit, text: &str) -> Result<WalletOwner, Code> {
    let me = v.actor.id().map(WalletOwner::Person);
    match text.split_once(':') {
        Some(("unit", unit)) => Ok(WalletOwner::Unit(unit.parse().map_err(|_| Code::BadChoice)?)),
        _ => me.ok_or(Code::BadChoice),
    }
}

async fn receiver(v: &Visit, market: &Market, form: &Form) -> Result<Option<WalletOwner>, Failure> {
    let Some(to) = form.given("to") else { return Ok(None) };
    if !form.has("kind", "unit") {
        return Ok(person(v, market, to).await?.map(WalletOwner::Person));
    }
    let Ok(slug) = name(to) else { return Ok(None) };
    match market.unit_by_slug(&v.actor, slug).await {
        Ok(unit) => Ok(Some(WalletOwner::Unit(unit.id))),
        Err(Refusal::NotFound) => Ok(None),
        Err(refusal) => Err(refusal.into()),
    }
}

async fn spelled_out(
    v: Visit,
    market: &Market,
    form: Form,
    command: &TransferTokens,
) -> Result<ActPage, Failure> {
    let mut wanted = Wanted::default();
    for owner in [command.from, command.to] {
        match owner {
            WalletOwner::Person(person) => wanted.persons([person]),
            WalletOwner::Unit(unit) => wanted.units([unit]),
        };
    }
    let names = wanted.names(&v, market).await?;
    let owner = |owner: WalletOwner| match owner {
        WalletOwner::Person(person) => names.person(person),
        WalletOwner::Unit(unit) => names.unit(unit),
    };
    let before = market.wallet(&v.actor, command.from).await?.balance;
    let mut facts = vec![
        Fact::new(v.t(key("fact-amount")), tokens(market.asset(), command.amount)),
        Fact::linked(v.t(key("fact-from")), owner(command.from)),
        Fact::linked(v.t(key("fact-to")), owner(command.to)),
        Fact::new(v.t(key("send-memo")), &command.memo),
    ];
    if let Some(after) = before.checked_sub(command.amount) {
        facts.push(Fact::new(v.t(key("send-left")), tokens(market.asset(), after)));
    }
    let (lead, submit) = (v.t(key("send-sure")).into_owned(), v.t(key("send-button")).into_owned());
    let sign = SignNote::new(&v, market, Act::TransferTokens).await?;
    let mut page = send_page(v, market, form).await?.spelled_out(facts, lead, submit);
    page.sign = Some(sign);
    Ok(page)
}

/// The wallets that the asker may do this to: their own, and those of units that they lead.
pub(super) async fn sources(v: &Visit, market: &Market, act: Act) -> Result<Vec<Choice>, Failure> {
    let led: Vec<_> = v.asker().map(|asker| asker.units.clone()).unwrap_or_default();
    let led: Vec<_> = led.into_iter().filter(|unit| may(&v.actor, act, &WalletOwner::Unit(*unit))).collect();
    let mut wanted = Wanted::default();
    wanted.units(led.iter().copied());
    let names = wanted.names(v, market).await?;
    let own = Choice::new("person", v.t(key("source-person")));
    let units = led.into_iter().map(|unit| {
        Choice::new(format!("unit:{unit}"), v.t1(key("source-unit"), "name", names.unit(unit).text))
    });
    Ok(std::iter::once(own).chain(units).collect())
}

async fn send_page(v: Visit, market: &Market, form: Form) -> Result<ActPage, Failure> {
    let sources = sources(&v, market, Act::TransferTokens).await?;
    let kinds = vec![
        Choice::new("person", v.t(key("send-to-person"))),
        Choice::new("unit", v.t(key("send-to-unit"))),
    ];
    Ok(ActPage {
        form,
        crumbs: vec![Link::new(v.t(key("nav-wallet")), urls::wallet())],
        title: v.t(key("send-title")).into_owned(),
        lead: v.t(key("send-lead")).into_owned(),
        facts: Vec::new(),
        asks: vec![
            Ask::Select(Field::bare(&v, "from", key("fact-from")), sources),
            Ask::Select(Field::bare(&v, "kind", key("send-kind")), kinds),
            Ask::Text(Field::new(&v, "to", key("fact-to"), key("send-to-hint"))),
            Ask::Number(
                Field::bare(&v, "amount", key("send-amount")),
                market.asset().code.as_str().to_owned(),
            ),
            Ask::Area(Field::new(&v, "memo", key("send-memo"), key("send-memo-hint"))),
        ],
        action: urls::wallet_send(),
        submit: v.t(key("go-on")).into_owned(),
        danger: false,
        sure: false,
        sign: None,
        v,
    })
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;

    pub(crate) fn sums() -> Sums {
        let tokens = |minor| Tokens::new(minor, 2, "SAI");
        Sums {
            balance: tokens(1_234_550),
            earned: tokens(900_000),
            escrowed: tokens(0),
            account: "0a1b".repeat(8),
            file: format!("/log/statement/{}", "0a1b".repeat(8)),
        }
    }

    pub(crate) fn statement(v: &Visit) -> Statement {
        let line = |seq, credit: bool, minor: i128, balance| Line {
            seq,
            at: v.when(v.now.plus_seconds(-86_400)),
            kind: if credit { key("kind-payout") } else { key("kind-transfer") },
            task: credit.then(|| Link::new("Cut the start-up time <in half>", urls::task("abc"))),
            memo: (!credit).then(|| "for the <b>cable</b>".to_owned()),
            record: urls::record("1"),
            credit,
            amount: Tokens::signed(minor, 2, "SAI"),
            balance: Tokens::new(balance, 2, "SAI"),
        };
        let lines = vec![
            line(3, false, -5_000, 1_234_550),
            line(2, true, 750_000, 1_239_550),
            line(1, true, 489_550, 489_550),
        ];
        Statement {
            lines,
            pager: Pager { next: Some("/wallet?after=x".to_owned()), previous: None, total: 45 },
        }
    }

    pub(crate) fn pages() -> Vec<WalletPage> {
        let full = |v: &Visit| WalletPage {
            plots: Vec::new(),
            drawn: 0,
            sums: sums(),
            statement: statement(v),
            units: vec![Link::new("Red team", urls::unit("red"))],
            v: v.clone(),
        };
        let empty = |v: Visit| WalletPage {
            plots: Vec::new(),
            drawn: 0,
            sums: sums(),
            statement: Statement::default(),
            units: vec![],
            v,
        };
        crate::visit::samples::all().into_iter().flat_map(|v| [full(&v), empty(v)]).collect()
    }
}
