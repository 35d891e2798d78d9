//! Feedback while a race runs: private to the crew that asked.

use async_graphql::{Context, ID, InputObject, Object};
use market::judging::{AskFeedback, FeedbackView, GiveFeedback};
use market::{EntryId, IdempotencyKey, Refusal, Result, SubmissionId};

use crate::convert::Form;
use crate::id::Global;
use crate::payload::payloads;
use crate::person::Person;
use crate::record::Record;
use crate::refusal::answer;
use crate::request::Ask;
use crate::scalar::DateTime;
use crate::submission::Submission;

/// What was written to a crew.
pub(crate) struct Feedback(pub(crate) FeedbackView);

/// What a judge or the poster wrote to a crew about a version that it had opened to them.
#[Object]
impl Feedback {
    /// The global id of the version.
    async fn submission_id(&self) -> ID {
        self.0.submission.global()
    }

    /// The number of the version.
    async fn version(&self) -> u32 {
        self.0.version
    }

    /// Who wrote it.
    async fn by(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        Person::load(ctx, self.0.by).await
    }

    /// The text, Markdown.
    async fn body(&self) -> &str {
        &self.0.body
    }

    /// When it was written.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }

    /// The record that deposits its digest.
    async fn record(&self, ctx: &Context<'_>) -> Result<Option<Record>> {
        Record::load(ctx, self.0.record).await
    }
}

/// For which entry to ask.
#[derive(InputObject)]
pub(crate) struct AskFeedbackInput {
    /// The global id of the entry.
    entry: ID,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

/// What to write about which version.
#[derive(InputObject)]
pub(crate) struct GiveFeedbackInput {
    /// The global id of the submission.
    submission: ID,
    /// The text, Markdown, up to 5,000 characters.
    body: String,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

payloads! {
    /// What came of `askFeedback`.
    AskFeedbackPayload {
        /// The version that is open to the judges now.
        submission: Submission,
    }

    /// What came of `giveFeedback`.
    GiveFeedbackPayload {
        /// What was written.
        feedback: Feedback,
    }
}

/// What can be done about feedback.
#[derive(Default)]
pub(crate) struct FeedbackMutation;

#[Object]
impl FeedbackMutation {
    /// Opens the newest version of an entry's work to the judges, for its crew, where the rules allow feedback.
    async fn ask_feedback(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For which entry.")] input: AskFeedbackInput,
    ) -> Result<Option<AskFeedbackPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let entry: EntryId = form.id("entry", &input.entry);
            let command = form.done(AskFeedback { entry })?;
            let key = IdempotencyKey::parse(&input.idempotency_key)?;
            let opened = ctx.market().run_once(ctx.actor(), key, command).await?;
            let submission = ctx.market().submission(ctx.actor(), opened).await?;
            Ok((submission.into(),))
        })
        .await
    }

    /// Writes to a crew about a version that it has opened, for its judges and the poster. Nobody else reads it.
    async fn give_feedback(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to write about which version.")] input: GiveFeedbackInput,
    ) -> Result<Option<GiveFeedbackPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let submission: SubmissionId = form.id("submission", &input.submission);
            let command = form.done(GiveFeedback { submission, body: input.body })?;
            let key = IdempotencyKey::parse(&input.idempotency_key)?;
            let id = ctx.market().run_once(ctx.actor(), key, command).await?;
            let entry = ctx.market().submission(ctx.actor(), submission).await?.entry;
            let all = ctx.market().feedback(ctx.actor(), entry).await?;
            let given = all.into_iter().find(|feedback| feedback.id == id).ok_or(Refusal::NotFound)?;
            Ok((Feedback(given),))
        })
        .await
    }
}
