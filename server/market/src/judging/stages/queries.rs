//! Reading stages.

use std::collections::HashMap;

use ledger::{Amount, RecordId};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::tables::{stage_line, stage_ruling};
use super::{StageLineView, StageState, StageView};
use crate::actor::Actor;
use crate::clock::Moment;
use crate::error::{Refusal, Result};
use crate::ids::{EntryId, PersonId, TaskId};
use crate::market::Market;
use crate::memo::Known;
use crate::policy::{Act, permit};
use crate::task::{Score, Task};

impl Market {
    /// The stages of a race in order.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when the asker may not see the task.
    pub async fn stages(&self, asker: &Actor, id: TaskId) -> Result<Vec<StageView>> {
        let db = self.store().reads();
        let Known { task, facts } = &*self.known(id).await?;
        let now = self.now();
        permit(asker, Act::SeeTask, facts)?;
        if task.rules.stages.is_empty() {
            return Ok(Vec::new());
        }
        let rulings =
            stage_ruling::Entity::find().filter(stage_ruling::Column::TaskId.eq(id.0)).all(db).await?;
        let lines = stage_line::Entity::find().filter(stage_line::Column::TaskId.eq(id.0)).all(db).await?;
        (1..)
            .zip(&task.rules.stages)
            .map(|(no, stage)| {
                let ruling = rulings.iter().find(|row| row.stage == i64::from(no));
                let lines = lines.iter().filter(|row| row.stage == i64::from(no)).map(line_view);
                let mut lines = lines.collect::<Result<Vec<_>>>()?;
                lines.sort_by_key(|line| (line.place.is_none(), line.place, line.entry));
                Ok(StageView {
                    no,
                    stage: stage.clone(),
                    state: state_of(task, no, now),
                    by: ruling.and_then(|row| row.by_id).map(PersonId),
                    summary: ruling.map(|row| row.summary.clone()).unwrap_or_default(),
                    stopped: ruling.is_some_and(|row| row.stopped),
                    cut_at: ruling.map(|row| Moment(row.at)),
                    record: ruling.map(|row| RecordId::from_bytes(*row.record_id.as_bytes())),
                    lines,
                })
            })
            .collect()
    }
}

fn state_of(task: &Task, no: u32, now: Moment) -> StageState {
    let ends =
        task.rules.stages.get(usize::try_from(no - 1).unwrap_or(usize::MAX)).map(|stage| stage.ends_at);
    if no <= task.stages_done {
        StageState::Done
    } else if ends.is_some_and(|ends| now >= ends) {
        StageState::Judging
    } else if task.published_at.is_some() && (no == 1 || now >= task.stage_began(no)) {
        StageState::Running
    } else {
        StageState::Coming
    }
}

fn line_view(row: &stage_line::Model) -> Result<StageLineView> {
    let narrow = |number: i64| u32::try_from(number).map_err(Refusal::fault);
    Ok(StageLineView {
        entry: EntryId(row.entry_id),
        place: row.place.map(narrow).transpose()?,
        score: row.score.map(narrow).transpose()?.and_then(|score| Score::new(score).ok()),
        award: Amount::from_i64(row.award).map_err(Refusal::fault)?,
        cut: row.cut,
        reason: row.reason.clone(),
    })
}

/// The scores of the newest stage that was cut.
pub(crate) async fn newest_scores(db: &impl ConnectionTrait, task: &Task) -> Result<HashMap<EntryId, Score>> {
    let lines = stage_line::Entity::find()
        .filter(stage_line::Column::TaskId.eq(task.id.0))
        .filter(stage_line::Column::Stage.eq(i64::from(task.stages_done)));
    let score = |row: stage_line::Model| {
        let score = u32::try_from(row.score?).ok().and_then(|score| Score::new(score).ok())?;
        Some((EntryId(row.entry_id), score))
    };
    Ok(lines.all(db).await?.into_iter().filter_map(score).collect())
}
