//! The right edge of a tree: all that is needed to append to it and to know its root.
//!
//! Promises: one hash for each set bit of the size, largest subtree first. Must never need the
//! leaves that came before.

use super::{Hash, Nodes, Range, TreeError, fold_right, node_hash, nodes_of};

/// A compact range from leaf zero (one hash for each set bit of `size`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The frontier of an empty tree.
    #[must_use]
    pub const fn new() -> Self {
        Self { size: 0, peaks: Vec::new() }
    }

    /// The frontier of a tree of `size` leaves, from its nodes.
    ///
    /// # Errors
    /// [`TreeError::Missing`] when a node is missing.
    pub fn load(size: u64, nodes: &impl Nodes) -> Result<Self, TreeError> {
        let mut peaks = Vec::new();
        for (level, index) in nodes_of(Range { start: 0, end: size }) {
            peaks.push(nodes.node(level, index).ok_or(TreeError::Missing { level, index })?);
        }
        Ok(Self { size, peaks })
    }

    /// Appends one leaf hash.
    pub fn append(&mut self, leaf: Hash) {
        let mut hash = leaf;
        for _ in 0..self.size.trailing_ones() {
            // There is a peak for each set bit of the size.
            let Some(left) = self.peaks.pop() else { break };
            hash = node_hash(&left, &hash);
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// How many leaves there are.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root over all leaves.
    #[must_use]
    pub fn root(&self) -> Hash {
        fold_right(&self.peaks)
    }
}
