//! Amounts of an asset: whole numbers of its minor unit, and the decimal text people read and type.
//!
//! Promises: every [`Amount`] lies in `0..=2^63-1`, so it fits a `BIGINT`; arithmetic is checked;
//! [`split`] hands out exactly the total. Must never touch floating point or guess what a sloppy
//! number meant.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Longest decimal text that is looked at: 19 digits, a point, 9 decimals, and some slack.
const MAX_TEXT: usize = 32;

/// Why a text or a number is not an amount, a scale or an asset code; says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Nothing was given.
    #[error("the amount is empty; write a number such as 12.50")]
    Empty,
    /// Longer than any amount can be.
    #[error("the amount is longer than {MAX_TEXT} characters; write a shorter number")]
    TooLong,
    /// Something else than digits and one point.
    #[error(
        "only the digits 0 to 9 and one decimal point are allowed; leave out signs, spaces, \
         thousands separators and exponents"
    )]
    NotDecimal,
    /// `007`.
    #[error("leave out the leading zeros")]
    LeadingZero,
    /// More decimals than the asset has.
    #[error("this asset has {} decimal places; write no more than that", .0.get())]
    TooManyDecimals(Scale),
    /// Above 2^63-1 minor units.
    #[error("the amount is larger than the ledger can hold; use a smaller one")]
    TooLarge,
    /// Below zero.
    #[error("an amount cannot be negative; turn the movement round instead")]
    Negative,
    /// A scale above nine.
    #[error("an asset has 0 to 9 decimal places, not {0}")]
    Scale(u8),
    /// A code outside `[A-Z][A-Z0-9]{1,11}`.
    #[error("an asset code is 2 to 12 characters, A to Z and 0 to 9, and starts with a letter")]
    AssetCode,
}

/// A quantity of one asset in minor units, `0..=2^63-1`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct Amount(u64);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The largest amount, 2^63-1 minor units.
    pub const MAX: Self = Self(i64::MAX.unsigned_abs());

    /// An amount of `minor` minor units.
    ///
    /// # Errors
    /// [`AmountError::TooLarge`] above 2^63-1.
    pub const fn new(minor: u64) -> Result<Self, AmountError> {
        if minor > Self::MAX.0 { Err(AmountError::TooLarge) } else { Ok(Self(minor)) }
    }

    /// The number of minor units.
    #[must_use]
    pub const fn minor(self) -> u64 {
        self.0
    }

    /// The number of minor units, as databases keep it.
    #[must_use]
    pub const fn as_i64(self) -> i64 {
        // Within range by construction, so the bits are the same number.
        self.0.cast_signed()
    }

    /// An amount read back from a database.
    ///
    /// # Errors
    /// [`AmountError::Negative`] below zero.
    pub fn from_i64(minor: i64) -> Result<Self, AmountError> {
        u64::try_from(minor).map(Self).map_err(|_| AmountError::Negative)
    }

    /// The sum, or `None` above [`Amount::MAX`].
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).and_then(|sum| Self::new(sum).ok())
    }

    /// The difference, or `None` below zero.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// Whether this is nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Reads decimal major units: digits, and after an optional point one to `scale` decimals.
    ///
    /// # Errors
    /// Anything that a careful reader could take in two ways is refused: signs, exponents, spaces,
    /// separators, leading zeros, an empty side of the point, digits that aren't ASCII.
    pub fn parse(text: &str, scale: Scale) -> Result<Self, AmountError> {
        if text.is_empty() {
            return Err(AmountError::Empty);
        }
        if text.len() > MAX_TEXT {
            return Err(AmountError::TooLong);
        }
        let (whole, decimals) = match text.split_once('.') {
            Some((whole, decimals)) => (whole, Some(decimals)),
            None => (text, None),
        };
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || decimals.is_some_and(|part| !digits(part)) {
            return Err(AmountError::NotDecimal);
        }
        if whole.len() > 1 && whole.starts_with('0') {
            return Err(AmountError::LeadingZero);
        }
        let decimals = decimals.unwrap_or_default();
        let places = usize::from(scale.get());
        if decimals.len() > places {
            return Err(AmountError::TooManyDecimals(scale));
        }
        let padding = std::iter::repeat_n(b'0', places - decimals.len());
        let minor = whole
            .bytes()
            .chain(decimals.bytes())
            .chain(padding)
            .try_fold(0_u64, |sum, digit| sum.checked_mul(10)?.checked_add(u64::from(digit - b'0')));
        Self::new(minor.ok_or(AmountError::TooLarge)?)
    }

    /// Writes major units with exactly `scale` decimals; [`Amount::parse`] reads it back.
    #[must_use]
    pub fn format(self, scale: Scale) -> String {
        if scale.get() == 0 {
            return self.0.to_string();
        }
        let unit = scale.units();
        format!("{}.{:0places$}", self.0 / unit, self.0 % unit, places = usize::from(scale.get()))
    }
}

