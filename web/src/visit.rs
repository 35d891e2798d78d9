//! What every page knows about the request it answers.
//!
//! Promises: one request, one asker, one instant, one language; anything missing or odd in the request
//! falls back to the plainest choice. Must never: decide who somebody is (the program does that, and
//! leaves an [`Identified`] with the request) or what they may do (the market does that).

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt::Display;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use fluent_bundle::FluentValue;
use market::Market;
use market::actor::{Actor, Asker};
use market::clock::Moment;
use market::policy::{Act, House, may};

use crate::format::{When, number};
use crate::i18n::{self, Locale, key};
use crate::undo::Undo;
use crate::urls;
use crate::zone::Zone;

/// Left with each request by the program, before any handler runs.
#[derive(Debug, Clone)]
pub struct Identified {
    /// Who asks.
    pub actor: Actor,
    /// The token that this browser's forms must bring back. Visitors have one too.
    pub csrf: String,
}

/// What the log calls a request; left with it by the program.
#[derive(Debug, Clone)]
pub struct RequestNo(pub String);

/// Colours by the system's choice, or fixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the system has it.
    #[default]
    Auto,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// The value of the cookie and of `data-theme`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme of exactly this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Auto, Self::Light, Self::Dark].into_iter().find(|theme| theme.name() == name)
    }

    /// The one that the switch offers next: auto, light, dark, auto, …
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Auto => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::Auto,
        }
    }

    /// The key of the message that names it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Auto => key("theme-auto"),
            Self::Light => key("theme-light"),
            Self::Dark => key("theme-dark"),
        }
    }
}

/// One link of the navigation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NavLink {
    /// Where it leads.
    pub url: String,
    /// The key of its message.
    pub label: &'static str,
    /// True if the page shown lies there.
    pub current: bool,
}

/// What every page knows about the request it answers.
#[derive(Debug, Clone)]
pub struct Visit {
    /// The language.
    pub locale: Locale,
    /// The colours.
    pub theme: Theme,
    /// The zone that instants are shown and typed in.
    pub zone: Zone,
    /// The token for forms.
    pub csrf: String,
    /// Path and query, to come back to.
    pub path: String,
    /// Who asks.
    pub actor: Actor,
    /// When.
    pub now: Moment,
    /// The key of what has just been done, shown once.
    pub flash: Option<String>,
    /// What takes that back, where something does.
    pub undo: Option<Undo>,
}

impl Visit {
    /// What `request` tells.
    pub fn of(request: &HttpRequest) -> Self {
        let cookie = |name: &str| request.cookie(name).map(|cookie| cookie.value().to_owned());
        let accepts = || {
            let header = request.headers().get(header::ACCEPT_LANGUAGE)?;
            Some(Locale::from_accept_language(header.to_str().ok()?))
        };
        let identified = request.extensions().get::<Identified>().cloned().unwrap_or_else(|| {
            tracing::error!(path = request.path(), "request was not identified");
            Identified { actor: Actor::Visitor, csrf: String::new() }
        });
        // What somebody chose for themselves outweighs what this browser keeps, and that what it asks for.
        let chosen = identified.actor.person().map(|asker| asker.preferences.clone()).unwrap_or_default();
        let kept = || cookie(LANG).and_then(|tag| Locale::from_tag(&tag));
        let locale = chosen.language.map(Locale::of).or_else(kept).or_else(accepts).unwrap_or_default();
        let theme = chosen.theme.map(|theme| theme.as_str().to_owned()).or_else(|| cookie(THEME));
        let own = chosen.time_zone.or_else(|| cookie(OWN_ZONE));
        let zone = own.and_then(|name| Zone::named(&name));
        let flash = cookie(FLASH).filter(|name| name.starts_with("done-") && i18n::has(name));
        let undo = cookie(UNDO).filter(|_| flash.is_some());
        let undo = undo.and_then(|sealed| Undo::opened(&sealed, &identified.csrf));
        let now = request.app_data::<Data<Market>>().map_or(Moment(0), |market| market.now());
        Self {
            locale,
            theme: theme.and_then(|name| Theme::from_name(&name)).unwrap_or_default(),
            zone: zone.or_else(|| Zone::parse(&cookie(ZONE)?)).unwrap_or_else(Zone::utc),
            csrf: identified.csrf,
            path: request.uri().path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
            actor: identified.actor,
            now,
            flash,
            undo,
        }
    }

    /// The person who is signed in.
    pub fn asker(&self) -> Option<&Asker> {
        self.actor.person()
    }

    /// True if somebody is signed in.
    pub fn signed_in(&self) -> bool {
        self.asker().is_some()
    }

