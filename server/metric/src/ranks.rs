//! The area under the ROC curve, counted exactly.

/// How often a positive row has the higher score than a negative one, a tie counting half: (is positive,
/// score) of each row, in any order. There must be rows of both kinds.
pub(crate) fn auc(mut rows: Vec<(bool, f64)>) -> f64 {
    rows.sort_by(|a, b| a.1.total_cmp(&b.1));
    let (mut positives, mut negatives, mut twice_won) = (0_u128, 0_u128, 0_u128);
    // Minus nought and nought are one score.
    for tied in rows.chunk_by(|a, b| a.1 == b.1) {
        let here = u128::try_from(tied.iter().filter(|(positive, _)| *positive).count()).unwrap_or(0);
        let others = u128::try_from(tied.len()).unwrap_or(0) - here;
        twice_won += here * (2 * negatives + others);
        positives += here;
        negatives += others;
    }
    // Below 2^41 for a million rows: exact as doubles.
    (twice_won as f64) / ((2 * positives * negatives) as f64)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ties_count_half() {
        assert_eq!(auc(vec![(true, 0.5), (false, 0.5)]), 0.5);
        assert_eq!(auc(vec![(false, -0.0), (true, 0.0)]), 0.5);
        assert_eq!(auc(vec![(false, 0.1), (false, 0.4), (true, 0.35), (true, 0.8)]), 0.75);
    }

    proptest! {
        #[test]
        fn it_is_what_comparing_every_pair_gives(scores in vec((any::<bool>(), 0_u8..6), 2..40)) {
            let rows: Vec<(bool, f64)> = scores.iter().map(|(is, score)| (*is, f64::from(*score))).collect();
            let (mut won, mut all) = (0.0, 0.0);
            for (_, high) in rows.iter().filter(|row| row.0) {
                for (_, low) in rows.iter().filter(|row| !row.0) {
                    all += 1.0;
                    won += if high > low { 1.0 } else if high == low { 0.5 } else { 0.0 };
                }
            }
            prop_assume!(all > 0.0);
            prop_assert!((auc(rows) - won / all).abs() < 1e-12);
        }
    }
}
