//! The waiting list: entries beyond the cap on lanes, in the order in which they came.
//!
//! Promises: a lane that frees up while the clock runs goes to the entry that has waited longest, on record
//! and told. Must never: let anybody pass another.

use ledger::RecordKind;
use sea_orm::ActiveValue::Set;
use serde_json::json;

use super::commands::start_if_agreed;
use super::tables::{self, Stored, entry};
use super::{lanes_of, tables as entries};
use crate::books::{self, label};
use crate::error::Result;
use crate::ids::{EntryId, PersonId};
use crate::notice::{Event, Kind, notify};
use crate::policy::Permit;
use crate::store::Scope;
use crate::task::{Task, TaskState};

/// Gives the lanes that are free to those who wait.
pub(super) async fn fill_lanes<S>(scope: &Scope<'_>, leave: &Permit<S>, task: &Task) -> Result<()> {
    let Some(max) = task.rules.max_lanes else { return Ok(()) };
    if !task.rules.entry.waiting_list || task.state(scope.now) != TaskState::Open {
        return Ok(());
    }
    let free = max.saturating_sub(lanes_of(scope.txn, task.id).await?);
    let all = entries::entries_of(scope.txn, task.id).await?;
    let waiting = all.iter().filter(|row| row.waits_since.is_some() && row.state != Stored::Out.as_str());
    // By lane is by the order of coming.
    for row in waiting.take(usize::try_from(free).unwrap_or(usize::MAX)) {
        let id = EntryId(row.id);
        let given = json!({ "entry": id, "lane": row.lane, "state": "given a lane" });
        let data = given.to_string().into_bytes();
        books::deposit(scope, leave, task.id.0, RecordKind::Evidence, label::ENTRY, data).await?;
        let row = entry::ActiveModel { id: Set(id.0), waits_since: Set(None), ..Default::default() };
        tables::update(scope.txn, leave, row).await?;
        let crew = tables::crew_of(scope.txn, id).await?;
        let crew = crew.into_iter().filter(|one| one.active.is_some()).map(|one| PersonId(one.person_id));
        notify(scope, Event::of(leave, Kind::LaneFreed).task(task.id).entry(id).to(crew).even_to_doer())
            .await?;
        start_if_agreed(scope, leave, task, id).await?;
    }
    Ok(())
}
