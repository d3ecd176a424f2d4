//! Do two nodes go by one node key? This node's own key, met elsewhere, or one peer's, met at two addresses.
//!
//! Both ends of a handshake of this node with itself, as behind an address translator, are here: a dial that meets this node's own
//! key, and a connection that comes in with it. One end without the other is another node's.

use super::SharedKey;
use libp2p::{Multiaddr, PeerId};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

/// The ends of one handshake are no further apart than this. With more, two nodes of one key that dial each other would be taken for one
/// that dials itself.
const BOTH_ENDS_WITHIN: Duration = Duration::from_secs(1);

/// How long a meeting is told of: a configured peer is dialled again within a minute, and a handshake may fail.
const TOLD_FOR: Duration = Duration::from_secs(150);

/// Ends that wait, and meetings that are told of, at most.
const MOST: usize = 64;

/// Where a node has its key, in its home. Strangers read this too (`net.overlay_status`), so no path of this machine is said.
const KEY_FILE: &str = "config/node.key";

/// A handshake with this node's own key, seen from one end.
#[derive(Debug)]
struct OwnEnd {
    dialled: bool,
    address: Multiaddr,
    at: Instant,
}

/// The keys that more than one node has, as far as this one met them lately.
#[derive(Debug)]
pub(super) struct Twins {
    local: PeerId,
    ends: Vec<OwnEnd>,
    met: BTreeMap<(PeerId, Multiaddr), Instant>,
    /// What the log has.
    told: BTreeSet<PeerId>,
}

impl Twins {
    /// None yet, for a node of this identity.
    pub(super) fn new(local: PeerId) -> Self {
        Self { local, ends: Vec::new(), met: BTreeMap::new(), told: BTreeSet::new() }
    }

    /// Whoever was dialled at this address has this node's own key.
    pub(super) fn dialled_own(&mut self, address: Multiaddr, now: Instant) {
        self.end(OwnEnd { dialled: true, address, at: now });
    }

    /// Whoever came in from this address has this node's own key.
    pub(super) fn own_came(&mut self, address: Multiaddr, now: Instant) {
        self.end(OwnEnd { dialled: false, address, at: now });
    }

    fn end(&mut self, end: OwnEnd) {
        let is_other =
            |other: &OwnEnd| other.dialled != end.dialled && end.at.duration_since(other.at) <= BOTH_ENDS_WITHIN;
        match self.ends.iter().position(is_other) {
            Some(other) => drop(self.ends.swap_remove(other)),
            None if self.ends.len() < MOST => self.ends.push(end),
            None => {}
        }
    }

    /// A peer's key was met at each of these addresses, and that is not one node's doing.
    pub(super) fn met_twice(&mut self, peer: PeerId, addresses: [Multiaddr; 2], now: Instant) {
        for address in addresses {
            self.meet(peer, address, now);
        }
    }

    fn meet(&mut self, peer: PeerId, address: Multiaddr, now: Instant) {
        let key = (peer, address);
        if self.met.len() < MOST || self.met.contains_key(&key) {
            self.met.insert(key, now);
        }
    }

    /// What is known by `now`, by peer id; a key that the log does not have yet is said there.
    pub(super) fn look(&mut self, now: Instant) -> Vec<SharedKey> {
        let (alone, wait): (Vec<OwnEnd>, Vec<OwnEnd>) =
            self.ends.drain(..).partition(|end| now.duration_since(end.at) > BOTH_ENDS_WITHIN);
        self.ends = wait;
        for OwnEnd { dialled, address, at } in alone {
            // The port that somebody comes from is another one each time.
            let address = if dialled { address } else { address.iter().take(1).collect() };
            self.meet(self.local, address, at);
        }
        self.met.retain(|_, at| now.duration_since(*at) < TOLD_FOR);
        let mut shared: BTreeMap<PeerId, Vec<String>> = BTreeMap::new();
        for (peer, address) in self.met.keys() {
            shared.entry(*peer).or_default().push(address.to_string());
        }
        self.told.retain(|peer| shared.contains_key(peer));
        let keys: Vec<SharedKey> = shared.into_iter().map(|(peer, addresses)| self.shared(peer, addresses)).collect();
        for key in &keys {
            let unheard = key.peer_id.parse().is_ok_and(|peer: PeerId| self.told.insert(peer));
            if unheard {
                tracing::warn!("{}", key.warning);
            }
        }
        keys
    }

