//! Checking a stretch of records by itself: all that can be known without the records before it.
//!
//! Promises: pure, so that any number of stretches are checked at once; stops at the first wrong record and
//! hands on those before it. Must never: take a stored hash for granted.

use std::collections::HashSet;

use ledger::{Checkpoint, Hash, Record, VerifierKey, leaf_hash};

use super::compare;
use super::fault::{AuditFault, first_difference};
use super::tree::Subtree;
use crate::books::EpochView;
use crate::books::epoch::origin_at;
use crate::books::post::unsigned;
use crate::books::rows::{CheckpointRow, PostingRow, RecordRow, Stretch, TextRow};

/// Hashes in a tile.
const TILE: usize = 256;
/// Bytes of a hash.
const HASH: usize = 32;

/// What checkpoints and texts are held against, beside the records.
pub(super) struct Trust {
    /// The log's epochs, each with the name that it signed under.
    pub(super) epochs: Vec<EpochView>,
    /// Commitments whose texts an erasure names.
    pub(super) gone: HashSet<Hash>,
    /// The keys to believe; without any, signatures are not checked.
    pub(super) keys: Vec<VerifierKey>,
}

/// A stretch that was checked by itself.
pub(super) struct Checked {
    /// Its records up to the first wrong one.
    pub(super) records: Vec<Record>,
    /// The hashes of those that are sealed, and what they make.
    pub(super) subtree: Subtree,
    /// What was signed about sizes within it, smallest first.
    pub(super) checkpoints: Vec<Checkpoint>,
    /// Rows of postings that agree, in order.
    pub(super) postings: Vec<PostingRow>,
    /// Texts that match their commitments.
    pub(super) disclosures: u64,
    /// Texts that an erasure took away.
    pub(super) erased: u64,
    /// The first wrong thing.
    pub(super) fault: Option<AuditFault>,
}

/// Checks the sealed records at the places from `from` up to, not including, `to`.
pub(super) fn sealed(stretch: &Stretch, from: u64, to: u64, trust: &Trust) -> Checked {
    let mut hashes = Vec::with_capacity(stretch.records.len());
    let mut rows = stretch.records.iter();
    let mut checked = each(stretch, from..to, &trust.gone, |place| {
        let row = rows.next().filter(|row| u64::try_from(row.place) == Ok(place));
        let row = row.ok_or_else(|| AuditFault::new("is missing").in_table("leaf", "idx"))?;
        hashes.push(leaf(row, place, &stretch.tiles)?);
        Ok(row)
    });
    checked.fault = checked.fault.or_else(|| tiles_reach(stretch, from, &hashes).err());
    checked.subtree = Subtree::over(from, hashes);
    for row in &stretch.checkpoints {
        match checkpoint(row, trust) {
            Ok(signed) => checked.checkpoints.push(signed),
            Err(fault) => {
                checked.fault.get_or_insert(fault);
                break;
            }
        }
    }
    checked
}

/// Checks the waiting records from the `from`-th on, as many as there are.
pub(super) fn waiting(stretch: &Stretch, from: u64, trust: &Trust) -> Checked {
    let mut rows = stretch.records.iter();
    let to = from + stretch.records.len() as u64;
    let mut checked = each(stretch, from..to, &trust.gone, |_| {
        let row = rows.next().ok_or_else(|| AuditFault::new("a record that waits got lost"))?;
        let found = row.found.as_ref().map(|found| found.posted_at);
        if found.is_some() && found != row.queued_at {
            let what = format_args!("record {} waits under another time than its own", row.id);
            return Err(AuditFault::new(what).in_table("seal_queue", "posted_at"));
        }
        Ok(row)
    });
    // It has no place in the log yet.
    checked.fault = checked.fault.map(|fault| AuditFault { index: None, ..fault }.of("waiting to be sealed"));
    checked
}

/// Goes through the places until the first wrong one; `row` checks what is special about a place.
fn each<'s>(
    stretch: &'s Stretch,
    places: std::ops::Range<u64>,
    gone: &HashSet<Hash>,
    mut row: impl FnMut(u64) -> Result<&'s RecordRow, AuditFault>,
) -> Checked {
    let mut checked = Checked {
        records: Vec::with_capacity(stretch.records.len()),
        subtree: Subtree::default(),
        checkpoints: Vec::new(),
        postings: Vec::with_capacity(stretch.postings.len()),
        disclosures: 0,
        erased: 0,
        fault: None,
    };
    let (mut postings, mut texts) = (stretch.postings.as_slice(), stretch.texts.as_slice());
    for place in places {
        let seen = row(place).and_then(|row| {
            let postings = take_while(&mut postings, |posting| posting.place == row.place);
            let texts = take_while(&mut texts, |text| text.place == row.place);
            let (record, erased) = record(row, postings, texts, gone)?;
            Ok((record, postings, texts.len(), erased))
        });
        match seen {
            Ok((record, postings, texts, erased)) => {
                checked.erased += erased;
                checked.records.push(record);
                checked.postings.extend_from_slice(postings);
                checked.disclosures += texts as u64;
            }
            Err(fault) => {
                checked.fault = Some(fault.at(place));
                return checked;
            }
        }
    }
    checked
}

