//! Reading counts.

use std::collections::HashMap;

use ledger::RecordId;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::EventsView;
use super::tables::race_event;
use crate::actor::Actor;
use crate::clock::Moment;
use crate::error::{Refusal, Result};
use crate::ids::{EntryId, PersonId, TaskId};
use crate::market::Market;
use crate::policy::{Act, permit};

impl Market {
    /// The events that were counted in a race, oldest first.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when the asker may not see the task.
    pub async fn events(&self, asker: &Actor, id: TaskId) -> Result<Vec<EventsView>> {
        let db = self.store().reads();
        permit(asker, Act::SeeTask, &self.known(id).await?.facts)?;
        let view = |row: race_event::Model| {
            Ok(EventsView {
                entry: row.entry_id.map(EntryId),
                count: u32::try_from(row.event_count).map_err(Refusal::fault)?,
                evidence: row.evidence,
                by: PersonId(row.by_id),
                at: Moment(row.at),
                record: RecordId::from_bytes(*row.record_id.as_bytes()),
            })
        };
        rows(db, id).await?.into_iter().map(view).collect()
    }
}

/// How many events each entry of a race has.
pub(crate) async fn by_entry(db: &impl ConnectionTrait, task: TaskId) -> Result<HashMap<Uuid, u64>> {
    let mut counts: HashMap<Uuid, u64> = HashMap::new();
    for row in rows(db, task).await? {
        if let Some(entry) = row.entry_id {
            *counts.entry(entry).or_default() += u64::try_from(row.event_count).map_err(Refusal::fault)?;
        }
    }
    Ok(counts)
}

async fn rows(db: &impl ConnectionTrait, task: TaskId) -> Result<Vec<race_event::Model>> {
    let rows = race_event::Entity::find().filter(race_event::Column::TaskId.eq(task.0));
    Ok(rows.order_by_asc(race_event::Column::At).order_by_asc(race_event::Column::Id).all(db).await?)
}
