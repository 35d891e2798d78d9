//! The tables `entry` and `crew_member`. Must never: be read outside the market.

pub(crate) mod entry {
    //! One row a lane.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "entry")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub task_id: Uuid,
        pub lane: i64,
        pub name: String,
        pub captain_id: Uuid,
        pub unit_id: Option<Uuid>,
        pub unit_share: i64,
        pub state: String,
        pub entered_at: i64,
        pub running_since: Option<i64>,
        pub cut_stage: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod crew_member {
    //! One row for each person of an entry.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "crew_member")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub entry_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub person_id: Uuid,
        pub task_id: Uuid,
        pub place: i64,
        pub share: i64,
        pub answer: String,
        pub answered_at: Option<i64>,
        pub active: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{CrewAnswer, CrewShare, EntryState};
use crate::clock::Moment;
use crate::error::Result;
use crate::ids::{EntryId, PersonId, TaskId};
use crate::policy::Permit;

/// The crew of one entry, in order.
pub(crate) async fn crew_of(db: &impl ConnectionTrait, entry: EntryId) -> Result<Vec<crew_member::Model>> {
    let crew = crew_member::Entity::find().filter(crew_member::Column::EntryId.eq(entry.0));
    Ok(crew.order_by_asc(crew_member::Column::Place).all(db).await?)
}

/// The crews of a race, in order of entry and place.
pub(crate) async fn crews_of(db: &impl ConnectionTrait, task: TaskId) -> Result<Vec<crew_member::Model>> {
    let crews = crew_member::Entity::find().filter(crew_member::Column::TaskId.eq(task.0));
    Ok(crews.order_by_asc(crew_member::Column::Place).all(db).await?)
}

/// The entries of a race by lane.
pub(crate) async fn entries_of(db: &impl ConnectionTrait, task: TaskId) -> Result<Vec<entry::Model>> {
    let entries = entry::Entity::find().filter(entry::Column::TaskId.eq(task.0));
    Ok(entries.order_by_asc(entry::Column::Lane).all(db).await?)
}

/// Writes a new entry.
pub(super) async fn insert<S>(db: &impl ConnectionTrait, _: &Permit<S>, row: entry::Model) -> Result<()> {
    entry::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// Replaces the crew of an entry: the captain has agreed by proposing, the others are asked.
pub(super) async fn write_crew<S>(
    db: &impl ConnectionTrait,
    _: &Permit<S>,
    (task, entry, captain): (TaskId, EntryId, PersonId),
    crew: &[CrewShare],
    now: Moment,
) -> Result<()> {
    crew_member::Entity::delete_many().filter(crew_member::Column::EntryId.eq(entry.0)).exec(db).await?;
    let rows = (0_i64..).zip(crew).map(|(place, one)| {
        let agreed = one.person == captain;
        let answer = if agreed { CrewAnswer::Agreed } else { CrewAnswer::Asked };
        crew_member::ActiveModel {
            entry_id: Set(entry.0),
            person_id: Set(one.person.0),
            task_id: Set(task.0),
            place: Set(place),
            share: Set(i64::from(one.share)),
            answer: Set(answer.as_str().to_owned()),
            answered_at: Set(agreed.then_some(now.0)),
            active: Set(Some(1)),
        }
    });
    crew_member::Entity::insert_many(rows).exec_without_returning(db).await?;
    Ok(())
}

/// Writes down what a person said.
pub(super) async fn answer<S>(
    db: &impl ConnectionTrait,
    _: &Permit<S>,
    entry: EntryId,
    person: PersonId,
    answer: CrewAnswer,
    now: Moment,
) -> Result<()> {
    let row = crew_member::ActiveModel {
        entry_id: Set(entry.0),
        person_id: Set(person.0),
        answer: Set(answer.as_str().to_owned()),
        answered_at: Set(Some(now.0)),
        active: Set((answer != CrewAnswer::Declined).then_some(1)),
        ..Default::default()
    };
    crew_member::Entity::update(row).exec(db).await?;
    Ok(())
}

/// Moves an entry to another state; a withdrawn one sets its crew free.
pub(super) async fn move_to<S>(
    db: &impl ConnectionTrait,
    _: &Permit<S>,
    entry: EntryId,
    state: EntryState,
    now: Moment,
) -> Result<()> {
    let mut row =
        entry::ActiveModel { id: Set(entry.0), state: Set(state.as_str().to_owned()), ..Default::default() };
    if state == EntryState::Running {
        row.running_since = Set(Some(now.0));
    }
    entry::Entity::update(row).exec(db).await?;
    if state == EntryState::Withdrawn {
        crew_member::Entity::update_many()
            .col_expr(crew_member::Column::Active, Expr::value(Option::<i64>::None))
            .filter(crew_member::Column::EntryId.eq(entry.0))
            .exec(db)
            .await?;
    }
    Ok(())
}

/// Writes the unit's share anew.
pub(super) async fn set_unit_share<S>(
    db: &impl ConnectionTrait,
    _: &Permit<S>,
    entry: Uuid,
    unit_share: u32,
) -> Result<()> {
    let row =
        entry::ActiveModel { id: Set(entry), unit_share: Set(i64::from(unit_share)), ..Default::default() };
    entry::Entity::update(row).exec(db).await?;
    Ok(())
}
