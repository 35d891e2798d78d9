//! Lists in pages, by key and not by number, so that page 10,000 costs what page 1 does.
//!
//! Promises: a page has 1 to 100 items; a cursor is opaque, and one that we did not make is refused.
//! Must never: skip or repeat an item because others came in meanwhile.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Code, Refusal, Result};

/// Which part of a list is wanted: `first` after a cursor, or `last` before one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// So many from the front (1 to 100).
    pub first: Option<u32>,
    /// Only what comes after this cursor.
    pub after: Option<String>,
    /// So many from the end (1 to 100).
    pub last: Option<u32>,
    /// Only what comes before this cursor.
    pub before: Option<String>,
}

/// A part of a list, in list order whichever end it was taken from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing<T> {
    /// The items, each with its cursor.
    pub items: Vec<(String, T)>,
    /// Whether more follow.
    pub has_next: bool,
    /// Whether more come before.
    pub has_previous: bool,
    /// How many there are in the whole list.
    pub total: u64,
}

impl<T> Listing<T> {
    /// The same page of something else.
    pub fn map<U>(self, mut make: impl FnMut(T) -> U) -> Listing<U> {
        let items = self.items.into_iter().map(|(cursor, item)| (cursor, make(item))).collect();
        Listing { items, has_next: self.has_next, has_previous: self.has_previous, total: self.total }
    }
}

/// A page once it was checked: how many, from which end, and between which keys.
#[derive(Debug, Clone)]
pub struct Span<K> {
    /// Items wanted; fetch one more to learn whether there are more.
    pub limit: u64,
    /// True when it is taken from the end: fetch in reverse order.
    pub backward: bool,
    /// Only keys after this one in list order.
    pub after: Option<K>,
    /// Only keys before this one in list order.
    pub before: Option<K>,
}

impl Page {
    /// Checks sizes and cursors. `K` is what the list is ordered by.
    ///
    /// # Errors
    /// Problems on `first`, `last`, `after` or `before`.
    pub fn span<K: DeserializeOwned>(&self) -> Result<Span<K>> {
        let (field, wanted, backward) = match (self.first, self.last) {
            (Some(_), Some(_)) => return Err(Refusal::on("last", Code::BadChoice)),
            (None, Some(last)) => ("last", last, true),
            (first, None) => ("first", first.unwrap_or(20), false),
        };
        if !(1..=100).contains(&wanted) {
            return Err(Refusal::on(field, Code::OutOfRange { min: "1".into(), max: "100".into() }));
        }
        Ok(Span {
            limit: u64::from(wanted),
            backward,
            after: self.after.as_deref().map(|text| read_cursor(text, "after")).transpose()?,
            before: self.before.as_deref().map(|text| read_cursor(text, "before")).transpose()?,
        })
    }
}

impl<K: Serialize> Span<K> {
    /// Makes the listing from what was fetched: up to `limit + 1` items, in reverse when `backward`.
    pub fn listing<T>(&self, mut fetched: Vec<T>, total: u64, key: impl Fn(&T) -> K) -> Listing<T> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = fetched.len() > limit;
        fetched.truncate(limit);
        if self.backward {
            fetched.reverse();
        }
        let items = fetched.into_iter().map(|item| (write_cursor(&key(&item)), item)).collect();
        let (has_next, has_previous) =
            if self.backward { (self.before.is_some(), more) } else { (more, self.after.is_some()) };
        Listing { items, has_next, has_previous, total }
    }
}

fn read_cursor<K: DeserializeOwned>(text: &str, field: &str) -> Result<K> {
    let refuse = || Refusal::on(field, Code::BadId);
    if text.len() > 400 {
        return Err(refuse());
    }
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| refuse())?;
    // No key of ours holds a zero byte, and PostgreSQL faults on one.
    if bytes.windows(6).any(|part| part == b"\\u0000") {
        return Err(refuse());
    }
    serde_json::from_slice(&bytes).map_err(|_| refuse())
}

fn write_cursor<K: Serialize>(key: &K) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(key).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_back_to_its_key_and_a_forged_one_is_refused() {
        let page = Page { after: Some(write_cursor(&(7_i64, "x"))), ..Page::default() };
        assert_eq!(page.span::<(i64, String)>().unwrap().after, Some((7, "x".to_owned())));
        let forged = Page { after: Some("!!!".into()), ..Page::default() };
        assert_eq!(forged.span::<i64>().unwrap_err(), Refusal::on("after", Code::BadId));
    }

    #[test]
    fn a_page_has_one_to_a_hundred_items() {
        for (first, fine) in [(0, false), (1, true), (100, true), (101, false)] {
            let page = Page { first: Some(first), ..Page::default() };
            assert_eq!(page.span::<i64>().is_ok(), fine, "{first}");
        }
    }

    #[test]
    fn a_page_from_the_end_comes_in_list_order() {
        let page = Page { last: Some(2), ..Page::default() };
        let listing = page.span::<i64>().unwrap().listing(vec![9, 8, 7], 3, |item| *item);
        assert_eq!(listing.items.iter().map(|(_, item)| *item).collect::<Vec<_>>(), [8, 9]);
        assert!(listing.has_previous && !listing.has_next);
    }
}
