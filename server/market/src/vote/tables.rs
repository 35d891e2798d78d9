//! The tables `vote_window` and `ballot`. Must never: be read outside the market.

pub(crate) mod vote_window {
    //! One row a race that a vote decides, since it opened.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "vote_window")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub task_id: Uuid,
        pub seconds: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod ballot {
    //! One row a person and race.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "ballot")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub task_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub person_id: Uuid,
        pub votes: String,
        pub at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::VotesFor;
use crate::clock::Moment;
use crate::error::Result;
use crate::ids::{PersonId, TaskId};
use crate::policy::Permit;

/// Notes for how long people may vote after the clock of a race has stopped.
pub(crate) async fn open<S>(
    db: &impl ConnectionTrait,
    _: &Permit<S>,
    task: TaskId,
    seconds: u32,
) -> Result<()> {
    let row = vote_window::Model { task_id: task.0, seconds: i64::from(seconds) };
    vote_window::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// The ballots of a race.
pub(super) async fn ballots(db: &impl ConnectionTrait, task: TaskId) -> Result<Vec<Vec<VotesFor>>> {
    let rows = ballot::Entity::find().filter(ballot::Column::TaskId.eq(task.0)).all(db).await?;
    rows.iter().map(read).collect()
}

/// What stands on a ballot.
pub(super) fn read(row: &ballot::Model) -> Result<Vec<VotesFor>> {
    Ok(serde_json::from_str(&row.votes)?)
}

/// Writes a person's ballot in the place of an earlier one; an empty one is taken back.
pub(super) async fn cast<S>(
    db: &impl ConnectionTrait,
    _: &Permit<S>,
    (task, person): (TaskId, PersonId),
    votes: &[VotesFor],
    now: Moment,
) -> Result<()> {
    ballot::Entity::delete_by_id((task.0, person.0)).exec(db).await?;
    if !votes.is_empty() {
        let votes = serde_json::to_string(votes)?;
        let row = ballot::Model { task_id: task.0, person_id: person.0, votes, at: now.0 };
        ballot::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    }
    Ok(())
}
