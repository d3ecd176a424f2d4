//! Token amounts: stake, balances, fees, deposits.

use crate::{NumberError, grouped, typed_number};
use parity_scale_codec::{Decode, Encode};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An amount in the smallest unit of the token. The whole supply fits (genesis is refused otherwise), so sums of amounts
/// that exist cannot overflow; the operations are checked or saturating all the same.
///
/// JSON: a decimal string from 0 to 18446744073709551615, because a script's numbers lose digits past 2^53; an integer is read
/// too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Amount(#[cfg_attr(feature = "schema", schemars(with = "String", regex(pattern = "^[0-9]+$")))] pub u64);

impl Amount {
    /// Nothing.
    pub const ZERO: Amount = Amount(0);

    /// `None` when the sum does not fit.
    pub fn checked_add(self, other: Amount) -> Option<Amount> {
        self.0.checked_add(other.0).map(Amount)
    }

    /// `None` when `other` is more.
    pub fn checked_sub(self, other: Amount) -> Option<Amount> {
        self.0.checked_sub(other.0).map(Amount)
    }

    /// The sum, at most the largest amount.
    pub fn saturating_add(self, other: Amount) -> Amount {
        Amount(self.0.saturating_add(other.0))
    }

    /// The difference, at least nothing.
    pub fn saturating_sub(self, other: Amount) -> Amount {
        Amount(self.0.saturating_sub(other.0))
    }

    /// The product, at most the largest amount.
    pub fn saturating_mul(self, by: u64) -> Amount {
        Amount(self.0.saturating_mul(by))
    }
}

impl Amount {
    /// With its thousands apart, as people read it.
    pub fn grouped(self) -> String {
        grouped(self.0)
    }
}

impl std::iter::Sum for Amount {
    fn sum<I: Iterator<Item = Amount>>(amounts: I) -> Amount {
        amounts.fold(Amount::ZERO, Amount::saturating_add)
    }
}

impl std::fmt::Display for Amount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for Amount {
    type Err = AmountError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Amount(typed_number(text)?))
    }
}

/// Why a text is no amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// It is not whole.
    #[error("{0:?} is not an amount: tokens are not divided; write a whole number of them, such as 1500 or 1,500")]
    NotWhole(String),
    /// It is more than there can be.
    #[error("{0:?} is more than there can be, which is {most}", most = grouped(u64::MAX))]
    TooMuch(String),
}

impl From<NumberError> for AmountError {
    fn from(error: NumberError) -> Self {
        match error {
            NumberError::NotWhole(text) => AmountError::NotWhole(text),
            NumberError::TooLarge(text, _) => AmountError::TooMuch(text),
        }
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Amount;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an amount: a whole number from 0 to 18446744073709551615, as a string or a number")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Amount, E> {
                text.parse().map(Amount).map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Amount, E> {
                Ok(Amount(number))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}
