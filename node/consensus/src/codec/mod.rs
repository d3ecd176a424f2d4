//! The bytes of consensus: on the wire, in the write-ahead log, and in the answers to nodes that catch up.
//!
//! Everything is SCALE. Decoding is strict: no byte may be left over, and nothing longer than its bound is looked at.

mod certificates;
mod consensus;
mod sync;

pub(super) use sync::MAX_HEIGHTS;

use super::streaming::CHUNK_BYTES;
use arc_malachitebft_codec::{Codec, HasEncodedLen};
use bytes::Bytes;
use parity_scale_codec::Error;
use runtime::MOST_ENCODED_BLOCK;

/// The most bytes a vote, proposal or certificate may have: a certificate of a full validator set, and room.
pub const MAX_MESSAGE_BYTES: usize = 64 * 1024;
/// The most bytes a streamed part may have.
pub const MAX_PART_BYTES: usize = CHUNK_BYTES + 1024;
/// The most bytes an answer to a node that catches up may have; one block with its certificate always fits.
pub const MAX_SYNC_BYTES: usize = 2 * MOST_ENCODED_BLOCK as usize;

/// A message of Malachite in SCALE.
trait Wire: Sized {
    /// The longest encoding that is looked at, in bytes.
    const MAX: usize;

    /// Appends the encoding.
    fn put(&self, out: &mut Vec<u8>);

    /// Reads one message off the front.
    fn take(input: &mut &[u8]) -> Result<Self, Error>;
}

/// Why bytes are not a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// The message is longer than its kind may be.
    #[error("{have} bytes, and a message of this kind has at most {most}")]
    TooLong {
        /// Its length.
        have: usize,
        /// The bound.
        most: usize,
    },
    /// Bytes follow the message.
    #[error("{0} bytes are left over after the message")]
    Trailing(usize),
    /// The bytes are not this kind of message.
    #[error(transparent)]
    Malformed(#[from] Error),
}

/// The codec for everything.
#[derive(Debug, Clone, Copy, Default)]
pub struct Scale;

impl<T: Wire> Codec<T> for Scale {
    type Error = CodecError;

    fn decode(&self, bytes: Bytes) -> Result<T, CodecError> {
        if bytes.len() > T::MAX {
            return Err(CodecError::TooLong { have: bytes.len(), most: T::MAX });
        }
        let mut input = &bytes[..];
        let message = T::take(&mut input)?;
        if input.is_empty() { Ok(message) } else { Err(CodecError::Trailing(input.len())) }
    }

    fn encode(&self, message: &T) -> Result<Bytes, CodecError> {
        let mut out = Vec::new();
        message.put(&mut out);
        // A message that no peer would read must not be sent, and must not be logged.
        if out.len() > T::MAX {
            return Err(CodecError::TooLong { have: out.len(), most: T::MAX });
        }
        Ok(out.into())
    }
}

impl<T: Wire> HasEncodedLen<T> for Scale {
    fn encoded_len(&self, message: &T) -> Result<usize, CodecError> {
        let mut out = Vec::new();
        message.put(&mut out);
        Ok(out.len())
    }
}

#[cfg(test)]
mod tests;
