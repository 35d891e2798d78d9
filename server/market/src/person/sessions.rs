//! Signing in by password, and the sessions of browsers.
//!
//! Promises: an unknown address and a wrong password are refused alike; a session ends by signing out
//! or after 30 days. Must never: say which of the two was wrong, or keep a session's secret.

use serde::Serialize;

use super::rules::{self, Buckets};
use super::standing::known;
use super::tables::{self, session};
use super::throttle::{CountAttempt, ForgiveAttempts};
use super::{NewSession, Session, SignInInput, password};
use crate::actor::Actor;
use crate::clock::Moment;
use crate::error::{Code, Refusal, Result};
use crate::ids::{PersonId, SessionId};
use crate::market::Market;
use crate::policy::{Act, Belonging, House, permit};
use crate::store::{Command, Scope};

impl Market {
    /// Finds out who signs in with this address and password.
    ///
    /// # Errors
    /// [`Code::WrongPassword`] on the whole; [`Refusal::TooMany`] after 10 failures for one address or
    /// 60 from one client within 15 minutes, whether the password was right or not.
    pub async fn sign_in(&self, input: SignInInput) -> Result<PersonId> {
        let address = rules::address(&input.email);
        let buckets = Buckets::of(&address, &input.from);
        self.run(&Actor::Visitor, CountAttempt(buckets.limits())).await?;
        let person = tables::by_email(self.store().reads(), &address).await?;
        let stored = person.as_ref().map(|person| person.password.as_str());
        let right = password::matches(&input.password, stored).await?;
        let Some(person) = person.filter(|_| right) else {
            return Err(Refusal::because(Code::WrongPassword));
        };
        self.run(&Actor::Visitor, ForgiveAttempts(buckets)).await?;
        Ok(PersonId(person.id))
    }

    /// Opens a session of 30 days for somebody who has just signed in.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when there is no such person.
    pub async fn open_session(&self, person: PersonId) -> Result<NewSession> {
        let ids = self.store().ids();
        let (secret, csrf) = (ids.secret(), ids.secret());
        let command = OpenSession { person, digest: rules::digest(&secret), csrf: csrf.clone() };
        let expires_at = self.run(&Actor::Visitor, command).await?;
        Ok(NewSession { secret, csrf, expires_at })
    }

    /// The session that this secret belongs to, while it holds.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn session(&self, secret: &str) -> Result<Option<Session>> {
        let found = tables::find_session(self.store().reads(), &rules::digest(secret)).await?;
        let now = self.now();
        Ok(found.filter(|row| row.expires_at > now.0).map(|row| Session {
            id: SessionId(row.id),
            person: PersonId(row.person_id),
            csrf: row.csrf,
            expires_at: Moment(row.expires_at),
        }))
    }

    /// Signs out: ends the session that this secret belongs to, if there is one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn close_session(&self, secret: &str) -> Result<()> {
        let digest = rules::digest(secret);
        match tables::find_session(self.store().reads(), &digest).await? {
            Some(row) => self.run(&self.actor(PersonId(row.person_id)).await?, CloseSession { digest }).await,
            None => Ok(()),
        }
    }
}

#[derive(Serialize)]
struct OpenSession {
    person: PersonId,
    digest: Vec<u8>,
    csrf: String,
}

impl Command for OpenSession {
    type Output = Moment;
    const ACT: Act = Act::SignIn;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<Moment> {
        let leave = permit(asker, Self::ACT, &House)?;
        if !known(scope.txn, &[self.person]).await?.contains(&self.person) {
            return Err(Refusal::NotFound);
        }
        tables::sweep_sessions(scope, &leave, self.person).await?;
        let expires_at = scope.now.plus_seconds(rules::SIGNED_IN);
        let row = session::Model {
            id: scope.ids.id(scope.now),
            digest: self.digest.clone(),
            person_id: self.person.0,
            csrf: self.csrf.clone(),
            created_at: scope.now.0,
            expires_at: expires_at.0,
        };
        tables::open_session(scope, &leave, row).await?;
        Ok(expires_at)
    }
}

#[derive(Serialize)]
struct CloseSession {
    digest: Vec<u8>,
}

impl Command for CloseSession {
    type Output = ();
    const ACT: Act = Act::SignOut;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        // Gone meanwhile is as good as closed.
        let Some(row) = tables::find_session(scope.txn, &self.digest).await? else { return Ok(()) };
        let leave = permit(asker, Self::ACT, &Belonging(PersonId(row.person_id)))?;
        tables::close_session(scope, &leave, row.id).await
    }
}
