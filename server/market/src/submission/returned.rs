//! Returned unread: a judge sends an entry back without ruling on it, with a reason.
//!
//! Promises: only after the clock has stopped, only before a ruling, by who may rule and has no part in the
//! entry; the reason is on the record and the crew is told; an entry that was returned qualifies for nothing,
//! and its crew can still appeal against the ruling that comes. Must never: be a way to end a race, or to
//! get the bounty back, without a ruling that can be appealed against.

use ledger::{RecordId, RecordKind};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::tables::{self, returned, submission};
use crate::actor::{Actor, names};
use crate::books::{self, label};
use crate::clock::Moment;
use crate::error::{Code, Problems, Refusal, Result};
use crate::ids::{EntryId, PersonId, TaskId};
use crate::notice::{Event, Kind, notify};
use crate::policy::{Act, EntryFacts, Permit, permit};
use crate::race;
use crate::store::{Command, Scope};
use crate::task::{Task, TaskState};
use crate::text;

/// Why an entry was returned unread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnReason {
    /// It is about something else than the task.
    OffTask,
    /// It brings no evidence that could be looked at.
    NoEvidence,
    /// It is the work of another lane.
    SameWork,
    /// No effort was made: filler, or an advertisement.
    NoEffort,
    /// It can't be opened or run.
    Unusable,
}

names!(
    ReturnReason,
    OffTask = "off_task",
    NoEvidence = "no_evidence",
    SameWork = "same_work",
    NoEffort = "no_effort",
    Unusable = "unusable"
);

/// That an entry was returned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnView {
    /// The entry.
    pub entry: EntryId,
    /// By whom.
    pub by: PersonId,
    /// When.
    pub at: Moment,
    /// Why.
    pub reason: ReturnReason,
    /// What the judge added; may be empty.
    pub note: String,
    /// The record of it.
    pub record: RecordId,
}

/// Sends an entry back without ruling on it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReturnUnread {
    /// The entry.
    pub entry: EntryId,
    /// Why.
    pub reason: ReturnReason,
    /// More, for its crew and everybody who sees the task: at most 500 characters, may be empty.
    pub note: String,
}

impl Command for ReturnUnread {
    type Output = RecordId;
    const ACT: Act = Act::ReturnUnread;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<RecordId> {
        let (task, row, facts) = race::locked(scope, asker, self.entry).await?;
        let leave = permit(asker, Self::ACT, &facts)?;
        check_judging(&task, scope.now)?;
        if !race::runs(&row) || !has_submitted(scope.txn, self.entry).await? {
            return Err(Refusal::because(Code::EntryNotInRace));
        }
        if is_returned(scope.txn, self.entry).await? {
            return Err(Refusal::because(Code::AlreadyReturned));
        }
        let mut problems = Problems::default();
        let note = text::maybe_prose(&mut problems, "note", &self.note, 500);
        problems.done()?;
        let said = json!({ "entry": self.entry, "returned": self.reason, "note": note });
        let record = deposit(scope, &leave, task.id, &said).await?;
        let row = returned::Model {
            entry_id: self.entry.0,
            task_id: task.id.0,
            by_id: leave.by().ok_or(Refusal::Unauthenticated)?.0,
            at: scope.now.0,
            reason: self.reason.as_str().to_owned(),
            note,
            record_id: Uuid::from_bytes(record.to_bytes()),
        };
        tables::insert_returned(scope.txn, &leave, row).await?;
        let event = Event::of(&leave, Kind::EntryReturned).task(task.id).entry(self.entry);
        notify(scope, event.to(facts.crew)).await?;
        Ok(record)
    }
}

/// Takes it back: the entry is judged with the others.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TakeBackReturn {
    /// The entry.
    pub entry: EntryId,
}

impl Command for TakeBackReturn {
    type Output = RecordId;
    const ACT: Act = Act::TakeBackReturn;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<RecordId> {
        let (task, _, facts) = race::locked(scope, asker, self.entry).await?;
        let leave = permit(asker, Self::ACT, &facts)?;
        check_judging(&task, scope.now)?;
        if !is_returned(scope.txn, self.entry).await? {
            return Err(Refusal::because(Code::NotReturned));
        }
        let said = json!({ "entry": self.entry, "returned": null });
        let record = deposit(scope, &leave, task.id, &said).await?;
        tables::delete_returned(scope.txn, &leave, self.entry.0).await?;
        let event = Event::of(&leave, Kind::EntryTakenBack).task(task.id).entry(self.entry);
        notify(scope, event.to(facts.crew)).await?;
        Ok(record)
    }
}

/// An appeal that is granted lifts it.
pub(crate) async fn lift<S>(scope: &Scope<'_>, leave: &Permit<S>, entry: EntryId) -> Result<()> {
    tables::delete_returned(scope.txn, leave, entry.0).await
}

/// The entries of a race that were returned.
pub(crate) async fn returned_in(db: &impl ConnectionTrait, task: TaskId) -> Result<Vec<ReturnView>> {
    let rows = returned::Entity::find().filter(returned::Column::TaskId.eq(task.0)).all(db).await?;
    rows.into_iter().map(view).collect()
}

/// The entries of these races that were returned.
pub(crate) async fn returned_among(
    db: &impl ConnectionTrait,
    tasks: impl IntoIterator<Item = Uuid>,
) -> Result<Vec<Uuid>> {
    let rows = returned::Entity::find().filter(returned::Column::TaskId.is_in(tasks)).all(db).await?;
    Ok(rows.into_iter().map(|row| row.entry_id).collect())
}

/// Whether an entry was returned.
pub(crate) async fn is_returned(db: &impl ConnectionTrait, entry: EntryId) -> Result<bool> {
    Ok(returned::Entity::find_by_id(entry.0).one(db).await?.is_some())
}

fn view(row: returned::Model) -> Result<ReturnView> {
    Ok(ReturnView {
        entry: EntryId(row.entry_id),
        by: PersonId(row.by_id),
        at: Moment(row.at),
        reason: row.reason.parse()?,
        note: row.note,
        record: RecordId::from_bytes(*row.record_id.as_bytes()),
    })
}

async fn has_submitted(db: &impl ConnectionTrait, entry: EntryId) -> Result<bool> {
    let rows = submission::Entity::find().filter(submission::Column::EntryId.eq(entry.0));
    Ok(rows.one(db).await?.is_some())
}

fn check_judging(task: &Task, now: Moment) -> Result<()> {
    match task.state(now) {
        TaskState::Judging => Ok(()),
        TaskState::Open => Err(Refusal::because(Code::NotYetClosed)),
        _ => Err(Refusal::because(Code::NotJudging)),
    }
}

async fn deposit(
    scope: &Scope<'_>,
    leave: &Permit<EntryFacts>,
    task: TaskId,
    said: &serde_json::Value,
) -> Result<RecordId> {
    let data = said.to_string().into_bytes();
    Ok(books::deposit(scope, leave, task.0, RecordKind::Evidence, label::RETURNED, data).await?.record)
}
