//! The reader's time zone: what an instant is called there, and which instant was typed there.
//!
//! Promises: a time typed for the other half of the year is read by the clocks of then, summer time included,
//! by the IANA time zone database. Must never: be needed; without a zone everything is in UTC.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use market::Moment;
use time::{PrimitiveDateTime, UtcOffset};

/// No name in the database is longer.
const LONGEST: usize = 64;

/// A time zone.
#[derive(Debug, Clone)]
pub struct Zone(TimeZone);

impl Zone {
    /// UTC.
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// A zone by its IANA name (`Europe/Berlin`), or so many minutes ahead of UTC all the year (`480`).
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(minutes) = text.parse::<i32>() {
            let on_earth = (-12 * 60..=14 * 60).contains(&minutes);
            let offset = on_earth.then(|| Offset::from_seconds(minutes * 60).ok()).flatten()?;
            return Some(Self(TimeZone::fixed(offset)));
        }
        let plain = text.len() <= LONGEST && text.is_ascii();
        plain.then(|| TimeZone::get(text).ok()).flatten().map(Self)
    }

    /// A zone by its IANA name alone, in any case of letters, with spaces as people write them.
    pub fn named(text: &str) -> Option<Self> {
        let zone = Self::parse(&text.trim().replace(' ', "_"))?;
        zone.0.iana_name().is_some().then_some(zone)
    }

    /// The names of places that the database knows.
    pub fn names() -> impl Iterator<Item = String> {
        let place = |name: &str| name.contains('/') && !name.starts_with("Etc/") || name == "UTC";
        jiff::tz::db().available().map(|name| name.to_string()).filter(move |name| place(name))
    }

    /// How far its clocks are ahead of UTC at an instant.
    pub fn offset(&self, at: Moment) -> UtcOffset {
        let seconds = Timestamp::from_microsecond(at.0).map_or(0, |at| self.0.to_offset(at).seconds());
        UtcOffset::from_whole_seconds(seconds).unwrap_or(UtcOffset::UTC)
    }

    /// The instant at which its clocks show this time. Of two, in autumn, the first; of none, in spring, the one
    /// an hour later, as calendars do it (RFC 5545, §3.3.5).
    pub fn instant(&self, shown: PrimitiveDateTime) -> Option<Moment> {
        let small = |number: u8| i8::try_from(number).ok();
        let civil = DateTime::new(
            i16::try_from(shown.year()).ok()?,
            small(u8::from(shown.month()))?,
            small(shown.day())?,
            small(shown.hour())?,
            small(shown.minute())?,
            small(shown.second())?,
            0,
        );
        let found = self.0.to_ambiguous_timestamp(civil.ok()?).compatible().ok()?;
        Some(Moment(found.as_microsecond()))
    }

    /// As [`Zone::parse`] reads it.
    pub fn value(&self) -> String {
        match self.0.iana_name() {
            Some(name) => name.to_owned(),
            None => (self.offset(Moment(0)).whole_seconds() / 60).to_string(),
        }
    }

    /// As people write it: `Europe/Berlin`, `UTC+8`.
    pub fn name(&self) -> String {
        match self.0.iana_name() {
            Some(name) => name.replace('_', " "),
            None => crate::format::offset_name(self.offset(Moment(0))),
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn zone(name: &str) -> Zone {
        Zone::parse(name).unwrap_or_else(|| panic!("{name}"))
    }

    fn typed(name: &str, shown: PrimitiveDateTime) -> String {
        zone(name).instant(shown).map(Moment::rfc3339).unwrap_or_default()
    }

    #[test]
    fn a_deadline_in_summer_that_is_typed_in_winter_is_read_by_summers_clocks() {
        assert_eq!(typed("Europe/Berlin", datetime!(2027-07-01 08:00)), "2027-07-01T06:00:00Z");
        assert_eq!(typed("Europe/Berlin", datetime!(2026-12-01 08:00)), "2026-12-01T07:00:00Z");
        assert_eq!(typed("Asia/Shanghai", datetime!(2027-07-01 08:00)), "2027-07-01T00:00:00Z");
        assert_eq!(typed("480", datetime!(2027-07-01 08:00)), "2027-07-01T00:00:00Z");
    }

    #[test]
    fn an_hour_that_comes_twice_is_the_first_and_one_that_never_comes_is_the_next() {
        assert_eq!(typed("Europe/Berlin", datetime!(2026-10-25 02:30)), "2026-10-25T00:30:00Z");
        assert_eq!(typed("Europe/Berlin", datetime!(2027-03-28 02:30)), "2027-03-28T01:30:00Z");
    }

    #[test]
    fn a_zone_is_written_as_it_is_read_and_named_as_people_do() {
        for (text, name) in
            [("Europe/Berlin", "Europe/Berlin"), ("480", "UTC+8"), ("America/New_York", "America/New York")]
        {
            assert_eq!((zone(text).value(), zone(text).name()), (text.to_owned(), name.to_owned()));
        }
        assert_eq!(Zone::utc().name(), "UTC");
        for wrong in ["", "Mars/Base", "900", "-721", "../../etc/passwd", &"x".repeat(65)] {
            assert!(Zone::parse(wrong).is_none(), "{wrong}");
        }
    }
}
