//! Counting attempts to come in.
//!
//! Promises: an attempt is counted before the password is looked at, so that a hundred at once are a
//! hundred; one that succeeds is taken off again. Must never: keep an address in clear.

use serde::Serialize;

use super::rules::{self, Bucket, Buckets};
use super::tables::{self, throttle};
use crate::actor::Actor;
use crate::clock::Moment;
use crate::error::Result;
use crate::policy::{Act, House, permit};
use crate::store::{Command, Scope};

/// Counts one attempt, or refuses it with [`crate::Refusal::TooMany`].
#[derive(Serialize)]
pub(super) struct CountAttempt(pub(super) Vec<Bucket>);

impl Command for CountAttempt {
    type Output = ();
    const ACT: Act = Act::SignIn;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        let leave = permit(asker, Self::ACT, &House)?;
        for Bucket { name: bucket, limit } in &self.0 {
            let before = tables::lock_bucket(scope.txn, bucket).await?;
            let new = before.is_none();
            let before = before.map(|row| (row.attempts, Moment(row.since)));
            let (attempts, since) = rules::count(before, *limit, scope.now)?;
            let row = throttle::Model { bucket: bucket.clone(), attempts, since: since.0 };
            tables::put_bucket(scope, &leave, row, new).await?;
        }
        Ok(())
    }
}

/// Takes an attempt off again after it succeeded: this one of the client, and all of the address.
/// Sweeps up what has run out while at it; failures don't, so that no attacker sets the pace.
#[derive(Serialize)]
pub(super) struct ForgiveAttempts(pub(super) Buckets);

impl Command for ForgiveAttempts {
    type Output = ();
    const ACT: Act = Act::SignIn;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<()> {
        let leave = permit(asker, Self::ACT, &House)?;
        tables::drop_bucket(scope, &leave, &self.0.address).await?;
        tables::uncount(scope, &leave, &self.0.client).await?;
        tables::sweep_buckets(scope, &leave, scope.now.plus_seconds(-rules::WINDOW)).await
    }
}
