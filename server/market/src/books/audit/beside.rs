//! What stands beside the log: cosignatures of its checkpoints, and the list of its anchors.
//!
//! Promises: every cosignature holds by the key that stands beside it, over the checkpoint of its size;
//! every anchor is listed with what its record commits to. Must never: call a witness trusted; that is the
//! policy's to say.

use std::collections::HashMap;

use ledger::{Checkpoint, RecordKind, SignedNote, VerifierKey, cosignature};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::AuditFault;
use crate::books::label;
use crate::books::tables::{anchor, checkpoint, cosignature as lines, disclosure, record};

/// Rows looked at together.
const STEP: u64 = 5_000;

/// Checks both; answers how many cosignatures hold.
pub(super) async fn check(db: &impl ConnectionTrait) -> Result<u64, AuditFault> {
    check_anchors(db).await?;
    let (mut from, mut count) = (0_i64, 0_u64);
    loop {
        let rows = lines::Entity::find()
            .filter(lines::Column::Size.gte(from))
            .order_by_asc(lines::Column::Size)
            .order_by_asc(lines::Column::Witness)
            .limit(STEP)
            .all(db)
            .await?;
        let Some(last) = rows.last().map(|row| row.size) else { return Ok(count) };
        let whole = (rows.len() as u64) < STEP;
        if !whole && last == from && rows.first().is_some_and(|row| row.size == last) {
            return Err(AuditFault::new(format_args!(
                "the checkpoint of {last} records has too many cosignatures"
            )));
        }
        let texts = texts(db, from, last).await?;
        // The last size may go on in the next step: it is looked at there.
        for row in rows.iter().filter(|row| whole || row.size < last) {
            cosigned(row, texts.get(&row.size))?;
            count += 1;
        }
        if whole {
            return Ok(count);
        }
        from = last;
    }
}

/// The texts of the checkpoints of these sizes.
async fn texts(db: &impl ConnectionTrait, from: i64, to: i64) -> Result<HashMap<i64, String>, AuditFault> {
    let rows = checkpoint::Entity::find().filter(checkpoint::Column::Size.between(from, to)).all(db).await?;
    let text = |note: &str| SignedNote::parse(note.as_bytes()).map(|note| note.text).map_err(AuditFault::new);
    rows.into_iter().map(|row| Ok((row.size, text(&row.note)?))).collect()
}

fn cosigned(row: &lines::Model, text: Option<&String>) -> Result<(), AuditFault> {
    let wrong = |what: &str| {
        AuditFault::new(format_args!("a cosignature of the checkpoint of {} records {what}", row.size))
    };
    let text = text.ok_or_else(|| wrong("has no checkpoint"))?;
    let key: VerifierKey = row.witness.parse().map_err(|_| wrong("has no key that can be read"))?;
    let line = row.line.parse().map_err(|_| wrong("is no signature line"))?;
    cosignature::signed_at(&key, text, &line).map(drop).ok_or_else(|| wrong("does not hold"))
}

async fn check_anchors(db: &impl ConnectionTrait) -> Result<(), AuditFault> {
    let rows = anchor::Entity::find().all(db).await?;
    let kind = record::Column::Kind.eq(RecordKind::Anchor.as_str());
    let records = record::Entity::find().filter(kind.clone()).count(db).await?;
    if records != rows.len() as u64 {
        return Err(AuditFault::new(format_args!(
            "{records} records are anchors, but {} are listed",
            rows.len()
        )));
    }
    for some in rows.chunks(1_000) {
        let ids = || some.iter().map(|row| row.record_id);
        let found = record::Entity::find().filter(record::Column::Id.is_in(ids())).filter(kind.clone());
        let label = disclosure::Column::Label.eq(label::CHECKPOINT);
        let texts =
            disclosure::Entity::find().filter(disclosure::Column::RecordId.is_in(ids())).filter(label);
        let texts: HashMap<_, _> =
            texts.all(db).await?.into_iter().map(|text| (text.record_id, text.data)).collect();
        let mut right = found.count(db).await? == some.len() as u64;
        for row in some {
            right &= texts.get(&row.record_id).is_some_and(|text| listed(row, text));
        }
        if !right {
            return Err(AuditFault::new("the list of anchors is not what their records say"));
        }
    }
    Ok(())
}

fn listed(row: &anchor::Model, text: &[u8]) -> bool {
    let checkpoint = SignedNote::parse(text).ok().and_then(|note| note.text.parse::<Checkpoint>().ok());
    checkpoint.is_some_and(|it| it.origin == row.origin && i64::try_from(it.size) == Ok(row.size))
}
