//! What lists may hold, so that nothing is filtered after it was read.
//!
//! Promises: a list holds exactly what the policy would grant one by one. Must never: name a role.

use crate::actor::{Actor, PersonKind};
use crate::ids::PersonId;

/// Which tasks a list may hold for the asker; `task/queries.rs` turns it into a condition, so that nothing
/// is filtered after it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskScope {
    /// Every published task, internal ones too; otherwise open ones only.
    pub inside: bool,
    /// Besides: what this person posted, rides in, or judges.
    pub person: Option<PersonId>,
}

/// The scope of the asker's lists of tasks: the same tasks for which [`super::Act::SeeTask`] is granted.
pub fn task_scope(actor: &Actor) -> TaskScope {
    let inside = actor.person().is_some_and(|asker| asker.kind == PersonKind::Member);
    TaskScope { inside, person: actor.id() }
}
