//! Numbers, amounts, times and sizes as people read them.
//!
//! Promises: whole-number arithmetic only, so what is shown is what is booked; every instant also comes
//! in full, with its zone. Must never: round an amount.

use std::fmt;

use fluent_bundle::FluentValue;
use market::clock::Moment;
use time::{Date, UtcOffset};

use crate::cldr::{self, Told};
use crate::i18n::{Locale, key, text};
use crate::zone::Zone;

/// Seconds within which an instant ahead is told with its weekday.
const WEEK: i64 = 7 * 86_400;

/// A token amount, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    /// The number in major units, grouped: `1,234.50`. A minus sign (U+2212) stands before what is below zero.
    pub number: String,
    /// The asset's code.
    pub code: String,
}

impl Tokens {
    /// `minor` units of an asset with `scale` decimals.
    pub fn new(minor: u64, scale: u8, code: &str) -> Self {
        Self { number: decimal(u128::from(minor), scale), code: code.to_owned() }
    }

    /// A balance; only the mint's lies below zero.
    pub fn balance(minor: i128, scale: u8, code: &str) -> Self {
        let sign = if minor < 0 { "\u{2212}" } else { "" };
        Self { number: format!("{sign}{}", decimal(minor.unsigned_abs(), scale)), code: code.to_owned() }
    }

    /// The same with a sign, `+` for what comes in and `−` for what goes out.
    pub fn signed(minor: i128, scale: u8, code: &str) -> Self {
        let sign = match minor.signum() {
            1 => "+",
            -1 => "\u{2212}",
            _ => "",
        };
        Self { number: format!("{sign}{}", decimal(minor.unsigned_abs(), scale)), code: code.to_owned() }
    }
}

impl fmt::Display for Tokens {
    /// Number and code, kept on one line by a no-break space.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\u{a0}{}", self.number, self.code)
    }
}

/// An instant, ready to be shown: how far away it is, and exactly when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct When {
    /// RFC 3339 in UTC, for the `datetime` attribute.
    pub iso: String,
    /// Date, time and zone: `21 Nov 2026, 16:30 UTC+8`; with its weekday where it lies within a week ahead.
    pub exact: String,
    /// `in 3 days`, `5 minutes ago`.
    pub relative: String,
    /// True when it lies in the past.
    pub past: bool,
}

impl When {
    /// The instant `at` seen from `now` by a reader in `zone`.
    pub fn new(locale: Locale, zone: &Zone, now: Moment, at: Moment) -> Self {
        let away = at.seconds_since(now);
        let told = if (0..=WEEK).contains(&away) { Told::Near } else { Told::Full };
        Self {
            iso: at.rfc3339(),
            exact: in_full(locale, zone, told, at),
            relative: relative(locale, away),
            past: at <= now,
        }
    }
}

/// Date, time and zone of `at`: `21 Nov 2026, 16:30 UTC+8`, `2026年11月21日 16:30 UTC+8`.
pub fn exact(locale: Locale, zone: &Zone, at: Moment) -> String {
    in_full(locale, zone, Told::Full, at)
}

fn in_full(locale: Locale, zone: &Zone, told: Told, at: Moment) -> String {
    let offset = zone.offset(at);
    // Never broken between the time and its zone.
    format!("{}\u{a0}{}", cldr::instant(locale, told, at.utc().to_offset(offset)), offset_name(offset))
}

/// The date alone: `21 Nov 2026`.
pub fn date(locale: Locale, zone: &Zone, at: Moment) -> String {
    cldr::instant(locale, Told::Day, at.utc().to_offset(zone.offset(at)))
}

/// The date in ISO 8601, as a form's field takes it: `2026-11-21`.
pub fn iso_date(date: Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
}

/// The month of `at` in UTC, by which months are counted: `Nov 2026`.
pub fn month(locale: Locale, at: Moment) -> String {
    cldr::instant(locale, Told::Month, at.utc())
}

/// Names in a row: `Ada, Ben and Cid`.
pub fn list<T: AsRef<str>>(locale: Locale, things: &[T]) -> String {
    cldr::list(locale, things)
}

