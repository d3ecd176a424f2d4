//! Text as people's editors leave it: UTF-8, which some begin with a mark, and some do not write.

use std::fmt::{self, Display, Formatter};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// What some editors write in front of UTF-8 text.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// Why bytes are no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotText {
    /// Some editors and terminals save it so: two bytes a letter, in either order.
    Utf16,
    /// It is in an older encoding, or no text at all.
    NotUtf8 {
        /// The first byte that is none of UTF-8, from 1.
        byte: usize,
    },
}

impl Display for NotText {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            NotText::Utf16 => f.write_str("it is UTF-16, and text is read as UTF-8"),
            NotText::NotUtf8 { byte } => write!(f, "byte {byte} is not UTF-8"),
        }
    }
}

impl std::error::Error for NotText {}

impl From<NotText> for io::Error {
    fn from(error: NotText) -> Self {
        io::Error::new(io::ErrorKind::InvalidData, error)
    }
}

/// Bytes as text, without the mark in front of it. Line ends stay as they are.
///
/// # Errors
/// [`NotText`].
pub fn text(bytes: &[u8]) -> Result<&str, NotText> {
    if is_utf16(bytes) {
        return Err(NotText::Utf16);
    }
    let (skipped, bytes) = match bytes.strip_prefix(MARK) {
        Some(rest) => (MARK.len(), rest),
        None => (0, bytes),
    };
    std::str::from_utf8(bytes).map_err(|error| NotText::NotUtf8 { byte: skipped + error.valid_up_to() + 1 })
}

/// By its mark, or by the zero that one byte of a plain first letter is.
fn is_utf16(bytes: &[u8]) -> bool {
    matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, 1..=255, ..] | [1..=255, 0, ..])
}

/// All of a reader as [`text`].
///
/// # Errors
/// What reading it failed with; [`NotText`] as [`io::ErrorKind::InvalidData`].
pub fn text_from(mut reader: impl Read) -> io::Result<String> {
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes)?;
    Ok(text(&bytes)?.to_owned())
}

/// The [`text`] in a file.
///
/// # Errors
/// As [`text_from`].
pub fn read_text(path: &Path) -> io::Result<String> {
    text_from(File::open(path)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, order: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    }

    #[test]
    fn o30_a_mark_is_passed_over_and_line_ends_stay() {
        for written in ["", "a", "a\nb\n", "a\r\nb\r\n", "# ärger\n", "{}"] {
            assert_eq!(text(written.as_bytes()), Ok(written));
            assert_eq!(text(&[MARK, written.as_bytes()].concat()), Ok(written));
        }
        // It is no mark where it stands elsewhere.
        assert_eq!(text("a\u{feff}".as_bytes()), Ok("a\u{feff}"));
    }

    #[test]
    fn o30_what_is_no_text_is_named() {
        for written in ["\u{feff}# ours", "# ours", "\u{feff}é", "{"] {
            for bytes in [utf16(written, u16::to_le_bytes), utf16(written, u16::to_be_bytes)] {
                assert_eq!(text(&bytes), Err(NotText::Utf16), "{bytes:?}");
            }
        }
        assert_eq!(text(b"caf\xe9"), Err(NotText::NotUtf8 { byte: 4 }));
        assert_eq!(text(b"\xef\xbb\xbfcaf\xe9"), Err(NotText::NotUtf8 { byte: 7 }));
        let error = text_from(&utf16("# ours", u16::to_le_bytes)[..]).unwrap_err();
        assert!(error.to_string().contains("UTF-16"), "{error}");
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }
}
