//! Appeals: what a crew holds against a ruling, and the answer.

use async_graphql::{Context, Enum, ID, InputObject, Object};
use market::judging::{AnswerAgain, AnswerAppeal, AppealAgain, AppealRuling, AppealView, SecondAppealView};
use market::{AppealId, EntryId, IdempotencyKey, Refusal, Result, TaskId};

use crate::convert::Form;
use crate::entry::Entry;
use crate::id::Global;
use crate::payload::payloads;
use crate::person::Person;
use crate::refusal::answer;
use crate::request::Ask;
use crate::scalar::DateTime;
use crate::task::Task;

/// What became of an appeal.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "market::judging::Verdict")]
pub(crate) enum Verdict {
    /// Granted: the race is judged again.
    Upheld,
    /// Refused: the ruling stands.
    Rejected,
}

/// An appeal's id with its task: appeals are asked for by task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AppealKey {
    /// The task.
    pub(crate) task: TaskId,
    /// The appeal.
    pub(crate) appeal: AppealId,
}

impl Global for AppealKey {
    const TYPE: &'static str = "Appeal";
    const STAND_IN: Self = Self { task: TaskId::STAND_IN, appeal: AppealId::STAND_IN };

    fn text(self) -> String {
        format!("{}:{}", self.task.text(), self.appeal.text())
    }

    fn read(text: &str) -> Option<Self> {
        let (task, appeal) = text.split_once(':')?;
        Some(Self { task: TaskId::read(task)?, appeal: AppealId::read(appeal)? })
    }
}

/// An appeal.
pub(crate) struct Appeal(pub(crate) AppealView);

/// What a crew holds against a ruling, and what came of it.
#[Object]
impl Appeal {
    /// Its global id.
    pub(crate) async fn id(&self) -> ID {
        AppealKey { task: self.0.task, appeal: self.0.id }.global()
    }

    /// The task whose ruling it is about.
    async fn task(&self, ctx: &Context<'_>) -> Result<Option<Task>> {
        Task::load(ctx, self.0.task).await
    }

    /// The global id of the ruling that it is about.
    async fn ruling_id(&self) -> ID {
        self.0.ruling.global()
    }

    /// The entry that appeals.
    async fn entry(&self, ctx: &Context<'_>) -> Result<Option<Entry>> {
        Entry::load(ctx, self.0.entry).await
    }

    /// Who of its crew wrote it.
    async fn by(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        Person::load(ctx, self.0.by).await
    }

    /// On what grounds, Markdown.
    async fn grounds(&self) -> &str {
        &self.0.grounds
    }

    /// When it was made.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }

    /// What became of it; null while it is open.
    async fn verdict(&self) -> Option<Verdict> {
        self.0.verdict.map(Verdict::from)
    }

    /// Why, Markdown; null while it is open.
    async fn answer(&self) -> Option<&str> {
        self.0.answer.as_deref()
    }

    /// Who answered; null while it is open.
    async fn answered_by(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        match self.0.answered_by {
            Some(id) => Person::load(ctx, id).await,
            None => Ok(None),
        }
    }

    /// When it was answered; null while it is open.
    async fn answered_at(&self) -> Option<DateTime> {
        self.0.answered_at.map(DateTime::from)
    }

    /// Whether the asker can answer it now.
    async fn viewer_may_answer(&self) -> bool {
        self.0.may_answer
    }

    /// The same appeal made again, after it was turned down; null where it was not.
    async fn again(&self) -> Option<SecondAppeal> {
        self.0.again.clone().map(SecondAppeal)
    }

    /// Until when its crew can make it again; null where it can't be.
    async fn again_until(&self) -> Option<DateTime> {
        self.0.again_until.map(DateTime::from)
    }
}

/// An appeal made again.
pub(crate) struct SecondAppeal(SecondAppealView);

/// An appeal made again, once, to somebody who neither ruled nor answered.
#[Object]
impl SecondAppeal {
    /// Who of its crew wrote it.
    async fn by(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        Person::load(ctx, self.0.by).await
    }

    /// On what grounds, Markdown.
    async fn grounds(&self) -> &str {
        &self.0.grounds
    }

    /// When it was made.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }

    /// What became of it; null while it is open.
    async fn verdict(&self) -> Option<Verdict> {
        self.0.verdict.map(Verdict::from)
    }

    /// Why, Markdown; null while it is open.
    async fn answer(&self) -> Option<&str> {
        self.0.answer.as_deref()
    }

    /// Who answered; null while it is open.
    async fn answered_by(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        match self.0.answered_by {
            Some(id) => Person::load(ctx, id).await,
            None => Ok(None),
        }
    }

    /// When it was answered; null while it is open.
    async fn answered_at(&self) -> Option<DateTime> {
        self.0.answered_at.map(DateTime::from)
    }

    /// Whether the asker can answer it now.
    async fn viewer_may_answer(&self) -> bool {
        self.0.may_answer
    }
}

impl Appeal {
    /// The appeal, which the asker may see.
    pub(crate) async fn seen(ctx: &Context<'_>, key: AppealKey) -> Result<Self> {
        let appeals = ctx.market().appeals(ctx.actor(), key.task).await?;
        appeals.into_iter().find(|appeal| appeal.id == key.appeal).map(Self).ok_or(Refusal::NotFound)
    }
}

