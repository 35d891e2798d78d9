//! A balance over time, as steps, drawn on the server.
//!
//! Promises: whole-number arithmetic; every tick is an amount and an instant that the axes reach; what it
//! shows is in the table beside it too. Must never: draw a balance that no line had.

use market::Moment;

use super::scale::{Scale, ticks};
use super::{TOP, Tick, margin};

/// The picture.
#[derive(Debug, Clone, Default)]
pub struct Plot {
    /// Its width.
    pub width: u32,
    /// Its height.
    pub height: u32,
    /// Where the drawing begins on the left.
    pub left: u32,
    /// Where it ends on the right.
    pub right: u32,
    /// Where it ends at the foot.
    pub foot: u32,
    /// The steps, as the data of an SVG path.
    pub line: String,
    /// The same, closed towards the foot.
    pub area: String,
    /// Amounts on the left, with their heights.
    pub amounts: Vec<Tick>,
    /// Instants at the foot, with where they are.
    pub times: Vec<Tick>,
}

/// What an account held from an instant on, in minor units.
pub type Point = (Moment, i128);

/// Draws the points, oldest first, as wide as this; nothing for less than one.
pub fn draw(
    points: &[Point],
    width: u32,
    amount: impl Fn(i128) -> String,
    date: impl Fn(Moment) -> String,
) -> Option<Plot> {
    let (first, last) = (points.first()?, points.last()?);
    let (height, top, foot_space) = (256, TOP, 34);
    let low = points.iter().map(|(_, held)| *held).min()?.min(0);
    let high = points.iter().map(|(_, held)| *held).max()?.max(0);
    let marks = ticks(low, high, 3);
    let texts: Vec<String> = marks.iter().map(|mark| amount(*mark)).collect();
    let left = margin(texts.iter());
    let (right, foot) = (width - 12, height - foot_space);
    let span = i128::from(last.0.0 - first.0.0);
    let across = Scale::new((i128::from(first.0.0), i128::from(last.0.0)), (left, right));
    let heights = Scale::new((*marks.first()?, *marks.last()?), (foot, top));
    let x = |at: Moment| across.place(i128::from(at.0));
    let y = |held: i128| heights.place(held);
    let mut line = format!("M{} {}", x(first.0), y(first.1));
    for (at, held) in &points[1..] {
        line.push_str(&format!("H{}V{}", x(*at), y(*held)));
    }
    line.push_str(&format!("H{right}"));
    let area = format!("{line}V{zero}H{left}Z", zero = y(0));
    let amounts =
        marks.iter().zip(texts).map(|(mark, text)| Tick { at: y(*mark), text, anchor: "end" }).collect();
    let mark = |at, anchor| Tick { at: x(at), text: date(at), anchor };
    let times = if span > 0 {
        vec![mark(first.0, "start"), mark(last.0, "end")]
    } else {
        vec![mark(first.0, "start")]
    };
    Some(Plot { width, height, left, right, foot, line, area, amounts, times })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    fn drawn(points: &[(i64, i128)]) -> Option<Plot> {
        let points: Vec<Point> = points.iter().map(|(at, held)| (Moment(*at), *held)).collect();
        draw(&points, 320, |held| held.to_string(), |at| at.0.to_string())
    }

    #[test]
    fn a_balance_moves_in_steps_from_the_first_instant_to_the_last() {
        let plot = drawn(&[(0, 0), (50, 100), (100, 50)]).unwrap();
        assert_eq!(plot.line, "M44 222H176V32H308V127H308");
        assert_eq!(
            plot.amounts.iter().map(|tick| tick.text.as_str()).collect::<Vec<_>>(),
            ["0", "50", "100"]
        );
        assert_eq!(plot.times.len(), 2);
    }

    #[test]
    fn the_mint_lies_below_zero() {
        let plot = drawn(&[(0, -100), (10, -300)]).unwrap();
        assert_eq!(plot.amounts.last().unwrap().text, "0", "zero is always on the axis");
        assert!(plot.area.ends_with(&format!("V32H{}Z", plot.left)));
    }

    #[test]
    fn one_point_or_none_is_no_trouble() {
        assert!(drawn(&[]).is_none());
        let flat = drawn(&[(7, 0)]).unwrap();
        assert_eq!((flat.amounts.len(), flat.times.len()), (1, 1));
    }
}
