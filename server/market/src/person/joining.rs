//! Three ways to become a person here: sign up from outside, be brought in, accept an invitation.
//!
//! Promises: the password is hashed before the write begins and only its hash goes into it; signing up
//! with an address that somebody has is answered, and takes as long, as signing up with a new one.
//! Must never: hash for somebody who may not come in, or let a hash near an idempotency key.

use serde::Serialize;

use super::standing::{self, fresh};
use super::throttle::CountAttempt;
use super::{AcceptInvitation, AddPerson, SignUp, password, rules, tables};
use crate::actor::{Actor, PersonKind, Role};
use crate::error::{Code, Problems, Refusal, Result};
use crate::ids::PersonId;
use crate::market::Market;
use crate::notice::{Event, Kind, notify};
use crate::policy::{Act, House, may, permit};
use crate::store::{Command, Scope};
use crate::text;

/// A person to be written, checked.
#[derive(Serialize)]
pub(super) struct Newcomer {
    /// The address, as `rules::address` writes it.
    pub(super) email: String,
    pub(super) handle: String,
    pub(super) name: String,
    /// The password's hash, as a PHC string.
    pub(super) hash: String,
}

impl Market {
    /// Counts one attempt to sign up or to accept an invitation, by the client's address `from`. Front ends
    /// that anybody can reach ask here first.
    ///
    /// # Errors
    /// [`Refusal::TooMany`] when there were too many lately.
    pub async fn knock(&self, from: &str) -> Result<()> {
        self.run(&Actor::Visitor, CountAttempt(vec![rules::joining(from)])).await
    }

    /// Lets somebody from outside in as a contributor. The answer is the same whether the address was
    /// free or not; if it was not, nothing changes.
    ///
    /// # Errors
    /// Problems on `email`, `handle` ([`Code::Taken`]), `name` or `password`.
    pub async fn sign_up(&self, asker: &Actor, input: SignUp) -> Result<()> {
        permit(asker, Act::SignUp, &House)?;
        let mut problems = Problems::default();
        let email = rules::email(&mut problems, "email", &input.email);
        let newcomer = self.check(problems, email, &input.handle, &input.name, &input.password).await?;
        self.run(asker, WriteContributor(newcomer)).await
    }

    /// Brings in a person, by an admin or by the operator.
    ///
    /// # Errors
    /// Whatever the policy says; problems on `email` or `handle` ([`Code::Taken`]), `name`, `password`
    /// or `roles`.
    pub async fn add_person(&self, asker: &Actor, input: AddPerson) -> Result<PersonId> {
        permit(asker, Act::AddPerson, &House)?;
        let mut problems = Problems::default();
        let email = rules::email(&mut problems, "email", &input.email);
        let roles = rules::roles(&mut problems, input.kind, &input.roles);
        let newcomer = self.check(problems, email, &input.handle, &input.name, &input.password).await?;
        self.run(asker, WritePerson { newcomer, kind: input.kind, roles }).await
    }

    /// Makes the holder of an invitation's secret a member, with the roles that came with it.
    ///
    /// # Errors
    /// [`Code::InvitationUnusable`] on `secret`; problems on `handle`, `name` or `password`.
    pub async fn accept_invitation(&self, asker: &Actor, input: AcceptInvitation) -> Result<PersonId> {
        permit(asker, Act::AcceptInvitation, &House)?;
        let digest = rules::digest(input.secret.trim());
        let found = tables::find_invitation(self.store().reads(), &digest).await?;
        let email = rules::usable(found, self.now())?.email;
        let problems = Problems::default();
        let newcomer = self.check(problems, email, &input.handle, &input.name, &input.password).await?;
        self.run(asker, WriteInvited { newcomer, digest }).await
    }

    /// Checks what every newcomer brings and hashes the password, once nothing else is wrong.
    async fn check(
        &self,
        mut problems: Problems,
        email: String,
        handle: &str,
        name: &str,
        password: &str,
    ) -> Result<Newcomer> {
        let handle = text::handle(&mut problems, "handle", handle);
        let name = rules::name(&mut problems, name);
        rules::password(&mut problems, password, &email, &handle);
        problems.done()?;
        if tables::by_handle(self.store().reads(), &handle).await?.is_some() {
            return Err(Refusal::on("handle", Code::Taken));
        }
        let hash = password::hash(password, self.store().ids().nonce()).await?;
        Ok(Newcomer { email, handle, name, hash })
    }
}

#[derive(Serialize)]
struct WriteContributor(Newcomer);

impl Command for WriteContributor {
    type Output = ();
    const ACT: Act = Act::SignUp;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        let leave = permit(asker, Self::ACT, &House)?;
        check_handle(scope, &self.0).await?;
        match tables::by_email(scope.txn, &self.0.email).await? {
            // A write that changes nothing: without it, the missing wait for the disk would tell.
            Some(known) => tables::touch(scope, &leave, known.id).await,
            None => tables::insert(scope, &leave, &self.0, PersonKind::Contributor).await.map(|_| ()),
        }
    }
}

#[derive(Serialize)]
struct WritePerson {
    newcomer: Newcomer,
    kind: PersonKind,
    roles: Vec<Role>,
}

impl Command for WritePerson {
    type Output = PersonId;
    const ACT: Act = Act::AddPerson;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<PersonId> {
        let asker = fresh(scope.txn, asker).await?;
        let leave = permit(&asker, Self::ACT, &House)?;
        check_handle(scope, &self.newcomer).await?;
        if tables::by_email(scope.txn, &self.newcomer.email).await?.is_some() {
            return Err(Refusal::on("email", Code::Taken));
        }
        let id = tables::insert(scope, &leave, &self.newcomer, self.kind).await?;
        tables::grant(scope, &leave, id, &self.roles, leave.by()).await?;
        Ok(id)
    }
}

#[derive(Serialize)]
struct WriteInvited {
    newcomer: Newcomer,
    digest: Vec<u8>,
}

impl Command for WriteInvited {
    type Output = PersonId;
    const ACT: Act = Act::AcceptInvitation;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<PersonId> {
        let leave = permit(asker, Self::ACT, &House)?;
        let invitation = tables::lock_invitation(scope.txn, &self.digest).await?;
        let invitation = rules::usable(invitation, scope.now)?;
        let inviter = PersonId(invitation.invited_by);
        // What somebody gave who may not invite any more opens nothing, least of all roles.
        let still = may(&standing::actor(scope.txn, inviter).await?, Act::InvitePerson, &House);
        if !still || tables::by_email(scope.txn, &invitation.email).await?.is_some() {
            return Err(rules::unusable());
        }
        check_handle(scope, &self.newcomer).await?;
        let roles = tables::roles(&invitation.roles)?;
        let id = tables::insert(scope, &leave, &self.newcomer, PersonKind::Member).await?;
        tables::grant(scope, &leave, id, &roles, Some(inviter)).await?;
        tables::use_invitation(scope, &leave, invitation.id, id).await?;
        let event = Event::of(&leave, Kind::InvitationAccepted).with(|facts| facts.person = Some(id));
        notify(scope, event.to([inviter])).await?;
        Ok(id)
    }
}

async fn check_handle(scope: &Scope<'_>, newcomer: &Newcomer) -> Result<()> {
    match tables::by_handle(scope.txn, &newcomer.handle).await? {
        Some(_) => Err(Refusal::on("handle", Code::Taken)),
        None => Ok(()),
    }
}
