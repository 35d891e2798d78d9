//! Insight: what bounties brought and what races cost, as plots with their tables.
//!
//! Promises: every figure of a picture stands in its table too, and every race leads to its page. Must never: add up
//! what the database can add up.

use actix_web::web::Data;
use askama::Template;
use market::insight::{InsightMonth, InsightView, RaceResult};
use market::{Amount, AssetView, Market, Moment};

use super::kit::{Fact, Link, tokens};
use super::names::{Names, Wanted};
use crate::errors::Answer;
use crate::format::{self, Tokens};
use crate::i18n::key;
use crate::plot::bars::{self, Series};
use crate::plot::points::{self, Point};
use crate::plot::{Figure, WINDOWS};
use crate::respond;
use crate::visit::Visit;

/// The page.
#[derive(Debug, Template)]
#[template(path = "insight/show.html")]
pub struct InsightPage {
    /// The request.
    pub v: Visit,
    /// The sums of all months shown.
    pub sums: Vec<Fact>,
    /// The plots.
    pub figures: Vec<Figure>,
}

/// `GET /insight`.
///
/// # Errors
/// Not found, for who may not know.
pub async fn show(v: Visit, market: Data<Market>) -> Answer {
    let insight = market.insight(&v.actor).await?;
    let mut wanted = Wanted::default();
    wanted.tasks(insight.races.iter().map(|race| race.task));
    let names = wanted.names(&v, &market).await?;
    let page = page(v, market.asset(), &names, &insight);
    Ok(respond::page(&page.v, &page))
}

fn page(v: Visit, asset: &AssetView, names: &Names, insight: &InsightView) -> InsightPage {
    let none = insight.races.is_empty() && insight.months.iter().all(|month| month.ended == 0);
    let figures = match none {
        true => Vec::new(),
        false => vec![
            money(&v, asset, &insight.months),
            results(&v, asset, names, &insight.races),
            durations(&v, &insight.months),
            lanes(&v, insight),
            silence(&v, &insight.months),
        ],
    };
    InsightPage { sums: sums(&v, asset, &insight.months), figures, v }
}

fn sums(v: &Visit, asset: &AssetView, months: &[InsightMonth]) -> Vec<Fact> {
    let all = |of: fn(&InsightMonth) -> Amount| {
        let sum = months.iter().try_fold(Amount::ZERO, |sum, month| sum.checked_add(of(month)));
        tokens(asset, sum.unwrap_or(Amount::MAX))
    };
    let count = |of: fn(&InsightMonth) -> u32| months.iter().map(of).sum::<u32>();
    vec![
        Fact::new(v.t(key("insight-ended")), count(|month| month.ended)),
        Fact::new(v.t(key("insight-paid")), all(|month| month.paid)),
        Fact::new(v.t(key("insight-returned")), all(InsightMonth::returned)),
        Fact::new(v.t(key("insight-parts")), all(|month| month.parts)),
        Fact::new(v.t(key("insight-entries")), count(|month| month.entries)),
        Fact::new(v.t(key("insight-overdue")), count(|month| month.overdue)),
    ]
}

/// Amounts on an axis, without decimals where they are whole.
fn short(asset: &AssetView, minor: i128) -> String {
    let number = Tokens::balance(minor, asset.scale.get(), "").number;
    match number.split_once('.') {
        Some((whole, decimals)) if decimals.bytes().all(|digit| digit == b'0') => whole.to_owned(),
        _ => number,
    }
}

/// Months, which the market counts in UTC.
fn labels(v: &Visit, months: impl IntoIterator<Item = Moment>) -> Vec<String> {
    months.into_iter().map(|month| format::month(v.locale, month)).collect()
}

fn minor(amount: Amount) -> i128 {
    i128::from(amount.minor())
}

