//! Sending to several wallets at once: one record, one word from the owner, all of it or nothing.
//!
//! Promises: what leaves is what arrives, to the minor unit; a total that is divided is divided by the house's
//! rule, the largest remainder. Must never: send to the same wallet twice, or in part.

use std::collections::HashSet;

use ledger::{Amount, RecordId, RecordKind, split};
use serde::Serialize;

use super::commands::{Facts, text};
use super::rules;
use crate::actor::Actor;
use crate::books::label;
use crate::error::{Code, Problems, Result};
use crate::policy::{Act, WalletOwner, permit};
use crate::store::{Command, Scope};
use crate::text;

/// Most wallets that tokens are sent to at once.
pub const MOST_RECEIVERS: usize = 50;

/// From one wallet to several, in one record. For the owner of the first: the person, or the unit's lead.
#[derive(Debug, Clone, Serialize)]
pub struct SplitTokens {
    /// Whose tokens.
    pub from: WalletOwner,
    /// Who gets how much: one to [`MOST_RECEIVERS`], none of them twice.
    pub to: Vec<Portion>,
    /// A word to all receivers, at most 200 characters, perhaps none; disclosed to all these owners.
    pub memo: String,
}

/// What one of several gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Portion {
    /// Who.
    pub to: WalletOwner,
    /// How much; more than zero.
    pub amount: Amount,
}

/// `total` divided by `weights`, whole minor units each: the remainder goes to the largest fractions, the earlier
/// ones first. Nothing where all weights are nought.
#[must_use]
pub fn divided(total: Amount, weights: &[u64]) -> Option<Vec<Amount>> {
    split(total, weights)
}

impl SplitTokens {
    /// What leaves the wallet; `None` where the ledger could not hold it.
    #[must_use]
    pub fn total(&self) -> Option<Amount> {
        self.to.iter().try_fold(Amount::ZERO, |sum, portion| sum.checked_add(portion.amount))
    }

    /// The total and the memo, trimmed.
    fn decided(&self) -> Result<(Amount, String)> {
        let mut problems = Problems::default();
        problems.check(self.to.is_empty(), "to", Code::Required);
        problems.check(self.to.len() > MOST_RECEIVERS, "to", Code::TooManyItems { max: MOST_RECEIVERS });
        let mut named = HashSet::new();
        for (at, portion) in self.to.iter().enumerate().take(MOST_RECEIVERS) {
            let place = |field: &str| format!("to.{at}.{field}");
            problems.check(portion.to == self.from, place("to"), Code::SameWallet);
            problems.check(!named.insert(rules::key(portion.to)), place("to"), Code::Twice);
            problems.check(portion.amount.is_zero(), place("amount"), Code::AmountZero);
        }
        let total = self.total();
        problems.check(total.is_none(), "to", Code::AmountTooLarge);
        let memo = text::maybe_prose(&mut problems, "memo", &self.memo, rules::MAX_TEXT);
        problems.done()?;
        Ok((total.unwrap_or(Amount::ZERO), memo))
    }
}

impl Command for SplitTokens {
    type Output = RecordId;
    const ACT: Act = Act::SplitTokens;

    async fn run(&self, asker: &Actor, scope: &Scope<'_>) -> Result<RecordId> {
        let permit = permit(asker, Act::SplitTokens, &self.from)?;
        let (total, memo) = self.decided()?;
        let from = rules::key(self.from);
        let parts: Vec<_> = self.to.iter().map(|portion| (rules::key(portion.to), portion.amount)).collect();
        let keys = parts.iter().map(|(key, _)| *key).chain([from]).collect();
        let mut facts = Facts::load(scope, keys).await?;
        let mut problems = Problems::default();
        for (at, (key, _)) in parts.iter().enumerate() {
            problems.check(facts.is_nobody(*key), format!("to.{at}.to"), Code::NoSuchWallet);
        }
        problems.done()?;
        let memo = text(label::MEMO, memo);
        let record = facts
            .spread(scope, &permit, RecordKind::Transfer, (from, total), &parts, memo)
            .map_err(|refusal| rules::about("to", refusal))?;
        facts.finish(scope).await?;
        Ok(record)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use uuid::Uuid;

    use super::*;
    use crate::error::Refusal;
    use crate::ids::PersonId;

    fn one(number: u128) -> WalletOwner {
        WalletOwner::Person(PersonId(Uuid::from_u128(number)))
    }

    fn amount(minor: u64) -> Amount {
        Amount::new(minor).unwrap()
    }

    fn sent(to: Vec<Portion>) -> SplitTokens {
        SplitTokens { from: one(1), to, memo: String::new() }
    }

    fn problems(to: Vec<Portion>) -> Vec<(String, &'static str)> {
        let Err(Refusal::Invalid(problems)) = sent(to).decided() else { return Vec::new() };
        problems.into_iter().map(|problem| (problem.field, problem.code.key())).collect()
    }

    fn portion(number: u128, minor: u64) -> Portion {
        Portion { to: one(number), amount: amount(minor) }
    }

    #[test]
    fn nobody_is_named_twice_nor_oneself_and_nobody_gets_nothing() {
        assert_eq!(problems(vec![]), [("to".to_owned(), "required")]);
        let wrong = vec![portion(2, 5), portion(1, 5), portion(2, 5), portion(3, 0)];
        let expected = [("to.1.to", "same-wallet"), ("to.2.to", "twice"), ("to.3.amount", "amount-zero")];
        assert_eq!(problems(wrong), expected.map(|(field, code)| (field.to_owned(), code)));
        let many = (2..53).map(|number| portion(number, 1)).collect();
        assert_eq!(problems(many), [("to".to_owned(), "too-many-items")]);
    }

    #[test]
    fn what_is_too_much_for_the_ledger_is_told_and_not_wrapped() {
        let most = u64::try_from(i64::MAX).unwrap();
        assert_eq!(
            problems(vec![portion(2, most), portion(3, most)]),
            [("to".to_owned(), "amount-too-large")]
        );
    }

    #[test]
    fn a_total_is_divided_to_the_last_minor_unit_and_the_first_get_the_remainder() {
        assert_eq!(divided(amount(100), &[1, 1, 1]).unwrap(), [34, 33, 33].map(amount));
        assert_eq!(divided(amount(100), &[6_000, 2_500, 1_500]).unwrap(), [60, 25, 15].map(amount));
        assert_eq!(divided(amount(100), &[0, 0]), None);
        assert_eq!(sent(vec![portion(2, 34), portion(3, 66)]).decided().unwrap().0, amount(100));
    }
}
