//! From scores to a total, exactly: whole numbers and fractions of them, rounded once at the end.
//!
//! Promises: half a hundredth rounds up, everywhere; the order of judges changes nothing. No database, no clock.

use super::{Combine, Criterion};
use crate::award::Score;

/// How far judges are apart on one criterion of one entry, in hundredths of a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spread {
    /// What the panel's rule makes of the scores.
    pub combined: Score,
    /// The lowest.
    pub min: Score,
    /// The highest.
    pub max: Score,
    /// The standard deviation of all of them: the root of the mean square distance from their mean.
    pub deviation: Score,
    /// How many judges scored.
    pub judges: u32,
}

/// What of the scores counts: their sum in hundredths, and how many.
fn counted(scores: &[Score], combine: Combine) -> Option<(u128, u128)> {
    let mut sorted: Vec<u128> = scores.iter().map(|score| u128::from(score.hundredths())).collect();
    sorted.sort_unstable();
    let kept = match combine {
        Combine::TrimmedMean if sorted.len() >= 3 => &sorted[1..sorted.len() - 1],
        _ => &sorted[..],
    };
    (!kept.is_empty()).then(|| (kept.iter().sum(), count(kept)))
}

/// The total of one entry: the weighted mean of what the judges' scores of each criterion come to, rounded
/// half up to the hundredth. `scores` holds for each line of the rubric what each judge gave; `None` where a
/// criterion was scored by nobody.
pub fn total(rubric: &[Criterion], scores: &[Vec<Score>], combine: Combine) -> Option<Score> {
    let mut parts = Vec::with_capacity(rubric.len());
    for (criterion, scores) in rubric.iter().zip(scores) {
        let (sum, judges) = counted(scores, combine)?;
        parts.push((u128::from(criterion.weight), sum, judges));
    }
    if parts.len() != rubric.len() {
        return None;
    }
    // At most 20 criteria of at most some tens of judges: the least common multiple and all sums stay far
    // below what 128 bits hold.
    let common = parts.iter().fold(1, |common, (_, _, judges)| lcm(common, *judges));
    let weights: u128 = parts.iter().map(|(weight, ..)| weight).sum();
    let sum: u128 = parts.iter().map(|(weight, sum, judges)| weight * sum * (common / judges)).sum();
    rounded(sum, weights.checked_mul(common)?)
}

/// How far the judges are apart; `None` where nobody scored.
pub fn spread(scores: &[Score], combine: Combine) -> Option<Spread> {
    let (sum, kept) = counted(scores, combine)?;
    let all: Vec<u128> = scores.iter().map(|score| u128::from(score.hundredths())).collect();
    let judges = count(&all);
    let (whole, squares) = (all.iter().sum::<u128>(), all.iter().map(|one| one * one).sum::<u128>());
    // The variance is (n·Σx² − (Σx)²) / n², so its root is √(…) / n; half up: ⌊(2·√(…) + n) / 2n⌋.
    let root = (4 * (judges * squares).saturating_sub(whole * whole)).isqrt();
    Some(Spread {
        combined: rounded(sum, kept)?,
        min: *scores.iter().min()?,
        max: *scores.iter().max()?,
        deviation: score((root + judges) / (2 * judges))?,
        judges: u32::try_from(scores.len()).ok()?,
    })
}

/// Places by total, best first, entries of equal totals sharing one: 1, 2, 2, 4.
pub(super) fn places(totals: &[Score]) -> Vec<u32> {
    let better = |own: &Score| totals.iter().filter(|other| *other > own).count();
    totals.iter().map(|own| u32::try_from(better(own)).unwrap_or(u32::MAX - 1) + 1).collect()
}

fn count<T>(list: &[T]) -> u128 {
    u128::try_from(list.len()).unwrap_or(u128::MAX)
}

/// A fraction of hundredths, half up.
fn rounded(over: u128, under: u128) -> Option<Score> {
    (under > 0).then(|| score((2 * over + under) / (2 * under))).flatten()
}

fn score(hundredths: u128) -> Option<Score> {
    Score::new(u32::try_from(hundredths).ok()?).ok()
}

fn lcm(a: u128, b: u128) -> u128 {
    let (mut x, mut y) = (a, b);
    while y != 0 {
        (x, y) = (y, x % y);
    }
    a / x * b
}

#[cfg(test)]
#[path = "sums_laws.rs"]
mod laws;
