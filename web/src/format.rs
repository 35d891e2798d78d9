//! Numbers, amounts, times and sizes as people read them.
//!
//! Promises: whole-number arithmetic only, so what is shown is what is booked; every instant also comes
//! in full, with its zone. Must never: round an amount.

use std::fmt;

use fluent_bundle::FluentValue;
use market::clock::Moment;
use time::UtcOffset;

use crate::i18n::{Locale, key, text};
use crate::zone::Zone;

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
    /// Date, time and zone: `2026-11-21 16:30 UTC+8`.
    pub exact: String,
    /// `in 3 days`, `5 minutes ago`.
    pub relative: String,
    /// True when it lies in the past.
    pub past: bool,
}

impl When {
    /// The instant `at` seen from `now` by a reader in `zone`.
    pub fn new(locale: Locale, zone: &Zone, now: Moment, at: Moment) -> Self {
        Self {
            iso: at.rfc3339(),
            exact: exact(zone, at),
            relative: relative(locale, at.seconds_since(now)),
            past: at <= now,
        }
    }
}

/// Date, time and zone of `at`: `2026-11-21 16:30 UTC+8`.
pub fn exact(zone: &Zone, at: Moment) -> String {
    let offset = zone.offset(at);
    let local = at.utc().to_offset(offset);
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02} {}",
        local.year(),
        u8::from(local.month()),
        local.day(),
        local.hour(),
        local.minute(),
        offset_name(offset)
    )
}

/// The date alone: `2026-11-21`.
pub fn date(zone: &Zone, at: Moment) -> String {
    let local = at.utc().to_offset(zone.offset(at));
    format!("{:04}-{:02}-{:02}", local.year(), u8::from(local.month()), local.day())
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

/// Basis points (hundredths of a percent) as a percentage: 3333 is `33.33 %`, 5000 is `50 %`.
pub fn percent(basis_points: u32) -> String {
    format!("{}\u{a0}%", trimmed(&decimal(u128::from(basis_points), 2)))
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
        assert_eq!(when.exact, "2026-11-24 16:01 UTC+8");
        assert_eq!(when.relative, "in 3 days");
        assert!(!when.past);
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
        assert_eq!((percent(3_333), percent(5_000)), ("33.33\u{a0}%".into(), "50\u{a0}%".into()));
        assert_eq!(score(8_750), "87.50");
        assert_eq!(
            (size(999), size(1_500), size(12_345_678)),
            ("999\u{a0}B".into(), "1.5\u{a0}KB".into(), "12.3\u{a0}MB".into())
        );
    }
}
