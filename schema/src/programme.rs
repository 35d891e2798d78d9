//! Programmes: budgets with a purpose, and the managers who may draw on them.

use async_graphql::{Context, ID, InputObject, Object};
use market::programme::{CreateProgramme, GrantProgramme, ProgrammeView, RevokeProgramme};
use market::{IdempotencyKey, ProgrammeId, Result};

use crate::connection::{Connection, page};
use crate::convert::Form;
use crate::id::Global;
use crate::payload::payloads;
use crate::person::Person;
use crate::refusal::answer;
use crate::request::Ask;
use crate::scalar::{DateTime, TokenAmount};

/// A programme.
pub(crate) struct Programme(pub(crate) ProgrammeView);

/// A budget with a purpose; managers draw on it for bounties.
#[Object]
impl Programme {
    /// Its global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// Its short name, as in the address of its page.
    async fn slug(&self) -> &str {
        &self.0.slug
    }

    /// Its name as shown.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it shall bring about.
    async fn purpose(&self) -> &str {
        &self.0.purpose
    }

    /// Who answers for it, and for appeals in the races that it pays.
    async fn owner(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        Person::load(ctx, self.0.owner).await
    }

    /// The managers who may draw on it.
    #[graphql(complexity = "crate::connection::list_cost(5, child_complexity)")]
    async fn managers(&self, ctx: &Context<'_>) -> Result<Vec<Person>> {
        Person::load_many(ctx, &self.0.managers).await
    }

    /// What is left in it.
    async fn balance(&self, ctx: &Context<'_>) -> TokenAmount {
        TokenAmount::of(ctx.market(), self.0.balance)
    }

    /// What has gone into bounties, less what came back.
    async fn spent(&self, ctx: &Context<'_>) -> TokenAmount {
        TokenAmount::of(ctx.market(), self.0.spent)
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }
}

impl From<ProgrammeView> for Programme {
    fn from(view: ProgrammeView) -> Self {
        Self(view)
    }
}

impl Programme {
    /// The programme, or nothing where it is not open to the asker.
    pub(crate) async fn load(ctx: &Context<'_>, id: ProgrammeId) -> Result<Option<Self>> {
        Ok(ctx.loader().load_one(id).await?.map(Self))
    }
}

/// Questions about programmes.
#[derive(Default)]
pub(crate) struct ProgrammeQuery;

#[Object]
impl ProgrammeQuery {
    /// The programme with this slug, for members.
    async fn programme(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its short name, such as `key-technology`.")] slug: String,
    ) -> Result<Option<Programme>> {
        ctx.market().programme_by_slug(ctx.actor(), &slug).await.map(|view| Some(Programme(view)))
    }

    /// All programmes, for members.
    #[graphql(complexity = "crate::connection::page_cost(first, last, child_complexity)")]
    async fn programmes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the front, 1 to 100; 20 if neither end is named.")] first: Option<u32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end, 1 to 100.")] last: Option<u32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<Programme>>> {
        ctx.market().programmes(ctx.actor(), page(first, after, last, before)).await.map(Connection::some)
    }
}

/// The programme to make.
#[derive(InputObject)]
pub(crate) struct CreateProgrammeInput {
    /// Its short name for addresses: 2 to 32 small letters, digits or hyphens, starting with a letter.
    slug: String,
    /// Its name as shown.
    name: String,
    /// What it shall bring about.
    purpose: String,
    /// The global id of the member who shall answer for it; the asker if nobody is named.
    owner: Option<ID>,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

/// Who may draw on which programme.
#[derive(InputObject)]
pub(crate) struct GrantProgrammeInput {
    /// The global id of the programme.
    programme: ID,
    /// The global id of a person with the role `MANAGER`.
    manager: ID,
}

/// Who may no longer draw on which programme.
#[derive(InputObject)]
pub(crate) struct RevokeProgrammeInput {
    /// The global id of the programme.
    programme: ID,
    /// The global id of the manager.
    manager: ID,
}

payloads! {
    /// What came of `createProgramme`.
    CreateProgrammePayload {
        /// The new programme, still empty.
        programme: Programme,
    }

    /// What came of `grantProgramme`.
    GrantProgrammePayload {
        /// The programme as it is now.
        programme: Programme,
    }

    /// What came of `revokeProgramme`.
    RevokeProgrammePayload {
        /// The programme as it is now.
        programme: Programme,
    }
}

/// What can be done with programmes.
#[derive(Default)]
pub(crate) struct ProgrammeMutation;

#[Object]
impl ProgrammeMutation {
    /// Makes a programme, for treasurers.
    async fn create_programme(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it shall be.")] input: CreateProgrammeInput,
    ) -> Result<Option<CreateProgrammePayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let owner = input.owner.as_ref().map(|owner| form.id("owner", owner));
            let CreateProgrammeInput { slug, name, purpose, idempotency_key, .. } = input;
            let command = form.done(CreateProgramme { slug, name, purpose, owner })?;
            let key = IdempotencyKey::parse(&idempotency_key)?;
            let programme = ctx.market().run_once(ctx.actor(), key, command).await?;
            Ok((seen(ctx, programme).await?,))
        })
        .await
    }

    /// Lets a manager draw on a programme, for treasurers.
    async fn grant_programme(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who may draw on what.")] input: GrantProgrammeInput,
    ) -> Result<Option<GrantProgrammePayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let programme = form.id("programme", &input.programme);
            let manager = form.id("manager", &input.manager);
            let command = form.done(GrantProgramme { programme, manager })?;
            ctx.market().run(ctx.actor(), command).await?;
            Ok((seen(ctx, programme).await?,))
        })
        .await
    }

    /// Ends that a manager may draw on a programme, for treasurers. What is in escrow stays there.
    async fn revoke_programme(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who may no longer draw on what.")] input: RevokeProgrammeInput,
    ) -> Result<Option<RevokeProgrammePayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let programme = form.id("programme", &input.programme);
            let manager = form.id("manager", &input.manager);
            let command = form.done(RevokeProgramme { programme, manager })?;
            ctx.market().run(ctx.actor(), command).await?;
            Ok((seen(ctx, programme).await?,))
        })
        .await
    }
}

async fn seen(ctx: &Context<'_>, id: ProgrammeId) -> Result<Programme> {
    ctx.market().programme(ctx.actor(), id).await.map(Programme)
}
