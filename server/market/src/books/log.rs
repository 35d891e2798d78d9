//! Proofs: what the log can show about itself and its records.
//!
//! Promises: exactly the tiles that a proof needs are read; a receipt rests on a checkpoint that was
//! signed and published. Must never: prove anything against a state that nobody could have seen.

use std::collections::BTreeMap;

use ledger::{Disclosure, Hash, Receipt, RecordId, TlogProof, tile};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};

use super::keys;
use super::post::{signed, unsigned};
use super::publish::{self, Published, newest};
use super::sealer::head;
use super::tables::{leaf, tile as tiles};
use super::witness::with_cosignatures;
use super::{DisclosureView, HeadView, InclusionView, record_uuid};
use crate::actor::Actor;
use crate::error::{Code, Refusal, Result};
use crate::market::Market;
use crate::policy::{Act, permit};
use crate::store::must;

/// Tiles by level and index.
pub(super) type LoadedTiles = BTreeMap<(u8, u64), Vec<u8>>;

impl Market {
    /// The state of the log. Public.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn head(&self, _: &Actor) -> Result<HeadView> {
        let db = self.store().reads();
        let newest = newest(db).await?;
        let head = head(db).await?;
        let signed_at = newest.as_ref().map(|newest| newest.signed_at);
        let checkpoint = match &newest {
            Some(newest) => Some(with_cosignatures(db, newest).await?.to_string()),
            None => None,
        };
        let keys = keys::active(db, head.epoch, &head.origin).await?;
        Ok(HeadView {
            origin: head.origin,
            epoch: head.epoch,
            size: head.size,
            root: head.root,
            checkpoint,
            signed_at,
            waiting: publish::waiting(db).await?,
            verifier_key: keys.last().map(ToString::to_string).unwrap_or_default(),
        })
    }

    /// The newest signed checkpoint, as a note with the cosignatures that it has. Public.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when nothing was ever signed.
    pub async fn checkpoint(&self) -> Result<String> {
        let db = self.store().reads();
        let newest = newest(db).await?.ok_or(Refusal::NotFound)?;
        Ok(with_cosignatures(db, &newest).await?.to_string())
    }

    /// A file that proves the record to anyone who has the log's public key, with the texts that the
    /// asker may see. A record that is not sealed and signed yet is so first. It rests on the newest
    /// checkpoint for which a quorum of witnesses vouches, if that covers the record, else on the newest.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Refusal::Fault`] when no checkpoint covers the record and this server
    /// can't sign one.
    pub async fn receipt(&self, asker: &Actor, id: RecordId) -> Result<String> {
        let record = self.record(asker, id).await?;
        let (index, checkpoint) = self.published(id).await?;
        let Some(newest) = checkpoint else {
            return Err(Refusal::fault("no checkpoint covers the record yet, and this server holds no key"));
        };
        let (size, note) = self.vouched(asker, &newest, index).await?;
        let disclosures = disclosed(record.disclosures);
        let proof = self.prove(index, size).await?;
        Ok(Receipt { record: record.bytes, disclosures, index, proof, checkpoint: note }.to_string())
    }

    /// The proof that the record is in the log: against the newest checkpoint, or against the head
    /// where nothing was signed.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn inclusion(&self, asker: &Actor, id: RecordId) -> Result<InclusionView> {
        self.record(asker, id).await?;
        let (index, checkpoint) = self.published(id).await?;
        let (size, root) = match checkpoint {
            Some(Published { size, root, .. }) => (size, root),
            None => {
                let head = head(self.store().reads()).await?;
                (head.size, head.root)
            }
        };
        Ok(InclusionView { index, size, proof: self.prove(index, size).await?, root })
    }

    /// The proof that the record at `index` is in the log of `size` records; of as many as the newest
    /// checkpoint covers, if no size is named. It shows hashes only, so it is for those who may read tiles.
    ///
    /// # Errors
    /// [`Refusal::Unauthenticated`] for visitors to a guarded log; [`Refusal::NotFound`] for a place that
    /// the newest checkpoint doesn't cover; a problem on `size` when that is beyond it or not beyond `index`.
    pub async fn inclusion_at(&self, asker: &Actor, index: u64, size: Option<u64>) -> Result<InclusionView> {
        let published = self.covering(asker, index).await?;
        let size = size.unwrap_or(published.size);
        if size <= index || size > published.size {
            let (min, max) = ((index + 1).to_string(), published.size.to_string());
            return Err(Refusal::on("size", Code::OutOfRange { min, max }));
        }
        let root = if size == published.size { published.root } else { self.root_at(size).await? };
        Ok(InclusionView { index, size, proof: self.prove(index, size).await?, root })
    }

    /// The same against the newest checkpoint, as a file (C2SP tlog-proof) without the record.
    ///
    /// # Errors
    /// [`Refusal::Unauthenticated`] for visitors to a guarded log; [`Refusal::NotFound`] for a place that
    /// the newest checkpoint doesn't cover.
    pub async fn proof_file(&self, asker: &Actor, index: u64) -> Result<String> {
        let newest = self.covering(asker, index).await?;
        let (size, note) = self.vouched(asker, &newest, index).await?;
        let proof = self.prove(index, size).await?;
        Ok(TlogProof { extra: None, index, proof, checkpoint: note }.to_string())
    }

    /// The newest checkpoint, which covers this place, for those who may read tiles.
    async fn covering(&self, asker: &Actor, index: u64) -> Result<Published> {
        permit(asker, Act::SeeTiles, &self.settings().log_access)?;
        must(newest(self.store().reads()).await?.filter(|newest| newest.size > index))
    }

    /// The proof that the log of `to` records begins with the log of `from` records. Public.
    ///
    /// # Errors
    /// A problem on `to` when the log isn't that long, on `from` when it is more than `to`.
    pub async fn consistency(&self, _: &Actor, from: u64, to: u64) -> Result<Vec<Hash>> {
        let db = self.store().reads();
        let head = head(db).await?;
        let beyond = |max: u64| Code::OutOfRange { min: "0".into(), max: max.to_string() };
        if to > head.size {
            return Err(Refusal::on("to", beyond(head.size)));
        }
        if from > to {
            return Err(Refusal::on("from", beyond(to)));
        }
        let wanted = tile::tiles_needed_for_consistency(from, to).map_err(Refusal::fault)?;
        let tiles = load_tiles(db, &wanted).await?;
        tile::consistency_proof(from, to, &tiles).map_err(Refusal::fault)
    }

    /// The record's place, and the newest checkpoint if that covers it; seals and signs first where
    /// that is still to be done.
    pub(super) async fn published(&self, id: RecordId) -> Result<(u64, Option<Published>)> {
        let mut place = self.place(id).await?;
        if place.0.is_none() || (place.1.is_none() && self.signer().is_some()) {
            self.seal_now().await?;
            place = self.place(id).await?;
        }
        let (index, checkpoint) = place;
        let index = index.ok_or_else(|| Refusal::fault("the record was not sealed"))?;
        Ok((index, checkpoint))
    }

    async fn place(&self, id: RecordId) -> Result<(Option<u64>, Option<Published>)> {
        let db = self.store().reads();
        let Some(leaf) =
            leaf::Entity::find().filter(leaf::Column::RecordId.eq(record_uuid(id))).one(db).await?
        else {
            return Ok((None, None));
        };
        let index = unsigned(leaf.idx)?;
        Ok((Some(index), newest(db).await?.filter(|newest| newest.size > index)))
    }

    /// What files about the record at `index` rest on: the newest checkpoint for which a quorum of witnesses
    /// vouches, if that covers the record, else the newest with the cosignatures that it has.
    pub(super) async fn vouched(
        &self,
        asker: &Actor,
        newest: &Published,
        index: u64,
    ) -> Result<(u64, String)> {
        Ok(match self.witnessed(asker).await?.filter(|witnessed| witnessed.size > index) {
            Some(witnessed) => (witnessed.size, witnessed.note),
            None => (newest.size, with_cosignatures(self.store().reads(), newest).await?.to_string()),
        })
    }

    async fn root_at(&self, size: u64) -> Result<Hash> {
        let tiles = load_tiles(self.store().reads(), &tile::tiles_needed_for_append(size)).await?;
        tile::root(size, &tiles).map_err(Refusal::fault)
    }

    async fn prove(&self, index: u64, size: u64) -> Result<Vec<Hash>> {
        let wanted = tile::tiles_needed_for_inclusion(index, size).map_err(Refusal::fault)?;
        let tiles = load_tiles(self.store().reads(), &wanted).await?;
        tile::inclusion_proof(index, size, &tiles).map_err(Refusal::fault)
    }
}

