//! Counting events.

use ledger::RecordKind;
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::tables::{self, race_event};
use super::{MOST_AT_ONCE, by_entry, rules};
use crate::actor::Actor;
use crate::books::{self, label};
use crate::error::{Code, Problems, Refusal, Result};
use crate::ids::{EntryId, TaskId};
use crate::policy::{Act, permit};
use crate::race::{self, EntryState};
use crate::store::{Command, Scope};
use crate::task::tables::task as task_table;
use crate::task::{self, Task, TaskState};
use crate::text;

/// Counts verified events: for an entry of a metered race, or by which the pot grows. They are paid with the
/// ruling that follows, never before.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RecordEvents {
    /// The task.
    pub task: TaskId,
    /// For which entry; none = for the pot.
    pub entry: Option<EntryId>,
    /// How many, from 1.
    pub count: u32,
    /// What shows them, for everybody to read on the record: at most 2,000 characters.
    pub evidence: String,
}

impl Command for RecordEvents {
    type Output = ();
    const ACT: Act = Act::RecordEvents;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        if matches!(asker, Actor::Visitor) {
            return Err(Refusal::Unauthenticated);
        }
        let task = task::tables::lock(scope.txn, self.task).await?;
        let leave = permit(asker, Self::ACT, &task::facts(scope.txn, &task, scope.now).await?)?;
        if !matches!(task.state(scope.now), TaskState::Open | TaskState::Judging) {
            return Err(Refusal::because(Code::NotOpen));
        }
        let mut problems = Problems::default();
        let range = Code::OutOfRange { min: "1".to_owned(), max: MOST_AT_ONCE.to_string() };
        problems.check(!(1..=MOST_AT_ONCE).contains(&self.count), "count", range);
        let evidence = text::prose(&mut problems, "evidence", &self.evidence, 2_000);
        problems.done()?;
        let left = self.room(scope, &task).await?;
        if u64::from(self.count) > left {
            return Err(Refusal::on("count", Code::PotSpent { left }));
        }
        let said = json!({ "entry": self.entry, "count": self.count, "evidence": evidence }).to_string();
        let said = said.into_bytes();
        let posted =
            books::deposit(scope, &leave, task.id.0, RecordKind::Evidence, label::EVENTS, said).await?;
        let row = race_event::Model {
            id: scope.ids.id(scope.now),
            task_id: task.id.0,
            entry_id: self.entry.map(|entry| entry.0),
            event_count: i64::from(self.count),
            evidence,
            by_id: leave.by().ok_or(Refusal::Unauthenticated)?.0,
            at: scope.now.0,
            record_id: Uuid::from_bytes(posted.record.to_bytes()),
        };
        tables::insert(scope.txn, &leave, row).await?;
        if self.entry.is_none() {
            let row = task_table::ActiveModel {
                id: Set(task.id.0),
                growth_events: Set(i64::from(task.grown) + i64::from(self.count)),
                ..Default::default()
            };
            task::tables::update(scope.txn, &leave, row).await?;
        }
        Ok(())
    }
}

impl RecordEvents {
    /// How many more can be counted.
    async fn room(&self, scope: &Scope<'_>, task: &Task) -> Result<u64> {
        let Some(entry) = self.entry else {
            let room = rules::room_in_reserve(task.rules.growth.as_ref(), u64::from(task.grown));
            return room.ok_or(Refusal::on("entry", Code::NotGrowing));
        };
        let before =
            by_entry(scope.txn, task.id).await?.values().fold(0_u64, |sum, one| sum.saturating_add(*one));
        let room = rules::room_in_pot(&task.rules, task.bounty, before);
        let room = room.ok_or(Refusal::on("entry", Code::NotMetered))?;
        let entries = race::tables::entries_of(scope.txn, task.id).await?;
        let running =
            |row: &race::tables::entry::Model| row.id == entry.0 && row.state == EntryState::Running.as_str();
        if entries.iter().any(running) { Ok(room) } else { Err(Refusal::on("entry", Code::BadChoice)) }
    }
}
