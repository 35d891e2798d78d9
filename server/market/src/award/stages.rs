//! How a stage comes out: what it pays, who goes on, and whether the race stops there.
//!
//! Promises: a pure function; every amount comes from [`decide`]; nobody is cut because judges stayed silent.
//! Must never: prefer a lane; whoever ties on the line goes on.

use ledger::Amount;

use super::{DeadHeat, PrizePlan, Prospect, Settlement, Standing, Terms, Unreached, decide, placed_by_score};
use crate::award::prospect;
use crate::ids::EntryId;
use crate::task::{Rules, Stage};

/// How a stage comes out for one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageLine {
    /// The entry.
    pub entry: EntryId,
    /// Its place, dead heats sharing one; `None` without a score.
    pub place: Option<u32>,
    /// What the stage pays it.
    pub award: Amount,
    /// Whether it is out.
    pub cut: bool,
}

/// How a stage comes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageOutcome {
    /// One for each entry that ran.
    pub lines: Vec<StageLine>,
    /// Whether the race stops here.
    pub stops: bool,
}

/// How `stage` comes out. `handed` are the running entries that handed in during it, with the scores that there
/// are; `idle` are those that did not. Where there is no score at all, those that handed in share what the stage
/// pays and all of them go on; so does each that handed in and was not scored, without a prize.
pub fn decide_stage(rules: &Rules, stage: &Stage, handed: &[Standing], idle: &[EntryId]) -> StageOutcome {
    let silent = !handed.iter().any(|standing| standing.score.is_some());
    let placed = if silent {
        handed.iter().map(|standing| Standing { place: Some(1), ..standing.clone() }).collect()
    } else {
        placed_by_score(handed)
    };
    let settlement = if silent { equally(stage.pot(), &placed) } else { paid(rules, stage, &placed) };
    let meets =
        |standing: &Standing| stage.mark.is_none_or(|mark| standing.score.is_some_and(|score| score >= mark));
    let met = placed.iter().filter(|standing| standing.score.is_some() && meets(standing)).count();
    let below_gate = !silent && stage.gate.is_some_and(|gate| u32::try_from(met).is_ok_and(|met| met < gate));
    let goes_on = |standing: &Standing| {
        let within = stage.keep.is_none_or(|keep| standing.place.is_none_or(|place| place <= keep));
        silent || standing.score.is_none() || (meets(standing) && within)
    };
    let nobody_left = stage.cuts() && !placed.iter().any(goes_on);
    let stops = below_gate || nobody_left;
    let award = |entry: EntryId| {
        let found = settlement.awards.iter().find(|award| award.entry == entry);
        found.map_or(Amount::ZERO, |award| award.amount)
    };
    let mut lines: Vec<StageLine> = placed
        .iter()
        .map(|standing| StageLine {
            entry: standing.entry,
            place: if silent { None } else { standing.place },
            award: award(standing.entry),
            cut: stops || !goes_on(standing),
        })
        .collect();
    let cut = stops || stage.cuts();
    lines.extend(idle.iter().map(|entry| StageLine { entry: *entry, place: None, award: Amount::ZERO, cut }));
    StageOutcome { lines, stops }
}

/// The token table of a stage: what it pays when 1, 2, … `entries` entries come in on places of their own; empty
/// where it pays nothing.
pub fn stage_prospect(rules: &Rules, stage: &Stage, entries: u32) -> Vec<Prospect> {
    let Some(prizes) = &stage.prizes else { return Vec::new() };
    prospect(&stage.alone(rules), prizes.pot, entries)
}

fn paid(rules: &Rules, stage: &Stage, placed: &[Standing]) -> Settlement {
    decide(&stage.terms(rules), stage.pot(), placed)
}