/// Texts as files carry them.
pub(super) fn disclosed(shown: Vec<DisclosureView>) -> Vec<Disclosure> {
    let texts = shown.into_iter();
    texts.map(|shown| Disclosure { label: shown.label, salt: shown.salt, data: shown.data }).collect()
}

/// Reads the tiles named. Tiles that have grown meanwhile serve as well: they only get longer.
pub(super) async fn load_tiles(db: &impl ConnectionTrait, wanted: &[(u8, u64)]) -> Result<LoadedTiles> {
    let mut by_level: BTreeMap<u8, Vec<i64>> = BTreeMap::new();
    for (level, index) in wanted {
        by_level.entry(*level).or_default().push(signed(*index)?);
    }
    if by_level.is_empty() {
        return Ok(LoadedTiles::new());
    }
    let mut named = Condition::any();
    for (level, indices) in by_level {
        let level = tiles::Column::Level.eq(i64::from(level));
        named = named.add(Condition::all().add(level).add(tiles::Column::Idx.is_in(indices)));
    }
    let rows = tiles::Entity::find().filter(named).all(db).await?;
    rows.into_iter()
        .map(|row| {
            let level = u8::try_from(row.level).map_err(Refusal::fault)?;
            Ok(((level, unsigned(row.idx)?), row.hashes))
        })
        .collect()
}
