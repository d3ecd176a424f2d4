//! What becomes of a connection? Opened, identified, closed, refused, dialled again.

use super::{
    Direction, address,
    dial::Attempt,
    peers::{Connection, Refusal},
    status::unix_now,
    swarm::Overlay,
};
use libp2p::{
    PeerId,
    core::ConnectedPoint,
    identify,
    swarm::{
        ConnectionId, DialError,
        dial_opts::{DialOpts, PeerCondition},
    },
};
use std::time::Instant;

impl Overlay {
    pub(super) fn connected(&mut self, peer: PeerId, id: ConnectionId, endpoint: &ConnectedPoint) {
        let direction = if endpoint.is_dialer() { Direction::Outbound } else { Direction::Inbound };
        let (address, opened) = (endpoint.get_remote_address().clone(), Instant::now());
        self.dialer.connected(id, peer);
        let since = unix_now();
        let connection =
            Connection { id, address, direction, since, opened, identified: false, guest: false, asked: opened };
        self.connections.insert(peer, connection);
    }

    pub(super) fn identify(&mut self, peer: PeerId, info: &identify::Info) {
        if info.protocol_version != self.network.identify_version() {
            return self.refuse(peer, &Refusal::other_network(&info.protocol_version));
        }
        // What only fetches cannot be dialled, and is not worth remembering.
        if self.is_guest(info) {
            return self.receive_guest(peer);
        }
        let Some(connection) = self.connections.get_mut(&peer) else { return };
        connection.guest = false;
        let dialled = (connection.direction == Direction::Outbound).then_some(&connection.address);
        let addresses = address::worth_keeping(dialled, &connection.address, &info.listen_addrs);
        self.dialer.identified(peer, addresses.clone());
        self.store.seen(peer, addresses, unix_now());
        // A peer may say this as often as it likes; only the first time costs a status and a write.
        if !std::mem::replace(&mut connection.identified, true) {
            tracing::info!(%peer, address = %connection.address, "peer connected");
            self.peers_changed = true;
            self.show();
            self.learn(peer);
        }
    }

    pub(super) fn disconnected(&mut self, peer: &PeerId, id: ConnectionId) {
        if self.connections.get(peer).is_none_or(|connection| connection.id != id) {
            return;
        }
        let identified = self.connections.remove(peer).is_some_and(|was| was.identified && !was.guest);
        if identified {
            tracing::info!(%peer, "peer disconnected");
        }
        if !self.refusals.contains(peer) {
            self.dialer.wake(peer, identified, Instant::now());
        }
        self.show();
    }

    pub(super) fn refuse(&mut self, peer: PeerId, why: &Refusal) {
        let now = Instant::now();
        tracing::warn!(%peer, reason = %why, "peer refused for a while");
        self.metrics.refused();
        for released in self.refusals.add(peer, why, now) {
            self.release(&released, now);
        }
        self.doubts.forget(&peer);
        self.swarm.behaviour_mut().refused.block_peer(peer);
        self.show();
    }

    pub(super) fn release(&mut self, peer: &PeerId, now: Instant) {
        self.swarm.behaviour_mut().refused.unblock_peer(*peer);
        self.dialer.wake(peer, true, now);
    }

    /// Closes the connection with a peer and drops what is known of where it is. Gives whether that was anything.
    pub(super) fn forget(&mut self, peer: &PeerId) -> bool {
        let (dialled, remembered) = (self.dialer.forget(peer), self.store.remove(peer));
        let connected = self.swarm.disconnect_peer_id(*peer).is_ok();
        self.peers_changed |= remembered;
        self.show();
        dialled || remembered || connected
    }

    pub(super) fn dial_due(&mut self) {
        let (connections, refusals) = (&self.connections, &self.refusals);
        let settled = |peer: &PeerId| connections.contains_key(peer) || refusals.contains(peer);
        for mut attempt in self.dialer.take_due(Instant::now(), settled) {
            self.resolving.spawn(async move {
                attempt.addresses = address::resolve(attempt.addresses).await;
                attempt
            });
        }
    }

    pub(super) fn dial(&mut self, Attempt { target, peer, addresses }: Attempt) {
        // Without a known peer only one address can be dialled; a name's others have their turn after a failure.
        let turn = self.dialer.failures(target) as usize % addresses.len().max(1);
        let Some(address) = addresses.get(turn).cloned() else {
            return self.dialer.postpone(target, Instant::now());
        };
        let only = (peer.is_none() || addresses.len() == 1).then(|| address.clone());
        // A new port for each dial: two nodes that dial each other from their listening ports would meet in one TCP
        // connection in which both believe that they have dialled.
        let dial: DialOpts = match peer {
            Some(peer) => DialOpts::peer_id(peer)
                .condition(PeerCondition::DisconnectedAndNotDialing)
                .addresses(addresses)
                .allocate_new_port()
                .build(),
            None => DialOpts::unknown_peer_id().address(address).allocate_new_port().build(),
        };
        let connection = dial.connection_id();
        self.dialer.dialling(target, connection, only);
        if let Err(error) = self.swarm.dial(dial) {
            self.dial_failed(connection, None, &error);
        }
    }

    pub(super) fn dial_failed(&mut self, connection: ConnectionId, met: Option<PeerId>, error: &DialError) {
        tracing::debug!(peer = ?met, %error, "dial failed");
        let (now, local) = (Instant::now(), *self.swarm.local_peer_id());
        match error {
            DialError::LocalPeerId { address } => {
                self.twins.dialled_own(address::split(address).0, now);
                self.dialer.met_self(connection, now);
            }
            // libp2p leaves out the addresses that this node listens on itself.
            DialError::NoAddresses => self.dialer.met_self(connection, now),
            DialError::WrongPeerId { obtained, address } => {
                if *obtained == local {
                    self.twins.dialled_own(address::split(address).0, now);
                } else {
                    self.met_elsewhere(connection, Some(*obtained), now);
                }
                self.dialer.mistook(connection, now);
            }
            DialError::Denied { .. } if self.met_elsewhere(connection, met, now) => {
                self.dialer.mistook(connection, now)
            }
            _ => self.dialer.failed(connection, met, now),
        }
    }

    /// Whether the peer that was met, and is connected, is not the one at the address that was dialled.
    fn met_elsewhere(&mut self, dial: ConnectionId, met: Option<PeerId>, now: Instant) -> bool {
        let Some((peer, connection)) = met.and_then(|peer| Some((peer, self.connections.get(&peer)?))) else {
            return false;
        };
        let Some(dialled) = self.dialer.dialled(dial) else { return false };
        if !connection.identified {
            // Where else it is will be known when the dial is repeated.
            return true;
        }
        let known = self.store.peers().find(|record| record.peer_id == peer);
        let known = known.map(|record| record.addresses.as_slice()).unwrap_or_default();
        let (direction, connected) = (connection.direction, &connection.address);
        let expects_other = self.dialer.expects_other(dial, &peer);
        let Some(other) = address::elsewhere(dialled, direction, connected, known, expects_other) else {
            return false;
        };
        self.twins.met_twice(peer, [dialled.clone(), other], now);
        true
    }
}
