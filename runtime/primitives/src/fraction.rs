//! Shares of a whole, in integers.

use crate::Amount;
use parity_scale_codec::{Decode, Encode};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A share such as 1/3. Text and JSON: `"1/3"`. The denominator is never zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "Share", from = "String", into = "String", extend("pattern" = "^[0-9]{1,10}/[0-9]{1,10}$"))
)]
pub struct Fraction {
    numerator: u32,
    denominator: u32,
}

impl Fraction {
    /// 0/1: whatever there is meets it.
    pub const NOTHING: Self = Self { numerator: 0, denominator: 1 };
    /// 1/3: whoever has less cannot stop blocks from being decided, and more than it holds an honest validator.
    pub const THIRD: Self = Self { numerator: 1, denominator: 3 };
    /// 2/3: more than it decides a block.
    pub const TWO_THIRDS: Self = Self { numerator: 2, denominator: 3 };

    /// `None` for a zero denominator or a share above one.
    pub const fn new(numerator: u32, denominator: u32) -> Option<Self> {
        if denominator == 0 || numerator > denominator { None } else { Some(Self { numerator, denominator }) }
    }

    /// Whether `part` is at least this share of `whole`; exact at the boundary.
    pub fn is_met(&self, part: Amount, whole: Amount) -> bool {
        u128::from(part.0).saturating_mul(self.denominator.into())
            >= u128::from(whole.0).saturating_mul(self.numerator.into())
    }

    /// Whether `part` is more than this share of `whole`; at the boundary it is not.
    pub fn is_exceeded(&self, part: Amount, whole: Amount) -> bool {
        u128::from(part.0).saturating_mul(self.denominator.into())
            > u128::from(whole.0).saturating_mul(self.numerator.into())
    }

    /// This share of `whole`, rounded down.
    pub fn of(&self, whole: Amount) -> Amount {
        let product = u128::from(whole.0).saturating_mul(self.numerator.into());
        let part = product.checked_div(self.denominator.into()).unwrap_or(0);
        Amount(u64::try_from(part).unwrap_or(u64::MAX))
    }

    /// Whether it is nothing.
    pub const fn is_nothing(&self) -> bool {
        self.numerator == 0
    }

    /// Whether it is the whole.
    pub const fn is_all(&self) -> bool {
        self.numerator == self.denominator
    }

    /// The least part of `whole` that [`is_met`](Self::is_met).
    pub fn least(&self, whole: Amount) -> Amount {
        let product = u128::from(whole.0).saturating_mul(self.numerator.into());
        let least = product.div_ceil(u128::from(self.denominator.max(1)));
        Amount(u64::try_from(least).unwrap_or(u64::MAX))
    }
}

impl Decode for Fraction {
    fn decode<I: parity_scale_codec::Input>(input: &mut I) -> Result<Self, parity_scale_codec::Error> {
        let (numerator, denominator) = <(u32, u32)>::decode(input)?;
        Self::new(numerator, denominator).ok_or_else(|| "not a share between 0/1 and 1/1".into())
    }
}

impl std::fmt::Display for Fraction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.numerator, self.denominator)
    }
}

impl std::str::FromStr for Fraction {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.split_once('/')
            .and_then(|(numerator, denominator)| Some((numerator.parse().ok()?, denominator.parse().ok()?)))
            .and_then(|(numerator, denominator)| Self::new(numerator, denominator))
            .ok_or_else(|| format!("{text:?} is not a share between 0/1 and 1/1, written like \"1/3\""))
    }
}

impl Serialize for Fraction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fraction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <std::borrow::Cow<'de, str>>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_thirds_is_exact_at_the_boundary() {
        let share = Fraction::TWO_THIRDS;
        assert_eq!(Fraction::new(2, 3), Some(share));
        for whole in 1..200u64 {
            let least = share.least(Amount(whole));
            assert!(share.is_met(least, Amount(whole)));
            assert!(!share.is_met(Amount(least.0 - 1), Amount(whole)));
            assert_eq!(share.is_exceeded(least, Amount(whole)), !whole.is_multiple_of(3));
            assert!(share.is_exceeded(Amount(least.0 + 1), Amount(whole)));
        }
    }

    #[test]
    fn the_largest_amounts_are_compared_exactly() {
        let (third, whole) = (Amount(u64::MAX / 3), Amount(u64::MAX));
        assert!(Fraction::THIRD.is_met(third, whole) && !Fraction::THIRD.is_exceeded(third, whole));
        assert!(Fraction::THIRD.is_exceeded(Amount(third.0 + 1), whole));
        assert!(!Fraction::TWO_THIRDS.is_met(Amount(third.0 * 2 - 1), whole));
        assert!(Fraction::TWO_THIRDS.is_met(Amount(third.0 * 2), whole));
    }

    #[test]
    fn a_share_of_an_amount_is_rounded_down_and_never_more_than_it() {
        let third = Fraction::THIRD;
        assert_eq!([0, 2, 3, 5, 300].map(|whole| third.of(Amount(whole)).0), [0, 0, 1, 1, 100]);
        assert_eq!(third.of(Amount(u64::MAX)), Amount(u64::MAX / 3));
        let (nothing, all) = (Fraction::new(0, 7).unwrap(), Fraction::new(7, 7).unwrap());
        assert_eq!((nothing.of(Amount(u64::MAX)), all.of(Amount(u64::MAX))), (Amount(0), Amount(u64::MAX)));
        assert!(nothing.is_nothing() && !nothing.is_all() && all.is_all() && !all.is_nothing());
        assert!(!third.is_nothing() && !third.is_all());
    }

    #[test]
    fn a_share_is_never_above_one_or_over_zero() {
        for text in ["1/0", "4/3", "1", "a/b", "-1/3", ""] {
            assert!(text.parse::<Fraction>().is_err(), "{text}");
        }
        assert!(Fraction::decode(&mut &(1u32, 0u32).encode()[..]).is_err());
    }
}
