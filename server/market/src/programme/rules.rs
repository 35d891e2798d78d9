//! What the programme commands decide without a database.
//!
//! Promises: a form hears of all its problems at once. Must never: wait.

use ledger::Amount;
use uuid::Uuid;

use super::CreateProgramme;
use crate::error::{Problems, Result};
use crate::ids::{PersonId, ProgrammeId};
use crate::policy::ProgrammeFacts;
use crate::programme::tables::programme;
use crate::text;

/// Texts of a new programme, trimmed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Texts {
    pub(super) slug: String,
    pub(super) name: String,
    pub(super) purpose: String,
}

/// Checks the texts of a new programme.
pub(super) fn texts(wanted: &CreateProgramme) -> Result<Texts> {
    let mut problems = Problems::default();
    let texts = Texts {
        slug: text::handle(&mut problems, "slug", &wanted.slug),
        name: text::line(&mut problems, "name", &wanted.name, 80),
        purpose: text::prose(&mut problems, "purpose", &wanted.purpose, 1_000),
    };
    problems.done()?;
    Ok(texts)
}

/// What the policy needs to know of a programme, also of one that is not there: the answer to someone
/// who may not ask must not tell.
pub(super) fn facts(id: ProgrammeId, row: Option<&programme::Model>) -> ProgrammeFacts {
    ProgrammeFacts { id, owner: PersonId(row.map_or(Uuid::nil(), |row| row.owner_id)) }
}

/// What was drawn and did not come back: all that was ever allocated, less what is left.
pub(super) fn spent(allocated: Amount, balance: Amount) -> Amount {
    allocated.checked_sub(balance).unwrap_or(Amount::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Problem, Refusal};

    fn wanted(slug: &str, name: &str, purpose: &str) -> CreateProgramme {
        CreateProgramme { slug: slug.into(), name: name.into(), purpose: purpose.into(), owner: None }
    }

    #[test]
    fn a_programme_has_a_name_a_purpose_and_a_slug_in_small_letters() {
        let texts = texts(&wanted(" Key-Tech ", " Key technology ", "What we must own.\r\n")).unwrap();
        assert_eq!(texts.slug, "key-tech");
        assert_eq!(texts.name, "Key technology");
        assert_eq!(texts.purpose, "What we must own.");
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        let Err(Refusal::Invalid(problems)) = texts(&wanted("9lives", "", &"x".repeat(1_001))) else {
            panic!("three problems were let through")
        };
        let told = |problem: &Problem| (problem.field.clone(), problem.code.key());
        let expected = [("slug", "bad-handle"), ("name", "required"), ("purpose", "too-long")];
        assert_eq!(problems.iter().map(told).collect::<Vec<_>>(), expected.map(|(f, c)| (f.to_owned(), c)));
    }

    #[test]
    fn what_came_back_from_an_escrow_is_not_spent() {
        let amount = |minor| Amount::new(minor).unwrap();
        // Allocated 100, drew 60, got 20 back: credits 120, debits 60.
        assert_eq!(spent(amount(100), amount(120 - 60)), amount(40));
    }
}
