//! Identity and chance, in one place.
//!
//! Promises: every id, salt, nonce and secret comes from an [`Ids`], so tests can count instead of
//! throwing dice. Must never: be bypassed.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

use rand::Rng;
use rand::TryRng;
use rand::rngs::SysRng;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::Moment;

/// Where ids and random bytes come from.
pub trait Ids: Send + Sync + 'static {
    /// Fills `bytes` with unpredictable bytes.
    fn fill(&self, bytes: &mut [u8]);

    /// A new id that sorts by the time it was made (UUID version 7, RFC 9562).
    fn id(&self, now: Moment) -> Uuid {
        let mut random = [0_u8; 10];
        self.fill(&mut random);
        let millis = u64::try_from(now.0.div_euclid(1_000)).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    /// 32 unpredictable bytes.
    fn salt(&self) -> [u8; 32] {
        let mut salt = [0; 32];
        self.fill(&mut salt);
        salt
    }

    /// 16 unpredictable bytes.
    fn nonce(&self) -> [u8; 16] {
        let mut nonce = [0; 16];
        self.fill(&mut nonce);
        nonce
    }

    /// A secret to hand out once: 32 unpredictable bytes in URL-safe base64, 43 characters.
    fn secret(&self) -> String {
        use base64::Engine as _;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(self.salt())
    }

    /// A short public handle: `length` characters of Crockford's base 32 in lower case.
    fn handle(&self, length: usize) -> String {
        const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
        let mut bytes = vec![0_u8; length];
        self.fill(&mut bytes);
        bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
    }
}

/// The operating system's random source.
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomIds;

impl Ids for RandomIds {
    #[allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "the one place that throws dice")]
    fn fill(&self, bytes: &mut [u8]) {
        if SysRng.try_fill_bytes(bytes).is_err() {
            rand::rng().fill_bytes(bytes);
        }
    }
}

/// Counts 1, 2, 3, …: ids that are the same in every run of a test.
#[derive(Debug, Default)]
pub struct CountedIds(AtomicU64);

impl Ids for CountedIds {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            // A multiplication by an odd constant spreads the count over all bits and never repeats.
            let count = self.0.fetch_add(1, Ordering::SeqCst) + 1;
            let spread = count.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes();
            chunk.copy_from_slice(&spread[..chunk.len()]);
        }
    }
}

macro_rules! id_types {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::from_str(text).map(Self)
            }
        }
    )*};
}

id_types! {
    /// Someone who can sign in.
    PersonId,
    /// A small standing team.
    UnitId,
    /// A budget with a purpose.
    ProgrammeId,
    /// A task and its race.
    TaskId,
    /// A lane of a race.
    EntryId,
    /// One version of an entry's work.
    SubmissionId,
    /// One file of a submission.
    FileId,
    /// A ranked result with its reasons.
    RulingId,
    /// One judge's scores of a race.
    SheetId,
    /// What somebody wrote to a crew.
    FeedbackId,
    /// An objection against a ruling.
    AppealId,
    /// An offer to buy a part of an entry.
    OfferId,
    /// A change of frozen rules that was proposed.
    AmendmentId,
    /// A question about a race, or what its poster made clear unasked.
    QuestionId,
    /// Rules of a race under a name.
    TemplateId,
    /// The erasure of a person's texts and names.
    ErasureId,
    /// An address that is told of events.
    WebhookId,
    /// One event for one address.
    DeliveryId,
    /// Something that happened, as webhooks tell it.
    EventId,
    /// Something that one person is told.
    NoticeId,
    /// An open door for one person to come.
    InvitationId,
    /// A signed-in browser.
    SessionId,
}
