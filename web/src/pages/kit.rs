//! Small things that many pages are made of.
//!
//! Promises: amounts, times and lists look and are read the same on every page. Must never: know a page.

use actix_web::web::Query;
use std::fmt::Display;

use market::clock::Moment;
use market::error::{Code, Refusal};
use market::{Amount, AssetView, IdempotencyKey, Listing, Market, Page};
use time::PrimitiveDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::errors::Failure;
use crate::format::Tokens;
use crate::forms::Form;
use crate::urls;
use crate::visit::Visit;
use crate::zone::Zone;

/// A text that may lead somewhere: an empty address leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Link {
    /// What it says.
    pub text: String,
    /// Where it leads.
    pub url: String,
}

impl Link {
    /// A link.
    pub fn new(text: impl Into<String>, url: impl Into<String>) -> Self {
        Self { text: text.into(), url: url.into() }
    }
}

/// A state in a word, with its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Badge {
    /// The class that colours it: empty, `go`, `wait`, `gold`, `bad`.
    pub tone: &'static str,
    /// The key of its message.
    pub label: &'static str,
}

/// One of several things to choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What the form sends.
    pub value: String,
    /// What the person reads.
    pub text: String,
}

impl Choice {
    /// A choice.
    pub fn new(value: impl Into<String>, text: impl Into<String>) -> Self {
        Self { value: value.into(), text: text.into() }
    }
}

/// A thing and what it is, both already in the reader's language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What is told.
    pub label: String,
    /// What it is.
    pub value: Link,
}

impl Fact {
    /// A fact that leads nowhere.
    pub fn new(label: impl Into<String>, value: impl Display) -> Self {
        Self { label: label.into(), value: Link::new(value.to_string(), "") }
    }

    /// A fact that leads somewhere.
    pub fn linked(label: impl Into<String>, value: Link) -> Self {
        Self { label: label.into(), value }
    }
}

/// The way to the pages before and after.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pager {
    /// The page before, if there is one.
    pub previous: Option<String>,
    /// The page after, if there is one.
    pub next: Option<String>,
    /// How many things there are in all.
    pub total: u64,
}

impl Pager {
    /// The pager of `listing` at `url`, which may have a query of its own.
    pub fn of<T>(listing: &Listing<T>, url: &str) -> Self {
        let to = |name: &str, cursor: Option<&(String, T)>| {
            cursor.map(|(cursor, _)| urls::with_query(url.to_owned(), &[(name, cursor)]))
        };
        Self {
            previous: listing.has_previous.then(|| to("before", listing.items.first())).flatten(),
            next: listing.has_next.then(|| to("after", listing.items.last())).flatten(),
            total: listing.total,
        }
    }
}

/// The query of an address, kept like a form. Control characters are dropped: no page means anything by
/// them, and some databases refuse them.
pub type Address = Query<Vec<(String, String)>>;

/// What the address asks for.
pub fn asked(address: Address) -> Form {
    let clean = |text: String| text.chars().filter(|c| !c.is_control()).take(200).collect::<String>();
    Form::of(address.into_inner().into_iter().map(|(name, value)| (name, clean(value))))
}

/// The page of a list that the address asks for.
pub fn page_of(asked: &Form, size: u32) -> Page {
    let cursor = |name: &str| asked.given(name).map(str::to_owned);
    match cursor("before") {
        Some(before) => Page { last: Some(size), before: Some(before), ..Page::default() },
        None => Page { first: Some(size), after: cursor("after"), ..Page::default() },
    }
}

/// A list whose address was odd is a request that we did not make, not a form to mend.
///
/// # Errors
/// [`Failure::Malformed`] for a bad cursor; every other refusal as it is.
pub fn listed<T>(listing: market::Result<T>) -> Result<T, Failure> {
    listing.map_err(|refusal| match refusal {
        Refusal::Invalid(_) => Failure::Malformed,
        other => other.into(),
    })
}

/// A handle, a slug or another name in an address.
///
/// # Errors
/// Not found, for whatever Saima never gives out.
pub fn name(text: &str) -> Result<&str, Failure> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if !text.is_empty() && text.len() <= 64 && text.bytes().all(plain) {
        Ok(text)
    } else {
        Err(Refusal::NotFound.into())
    }
}

/// An id in an address.
///
/// # Errors
/// Not found, for whatever is not an id.
pub fn id<T: std::str::FromStr>(text: &str) -> Result<T, Failure> {
    text.parse().map_err(|_| Refusal::NotFound.into())
}

/// A new key, so that a form sent twice has one effect.
pub fn fresh_key(market: &Market) -> String {
    market.store().ids().secret()
}

/// The key that a form brought back.
///
/// # Errors
/// [`Failure::Malformed`] when it brought none.
pub fn key_of(form: &Form) -> Result<IdempotencyKey, Failure> {
    IdempotencyKey::parse(form.value("key")).map_err(|_| Failure::Malformed)
}

/// An amount, ready to be shown.
pub fn tokens(asset: &AssetView, amount: Amount) -> Tokens {
    Tokens::new(amount.minor(), asset.scale.get(), asset.code.as_str())
}

