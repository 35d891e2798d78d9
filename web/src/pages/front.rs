//! The front page: what this is, what is to be won, what was paid.

use actix_web::web::Data;
use askama::Template;
use market::task::{TaskFilter, TaskOrder, TaskState, TaskView};
use market::{AssetView, Market, Page};

use super::kit::tokens;
use super::tasks::TaskCard;
use crate::errors::Answer;
use crate::format::{self, Tokens, When};
use crate::visit::Visit;
use crate::{respond, urls};

/// The page.
#[derive(Debug, Template)]
#[template(path = "front/show.html")]
pub struct FrontPage {
    /// The request.
    pub v: Visit,
    /// The organisation's name.
    pub house: String,
    /// What open challenges come to.
    pub sums: Sums,
    /// Open challenges, the next to close first.
    pub challenges: Vec<TaskCard>,
    /// The last payouts.
    pub payouts: Vec<PaidRow>,
}

/// Open challenges and the ledger in figures.
#[derive(Debug, Clone)]
pub struct Sums {
    /// How many challenges run.
    pub running: u64,
    /// What can be won in them.
    pub at_stake: Tokens,
    /// How many were settled.
    pub settled: u64,
    /// What those paid.
    pub paid: Tokens,
    /// How many records are sealed.
    pub records: String,
    /// When the ledger was last signed.
    pub signed: Option<When>,
}

/// A payout.
#[derive(Debug, Clone)]
pub struct PaidRow {
    /// The task's title.
    pub title: String,
    /// The task's page.
    pub url: String,
    /// Its receipt.
    pub receipt: String,
    /// How much.
    pub total: Tokens,
    /// To how many wallets.
    pub payees: u32,
    /// When.
    pub at: When,
}

/// `GET /`.
///
/// # Errors
/// Faults only.
pub async fn show(v: Visit, market: Data<Market>) -> Answer {
    let open = TaskFilter {
        states: vec![TaskState::Open],
        open_only: true,
        order: TaskOrder::ClosingSoon,
        ..TaskFilter::default()
    };
    let challenges = market.tasks(&v.actor, &open, &Page { first: Some(6), ..Page::default() }).await?;
    let payouts = market.recent_payouts(&v.actor, 5).await?;
    let glance = market.glance(&v.actor).await?;
    let head = market.head(&v.actor).await?;
    let asset = market.asset();
    let page = FrontPage {
        house: market.settings().house.clone(),
        sums: Sums {
            running: glance.running,
            at_stake: tokens(asset, glance.at_stake),
            settled: glance.settled,
            paid: tokens(asset, glance.paid),
            records: format::grouped(head.size.into()),
            signed: head.signed_at.map(|at| v.when(at)),
        },
        challenges: challenges.items.iter().map(|(_, task)| challenge(&v, asset, task)).collect(),
        payouts: payouts
            .iter()
            .map(|paid| PaidRow {
                title: paid.task.title.clone(),
                url: urls::task(&paid.task.handle),
                receipt: urls::receipt(paid.record),
                total: tokens(asset, paid.total),
                payees: paid.payees,
                at: v.when(paid.at),
            })
            .collect(),
        v,
    };
    Ok(respond::page(&page.v, &page))
}

/// A card that does not say that it is open: the heading above says so of all.
fn challenge(v: &Visit, asset: &AssetView, task: &TaskView) -> TaskCard {
    TaskCard { open: false, ..TaskCard::new(v, asset, task) }
}

#[cfg(test)]
pub(crate) fn samples() -> Vec<FrontPage> {
    use super::tasks::samples::card;
    use crate::visit::samples;
    let mut pages = Vec::new();
    for v in samples::all() {
        let paid = PaidRow {
            title: "Faster <b>search</b>".to_owned(),
            url: urls::task("abc"),
            receipt: urls::receipt("1"),
            total: Tokens::new(500_000, 2, "SAI"),
            payees: 3,
            at: v.when(samples::NOW.plus_seconds(-86_400 * 3)),
        };
        let sums = Sums {
            running: 2,
            at_stake: Tokens::new(12_500_000, 2, "SAI"),
            settled: 31,
            paid: Tokens::new(98_000_000, 2, "SAI"),
            records: "1,234".to_owned(),
            signed: Some(v.when(samples::NOW.plus_seconds(-40))),
        };
        let nothing = Sums {
            running: 0,
            at_stake: Tokens::new(0, 2, "SAI"),
            settled: 0,
            paid: Tokens::new(0, 2, "SAI"),
            records: "0".to_owned(),
            signed: None,
        };
        pages.push(FrontPage {
            house: "Harbour Works".to_owned(),
            sums,
            challenges: vec![
                card(&v, "Find the leak in the cooling loop"),
                card(&v, "为港口设备编写一份说明书"),
            ],
            payouts: vec![paid.clone(), paid],
            v: v.clone(),
        });
        pages.push(FrontPage {
            house: "H".to_owned(),
            sums: nothing,
            challenges: vec![],
            payouts: vec![],
            v,
        });
    }
    pages
}
