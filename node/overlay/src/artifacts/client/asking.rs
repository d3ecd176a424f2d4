//! Which ask goes out next, and what became of it? A few to each peer at once, the others in their order.

use super::{PeerReadError, Reply, swarm::Client};
use crate::{
    artifacts::{ArtifactAnswer, ArtifactAsk},
    frame::Garbled,
};
use libp2p::{
    PeerId,
    request_response::{Event, Message, OutboundFailure, OutboundRequestId},
};
use std::{collections::VecDeque, io};

/// Asks sent to one peer at once; fewer than it answers at once, so that it is not made to say that it is busy.
const AT_ONCE: usize = 4;

/// What a peer is being asked.
#[derive(Default)]
pub(super) struct Peer {
    under_way: usize,
    waiting: VecDeque<(ArtifactAsk, Reply)>,
}

impl Client {
    pub(super) fn queue(&mut self, peer: PeerId, ask: ArtifactAsk, reply: Reply) {
        match self.peers.get_mut(&peer) {
            Some(of_peer) => of_peer.waiting.push_back((ask, reply)),
            None => {
                answer(reply, Err(PeerReadError::Unreachable("it was not reached when the client connected".into())))
            }
        }
        self.ask_next(peer);
    }

    fn ask_next(&mut self, peer: PeerId) {
        let Some(of_peer) = self.peers.get_mut(&peer) else { return };
        while of_peer.under_way < AT_ONCE
            && let Some((ask, reply)) = of_peer.waiting.pop_front()
        {
            if reply.is_closed() {
                continue;
            }
            of_peer.under_way += 1;
            // A peer that went away is dialled again where it was met.
            let addresses = self.addresses.get(&peer).cloned().into_iter().collect();
            let id = self.swarm.behaviour_mut().artifacts.send_request_with_addresses(&peer, Ok(ask), addresses);
            self.asked.insert(id, (peer, reply));
        }
    }

    pub(super) fn hear(&mut self, event: Event<Result<ArtifactAsk, Garbled>, ArtifactAnswer>) {
        match event {
            Event::Message { message: Message::Response { request_id, response }, .. } => {
                self.answered(request_id, Ok(response));
            }
            Event::OutboundFailure { request_id, error, .. } => {
                let error = self.explain(error);
                self.answered(request_id, Err(error));
            }
            // Nobody can ask this side: it does not offer the protocol.
            _ => {}
        }
    }

    fn answered(&mut self, id: OutboundRequestId, result: Result<ArtifactAnswer, PeerReadError>) {
        let Some((peer, reply)) = self.asked.remove(&id) else { return };
        answer(reply, result);
        if let Some(of_peer) = self.peers.get_mut(&peer) {
            of_peer.under_way = of_peer.under_way.saturating_sub(1);
        }
        self.ask_next(peer);
    }

    fn explain(&self, error: OutboundFailure) -> PeerReadError {
        match error {
            OutboundFailure::Timeout => PeerReadError::Timeout(self.timeout),
            OutboundFailure::UnsupportedProtocols => PeerReadError::NotHeld,
            OutboundFailure::Io(error) if error.kind() == io::ErrorKind::InvalidData => PeerReadError::Garbled,
            error => PeerReadError::Unreachable(error.to_string()),
        }
    }
}

fn answer(reply: Reply, result: Result<ArtifactAnswer, PeerReadError>) {
    // Whoever asked may have gone away meanwhile.
    let _ = reply.send(result);
}
