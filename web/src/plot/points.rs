//! Points: one thing against another.
//!
//! Promises: every point is a link to what it stands for, and lies within the axes. Must never: draw a line through
//! them.

use super::scale::{Scale, ticks};
use super::{Dot, FOOT, HEIGHT, Picture, TOP, Tick, margin};
use crate::pages::kit::Link;

/// A point: how far to the right, how high, and what it is.
#[derive(Debug, Clone)]
pub struct Point {
    /// How far to the right.
    pub x: i128,
    /// How high.
    pub y: i128,
    /// What it is called, and where it leads.
    pub link: Link,
}

/// Draws the points, as wide as this; nothing without any.
pub fn draw(
    points: &[Point],
    width: u32,
    across: impl Fn(i128) -> String,
    up: impl Fn(i128) -> String,
) -> Option<Picture> {
    let (far, high) =
        (points.iter().map(|point| point.x).max()?.max(0), points.iter().map(|point| point.y).max()?.max(0));
    let rows = ticks(0, high, 4);
    let columns = ticks(0, far, if width < 500 { 2 } else { 5 });
    let texts: Vec<String> = rows.iter().map(|mark| up(*mark)).collect();
    let (left, right) = (margin(texts.iter()), width - 24);
    let heights = Scale::new((0, *rows.last()?), (FOOT, TOP));
    let widths = Scale::new((0, *columns.last()?), (left + 6, right));
    let dot =
        |point: &Point| Dot { x: widths.place(point.x), y: heights.place(point.y), link: point.link.clone() };
    let last = columns.len().saturating_sub(1);
    let feet = columns.iter().enumerate().map(|(at, mark)| Tick {
        at: widths.place(*mark) + if at == last { 20 } else { 0 },
        text: across(*mark),
        anchor: if at == last { "end" } else { "middle" },
    });
    Some(Picture {
        width,
        height: HEIGHT,
        left,
        right,
        foot: FOOT,
        zero: None,
        values: rows
            .iter()
            .zip(texts)
            .map(|(mark, text)| Tick { at: heights.place(*mark), text, anchor: "end" })
            .collect(),
        feet: feet.collect(),
        bars: Vec::new(),
        dots: points.iter().map(dot).collect(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    fn point(x: i128, y: i128) -> Point {
        Point { x, y, link: Link::new("a", "/a") }
    }

    #[test]
    fn what_is_more_lies_further_right_and_higher() {
        let picture =
            draw(&[point(10, 50), point(40, 90)], 320, |x| x.to_string(), |y| y.to_string()).unwrap();
        let (first, second) = (&picture.dots[0], &picture.dots[1]);
        assert!(first.x < second.x && first.y > second.y);
        assert!(picture.dots.iter().all(|dot| dot.x > picture.left && dot.x <= picture.right));
        assert!(draw(&[], 320, |x| x.to_string(), |y| y.to_string()).is_none());
    }

    #[test]
    fn a_single_point_at_nothing_is_no_trouble() {
        let picture = draw(&[point(0, 0)], 320, |x| x.to_string(), |y| y.to_string()).unwrap();
        assert_eq!((picture.dots[0].y, picture.values.len()), (picture.foot, 1));
    }
}
