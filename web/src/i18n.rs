//! Two languages, one set of messages.
//!
//! Promises: every message exists in every catalogue with the same variables (tests fail otherwise), is
//! parsed once, and comes out as plain text to be escaped by the template. Must never: guess a language
//! that was not asked for, or let a missing message pass in silence.

use std::borrow::Cow;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::types::FluentNumber;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use market::notice::Language;
use unic_langid::LanguageIdentifier;

use crate::format;

/// A language that Saima speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Locale {
    /// English.
    #[default]
    En,
    /// Simplified Chinese.
    ZhCn,
    /// English in disguise, for tests and translators: every word of the catalogue has accents, is longer by
    /// half and stands in brackets, so that what is not of the catalogue, and what has no room, shows. Only
    /// who asks for it by its name is given it.
    Disguised,
}

impl Locale {
    /// Every language, in the order of the switch.
    pub const ALL: [Self; 2] = [Self::En, Self::ZhCn];

    /// The BCP 47 tag, for `<html lang>` and the cookie.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::ZhCn => "zh-CN",
            // BCP 47 keeps XA for whoever needs it; browsers and telephones use it for the same.
            Self::Disguised => "en-XA",
        }
    }

    /// The language of exactly this tag.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let known = Self::ALL.into_iter().chain([Self::Disguised]);
        known.into_iter().find(|locale| locale.tag().eq_ignore_ascii_case(tag))
    }

    /// The language that somebody chose.
    pub fn of(language: Language) -> Self {
        Self::from_tag(language.as_str()).unwrap_or_default()
    }

    /// What the language calls itself.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::ZhCn => "中文",
            Self::Disguised => "Ḗƞɠŀīşħ",
        }
    }

    /// The other one, for a switch of two.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::En => Self::ZhCn,
            Self::ZhCn | Self::Disguised => Self::En,
        }
    }

    /// The best match for an `Accept-Language` header (RFC 9110 §12.5.4). Any Chinese is served the
    /// Chinese there is; English when nothing matches.
    pub fn from_accept_language(header: &str) -> Self {
        let mut best = (0_u32, Self::En);
        for part in header.split(',').take(32) {
            let mut pieces = part.split(';');
            let tag = pieces.next().unwrap_or_default().trim();
            let weight = pieces.find_map(|piece| piece.trim().strip_prefix("q=")).map_or(1_000, thousandths);
            let primary = tag.split('-').next().unwrap_or_default();
            let locale = match primary.to_ascii_lowercase().as_str() {
                "zh" => Self::ZhCn,
                "en" => Self::En,
                _ => continue,
            };
            if weight > best.0 {
                best = (weight, locale);
            }
        }
        best.1
    }
}

/// The message `key` in `locale`, with `args` put in. A key that is missing comes out as itself and is
/// logged as the bug it is.
pub fn text(locale: Locale, key: &str, args: &[(&'static str, FluentValue<'_>)]) -> Cow<'static, str> {
    let bundle = bundle(locale);
    let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
        tracing::error!(key, locale = locale.tag(), "message missing");
        return Cow::Owned(key.to_owned());
    };
    let mut faults = Vec::new();
    let mut values = FluentArgs::with_capacity(args.len());
    for (name, value) in args {
        values.set(*name, value.clone());
    }
    let text = bundle.format_pattern(pattern, Some(&values), &mut faults);
    if !faults.is_empty() {
        tracing::error!(key, locale = locale.tag(), ?faults, "message could not be filled in");
    }
    if locale == Locale::Disguised { Cow::Owned(format!("[{text}]")) } else { text }
}

/// True if `key` is a message.
pub fn has(key: &str) -> bool {
    bundle(Locale::En).get_message(key).is_some()
}

/// Marks a literal as the key of a message, so that the tests of the catalogues find it.
pub const fn key(name: &'static str) -> &'static str {
    name
}

type Bundle = FluentBundle<FluentResource>;

macro_rules! catalogue {
    ($folder:literal: $($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../locales/", $folder, "/", $name, ".ftl")))),*]
    };
}
macro_rules! catalogues {
    ($($name:literal),* $(,)?) => {
        /// The sources of the English catalogue: name and text of each file.
        pub(crate) const EN: &[(&str, &str)] = catalogue!("en": $($name),*);
        /// The sources of the Chinese catalogue.
        pub(crate) const ZH_CN: &[(&str, &str)] = catalogue!("zh-CN": $($name),*);
    };
}
catalogues!(
    "site", "common", "front", "task", "panel", "race", "crew", "money", "ledger", "people", "notice",
    "when", "form", "problem", "error", "board", "vote", "events", "part", "honour", "style", "amend",
    "insight", "cost", "kind", "check"
);

/// The sources of a language's catalogue.
pub(crate) fn sources(locale: Locale) -> &'static [(&'static str, &'static str)] {
    match locale {
        Locale::En | Locale::Disguised => EN,
        Locale::ZhCn => ZH_CN,
    }
}

fn bundle(locale: Locale) -> &'static Bundle {
    static BUNDLES: LazyLock<[Bundle; 2]> = LazyLock::new(|| Locale::ALL.map(read));
    static DISGUISED: LazyLock<Bundle> = LazyLock::new(|| {
        let mut bundle = read(Locale::Disguised);
        bundle.set_transform(Some(disguised));
        bundle
    });
    match locale {
        Locale::En => &BUNDLES[0],
        Locale::ZhCn => &BUNDLES[1],
        Locale::Disguised => &DISGUISED,
    }
}

