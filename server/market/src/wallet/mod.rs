//! Wallets and the treasury: who issues tokens, who passes them on, what everybody holds.
//!
//! Promises: tokens come from the mint by a treasurer's word with a reason, and move between wallets
//! by their owners' word only; a balance is read from the account, never added up anew.
//! Must never: show a wallet's memos to more than the two who share them and the auditors.

mod commands;
mod queries;
mod rules;
mod split;

use ledger::{AccountId, Amount, RecordId, RecordKind};
use serde::Serialize;

use crate::clock::Moment;
use crate::ids::{PersonId, ProgrammeId, TaskId, UnitId};
use crate::policy::WalletOwner;

pub use split::{MOST_RECEIVERS, Portion, SplitTokens, divided};

/// New tokens: from the mint to the treasury. For treasurers.
#[derive(Debug, Clone, Serialize)]
pub struct IssueTokens {
    /// How much; more than zero.
    pub amount: Amount,
    /// Why, in at most 200 characters; kept behind the record for treasurers and auditors.
    pub reason: String,
}

/// From the treasury to where tokens are used. For treasurers.
#[derive(Debug, Clone, Serialize)]
pub struct AllocateTokens {
    /// Who gets them.
    pub to: Destination,
    /// How much; more than zero.
    pub amount: Amount,
    /// Why, in at most 200 characters; shown to the owner of the wallet as well.
    pub reason: String,
}

/// Where the treasury may send tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Destination {
    /// A programme's budget.
    Programme(ProgrammeId),
    /// A unit's wallet.
    Unit(UnitId),
    /// A person's wallet.
    Person(PersonId),
}

/// From wallet to wallet. For the owner of the first: the person, or the unit's lead.
#[derive(Debug, Clone, Serialize)]
pub struct TransferTokens {
    /// Whose tokens.
    pub from: WalletOwner,
    /// Who gets them.
    pub to: WalletOwner,
    /// How much; more than zero.
    pub amount: Amount,
    /// A word to the receiver, at most 200 characters, perhaps none; disclosed to both owners only.
    pub memo: String,
}

/// A wallet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalletView {
    /// Whose it is.
    pub owner: WalletOwner,
    /// Its account in the books.
    pub account: AccountId,
    /// What can be spent.
    pub balance: Amount,
    /// What payouts brought it, all in all.
    pub earned: Amount,
    /// What it has put into bounties that are still in escrow.
    pub escrowed: Amount,
    /// How many postings it has had.
    pub seq: u64,
}

/// One line of a wallet's statement. The lines' `seq` has no gap, so a statement can be shown to be whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementLine {
    /// The record that it is a line of.
    pub record: RecordId,
    /// The record's place in the log, once it is sealed.
    pub index: Option<u64>,
    /// What the record is.
    pub kind: RecordKind,
    /// When it was posted.
    pub at: Moment,
    /// True for what came in.
    pub credit: bool,
    /// How much.
    pub amount: Amount,
    /// The wallet's posting with this number.
    pub seq: u64,
    /// What the wallet held afterwards.
    pub balance_after: Amount,
    /// The task that it belongs to.
    pub task: Option<TaskId>,
    /// The memo or reason behind it, if the asker may see it.
    pub memo: Option<String>,
}

/// Where all tokens are. `issued` is the sum of the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreasuryView {
    /// In the world.
    pub issued: Amount,
    /// Issued, not yet allocated.
    pub treasury: Amount,
    /// In programmes' budgets.
    pub programmes: Amount,
    /// In wallets of persons and units, what is on hold for them included.
    pub wallets: Amount,
    /// In the escrows of tasks.
    pub escrow: Amount,
    /// Used up.
    pub retired: Amount,
}
