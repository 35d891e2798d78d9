//! What an entry handed in, as pages show it.
//!
//! Must never: show what the market keeps sealed.

use market::submission::{Content, FileView, SubmissionView};
use market::task::{TaskState, TaskView};

use super::super::evidence::{self, Brought};
use super::super::kit::Link;
use super::super::names::Names;
use crate::format::{self, When};
use crate::i18n::key;
use crate::visit::Visit;
use crate::{markdown, urls};

/// A version that was handed in.
#[derive(Debug, Clone)]
pub struct SubmissionBlock {
    /// Its number.
    pub version: u32,
    /// When.
    pub at: When,
    /// By whom.
    pub by: Link,
    /// Whether it is open to the judges while the race runs.
    pub opened: bool,
    /// Where the reader writes to its crew about it.
    pub comment: Option<String>,
    /// Its digest, as deposited.
    pub digest: String,
    /// The record of the deposit.
    pub record: String,
    /// What it says, unless it is sealed to the reader.
    pub content: Option<ContentBlock>,
    /// The key of what is said instead.
    pub sealed: &'static str,
}

/// What was handed in.
#[derive(Debug, Clone)]
pub struct ContentBlock {
    /// The text, as safe HTML.
    pub body: String,
    /// The links.
    pub links: Vec<String>,
    /// The files.
    pub files: Vec<FileRow>,
    /// What was brought for the checklist.
    pub evidence: Vec<Brought>,
}

/// A file.
#[derive(Debug, Clone)]
pub struct FileRow {
    /// Where to get it.
    pub url: String,
    /// Its name.
    pub name: String,
    /// Its size.
    pub size: String,
    /// Its SHA-256.
    pub digest: String,
}

/// A version of an entry, as its page shows it.
pub(in crate::pages) fn submission(
    v: &Visit,
    names: &Names,
    task: &TaskView,
    submission: &SubmissionView,
) -> SubmissionBlock {
    SubmissionBlock {
        version: submission.version,
        at: v.when(submission.at),
        by: submission.by.map_or_else(|| Link::new(v.t(key("names-hidden")), ""), |by| names.person(by)),
        opened: submission.opened,
        comment: submission.may_comment.then(|| urls::submission_feedback(submission.id)),
        digest: hex::encode(submission.digest),
        record: urls::record(submission.record),
        content: submission.content.as_ref().map(|content| content_block(v, task, content)),
        sealed: match task.state {
            TaskState::Open => key("submission-sealed"),
            _ => key("submission-kept"),
        },
    }
}

/// What a version says, as the page shows it.
pub(in crate::pages) fn content_block(v: &Visit, task: &TaskView, content: &Content) -> ContentBlock {
    let file = |file: &FileView| FileRow {
        url: urls::file(file.id),
        name: file.name.clone(),
        size: format::size(file.size),
        digest: hex::encode(file.sha256),
    };
    ContentBlock {
        body: markdown::to_html(&content.body),
        links: content.links.clone(),
        evidence: evidence::brought(v, &task.rules.evidence, content),
        files: content.files.iter().map(file).collect(),
    }
}
