//! Settlement in sentences.

use super::super::prospect::imagined;
use super::*;
use crate::clock::Moment;

fn rules(plan: PrizePlan) -> Rules {
    Rules { plan, ..Rules::default() }
}

fn score(text: &str) -> Option<Score> {
    Score::parse(text).ok()
}

fn ranked(shares: &[u32]) -> Rules {
    rules(PrizePlan::Ranked(Prizes::Shares(shares.to_vec())))
}

fn amount(minor: u64) -> Amount {
    Amount::new(minor).unwrap()
}

/// Lane 1 on the first place given, lane 2 on the second, …
fn lanes(places: &[Option<u32>]) -> Vec<Standing> {
    (1_u32..).zip(places).map(|(lane, place)| Standing { place: *place, ..imagined(lane, None) }).collect()
}

/// Lane 1 on the first place with the first score, …
fn scored(scores: &[&str]) -> Vec<Standing> {
    (1_u32..).zip(scores).map(|(lane, text)| imagined(lane, score(text))).collect()
}

/// What lanes 1, 2, … are paid, and what goes back.
fn all(settlement: &Settlement) -> (Vec<u64>, u64) {
    let lanes = u32::try_from(settlement.awards.len()).unwrap();
    ((1..=lanes).map(|lane| paid(settlement, lane)).collect(), settlement.refund.minor())
}

fn paid(settlement: &Settlement, lane: u32) -> u64 {
    let entry = imagined(lane, None).entry;
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
    rules.mark = score("60");
    let mut standings = lanes(&[Some(1), Some(2), Some(3)]);
    standings[0].score = score("59.99");
    standings[1].score = score("60");
    standings[2].score = score("60");
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

fn threshold(places: u32, prize: u64) -> Rules {
    Rules { mark: score("60"), ..rules(PrizePlan::Threshold { places, prize: amount(prize) }) }
}

#[test]
fn each_of_the_first_who_meet_the_mark_is_paid_the_same() {
    let settlement = settle(&threshold(2, 300), amount(1_000), &scored(&["90", "80", "70", "59.99"]));
    assert_eq!(all(&settlement), (vec![300, 300, 0, 0], 400));
    assert_eq!(settlement.awards[2].place, Some(3), "the third met the mark and is placed");
    assert_eq!(settlement.awards[3].place, None);
    let missed = settle(&threshold(2, 300), amount(1_000), &scored(&["59", "80"]));
    assert_eq!(all(&missed), (vec![0, 300], 700), "who misses the mark takes no place");
}

#[test]
fn a_dead_heat_over_the_last_paid_place_pools_and_splits() {
    let mut standings = scored(&["90", "80", "80", "80"]);
    for standing in &mut standings[1..] {
        standing.place = Some(2);
    }
    let settlement = settle(&threshold(2, 100), amount(1_000), &standings);
    assert_eq!(all(&settlement), (vec![100, 34, 33, 33], 800));
    let mut earliest = threshold(2, 100);
    earliest.dead_heat = DeadHeat::Earliest;
    assert_eq!(all(&settle(&earliest, amount(1_000), &standings)).0, [100, 100, 0, 0]);
}

#[test]
fn what_a_threshold_does_not_pay_can_grow_the_prizes_of_those_who_met_it() {
    let mut rules = threshold(3, 100);
    rules.unreached = Unreached::Share;
    assert_eq!(all(&settle(&rules, amount(1_001), &scored(&["90", "70"]))), (vec![501, 500], 0));
}

#[test]
fn points_above_the_mark_are_what_a_proportional_plan_pays() {
    let mut rules = rules(PrizePlan::Proportional { cap: None });
    rules.mark = score("60");
    let settlement = settle(&rules, amount(1_000), &scored(&["90", "75", "60", "59.99"]));
    assert_eq!(all(&settlement), (vec![667, 333, 0, 0], 0));
    assert_eq!(
        settlement.awards.iter().map(|award| award.place).collect::<Vec<_>>(),
        [Some(1), Some(2), Some(3), None]
    );
    let nobody = settle(&rules, amount(1_000), &scored(&["60", "60"]));
    assert_eq!(all(&nobody), (vec![0, 0], 1_000), "no points, no prizes");
    rules.mark = None;
    assert_eq!(all(&settle(&rules, amount(1_000), &scored(&["75", "25"]))).0, [750, 250]);
}

#[test]
fn equal_scores_are_paid_equally_and_the_odd_unit_goes_to_the_better_place() {
    let rules = rules(PrizePlan::Proportional { cap: None });
    let mut standings = scored(&["50", "50", "50"]);
    standings[2].place = Some(1);
    standings[0].place = Some(2);
    standings[1].place = Some(2);
    assert_eq!(all(&settle(&rules, amount(100), &standings)).0, [33, 33, 34]);
}

#[test]
fn a_cap_holds_back_what_would_go_to_one_entry() {
    let mut rules = rules(PrizePlan::Proportional { cap: Some(4_000) });
    let standings = scored(&["90", "6", "4"]);
    assert_eq!(all(&settle(&rules, amount(1_000), &standings)), (vec![400, 60, 40], 500));
    rules.unreached = Unreached::Share;
    let shared = settle(&rules, amount(1_000), &standings);
    assert_eq!(all(&shared), (vec![400, 360, 240], 0), "the other 600 by 6 and 4");
    let two = settle(&rules, amount(1_000), &scored(&["90", "10"]));
    assert_eq!(all(&two), (vec![400, 400], 200), "no entry is paid beyond the cap");
}

fn started(plan: PrizePlan, each: u64, pool: u64) -> Rules {
    Rules { start: Some(StartPrize { each: amount(each), pool: amount(pool) }), ..rules(plan) }
}

#[test]
fn every_qualified_entry_gets_the_start_prize_and_the_plan_shares_the_rest() {
    let rules = started(PrizePlan::WinnerTakesAll, 20, 100);
    let settlement = settle(&rules, amount(1_000), &lanes(&[Some(2), Some(1), None]));
    assert_eq!(all(&settlement), (vec![20, 920, 20], 40), "what is left of the pool goes back");
    assert_eq!(settlement.awards[2].place, None);
}

#[test]
fn a_pool_that_is_too_small_is_shared_to_the_unit() {
    let rules = started(PrizePlan::WinnerTakesAll, 60, 100);
    let settlement = settle(&rules, amount(1_000), &lanes(&[None, None, Some(1)]));
    assert_eq!(all(&settlement), (vec![33, 33, 934], 0), "the odd unit goes to the better place");
}

#[test]
fn a_dead_heat_is_fair_with_two_leftovers_too() {
    let rules = started(PrizePlan::WinnerTakesAll, 60, 101);
    let settlement = settle(&rules, amount(202), &lanes(&[Some(1), Some(1)]));
    assert_eq!(all(&settlement), (vec![101, 101], 0), "101 of the pot and 101 of the pool");
}
