//! Templates: the rules of a race under a name, to begin another task with.
//!
//! Promises: a template is a copy; changing or deleting it never touches a task. Who saved it uses it, and every
//! member where it was saved for all. Must never: check rules as if they were frozen; that is for the task that is
//! made of it, with its own bounty and its own time.

mod built_in;
mod commands;
mod queries;
pub(crate) mod tables;

use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::ids::{PersonId, TemplateId};
use crate::task::{Rules, Visibility};

pub use built_in::{BuiltIn, built_in};
pub use commands::{DeleteTemplate, SaveTemplate};

/// Most templates of one person.
pub const MOST_TEMPLATES: u32 = 100;
/// Most bytes of the rules in one template.
const MOST_BYTES: usize = 64 * 1_024;

/// What a template keeps of a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateInput {
    /// What it is called, at most 60 characters.
    pub name: String,
    /// Whether every member may use it.
    pub shared: bool,
    /// What the brief begins with: Markdown, at most 20,000 characters, may be empty.
    pub brief: String,
    /// What the criteria begin with: Markdown, at most 10,000 characters, may be empty.
    pub criteria: String,
    /// Who may see the task and join.
    pub visibility: Visibility,
    /// How long the race runs in seconds, from an hour to three years.
    pub runs_seconds: u32,
    /// The rules; instants in them count from when it was saved.
    pub rules: Rules,
}

/// A template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateView {
    /// Its id.
    pub id: TemplateId,
    /// Who saved it.
    pub by: PersonId,
    /// When.
    pub at: Moment,
    /// What it keeps.
    pub input: TemplateInput,
    /// Whether the asker may delete it.
    pub may_delete: bool,
}

/// The rules with every instant in them moved as far as `now` is from `then`: a stage that ended ten days after
/// its race was written ends ten days from now.
#[must_use]
pub fn moved(mut rules: Rules, then: Moment, now: Moment) -> Rules {
    let far = now.seconds_since(then);
    rules.opens_at = rules.opens_at.map(|at| at.plus_seconds(far));
    for stage in &mut rules.stages {
        stage.ends_at = stage.ends_at.plus_seconds(far);
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_move_together_and_durations_stay() {
        let staged = built_in().into_iter().find(|known| known.slug == "three-stages").unwrap().input.rules;
        let (then, now) = (Moment(0), Moment(0).plus_seconds(1_000_000));
        let there = moved(staged.clone(), then, now);
        for (was, is) in staged.stages.iter().zip(&there.stages) {
            assert_eq!(is.ends_at.seconds_since(was.ends_at), 1_000_000);
            assert_eq!(is.judge_seconds, was.judge_seconds);
        }
        assert_eq!(moved(there, now, then), staged);
    }
}
