//! Witnesses: what they add to our checkpoints, and what that is worth by the operator's policy.
//!
//! Promises: only a cosignature that holds is stored, once for each witness and size; nothing waits for
//! one unless the caller does. Must never: hold up posting, sealing or signing; call anything witnessed
//! that the policy does not.

use std::time::Duration;

use ledger::{Hash, NoteSignature, Policy, PolicyWitness, RecordId, SignedNote, cosignature};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;

use super::post::{signed, unsigned};
use super::publish::{Published, newest, published_at};
use super::tables::cosignature as lines;
use crate::actor::Actor;
use crate::clock::Moment;
use crate::error::{Refusal, Result};
use crate::market::Market;
use crate::policy::{Act, House, permit};
use crate::store::{Command, Scope};

/// Most signature lines that a witness's answer may have.
const MAX_LINES: usize = 16;
/// Rows looked at in one step on the way to the newest witnessed checkpoint.
const STEP: u64 = 1_024;
/// Longest that anybody can wait for a record to come further.
pub const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// How often somebody who waits looks again.
const LOOK: Duration = Duration::from_millis(100);

/// How far a record has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RecordStanding {
    /// Written; a crash does not lose it.
    Posted,
    /// In the log, under a checkpoint that the log has signed.
    Sealed,
    /// Under a checkpoint for which a quorum of witnesses vouches.
    Witnessed,
}

/// A signed checkpoint, for witnesses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckpointView {
    /// Records covered.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// The signed note, without cosignatures.
    pub note: String,
    /// When the log signed it.
    pub signed_at: Moment,
}

/// A checkpoint that a quorum of witnesses vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessedView {
    /// Records covered.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// The note with its cosignatures.
    pub note: String,
    /// When the last of the witnesses signed.
    pub at: Moment,
}

/// A witness of the operator's policy, and how far it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessView {
    /// What the policy calls it.
    pub name: String,
    /// Its public key, as a C2SP verifier key.
    pub key: String,
    /// The size of the newest checkpoint that it has signed.
    pub size: Option<u64>,
    /// When it signed that.
    pub at: Option<Moment>,
}

