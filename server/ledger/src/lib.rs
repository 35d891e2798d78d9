//! Money and proof: double entry, the canonical bytes of a record, and the transparency log.
//!
//! Promises: every function here is a pure function of its arguments, so that the same books and
//! the same bytes come out on any machine at any time. Must never: read or write anything, look at
//! the clock, draw a random number, or wait. Salts, keys and times are passed in.
//!
//! Reading order: [`amount`], [`account`], [`posting`], [`record`], [`intent`] and
//! [`replay`] are the books;
//! [`tree`], [`tile`], [`note`], [`checkpoint`], [`cosignature`], [`proof`], [`receipt`],
//! [`statement`], [`witness`] and [`policy`] are the log.

pub mod account;
pub mod amount;
pub mod cbor;
pub mod checkpoint;
pub mod commitment;
pub mod cosignature;
mod id;
pub mod intent;
pub mod note;
pub mod policy;
pub mod posting;
pub mod proof;
pub mod receipt;
pub mod record;
pub mod replay;
pub mod statement;
mod text;
pub mod tile;
pub mod tree;
pub mod witness;

pub use account::{AccountId, AccountKind};
pub use amount::{Amount, AmountError, AssetCode, AssetNo, Scale, split};
pub use checkpoint::{Checkpoint, CheckpointError, OpenCheckpoint};
pub use commitment::commit;
pub use cosignature::Cosigner;
pub use note::{KeyType, NoteError, NoteSignature, NoteSigner, SignedNote, Verified, VerifierKey};
pub use policy::{Cosigned, Policy, PolicyError, PolicyLog, PolicyWitness, Standing};
pub use posting::{AccountState, BooksError, Leg, Move, Posting, Side, balanced};
pub use proof::{TlogProof, TlogProofError};
pub use receipt::{Disclosure, OpenReceipt, Receipt, ReceiptError};
pub use record::{Intent, Links, Record, RecordError, RecordId, RecordKind};
pub use replay::{Replay, ReplayFault};
pub use statement::{OpenStatement, StatedRecord, Statement, StatementError};
pub use tile::{Appended, TileError, Tiles};
pub use tree::{Frontier, Hash, ProofError, leaf_hash};
pub use witness::{AddCheckpoint, Seen, WitnessError};
