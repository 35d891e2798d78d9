//! Units: small standing teams with a wallet and a lead.

use async_graphql::{Context, ID, InputObject, Object};
use market::unit::{AddUnitMember, CreateUnit, HandOverUnit, RemoveUnitMember, UnitView};
use market::{IdempotencyKey, Result, UnitId, WalletOwner};

use crate::connection::{Connection, page};
use crate::convert::Form;
use crate::honour::{self, Honour, Ride};
use crate::id::Global;
use crate::insight::Profit;
use crate::payload::payloads;
use crate::person::Person;
use crate::refusal::answer;
use crate::request::{Ask, open};
use crate::scalar::DateTime;
use crate::wallet::Wallet;

/// A unit.
pub(crate) struct Unit(pub(crate) UnitView);

/// A small standing team with its own wallet and lead.
#[Object]
impl Unit {
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

    /// What it is for.
    async fn purpose(&self) -> &str {
        &self.0.purpose
    }

    /// Who leads it and moves its tokens.
    async fn lead(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        Person::load(ctx, self.0.lead).await
    }

    /// Everybody in it, the lead included.
    #[graphql(complexity = "crate::connection::list_cost(10, child_complexity)")]
    async fn members(&self) -> Vec<Person> {
        self.0.members.iter().cloned().map(Person).collect()
    }

    /// Its wallet; null unless the asker belongs to it, keeps the treasury or audits.
    async fn wallet(&self, ctx: &Context<'_>) -> Result<Option<Wallet>> {
        Wallet::load(ctx, WalletOwner::Unit(self.0.id)).await
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// Their races that the asker may see, newest first.
    #[graphql(complexity = "crate::connection::page_cost(first, last, child_complexity)")]
    async fn rides(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the front, 1 to 100; 20 if neither end is named.")] first: Option<u32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end, 1 to 100.")] last: Option<u32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<Ride>>> {
        honour::rides(ctx, WalletOwner::Unit(self.0.id), page(first, after, last, before)).await
    }

    /// Profit and loss in the last 12 calendar months, for those who may look into its wallet; else null.
    #[graphql(complexity = "crate::connection::list_cost(12, child_complexity)")]
    async fn months(&self, ctx: &Context<'_>) -> Result<Option<Vec<Profit>>> {
        let found = open(ctx.market().unit_months(ctx.actor(), self.0.id).await)?;
        Ok(found.map(|months| months.into_iter().map(Profit).collect()))
    }

    /// What they have earned a mention for, as far as the asker may see the races.
    #[graphql(complexity = "crate::connection::list_cost(5, child_complexity)")]
    async fn honours(&self, ctx: &Context<'_>) -> Result<Vec<Honour>> {
        honour::honours(ctx, WalletOwner::Unit(self.0.id)).await
    }
}

impl From<UnitView> for Unit {
    fn from(view: UnitView) -> Self {
        Self(view)
    }
}

impl Unit {
    /// The unit, or nothing where it is not open to the asker.
    pub(crate) async fn load(ctx: &Context<'_>, id: UnitId) -> Result<Option<Self>> {
        Ok(ctx.loader().load_one(id).await?.map(Self))
    }

    /// Several units in the order of their ids.
    pub(crate) async fn load_many(ctx: &Context<'_>, ids: &[UnitId]) -> Result<Vec<Self>> {
        let mut found = ctx.loader().load_many(ids.iter().copied()).await?;
        Ok(ids.iter().filter_map(|id| found.remove(id)).map(Self).collect())
    }
}

/// Questions about units.
#[derive(Default)]
pub(crate) struct UnitQuery;

#[Object]
impl UnitQuery {
    /// The unit with this slug, for members.
    async fn unit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its short name, such as `red`.")] slug: String,
    ) -> Result<Option<Unit>> {
        ctx.market().unit_by_slug(ctx.actor(), &slug).await.map(|view| Some(Unit(view)))
    }

    /// All units, for members.
    #[graphql(complexity = "crate::connection::page_cost(first, last, child_complexity)")]
    async fn units(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the front, 1 to 100; 20 if neither end is named.")] first: Option<u32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end, 1 to 100.")] last: Option<u32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<Unit>>> {
        ctx.market().units(ctx.actor(), page(first, after, last, before)).await.map(Connection::some)
    }
}

