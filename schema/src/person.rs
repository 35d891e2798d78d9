//! People: who can sign in, what they may do, and how an admin lets them in.

use async_graphql::{Context, Enum, ID, InputObject, Object};
use market::person::{
    AddPerson, GrantRole, InvitationView, InvitePerson, PersonView, RevokeRole, UpdateProfile,
};
use market::{PersonId, Result, WalletOwner};

use crate::connection::{Connection, page};
use crate::convert::Form;
use crate::honour::{self, Honour, Ride};
use crate::id::Global;
use crate::payload::payloads;
use crate::refusal::answer;
use crate::request::Ask;
use crate::scalar::DateTime;
use crate::silence::Deciding;
use crate::wallet::Wallet;

/// Where a person stands towards the organisation.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "market::PersonKind")]
pub(crate) enum PersonKind {
    /// Belongs to the organisation.
    Member,
    /// Comes from outside; sees open challenges only.
    Contributor,
}

/// A role granted by an admin. Poster, judge, lead and crew are ties to one thing, not roles.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "market::Role")]
pub(crate) enum Role {
    /// May be granted programmes to draw bounties from.
    Manager,
    /// Issues tokens, grants budgets.
    Treasurer,
    /// Reads everything, changes nothing.
    Auditor,
    /// Looks after people and roles; moves no tokens.
    Admin,
}

/// Someone who can sign in.
pub(crate) struct Person(pub(crate) PersonView);

/// Someone who can sign in: a member of the organisation, or a contributor from outside.
#[Object]
impl Person {
    /// Its global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// The public handle, as in the address of their page.
    async fn handle(&self) -> &str {
        &self.0.handle
    }

    /// The name as shown.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Member or contributor.
    async fn kind(&self) -> PersonKind {
        self.0.kind.into()
    }

    /// The roles granted to them; empty for an asker from outside.
    async fn roles(&self) -> Vec<Role> {
        self.0.roles.iter().copied().map(Role::from).collect()
    }

    /// The address that they sign in with; only for themselves and admins, else null.
    async fn email(&self) -> Option<&str> {
        self.0.email.as_deref()
    }

    /// When they came.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// How they have decided races, in time or not; null for an asker from outside.
    #[graphql(complexity = "5 + child_complexity")]
    async fn deciding(&self, ctx: &Context<'_>) -> Result<Option<Deciding>> {
        Deciding::of(ctx, ctx.market(), self.0.id).await
    }

    /// Their wallet; null unless it is the asker's own, or the asker keeps the treasury or audits.
    async fn wallet(&self, ctx: &Context<'_>) -> Result<Option<Wallet>> {
        Wallet::load(ctx, WalletOwner::Person(self.0.id)).await
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
        honour::rides(ctx, WalletOwner::Person(self.0.id), page(first, after, last, before)).await
    }

    /// What they have earned a mention for, as far as the asker may see the races.
    #[graphql(complexity = "crate::connection::list_cost(5, child_complexity)")]
    async fn honours(&self, ctx: &Context<'_>) -> Result<Vec<Honour>> {
        honour::honours(ctx, WalletOwner::Person(self.0.id)).await
    }
}

impl From<PersonView> for Person {
    fn from(view: PersonView) -> Self {
        Self(view)
    }
}

impl Person {
    /// The person, or nothing where they are not open to the asker.
    pub(crate) async fn load(ctx: &Context<'_>, id: PersonId) -> Result<Option<Self>> {
        Ok(ctx.loader().load_one(id).await?.map(Self))
    }

    /// Several people in the order of their ids.
    pub(crate) async fn load_many(ctx: &Context<'_>, ids: &[PersonId]) -> Result<Vec<Self>> {
        let mut found = ctx.loader().load_many(ids.iter().copied()).await?;
        Ok(ids.iter().filter_map(|id| found.remove(id)).map(Self).collect())
    }
}

/// An invitation.
pub(crate) struct Invitation(InvitationView);

/// An open door for one person to come in as a member.
#[Object]
impl Invitation {
    /// Its global id.
    async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// The address that was invited.
    async fn email(&self) -> &str {
        &self.0.email
    }

    /// The roles that come with it.
    async fn roles(&self) -> Vec<Role> {
        self.0.roles.iter().copied().map(Role::from).collect()
    }

    /// Who invited.
    async fn invited_by(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        Person::load(ctx, self.0.invited_by).await
    }

    /// When it was given.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// Until when it can be used.
    async fn expires_at(&self) -> DateTime {
        self.0.expires_at.into()
    }

    /// Who came in by it; null while nobody has.
    async fn accepted_by(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        match self.0.person {
            Some(id) => Person::load(ctx, id).await,
            None => Ok(None),
        }
    }
}

/// Questions about people.
#[derive(Default)]
pub(crate) struct PersonQuery;

#[Object]
impl PersonQuery {
    /// The person with this handle; open to whoever is signed in.
    async fn person(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The public handle, such as `ada`.")] handle: String,
    ) -> Result<Option<Person>> {
        ctx.market().person_by_handle(ctx.actor(), &handle).await.map(|view| Some(Person(view)))
    }

