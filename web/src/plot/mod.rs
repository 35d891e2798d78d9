//! Plots, drawn on the server as SVG: scales, axes, and a few kinds of pictures.
//!
//! Promises: each picture is drawn twice, for a wide window and for a narrow one, with texts that stay readable; its
//! colours are classes of the style sheet, for light and dark; what it shows stands in a table beside it too. Must
//! never: know what the figures mean, or ask for any.

pub mod bars;
pub mod points;
pub mod sankey;
pub mod scale;
pub mod steps;
pub mod text;

use crate::pages::kit::Link;

/// A mark on an axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    /// Where it is.
    pub at: u32,
    /// What it says.
    pub text: String,
    /// How the text stands to it: `start`, `middle` or `end`.
    pub anchor: &'static str,
}

/// The two windows for which everything is drawn: a class of the style sheet and a width.
pub const WINDOWS: [(&str, u32); 2] = [("wide", 880), ("small", 320)];

/// A picture with two axes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Picture {
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
    /// Where zero lies, if not at the foot.
    pub zero: Option<u32>,
    /// Values on the left, with their heights.
    pub values: Vec<Tick>,
    /// What stands at the foot.
    pub feet: Vec<Tick>,
    /// Bars.
    pub bars: Vec<Bar>,
    /// Dots.
    pub dots: Vec<Dot>,
}

/// A bar, or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// Where it begins.
    pub x: u32,
    /// Where it begins at the top.
    pub y: u32,
    /// How wide it is.
    pub width: u32,
    /// How high it is.
    pub height: u32,
    /// Its colour: a class.
    pub class: &'static str,
    /// What it says when pointed at.
    pub title: String,
}

/// A dot that leads somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dot {
    /// Where it is.
    pub x: u32,
    /// How high.
    pub y: u32,
    /// What it is called, and where it leads.
    pub link: Link,
}

/// Where a drawing with axes begins at the top, under the name of its upright axis.
const TOP: u32 = 32;
/// Where it ends at the foot.
const FOOT: u32 = 236;
/// With the marks and the name of the lying axis beneath.
const HEIGHT: u32 = FOOT + 52;

/// A figure: the picture, what it is about, and its table.
#[derive(Debug, Clone, Default)]
pub struct Figure {
    /// Its name within the page.
    pub id: &'static str,
    /// What it shows.
    pub title: String,
    /// In what unit, and since when or of how many.
    pub unit: String,
    /// Where the figures come from.
    pub source: String,
    /// What stands along the foot, and what goes up.
    pub axes: [String; 2],
    /// What the colours mean: class and word.
    pub legend: Vec<(&'static str, String)>,
    /// The picture for each window, with its class.
    pub pictures: Vec<(&'static str, Picture)>,
    /// The heads of the table's columns.
    pub head: Vec<String>,
    /// Its rows: the first cell names the row.
    pub rows: Vec<Vec<Link>>,
}

/// Room on the left for the longest of these texts: a figure is at most 8 wide.
fn margin<'t>(texts: impl Iterator<Item = &'t String>) -> u32 {
    let longest = texts.map(|text| text.chars().count()).max().unwrap_or(0);
    20 + 8 * u32::try_from(longest).unwrap_or(24).min(24)
}
