//! A Sankey picture: what flows from place to place, as bands as wide as what flows.
//!
//! Promises: at every place the bands that come in are together as high as the place, and so are those that go out,
//! to the unit of the picture; bands leave and arrive in the order of the places; no name runs into another, or into a
//! place. Must never: draw more out of a place than came into it.

use super::text;
use crate::pages::kit::Link;

/// A place.
#[derive(Debug, Clone)]
pub struct Place {
    /// In which column, from 0.
    pub column: u32,
    /// What it is called, and where it leads.
    pub link: Link,
    /// How much, written out.
    pub amount: String,
    /// The class of its colour.
    pub class: &'static str,
}

/// Something that flows from one place to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flow {
    /// From this place.
    pub from: usize,
    /// To this one, in a later column.
    pub to: usize,
    /// So much.
    pub amount: u64,
}

/// A place as drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Where it begins.
    pub x: u32,
    /// Where it begins at the top.
    pub y: u32,
    /// How high it is.
    pub height: u32,
    /// The class of its colour.
    pub class: &'static str,
    /// What it is called, and where it leads.
    pub link: Link,
    /// How much.
    pub amount: String,
    /// Its number, for a narrow window.
    pub number: usize,
    /// Where its words begin.
    pub text: u32,
    /// As much of its name as there is room for.
    pub words: String,
}

/// A band as drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Band {
    /// The data of an SVG path.
    pub path: String,
    /// The class of the place that it comes from.
    pub class: &'static str,
    /// From which place to which.
    pub title: String,
    /// The heights at both ends: they differ by the rounding of one line at most.
    pub heights: (u32, u32),
}

/// The picture.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sankey {
    /// Its width.
    pub width: u32,
    /// Its height.
    pub height: u32,
    /// True for a narrow window: places bear numbers, and their names stand in the table.
    pub numbered: bool,
    /// How thick a place is.
    pub thick: u32,
    /// The places.
    pub blocks: Vec<Block>,
    /// The bands.
    pub bands: Vec<Band>,
}

/// Between places above each other: so names beside low places have a line of their own.
const GAP: u32 = 18;

/// Above the first place and beneath the last: half a line.
const EDGE: u32 = 10;

/// The size of names, as the style sheet has it for plots.
const SIZE: u32 = 13;

/// Between a place and the words beside it.
const BESIDE: u32 = 8;

/// How much goes through each place: the more of what comes in and what goes out.
pub fn through(places: usize, flows: &[Flow]) -> Vec<u64> {
    let side = |at: usize, pick: fn(&Flow) -> usize| -> u64 {
        flows.iter().filter(|flow| pick(flow) == at).map(|flow| flow.amount).sum()
    };
    (0..places).map(|at| side(at, |flow| flow.from).max(side(at, |flow| flow.to))).collect()
}

