//! The books: who holds what, every record of it, and the log that proves the records.
//!
//! Promises: an account changes through [`post`] only, together with the record that says so; what is
//! posted is sealed, in order, into a log that only grows; whatever is served about a record is read
//! from the very bytes that were hashed. Must never: encode a record a second time, show a text to
//! someone who has no part in it, or sign two logs.

mod anchor;
mod audit;
mod book;
mod check;
mod deposit;
mod epoch;
mod eras;
mod erase;
mod found;
mod history;
mod journal;
mod keys;
mod lineage;
mod log;
mod mark;
mod payouts;
mod post;
mod publish;
mod queries;
mod rotate;
mod rows;
mod rules;
mod sealer;
mod statement;
pub(crate) mod tables;
mod tiles;
mod witness;
mod write;

use ledger::{AccountId, AccountKind, Amount, AssetNo, Hash, RecordId, RecordKind, Side};
use uuid::Uuid;

pub use anchor::{AnchorCheckpoint, AnchorView, FollowLog, FollowedLogView};
pub use audit::{AuditFault, AuditReport, audit};
pub(crate) use book::{Book, Key};
pub use check::{CheckStep, Checked, CheckedMove, CheckedRecord, ReceiptCheck, check_receipt};
pub(crate) use deposit::deposit;
pub use epoch::EpochView;
pub(crate) use eras::{postings_of, received, spans};
pub(crate) use erase::{all_there, erase, forget_old_pages};
pub(crate) use found::found;
pub use history::{HistoryLine, HistoryView};
pub use journal::{Journal, JournalAccount, JournalRecord};
pub use keys::{KeyRing, LogKeyView, Signing, log_keys_in};
pub(crate) use mark::MarkFile;
pub use mark::{MARK, published, read_mark};
pub(crate) use payouts::{newest_payouts, postings_about};
pub(crate) use post::{Draft, Evidence, Posted, account, credit, debit, finish, post};
pub use publish::compare_mark;
pub(crate) use publish::signing;
pub(crate) use queries::{balances, commitments_of, owners_of, records_about, records_by_id};
pub use sealer::{Seal, seal_forever};
pub use statement::{MOST_LINES, StatementFile};
pub use witness::{CheckpointView, LONGEST_WAIT, RecordStanding, WitnessView, WitnessedView};

use crate::clock::Moment;
use crate::ids::{PersonId, ProgrammeId, TaskId, UnitId};

/// The one asset of an installation.
pub(crate) const ASSET: AssetNo = AssetNo(1);

/// What texts behind records are called; a label is part of its commitment, so it never changes.
pub(crate) mod label {
    /// What the sender of tokens wrote to their receiver.
    pub(crate) const MEMO: &str = "memo";
    /// Why the treasury moved tokens.
    pub(crate) const REASON: &str = "reason";
    /// The frozen rules of a race.
    pub(crate) const RULES: &str = "rules";
    /// A later change of them.
    pub(crate) const AMENDMENT: &str = "amendment";
    /// What an entry said to it; shown to who said it and the auditor, until it is in force.
    pub(crate) const CONSENT: &str = "consent";
    /// Why a race was called off.
    pub(crate) const CANCELLATION: &str = "cancellation";
    /// Terms that a person accepted before they rode; shown to them and the auditor.
    pub(crate) const TERMS: &str = "terms";
    /// A crew and the shares that it agreed to.
    pub(crate) const ENTRY: &str = "entry";
    /// A version of an entry's work; shown with the submission only, where the seal is kept.
    pub(crate) const SUBMISSION: &str = "submission";
    /// An entry returned unread, with the reason, or that taken back.
    pub(crate) const RETURNED: &str = "returned";
    /// A question about a race, its answer, or what was made clear unasked; without who asked.
    pub(crate) const QUESTION: &str = "question";
    /// A ruling with its reasons.
    pub(crate) const RULING: &str = "ruling";
    /// A judge's locked sheet; shown where the sheet is.
    pub(crate) const SHEET: &str = "sheet";
    /// What a judge wrote to a crew, or that a crew asked for it; theirs alone.
    pub(crate) const FEEDBACK: &str = "feedback";
    /// Why a judge stands aside from an entry.
    pub(crate) const CONFLICT: &str = "conflict";
    /// An appeal, or its answer.
    pub(crate) const APPEAL: &str = "appeal";
    /// An offer to buy a part of an entry, and how it ended.
    pub(crate) const OFFER: &str = "offer";
    /// What a result is worth to who posted the task, for whoever sees the task.
    pub(crate) const VALUE: &str = "value";
    /// The same, for who stated it and auditors alone.
    pub(crate) const PRIVATE_VALUE: &str = "private-value";
    /// Events that were counted.
    pub(crate) const EVENTS: &str = "events";
    /// All ballots of a vote, without names, once they are counted.
    pub(crate) const BALLOTS: &str = "ballots";
    /// The digest of an answer key and the salt of its split; for auditors alone.
    pub(crate) const ANSWER_KEY: &str = "answer-key";
    /// How a stage came out.
    pub(crate) const STAGE: &str = "stage";
    /// What the clock did because people stayed silent, or how late it did something.
    pub(crate) const CLOCK: &str = "clock";
    /// Another log's checkpoint, as it was signed.
    pub(crate) const CHECKPOINT: &str = "checkpoint";

