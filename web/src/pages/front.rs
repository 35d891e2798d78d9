//! The front page: what this is, what is to be won, what was paid.

use actix_web::web::Data;
use askama::Template;
use market::task::{TaskFilter, TaskOrder, TaskState};
use market::{Market, Page};

use super::kit::tokens;
use super::tasks::TaskCard;
use crate::errors::Answer;
use crate::format::{Tokens, When};
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
    /// Open challenges, the next to close first.
    pub challenges: Vec<TaskCard>,
    /// The last payouts.
    pub payouts: Vec<PaidRow>,
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
    let asset = market.asset();
    let page = FrontPage {
        house: market.settings().house.clone(),
        challenges: challenges.items.iter().map(|(_, task)| TaskCard::new(&v, asset, task)).collect(),
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
        pages.push(FrontPage {
            house: "Harbour Works".to_owned(),
            challenges: vec![
                card(&v, "Find the leak in the cooling loop"),
                card(&v, "为港口设备编写一份说明书"),
            ],
            payouts: vec![paid.clone(), paid],
            v: v.clone(),
        });
        pages.push(FrontPage { house: "H".to_owned(), challenges: vec![], payouts: vec![], v });
    }
    pages
}