/// What bounties came to, month by month.
fn money(v: &Visit, asset: &AssetView, months: &[InsightMonth]) -> Figure {
    let labels = labels(v, months.iter().map(|month| month.from));
    let series = vec![
        one(v, "p-turf", key("insight-paid"), months.iter().map(|month| minor(month.paid))),
        one(v, "p-gold", key("insight-parts"), months.iter().map(|month| minor(month.parts))),
        one(v, "p-muted", key("insight-returned"), months.iter().map(|month| minor(month.returned()))),
    ];
    let rows = months.iter().zip(&labels).map(|(month, label)| {
        let amount = |amount| Link::new(tokens(asset, amount).to_string(), "");
        vec![
            Link::new(label, ""),
            Link::new(month.ended.to_string(), ""),
            amount(month.bounty),
            amount(month.paid),
            amount(month.parts),
            amount(month.returned()),
        ]
    });
    Figure {
        id: "money",
        title: v.t(key("insight-money")).into_owned(),
        unit: v.t1(key("insight-money-unit"), "code", asset.code.as_str()).into_owned(),
        source: v.t(key("insight-money-source")).into_owned(),
        axes: [v.t(key("insight-month")).into_owned(), asset.code.as_str().to_owned()],
        head: heads(
            v,
            &[
                key("insight-month"),
                key("insight-ended"),
                key("insight-bounty"),
                key("insight-paid"),
                key("insight-parts"),
                key("insight-returned"),
            ],
        ),
        rows: rows.collect(),
        ..bar_figure(&labels, &series, |value| short(asset, value))
    }
}

/// What each bounty brought: its best score, or where no scores were given how many were placed.
fn results(v: &Visit, asset: &AssetView, names: &Names, races: &[RaceResult]) -> Figure {
    let scored: Vec<&RaceResult> = races.iter().filter(|race| race.best.is_some()).collect();
    let point = |race: &&RaceResult| {
        let task = names.task(race.task);
        let score = race.best.map(score).unwrap_or_default();
        let text = format!("{} · {} · {score}", task.text, tokens(asset, race.bounty));
        Point {
            x: minor(race.bounty),
            y: i128::from(race.best.unwrap_or_default()),
            link: Link::new(text, task.url),
        }
    };
    let points: Vec<Point> = scored.iter().map(point).collect();
    let pictures = WINDOWS.into_iter().filter_map(|(class, width)| {
        let up = |value: i128| (value / 100).to_string();
        Some((class, points::draw(&points, width, |value| short(asset, value), up)?))
    });
    let rows = races.iter().map(|race| {
        let plain = |text: String| Link::new(text, "");
        vec![
            names.task(race.task),
            plain(tokens(asset, race.bounty).to_string()),
            plain(tokens(asset, race.paid).to_string()),
            plain(race.ruled.to_string()),
            plain(race.placed.to_string()),
            plain(race.best.map_or_else(|| "–".to_owned(), score)),
            plain(race.seconds.map_or_else(|| "–".to_owned(), |seconds| format::duration(v.locale, seconds))),
        ]
    });
    Figure {
        id: "results",
        title: v.t(key("insight-results")).into_owned(),
        unit: v.t1(key("insight-results-unit"), "code", asset.code.as_str()).into_owned(),
        source: v.tn(key("insight-results-source"), races.len()).into_owned(),
        axes: [
            format!("{} ({})", v.t(key("insight-bounty")), asset.code.as_str()),
            v.t(key("insight-best")).into_owned(),
        ],
        legend: Vec::new(),
        pictures: pictures.collect(),
        head: heads(
            v,
            &[
                key("col-task"),
                key("insight-bounty"),
                key("insight-paid"),
                key("insight-ruled"),
                key("insight-placed"),
                key("insight-best"),
                key("insight-duration"),
            ],
        ),
        rows: rows.collect(),
    }
}

fn score(hundredths: u32) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// Days from publishing to the end.
fn durations(v: &Visit, months: &[InsightMonth]) -> Figure {
    let labels = labels(v, months.iter().map(|month| month.from));
    let days = |month: &InsightMonth| i128::from(month.seconds.unwrap_or(0) / 8_640);
    let series = vec![one(v, "p-info", key("insight-days"), months.iter().map(days))];
    let rows = months.iter().zip(&labels).map(|(month, label)| {
        let told =
            month.seconds.map_or_else(|| "–".to_owned(), |seconds| format::duration(v.locale, seconds));
        vec![Link::new(label, ""), Link::new(month.ended.to_string(), ""), Link::new(told, "")]
    });
    // Tenths of a day, so that short races show.
    let value = |tenths: i128| match tenths % 10 {
        0 => (tenths / 10).to_string(),
        rest => format!("{}.{rest}", tenths / 10),
    };
    Figure {
        id: "durations",
        title: v.t(key("insight-durations")).into_owned(),
        unit: v.t(key("insight-durations-unit")).into_owned(),
        source: v.t(key("insight-durations-source")).into_owned(),
        axes: [v.t(key("insight-month")).into_owned(), v.t(key("insight-days")).into_owned()],
        head: heads(v, &[key("insight-month"), key("insight-ended"), key("insight-duration")]),
        rows: rows.collect(),
        ..bar_figure(&labels, &series, value)
    }
}

