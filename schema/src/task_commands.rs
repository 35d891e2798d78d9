//! What a poster does with a task, and anybody who adds to its bounty.

use async_graphql::{Context, ID, InputObject, Object};
use market::task::{
    BoostTask, CancelTask, CreateTask, DeleteDraft, ExtendDeadline, PublishTask, TaskInput, UpdateTask,
};
use market::{IdempotencyKey, Result, TaskId};

use crate::convert::Form;
use crate::id::Global;
use crate::payload::payloads;
use crate::record::Record;
use crate::refusal::answer;
use crate::request::Ask;
use crate::rules::RulesInput;
use crate::scalar::{DateTime, TokenAmount};
use crate::task::{Task, Visibility};

/// A task as its poster writes it.
#[derive(InputObject)]
pub(crate) struct TaskContentInput {
    /// What is wanted, in one line of up to 120 characters.
    title: String,
    /// What is wanted and why, Markdown, up to 20,000 characters.
    brief: String,
    /// What must hold for work to be accepted, Markdown, up to 10,000 characters.
    #[graphql(default)]
    criteria: String,
    /// Who may see it and join.
    visibility: Visibility,
    /// Where the bounty comes from: the global id of a programme that the asker may draw on, of a unit that they
    /// lead, or of themselves.
    source: ID,
    /// The bounty, such as "1000".
    bounty: TokenAmount,
    /// When the clock stops.
    closes_at: DateTime,
    /// The rules.
    rules: RulesInput,
}

impl TaskContentInput {
    fn read(self, form: &mut Form<'_>) -> TaskInput {
        TaskInput {
            source: form.source("source", &self.source),
            bounty: form.amount("bounty", &self.bounty),
            closes_at: form.moment("closes_at", &self.closes_at),
            rules: self.rules.read(form),
            title: self.title,
            brief: self.brief,
            criteria: self.criteria,
            visibility: self.visibility.into(),
        }
    }
}

/// The task to draft.
#[derive(InputObject)]
pub(crate) struct CreateTaskInput {
    #[graphql(flatten)]
    content: TaskContentInput,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

/// The draft to change, with everything that it shall say.
#[derive(InputObject)]
pub(crate) struct UpdateTaskInput {
    /// The global id of the draft.
    task: ID,
    #[graphql(flatten)]
    content: TaskContentInput,
}

/// The draft to throw away.
#[derive(InputObject)]
pub(crate) struct DeleteDraftInput {
    /// The global id of the draft.
    task: ID,
}

/// The draft to publish.
#[derive(InputObject)]
pub(crate) struct PublishTaskInput {
    /// The global id of the draft.
    task: ID,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

/// What to add to which bounty.
#[derive(InputObject)]
pub(crate) struct BoostTaskInput {
    /// The global id of the task.
    task: ID,
    /// Where the tokens come from: the global id of a programme that the asker may draw on, of a unit that they
    /// lead, or of themselves.
    from: ID,
    /// How much, such as "100".
    amount: TokenAmount,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

/// Which deadline to move, and until when.
#[derive(InputObject)]
pub(crate) struct ExtendDeadlineInput {
    /// The global id of the task.
    task: ID,
    /// The new deadline, later than the old one.
    closes_at: DateTime,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

/// Which race to call off, and why.
#[derive(InputObject)]
pub(crate) struct CancelTaskInput {
    /// The global id of the task.
    task: ID,
    /// Why, for all who entered.
    reason: String,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

payloads! {
    /// What came of `createTask`.
    CreateTaskPayload {
        /// The draft.
        task: Task,
    }

    /// What came of `updateTask`.
    UpdateTaskPayload {
        /// The draft as it is now.
        task: Task,
    }

    /// What came of `deleteDraft`.
    DeleteDraftPayload {
        /// The global id that the draft had.
        deleted_task_id: ID,
    }

    /// What came of `publishTask`.
    PublishTaskPayload {
        /// The task, now open.
        task: Task,
        /// The record that holds the digest of its rules.
        record: Record,
    }

    /// What came of `boostTask`.
    BoostTaskPayload {
        /// The task with its bounty as it is now.
        task: Task,
        /// The record that moved the tokens.
        record: Record,
    }

    /// What came of `extendDeadline`.
    ExtendDeadlinePayload {
        /// The task with its new deadline.
        task: Task,
    }

    /// What came of `cancelTask`.
    CancelTaskPayload {
        /// The task, now cancelled.
        task: Task,
    }
}

/// What can be done with tasks.
#[derive(Default)]
pub(crate) struct TaskMutation;

#[Object]
impl TaskMutation {
    /// Drafts a task, for members. Nothing moves and nobody else sees it until it is published.
    async fn create_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it shall say.")] input: CreateTaskInput,
    ) -> Result<Option<CreateTaskPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let content = input.content.read(&mut form);
            let command = form.done(CreateTask(content))?;
            let key = IdempotencyKey::parse(&input.idempotency_key)?;
            let task = ctx.market().run_once(ctx.actor(), key, command).await?;
            Ok((Task::seen(ctx, task).await?,))
        })
        .await
    }

