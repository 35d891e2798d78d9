//! Leaving a race: by the captain's word, or by the poster's or a judge's.
//!
//! Promises: a disqualification has a reason, on record and told to the crew, and can be appealed against
//! like a ruling; whoever comes behind moves up. Must never: bring an entry back without an answer to an
//! appeal.

use ledger::RecordKind;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::commands::check_in_race;
use super::tables::{self, Stored, entry};
use super::waiting::fill_lanes;
use super::{CheckIn, EntryState, change, locked, state_of};
use crate::actor::Actor;
use crate::books::{self, label};
use crate::error::{Code, Problems, Refusal, Result};
use crate::ids::{EntryId, PersonId, TaskId, UnitId};
use crate::judging;
use crate::notice::{Event, Kind, notify};
use crate::policy::{Act, Permit, permit};
use crate::store::{Command, Scope};
use crate::task::{Task, TaskState, check_running};
use crate::text;

/// Leaves the race while the clock runs; the crew is free to enter again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WithdrawEntry {
    /// The entry.
    pub entry: EntryId,
}

impl Command for WithdrawEntry {
    type Output = ();
    const ACT: Act = Act::WithdrawEntry;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        let (task, row, facts) = locked(scope, asker, self.entry).await?;
        let leave = permit(asker, Act::WithdrawEntry, &facts)?;
        check_running(task.state(scope.now))?;
        if check_in_race(&row)? == EntryState::Running {
            let gone = json!({ "entry": self.entry, "state": "withdrawn" });
            let data = gone.to_string().into_bytes();
            books::deposit(scope, &leave, task.id.0, RecordKind::Evidence, label::ENTRY, data).await?;
        }
        change::drop_open(scope, &leave, self.entry).await?;
        tables::set_free(scope.txn, &leave, self.entry).await?;
        let row = entry::ActiveModel {
            id: Set(self.entry.0),
            state: Set(Stored::Out.as_str().to_owned()),
            out_by: Set(leave.by().map(|by| by.0)),
            out_at: Set(Some(scope.now.0)),
            ..Default::default()
        };
        tables::update(scope.txn, &leave, row).await?;
        fill_lanes(scope, &leave, &task).await
    }
}

/// Takes an entry out of the race, for the poster and the judges, until it is paid. Its crew can't enter
/// again; once the race is ruled it can appeal. Where it is ruled already, who comes behind moves up and the
/// window for appeals is open anew.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DisqualifyEntry {
    /// The entry.
    pub entry: EntryId,
    /// Why, for everybody who sees the race to read: at most 500 characters.
    pub reason: String,
}

impl Command for DisqualifyEntry {
    type Output = ();
    const ACT: Act = Act::DisqualifyEntry;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        let (task, row, facts) = locked(scope, asker, self.entry).await?;
        let leave = permit(asker, Act::DisqualifyEntry, &facts)?;
        let state = check_in_race(&row)?;
        if !can_be_disqualified(task.state(scope.now), state) {
            return Err(Refusal::because(Code::NotOpen));
        }
        let mut problems = Problems::default();
        let reason = text::prose(&mut problems, "reason", &self.reason, 500);
        problems.done()?;
        let said = json!({ "entry": self.entry, "state": "disqualified", "reason": reason });
        let data = said.to_string().into_bytes();
        books::deposit(scope, &leave, task.id.0, RecordKind::Evidence, label::ENTRY, data).await?;
        change::drop_open(scope, &leave, self.entry).await?;
        let row = entry::ActiveModel {
            id: Set(self.entry.0),
            state: Set(Stored::Out.as_str().to_owned()),
            out_as: Set(Some(EntryState::Disqualified.as_str().to_owned())),
            out_reason: Set(Some(reason.clone())),
            out_by: Set(leave.by().map(|by| by.0)),
            out_at: Set(Some(scope.now.0)),
            ..Default::default()
        };
        tables::update(scope.txn, &leave, row).await?;
        fill_lanes(scope, &leave, &task).await?;
        if task.state(scope.now) == TaskState::Provisional {
            let over_race = permit(asker, Act::DisqualifyEntry, &facts.race)?;
            judging::strike(scope, &over_race, &task, (self.entry, &reason)).await?;
        }
        let crew = tables::crew_of(scope.txn, self.entry).await?;
        let crew = crew.into_iter().filter(|one| one.active.is_some()).map(|one| PersonId(one.person_id));
        let units = tables::units_of_entry(scope.txn, self.entry).await?;
        let event = Event::of(&leave, Kind::EntryDisqualified).task(task.id).entry(self.entry).to(crew);
        notify(scope, event.leads(units.iter().map(|one| UnitId(one.unit_id)))).await
    }
}