impl Market {
    /// The newest checkpoint that the log has signed, without cosignatures.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn newest_checkpoint(&self) -> Result<Option<CheckpointView>> {
        Ok(newest(self.store().reads()).await?.map(CheckpointView::from))
    }

    /// The checkpoint of exactly this size, if one was signed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn checkpoint_at(&self, size: u64) -> Result<Option<CheckpointView>> {
        Ok(published_at(self.store().reads(), size).await?.map(CheckpointView::from))
    }

    /// Stores those of the signature lines in `answer` that are cosignatures by witnesses of the policy
    /// over our checkpoint of this size; answers their keys. Others are ignored.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when there is no such checkpoint; faults of the database.
    pub async fn add_cosignatures(&self, size: u64, answer: &str) -> Result<Vec<String>> {
        let Some(policy) = self.witness_policy() else { return Ok(Vec::new()) };
        let checkpoint = published_at(self.store().reads(), size).await?.ok_or(Refusal::NotFound)?;
        let text = SignedNote::parse(checkpoint.note.as_bytes()).map_err(Refusal::fault)?.text;
        let mut good: Vec<(String, String)> = Vec::new();
        for line in answer.lines().take(MAX_LINES).filter_map(|line| line.parse::<NoteSignature>().ok()) {
            let Some(witness) = policy.witness_of(&line) else { continue };
            if cosignature::signed_at(&witness.key, &text, &line).is_some() {
                good.push((witness.key.to_string(), line.to_string()));
            }
        }
        let keys = good.iter().map(|(key, _)| key.clone()).collect();
        if !good.is_empty() {
            self.run(&Actor::Clockwork, AddCosignatures { size, lines: good }).await?;
        }
        Ok(keys)
    }

    /// The newest checkpoint for which a quorum of the policy vouches; nothing where the policy asks for
    /// no witness. Public.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn witnessed(&self, _: &Actor) -> Result<Option<WitnessedView>> {
        let db = self.store().reads();
        let Some(size) = self.witnessed_size().await? else { return Ok(None) };
        let checkpoint =
            published_at(db, size).await?.ok_or_else(|| Refusal::fault("a checkpoint is gone"))?;
        let note = with_cosignatures(db, &checkpoint).await?;
        let at = newest_signature(&note)?.unwrap_or(checkpoint.signed_at);
        Ok(Some(WitnessedView { size, root: checkpoint.root, note: note.to_string(), at }))
    }

    /// The witnesses of the policy. Public, as their signatures are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn witnesses(&self, _: &Actor) -> Result<Vec<WitnessView>> {
        let Some(policy) = self.witness_policy() else { return Ok(Vec::new()) };
        let mut views = Vec::with_capacity(policy.witnesses().len());
        for witness in policy.witnesses() {
            views.push(self.witness(witness).await?);
        }
        Ok(views)
    }

    async fn witness(&self, witness: &PolicyWitness) -> Result<WitnessView> {
        let key = witness.key.to_string();
        let row = lines::Entity::find()
            .filter(lines::Column::Witness.eq(&key))
            .order_by_desc(lines::Column::Size)
            .one(self.store().reads())
            .await?;
        let (mut size, mut at) = (None, None);
        if let Some(row) = row {
            size = Some(unsigned(row.size)?);
            at = row.line.parse().ok().and_then(|line| timestamp(&line));
        }
        Ok(WitnessView { name: witness.name.clone(), key, size, at })
    }

    /// How far the record at this place has come.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn standing_of(&self, index: Option<u64>) -> Result<RecordStanding> {
        let Some(index) = index else { return Ok(RecordStanding::Posted) };
        if self.witnessed_size().await?.is_some_and(|size| size > index) {
            return Ok(RecordStanding::Witnessed);
        }
        let sealed = newest(self.store().reads()).await?.is_some_and(|newest| newest.size > index);
        Ok(if sealed { RecordStanding::Sealed } else { RecordStanding::Posted })
    }

    /// Waits until the record has come as far as `standing`, but no longer than `patience` and
    /// [`LONGEST_WAIT`], nor for witnesses where none are asked; answers how far it has come.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] also for those who may not see the record.
    pub async fn wait_for(
        &self,
        asker: &Actor,
        id: RecordId,
        standing: RecordStanding,
        patience: Duration,
    ) -> Result<RecordStanding> {
        let witnesses = self.witness_policy().is_some_and(Policy::asks_for_witnesses);
        let standing = if witnesses { standing } else { standing.min(RecordStanding::Sealed) };
        let arrives = async {
            loop {
                let index = self.record(asker, id).await?.index;
                let now = self.standing_of(index).await?;
                if now >= standing {
                    return Ok(now);
                }
                tokio::time::sleep(LOOK).await;
            }
        };
        match tokio::time::timeout(patience.min(LONGEST_WAIT), arrives).await {
            Ok(outcome) => outcome,
            Err(_) => {
                let index = self.record(asker, id).await?.index;
                self.standing_of(index).await
            }
        }
    }

    /// The size of the newest checkpoint with a quorum. What was found once is remembered: from then on
    /// only newer cosignatures are looked at.
    async fn witnessed_size(&self) -> Result<Option<u64>> {
        let Some(policy) = self.witness_policy().filter(|policy| policy.asks_for_witnesses()) else {
            return Ok(None);
        };
        let known = self.witnessed_before();
        let found = newest_with_quorum(self.store().reads(), policy, known).await?;
        if let Some(size) = found {
            self.remember_witnessed(size);
        }
        Ok(found.or(known))
    }
}

impl From<Published> for CheckpointView {
    fn from(published: Published) -> Self {
        let Published { size, root, note, signed_at } = published;
        Self { size, root, note, signed_at }
    }
}

