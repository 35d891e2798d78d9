//! Which crews may be formed. No database, no clock.

use super::{CrewAnswer, CrewShare, UnitShare};
use crate::error::{Code, Problems, Result};
use crate::ids::PersonId;
use crate::task::Rules;

/// The whole of an award, in basis points.
const WHOLE: u32 = 10_000;
/// Most units of one entry.
const MOST_UNITS: usize = 10;

/// The crew that `captain` proposes: nobody named means the captain alone, on what the units leave.
pub(super) fn crew(
    captain: PersonId,
    asked: &[CrewShare],
    units: &[UnitShare],
    rules: &Rules,
) -> Result<Vec<CrewShare>> {
    let of_units = units.iter().map(|one| u64::from(one.share)).sum::<u64>();
    let rest = WHOLE.saturating_sub(u32::try_from(of_units).unwrap_or(WHOLE));
    let crew = match asked {
        [] => vec![CrewShare { person: captain, share: rest }],
        some => some.to_vec(),
    };
    let mut problems = Problems::default();
    let most = usize::try_from(rules.max_crew).unwrap_or(usize::MAX);
    problems.check(units.len() > MOST_UNITS, "units", Code::TooManyItems { max: MOST_UNITS });
    problems.check(crew.len() > most, "crew", Code::TooManyItems { max: most });
    problems.check(!crew.iter().any(|one| one.person == captain), "crew", Code::CaptainMissing);
    for (at, one) in units.iter().enumerate().take(MOST_UNITS) {
        let twice = units[..at].iter().any(|other| other.unit == one.unit);
        problems.check(twice, format!("units.{at}.unit"), Code::Twice);
    }
    for (at, one) in crew.iter().enumerate().take(most) {
        let twice = crew[..at].iter().any(|other| other.person == one.person);
        problems.check(twice, format!("crew.{at}.person"), Code::Twice);
    }
    let sum = crew.iter().map(|one| u64::from(one.share)).sum::<u64>() + of_units;
    problems.check(sum != u64::from(WHOLE), "crew", Code::BadShares { sum });
    problems.done()?;
    Ok(crew)
}

/// An entry runs when everybody has agreed.
pub(super) fn all_agreed(answers: impl IntoIterator<Item = CrewAnswer>) -> bool {
    answers.into_iter().all(|answer| answer == CrewAnswer::Agreed)
}

/// What remains when somebody leaves: the others' shares, each grown in proportion to the whole again, in
/// basis points. Leftovers by largest remainder, then by order. Nobody's share shrinks.
pub(super) fn grown(left: &[u32]) -> Vec<u32> {
    let weights: Vec<u64> = left.iter().map(|share| u64::from(*share)).collect();
    let whole = ledger::Amount::new(u64::from(WHOLE)).unwrap_or(ledger::Amount::ZERO);
    // Who leaves with the whole share leaves it to the others equally.
    let even = vec![1; left.len()];
    let parts = ledger::split(whole, if weights.iter().any(|weight| *weight > 0) { &weights } else { &even });
    let parts = parts.unwrap_or_default();
    parts.into_iter().map(|part| u32::try_from(part.minor()).unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Refusal;

    fn person(number: u128) -> PersonId {
        PersonId(uuid::Uuid::from_u128(number))
    }

    fn share(number: u128, share: u32) -> CrewShare {
        CrewShare { person: person(number), share }
    }

    fn unit(number: u128, share: u32) -> UnitShare {
        UnitShare { unit: crate::ids::UnitId(uuid::Uuid::from_u128(number)), share }
    }

    fn codes(refusal: Refusal) -> Vec<Code> {
        match refusal {
            Refusal::Invalid(problems) => problems.into_iter().map(|problem| problem.code).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_captain_alone_takes_what_the_unit_leaves() {
        let crew = crew(person(1), &[], &[unit(1, 2_000)], &Rules::default()).unwrap();
        assert_eq!(crew, [share(1, 8_000)]);
    }

    #[test]
    fn shares_sum_to_the_whole() {
        let refusal =
            crew(person(1), &[share(1, 5_000), share(2, 4_999)], &[], &Rules::default()).unwrap_err();
        assert_eq!(codes(refusal), [Code::BadShares { sum: 9_999 }]);
    }

    #[test]
    fn a_crew_names_its_captain_and_nobody_twice() {
        let refusal =
            crew(person(1), &[share(2, 5_000), share(2, 5_000)], &[], &Rules::default()).unwrap_err();
        assert_eq!(codes(refusal), [Code::CaptainMissing, Code::Twice]);
    }

    #[test]
    fn the_shares_of_units_and_crew_sum_to_the_whole_and_no_unit_is_named_twice() {
        let two = [unit(1, 2_000), unit(2, 1_000)];
        assert!(crew(person(1), &[share(1, 7_000)], &two, &Rules::default()).is_ok());
        let refusal = crew(person(1), &[share(1, 7_001)], &two, &Rules::default()).unwrap_err();
        assert_eq!(codes(refusal), [Code::BadShares { sum: 10_001 }]);
        let twice = [unit(1, 2_000), unit(1, 1_000)];
        let refusal = crew(person(1), &[share(1, 7_000)], &twice, &Rules::default()).unwrap_err();
        assert_eq!(codes(refusal), [Code::Twice]);
        let many: Vec<UnitShare> = (0..11).map(|number| unit(number, 0)).collect();
        let refusal = crew(person(1), &[], &many, &Rules::default()).unwrap_err();
        assert_eq!(codes(refusal), [Code::TooManyItems { max: 10 }]);
    }

    #[test]
    fn who_leaves_leaves_a_share_that_the_others_take_in_proportion() {
        assert_eq!(grown(&[3_000, 3_000]), [5_000, 5_000]);
        assert_eq!(grown(&[5_000, 2_000]), [7_143, 2_857]);
        assert_eq!(grown(&[1]), [10_000]);
        assert_eq!(grown(&[0, 0, 0]), [3_334, 3_333, 3_333]);
        for left in [&[1, 2, 3][..], &[9_999], &[3_333, 1, 3_333], &[0, 10]] {
            let grown = grown(left);
            assert_eq!(grown.iter().sum::<u32>(), 10_000, "{left:?}");
            assert!(grown.iter().zip(left).all(|(now, before)| now >= before), "{left:?}");
        }
    }

    #[test]
    fn a_crew_is_no_larger_than_the_rules_allow() {
        let rules = Rules { max_crew: 1, ..Rules::default() };
        assert!(crew(person(1), &[share(1, 5_000), share(2, 5_000)], &[], &rules).is_err());
    }

    #[test]
    fn an_entry_runs_when_everybody_agreed() {
        assert!(all_agreed([CrewAnswer::Agreed, CrewAnswer::Agreed]));
        assert!(!all_agreed([CrewAnswer::Agreed, CrewAnswer::Asked]));
        assert!(!all_agreed([CrewAnswer::Agreed, CrewAnswer::Declined]));
    }
}