    fn shared(&self, peer: PeerId, addresses: Vec<String>) -> SharedKey {
        let (own, at) = (peer == self.local, addresses.join(", "));
        let warning = if own {
            format!(
                "another node has this node's key (peer id {peer}): it was met at {at}; peers keep a connection with one of the two \
                 only. Stop the one whose key is the copy, and give it a key of its own in place of {KEY_FILE}"
            )
        } else {
            format!(
                "two nodes have one node key (peer id {peer}): it was met at {at}; only one of them is connected at a time. The operator \
                 of the copy has to give it a key of its own in place of {KEY_FILE}"
            )
        };
        SharedKey { peer_id: peer.to_base58(), addresses, own, warning }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOMENT: Duration = Duration::from_millis(10);

    fn address(text: &str) -> Multiaddr {
        text.parse().unwrap()
    }

    fn twins() -> Twins {
        Twins::new(PeerId::random())
    }

    #[test]
    fn o24_both_ends_of_a_handshake_with_itself_are_no_twin() {
        let (mut twins, now) = (twins(), Instant::now());
        for second in 0..20 {
            let at = now + Duration::from_secs(3 * second);
            twins.dialled_own(address("/ip4/203.0.113.7/tcp/1"), at);
            twins.own_came(address("/ip4/203.0.113.7/tcp/50000"), at + MOMENT);
            // Which end is done first depends on the network.
            twins.own_came(address("/ip4/203.0.113.7/tcp/50001"), at + Duration::from_millis(1_500));
            twins.dialled_own(address("/ip4/203.0.113.7/tcp/1"), at + Duration::from_millis(1_500) + MOMENT);
            assert!(twins.look(at + Duration::from_millis(2_900)).is_empty());
        }
    }

    #[test]
    fn o24_one_end_alone_is_a_twin_that_is_named_with_address_id_and_file_until_it_is_met_no_more() {
        let (mut twins, now) = (twins(), Instant::now());
        twins.dialled_own(address("/ip4/127.0.0.1/tcp/26613"), now);
        assert!(twins.look(now + BOTH_ENDS_WITHIN).is_empty(), "the other end may still come");
        let later = now + BOTH_ENDS_WITHIN + MOMENT;
        let shared = twins.look(later);
        let [key] = &shared[..] else { panic!("{shared:?}") };
        assert!(key.own && key.peer_id == twins.local.to_base58());
        for part in ["/ip4/127.0.0.1/tcp/26613", key.peer_id.as_str(), "in place of config/node.key"] {
            assert!(key.warning.contains(part), "{}", key.warning);
        }
        // The other one's dials come from another port each time, and are one address.
        for (second, port) in [(2, 50_000), (6, 50_001)] {
            let at = now + Duration::from_secs(second);
            twins.own_came(address(&format!("/ip4/10.0.0.7/tcp/{port}")), at);
            twins.look(at + Duration::from_secs(2));
        }
        let shared = twins.look(now + Duration::from_secs(8));
        assert_eq!(shared[0].addresses, ["/ip4/10.0.0.7", "/ip4/127.0.0.1/tcp/26613"]);
        assert!(twins.look(now + Duration::from_secs(8) + TOLD_FOR).is_empty());
    }

    #[test]
    fn o24_a_third_names_both_addresses_and_what_is_kept_is_bounded() {
        let (mut twins, peer, now) = (twins(), PeerId::random(), Instant::now());
        twins.met_twice(peer, [address("/ip4/127.0.0.1/tcp/1"), address("/ip4/127.0.0.1/tcp/2")], now);
        let shared = twins.look(now);
        assert_eq!((shared.len(), shared[0].own, shared[0].addresses.len()), (1, false, 2));
        assert!(shared[0].warning.contains("/tcp/1, /ip4/127.0.0.1/tcp/2"), "{}", shared[0].warning);
        for port in 1..1000 {
            twins.met_twice(PeerId::random(), [1, 2].map(|_| address(&format!("/ip4/1.2.3.4/tcp/{port}"))), now);
            twins.dialled_own(address("/ip4/1.2.3.4/tcp/1"), now);
        }
        assert!(twins.met.len() <= MOST && twins.ends.len() <= MOST);
    }
}
