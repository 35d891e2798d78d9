//! The token table: what would be paid, before anybody enters.
//!
//! Promises: every amount comes from the function that settles the race. Must never: work out a prize by
//! itself.

use ledger::Amount;
use serde::{Deserialize, Serialize};

use super::rules::{crew_split, settle, start_prizes};
use super::{Score, Standing};
use crate::clock::Moment;
use crate::ids::EntryId;
use crate::task::Rules;

/// The longest token table.
const MOST_ENTRIES: u32 = 100;

/// One row of the token table: what is paid when so many entries come in on places of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prospect {
    /// So many entries qualify, and all of them are placed.
    pub placed: u32,
    /// What each of them gets in all, best place first.
    pub prizes: Vec<Amount>,
    /// What each of them would get at least without a place: the start prize.
    pub start: Amount,
    /// The scores that the row assumes, evenly from 100 down towards the mark, where scores decide; else
    /// empty.
    pub scores: Vec<Score>,
    /// What goes back to the funders.
    pub refund: Amount,
}

impl Prospect {
    /// What each of a crew with these shares would get on each place: the unit's part first, then the
    /// crew's in their order, as the payout has it.
    pub fn parts(&self, shares: &[u32]) -> Vec<Vec<Amount>> {
        self.prizes.iter().map(|prize| crew_split(*prize, shares)).collect()
    }
}

/// The token table: what is paid when 1, 2, … `entries` entries come in on places of their own, at most 100.
pub fn prospect(rules: &Rules, bounty: Amount, entries: u32) -> Vec<Prospect> {
    (1..=entries.min(MOST_ENTRIES)).map(|placed| row(rules, bounty, placed)).collect()
}

fn row(rules: &Rules, bounty: Amount, placed: u32) -> Prospect {
    let standings: Vec<Standing> =
        (1..=placed).map(|place| imagined(place, even(rules, place, placed))).collect();
    let settlement = settle(rules, bounty, &standings);
    let scores = standings.iter().filter_map(|standing| standing.score);
    let pool = rules.start_left().map_or(Amount::ZERO, |start| start.pool.min(rules.final_pot(bounty)));
    Prospect {
        placed,
        prizes: settlement.awards.iter().map(|award| award.amount).collect(),
        start: start_prizes(rules.start_left(), pool, standings.len()).pop().unwrap_or(Amount::ZERO),
        scores: if rules.plan.by_score() { scores.collect() } else { Vec::new() },
        refund: settlement.refund,
    }
}

/// An entry that comes in on a place of its own.
pub(super) fn imagined(place: u32, score: Option<Score>) -> Standing {
    Standing {
        entry: EntryId(uuid::Uuid::from_u128(u128::from(place))),
        lane: place,
        place: Some(place),
        score,
        submitted_at: Moment(i64::from(place)),
        events: 1,
    }
}

/// The score of a place when so many lie evenly between 100 and the mark.
fn even(rules: &Rules, place: u32, placed: u32) -> Option<Score> {
    let room = u64::from(Score::MAX - rules.mark.map_or(0, Score::hundredths).min(Score::MAX));
    let below = room * u64::from(place - 1) / u64::from(placed);
    u32::try_from(below).ok().and_then(|below| Score::new(Score::MAX - below).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::award::{PrizePlan, StartPrize, Unreached};

    fn amount(minor: u64) -> Amount {
        Amount::new(minor).unwrap()
    }

    fn minor(amounts: &[Amount]) -> Vec<u64> {
        amounts.iter().map(|amount| amount.minor()).collect()
    }

    #[test]
    fn by_score_the_table_says_which_scores_it_assumes() {
        let rules = Rules {
            plan: PrizePlan::Proportional { cap: None },
            mark: Score::parse("60").ok(),
            ..Rules::default()
        };
        let table = prospect(&rules, amount(1_000), 2);
        let scores: Vec<String> = table[1].scores.iter().map(|score| score.format()).collect();
        assert_eq!(scores, ["100.00", "80.00"]);
        assert_eq!(minor(&table[1].prizes), [667, 333], "40 and 20 points above the mark");
        assert!(prospect(&Rules::default(), amount(1_000), 1)[0].scores.is_empty());
    }

    #[test]
    fn the_table_holds_the_start_prize_until_the_pool_runs_short() {
        let start = Some(StartPrize { each: amount(50), pool: amount(100) });
        let rules = Rules { plan: PrizePlan::WinnerTakesAll, start, ..Rules::default() };
        let table = prospect(&rules, amount(1_000), 3);
        assert_eq!(minor(&table[0].prizes), [950]);
        assert_eq!(minor(&table[1].prizes), [950, 50]);
        assert_eq!(minor(&table[2].prizes), [934, 33, 33]);
        assert_eq!(table.iter().map(|row| row.start.minor()).collect::<Vec<_>>(), [50, 50, 33]);
        assert_eq!(table.iter().map(|row| row.refund.minor()).collect::<Vec<_>>(), [50, 0, 0]);
    }

    #[test]
    fn each_of_a_crew_sees_their_part_of_each_place() {
        let table = prospect(&Rules { unreached: Unreached::Share, ..Rules::default() }, amount(1_000), 2);
        let parts = table[1].parts(&[1_000, 4_500, 4_500]);
        assert_eq!(
            parts.iter().map(|parts| minor(parts)).collect::<Vec<_>>(),
            [[70, 318, 318], [30, 132, 132]]
        );
    }
}
