//! The tables `entry`, `crew_member` and `entry_unit`. Must never: be read outside the market.

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
        pub state: String,
        pub entered_at: i64,
        pub running_since: Option<i64>,
        pub cut_stage: Option<i64>,
        pub waits_since: Option<i64>,
        pub check_in_due: Option<i64>,
        pub seen_at: Option<i64>,
        pub warned_at: Option<i64>,
        pub out_as: Option<String>,
        pub out_reason: Option<String>,
        pub out_by: Option<Uuid>,
        pub out_at: Option<i64>,
        pub merged_into: Option<Uuid>,
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

pub(crate) mod entry_unit {
    //! One row for each unit of an entry.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "entry_unit")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub entry_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub unit_id: Uuid,
        pub task_id: Uuid,
        pub place: i64,
        pub share: i64,
        pub answer: String,
        pub answered_by: Option<Uuid>,
        pub answered_at: Option<i64>,
        pub active: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};

use super::{CrewAnswer, CrewShare, EntryState, UnitShare};
use crate::actor::{Asker, names};
use crate::clock::Moment;
use crate::error::Result;
use crate::ids::{EntryId, PersonId, TaskId, UnitId};
use crate::policy::Permit;

/// The state that is written down: why an entry is out stands beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stored {
    Forming,
    Running,
    Out,
}

names!(Stored, Forming = "forming", Running = "running", Out = "withdrawn");

/// Entries whose work counts: those in the race, and those that were disqualified, who may still be heard.
pub(crate) fn live() -> Condition {
    Condition::any()
        .add(
            Condition::all()
                .add(entry::Column::State.ne(Stored::Out.as_str()))
                .add(entry::Column::CutStage.is_null()),
        )
        .add(entry::Column::OutAs.eq(EntryState::Disqualified.as_str()))
}

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

/// The units of one entry, in order.
pub(crate) async fn units_of_entry(
    db: &impl ConnectionTrait,
    entry: EntryId,
) -> Result<Vec<entry_unit::Model>> {
    let units = entry_unit::Entity::find().filter(entry_unit::Column::EntryId.eq(entry.0));
    Ok(units.order_by_asc(entry_unit::Column::Place).all(db).await?)
}

/// The units of a race, in order of place.
pub(crate) async fn units_of(db: &impl ConnectionTrait, task: TaskId) -> Result<Vec<entry_unit::Model>> {
    let units = entry_unit::Entity::find().filter(entry_unit::Column::TaskId.eq(task.0));
    Ok(units.order_by_asc(entry_unit::Column::Place).all(db).await?)
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

/// Writes the changed columns of an entry.
pub(super) async fn update<S>(
    db: &impl ConnectionTrait,
    _: &Permit<S>,
    row: entry::ActiveModel,
) -> Result<()> {
    entry::Entity::update(row).exec(db).await?;
    Ok(())
}

/// A crew and its units to be written, all of it anew.
pub(super) struct NewCrew<'c> {
    pub(super) task: TaskId,
    pub(super) entry: EntryId,
    pub(super) crew: &'c [CrewShare],
    pub(super) units: &'c [UnitShare],
}

/// Replaces the crew of an entry and its units. Who proposes has agreed by that, for themselves and for the
/// units that they lead; the others are asked. Without a proposer everybody has agreed before.
pub(super) async fn write_crew<S>(
    db: &impl ConnectionTrait,
    _: &Permit<S>,
    new: &NewCrew<'_>,
    proposer: Option<&Asker>,
    now: Moment,
) -> Result<()> {
    clear(db, new.entry).await?;
    let crews = crews_of(db, new.task).await?;
    let units = units_of(db, new.task).await?;
    let taken = |unit: UnitId| units.iter().any(|one| one.unit_id == unit.0 && one.active == Some(1));
    let elsewhere =
        |person: PersonId| crews.iter().any(|one| one.person_id == person.0 && one.active == Some(1));
    let said =
        |agreed: bool| (if agreed { CrewAnswer::Agreed } else { CrewAnswer::Asked }).as_str().to_owned();
    let rows = (0_i64..).zip(new.crew).map(|(place, one)| {
        let agreed = proposer.is_none_or(|asker| asker.id == one.person);
        crew_member::ActiveModel {
            entry_id: Set(new.entry.0),
            person_id: Set(one.person.0),
            task_id: Set(new.task.0),
            place: Set(place),
            share: Set(i64::from(one.share)),
            answer: Set(said(agreed)),
            answered_at: Set(agreed.then_some(now.0)),
            // Asked, and riding elsewhere: free to agree once that is over.
            active: Set((agreed || !elsewhere(one.person)).then_some(1)),
        }
    });
    crew_member::Entity::insert_many(rows).exec_without_returning(db).await?;
    let rows = (0_i64..).zip(new.units).map(|(place, one)| {
        let agreed = proposer.is_none_or(|asker| asker.leads.contains(&one.unit));
        entry_unit::ActiveModel {
            entry_id: Set(new.entry.0),
            unit_id: Set(one.unit.0),
            task_id: Set(new.task.0),
            place: Set(place),
            share: Set(i64::from(one.share)),
            answer: Set(said(agreed)),
            answered_by: Set(proposer.filter(|_| agreed).map(|asker| asker.id.0)),
            answered_at: Set(agreed.then_some(now.0)),
            active: Set((agreed || !taken(one.unit)).then_some(1)),
        }
    });
    if !new.units.is_empty() {
        entry_unit::Entity::insert_many(rows).exec_without_returning(db).await?;
    }
    Ok(())
}

