//! How good predictions are: an answer key, predictions for it, and the measures between them.
//!
//! Promises: the measures are those of scikit-learn (checked against its own figures on its own toy data
//! sets to 1e-9, see `tests/foreign/metrics.py`); the same bytes always give the same figure; whatever can't
//! be read is refused with line and column, and nothing is bounded by its sender alone.
//! Must never: touch a file, a clock or chance; be used for money, which is whole numbers (`ledger`).
#![allow(clippy::float_arithmetic, reason = "figures, never money")]

mod classes;
mod fault;
mod key;
mod mark;
mod numbers;
mod ranks;
mod sum;
mod table;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use fault::Fault;
pub use key::{Key, Part, Predictions, Split};
pub use mark::{MOST_DECIMALS, Mark};
pub use table::MOST_ROWS;

/// A measure of predictions against the truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// The part of rows whose class is right.
    Accuracy,
    /// F1 of the positive one of two classes.
    F1,
    /// The mean of the classes' F1, all alike.
    F1Macro,
    /// F1 over all decisions together.
    F1Micro,
    /// The mean of the classes' F1, by how often each occurs.
    F1Weighted,
    /// The root of the mean squared error.
    Rmse,
    /// The mean absolute error.
    Mae,
    /// The area under the ROC curve; with more than two classes the mean of one against the rest.
    Auc,
    /// The mean negative log-likelihood of the truth.
    LogLoss,
}

/// What a row of predictions holds beside its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// The class.
    Class,
    /// A number.
    Number,
    /// With two classes how likely the positive one is (for `auc` any score will do); with more, a column for
    /// each class with how likely it is.
    Likelihood,
}

impl Metric {
    /// Every measure, in order.
    pub const ALL: [Self; 9] = [
        Self::Accuracy,
        Self::F1,
        Self::F1Macro,
        Self::F1Micro,
        Self::F1Weighted,
        Self::Rmse,
        Self::Mae,
        Self::Auc,
        Self::LogLoss,
    ];

    /// Its name in rules, forms and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accuracy => "accuracy",
            Self::F1 => "f1",
            Self::F1Macro => "f1_macro",
            Self::F1Micro => "f1_micro",
            Self::F1Weighted => "f1_weighted",
            Self::Rmse => "rmse",
            Self::Mae => "mae",
            Self::Auc => "auc",
            Self::LogLoss => "log_loss",
        }
    }

    /// Whether more is better; the others are errors, of which less is better.
    pub fn higher_is_better(self) -> bool {
        !matches!(self, Self::Rmse | Self::Mae | Self::LogLoss)
    }

    /// Whether it lies from 0 to 1, so that it can be a score from 0 to 100.
    pub fn is_bounded(self) -> bool {
        self.higher_is_better()
    }

    /// What a row of predictions holds.
    pub fn takes(self) -> Takes {
        match self {
            Self::Rmse | Self::Mae => Takes::Number,
            Self::Auc | Self::LogLoss => Takes::Likelihood,
            _ => Takes::Class,
        }
    }

    /// Whether one of two classes is the positive one.
    pub fn has_positive(self) -> bool {
        matches!(self, Self::F1 | Self::Auc | Self::LogLoss)
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Metric {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|metric| metric.as_str() == text).ok_or(())
    }
}

#[cfg(test)]
mod golden;
