//! History and honours, on the pages of persons and units.
//!
//! Promises: every honour leads to the record that it stands on; a long history comes in pages. Must never: rank
//! anybody.

use actix_web::web::{Data, Path};
use askama::Template;
use market::honour::{HonourKind, HonourView, RideRole, RideView};
use market::task::{Judging, TaskView};
use market::{AssetView, Listing, Market, Page, TaskId, WalletOwner};

use super::kit::{Address, Badge, Link, Pager, asked, listed, name, page_of, tokens};
use super::names::Wanted;
use super::task_parts::entry_state;
use crate::errors::{Answer, Failure};
use crate::format::{self, Tokens, When};
use crate::i18n::key;
use crate::visit::Visit;
use crate::{respond, urls};

/// What a page says of somebody's races.
#[derive(Debug, Clone, Default)]
pub struct HistoryBlock {
    /// What they have earned a mention for.
    pub honours: Vec<HonourRow>,
    /// Their races, newest first.
    pub rides: Vec<RideRow>,
    /// The way on, on a page that shows all of them.
    pub pager: Pager,
    /// Where all of them are, on a page that shows the newest.
    pub all: Option<String>,
}

/// An honour.
#[derive(Debug, Clone)]
pub struct HonourRow {
    /// The key of what for.
    pub label: &'static str,
    /// How often.
    pub count: u32,
    /// The newest: the task and the record that it stands on.
    pub proofs: Vec<(Link, String)>,
    /// True for first places.
    pub gold: bool,
}

/// A race.
#[derive(Debug, Clone)]
pub struct RideRow {
    /// The task.
    pub task: Link,
    /// The key of what kind of race it was.
    pub kind: &'static str,
    /// The entry.
    pub entry: Link,
    /// The key of their role.
    pub role: &'static str,
    /// Their share.
    pub share: String,
    /// The place, and the ruling's record.
    pub place: Option<(String, Option<String>)>,
    /// Whether the place is shared.
    pub shared: bool,
    /// What they get of the award by their share.
    pub own: Option<Tokens>,
    /// Whether that may still change.
    pub provisional: bool,
    /// Where the entry stands, while it has no place.
    pub badge: Option<Badge>,
    /// When it was made.
    pub since: When,
    /// What was bought of it: the price, the buyer, which part, and the record.
    pub bought: Vec<(Tokens, Link, String, String)>,
}

/// The page of all races of a unit.
#[derive(Debug, Template)]
#[template(path = "people/rides.html")]
pub struct RidesPage {
    /// The request.
    pub v: Visit,
    /// Whose: their name and page.
    pub who: Link,
    /// The races.
    pub history: HistoryBlock,
}

/// `GET /units/{slug}/races`: `after` or `before`.
///
/// # Errors
/// Not found, for who may not see units.
pub async fn of_unit(v: Visit, market: Data<Market>, path: Path<String>, address: Address) -> Answer {
    let unit = market.unit_by_slug(&v.actor, name(&path)?).await?;
    let page = page_of(&asked(address), 30);
    let here = urls::unit_races(&unit.slug);
    let history = block(&v, &market, WalletOwner::Unit(unit.id), page, &here).await?;
    let page = RidesPage { who: Link::new(&unit.name, urls::unit(&unit.slug)), history, v };
    Ok(respond::page(&page.v, &page))
}

/// A page of somebody's races with their honours; the pager leads on from `here`.
pub(super) async fn block(
    v: &Visit,
    market: &Market,
    of: WalletOwner,
    page: Page,
    here: &str,
) -> Result<HistoryBlock, Failure> {
    let honours = market.honours(&v.actor, of).await?;
    let listing: Listing<RideView> = listed(market.rides(&v.actor, of, page).await)?;
    let mut tasks: Vec<TaskId> = listing.items.iter().map(|(_, ride)| ride.task).collect();
    tasks.extend(honours.iter().flat_map(|honour| &honour.newest).map(|proof| proof.task));
    let mut wanted = Wanted::default();
    wanted.tasks(tasks.iter().copied());
    let bought = listing.items.iter().flat_map(|(_, ride)| &ride.bought);
    wanted.persons(bought.map(|offer| offer.buyer));
    let names = wanted.names(v, market).await?;
    let shown: Vec<TaskId> = listing.items.iter().map(|(_, ride)| ride.task).collect();
    let views = market.tasks_by_ids(&v.actor, &shown).await?;
    let buyer = |offer: &market::part::OfferView| names.person(offer.buyer);
    let rides = listing.items.iter().map(|(_, ride)| {
        let bought = ride.bought.iter().map(|offer| {
            let record = urls::record(offer.end_record.unwrap_or(offer.record));
            (tokens(market.asset(), offer.price), buyer(offer), offer.part.clone(), record)
        });
        row(v, market.asset(), views.get(&ride.task), ride, bought.collect())
    });
    let honour = |honour: &HonourView| HonourRow {
        label: honour_label(honour.kind),
        count: honour.count,
        proofs: honour
            .newest
            .iter()
            .map(|proof| (names.task(proof.task), urls::record(proof.record)))
            .collect(),
        gold: matches!(honour.kind, HonourKind::First | HonourKind::FirstShared),
    };
    Ok(HistoryBlock {
        honours: honours.iter().map(honour).collect(),
        rides: rides.collect(),
        pager: Pager::of(&listing, here),
        all: None,
    })
}

