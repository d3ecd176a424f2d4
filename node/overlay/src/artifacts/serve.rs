//! What is a peer answered? Admission on the swarm's task; the disk is read on threads that may block.

use super::{ArtifactAnswer, ArtifactAsk, MOST_READ, ServedArtifacts, rate::Rates};
use crate::{frame::Garbled, peers::Refusal, swarm::Overlay};
use builds::ArtifactError;
use libp2p::{
    PeerId,
    request_response::{Event, InboundRequestId, Message, ResponseChannel},
};
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};
use tokio::task::{JoinError, JoinSet};

/// How long an ask may take to arrive, and its answer to be taken.
pub(crate) const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// Answers under way to one peer; each is held in memory until it is taken.
const AT_ONCE_EACH: usize = 8;

/// Answers under way to all peers.
const AT_ONCE: usize = 32;

/// An answer that is ready to be sent.
pub(crate) struct Ready {
    channel: ResponseChannel<ArtifactAnswer>,
    answer: ArtifactAnswer,
}

/// The serving side of the protocol.
pub(crate) struct Serving {
    mirror: Option<ServedArtifacts>,
    rates: Rates,
    under_way: HashMap<InboundRequestId, PeerId>,
    reading: JoinSet<Ready>,
}

impl Serving {
    pub(crate) fn new(mirror: Option<ServedArtifacts>) -> Self {
        let per_second = mirror.as_ref().map_or(0, |mirror| mirror.max_bytes_per_second);
        let rates = Rates::new(per_second, Instant::now());
        Self { mirror, rates, under_way: HashMap::new(), reading: JoinSet::new() }
    }

    /// The next answer that has been read from disk; none while nothing is read.
    pub(crate) async fn ready(&mut self) -> Option<Result<Ready, JoinError>> {
        self.reading.join_next().await
    }

    pub(crate) fn forget_the_quiet(&mut self, now: Instant) {
        self.rates.forget_the_quiet(now);
    }

    /// What this node serves, when the ask may be looked into; else what it is answered at once.
    fn admit(&mut self, peer: PeerId, ask: &ArtifactAsk, now: Instant) -> Result<ServedArtifacts, ArtifactAnswer> {
        let mirror = self.mirror.clone().ok_or(ArtifactAnswer::NotHeld)?;
        let bytes = match ask {
            ArtifactAsk::Have { .. } => 0,
            ArtifactAsk::Read { length, .. } if (1..=MOST_READ).contains(length) => u64::from(*length),
            ArtifactAsk::Read { .. } => return Err(ArtifactAnswer::OutOfRange),
        };
        let of_peer = self.under_way.values().filter(|other| **other == peer).count();
        // What is read may outlive what waits for it, when the disk is slow.
        let at_once = self.under_way.len().max(self.reading.len());
        if of_peer >= AT_ONCE_EACH || at_once >= AT_ONCE || !self.rates.take(peer, bytes, now) {
            return Err(ArtifactAnswer::Busy);
        }
        Ok(mirror)
    }

    fn read(
        &mut self,
        mirror: ServedArtifacts,
        peer: PeerId,
        id: InboundRequestId,
        ask: ArtifactAsk,
        channel: ResponseChannel<ArtifactAnswer>,
    ) {
        self.under_way.insert(id, peer);
        self.reading.spawn_blocking(move || Ready { channel, answer: answer(&mirror, &ask) });
    }
}

/// Looks into state, and then reads the disk.
fn answer(mirror: &ServedArtifacts, ask: &ArtifactAsk) -> ArtifactAnswer {
    if !(mirror.may_serve)(ask.hash()) {
        return ArtifactAnswer::NotHeld;
    }
    let read = match ask {
        ArtifactAsk::Have { hash } => {
            return mirror.store.size(hash).map_or(ArtifactAnswer::NotHeld, |size| ArtifactAnswer::Held { size });
        }
        ArtifactAsk::Read { hash, part, offset, length } => mirror.store.read(hash, *part, *offset, *length as usize),
    };
    match read {
        Ok(bytes) => ArtifactAnswer::Bytes(bytes),
        Err(ArtifactError::OutOfRange { .. }) => ArtifactAnswer::OutOfRange,
        Err(ArtifactError::NotHeld(_)) => ArtifactAnswer::NotHeld,
        Err(error) => {
            tracing::warn!(%error, "a release artifact cannot be served");
            ArtifactAnswer::NotHeld
        }
    }
}

