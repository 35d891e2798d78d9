//! The tree as it must be, grown from the leaves and compared with the tiles that are stored.
//!
//! Promises: keeps the right edge only. Must never: take a stored hash for granted.

use std::collections::BTreeMap;

use ledger::tile::{self, TILE_WIDTH};
use ledger::{Frontier, Hash};
use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait};

use super::AuditFault;
use crate::books::log::{LoadedTiles, load_tiles};
use crate::books::tables::tile as tiles;

/// Bytes of one hash.
const HASH_LEN: u64 = 32;

/// The leaves so far.
#[derive(Default)]
pub(super) struct Tree {
    frontier: Frontier,
    /// How many leaves the stored tiles were compared for.
    compared: u64,
    /// The last, partial tile of each level at that size.
    edge: LoadedTiles,
}

impl Tree {
    /// Adds a leaf.
    pub(super) fn grow(&mut self, leaf: Hash) {
        self.frontier.append(leaf);
    }

    /// Leaves so far.
    pub(super) fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// Whether there are so many leaves, counted as the database counts.
    pub(super) fn has(&self, size: i64) -> bool {
        u64::try_from(size) == Ok(self.size())
    }

    /// The root over them.
    pub(super) fn root(&self) -> Hash {
        self.frontier.root()
    }

    /// Compares the stored tiles with those that the newest leaves make.
    pub(super) async fn compare(
        &mut self,
        db: &impl ConnectionTrait,
        new: &[Hash],
    ) -> Result<(), AuditFault> {
        let appended = tile::append(self.compared, &self.edge, new).map_err(AuditFault::new)?;
        let named: Vec<(u8, u64)> = appended.tiles.iter().map(|(level, index, _)| (*level, *index)).collect();
        let stored = load_tiles(db, &named).await?;
        let made: BTreeMap<_, _> =
            appended.tiles.into_iter().map(|(level, index, hashes)| ((level, index), hashes)).collect();
        for ((level, index), hashes) in &made {
            let there = stored.get(&(*level, *index)).map(Vec::as_slice).unwrap_or_default();
            // What is stored may have grown further: the rest is compared when its leaves come.
            if !there.starts_with(hashes) {
                return Err(AuditFault::new(format_args!(
                    "tile {index} of level {level} does not hold the hashes of its records"
                )));
            }
        }
        self.compared = appended.new_size;
        let mut known = std::mem::take(&mut self.edge);
        known.extend(made);
        let edge = tile::tiles_needed_for_append(self.compared);
        self.edge = edge.into_iter().filter_map(|name| Some((name, known.remove(&name)?))).collect();
        Ok(())
    }

    /// There must be no hash and no tile more than the leaves call for.
    pub(super) async fn compare_shape(&self, db: &impl ConnectionTrait) -> Result<(), AuditFault> {
        let levels = tile::level_tiles(self.size());
        let wanted: u64 = levels.iter().map(|level| level.full + u64::from(level.partial > 0)).sum();
        let there = tiles::Entity::find().count(db).await?;
        if there != wanted {
            return Err(AuditFault::new(format_args!("there are {there} tiles, but the log has {wanted}")));
        }
        let last: Vec<(u8, u64)> =
            levels.iter().filter_map(|level| Some((level.level, last_of(level)?))).collect();
        let stored = load_tiles(db, &last).await?;
        for level in &levels {
            let width = if level.partial > 0 { u64::from(level.partial) } else { TILE_WIDTH };
            let found =
                last_of(level).and_then(|index| stored.get(&(level.level, index))).map_or(0, Vec::len);
            if u64::try_from(found) != Ok(width * HASH_LEN) {
                return Err(AuditFault::new(format_args!(
                    "the last tile of level {} has a wrong width",
                    level.level
                )));
            }
        }
        Ok(())
    }
}

/// The index of a level's last tile.
fn last_of(level: &tile::LevelTiles) -> Option<u64> {
    if level.partial > 0 { Some(level.full) } else { level.full.checked_sub(1) }
}