/// The newest of a unit's races, for its page, with where all are.
pub(super) async fn newest(
    v: &Visit,
    market: &Market,
    of: WalletOwner,
    all: String,
) -> Result<HistoryBlock, Failure> {
    let page = Page { first: Some(5), ..Page::default() };
    let block = block(v, market, of, page, &all).await?;
    let more = block.pager.next.is_some();
    Ok(HistoryBlock { pager: Pager::default(), all: more.then_some(all), ..block })
}

fn row(
    v: &Visit,
    asset: &AssetView,
    task: Option<&TaskView>,
    ride: &RideView,
    bought: Vec<(Tokens, Link, String, String)>,
) -> RideRow {
    RideRow {
        task: task.map_or_else(Link::default, |task| Link::new(&task.title, urls::task(&task.handle))),
        kind: task.map_or(key("kind-judged"), |task| kind(&task.rules.judging)),
        entry: Link::new(&ride.name, urls::entry(ride.entry)),
        role: match ride.role {
            RideRole::Captain => key("ride-captain"),
            RideRole::Crew => key("ride-crew"),
            RideRole::Unit => key("ride-unit"),
        },
        share: format::percent(ride.share),
        place: ride
            .place
            .map(|place| (v.tn(key("place"), place).into_owned(), ride.record.map(urls::record))),
        shared: ride.sharing > 1,
        own: ride.own.map(|own| tokens(asset, own)),
        provisional: !ride.settled,
        badge: ride.place.is_none().then(|| entry_state(ride.state)),
        since: v.when(ride.since),
        bought,
    }
}

fn kind(judging: &Judging) -> &'static str {
    match judging {
        Judging::Metric(_) => key("kind-measured"),
        Judging::Vote(_) => key("kind-voted"),
        _ => key("kind-judged"),
    }
}

fn honour_label(kind: HonourKind) -> &'static str {
    match kind {
        HonourKind::First => key("honour-first"),
        HonourKind::FirstShared => key("honour-first-shared"),
        HonourKind::Placed => key("honour-placed"),
        HonourKind::Finished => key("honour-finished"),
        HonourKind::PartBought => key("honour-part-bought"),
    }
}

#[cfg(test)]
pub(crate) fn sample(v: &Visit) -> HistoryBlock {
    let row = |place: Option<u32>| RideRow {
        task: Link::new("Cut the <start-up> time", urls::task("abc")),
        kind: key("kind-measured"),
        entry: Link::new("蓝色闪电", urls::entry(3)),
        role: key("ride-captain"),
        share: format::percent(3_333),
        place: place.map(|place| (v.tn(key("place"), place).into_owned(), Some(urls::record(7)))),
        shared: place == Some(2),
        own: place.map(|_| Tokens::new(250_000, 2, "SAI")),
        provisional: place == Some(2),
        badge: place.is_none().then(|| entry_state(market::race::EntryState::Cut)),
        since: v.when(v.now.plus_seconds(-86_400)),
        bought: if place == Some(2) {
            let buyer = Link::new("Mia", urls::person("mia"));
            vec![(Tokens::new(5_000, 2, "SAI"), buyer, "The <loader>".to_owned(), urls::record(9))]
        } else {
            Vec::new()
        },
    };
    let honour = |label, gold| HonourRow {
        label,
        count: 2,
        proofs: vec![(Link::new("Cut the <start-up> time", urls::task("abc")), urls::record(7))],
        gold,
    };
    HistoryBlock {
        honours: vec![honour(key("honour-first"), true), honour(key("honour-finished"), false)],
        rides: vec![row(Some(1)), row(Some(2)), row(None)],
        pager: Pager { previous: None, next: Some("/people/ada?after=x".to_owned()), total: 31 },
        all: Some(urls::unit_races("red")),
    }
}

#[cfg(test)]
pub(crate) fn samples() -> Vec<RidesPage> {
    let page = |v: Visit, history| RidesPage { who: Link::new("Red & Co", urls::unit("red")), history, v };
    crate::visit::samples::all()
        .into_iter()
        .flat_map(|v| [page(v.clone(), sample(&v)), page(v, HistoryBlock::default())])
        .collect()
}
