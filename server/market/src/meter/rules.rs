//! What can be counted. No database, no clock.

use ledger::Amount;

use crate::award::{Growth, PrizePlan};
use crate::error::{Code, Problems};
use crate::task::Rules;
use crate::text;

/// Checks what a poster wrote of a growing pot; answers what its reserve leaves of `pot`.
pub(crate) fn check(problems: &mut Problems, growth: Option<&Growth>, pot: Amount) -> Amount {
    let Some(Growth { reserve, per_event, label }) = growth else { return pot };
    problems.check(reserve.is_zero(), "rules.growth.reserve", Code::AmountZero);
    problems.check(per_event.is_zero(), "rules.growth.per_event", Code::AmountZero);
    problems.check(reserve < per_event, "rules.growth.reserve", Code::ReserveTooSmall);
    text::line(problems, "rules.growth.label", label, 80);
    let rest = pot.checked_sub(*reserve).unwrap_or(Amount::ZERO);
    problems.check(rest.is_zero() && !pot.is_zero(), "rules.growth.reserve", Code::ReserveTooLarge);
    rest
}

/// How many more events of an entry the pot pays for, after so many; `None` where the plan is not metered.
pub(super) fn room_in_pot(rules: &Rules, bounty: Amount, before: u64) -> Option<u64> {
    let PrizePlan::Metered { per_event } = rules.plan else { return None };
    let aside = rules.start_left().map_or(0, |start| start.pool.minor());
    let aside = aside.saturating_add(rules.growth.as_ref().map_or(0, |growth| growth.reserve.minor()));
    let aside = aside.saturating_add(rules.departed.unwrap_or(Amount::ZERO).minor());
    let most = bounty.minor().saturating_sub(aside).checked_div(per_event.minor()).unwrap_or(0);
    Some(most.saturating_sub(before))
}

/// How many more events release a part of the reserve, after so many; `None` where the pot does not grow.
pub(super) fn room_in_reserve(growth: Option<&Growth>, before: u64) -> Option<u64> {
    let growth = growth?;
    let each = growth.per_event.minor();
    let most = growth.reserve.minor().checked_add(each.saturating_sub(1))?.checked_div(each)?;
    Some(most.saturating_sub(before))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::award::StartPrize;
    use crate::error::Refusal;

    fn amount(minor: u64) -> Amount {
        Amount::new(minor).unwrap()
    }

    fn growth(reserve: u64, per_event: u64) -> Growth {
        Growth { reserve: amount(reserve), per_event: amount(per_event), label: "Reuse".to_owned() }
    }

    #[test]
    fn no_more_is_counted_than_the_pot_pays_for() {
        let start = Some(StartPrize { each: amount(10), pool: amount(100) });
        let rules = Rules { plan: PrizePlan::Metered { per_event: amount(40) }, start, ..Rules::default() };
        assert_eq!(room_in_pot(&rules, amount(1_000), 0), Some(22), "900 pay for 22 events at 40");
        assert_eq!(room_in_pot(&rules, amount(1_000), 22), Some(0));
        let growing = Rules { growth: Some(growth(500, 1)), ..rules };
        assert_eq!(room_in_pot(&growing, amount(1_000), 0), Some(10), "the reserve is not of the pot");
        assert_eq!(room_in_pot(&Rules::default(), amount(1_000), 0), None);
    }

    #[test]
    fn the_last_event_releases_what_is_left_of_the_reserve() {
        assert_eq!(room_in_reserve(Some(&growth(100, 30)), 0), Some(4));
        assert_eq!(room_in_reserve(Some(&growth(100, 30)), 3), Some(1));
        assert_eq!(room_in_reserve(Some(&growth(100, 30)), 9), Some(0));
        assert_eq!(room_in_reserve(None, 0), None);
    }

    #[test]
    fn a_reserve_holds_one_event_and_leaves_a_pot() {
        let codes = |growth: &Growth| {
            let mut problems = Problems::default();
            let left = check(&mut problems, Some(growth), amount(1_000));
            match problems.done() {
                Ok(()) => Ok(left),
                Err(Refusal::Invalid(problems)) => Err(problems[0].code.clone()),
                Err(other) => panic!("{other:?}"),
            }
        };
        assert_eq!(codes(&growth(400, 100)), Ok(amount(600)));
        assert_eq!(codes(&growth(0, 0)), Err(Code::AmountZero));
        assert_eq!(codes(&growth(99, 100)), Err(Code::ReserveTooSmall));
        assert_eq!(codes(&growth(1_000, 100)), Err(Code::ReserveTooLarge));
        assert_eq!(codes(&Growth { label: " ".to_owned(), ..growth(400, 100) }), Err(Code::Required));
    }
}
