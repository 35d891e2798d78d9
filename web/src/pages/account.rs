//! An account of the books: what it holds, how that came about, and a receipt for each line.
//!
//! Promises: the picture shows what the lines tell. Must never: name an owner that the market did not name.

use actix_web::web::{Data, Path};
use askama::Template;
use market::books::{HistoryLine, HistoryView};
use market::{AccountId, Market};

use super::kit::{Address, Link, Pager, asked, id, listed, page_of};
use super::ledger::kind;
use super::names::{Names, Wanted};
use super::record::account;
use crate::errors::Answer;
use crate::format::{self, Tokens, When};
use crate::plot::steps::{self as plot, Plot};
use crate::visit::Visit;
use crate::{respond, urls};

/// The page.
#[derive(Debug, Template)]
#[template(path = "ledger/account.html")]
pub struct AccountPage {
    /// The request.
    pub v: Visit,
    /// The key of what it is for.
    pub kind: &'static str,
    /// Whose it is, if the reader may know.
    pub owner: Option<Link>,
    /// Its id.
    pub id: String,
    /// What it holds.
    pub balance: Tokens,
    /// Its balance over time, for a wide window and for a narrow one.
    pub plots: Vec<(&'static str, Plot)>,
    /// How many lines the picture is made of.
    pub drawn: usize,
    /// Its lines, newest first.
    pub lines: Vec<AccountLine>,
    /// The way on.
    pub pager: Pager,
}

/// A line.
#[derive(Debug, Clone)]
pub struct AccountLine {
    /// Its number in the account, without gaps.
    pub seq: u64,
    /// When.
    pub at: When,
    /// The key of what it was.
    pub kind: &'static str,
    /// The task it belongs to.
    pub task: Option<Link>,
    /// The record.
    pub record: String,
    /// Its receipt, once it is sealed.
    pub receipt: Option<String>,
    /// True for what came in.
    pub credit: bool,
    /// How much, with its sign.
    pub amount: Tokens,
    /// What was there afterwards.
    pub balance: Tokens,
}

/// `GET /ledger/accounts/{id}`: `after` or `before`.
///
/// # Errors
/// Not found, for who may not see it; a bad cursor.
pub async fn show(v: Visit, market: Data<Market>, path: Path<String>, address: Address) -> Answer {
    let account_id: AccountId = id(&path)?;
    let history = listed(market.history(&v.actor, account_id, page_of(&asked(address), 30)).await)?;
    let mut wanted = Wanted::default();
    wanted.tasks(history.lines.items.iter().filter_map(|(_, line)| line.task));
    if let Some(owner) = history.account.owner {
        wanted.owner(owner);
    }
    let names = wanted.names(&v, &market).await?;
    let (scale, code) = (market.asset().scale.get(), market.asset().code.as_str());
    let page = AccountPage {
        kind: account(&history.account),
        owner: history.account.owner.map(|owner| names.owner(owner)),
        id: account_id.to_string(),
        balance: Tokens::balance(history.balance, scale, code),
        plots: plots(&v, &history, scale),
        drawn: history.curve.len(),
        lines: history.lines.items.iter().map(|(_, one)| line(&v, &names, one, (scale, code))).collect(),
        pager: Pager::of(&history.lines, &urls::account(account_id)),
        v,
    };
    Ok(respond::page(&page.v, &page))
}

/// The balance over time, for a wide window and for a narrow one.
pub(super) fn plots(v: &Visit, history: &HistoryView, scale: u8) -> Vec<(&'static str, Plot)> {
    let amount = |held| Tokens::balance(held, scale, "").number;
    let date = |at| format::date(v.locale, &v.zone, at);
    [("wide", 880), ("small", 320)]
        .into_iter()
        .filter_map(|(class, width)| Some((class, plot::draw(&history.curve, width, amount, date)?)))
        .collect()
}

fn line(v: &Visit, names: &Names, line: &HistoryLine, (scale, code): (u8, &str)) -> AccountLine {
    let (credit, minor) = (line.side.code() == 1, i128::from(line.amount.minor()));
    AccountLine {
        seq: line.seq,
        at: v.when(line.at),
        kind: kind(line.kind),
        task: line.task.map(|task| names.task(task)),
        record: urls::record(line.record),
        receipt: line.index.map(|_| urls::receipt(line.record)),
        credit,
        amount: Tokens::signed(if credit { minor } else { -minor }, scale, code),
        balance: Tokens::balance(line.balance_after, scale, code),
    }
}

#[cfg(test)]
pub(crate) fn samples() -> Vec<AccountPage> {
    use crate::i18n::key;
    use market::Moment;
    let page = |v: Visit, some: bool| {
        let now = v.now.0;
        let day = 86_400_000_000;
        let curve = [(9, 100_000), (6, 94_500), (5, 1_200_050), (2, 1_150_000), (1, 1_234_550)];
        let curve: Vec<(Moment, i128)> =
            curve.iter().map(|(ago, held)| (Moment(now - ago * day), *held)).collect();
        let draw = |class, width| {
            plot::draw(
                &curve,
                width,
                |held| Tokens::balance(held, 2, "").number,
                |at| format::date(v.locale, &v.zone, at),
            )
            .map(|plot| (class, plot))
        };
        let plots = [draw("wide", 880), draw("small", 320)].into_iter().flatten().collect();
        let line = |seq: u64, credit: bool| AccountLine {
            seq,
            at: v.when(v.now.plus_seconds(-86_400)),
            kind: key("kind-transfer"),
            task: credit.then(|| Link::new("Cut the start-up time <in half>", urls::task("abc"))),
            record: urls::record(seq),
            receipt: credit.then(|| urls::receipt(seq)),
            credit,
            amount: Tokens::signed(if credit { 84_550 } else { -50_050 }, 2, "SAI"),
            balance: Tokens::balance(1_234_550, 2, "SAI"),
        };
        AccountPage {
            kind: key("account-person"),
            owner: some.then(|| Link::new("Ada", urls::person("ada"))),
            id: "ab".repeat(16),
            balance: Tokens::balance(1_234_550, 2, "SAI"),
            plots: if some { plots } else { Vec::new() },
            drawn: 5,
            lines: if some { vec![line(5, true), line(4, false)] } else { Vec::new() },
            pager: Pager {
                next: some.then(|| "/ledger/accounts/x?after=x".to_owned()),
                previous: None,
                total: 5,
            },
            v,
        }
    };
    crate::visit::samples::all().into_iter().flat_map(|v| [page(v.clone(), true), page(v, false)]).collect()
}
