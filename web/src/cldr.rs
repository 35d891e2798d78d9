//! Dates and lists as the Unicode locale data (CLDR, by ICU4X) writes them in each of our languages.
//!
//! Promises: a day of twenty-four hours in both; English as it is written in Britain, as the catalogue is. Must
//! never: choose a time zone (what comes in is civil time already), or be read by a machine: that is what ISO 8601
//! in `datetime` attributes and in exports is for.

use std::borrow::Cow;

use icu_calendar::{Date, Gregorian};
use icu_datetime::fieldsets::{YM, YMD, YMDE, YMDET, YMDT};
use icu_datetime::input::{DateTime, Time};
use icu_datetime::{DateTimeFormatterPreferences, FixedCalendarDateTimeFormatter};
use icu_list::ListFormatter;
use icu_list::options::ListFormatterOptions;
use icu_locale_core::preferences::extensions::unicode::keywords::HourCycle;
use time::OffsetDateTime;

use crate::i18n::Locale;

/// How much of an instant is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// `21 Nov 2026, 16:30`.
    Full,
    /// `Sat, 21 Nov 2026, 16:30`: people think of a near deadline by its weekday.
    Near,
    /// `21 Nov 2026`.
    Day,
    /// `Nov 2026`.
    Month,
}

/// The instant, as clocks and calendars of its offset show it.
pub(crate) fn instant(locale: Locale, told: Told, at: OffsetDateTime) -> String {
    written(locale, told, at).unwrap_or_else(|| {
        // A calendar has no such day only if its data were broken; what is told is still true.
        tracing::error!(locale = locale.tag(), "no date by CLDR");
        format!("{:04}-{:02}-{:02}", at.year(), u8::from(at.month()), at.day())
    })
}

fn written(locale: Locale, told: Told, at: OffsetDateTime) -> Option<String> {
    let date = Date::try_new_gregorian(at.year(), u8::from(at.month()), at.day()).ok()?;
    let time = Time::try_new(at.hour(), at.minute(), 0, 0).ok()?;
    with(locale, |forms| match told {
        Told::Full => forms.full.format(&DateTime { date, time }).to_string(),
        Told::Near => forms.near.format(&DateTime { date, time }).to_string(),
        Told::Day => forms.day.format(&date).to_string(),
        Told::Month => forms.month.format(&date).to_string(),
    })
}

/// Things in a row: `A, B and C`, `A、B和C`.
pub(crate) fn list<T: AsRef<str>>(locale: Locale, things: &[T]) -> String {
    let things: Vec<&str> = things.iter().map(AsRef::as_ref).collect();
    with(locale, |forms| forms.list.format(things.iter()).to_string()).unwrap_or_else(|| things.join(", "))
}

/// What stands before a thing of such a row that a template writes thing by thing.
pub(crate) fn between(locale: Locale, first: bool, last: bool) -> Cow<'static, str> {
    if first {
        return Cow::Borrowed("");
    }
    with(locale, |forms| forms.between[usize::from(last)].clone()).map_or(Cow::Borrowed(", "), Cow::Owned)
}

type Form<F> = FixedCalendarDateTimeFormatter<Gregorian, F>;

struct Forms {
    full: Form<YMDT>,
    near: Form<YMDET>,
    day: Form<YMD>,
    month: Form<YM>,
    list: ListFormatter,
    /// Between the first things of a row, and before its last one.
    between: [String; 2],
}

fn with<R>(locale: Locale, told: impl FnOnce(&Forms) -> R) -> Option<R> {
    // Of each worker its own: to be shared, ICU4X would have to be built with locks for everything that uses it.
    thread_local! {
        static ENGLISH: Option<Forms> = read("en-GB");
        static CHINESE: Option<Forms> = read("zh-Hans-CN");
    }
    match locale {
        Locale::En | Locale::Disguised => ENGLISH.with(|forms| forms.as_ref().map(told)),
        Locale::ZhCn => CHINESE.with(|forms| forms.as_ref().map(told)),
    }
}

