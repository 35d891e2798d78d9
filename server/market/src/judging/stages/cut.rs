//! Ending and cutting a stage: by whoever judges, or by the clock.

use std::collections::HashMap;

use ledger::{Amount, RecordKind};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use super::stage_scores;
use super::tables::{self, stage_line, stage_ruling};
use crate::award::{self, StageOutcome, Standing, decide_stage};
use crate::books::{self, label};
use crate::error::{Refusal, Result};
use crate::ids::{EntryId, PersonId};
use crate::notice::{Event, Kind, notify, notify_all};
use crate::policy::{Permit, RaceFacts};
use crate::race::{self, tables::entry};
use crate::store::Scope;
use crate::submission;
use crate::task::tables::task as task_table;
use crate::task::{self, Score, Stage, Task};

type Scores = HashMap<EntryId, (Score, String)>;

/// The clock ends a stage: whoever judges is told that its scores are due.
pub(crate) async fn end_stage(scope: &Scope<'_>, leave: &Permit<RaceFacts>, task: &Task) -> Result<()> {
    let Some((no, stage)) = task.next_stage() else { return Err(Refusal::fault("no stage to end")) };
    let row = task_table::ActiveModel {
        id: Set(task.id.0),
        stages_ended: Set(i64::from(no)),
        ..Default::default()
    };
    task::tables::update(scope.txn, leave, row).await?;
    if !scope.tells {
        return Ok(());
    }
    let facts = task::facts(scope.txn, task, scope.now).await?;
    let event = Event::of(leave, Kind::StageEnded).task(task.id).to(facts.judges).to(facts.riders);
    notify(scope, event.with(|told| told.until = Some(stage.judged_until()))).await
}

/// The clock cuts a stage by the scores that there are.
pub(crate) async fn cut_by_clock(scope: &Scope<'_>, leave: &Permit<RaceFacts>, task: &Task) -> Result<()> {
    let Some((no, _)) = task.next_stage() else { return Err(Refusal::fault("no stage to cut")) };
    let scores = stage_scores(scope.txn, task, no).await?;
    let scores = scores.into_iter().map(|(entry, score)| (entry, (score, String::new()))).collect();
    cut(scope, leave, task, no, (None, String::new()), scores).await
}

/// Cuts a stage: pays what it promised, closes the lanes below the line, and stops the race where its gate says so.
pub(super) async fn cut(
    scope: &Scope<'_>,
    leave: &Permit<RaceFacts>,
    task: &Task,
    no: u32,
    (by, summary): (Option<PersonId>, String),
    scores: Scores,
) -> Result<()> {
    let Some((_, stage)) = task.next_stage() else { return Err(Refusal::fault("no stage to cut")) };
    let (handed, idle) = field(scope.txn, task, no).await?;
    let scored = |standing: Standing| Standing {
        score: scores.get(&standing.entry).map(|(score, _)| *score),
        ..standing
    };
    let handed: Vec<Standing> = handed.into_iter().map(scored).collect();
    let outcome = decide_stage(&task.rules, stage, &handed, &idle);
    write(scope, leave, task, (no, stage), (by, summary), &outcome, &scores).await?;
    let awards = outcome.lines.iter().map(|line| (line.entry.0, line.award)).collect();
    let paid = award::pay_awards(scope, leave, task, awards).await?;
    let paid = task.paid.checked_add(paid).ok_or_else(|| Refusal::fault("stages beyond the bounty"))?;
    let row = task_table::ActiveModel {
        id: Set(task.id.0),
        stages_ended: Set(i64::from(no)),
        stages_done: Set(i64::from(no)),
        paid: Set(paid.as_i64()),
        ..Default::default()
    };
    task::tables::update(scope.txn, leave, row).await?;
    tell(scope, leave, task, &outcome).await?;
    if outcome.stops {
        let task = task::tables::load(scope.txn, task.id).await?;
        task::stop(scope, leave, &task).await?;
    }
    Ok(())
}

