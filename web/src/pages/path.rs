//! A record's way through the tree: a picture from its leaf to the root, drawn on the server.
//!
//! Promises: what it shows is in the table beside it too; geometry only, colours come from the style
//! sheet. Must never: be wider than a telephone.

/// The picture.
#[derive(Debug, Clone, Default)]
pub struct PathPicture {
    /// The whole height; the width is 320.
    pub height: u32,
    /// The levels, from the root down to the leaf's.
    pub levels: Vec<Level>,
    /// Where the leaf is.
    pub leaf: u32,
}

/// A node of the way, with the two that it is made of.
#[derive(Debug, Clone)]
pub struct Level {
    /// Where the node is.
    pub y: u32,
    /// Where its children are.
    pub below: u32,
    /// The middle of the child that is not on the way.
    pub beside: u32,
    /// The beginning of its hash.
    pub hash: String,
    /// Where the line is written that tells it.
    pub text: u32,
}

/// From one level to the next.
const STEP: u32 = 46;
/// Above the root and below the leaf.
const MARGIN: u32 = 26;

/// The picture of a way: for each step from the leaf, whether the other child is on the left, and its hash.
pub fn draw(steps: &[(bool, &str)]) -> PathPicture {
    let count = u32::try_from(steps.len()).unwrap_or(0);
    let levels = (0..count).zip(steps.iter().rev()).map(|(at, (left, hash))| {
        let y = MARGIN + at * STEP;
        let beside = if *left { 70 } else { 250 };
        Level { y, below: y + STEP, beside, hash: hash.chars().take(8).collect(), text: y + STEP + 18 }
    });
    let leaf = MARGIN + count * STEP;
    PathPicture { height: leaf + MARGIN, levels: levels.collect(), leaf }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_goes_from_the_leaf_at_the_foot_to_the_root_at_the_top() {
        let picture = draw(&[(true, "aabbccdd0011"), (false, "11223344")]);
        assert_eq!(picture.levels.len(), 2);
        assert_eq!(picture.levels[0].y, MARGIN, "the root");
        assert_eq!((picture.levels[0].beside, picture.levels[1].beside), (250, 70));
        assert_eq!(picture.levels[1].below, picture.leaf);
        assert_eq!(picture.levels[1].hash, "aabbccdd");
        let alone = draw(&[]);
        assert_eq!(
            (alone.leaf, alone.height),
            (MARGIN, 2 * MARGIN),
            "a log of one record: the leaf is the root"
        );
    }
}
