//! Writes of persons that carry no secret: roles, invitations, profiles.
//!
//! Promises: whoever asks is looked up again inside the transaction, so that a role just lost counts as
//! lost. Must never: give a role to somebody from outside, or take the last admin's.

use serde::{Deserialize, Serialize};

use super::rules;
use super::standing::{fresh, require_member};
use super::tables::{self, invitation};
use crate::actor::{Actor, PersonKind, Role};
use crate::clock::Moment;
use crate::error::{Code, Problems, Refusal, Result};
use crate::ids::{InvitationId, PersonId};
use crate::notice::{Event, Kind, notify};
use crate::policy::{Act, Belonging, House, permit};
use crate::store::{Command, Scope};

/// Opens a door for one person to become a member, for 14 days.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InvitePerson {
    /// Whom it is for; nobody here may have this address yet.
    pub email: String,
    /// Roles that they are granted when they come.
    pub roles: Vec<Role>,
}

/// An invitation just given.
#[derive(Clone, Serialize, Deserialize)]
pub struct Invited {
    /// Its id.
    pub id: InvitationId,
    /// What the invited person must show. Seen this once: it is not kept, and so it is empty when the
    /// outcome is recalled by an idempotency key.
    #[serde(skip)]
    pub secret: String,
    /// When it ends by itself.
    pub expires_at: Moment,
}

impl Command for InvitePerson {
    type Output = Invited;
    const ACT: Act = Act::InvitePerson;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<Invited> {
        let asker = fresh(scope.txn, asker).await?;
        let leave = permit(&asker, Self::ACT, &House)?;
        let inviter = leave.by().ok_or(Refusal::Unauthenticated)?;
        let mut problems = Problems::default();
        let email = rules::email(&mut problems, "email", &self.email);
        let roles = rules::roles(&mut problems, PersonKind::Member, &self.roles);
        problems.done()?;
        if tables::by_email(scope.txn, &email).await?.is_some() {
            return Err(Refusal::on("email", Code::Taken));
        }
        let secret = scope.ids.secret();
        let id = InvitationId(scope.ids.id(scope.now));
        let expires_at = scope.now.plus_seconds(rules::INVITED);
        let row = invitation::Model {
            id: id.0,
            digest: rules::digest(&secret),
            email,
            roles: roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(" "),
            invited_by: inviter.0,
            created_at: scope.now.0,
            expires_at: expires_at.0,
            person_id: None,
        };
        tables::invite(scope, &leave, row).await?;
        Ok(Invited { id, secret, expires_at })
    }
}

/// Grants a role to a member. Granting it again changes nothing.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GrantRole {
    /// Who gets it.
    pub person: PersonId,
    /// What they get.
    pub role: Role,
}

impl Command for GrantRole {
    type Output = ();
    const ACT: Act = Act::GrantRole;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        let asker = fresh(scope.txn, asker).await?;
        let leave = permit(&asker, Self::ACT, &House)?;
        tables::lock(scope.txn, self.person).await?;
        require_member(scope.txn, "person", self.person).await?;
        let held = tables::roles_of(scope.txn, &[self.person.0]).await?.remove(&self.person);
        if held.is_some_and(|held| held.contains(&self.role)) {
            return Ok(());
        }
        tables::grant(scope, &leave, self.person, &[self.role], leave.by()).await?;
        let event = Event::of(&leave, Kind::RoleGranted).with(|facts| facts.role = Some(self.role));
        notify(scope, event.to([self.person])).await
    }
}

/// Takes a role away. Taking away what somebody does not hold changes nothing.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RevokeRole {
    /// Who loses it.
    pub person: PersonId,
    /// What they lose.
    pub role: Role,
}

impl Command for RevokeRole {
    type Output = ();
    const ACT: Act = Act::RevokeRole;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        // First the lock, then the look: two admins who revoke each other come one after the other.
        let holders = tables::lock_holders(scope.txn, self.role).await?;
        let asker = fresh(scope.txn, asker).await?;
        let leave = permit(&asker, Self::ACT, &House)?;
        rules::may_lose(self.role, self.person, &holders)?;
        if tables::lock(scope.txn, self.person).await?.is_none() {
            return Err(Refusal::on("person", Code::NoSuchPerson));
        }
        tables::revoke(scope, &leave, self.person, self.role).await?;
        if holders.contains(&self.person) {
            let event = Event::of(&leave, Kind::RoleRevoked).with(|facts| facts.role = Some(self.role));
            notify(scope, event.to([self.person])).await?;
        }
        Ok(())
    }
}

/// Changes the asker's own profile.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UpdateProfile {
    /// Their name as shown, 1 to 80 characters.
    pub name: String,
}

impl Command for UpdateProfile {
    type Output = ();
    const ACT: Act = Act::UpdateProfile;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        let me = asker.id().ok_or(Refusal::Unauthenticated)?;
        let leave = permit(asker, Self::ACT, &Belonging(me))?;
        let mut problems = Problems::default();
        let name = rules::name(&mut problems, &self.name);
        problems.done()?;
        tables::rename(scope, &leave, me.0, &name).await
    }
}
