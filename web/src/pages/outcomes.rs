//! What the rules would pay: to each place, and to each of a crew.
//!
//! Promises: every amount comes from the same function that settles the race. Must never: work out a prize
//! by itself.

use market::award::crew_split;
use market::race::{CrewAnswer, EntryView};
use market::task::{Prospect, Rules, TaskView, prospect};
use market::{Amount, AssetView};

use super::kit::tokens;
use super::names::Names;
use crate::format::{self, Tokens};
use crate::i18n::key;
use crate::visit::Visit;

/// The longest table of a page; the API has longer ones.
const MOST_ROWS: u32 = 8;

/// The token table: what each place is paid when so many entries come in.
#[derive(Debug, Clone, Default)]
pub struct Outcomes {
    /// The places, best first.
    pub places: Vec<String>,
    /// A row for each number of entries that come in.
    pub rows: Vec<OutcomeRow>,
    /// True when entries without a place are paid too.
    pub started: bool,
    /// True when the rows assume scores.
    pub scored: bool,
}

/// One row of the token table.
#[derive(Debug, Clone)]
pub struct OutcomeRow {
    /// So many entries come in.
    pub placed: u32,
    /// True if any greater number is paid the same.
    pub or_more: bool,
    /// What each place is paid; `None` where there is nobody.
    pub prizes: Vec<Option<Prize>>,
    /// What an entry gets that hands in and is not placed.
    pub start: Tokens,
    /// What goes back to the funders.
    pub refund: Tokens,
}

/// What a place is paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prize {
    /// How much.
    pub amount: Tokens,
    /// By which score, where scores decide.
    pub score: Option<String>,
}

/// Somebody who takes a part of an entry's award: the unit, or one of the crew.
#[derive(Debug, Clone)]
pub struct Mate {
    /// The name.
    pub who: String,
    /// Basis points.
    pub share: u32,
    /// True for the reader.
    pub own: bool,
}

/// The token table of one crew.
#[derive(Debug, Clone, Default)]
pub struct CrewOutcomes {
    /// The places, best first.
    pub places: Vec<String>,
    /// A block for each number of entries that come in.
    pub blocks: Vec<CrewBlock>,
}

/// What a crew gets when so many entries come in.
#[derive(Debug, Clone)]
pub struct CrewBlock {
    /// So many entries come in.
    pub placed: u32,
    /// True if any greater number is paid the same.
    pub or_more: bool,
    /// What the whole crew gets on each place; `None` where there is nobody.
    pub whole: Vec<Option<Tokens>>,
    /// What each of them gets.
    pub mates: Vec<MateRow>,
}

/// What one of a crew gets on each place.
#[derive(Debug, Clone)]
pub struct MateRow {
    /// The name.
    pub who: String,
    /// The share, in percent.
    pub share: String,
    /// True for the reader.
    pub own: bool,
    /// What they get; `None` where there is nobody.
    pub parts: Vec<Option<Tokens>>,
}

/// The token table for up to `entries` entries.
pub fn outcomes(v: &Visit, rules: &Rules, bounty: Amount, entries: u32, asset: &AssetView) -> Outcomes {
    let (columns, stretches) = stretches(rules, bounty, entries);
    let row = |(row, or_more): &(Prospect, bool)| OutcomeRow {
        placed: row.placed,
        or_more: *or_more,
        prizes: padded(columns, &row.prizes, |at, amount| Prize {
            amount: tokens(asset, amount),
            score: row.scores.get(at).map(|score| score.format()),
        }),
        start: tokens(asset, row.start),
        refund: tokens(asset, row.refund),
    };
    Outcomes {
        places: places(v, columns),
        rows: stretches.iter().map(row).collect(),
        started: rules.start.is_some(),
        scored: rules.plan.by_score(),
    }
}

/// What each of a crew with these shares gets, for up to `entries` entries.
pub fn crew_outcomes(
    v: &Visit,
    task: &TaskView,
    entries: u32,
    asset: &AssetView,
    mates: &[Mate],
) -> CrewOutcomes {
    let (columns, stretches) = stretches(&task.rules, task.bounty, entries);
    let shares: Vec<u32> = mates.iter().map(|mate| mate.share).collect();
    let block = |(row, or_more): &(Prospect, bool)| CrewBlock {
        placed: row.placed,
        or_more: *or_more,
        whole: padded(columns, &row.prizes, |_, amount| tokens(asset, amount)),
        mates: mates
            .iter()
            .enumerate()
            .map(|(at, mate)| mate_row(row, columns, (at, mate), &shares, asset))
            .collect(),
    };
    CrewOutcomes { places: places(v, columns), blocks: stretches.iter().map(block).collect() }
}

