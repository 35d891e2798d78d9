//! A disqualification in the light of the ruling.
//!
//! Promises: what is left is decided anew by the function that settles every race, from the places and
//! scores that were ruled; whoever comes behind moves up; the entry that is struck keeps a line, unplaced
//! and without an award, so that its crew can appeal. Must never: change a score or an order.

use ledger::RecordKind;
use sea_orm::ActiveValue::Set;
use serde_json::json;
use uuid::Uuid;

use super::give::{as_json, standings};
use super::lines_of;
use super::tables::{self, ruling, ruling_line};
use crate::award::{self, Standing};
use crate::books::{self, label};
use crate::error::{Refusal, Result};
use crate::ids::{EntryId, RulingId};
use crate::policy::{Permit, RaceFacts};
use crate::race;
use crate::store::Scope;
use crate::task::tables::task as task_table;
use crate::task::{self, Score, Task};

/// Decides a provisional ruling anew without one entry, which is out of the race by now. The window for
/// appeals is open again.
pub(crate) async fn strike(
    scope: &Scope<'_>,
    leave: &Permit<RaceFacts>,
    task: &Task,
    (entry, reason): (EntryId, &str),
) -> Result<()> {
    let Some(id) = task.ruling else { return Ok(()) };
    let lines = lines_of(scope.txn, Some(id)).await?;
    let ruled = |standing: Standing| {
        let line = lines.get(&standing.entry.0);
        let place = line.and_then(|line| line.place).and_then(|place| u32::try_from(place).ok());
        let score = line.and_then(|line| line.score).and_then(|score| u32::try_from(score).ok());
        Standing { place, score: score.and_then(|score| Score::new(score).ok()), ..standing }
    };
    let standings = standings(scope.txn, task).await?.into_iter().map(ruled).collect::<Vec<_>>();
    let settlement = award::settle(&task.rules, task.bounty, &standings);
    let mut rows = vec![struck(id, entry, reason)];
    for award in &settlement.awards {
        let line = lines.get(&award.entry.0).ok_or_else(|| Refusal::fault("an award without a line"))?;
        let place = award.place.map(i64::from);
        let (all, start) = (award.amount.as_i64(), award.start.as_i64());
        rows.push(ruling_line::Model { place, award: all, start_prize: start, ..line.clone() });
    }
    // Entries that were struck before keep their lines.
    let before = lines.values().filter(|line| !rows.iter().any(|row| row.entry_id == line.entry_id));
    let before: Vec<ruling_line::Model> = before.cloned().collect();
    rows.extend(before);
    let said =
        json!({ "ruling": id, "disqualified": entry, "lines": rows.iter().map(as_json).collect::<Vec<_>>() });
    let data = said.to_string().into_bytes();
    let posted = books::deposit(scope, leave, task.id.0, RecordKind::Evidence, label::RULING, data).await?;
    // What the judge signed was another outcome: from here on this record stands for it.
    let row = ruling::ActiveModel {
        id: Set(id.0),
        record_id: Set(Uuid::from_bytes(posted.record.to_bytes())),
        ..Default::default()
    };
    tables::replace_lines(scope.txn, leave, row, rows).await?;
    let until = scope.now.plus_seconds(i64::from(task.rules.appeal_seconds));
    let row = task_table::ActiveModel {
        id: Set(task.id.0),
        appeals_until: Set(Some(task.appeals_until.map_or(until, |old| old.max(until)).0)),
        ..Default::default()
    };
    task::tables::update(scope.txn, leave, row).await
}

/// Lines for entries that were disqualified before the ruling, so that their crews can appeal.
pub(super) async fn struck_before(
    scope: &Scope<'_>,
    task: &Task,
    id: RulingId,
) -> Result<Vec<ruling_line::Model>> {
    let out = race::disqualified_of(scope.txn, task.id).await?;
    Ok(out.iter().map(|(entry, reason, _)| struck(id, *entry, reason)).collect())
}

fn struck(id: RulingId, entry: EntryId, reason: &str) -> ruling_line::Model {
    ruling_line::Model {
        ruling_id: id.0,
        entry_id: entry.0,
        place: None,
        score: None,
        reason: reason.to_owned(),
        award: 0,
        start_prize: 0,
    }
}
