//! The tree as it must be, grown from stretches of leaves and compared with the tiles that are stored.
//!
//! Promises: keeps the right edge only. Must never: take a stored hash for granted.

use ledger::Hash;
use ledger::tile;
use ledger::tree::{Nodes, Range, node_hash, range_root, root_of};
use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait};

use super::fault::{AuditFault, first_difference};
use crate::books::log::load_tiles;
use crate::books::tables::tile as tiles;

/// A stretch begins at a multiple of 2^12 leaves.
const HEIGHT: u8 = 12;
/// Leaves of a whole stretch.
pub(super) const STRETCH: u64 = 1 << HEIGHT;
/// The level of nodes that the tiles of level 1 hold.
const TILE_ROOTS: u8 = 8;
/// Bytes of a hash.
const HASH: usize = 32;
/// Bytes of a full tile.
const FULL: usize = 256 * HASH;

/// The leaves of a stretch, and every whole node above them.
#[derive(Default)]
pub(super) struct Subtree {
    from: u64,
    levels: Vec<Vec<Hash>>,
}

impl Subtree {
    /// Over leaves that begin at place `from`.
    pub(super) fn over(from: u64, leaves: Vec<Hash>) -> Self {
        let mut levels = vec![leaves];
        for _ in 0..HEIGHT {
            let below = levels.last().map(Vec::as_slice).unwrap_or_default();
            let (pairs, _) = below.as_chunks::<2>();
            levels.push(pairs.iter().map(|[left, right]| node_hash(left, right)).collect());
        }
        Self { from, levels }
    }

    /// The place after its last leaf.
    fn end(&self) -> u64 {
        self.from + self.levels.first().map_or(0, |leaves| leaves.len() as u64)
    }

    fn node(&self, level: u8, index: u64) -> Option<Hash> {
        let within = index.checked_sub(self.from >> level)?;
        self.levels.get(usize::from(level))?.get(usize::try_from(within).ok()?).copied()
    }
}

/// The tree so far: its right edge, and the tiles above level 0 that are not full yet.
#[derive(Default)]
pub(super) struct Tree {
    /// Roots of whole subtrees before the newest stretch, by level and index, largest first.
    peaks: Vec<(u8, u64, Hash)>,
    newest: Subtree,
    /// The growing tile of each level from 1 on.
    growing: Vec<Vec<u8>>,
    /// How many tiles of that level are full.
    full: Vec<u64>,
    /// Full tiles that are still to be compared: level, index, hashes.
    made: Vec<(u8, u64, Vec<u8>)>,
}

impl Tree {
    /// Adds the next stretch; only the last may be shorter than the others.
    pub(super) fn grow(&mut self, stretch: Subtree) {
        let before = std::mem::replace(&mut self.newest, stretch);
        if let Some(top) = before.node(HEIGHT, before.from >> HEIGHT) {
            self.push_peak(HEIGHT, before.from >> HEIGHT, top);
        }
        for root in self.newest.levels.get(usize::from(TILE_ROOTS)).cloned().unwrap_or_default() {
            self.push_hash(0, &root);
        }
    }

    fn push_peak(&mut self, level: u8, index: u64, hash: Hash) {
        match self.peaks.pop() {
            Some((other, sibling, left)) if other == level && sibling + 1 == index && index % 2 == 1 => {
                self.push_peak(level + 1, index / 2, node_hash(&left, &hash));
            }
            Some(other) => self.peaks.extend([other, (level, index, hash)]),
            None => self.peaks.push((level, index, hash)),
        }
    }

    /// Adds a hash to the growing tile of level `above + 1`.
    fn push_hash(&mut self, above: u8, hash: &Hash) {
        let slot = usize::from(above);
        if self.growing.len() == slot {
            self.growing.push(Vec::with_capacity(FULL));
            self.full.push(0);
        }
        let (Some(growing), Some(full)) = (self.growing.get_mut(slot), self.full.get_mut(slot)) else {
            return;
        };
        growing.extend_from_slice(hash);
        if growing.len() == FULL {
            let root = root_of(growing.as_chunks().0);
            self.made.push((above + 1, *full, std::mem::take(growing)));
            *full += 1;
            self.push_hash(above + 1, &root);
        }
    }

    /// Leaves so far.
    pub(super) fn size(&self) -> u64 {
        self.newest.end()
    }

