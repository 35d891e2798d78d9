//! What the rules' default gives when nobody decided.
//!
//! Promises: a pure function; every amount comes from [`decide`]; start prizes are paid in any case. Must never:
//! prefer a lane.

use ledger::Amount;

use super::{DeadHeat, PrizePlan, Settlement, Standing, Terms, Unreached, decide};
use crate::task::{Rules, SilenceDefault};

/// What `default` gives to the entries that qualify, with the scores that there are, and the standings that it
/// comes to.
pub fn by_default(
    rules: &Rules,
    default: SilenceDefault,
    pot: Amount,
    qualified: &[Standing],
) -> (Vec<Standing>, Settlement) {
    let scored = qualified.iter().any(|standing| standing.score.is_some());
    match default {
        SilenceDefault::PayByScores if scored => {
            let placed = placed_by_score(qualified);
            let settlement = decide(&rules.terms(), pot, &placed);
            (placed, settlement)
        }
        SilenceDefault::PayByScores | SilenceDefault::ShareEqually => {
            let equal = |standing: &Standing| Standing { place: Some(1), ..standing.clone() };
            let placed: Vec<Standing> = qualified.iter().map(equal).collect();
            // All on the first place of a plan that knows no other, so that they share it.
            let terms = Terms {
                plan: &PrizePlan::WinnerTakesAll,
                mark: None,
                dead_heat: DeadHeat::Split,
                unreached: Unreached::Refund,
                start: rules.start_left(),
                held: rules.terms().held,
            };
            let settlement = decide(&terms, pot, &placed);
            (placed, settlement)
        }
        SilenceDefault::Refund => {
            let unplaced = |standing: &Standing| Standing { place: None, ..standing.clone() };
            let unplaced: Vec<Standing> = qualified.iter().map(unplaced).collect();
            let settlement = decide(&rules.terms(), pot, &unplaced);
            (unplaced, settlement)
        }
    }
}

/// The same entries with places by their scores, equal scores sharing one: 1, 2, 2, 4; unscored, unplaced.
pub fn placed_by_score(standings: &[Standing]) -> Vec<Standing> {
    let place = |standing: &Standing| {
        let score = standing.score?;
        let better = standings.iter().filter(|other| other.score.is_some_and(|other| other > score)).count();
        u32::try_from(better + 1).ok()
    };
    standings.iter().map(|standing| Standing { place: place(standing), ..standing.clone() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::award::{Score, StartPrize};
    use crate::clock::Moment;
    use crate::ids::EntryId;

    fn amount(minor: u64) -> Amount {
        Amount::new(minor).unwrap()
    }

    fn lane(lane: u32, score: Option<u32>) -> Standing {
        Standing {
            entry: EntryId(uuid::Uuid::from_u128(u128::from(lane))),
            lane,
            place: None,
            score: score.map(|score| Score::new(score).unwrap()),
            submitted_at: Moment(i64::from(lane)),
            events: 0,
        }
    }

    fn paid(rules: &Rules, default: SilenceDefault, lanes: &[Standing]) -> (Vec<u64>, u64) {
        let (_, settlement) = by_default(rules, default, amount(1_000), lanes);
        let mut awards = settlement.awards;
        awards.sort_by_key(|award| award.entry);
        let sum: u64 = awards.iter().map(|award| award.amount.minor()).sum();
        assert_eq!(sum + settlement.refund.minor(), 1_000);
        (awards.iter().map(|award| award.amount.minor()).collect(), settlement.refund.minor())
    }

    #[test]
    fn scores_decide_where_there_are_any_and_equal_ones_share() {
        let lanes = [lane(1, Some(70)), lane(2, Some(90)), lane(3, Some(90)), lane(4, None)];
        let rules = Rules::default();
        assert_eq!(paid(&rules, SilenceDefault::PayByScores, &lanes), (vec![150, 425, 425, 0], 0));
        let places: Vec<_> = placed_by_score(&lanes).iter().map(|standing| standing.place).collect();
        assert_eq!(places, [Some(3), Some(1), Some(1), None]);
    }

    #[test]
    fn without_scores_all_that_qualify_share_equally_and_to_the_unit() {
        let lanes = [lane(1, None), lane(2, None), lane(3, None)];
        for default in [SilenceDefault::PayByScores, SilenceDefault::ShareEqually] {
            assert_eq!(paid(&Rules::default(), default, &lanes), (vec![334, 333, 333], 0));
        }
        let marked = Rules { mark: Score::parse("60").ok(), ..Rules::default() };
        assert_eq!(paid(&marked, SilenceDefault::ShareEqually, &lanes).1, 0, "nobody was there to mark them");
    }

    #[test]
    fn start_prizes_are_paid_even_where_the_rest_goes_back() {
        let start = Some(StartPrize { each: amount(50), pool: amount(200) });
        let rules = Rules { start, ..Rules::default() };
        assert_eq!(
            paid(&rules, SilenceDefault::Refund, &[lane(1, Some(1)), lane(2, None)]),
            (vec![50, 50], 900)
        );
    }
}