impl TryFrom<u64> for Amount {
    type Error = AmountError;

    fn try_from(minor: u64) -> Result<Self, Self::Error> {
        Self::new(minor)
    }
}

impl From<Amount> for u64 {
    fn from(amount: Amount) -> Self {
        amount.0
    }
}

/// How many decimal places an asset's major unit has, `0..=9`; fixed when the asset is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Scale(u8);

impl Scale {
    /// A scale of `places` decimals.
    ///
    /// # Errors
    /// [`AmountError::Scale`] above nine.
    pub const fn new(places: u8) -> Result<Self, AmountError> {
        if places > 9 { Err(AmountError::Scale(places)) } else { Ok(Self(places)) }
    }

    /// The number of decimal places.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }

    /// How many minor units make a major unit.
    #[must_use]
    pub const fn units(self) -> u64 {
        10_u64.pow(self.0 as u32)
    }
}

impl TryFrom<u8> for Scale {
    type Error = AmountError;

    fn try_from(places: u8) -> Result<Self, Self::Error> {
        Self::new(places)
    }
}

impl From<Scale> for u8 {
    fn from(scale: Scale) -> Self {
        scale.0
    }
}

/// The short name of an asset: 2 to 12 characters `A-Z0-9`, the first a letter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AssetCode(String);

impl AssetCode {
    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AssetCode {
    type Err = AmountError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let good = (2..=12).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_uppercase())
            && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if good { Ok(Self(text.to_owned())) } else { Err(AmountError::AssetCode) }
    }
}

impl TryFrom<String> for AssetCode {
    type Error = AmountError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<AssetCode> for String {
    fn from(code: AssetCode) -> Self {
        code.0
    }
}

impl fmt::Display for AssetCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An asset's number within one installation, as records carry it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AssetNo(pub u32);

impl fmt::Display for AssetNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Shares `total` out in proportion to `weights` by largest remainder; equal remainders go to the
/// earlier position. The shares add up to `total` exactly, and no share is more than one minor unit
/// away from its exact proportion. `None` when there is no weight at all.
#[must_use]
pub fn split(total: Amount, weights: &[u64]) -> Option<Vec<Amount>> {
    // A weight is below 2^64 and the total below 2^63, so products stay below 2^127.
    let sum: u128 = weights.iter().copied().map(u128::from).sum();
    if sum == 0 {
        return None;
    }
    let exact = |weight: u64| u128::from(total.0) * u128::from(weight);
    let mut shares = Vec::with_capacity(weights.len());
    for &weight in weights {
        shares.push(u64::try_from(exact(weight) / sum).ok()?);
    }
    let mut left = total.0 - shares.iter().sum::<u64>();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    // The sort is stable, which settles ties by position.
    order.sort_by_key(|&at| std::cmp::Reverse(exact(weights[at]) % sum));
    for at in order {
        if left == 0 {
            break;
        }
        shares[at] += 1;
        left -= 1;
    }
    Some(shares.into_iter().map(Amount).collect())
}
