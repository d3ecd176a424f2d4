//! Bounded text.

use parity_scale_codec::{Decode, Encode, Input, decode_vec_with_len};
use serde::{Deserialize, Deserializer, Serialize, de};

/// UTF-8 text of at most `MAX` bytes; longer text does not decode, from SCALE or from JSON.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
pub struct Text<const MAX: u32>(#[cfg_attr(feature = "schema", schemars(length(max = MAX)))] String);

/// The name of a network, such as `the-block-1`; part of everything that is signed. 1 to 32 bytes.
pub type ChainId = Text<32>;

/// Why something is asked for or was done, for everyone to read: at most 1,024 bytes, and not blank. Blank is what has no byte above
/// 0x20 but 0x7f: consensus has no tables of characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
pub struct Reason(#[cfg_attr(feature = "schema", schemars(with = "String", length(min = 1, max = 1024)))] Text<1024>);

impl Reason {
    /// The most bytes that one has when it is encoded.
    pub const MOST_ENCODED: u32 = Text::<1024>::MOST_ENCODED;

    /// `None` when the text is blank, or longer than 1,024 bytes.
    pub fn new(text: impl Into<String>) -> Option<Self> {
        Text::new(text).filter(|text| !is_blank(text.as_str())).map(Self)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

fn is_blank(text: &str) -> bool {
    !text.bytes().any(|byte| byte > 0x20 && byte != 0x7f)
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// The text between quotes: sentences show it so.
impl std::fmt::Debug for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for Reason {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text: Text<1024> = text.parse()?;
        let blank = "the reason is blank, and everybody reads it; say in a few words why";
        if is_blank(text.as_str()) { Err(blank.into()) } else { Ok(Self(text)) }
    }
}

impl Decode for Reason {
    fn decode<I: Input>(input: &mut I) -> Result<Self, parity_scale_codec::Error> {
        Some(Text::decode(input)?)
            .filter(|text| !is_blank(text.as_str()))
            .map(Self)
            .ok_or_else(|| "a blank reason".into())
    }
}

impl<'de> Deserialize<'de> for Reason {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <std::borrow::Cow<'de, str>>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl<const MAX: u32> Text<MAX> {
    /// The most bytes that one has when it is encoded: its own, and its length in front of them.
    pub const MOST_ENCODED: u32 = MAX
        + if MAX < 1 << 6 {
            1
        } else if MAX < 1 << 14 {
            2
        } else {
            4
        };

    /// `None` when the text is longer than `MAX` bytes.
    pub fn new(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        (text.len() <= MAX as usize).then_some(Self(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A clause with its first letter as a sentence begins.
pub fn capitalised(clause: &str) -> String {
    let mut letters = clause.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}", letters.as_str())
}

impl<const MAX: u32> std::fmt::Display for Text<MAX> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// The text between quotes: sentences show it so, and no reader knows the name of a type.
impl<const MAX: u32> std::fmt::Debug for Text<MAX> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(&self.0, f)
    }
}

impl<const MAX: u32> std::str::FromStr for Text<MAX> {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text).ok_or_else(|| format!("the text has {} bytes; at most {MAX} fit here", text.len()))
    }
}

impl<const MAX: u32> Decode for Text<MAX> {
    fn decode<I: Input>(input: &mut I) -> Result<Self, parity_scale_codec::Error> {
        // The length is checked before the bytes are read, so that a hostile length allocates nothing.
        let length = parity_scale_codec::Compact::<u32>::decode(input)?.0;
        if length > MAX {
            return Err("text is longer than its bound".into());
        }
        let bytes = decode_vec_with_len(input, length as usize)?;
        String::from_utf8(bytes).map(Self).map_err(|_| "text is not UTF-8".into())
    }
}

impl<'de, const MAX: u32> Deserialize<'de> for Text<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <std::borrow::Cow<'de, str>>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parity_scale_codec::DecodeAll;

    #[test]
    fn a_sentence_begins_with_a_large_letter_in_any_script() {
        assert_eq!(["", "x", "ab C", "ärger", "7 up"].map(capitalised), ["", "X", "Ab C", "Ärger", "7 up"]);
    }

    #[test]
    fn o51_a_sentence_shows_a_text_between_quotes_and_no_type() {
        let wrong: ChainId = "wrong \"one\"".parse().unwrap();
        assert_eq!(format!("{wrong:?} {wrong}"), "\"wrong \\\"one\\\"\" wrong \"one\"");
    }

    #[test]
    fn a_longer_text_does_not_decode() {
        assert_eq!(Text::<3>::decode_all(&mut &"abc".encode()[..]).unwrap().as_str(), "abc");
        assert!(Text::<3>::decode_all(&mut &"abcd".encode()[..]).is_err());
        assert!(serde_json::from_str::<Text<3>>("\"abcd\"").is_err());
        assert!(Text::<3>::decode_all(&mut &[4, 0xff][..]).is_err());
    }

    #[test]
    fn a_reason_says_something_wherever_it_comes_from() {
        let long = "x".repeat(1025);
        for bad in ["", " ", " \t\r\n", "\0\x1f\x7f", &long] {
            assert!(Reason::new(bad).is_none() && bad.parse::<Reason>().is_err(), "{bad:?}");
            assert!(serde_json::from_value::<Reason>(bad.into()).is_err(), "{bad:?}");
            assert!(Reason::decode_all(&mut &bad.to_owned().encode()[..]).is_err(), "{bad:?}");
        }
        let said = " \t".parse::<Reason>().unwrap_err();
        assert_eq!(said, "the reason is blank, and everybody reads it; say in a few words why");
        let most = "x".repeat(1024);
        for good in ["!", " why ", "\u{a0}", "warum nicht?", &most] {
            let reason = Reason::new(good).unwrap();
            assert_eq!((reason.as_str(), reason.to_string().as_str()), (good, good));
            assert_eq!(reason.encode(), good.to_owned().encode(), "as a text has it");
            assert_eq!(Reason::decode_all(&mut &reason.encode()[..]).unwrap(), reason);
            let json = serde_json::to_value(&reason).unwrap();
            assert_eq!((json.as_str(), serde_json::from_value(json.clone()).unwrap()), (Some(good), reason));
        }
        assert_eq!(format!("{:?}", Reason::new("it \"broke\"").unwrap()), "\"it \\\"broke\\\"\"");
    }
}
