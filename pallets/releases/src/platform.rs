//! What a build runs on.

use parity_scale_codec::{Decode, Encode, Input};
use primitives::Text;
use serde::{Deserialize, Deserializer, Serialize, de};
use std::borrow::Cow;
use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

/// Architecture and system that a build runs on, such as `x86_64-linux`: 1 to 64 small letters, digits, `_` and `-`. There is
/// none that stands for every machine, and none for a machine that nobody named.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Encode, Serialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Platform(
    #[cfg_attr(feature = "schema", schemars(with = "String", regex(pattern = "^[a-z0-9_-]{1,64}$")))] Text<64>,
);

/// A text that is no platform.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no platform; write architecture and system in small letters, such as x86_64-linux")]
pub struct NoPlatform(String);

impl Platform {
    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    fn of(text: Text<64>) -> Option<Self> {
        let fits = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
        let is_one = !text.as_str().is_empty() && text.as_str().bytes().all(fits);
        is_one.then_some(Self(text))
    }
}

impl FromStr for Platform {
    type Err = NoPlatform;

    fn from_str(text: &str) -> Result<Self, NoPlatform> {
        Text::new(text).and_then(Self::of).ok_or_else(|| NoPlatform(text.into()))
    }
}

impl Display for Platform {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Decode for Platform {
    fn decode<I: Input>(input: &mut I) -> Result<Self, parity_scale_codec::Error> {
        Self::of(Text::decode(input)?).ok_or_else(|| "a text is no platform".into())
    }
}

impl<'de> Deserialize<'de> for Platform {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <Cow<'de, str>>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parity_scale_codec::DecodeAll;

    #[test]
    fn h10_a_platform_is_named_or_does_not_decode() {
        let long = "x".repeat(64);
        for text in ["x86_64-linux", "a", long.as_str()] {
            let platform: Platform = text.parse().unwrap();
            assert_eq!(platform.to_string(), text);
            assert_eq!(Platform::decode_all(&mut &platform.encode()[..]).unwrap(), platform);
        }
        let longer = "x".repeat(65);
        for text in ["", " ", "X86_64-linux", "x86_64/linux", "x86_64-linux\n", "х86_64-linux", longer.as_str()] {
            assert_eq!(text.parse::<Platform>(), Err(NoPlatform(text.into())));
            assert!(Platform::decode_all(&mut &text.encode()[..]).is_err(), "{text:?}");
        }
    }
}
