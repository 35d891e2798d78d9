//! Persons, their roles, and the doors they come through: sign-up, invitation, sign-in, sessions and
//! refresh tokens.
//!
//! Promises: a password is kept as an argon2id hash and every other secret as a SHA-256 digest; sign-in
//! and sign-up answer alike, and take alike long, whether an address is known or not; at least one admin
//! always remains. Must never: put a password into a command, or run a command that carries a hash or a
//! digest under an idempotency key.

mod commands;
mod joining;
mod password;
mod preferences;
mod queries;
mod refresh;
mod rules;
mod sessions;
mod standing;
pub(crate) mod tables;
mod throttle;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::actor::{PersonKind, Role};
use crate::clock::Moment;
use crate::ids::{InvitationId, PersonId, SessionId};

pub use commands::{GrantRole, InvitePerson, Invited, RevokeRole, UpdateProfile};
pub(crate) use preferences::preferences;
pub use preferences::{Preferences, SetPreferences, Theme};
pub(crate) use queries::{in_sight, views};
pub(crate) use standing::{actors, fresh, known, require_member};

/// What somebody from outside sends to become a contributor. See [`crate::Market::sign_up`].
#[derive(Clone)]
pub struct SignUp {
    /// Their e-mail address: what they sign in with.
    pub email: String,
    /// Their public handle.
    pub handle: String,
    /// Their name as shown, 1 to 80 characters.
    pub name: String,
    /// 10 to 128 characters.
    pub password: String,
}

/// A person brought in by an admin or by the operator. See [`crate::Market::add_person`].
#[derive(Clone)]
pub struct AddPerson {
    /// Their e-mail address: what they sign in with.
    pub email: String,
    /// Their public handle.
    pub handle: String,
    /// Their name as shown, 1 to 80 characters.
    pub name: String,
    /// 10 to 128 characters.
    pub password: String,
    /// Member or contributor.
    pub kind: PersonKind,
    /// Roles from the start; for members only.
    pub roles: Vec<Role>,
}

/// What an invited person sends to become a member. See [`crate::Market::accept_invitation`].
#[derive(Clone)]
pub struct AcceptInvitation {
    /// The invitation's secret.
    pub secret: String,
    /// Their public handle.
    pub handle: String,
    /// Their name as shown, 1 to 80 characters.
    pub name: String,
    /// 10 to 128 characters.
    pub password: String,
}

/// An attempt to sign in. See [`crate::Market::sign_in`].
#[derive(Clone)]
pub struct SignInInput {
    /// The e-mail address.
    pub email: String,
    /// The password.
    pub password: String,
    /// The client's network address, which attempts are counted by.
    pub from: String,
}

/// A session just opened: the only time that its secret is seen.
#[derive(Clone)]
pub struct NewSession {
    /// What the cookie holds.
    pub secret: String,
    /// What forms send back, so that other sites can't send them.
    pub csrf: String,
    /// When it ends by itself, 30 days from now.
    pub expires_at: Moment,
}

/// A session that holds.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Who signed in.
    pub person: PersonId,
    /// What forms send back.
    pub csrf: String,
    /// When it ends by itself.
    pub expires_at: Moment,
}

/// A refresh token just made: the only time that its secret is seen.
#[derive(Clone)]
pub struct NewRefresh {
    /// The token.
    pub secret: String,
    /// When it ends by itself, 30 days from now.
    pub expires_at: Moment,
}

/// A person, as the asker may see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonView {
    /// Their id.
    pub id: PersonId,
    /// Their public handle.
    pub handle: String,
    /// Their name as shown.
    pub name: String,
    /// Member or contributor.
    pub kind: PersonKind,
    /// Their roles, sorted; empty unless the asker is a member.
    pub roles: Vec<Role>,
    /// Their address; only for themselves and for admins.
    pub email: Option<String>,
    /// When they came.
    pub created_at: Moment,
}

/// An invitation, as admins see it. Its secret is not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationView {
    /// Its id.
    pub id: InvitationId,
    /// Whom it is for.
    pub email: String,
    /// The roles that come with it, sorted.
    pub roles: Vec<Role>,
    /// Who gave it.
    pub invited_by: PersonId,
    /// When it was given.
    pub created_at: Moment,
    /// When it ends by itself, 14 days after it was given.
    pub expires_at: Moment,
    /// Who came by it, once somebody did.
    pub person: Option<PersonId>,
}

/// Shows these fields and leaves the secrets out, so that none of them ends in a log.
macro_rules! discreet {
    ($($type:ident { $($field:ident),* };)*) => {$(
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($type))$(.field(stringify!($field), &self.$field))*.finish_non_exhaustive()
            }
        }
    )*};
}

discreet! {
    SignUp { email, handle, name };
    AddPerson { email, handle, name, kind, roles };
    AcceptInvitation { handle, name };
    Invited { id, expires_at };
    SignInInput { email, from };
    NewSession { expires_at };
    Session { id, person, expires_at };
    NewRefresh { expires_at };
}