/// The unit to make.
#[derive(InputObject)]
pub(crate) struct CreateUnitInput {
    /// Its short name for addresses: 2 to 32 small letters, digits or hyphens, starting with a letter.
    slug: String,
    /// Its name as shown.
    name: String,
    /// What it is for.
    purpose: String,
    /// The global id of the person who shall lead it: the asker, unless an admin names another.
    lead: Option<ID>,
    /// Your own name for this command: sent again with the same input, it does nothing twice.
    idempotency_key: String,
}

/// Who joins which unit.
#[derive(InputObject)]
pub(crate) struct AddUnitMemberInput {
    /// The global id of the unit.
    unit: ID,
    /// The global id of the person.
    person: ID,
}

/// Who leaves which unit.
#[derive(InputObject)]
pub(crate) struct RemoveUnitMemberInput {
    /// The global id of the unit.
    unit: ID,
    /// The global id of the person.
    person: ID,
}

/// Who shall lead which unit.
#[derive(InputObject)]
pub(crate) struct HandOverUnitInput {
    /// The global id of the unit.
    unit: ID,
    /// The global id of the person who shall lead it.
    lead: ID,
}

payloads! {
    /// What came of `createUnit`.
    CreateUnitPayload {
        /// The new unit.
        unit: Unit,
    }

    /// What came of `addUnitMember`.
    AddUnitMemberPayload {
        /// The unit as it is now.
        unit: Unit,
    }

    /// What came of `removeUnitMember`.
    RemoveUnitMemberPayload {
        /// The unit as it is now.
        unit: Unit,
    }

    /// What came of `handOverUnit`.
    HandOverUnitPayload {
        /// The unit as it is now.
        unit: Unit,
    }
}

/// What can be done with units.
#[derive(Default)]
pub(crate) struct UnitMutation;

#[Object]
impl UnitMutation {
    /// Makes a unit, for members.
    async fn create_unit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it shall be.")] input: CreateUnitInput,
    ) -> Result<Option<CreateUnitPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let lead = input.lead.as_ref().map(|lead| form.id("lead", lead));
            let CreateUnitInput { slug, name, purpose, idempotency_key, .. } = input;
            let command = form.done(CreateUnit { slug, name, purpose, lead })?;
            let key = IdempotencyKey::parse(&idempotency_key)?;
            let unit = ctx.market().run_once(ctx.actor(), key, command).await?;
            Ok((seen(ctx, unit).await?,))
        })
        .await
    }

    /// Takes a person into a unit, for its lead and admins.
    async fn add_unit_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who joins what.")] input: AddUnitMemberInput,
    ) -> Result<Option<AddUnitMemberPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let (unit, person) = (form.id("unit", &input.unit), form.id("person", &input.person));
            let command = form.done(AddUnitMember { unit, person })?;
            ctx.market().run(ctx.actor(), command).await?;
            Ok((seen(ctx, unit).await?,))
        })
        .await
    }

    /// Takes a person out of a unit, for its lead and admins.
    async fn remove_unit_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who leaves what.")] input: RemoveUnitMemberInput,
    ) -> Result<Option<RemoveUnitMemberPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let (unit, person) = (form.id("unit", &input.unit), form.id("person", &input.person));
            let command = form.done(RemoveUnitMember { unit, person })?;
            ctx.market().run(ctx.actor(), command).await?;
            Ok((seen(ctx, unit).await?,))
        })
        .await
    }

    /// Makes another person lead of a unit, for its lead and admins.
    async fn hand_over_unit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who shall lead what.")] input: HandOverUnitInput,
    ) -> Result<Option<HandOverUnitPayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let (unit, lead) = (form.id("unit", &input.unit), form.id("lead", &input.lead));
            let command = form.done(HandOverUnit { unit, lead })?;
            ctx.market().run(ctx.actor(), command).await?;
            Ok((seen(ctx, unit).await?,))
        })
        .await
    }
}

async fn seen(ctx: &Context<'_>, id: UnitId) -> Result<Unit> {
    ctx.market().unit(ctx.actor(), id).await.map(Unit)
}
