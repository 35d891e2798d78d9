//! The rules and the tables: people, units, programmes, tasks, races, wallets, and the books on disk.
//!
//! Promises: whoever asks is the first argument of every command and query; what is refused leaves no
//! trace; every write passes `store.rs` with a permit of `policy.rs`. Must never: know HTTP, HTML or
//! GraphQL; read the clock or throw dice outside `clock.rs` and `ids.rs`.

pub mod actor;
pub mod amendment;
pub mod award;
pub mod board;
pub mod books;
pub mod clock;
pub mod cost;
pub mod erasure;
pub mod error;
pub mod honour;
pub mod ids;
pub mod insight;
pub mod judging;
mod market;
mod memo;
pub mod meter;
pub mod notice;
mod page;
pub mod part;
pub mod person;
pub mod policy;
pub mod programme;
pub mod question;
pub mod race;
pub mod search;
pub mod signing;
pub mod store;
pub mod submission;
pub mod task;
pub mod template;
mod text;
pub mod unit;
pub mod vote;
pub mod wallet;
pub mod webhook;

pub use actor::{Actor, Asker, PersonKind, Role};
pub use clock::{Clock, ManualClock, Moment, SystemClock};
pub use error::{Code, Problem, Problems, Refusal, Result};
pub use ids::{
    AmendmentId, AppealId, CountedIds, DeliveryId, EntryId, ErasureId, EventId, FeedbackId, FileId, Ids,
    InvitationId, NoticeId, OfferId, PersonId, ProgrammeId, QuestionId, RandomIds, RulingId, SessionId,
    SheetId, SubmissionId, TaskId, TemplateId, UnitId, WebhookId,
};
pub use ledger::{AccountId, Amount, AssetCode, AssetNo, RecordId, RecordKind, Scale};
pub use market::{AssetSettings, AssetView, Market, MarketConfig, Settings};
pub use memo::remembering;
pub use page::{Listing, Page};
pub use policy::{Act, LogAccess, WalletOwner};
pub use signing::{KeyId, SignedIntent};
pub use store::settle_in::Migrate;
pub use store::{Command, IdempotencyKey, Scope, Store};
