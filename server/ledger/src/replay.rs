//! Replaying the books: every record from the first on, each posting checked against those before.
//!
//! Promises: when the last record has been applied without a fault, each account's postings are
//! complete and add up, no floor was ever crossed, and every reversal undoes its record exactly once.
//! Must never repair or skip anything: the first fault ends a replay.
//!
//! Memory grows with the accounts, and with the records unless [`Replay::watching`] says which are
//! reversed later.

use crate::{
    account::AccountId,
    amount::AssetNo,
    posting::{AccountState, BooksError, Move, Posting, balanced},
    record::{Record, RecordId, RecordKind},
};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What a record did wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("record {record} (the {ordinal}. from the start, counted from 0): {fault}")]
pub struct ReplayFault {
    /// The record's id.
    pub record: RecordId,
    /// How many records came before it.
    pub ordinal: u64,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What can be wrong with a record, given those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Unbalanced, below the floor, or a total that is full.
    #[error(transparent)]
    Books(#[from] BooksError),
    /// The account's count goes on from elsewhere: a posting is missing, or here twice.
    #[error("account {account}: posting {found} follows, expected {expected}")]
    Gap {
        /// The account.
        account: AccountId,
        /// The number that should follow.
        expected: u64,
        /// The number that does.
        found: u64,
    },
    /// The running totals don't follow from the posting before.
    #[error("account {account}: the running totals do not add up")]
    Totals {
        /// The account.
        account: AccountId,
    },
    /// An account holds one asset for ever.
    #[error("account {account} holds asset {held}, not {found}")]
    OtherAsset {
        /// The account.
        account: AccountId,
        /// The asset that it holds.
        held: AssetNo,
        /// The asset that the posting names.
        found: AssetNo,
    },
    /// An issue debits an account that has served as something else, or a second mint.
    #[error("account {account} is not the mint of its asset")]
    NotTheMint {
        /// The account.
        account: AccountId,
    },
    /// An account's postings go back in time.
    #[error("account {account}: posted before an earlier posting")]
    BackInTime {
        /// The account.
        account: AccountId,
    },
    /// Two records have one id.
    #[error("an earlier record has the same id")]
    DuplicateId,
    /// The record to be undone doesn't come before.
    #[error("the record to be reversed, {0}, does not come before")]
    UnknownReversed(RecordId),
    /// The record has been undone already.
    #[error("record {0} has been reversed already")]
    ReversedTwice(RecordId),
    /// The postings aren't those of the other record turned round.
    #[error("this is not the exact opposite of record {0}")]
    NotOpposite(RecordId),
    /// A reversal without the record that it undoes.
    #[error("a reversal names no record")]
    NamesNone,
}

/// One account as replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplayedAccount {
    /// The asset that it holds.
    pub asset: AssetNo,
    /// Count and totals; a mint may be below zero.
    pub state: AccountState,
    /// When it was last touched, µs since 1970 UTC.
    pub last_posted_at: u64,
}

/// What is kept of an earlier record.
#[derive(Clone, Copy, Debug)]
struct Earlier {
    moves: [u8; 32],
    reversed: bool,
}

/// The books so far.
///
/// The maps are only ever looked up or sorted on the way out, so their order never shows.
#[derive(Clone, Debug, Default)]
pub struct Replay {
    accounts: HashMap<AccountId, ReplayedAccount>,
    mints: BTreeMap<AssetNo, AccountId>,
    earlier: HashMap<RecordId, Earlier>,
    watched: Option<HashSet<RecordId>>,
    is_lean: bool,
    applied: u64,
}

impl Replay {
    /// Remembers every record, 48 bytes each: finds double ids and checks any reversal.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Remembers only the records that reversals name, which the caller has looked up beforehand.
    /// Double ids among the others are for the caller's index to find; a reversal that names none of
    /// these is a fault.
    #[must_use]
    pub fn watching(reversed: impl IntoIterator<Item = RecordId>) -> Self {
        Self { watched: Some(reversed.into_iter().collect()), ..Self::default() }
    }

    /// Remembers accounts only. Double ids and reversals are for the caller to find, by [`moves_of`] and
    /// [`undoing`], with a memory of its own.
    #[must_use]
    pub fn lean() -> Self {
        Self { is_lean: true, ..Self::default() }
    }

    /// Applies the next record.
    ///
    /// # Errors
    /// The first fault found; after one, the replay is of no more use.
    pub fn apply(&mut self, record: &Record) -> Result<(), ReplayFault> {
        let ordinal = self.applied;
        self.check(record).map_err(|fault| ReplayFault { record: record.id, ordinal, fault })?;
        self.applied += 1;
        Ok(())
    }

    /// How many records have been applied.
    #[must_use]
    pub const fn applied(&self) -> u64 {
        self.applied
    }

    /// One account, if any record has touched it.
    #[must_use]
    pub fn account(&self, id: &AccountId) -> Option<&ReplayedAccount> {
        self.accounts.get(id)
    }

