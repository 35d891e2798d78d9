//! Tiles: the tree cut into files of 256 hashes, as C2SP tlog-tiles defines them.
//!
//! Promises: a hash of level L is the root of a full tile of level L-1; every function names the
//! tiles that it needs, so that a database loads exactly those; [`append`] returns the whole new
//! contents of each tile that it touched. Must never keep or fetch a tile itself.

mod bundle;
pub mod follow;
mod path;

use crate::tree::{
    Frontier, Hash, MAX_SIZE, Nodes, Range, TreeError, consistency_ranges, cover_ranges, inclusion_ranges,
    nodes_of, prove, range_root, root_of,
};
pub use bundle::{BundleError, decode_entries, encode_entries, first_entries};
pub use path::{PathError, TileKind, TilePath, entries_path, tile_path};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Hashes in a full tile.
pub const TILE_WIDTH: u64 = 256;
/// Bytes of one hash within a tile.
const HASH_LEN: usize = 32;
/// Bytes of a full tile.
const FULL_TILE_LEN: usize = 256 * HASH_LEN;

/// Where tiles come from: the bytes of a tile's hashes, as many as it has.
pub trait Tiles {
    /// The tile `index` of `level`, partial or full.
    fn tile(&self, level: u8, index: u64) -> Option<&[u8]>;
}

impl Tiles for BTreeMap<(u8, u64), Vec<u8>> {
    fn tile(&self, level: u8, index: u64) -> Option<&[u8]> {
        self.get(&(level, index)).map(Vec::as_slice)
    }
}

impl Tiles for HashMap<(u8, u64), Vec<u8>> {
    fn tile(&self, level: u8, index: u64) -> Option<&[u8]> {
        self.get(&(level, index)).map(Vec::as_slice)
    }
}

/// Why tiles don't give what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    /// A tile that is needed is missing, or shorter than the size says.
    #[error("tile {index} of level {level} is missing or too short")]
    Missing {
        /// The tile's level.
        level: u8,
        /// The tile's index.
        index: u64,
    },
    /// A leaf or size beyond the tree.
    #[error("{at} lies outside a tree of {size} leaves")]
    OutOfRange {
        /// The leaf index or size that was asked for.
        at: u64,
        /// The tree's size.
        size: u64,
    },
}

impl From<TreeError> for TileError {
    fn from(error: TreeError) -> Self {
        match error {
            TreeError::OutOfRange { at, size } => Self::OutOfRange { at, size },
            TreeError::Missing { level, index } => {
                let (level, index) = tile_of(level, index);
                Self::Missing { level, index }
            }
        }
    }
}

/// How many tiles a level has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LevelTiles {
    /// The level, from 0.
    pub level: u8,
    /// Full tiles.
    pub full: u64,
    /// Hashes in the last, partial tile; zero if there is none.
    pub partial: u16,
}

/// The tiles of a tree of `size` leaves, level by level; none for an empty tree.
#[must_use]
pub fn level_tiles(size: u64) -> Vec<LevelTiles> {
    let levels = (0_u8..8).map(|level| (level, size >> (8 * u32::from(level))));
    levels
        .take_while(|(_, hashes)| *hashes > 0)
        .map(|(level, hashes)| LevelTiles {
            level,
            full: hashes / TILE_WIDTH,
            partial: partial_width(hashes),
        })
        .collect()
}

/// The tiles [`append`] wants to see: the last, partial tile of each level.
#[must_use]
pub fn tiles_needed_for_append(size: u64) -> Vec<(u8, u64)> {
    let levels = level_tiles(size).into_iter();
    levels.filter(|tiles| tiles.partial > 0).map(|tiles| (tiles.level, tiles.full)).collect()
}

/// The tiles [`inclusion_proof`] wants to see.
///
/// # Errors
/// [`TileError::OutOfRange`] unless `index < size`.
pub fn tiles_needed_for_inclusion(index: u64, size: u64) -> Result<Vec<(u8, u64)>, TileError> {
    Ok(tiles_of(&inclusion_ranges(index, size)?))
}

/// The tiles [`consistency_proof`] wants to see.
///
/// # Errors
/// [`TileError::OutOfRange`] unless `old <= new`.
pub fn tiles_needed_for_consistency(old: u64, new: u64) -> Result<Vec<(u8, u64)>, TileError> {
    Ok(tiles_of(&consistency_ranges(old, new)?))
}

/// The tiles [`cover_proof`] wants to see.
///
/// # Errors
/// [`TileError::OutOfRange`] unless the places ascend, there is at least one, and all are below `size`.
pub fn tiles_needed_for_cover(places: &[u64], size: u64) -> Result<Vec<(u8, u64)>, TileError> {
    Ok(tiles_of(&cover_ranges(places, size)?))
}

/// The one proof of the leaves at `places` in the tree of `size` leaves, see
/// [`crate::tree::verify_cover`].
///
/// # Errors
/// [`TileError::OutOfRange`] as above, or [`TileError::Missing`].
pub fn cover_proof(places: &[u64], size: u64, tiles: &impl Tiles) -> Result<Vec<Hash>, TileError> {
    Ok(prove(&cover_ranges(places, size)?, &TileNodes(tiles))?)
}

/// The inclusion proof of leaf `index` in the tree of `size` leaves.
///
/// # Errors
/// [`TileError::OutOfRange`] unless `index < size`, or [`TileError::Missing`].
pub fn inclusion_proof(index: u64, size: u64, tiles: &impl Tiles) -> Result<Vec<Hash>, TileError> {
    Ok(prove(&inclusion_ranges(index, size)?, &TileNodes(tiles))?)
}

