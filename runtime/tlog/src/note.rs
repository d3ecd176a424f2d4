//! Signed notes: a text, and below it a line for each signature (C2SP `signed-note`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The most bytes of a note, its signatures among them.
pub const MOST_NOTE_BYTES: usize = 16 * 1024;
/// The most signatures of a note.
pub const MOST_NOTE_LINES: usize = 80;

/// What each line of a signature begins with: an em dash and a blank.
const DASH: &str = "\u{2014} ";
/// The bytes of the number of a key in front of a signature.
const ID_BYTES: usize = 4;

/// Why a text is not a note, not a checkpoint, or not the key of one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// It is too long.
    #[error("the note has {have} bytes, and one has {MOST_NOTE_BYTES} at most")]
    TooLong {
        /// Its bytes.
        have: usize,
    },
    /// It has a character that no note has.
    #[error("the note has a control character; only ends of lines may stand in one")]
    Control,
    /// Its last line does not end.
    #[error("the text does not end with the end of a line; copy the whole of it")]
    Unended,
    /// No empty line stands in front of signatures.
    #[error("no empty line stands between the text and its signatures")]
    Unsigned,
    /// There are too many signatures.
    #[error("the note has more than {MOST_NOTE_LINES} signatures")]
    TooMany,
    /// A line of a signature is none.
    #[error("signature {0} is not a dash, a name and base64 of a key's number and a signature")]
    Signature(usize),
    /// A checkpoint has three lines.
    #[error("a checkpoint has three lines: the name of the log, its size and its root")]
    Lines,
    /// The name cannot be one.
    #[error("the name is empty, too long, or has a blank, a control character or a plus")]
    Name,
    /// The size is not a number as it is written.
    #[error("the size is not a number without zeros in front")]
    Size,
    /// The root is not a hash.
    #[error("the root is not base64 of 32 bytes")]
    Root,
    /// The key of a verifier has another form.
    #[error("a verifier's key is a name, a plus, eight hex digits, a plus, and base64 of a type and a key")]
    Key,
    /// The key is of a type that is not known here.
    #[error("keys of type {0} are not known; 1 is Ed25519 of a log, 4 that of a witness")]
    Algorithm(u8),
    /// The number of a key is not that of its name and bytes.
    #[error("the number of the key is not that of its name and its bytes; copy the whole of it")]
    KeyId,
}

/// A text with signatures below it. Who may sign is for whoever reads it to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What is signed, up to and with the end of its last line.
    pub text: String,
    /// The signatures, in order.
    pub lines: Vec<NoteLine>,
}

/// One signature of a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteLine {
    /// The name of the key.
    pub name: String,
    /// The number of the key.
    pub id: u32,
    /// The signature, and what else a key of that type puts in front of it.
    pub signature: Vec<u8>,
}

impl Note {
    /// Reads one.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        if text.len() > MOST_NOTE_BYTES {
            return Err(NoteError::TooLong { have: text.len() });
        }
        if text.bytes().any(|byte| byte < 0x20 && byte != b'\n') {
            return Err(NoteError::Control);
        }
        let (signed, signatures) = text.rsplit_once("\n\n").ok_or(NoteError::Unsigned)?;
        let signatures = signatures.strip_suffix('\n').ok_or(NoteError::Unended)?;
        let mut lines = Vec::new();
        for (number, line) in (1..).zip(signatures.split('\n')) {
            if number > MOST_NOTE_LINES {
                return Err(NoteError::TooMany);
            }
            lines.push(NoteLine::parse(line).ok_or(NoteError::Signature(number))?);
        }
        Ok(Self { text: format!("{signed}\n"), lines })
    }
}

impl std::fmt::Display for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl NoteLine {
    /// Reads one, without the end of its line; none where it is none.
    pub fn parse(line: &str) -> Option<Self> {
        let (name, encoded) = line.strip_prefix(DASH)?.split_once(' ')?;
        let bytes = from_base64(encoded)?;
        let (id, signature) = bytes.split_first_chunk::<ID_BYTES>()?;
        let is_one = is_key_name(name) && !signature.is_empty();
        is_one.then(|| Self { name: name.into(), id: u32::from_be_bytes(*id), signature: signature.into() })
    }
}

impl std::fmt::Display for NoteLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bytes = [self.id.to_be_bytes().as_slice(), self.signature.as_slice()].concat();
        write!(f, "{DASH}{} {}", self.name, base64_of(&bytes))
    }
}

/// Whether a text can be the name of a key: not empty, without a blank, a control character or a plus.
pub fn is_key_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|letter| letter.is_whitespace() || letter.is_control() || letter == '+')
}

/// What a witness signs of a text at a time.
pub(crate) fn cosigned(timestamp: u64, text: &str) -> Vec<u8> {
    format!("cosignature/v1\ntime {timestamp}\n{text}").into_bytes()
}

pub(crate) fn base64_of(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The bytes of base64 with its padding, in the one way to write them.
pub(crate) fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}
