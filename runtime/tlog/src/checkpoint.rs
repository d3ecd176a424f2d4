//! What size and root a tree has, as the text that is signed (C2SP `tlog-checkpoint`), and what a witness says of it
//! (C2SP `tlog-cosignature`).

use crate::note::{NoteError, base64_of, cosigned, from_base64, is_key_name};
use parity_scale_codec::{Decode, Encode, Input};
use primitives::{BlockHash, ChainId, Digest, PublicKey, Signature, Text};
use serde::{Deserialize, Deserializer, Serialize, de};

/// The most bytes of the name of a log.
const MOST_ORIGIN: u32 = 64;
/// How many digits of a genesis block's hash tell networks of one name apart.
const GENESIS_DIGITS: usize = 16;

/// The name of a log: of one network's tree of blocks, and of no other's. It can be the name of a key: no blank, no `+`.
///
/// SCALE and JSON: a text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Encode, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
pub struct LogOrigin(#[cfg_attr(feature = "schema", schemars(with = "String", length(max = 64)))] Text<MOST_ORIGIN>);

impl LogOrigin {
    /// That of a network: `the-block/`, its name, and the first 16 hex digits of its genesis block's hash. What a name of a key may not
    /// have, in the name of a network, is written as `_`; the digits tell such networks apart.
    pub fn of(chain_id: &ChainId, genesis: &BlockHash) -> Self {
        let is_plain = |letter: &char| letter.is_ascii_alphanumeric() || "._-".contains(*letter);
        let name: String =
            chain_id.as_str().chars().map(|letter| if is_plain(&letter) { letter } else { '_' }).collect();
        let digits: String = genesis.to_string().chars().take(GENESIS_DIGITS).collect();
        Self(Text::new(format!("the-block/{name}/{digits}")).unwrap_or_default())
    }

    /// The name that a text says; none where that can be no name of a log.
    pub fn new(text: &str) -> Option<Self> {
        Text::new(text).filter(|text| is_key_name(text.as_str())).map(Self)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl std::fmt::Display for LogOrigin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Decode for LogOrigin {
    fn decode<I: Input>(input: &mut I) -> Result<Self, parity_scale_codec::Error> {
        Self::new(Text::<MOST_ORIGIN>::decode(input)?.as_str()).ok_or_else(|| "not the name of a log".into())
    }
}

impl<'de> Deserialize<'de> for LogOrigin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::new(&text).ok_or_else(|| de::Error::custom(format!("{text:?} is not the name of a log")))
    }
}

/// What size and root a log has.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// Which log.
    pub origin: LogOrigin,
    /// How many leaves it has.
    pub size: u64,
    /// The root over them.
    pub root: Digest,
}

impl Checkpoint {
    /// The text that is signed: the name of the log, the size and the root in base64, each with the end of its line.
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, base64_of(&self.root.0))
    }

    /// Reads the text of one; a line more than the three refuses it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let mut lines = text.strip_suffix('\n').ok_or(NoteError::Unended)?.split('\n');
        let (Some(origin), Some(size), Some(root), None) = (lines.next(), lines.next(), lines.next(), lines.next())
        else {
            return Err(NoteError::Lines);
        };
        let origin = LogOrigin::new(origin).ok_or(NoteError::Name)?;
        // A leading zero or sign would be a second text for the same size.
        let size = size.parse::<u64>().ok().filter(|number| number.to_string() == size).ok_or(NoteError::Size)?;
        let root = from_base64(root).and_then(|bytes| bytes.try_into().ok()).map(Digest).ok_or(NoteError::Root)?;
        Ok(Self { origin, size, root })
    }
}

/// What a witness signs of a checkpoint at a time, in seconds since 1970 (C2SP `cosignature/v1`).
pub fn cosigned_bytes(timestamp: u64, checkpoint: &Checkpoint) -> Vec<u8> {
    cosigned(timestamp, &checkpoint.text())
}

/// Whether a witness with this key signed the checkpoint at that time.
pub fn verify_cosignature(key: &PublicKey, timestamp: u64, checkpoint: &Checkpoint, signature: &Signature) -> bool {
    key.verify(&cosigned_bytes(timestamp, checkpoint), signature)
}
