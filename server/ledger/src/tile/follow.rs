//! Following a log from its files: every record against its hash, every tile against the one below.
//!
//! Promises: takes the files in the order of [`files`], keeps one tile of each level, and when the last one
//! was taken [`Follower::root`] is the root over the very records that were seen. Must never: take a hash
//! for granted that doesn't follow from a record.

use super::{
    BundleError, FULL_TILE_LEN, HASH_LEN, TILE_WIDTH, TileError, TileKind, TilePath, as_hashes,
    decode_entries, level_tiles, root,
};
use crate::tree::{Hash, leaf_hash, root_of};
use std::collections::BTreeMap;

/// A file that isn't what it must be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FollowFault {
    /// The bytes of an entry bundle are none.
    #[error("{path}: {error}")]
    Bundle {
        /// The bundle.
        path: TilePath,
        /// What is wrong with it.
        error: BundleError,
    },
    /// Too many or too few records or hashes.
    #[error("{path} holds {found}")]
    Count {
        /// The file.
        path: TilePath,
        /// How many it holds; whole ones.
        found: usize,
    },
    /// A tile's hash isn't the one of the record below it.
    #[error(
        "record {index} (byte {offset} of {bundle}) does not have the hash that stands at byte {at} of {path}"
    )]
    Leaf {
        /// The record's place.
        index: u64,
        /// Where it starts in its bundle.
        offset: usize,
        /// The bundle.
        bundle: TilePath,
        /// The tile.
        path: TilePath,
        /// Where the hash starts.
        at: usize,
    },
    /// A tile's hash isn't the one of the tile below it.
    #[error("byte {at} of {path}: this is not the hash of {below}")]
    Node {
        /// The tile.
        path: TilePath,
        /// Where the hash starts.
        at: usize,
        /// The tile that it must be the root of.
        below: TilePath,
    },
    /// Files are still to come.
    #[error(transparent)]
    Tree(#[from] TileError),
}

/// One record of a bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Where its bytes start in the bundle.
    pub offset: usize,
    /// Its bytes.
    pub record: &'a [u8],
    /// Their leaf hash.
    pub hash: Hash,
}

/// Reads a bundle, which must hold exactly as many records as its path says.
///
/// # Errors
/// [`FollowFault::Bundle`] or [`FollowFault::Count`].
pub fn entries<'a>(path: TilePath, bundle: &'a [u8]) -> Result<Vec<Entry<'a>>, FollowFault> {
    let records = decode_entries(bundle).map_err(|error| FollowFault::Bundle { path, error })?;
    if records.len() != usize::from(path.width) {
        return Err(FollowFault::Count { path, found: records.len() });
    }
    let mut end = 0;
    let entry = |record: &'a [u8]| {
        let offset = end + 2;
        end = offset + record.len();
        Entry { offset, record, hash: leaf_hash(record) }
    };
    Ok(records.into_iter().map(entry).collect())
}

/// Every file of a tree of `size` leaves: each bundle, then its tile, then the tiles above that get full by
/// it; at the end the partial tiles above.
pub fn files(size: u64) -> impl Iterator<Item = TilePath> + Send {
    let bundles = (0..size.div_ceil(TILE_WIDTH)).flat_map(move |index| {
        let width = u16::try_from((size - index * TILE_WIDTH).min(TILE_WIDTH)).unwrap_or(0);
        let bundle = TilePath { kind: TileKind::Entries, index, width };
        let tile = TilePath { kind: TileKind::Hashes(0), index, width };
        let above = (1_u8..8).map_while(move |level| {
            let done = index + 1;
            let span = 8 * u32::from(level);
            let is_full = u64::from(width) == TILE_WIDTH && done.trailing_zeros() >= span;
            let index = (done >> span).saturating_sub(1);
            is_full.then_some(TilePath { kind: TileKind::Hashes(level), index, width: 256 })
        });
        [bundle, tile].into_iter().chain(above)
    });
    let edge = level_tiles(size).into_iter().filter(|tiles| tiles.level > 0 && tiles.partial > 0);
    bundles.chain(edge.map(|tiles| TilePath {
        kind: TileKind::Hashes(tiles.level),
        index: tiles.full,
        width: tiles.partial,
    }))
}

/// What has been seen of a log.
#[derive(Clone, Debug)]
pub struct Follower {
    size: u64,
    /// For each level the hashes of its last tile, as they follow from the records.
    levels: Vec<Vec<u8>>,
    /// Where the records of the newest bundle start.
    offsets: Vec<usize>,
}

impl Follower {
    /// Before the first file of a log of `size` records.
    #[must_use]
    pub const fn new(size: u64) -> Self {
        Self { size, levels: Vec::new(), offsets: Vec::new() }
    }

    /// Takes the next bundle: where its records start, and their hashes.
    pub fn take_entries(&mut self, records: impl IntoIterator<Item = (usize, Hash)>) {
        let (offsets, hashes): (Vec<_>, Vec<_>) = records.into_iter().unzip();
        self.offsets = offsets;
        *self.level(0) = hashes.concat();
    }

    /// Takes the next tile of hashes.
    ///
    /// # Errors
    /// The first hash that doesn't follow from the records.
    pub fn take_tile(&mut self, path: TilePath, tile: &[u8]) -> Result<(), FollowFault> {
        let TileKind::Hashes(level) = path.kind else {
            return Err(FollowFault::Count { path, found: 0 });
        };
        let width = usize::from(path.width) * HASH_LEN;
        let made = std::mem::take(self.level(usize::from(level)));
        if tile.len() != width || made.len() != width {
            return Err(FollowFault::Count { path, found: tile.len() / HASH_LEN });
        }
        let differs = as_hashes(&made).iter().zip(as_hashes(tile)).position(|(made, there)| made != there);
        if let Some(place) = differs {
            return Err(self.fault(path, place));
        }
        if tile.len() == FULL_TILE_LEN {
            let above = root_of(as_hashes(tile));
            self.level(usize::from(level) + 1).extend_from_slice(&above);
        } else {
            *self.level(usize::from(level)) = made;
        }
        Ok(())
    }

    /// The root over all records, once every file was taken.
    ///
    /// # Errors
    /// [`FollowFault::Tree`] when files are still to come.
    pub fn root(&self) -> Result<Hash, FollowFault> {
        let edge = level_tiles(self.size).into_iter().zip(&self.levels);
        let tiles: BTreeMap<_, _> =
            edge.map(|(tiles, hashes)| ((tiles.level, tiles.full), hashes.clone())).collect();
        Ok(root(self.size, &tiles)?)
    }

    fn level(&mut self, level: usize) -> &mut Vec<u8> {
        while self.levels.len() <= level {
            self.levels.push(Vec::new());
        }
        &mut self.levels[level]
    }

    fn fault(&self, path: TilePath, place: usize) -> FollowFault {
        let (at, index) = (place * HASH_LEN, path.index * TILE_WIDTH + place as u64);
        match path.kind {
            TileKind::Hashes(level) if level > 0 => {
                let below = TilePath { kind: TileKind::Hashes(level - 1), index, width: 256 };
                FollowFault::Node { path, at, below }
            }
            _ => FollowFault::Leaf {
                index,
                offset: self.offsets.get(place).copied().unwrap_or_default(),
                bundle: TilePath { kind: TileKind::Entries, ..path },
                path,
                at,
            },
        }
    }
}
