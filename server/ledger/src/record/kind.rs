//! The kinds of records, with the numbers that are written for ever.
//!
//! Promises: a kind's number and word never change and are never used again. Must never be
//! reordered: the numbers are the order of the list.

use std::str::FromStr;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $word:literal;)*) => {
        /// What a record is; the number is what the bytes carry.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum RecordKind {
            $($(#[$doc])* $name,)*
        }

        impl RecordKind {
            /// Every kind, by number.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The number that records carry, from 1.
            #[must_use]
            pub const fn code(self) -> u8 {
                match self { $(Self::$name => $code,)* }
            }

            /// The kind with this number.
            #[must_use]
            pub const fn from_code(code: u64) -> Option<Self> {
                match code { $($code => Some(Self::$name),)* _ => None }
            }

            /// The word kept in the database and shown by the API.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

kinds! {
    /// Mint to treasury.
    Issue = 1, "issue";
    /// Treasury to programme, unit or person.
    Allocate = 2, "allocate";
    /// Programme, unit or person to a task's escrow.
    Fund = 3, "fund";
    /// Escrow to those who earned it.
    Payout = 4, "payout";
    /// Escrow back to its funders.
    Refund = 5, "refund";
    /// Wallet to wallet.
    Transfer = 6, "transfer";
    /// Wallet to hold.
    Hold = 7, "hold";
    /// Hold back to the wallet.
    Release = 8, "release";
    /// Hold to retired: used up.
    Retire = 9, "retire";
    /// The exact opposite of an earlier record.
    Reversal = 10, "reversal";
    /// The digest of published rules.
    Rules = 11, "rules";
    /// The digest of something that was handed in.
    Evidence = 12, "evidence";
    /// A key enrolled, rotated or revoked.
    Key = 13, "key";
    /// The start of a log's epoch.
    Epoch = 14, "epoch";
    /// Another log's checkpoint.
    Anchor = 15, "anchor";
    /// A text and its salt were erased.
    Erasure = 16, "erasure";
}

impl RecordKind {
    /// Whether records of this kind have postings.
    #[must_use]
    pub const fn moves_money(self) -> bool {
        self.code() <= Self::Reversal.code()
    }
}

/// A text that names no kind of record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a kind of record")]
pub struct UnknownRecordKind(pub String);

impl FromStr for RecordKind {
    type Err = UnknownRecordKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.iter().copied().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| UnknownRecordKind(text.to_owned()))
    }
}

impl std::fmt::Display for RecordKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