    /// Everybody here, for members.
    #[graphql(complexity = "crate::connection::page_cost(first, last, child_complexity)")]
    async fn people(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the front, 1 to 100; 20 if neither end is named.")] first: Option<u32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end, 1 to 100.")] last: Option<u32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<Person>>> {
        ctx.market().people(ctx.actor(), page(first, after, last, before)).await.map(Connection::some)
    }

    /// All invitations, for admins.
    #[graphql(complexity = "crate::connection::list_cost(20, child_complexity)")]
    async fn invitations(&self, ctx: &Context<'_>) -> Result<Option<Vec<Invitation>>> {
        let views = ctx.market().invitations(ctx.actor()).await?;
        Ok(Some(views.into_iter().map(Invitation).collect()))
    }
}

/// What to change of one's own profile.
#[derive(InputObject)]
pub(crate) struct UpdateProfileInput {
    /// The name as shown, up to 80 characters.
    name: String,
}

/// Someone to bring in without an invitation.
#[derive(InputObject)]
pub(crate) struct AddPersonInput {
    /// The address that they sign in with.
    email: String,
    /// The public handle: 2 to 32 small letters, digits or hyphens, starting with a letter.
    handle: String,
    /// The name as shown.
    name: String,
    /// Their first password, 10 to 128 characters.
    password: String,
    /// Member or contributor.
    kind: PersonKind,
    /// Roles to grant at once; only for members.
    #[graphql(default)]
    roles: Vec<Role>,
}

/// Whom to invite.
#[derive(InputObject)]
pub(crate) struct InvitePersonInput {
    /// Their address.
    email: String,
    /// Roles that they shall have when they come.
    #[graphql(default)]
    roles: Vec<Role>,
}

/// Which role of whom.
#[derive(InputObject)]
pub(crate) struct GrantRoleInput {
    /// The global id of the person.
    person: ID,
    /// The role.
    role: Role,
}

/// Which role of whom to take back.
#[derive(InputObject)]
pub(crate) struct RevokeRoleInput {
    /// The global id of the person.
    person: ID,
    /// The role.
    role: Role,
}

payloads! {
    /// What came of `updateProfile`.
    UpdateProfilePayload {
        /// The asker, as they are now.
        person: Person,
    }

    /// What came of `addPerson`.
    AddPersonPayload {
        /// The new person.
        person: Person,
    }

    /// What came of `invitePerson`.
    InvitePersonPayload {
        /// What the invited person needs to come in. Shown this once and kept nowhere.
        secret: String,
        /// The invitation.
        invitation: Invitation,
    }

    /// What came of `grantRole`.
    GrantRolePayload {
        /// The person with their roles as they are now.
        person: Person,
    }

    /// What came of `revokeRole`.
    RevokeRolePayload {
        /// The person with their roles as they are now.
        person: Person,
    }
}

/// What can be done with people.
#[derive(Default)]
pub(crate) struct PersonMutation;

#[Object]
impl PersonMutation {
    /// Changes one's own profile.
    async fn update_profile(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UpdateProfileInput,
    ) -> Result<Option<UpdateProfilePayload>> {
        answer(async {
            let id = ctx.signed_in()?.id;
            ctx.market().run(ctx.actor(), UpdateProfile { name: input.name }).await?;
            Ok((seen(ctx, id).await?,))
        })
        .await
    }

    /// Brings in a person, for admins.
    async fn add_person(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who it is.")] input: AddPersonInput,
    ) -> Result<Option<AddPersonPayload>> {
        answer(async {
            ctx.signed_in()?;
            let AddPersonInput { email, handle, name, password, kind, roles } = input;
            let roles = roles.into_iter().map(Into::into).collect();
            let command = AddPerson { email, handle, name, password, kind: kind.into(), roles };
            let id = ctx.market().add_person(ctx.actor(), command).await?;
            Ok((seen(ctx, id).await?,))
        })
        .await
    }

    /// Invites someone to become a member, for admins. Hand the secret over by a way that you trust.
    async fn invite_person(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom to invite.")] input: InvitePersonInput,
    ) -> Result<Option<InvitePersonPayload>> {
        answer(async {
            ctx.signed_in()?;
            let roles = input.roles.into_iter().map(Into::into).collect();
            let invited = ctx.market().run(ctx.actor(), InvitePerson { email: input.email, roles }).await?;
            let all = ctx.market().invitations(ctx.actor()).await?;
            let view = all.into_iter().find(|view| view.id == invited.id).ok_or(market::Refusal::NotFound)?;
            Ok((invited.secret, Invitation(view)))
        })
        .await
    }

    /// Grants a role, for admins.
    async fn grant_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which role to whom.")] input: GrantRoleInput,
    ) -> Result<Option<GrantRolePayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let person = form.id("person", &input.person);
            let command = form.done(GrantRole { person, role: input.role.into() })?;
            ctx.market().run(ctx.actor(), command).await?;
            Ok((seen(ctx, person).await?,))
        })
        .await
    }

    /// Takes a role back, for admins. One admin always remains.
    async fn revoke_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which role from whom.")] input: RevokeRoleInput,
    ) -> Result<Option<RevokeRolePayload>> {
        answer(async {
            let mut form = Form::of(ctx)?;
            let person = form.id("person", &input.person);
            let command = form.done(RevokeRole { person, role: input.role.into() })?;
            ctx.market().run(ctx.actor(), command).await?;
            Ok((seen(ctx, person).await?,))
        })
        .await
    }
}

async fn seen(ctx: &Context<'_>, id: PersonId) -> Result<Person> {
    ctx.market().person(ctx.actor(), id).await.map(Person)
}
