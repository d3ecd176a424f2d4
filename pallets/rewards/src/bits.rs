//! A set of places among validators.

use parity_scale_codec::{Decode, Encode};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use staking::MAX_VALIDATORS;

/// Which places of a list of validators are meant. JSON: 32 hex digits, of which the last bit is the first place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Bits(#[cfg_attr(feature = "schema", schemars(with = "String", regex(pattern = "^[0-9a-f]{32}$")))] u128);

const _: () = assert!(MAX_VALIDATORS <= u128::BITS, "every place has a bit");

impl Bits {
    /// Whether a place is meant.
    pub fn has(self, place: usize) -> bool {
        self.0 & bit(place) != 0
    }

    /// How many are.
    pub fn count(self) -> u32 {
        self.0.count_ones()
    }
}

/// The places of those for which it is true, in order.
impl FromIterator<bool> for Bits {
    fn from_iter<I: IntoIterator<Item = bool>>(meant: I) -> Self {
        let places = meant.into_iter().enumerate().filter(|(_, is_meant)| *is_meant);
        Self(places.fold(0, |bits, (place, _)| bits | bit(place)))
    }
}

fn bit(place: usize) -> u128 {
    u32::try_from(place).ok().and_then(|place| 1u128.checked_shl(place)).unwrap_or(0)
}

impl Serialize for Bits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:032x}", self.0))
    }
}

impl<'de> Deserialize<'de> for Bits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        let is_hex = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let bits = u128::from_str_radix(&text, 16).ok().filter(|_| is_hex);
        bits.map(Self).ok_or_else(|| de::Error::custom("not 32 hex digits"))
    }
}
