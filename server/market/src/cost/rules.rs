//! What hours count. No database, no clock.

use ledger::Amount;

use super::{EffortSum, FEWEST};

/// The sum as others may see it.
pub(super) fn shown(people: u32, minutes: u64) -> EffortSum {
    EffortSum { people, minutes: (people >= FEWEST).then_some(minutes) }
}

/// What so many minutes come to, rounded down to the minor unit.
pub(super) fn priced(minutes: u64, hour: Amount) -> Option<Amount> {
    let minor = u128::from(minutes) * u128::from(hour.minor()) / 60;
    u64::try_from(minor).ok().and_then(|minor| Amount::new(minor).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_that_would_give_somebody_away_is_not_shown() {
        assert_eq!(shown(2, 600), EffortSum { people: 2, minutes: None });
        assert_eq!(shown(3, 600), EffortSum { people: 3, minutes: Some(600) });
    }

    #[test]
    fn half_an_hour_counts_half() {
        let hour = Amount::new(4_001).unwrap_or(Amount::ZERO);
        assert_eq!(priced(90, hour).map(|sum| sum.minor()), Some(6_001));
        assert_eq!(priced(u64::MAX, Amount::MAX), None);
    }
}
