//! What of crews waits for somebody's word.
//!
//! Promises: the same number of questions however many changes are open. Must never: decide who sees a task.

use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::super::tables::{Stored, entry, entry_unit};
use super::tables::{End, crew_change, crew_change_part};
use crate::actor::Asker;
use crate::clock::Moment;
use crate::error::Result;
use crate::ids::{EntryId, TaskId};
use crate::race::CrewAnswer;

/// One entry that waits.
pub(in super::super) struct Waiting {
    pub(in super::super) task: TaskId,
    pub(in super::super) entry: EntryId,
    pub(in super::super) since: Moment,
    /// Whether it waits for this person; otherwise they proposed it and wait for others.
    pub(in super::super) asked: bool,
}

/// Open changes that wait for this person or that they proposed, and entries that name a unit of theirs.
pub(in super::super) async fn waiting(
    db: &impl ConnectionTrait,
    person: &Asker,
    most: u64,
) -> Result<Vec<Waiting>> {
    let led: Vec<_> = person.leads.iter().map(|unit| unit.0).collect();
    let own = crew_change_part::Column::PersonId.eq(person.id.0);
    let mut theirs = Condition::any().add(own);
    if !led.is_empty() {
        theirs = theirs.add(crew_change_part::Column::UnitId.is_in(led.clone()));
    }
    let asked: Vec<_> = crew_change_part::Entity::find()
        .filter(crew_change_part::Column::Answer.eq(CrewAnswer::Asked.as_str()))
        .filter(theirs)
        .order_by_desc(crew_change_part::Column::ChangeId)
        .limit(most)
        .all(db)
        .await?
        .into_iter()
        .map(|part| part.change_id)
        .collect();
    let concerns = Condition::any()
        .add(crew_change::Column::Id.is_in(asked.clone()))
        .add(crew_change::Column::ProposedBy.eq(person.id.0));
    let open = crew_change::Entity::find()
        .filter(crew_change::Column::State.eq(End::Open.as_str()))
        .filter(concerns)
        .limit(most)
        .all(db)
        .await?;
    let mut found: Vec<Waiting> = open
        .into_iter()
        .map(|row| Waiting {
            task: TaskId(row.task_id),
            entry: EntryId(row.entry_id),
            since: Moment(row.at),
            asked: asked.contains(&row.id),
        })
        .collect();
    let units = entry_unit::Entity::find()
        .filter(entry_unit::Column::Answer.eq(CrewAnswer::Asked.as_str()))
        .filter(entry_unit::Column::UnitId.is_in(led))
        .limit(most)
        .all(db)
        .await?;
    let forming = entry::Entity::find()
        .filter(entry::Column::Id.is_in(units.iter().map(|unit| unit.entry_id)))
        .filter(entry::Column::State.eq(Stored::Forming.as_str()));
    found.extend(forming.all(db).await?.into_iter().map(|row| Waiting {
        task: TaskId(row.task_id),
        entry: EntryId(row.id),
        since: Moment(row.entered_at),
        asked: true,
    }));
    Ok(found)
}
