//! What is checked and decided about units, without a database.
//!
//! Must never: await, read a clock, throw dice.

use super::CreateUnit;
use crate::error::{Code, Problems, Refusal, Result};
use crate::ids::PersonId;
use crate::text;

/// Characters of a unit's name.
const NAME: usize = 80;
/// Characters of what it is for.
const PURPOSE: usize = 1_000;

/// The texts of a unit, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Texts {
    pub(super) slug: String,
    pub(super) name: String,
    pub(super) purpose: String,
}

/// Checks the texts of a new unit.
pub(super) fn texts(input: &CreateUnit) -> Result<Texts> {
    let mut problems = Problems::default();
    let texts = Texts {
        slug: text::handle(&mut problems, "slug", &input.slug),
        name: text::line(&mut problems, "name", &input.name, NAME),
        purpose: text::maybe_prose(&mut problems, "purpose", &input.purpose, PURPOSE),
    };
    problems.done()?;
    Ok(texts)
}

/// Who is to lead a new unit: whoever asks, unless they may choose somebody else.
pub(super) fn lead(asker: PersonId, named: Option<PersonId>, may_choose: bool) -> Result<PersonId> {
    match named {
        Some(other) if other != asker && !may_choose => Err(Refusal::on("lead", Code::BadChoice)),
        Some(other) => Ok(other),
        None => Ok(asker),
    }
}

/// Whether `person` can join these members.
pub(super) fn may_join(members: &[PersonId], person: PersonId) -> Result<()> {
    if members.contains(&person) { Err(Refusal::on("person", Code::AlreadyMember)) } else { Ok(()) }
}

/// Whether `person` can leave these members, whom `lead` leads.
pub(super) fn may_leave(members: &[PersonId], lead: PersonId, person: PersonId) -> Result<()> {
    if person == lead {
        Err(Refusal::on("person", Code::LeadStays))
    } else if members.contains(&person) {
        Ok(())
    } else {
        Err(Refusal::on("person", Code::NoSuchPerson))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(number: u128) -> PersonId {
        PersonId(uuid::Uuid::from_u128(number))
    }

    fn input(slug: &str, name: &str, purpose: &str) -> CreateUnit {
        CreateUnit { slug: slug.into(), name: name.into(), purpose: purpose.into(), lead: None }
    }

    #[test]
    fn a_unit_needs_a_slug_and_a_name_and_may_do_without_a_purpose() {
        let fine = texts(&input(" Night-Shift ", " Night shift ", "")).unwrap();
        assert_eq!(
            (fine.slug.as_str(), fine.name.as_str(), fine.purpose.as_str()),
            ("night-shift", "Night shift", "")
        );
        let Err(Refusal::Invalid(problems)) = texts(&input("1x", " ", &"p".repeat(1_001))) else {
            panic!("three things are wrong");
        };
        let fields: Vec<_> = problems.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(fields, ["slug", "name", "purpose"]);
    }

    #[test]
    fn whoever_makes_a_unit_leads_it_unless_they_may_choose() {
        let [ada, eve] = [1, 2].map(person);
        assert_eq!(lead(ada, None, false), Ok(ada));
        assert_eq!(lead(ada, Some(ada), false), Ok(ada));
        assert_eq!(lead(ada, Some(eve), true), Ok(eve));
        assert_eq!(lead(ada, Some(eve), false), Err(Refusal::on("lead", Code::BadChoice)));
    }

    #[test]
    fn nobody_joins_twice_and_the_lead_stays() {
        let [ada, eve, bob] = [1, 2, 3].map(person);
        let members = [ada, eve];
        assert_eq!(may_join(&members, bob), Ok(()));
        assert_eq!(may_join(&members, eve), Err(Refusal::on("person", Code::AlreadyMember)));
        assert_eq!(may_leave(&members, ada, eve), Ok(()));
        assert_eq!(may_leave(&members, ada, ada), Err(Refusal::on("person", Code::LeadStays)));
        assert_eq!(may_leave(&members, ada, bob), Err(Refusal::on("person", Code::NoSuchPerson)));
    }
}
