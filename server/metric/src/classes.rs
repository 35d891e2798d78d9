//! Measures of classes: accuracy and the four kinds of F1.
//!
//! As scikit-learn has them: what would be divided by nothing counts as 0 (`zero_division`), and the classes
//! of a mean are those that occur in the truth or the predictions of the rows at hand.

use crate::sum::{count, mean, sum};

/// Truth and prediction of one row, as numbers of classes.
pub(crate) type Pair = (usize, usize);

/// How often one class was found rightly, found wrongly, and missed.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    right: usize,
    wrong: usize,
    missed: usize,
}

impl Tally {
    fn f1(self) -> f64 {
        let all = 2 * self.right + self.wrong + self.missed;
        if all == 0 { 0.0 } else { count(2 * self.right) / count(all) }
    }

    fn occurs(self) -> bool {
        self.right + self.wrong + self.missed > 0
    }

    fn support(self) -> usize {
        self.right + self.missed
    }
}

/// The part of rows whose class is right.
pub(crate) fn accuracy(pairs: &[Pair]) -> f64 {
    count(pairs.iter().filter(|(truth, given)| truth == given).count()) / count(pairs.len())
}

/// F1 of one class.
pub(crate) fn f1_of(pairs: &[Pair], class: usize, classes: usize) -> f64 {
    tallies(pairs, classes).get(class).copied().unwrap_or_default().f1()
}

/// The mean of the classes' F1.
pub(crate) fn f1_macro(pairs: &[Pair], classes: usize) -> f64 {
    let each: Vec<f64> =
        tallies(pairs, classes).into_iter().filter(|tally| tally.occurs()).map(Tally::f1).collect();
    mean(each.into_iter())
}

/// F1 over all decisions together.
pub(crate) fn f1_micro(pairs: &[Pair], classes: usize) -> f64 {
    let all = tallies(pairs, classes).into_iter().fold(Tally::default(), |all, one| Tally {
        right: all.right + one.right,
        wrong: all.wrong + one.wrong,
        missed: all.missed + one.missed,
    });
    all.f1()
}

/// The mean of the classes' F1, by how often each occurs in the truth.
pub(crate) fn f1_weighted(pairs: &[Pair], classes: usize) -> f64 {
    let each = tallies(pairs, classes).into_iter().map(|tally| tally.f1() * count(tally.support()));
    sum(each) / count(pairs.len())
}

fn tallies(pairs: &[Pair], classes: usize) -> Vec<Tally> {
    let mut tallies = vec![Tally::default(); classes];
    for (truth, given) in pairs {
        if truth == given {
            tallies[*truth].right += 1;
        } else {
            tallies[*given].wrong += 1;
            tallies[*truth].missed += 1;
        }
    }
    tallies
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_divided_by_nothing_counts_as_nought() {
        let pairs = [(0, 0), (0, 0)];
        assert_eq!(f1_of(&pairs, 1, 2), 0.0);
        assert_eq!(f1_macro(&pairs, 2), 1.0, "a class that never occurs is no part of the mean");
        assert_eq!(f1_macro(&[(0, 0), (0, 1)], 2), (2.0 / 3.0) / 2.0);
    }

    #[test]
    fn micro_f1_of_single_labels_is_accuracy() {
        let pairs = [(0, 1), (2, 2), (1, 1), (0, 2), (1, 1)];
        assert_eq!(f1_micro(&pairs, 3), accuracy(&pairs));
    }
}
