//! What falls due when: the clock's next edge of a task, from what is written down about it.
//!
//! Promises: a pure function of the stored state; whatever one edge changes, the next follows from the state
//! that it leaves. Must never: look at a clock or a database.

use uuid::Uuid;

use super::super::{Judging, Silence, Stored, Task};
use super::EdgeKind;
use crate::clock::Moment;

/// Something that the clock does at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) kind: EdgeKind,
    /// The instant at which it is due, and as of which it is done, however late.
    pub(super) at: Moment,
    /// The appeal or amendment that it is about, or the task.
    pub(super) subject: Uuid,
}

/// What the clock looks at.
#[derive(Debug)]
pub(super) struct Facts<'t> {
    pub(super) task: &'t Task,
    /// Whether any entry has handed in that has not left; needed once the race has closed.
    pub(super) qualified: bool,
    /// Whether the server measures the race, or counts its votes, and has not ruled it yet.
    pub(super) unmeasured: bool,
    /// When the sheets of a panel are due, if enough are locked for a ruling then.
    pub(super) sheets_due: Option<Moment>,
    /// Second appeals against the ruling that counts which nobody has answered, oldest first, by the first ones.
    pub(super) open_seconds: Vec<(Uuid, Moment)>,
    /// Appeals against the ruling that counts which nobody has answered, oldest first, each with its instant.
    pub(super) open_appeals: Vec<(Uuid, Moment)>,
    /// When the last appeal against that ruling was answered, first or second.
    pub(super) answered_at: Option<Moment>,
    /// The amendment that is open, while the race runs, with the end of its time for answers.
    pub(super) amendment: Option<(Uuid, Moment)>,
}

/// The next edge, whether its instant has come or not.
pub(super) fn next(facts: &Facts<'_>) -> Option<Edge> {
    match facts.task.stored {
        Stored::Open => amended_first(facts, while_open(facts)),
        Stored::Provisional => while_provisional(facts),
        Stored::Draft | Stored::Settled | Stored::Cancelled | Stored::Expired => None,
    }
}

/// An amendment is decided in its turn; before what falls due at the same instant, which then goes by it.
fn amended_first(facts: &Facts<'_>, other: Option<Edge>) -> Option<Edge> {
    let amend = facts.amendment.map(|(subject, at)| Edge { kind: EdgeKind::Amend, at, subject });
    [amend, other].into_iter().flatten().min_by_key(|edge| edge.at)
}

fn while_open(facts: &Facts<'_>) -> Option<Edge> {
    let task = facts.task;
    let edge = |kind, at| Some(Edge { kind, at, subject: task.id.0 });
    if let Some((no, stage)) = task.next_stage()
        && task.judging_since.is_none()
    {
        return if task.stages_ended < no {
            edge(EdgeKind::StageEnd, stage.ends_at)
        } else {
            edge(EdgeKind::StageCut, stage.judged_until())
        };
    }
    let Some(since) = task.judging_since else { return edge(EdgeKind::Close, task.closes_at) };
    if !facts.qualified {
        return edge(EdgeKind::Expire, since);
    }
    if facts.unmeasured {
        let at = match &task.rules.judging {
            Judging::Vote(vote) => vote.closes_at(task.closes_at),
            _ => since,
        };
        return edge(EdgeKind::Measure, at);
    }
    let sheets = facts.sheets_due.and_then(|at| edge(EdgeKind::Sheets, at));
    // At the same instant the ruling goes before what is for silence.
    [sheets, while_silent(task, since)].into_iter().flatten().min_by_key(|edge| edge.at)
}

/// What the clock does while nobody rules.
fn while_silent(task: &Task, since: Moment) -> Option<Edge> {
    let edge = |kind, at| Some(Edge { kind, at, subject: task.id.0 });
    let silence = task.rules.silence.as_ref()?;
    let first_answer = since.plus_seconds(i64::from(silence.first_answer_seconds));
    let ruling = since.plus_seconds(i64::from(silence.ruling_seconds));
    match task.passed_at {
        None if task.reminded_at.is_none() && first_answer < ruling => edge(EdgeKind::Remind, first_answer),
        None if !silence.deputies.is_empty() => edge(EdgeKind::PassOn, ruling),
        None => edge(EdgeKind::Default, ruling),
        Some(passed) => edge(EdgeKind::Default, passed.plus_seconds(i64::from(silence.deputy_seconds))),
    }
}

fn while_provisional(facts: &Facts<'_>) -> Option<Edge> {
    let task = facts.task;
    if facts.open_appeals.is_empty() && facts.open_seconds.is_empty() {
        let at = task.appeals_until.max(facts.answered_at)?;
        return Some(Edge { kind: EdgeKind::Settle, at, subject: task.id.0 });
    }
    let silence = task.rules.silence.as_ref()?;
    let due = |filed: Moment| filed.plus_seconds(i64::from(silence.appeal_answer_seconds));
    // A second appeal has no deputies: everybody who may answer it was asked.
    let second = facts.open_seconds.first();
    let second = second.map(|(id, at)| Edge { kind: EdgeKind::AppealStands, at: due(*at), subject: *id });
    let first = facts.open_appeals.first().map(|(id, at)| while_appealed(task, silence, *id, due(*at)));
    [first, second].into_iter().flatten().min_by_key(|edge| edge.at)
}

/// What the clock does while nobody answers a first appeal that is `due`.
fn while_appealed(task: &Task, silence: &Silence, appeal: Uuid, due: Moment) -> Edge {
    if silence.deputies.is_empty() {
        return Edge { kind: EdgeKind::AppealStands, at: due, subject: appeal };
    }
    if task.passed_at.is_none() {
        return Edge { kind: EdgeKind::AppealPassOn, at: due, subject: appeal };
    }
    let at = due.plus_seconds(i64::from(silence.deputy_seconds));
    Edge { kind: EdgeKind::AppealStands, at, subject: appeal }
}

#[cfg(test)]
#[path = "edges_tests.rs"]
mod tests;
