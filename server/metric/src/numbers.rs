//! Measures of numbers, and of likelihoods.

use crate::sum::mean;

/// The root of the mean squared error of (truth, given).
pub(crate) fn rmse(pairs: &[(f64, f64)]) -> f64 {
    mean(pairs.iter().map(|(truth, given)| (truth - given) * (truth - given))).sqrt()
}

/// The mean absolute error of (truth, given).
pub(crate) fn mae(pairs: &[(f64, f64)]) -> f64 {
    mean(pairs.iter().map(|(truth, given)| (truth - given).abs()))
}

/// The mean negative logarithm of how likely the truth was said to be. A likelihood is clipped by the
/// precision of a double on either side, as scikit-learn does since 1.3, so that nobody is lost for ever by
/// one row.
pub(crate) fn log_loss(likelihoods: &[f64]) -> f64 {
    mean(likelihoods.iter().map(|given| -given.clamp(f64::EPSILON, 1.0 - f64::EPSILON).ln()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_measured_as_the_books_have_them() {
        let pairs = [(3.0, 2.5), (-0.5, 0.0), (2.0, 2.0), (7.0, 8.0)];
        assert_eq!(mae(&pairs), 0.5);
        assert_eq!(rmse(&pairs), 0.375_f64.sqrt());
    }

    #[test]
    fn a_row_that_was_said_to_be_impossible_costs_much_and_not_everything() {
        let loss = log_loss(&[0.0]);
        assert!((loss - 36.043_653_389_117_15).abs() < 1e-12, "{loss}");
        assert!(log_loss(&[1.0]) < 1e-15);
    }
}
