//! Questions about a race, their answers, and what its poster makes clear.
//!
//! Promises: nobody reads who asked. Must never: show an answer to one before all the others.

use actix_web::web::{Data, Path};
use market::question::{AnswerQuestion, AskQuestion, ClarifyTask, QuestionView, Said};
use market::task::TaskView;
use market::{Act, Market, QuestionId, Refusal};

use super::act::{ActPage, Ask, Field};
use super::kit::{Fact, Link, id, key_of};
use super::names::Names;
use super::task_acts::{mine, page, without_key};
use crate::errors::{Answer, Failure};
use crate::format::When;
use crate::forms::{Form, Posted};
use crate::i18n::key;
use crate::visit::Visit;
use crate::{markdown, respond, urls};

/// A question with its answer, or what was made clear.
#[derive(Debug, Clone)]
pub struct QuestionBlock {
    /// What the page's address names it by.
    pub anchor: String,
    /// What was asked.
    pub asked: Option<SaidBlock>,
    /// Whether the reader asked it.
    pub mine: bool,
    /// The answer, or what was made clear.
    pub answer: Option<SaidBlock>,
    /// Who answered.
    pub by: Option<Link>,
    /// Where the reader may answer it.
    pub answer_url: Option<String>,
}

/// What was said.
#[derive(Debug, Clone)]
pub struct SaidBlock {
    /// As safe HTML.
    pub text: String,
    /// When.
    pub at: When,
    /// Its record.
    pub record: String,
}

/// The block of a question.
pub(super) fn block(v: &Visit, names: &Names, question: &QuestionView) -> QuestionBlock {
    let said = |said: &Said| SaidBlock {
        text: markdown::to_html(&said.text),
        at: v.when(said.at),
        record: urls::record(said.record),
    };
    QuestionBlock {
        anchor: format!("q-{}", question.id),
        asked: question.asked.as_ref().map(said),
        mine: question.mine,
        answer: question.answer.as_ref().map(said),
        by: question.answered_by.map(|by| names.person(by)),
        answer_url: question.may_answer.then(|| urls::question_answer(question.id)),
    }
}

/// `GET /tasks/{handle}/ask`.
///
/// # Errors
/// Not found, for who may not see the task; to the door for visitors.
pub async fn ask_ask(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let task = mine(&v, &market, &path, Act::AskQuestion).await?;
    Ok(ask_page(v, &task, Form::default()).once(&market).answer())
}

/// `POST /tasks/{handle}/ask`: `question`.
///
/// # Errors
/// Not found, for who may not see the task; to the door for visitors.
pub async fn ask(v: Visit, market: Data<Market>, path: Path<String>, Posted(form): Posted) -> Answer {
    let task = mine(&v, &market, &path, Act::AskQuestion).await?;
    let command = AskQuestion { task: task.id, question: form.value("question").to_owned() };
    match market.run_once(&v.actor, key_of(&form)?, command).await {
        Ok(_) => Ok(respond::done(&urls::task(&task.handle), key("done-asked"))),
        Err(refusal) => ask_page(v, &task, without_key(form)).once(&market).mend(refusal),
    }
}

fn ask_page(v: Visit, task: &TaskView, form: Form) -> ActPage {
    let said = (key("ask-title"), key("ask-lead"), key("act-ask"));
    let asks = vec![Ask::Area(Field::bare(&v, "question", key("ask-question")))];
    ActPage { asks, sure: true, ..page(v, task, form, said, urls::task_ask(&task.handle)) }
}

/// `GET /tasks/{handle}/clarify`.
///
/// # Errors
/// Not found, unless it is the asker's task.
pub async fn clarify_ask(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let task = mine(&v, &market, &path, Act::ClarifyTask).await?;
    Ok(clarify_page(v, &task, Form::default()).once(&market).answer())
}

/// `POST /tasks/{handle}/clarify`: `text`.
///
/// # Errors
/// Not found, unless it is the asker's task.
pub async fn clarify(v: Visit, market: Data<Market>, path: Path<String>, Posted(form): Posted) -> Answer {
    let task = mine(&v, &market, &path, Act::ClarifyTask).await?;
    let command = ClarifyTask { task: task.id, text: form.value("text").to_owned() };
    match market.run_once(&v.actor, key_of(&form)?, command).await {
        Ok(_) => Ok(respond::done(&urls::task(&task.handle), key("done-clarified"))),
        Err(refusal) => clarify_page(v, &task, without_key(form)).once(&market).mend(refusal),
    }
}

fn clarify_page(v: Visit, task: &TaskView, form: Form) -> ActPage {
    let said = (key("clarify-title"), key("clarify-lead"), key("act-clarify"));
    let asks = vec![Ask::Area(Field::bare(&v, "text", key("clarify-text")))];
    ActPage { asks, sure: true, ..page(v, task, form, said, urls::task_clarify(&task.handle)) }
}

/// `GET /questions/{id}/answer`.
///
/// # Errors
/// Not found, for who may not answer it.
pub async fn answer_ask(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let (task, question) = answerable(&v, &market, &path).await?;
    Ok(answer_page(v, &task, &question, Form::default()).once(&market).answer())
}

/// `POST /questions/{id}/answer`: `answer`.
///
/// # Errors
/// Not found, for who may not answer it.
pub async fn answer(v: Visit, market: Data<Market>, path: Path<String>, Posted(form): Posted) -> Answer {
    let (task, question) = answerable(&v, &market, &path).await?;
    let command = AnswerQuestion { question: question.id, answer: form.value("answer").to_owned() };
    match market.run_once(&v.actor, key_of(&form)?, command).await {
        Ok(_) => Ok(respond::done(&urls::task(&task.handle), key("done-question-answered"))),
        Err(refusal) => answer_page(v, &task, &question, without_key(form)).once(&market).mend(refusal),
    }
}

async fn answerable(v: &Visit, market: &Market, path: &str) -> Result<(TaskView, QuestionView), Failure> {
    let question = market.question(&v.actor, id::<QuestionId>(path)?).await?;
    let task = market.task(&v.actor, question.task).await?;
    // What was answered meanwhile gets this far as well: the market then says so.
    let poster = v.actor.id() == Some(task.poster) && question.asked.is_some();
    if poster { Ok((task, question)) } else { Err(Refusal::NotFound.into()) }
}

fn answer_page(v: Visit, task: &TaskView, question: &QuestionView, form: Form) -> ActPage {
    let said = (key("answer-title"), key("answer-lead"), key("act-answer"));
    let asked = question.asked.as_ref().map(|said| said.text.as_str()).unwrap_or_default();
    let facts = vec![Fact::new(v.t(key("ask-question")), asked)];
    let asks = vec![Ask::Area(Field::bare(&v, "answer", key("answer-text")))];
    ActPage { facts, asks, sure: true, ..page(v, task, form, said, urls::question_answer(question.id)) }
}
