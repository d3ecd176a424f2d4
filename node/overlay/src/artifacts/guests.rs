//! Who only fetches? A peer without gossip is a guest: let in to few places, so that those who fetch never displace nodes.

use crate::{peers::Connection, swarm::Overlay};
use libp2p::{PeerId, identify};
use std::time::{Duration, Instant};

/// A guest that asked nothing for so long gives its place to the next.
const IDLE: Duration = Duration::from_secs(10);

/// What becomes of a guest that has just said who it is.
#[derive(Debug, PartialEq, Eq)]
enum Seat {
    Free,
    /// Of another guest, which has to go.
    Of(PeerId),
    None,
}

impl Overlay {
    pub(crate) fn is_guest(&self, info: &identify::Info) -> bool {
        !info.protocols.iter().any(|protocol| protocol.as_ref() == self.network.gossip_protocol())
    }

    /// Gives a guest a place, or closes its connection.
    pub(crate) fn receive_guest(&mut self, guest: PeerId) {
        let others = self.connections.iter().filter(|(peer, connection)| connection.guest && **peer != guest);
        let leaves = match seat(others, places(self.max_peers), Instant::now()) {
            Seat::Free => None,
            Seat::Of(other) => Some(other),
            Seat::None => Some(guest),
        };
        if let Some(connection) = self.connections.get_mut(&guest) {
            (connection.guest, connection.identified) = (true, true);
        }
        if let Some(peer) = leaves {
            tracing::debug!(%peer, "a guest's place is needed");
            // It may have gone already.
            let _ = self.swarm.disconnect_peer_id(peer);
        }
        self.show();
    }
}

/// Guests at once; the rest of the places is for nodes.
fn places(max_peers: usize) -> usize {
    (max_peers / 4).max(1)
}

fn seat<'a>(others: impl Iterator<Item = (&'a PeerId, &'a Connection)>, places: usize, now: Instant) -> Seat {
    let others: Vec<_> = others.collect();
    if others.len() < places {
        return Seat::Free;
    }
    let quietest = others.into_iter().min_by_key(|(_, connection)| connection.asked);
    match quietest.filter(|(_, connection)| now.saturating_duration_since(connection.asked) >= IDLE) {
        Some((peer, _)) => Seat::Of(*peer),
        None => Seat::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Direction;
    use libp2p::{Multiaddr, swarm::ConnectionId};

    fn guest(asked: Instant) -> Connection {
        Connection {
            id: ConnectionId::new_unchecked(1),
            address: Multiaddr::empty(),
            direction: Direction::Inbound,
            since: 0,
            opened: asked,
            identified: true,
            guest: true,
            asked,
        }
    }

    #[test]
    fn guests_have_a_quarter_of_the_places_and_at_least_one() {
        assert_eq!([1, 3, 8, 32].map(places), [1, 1, 2, 8]);
    }

    #[test]
    fn a_guest_takes_a_free_place_or_that_of_one_that_asks_nothing() {
        let now = Instant::now();
        let guests: Vec<(PeerId, Connection)> =
            [0, 5, 9].iter().map(|ago| (PeerId::random(), guest(now - Duration::from_secs(*ago)))).collect();
        let others = || guests.iter().map(|(peer, connection)| (peer, connection));
        assert_eq!(seat(others(), 4, now), Seat::Free);
        assert_eq!(seat(others(), 3, now), Seat::None, "all of them are at work");
        assert_eq!(seat(others(), 3, now + Duration::from_secs(1)), Seat::Of(guests[2].0));
    }
}
