//! The scalars: amounts, times, scores, hashes and bytes, all as text, and whole numbers beyond 32 bits.
//!
//! Promises: an amount is never a float; what is written wrongly in an input becomes a problem on its
//! field (`convert.rs`), so a scalar takes any string here. Must never: accept an amount as a JSON number.

use async_graphql::{InputValueError, InputValueResult, Number, Scalar, ScalarType, Value};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use market::{Amount, Market, Moment};

macro_rules! text_scalars {
    ($($(#[doc = $doc:literal])* $name:ident $(, $url:literal)?;)*) => {$(
        $(#[doc = $doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub(crate) struct $name(pub(crate) String);

        $(#[doc = $doc])*
        #[Scalar$((specified_by_url = $url))?]
        impl ScalarType for $name {
            fn parse(value: Value) -> InputValueResult<Self> {
                match value {
                    Value::String(text) => Ok(Self(text)),
                    other => Err(InputValueError::expected_type(other)),
                }
            }

            fn to_value(&self) -> Value {
                Value::String(self.0.clone())
            }
        }
    )*};
}

text_scalars! {
    /// An amount of tokens in major units, as a plain decimal in a string: "12", "0.5", "12.50". Answers
    /// always carry all the decimals of the asset (`house { asset { scale } }`). No sign, no exponent, no
    /// separators, and no JSON number: an amount must survive every program that it passes.
    TokenAmount;
    /// An instant by RFC 3339, such as "2026-12-31T18:00:00Z". Answers are in UTC; inputs may have any offset.
    DateTime, "https://www.rfc-editor.org/rfc/rfc3339";
    /// A score from 0 to 100 with at most two decimals, in a string: "87", "87.5". Answers have two decimals.
    Score;
    /// A SHA-256 hash as 64 lower-case hexadecimal digits.
    Hash;
    /// Bytes in standard base64 with padding.
    Base64, "https://www.rfc-editor.org/rfc/rfc4648#section-4";
}

/// A whole number from 0 to 9007199254740991, the largest that every JSON reader keeps exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Long(pub(crate) u64);

/// A whole number from 0 to 9007199254740991, the largest that every JSON reader keeps exactly.
#[Scalar]
impl ScalarType for Long {
    fn parse(value: Value) -> InputValueResult<Self> {
        let number = if let Value::Number(number) = &value { number.as_u64() } else { None };
        match number {
            Some(number) if number < 1 << 53 => Ok(Self(number)),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::Number(Number::from(self.0))
    }
}

impl From<Moment> for DateTime {
    fn from(at: Moment) -> Self {
        Self(at.rfc3339())
    }
}

impl From<market::task::Score> for Score {
    fn from(score: market::task::Score) -> Self {
        Self(score.format())
    }
}

impl From<&[u8; 32]> for Hash {
    fn from(hash: &[u8; 32]) -> Self {
        Self(hex::encode(hash))
    }
}

impl From<&[u8]> for Base64 {
    fn from(bytes: &[u8]) -> Self {
        Self(STANDARD.encode(bytes))
    }
}

impl TokenAmount {
    /// `amount` in the major units of this market's asset.
    pub(crate) fn of(market: &Market, amount: Amount) -> Self {
        Self(market.asset().format(amount))
    }
}