/// Splits off the first rows that belong together.
fn take_while<'r, T>(rest: &mut &'r [T], belongs: impl Fn(&T) -> bool) -> &'r [T] {
    let count = rest.iter().take_while(|row| belongs(row)).count();
    let (taken, left) = rest.split_at(count);
    *rest = left;
    taken
}

/// One record against its columns, its postings and its texts; with how many of those were erased.
fn record(
    row: &RecordRow,
    postings: &[PostingRow],
    texts: &[TextRow],
    gone: &HashSet<Hash>,
) -> Result<(Record, u64), AuditFault> {
    let found = row.found.as_ref().ok_or_else(|| missing(row))?;
    let record = Record::decode(&found.bytes).map_err(|error| AuditFault::from(&error))?;
    compare::columns(&record, row.id, found)?;
    compare::postings(&record, postings)?;
    let erased = compare::disclosures(&record, texts, gone)?;
    Ok((record, erased))
}

fn missing(row: &RecordRow) -> AuditFault {
    AuditFault::new(format_args!("record {} is missing", row.id)).in_table("record", "id")
}

/// The hash of the record at a place, which leaf and tile must both have.
fn leaf(row: &RecordRow, place: u64, tiles: &[(i64, Vec<u8>)]) -> Result<Hash, AuditFault> {
    let found = row.found.as_ref().ok_or_else(|| missing(row))?;
    let hash = leaf_hash(&found.bytes);
    let (in_leaf, in_tile) = (row.hash.as_deref(), in_tile(place, tiles));
    if in_tile == Some(&hash[..]) {
        return match in_leaf {
            Some(there) if there == hash => Ok(hash),
            there => Err(AuditFault::new("this is not the hash of the record's bytes")
                .in_table("leaf", "hash")
                .on_byte(first_difference(there.unwrap_or_default(), &hash))),
        };
    }
    if in_leaf == Some(&hash[..]) {
        let (tile, offset) = place_in_tile(place);
        let byte = first_difference(in_tile.unwrap_or_default(), &hash);
        return Err(AuditFault::new(format_args!("tile {tile} of level 0 does not hold its record's hash"))
            .in_table("tile", "hashes")
            .on_byte(byte.map(|byte| offset + byte)));
    }
    Err(compare::changed(found, row.id))
}

/// Tile and byte offset of a leaf's hash.
fn place_in_tile(place: u64) -> (u64, usize) {
    let within = usize::from(place.to_le_bytes()[0]);
    (place / TILE as u64, within * HASH)
}

fn in_tile(place: u64, tiles: &[(i64, Vec<u8>)]) -> Option<&[u8]> {
    let (tile, offset) = place_in_tile(place);
    let tile = i64::try_from(tile).ok()?;
    let at = tiles.binary_search_by_key(&tile, |(index, _)| *index).ok()?;
    let hashes = tiles.get(at)?.1.as_slice();
    hashes.get(offset..).map(|rest| rest.get(..HASH).unwrap_or(rest))
}

/// No tile but the last may hold more than its records' hashes; the last may have grown since.
fn tiles_reach(stretch: &Stretch, from: u64, hashes: &[Hash]) -> Result<(), AuditFault> {
    for (index, tile) in &stretch.tiles {
        let first = unsigned(*index)? * TILE as u64;
        let all_here = first >= from && first + TILE as u64 <= from + hashes.len() as u64;
        if all_here && tile.len() != TILE * HASH {
            let what = format_args!("tile {index} of level 0 has {} bytes, not 8,192", tile.len());
            return Err(AuditFault::new(what).in_table("tile", "hashes").on_byte(Some(TILE * HASH)));
        }
    }
    Ok(())
}

/// A checkpoint's text and signature; its root is compared once the records before it are known.
pub(super) fn checkpoint(row: &CheckpointRow, trust: &Trust) -> Result<Checkpoint, AuditFault> {
    let wrong = |column: &'static str, what: &dyn std::fmt::Display| {
        AuditFault::new(what).of(format_args!("of {} records", row.size)).in_table("checkpoint", column)
    };
    let signed = if trust.keys.is_empty() {
        let note = ledger::SignedNote::parse(row.note.as_bytes()).map_err(|error| wrong("note", &error))?;
        note.text.parse::<Checkpoint>().map_err(|error| wrong("note", &error))?
    } else {
        let open =
            Checkpoint::open(row.note.as_bytes(), &trust.keys).map_err(|error| wrong("note", &error))?;
        if !open.is_signed_by_its_origin() {
            return Err(wrong("note", &"the key that signed it does not carry the log's name"));
        }
        open.checkpoint
    };
    if origin_at(&trust.epochs, signed.size) != Some(signed.origin.as_str()) {
        return Err(wrong("note", &"it is another log's, or another epoch's"));
    }
    if i64::try_from(signed.size) != Ok(row.size) {
        return Err(wrong("size", &"another size was signed"));
    }
    if row.root != signed.root {
        return Err(
            wrong("root", &"another root was signed").on_byte(first_difference(&row.root, &signed.root))
        );
    }
    Ok(signed)
}
