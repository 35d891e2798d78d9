//! One proof for many leaves: the roots of the subtrees that hold none of them.
//!
//! Promises: which subtrees those are follows from the places and the size alone, so a proof has exactly
//! one length and one order, left to right; for one leaf it is its inclusion proof in another order. Must
//! never: take a root that a leaf of the caller's lies under.

use super::{Hash, MAX_SIZE, ProofError, Range, TreeError, node_hash, split_point};

/// The subtrees whose roots make the proof of the leaves at `places`, from left to right.
///
/// # Errors
/// [`TreeError::OutOfRange`] unless the places ascend, there is at least one, and all are below `size`.
pub fn cover_ranges(places: &[u64], size: u64) -> Result<Vec<Range>, TreeError> {
    check(places.iter().copied(), size).map_err(|at| TreeError::OutOfRange { at, size })?;
    let mut cover = Vec::new();
    collect(Range { start: 0, end: size }, places, &mut cover);
    Ok(cover)
}

/// Checks that these leaves, each with its place, are in the tree of `size` leaves and `root`; `cover` holds
/// the roots of [`cover_ranges`].
///
/// # Errors
/// What doesn't hold.
pub fn verify_cover(
    leaves: &[(u64, Hash)],
    size: u64,
    cover: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    let places = leaves.iter().map(|(place, _)| *place);
    check(places, size).map_err(|at| ProofError::OutOfRange { at, size })?;
    let mut rest = cover.iter();
    let reached = fold(Range { start: 0, end: size }, leaves, &mut rest).ok_or(ProofError::WrongLength)?;
    if rest.next().is_some() {
        return Err(ProofError::WrongLength);
    }
    if reached == *root { Ok(()) } else { Err(ProofError::WrongRoot) }
}

/// The first place that is out of order or out of range.
fn check(places: impl Iterator<Item = u64>, size: u64) -> Result<(), u64> {
    let mut next = 0;
    let mut any = false;
    for place in places {
        if place < next || place >= size || size > MAX_SIZE {
            return Err(place);
        }
        next = place + 1;
        any = true;
    }
    if any { Ok(()) } else { Err(0) }
}

fn collect(range: Range, places: &[u64], cover: &mut Vec<Range>) {
    if places.is_empty() {
        cover.push(range);
    } else if range.end - range.start > 1 {
        let (left, right) = halves(range);
        let (in_left, in_right) = places.split_at(places.partition_point(|place| *place < left.end));
        collect(left, in_left, cover);
        collect(right, in_right, cover);
    }
}

/// The root of a range; `None` when the proof is too short.
fn fold(range: Range, leaves: &[(u64, Hash)], cover: &mut std::slice::Iter<'_, Hash>) -> Option<Hash> {
    match leaves {
        [] => cover.next().copied(),
        [(_, leaf)] if range.end - range.start == 1 => Some(*leaf),
        _ => {
            let (left, right) = halves(range);
            let (in_left, in_right) = leaves.split_at(leaves.partition_point(|(place, _)| *place < left.end));
            let left = fold(left, in_left, cover)?;
            Some(node_hash(&left, &fold(right, in_right, cover)?))
        }
    }
}

const fn halves(range: Range) -> (Range, Range) {
    let middle = split_point(range.start, range.end);
    (Range { start: range.start, end: middle }, Range { start: middle, end: range.end })
}
