//! The tables `crew_change` and `crew_change_part`. Must never: be read outside the market.

pub(crate) mod crew_change {
    //! One row for each change that was proposed.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "crew_change")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub entry_id: Uuid,
        pub other_id: Option<Uuid>,
        pub task_id: Uuid,
        pub kind: String,
        pub proposed_by: Uuid,
        pub at: i64,
        pub state: String,
        pub ended_at: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod crew_change_part {
    //! One row for each who must agree.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "crew_change_part")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub change_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub place: i64,
        pub person_id: Option<Uuid>,
        pub unit_id: Option<Uuid>,
        pub share: Option<i64>,
        pub answer: String,
        pub answered_by: Option<Uuid>,
        pub answered_at: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

use std::collections::HashMap;

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};
use uuid::Uuid;

use super::super::queries::narrow;
use super::{ChangePart, ChangeView, CrewAnswer};
use crate::actor::{Asker, names};
use crate::clock::Moment;
use crate::error::Result;
use crate::ids::{EntryId, PersonId, TaskId, UnitId};
use crate::policy::Permit;
use crate::store::Scope;

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Open,
    Done,
    Declined,
    Dropped,
}

names!(End, Open = "open", Done = "done", Declined = "declined", Dropped = "dropped");

/// Writes a new change; who proposes it has agreed, for themselves and for the units that they lead.
pub(super) async fn insert<S>(
    scope: &Scope<'_>,
    _: &Permit<S>,
    (task, proposer): (TaskId, Option<&Asker>),
    change: &ChangeView,
) -> Result<()> {
    let id = scope.ids.id(scope.now);
    let row = crew_change::Model {
        id,
        entry_id: change.entry.0,
        other_id: change.other.map(|other| other.0),
        task_id: task.0,
        kind: change.kind.as_str().to_owned(),
        proposed_by: change.by.0,
        at: change.at.0,
        state: End::Open.as_str().to_owned(),
        ended_at: None,
    };
    crew_change::Entity::insert(row.into_active_model()).exec_without_returning(scope.txn).await?;
    let rows = (0_i64..).zip(&change.parts).map(|(place, part)| {
        let agreed = part.answer == CrewAnswer::Agreed;
        crew_change_part::ActiveModel {
            change_id: Set(id),
            place: Set(place),
            person_id: Set(part.person.map(|person| person.0)),
            unit_id: Set(part.unit.map(|unit| unit.0)),
            share: Set(part.share.map(i64::from)),
            answer: Set(part.answer.as_str().to_owned()),
            answered_by: Set(proposer.filter(|_| agreed).map(|asker| asker.id.0)),
            answered_at: Set(agreed.then_some(scope.now.0)),
        }
    });
    crew_change_part::Entity::insert_many(rows).exec_without_returning(scope.txn).await?;
    Ok(())
}

/// Writes down what somebody said who was asked: for themselves, and for the units that they lead.
pub(super) async fn answer<S>(
    scope: &Scope<'_>,
    _: &Permit<S>,
    entry: EntryId,
    asker: &Asker,
    answer: CrewAnswer,
) -> Result<()> {
    let Some(row) = open_row(scope.txn, entry).await? else { return Ok(()) };
    let theirs = Condition::any()
        .add(crew_change_part::Column::PersonId.eq(asker.id.0))
        .add(crew_change_part::Column::UnitId.is_in(asker.leads.iter().map(|unit| unit.0)));
    crew_change_part::Entity::update_many()
        .col_expr(crew_change_part::Column::Answer, Expr::value(answer.as_str()))
        .col_expr(crew_change_part::Column::AnsweredBy, Expr::value(asker.id.0))
        .col_expr(crew_change_part::Column::AnsweredAt, Expr::value(scope.now.0))
        .filter(crew_change_part::Column::ChangeId.eq(row.id))
        .filter(crew_change_part::Column::Answer.eq(CrewAnswer::Asked.as_str()))
        .filter(theirs)
        .exec(scope.txn)
        .await?;
    Ok(())
}

/// Ends whatever change of this entry is open, as the one that rides on or as the other.
pub(super) async fn end<S>(scope: &Scope<'_>, _: &Permit<S>, entry: EntryId, end: End) -> Result<()> {
    let of_it = Condition::any()
        .add(crew_change::Column::EntryId.eq(entry.0))
        .add(crew_change::Column::OtherId.eq(entry.0));
    crew_change::Entity::update_many()
        .col_expr(crew_change::Column::State, Expr::value(end.as_str()))
        .col_expr(crew_change::Column::EndedAt, Expr::value(scope.now.0))
        .filter(crew_change::Column::State.eq(End::Open.as_str()))
        .filter(of_it)
        .exec(scope.txn)
        .await?;
    Ok(())
}

/// Drops whatever change of this entry is open: it has left the race, or another change takes its place.
pub(in super::super) async fn drop_open<S>(
    scope: &Scope<'_>,
    leave: &Permit<S>,
    entry: EntryId,
) -> Result<()> {
    end(scope, leave, entry, End::Dropped).await
}

async fn open_row(db: &impl ConnectionTrait, entry: EntryId) -> Result<Option<crew_change::Model>> {
    let open = crew_change::Entity::find()
        .filter(crew_change::Column::EntryId.eq(entry.0))
        .filter(crew_change::Column::State.eq(End::Open.as_str()));
    Ok(open.one(db).await?)
}

/// The open change of the entry that would ride on.
pub(in super::super) async fn open_of(
    db: &impl ConnectionTrait,
    entry: EntryId,
) -> Result<Option<ChangeView>> {
    let Some(row) = open_row(db, entry).await? else { return Ok(None) };
    Ok(views(db, vec![row]).await?.pop())
}

/// The open changes of a race, by each entry that they are about.
pub(in super::super) async fn open_in(
    db: &impl ConnectionTrait,
    task: TaskId,
) -> Result<HashMap<Uuid, ChangeView>> {
    let open = crew_change::Entity::find()
        .filter(crew_change::Column::TaskId.eq(task.0))
        .filter(crew_change::Column::State.eq(End::Open.as_str()));
    let mut found = HashMap::new();
    for view in views(db, open.all(db).await?).await? {
        if let Some(other) = view.other {
            found.insert(other.0, view.clone());
        }
        found.insert(view.entry.0, view);
    }
    Ok(found)
}

async fn views(db: &impl ConnectionTrait, rows: Vec<crew_change::Model>) -> Result<Vec<ChangeView>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let parts = crew_change_part::Entity::find()
        .filter(crew_change_part::Column::ChangeId.is_in(rows.iter().map(|row| row.id)))
        .order_by_asc(crew_change_part::Column::Place)
        .all(db)
        .await?;
    let mut by_change: HashMap<Uuid, Vec<ChangePart>> = HashMap::new();
    for part in parts {
        by_change.entry(part.change_id).or_default().push(ChangePart {
            person: part.person_id.map(PersonId),
            unit: part.unit_id.map(UnitId),
            share: part.share.map(narrow),
            answer: part.answer.parse()?,
        });
    }
    let view = |row: crew_change::Model| {
        Ok(ChangeView {
            entry: EntryId(row.entry_id),
            other: row.other_id.map(EntryId),
            kind: row.kind.parse()?,
            by: PersonId(row.proposed_by),
            at: Moment(row.at),
            parts: by_change.remove(&row.id).unwrap_or_default(),
        })
    };
    rows.into_iter().map(view).collect()
}
