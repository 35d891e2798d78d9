//! Erasure: a person's texts and names go, the proofs stay.
//!
//! Promises: what the person wrote, what was written to their wallet, and their names are deleted from every
//! table and from the file store, their sessions end; one admin asks and somebody else approves; a record
//! names the commitments that can't be opened any more, so that nothing can vanish without one. Must never:
//! touch a record, a posting or a balance: what the person earned stays theirs on the books, under an id.
//!
//! What was copied earlier is out of reach: backups and receipts that people hold keep the texts. Whoever
//! restores an older backup asks for the erasure again.

mod commands;
mod queries;
pub(crate) mod tables;

use ledger::RecordId;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::ids::{ErasureId, PersonId};

pub use commands::RequestErasure;

/// What stands where a text or a name was, in every language of the pages.
pub const ERASED: &str = "[erased · 已删除]";

/// An erasure, asked for or done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasureView {
    /// Its id.
    pub id: ErasureId,
    /// Whose texts and names.
    pub person: PersonId,
    /// On what ground.
    pub ground: String,
    /// Records whose texts are about the person though others wrote them.
    pub records: Vec<String>,
    /// Who asked for it.
    pub requested_by: PersonId,
    /// When.
    pub requested_at: Moment,
    /// Who approved it, once somebody did; then it is done.
    pub approved_by: Option<PersonId>,
    /// When.
    pub approved_at: Option<Moment>,
    /// The record that says so.
    #[serde(skip)]
    pub record: Option<RecordId>,
}