fn equally(pot: Amount, placed: &[Standing]) -> Settlement {
    let terms = Terms {
        plan: &PrizePlan::WinnerTakesAll,
        mark: None,
        dead_heat: DeadHeat::Split,
        unreached: Unreached::Refund,
        start: None,
        held: Amount::ZERO,
    };
    decide(&terms, pot, placed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::award::{Prizes, Score};
    use crate::clock::Moment;
    use crate::task::StagePrizes;
    use proptest::prelude::*;

    fn amount(minor: u64) -> Amount {
        Amount::new(minor).unwrap()
    }

    fn entry(lane: u32) -> EntryId {
        EntryId(uuid::Uuid::from_u128(u128::from(lane)))
    }

    fn lane(lane: u32, score: Option<u32>) -> Standing {
        let score = score.map(|score| Score::new(score * 100).unwrap());
        Standing {
            entry: entry(lane),
            lane,
            place: None,
            score,
            submitted_at: Moment(i64::from(lane)),
            events: 0,
        }
    }

    fn stage(keep: Option<u32>, mark: Option<u32>, gate: Option<u32>) -> Stage {
        Stage {
            name: "one".into(),
            ends_at: Moment(1),
            judge_seconds: 0,
            mark: mark.map(|mark| Score::new(mark * 100).unwrap()),
            keep,
            gate,
            prizes: Some(StagePrizes {
                pot: amount(1_000),
                plan: PrizePlan::Ranked(Prizes::Shares(vec![5_000, 3_000, 2_000])),
            }),
        }
    }

    fn on(outcome: &StageOutcome) -> Vec<bool> {
        let mut lines = outcome.lines.clone();
        lines.sort_by_key(|line| line.entry);
        lines.iter().map(|line| !line.cut).collect()
    }

    #[test]
    fn the_best_go_on_and_whoever_ties_on_the_line_does_too() {
        let lanes = [lane(1, Some(90)), lane(2, Some(80)), lane(3, Some(80)), lane(4, Some(70))];
        let outcome = decide_stage(&Rules::default(), &stage(Some(2), None, None), &lanes, &[entry(5)]);
        assert_eq!(on(&outcome), [true, true, true, false, false], "who handed in nothing is out");
        let awards: Vec<u64> = outcome.lines.iter().map(|line| line.award.minor()).collect();
        assert_eq!(awards, [500, 250, 250, 0, 0], "the places 2 and 3 pool their prizes");
        assert!(!outcome.stops);
    }

    #[test]
    fn a_gate_stops_the_race_where_too_few_meet_the_mark() {
        let lanes = [lane(1, Some(90)), lane(2, Some(59))];
        let outcome = decide_stage(&Rules::default(), &stage(None, Some(60), Some(2)), &lanes, &[]);
        assert!(outcome.stops && outcome.lines.iter().all(|line| line.cut));
        assert_eq!(outcome.lines[0].award.minor(), 500, "what was promised is paid");
        let outcome = decide_stage(&Rules::default(), &stage(None, Some(60), Some(1)), &lanes, &[]);
        assert_eq!((outcome.stops, on(&outcome)), (false, vec![true, false]));
    }

    #[test]
    fn where_all_are_below_the_mark_nobody_is_left_and_the_race_stops() {
        let outcome =
            decide_stage(&Rules::default(), &stage(None, Some(60), None), &[lane(1, Some(10))], &[]);
        assert!(outcome.stops);
    }

    #[test]
    fn silence_costs_no_lane_that_handed_in() {
        let lanes = [lane(1, None), lane(2, None)];
        let strict = stage(Some(1), Some(60), Some(2));
        let outcome = decide_stage(&Rules::default(), &strict, &lanes, &[entry(3)]);
        assert_eq!((outcome.stops, on(&outcome)), (false, vec![true, true, false]));
        assert_eq!(outcome.lines[0].award.minor() + outcome.lines[1].award.minor(), 1_000);
        let half = [lane(1, Some(90)), lane(2, None)];
        assert_eq!(
            on(&decide_stage(&Rules::default(), &stage(Some(1), None, None), &half, &[])),
            [true, true]
        );
    }

    #[test]
    fn a_stage_that_only_pays_cuts_nobody() {
        let outcome =
            decide_stage(&Rules::default(), &stage(None, None, None), &[lane(1, Some(0))], &[entry(2)]);
        assert_eq!((outcome.stops, on(&outcome)), (false, vec![true, true]));
    }

    proptest! {
        #[test]
        fn a_stage_never_pays_more_than_its_pot_and_never_cuts_the_better_of_two(
            scores in proptest::collection::vec(proptest::option::of(0_u32..=100), 0..12),
            keep in proptest::option::of(1_u32..6),
            mark in proptest::option::of(0_u32..=100),
        ) {
            let lanes: Vec<Standing> = (1..).zip(&scores).map(|(at, score)| lane(at, *score)).collect();
            let outcome = decide_stage(&Rules::default(), &stage(keep, mark, None), &lanes, &[]);
            let paid: u64 = outcome.lines.iter().map(|line| line.award.minor()).sum();
            prop_assert!(paid <= 1_000);
            prop_assert_eq!(outcome.lines.len(), lanes.len());
            for (one, first) in lanes.iter().zip(&outcome.lines) {
                for (other, second) in lanes.iter().zip(&outcome.lines) {
                    if one.score.is_some() && other.score.is_some() && one.score >= other.score {
                        prop_assert!(!first.cut || second.cut);
                        prop_assert!(first.award >= second.award || one.score == other.score);
                    }
                }
            }
            let mut turned = lanes;
            turned.reverse();
            let mut again = decide_stage(&Rules::default(), &stage(keep, mark, None), &turned, &[]).lines;
            again.reverse();
            prop_assert_eq!(again, outcome.lines);
        }
    }
}
