//! Asking, answering, making clear.

use ledger::{RecordId, RecordKind};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::tables::{self, question};
use super::{MOST_OPEN_QUESTIONS, MOST_QUESTIONS};
use crate::actor::Actor;
use crate::books::{self, label};
use crate::error::{Code, Problems, Refusal, Result};
use crate::ids::{PersonId, QuestionId, TaskId};
use crate::notice::{Event, Kind, notify};
use crate::policy::{Act, Permit, RaceFacts};
use crate::store::{Command, Scope, must};
use crate::task::{self, TaskState, check_running};
use crate::{race, text};

/// Asks something about a running race, for everybody to read.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AskQuestion {
    /// The task.
    pub task: TaskId,
    /// Markdown, at most 2,000 characters.
    pub question: String,
}

impl Command for AskQuestion {
    type Output = QuestionId;
    const ACT: Act = Act::AskQuestion;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<QuestionId> {
        let (task, facts, leave) = task::locked(scope, asker, self.task, Self::ACT).await?;
        check_running(task.state(scope.now))?;
        let person = leave.by().ok_or(Refusal::Unauthenticated)?;
        let mut problems = Problems::default();
        let question = text::prose(&mut problems, "question", &self.question, 2_000);
        problems.done()?;
        check_room(scope, task.id, Some(person)).await?;
        let id = QuestionId(scope.ids.id(scope.now));
        let said = json!({ "question": id, "asked": question });
        let record = deposit(scope, &leave, task.id, &said).await?;
        let row = question::Model {
            id: id.0,
            task_id: task.id.0,
            asked_by: Some(person.0),
            asked_at: scope.now.0,
            question,
            question_record: Some(uuid(record)),
            answer: None,
            answered_by: None,
            answered_at: None,
            answer_record: None,
        };
        tables::insert(scope.txn, &leave, row).await?;
        // Nobody is told who asked.
        let event = Event::of(&leave, Kind::QuestionAsked).task(task.id).to([facts.poster]);
        notify(scope, event.with(|facts| facts.person = None)).await?;
        Ok(id)
    }
}

/// Answers a question, for everybody at once. An answer stays as it is; what must be added is made clear.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AnswerQuestion {
    /// The question.
    pub question: QuestionId,
    /// Markdown, at most 5,000 characters.
    pub answer: String,
}

impl Command for AnswerQuestion {
    type Output = RecordId;
    const ACT: Act = Act::AnswerQuestion;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<RecordId> {
        if matches!(asker, Actor::Visitor) {
            return Err(Refusal::Unauthenticated);
        }
        let found = must(question::Entity::find_by_id(self.question.0).one(scope.txn).await?)?;
        let (task, facts, leave) = task::locked(scope, asker, TaskId(found.task_id), Self::ACT).await?;
        if !matches!(task.state(scope.now), TaskState::Open | TaskState::Judging) {
            return Err(Refusal::because(Code::NotOpen));
        }
        // Read again under the lock: it may have been answered meanwhile.
        let row = must(question::Entity::find_by_id(self.question.0).one(scope.txn).await?)?;
        if row.answer.is_some() {
            return Err(Refusal::because(Code::QuestionAnswered));
        }
        let mut problems = Problems::default();
        let answer = text::prose(&mut problems, "answer", &self.answer, 5_000);
        problems.done()?;
        let said = json!({ "question": self.question, "answered": answer });
        let record = deposit(scope, &leave, task.id, &said).await?;
        let written = question::ActiveModel {
            id: Set(row.id),
            answer: Set(Some(answer)),
            answered_by: Set(leave.by().map(|by| by.0)),
            answered_at: Set(Some(scope.now.0)),
            answer_record: Set(Some(uuid(record))),
            ..Default::default()
        };
        tables::update(scope.txn, &leave, written).await?;
        let event = Event::of(&leave, Kind::QuestionAnswered).task(task.id);
        let asked = row.asked_by.map(PersonId);
        notify(scope, event.to(asked).to(concerned(scope, task.id, &facts).await?)).await?;
        Ok(record)
    }
}

/// Makes something clear to everybody at once, unasked. The frozen rules stay as they are.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ClarifyTask {
    /// The task.
    pub task: TaskId,
    /// Markdown, at most 5,000 characters.
    pub text: String,
}

impl Command for ClarifyTask {
    type Output = QuestionId;
    const ACT: Act = Act::ClarifyTask;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<QuestionId> {
        let (task, facts, leave) = task::locked(scope, asker, self.task, Self::ACT).await?;
        check_running(task.state(scope.now))?;
        let mut problems = Problems::default();
        let text = text::prose(&mut problems, "text", &self.text, 5_000);
        problems.done()?;
        check_room(scope, task.id, None).await?;
        let id = QuestionId(scope.ids.id(scope.now));
        let record = deposit(scope, &leave, task.id, &json!({ "question": id, "clarified": text })).await?;
        let row = question::Model {
            id: id.0,
            task_id: task.id.0,
            asked_by: None,
            asked_at: scope.now.0,
            question: String::new(),
            question_record: None,
            answer: Some(text),
            answered_by: leave.by().map(|by| by.0),
            answered_at: Some(scope.now.0),
            answer_record: Some(uuid(record)),
        };
        tables::insert(scope.txn, &leave, row).await?;
        let event = Event::of(&leave, Kind::TaskClarified).task(task.id);
        notify(scope, event.to(concerned(scope, task.id, &facts).await?)).await?;
        Ok(id)
    }
}

fn uuid(record: RecordId) -> Uuid {
    Uuid::from_bytes(record.to_bytes())
}

/// Everybody who rides or judges.
async fn concerned(scope: &Scope<'_>, task: TaskId, facts: &RaceFacts) -> Result<Vec<PersonId>> {
    let mut told = race::riders_of(scope.txn, task).await?;
    told.extend(facts.judges.iter().copied());
    Ok(told)
}

/// No flood: neither of one person's open questions nor of all on one task.
async fn check_room(scope: &Scope<'_>, task: TaskId, person: Option<PersonId>) -> Result<()> {
    let all = question::Entity::find().filter(question::Column::TaskId.eq(task.0));
    if all.clone().count(scope.txn).await? >= u64::from(MOST_QUESTIONS) {
        return Err(Refusal::because(Code::QuestionsFull { max: MOST_QUESTIONS }));
    }
    let Some(person) = person else { return Ok(()) };
    let open = all.filter(question::Column::AskedBy.eq(person.0)).filter(question::Column::Answer.is_null());
    if open.count(scope.txn).await? >= u64::from(MOST_OPEN_QUESTIONS) {
        return Err(Refusal::because(Code::QuestionsWait { max: MOST_OPEN_QUESTIONS }));
    }
    Ok(())
}

async fn deposit(
    scope: &Scope<'_>,
    leave: &Permit<RaceFacts>,
    task: TaskId,
    said: &serde_json::Value,
) -> Result<RecordId> {
    let data = said.to_string().into_bytes();
    Ok(books::deposit(scope, leave, task.0, RecordKind::Evidence, label::QUESTION, data).await?.record)
}