async fn clear(db: &impl ConnectionTrait, entry: EntryId) -> Result<()> {
    crew_member::Entity::delete_many().filter(crew_member::Column::EntryId.eq(entry.0)).exec(db).await?;
    entry_unit::Entity::delete_many().filter(entry_unit::Column::EntryId.eq(entry.0)).exec(db).await?;
    Ok(())
}

/// Writes down what somebody said who was asked: for themselves, and for the units that they lead.
pub(super) async fn answer<S>(
    db: &impl ConnectionTrait,
    _: &Permit<S>,
    entry: EntryId,
    asker: &Asker,
    answer: CrewAnswer,
    now: Moment,
) -> Result<()> {
    let active = Expr::value((answer != CrewAnswer::Declined).then_some(1_i64));
    crew_member::Entity::update_many()
        .col_expr(crew_member::Column::Answer, Expr::value(answer.as_str()))
        .col_expr(crew_member::Column::AnsweredAt, Expr::value(now.0))
        .col_expr(crew_member::Column::Active, active.clone())
        .filter(crew_member::Column::EntryId.eq(entry.0))
        .filter(crew_member::Column::PersonId.eq(asker.id.0))
        .filter(crew_member::Column::Answer.eq(CrewAnswer::Asked.as_str()))
        .exec(db)
        .await?;
    entry_unit::Entity::update_many()
        .col_expr(entry_unit::Column::Answer, Expr::value(answer.as_str()))
        .col_expr(entry_unit::Column::AnsweredAt, Expr::value(now.0))
        .col_expr(entry_unit::Column::AnsweredBy, Expr::value(asker.id.0))
        .col_expr(entry_unit::Column::Active, active)
        .filter(entry_unit::Column::EntryId.eq(entry.0))
        .filter(entry_unit::Column::UnitId.is_in(asker.leads.iter().map(|unit| unit.0)))
        .filter(entry_unit::Column::Answer.eq(CrewAnswer::Asked.as_str()))
        .exec(db)
        .await?;
    Ok(())
}

/// Takes back what one of a crew that still forms has agreed to.
pub(super) async fn take_back<S>(
    db: &impl ConnectionTrait,
    _: &Permit<S>,
    entry: EntryId,
    person: PersonId,
    now: Moment,
) -> Result<()> {
    let row = crew_member::ActiveModel {
        entry_id: Set(entry.0),
        person_id: Set(person.0),
        answer: Set(CrewAnswer::Declined.as_str().to_owned()),
        answered_at: Set(Some(now.0)),
        active: Set(None),
        ..Default::default()
    };
    crew_member::Entity::update(row).exec(db).await?;
    Ok(())
}

/// Starts an entry whose crew has agreed.
pub(super) async fn start<S>(
    db: &impl ConnectionTrait,
    leave: &Permit<S>,
    entry: EntryId,
    now: Moment,
) -> Result<()> {
    let row = entry::ActiveModel {
        id: Set(entry.0),
        state: Set(Stored::Running.as_str().to_owned()),
        running_since: Set(Some(now.0)),
        ..Default::default()
    };
    update(db, leave, row).await
}

/// Sets the crew and the units of an entry free to enter elsewhere in the race.
pub(super) async fn set_free<S>(db: &impl ConnectionTrait, _: &Permit<S>, entry: EntryId) -> Result<()> {
    let free = || Expr::value(Option::<i64>::None);
    crew_member::Entity::update_many()
        .col_expr(crew_member::Column::Active, free())
        .filter(crew_member::Column::EntryId.eq(entry.0))
        .exec(db)
        .await?;
    entry_unit::Entity::update_many()
        .col_expr(entry_unit::Column::Active, free())
        .filter(entry_unit::Column::EntryId.eq(entry.0))
        .exec(db)
        .await?;
    Ok(())
}