/// Who shares the award of an entry, in the order of the split: its units, then the crew.
pub fn mates_of(v: &Visit, names: &Names, entry: &EntryView) -> Vec<Mate> {
    let units = entry.units.iter();
    let units = units.map(|part| Mate { who: names.unit(part.unit).text, share: part.share, own: false });
    let crew = entry.crew.iter().map(|mate| Mate {
        who: names.person(mate.person).text,
        share: mate.share,
        own: v.actor.id() == Some(mate.person) && mate.answer != CrewAnswer::Declined,
    });
    units.chain(crew).collect()
}

/// How many entries to reckon with: as many as there are lanes, and three at least.
pub fn imagined(task: &TaskView) -> u32 {
    task.rules.max_lanes.unwrap_or(0).max(task.lanes).max(3)
}

fn mate_row(
    row: &Prospect,
    columns: usize,
    (at, mate): (usize, &Mate),
    shares: &[u32],
    asset: &AssetView,
) -> MateRow {
    let part = |_: usize, prize: Amount| {
        tokens(asset, crew_split(prize, shares).get(at).copied().unwrap_or(Amount::ZERO))
    };
    MateRow {
        who: mate.who.clone(),
        share: format::percent(mate.share),
        own: mate.own,
        parts: padded(columns, &row.prizes, part),
    }
}

/// How many places are ever paid, and the rows of the table, each with whether any greater number of
/// entries is paid the same.
fn stretches(rules: &Rules, bounty: Amount, entries: u32) -> (usize, Vec<(Prospect, bool)>) {
    let table = prospect(rules, bounty, entries.clamp(1, MOST_ROWS));
    let paid = |row: &Prospect| row.prizes.iter().filter(|prize| !prize.is_zero()).count();
    let columns = table.iter().map(paid).max().unwrap_or(0).max(1);
    let same = |one: &Prospect, other: &Prospect| {
        let first = |row: &Prospect| padded(columns, &row.prizes, |_, prize| prize);
        first(one) == first(other) && one.refund == other.refund && one.start == other.start
    };
    let mut rows: Vec<(Prospect, bool)> = Vec::new();
    for row in table {
        match rows.last_mut() {
            Some((last, or_more)) if same(last, &row) => *or_more = true,
            _ => rows.push((row, false)),
        }
    }
    (columns, rows)
}

fn padded<T>(columns: usize, prizes: &[Amount], show: impl Fn(usize, Amount) -> T) -> Vec<Option<T>> {
    (0..columns).map(|at| prizes.get(at).map(|prize| show(at, *prize))).collect()
}

fn places(v: &Visit, columns: usize) -> Vec<String> {
    (1_u32..).take(columns).map(|place| v.tn(key("place"), place).into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use market::task::{PrizePlan, StartPrize};

    use super::*;

    fn rows(rules: &Rules) -> Vec<(u32, bool, usize)> {
        let (_, rows) = stretches(rules, Amount::new(1_000).unwrap_or_default(), 20);
        rows.iter().map(|(row, or_more)| (row.placed, *or_more, row.prizes.len())).collect()
    }

    #[test]
    fn rows_that_pay_the_same_are_one_row() {
        assert_eq!(rows(&Rules::default()), [(1, false, 1), (2, false, 2), (3, true, 3)]);
        let winner = Rules { plan: PrizePlan::WinnerTakesAll, ..Rules::default() };
        assert_eq!(rows(&winner), [(1, true, 1)]);
    }

    #[test]
    fn with_a_start_prize_or_by_score_every_number_of_entries_pays_differently() {
        let each = Amount::new(10).unwrap_or_default();
        let pool = Amount::new(40).unwrap_or_default();
        let started = Rules { start: Some(StartPrize { each, pool }), ..Rules::default() };
        assert_eq!(rows(&started).len(), 8);
        let by_score = Rules { plan: PrizePlan::Proportional { cap: None }, ..Rules::default() };
        assert!(rows(&by_score).iter().all(|(_, or_more, _)| !or_more));
    }
}
