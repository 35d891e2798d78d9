//! Anchoring: another installation's checkpoint becomes a record of this log.
//!
//! So one log can serve as the main chain of others: what they signed is dated and fixed here, and they
//! can't tell another history to somebody else without being found out.
//!
//! Promises: what is anchored was signed by the log's own key, as it was named before, and continues what
//! was anchored before, proved. Must never: go back, ask the network, or take another log's word.

use std::collections::HashMap;

use ledger::{
    AddCheckpoint, Checkpoint, Hash, KeyType, RecordId, RecordKind, SignedNote, VerifierKey,
    tree::verify_consistency,
};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Statement,
};
use serde::Serialize;
use uuid::Uuid;

use super::post::{signed, unsigned};
use super::tables::{anchor, disclosure, followed_log, leaf};
use super::{Draft, Evidence, label, post, record_id, record_uuid};
use crate::actor::Actor;
use crate::error::{Code, Problems, Refusal, Result};
use crate::market::Market;
use crate::policy::{Act, House, permit};
use crate::store::{Command, Scope, lock_rows};

/// Longest checkpoint that is anchored, in bytes.
const MAX_NOTE: usize = 16 << 10;
/// Most hashes of a proof.
const MAX_PROOF: usize = 63;
/// Longest address.
const MAX_URL: usize = 300;
/// Most logs that are followed: each is named by an admin.
const MAX_LOGS: u64 = 1_000;

/// Names the key by which another log's checkpoints are believed, or a new one after it changed.
#[derive(Debug, Clone, Serialize)]
pub struct FollowLog {
    /// The log's public key, as a C2SP verifier key; its name is the log's origin.
    pub verifier_key: String,
    /// Where the log is, for people; may be empty. Nothing is asked there.
    pub url: String,
}

/// Makes another log's checkpoint a record of this one.
#[derive(Debug, Clone, Serialize)]
pub struct AnchorCheckpoint {
    /// The signed note.
    pub checkpoint: String,
    /// The proof that it continues what was anchored last; empty the first time.
    pub proof: Vec<Hash>,
}

/// A log whose checkpoints are anchored here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowedLogView {
    /// Its name.
    pub origin: String,
    /// The public key that its checkpoints are checked by.
    pub verifier_key: String,
    /// Where it is; may be empty.
    pub url: String,
    /// What was anchored last, newest first.
    pub anchors: Vec<AnchorView>,
}

/// A checkpoint of another log that is anchored here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnchorView {
    /// The record that anchors it.
    pub record: RecordId,
    /// That record's place in our log, once it is sealed.
    pub index: Option<u64>,
    /// How many records the other log had.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// The note, as it was signed.
    pub checkpoint: String,
}

impl AnchorCheckpoint {
    /// Reads what somebody pasted: the checkpoint, and the proof's hashes, one on each line, as logs
    /// write them (base64) or as the API does (hexadecimal). Line ends that a browser changed are put right.
    ///
    /// # Errors
    /// [`Code::BadCheckpoint`] or [`Code::BadHash`] on the field.
    pub fn read(checkpoint: &str, proof: &str) -> Result<Self> {
        let mut checkpoint = checkpoint.replace("\r\n", "\n");
        if !checkpoint.ends_with('\n') {
            checkpoint.push('\n');
        }
        read(&checkpoint)?;
        let hashes: Option<Vec<Hash>> = proof.split_whitespace().map(hash_of).collect();
        let proof = hashes.ok_or_else(|| Refusal::on("proof", Code::BadHash))?;
        Ok(Self { checkpoint, proof })
    }

    /// Name, size and root of the log in it, before anything is checked.
    ///
    /// # Errors
    /// [`Code::BadCheckpoint`].
    pub fn says(&self) -> Result<(String, u64, Hash)> {
        let Checkpoint { origin, size, root, .. } = read(&self.checkpoint)?;
        Ok((origin, size, root))
    }
}

