//! Postings: one line of one account, and the arithmetic that makes it.
//!
//! Promises: a posting is made in one place only ([`AccountState::apply`]), with checked arithmetic
//! and the floor at zero; both the live books and [`crate::replay`] go through it. Must never round,
//! wrap, or let a balance drop below its floor.

use crate::{
    account::AccountId,
    amount::{Amount, AssetNo},
};
use std::collections::BTreeMap;

/// Which side of an account a posting is on. Credits raise the balance of every account here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// Out of the account, code 0.
    Debit,
    /// Into the account, code 1.
    Credit,
}

impl Side {
    /// The number that records carry.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Debit => 0,
            Self::Credit => 1,
        }
    }

    /// The side with this number.
    #[must_use]
    pub const fn from_code(code: u64) -> Option<Self> {
        match code {
            0 => Some(Self::Debit),
            1 => Some(Self::Credit),
            _ => None,
        }
    }

    /// The other side.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Debit => Self::Credit,
            Self::Credit => Self::Debit,
        }
    }
}

/// What a command wants: an amount out of or into one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Move {
    /// The account to touch.
    pub account: AccountId,
    /// The asset that moves.
    pub asset: AssetNo,
    /// Out or in.
    pub side: Side,
    /// How much; never zero.
    pub amount: Amount,
}

impl Move {
    /// The movement that undoes this one.
    #[must_use]
    pub const fn opposite(self) -> Self {
        Self { side: self.side.opposite(), ..self }
    }
}

/// One line of one account, with the account's running totals after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Posting {
    /// The account.
    pub account: AccountId,
    /// The asset.
    pub asset: AssetNo,
    /// Out or in.
    pub side: Side,
    /// How much, in minor units.
    pub amount: Amount,
    /// The how manieth posting of its account this is, from 1 without a gap.
    pub seq: u64,
    /// All debits of the account up to and with this posting, in minor units.
    pub debits: u64,
    /// All credits of the account up to and with this posting, in minor units.
    pub credits: u64,
}

impl Posting {
    /// The movement behind this posting.
    #[must_use]
    pub const fn as_move(&self) -> Move {
        Move { account: self.account, asset: self.asset, side: self.side, amount: self.amount }
    }

    /// The account's balance after this posting: credits less debits, in minor units.
    #[must_use]
    pub const fn balance(&self) -> i128 {
        self.credits as i128 - self.debits as i128
    }
}

/// Why the books refuse a movement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BooksError {
    /// A movement of nothing.
    #[error("account {account}: a movement must be of more than zero")]
    ZeroAmount {
        /// The account that would be touched.
        account: AccountId,
    },
    /// More out than there is.
    #[error("account {account}: {available} available, {wanted} wanted (minor units)")]
    BelowZero {
        /// The account that would be overdrawn.
        account: AccountId,
        /// Its balance in minor units.
        available: u64,
        /// The amount that was asked for, in minor units.
        wanted: u64,
    },
    /// A running total would pass 2^63-1, or the count of postings 2^63-1.
    #[error("account {account}: the running totals would pass the largest number; open a new account")]
    TotalsFull {
        /// The account that is full.
        account: AccountId,
    },
    /// Debits and credits of an asset differ.
    #[error("asset {asset}: debits {debits} and credits {credits} differ")]
    Unbalanced {
        /// The asset.
        asset: AssetNo,
        /// Sum of the debits, in minor units.
        debits: u128,
        /// Sum of the credits, in minor units.
        credits: u128,
    },
}

/// Where an account stands: count of postings, both totals, and whether it has a floor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountState {
    /// How many postings the account has had.
    pub seq: u64,
    /// Sum of all debits, in minor units.
    pub debits: u64,
    /// Sum of all credits, in minor units.
    pub credits: u64,
    /// No floor at zero (only a mint).
    pub may_go_below_zero: bool,
}

impl AccountState {
    /// Credits less debits, in minor units.
    #[must_use]
    pub const fn balance(&self) -> i128 {
        self.credits as i128 - self.debits as i128
    }

    /// Applies a movement and returns the posting that it makes; on refusal nothing has changed.
    ///
    /// The caller picks the state that belongs to `wanted.account`.
    ///
    /// # Errors
    /// A zero amount, a balance below the floor, or a total above 2^63-1.
    pub fn apply(&mut self, wanted: &Move) -> Result<Posting, BooksError> {
        let Move { account, asset, side, amount } = *wanted;
        if amount.is_zero() {
            return Err(BooksError::ZeroAmount { account });
        }
        let available = self.credits.saturating_sub(self.debits);
        if side == Side::Debit && !self.may_go_below_zero && available < amount.minor() {
            return Err(BooksError::BelowZero { account, available, wanted: amount.minor() });
        }
        let grown = |total: u64, by: u64| {
            total
                .checked_add(by)
                .filter(|sum| *sum <= Amount::MAX.minor())
                .ok_or(BooksError::TotalsFull { account })
        };
        let mut next = Self { seq: grown(self.seq, 1)?, ..*self };
        match side {
            Side::Debit => next.debits = grown(self.debits, amount.minor())?,
            Side::Credit => next.credits = grown(self.credits, amount.minor())?,
        }
        *self = next;
        Ok(Posting {
            account,
            asset,
            side,
            amount,
            seq: next.seq,
            debits: next.debits,
            credits: next.credits,
        })
    }
}

/// What [`balanced`] needs to know: of which asset how much goes which way.
pub trait Leg {
    /// The asset, the side and the amount.
    fn leg(&self) -> (AssetNo, Side, Amount);
}

impl Leg for Move {
    fn leg(&self) -> (AssetNo, Side, Amount) {
        (self.asset, self.side, self.amount)
    }
}

impl Leg for Posting {
    fn leg(&self) -> (AssetNo, Side, Amount) {
        (self.asset, self.side, self.amount)
    }
}

/// Checks that debits equal credits for each asset.
///
/// # Errors
/// [`BooksError::Unbalanced`] with the lowest asset number that differs.
pub fn balanced<L: Leg>(legs: &[L]) -> Result<(), BooksError> {
    let mut sums: BTreeMap<AssetNo, (u128, u128)> = BTreeMap::new();
    for leg in legs {
        let (asset, side, amount) = leg.leg();
        let (debits, credits) = sums.entry(asset).or_default();
        match side {
            Side::Debit => *debits += u128::from(amount.minor()),
            Side::Credit => *credits += u128::from(amount.minor()),
        }
    }
    match sums.into_iter().find(|(_, (debits, credits))| debits != credits) {
        Some((asset, (debits, credits))) => Err(BooksError::Unbalanced { asset, debits, credits }),
        None => Ok(()),
    }
}
