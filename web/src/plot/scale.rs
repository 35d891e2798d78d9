//! Scales and ticks, in whole numbers.
//!
//! Promises: ticks are round numbers, evenly spaced, and the axis reaches from the first to the last of them; a greater
//! value never lies before a smaller one. Must never: use a number that can be rounded.

/// A stretch of values laid along a stretch of the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale {
    low: i128,
    high: i128,
    from: u32,
    to: u32,
}

impl Scale {
    /// Lays `low..=high` from `from` to `to`, which may lie before it: heights grow upwards.
    pub fn new((low, high): (i128, i128), (from, to): (u32, u32)) -> Self {
        Self { low, high: high.max(low), from, to }
    }

    /// Where a value lies; what is beyond an end lies at that end.
    pub fn place(&self, value: i128) -> u32 {
        let (span, length) = (self.high - self.low, u32::abs_diff(self.from, self.to));
        let value = value.clamp(self.low, self.high) - self.low;
        let part = if span == 0 { 0 } else { value * i128::from(length) / span };
        let part = u32::try_from(part).unwrap_or(length);
        if self.from <= self.to { self.from + part } else { self.from - part }
    }
}

/// Round numbers from at most `low` to at least `high`, about `most` of them, zero among them where it lies between.
pub fn ticks(low: i128, high: i128, most: u32) -> Vec<i128> {
    let (low, high) = (low.min(high), high.max(low));
    let step = step(high - low, most.max(1));
    let first = low.div_euclid(step) * step;
    let mut found = vec![first];
    let mut at = first;
    while at < high {
        at += step;
        found.push(at);
    }
    found
}

/// 1, 2 or 5 times a power of ten: the smallest that goes into `span` no more than `most` times.
fn step(span: i128, most: u32) -> i128 {
    let mut power = 1;
    loop {
        for factor in [1, 2, 5] {
            let step = power * factor;
            if span <= step * i128::from(most) {
                return step;
            }
        }
        power *= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ticks_are_the_numbers_that_people_would_choose() {
        assert_eq!(ticks(0, 100, 5), [0, 20, 40, 60, 80, 100]);
        assert_eq!(ticks(-30, 170, 4), [-50, 0, 50, 100, 150, 200]);
        assert_eq!(ticks(0, 0, 5), [0], "nothing to span");
        assert_eq!(ticks(7, 7, 5), [7]);
    }

    proptest! {
        #[test]
        fn ticks_are_round_even_few_and_reach_both_ends(
            a in -1_000_000_000_000_i128..1_000_000_000_000,
            b in -1_000_000_000_000_i128..1_000_000_000_000,
            most in 1_u32..12,
        ) {
            let (low, high) = (a.min(b), a.max(b));
            let found = ticks(low, high, most);
            prop_assert!(found.first().is_some_and(|first| *first <= low));
            prop_assert!(found.last().is_some_and(|last| *last >= high));
            prop_assert!(found.len() <= usize::try_from(most).unwrap_or(0) + 2, "{found:?}");
            let step = found.get(1).map_or(1, |second| second - found[0]);
            prop_assert!(found.windows(2).all(|pair| pair[1] - pair[0] == step));
            let mut digits = step;
            while digits % 10 == 0 { digits /= 10; }
            prop_assert!([1, 2, 5].contains(&digits), "{step}");
            prop_assert!(low > 0 || high < 0 || found.contains(&0));
        }

        #[test]
        fn a_greater_value_never_lies_before_a_smaller_one_and_all_lie_within(
            low in -1_000_000_i128..1_000_000,
            span in 0_i128..1_000_000,
            a in -2_000_000_i128..2_000_000,
            b in -2_000_000_i128..2_000_000,
            from in 0_u32..1_000,
            to in 0_u32..1_000,
        ) {
            let scale = Scale::new((low, low + span), (from, to));
            let (small, great) = (scale.place(a.min(b)), scale.place(a.max(b)));
            let in_order = if from <= to { small <= great } else { small >= great };
            prop_assert!(in_order);
            prop_assert!((from.min(to)..=from.max(to)).contains(&small));
            prop_assert_eq!(scale.place(low), from);
            prop_assert_eq!(scale.place(low + span), if span == 0 { from } else { to });
        }
    }
}
