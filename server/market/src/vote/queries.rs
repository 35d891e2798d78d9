//! Reading votes: how many, one's own, and what came of them once they are counted.

use std::collections::HashSet;

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::tables::{self, ballot, vote_window};
use super::{VoteView, rules};
use crate::actor::{Actor, PersonKind};
use crate::clock::Moment;
use crate::error::Result;
use crate::ids::{PersonId, TaskId};
use crate::judging::tables::ruling;
use crate::judging::{self, standings};
use crate::market::Market;
use crate::memo::Known;
use crate::person::tables::person;
use crate::policy::{Act, RaceFacts, may, permit};
use crate::store::Scope;
use crate::task::tables::task as task_table;
use crate::task::{Judging, TaskState};

/// Most people who are told that they can vote.
const MOST_TOLD: u64 = 5_000;

impl Market {
    /// The vote on a race; nothing where no vote decides, and for drafts.
    ///
    /// # Errors
    /// [`crate::Refusal::NotFound`] when the asker may not see the task.
    pub async fn vote(&self, asker: &Actor, id: TaskId) -> Result<Option<VoteView>> {
        let (db, now) = (self.store().reads(), self.now());
        let Known { task, facts } = &*self.known(id).await?;
        permit(asker, Act::SeeTask, facts)?;
        let state = task.state(now);
        let Judging::Vote(vote) = &task.rules.judging else { return Ok(None) };
        if state == TaskState::Draft {
            return Ok(None);
        }
        let closes_at = vote.closes_at(task.closes_at);
        let ruled = judging::ruler_of(db, id).await?.is_some();
        let mine = match asker.id() {
            Some(me) => ballot::Entity::find_by_id((id.0, me.0)).one(db).await?,
            None => None,
        };
        let tally = if ruled {
            let entries: Vec<_> =
                standings(db, task).await?.into_iter().map(|standing| standing.entry).collect();
            rules::tally(&entries, &tables::ballots(db, id).await?)
        } else {
            Vec::new()
        };
        let ballots = ballot::Entity::find().filter(ballot::Column::TaskId.eq(id.0)).count(db).await?;
        Ok(Some(VoteView {
            opens_at: task.closes_at,
            closes_at,
            is_open: state == TaskState::Judging && now < closes_at && !ruled,
            may_vote: may(asker, Act::CastBallot, facts),
            ballots: u32::try_from(ballots).unwrap_or(u32::MAX),
            mine: mine.as_ref().map(tables::read).transpose()?.unwrap_or_default(),
            tally,
        }))
    }
}

/// Everybody in the organisation who may vote on a race; who is not told finds it among the open challenges.
pub(crate) async fn voters(scope: &Scope<'_>, race: &RaceFacts) -> Result<Vec<PersonId>> {
    let members = person::Entity::find()
        .select_only()
        .column(person::Column::Id)
        .filter(person::Column::Kind.eq(PersonKind::Member.as_str()))
        .order_by_asc(person::Column::Id)
        .limit(MOST_TOLD)
        .into_tuple::<Uuid>();
    let ids: Vec<PersonId> = members.all(scope.txn).await?.into_iter().map(PersonId).collect();
    let actors = crate::person::actors(scope.txn, &ids).await?;
    let votes = |id: &PersonId| actors.get(id).is_some_and(|actor| may(actor, Act::CastBallot, race));
    Ok(ids.into_iter().filter(votes).collect())
}

/// In which of these races a person has voted.
pub(crate) async fn has_voted(
    db: &impl ConnectionTrait,
    person: PersonId,
    tasks: &[TaskId],
) -> Result<HashSet<TaskId>> {
    if tasks.is_empty() {
        return Ok(HashSet::new());
    }
    let rows = ballot::Entity::find()
        .select_only()
        .column(ballot::Column::TaskId)
        .filter(ballot::Column::PersonId.eq(person.0))
        .filter(ballot::Column::TaskId.is_in(tasks.iter().map(|task| task.0)))
        .into_tuple::<Uuid>();
    Ok(rows.all(db).await?.into_iter().map(TaskId).collect())
}

/// The races whose votes are still to be counted, each with when.
pub(crate) async fn windows(db: &impl ConnectionTrait) -> Result<Vec<(TaskId, Moment)>> {
    let rows = task_table::Entity::find()
        .select_only()
        .column(task_table::Column::Id)
        .column(task_table::Column::ClosesAt)
        .filter(task_table::Column::State.eq("open"))
        .filter(task_table::Column::Id.in_subquery(with_window()))
        .filter(task_table::Column::Id.not_in_subquery(ruled()))
        .into_tuple::<(Uuid, i64)>()
        .all(db)
        .await?;
    let ids: Vec<Uuid> = rows.iter().map(|(id, _)| *id).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let found = vote_window::Entity::find().filter(vote_window::Column::TaskId.is_in(ids)).all(db).await?;
    let seconds = |id: &Uuid| found.iter().find(|row| row.task_id == *id).map(|row| row.seconds);
    let window = |(id, closes_at): (Uuid, i64)| {
        seconds(&id).map(|seconds| (TaskId(id), Moment(closes_at).plus_seconds(seconds)))
    };
    let mut all: Vec<(TaskId, Moment)> = rows.into_iter().filter_map(window).collect();
    all.sort_by_key(|(_, until)| *until);
    Ok(all)
}

fn ruled() -> sea_orm::sea_query::SelectStatement {
    sea_orm::sea_query::Query::select().column(ruling::Column::TaskId).from(ruling::Entity).to_owned()
}

fn with_window() -> sea_orm::sea_query::SelectStatement {
    sea_orm::sea_query::Query::select()
        .column(vote_window::Column::TaskId)
        .from(vote_window::Entity)
        .to_owned()
}
