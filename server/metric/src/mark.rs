//! A figure rounded as the rules state, as a whole number, so that "equal" and "better by" are exact.

use std::cmp::Ordering;
use std::fmt;

use crate::Metric;

/// Most decimals that rules may state.
pub const MOST_DECIMALS: u8 = 12;

/// A figure in units of the last decimal that counts. The decimal nearest to the figure; of two equally near,
/// the even one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Mark {
    units: i128,
    decimals: u8,
}

impl Mark {
    /// The figure rounded to so many decimals, at most [`MOST_DECIMALS`].
    pub fn of(value: f64, decimals: u8) -> Self {
        let decimals = decimals.min(MOST_DECIMALS);
        let text = format!("{value:.places$}", places = usize::from(decimals));
        let units = units(&text, decimals).unwrap_or(if value < 0.0 { i128::MIN } else { i128::MAX });
        Self { units, decimals }
    }

    /// Reads a plain decimal number without an exponent, with at most so many decimals.
    pub fn parse(text: &str, decimals: u8) -> Option<Self> {
        Some(Self { units: units(text, decimals)?, decimals })
    }

    /// Whether it is nought.
    pub fn is_zero(self) -> bool {
        self.units == 0
    }

    /// Whether it is below nought.
    pub fn is_negative(self) -> bool {
        self.units < 0
    }

    /// Which of two comes before the other on a board: `Less` when this one is better.
    pub fn before(self, other: Self, metric: Metric) -> Ordering {
        if metric.higher_is_better() { other.units.cmp(&self.units) } else { self.units.cmp(&other.units) }
    }

    /// Whether this one is better than `best` by `gain` at least, and better at all: only then a board moves
    /// (the Ladder of Blum and Hardt 2015), so that nobody creeps up on the public part by trying.
    pub fn beats(self, best: Self, gain: Self, metric: Metric) -> bool {
        let ahead = if metric.higher_is_better() {
            self.units.saturating_sub(best.units)
        } else {
            best.units.saturating_sub(self.units)
        };
        ahead > 0 && ahead >= gain.units
    }

    /// In hundredths of a hundred, rounded half up, for a figure from 0 to 1.
    pub fn hundredths(self) -> u32 {
        let whole = 10_i128.pow(u32::from(self.decimals));
        let rounded = (self.units.clamp(0, whole) * 20_000 + whole) / (2 * whole);
        u32::try_from(rounded).unwrap_or(0)
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.units < 0 { "-" } else { "" };
        let whole = 10_u128.pow(u32::from(self.decimals));
        let units = self.units.unsigned_abs();
        write!(f, "{sign}{}", units / whole)?;
        if self.decimals == 0 {
            return Ok(());
        }
        write!(f, ".{:0places$}", units % whole, places = usize::from(self.decimals))
    }
}

fn units(text: &str, decimals: u8) -> Option<i128> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || !plain(part) {
        return None;
    }
    let part = part.trim_end_matches('0');
    let missing = usize::from(decimals).checked_sub(part.len())?;
    let units: i128 = format!("{whole}{part}{}", "0".repeat(missing)).parse().ok()?;
    Some(if negative { -units } else { units })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(text: &str) -> Mark {
        Mark::parse(text, 6).unwrap()
    }

    #[test]
    fn a_mark_is_written_with_all_its_decimals() {
        assert_eq!(Mark::of(0.5, 6).to_string(), "0.500000");
        assert_eq!(Mark::of(-0.000_000_1, 6).to_string(), "0.000000");
        assert_eq!(Mark::of(12.0, 0).to_string(), "12");
        assert_eq!(Mark::of(-1.25, 3).to_string(), "-1.250");
        for wrong in ["", ".5", "1e3", "+1", "0.1234567", "1.", "nan"] {
            assert_eq!(Mark::parse(wrong, 6), None, "{wrong}");
        }
    }

    #[test]
    fn a_gain_counts_exactly_however_doubles_round() {
        let (old, new, gain) = (mark("0.10"), mark("0.11"), mark("0.01"));
        assert!(new.beats(old, gain, Metric::Accuracy), "0.11 - 0.10 is less than 0.01 as doubles");
        assert!(!mark("0.109999").beats(old, gain, Metric::Accuracy));
        assert!(old.beats(new, gain, Metric::Rmse), "of errors less is better");
        assert!(!old.beats(old, mark("0"), Metric::Accuracy), "the same again is no gain");
    }

    #[test]
    fn a_figure_from_nought_to_one_is_a_score_from_nought_to_a_hundred() {
        assert_eq!(mark("0.912345").hundredths(), 9_123);
        assert_eq!(mark("0.91235").hundredths(), 9_124);
        assert_eq!((mark("1").hundredths(), mark("0").hundredths()), (10_000, 0));
    }

    #[test]
    fn beyond_all_bounds_is_still_in_order() {
        let vast = Mark::of(1e300, 6);
        assert_eq!(mark("3").before(vast, Metric::Rmse), Ordering::Less);
    }
}
