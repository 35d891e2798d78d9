//! Reading questions and answers.

use std::collections::HashMap;

use ledger::RecordId;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::tables::question;
use super::{QuestionView, Said};
use crate::actor::Actor;
use crate::clock::Moment;
use crate::error::{Refusal, Result};
use crate::ids::{PersonId, QuestionId, TaskId};
use crate::market::Market;
use crate::memo::Known;
use crate::policy::{Act, may, permit};
use crate::store::must;
use crate::task::TaskState;

impl Market {
    /// What was asked, answered and made clear about a task, oldest first.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when the asker may not see the task.
    pub async fn questions(&self, asker: &Actor, id: TaskId) -> Result<Vec<QuestionView>> {
        let db = self.store().reads();
        let Known { task, facts } = &*self.known(id).await?;
        permit(asker, Act::SeeTask, facts)?;
        let answers = matches!(task.state(self.now()), TaskState::Open | TaskState::Judging)
            && may(asker, Act::AnswerQuestion, facts);
        let rows = question::Entity::find()
            .filter(question::Column::TaskId.eq(id.0))
            .order_by_asc(question::Column::AskedAt)
            .order_by_asc(question::Column::Id)
            .all(db)
            .await?;
        rows.into_iter().map(|row| view(asker, answers, row)).collect()
    }

    /// One of them.
    ///
    /// # Errors
    /// As [`Market::questions`].
    pub async fn question(&self, asker: &Actor, id: QuestionId) -> Result<QuestionView> {
        let row = must(question::Entity::find_by_id(id.0).one(self.store().reads()).await?)?;
        let all = self.questions(asker, TaskId(row.task_id)).await?;
        must(all.into_iter().find(|one| one.id == id))
    }
}

fn view(asker: &Actor, answers: bool, row: question::Model) -> Result<QuestionView> {
    let said = |text: Option<String>, at: Option<i64>, record: Option<Uuid>| {
        let record = RecordId::from_bytes(*record?.as_bytes());
        Some(Said { text: text?, at: Moment(at?), record })
    };
    let may_answer = answers && row.answer.is_none();
    let asked = said(Some(row.question), Some(row.asked_at), row.question_record);
    let answer = said(row.answer, row.answered_at, row.answer_record);
    if asked.is_none() && answer.is_none() {
        return Err(Refusal::fault("a question that nobody asked and nobody answered"));
    }
    Ok(QuestionView {
        id: QuestionId(row.id),
        task: TaskId(row.task_id),
        mine: row.asked_by.is_some() && row.asked_by == asker.id().map(|id| id.0),
        asked,
        answer,
        answered_by: row.answered_by.map(PersonId),
        may_answer,
    })
}

/// For each of these tasks that has open questions: since when the oldest waits.
pub(crate) async fn waiting(db: &impl ConnectionTrait, tasks: &[TaskId]) -> Result<HashMap<TaskId, Moment>> {
    let oldest = question::Entity::find()
        .select_only()
        .column(question::Column::TaskId)
        .column_as(Expr::col(question::Column::AskedAt).min(), "oldest")
        .filter(question::Column::TaskId.is_in(tasks.iter().map(|task| task.0)))
        .filter(question::Column::Answer.is_null())
        .group_by(question::Column::TaskId)
        .into_tuple::<(Uuid, i64)>()
        .all(db)
        .await?;
    Ok(oldest.into_iter().map(|(task, at)| (TaskId(task), Moment(at))).collect())
}
