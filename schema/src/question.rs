//! Questions about a race, their answers, and what its poster makes clear.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use market::question::{AnswerQuestion, AskQuestion, ClarifyTask, QuestionView, Said};
use market::{IdempotencyKey, QuestionId, Result};

use crate::convert::Form;
use crate::id::Global;
use crate::payload::payloads;
use crate::person::Person;
use crate::record::Record;
use crate::refusal::answer;
use crate::request::Ask;
use crate::scalar::DateTime;
use crate::task::Task;

/// A question.
pub(crate) struct Question(pub(crate) QuestionView);

/// A question about a race with its answer, or what the poster made clear unasked. Everybody who sees the task reads
/// both from the same instant on; nobody is told who asked.
#[Object]
impl Question {
    /// Its global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// The task that it is about.
    async fn task(&self, ctx: &Context<'_>) -> Result<Option<Task>> {
        Task::load(ctx, self.0.task).await
    }

    /// What was asked; null for what was made clear unasked.
    async fn asked(&self, ctx: &Context<'_>) -> Result<Option<Statement>> {
        Statement::of(ctx, self.0.asked.as_ref()).await
    }

    /// Whether the asker of this query asked it.
    async fn mine(&self) -> bool {
        self.0.mine
    }

    /// The answer, or what was made clear; null while it waits.
    async fn answer(&self, ctx: &Context<'_>) -> Result<Option<Statement>> {
        Statement::of(ctx, self.0.answer.as_ref()).await
    }

    /// Who answered; null while it waits.
    async fn answered_by(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        match self.0.answered_by {
            Some(id) => Person::load(ctx, id).await,
            None => Ok(None),
        }
    }

    /// Whether the asker of this query can answer it now.
    async fn viewer_may_answer(&self) -> bool {
        self.0.may_answer
    }
}

/// What was said about a race.
#[derive(SimpleObject)]
pub(crate) struct Statement {
    /// Markdown.
    text: String,
    /// When.
    at: DateTime,
    /// The record that deposits it.
    record: Option<Record>,
}

impl Statement {
    async fn of(ctx: &Context<'_>, said: Option<&Said>) -> Result<Option<Self>> {
        let Some(said) = said else { return Ok(None) };
        let record = Record::load(ctx, said.record).await?;
        Ok(Some(Self { text: said.text.clone(), at: said.at.into(), record }))
    }
}

/// What to ask.
#[derive(InputObject)]
pub(crate) struct AskQuestionInput {
    /// The global id of the task.
    task: ID,
    /// Markdown, up to 2000 characters.
    question: String,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

/// Which question to answer, and how.
#[derive(InputObject)]
pub(crate) struct AnswerQuestionInput {
    /// The global id of the question.
    question: ID,
    /// Markdown, up to 5000 characters.
    answer: String,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

/// What to make clear.
#[derive(InputObject)]
pub(crate) struct ClarifyTaskInput {
    /// The global id of the task.
    task: ID,
    /// Markdown, up to 5000 characters.
    text: String,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

payloads! {
    /// What came of `askQuestion`.
    AskQuestionPayload {
        /// The question.
        question: Question,
    }

    /// What came of `answerQuestion`.
    AnswerQuestionPayload {
        /// The question with its answer.
        question: Question,
    }

    /// What came of `clarifyTask`.
    ClarifyTaskPayload {
        /// What was made clear.
        question: Question,
    }
}

/// Asking, answering, making clear.
#[derive(Default)]
pub(crate) struct QuestionMutation;

#[Object]
impl QuestionMutation {
    /// Asks something about a running race, for whoever may see it. Everybody reads the question at once; nobody is
    /// told who asked.
    async fn ask_question(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to ask.")] input: AskQuestionInput,
    ) -> Result<Option<AskQuestionPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let task = form.id("task", &input.task);
            let command = form.done(AskQuestion { task, question: input.question })?;
            let key = IdempotencyKey::parse(&input.idempotency_key)?;
            let id = ctx.market().run_once(ctx.actor(), key, command).await?;
            Ok((seen(ctx, id).await?,))
        })
        .await
    }

    /// Answers a question, for the poster. Everybody reads the answer at once, and it stays as it is.
    async fn answer_question(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which question, and how.")] input: AnswerQuestionInput,
    ) -> Result<Option<AnswerQuestionPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let question = form.id("question", &input.question);
            let command = form.done(AnswerQuestion { question, answer: input.answer })?;
            let key = IdempotencyKey::parse(&input.idempotency_key)?;
            ctx.market().run_once(ctx.actor(), key, command).await?;
            Ok((seen(ctx, question).await?,))
        })
        .await
    }

    /// Makes something clear to everybody at once, for the poster. The frozen rules stay as they are.
    async fn clarify_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to make clear.")] input: ClarifyTaskInput,
    ) -> Result<Option<ClarifyTaskPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let task = form.id("task", &input.task);
            let command = form.done(ClarifyTask { task, text: input.text })?;
            let key = IdempotencyKey::parse(&input.idempotency_key)?;
            let id = ctx.market().run_once(ctx.actor(), key, command).await?;
            Ok((seen(ctx, id).await?,))
        })
        .await
    }
}

async fn seen(ctx: &Context<'_>, id: QuestionId) -> Result<Question> {
    ctx.market().question(ctx.actor(), id).await.map(Question)
}
