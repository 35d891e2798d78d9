//! Submissions: versions of an entry's work, deposited as evidence at once.
//!
//! Promises: a version is taken while the clock runs and never after; its digest is on the ledger in the
//! same database transaction; its content is sealed to all but its crew until the clock stops. Must
//! never: change a version, or serve a file whose bytes are not those of its digest.

mod commands;
mod compare;
mod evidence;
mod files;
mod queries;
mod returned;
mod rules;
pub(crate) mod tables;

use ledger::{Hash, RecordId};

use crate::clock::Moment;
use crate::ids::{EntryId, FileId, PersonId, SubmissionId};

pub use commands::{FileDigest, FileInput, NewFile, SubmitInput, SubmitWork};
pub use compare::{SameKind, SameWork};
pub use evidence::{EvidenceItem, EvidenceKind, MOST_EVIDENCE};
pub use files::{FileStore, stored_at};
pub use returned::{ReturnReason, ReturnUnread, ReturnView, TakeBackReturn};

pub(crate) use evidence::check_list;
pub(crate) use queries::{
    Handed, count_of, entries_with_submissions, handed, handed_between, handed_by, handed_in,
};
pub(crate) use returned::{is_returned, lift, returned_among, returned_in};

/// One version of an entry's work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubmissionView {
    /// Its id.
    pub id: SubmissionId,
    /// Whose it is.
    pub entry: EntryId,
    /// 1 for the first.
    pub version: u32,
    /// When it was handed in.
    pub at: Moment,
    /// Who of the crew handed it in; nobody where names are hidden from the asker.
    pub by: Option<PersonId>,
    /// The record that deposits it.
    pub record: RecordId,
    /// Its salted digest, as committed on the ledger.
    pub digest: Hash,
    /// What is in it; `None` while it is sealed to the asker.
    pub content: Option<Content>,
    /// Whether its crew has opened it to the judges; told to who may know.
    pub opened: bool,
    /// Whether the asker can write to its crew about it now.
    pub may_comment: bool,
}

/// What was handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Markdown.
    pub body: String,
    /// Links, `https://…` or `http://…`.
    pub links: Vec<String>,
    /// Files in order.
    pub files: Vec<FileView>,
    /// What was brought for each item of the race's evidence checklist; empty where a file was asked for.
    pub evidence: Vec<String>,
}

/// A file of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileView {
    /// Its id.
    pub id: FileId,
    /// Its name, without a path.
    pub name: String,
    /// Its media type as its crew gave it; serve it as a download only.
    pub media_type: String,
    /// Its bytes.
    pub size: u64,
    /// Their digest.
    pub sha256: [u8; 32],
}
