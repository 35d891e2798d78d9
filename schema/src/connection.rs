//! Lists in pages, by the Relay cursor connections specification.
//!
//! Promises: a page has 1 to 100 items, 20 unless asked; cursors are the market's and opaque. Must never:
//! count or cut a list itself.

use std::borrow::Cow;

use async_graphql::{Object, OutputType, SimpleObject, TypeName};
use market::{Listing, Page};

use crate::scalar::Long;

/// Items of a page when the asker names no number, as the market has it.
const DEFAULT_PAGE: usize = 20;
const LARGEST_PAGE: usize = 100;
/// No single field is worth more, so that sums of costs stay far from the end of the number range.
const CEILING: usize = 1_000_000;

/// The page that the four arguments of every list ask for.
pub(crate) fn page(
    first: Option<u32>,
    after: Option<String>,
    last: Option<u32>,
    before: Option<String>,
) -> Page {
    Page { first, after, last, before }
}

/// What a list costs: its items, each with what was asked of it.
pub(crate) fn page_cost(first: Option<u32>, last: Option<u32>, child: usize) -> usize {
    let wanted = first.or(last).and_then(|wanted| usize::try_from(wanted).ok()).unwrap_or(DEFAULT_PAGE);
    list_cost(wanted.clamp(1, LARGEST_PAGE), child)
}

/// What a short list costs that has about `items`.
pub(crate) fn list_cost(items: usize, child: usize) -> usize {
    items.saturating_mul(child).saturating_add(1).min(CEILING)
}

/// Where a page lies in its list.
#[derive(SimpleObject)]
pub(crate) struct PageInfo {
    /// Whether more follow after this page.
    has_next_page: bool,
    /// Whether more come before this page.
    has_previous_page: bool,
    /// The cursor of the first item; null on an empty page.
    start_cursor: Option<String>,
    /// The cursor of the last item: give it as `after` to go on; null on an empty page.
    end_cursor: Option<String>,
}

/// One item of a list.
pub(crate) struct Edge<'a, T>(&'a (String, T));

/// One item of a list with its cursor.
#[Object(name_type)]
impl<T: OutputType> Edge<'_, T> {
    /// Where the item lies in its list: give it as `after` or `before`. Opaque.
    async fn cursor(&self) -> &str {
        &self.0.0
    }

    /// The item.
    async fn node(&self) -> &T {
        &self.0.1
    }
}

impl<T: OutputType> TypeName for Edge<'_, T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", T::type_name()).into()
    }
}

/// A page of a list.
pub(crate) struct Connection<T>(Listing<T>);

/// A page of a list, with what is needed to ask for the next one.
#[Object(name_type)]
impl<T: OutputType> Connection<T> {
    /// The items of this page, each with its cursor.
    async fn edges(&self) -> Vec<Edge<'_, T>> {
        self.0.items.iter().map(Edge).collect()
    }

    /// The items of this page.
    async fn nodes(&self) -> Vec<&T> {
        self.0.items.iter().map(|(_, item)| item).collect()
    }

    /// Where this page lies in the list.
    async fn page_info(&self) -> PageInfo {
        PageInfo {
            has_next_page: self.0.has_next,
            has_previous_page: self.0.has_previous,
            start_cursor: self.0.items.first().map(|(cursor, _)| cursor.clone()),
            end_cursor: self.0.items.last().map(|(cursor, _)| cursor.clone()),
        }
    }

    /// How many items the whole list has.
    async fn total_count(&self) -> Long {
        Long(self.0.total)
    }
}

impl<T: OutputType> TypeName for Connection<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", T::type_name()).into()
    }
}

impl<T> Connection<T> {
    /// The page of a list that was not refused; lists that can be refused may be null.
    pub(crate) fn some<V>(listing: Listing<V>) -> Option<Self>
    where
        T: From<V>,
    {
        Some(Self(listing.map(T::from)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_costs_what_its_page_can_hold() {
        assert_eq!(page_cost(Some(50), None, 3), 151);
        assert_eq!(page_cost(None, Some(10), 3), 31);
        assert_eq!(page_cost(None, None, 3), 61);
        assert_eq!(page_cost(Some(u32::MAX), None, 3), 301);
    }

    #[test]
    fn lists_within_lists_stay_within_the_number_range() {
        assert_eq!((0..20).fold(1, |cost, _| page_cost(Some(100), None, cost)), CEILING);
    }
}