    /// The root over the first `size` leaves, which must end within the newest stretch.
    pub(super) fn root_at(&self, size: u64) -> Result<Hash, AuditFault> {
        range_root(Range { start: 0, end: size }, self).map_err(AuditFault::new)
    }

    /// Compares the stored tiles above level 0 with those that have got full; at the end, all of them.
    pub(super) async fn compare(&mut self, db: &impl ConnectionTrait, end: bool) -> Result<(), AuditFault> {
        let mut made = std::mem::take(&mut self.made);
        if end {
            for ((level, growing), full) in (1_u8..).zip(&self.growing).zip(&self.full) {
                if !growing.is_empty() {
                    made.push((level, *full, growing.clone()));
                }
            }
        }
        let named: Vec<(u8, u64)> = made.iter().map(|(level, index, _)| (*level, *index)).collect();
        let stored = load_tiles(db, &named).await?;
        for (level, index, hashes) in made {
            let there = stored.get(&(level, index)).map(Vec::as_slice).unwrap_or_default();
            if let Some(byte) = first_difference(there, &hashes) {
                let what =
                    format_args!("tile {index} of level {level} does not hold the hashes of its records");
                return Err(AuditFault::new(what).in_table("tile", "hashes").on_byte(Some(byte)));
            }
        }
        Ok(())
    }

    /// There must be no tile and no hash more than the leaves call for.
    pub(super) async fn compare_shape(&self, db: &impl ConnectionTrait) -> Result<(), AuditFault> {
        let levels = tile::level_tiles(self.size());
        let wanted: u64 = levels.iter().map(|level| level.full + u64::from(level.partial > 0)).sum();
        let there = tiles::Entity::find().count(db).await?;
        if there != wanted {
            let what = format_args!("there are {there} tiles, but the log has {wanted}");
            return Err(AuditFault::new(what).in_table("tile", "idx"));
        }
        let last: Vec<(u8, u64)> =
            levels.iter().filter_map(|level| Some((level.level, last_of(level)?))).collect();
        let stored = load_tiles(db, &last).await?;
        for level in &levels {
            let width = if level.partial > 0 { usize::from(level.partial) * HASH } else { FULL };
            let found =
                last_of(level).and_then(|index| stored.get(&(level.level, index))).map_or(0, Vec::len);
            if found != width {
                let what = format_args!("the last tile of level {} has {found} bytes", level.level);
                return Err(AuditFault::new(what).in_table("tile", "hashes").on_byte(Some(found.min(width))));
            }
        }
        Ok(())
    }
}

impl Nodes for Tree {
    fn node(&self, level: u8, index: u64) -> Option<Hash> {
        let peak = self.peaks.iter().find(|(at, place, _)| (*at, *place) == (level, index));
        peak.map(|(_, _, hash)| *hash).or_else(|| self.newest.node(level, index)).or_else(|| {
            // The newest stretch may complete a larger subtree.
            let (left, right) = (index.checked_mul(2)?, index.checked_mul(2)?.checked_add(1)?);
            let below = level.checked_sub(1).filter(|below| *below >= HEIGHT)?;
            Some(node_hash(&self.node(below, left)?, &self.node(below, right)?))
        })
    }
}

/// The index of a level's last tile.
fn last_of(level: &tile::LevelTiles) -> Option<u64> {
    if level.partial > 0 { Some(level.full) } else { level.full.checked_sub(1) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use ledger::Frontier;

    use super::*;

    #[test]
    fn a_tree_grown_from_stretches_has_the_root_of_its_leaves_at_every_size() {
        let leaf = |place: u64| ledger::leaf_hash(&place.to_be_bytes());
        let (mut tree, mut frontier) = (Tree::default(), Frontier::new());
        let total = 3 * STRETCH + 700;
        for from in (0..total).step_by(usize::try_from(STRETCH).unwrap()) {
            let to = total.min(from + STRETCH);
            tree.grow(Subtree::over(from, (from..to).map(leaf).collect()));
            for place in from..to {
                frontier.append(leaf(place));
                if place % 97 == 0 || place + 1 == to {
                    assert_eq!(tree.root_at(place + 1).unwrap(), frontier.root(), "{place}");
                }
            }
        }
        assert_eq!(tree.size(), total);
        let full = usize::try_from(total / tile::TILE_WIDTH).unwrap();
        assert_eq!(tree.growing[0].len(), full * HASH, "one hash for each full tile below");
    }
}
