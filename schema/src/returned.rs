//! Entries that were returned unread, and the same artefact in several lanes.

use async_graphql::{Context, Enum, ID, InputObject, Object};
use market::submission::{ReturnUnread, ReturnView, TakeBackReturn};
use market::{Command, EntryId, IdempotencyKey, Result};

use crate::convert::Form;
use crate::entry::Entry;
use crate::payload::payloads;
use crate::person::Person;
use crate::record::Record;
use crate::refusal::answer;
use crate::request::Ask;
use crate::scalar::DateTime;

/// Why an entry was returned unread.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "market::submission::ReturnReason")]
pub(crate) enum ReturnReason {
    /// It is about something else than the task.
    OffTask,
    /// It brings no evidence that could be looked at.
    NoEvidence,
    /// It is the work of another lane.
    SameWork,
    /// No effort was made: filler, or an advertisement.
    NoEffort,
    /// It can't be opened or run.
    Unusable,
}

/// That an entry was returned unread.
pub(crate) struct Return(pub(crate) ReturnView);

/// That an entry was returned unread.
#[Object]
impl Return {
    /// By whom.
    async fn by(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        Person::load(ctx, self.0.by).await
    }

    /// When.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }

    /// Why.
    async fn reason(&self) -> ReturnReason {
        self.0.reason.into()
    }

    /// What the judge added; may be empty.
    async fn note(&self) -> &str {
        &self.0.note
    }

    /// The record of it.
    async fn record(&self, ctx: &Context<'_>) -> Result<Option<Record>> {
        Record::load(ctx, self.0.record).await
    }
}

/// What is the same in several lanes.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "market::submission::SameKind")]
pub(crate) enum SameKind {
    /// A file, byte by byte.
    File,
    /// A link.
    Link,
    /// The whole text.
    Text,
}

/// The same artefact in several lanes.
pub(crate) struct SameWork(pub(crate) market::submission::SameWork);

/// The same artefact, handed in by several entries. That may be fair: they can have built on one public file.
#[Object]
impl SameWork {
    /// What is the same.
    async fn kind(&self) -> SameKind {
        self.0.kind.into()
    }

    /// The file's name in the lowest lane, or the link; empty for a text.
    async fn what(&self) -> &str {
        &self.0.what
    }

    /// Whose, by lane.
    #[graphql(complexity = "crate::connection::list_cost(3, child_complexity)")]
    async fn entries(&self, ctx: &Context<'_>) -> Result<Vec<Entry>> {
        let mut entries = Vec::with_capacity(self.0.entries.len());
        for id in &self.0.entries {
            entries.extend(Entry::load(ctx, *id).await?);
        }
        Ok(entries)
    }
}

/// Which entry to return, and why.
#[derive(InputObject)]
pub(crate) struct ReturnUnreadInput {
    /// The global id of the entry.
    entry: ID,
    /// Why.
    reason: ReturnReason,
    /// More, for its crew and everybody who sees the task, up to 500 characters.
    #[graphql(default)]
    note: String,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

/// Which entry not to return after all.
#[derive(InputObject)]
pub(crate) struct TakeBackReturnInput {
    /// The global id of the entry.
    entry: ID,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

payloads! {
    /// What came of `returnUnread`.
    ReturnUnreadPayload {
        /// The entry as it is now.
        entry: Entry,
    }

    /// What came of `takeBackReturn`.
    TakeBackReturnPayload {
        /// The entry as it is now.
        entry: Entry,
    }
}

/// Returning unread.
#[derive(Default)]
pub(crate) struct ReturnMutation;

#[Object]
impl ReturnMutation {
    /// Sends an entry back without ruling on it, for who may rule, after the clock has stopped and before the
    /// ruling. It qualifies for nothing; its crew can appeal against the ruling.
    async fn return_unread(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which entry, and why.")] input: ReturnUnreadInput,
    ) -> Result<Option<ReturnUnreadPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let entry = form.id("entry", &input.entry);
            let command = ReturnUnread { entry, reason: input.reason.into(), note: input.note };
            act(ctx, &input.idempotency_key, entry, form.done(command)?).await
        })
        .await
    }

    /// Takes it back, before the ruling: the entry is judged with the others.
    async fn take_back_return(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which entry.")] input: TakeBackReturnInput,
    ) -> Result<Option<TakeBackReturnPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let entry = form.id("entry", &input.entry);
            act(ctx, &input.idempotency_key, entry, form.done(TakeBackReturn { entry })?).await
        })
        .await
    }
}

async fn act<C: Command>(ctx: &Context<'_>, key: &str, entry: EntryId, command: C) -> Result<(Entry,)> {
    ctx.market().run_once(ctx.actor(), IdempotencyKey::parse(key)?, command).await?;
    Ok((Entry(ctx.market().entry(ctx.actor(), entry).await?),))
}