    /// Changes a draft, for its poster.
    async fn update_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Everything that it shall say.")] input: UpdateTaskInput,
    ) -> Result<Option<UpdateTaskPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let (task, content) = (form.id("task", &input.task), input.content.read(&mut form));
            let command = form.done(UpdateTask { task, input: content })?;
            ctx.market().run(ctx.actor(), command).await?;
            Ok((Task::seen(ctx, task).await?,))
        })
        .await
    }

    /// Throws a draft away, for its poster.
    async fn delete_draft(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which draft.")] input: DeleteDraftInput,
    ) -> Result<Option<DeleteDraftPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let task: TaskId = form.id("task", &input.task);
            let command = form.done(DeleteDraft { task })?;
            ctx.market().run(ctx.actor(), command).await?;
            Ok((task.global(),))
        })
        .await
    }

    /// Opens the race, for the poster: the bounty goes into escrow and the rules freeze, with a digest on the ledger.
    async fn publish_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which draft.")] input: PublishTaskInput,
    ) -> Result<Option<PublishTaskPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let task = form.id("task", &input.task);
            let command = form.done(PublishTask { task })?;
            let key = IdempotencyKey::parse(&input.idempotency_key)?;
            let record = ctx.market().run_once(ctx.actor(), key, command).await?;
            Ok((Task::seen(ctx, task).await?, Record::seen(ctx, record).await?))
        })
        .await
    }

    /// Adds to a bounty while the race is open, for anybody who may see it.
    async fn boost_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to add to which bounty.")] input: BoostTaskInput,
    ) -> Result<Option<BoostTaskPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let (task, from) = (form.id("task", &input.task), form.source("from", &input.from));
            let amount = form.amount("amount", &input.amount);
            let command = form.done(BoostTask { task, from, amount })?;
            let key = IdempotencyKey::parse(&input.idempotency_key)?;
            let record = ctx.market().run_once(ctx.actor(), key, command).await?;
            Ok((Task::seen(ctx, task).await?, Record::seen(ctx, record).await?))
        })
        .await
    }

    /// Moves the deadline to a later time for all, for the poster, while the race is open.
    async fn extend_deadline(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which deadline, and until when.")] input: ExtendDeadlineInput,
    ) -> Result<Option<ExtendDeadlinePayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let (task, closes_at) =
                (form.id("task", &input.task), form.moment("closes_at", &input.closes_at));
            let command = form.done(ExtendDeadline { task, closes_at })?;
            let key = IdempotencyKey::parse(&input.idempotency_key)?;
            ctx.market().run_once(ctx.actor(), key, command).await?;
            Ok((Task::seen(ctx, task).await?,))
        })
        .await
    }

    /// Calls a race off, for the poster, while nobody has submitted: everything goes back to the funders.
    async fn cancel_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which race, and why.")] input: CancelTaskInput,
    ) -> Result<Option<CancelTaskPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let task = form.id("task", &input.task);
            let command = form.done(CancelTask { task, reason: input.reason })?;
            let key = IdempotencyKey::parse(&input.idempotency_key)?;
            ctx.market().run_once(ctx.actor(), key, command).await?;
            Ok((Task::seen(ctx, task).await?,))
        })
        .await
    }
}
