//! Calendar months, in UTC, as instants between which the database adds up.
//!
//! Promises: each month ends where the next begins. Must never: ask a clock.

use time::{Date, Month, UtcDateTime};

use crate::clock::Moment;

/// The beginnings of the last `months` months up to the one of `now`, oldest first, and the end of that one.
pub(crate) fn bounds(now: Moment, months: usize) -> Vec<Moment> {
    let today = now.utc().date();
    let (mut year, mut month) = (today.year(), today.month());
    let mut found = vec![begin(next(year, month))];
    for _ in 0..months {
        found.push(begin((year, month)));
        (year, month) =
            if month == Month::January { (year - 1, Month::December) } else { (year, month.previous()) };
    }
    found.reverse();
    found
}

fn next(year: i32, month: Month) -> (i32, Month) {
    if month == Month::December { (year + 1, Month::January) } else { (year, month.next()) }
}

fn begin((year, month): (i32, Month)) -> Moment {
    let day = Date::from_calendar_date(year, month, 1).unwrap_or(Date::MIN);
    Moment::of(UtcDateTime::new(day, time::Time::MIDNIGHT).to_offset(time::UtcOffset::UTC))
}

/// `CASE` that gives the number of the month in which `column` lies; the bounds come as `$first`, `$first + 1`, ….
/// Rows before the first month and after the last are for the caller to leave out.
pub(super) fn bucket(column: &str, first: usize, bounds: &[Moment]) -> String {
    let ends = bounds.len().saturating_sub(1);
    let arms: Vec<String> =
        (0..ends).map(|at| format!("WHEN {column} < ${} THEN {at}", first + at + 1)).collect();
    format!("CASE {} END", arms.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_follow_each_other_over_the_turn_of_the_year() {
        let now = Moment::parse_rfc3339("2027-01-31T23:59:59Z").unwrap_or(Moment(0));
        let found: Vec<String> = bounds(now, 3).into_iter().map(Moment::rfc3339).collect();
        let wanted = ["2026-11-01", "2026-12-01", "2027-01-01", "2027-02-01"];
        assert_eq!(found, wanted.map(|day| format!("{day}T00:00:00Z")));
    }

    #[test]
    fn a_row_is_counted_in_the_month_that_it_lies_in() {
        let sql = bucket("t.at", 2, &[Moment(0), Moment(10), Moment(20)]);
        assert_eq!(sql, "CASE WHEN t.at < $3 THEN 0 WHEN t.at < $4 THEN 1 END");
    }
}