fn read(tag: &str) -> Option<Forms> {
    let locale: icu_locale_core::Locale = tag.parse().ok()?;
    let mut dates = DateTimeFormatterPreferences::from(&locale);
    dates.hour_cycle = Some(HourCycle::H23);
    let list = ListFormatter::try_new_and((&locale).into(), ListFormatterOptions::default()).ok()?;
    let three = list.format(["\u{1}", "\u{2}", "\u{3}"].into_iter()).to_string();
    let (middle, last) = three.strip_prefix('\u{1}')?.strip_suffix('\u{3}')?.split_once('\u{2}')?;
    let between = [middle.to_owned(), last.to_owned()];
    Some(Forms {
        full: Form::try_new(dates, YMD::medium().with_time_hm()).ok()?,
        near: Form::try_new(dates, YMDE::medium().with_time_hm()).ok()?,
        day: Form::try_new(dates, YMD::medium()).ok()?,
        month: Form::try_new(dates, YM::medium()).ok()?,
        list,
        between,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;

    #[test]
    fn an_instant_reads_as_people_write_it_in_each_language() {
        let at = datetime!(2026-11-21 06:05 UTC);
        for (told, english, chinese) in [
            (Told::Full, "21 Nov 2026, 06:05", "2026年11月21日 06:05"),
            (Told::Near, "Sat, 21 Nov 2026, 06:05", "2026年11月21日周六 06:05"),
            (Told::Day, "21 Nov 2026", "2026年11月21日"),
            (Told::Month, "Nov 2026", "2026年11月"),
        ] {
            assert_eq!(instant(Locale::En, told, at), english);
            assert_eq!(instant(Locale::Disguised, told, at), english, "dates are not of the catalogue");
            assert_eq!(instant(Locale::ZhCn, told, at), chinese);
        }
        assert_eq!(
            instant(Locale::En, Told::Full, datetime!(2026-09-01 00:00 UTC)),
            "1 Sept 2026, 00:00",
            "midnight is the first minute of its day"
        );
    }

    #[test]
    fn things_in_a_row_are_joined_as_each_language_does_it() {
        let told = |locale, things: &[&str]| list(locale, things);
        assert_eq!(told(Locale::En, &[]), "");
        assert_eq!(told(Locale::En, &["Ada"]), "Ada");
        assert_eq!(told(Locale::En, &["Ada", "Ben"]), "Ada and Ben");
        assert_eq!(told(Locale::En, &["Ada", "Ben", "Cid"]), "Ada, Ben and Cid");
        assert_eq!(told(Locale::ZhCn, &["甲", "乙"]), "甲和乙");
        assert_eq!(told(Locale::ZhCn, &["甲", "乙", "丙", "丁"]), "甲、乙、丙和丁");
    }

    /// The instant that was written, found in the text again.
    fn read_back(text: &str) -> Option<(i32, u8, u8, u8, u8)> {
        const MONTHS: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let numbers: Vec<i32> =
            text.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect();
        let small = |number: i32| u8::try_from(number).ok();
        match (MONTHS.iter().position(|month| text.contains(month)), numbers.as_slice()) {
            (Some(month), &[day, year, hour, minute]) => {
                Some((year, u8::try_from(month).ok()? + 1, small(day)?, small(hour)?, small(minute)?))
            }
            (None, &[year, month, day, hour, minute]) => {
                Some((year, small(month)?, small(day)?, small(hour)?, small(minute)?))
            }
            _ => None,
        }
    }

    proptest! {
        #[test]
        fn whatever_minute_is_shown_can_be_read_back(seconds in 0_i64..253_402_300_000) {
            let at = OffsetDateTime::from_unix_timestamp(seconds).unwrap();
            let minute = (at.year(), u8::from(at.month()), at.day(), at.hour(), at.minute());
            for locale in Locale::ALL {
                for told in [Told::Full, Told::Near] {
                    let text = instant(locale, told, at);
                    prop_assert_eq!(read_back(&text), Some(minute), "{}", text);
                }
            }
        }

        #[test]
        fn a_row_written_thing_by_thing_is_the_row(things in proptest::collection::vec("[a-z]{1,8}", 3..9)) {
            for locale in Locale::ALL {
                let one_by_one: String = things.iter().enumerate().map(|(at, thing)| {
                    format!("{}{thing}", between(locale, at == 0, at + 1 == things.len()))
                }).collect();
                prop_assert_eq!(one_by_one, list(locale, &things));
            }
        }
    }
}
