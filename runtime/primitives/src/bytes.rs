//! Fixed-length byte strings, each with a name of its own so that one hash is never taken for another.

use parity_scale_codec::{Decode, Encode};
use serde::{Deserialize, Deserializer, Serializer, de, ser};

/// Why a text is not the byte string it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HexError {
    /// The text has the wrong number of digits.
    #[error("expected {need} hex digits, found {have}; copy the whole of it")]
    Length {
        /// Digits needed.
        need: usize,
        /// Characters found.
        have: usize,
    },
    /// A character is not a hex digit.
    #[error("character {0:?} is not a hex digit; write 0 to 9 and a to f alone")]
    Digit(char),
}

/// Reads exactly `2 * N` hex digits of any case.
pub(crate) fn from_hex<const N: usize>(text: &str) -> Result<[u8; N], HexError> {
    if let Some(bad) = text.chars().find(|c| !c.is_ascii_hexdigit()) {
        return Err(HexError::Digit(bad));
    }
    let length = HexError::Length { need: N.saturating_mul(2), have: text.len() };
    let mut out = [0u8; N];
    hex::decode_to_slice(text, &mut out).map_err(|_| length)?;
    Ok(out)
}

/// The digits of a hash or key, or of the beginning of one, as people have it at hand: without the blanks around it and the `0x`
/// that other tools write in front. Stored and signed text never has either, so nothing but what is typed is read by this.
pub fn typed_digits(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text)
}

pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    // Answers are full of hashes; the longest of them has 64 bytes, and a buffer on the stack saves an allocation each.
    let mut digits = [0u8; 128];
    let text = digits.get_mut(..bytes.len().saturating_mul(2)).unwrap_or_default();
    hex::encode_to_slice(bytes, text).map_err(ser::Error::custom)?;
    serializer.serialize_str(std::str::from_utf8(text).map_err(ser::Error::custom)?)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>, const N: usize>(deserializer: D) -> Result<[u8; N], D::Error> {
    let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
    from_hex(&text).map_err(de::Error::custom)
}

/// What the hex of `length` bytes looks like: any case is read, lower case is written.
#[cfg(feature = "schema")]
pub(crate) fn digits(length: usize) -> String {
    format!("^[0-9a-fA-F]{{{}}}$", length.saturating_mul(2))
}

/// Bytes as hex: the shape of what is a byte string of any length in JSON.
#[cfg(feature = "schema")]
#[derive(Debug, schemars::JsonSchema)]
pub struct Hex(#[schemars(regex(pattern = "^([0-9a-fA-F]{2})*$"))] pub String);

/// Defines a byte string of `$n` bytes: hex as text and JSON, the bytes themselves as SCALE. What is parsed was typed, and may have
/// blanks around it and `0x` in front; JSON may not.
macro_rules! byte_string {
    ($(#[$meta:meta])* $name:ident, $n:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub struct $name(
            #[cfg_attr(feature = "schema", schemars(with = "String", regex(pattern = $crate::bytes::digits($n))))]
            pub [u8; $n],
        );

        impl $name {
            /// The bytes.
            pub fn as_bytes(&self) -> &[u8] {
                &self.0
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }
        impl std::str::FromStr for $name {
            type Err = $crate::bytes::HexError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::bytes::from_hex($crate::bytes::typed_digits(text)).map(Self)
            }
        }
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::bytes::serialize(&self.0, serializer)
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::bytes::deserialize(deserializer).map(Self)
            }
        }
    };
}
pub(crate) use byte_string;

byte_string!(
    /// The BLAKE3 of an executable: what is proposed, approved, measured at boot and downloaded.
    BuildHash, 32
);
byte_string!(
    /// The BLAKE3 of a block's encoded header.
    BlockHash, 32
);
byte_string!(
    /// The BLAKE3 of an encoded signed transaction.
    TransactionHash, 32
);
byte_string!(
    /// The root of the state tree (Jellyfish Merkle, SHA-256) after a block.
    StateRoot, 32
);
byte_string!(
    /// Any other 32-byte digest; the field it stands in names the algorithm.
    Digest, 32
);

impl BuildHash {
    /// What a release signer signs about a build for the platform that its network began with: `"release:"` and the hash in
    /// lower-case hex.
    pub fn attestation_message(&self) -> Vec<u8> {
        format!("release:{self}").into_bytes()
    }

    /// What it signs about a build for another platform, which the text then names: `"release:<hash>:<platform>"`.
    pub fn attestation_message_for(&self, platform: &str) -> Vec<u8> {
        format!("release:{self}:{platform}").into_bytes()
    }
}

impl BlockHash {
    /// The parent of the first block.
    pub const NONE: BlockHash = BlockHash([0; 32]);

    /// Hashes an encoded header.
    pub fn of(encoded_header: &[u8]) -> Self {
        Self(*blake3::hash(encoded_header).as_bytes())
    }
}

impl TransactionHash {
    /// Hashes an encoded signed transaction.
    pub fn of(encoded_transaction: &[u8]) -> Self {
        Self(*blake3::hash(encoded_transaction).as_bytes())
    }
}

impl Digest {
    /// The BLAKE3 of some bytes.
    pub fn blake3(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// The SHA-256 of some bytes.
    pub fn sha256(bytes: &[u8]) -> Self {
        Self(<sha2::Sha256 as sha2::Digest>::digest(bytes).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AccountId, PublicKey, Signature};
    use std::fmt::{Debug, Display};
    use std::str::FromStr;

    fn is_read_as_typed<T>(value: T)
    where
        T: FromStr<Err = HexError> + Display + Debug + PartialEq + serde::Serialize + serde::de::DeserializeOwned,
    {
        let (lower, upper) = (value.to_string(), value.to_string().to_uppercase());
        for digits in [&lower, &upper] {
            for form in [digits.clone(), format!("0x{digits}"), format!("0X{digits}"), format!(" \t0x{digits}\r\n")] {
                assert_eq!(form.parse::<T>().as_ref(), Ok(&value), "{form:?}");
            }
        }
        assert_eq!(serde_json::to_value(&value).unwrap(), lower);
        let of_json = |text: String| serde_json::from_value::<T>(text.into());
        assert_eq!(of_json(upper).unwrap(), value);
        assert!(of_json(format!("0x{lower}")).is_err() && of_json(format!(" {lower}")).is_err(), "JSON has one form");
        for bad in
            ["0x".to_owned(), format!("0x0x{lower}"), format!("x{lower}"), format!("0x {lower}"), lower[1..].into()]
        {
            assert!(bad.parse::<T>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn o31_every_hash_key_and_signature_is_read_as_people_have_it_and_stored_as_ever() {
        is_read_as_typed(BuildHash([0xab; 32]));
        is_read_as_typed(BlockHash([0xcd; 32]));
        is_read_as_typed(TransactionHash([0xef; 32]));
        is_read_as_typed(StateRoot([0xfa; 32]));
        is_read_as_typed(Digest([0xbc; 32]));
        is_read_as_typed(PublicKey([0xde; 32]));
        is_read_as_typed(AccountId([0xaf; 32]));
        is_read_as_typed(Signature([0xba; 64]));
        let asked = "0Xab".parse::<BuildHash>().unwrap_err();
        assert_eq!(
            asked,
            HexError::Length { need: 64, have: 2 },
            "the digits are counted, not what is in front of them"
        );
    }
}