    /// What a person signed before the record was made, see [`ledger::intent`].
    pub(crate) const INTENT: &str = ledger::intent::LABEL;
    /// A key of a person's, enrolled or revoked.
    pub(crate) const KEY: &str = "key";

    /// How an epoch of the log began.
    pub(crate) const EPOCH: &str = "epoch";
    /// A key of the log brought in or retired: a note signed by the keys that stand for it.
    pub(crate) const LOG_KEY: &str = "log-key";

    /// What was erased, by its commitments, and on what ground; never erased itself.
    pub(crate) const ERASURE: &str = "erasure";

    /// What everybody may read.
    pub(crate) const PUBLIC: [&str; 2] = [EPOCH, LOG_KEY];
    /// What whoever sees the task may read.
    pub(crate) const OF_A_TASK: [&str; 14] = [
        RULES,
        AMENDMENT,
        CANCELLATION,
        ENTRY,
        QUESTION,
        RETURNED,
        RULING,
        APPEAL,
        CLOCK,
        STAGE,
        BALLOTS,
        EVENTS,
        OFFER,
        VALUE,
    ];
}

/// The state of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadView {
    /// The log's name in this epoch.
    pub origin: String,
    /// The number of this epoch, from 1.
    pub epoch: i64,
    /// Records sealed.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// The newest signed checkpoint with the cosignatures that it has; it may cover a few records less
    /// than `size`.
    pub checkpoint: Option<String>,
    /// When that was signed.
    pub signed_at: Option<Moment>,
    /// Records that wait to be sealed.
    pub waiting: u64,
    /// The newest public key that checks its signature; empty while the log has none.
    pub verifier_key: String,
}

/// A record, as far as the asker may see into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordView {
    /// Its id.
    pub id: RecordId,
    /// Its place in the log; `None` while it waits to be sealed.
    pub index: Option<u64>,
    /// What it is.
    pub kind: RecordKind,
    /// When it was posted.
    pub at: Moment,
    /// The bytes that the log's leaf is the hash of.
    pub bytes: Vec<u8>,
    /// That hash.
    pub leaf_hash: Hash,
    /// Its postings, in order.
    pub postings: Vec<PostingView>,
    /// What it is about.
    pub subject: Option<Uuid>,
    /// The task that it belongs to.
    pub task: Option<TaskId>,
    /// Salted hashes of the texts and files behind it.
    pub commitments: Vec<Hash>,
    /// Those of the texts that the asker may see.
    pub disclosures: Vec<DisclosureView>,
    /// How many of the texts were erased.
    pub erased: u64,
}

/// One line of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostingView {
    /// The account it changed.
    pub account: AccountView,
    /// Out of it or into it.
    pub side: Side,
    /// How much.
    pub amount: Amount,
    /// The account's posting with this number.
    pub seq: u64,
    /// The account's balance afterwards, in minor units; only the mint's lies below zero.
    pub balance_after: i128,
}

/// An account, without what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountView {
    /// Its id, which says nothing about its owner.
    pub id: AccountId,
    /// What it is for.
    pub kind: AccountKind,
    /// Whose it is: `None` for mint and treasury, and for a wallet that the asker may not look into.
    pub owner: Option<AccountOwner>,
}

/// Whose an account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccountOwner {
    /// A person's wallet.
    Person(PersonId),
    /// A unit's wallet.
    Unit(UnitId),
    /// A programme's budget.
    Programme(ProgrammeId),
    /// A task's escrow.
    Task(TaskId),
}

/// A text behind a record, with what it takes to check it against its commitment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisclosureView {
    /// What it is, such as `memo`.
    pub label: String,
    /// The text's bytes.
    pub data: Vec<u8>,
    /// The salt of its commitment.
    pub salt: [u8; 32],
}

/// The proof that a record is in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InclusionView {
    /// The record's place.
    pub index: u64,
    /// The size of the log that it is proved against.
    pub size: u64,
    /// The hashes from leaf to root.
    pub proof: Vec<Hash>,
    /// The root at that size.
    pub root: Hash,
}

/// A record's id as the database keeps it.
pub(crate) fn record_uuid(id: RecordId) -> Uuid {
    Uuid::from_bytes(id.to_bytes())
}

/// A record's id as records and front ends carry it.
pub(crate) fn record_id(id: Uuid) -> RecordId {
    RecordId::from_bytes(id.into_bytes())
}

/// An account's id as the database keeps it.
pub(crate) fn account_uuid(id: AccountId) -> Uuid {
    Uuid::from_bytes(id.to_bytes())
}

/// An account's id as records and front ends carry it.
pub(crate) fn account_id(id: Uuid) -> AccountId {
    AccountId::from_bytes(id.into_bytes())
}
