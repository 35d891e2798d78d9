//! Time, in one place.
//!
//! Promises: every instant that Saima decides by is a [`Moment`], and only [`SystemClock`] asks the
//! operating system for one. Must never: be bypassed; tests freeze it.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};

use serde::{Deserialize, Serialize};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

/// An instant: whole microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Moment(pub i64);

impl Moment {
    /// The instant as a calendar date and time in UTC.
    pub fn utc(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// The microsecond in which `at` lies.
    pub fn of(at: OffsetDateTime) -> Self {
        Self(i64::try_from(at.unix_timestamp_nanos().div_euclid(1_000)).unwrap_or(i64::MAX))
    }

    /// RFC 3339 in UTC, for example `2026-11-21T08:30:00Z`.
    pub fn rfc3339(self) -> String {
        self.utc().format(&Rfc3339).unwrap_or_default()
    }

    /// Reads RFC 3339 with any offset; `None` for anything else.
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        OffsetDateTime::parse(text, &Rfc3339).ok().map(Self::of)
    }

    /// This instant moved by `seconds`, kept within the range of the type.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// Whole seconds from `earlier` to this instant (negative when it lies before).
    pub fn seconds_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0).div_euclid(1_000_000)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

/// Tells what time it is.
pub trait Clock: Send + Sync + 'static {
    /// The present instant.
    fn now(&self) -> Moment;
}

/// The operating system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "the one place that asks the system for the time")]
    fn now(&self) -> Moment {
        Moment::of(OffsetDateTime::now_utc())
    }
}

/// A clock that stands still until it is told to move; for tests and for playing demo worlds.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that stands at `start`.
    pub fn new(start: Moment) -> Self {
        Self(AtomicI64::new(start.0))
    }

    /// Moves the hands forward (or back) by `by`.
    pub fn advance(&self, by: Duration) {
        let micros = i64::try_from(by.whole_microseconds()).unwrap_or(i64::MAX);
        self.0.fetch_add(micros, Ordering::SeqCst);
    }

    /// Puts the hands at `to`.
    pub fn set(&self, to: Moment) {
        self.0.store(to.0, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Moment {
        Moment(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leap_second_is_the_last_microsecond_of_its_day() {
        let leap = Moment::parse_rfc3339("2016-12-31T23:59:60Z");
        assert_eq!(leap, Moment::parse_rfc3339("2016-12-31T23:59:59.999999Z"));
        assert!(leap < Moment::parse_rfc3339("2017-01-01T00:00:00Z"), "unix time knows none");
    }

    #[test]
    fn an_offset_says_which_of_the_two_hours_of_autumn_is_meant() {
        let [first, second] =
            ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"].map(Moment::parse_rfc3339);
        assert_eq!(second.zip(first).map(|(second, first)| second.seconds_since(first)), Some(3_600));
        assert_eq!(Moment::parse_rfc3339("2026-10-25T02:30:00"), None, "without an offset it is no instant");
    }
}