impl Market {
    /// The logs that are followed, by name, each with its newest `each` anchors. Public, as every
    /// checkpoint is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn followed_logs(&self, _: &Actor, each: u64) -> Result<Vec<FollowedLogView>> {
        let db = self.store().reads();
        let rows = followed_log::Entity::find().order_by_asc(followed_log::Column::Origin).limit(MAX_LOGS);
        let rows = rows.all(db).await?;
        let mut by_log: HashMap<String, Vec<AnchorView>> = HashMap::new();
        for (origin, anchor) in views(db, newest_of_each(db, each).await?).await? {
            by_log.entry(origin).or_default().push(anchor);
        }
        let view = |row: followed_log::Model| FollowedLogView {
            anchors: by_log.remove(&row.origin).unwrap_or_default(),
            origin: row.origin,
            verifier_key: row.verifier_key,
            url: row.url,
        };
        Ok(rows.into_iter().map(view).collect())
    }

    /// One followed log.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when nobody named it.
    pub async fn followed_log(&self, _: &Actor, origin: &str, each: u64) -> Result<FollowedLogView> {
        let db = self.store().reads();
        let row = followed_log::Entity::find_by_id(origin).one(db).await?.ok_or(Refusal::NotFound)?;
        let anchors = anchors(db, &row.origin, each).await?;
        Ok(FollowedLogView { origin: row.origin, verifier_key: row.verifier_key, url: row.url, anchors })
    }
}

impl Command for FollowLog {
    type Output = String;
    const ACT: Act = Act::FollowLog;

    /// Answers the log's origin.
    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<String> {
        permit(asker, Act::FollowLog, &House)?;
        let mut problems = Problems::default();
        let key = problems.keep("verifier_key", log_key(&self.verifier_key));
        let url = problems.keep("url", address(&self.url)).unwrap_or_default();
        problems.done()?;
        let Some(key) = key else { return Err(Refusal::on("verifier_key", Code::BadVerifierKey)) };
        let row = followed_log::ActiveModel {
            origin: Set(key.name().to_owned()),
            verifier_key: Set(key.to_string()),
            url: Set(url),
            since: Set(scope.now.0),
        };
        let renewed = OnConflict::column(followed_log::Column::Origin)
            .update_columns([followed_log::Column::VerifierKey, followed_log::Column::Url])
            .to_owned();
        followed_log::Entity::insert(row).on_conflict(renewed).exec_without_returning(scope.txn).await?;
        Ok(key.name().to_owned())
    }
}

impl Command for AnchorCheckpoint {
    type Output = RecordId;
    const ACT: Act = Act::AnchorCheckpoint;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<RecordId> {
        let permit = permit(asker, Act::AnchorCheckpoint, &House)?;
        let checkpoint = read(&self.checkpoint)?;
        if self.proof.len() > MAX_PROOF {
            return Err(Refusal::on("proof", Code::TooManyItems { max: MAX_PROOF }));
        }
        // Held until the end, so that what was anchored last stays so.
        let log = held(scope, &checkpoint.origin).await?;
        let log = log.ok_or_else(|| Refusal::on("checkpoint", Code::UnknownLog))?;
        let key: VerifierKey = log.verifier_key.parse().map_err(Refusal::fault)?;
        Checkpoint::open(self.checkpoint.as_bytes(), &[key])
            .map_err(|_| Refusal::on("checkpoint", Code::BadSignature))?;
        let last = anchors(scope.txn, &log.origin, 1).await?.pop();
        continues(last.as_ref(), &checkpoint, &self.proof)?;
        let evidence =
            vec![Evidence { label: label::CHECKPOINT, data: self.checkpoint.clone().into_bytes() }];
        let draft =
            Draft { kind: RecordKind::Anchor, moves: Vec::new(), subject: None, reversed: None, evidence };
        let posted = post(scope, &permit, draft).await?;
        let row = anchor::ActiveModel {
            record_id: Set(record_uuid(posted.record)),
            origin: Set(log.origin),
            size: Set(signed(checkpoint.size)?),
        };
        row.insert(scope.txn).await?;
        Ok(posted.record)
    }
}

