//! Where an artifact can come from. None of it is trusted: whatever a source sends is judged against the approved hash.

use super::fault::Fault;
use async_trait::async_trait;
pub use builds::Part;
use bytes::Bytes;
use futures::stream::BoxStream;
use primitives::BuildHash;
use std::ops::Range;

/// What a source sends.
pub struct Body {
    /// The offset of the first byte; before the range that was asked for when the source knows no ranges.
    pub starts_at: u64,
    /// Whether everything is sent to the end of the part, whatever range was asked for.
    pub to_the_end: bool,
    /// All bytes of the part, as far as the source says.
    pub total: Option<u64>,
    /// The bytes.
    pub bytes: BoxStream<'static, Result<Bytes, Fault>>,
}

/// A mirror, or a peer of the overlay.
#[async_trait]
pub trait ArtifactSource: Send + Sync {
    /// What an operator knows it by.
    fn name(&self) -> &str;

    /// How many requests it may be asked at once.
    fn lanes(&self) -> usize {
        1
    }

    /// How many bytes the artifact has, when the source says so.
    async fn size(&self, hash: BuildHash) -> Result<Option<u64>, Fault>;

    /// The bytes of a part from an offset on, to the end of the range or of the part.
    async fn read(&self, hash: BuildHash, part: Part, range: Range<u64>) -> Result<Body, Fault>;
}
