//! What holds for every panel, and some sums done by hand.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn of(hundredths: u32) -> Score {
    Score::new(hundredths).unwrap()
}

fn scores(list: &[u32]) -> Vec<Score> {
    list.iter().copied().map(of).collect()
}

fn rubric(weights: &[u32]) -> Vec<Criterion> {
    let line = |weight: &u32| Criterion { name: "x".into(), description: String::new(), weight: *weight };
    weights.iter().map(line).collect()
}

fn any_combine() -> impl Strategy<Value = Combine> {
    prop_oneof![Just(Combine::Mean), Just(Combine::TrimmedMean)]
}

/// Weights, and for each as many judges' scores as there are judges.
fn any_board() -> impl Strategy<Value = (Vec<u32>, Vec<Vec<u32>>)> {
    (1_usize..=6, 1_usize..=9).prop_flat_map(|(criteria, judges)| {
        (vec(1_u32..=1_000, criteria), vec(vec(0_u32..=10_000, judges), criteria))
    })
}

fn total_of(weights: &[u32], board: &[Vec<u32>], combine: Combine) -> Score {
    let board: Vec<_> = board.iter().map(|list| scores(list)).collect();
    total(&rubric(weights), &board, combine).unwrap()
}

proptest! {
    #[test]
    fn the_order_of_the_judges_changes_nothing((weights, board) in any_board(), combine in any_combine(), by in 0_usize..9) {
        let turned: Vec<Vec<u32>> = board.iter().map(|list| {
            let mut list = list.clone();
            let by = by % list.len();
            list.rotate_left(by);
            list
        }).collect();
        prop_assert_eq!(total_of(&weights, &board, combine), total_of(&weights, &turned, combine));
        let (one, other) = (scores(&board[0]), scores(&turned[0]));
        prop_assert_eq!(spread(&one, combine), spread(&other, combine));
    }

    #[test]
    fn a_higher_score_never_makes_a_lower_total((weights, board) in any_board(), combine in any_combine(), at in any::<prop::sample::Index>(), judge in any::<prop::sample::Index>(), up in 0_u32..=10_000) {
        let mut raised = board.clone();
        let row = at.index(raised.len());
        let one = judge.index(raised[row].len());
        raised[row][one] = (raised[row][one] + up).min(10_000);
        prop_assert!(total_of(&weights, &raised, combine) >= total_of(&weights, &board, combine));
    }

    #[test]
    fn what_judges_come_to_lies_between_the_lowest_and_the_highest(list in vec(0_u32..=10_000, 1..12), combine in any_combine()) {
        let spread = spread(&scores(&list), combine).unwrap();
        prop_assert!(spread.min <= spread.combined && spread.combined <= spread.max);
        prop_assert!(spread.deviation.hundredths() <= spread.max.hundredths() - spread.min.hundredths());
    }

    #[test]
    fn a_panel_of_one_is_that_judge((weights, board) in any_board(), combine in any_combine()) {
        let alone: Vec<Vec<u32>> = board.iter().map(|list| vec![list[0]]).collect();
        let weighed: u64 = weights.iter().zip(&alone).map(|(weight, list)| u64::from(*weight) * u64::from(list[0])).sum();
        let whole: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
        let expected = (2 * weighed + whole) / (2 * whole);
        prop_assert_eq!(u64::from(total_of(&weights, &alone, combine).hundredths()), expected);
        let spread = spread(&scores(&alone[0]), combine).unwrap();
        prop_assert_eq!((spread.combined, spread.deviation), (of(alone[0][0]), of(0)));
    }

    #[test]
    fn judges_who_agree_are_one_judge((weights, board) in any_board(), combine in any_combine(), judges in 1_usize..9) {
        let alone: Vec<Vec<u32>> = board.iter().map(|list| vec![list[0]]).collect();
        let many: Vec<Vec<u32>> = board.iter().map(|list| vec![list[0]; judges]).collect();
        prop_assert_eq!(total_of(&weights, &alone, combine), total_of(&weights, &many, combine));
    }

    #[test]
    fn places_follow_the_totals(list in vec(0_u32..40, 1..12)) {
        let totals = scores(&list);
        let places = places(&totals);
        for (a, one) in totals.iter().enumerate() {
            for (b, other) in totals.iter().enumerate() {
                prop_assert_eq!(one.cmp(other), places[b].cmp(&places[a]));
            }
        }
        prop_assert_eq!(places.iter().min(), Some(&1));
    }
}

#[test]
fn half_a_hundredth_rounds_up() {
    assert_eq!(total_of(&[1], &[vec![1, 2]], Combine::Mean), of(2));
    assert_eq!(total_of(&[1, 1], &[vec![0], vec![1]], Combine::Mean), of(1));
    assert_eq!(total_of(&[2, 1], &[vec![0], vec![1]], Combine::Mean), of(0));
}

#[test]
fn thirds_are_not_rounded_before_the_end() {
    // 66.666… and 33.333… make exactly 50; rounded one by one they would too, but not with these weights:
    // (3·66.666… + 3·0.01/3) / 6.
    assert_eq!(
        total_of(&[3, 3], &[vec![10_000, 10_000, 0], vec![1, 0, 0]], Combine::Mean),
        of(3_334),
        "33.335 is half a hundredth above 33.33"
    );
}

#[test]
fn the_highest_and_the_lowest_are_left_out_of_three_or_more() {
    assert_eq!(total_of(&[1], &[vec![0, 8_000, 10_000]], Combine::TrimmedMean), of(8_000));
    assert_eq!(total_of(&[1], &[vec![0, 10_000]], Combine::TrimmedMean), of(5_000));
    assert_eq!(total_of(&[1], &[vec![7_000, 7_000, 7_000, 9_000]], Combine::TrimmedMean), of(7_000));
}

#[test]
fn the_spread_is_the_one_of_the_textbook() {
    // 2, 4, 4, 4, 5, 5, 7, 9 have the mean 5 and the deviation 2.
    let list = scores(&[200, 400, 400, 400, 500, 500, 700, 900]);
    let spread = spread(&list, Combine::Mean).unwrap();
    assert_eq!((spread.combined, spread.deviation), (of(500), of(200)));
    assert_eq!((spread.min, spread.max, spread.judges), (of(200), of(900), 8));
}

#[test]
fn a_criterion_that_nobody_scored_leaves_no_total() {
    let board = [scores(&[100]), Vec::new()];
    assert_eq!(total(&rubric(&[1, 1]), &board, Combine::Mean), None);
    assert_eq!(total(&rubric(&[1, 1]), &board[..1], Combine::Mean), None);
    assert_eq!(spread(&[], Combine::Mean), None);
}

#[test]
fn the_largest_panel_fits() {
    let weights = [1_000; 20];
    let board: Vec<Vec<u32>> = (0..20).map(|at| vec![10_000; 20 + at]).collect();
    assert_eq!(total_of(&weights, &board, Combine::TrimmedMean), of(10_000));
}