/// A log's key, as text.
fn log_key(text: &str) -> Result<VerifierKey, Code> {
    let key = text.trim().parse::<VerifierKey>().map_err(|_| Code::BadVerifierKey)?;
    let fits = key.key_type() == KeyType::Ed25519 && key.name().len() <= MAX_URL;
    if fits { Ok(key) } else { Err(Code::BadVerifierKey) }
}

/// A link, or nothing.
fn address(text: &str) -> Result<String, Code> {
    let text = text.trim();
    let link = ["https://", "http://"].iter().any(|scheme| text.starts_with(scheme));
    match text {
        "" => Ok(String::new()),
        _ if text.len() > MAX_URL => Err(Code::TooLong { max: MAX_URL }),
        _ if !link || text.contains(|c: char| c.is_whitespace() || c.is_control()) => Err(Code::BadLink),
        _ => Ok(text.to_owned()),
    }
}

fn read(note: &str) -> Result<Checkpoint> {
    if note.len() > MAX_NOTE {
        return Err(Refusal::on("checkpoint", Code::TooLong { max: MAX_NOTE }));
    }
    parse(note.as_bytes()).ok_or_else(|| Refusal::on("checkpoint", Code::BadCheckpoint))
}

/// A hash in hexadecimal, or in base64 as requests to a witness carry it.
fn hash_of(text: &str) -> Option<Hash> {
    let mut hash = [0; 32];
    if hex::decode_to_slice(text, &mut hash).is_ok() {
        return Some(hash);
    }
    format!("old 0\n{text}\n\n").parse::<AddCheckpoint>().ok()?.proof.pop()
}

fn parse(note: &[u8]) -> Option<Checkpoint> {
    SignedNote::parse(note).ok()?.text.parse().ok()
}

/// Refuses what does not continue the last anchor.
fn continues(last: Option<&AnchorView>, new: &Checkpoint, proof: &[Hash]) -> Result<()> {
    let Some(last) = last else {
        return if proof.is_empty() { Ok(()) } else { Err(Refusal::on("proof", Code::BadProof { from: 0 })) };
    };
    if new.size <= last.size {
        return Err(Refusal::on("checkpoint", Code::AlreadyAnchored { size: last.size }));
    }
    verify_consistency(last.size, new.size, &last.root, &new.root, proof)
        .map_err(|_| Refusal::on("proof", Code::BadProof { from: last.size }))
}

async fn held(scope: &Scope<'_>, origin: &str) -> Result<Option<followed_log::Model>> {
    let mut select = followed_log::Entity::find_by_id(origin);
    lock_rows(scope.txn.get_database_backend(), QueryTrait::query(&mut select));
    Ok(select.one(scope.txn).await?)
}

/// The newest anchors of a log, newest first.
async fn anchors(db: &impl ConnectionTrait, origin: &str, most: u64) -> Result<Vec<AnchorView>> {
    let rows = anchor::Entity::find()
        .filter(anchor::Column::Origin.eq(origin))
        .order_by_desc(anchor::Column::Size)
        .limit(most)
        .all(db)
        .await?;
    Ok(views(db, rows).await?.into_iter().map(|(_, anchor)| anchor).collect())
}

/// The newest anchors of each log, newest first.
async fn newest_of_each(db: &impl ConnectionTrait, each: u64) -> Result<Vec<anchor::Model>> {
    let sql = "SELECT record_id, origin, size FROM (SELECT record_id, origin, size, \
               ROW_NUMBER() OVER (PARTITION BY origin ORDER BY size DESC) AS nth FROM anchor) AS ranked \
               WHERE nth <= $1 ORDER BY origin, size DESC";
    let each = i64::try_from(each).unwrap_or(i64::MAX);
    let ranked = Statement::from_sql_and_values(db.get_database_backend(), sql, [each.into()]);
    Ok(anchor::Entity::find().from_raw_sql(ranked).all(db).await?)
}

