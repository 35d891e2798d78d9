//! Giving a ruling, whoever or whatever came to it: a judge, a panel, the clock.
//!
//! Promises: one function writes rulings, so that each is on the ledger, opens the appeal window and is told.
//! Must never: decide a place.

use ledger::RecordKind;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use super::tables::{self, ruling, ruling_line};
use super::{RulingLine, strike};
use crate::award::{self, Settlement, Standing};
use crate::books::{self, label};
use crate::clock::Moment;
use crate::error::{Refusal, Result};
use crate::ids::{EntryId, PersonId, RulingId};
use crate::meter;
use crate::notice::{Event, Kind, notify};
use crate::policy::{Permit, RaceFacts};
use crate::race;
use crate::store::Scope;
use crate::submission;
use crate::task::tables::task as task_table;
use crate::task::{self, Stored, Task};

/// Who gives a ruling.
pub(crate) enum Giver {
    /// A person answers for it; of a panel, who locked last.
    Person(PersonId),
    /// The clock, by the rules; with what the record says of it.
    Clock(Kind, serde_json::Value),
}

/// A ruling that was come to.
pub(crate) struct Decision {
    /// Who gives it.
    pub(crate) by: Giver,
    /// The reasons for the whole.
    pub(crate) summary: String,
    /// One line for each entry that has submitted.
    pub(crate) lines: Vec<RulingLine>,
    /// What it pays, see [`settled`].
    pub(crate) settlement: Settlement,
}

/// Writes a ruling: on record, provisional from now on, and told to the crews.
pub(crate) async fn give(
    scope: &Scope<'_>,
    leave: &Permit<RaceFacts>,
    task: &Task,
    decision: Decision,
) -> Result<RulingId> {
    let Decision { by, summary, lines, settlement } = decision;
    let version =
        1 + ruling::Entity::find().filter(ruling::Column::TaskId.eq(task.id.0)).count(scope.txn).await?;
    let id = RulingId(scope.ids.id(scope.now));
    let mut rows = line_rows(id, &lines, &settlement)?;
    rows.extend(strike::struck_before(scope, task, id).await?);
    let mut said = json!({ "ruling": id, "version": version, "summary": summary, "lines": rows.iter().map(as_json).collect::<Vec<_>>() });
    let (ruled_by, by_clock, kind) = match by {
        Giver::Person(by) => (by, false, Kind::RaceRuled),
        Giver::Clock(kind, clock) => {
            said["clock"] = clock;
            (task.poster, true, kind)
        }
    };
    let said = said.to_string().into_bytes();
    let posted = books::deposit(scope, leave, task.id.0, RecordKind::Evidence, label::RULING, said).await?;
    let row = ruling::Model {
        id: id.0,
        task_id: task.id.0,
        version: i64::try_from(version).map_err(Refusal::fault)?,
        ruled_by: ruled_by.0,
        summary,
        at: scope.now.0,
        record_id: Uuid::from_bytes(posted.record.to_bytes()),
        by_clock,
        since: Some(task.judging_since.unwrap_or(task.closes_at).0),
        due_at: task.decision_due().map(|due| due.0),
    };
    tables::insert_ruling(scope.txn, leave, row, rows).await?;
    let until = scope.now.plus_seconds(i64::from(task.rules.appeal_seconds));
    let row = task_table::ActiveModel {
        id: Set(task.id.0),
        state: Set(Stored::Provisional.as_str().to_owned()),
        appeals_until: Set(Some(until.0)),
        ruling_id: Set(Some(id.0)),
        ..Default::default()
    };
    task::tables::update(scope.txn, leave, row).await?;
    if scope.tells {
        let event = Event::of(leave, kind).task(task.id).to([task.poster]);
        let event = if by_clock { event.to(task.rules.bench(task.poster)) } else { event };
        notify(scope, event.to(race::riders_of(scope.txn, task.id).await?)).await?;
    }
    Ok(id)
}

/// The entries that run, have submitted and were not returned unread; not placed yet.
pub(crate) async fn standings(db: &impl sea_orm::ConnectionTrait, task: &Task) -> Result<Vec<Standing>> {
    let handed = submission::handed(db, task.id).await?;
    let returned = submission::returned_in(db, task.id).await?;
    let events = meter::by_entry(db, task.id).await?;
    let entries = race::tables::entries_of(db, task.id).await?;
    let running = entries.into_iter().filter(race::runs);
    running
        .filter(|entry| !returned.iter().any(|one| one.entry == EntryId(entry.id)))
        .filter_map(|entry| handed.get(&entry.id).map(|handed| (entry, handed.last)))
        .map(|(entry, submitted_at): (_, Moment)| {
            Ok(Standing {
                entry: EntryId(entry.id),
                lane: u32::try_from(entry.lane).map_err(Refusal::fault)?,
                place: None,
                score: None,
                submitted_at,
                events: events.get(&entry.id).copied().unwrap_or_default(),
            })
        })
        .collect()
}

/// What the rules give to these standings once they are placed by `lines`.
pub(crate) fn settled(task: &Task, standings: Vec<Standing>, lines: &[RulingLine]) -> Settlement {
    let placed = |standing: Standing| match lines.iter().find(|line| line.entry == standing.entry) {
        Some(line) => Standing { place: line.place, score: line.score, ..standing },
        None => standing,
    };
    let placed: Vec<_> = standings.into_iter().map(placed).collect();
    award::settle_grown(&task.rules, task.bounty, task.grown, &placed)
}

fn line_rows(id: RulingId, lines: &[RulingLine], settlement: &Settlement) -> Result<Vec<ruling_line::Model>> {
    settlement
        .awards
        .iter()
        .map(|award| {
            let line = lines.iter().find(|line| line.entry == award.entry);
            let line = line.ok_or_else(|| Refusal::fault("an award without a line"))?;
            Ok(ruling_line::Model {
                ruling_id: id.0,
                entry_id: award.entry.0,
                place: award.place.map(i64::from),
                score: line.score.map(|score| i64::from(score.hundredths())),
                reason: line.reason.clone(),
                award: award.amount.as_i64(),
                start_prize: award.start.as_i64(),
            })
        })
        .collect()
}

pub(super) fn as_json(row: &ruling_line::Model) -> serde_json::Value {
    json!({ "entry": row.entry_id, "place": row.place, "score": row.score, "reason": row.reason, "award": row.award })
}