/// Takes an entry out that leaves on an amendment. Its crew stays bound to it: it can't enter again.
pub(crate) async fn part<S>(scope: &Scope<'_>, leave: &Permit<S>, task: TaskId, id: EntryId) -> Result<()> {
    let gone = json!({ "entry": id, "state": EntryState::Left });
    let data = gone.to_string().into_bytes();
    books::deposit(scope, leave, task.0, RecordKind::Evidence, label::ENTRY, data).await?;
    change::drop_open(scope, leave, id).await?;
    let row = entry::ActiveModel {
        id: Set(id.0),
        state: Set(Stored::Out.as_str().to_owned()),
        out_as: Set(Some(EntryState::Left.as_str().to_owned())),
        out_reason: Set(None),
        out_by: Set(None),
        out_at: Set(Some(scope.now.0)),
        check_in_due: Set(None),
        ..Default::default()
    };
    tables::update(scope.txn, leave, row).await
}

/// Brings the lanes in line with rules that were amended: those that are free go to who waits, and every crew's time
/// to check in begins anew where that rule is another than before.
pub(crate) async fn abide<S>(
    scope: &Scope<'_>,
    leave: &Permit<S>,
    task: &Task,
    before: Option<CheckIn>,
) -> Result<()> {
    if task.rules.check_in != before {
        for row in tables::entries_of(scope.txn, task.id).await?.iter().filter(|row| super::runs(row)) {
            let off = entry::ActiveModel {
                id: Set(row.id),
                warned_at: Set(None),
                check_in_due: Set(None),
                ..Default::default()
            };
            tables::update(scope.txn, leave, off).await?;
            super::seen(scope, leave, task, EntryId(row.id)).await?;
        }
    }
    fill_lanes(scope, leave, task).await
}

/// Whether an entry in this state can still be taken out of a race in this state.
pub(super) fn can_be_disqualified(task: TaskState, entry: EntryState) -> bool {
    matches!(task, TaskState::Open | TaskState::Judging | TaskState::Provisional) && !entry.is_out()
}

/// The disqualified entries of a race, with the reason and who decided it.
pub(crate) async fn disqualified_of(
    db: &impl ConnectionTrait,
    task: TaskId,
) -> Result<Vec<(EntryId, String, Option<PersonId>)>> {
    disqualified_in(db, [task.0]).await
}

/// The same for several races.
pub(crate) async fn disqualified_in(
    db: &impl ConnectionTrait,
    tasks: impl IntoIterator<Item = Uuid>,
) -> Result<Vec<(EntryId, String, Option<PersonId>)>> {
    let rows = entry::Entity::find()
        .filter(entry::Column::TaskId.is_in(tasks))
        .filter(entry::Column::OutAs.eq(EntryState::Disqualified.as_str()));
    let rows = rows.all(db).await?.into_iter();
    Ok(rows
        .map(|row| (EntryId(row.id), row.out_reason.unwrap_or_default(), row.out_by.map(PersonId)))
        .collect())
}

/// Brings a disqualified entry back, by an appeal that was granted. Answers whether it was one.
pub(crate) async fn reinstate<S>(
    scope: &Scope<'_>,
    leave: &Permit<S>,
    task: TaskId,
    id: EntryId,
) -> Result<bool> {
    let rows = tables::entries_of(scope.txn, task).await?;
    let Some(row) = rows.into_iter().find(|row| row.id == id.0) else { return Ok(false) };
    if state_of(&row)? != EntryState::Disqualified {
        return Ok(false);
    }
    let back = json!({ "entry": id, "state": "reinstated" });
    let data = back.to_string().into_bytes();
    books::deposit(scope, leave, task.0, RecordKind::Evidence, label::ENTRY, data).await?;
    let stored = if row.running_since.is_some() { Stored::Running } else { Stored::Forming };
    let row = entry::ActiveModel {
        id: Set(id.0),
        state: Set(stored.as_str().to_owned()),
        out_as: Set(None),
        out_reason: Set(None),
        out_by: Set(None),
        out_at: Set(None),
        ..Default::default()
    };
    tables::update(scope.txn, leave, row).await?;
    Ok(true)
}