    /// The message of `key`.
    pub fn t(&self, key: impl AsRef<str>) -> Cow<'static, str> {
        i18n::text(self.locale, key.as_ref(), &[])
    }

    /// The message of `key` for a number of things, given to it as `$count`.
    pub fn tn(&self, key: impl AsRef<str>, count: impl Count) -> Cow<'static, str> {
        i18n::text(self.locale, key.as_ref(), &[("count", number(count.count()))])
    }

    /// The message of `key` with one value put in.
    pub fn t1(&self, key: impl AsRef<str>, name: &'static str, value: impl Display) -> Cow<'static, str> {
        i18n::text(self.locale, key.as_ref(), &[(name, plain(value))])
    }

    /// The message of `key` with two values put in.
    pub fn t2(
        &self,
        key: impl AsRef<str>,
        first: &'static str,
        one: impl Display,
        second: &'static str,
        two: impl Display,
    ) -> Cow<'static, str> {
        i18n::text(self.locale, key.as_ref(), &[(first, plain(one)), (second, plain(two))])
    }

    /// What stands before a thing of a row of things, as this reader writes it: a comma, an "and".
    pub fn between(&self, first: &bool, last: &bool) -> Cow<'static, str> {
        crate::cldr::between(self.locale, *first, *last)
    }

    /// An instant, for this reader.
    pub fn when(&self, at: Moment) -> When {
        When::new(self.locale, &self.zone, self.now, at)
    }

    /// The zone that instants are shown in, as people write it.
    pub fn zone_name(&self) -> String {
        self.zone.name()
    }

    /// True if the asker may do `act` to the installation: what the navigation shows.
    pub fn may(&self, act: Act) -> bool {
        may(&self.actor, act, &House)
    }

    /// The links at the head of every page, those that lead somewhere for this asker.
    pub fn nav(&self) -> Vec<NavLink> {
        let inside = self.may(Act::SeeInside);
        let links = [
            (true, urls::tasks(), key("nav-tasks")),
            (self.signed_in(), urls::my_work(), key("nav-work")),
            (self.signed_in(), urls::wallet(), key("nav-wallet")),
            (inside, urls::units(), key("nav-units")),
            (inside, urls::programmes(), key("nav-programmes")),
            (self.may(Act::SeeInsight), urls::insight(), key("nav-insight")),
            (self.may(Act::SeeTreasury), urls::treasury(), key("nav-treasury")),
            (self.may(Act::SeePeople), urls::people(), key("nav-people")),
            (true, urls::ledger(), key("nav-ledger")),
        ];
        let path = self.path.split('?').next().unwrap_or_default();
        links
            .into_iter()
            .filter(|(shown, ..)| *shown)
            .map(|(_, url, label)| NavLink { current: lies_under(path, &url), url, label })
            .collect()
    }
}

impl FromRequest for Visit {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}

/// The cookie that keeps the language.
pub const LANG: &str = "lang";
/// The cookie that keeps the colours.
pub const THEME: &str = "theme";
/// The cookie that keeps the time zone that a visitor chose.
pub const OWN_ZONE: &str = "own_zone";
/// The cookie that keeps the browser's time zone, set by the script.
pub const ZONE: &str = "zone";
/// The cookie that carries a notice over a redirect.
pub const FLASH: &str = "flash";
/// The cookie that carries what takes back what was just done.
pub const UNDO: &str = "undo";

/// A number of things, however it is kept.
pub trait Count {
    /// The number.
    fn count(&self) -> u64;
}

impl<T: Count> Count for &T {
    fn count(&self) -> u64 {
        (**self).count()
    }
}

macro_rules! counts {
    ($($type:ty),*) => {$(
        impl Count for $type {
            fn count(&self) -> u64 {
                u64::try_from(*self).unwrap_or(u64::MAX)
            }
        }
    )*};
}
counts!(u8, u16, u32, u64, usize, i32, i64);

fn plain(value: impl Display) -> FluentValue<'static> {
    FluentValue::from(value.to_string())
}

