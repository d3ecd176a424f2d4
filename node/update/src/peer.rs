//! A node of the overlay that holds the artifact.

use super::fault::Fault;
use super::source::{ArtifactSource, Body, Part};
use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use libp2p::PeerId;
use overlay::artifacts::{MOST_READ, PeerClient, PeerReadError};
use primitives::BuildHash;
use std::ops::Range;
use std::time::Duration;

/// Reads of one request that are under way at once.
const AHEAD: usize = 4;
/// The pause before a peer that gives as much as it may is asked again.
const BUSY: Duration = Duration::from_millis(250);

/// One peer, for one artifact that it says it holds.
pub struct Peer {
    client: PeerClient,
    id: PeerId,
    size: u64,
    name: String,
}

impl Peer {
    /// A peer that says it holds an artifact of `size` bytes.
    pub fn new(client: PeerClient, id: PeerId, size: u64) -> Self {
        Self { client, id, size, name: format!("peer {id}") }
    }
}

#[async_trait]
impl ArtifactSource for Peer {
    fn name(&self) -> &str {
        &self.name
    }

    async fn size(&self, _hash: BuildHash) -> Result<Option<u64>, Fault> {
        Ok(Some(self.size))
    }

    async fn read(&self, hash: BuildHash, part: Part, range: Range<u64>) -> Result<Body, Fault> {
        let (client, id, total) = (self.client.clone(), self.id, (part == Part::Data).then_some(self.size));
        let starts_at = range.start;
        // Beyond its own word there is nothing to ask it for.
        let end = total.map_or(range.end, |total| range.end.min(total));
        let bytes = stream::iter(pieces(starts_at..end))
            .map(move |(offset, length)| {
                let client = client.clone();
                async move { patiently(&client, id, &hash, part, offset, length).await }
            })
            .buffered(AHEAD)
            .boxed();
        Ok(Body { starts_at, to_the_end: false, total, bytes })
    }
}

/// A range as reads that are not too long.
fn pieces(range: Range<u64>) -> impl Iterator<Item = (u64, u32)> + Send {
    let step = u64::from(MOST_READ);
    (range.start..range.end).step_by(MOST_READ as usize).map(move |offset| {
        let length = step.min(range.end.saturating_sub(offset));
        (offset, u32::try_from(length).unwrap_or(MOST_READ))
    })
}

/// Reads, and asks again while the peer is busy; whoever waits decides for how long.
async fn patiently(
    client: &PeerClient,
    id: PeerId,
    hash: &BuildHash,
    part: Part,
    offset: u64,
    length: u32,
) -> Result<Bytes, Fault> {
    loop {
        match client.read(id, hash, part, offset, length).await {
            Ok(bytes) => return Ok(bytes.into()),
            Err(PeerReadError::Busy) => tokio::time::sleep(BUSY).await,
            Err(error) => return Err(fault(error)),
        }
    }
}

fn fault(error: PeerReadError) -> Fault {
    let said = error.to_string();
    match error {
        PeerReadError::NotHeld => Fault::NotHeld(said),
        PeerReadError::WrongLength { have, want } => Fault::Short { have: have as u64, need: want.into() },
        PeerReadError::Timeout(_) | PeerReadError::Stopped | PeerReadError::Unreachable(_) => Fault::Silent(said),
        PeerReadError::OutOfRange | PeerReadError::Garbled | PeerReadError::Length(_) | PeerReadError::Busy => {
            Fault::Broken(said)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_in_pieces_without_a_gap() {
        let most = u64::from(MOST_READ);
        assert_eq!(pieces(5..6).collect::<Vec<_>>(), [(5, 1)]);
        assert_eq!(pieces(0..most).collect::<Vec<_>>(), [(0, MOST_READ)]);
        let several: Vec<_> = pieces(10..2 * most + 13).collect();
        assert_eq!(several, [(10, MOST_READ), (10 + most, MOST_READ), (10 + 2 * most, 3)]);
        assert_eq!(pieces(7..7).count(), 0);
    }
}