/// Draws the places and what flows between them, as wide as this; nothing where nothing flows.
pub fn draw(places: &[Place], flows: &[Flow], width: u32) -> Option<Sankey> {
    let amounts = through(places.len(), flows);
    let columns = places.iter().map(|place| place.column).max()? + 1;
    let total = |column: u32| -> u64 {
        places
            .iter()
            .zip(&amounts)
            .filter(|(place, _)| place.column == column)
            .map(|(_, amount)| amount)
            .sum()
    };
    let most = (0..columns).map(total).max().filter(|most| *most > 0)?;
    let numbered = width < 500;
    let (thick, inner) = (if numbered { 26 } else { 14 }, 300_u32);
    // Sums are rounded, not parts: so parts never drift from their sum.
    let high =
        |sum: u64| u32::try_from(u128::from(sum) * u128::from(inner) / u128::from(most)).unwrap_or(inner);
    // Names stand to the right of their places, those of the last column in a margin of their own.
    let margin = if numbered { 0 } else { margin(places, &amounts, columns - 1, width / 5) };
    let step = if columns > 1 { (width - thick - margin) / (columns - 1) } else { 0 };
    let mut blocks = Vec::with_capacity(places.len());
    let mut sums = vec![(0_u64, 0_u32); usize::try_from(columns).ok()?];
    for (at, place) in places.iter().enumerate() {
        let (sum, count) = sums.get_mut(usize::try_from(place.column).ok()?)?;
        let amount = amounts[at];
        let (from, to) = (high(*sum), high(*sum + amount));
        let y = EDGE + from + *count * GAP;
        if amount > 0 {
            *sum += amount;
            *count += 1;
        }
        let x = place.column * step;
        let last = place.column + 1 == columns;
        let text = x + thick + BESIDE;
        let room = if last { width.saturating_sub(text) } else { step.saturating_sub(thick + 2 * BESIDE) };
        blocks.push(Block {
            x,
            y,
            // What is more than nothing is seen.
            height: (to - from).max(u32::from(amount > 0)),
            class: place.class,
            link: place.link.clone(),
            amount: place.amount.clone(),
            number: at + 1,
            text,
            words: text::fit(&place.link.text, room, SIZE),
        });
    }
    let mut ordered: Vec<&Flow> = flows.iter().filter(|flow| flow.amount > 0).collect();
    ordered.sort_by_key(|flow| (flow.from, flow.to));
    let mut out = vec![0_u64; places.len()];
    let mut into = vec![0_u64; places.len()];
    let mut bands = Vec::with_capacity(ordered.len());
    for flow in ordered {
        let (from, to) = (blocks.get(flow.from)?, blocks.get(flow.to)?);
        // Within its place a band lies between rounded sums as well, so that all together fill the place.
        let lie = |block: &Block, sum: u64, whole: u64| {
            let part = |sum: u64| {
                let part = u128::from(sum) * u128::from(block.height) / u128::from(whole.max(1));
                block.y + u32::try_from(part).unwrap_or(block.height)
            };
            (part(sum), part(sum + flow.amount))
        };
        let (a, b) = lie(from, out[flow.from], amounts[flow.from]);
        let (c, d) = lie(to, into[flow.to], amounts[flow.to]);
        out[flow.from] += flow.amount;
        into[flow.to] += flow.amount;
        let (x1, x2) = (from.x + thick, to.x);
        let half = x1 + x2.saturating_sub(x1) / 2;
        // What is more than nothing is seen.
        let (b, d) = (b.max(a + 1), d.max(c + 1));
        bands.push(Band {
            path: format!("M{x1} {a}C{half} {a} {half} {c} {x2} {c}V{d}C{half} {d} {half} {b} {x1} {b}Z"),
            class: from.class,
            title: format!("{} → {}", from.link.text, to.link.text),
            heights: (b - a, d - c),
        });
    }
    blocks.retain(|block| block.height > 0);
    let height = blocks.iter().map(|block| block.y + block.height).max()? + EDGE;
    Some(Sankey { width, height, numbered, thick, blocks, bands })
}

