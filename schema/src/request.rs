//! What a resolver may ask its request: the market, who asks, from where, and who signs tokens.
//!
//! Promises: without an [`Actor`] in the request's data a visitor asks. Must never: find out by itself
//! who asks; that is the edge's work.

use std::sync::Arc;

use async_graphql::Context;
use async_graphql::dataloader::DataLoader;
use market::{Actor, Asker, Market, Moment, PersonId, Refusal, Result};

use crate::loader::Loader;

/// Where the request comes from, as the edge sees it: an address without a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientAddress(pub String);

/// Signs access tokens. Given as `Arc<dyn Tokens>` in the data of the request.
pub trait Tokens: Send + Sync + 'static {
    /// A short-lived access token for `person`, and when it ends.
    ///
    /// # Errors
    /// [`Refusal::Fault`] when it can't be signed.
    fn access(&self, person: PersonId, now: Moment) -> Result<(String, Moment)>;
}

static VISITOR: Actor = Actor::Visitor;

/// What resolvers ask their context.
pub(crate) trait Ask<'a> {
    /// The market.
    fn market(&self) -> &'a Market;
    /// Who asks.
    fn actor(&self) -> &'a Actor;
    /// The loaders of this request, one batch for each noun.
    fn loader(&self) -> &'a DataLoader<Loader>;
    /// Where the request comes from; empty when the edge did not say.
    fn client_address(&self) -> String;
    /// Who signs access tokens.
    fn tokens(&self) -> Result<&'a Arc<dyn Tokens>>;

    /// The person who asks.
    fn signed_in(&self) -> Result<&'a Asker> {
        self.actor().person().ok_or(Refusal::Unauthenticated)
    }
}

impl<'a> Ask<'a> for Context<'a> {
    fn market(&self) -> &'a Market {
        self.data_unchecked::<Market>()
    }

    fn actor(&self) -> &'a Actor {
        self.data_opt::<Actor>().unwrap_or(&VISITOR)
    }

    fn loader(&self) -> &'a DataLoader<Loader> {
        self.data_unchecked::<DataLoader<Loader>>()
    }

    fn client_address(&self) -> String {
        self.data_opt::<ClientAddress>().map(|address| address.0.clone()).unwrap_or_default()
    }

    fn tokens(&self) -> Result<&'a Arc<dyn Tokens>> {
        self.data_opt::<Arc<dyn Tokens>>()
            .ok_or_else(|| Refusal::fault("no signer of access tokens was given"))
    }
}

/// What is not there, or not open to the asker, is null where a field may be null.
pub(crate) fn open<T>(found: Result<T>) -> Result<Option<T>> {
    match found {
        Ok(thing) => Ok(Some(thing)),
        Err(Refusal::NotFound | Refusal::Unauthenticated) => Ok(None),
        Err(refusal) => Err(refusal),
    }
}