/// A checkpoint's note with the cosignatures that came so far.
pub(super) async fn with_cosignatures(
    db: &impl ConnectionTrait,
    checkpoint: &Published,
) -> Result<SignedNote> {
    let mut note = SignedNote::parse(checkpoint.note.as_bytes()).map_err(Refusal::fault)?;
    let rows = lines::Entity::find()
        .filter(lines::Column::Size.eq(signed(checkpoint.size)?))
        .order_by_asc(lines::Column::Witness)
        .all(db)
        .await?;
    for row in rows {
        note.signatures.push(row.line.parse().map_err(Refusal::fault)?);
    }
    Ok(note)
}

/// The newest checkpoint above `known` whose cosignatures make up the quorum. When something is known
/// already, one step back is enough: if the witnesses have been away for longer, that still stands.
async fn newest_with_quorum(
    db: &impl ConnectionTrait,
    policy: &Policy,
    known: Option<u64>,
) -> Result<Option<u64>> {
    let mut below = i64::MAX;
    loop {
        let mut select = lines::Entity::find()
            .select_only()
            .column(lines::Column::Size)
            .column(lines::Column::Witness)
            .filter(lines::Column::Size.lt(below));
        if let Some(known) = known {
            select = select.filter(lines::Column::Size.gt(signed(known)?));
        }
        let rows: Vec<(i64, String)> =
            select.order_by_desc(lines::Column::Size).limit(STEP).into_tuple().all(db).await?;
        let whole = rows.len() < usize::try_from(STEP).unwrap_or(usize::MAX);
        let last = rows.last().map(|(size, _)| *size);
        for group in rows.chunk_by(|one, other| one.0 == other.0) {
            let size = group[0].0;
            // The last one of a step may be cut off: it is read again in the next.
            if !whole && Some(size) == last && group.len() < rows.len() {
                continue;
            }
            let signed_by = |witness: &PolicyWitness| {
                let key = witness.key.to_string();
                group.iter().any(|(_, signer)| *signer == key)
            };
            if policy.is_met(signed_by) {
                return Ok(Some(unsigned(size)?));
            }
        }
        match last {
            Some(last) if !whole && known.is_none() => below = last.saturating_add(1).min(below - 1),
            _ => return Ok(None),
        }
    }
}

/// When the last of the witnesses signed, as their lines say.
fn newest_signature(note: &SignedNote) -> Result<Option<Moment>> {
    Ok(note.signatures.iter().filter_map(timestamp).max())
}

/// The time in a cosignature line; nothing for a log's line.
fn timestamp(line: &NoteSignature) -> Option<Moment> {
    // 8 bytes of time and 64 of Ed25519: a log's line has the 64 alone.
    let (seconds, signature) = line.bytes.split_first_chunk::<8>()?;
    let seconds = i64::try_from(u64::from_be_bytes(*seconds)).ok().filter(|_| signature.len() == 64)?;
    Some(Moment(seconds.saturating_mul(1_000_000)))
}

/// Keeps cosignatures that were checked.
#[derive(Serialize)]
struct AddCosignatures {
    size: u64,
    /// Key and line of each.
    lines: Vec<(String, String)>,
}

impl Command for AddCosignatures {
    type Output = ();
    const ACT: Act = Act::Seal;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        permit(asker, Act::Seal, &House)?;
        let size = signed(self.size)?;
        let rows = self.lines.iter().map(|(witness, line)| lines::ActiveModel {
            size: Set(size),
            witness: Set(witness.clone()),
            line: Set(line.clone()),
        });
        // The first one stands: several servers may ask the same witness.
        let there =
            OnConflict::columns([lines::Column::Size, lines::Column::Witness]).do_nothing().to_owned();
        lines::Entity::insert_many(rows)
            .on_conflict(there)
            .try_insert()
            .exec_without_returning(scope.txn)
            .await?;
        Ok(())
    }
}