/// The amount typed into `field`.
///
/// # Errors
/// What is wrong with it.
pub fn amount(form: &Form, field: &str, asset: &AssetView) -> Result<Amount, Code> {
    let text = form.given(field).ok_or(Code::Required)?;
    Amount::parse(text, asset.scale).map_err(|_| {
        match text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() > 9 {
            true => Code::AmountTooLarge,
            false => Code::BadAmount { decimals: asset.scale.get() },
        }
    })
}

/// A percentage with at most two decimals, as basis points.
///
/// # Errors
/// [`Code::OutOfRange`] for anything else.
pub fn basis_points(text: &str) -> Result<u32, Code> {
    let wrong = || Code::OutOfRange { min: "0".to_owned(), max: "100".to_owned() };
    let text = text.trim().trim_end_matches('%').trim_end();
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str, most: usize| {
        (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
    };
    if !digits(whole, 3) || !digits(decimals, 2) {
        return Err(wrong());
    }
    let whole: u32 = whole.parse().map_err(|_| wrong())?;
    let tail: u32 = decimals.parse().map_err(|_| wrong())?;
    let points = whole * 100 + if decimals.len() == 1 { tail * 10 } else { tail };
    if points <= 10_000 { Ok(points) } else { Err(wrong()) }
}

/// Basis points as they are typed: 3333 is `33.33`, 5000 is `50`.
pub fn percent_typed(points: u32) -> String {
    crate::format::percent(points).trim_end_matches(['%', '\u{a0}']).to_owned()
}

const TYPED: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]T[hour]:[minute]");

/// An instant as a date-and-time field wants it, in the reader's zone.
pub fn time_typed(v: &Visit, at: Moment) -> String {
    at.utc().to_offset(v.zone.offset(at)).format(TYPED).unwrap_or_default()
}

/// The instant typed into a date-and-time field, read in the zone that the page was shown in, which the
/// form brings back as `zone`.
///
/// # Errors
/// What is wrong with it.
pub fn time(form: &Form, field: &str) -> Result<Moment, Code> {
    let text = form.given(field).ok_or(Code::Required)?;
    let zone = Zone::parse(form.value("zone")).unwrap_or_else(Zone::utc);
    // Some browsers send seconds too.
    let minute = text.get(..16).ok_or(Code::BadTime)?.replace(' ', "T");
    let typed = PrimitiveDateTime::parse(&minute, TYPED).map_err(|_| Code::BadTime)?;
    zone.instant(typed).ok_or(Code::BadTime)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_read_to_the_basis_point() {
        for (typed, points) in [("100", 10_000), ("33.33", 3_333), ("12.5 %", 1_250), (" 0 ", 0)] {
            assert_eq!(basis_points(typed), Ok(points), "{typed}");
        }
        for wrong in ["", "-1", "100.01", "1e2", "33.333", "½", "+5", "."] {
            assert!(basis_points(wrong).is_err(), "{wrong}");
        }
        assert_eq!((percent_typed(3_333), percent_typed(5_000)), ("33.33".to_owned(), "50".to_owned()));
    }

    #[test]
    fn a_time_is_read_in_the_zone_it_was_shown_in() {
        let form = Form::of([("at", "2026-11-21T16:30"), ("zone", "480")]);
        assert_eq!(time(&form, "at").map(Moment::rfc3339), Ok("2026-11-21T08:30:00Z".to_owned()));
        let form = Form::of([("at", "2027-07-21T16:30"), ("zone", "Europe/Berlin")]);
        assert_eq!(
            time(&form, "at").map(Moment::rfc3339),
            Ok("2027-07-21T14:30:00Z".to_owned()),
            "summer time"
        );
        let form = Form::of([("at", "2026-11-21T16:30:59")]);
        assert_eq!(time(&form, "at").map(Moment::rfc3339), Ok("2026-11-21T16:30:00Z".to_owned()));
        for wrong in ["2026-02-30T00:00", "tomorrow", "2026-11-21", "９999-01-01T00:00"] {
            assert!(time(&Form::of([("at", wrong)]), "at").is_err(), "{wrong}");
        }
    }

    /// The zone is the one that stands beside the field, the whole year round: so the hours that clocks leave out in
    /// spring or show twice in autumn are instants like any other, and are shown as they were typed.
    #[test]
    fn a_zone_does_not_move_with_the_season() {
        let read = |at: &str| time(&Form::of([("at", at), ("zone", "60")]), "at").map(Moment::rfc3339);
        assert_eq!(read("2027-03-28T02:30"), Ok("2027-03-28T01:30:00Z".to_owned()), "no such hour in Berlin");
        assert_eq!(read("2027-10-31T02:30"), Ok("2027-10-31T01:30:00Z".to_owned()), "twice in Berlin");
        assert_eq!(read("2027-07-01T18:00"), Ok("2027-07-01T17:00:00Z".to_owned()), "as in winter");
    }

    #[test]
    fn names_in_addresses_are_plain() {
        assert!(name("red-1").is_ok());
        for wrong in ["", "a b", "a\0", "../x", "%", &"a".repeat(65)] {
            assert!(name(wrong).is_err(), "{wrong:?}");
        }
    }
}