/// The entries that run: those that handed in during the stage, without a place, and those that did not.
pub(super) async fn field(
    db: &impl ConnectionTrait,
    task: &Task,
    no: u32,
) -> Result<(Vec<Standing>, Vec<EntryId>)> {
    let Some(stage) = task.rules.stages.get(usize::try_from(no - 1).map_err(Refusal::fault)?) else {
        return Err(Refusal::fault("no such stage"));
    };
    let handed = submission::handed_between(db, task.id, task.stage_began(no), stage.ends_at).await?;
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for entry in race::tables::entries_of(db, task.id).await?.into_iter().filter(race::runs) {
        match handed.get(&entry.id) {
            Some(handed) => with.push(Standing {
                entry: EntryId(entry.id),
                lane: u32::try_from(entry.lane).map_err(Refusal::fault)?,
                place: None,
                score: None,
                submitted_at: handed.last,
                events: 0,
            }),
            None => without.push(EntryId(entry.id)),
        }
    }
    Ok((with, without))
}

async fn write(
    scope: &Scope<'_>,
    leave: &Permit<RaceFacts>,
    task: &Task,
    (no, stage): (u32, &Stage),
    (by, summary): (Option<PersonId>, String),
    outcome: &StageOutcome,
    scores: &Scores,
) -> Result<()> {
    let line = |line: &award::StageLine| {
        let (score, reason) = scores.get(&line.entry).cloned().unzip();
        stage_line::Model {
            task_id: task.id.0,
            stage: i64::from(no),
            entry_id: line.entry.0,
            place: line.place.map(i64::from),
            score: score.map(|score| i64::from(score.hundredths())),
            award: line.award.as_i64(),
            cut: line.cut,
            reason: reason.unwrap_or_default(),
        }
    };
    let rows: Vec<stage_line::Model> = outcome.lines.iter().map(line).collect();
    let lines: Vec<_> = rows.iter().map(|row| {
        json!({ "entry": row.entry_id, "place": row.place, "score": row.score, "award": row.award, "cut": row.cut, "reason": row.reason })
    }).collect();
    let said = json!({
        "stage": no, "name": stage.name, "by": by, "due": stage.judged_until().rfc3339(), "summary": summary,
        "stopped": outcome.stops, "lines": lines,
    });
    let said = said.to_string().into_bytes();
    let posted = books::deposit(scope, leave, task.id.0, RecordKind::Evidence, label::STAGE, said).await?;
    let row = stage_ruling::Model {
        task_id: task.id.0,
        stage: i64::from(no),
        by_id: by.map(|by| by.0),
        summary,
        stopped: outcome.stops,
        at: scope.now.0,
        record_id: Uuid::from_bytes(posted.record.to_bytes()),
    };
    tables::insert(scope.txn, leave, row, rows).await?;
    let cut = outcome.lines.iter().filter(|line| line.cut).map(|line| line.entry.0);
    entry::Entity::update_many()
        .col_expr(entry::Column::CutStage, sea_orm::sea_query::Expr::value(i64::from(no)))
        .filter(entry::Column::Id.is_in(cut))
        .exec(scope.txn)
        .await?;
    Ok(())
}

/// Tells each crew whether it goes on.
async fn tell(
    scope: &Scope<'_>,
    leave: &Permit<RaceFacts>,
    task: &Task,
    outcome: &StageOutcome,
) -> Result<()> {
    if !scope.tells {
        return Ok(());
    }
    let crews = race::tables::crews_of(scope.txn, task.id).await?;
    let event = |line: &award::StageLine| {
        let kind = if line.cut { Kind::EntryCut } else { Kind::StagePassed };
        let crew = crews.iter().filter(|one| one.entry_id == line.entry.0 && one.active.is_some());
        let event = Event::of(leave, kind).task(task.id).entry(line.entry);
        let paid = (line.award > Amount::ZERO).then(|| line.award.minor());
        event.to(crew.map(|one| PersonId(one.person_id))).with(|told| told.amount = paid)
    };
    notify_all(scope, outcome.lines.iter().map(event).collect()).await
}