impl Overlay {
    /// Hears what happened in the artifact protocol. This side never asks.
    pub(crate) fn serve(&mut self, event: Event<Result<ArtifactAsk, Garbled>, ArtifactAnswer>) {
        match event {
            Event::Message { peer, message: Message::Request { request_id, request: Ok(ask), channel }, .. } => {
                self.asked(peer, request_id, ask, channel);
            }
            Event::Message { peer, message: Message::Request { request: Err(Garbled(why)), .. }, .. } => {
                tracing::debug!(%peer, why, "an artifact request is none");
                self.metrics.artifact_garbled();
                self.refuse(peer, &Refusal::Garbled);
            }
            Event::ResponseSent { request_id, .. } => drop(self.serving.under_way.remove(&request_id)),
            Event::InboundFailure { peer, request_id, error, .. } => {
                self.serving.under_way.remove(&request_id);
                tracing::debug!(%peer, %error, "an artifact request came to nothing");
            }
            Event::OutboundFailure { .. } | Event::Message { message: Message::Response { .. }, .. } => {}
        }
    }

    fn asked(
        &mut self,
        peer: PeerId,
        id: InboundRequestId,
        ask: ArtifactAsk,
        channel: ResponseChannel<ArtifactAnswer>,
    ) {
        let now = Instant::now();
        if let Some(connection) = self.connections.get_mut(&peer) {
            connection.asked = now;
        }
        match self.serving.admit(peer, &ask, now) {
            Ok(mirror) => self.serving.read(mirror, peer, id, ask, channel),
            Err(answer) => self.give(Ready { channel, answer }),
        }
    }

    /// Sends an answer; whoever asked may have gone away meanwhile, which the next event says.
    pub(crate) fn give(&mut self, Ready { channel, answer }: Ready) {
        self.metrics.artifact_answered(&answer);
        let _ = self.swarm.behaviour_mut().artifacts.send_response(channel, answer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use builds::{ArtifactStore, Part};
    use primitives::BuildHash;
    use std::sync::Arc;

    const HASH: BuildHash = BuildHash([1; 32]);

    fn mirror(dir: &tempfile::TempDir) -> ServedArtifacts {
        let store = ArtifactStore::open(dir.path()).unwrap();
        ServedArtifacts { store, may_serve: Arc::new(|hash| *hash == HASH), max_bytes_per_second: 1 << 30 }
    }

    fn read(length: u32) -> ArtifactAsk {
        ArtifactAsk::Read { hash: HASH, part: Part::Data, offset: 0, length }
    }

    #[test]
    fn a_node_that_serves_nothing_has_nothing() {
        assert_eq!(
            Serving::new(None).admit(PeerId::random(), &read(1), Instant::now()).unwrap_err(),
            ArtifactAnswer::NotHeld
        );
    }

    #[test]
    fn a_length_that_no_read_may_have_is_refused_before_anything_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let mut serving = Serving::new(Some(mirror(&dir)));
        for length in [0, MOST_READ + 1, u32::MAX] {
            let refused = serving.admit(PeerId::random(), &read(length), Instant::now()).unwrap_err();
            assert_eq!(refused, ArtifactAnswer::OutOfRange);
        }
    }

    #[test]
    fn more_than_the_rate_is_busy_until_time_has_passed() {
        let dir = tempfile::tempdir().unwrap();
        let slow = ServedArtifacts { max_bytes_per_second: 2 << 20, ..mirror(&dir) };
        let (mut serving, peer, now) = (Serving::new(Some(slow)), PeerId::random(), Instant::now());
        assert!(serving.admit(peer, &read(MOST_READ), now).is_ok());
        assert_eq!(serving.admit(peer, &read(MOST_READ), now).unwrap_err(), ArtifactAnswer::Busy);
        assert!(serving.admit(PeerId::random(), &read(MOST_READ), now).is_ok(), "another has a share of its own");
        assert!(serving.admit(peer, &read(MOST_READ), now + Duration::from_secs(1)).is_ok());
    }
}