/// How many races had how many lanes, and what came of it.
fn lanes(v: &Visit, insight: &InsightView) -> Figure {
    let labels: Vec<String> = insight.lanes.iter().map(|one| one.lanes.to_string()).collect();
    let series =
        vec![one(v, "p-turf", key("insight-races"), insight.lanes.iter().map(|one| i128::from(one.races)))];
    let rows = insight.lanes.iter().map(|one| {
        vec![
            Link::new(one.lanes.to_string(), ""),
            Link::new(one.races.to_string(), ""),
            Link::new(one.best.map_or_else(|| "–".to_owned(), score), ""),
        ]
    });
    Figure {
        id: "lanes",
        title: v.t(key("insight-lanes")).into_owned(),
        unit: v.t(key("insight-lanes-unit")).into_owned(),
        source: v.t(key("insight-lanes-source")).into_owned(),
        axes: [v.t(key("insight-lane-count")).into_owned(), v.t(key("insight-races")).into_owned()],
        head: heads(v, &[key("insight-lane-count"), key("insight-races"), key("insight-best-mean")]),
        rows: rows.collect(),
        ..bar_figure(&labels, &series, |value| value.to_string())
    }
}

/// How often people stayed silent.
fn silence(v: &Visit, months: &[InsightMonth]) -> Figure {
    let labels = labels(v, months.iter().map(|month| month.from));
    let series =
        vec![one(v, "p-bad", key("insight-overdue"), months.iter().map(|month| i128::from(month.overdue)))];
    let rows = months.iter().zip(&labels).map(|(month, label)| {
        let plain = |number: u32| Link::new(number.to_string(), "");
        vec![Link::new(label, ""), plain(month.ended), plain(month.overdue)]
    });
    Figure {
        id: "silence",
        title: v.t(key("insight-silence")).into_owned(),
        unit: v.t(key("insight-silence-unit")).into_owned(),
        source: v.t(key("insight-silence-source")).into_owned(),
        axes: [v.t(key("insight-month")).into_owned(), v.t(key("insight-overdue")).into_owned()],
        head: heads(v, &[key("insight-month"), key("insight-ended"), key("insight-overdue")]),
        rows: rows.collect(),
        ..bar_figure(&labels, &series, |value| value.to_string())
    }
}

