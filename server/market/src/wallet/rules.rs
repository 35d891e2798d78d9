//! What the wallet commands decide without a database.
//!
//! Promises: a form hears of all its problems at once. Must never: wait.

use ledger::{AccountKind, Amount};
use uuid::Uuid;

use super::Destination;
use crate::error::{Code, Problem, Problems, Refusal, Result};
use crate::page::Span;
use crate::policy::WalletOwner;
use crate::text;

/// Most characters of a reason or memo.
pub(super) const MAX_TEXT: usize = 200;

/// A reason, trimmed.
pub(super) fn issue(amount: Amount, reason: &str) -> Result<String> {
    let mut problems = Problems::default();
    problems.check(amount.is_zero(), "amount", Code::AmountZero);
    let reason = text::prose(&mut problems, "reason", reason, MAX_TEXT);
    problems.done()?;
    Ok(reason)
}

/// A memo, trimmed; empty if there is none.
pub(super) fn transfer(from: WalletOwner, to: WalletOwner, amount: Amount, memo: &str) -> Result<String> {
    let mut problems = Problems::default();
    problems.check(from == to, "to", Code::SameWallet);
    problems.check(amount.is_zero(), "amount", Code::AmountZero);
    let memo = text::maybe_prose(&mut problems, "memo", memo, MAX_TEXT);
    problems.done()?;
    Ok(memo)
}

/// A refusal of the books, which know of no form, put to the field that it is about.
pub(super) fn about_amount(refusal: Refusal) -> Refusal {
    about("amount", refusal)
}

/// The same for another field.
pub(super) fn about(field: &str, refusal: Refusal) -> Refusal {
    let Refusal::Invalid(problems) = refusal else { return refusal };
    let addressed = problems.into_iter().map(|problem| match problem.field.as_str() {
        "" => Problem { field: field.to_owned(), ..problem },
        _ => problem,
    });
    Refusal::Invalid(addressed.collect())
}

/// The kind and owner of the account behind a wallet.
pub(super) fn key(owner: WalletOwner) -> (AccountKind, Uuid) {
    match owner {
        WalletOwner::Person(id) => (AccountKind::Person, id.0),
        WalletOwner::Unit(id) => (AccountKind::Unit, id.0),
    }
}

/// The kind and owner of the account that the treasury sends to.
pub(super) fn destination(to: Destination) -> (AccountKind, Uuid) {
    match to {
        Destination::Programme(id) => (AccountKind::Programme, id.0),
        Destination::Unit(id) => key(WalletOwner::Unit(id)),
        Destination::Person(id) => key(WalletOwner::Person(id)),
    }
}

/// The first and last number of the postings that a page of a statement shows, newest first, with one more
/// to tell whether it goes on; `count` is how many there are. Numbers have no gap. Empty if first > last.
pub(super) fn numbers(count: i64, span: &Span<i64>) -> (i64, i64) {
    let limit = i64::try_from(span.limit).unwrap_or(i64::MAX);
    let first = span.before.map_or(1, |before| before.saturating_add(1).max(1));
    let last = span.after.map_or(count, |after| after.saturating_sub(1).min(count));
    if span.backward {
        (first, last.min(first.saturating_add(limit)))
    } else {
        (first.max(last.saturating_sub(limit)), last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{PersonId, UnitId};

    #[test]
    fn a_page_of_a_statement_is_a_stretch_of_numbers_and_one_more() {
        let page = |after, before, backward| numbers(100, &Span { limit: 10, backward, after, before });
        assert_eq!(page(None, None, false), (90, 100), "the newest, and one more");
        assert_eq!(page(Some(91), None, false), (80, 90));
        assert_eq!(page(Some(5), None, false), (1, 4), "the oldest");
        assert_eq!(page(None, None, true), (1, 11), "from the end");
        assert_eq!(page(None, Some(90), true), (91, 100));
        assert_eq!(page(None, Some(95), false), (96, 100));
        for forged in [i64::MIN, i64::MAX] {
            let (first, last) = page(Some(forged), Some(forged), false);
            assert!(first > last, "nothing lies beyond");
        }
    }

    fn one(number: u128) -> WalletOwner {
        WalletOwner::Person(PersonId(Uuid::from_u128(number)))
    }

    fn amount(minor: u64) -> Amount {
        Amount::new(minor).unwrap()
    }

    fn problems(refusal: &Refusal) -> Vec<(&str, &'static str)> {
        let Refusal::Invalid(problems) = refusal else { return Vec::new() };
        problems.iter().map(|problem| (problem.field.as_str(), problem.code.key())).collect()
    }

    #[test]
    fn a_transfer_of_nothing_to_oneself_hears_of_both_problems() {
        let refusal = transfer(one(1), one(1), Amount::ZERO, "").unwrap_err();
        assert_eq!(problems(&refusal), [("to", "same-wallet"), ("amount", "amount-zero")]);
    }

    #[test]
    fn a_memo_may_be_left_out_but_a_reason_may_not() {
        assert_eq!(transfer(one(1), one(2), amount(5), "  ").unwrap(), "");
        assert_eq!(problems(&issue(amount(5), " ").unwrap_err()), [("reason", "required")]);
    }

    #[test]
    fn a_memo_has_at_most_two_hundred_characters_whatever_their_bytes() {
        assert!(transfer(one(1), one(2), amount(5), &"赛".repeat(200)).is_ok());
        let refusal = transfer(one(1), one(2), amount(5), &"赛".repeat(201)).unwrap_err();
        assert_eq!(problems(&refusal), [("memo", "too-long")]);
    }

    #[test]
    fn a_person_and_a_unit_with_the_same_number_have_two_wallets() {
        let number = Uuid::from_u128(7);
        let (person, unit) = (WalletOwner::Person(PersonId(number)), WalletOwner::Unit(UnitId(number)));
        assert_ne!(key(person), key(unit));
        assert!(transfer(person, unit, amount(1), "").is_ok());
    }

    #[test]
    fn what_the_books_refuse_is_told_beside_the_amount() {
        let refusal = Refusal::because(Code::InsufficientFunds { available: "1.00 SMT".into() });
        assert_eq!(problems(&about_amount(refusal)), [("amount", "insufficient-funds")]);
        assert_eq!(about_amount(Refusal::NotFound), Refusal::NotFound);
    }
}