/// Anchors with their logs, in the same order. What they say is read from the very text that the record commits to.
async fn views(db: &impl ConnectionTrait, rows: Vec<anchor::Model>) -> Result<Vec<(String, AnchorView)>> {
    let mut texts: HashMap<Uuid, Vec<u8>> = HashMap::new();
    let mut places: HashMap<Uuid, i64> = HashMap::new();
    // A statement has only so many values.
    for some in rows.chunks(10_000) {
        let ids = || some.iter().map(|row| row.record_id);
        let told = disclosure::Entity::find()
            .filter(disclosure::Column::RecordId.is_in(ids()))
            .filter(disclosure::Column::Label.eq(label::CHECKPOINT));
        texts.extend(told.all(db).await?.into_iter().map(|text| (text.record_id, text.data)));
        let leaves = leaf::Entity::find().filter(leaf::Column::RecordId.is_in(ids()));
        places.extend(leaves.all(db).await?.into_iter().map(|leaf| (leaf.record_id, leaf.idx)));
    }
    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        let text = texts.get(&row.record_id);
        let text = text.ok_or_else(|| Refusal::fault("an anchor has lost its checkpoint"))?;
        let checkpoint = parse(text).filter(|it| it.origin == row.origin);
        let checkpoint =
            checkpoint.ok_or_else(|| Refusal::fault("an anchor holds another log's checkpoint"))?;
        let view = AnchorView {
            record: record_id(row.record_id),
            index: places.get(&row.record_id).copied().map(unsigned).transpose()?,
            size: checkpoint.size,
            root: checkpoint.root,
            checkpoint: String::from_utf8_lossy(text).into_owned(),
        };
        views.push((row.origin, view));
    }
    Ok(views)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_links_and_keys_of_logs_are_taken() {
        assert_eq!(address(" https://a.example/log "), Ok("https://a.example/log".to_owned()));
        assert_eq!(address(""), Ok(String::new()));
        for wrong in ["ftp://a.example", "javascript:alert(1)", "https://a b", "a.example"] {
            assert_eq!(address(wrong), Err(Code::BadLink), "{wrong}");
        }
        assert!(log_key("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k").is_ok());
        assert!(log_key("nonsense").is_err());
    }

    #[test]
    fn what_was_pasted_is_read_with_the_line_ends_of_the_log() {
        let note = format!(
            "a.example\n0\n{}\n\n\u{2014} a.example AAAAAAE=\n",
            "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
        );
        for pasted in [note.clone(), note.replace('\n', "\r\n"), note.trim_end().to_owned()] {
            assert_eq!(AnchorCheckpoint::read(&pasted, "").unwrap().checkpoint, note);
        }
        let hash = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        assert_eq!(AnchorCheckpoint::read(&note, &format!(" {hash}\r\n{hash}\r\n")).unwrap().proof.len(), 2);
        assert_eq!(AnchorCheckpoint::read(&note, &"0f".repeat(32)).unwrap().proof, [[15; 32]]);
        assert_eq!(AnchorCheckpoint::read(&note, "x").unwrap_err(), Refusal::on("proof", Code::BadHash));
        assert_eq!(
            AnchorCheckpoint::read("x", "").unwrap_err(),
            Refusal::on("checkpoint", Code::BadCheckpoint)
        );
    }

    #[test]
    fn an_anchor_never_goes_back_and_needs_its_proof() {
        let view = |size, root| AnchorView {
            record: RecordId::from_bytes([1; 16]),
            index: None,
            size,
            root,
            checkpoint: String::new(),
        };
        let new = |size, root| Checkpoint::new("a", size, root);
        assert!(continues(None, &new(5, [5; 32]), &[]).is_ok());
        assert!(continues(None, &new(5, [5; 32]), &[[1; 32]]).is_err());
        for size in [0, 4, 5] {
            let refused = continues(Some(&view(5, [5; 32])), &new(size, [5; 32]), &[]).unwrap_err();
            assert_eq!(refused, Refusal::on("checkpoint", Code::AlreadyAnchored { size: 5 }));
        }
        let refused = continues(Some(&view(5, [5; 32])), &new(6, [6; 32]), &[]).unwrap_err();
        assert_eq!(refused, Refusal::on("proof", Code::BadProof { from: 5 }));
        let (left, right) = ([1; 32], [2; 32]);
        let root = ledger::tree::node_hash(&left, &right);
        assert!(continues(Some(&view(1, left)), &new(2, root), &[right]).is_ok());
    }
}