fn read(locale: Locale) -> Bundle {
    let language: LanguageIdentifier = locale.tag().parse().unwrap_or_default();
    let mut bundle = Bundle::new_concurrent(vec![language]);
    // Isolation marks would end up in copied text; neither language here runs from right to left.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(|value, _| match value {
        FluentValue::Number(FluentNumber { value, .. }) => Some(format::grouped_text(&value.to_string())),
        _ => None,
    }));
    if let Err(fault) = bundle.add_builtins() {
        tracing::error!(%fault, "places could not be told by their numbers");
    }
    for (name, source) in sources(locale) {
        let resource = FluentResource::try_new((*source).to_owned()).unwrap_or_else(|(resource, faults)| {
            tracing::error!(name, ?faults, "catalogue has faults");
            resource
        });
        if let Err(faults) = bundle.add_resource(resource) {
            tracing::error!(name, ?faults, "message defined twice");
        }
    }
    bundle
}

/// The words of a message with accents, and with each vowel twice.
fn disguised(text: &str) -> Cow<'_, str> {
    const PLAIN: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const ACCENTED: &str = "ȧƀƈḓḗƒɠħīĵķŀḿƞǿƥɋřşŧŭṽẇẋẏẑȦƁƇḒḖƑƓĦĪĴĶĿḾȠǾƤɊŘŞŦŬṼẆẊẎẐ";
    let mut out = String::with_capacity(text.len() * 3);
    for letter in text.chars() {
        let other = PLAIN.chars().zip(ACCENTED.chars()).find(|(plain, _)| *plain == letter);
        let other = other.map_or(letter, |(_, accented)| accented);
        out.push(other);
        if "aeiouAEIOU".contains(letter) {
            out.push(other);
        }
    }
    Cow::Owned(out)
}

/// `0.8` as 800; 0 for what is not a weight.
fn thousandths(weight: &str) -> u32 {
    let (whole, fraction) = weight.trim().split_once('.').unwrap_or((weight.trim(), ""));
    let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
    match (whole.parse::<u32>(), digits.parse::<u32>()) {
        (Ok(whole), Ok(part)) => (whole.min(1) * 1_000 + part).min(1_000),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_known_language_wins() {
        assert_eq!(Locale::from_accept_language("fr, zh-TW;q=0.8, en;q=0.9"), Locale::En);
        assert_eq!(Locale::from_accept_language("zh-Hans-CN,zh;q=0.9,en;q=0.8"), Locale::ZhCn);
        assert_eq!(Locale::from_accept_language("de"), Locale::En);
        assert_eq!(Locale::from_accept_language(""), Locale::En);
        assert_eq!(Locale::from_accept_language("zh;q=nonsense, ;;,,"), Locale::En);
        assert_eq!(Locale::from_accept_language("en;q=0, zh;q=0.1"), Locale::ZhCn);
    }

    #[test]
    fn numbers_are_grouped_and_pluralised() {
        assert_eq!(text(Locale::En, "lanes", &[("count", 1.into())]), "1 lane");
        assert_eq!(text(Locale::En, "lanes", &[("count", 1_200.into())]), "1,200 lanes");
        assert_eq!(text(Locale::ZhCn, "lanes", &[("count", 3.into())]), "3 条赛道");
        for (place, told) in
            [(1, "1st"), (2, "2nd"), (11, "11th"), (33, "33rd"), (101, "101st"), (1_112, "1,112th")]
        {
            assert_eq!(text(Locale::En, "place", &[("count", place.into())]), told);
        }
        assert_eq!(text(Locale::ZhCn, "place", &[("count", 21.into())]), "第 21 名");
    }

    #[test]
    fn the_disguise_is_longer_by_a_third_and_hides_no_value() {
        let plain = text(Locale::En, "foot-zone", &[("zone", "UTC+8".into())]);
        let told = text(Locale::Disguised, "foot-zone", &[("zone", "UTC+8".into())]);
        assert_eq!(told, "[Ŧīīḿḗḗş ȧȧřḗḗ şħǿǿẇƞ īīƞ UTC+8]");
        assert!(told.chars().count() * 3 >= plain.chars().count() * 4, "{told}");
        assert_eq!(Locale::from_tag("en-xa"), Some(Locale::Disguised));
        assert_eq!(
            Locale::from_accept_language("en-XA, zh;q=0.5"),
            Locale::En,
            "a browser's wish is not enough"
        );
        assert!(!Locale::ALL.contains(&Locale::Disguised), "nobody is offered it");
    }

    #[test]
    fn no_invisible_marks_surround_values() {
        let text = text(Locale::En, "foot-zone", &[("zone", "UTC".into())]);
        assert!(text.is_ascii(), "{text:?}");
    }
}