/// Room on the right for the names of the last column.
fn margin(places: &[Place], amounts: &[u64], last: u32, most: u32) -> u32 {
    let seen = places.iter().zip(amounts).filter(|(place, amount)| place.column == last && **amount > 0);
    let longest = seen.map(|(place, _)| text::width(&place.link.text, SIZE)).max().unwrap_or(0);
    (longest + BESIDE).min(most)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;
    use proptest::prelude::*;

    fn place(column: u32) -> Place {
        Place { column, link: Link::new(format!("p{column}"), ""), amount: String::new(), class: "a" }
    }

    #[test]
    fn nothing_flows_nothing_is_drawn() {
        assert!(draw(&[], &[], 880).is_none());
        assert!(draw(&[place(0), place(1)], &[], 880).is_none());
    }

    #[test]
    fn a_small_flow_beside_a_great_one_is_seen() {
        let flows = [Flow { from: 0, to: 1, amount: 1_000_000 }, Flow { from: 0, to: 2, amount: 1 }];
        let picture = draw(&[place(0), place(1), place(1)], &flows, 880).unwrap();
        assert!(picture.bands.iter().all(|band| band.heights.0 >= 1 && band.heights.1 >= 1));
    }

    proptest! {
        /// A source, several places between, and for each what it gives on: the bands fill each place on both sides.
        #[test]
        fn bands_fill_the_places_that_they_leave_and_reach(
            parts in proptest::collection::vec((1_u64..1_000_000, 0_u64..=100), 1..9),
            width in prop::sample::select(vec![320_u32, 880]),
        ) {
            let mut places = vec![place(0)];
            places.extend(parts.iter().map(|_| place(1)));
            places.extend([place(2), place(2)]);
            let (used, left) = (parts.len() + 1, parts.len() + 2);
            let mut flows = Vec::new();
            for (at, (amount, percent)) in parts.iter().enumerate() {
                flows.push(Flow { from: 0, to: at + 1, amount: *amount });
                flows.push(Flow { from: at + 1, to: used, amount: amount * percent / 100 });
                flows.push(Flow { from: at + 1, to: left, amount: amount - amount * percent / 100 });
            }
            let amounts = through(places.len(), &flows);
            let sum: u64 = parts.iter().map(|(amount, _)| *amount).sum();
            prop_assert_eq!(amounts[0], sum);
            prop_assert_eq!(amounts[used] + amounts[left], sum, "what came in went out");
            let picture = draw(&places, &flows, width).unwrap();
            let source = &picture.blocks[0];
            let out: u32 = picture.bands.iter().take(parts.len()).map(|band| band.heights.0).sum();
            // Each band that is too small to be seen is drawn a line high.
            prop_assert!(out.abs_diff(source.height) <= u32::try_from(parts.len()).unwrap(), "{out} {}", source.height);
            for block in &picture.blocks {
                prop_assert!(block.y + block.height <= picture.height, "{block:?}");
                prop_assert!(block.x + picture.thick <= width);
            }
            let mut columns: Vec<&Block> = picture.blocks.iter().collect();
            columns.sort_by_key(|block| (block.x, block.y));
            prop_assert!(columns.windows(2).all(|pair| pair[0].x != pair[1].x || pair[0].y + pair[0].height < pair[1].y));
        }

        /// Names of any length, in any script, beside places of any height.
        #[test]
        fn no_name_runs_into_another_or_into_a_place(
            names in proptest::collection::vec("(关键技术攻关与产业化专项|[A-Za-z ]{1,60}|[一-龥]{1,40}|M{30})", 3..14),
            amounts in proptest::collection::vec(1_u64..1_000_000, 14),
            left in 0_u64..1_000_000,
        ) {
            let named = |column: u32, name: &str| Place { link: Link::new(name, ""), ..place(column) };
            let mut places = vec![named(0, &names[0]), named(0, &names[1]), named(1, &names[2])];
            let tasks = names.len() - 2;
            places.extend(names[2..].iter().map(|name| named(2, name)));
            let last = places.len();
            places.extend(names[..3].iter().map(|name| named(3, name)));
            let mut flows = vec![Flow { from: 0, to: 2, amount: amounts[..tasks].iter().sum::<u64>() + left }];
            for (at, amount) in amounts.iter().take(tasks).enumerate() {
                flows.push(Flow { from: 2, to: 3 + at, amount: *amount });
                flows.push(Flow { from: 1, to: 3 + at, amount: amount / 7 });
                flows.push(Flow { from: 3 + at, to: last + at % 2, amount: amount + amount / 7 });
            }
            flows.push(Flow { from: 2, to: last + 2, amount: left });
            let picture = draw(&places, &flows, 880).unwrap();
            let boxes: Vec<[u32; 4]> = picture.blocks.iter().map(|block| {
                let middle = block.y + block.height / 2;
                [block.text, middle.saturating_sub(8), block.text + text::width(&block.words, SIZE), middle + 8]
            }).collect();
            let rects = picture.blocks.iter().map(|b| [b.x, b.y, b.x + picture.thick, b.y + b.height]);
            let all: Vec<[u32; 4]> = boxes.iter().copied().chain(rects).collect();
            for (at, one) in boxes.iter().enumerate() {
                prop_assert!(one[2] <= picture.width && one[3] <= picture.height, "{one:?} leaves the picture");
                for other in &all[at + 1..] {
                    let apart = one[2] <= other[0] || other[2] <= one[0] || one[3] <= other[1] || other[3] <= one[1];
                    prop_assert!(apart, "{one:?} and {other:?}");
                }
            }
        }
    }
}
