//! Parts: buying a part of an entry that did not win, at a stated price, with attribution.
//!
//! Promises: an offer's price lies in escrow from the instant at which it is made, so that an accepted offer always
//! pays; it ends once, by the captain's word, the buyer's or the clock's, and either the crew is paid by the shares
//! that they agreed to or the price goes back to where it came from; what was bought stays on the entry for good. An
//! offer is no secret: whoever sees the task reads its terms, on record. Must never: touch the race's own bounty or
//! its ruling.

mod clock;
mod commands;
mod queries;
mod rules;
pub(crate) mod tables;

use ledger::{Amount, RecordId};
use serde::{Deserialize, Serialize};

use crate::actor::names;
use crate::clock::Moment;
use crate::ids::{EntryId, OfferId, PersonId, TaskId};
use crate::task::TaskSource;

pub use clock::LapseOffer;
pub use commands::{AcceptOffer, DeclineOffer, OfferForPart, WithdrawOffer};
pub(crate) use queries::{bought_of, ends_of, held, paid_in, waiting};

/// Most offers for one entry that wait at once.
pub const MOST_OPEN: u32 = 10;
/// Most offers in one race, ended ones included.
pub const MOST_OFFERS: u32 = 500;
/// An offer stands at most so many days.
pub const LONGEST_DAYS: i64 = 90;

/// Where an offer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferState {
    /// The captain can answer it.
    Open,
    /// Paid: the part is bought.
    Accepted,
    /// The captain said no.
    Declined,
    /// The buyer took it back.
    Withdrawn,
    /// Nobody answered in time.
    Lapsed,
}

names!(
    OfferState,
    Open = "open",
    Accepted = "accepted",
    Declined = "declined",
    Withdrawn = "withdrawn",
    Lapsed = "lapsed"
);

/// An offer for a part of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferView {
    /// Its id.
    pub id: OfferId,
    /// The task whose race the entry ran in.
    pub task: TaskId,
    /// The entry.
    pub entry: EntryId,
    /// Who made it.
    pub buyer: PersonId,
    /// Whose tokens.
    pub source: TaskSource,
    /// Which part of the work.
    pub part: String,
    /// What it is to be used for.
    pub purpose: String,
    /// How much, for the whole crew.
    pub price: Amount,
    /// When it was made.
    pub at: Moment,
    /// Until when it can be accepted: at this instant no more.
    pub until: Moment,
    /// Where it stands.
    pub state: OfferState,
    /// When it ended.
    pub ended_at: Option<Moment>,
    /// The record that put the price into escrow, with the terms behind it.
    pub record: RecordId,
    /// The record that paid it, or sent it back.
    pub end_record: Option<RecordId>,
    /// Whether the asker of this view may accept or decline it now.
    pub may_answer: bool,
    /// Whether the asker of this view may withdraw it now.
    pub may_withdraw: bool,
}

/// The offers for an entry, and whether the asker may make one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OffersView {
    /// All of them, newest first.
    pub offers: Vec<OfferView>,
    /// Whether the asker may make one now.
    pub may_offer: bool,
}
