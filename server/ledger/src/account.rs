//! Accounts: who or what holds an asset in the books.
//!
//! Promises: an account's id says nothing about who holds it; its kind alone decides whether it may
//! go below zero. Must never carry a name or anything else about a person.

pub use crate::id::IdError;
use std::str::FromStr;

crate::id::id_type!(
    /// Sixteen random bytes that name an account, shown as 32 lower-case hex digits.
    AccountId,
    16
);

/// What an account is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccountKind {
    /// Where an asset comes from; its negative balance is the supply.
    Mint,
    /// What the organisation has issued and not yet allocated.
    Treasury,
    /// A programme's budget.
    Programme,
    /// A person's wallet.
    Person,
    /// A unit's wallet.
    Unit,
    /// One task's prize, locked.
    Escrow,
    /// A redemption that is being fulfilled.
    Hold,
    /// What has been used up.
    Retired,
}

/// A text that names no kind of account.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a kind of account")]
pub struct UnknownAccountKind(pub String);

impl AccountKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Mint,
        Self::Treasury,
        Self::Programme,
        Self::Person,
        Self::Unit,
        Self::Escrow,
        Self::Hold,
        Self::Retired,
    ];

    /// The word kept in the database and shown by the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mint => "mint",
            Self::Treasury => "treasury",
            Self::Programme => "programme",
            Self::Person => "person",
            Self::Unit => "unit",
            Self::Escrow => "escrow",
            Self::Hold => "hold",
            Self::Retired => "retired",
        }
    }

    /// Whether the balance may be negative: only where an asset comes from.
    #[must_use]
    pub const fn may_go_below_zero(self) -> bool {
        matches!(self, Self::Mint)
    }
}

impl FromStr for AccountKind {
    type Err = UnknownAccountKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| UnknownAccountKind(text.to_owned()))
    }
}

impl std::fmt::Display for AccountKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