    /// Every account that was touched, in id order.
    #[must_use]
    pub fn accounts(&self) -> Vec<(AccountId, ReplayedAccount)> {
        let mut accounts: Vec<_> = self.accounts.iter().map(|(id, account)| (*id, *account)).collect();
        accounts.sort_unstable_by_key(|(id, _)| *id);
        accounts
    }

    /// The sum of all balances of each asset; every one is zero as long as the books are sound.
    #[must_use]
    pub fn sums(&self) -> BTreeMap<AssetNo, i128> {
        let mut sums = BTreeMap::new();
        for account in self.accounts.values() {
            *sums.entry(account.asset).or_default() += account.state.balance();
        }
        sums
    }

    /// How much of each asset is in the world: what its mint is below zero.
    #[must_use]
    pub fn supply(&self) -> BTreeMap<AssetNo, i128> {
        let balance = |id| self.account(id).map_or(0, |mint| -mint.state.balance());
        self.mints.iter().map(|(asset, id)| (*asset, balance(id))).collect()
    }

    fn check(&mut self, record: &Record) -> Result<(), Fault> {
        balanced(&record.postings)?;
        if self.earlier.contains_key(&record.id) {
            return Err(Fault::DuplicateId);
        }
        if record.kind == RecordKind::Reversal && !self.is_lean {
            self.check_reversal(record)?;
        }
        for posting in &record.postings {
            if record.kind == RecordKind::Issue && posting.side == crate::Side::Debit {
                self.learn_mint(posting)?;
            }
            self.check_posting(posting, record.posted_at)?;
        }
        self.remember(record);
        Ok(())
    }

    fn check_reversal(&mut self, record: &Record) -> Result<(), Fault> {
        let named = record.links.reversed.ok_or(Fault::NamesNone)?;
        let earlier = self.earlier.get_mut(&named).ok_or(Fault::UnknownReversed(named))?;
        if earlier.reversed {
            return Err(Fault::ReversedTwice(named));
        }
        if undoing(record) != earlier.moves {
            return Err(Fault::NotOpposite(named));
        }
        earlier.reversed = true;
        Ok(())
    }

    /// The account that an asset's first issue debits is its mint, if it has been nothing else.
    fn learn_mint(&mut self, posting: &Posting) -> Result<(), Fault> {
        let Posting { account, asset, .. } = *posting;
        let is_new = !self.accounts.contains_key(&account);
        match self.mints.get(&asset) {
            Some(mint) if *mint == account => Ok(()),
            None if is_new => {
                self.mints.insert(asset, account);
                Ok(())
            }
            _ => Err(Fault::NotTheMint { account }),
        }
    }

    fn check_posting(&mut self, posting: &Posting, posted_at: u64) -> Result<(), Fault> {
        let Posting { account, asset, seq, .. } = *posting;
        let may_go_below_zero = self.mints.get(&asset) == Some(&account);
        let held = self.accounts.entry(account).or_insert(ReplayedAccount {
            asset,
            state: AccountState { may_go_below_zero, ..AccountState::default() },
            last_posted_at: 0,
        });
        if held.asset != asset {
            return Err(Fault::OtherAsset { account, held: held.asset, found: asset });
        }
        if posted_at < held.last_posted_at {
            return Err(Fault::BackInTime { account });
        }
        let expected = held.state.seq + 1;
        if seq != expected {
            return Err(Fault::Gap { account, expected, found: seq });
        }
        if held.state.apply(&posting.as_move())? != *posting {
            return Err(Fault::Totals { account });
        }
        held.last_posted_at = posted_at;
        Ok(())
    }

    fn remember(&mut self, record: &Record) {
        if !self.is_lean && self.watched.as_ref().is_none_or(|watched| watched.contains(&record.id)) {
            let moves = moves_of(record);
            self.earlier.insert(record.id, Earlier { moves, reversed: false });
        }
    }
}

/// A digest of what a record moved, whatever the order of its lines.
#[must_use]
pub fn moves_of(record: &Record) -> [u8; 32] {
    digest(record.postings.iter().map(Posting::as_move))
}

/// The [`moves_of`] the one record that this one is the exact opposite of.
#[must_use]
pub fn undoing(record: &Record) -> [u8; 32] {
    digest(record.postings.iter().map(|posting| posting.as_move().opposite()))
}

/// A digest of movements that doesn't depend on their order.
fn digest(moves: impl Iterator<Item = Move>) -> [u8; 32] {
    let mut moves: Vec<Move> = moves.collect();
    moves.sort_unstable();
    let mut hash = Sha256::new();
    for Move { account, asset, side, amount } in moves {
        hash.update(account.0);
        hash.update(asset.0.to_be_bytes());
        hash.update([side.code()]);
        hash.update(amount.minor().to_be_bytes());
    }
    hash.finalize().into()
}
