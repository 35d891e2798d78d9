//! The pulse of a race: a short digest that is another one as soon as the race looks otherwise to somebody who
//! rides in none of its lanes.
//!
//! Promises: a constant number of questions to the database, however many races are asked about; while rivals are
//! shown as they stood, what they hand in does not move it; a name that is hidden does not move it. Must never: be
//! made of anything that is sealed, for everybody who watches a race is told that it beat.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::tables::{crew_member, entry, entry_unit};
use super::{change, hides, state_of};
use crate::actor::{Actor, PersonKind};
use crate::clock::Moment;
use crate::error::{Refusal, Result};
use crate::ids::{TaskId, UnitId};
use crate::market::Market;
use crate::policy::{Act, permit, reads_everything};
use crate::store::must;
use crate::submission::{self, Handed};
use crate::task::tables::task;
use crate::task::{Judging, Task, TaskState};
use crate::text;

/// A digest of how a race looks from the stands.
pub type Pulse = [u8; 8];

/// From where somebody looks at a race: those of one stand see the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stand {
    /// A visitor.
    Visitor,
    /// A member of the house without any part in it.
    Member,
    /// Somebody to whom it looks as it does to nobody else: one of a crew, the lead of a unit that rides, an
    /// auditor, an outsider.
    Own,
}

/// What somebody is told who begins to watch.
#[derive(Debug, Clone, Copy)]
pub struct Watch {
    /// The task.
    pub task: TaskId,
    /// From where they look.
    pub stand: Stand,
}

/// What the pulse is taken of.
#[derive(Serialize)]
struct Look<'l> {
    state: TaskState,
    visibility: &'l str,
    bounty: i64,
    closes_at: i64,
    rules: &'l str,
    ruling: Option<Uuid>,
    stages: (u32, u32, usize),
    opened: bool,
    frozen: (Option<Moment>, bool),
    hidden: bool,
    lanes: Vec<LaneLook<'l>>,
}

#[derive(Serialize)]
struct LaneLook<'l> {
    lane: i64,
    name: Option<&'l str>,
    state: super::EntryState,
    cut: Option<i64>,
    handed: Option<(u32, Moment)>,
    returned: bool,
}

impl Market {
    /// From where the asker looks at the race of a task, for whoever may see it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when there is none, or the asker may not see it.
    pub async fn watch(&self, asker: &Actor, handle: &str) -> Result<Watch> {
        let db = self.store().reads();
        let handle = must(text::known_as(handle))?;
        let row = must(task::Entity::find().filter(task::Column::Handle.eq(handle)).one(db).await?)?;
        let task = Task::try_from(row)?;
        permit(asker, Act::SeeTask, &self.know(task.clone()).await?.facts)?;
        Ok(Watch { task: task.id, stand: self.stand(asker, task.id).await? })
    }

    async fn stand(&self, asker: &Actor, task: TaskId) -> Result<Stand> {
        let db = self.store().reads();
        let Some(person) = asker.person() else { return Ok(Stand::Visitor) };
        if person.kind != PersonKind::Member || reads_everything(asker) {
            return Ok(Stand::Own);
        }
        let rides = crew_member::Entity::find()
            .filter(crew_member::Column::TaskId.eq(task.0))
            .filter(crew_member::Column::PersonId.eq(person.id.0));
        let leads = |unit: &entry_unit::Model| person.leads.contains(&UnitId(unit.unit_id));
        if rides.one(db).await?.is_some()
            || super::tables::units_of(db, task).await?.iter().any(leads)
            || change::open_in(db, task).await?.values().any(|change| change.concerns(asker))
        {
            return Ok(Stand::Own);
        }
        Ok(Stand::Member)
    }

