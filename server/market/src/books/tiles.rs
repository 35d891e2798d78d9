//! Tiles: the published log cut into files, as C2SP tlog-tiles has them.
//!
//! Promises: whatever the newest checkpoint covers is there, at every width that a checkpoint of any size
//! could call for; one tile costs two or three short queries, and at most 256 records are read. Must never:
//! show a hash or a record that no checkpoint covers yet.

use ledger::tile::{TILE_WIDTH, TileKind, TilePath, encode_entries};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect};

use super::log::load_tiles;
use super::post::signed;
use super::publish::newest;
use super::tables::{leaf, record};
use crate::actor::Actor;
use crate::error::{Refusal, Result};
use crate::market::Market;
use crate::policy::{Act, permit};

/// Bytes of one hash.
const HASH_LEN: usize = 32;

impl Market {
    /// The bytes of a tile or an entry bundle; they never change.
    ///
    /// # Errors
    /// [`Refusal::Unauthenticated`] for visitors to a guarded log; [`Refusal::NotFound`] for what the
    /// newest checkpoint doesn't cover, and for those who may not read it.
    pub async fn tile(&self, asker: &Actor, path: TilePath) -> Result<Vec<u8>> {
        let act = match path.kind {
            TileKind::Hashes(_) => Act::SeeTiles,
            TileKind::Entries => Act::SeeEntryBundles,
        };
        permit(asker, act, &self.settings().log_access)?;
        let db = self.store().reads();
        let published = newest(db).await?.map_or(0, |newest| newest.size);
        if !path.is_in(published) {
            return Err(Refusal::NotFound);
        }
        match path.kind {
            TileKind::Hashes(level) => hashes(db, level, path).await,
            TileKind::Entries => entries(db, path).await,
        }
    }
}

/// A partial tile is the beginning of what is stored.
async fn hashes(db: &impl ConnectionTrait, level: u8, path: TilePath) -> Result<Vec<u8>> {
    let mut tiles = load_tiles(db, &[(level, path.index)]).await?;
    let mut tile = tiles.remove(&(level, path.index)).unwrap_or_default();
    let wanted = usize::from(path.width) * HASH_LEN;
    if tile.len() < wanted {
        return Err(Refusal::fault(format_args!("{path} is shorter than what was signed")));
    }
    tile.truncate(wanted);
    Ok(tile)
}

async fn entries(db: &impl ConnectionTrait, path: TilePath) -> Result<Vec<u8>> {
    let first = signed(path.index.saturating_mul(TILE_WIDTH))?;
    let places = leaf::Column::Idx.gte(first).and(leaf::Column::Idx.lt(first + i64::from(path.width)));
    let to_record = leaf::Entity::belongs_to(record::Entity);
    let records: Vec<Vec<u8>> = leaf::Entity::find()
        .join(JoinType::InnerJoin, to_record.from(leaf::Column::RecordId).to(record::Column::Id).into())
        .select_only()
        .column(record::Column::Bytes)
        .filter(places)
        .order_by_asc(leaf::Column::Idx)
        .into_tuple()
        .all(db)
        .await?;
    if records.len() != usize::from(path.width) {
        return Err(Refusal::fault(format_args!("{path} lacks records that were signed")));
    }
    encode_entries(&records).map_err(Refusal::fault)
}