/// For which entry to appeal, and on what grounds.
#[derive(InputObject)]
pub(crate) struct AppealRulingInput {
    /// The global id of the entry.
    entry: ID,
    /// On what grounds, Markdown, up to 5,000 characters.
    grounds: String,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

/// Which appeal to answer, and how.
#[derive(InputObject)]
pub(crate) struct AnswerAppealInput {
    /// The global id of the appeal.
    appeal: ID,
    /// True: granted, the race is judged again. False: refused, the ruling stands.
    uphold: bool,
    /// Why, Markdown, up to 5,000 characters.
    answer: String,
    /// Where a panel judges and the appeal is granted: the line of the rubric, from 0, that is scored again for every
    /// entry.
    criterion: Option<u32>,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

/// Which appeal to make again, and on what grounds.
#[derive(InputObject)]
pub(crate) struct AppealAgainInput {
    /// The global id of the appeal that was turned down.
    appeal: ID,
    /// What the answer got wrong, Markdown, up to 5,000 characters.
    grounds: String,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

/// Which second appeal to answer, and how.
#[derive(InputObject)]
pub(crate) struct AnswerAgainInput {
    /// The global id of the appeal.
    appeal: ID,
    /// True: granted, the race is judged again. False: refused, the ruling stands.
    uphold: bool,
    /// Why, Markdown, up to 5,000 characters.
    answer: String,
    /// Where a panel judges and the appeal is granted: the line of the rubric, from 0, that is scored again for every
    /// entry.
    criterion: Option<u32>,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

payloads! {
    /// What came of `appealAgain`.
    AppealAgainPayload {
        /// The appeal.
        appeal: Appeal,
    }

    /// What came of `answerAgain`.
    AnswerAgainPayload {
        /// The appeal with its answer.
        appeal: Appeal,
    }

    /// What came of `appealRuling`.
    AppealRulingPayload {
        /// The appeal.
        appeal: Appeal,
    }

    /// What came of `answerAppeal`.
    AnswerAppealPayload {
        /// The appeal with its answer.
        appeal: Appeal,
    }
}

/// What can be done with appeals.
#[derive(Default)]
pub(crate) struct AppealMutation;

#[Object]
impl AppealMutation {
    /// Appeals against the newest ruling, for the crew of an entry, until the appeal window closes. Nothing is paid
    /// while an appeal is open.
    async fn appeal_ruling(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For which entry, and on what grounds.")] input: AppealRulingInput,
    ) -> Result<Option<AppealRulingPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let entry: EntryId = form.id("entry", &input.entry);
            let command = form.done(AppealRuling { entry, grounds: input.grounds })?;
            let key = IdempotencyKey::parse(&input.idempotency_key)?;
            let appeal = ctx.market().run_once(ctx.actor(), key, command).await?;
            let task = ctx.market().entry(ctx.actor(), entry).await?.task;
            Ok((Appeal::seen(ctx, AppealKey { task, appeal }).await?,))
        })
        .await
    }

    /// Appeals again, once, for the crew of an appeal that was turned down, within a day of the answer.
    async fn appeal_again(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which appeal, and on what grounds.")] input: AppealAgainInput,
    ) -> Result<Option<AppealAgainPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let known: AppealKey = form.id("appeal", &input.appeal);
            let command = form.done(AppealAgain { appeal: known.appeal, grounds: input.grounds })?;
            let key = IdempotencyKey::parse(&input.idempotency_key)?;
            ctx.market().run_once(ctx.actor(), key, command).await?;
            Ok((Appeal::seen(ctx, known).await?,))
        })
        .await
    }

    /// Answers a second appeal for good, for somebody who neither ruled nor answered: another judge, the owner of the
    /// programme, a treasurer or an auditor.
    async fn answer_again(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which appeal, and how.")] input: AnswerAgainInput,
    ) -> Result<Option<AnswerAgainPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let known: AppealKey = form.id("appeal", &input.appeal);
            let AnswerAgainInput { uphold, answer, criterion, idempotency_key, .. } = input;
            let command = form.done(AnswerAgain { appeal: known.appeal, uphold, answer, criterion })?;
            let key = IdempotencyKey::parse(&idempotency_key)?;
            ctx.market().run_once(ctx.actor(), key, command).await?;
            Ok((Appeal::seen(ctx, known).await?,))
        })
        .await
    }

    /// Answers an appeal, for a judge who did not rule, or for the owner of the programme behind the bounty.
    async fn answer_appeal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which appeal, and how.")] input: AnswerAppealInput,
    ) -> Result<Option<AnswerAppealPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let known: AppealKey = form.id("appeal", &input.appeal);
            let AnswerAppealInput { uphold, answer, criterion, idempotency_key, .. } = input;
            let command = form.done(AnswerAppeal { appeal: known.appeal, uphold, answer, criterion })?;
            let key = IdempotencyKey::parse(&idempotency_key)?;
            ctx.market().run_once(ctx.actor(), key, command).await?;
            Ok((Appeal::seen(ctx, known).await?,))
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_appeals_id_leads_back_to_it_and_to_its_task() {
        let key = AppealKey {
            task: TaskId(uuid::Uuid::from_u128(0x0123_4567_89ab_7def_8123_4567_89ab_cdef)),
            appeal: AppealId(uuid::Uuid::from_u128(0x0123_4567_89ab_7def_8123_4567_89ab_cde0)),
        };
        assert_eq!(AppealKey::local(&key.global()), Some(key));
        assert_eq!(AppealKey::local(&key.task.global()), None);
    }
}
