//! Bars, stacked, above zero and below it.
//!
//! Promises: the parts of a bar are as high together as their sum; no part is lost that is more than nothing. Must
//! never: begin an axis elsewhere than at zero.

use super::scale::{Scale, ticks};
use super::{Bar, FOOT, HEIGHT, Picture, TOP, Tick, margin};

/// One colour of all bars.
#[derive(Debug, Clone)]
pub struct Series {
    /// The class of its colour.
    pub class: &'static str,
    /// What it is.
    pub name: String,
    /// Its value in each bar; below zero it hangs from the axis.
    pub values: Vec<i128>,
}

/// Draws a bar over each label, as wide as this; nothing without a label.
pub fn draw(
    labels: &[String],
    series: &[Series],
    width: u32,
    value: impl Fn(i128) -> String,
) -> Option<Picture> {
    let count = u32::try_from(labels.len()).ok().filter(|count| *count > 0)?;
    let sum = |at: usize, up: bool| -> i128 {
        let of = |one: &Series| one.values.get(at).copied().unwrap_or(0);
        series.iter().map(of).filter(|part| (*part > 0) == up).sum()
    };
    let high = (0..labels.len()).map(|at| sum(at, true)).max()?.max(0);
    let low = (0..labels.len()).map(|at| sum(at, false)).min()?.min(0);
    let marks = ticks(low, high, 4);
    let (first, last) = (*marks.first()?, *marks.last()?);
    let texts: Vec<String> = marks.iter().map(|mark| value(*mark)).collect();
    let (left, right) = (margin(texts.iter()), width - 8);
    let scale = Scale::new((first, last), (FOOT, TOP));
    let slot = (right - left) / count;
    let thick = (slot * 2 / 3).clamp(2, 48);
    let mut bars = Vec::new();
    for (at, label) in labels.iter().enumerate() {
        let x = left + u32::try_from(at).ok()? * slot + (slot - thick) / 2;
        let (mut up, mut down) = (0_i128, 0_i128);
        for one in series {
            let part = one.values.get(at).copied().unwrap_or(0);
            let side = if part > 0 { &mut up } else { &mut down };
            let (from, to) = (scale.place(*side), scale.place(*side + part));
            *side += part;
            if part != 0 {
                let title = format!("{label} · {}: {}", one.name, value(part));
                // What is more than nothing is seen.
                let height = from.abs_diff(to).max(1);
                bars.push(Bar { x, y: from.min(to), width: thick, height, class: one.class, title });
            }
        }
    }
    // As many labels as fit beside each other.
    let room = 8 * labels
        .iter()
        .map(|label| label.chars().count())
        .max()
        .and_then(|most| u32::try_from(most).ok())?
        + 10;
    let every = usize::try_from(room.div_ceil(slot.max(1)).max(1)).ok()?;
    let feet = labels.iter().enumerate().rev().step_by(every).map(|(at, label)| {
        let x = left + u32::try_from(at).unwrap_or(0) * slot + slot / 2;
        Tick { at: x, text: label.clone(), anchor: "middle" }
    });
    let values =
        marks.iter().zip(texts).map(|(mark, text)| Tick { at: scale.place(*mark), text, anchor: "end" });
    Some(Picture {
        width,
        height: HEIGHT,
        left,
        right,
        foot: FOOT,
        zero: Some(scale.place(0)),
        values: values.collect(),
        feet: feet.collect(),
        bars,
        dots: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;
    use proptest::prelude::*;

    fn series(class: &'static str, values: &[i128]) -> Series {
        Series { class, name: class.to_owned(), values: values.to_vec() }
    }

    fn labels(count: usize) -> Vec<String> {
        (0..count).map(|at| format!("m{at}")).collect()
    }

    #[test]
    fn parts_stand_on_each_other_and_losses_hang_from_the_axis() {
        let all = [series("a", &[60, 0]), series("b", &[40, 50]), series("c", &[0, -30])];
        let picture = draw(&labels(2), &all, 320, |value| value.to_string()).unwrap();
        let zero = picture.zero.unwrap();
        let of = |class: &str| picture.bars.iter().filter(|bar| bar.class == class).collect::<Vec<_>>();
        assert_eq!(of("a")[0].y + of("a")[0].height, zero);
        assert_eq!(of("b")[0].y + of("b")[0].height, of("a")[0].y, "on top of the first");
        assert_eq!(of("c")[0].y, zero, "below");
        assert_eq!(picture.bars.len(), 4, "nothing is not drawn");
        assert!(draw(&[], &all, 320, |value| value.to_string()).is_none());
    }

    proptest! {
        #[test]
        fn bars_stay_within_the_picture_and_beside_each_other(
            values in proptest::collection::vec(-1_000_000_i128..1_000_000, 1..24),
            width in prop::sample::select(vec![320_u32, 880]),
        ) {
            let all = [series("a", &values)];
            let picture = draw(&labels(values.len()), &all, width, |value| value.to_string()).unwrap();
            for bar in &picture.bars {
                prop_assert!(bar.x >= picture.left && bar.x + bar.width <= picture.right, "{bar:?}");
                prop_assert!(bar.y + bar.height <= picture.foot + 1);
            }
            prop_assert!(picture.bars.windows(2).all(|pair| pair[0].x + pair[0].width <= pair[1].x));
            prop_assert!(picture.feet.iter().all(|tick| tick.at <= width));
        }
    }
}