/// The proof that the tree of `new` leaves extends the tree of `old` leaves.
///
/// # Errors
/// [`TileError::OutOfRange`] unless `old <= new`, or [`TileError::Missing`].
pub fn consistency_proof(old: u64, new: u64, tiles: &impl Tiles) -> Result<Vec<Hash>, TileError> {
    Ok(prove(&consistency_ranges(old, new)?, &TileNodes(tiles))?)
}

/// The root of the tree of `size` leaves, from the tiles of [`tiles_needed_for_append`].
///
/// # Errors
/// [`TileError::Missing`].
pub fn root(size: u64, tiles: &impl Tiles) -> Result<Hash, TileError> {
    Ok(range_root(Range { start: 0, end: size }, &TileNodes(tiles))?)
}

/// The frontier of the tree of `size` leaves, from the tiles of [`tiles_needed_for_append`].
///
/// # Errors
/// [`TileError::Missing`].
pub fn frontier(size: u64, tiles: &impl Tiles) -> Result<Frontier, TileError> {
    Ok(Frontier::load(size, &TileNodes(tiles))?)
}

/// What [`append`] made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    /// Leaves in the tree now.
    pub new_size: u64,
    /// Its root.
    pub root: Hash,
    /// Level, index and whole new contents of each tile that is new or longer, by level and index.
    pub tiles: Vec<(u8, u64, Vec<u8>)>,
}

/// Appends leaf hashes to the tree of `size` leaves, whose tiles of [`tiles_needed_for_append`] are
/// `existing`.
///
/// # Errors
/// [`TileError::Missing`], or [`TileError::OutOfRange`] above the largest size.
pub fn append(size: u64, existing: &impl Tiles, new_leaf_hashes: &[Hash]) -> Result<Appended, TileError> {
    let new_size = size.saturating_add(new_leaf_hashes.len() as u64);
    if new_size > MAX_SIZE {
        return Err(TileError::OutOfRange { at: new_size, size: MAX_SIZE });
    }
    let mut touched = BTreeMap::new();
    let mut hashes = new_leaf_hashes.to_vec();
    let mut level = 0;
    while !hashes.is_empty() {
        hashes = extend_level(level, size >> (8 * u32::from(level)), existing, &hashes, &mut touched)?;
        level += 1;
    }
    let root = root(new_size, &Overlay { touched: &touched, existing })?;
    let tiles = touched.into_iter().map(|((level, index), bytes)| (level, index, bytes)).collect();
    Ok(Appended { new_size, root, tiles })
}

/// Adds `hashes` after the first `count` of a level; returns the roots of the tiles that got full.
fn extend_level(
    level: u8,
    count: u64,
    existing: &impl Tiles,
    hashes: &[Hash],
    touched: &mut BTreeMap<(u8, u64), Vec<u8>>,
) -> Result<Vec<Hash>, TileError> {
    let mut index = count / TILE_WIDTH;
    let partial = usize::from(partial_width(count)) * HASH_LEN;
    let mut tile = if partial == 0 {
        Vec::new()
    } else {
        let stored = existing.tile(level, index).and_then(|bytes| bytes.get(..partial));
        stored.ok_or(TileError::Missing { level, index })?.to_vec()
    };
    let mut roots = Vec::new();
    for hash in hashes {
        tile.extend_from_slice(hash);
        if tile.len() == FULL_TILE_LEN {
            roots.push(root_of(as_hashes(&tile)));
            touched.insert((level, index), std::mem::take(&mut tile));
            index += 1;
        }
    }
    if !tile.is_empty() {
        touched.insert((level, index), tile);
    }
    Ok(roots)
}

/// Tiles that were just made in front of those that were there.
struct Overlay<'a, T> {
    touched: &'a BTreeMap<(u8, u64), Vec<u8>>,
    existing: &'a T,
}

impl<T: Tiles> Tiles for Overlay<'_, T> {
    fn tile(&self, level: u8, index: u64) -> Option<&[u8]> {
        self.touched.tile(level, index).or_else(|| self.existing.tile(level, index))
    }
}

/// Subtrees looked up in tiles: a node is the root of `2^(level mod 8)` hashes of one tile.
struct TileNodes<'a, T>(&'a T);

impl<T: Tiles> Nodes for TileNodes<'_, T> {
    fn node(&self, level: u8, index: u64) -> Option<Hash> {
        let (tile_level, tile_index) = tile_of(level, index);
        let width = 1_usize << (level % 8);
        let place = usize::try_from(index % (TILE_WIDTH >> (level % 8))).ok()?;
        let hashes = as_hashes(self.0.tile(tile_level, tile_index)?);
        hashes.get(place * width..(place + 1) * width).map(root_of)
    }
}

/// The tile that a node's hashes are in.
const fn tile_of(level: u8, index: u64) -> (u8, u64) {
    (level / 8, index >> (8 - level % 8))
}

fn tiles_of(ranges: &[Range]) -> Vec<(u8, u64)> {
    let nodes = ranges.iter().flat_map(|range| nodes_of(*range));
    let tiles: BTreeSet<_> = nodes.map(|(level, index)| tile_of(level, index)).collect();
    tiles.into_iter().collect()
}

fn as_hashes(tile: &[u8]) -> &[Hash] {
    tile.as_chunks().0
}

fn partial_width(hashes: u64) -> u16 {
    u16::from(hashes.to_le_bytes()[0])
}
