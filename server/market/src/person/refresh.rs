//! Refresh tokens: what a program that signed in through the API stays signed in by (RFC 9700, 4.14.2).
//!
//! Promises: a token works once and gives the next one of its family; one that comes back after use
//! was stolen by somebody, so its family ends, and that stays even though the caller is refused.
//! Must never: keep a token, or let two of one family hold at once.

use sea_orm::DatabaseTransaction;
use serde::{Deserialize, Serialize};

use super::tables::{self, refresh_token};
use super::{NewRefresh, rules};
use crate::actor::Actor;
use crate::clock::Moment;
use crate::error::{Code, Refusal, Result};
use crate::ids::PersonId;
use crate::market::Market;
use crate::policy::{Act, Belonging, House, Permit, permit};
use crate::store::{Command, Scope};

impl Market {
    /// Makes the first refresh token of a new family, for somebody who has just signed in.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when there is no such person.
    pub async fn open_refresh(&self, person: PersonId) -> Result<NewRefresh> {
        let secret = self.store().ids().secret();
        let command = OpenRefresh { person, digest: rules::digest(&secret) };
        let expires_at = self.run(&Actor::Visitor, command).await?;
        Ok(NewRefresh { secret, expires_at })
    }

    /// Takes a refresh token in and gives the next one, with whose it is.
    ///
    /// # Errors
    /// [`Code::TokenUnusable`] on the whole when it was never given, has run out or was used before; in
    /// the last case its whole family has ended.
    pub async fn rotate_refresh(&self, secret: &str) -> Result<(PersonId, NewRefresh)> {
        let next = self.store().ids().secret();
        let command = RotateRefresh { digest: rules::digest(secret), next: rules::digest(&next) };
        match self.run(&Actor::Visitor, command).await? {
            Rotated::Next { person, expires_at } => Ok((person, NewRefresh { secret: next, expires_at })),
            Rotated::Unusable => Err(Refusal::because(Code::TokenUnusable)),
        }
    }

    /// Signs out: ends the family that this refresh token belongs to, if there is one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_refresh(&self, secret: &str) -> Result<()> {
        let digest = rules::digest(secret);
        match tables::find_token(self.store().reads(), &digest).await? {
            Some(row) => self.run(&self.actor(PersonId(row.person_id)).await?, EndRefresh { digest }).await,
            None => Ok(()),
        }
    }
}

#[derive(Serialize)]
struct OpenRefresh {
    person: PersonId,
    digest: Vec<u8>,
}

impl Command for OpenRefresh {
    type Output = Moment;
    const ACT: Act = Act::SignIn;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<Moment> {
        let leave = permit(asker, Self::ACT, &House)?;
        if tables::lock(scope.txn, self.person).await?.is_none() {
            return Err(Refusal::NotFound);
        }
        tables::sweep_tokens(scope, &leave, self.person).await?;
        give(scope, &leave, self.person, None, &self.digest).await
    }
}

#[derive(Serialize)]
struct RotateRefresh {
    digest: Vec<u8>,
    next: Vec<u8>,
}

/// What came of a rotation. That a token can't be used is an outcome and not a refusal, because a
/// refusal would undo the end of the family.
#[derive(Serialize, Deserialize)]
enum Rotated {
    Next { person: PersonId, expires_at: Moment },
    Unusable,
}

impl Command for RotateRefresh {
    type Output = Rotated;
    const ACT: Act = Act::RefreshToken;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<Rotated> {
        let leave = permit(asker, Self::ACT, &House)?;
        let Some(row) = locked(scope.txn, &self.digest).await? else { return Ok(Rotated::Unusable) };
        if row.used_at.is_some() {
            tables::end_family(scope, &leave, row.family).await?;
            return Ok(Rotated::Unusable);
        }
        if row.expires_at <= scope.now.0 {
            return Ok(Rotated::Unusable);
        }
        let person = PersonId(row.person_id);
        tables::use_token(scope, &leave, row.id).await?;
        let expires_at = give(scope, &leave, person, Some(row.family), &self.next).await?;
        Ok(Rotated::Next { person, expires_at })
    }
}

#[derive(Serialize)]
struct EndRefresh {
    digest: Vec<u8>,
}

impl Command for EndRefresh {
    type Output = ();
    const ACT: Act = Act::SignOut;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        // Gone meanwhile is as good as ended.
        let Some(row) = locked(scope.txn, &self.digest).await? else { return Ok(()) };
        let leave = permit(asker, Self::ACT, &Belonging(PersonId(row.person_id)))?;
        tables::end_family(scope, &leave, row.family).await
    }
}

/// Reads a token while holding its person's row: all that happens to the families of one person happens
/// one after the other, so no token can be born while its family ends.
async fn locked(txn: &DatabaseTransaction, digest: &[u8]) -> Result<Option<refresh_token::Model>> {
    let Some(row) = tables::find_token(txn, digest).await? else { return Ok(None) };
    tables::lock(txn, PersonId(row.person_id)).await?;
    tables::find_token(txn, digest).await
}

/// Writes a token of `family`, or the first one of a new family.
async fn give<S>(
    scope: &Scope<'_>,
    leave: &Permit<S>,
    person: PersonId,
    family: Option<uuid::Uuid>,
    digest: &[u8],
) -> Result<Moment> {
    let id = scope.ids.id(scope.now);
    let expires_at = scope.now.plus_seconds(rules::SIGNED_IN);
    let row = refresh_token::Model {
        id,
        family: family.unwrap_or(id),
        digest: digest.to_vec(),
        person_id: person.0,
        created_at: scope.now.0,
        expires_at: expires_at.0,
        used_at: None,
    };
    tables::add_token(scope, leave, row).await?;
    Ok(expires_at)
}