fn heads(v: &Visit, keys: &[&'static str]) -> Vec<String> {
    keys.iter().map(|key| v.t(key).into_owned()).collect()
}

fn one(v: &Visit, class: &'static str, name: &'static str, values: impl Iterator<Item = i128>) -> Series {
    Series { class, name: v.t(name).into_owned(), values: values.collect() }
}

/// The pictures and the legend of a figure of bars; a legend is of no use to one colour.
pub(super) fn bar_figure(labels: &[String], series: &[Series], value: impl Fn(i128) -> String) -> Figure {
    let pictures = WINDOWS
        .into_iter()
        .filter_map(|(class, width)| Some((class, bars::draw(labels, series, width, &value)?)));
    let legend = if series.len() > 1 { series } else { &[] };
    Figure {
        pictures: pictures.collect(),
        legend: legend.iter().map(|one| (one.class, one.name.clone())).collect(),
        ..Figure::default()
    }
}

/// Profit and loss of a unit by month, for its page.
pub(super) fn profit(v: &Visit, asset: &AssetView, months: &[market::insight::UnitMonth]) -> Option<Figure> {
    if months.iter().all(|month| month.change() == 0 && month.earned == Amount::ZERO && month.invested == 0) {
        return None;
    }
    let labels = labels(v, months.iter().map(|month| month.from));
    let series = vec![
        one(v, "p-turf", key("profit-earned"), months.iter().map(|month| minor(month.earned))),
        one(v, "p-bad", key("profit-invested"), months.iter().map(|month| -month.invested)),
    ];
    let rows = months.iter().zip(&labels).map(|(month, label)| {
        let signed = |value: i128| {
            Link::new(Tokens::balance(value, asset.scale.get(), asset.code.as_str()).to_string(), "")
        };
        vec![
            Link::new(label, ""),
            signed(minor(month.earned)),
            signed(-month.invested),
            signed(month.profit()),
            signed(minor(month.granted)),
            signed(minor(month.received) - minor(month.sent)),
            signed(month.change()),
        ]
    });
    Some(Figure {
        id: "profit",
        title: v.t(key("profit-title")).into_owned(),
        unit: v.t1(key("insight-money-unit"), "code", asset.code.as_str()).into_owned(),
        source: v.t(key("profit-source")).into_owned(),
        axes: [v.t(key("insight-month")).into_owned(), asset.code.as_str().to_owned()],
        head: heads(
            v,
            &[
                key("insight-month"),
                key("profit-earned"),
                key("profit-invested"),
                key("profit-profit"),
                key("profit-granted"),
                key("profit-transfers"),
                key("profit-change"),
            ],
        ),
        rows: rows.collect(),
        ..bar_figure(&labels, &series, |value| short(asset, value))
    })
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use market::insight::{LaneResult, UnitMonth};
    use market::{Moment, TaskId};

    fn amount(minor: u64) -> Amount {
        Amount::new(minor).unwrap_or(Amount::ZERO)
    }

    fn asset() -> AssetView {
        AssetView {
            no: market::AssetNo(1),
            code: "SAI".parse().unwrap_or_else(|why| panic!("{why}")),
            scale: market::Scale::new(2).unwrap_or_else(|why| panic!("{why}")),
            name: "Saima tokens".to_owned(),
        }
    }

    pub(crate) fn months(now: Moment) -> Vec<UnitMonth> {
        (0..12)
            .map(|at: u64| UnitMonth {
                from: now.plus_seconds(-86_400 * 30 * (11 - i64::try_from(at).unwrap_or(0))),
                earned: amount(at * 50_000),
                invested: i128::from(at % 4) * 30_000,
                ..UnitMonth::default()
            })
            .collect()
    }

    pub(crate) fn pages() -> Vec<InsightPage> {
        let page = |v: Visit, full: bool| {
            let month = |at: u64| InsightMonth {
                from: v.now.plus_seconds(-86_400 * 30 * (11 - i64::try_from(at).unwrap_or(0))),
                ended: u32::try_from(at).unwrap_or(0),
                settled: 1,
                bounty: amount(at * 1_000_000),
                paid: amount(at * 800_000),
                parts: amount(at * 10_000),
                seconds: (at > 3).then_some(at * 86_400),
                entries: 4,
                overdue: u32::try_from(at % 3).unwrap_or(0),
            };
            let race = |at: u32| RaceResult {
                task: TaskId(uuid::Uuid::from_u128(u128::from(at))),
                bounty: amount(u64::from(at) * 100_000),
                paid: amount(u64::from(at) * 90_000),
                ruled: at,
                placed: 1,
                best: (at != 2).then_some(at * 900),
                seconds: (at != 3).then_some(86_400),
            };
            let insight = InsightView {
                months: if full { (0..12).map(month).collect() } else { Vec::new() },
                races: if full { (1..9).map(race).collect() } else { Vec::new() },
                lanes: (1..6)
                    .map(|lanes| LaneResult { lanes, races: 7 - lanes, best: Some(lanes * 1_700) })
                    .collect(),
            };
            page_of(v, &insight)
        };
        crate::visit::samples::all()
            .into_iter()
            .flat_map(|v| [page(v.clone(), true), page(v, false)])
            .collect()
    }

    fn page_of(v: Visit, insight: &InsightView) -> InsightPage {
        page(v, &asset(), &Names::default(), insight)
    }

    pub(crate) fn profit_figure(v: &Visit) -> Option<Figure> {
        profit(v, &asset(), &months(v.now))
    }
}
