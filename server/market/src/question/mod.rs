//! Questions and answers about a race, and what its poster makes clear unasked.
//!
//! Promises: whoever may see the task sees every question and every answer from the same instant on, on record;
//! nobody is told who asked, so that a question gives no rival away. Must never: answer one crew alone, or change
//! what was said once.

mod commands;
mod queries;
pub(crate) mod tables;

use ledger::RecordId;

use crate::clock::Moment;
use crate::ids::{PersonId, QuestionId, TaskId};

pub use commands::{AnswerQuestion, AskQuestion, ClarifyTask};
pub(crate) use queries::waiting;

/// Most questions of one person on one task that wait for an answer.
pub const MOST_OPEN_QUESTIONS: u32 = 5;
/// Most questions and clarifications on one task.
pub const MOST_QUESTIONS: u32 = 500;

/// A question with its answer, or what the poster made clear unasked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuestionView {
    /// Its id.
    pub id: QuestionId,
    /// The task that it is about.
    pub task: TaskId,
    /// What was asked; `None` for what was made clear unasked.
    pub asked: Option<Said>,
    /// Whether the asker of this view asked it.
    pub mine: bool,
    /// The answer, if there is one.
    pub answer: Option<Said>,
    /// Who answered. Who asked is told to nobody.
    pub answered_by: Option<PersonId>,
    /// Whether the asker of this view may answer it now.
    pub may_answer: bool,
}

/// What was said, when, on which record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Markdown.
    pub text: String,
    /// When.
    pub at: Moment,
    /// The record that deposits it.
    pub record: RecordId,
}
