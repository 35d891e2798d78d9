//! Settlement in sentences and properties.

use proptest::prelude::*;

use super::*;
use crate::clock::Moment;
use crate::task::Judging;

fn rules(plan: PrizePlan) -> Rules {
    Rules {
        plan,
        mark: None,
        dead_heat: DeadHeat::Split,
        unreached: Unreached::Refund,
        judging: Judging::Poster,
        max_lanes: None,
        max_crew: 8,
        appeal_seconds: 0,
    }
}

fn ranked(shares: &[u32]) -> Rules {
    rules(PrizePlan::Ranked(Prizes::Shares(shares.to_vec())))
}

fn amount(minor: u64) -> Amount {
    Amount::new(minor).unwrap()
}

/// Lane 1 on the first place given, lane 2 on the second, …
fn lanes(places: &[Option<u32>]) -> Vec<Standing> {
    (1_u32..).zip(places).map(|(lane, place)| Standing { place: *place, ..imagined(lane) }).collect()
}

fn paid(settlement: &Settlement, lane: u32) -> u64 {
    let entry = imagined(lane).entry;
    settlement.awards.iter().find(|award| award.entry == entry).unwrap().amount.minor()
}

#[test]
fn the_winner_takes_all() {
    let settlement = settle(&rules(PrizePlan::WinnerTakesAll), amount(1_000), &lanes(&[Some(2), Some(1)]));
    assert_eq!((paid(&settlement, 1), paid(&settlement, 2), settlement.refund.minor()), (0, 1_000, 0));
}

#[test]
fn three_places_are_paid_sixty_twenty_five_fifteen() {
    let settlement =
        settle(&ranked(&[6_000, 2_500, 1_500]), amount(999), &lanes(&[Some(1), Some(2), Some(3)]));
    assert_eq!([1, 2, 3].map(|lane| paid(&settlement, lane)), [599, 250, 150]);
}

#[test]
fn a_dead_heat_for_second_pools_and_splits_the_second_and_third_prize() {
    let places = [Some(1), Some(2), Some(2), Some(4)];
    let settlement = settle(&ranked(&[6_000, 2_500, 1_500]), amount(1_000), &lanes(&places));
    assert_eq!([1, 2, 3, 4].map(|lane| paid(&settlement, lane)), [600, 200, 200, 0]);
    assert_eq!(settlement.awards[3].place, Some(4));
}

#[test]
fn the_odd_unit_of_a_dead_heat_goes_to_the_lower_lane() {
    let settlement = settle(&rules(PrizePlan::WinnerTakesAll), amount(101), &lanes(&[Some(1), Some(1)]));
    assert_eq!((paid(&settlement, 1), paid(&settlement, 2)), (51, 50));
}

#[test]
fn where_speed_is_the_aim_the_earlier_hand_in_wins_a_dead_heat() {
    let mut rules = rules(PrizePlan::WinnerTakesAll);
    rules.dead_heat = DeadHeat::Earliest;
    let mut standings = lanes(&[Some(1), Some(1)]);
    standings[0].submitted_at = Moment(20);
    standings[1].submitted_at = Moment(10);
    let settlement = settle(&rules, amount(100), &standings);
    assert_eq!((paid(&settlement, 1), paid(&settlement, 2)), (0, 100));
}

#[test]
fn prizes_that_nobody_reached_go_back_or_to_the_placed_as_the_rules_say() {
    let mut rules = ranked(&[6_000, 2_500, 1_500]);
    assert_eq!(settle(&rules, amount(1_000), &lanes(&[Some(1)])).refund.minor(), 400);
    rules.unreached = Unreached::Share;
    let settlement = settle(&rules, amount(1_000), &lanes(&[Some(1), Some(2)]));
    assert_eq!((paid(&settlement, 1), paid(&settlement, 2), settlement.refund.minor()), (706, 294, 0));
}

#[test]
fn who_misses_the_mark_is_not_placed_and_the_next_moves_up() {
    let mut rules = ranked(&[6_000, 4_000]);
    rules.mark = Score::parse("60").ok();
    let mut standings = lanes(&[Some(1), Some(2), Some(3)]);
    standings[0].score = Score::parse("59.99").ok();
    standings[1].score = Score::parse("60").ok();
    let settlement = settle(&rules, amount(100), &standings);
    assert_eq!([1, 2, 3].map(|lane| paid(&settlement, lane)), [0, 60, 40]);
}

#[test]
fn with_nobody_placed_everything_goes_back() {
    for unreached in [Unreached::Refund, Unreached::Share] {
        let mut rules = ranked(&[5_000, 5_000]);
        rules.unreached = unreached;
        assert_eq!(settle(&rules, amount(77), &lanes(&[None, None])).refund.minor(), 77);
    }
}