/// `UTC`, `UTC+8`, `UTC−3:30`.
pub fn offset_name(zone: UtcOffset) -> String {
    let (hours, minutes, _) = zone.as_hms();
    if zone.is_utc() {
        return "UTC".to_owned();
    }
    let sign = if zone.is_negative() { '\u{2212}' } else { '+' };
    let hours = hours.unsigned_abs();
    match minutes.unsigned_abs() {
        0 => format!("UTC{sign}{hours}"),
        minutes => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

/// How far away `seconds` is, negative for the past, in the largest unit that fits.
pub fn relative(locale: Locale, seconds: i64) -> String {
    let size = seconds.unsigned_abs();
    let future = seconds > 0;
    let (count, ahead, ago) = match size {
        0..60 => (0, key("when-in-moments"), key("when-just-now")),
        60..3_600 => (size / 60, key("when-in-minutes"), key("when-minutes-ago")),
        3_600..172_800 => (size / 3_600, key("when-in-hours"), key("when-hours-ago")),
        172_800..5_184_000 => (size / 86_400, key("when-in-days"), key("when-days-ago")),
        5_184_000..63_072_000 => (size / 2_628_000, key("when-in-months"), key("when-months-ago")),
        _ => (size / 31_536_000, key("when-in-years"), key("when-years-ago")),
    };
    text(locale, if future { ahead } else { ago }, &[("count", number(count))]).into_owned()
}

/// A length of time in its two largest units: `3 days 4 hours`.
pub fn duration(locale: Locale, seconds: u64) -> String {
    let days = seconds / 86_400;
    let hours = seconds % 86_400 / 3_600;
    let minutes = seconds % 3_600 / 60;
    let units =
        [(days, key("duration-days")), (hours, key("duration-hours")), (minutes, key("duration-minutes"))];
    let first = units.iter().position(|(count, _)| *count > 0).unwrap_or(2);
    units
        .iter()
        .skip(first)
        .take(2)
        .enumerate()
        .filter(|(place, (count, _))| *place == 0 || *count > 0)
        .map(|(_, (count, name))| text(locale, name, &[("count", number(*count))]))
        .collect::<Vec<_>>()
        .join(" ")
}

/// Basis points (hundredths of a percent) as a percentage: 3333 is `33.33%`, 5000 is `50%`, as
/// both languages write it (CLDR `#,##0%`).
pub fn percent(basis_points: u32) -> String {
    format!("{}%", trimmed(&decimal(u128::from(basis_points), 2)))
}

/// A score kept in hundredths: 8750 is `87.50`.
pub fn score(hundredths: u32) -> String {
    decimal(u128::from(hundredths), 2)
}

/// A size in bytes: `640 B`, `1.5 KB`, `12.3 MB` (powers of 1,000).
pub fn size(bytes: u64) -> String {
    let (unit, name) = match bytes {
        0..1_000 => return format!("{bytes}\u{a0}B"),
        1_000..1_000_000 => (1_000, "KB"),
        1_000_000..1_000_000_000 => (1_000_000, "MB"),
        _ => (1_000_000_000, "GB"),
    };
    format!("{}\u{a0}{name}", trimmed(&decimal(u128::from(bytes / (unit / 10)), 1)))
}

/// A whole number with its thousands grouped, as both languages here do it: `1,234,567`.
pub fn grouped(number: u128) -> String {
    grouped_text(&number.to_string())
}

/// Groups the thousands of the whole part of a decimal number.
pub(crate) fn grouped_text(number: &str) -> String {
    let digits = number.trim_start_matches('-');
    let sign = &number[..number.len() - digits.len()];
    let whole = digits.split('.').next().unwrap_or_default();
    let mut out = String::with_capacity(number.len() + whole.len() / 3);
    out.push_str(sign);
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out.push_str(&digits[whole.len()..]);
    out
}

/// A count as a Fluent number, exact for every count that a page can hold.
pub(crate) fn number(count: u64) -> FluentValue<'static> {
    FluentValue::from(count)
}

fn decimal(minor: u128, scale: u8) -> String {
    let unit = 10_u128.pow(u32::from(scale.min(18)));
    let whole = grouped(minor / unit);
    match usize::from(scale) {
        0 => whole,
        width => format!("{whole}.{:0width$}", minor % unit),
    }
}

/// Without the zeros at the end of the fraction.
fn trimmed(number: &str) -> &str {
    if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { number }
}

#[cfg(test)]
mod tests {
    use icu_decimal::DecimalFormatter;
    use icu_decimal::options::DecimalFormatterOptions;
    use proptest::prelude::*;

    use super::*;

    const NOW: Moment = Moment(1_795_248_000_000_000);

    #[test]
    fn amounts_keep_every_decimal_and_group_thousands() {
        assert_eq!(Tokens::new(123_450, 2, "SAI").to_string(), "1,234.50\u{a0}SAI");
        assert_eq!(Tokens::new(7, 2, "SAI").number, "0.07");
        assert_eq!(Tokens::new(u64::MAX, 0, "SAI").number, "18,446,744,073,709,551,615");
        assert_eq!(Tokens::signed(-250, 2, "SAI").number, "\u{2212}2.50");
        assert_eq!(Tokens::signed(1_000_000, 2, "SAI").number, "+10,000.00");
        assert_eq!(Tokens::signed(0, 2, "SAI").number, "0.00");
    }

    #[test]
    fn an_instant_is_shown_in_the_readers_zone() {
        let zone = Zone::parse("480").unwrap_or_else(Zone::utc);
        let when = When::new(Locale::En, &zone, NOW, NOW.plus_seconds(3 * 86_400 + 60));
        assert_eq!(when.iso, "2026-11-24T08:01:00Z");
        assert_eq!(when.exact, "Tue, 24 Nov 2026, 16:01\u{a0}UTC+8", "with its weekday, for it is near");
        assert_eq!(when.relative, "in 3 days");
        assert!(!when.past);
        let shown = |days: i64| When::new(Locale::ZhCn, &zone, NOW, NOW.plus_seconds(days * 86_400)).exact;
        assert_eq!(shown(7), "2026年11月28日周六 16:00\u{a0}UTC+8");
        assert_eq!(shown(8), "2026年11月29日 16:00\u{a0}UTC+8", "far off, weekdays help nobody");
        assert_eq!(shown(-1), "2026年11月20日 16:00\u{a0}UTC+8");
        assert_eq!(exact(Locale::En, &zone, NOW), "21 Nov 2026, 16:00\u{a0}UTC+8");
        assert_eq!(date(Locale::En, &zone, NOW.plus_seconds(9 * 3_600)), "22 Nov 2026");
        assert_eq!(
            (month(Locale::En, NOW), month(Locale::ZhCn, NOW)),
            ("Nov 2026".into(), "2026年11月".into())
        );
        let india = UtcOffset::from_hms(5, 30, 0).unwrap_or(UtcOffset::UTC);
        assert_eq!(offset_name(india), "UTC+5:30");
    }

    #[test]
    fn distance_takes_the_largest_unit_that_fits() {
        for (seconds, expected) in [
            (-5, "just now"),
            (5, "in less than a minute"),
            (-61, "1 minute ago"),
            (7_200, "in 2 hours"),
            (-172_800, "2 days ago"),
            (86_400 * 90, "in 2 months"),
            (-86_400 * 800, "2 years ago"),
        ] {
            assert_eq!(relative(Locale::En, seconds), expected);
        }
        assert_eq!(relative(Locale::ZhCn, 7_200), "2 小时后");
    }

    #[test]
    fn lengths_sizes_shares_and_scores_read_plainly() {
        assert_eq!(duration(Locale::En, 3 * 86_400 + 4 * 3_600 + 59), "3 days 4 hours");
        assert_eq!(duration(Locale::En, 3_600), "1 hour");
        assert_eq!(duration(Locale::En, 86_400 + 120), "1 day");
        assert_eq!(duration(Locale::En, 12), "0 minutes");
        assert_eq!((percent(3_333), percent(5_000)), ("33.33%".into(), "50%".into()));
        assert_eq!(score(8_750), "87.50");
        assert_eq!(
            (size(999), size(1_500), size(12_345_678)),
            ("999\u{a0}B".into(), "1.5\u{a0}KB".into(), "12.3\u{a0}MB".into())
        );
    }

    /// What CLDR says of a decimal number in a language.
    fn by_cldr(tag: &str, number: &str) -> Option<String> {
        let locale: icu_locale_core::Locale = tag.parse().ok()?;
        let formatter =
            DecimalFormatter::try_new((&locale).into(), DecimalFormatterOptions::default()).ok()?;
        Some(formatter.format(&number.parse().ok()?).to_string())
    }

    proptest! {
        #[test]
        fn an_amount_is_grouped_as_cldr_does_it_in_every_language_and_reads_back_to_what_is_booked(
            minor in any::<u64>(), shift in 0_u32..64, scale in 0_u8..=18
        ) {
            let minor = minor >> shift;
            let shown = Tokens::new(minor, scale, "SAI").number;
            let plain = shown.replace(',', "");
            for tag in ["en-GB", "zh-Hans-CN"] {
                prop_assert_eq!(by_cldr(tag, &plain), Some(shown.clone()));
            }
            let (whole, part) = plain.split_once('.').unwrap_or((&plain, ""));
            prop_assert_eq!(part.len(), usize::from(scale));
            prop_assert_eq!(format!("{whole}{part}").parse::<u64>(), Ok(minor));
        }

        #[test]
        fn an_amount_below_zero_differs_by_its_sign_alone(minor in 1_u64..) {
            let shown = Tokens::balance(-i128::from(minor), 2, "SAI").number;
            let expected = format!("\u{2212}{}", Tokens::new(minor, 2, "SAI").number);
            prop_assert_eq!(shown.as_str(), expected.as_str());
            prop_assert_eq!(Tokens::signed(-i128::from(minor), 2, "SAI").number, expected);
        }
    }
}
