//! Erasures: a person's texts and names go, the proofs stay.

use async_graphql::{Context, ID, InputObject, Object};
use market::erasure::{ErasureView, RequestErasure};
use market::{ErasureId, IdempotencyKey, RecordId, Result};
use uuid::Uuid;

use crate::convert::Form;
use crate::id::Global;
use crate::payload::payloads;
use crate::person::Person;
use crate::record::Record;
use crate::refusal::answer;
use crate::request::{Ask, open};
use crate::scalar::DateTime;

/// An erasure, asked for or done.
pub(crate) struct Erasure(ErasureView);

/// The erasure of a person's texts and names: asked for by an admin, done once somebody else has approved it.
#[Object]
impl Erasure {
    /// Its global id.
    async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// Whose texts and names; once it is done, the person has no name any more.
    #[graphql(complexity = "5 + child_complexity")]
    async fn person(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        Ok(open(ctx.market().person(ctx.actor(), self.0.person).await)?.map(Person))
    }

    /// On what ground.
    async fn ground(&self) -> &str {
        &self.0.ground
    }

    /// When it was asked for.
    async fn requested_at(&self) -> DateTime {
        self.0.requested_at.into()
    }

    /// When it was approved, and done; null until then.
    async fn approved_at(&self) -> Option<DateTime> {
        self.0.approved_at.map(DateTime::from)
    }

    /// The record that names every commitment that can't be opened any more; null until it is done.
    #[graphql(complexity = "5 + child_complexity")]
    async fn record(&self, ctx: &Context<'_>) -> Result<Option<Record>> {
        match self.0.record {
            Some(id) => open(Record::seen(ctx, id).await),
            None => Ok(None),
        }
    }
}

/// The question about erasures.
#[derive(Default)]
pub(crate) struct ErasureQuery;

#[Object]
impl ErasureQuery {
    /// Every erasure that was asked for, newest first; null for all but admins and auditors.
    #[graphql(complexity = "10 + 10 * child_complexity")]
    async fn erasures(&self, ctx: &Context<'_>) -> Result<Option<Vec<Erasure>>> {
        let erasures = open(ctx.market().erasures(ctx.actor()).await)?;
        Ok(erasures.map(|all| all.into_iter().map(Erasure).collect()))
    }
}

/// Whose texts and names, and why.
#[derive(InputObject)]
pub(crate) struct RequestErasureInput {
    /// The global id of the person.
    person: ID,
    /// On what ground, for everybody inside to read on the record: at most 500 characters, without names.
    ground: String,
    /// Records whose texts are about the person though others wrote them, such as a ruling; at most 100.
    #[graphql(default)]
    records: Vec<ID>,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

/// Which erasure to approve.
#[derive(InputObject)]
pub(crate) struct ApproveErasureInput {
    /// The global id of the erasure.
    erasure: ID,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

payloads! {
    /// What came of `requestErasure`.
    RequestErasurePayload {
        /// The erasure, which waits for somebody else.
        erasure: Erasure,
    }

    /// What came of `approveErasure`.
    ApproveErasurePayload {
        /// The erasure, done.
        erasure: Erasure,
    }
}

/// What can be done about erasures.
#[derive(Default)]
pub(crate) struct ErasureMutation;

#[Object]
impl ErasureMutation {
    /// Asks for the erasure of a person's texts and names, for admins. Nothing goes before another admin, or an
    /// auditor, has approved it.
    async fn request_erasure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose, and why.")] input: RequestErasureInput,
    ) -> Result<Option<RequestErasurePayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let person = form.id("person", &input.person);
            let records: Vec<RecordId> = form.ids("records", &input.records);
            let records = records.into_iter().map(|id| Uuid::from_bytes(id.to_bytes())).collect();
            let command = form.done(RequestErasure { person, ground: input.ground, records })?;
            let key = IdempotencyKey::parse(&input.idempotency_key)?;
            let id = ctx.market().run_once(ctx.actor(), key, command).await?;
            Ok((seen(ctx, id).await?,))
        })
        .await
    }

    /// Approves an erasure, for admins and auditors who neither asked for it nor are its subject. The texts and
    /// names go at once, and don't come back.
    async fn approve_erasure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: ApproveErasureInput,
    ) -> Result<Option<ApproveErasurePayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let id: ErasureId = form.id("erasure", &input.erasure);
            let id = form.done(id)?;
            let key = IdempotencyKey::parse(&input.idempotency_key)?;
            ctx.market().approve_erasure(ctx.actor(), key, id).await?;
            Ok((seen(ctx, id).await?,))
        })
        .await
    }
}

async fn seen(ctx: &Context<'_>, id: ErasureId) -> Result<Erasure> {
    let all = ctx.market().erasures(ctx.actor()).await?;
    all.into_iter().find(|one| one.id == id).map(Erasure).ok_or(market::Refusal::NotFound)
}
