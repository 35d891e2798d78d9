//! The Merkle tree of RFC 6962: hashes, roots, proofs, and how they are checked.
//!
//! Promises: the hashing of RFC 6962 §2.1 (leaf `00`, node `01`, split at the largest power of two
//! below the size, odd leaves not doubled); verification exactly as RFC 9162 §2.1.3.2 and §2.1.4.2.
//! Must never accept a proof with an element too many or too few.
//!
//! Proofs are made from *nodes*: roots of complete, aligned subtrees, named by level and index. What
//! nodes a proof needs is known before any is looked at, so that a caller can load exactly those.

mod frontier;
mod many;
mod verify;

pub use frontier::Frontier;
pub use many::{cover_ranges, verify_cover};
use sha2::{Digest, Sha256};
pub use verify::{ProofError, verify_consistency, verify_inclusion};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// Largest tree: sizes are signed 64-bit numbers elsewhere.
pub const MAX_SIZE: u64 = i64::MAX.unsigned_abs();

/// Where the hashes of complete subtrees come from.
pub trait Nodes {
    /// The root of the subtree of `2^level` leaves that starts at leaf `index · 2^level`.
    fn node(&self, level: u8, index: u64) -> Option<Hash>;
}

/// Why a proof or a root can't be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// A leaf or size beyond the tree's size.
    #[error("{at} lies outside a tree of {size} leaves")]
    OutOfRange {
        /// The leaf index or smaller size that was asked for.
        at: u64,
        /// The tree's size.
        size: u64,
    },
    /// The caller didn't load this node.
    #[error("node {index} of level {level} is missing")]
    Missing {
        /// Height above the leaves.
        level: u8,
        /// Position within the level.
        index: u64,
    },
}

/// The leaves from `start` up to, not including, `end`; always a subtree of RFC 6962's recursion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// First leaf.
    pub start: u64,
    /// Leaf after the last.
    pub end: u64,
}

/// The hash of a record: `SHA-256(00 ‖ record)`.
#[must_use]
pub fn leaf_hash(record: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(record).finalize().into()
}

/// The hash of an inner node: `SHA-256(01 ‖ left ‖ right)`.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The root of a tree without leaves: `SHA-256("")`.
#[must_use]
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// The root over leaf hashes, word for word as RFC 6962 §2.1 defines it.
#[must_use]
pub fn root_of(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            node_hash(&root_of(left), &root_of(right))
        }
    }
}

/// The nodes whose hashes make up the root of `range`, from left to right, largest first.
#[must_use]
pub fn nodes_of(range: Range) -> Vec<(u8, u64)> {
    let mut nodes = Vec::new();
    let mut start = range.start;
    while start < range.end {
        let level = (range.end - start).ilog2();
        // At most 63, since it is the logarithm of a u64.
        nodes.push((level.to_le_bytes()[0], start >> level));
        start += 1 << level;
    }
    nodes
}

/// The root of a subtree of the recursion.
///
/// # Errors
/// [`TreeError::Missing`] when `nodes` lacks one of [`nodes_of`] the range.
pub fn range_root(range: Range, nodes: &impl Nodes) -> Result<Hash, TreeError> {
    let mut hashes = Vec::new();
    for (level, index) in nodes_of(range) {
        hashes.push(nodes.node(level, index).ok_or(TreeError::Missing { level, index })?);
    }
    Ok(fold_right(&hashes))
}

/// The subtrees whose roots make the inclusion proof of leaf `index`, in the proof's order.
///
/// # Errors
/// [`TreeError::OutOfRange`] unless `index < size <= MAX_SIZE`.
pub fn inclusion_ranges(index: u64, size: u64) -> Result<Vec<Range>, TreeError> {
    if index >= size || size > MAX_SIZE {
        return Err(TreeError::OutOfRange { at: index, size });
    }
    let mut path = Vec::new();
    let (mut start, mut end) = (0, size);
    while end - start > 1 {
        let middle = split_point(start, end);
        if index < middle {
            path.push(Range { start: middle, end });
            end = middle;
        } else {
            path.push(Range { start, end: middle });
            start = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// The subtrees whose roots make the proof that the tree of `new` leaves extends the tree of `old`
/// (RFC 6962 §2.1.2); none from an empty tree, and none between equal trees.
///
/// # Errors
/// [`TreeError::OutOfRange`] unless `old <= new <= MAX_SIZE`.
pub fn consistency_ranges(old: u64, new: u64) -> Result<Vec<Range>, TreeError> {
    if old > new || new > MAX_SIZE {
        return Err(TreeError::OutOfRange { at: old, size: new });
    }
    if old == 0 {
        return Ok(Vec::new());
    }
    let mut path = Vec::new();
    let (mut start, mut end) = (0, new);
    while end != old {
        let middle = split_point(start, end);
        if old <= middle {
            path.push(Range { start: middle, end });
            end = middle;
        } else {
            path.push(Range { start, end: middle });
            start = middle;
        }
    }
    // A verifier has the old root already if the old tree is itself a subtree.
    if start > 0 {
        path.push(Range { start, end });
    }
    path.reverse();
    Ok(path)
}

/// The roots of `ranges`, which is the proof.
///
/// # Errors
/// [`TreeError::Missing`] when `nodes` lacks a node.
pub fn prove(ranges: &[Range], nodes: &impl Nodes) -> Result<Vec<Hash>, TreeError> {
    ranges.iter().map(|range| range_root(*range, nodes)).collect()
}

/// Joins the roots of subtrees that grow smaller from left to right.
fn fold_right(hashes: &[Hash]) -> Hash {
    let Some((last, others)) = hashes.split_last() else { return empty_root() };
    others.iter().rev().fold(*last, |right, left| node_hash(left, &right))
}

/// Where RFC 6962 splits a range: after the largest power of two below its length.
const fn split_point(start: u64, end: u64) -> u64 {
    start + (1 << (end - start - 1).ilog2())
}
