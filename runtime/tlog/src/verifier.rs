//! The keys that notes are signed with, and what a signature of one of them says.

use crate::note::{Note, NoteError, NoteLine, base64_of, cosigned, from_base64, is_key_name};
use primitives::{Digest, PublicKey, SecretKey, Signature};

/// What a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoteAlgorithm {
    /// The text itself: Ed25519, as logs sign.
    Log,
    /// The text at a time: Ed25519 by `cosignature/v1`, as witnesses sign.
    Cosignature,
}

impl NoteAlgorithm {
    /// The number of it, in front of a key.
    pub fn number(self) -> u8 {
        match self {
            Self::Log => 0x01,
            Self::Cosignature => 0x04,
        }
    }

    fn of(number: u8) -> Option<Self> {
        [Self::Log, Self::Cosignature].into_iter().find(|algorithm| algorithm.number() == number)
    }
}

/// A key that notes are verified with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    /// What it is called: of a log, its origin.
    pub name: String,
    /// What it signs.
    pub algorithm: NoteAlgorithm,
    /// The key.
    pub key: PublicKey,
}

impl VerifierKey {
    /// The number that stands beside the name in a note.
    pub fn id(&self) -> u32 {
        note_key_id(&self.name, self.algorithm, &self.key)
    }

    /// The line of its signature over a text. Of a witness it says the `timestamp`, in seconds since 1970; of a log there is none.
    pub fn signed(&self, secret: &SecretKey, timestamp: u64, text: &str) -> NoteLine {
        match self.algorithm {
            NoteAlgorithm::Log => self.line(secret.sign(text.as_bytes()).as_bytes().to_vec()),
            NoteAlgorithm::Cosignature => self.cosigned(timestamp, &secret.sign(&cosigned(timestamp, text))),
        }
    }

    /// The line of a cosignature that a witness with this key made at a time.
    pub fn cosigned(&self, timestamp: u64, signature: &Signature) -> NoteLine {
        self.line([timestamp.to_be_bytes().as_slice(), signature.as_bytes()].concat())
    }

    /// When it signed the note, in seconds since 1970; of a log's own signature that is 0. None where its first line in the note is not a valid
    /// one: other readers of notes look no further, and one note is to mean the same to all.
    pub fn verify(&self, note: &Note) -> Option<u64> {
        let id = self.id();
        let own = note.lines.iter().find(|line| line.id == id && line.name == self.name)?;
        self.verify_line(own, &note.text)
    }

    fn line(&self, signature: Vec<u8>) -> NoteLine {
        NoteLine { name: self.name.clone(), id: self.id(), signature }
    }

    fn verify_line(&self, line: &NoteLine, text: &str) -> Option<u64> {
        let (timestamp, signature, bytes) = match self.algorithm {
            NoteAlgorithm::Log => (0, line.signature.as_slice(), text.as_bytes().to_vec()),
            NoteAlgorithm::Cosignature => {
                let (timestamp, signature) = line.signature.split_first_chunk::<8>()?;
                let timestamp = u64::from_be_bytes(*timestamp);
                (timestamp, signature, cosigned(timestamp, text))
            }
        };
        let signature = Signature(signature.try_into().ok()?);
        self.key.verify(&bytes, &signature).then_some(timestamp)
    }
}

impl std::fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}+{:08x}+{}", self.name, self.id(), base64_of(&typed(self.algorithm, &self.key)))
    }
}

impl std::str::FromStr for VerifierKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(digits), Some(encoded)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::Key);
        };
        if !is_key_name(name) {
            return Err(NoteError::Name);
        }
        let bytes = from_base64(encoded).ok_or(NoteError::Key)?;
        let (number, key) = bytes.split_first().ok_or(NoteError::Key)?;
        let algorithm = NoteAlgorithm::of(*number).ok_or(NoteError::Algorithm(*number))?;
        let key = PublicKey(key.try_into().map_err(|_| NoteError::Key)?);
        let read = Self { name: name.to_owned(), algorithm, key };
        if format!("{:08x}", read.id()) == digits { Ok(read) } else { Err(NoteError::KeyId) }
    }
}

/// The number of a key in notes: the first four bytes of the SHA-256 of its name, the end of a line, its type and its bytes.
pub fn note_key_id(name: &str, algorithm: NoteAlgorithm, key: &PublicKey) -> u32 {
    let typed = typed(algorithm, key);
    let hash = Digest::sha256(&[name.as_bytes(), b"\n", typed.as_slice()].concat());
    hash.0.first_chunk().map_or(0, |first| u32::from_be_bytes(*first))
}

/// The text of a verifier's key: its name, its number and the key with its type in base64, with a plus between them.
pub fn vkey(name: &str, algorithm: NoteAlgorithm, key: &PublicKey) -> String {
    VerifierKey { name: name.to_owned(), algorithm, key: *key }.to_string()
}

fn typed(algorithm: NoteAlgorithm, key: &PublicKey) -> Vec<u8> {
    [[algorithm.number()].as_slice(), key.as_bytes()].concat()
}
