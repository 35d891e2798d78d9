//! How a race came about, step by step, once it is over: for whoever wants to see it run again.
//!
//! Promises: tells of races that are ruled only, what anybody who may see the task can see of it now, in the order in
//! which it happened. Must never: tell what somebody handed in, or of a race that still runs.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::tables::{self, Stored};
use crate::actor::Actor;
use crate::clock::Moment;
use crate::error::{Refusal, Result};
use crate::ids::{EntryId, TaskId};
use crate::market::Market;
use crate::memo::Known;
use crate::policy::{Act, permit};
use crate::submission::tables::submission;
use crate::task::TaskState;

/// Most steps that are told.
pub const MOST_STEPS: usize = 2_000;

/// Something that happened to a race.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// When.
    pub at: Moment,
    /// What.
    pub kind: StepKind,
    /// To which entry, if to one.
    pub entry: Option<EntryId>,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StepKind {
    /// The race opened.
    Opened,
    /// Somebody entered.
    Entered,
    /// A version was handed in.
    Version,
    /// A stage was cut: this one.
    Cut(u32),
    /// An entry left the race, one way or another.
    Left,
    /// The clock stopped.
    Closed,
    /// The race was ruled.
    Ruled,
}

impl Market {
    /// The steps of a race that is ruled, oldest first: at most [`MOST_STEPS`], the oldest versions left out.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when the asker may not see the task, and before it is ruled.
    pub async fn race_steps(&self, asker: &Actor, id: TaskId) -> Result<Vec<Step>> {
        let (db, now) = (self.store().reads(), self.now());
        let Known { task, facts } = &*self.known(id).await?;
        permit(asker, Act::SeeTask, facts)?;
        if !matches!(task.state(now), TaskState::Provisional | TaskState::Settled) {
            return Err(Refusal::NotFound);
        }
        let mut steps = vec![
            Step { at: task.published_at.unwrap_or(task.created_at), kind: StepKind::Opened, entry: None },
            Step { at: task.closes_at, kind: StepKind::Closed, entry: None },
        ];
        for row in tables::entries_of(db, id).await? {
            let entry = Some(EntryId(row.id));
            steps.push(Step { at: Moment(row.entered_at), kind: StepKind::Entered, entry });
            let left = row.out_at.filter(|_| row.state == Stored::Out.as_str());
            steps.extend(left.map(|at| Step { at: Moment(at), kind: StepKind::Left, entry }));
        }
        for stage in self.stages(asker, id).await? {
            steps.extend(stage.cut_at.map(|at| Step { at, kind: StepKind::Cut(stage.no), entry: None }));
        }
        let ruled = self.rulings(asker, id).await?.into_iter().find(|ruling| ruling.current);
        steps.extend(ruled.map(|ruling| Step { at: ruling.at, kind: StepKind::Ruled, entry: None }));
        let versions = submission::Entity::find()
            .select_only()
            .columns([submission::Column::EntryId, submission::Column::At])
            .filter(submission::Column::TaskId.eq(id.0))
            .order_by_desc(submission::Column::At)
            .limit(u64::try_from(MOST_STEPS.saturating_sub(steps.len())).unwrap_or(0))
            .into_tuple::<(Uuid, i64)>()
            .all(db)
            .await?;
        steps.extend(versions.into_iter().map(|(entry, at)| Step {
            at: Moment(at),
            kind: StepKind::Version,
            entry: Some(EntryId(entry)),
        }));
        steps.sort_by_key(|step| (step.at, step.kind, step.entry.map(|entry| entry.0)));
        Ok(steps)
    }
}
