//! Feedback while a race runs: a crew opens one version of its work to the judges, who write to that crew.
//!
//! Promises: only what its crew has opened is open, and only to who judges and is not tied to the entry; what
//! they write is for that crew alone, its digest on the ledger. Must never: tell a rival that anything was
//! asked or written.

mod commands;
mod queries;
pub(crate) mod tables;

use ledger::RecordId;

use crate::clock::Moment;
use crate::ids::{EntryId, FeedbackId, PersonId, SubmissionId};

pub use commands::{AskFeedback, GiveFeedback};
pub(crate) use queries::opened;

/// What somebody wrote to a crew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedbackView {
    /// Its id.
    pub id: FeedbackId,
    /// The crew's entry.
    pub entry: EntryId,
    /// On which version.
    pub submission: SubmissionId,
    /// Its number.
    pub version: u32,
    /// Who wrote it.
    pub by: PersonId,
    /// Markdown.
    pub body: String,
    /// When.
    pub at: Moment,
    /// The record that deposits it.
    pub record: RecordId,
}
