//! Boards: races that the server measures itself, against an answer key that stays secret.
//!
//! Promises: the key is never shown to anybody but its poster and auditors, and to no judge before the clock
//! has stopped; which rows are public is drawn by salt and fixed, with a digest in the frozen rules, before
//! anybody enters; private figures do not exist before the clock has stopped. Must never: tell a crew anything
//! that depends on a private row while the race runs.

mod commands;
mod measure;
mod queries;
mod rules;
mod ruling;
mod stages;
pub(crate) mod tables;

use metric::{Mark, Metric};
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::ids::{EntryId, SubmissionId};

pub use commands::{ChooseVersions, KeyUpload, UploadAnswerKey};
pub(crate) use commands::{keep, seal};
pub(crate) use measure::score;
pub use metric::Metric as MetricKind;
pub(crate) use rules::check;
pub(crate) use stages::public_scores;
pub(crate) use tables::forget;

/// Most versions that a crew may choose to count.
pub const MOST_CHOSEN: usize = 2;

/// How the server measures a race.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricRules {
    /// The measure.
    pub metric: Metric,
    /// The positive one of two classes; none = the greater one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub positive: Option<String>,
    /// Decimals that count, 0 to 12: figures that are equal when rounded to them are a dead heat.
    pub decimals: u8,
    /// How much of the key is public, in basis points, 100 to 9,000, where the key has no split of its own.
    pub public_share: u32,
    /// Most versions that an entry may have measured in any 24 hours, 1 to 100.
    pub per_day: u32,
    /// By how much a version must be better to move its entry on the board: a plain decimal number.
    pub gain: String,
    /// For so many seconds before the end the board stands still for all but an entry's own crew.
    #[serde(default, skip_serializing_if = "is_nought")]
    pub freeze_seconds: u32,
    /// What was sealed when the race opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<SealedKey>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde asks it")]
fn is_nought(number: &u32) -> bool {
    *number == 0
}

/// The answer key as the frozen rules name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedKey {
    /// The salted digest over the key's own digest and the salt of its split, as committed on the ledger, in
    /// hexadecimal.
    pub digest: String,
    /// How many rows it has.
    pub rows: u32,
    /// How many of them are public.
    pub public_rows: u32,
}

impl MetricRules {
    /// The defaults for a measure: a third of the key public, five versions a day, six decimals, and a gain
    /// that is no accident.
    pub fn of(metric: Metric) -> Self {
        Self {
            metric,
            positive: None,
            decimals: 9,
            public_share: 3_000,
            per_day: 5,
            gain: "0.001".to_owned(),
            freeze_seconds: 0,
            key: None,
        }
    }

    /// The figure as it counts.
    pub(crate) fn mark(&self, figure: f64) -> Mark {
        Mark::of(figure, self.decimals)
    }

    pub(crate) fn least_gain(&self) -> Mark {
        Mark::parse(&self.gain, self.decimals).unwrap_or(Mark::of(0.0, self.decimals))
    }

    /// When the board stops moving for others, in a race that closes then.
    pub fn freezes_at(&self, closes_at: Moment) -> Moment {
        closes_at.plus_seconds(-i64::from(self.freeze_seconds))
    }
}

/// A board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoardView {
    /// The measure.
    pub metric: Metric,
    /// Since when it stands still, if it does.
    pub frozen_since: Option<Moment>,
    /// Whether the private part has decided.
    pub is_final: bool,
    /// Best first.
    pub rows: Vec<BoardRow>,
}

/// A row of a board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoardRow {
    /// Its place by what is shown, equal figures sharing one.
    pub place: u32,
    /// Whose.
    pub entry: EntryId,
    /// The best figure on the public part that moved the board.
    pub public: String,
    /// The figure that decided, once it has.
    pub private: Option<String>,
    /// When the board moved.
    pub at: Moment,
    /// How many versions were measured.
    pub versions: u32,
}

/// What one version scored, for its crew; for whoever may see the work once the race is decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionScore {
    /// The version.
    pub submission: SubmissionId,
    /// Its number.
    pub version: u32,
    /// When.
    pub at: Moment,
    /// Its figure on the public part.
    pub public: String,
    /// Its figure on the private part, once the race is ruled, where it was measured.
    pub private: Option<String>,
    /// Whether it moved the board.
    pub moved: bool,
    /// Whether its crew chose it to count.
    pub chosen: bool,
}

/// An answer key, without what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyView {
    /// The SHA-256 of the file.
    pub sha256: [u8; 32],
    /// Its bytes.
    pub size: u64,
    /// Its rows.
    pub rows: u32,
    /// How many of them are public.
    pub public_rows: u32,
    /// When it was uploaded.
    pub uploaded_at: Moment,
    /// Whether the rules still say what it was read for.
    pub fits: bool,
}
