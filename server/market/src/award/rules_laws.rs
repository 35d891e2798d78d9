//! Settlement as laws that hold for every plan, dead-heat rule, rule for unreached prizes and start prize.
//!
//! `TEST_PRIZE_CASES` sets how many races each law is tried on (200 otherwise; 100,000 take minutes).

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::test_runner::Config;

use super::super::Growth;
use super::super::prospect::{imagined, prospect};
use super::*;
use crate::clock::Moment;

fn amount(minor: u64) -> Amount {
    Amount::new(minor).unwrap()
}

fn any_amount() -> impl Strategy<Value = Amount> {
    let large = i64::MAX.unsigned_abs();
    prop_oneof![4 => 0_u64..1_000, 1 => Just(large), 2 => 0..large].prop_map(amount)
}

fn descending<T: Ord + Clone>(mut list: Vec<T>) -> Vec<T> {
    list.sort_by(|a, b| b.cmp(a));
    list
}

fn any_plan() -> impl Strategy<Value = PrizePlan> {
    let shares = vec(1_u32..=2_000, 1..=5).prop_map(|list| Prizes::Shares(descending(list)));
    let amounts = vec(1_u64..400, 1..=5)
        .prop_map(|list| Prizes::Amounts(descending(list).into_iter().map(amount).collect()));
    prop_oneof![
        Just(PrizePlan::WinnerTakesAll),
        shares.prop_map(PrizePlan::Ranked),
        amounts.prop_map(PrizePlan::Ranked),
        (1_u32..8, 1_u64..400)
            .prop_map(|(places, prize)| PrizePlan::Threshold { places, prize: amount(prize) }),
        of(1_u32..=10_000).prop_map(|cap| PrizePlan::Proportional { cap }),
        any_amount().prop_map(|per_event| PrizePlan::Metered { per_event }),
    ]
}

prop_compose! {
    fn any_rules()(
        plan in any_plan(),
        mark in of(0_u32..=10_000),
        earliest in any::<bool>(),
        share in any::<bool>(),
        start in of((1_u64..200, 1_u64..600)),
        growth in of((any_amount(), any_amount())),
    ) -> Rules {
        Rules {
            plan,
            mark: mark.and_then(|mark| Score::new(mark).ok()),
            dead_heat: if earliest { DeadHeat::Earliest } else { DeadHeat::Split },
            unreached: if share { Unreached::Share } else { Unreached::Refund },
            start: start.map(|(each, pool)| StartPrize { each: amount(each), pool: amount(pool) }),
            growth: growth.map(|(reserve, per_event)| Growth { reserve, per_event, label: "Reuse".to_owned() }),
            ..Rules::default()
        }
    }
}

/// Few places, scores and instants, so that they meet; scores need not follow places.
fn any_standings() -> impl Strategy<Value = Vec<Standing>> {
    let score = prop_oneof![0_u32..=10_000, (0_u32..=4).prop_map(|quarter| quarter * 2_500)];
    vec((of(1_u32..6), of(score), 0_i64..5, 0_u64..4), 0..12).prop_map(|all| {
        (1_u32..)
            .zip(all)
            .map(|(lane, (place, score, at, events))| Standing {
                place,
                events,
                submitted_at: Moment(at),
                ..imagined(lane, score.and_then(|score| Score::new(score).ok()))
            })
            .collect()
    })
}

