//! The flow of funds of a programme, as of a day: from issue to use, each place leading to its records.
//!
//! Promises: what flows into a place flows out of it or lies there; all of it stands in a table too. Must never: add up
//! what the market has not told.

use actix_web::web::Data;
use askama::Template;
use market::insight::{FlowBand, FlowView};
use market::{Act, AssetView, Market, Moment, Page, Refusal};
use time::{Date, Duration, Time};

use super::kit::{Address, Choice, Link, asked};
use super::names::{Names, Wanted};
use crate::errors::{Answer, Failure};
use crate::format::{self, Tokens};
use crate::i18n::key;
use crate::plot::WINDOWS;
use crate::plot::sankey::{self, Flow, Place, Sankey};
use crate::visit::Visit;
use crate::zone::Zone;
use crate::{respond, urls};

/// The page.
#[derive(Debug, Template)]
#[template(path = "insight/flow.html")]
pub struct FlowPage {
    /// The request.
    pub v: Visit,
    /// The programme's name.
    pub name: String,
    /// The way back.
    pub crumbs: Vec<Link>,
    /// Where the form goes.
    pub here: String,
    /// Programmes to choose from.
    pub programmes: Vec<Choice>,
    /// The one that is shown: its slug.
    pub chosen: String,
    /// The day, as a date field wants it.
    pub day: String,
    /// In what unit, as of when.
    pub unit: String,
    /// The picture for each window, with its class.
    pub pictures: Vec<(&'static str, Sankey)>,
    /// The places by number.
    pub places: Vec<PlaceRow>,
    /// The heads of the table.
    pub head: Vec<String>,
    /// Its rows: from where, to where, how much.
    pub rows: Vec<Vec<Link>>,
}

/// A place in the list beneath the picture.
#[derive(Debug, Clone)]
pub struct PlaceRow {
    /// Its number in the narrow picture.
    pub number: usize,
    /// What it is, and its records.
    pub link: Link,
    /// How much.
    pub amount: String,
}

/// `GET /flow`: `programme`, a slug, and `at`, a date.
///
/// # Errors
/// Not found, for whoever is not a member, and for a programme that is not there.
pub async fn show(v: Visit, market: Data<Market>, address: Address) -> Answer {
    if !v.may(Act::SeeJournal) {
        return Err(Refusal::NotFound.into());
    }
    let form = asked(address);
    let all = market.programmes(&v.actor, Page { first: Some(100), ..Page::default() }).await?;
    let programmes: Vec<Choice> =
        all.items.iter().map(|(_, one)| Choice::new(&one.slug, &one.name)).collect();
    let slug = form
        .given("programme")
        .map(str::to_owned)
        .or_else(|| programmes.first().map(|one| one.value.clone()));
    let Some(slug) = slug else { return Ok(respond::page(&v, &nothing(v.clone()))) };
    let programme = market.programme_by_slug(&v.actor, &slug).await?;
    let day = form
        .given("at")
        .map(day)
        .transpose()?
        .unwrap_or_else(|| v.now.utc().to_offset(v.zone.offset(v.now)).date());
    // The whole day counts, as the reader has it.
    let next = day.saturating_add(Duration::DAY).with_time(Time::MIDNIGHT);
    let end = v.zone.instant(next).unwrap_or(v.now);
    let flow = market.flow(&v.actor, programme.id, end).await?;
    let mut wanted = Wanted::default();
    wanted.tasks(flow.tasks.iter().filter_map(|band| band.task));
    let names = wanted.names(&v, &market).await?;
    let page =
        FlowPage { programmes, chosen: slug, ..page(v, market.asset(), &names, &programme.name, day, &flow) };
    Ok(respond::page(&page.v, &page))
}

fn day(text: &str) -> Result<Date, Failure> {
    let mut parts = text.splitn(3, '-').map(str::parse::<i32>);
    let (Some(Ok(year)), Some(Ok(month)), Some(Ok(day))) = (parts.next(), parts.next(), parts.next()) else {
        return Err(Failure::Malformed);
    };
    let month = u8::try_from(month).ok().and_then(|month| time::Month::try_from(month).ok());
    let date = month.zip(u8::try_from(day).ok()).filter(|_| (1970..=9998).contains(&year));
    date.and_then(|(month, day)| Date::from_calendar_date(year, month, day).ok()).ok_or(Failure::Malformed)
}

/// What is told where there is no programme.
fn nothing(v: Visit) -> FlowPage {
    FlowPage {
        name: String::new(),
        crumbs: vec![Link::new(v.t(key("nav-programmes")), urls::programmes())],
        here: urls::flow(),
        programmes: Vec::new(),
        chosen: String::new(),
        day: String::new(),
        unit: String::new(),
        pictures: Vec::new(),
        places: Vec::new(),
        head: Vec::new(),
        rows: Vec::new(),
        v,
    }
}

fn page(v: Visit, asset: &AssetView, names: &Names, name: &str, day: Date, flow: &FlowView) -> FlowPage {
    let (places, flows) = graph(&v, asset, names, name, flow);
    let amounts = sankey::through(places.len(), &flows);
    let written = |minor: u64| Tokens::new(minor, asset.scale.get(), asset.code.as_str()).to_string();
    let pictures =
        WINDOWS.into_iter().filter_map(|(class, width)| Some((class, sankey::draw(&places, &flows, width)?)));
    let listed = places.iter().zip(&amounts).enumerate().filter(|(_, (_, amount))| **amount > 0);
    let rows = flows.iter().filter(|flow| flow.amount > 0).filter_map(|flow| {
        let (from, to) = (places.get(flow.from)?, places.get(flow.to)?);
        Some(vec![from.link.clone(), to.link.clone(), Link::new(written(flow.amount), "")])
    });
    let midnight = Moment::of(day.with_time(Time::MIDNIGHT).assume_utc());
    let date = format::date(v.locale, &Zone::utc(), midnight);
    FlowPage {
        name: name.to_owned(),
        unit: v.t2(key("flow-unit"), "code", asset.code.as_str(), "day", &date).into_owned(),
        day: format::iso_date(day),
        pictures: pictures.collect(),
        places: listed
            .map(|(at, (place, _))| PlaceRow {
                number: at + 1,
                link: place.link.clone(),
                amount: place.amount.clone(),
            })
            .collect(),
        head: [key("flow-from"), key("flow-to"), key("col-amount")].map(|key| v.t(key).into_owned()).to_vec(),
        rows: rows.collect(),
        ..nothing(v)
    }
}

/// The places and what flows between them: treasury, budget, tasks, use.
fn graph(
    v: &Visit,
    asset: &AssetView,
    names: &Names,
    name: &str,
    flow: &FlowView,
) -> (Vec<Place>, Vec<Flow>) {
    let account = |id: Option<market::AccountId>| id.map(urls::account).unwrap_or_default();
    let sum = |of: fn(&FlowBand) -> u64| flow.tasks.iter().map(of).sum::<u64>();
    let others = sum(|band| band.flow.others);
    let written = |minor: u64| Tokens::new(minor, asset.scale.get(), asset.code.as_str()).to_string();
    let place = |column, text: String, url: String, amount: u64, class| Place {
        column,
        link: Link::new(text, url),
        amount: written(amount),
        class,
    };
    let say = |key: &'static str| v.t(key).into_owned();
    let budget = account(flow.account);
    let mut places = vec![
        place(0, say(key("flow-treasury")), budget.clone(), flow.allocated, "p-muted"),
        place(0, say(key("flow-others")), urls::programmes(), others, "p-info"),
        place(1, name.to_owned(), budget.clone(), flow.allocated, "p-turf"),
    ];
    let mut flows = vec![Flow { from: 0, to: 2, amount: flow.allocated }];
    let first = places.len();
    for (at, band) in flow.tasks.iter().enumerate() {
        let amount = band.flow.own + band.flow.others;
        let (text, url) = match band.task {
            Some(task) => {
                let link = names.task(task);
                (link.text, band.escrow.map_or(link.url, urls::account))
            }
            None => (v.tn(key("flow-rest"), band.tasks).into_owned(), budget.clone()),
        };
        places.push(place(2, text, url, amount, "p-gold"));
        flows.push(Flow { from: 2, to: first + at, amount: band.flow.own });
        flows.push(Flow { from: 1, to: first + at, amount: band.flow.others });
    }
    let last = places.len();
    places.extend([
        place(3, say(key("flow-persons")), budget.clone(), sum(|band| band.flow.persons), "p-turf"),
        place(3, say(key("flow-units")), budget.clone(), sum(|band| band.flow.units), "p-turf"),
        place(3, say(key("flow-locked")), budget.clone(), sum(|band| band.flow.locked()), "p-info"),
        place(3, say(key("flow-left")), budget, flow.left, "p-muted"),
    ]);
    for (at, band) in flow.tasks.iter().enumerate() {
        let parts = [band.flow.persons, band.flow.units, band.flow.locked()];
        flows.extend((last..).zip(parts).map(|(to, amount)| Flow { from: first + at, to, amount }));
    }
    flows.push(Flow { from: 2, to: last + 3, amount: flow.left });
    (places, flows)
}

/// The address of a programme's flow of funds.
pub(super) fn of(slug: &str) -> String {
    urls::with_query(urls::flow(), &[("programme", slug)])
}

#[cfg(test)]
pub(crate) fn samples() -> Vec<FlowPage> {
    use market::insight::TaskFlow;
    use market::{AccountId, ProgrammeId, TaskId};
    let asset = AssetView {
        no: market::AssetNo(1),
        code: "SAI".parse().unwrap_or_else(|why| panic!("{why}")),
        scale: market::Scale::new(2).unwrap_or_else(|why| panic!("{why}")),
        name: "Saima tokens".to_owned(),
    };
    let band = |id: u128, own: u64| FlowBand {
        task: (id < 5).then(|| TaskId(uuid::Uuid::from_u128(id))),
        escrow: Some(AccountId([7; 16])),
        tasks: 1,
        flow: TaskFlow { own, others: own / 10, persons: own / 2, units: own / 4 },
    };
    let page = |v: Visit, some: bool| {
        let flow = FlowView {
            programme: ProgrammeId(uuid::Uuid::nil()),
            at: v.now,
            account: Some(AccountId([9; 16])),
            allocated: 1_500_000 + 800_000,
            left: 800_000,
            tasks: [(1, 600_000), (2, 500_000), (3, 300_000), (9, 100_000)]
                .map(|(id, own)| band(id, own))
                .to_vec(),
        };
        let day = v.now.utc().date();
        match some {
            true => page(v, &asset, &Names::default(), "Key <technology>", day, &flow),
            false => nothing(v),
        }
    };
    crate::visit::samples::all().into_iter().flat_map(|v| [page(v.clone(), true), page(v, false)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_a_date_and_nothing_else() {
        assert!(day("2026-11-21").is_ok());
        for wrong in ["", "2026-02-30", "2026-13-01", "9999-01-01", "x", "2026-1", "1-2-3-4"] {
            assert!(day(wrong).is_err(), "{wrong}");
        }
    }
}
