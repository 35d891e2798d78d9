//! The rules of a race in plain words, and what they would pay.
//!
//! Promises: every amount in the token table comes from the same function that settles the race. Must
//! never: work out a prize by itself.

use market::award::crew_split;
use market::task::{DeadHeat, Judging, PrizePlan, Prizes, Rules, Unreached, Visibility, prospect};
use market::{Amount, AssetView};

use super::kit::{Fact, Link, tokens};
use super::names::Names;
use crate::format::{self, Tokens};
use crate::i18n::key;
use crate::visit::Visit;

/// The rules, one fact each.
pub fn facts(
    v: &Visit,
    rules: &Rules,
    visibility: Visibility,
    asset: &AssetView,
    names: &Names,
    poster: Link,
) -> Vec<Fact> {
    let say = |name: &'static str| v.t(name).into_owned();
    let mut facts = vec![Fact::new(say(key("rule-plan")), plan(v, &rules.plan, asset))];
    if let Some(mark) = rules.mark {
        facts.push(Fact::new(say(key("rule-mark")), v.t1(key("rule-mark-text"), "mark", mark.format())));
    }
    let dead_heat = match rules.dead_heat {
        DeadHeat::Split => key("rule-dead-heat-split"),
        DeadHeat::Earliest => key("rule-dead-heat-earliest"),
    };
    let unreached = match rules.unreached {
        Unreached::Refund => key("rule-unreached-refund"),
        Unreached::Share => key("rule-unreached-share"),
    };
    let entry = match visibility {
        Visibility::Open => key("rule-entry-open"),
        Visibility::Internal => key("rule-entry-internal"),
    };
    let lanes = match rules.max_lanes {
        Some(most) => v.tn(key("rule-lanes-most"), most),
        None => v.t(key("rule-lanes-any")),
    };
    facts.extend([
        Fact::new(say(key("rule-dead-heat")), v.t(dead_heat)),
        Fact::new(say(key("rule-unreached")), v.t(unreached)),
        judging(v, &rules.judging, names, poster),
        Fact::new(
            say(key("rule-entry")),
            [v.t(entry), lanes, v.tn(key("rule-crew-most"), rules.max_crew)]
                .join(v.t(key("sentence-gap")).as_ref()),
        ),
        Fact::new(
            say(key("rule-appeal")),
            match rules.appeal_seconds {
                0 => say(key("rule-appeal-none")),
                seconds => v
                    .t1(key("rule-appeal-text"), "time", format::duration(v.locale, u64::from(seconds)))
                    .into_owned(),
            },
        ),
    ]);
    facts
}

fn plan(v: &Visit, plan: &PrizePlan, asset: &AssetView) -> String {
    let places = |prizes: Vec<String>| {
        let named = prizes
            .into_iter()
            .zip(1_u32..)
            .map(|(prize, place)| format!("{} {prize}", v.tn(key("place"), place)));
        named.collect::<Vec<_>>().join(v.t(key("list-comma")).as_ref())
    };
    match plan {
        PrizePlan::WinnerTakesAll => v.t(key("rule-plan-winner")).into_owned(),
        PrizePlan::Ranked(Prizes::Shares(shares)) => {
            places(shares.iter().map(|share| format::percent(*share)).collect())
        }
        PrizePlan::Ranked(Prizes::Amounts(amounts)) => {
            places(amounts.iter().map(|amount| tokens(asset, *amount).to_string()).collect())
        }
    }
}

fn judging(v: &Visit, judging: &Judging, names: &Names, poster: Link) -> Fact {
    let label = v.t(key("rule-judging")).into_owned();
    match judging {
        Judging::Poster => {
            Fact::linked(label, Link::new(v.t1(key("rule-judging-poster"), "name", poster.text), poster.url))
        }
        Judging::Judges(judges) => {
            let list: Vec<String> = judges.iter().map(|judge| names.person(*judge).text).collect();
            Fact::new(
                label,
                v.t1(key("rule-judging-judges"), "names", list.join(v.t(key("list-comma")).as_ref())),
            )
        }
    }
}

/// The token table: what each place is paid when so many entries come in.
#[derive(Debug, Clone, Default)]
pub struct Outcomes {
    /// The places, best first.
    pub places: Vec<String>,
    /// A row for each number of entries that come in.
    pub rows: Vec<OutcomeRow>,
    /// What the reader's own crew-mate share of each place would be, when all of them come in.
    pub yours: Vec<Tokens>,
}

/// One row of the token table.
#[derive(Debug, Clone)]
pub struct OutcomeRow {
    /// So many entries come in.
    pub placed: u32,
    /// True if any greater number is paid the same.
    pub or_more: bool,
    /// What each place is paid; `None` where there is nobody.
    pub prizes: Vec<Option<Tokens>>,
    /// What goes back to the funders.
    pub refund: Tokens,
}

/// The crew of the reader's own entry: shares in the order of the split, and which of them is theirs.
#[derive(Debug, Clone)]
pub struct OwnShare {
    /// Basis points, the unit's part first.
    pub shares: Vec<u32>,
    /// The reader's place among them.
    pub own: usize,
}

/// The token table for up to `entries` entries.
pub fn outcomes(
    v: &Visit,
    rules: &Rules,
    bounty: Amount,
    entries: u32,
    asset: &AssetView,
    own: Option<&OwnShare>,
) -> Outcomes {
    let table = prospect(rules, bounty, entries.clamp(1, 8));
    let paid = |prizes: &[Amount]| prizes.iter().filter(|prize| !prize.is_zero()).count();
    let columns = table.iter().map(|row| paid(&row.prizes)).max().unwrap_or(0).max(1);
    let mut rows: Vec<OutcomeRow> = Vec::new();
    for row in &table {
        let prizes: Vec<_> =
            (0..columns).map(|place| row.prizes.get(place).map(|prize| tokens(asset, *prize))).collect();
        let refund = tokens(asset, row.refund);
        match rows.last_mut() {
            Some(last) if last.prizes == prizes && last.refund == refund => last.or_more = true,
            _ => rows.push(OutcomeRow { placed: row.placed, or_more: false, prizes, refund }),
        }
    }
    let yours = own.into_iter().flat_map(|own| {
        let full = table.last().map(|row| row.prizes.as_slice()).unwrap_or_default();
        full.iter()
            .take(columns)
            .map(|prize| {
                tokens(asset, crew_split(*prize, &own.shares).get(own.own).copied().unwrap_or(Amount::ZERO))
            })
            .collect::<Vec<_>>()
    });
    Outcomes {
        places: (1_u32..).take(columns).map(|place| v.tn(key("place"), place).into_owned()).collect(),
        rows,
        yours: yours.collect(),
    }
}