fn lies_under(path: &str, url: &str) -> bool {
    path.strip_prefix(url).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
pub(crate) mod samples {
    //! Visits to render pages for.

    use market::actor::{PersonKind, Role};
    use market::ids::PersonId;
    use market::person::Preferences;
    use uuid::Uuid;

    use super::*;

    pub(crate) const NOW: Moment = Moment(1_795_248_000_000_000);

    pub(crate) fn visitor(locale: Locale) -> Visit {
        Visit {
            locale,
            theme: Theme::Auto,
            zone: Zone::utc(),
            csrf: "token".to_owned(),
            path: "/".to_owned(),
            actor: Actor::Visitor,
            now: NOW,
            flash: None,
            undo: None,
        }
    }

    pub(crate) fn person(locale: Locale) -> Visit {
        let asker = Asker {
            id: PersonId(Uuid::from_u128(7)),
            handle: "ada".to_owned(),
            name: "Ada Lovelace".to_owned(),
            kind: PersonKind::Member,
            roles: Role::ALL.to_vec(),
            leads: Vec::new(),
            units: Vec::new(),
            programmes: Vec::new(),
            preferences: Preferences::default(),
        };
        let undo = Undo::new(urls::preferences(), [("theme", "\"><script>".to_owned())]);
        Visit {
            actor: Actor::Person(asker),
            flash: Some("done-preferences".to_owned()),
            undo: Some(undo),
            ..visitor(locale)
        }
    }

    /// A visitor and a signed-in person in every language.
    pub(crate) fn all() -> Vec<Visit> {
        Locale::ALL.into_iter().flat_map(|locale| [visitor(locale), person(locale)]).collect()
    }
}

#[cfg(test)]
mod tests {
    use actix_web::cookie::Cookie;
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn the_cookie_outweighs_the_browser() {
        let request = TestRequest::get()
            .uri("/tasks?page=2")
            .insert_header((header::ACCEPT_LANGUAGE, "en"))
            .cookie(Cookie::new(LANG, "zh-CN"))
            .cookie(Cookie::new(THEME, "dark"))
            .cookie(Cookie::new(ZONE, "480"))
            .to_http_request();
        let visit = Visit::of(&request);
        assert_eq!((visit.locale, visit.theme), (Locale::ZhCn, Theme::Dark));
        assert_eq!(visit.zone.name(), "UTC+8");
        assert_eq!(visit.path, "/tasks?page=2");
        assert_eq!(visit.actor, Actor::Visitor);
    }

    #[test]
    fn what_a_person_chose_outweighs_their_cookies_and_a_chosen_zone_the_browsers() {
        use market::notice::Language;
        use market::person::{Preferences, Theme as Chosen};
        let request = || {
            TestRequest::get()
                .cookie(Cookie::new(LANG, "en"))
                .cookie(Cookie::new(THEME, "light"))
                .cookie(Cookie::new(ZONE, "America/New_York"))
        };
        let as_person = |preferences: Preferences| {
            let request = request().to_http_request();
            let Actor::Person(asker) = samples::person(Locale::En).actor else { return Visit::of(&request) };
            let actor = Actor::Person(Asker { preferences, ..asker });
            request.extensions_mut().insert(Identified { actor, csrf: String::new() });
            Visit::of(&request)
        };
        let shown = |visit: Visit| (visit.locale, visit.theme, visit.zone.name());
        assert_eq!(
            shown(as_person(Preferences {
                language: Some(Language::ZhCn),
                time_zone: Some("Asia/Shanghai".to_owned()),
                theme: Some(Chosen::Dark),
            })),
            (Locale::ZhCn, Theme::Dark, "Asia/Shanghai".to_owned())
        );
        let none = as_person(Preferences::default());
        assert_eq!(shown(none), (Locale::En, Theme::Light, "America/New York".to_owned()));
        let visitor = Visit::of(&request().cookie(Cookie::new(OWN_ZONE, "Asia/Tokyo")).to_http_request());
        assert_eq!(visitor.zone.name(), "Asia/Tokyo", "the script does not undo a choice");
    }

    #[test]
    fn odd_cookies_are_as_good_as_none() {
        let request = TestRequest::get()
            .cookie(Cookie::new(LANG, "tlh"))
            .cookie(Cookie::new(THEME, "<script>"))
            .cookie(Cookie::new(ZONE, "99999"))
            .cookie(Cookie::new(FLASH, "sign-in"))
            .to_http_request();
        let visit = Visit::of(&request);
        assert_eq!(
            (visit.locale, visit.theme, visit.zone.name()),
            (Locale::En, Theme::Auto, "UTC".to_owned())
        );
        assert_eq!(visit.flash, None, "only what was done is ever flashed");
    }

    #[test]
    fn a_visitor_is_shown_only_open_doors() {
        let labels = |visit: Visit| visit.nav().into_iter().map(|link| link.label).collect::<Vec<_>>();
        assert_eq!(labels(samples::visitor(Locale::En)), ["nav-tasks", "nav-ledger"]);
        assert_eq!(labels(samples::person(Locale::En)).len(), 9);
    }

    #[test]
    fn the_link_of_the_present_place_is_marked() {
        let mut visit = samples::visitor(Locale::En);
        visit.path = "/tasks/new?x=1".to_owned();
        let current: Vec<_> =
            visit.nav().into_iter().filter(|link| link.current).map(|link| link.label).collect();
        assert_eq!(current, ["nav-tasks"]);
        visit.path = "/tasksand".to_owned();
        assert!(visit.nav().iter().all(|link| !link.current));
    }
}