fn cases() -> u32 {
    std::env::var("TEST_PRIZE_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(200)
}

/// The points that decide, of an entry by its award.
fn points_of(rules: &Rules, standings: &[Standing], award: &Award) -> u32 {
    let standing = standings.iter().find(|standing| standing.entry == award.entry).unwrap();
    points(&rules.terms(), standing)
}

proptest! {
    #![proptest_config(Config { cases: cases(), failure_persistence: None, ..Config::default() })]

    #[test]
    fn awards_and_refund_always_sum_to_the_bounty(
        rules in any_rules(), bounty in any_amount(), grown in any::<u32>(), standings in any_standings()
    ) {
        let settlement = settle_grown(&rules, bounty, grown, &standings);
        let sum: u128 = settlement.awards.iter().map(|award| u128::from(award.amount.minor())).sum();
        prop_assert_eq!(sum + u128::from(settlement.refund.minor()), u128::from(bounty.minor()));
        prop_assert_eq!(settlement.awards.len(), standings.len());
        for standing in &standings {
            prop_assert_eq!(settlement.awards.iter().filter(|award| award.entry == standing.entry).count(), 1);
        }
    }

    #[test]
    fn a_better_place_or_score_is_never_paid_less(
        rules in any_rules(), bounty in any_amount(), standings in any_standings()
    ) {
        let settlement = settle(&rules, bounty, &standings);
        for pair in settlement.awards.windows(2) {
            if pair[0].place < pair[1].place || pair[1].place.is_none() {
                prop_assert!(pair[0].amount >= pair[1].amount);
            }
        }
        let placed = settlement.awards.iter().filter(|award| award.place.is_some());
        if rules.plan.by_score() {
            let mut scored: Vec<_> =
                placed.map(|award| (points_of(&rules, &standings, award), award.amount)).collect();
            scored.sort();
            prop_assert!(scored.windows(2).all(|pair| pair[0].0 == pair[1].0 || pair[0].1 <= pair[1].1));
        } else {
            for award in placed {
                let standing = standings.iter().find(|standing| standing.entry == award.entry).unwrap();
                prop_assert!(standing.place.is_some() && reaches(rules.mark, standing.score));
            }
        }
    }

    #[test]
    fn a_dead_heat_differs_by_at_most_one_unit_start_prizes_included(
        rules in any_rules(), bounty in any_amount(), standings in any_standings()
    ) {
        let settlement = settle(&rules, bounty, &standings);
        for one in &settlement.awards {
            for other in &settlement.awards {
                if one.place.is_some() && one.place == other.place {
                    prop_assert!(one.amount.minor().abs_diff(other.amount.minor()) <= 1);
                }
            }
        }
    }

    #[test]
    fn the_order_in_which_entries_come_does_not_matter(
        rules in any_rules(), bounty in any_amount(), (standings, mixed) in any_standings()
            .prop_flat_map(|standings| (Just(standings.clone()), Just(standings).prop_shuffle()))
    ) {
        prop_assert_eq!(settle(&rules, bounty, &standings), settle(&rules, bounty, &mixed));
    }

    /// Growth gives more to share out and takes from nobody; what stays in reserve goes to nobody.
    #[test]
    fn a_pot_that_grows_never_pays_anybody_less(
        rules in any_rules(), bounty in any_amount(), few in 0_u32..5, more in 0_u32..5,
        standings in any_standings()
    ) {
        let paid = |events| settle_grown(&rules, bounty, events, &standings);
        let (before, after) = (paid(few), paid(few.saturating_add(more)));
        let sum = |settlement: &Settlement| {
            settlement.awards.iter().map(|award| u128::from(award.amount.minor())).sum::<u128>()
        };
        // A leftover unit may fall to somebody who is at the cap.
        let slack = u128::try_from(standings.len()).unwrap();
        prop_assert!(sum(&before) <= sum(&after) + slack);
        let held = rules.growth.as_ref().map_or(0, |growth| growth.held(few).minor()).min(bounty.minor());
        let start = rules.start.map_or(0, |start| start.pool.minor());
        prop_assert!(before.refund.minor() >= held.saturating_sub(start));
    }

    #[test]
    fn an_event_is_paid_as_stated_while_the_pot_lasts(
        per_event in 1_u64..50, spare in 0_u64..100, standings in any_standings()
    ) {
        let rules = Rules { plan: PrizePlan::Metered { per_event: amount(per_event) }, ..Rules::default() };
        let placed = || standings.iter().filter(|one| one.place.is_some());
        let bounty = placed().map(|one| one.events * per_event).sum::<u64>() + spare;
        let settlement = settle(&rules, amount(bounty), &standings);
        for one in placed() {
            let award = settlement.awards.iter().find(|award| award.entry == one.entry).unwrap();
            prop_assert_eq!(award.amount.minor(), one.events * per_event);
        }
        prop_assert_eq!(settlement.refund.minor(), spare);
    }

    /// Whoever is qualified gets the whole start prize while the pool lasts, and else an equal part of it.
    #[test]
    fn nobody_qualified_goes_without_the_start_prize(
        rules in any_rules(), bounty in 600_u64..5_000, standings in any_standings()
    ) {
        let Some(start) = rules.start else { return Ok(()) };
        let many = u64::try_from(standings.len()).unwrap();
        let least = start.each.minor().min(start.pool.minor().checked_div(many).unwrap_or(0));
        for award in settle(&rules, amount(bounty), &standings).awards {
            prop_assert!(award.amount.minor() >= least);
            if award.place.is_none() {
                prop_assert!(award.amount <= start.each);
            }
        }
    }

    /// With or without a start pool: a prize that was stated is never smaller for it.
    #[test]
    fn a_stated_prize_is_paid_in_full(
        rules in any_rules(), spare in 0_u64..1_000, entries in 1_u32..12
    ) {
        let stated = match &rules.plan {
            PrizePlan::Ranked(Prizes::Amounts(amounts)) => amounts.clone(),
            PrizePlan::Threshold { places, prize } => vec![*prize; usize::try_from(*places).unwrap()],
            _ => return Ok(()),
        };
        let rules = Rules { growth: None, ..rules };
        let pool = rules.start.map_or(0, |start| start.pool.minor());
        let bounty = stated.iter().map(|prize| prize.minor()).sum::<u64>() + pool + spare;
        let row = prospect(&rules, amount(bounty), entries).pop().unwrap();
        for (prize, stated) in row.prizes.iter().zip(&stated) {
            prop_assert!(prize.minor() >= stated.minor() + row.start.minor());
        }
    }

    #[test]
    fn no_entry_is_paid_beyond_the_cap(
        cap in 1_u32..=10_000, rules in any_rules(), bounty in any_amount(), standings in any_standings()
    ) {
        let rules = Rules { plan: PrizePlan::Proportional { cap: Some(cap) }, start: None, ..rules };
        for award in settle(&rules, bounty, &standings).awards {
            prop_assert!(u128::from(award.amount.minor()) * 10_000
                <= u128::from(bounty.minor()) * u128::from(cap));
        }
    }

    #[test]
    fn a_crew_gets_exactly_its_award(award in any_amount(), cut in 0_u32..=10_000) {
        let parts = crew_split(award, &[cut, 10_000 - cut]);
        prop_assert_eq!(parts.iter().map(|part| part.minor()).sum::<u64>(), award.minor());
    }
}
