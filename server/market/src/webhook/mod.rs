//! Webhooks: addresses of other programs that are told what happens here.
//!
//! Promises: a delivery is written in the database transaction of the command that it tells of; it carries ids
//! and no text or amount, so that who receives it learns through the API only what they may see; nobody's own
//! wallet is told of to the house. A secret is shown once. Must never: go anywhere; the program does, and
//! looks at the address first.

mod commands;
mod deliver;
mod queries;
pub(crate) mod tables;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::actor::names;
use crate::clock::Moment;
use crate::ids::{DeliveryId, EventId, PersonId, ProgrammeId, UnitId, WebhookId};
use crate::notice::{Facts, Kind};

pub use commands::{AddWebhook, DisableWebhook, NewSecret, RedeliverWebhook, RotateWebhook};
pub(crate) use deliver::enqueue;
pub use deliver::{Answered, ClaimDeliveries, Parcel, RecordDelivery};

/// Whose events an address is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum WebhookOf {
    /// All of the installation, without what concerns wallets alone.
    House,
    /// A unit's.
    Unit(UnitId),
    /// A programme's.
    Programme(ProgrammeId),
}

/// How an address does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum WebhookState {
    /// It takes what it is sent, as far as is known.
    Active,
    /// A delivery was given up.
    Failing,
    /// Nothing is sent there any more.
    Disabled,
}

names!(WebhookState, Active = "active", Failing = "failing", Disabled = "disabled");

/// How a delivery does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeliveryState {
    /// It is to be sent, perhaps again.
    Waiting,
    /// It was taken.
    Delivered,
    /// It was given up.
    Failed,
}

names!(DeliveryState, Waiting = "waiting", Delivered = "delivered", Failed = "failed");

/// An address that is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookView {
    /// Its id.
    pub id: WebhookId,
    /// Whose events.
    pub of: WebhookOf,
    /// Where they go.
    pub url: String,
    /// How it does.
    pub state: WebhookState,
    /// Who added it.
    pub made_by: PersonId,
    /// When.
    pub made_at: Moment,
}

/// One event for one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryView {
    /// Its id.
    pub id: DeliveryId,
    /// The event's id, which the receiver sees as `webhook-id`, the same however often it is sent.
    pub event: EventId,
    /// What happened.
    pub kind: Kind,
    /// To what.
    pub facts: Facts,
    /// When.
    pub at: Moment,
    /// How it does.
    pub state: DeliveryState,
    /// How often it was sent.
    pub tries: u32,
    /// When it was sent last.
    pub tried_at: Option<Moment>,
    /// When it is sent next.
    pub due_at: Option<Moment>,
    /// What came back last: a status and the beginning of an answer, or why there was none.
    pub answer: Option<String>,
}

/// A secret that signs deliveries.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret(pub Vec<u8>);

impl Secret {
    /// As receivers' libraries want it: `whsec_` and base64.
    pub fn shown(&self) -> String {
        use base64::Engine as _;
        format!("whsec_{}", base64::engine::general_purpose::STANDARD.encode(&self.0))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}