    /// The pulses of these races; drafts and what is gone have none. It is the program that asks, for those whom it
    /// let watch.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn pulses(&self, ids: &[TaskId]) -> Result<HashMap<TaskId, Pulse>> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let (db, now) = (self.store().reads(), self.now());
        let of = || ids.iter().map(|id| id.0);
        let rows = task::Entity::find().filter(task::Column::Id.is_in(of())).all(db).await?;
        let entries = entry::Entity::find()
            .filter(entry::Column::TaskId.is_in(of()))
            .order_by_asc(entry::Column::Lane)
            .all(db)
            .await?;
        let returned = submission::returned_among(db, of()).await?;
        let mut lanes: HashMap<Uuid, Vec<entry::Model>> = HashMap::new();
        for one in entries {
            lanes.entry(one.task_id).or_default().push(one);
        }
        let mut still = Vec::new();
        let mut looked = Vec::new();
        for row in rows {
            let seen = Seen::of(row, now)?;
            match seen.frozen() {
                Some(since) => still.push((seen, since)),
                None => looked.push(seen),
            }
        }
        let moving = looked.iter().map(|seen| seen.row.id).collect();
        let handed = submission::handed_in(db, moving).await?;
        let mut pulses = HashMap::new();
        for seen in &looked {
            pulses.extend(seen.pulse(&lanes, &handed, &returned, now)?);
        }
        // A race stands still for the last part of its stages only: these are few.
        for (seen, since) in &still {
            let then = submission::handed_between(db, seen.task.id, Moment(i64::MIN), *since).await?;
            pulses.extend(seen.pulse(&lanes, &then, &returned, now)?);
        }
        Ok(pulses)
    }
}

/// A task beside its row.
struct Seen {
    row: task::Model,
    task: Task,
    now: Moment,
}

impl Seen {
    fn of(row: task::Model, now: Moment) -> Result<Self> {
        Ok(Self { task: row.clone().try_into()?, row, now })
    }

    /// Since when what rivals hand in is not shown.
    fn frozen(&self) -> Option<Moment> {
        self.task.rules.board_frozen_since(self.task.closes_at, self.now)
    }

    /// Since when the figures of a board stand still; versions are counted all the same.
    fn board_frozen(&self) -> Option<Moment> {
        let Judging::Metric(measured) = &self.task.rules.judging else { return None };
        let since = measured.freezes_at(self.task.closes_at);
        let frozen = measured.freeze_seconds > 0 && self.now >= since;
        (frozen && self.task.state(self.now) == TaskState::Open).then_some(since)
    }

    fn pulse(
        &self,
        lanes: &HashMap<Uuid, Vec<entry::Model>>,
        handed: &HashMap<Uuid, Handed>,
        returned: &[Uuid],
        now: Moment,
    ) -> Result<Option<(TaskId, Pulse)>> {
        let (row, task) = (&self.row, &self.task);
        let state = task.state(now);
        if state == TaskState::Draft {
            return Ok(None);
        }
        let hidden = hides(task, now);
        let none = Vec::new();
        let mut looks = Vec::new();
        for entry in lanes.get(&row.id).unwrap_or(&none) {
            looks.push(LaneLook {
                lane: entry.lane,
                name: (!hidden).then_some(entry.name.as_str()),
                state: state_of(entry)?,
                cut: entry.cut_stage,
                handed: handed.get(&entry.id).map(|handed| (handed.versions, handed.last)),
                returned: returned.contains(&entry.id),
            });
        }
        let look = Look {
            state,
            visibility: &row.visibility,
            bounty: row.bounty,
            closes_at: row.closes_at,
            rules: &row.rules,
            ruling: row.ruling_id,
            stages: (
                task.stages_ended,
                task.stages_done,
                task.rules.stages.iter().filter(|stage| stage.ends_at <= now).count(),
            ),
            opened: task.rules.opens_at.is_none_or(|opens| opens <= now),
            frozen: (self.frozen(), self.board_frozen().is_some()),
            hidden,
            lanes: looks,
        };
        let digest = Sha256::digest(serde_json::to_vec(&look)?);
        let pulse = digest.first_chunk().copied().ok_or_else(|| Refusal::fault("a digest is too short"))?;
        Ok(Some((task.id, pulse)))
    }
}
