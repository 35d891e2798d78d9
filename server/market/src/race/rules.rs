//! Which crews may be formed. No database, no clock.

use super::{CrewAnswer, CrewShare};
use crate::error::{Code, Problems, Result};
use crate::ids::PersonId;
use crate::task::Rules;

/// The whole of an award, in basis points.
const WHOLE: u64 = 10_000;

/// The crew that `captain` proposes: nobody named means the captain alone.
pub(super) fn crew(
    captain: PersonId,
    asked: &[CrewShare],
    unit_share: u32,
    unit: bool,
    rules: &Rules,
) -> Result<Vec<CrewShare>> {
    let rest = u32::try_from(WHOLE).unwrap_or(0).saturating_sub(unit_share);
    let crew = match asked {
        [] => vec![CrewShare { person: captain, share: rest }],
        some => some.to_vec(),
    };
    let mut problems = Problems::default();
    problems.check(unit_share > 0 && !unit, "unit_share", Code::BadChoice);
    let most = usize::try_from(rules.max_crew).unwrap_or(usize::MAX);
    problems.check(crew.len() > most, "crew", Code::TooManyItems { max: most });
    problems.check(!crew.iter().any(|one| one.person == captain), "crew", Code::CaptainMissing);
    for (at, one) in crew.iter().enumerate() {
        let twice = crew[..at].iter().any(|other| other.person == one.person);
        problems.check(twice, format!("crew.{at}.person"), Code::Twice);
    }
    let sum = crew.iter().map(|one| u64::from(one.share)).sum::<u64>() + u64::from(unit_share);
    problems.check(sum != WHOLE, "crew", Code::BadShares { sum });
    problems.done()?;
    Ok(crew)
}

/// An entry runs when everybody has agreed.
pub(super) fn all_agreed(answers: impl IntoIterator<Item = CrewAnswer>) -> bool {
    answers.into_iter().all(|answer| answer == CrewAnswer::Agreed)
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

    fn codes(refusal: Refusal) -> Vec<Code> {
        match refusal {
            Refusal::Invalid(problems) => problems.into_iter().map(|problem| problem.code).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_captain_alone_takes_what_the_unit_leaves() {
        let crew = crew(person(1), &[], 2_000, true, &Rules::default()).unwrap();
        assert_eq!(crew, [share(1, 8_000)]);
    }

    #[test]
    fn shares_sum_to_the_whole() {
        let refusal =
            crew(person(1), &[share(1, 5_000), share(2, 4_999)], 0, false, &Rules::default()).unwrap_err();
        assert_eq!(codes(refusal), [Code::BadShares { sum: 9_999 }]);
    }

    #[test]
    fn a_crew_names_its_captain_and_nobody_twice() {
        let refusal =
            crew(person(1), &[share(2, 5_000), share(2, 5_000)], 0, false, &Rules::default()).unwrap_err();
        assert_eq!(codes(refusal), [Code::CaptainMissing, Code::Twice]);
    }

    #[test]
    fn only_a_unit_takes_a_units_share() {
        assert!(crew(person(1), &[share(1, 9_000)], 1_000, false, &Rules::default()).is_err());
        assert!(crew(person(1), &[share(1, 9_000)], 1_000, true, &Rules::default()).is_ok());
    }

    #[test]
    fn a_crew_is_no_larger_than_the_rules_allow() {
        let rules = Rules { max_crew: 1, ..Rules::default() };
        assert!(crew(person(1), &[share(1, 5_000), share(2, 5_000)], 0, false, &rules).is_err());
    }

    #[test]
    fn an_entry_runs_when_everybody_agreed() {
        assert!(all_agreed([CrewAnswer::Agreed, CrewAnswer::Agreed]));
        assert!(!all_agreed([CrewAnswer::Agreed, CrewAnswer::Asked]));
        assert!(!all_agreed([CrewAnswer::Agreed, CrewAnswer::Declined]));
    }
}
