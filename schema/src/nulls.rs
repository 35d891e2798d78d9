//! Where an error leaves a null: the GraphQL specification's §6.4.4, which the library leaves half done.
//!
//! Promises: a field that failed is null if it may be; else its parent is, and so on up to the whole
//! answer; no field that was asked for is missing. Must never: lose an error, or null more than it must.
//!
//! async-graphql 7.2 leaves a field that failed out of the answer, and clients with a cache take that for
//! a bug of the server.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::extensions::{
    Extension, ExtensionContext, ExtensionFactory, NextRequest, NextResolve, ResolveInfo,
};
use async_graphql::{QueryPathSegment, Response, ServerError, ServerResult, Value};

/// Gives every request a book of its wounds.
pub(crate) struct Nulls;

impl ExtensionFactory for Nulls {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Wounds::default())
    }
}

/// What failed in one request.
#[derive(Default)]
struct Wounds {
    errors: Mutex<Vec<ServerError>>,
    /// Paths of values that must become null because something in them that can't be null has failed.
    open: Mutex<HashSet<String>>,
    any: AtomicBool,
    /// Paths of lists whose items may be null. Of an item itself the library always tells that it may not.
    sparse: Mutex<HashSet<String>>,
}

#[async_trait::async_trait]
impl Extension for Wounds {
    async fn request(&self, ctx: &ExtensionContext<'_>, next: NextRequest<'_>) -> Response {
        let mut response = next.run(ctx).await;
        response.errors.append(&mut held(&self.errors));
        if self.heal("") {
            response.data = Value::Null;
        }
        response
    }

    async fn resolve(
        &self,
        ctx: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        let path = info.path_node;
        let may_be_null = !info.return_type.ends_with('!');
        if matches!(path.segment, QueryPathSegment::Name(_)) && has_nullable_items(info.return_type) {
            held(&self.sparse).insert(path.to_string());
        }
        match next.run(ctx, info).await {
            Ok(value) if !self.any.load(Ordering::Acquire) || !self.heal(&path.to_string()) => {
                return Ok(value);
            }
            Ok(_) => {}
            Err(error) => held(&self.errors).push(error),
        }
        let above = path.parent.map(ToString::to_string).unwrap_or_default();
        let nullable = match path.segment {
            QueryPathSegment::Name(_) => may_be_null,
            QueryPathSegment::Index(_) => held(&self.sparse).contains(&above),
        };
        if !nullable {
            self.wound(above);
        }
        Ok(Some(Value::Null))
    }
}

impl Wounds {
    fn wound(&self, path: String) {
        held(&self.open).insert(path);
        self.any.store(true, Ordering::Release);
    }

    fn heal(&self, path: &str) -> bool {
        held(&self.open).remove(path)
    }
}

/// True of `[Node]` and `[Node]!`.
fn has_nullable_items(declared: &str) -> bool {
    declared.trim_end_matches('!').strip_suffix(']').is_some_and(|items| !items.ends_with('!'))
}

/// A panic elsewhere leaves nothing half done here.
fn held<T>(lock: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
    use async_graphql::{EmptyMutation, EmptySubscription, Error, Object, Result, Schema};
    use serde_json::{Value as Json, json};

    use super::*;

    #[derive(Clone, Copy)]
    struct Leaf(bool);

    #[Object]
    impl Leaf {
        async fn sure(&self) -> Result<u8> {
            if self.0 { Ok(1) } else { Err(Error::new("failed")) }
        }

        async fn maybe(&self) -> Result<Option<u8>> {
            Err(Error::new("failed"))
        }
    }

    struct Root;

    #[Object]
    impl Root {
        async fn sure(&self) -> Leaf {
            Leaf(false)
        }

        async fn maybe(&self) -> Option<Leaf> {
            Some(Leaf(false))
        }

        async fn some(&self) -> Vec<Option<Leaf>> {
            vec![Some(Leaf(true)), Some(Leaf(false))]
        }

        async fn all(&self) -> Option<Vec<Leaf>> {
            Some(vec![Leaf(true), Leaf(false)])
        }

        async fn fine(&self) -> Leaf {
            Leaf(true)
        }
    }

    async fn ask(query: &str) -> (Json, usize) {
        let schema = Schema::build(Root, EmptyMutation, EmptySubscription).extension(Nulls).finish();
        let response = schema.execute(query).await;
        (serde_json::to_value(&response.data).unwrap(), response.errors.len())
    }

    #[tokio::test]
    async fn a_field_that_may_be_null_is_null_and_not_missing() {
        assert_eq!(
            ask("{ fine { sure maybe } }").await,
            (json!({ "fine": { "sure": 1, "maybe": null } }), 1)
        );
    }

    #[tokio::test]
    async fn a_field_that_cannot_be_null_takes_its_parent_along() {
        let (data, errors) = ask("{ fine { sure } again: maybe { sure maybe } }").await;
        assert_eq!((data, errors), (json!({ "fine": { "sure": 1 }, "again": null }), 2));
    }

    #[tokio::test]
    async fn of_a_list_one_item_is_null_or_else_the_whole_list() {
        let (data, errors) = ask("{ some { sure } all { sure } }").await;
        assert_eq!((data, errors), (json!({ "some": [{ "sure": 1 }, null], "all": null }), 2));
    }

    #[tokio::test]
    async fn where_nothing_above_can_be_null_the_answer_is() {
        assert_eq!(ask("{ fine { sure } sure { sure } }").await, (Json::Null, 1));
    }
}
