//! Token amounts: stake, balances, fees, deposits.

use parity_scale_codec::{Decode, Encode};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// What is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "it is not a whole number from 0 to 18446744073709551615; write how many of the token's smallest unit, without a point, a comma \
     or a sign"
)]
pub struct NotAnAmount;

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

/// A number with its thousands apart, as people read it.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let (head, rest) = digits.split_at(first);
    let groups = rest.as_bytes().chunks(3).map(|group| String::from_utf8_lossy(group).into_owned());
    let head = Some(head.to_owned()).filter(|head| !head.is_empty());
    head.into_iter().chain(groups).collect::<Vec<_>>().join(",")
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
    type Err = NotAnAmount;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Amount).map_err(|_| NotAnAmount)
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
                text.parse().map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Amount, E> {
                Ok(Amount(number))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_amount_says_how_to_write_one() {
        for text in ["1.5", "1,000", "-1", "", "18446744073709551616"] {
            let said = text.parse::<Amount>().unwrap_err().to_string();
            assert!(said.contains("write how many"), "{said}");
        }
        assert_eq!("18446744073709551615".parse(), Ok(Amount(u64::MAX)));
    }

    #[test]
    fn thousands_stand_apart() {
        let read = [0, 7, 999, 1_000, 12_345, 999_999, 1_000_000, u64::MAX].map(grouped);
        let expected = ["0", "7", "999", "1,000", "12,345", "999,999", "1,000,000", "18,446,744,073,709,551,615"];
        assert_eq!(read, expected);
    }
}
