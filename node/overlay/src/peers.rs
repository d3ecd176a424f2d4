//! Who is connected, and who is refused for a while?

use super::{
    Direction, RefusedPeer,
    behaviour::SCORE_KEPT,
    status::{millis, unix_now},
};
use libp2p::{Multiaddr, PeerId, swarm::ConnectionId};
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

/// How long a connected peer may take to say which network it is of.
pub(super) const IDENTIFY_WITHIN: Duration = Duration::from_secs(10);

/// Refused peers remembered; a new id costs a stranger nothing, so the refusal that ends first makes room.
const REFUSALS: usize = 1024;

/// Characters of a stranger's own words that are repeated in a reason.
const QUOTED: usize = 160;

/// One open connection; a peer has at most one.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) id: ConnectionId,
    pub(super) address: Multiaddr,
    pub(super) direction: Direction,
    /// Seconds since 1970-01-01T00:00:00Z.
    pub(super) since: u64,
    pub(super) opened: Instant,
    /// Whether the peer is known to be of this network.
    pub(super) identified: bool,
    /// Whether it only fetches artifacts.
    pub(super) guest: bool,
    /// When it last asked for an artifact; at first, when the connection was opened.
    pub(super) asked: Instant,
}

/// Why a peer is refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(super) enum Refusal {
    #[error("it is of another network: {theirs}")]
    OtherNetwork { theirs: String },
    #[error("it did not say which network it is of within {} s", IDENTIFY_WITHIN.as_secs())]
    Unidentified,
    #[error("its gossip score fell to {score:.0}")]
    Misbehaved { score: f64 },
    #[error("it asked in bytes that are no request")]
    Garbled,
    #[error("it answered what no node of this network answers")]
    BadAnswer,
}

impl Refusal {
    pub(super) fn other_network(version: &str) -> Self {
        Self::OtherNetwork { theirs: version.chars().take(QUOTED).flat_map(char::escape_default).collect() }
    }

    fn lasts(&self) -> Duration {
        match self {
            // A node is reconfigured or restarted within minutes.
            Self::OtherNetwork { .. } => Duration::from_secs(5 * 60),
            Self::Unidentified => Duration::from_secs(60),
            Self::Misbehaved { .. } | Self::Garbled | Self::BadAnswer => SCORE_KEPT + Duration::from_secs(5 * 60),
        }
    }
}

struct Refused {
    reason: String,
    ends: Instant,
    until: u64,
}

/// The peers refused at the moment.
#[derive(Default)]
pub(super) struct Refusals(HashMap<PeerId, Refused>);

impl Refusals {
    /// Adds a peer; the peers that had to make room are returned.
    pub(super) fn add(&mut self, peer: PeerId, why: &Refusal, now: Instant) -> Vec<PeerId> {
        let until = unix_now().saturating_add(why.lasts().as_secs());
        self.0.insert(peer, Refused { reason: why.to_string(), ends: now + why.lasts(), until });
        let mut released = Vec::new();
        while self.0.len() > REFUSALS {
            let Some(first) = self.0.iter().min_by_key(|(_, refused)| refused.ends).map(|(id, _)| *id) else { break };
            self.0.remove(&first);
            released.push(first);
        }
        released
    }

    /// Ends the refusals that are over and returns their peers.
    pub(super) fn lapse(&mut self, now: Instant) -> Vec<PeerId> {
        let over: Vec<PeerId> = self.0.iter().filter(|(_, refused)| refused.ends <= now).map(|(id, _)| *id).collect();
        for peer in &over {
            self.0.remove(peer);
        }
        over
    }

    pub(super) fn contains(&self, peer: &PeerId) -> bool {
        self.0.contains_key(peer)
    }

    /// As the status shows them, by peer id.
    pub(super) fn shown(&self) -> Vec<RefusedPeer> {
        let mut shown: Vec<RefusedPeer> = self
            .0
            .iter()
            .map(|(id, refused)| RefusedPeer {
                peer_id: id.to_base58(),
                reason: refused.reason.clone(),
                until: refused.until,
                until_ms: millis(refused.until),
            })
            .collect();
        shown.sort_by(|a, b| a.peer_id.cmp(&b.peer_id));
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_end_and_are_bounded() {
        let now = Instant::now();
        let mut refusals = Refusals::default();
        let first = PeerId::random();
        refusals.add(first, &Refusal::Unidentified, now);
        assert!(refusals.lapse(now + Duration::from_secs(59)).is_empty());
        assert_eq!(refusals.lapse(now + Duration::from_secs(60)), [first]);
        refusals.add(first, &Refusal::Unidentified, now);
        let released: Vec<PeerId> =
            (0..REFUSALS).flat_map(|_| refusals.add(PeerId::random(), &Refusal::other_network("\u{7}"), now)).collect();
        assert_eq!(released, [first]);
        assert!(refusals.shown().iter().all(|refused| refused.reason.ends_with("\\u{7}")));
    }
}
