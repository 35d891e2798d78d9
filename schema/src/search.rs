//! One search for everything that has a name.

use async_graphql::{Context, Object};
use market::Result;
use market::search::Found;

use crate::person::Person;
use crate::programme::Programme;
use crate::record::Record;
use crate::request::Ask;
use crate::task::Task;
use crate::unit::Unit;

/// What a search found, as the asker may see it; at most ten of each kind.
pub(crate) struct SearchResult(Found);

/// What a search found, as the asker may see it; at most ten of each kind.
#[Object]
impl SearchResult {
    /// Tasks by their titles, newest first.
    #[graphql(complexity = "crate::connection::list_cost(10, child_complexity)")]
    async fn tasks(&self) -> Vec<Task> {
        self.0.tasks.iter().cloned().map(Task).collect()
    }

    /// People by name or handle.
    #[graphql(complexity = "crate::connection::list_cost(10, child_complexity)")]
    async fn people(&self) -> Vec<Person> {
        self.0.people.iter().cloned().map(Person).collect()
    }

    /// Units by name or slug, for members.
    #[graphql(complexity = "crate::connection::list_cost(10, child_complexity)")]
    async fn units(&self) -> Vec<Unit> {
        self.0.units.iter().cloned().map(Unit).collect()
    }

    /// Programmes by name or slug, for members.
    #[graphql(complexity = "crate::connection::list_cost(10, child_complexity)")]
    async fn programmes(&self) -> Vec<Programme> {
        self.0.programmes.iter().cloned().map(Programme).collect()
    }

    /// The record at this place in the log, or with this id.
    async fn record(&self) -> Option<Record> {
        self.0.record.clone().map(Record)
    }
}

/// Questions that search.
#[derive(Default)]
pub(crate) struct SearchQuery;

#[Object]
impl SearchQuery {
    /// Everything that has these words in its name; nothing where there are none.
    async fn search(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Up to eight words in any order, the number of a record, or its id.")] words: String,
    ) -> Result<Option<SearchResult>> {
        ctx.market().search(ctx.actor(), &words).await.map(SearchResult).map(Some)
    }
}
