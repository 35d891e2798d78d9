//! One loader for each noun, so that a list of a hundred tasks asks for its hundred posters once.
//!
//! Promises: loads with the rights of the one who asks, and keeps nothing between batches. Must never:
//! outlive its request.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::{self, DataLoader};
use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextPrepareRequest};
use async_graphql::{Request, ServerResult};
use market::person::PersonView;
use market::programme::ProgrammeView;
use market::race::EntryView;
use market::task::TaskView;
use market::unit::UnitView;
use market::{Actor, EntryId, Market, PersonId, ProgrammeId, Refusal, Result, TaskId, UnitId};

use crate::request::open;

/// Loads for one request.
pub(crate) struct Loader {
    market: Market,
    actor: Actor,
}

/// Gives every request loaders of its own.
pub(crate) struct Loaders;

impl ExtensionFactory for Loaders {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait::async_trait]
impl Extension for Loaders {
    async fn prepare_request(
        &self,
        ctx: &ExtensionContext<'_>,
        request: Request,
        next: NextPrepareRequest<'_>,
    ) -> ServerResult<Request> {
        let given = request.data.get(&std::any::TypeId::of::<Actor>());
        let actor = given.and_then(|actor| actor.downcast_ref()).cloned().unwrap_or(Actor::Visitor);
        let market = ctx.data_unchecked::<Market>().clone();
        let loader = DataLoader::new(Loader { market, actor }, tokio::spawn);
        next.run(ctx, request.data(loader)).await
    }
}

impl dataloader::Loader<PersonId> for Loader {
    type Value = PersonView;
    type Error = Refusal;

    async fn load(&self, keys: &[PersonId]) -> Result<HashMap<PersonId, PersonView>> {
        self.market.persons_by_ids(&self.actor, keys).await
    }
}

impl dataloader::Loader<UnitId> for Loader {
    type Value = UnitView;
    type Error = Refusal;

    async fn load(&self, keys: &[UnitId]) -> Result<HashMap<UnitId, UnitView>> {
        self.market.units_by_ids(&self.actor, keys).await
    }
}

impl dataloader::Loader<TaskId> for Loader {
    type Value = TaskView;
    type Error = Refusal;

    async fn load(&self, keys: &[TaskId]) -> Result<HashMap<TaskId, TaskView>> {
        self.market.tasks_by_ids(&self.actor, keys).await
    }
}

impl dataloader::Loader<ProgrammeId> for Loader {
    type Value = ProgrammeView;
    type Error = Refusal;

    async fn load(&self, keys: &[ProgrammeId]) -> Result<HashMap<ProgrammeId, ProgrammeView>> {
        self.market.programmes_by_ids(&self.actor, keys).await
    }
}

/// Loads one by one what the market does not load in bulk; each thing still once a batch.
macro_rules! one_by_one {
    ($($id:ty => $view:ty, $query:ident;)*) => {$(
        impl dataloader::Loader<$id> for Loader {
            type Value = $view;
            type Error = Refusal;

            async fn load(&self, keys: &[$id]) -> Result<HashMap<$id, $view>> {
                let mut found = HashMap::with_capacity(keys.len());
                for key in keys {
                    found.extend(open(self.market.$query(&self.actor, *key).await)?.map(|view| (*key, view)));
                }
                Ok(found)
            }
        }
    )*};
}

one_by_one! {
    EntryId => EntryView, entry;
}
