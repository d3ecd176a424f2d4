//! Proofs as files: a first line that says what one is, so that another file is told apart from a damaged one, and the SCALE encoding.

use parity_scale_codec::{DecodeAll, Encode};

/// The most bytes of such a file; the headers of [`MAX_HOPS`](crate::MAX_HOPS) changes of the largest set of validators fit.
pub const MAX_TICKET_BYTES: usize = 16 << 20;

/// Why bytes are not the file that they should be.
pub(crate) enum FileError {
    /// So many bytes are more than any has.
    TooLarge(usize),
    /// Another file.
    Another,
    /// Cut off, damaged, or with bytes left over.
    Undecodable(String),
}

/// The file of a proof.
pub(crate) fn write(first_line: &[u8], proof: &impl Encode) -> Vec<u8> {
    let mut bytes = first_line.to_vec();
    proof.encode_to(&mut bytes);
    bytes
}

/// Reads exactly one proof from its file.
///
/// # Errors
/// For too many bytes, another file, one that is cut off, and bytes left over.
pub(crate) fn read<P: DecodeAll>(first_line: &[u8], bytes: &[u8]) -> Result<P, FileError> {
    if bytes.len() > MAX_TICKET_BYTES {
        return Err(FileError::TooLarge(bytes.len()));
    }
    let mut rest = bytes.strip_prefix(first_line).ok_or(FileError::Another)?;
    P::decode_all(&mut rest).map_err(|error| FileError::Undecodable(error.to_string()))
}