#[test]
fn fixed_amounts_leave_later_boosts_to_the_funders() {
    let rules = rules(PrizePlan::Ranked(Prizes::Amounts(vec![amount(50), amount(30)])));
    let settlement = settle(&rules, amount(100), &lanes(&[Some(1), Some(2), Some(3)]));
    assert_eq!([1, 2, 3].map(|lane| paid(&settlement, lane)), [50, 30, 0]);
    assert_eq!(settlement.refund.minor(), 20);
}

#[test]
fn a_crew_splits_by_its_shares_to_the_last_unit() {
    let parts = crew_split(amount(100), &[3_333, 3_333, 3_334]);
    assert_eq!(parts.iter().map(|part| part.minor()).collect::<Vec<_>>(), [33, 33, 34]);
}

#[test]
fn a_score_has_at_most_two_decimals_and_is_at_most_a_hundred() {
    for (text, hundredths) in
        [("0", 0), ("87.5", 8_750), ("87.05", 8_705), ("100", 10_000), ("100.00", 10_000)]
    {
        assert_eq!(Score::parse(text).map(Score::hundredths), Ok(hundredths), "{text}");
    }
    for text in ["", "-1", "100.01", "1e1", "1.", ".5", "1.234", "１", "+5", "1000", " 5"] {
        assert!(Score::parse(text).is_err(), "{text:?}");
    }
}

fn any_plan() -> impl Strategy<Value = PrizePlan> {
    let shares = proptest::collection::vec(1_u32..=2_000, 1..=5).prop_map(|mut shares| {
        shares.sort_by(|a, b| b.cmp(a));
        PrizePlan::Ranked(Prizes::Shares(shares))
    });
    prop_oneof![Just(PrizePlan::WinnerTakesAll), shares]
}

fn any_standings() -> impl Strategy<Value = Vec<Standing>> {
    let one = (proptest::option::of(1_u32..6), proptest::option::of(0_u32..=10_000), 0_i64..5);
    proptest::collection::vec(one, 0..12).prop_map(|all| {
        (1_u32..)
            .zip(all)
            .map(|(lane, (place, score, at))| Standing {
                place,
                score: score.and_then(|score| Score::new(score).ok()),
                submitted_at: Moment(at),
                ..imagined(lane)
            })
            .collect()
    })
}

prop_compose! {
    fn any_race()(
        plan in any_plan(),
        mark in proptest::option::of(0_u32..=10_000),
        earliest in any::<bool>(),
        share in any::<bool>(),
        bounty in prop_oneof![0_u64..1_000, Just(i64::MAX.unsigned_abs()), 0_u64..i64::MAX.unsigned_abs()],
        standings in any_standings(),
    ) -> (Rules, Amount, Vec<Standing>) {
        let mut rules = rules(plan);
        rules.mark = mark.and_then(|mark| Score::new(mark).ok());
        rules.dead_heat = if earliest { DeadHeat::Earliest } else { DeadHeat::Split };
        rules.unreached = if share { Unreached::Share } else { Unreached::Refund };
        (rules, amount(bounty), standings)
    }
}

proptest! {
    #[test]
    fn awards_and_refund_always_sum_to_the_bounty((rules, bounty, standings) in any_race()) {
        let settlement = settle(&rules, bounty, &standings);
        let sum: u128 = settlement.awards.iter().map(|award| u128::from(award.amount.minor())).sum();
        prop_assert_eq!(sum + u128::from(settlement.refund.minor()), u128::from(bounty.minor()));
        prop_assert_eq!(settlement.awards.len(), standings.len());
    }

    #[test]
    fn a_better_place_is_never_paid_less((rules, bounty, standings) in any_race()) {
        let settlement = settle(&rules, bounty, &standings);
        for pair in settlement.awards.windows(2) {
            if pair[0].place < pair[1].place || pair[1].place.is_none() {
                prop_assert!(pair[0].amount >= pair[1].amount);
            }
        }
    }

    #[test]
    fn a_dead_heat_differs_by_at_most_one_unit((rules, bounty, standings) in any_race()) {
        let settlement = settle(&rules, bounty, &standings);
        for pair in settlement.awards.windows(2) {
            if pair[0].place.is_some() && pair[0].place == pair[1].place {
                let gap = pair[0].amount.minor().abs_diff(pair[1].amount.minor());
                prop_assert!(gap <= 1);
            }
        }
    }

    #[test]
    fn the_order_in_which_entries_come_does_not_matter((rules, bounty, standings) in any_race(), turn in 0_usize..12) {
        let mut turned = standings.clone();
        turned.reverse();
        if !turned.is_empty() {
            let by = turn % turned.len();
            turned.rotate_left(by);
        }
        prop_assert_eq!(settle(&rules, bounty, &standings), settle(&rules, bounty, &turned));
    }

    #[test]
    fn a_crew_gets_exactly_its_award(award in 0_u64..i64::MAX.unsigned_abs(), cut in 0_u32..=10_000) {
        let parts = crew_split(amount(award), &[cut, 10_000 - cut]);
        prop_assert_eq!(parts.iter().map(|part| part.minor()).sum::<u64>(), award);
    }
}
