//! Which of the remembered peers are asked for an artifact? Some by lot, so that nobody can arrange to be all of them.
//!
//! An id costs a stranger nothing, and neither does an address that it claims: neither the order of ids nor their number may
//! decide. Half of the places are drawn among those known longest, which ids of today are not; half among all, so that a new
//! peer has its chance. Whoever was drawn waits until the others were.

use super::{PeerRecord, PeerStore, address};
use libp2p::{Multiaddr, PeerId};
use rand::{Rng, seq::SliceRandom};
use std::collections::HashMap;

/// Peers drawn at a time.
const PLACES: usize = 32;

/// Of how many that are known longest half of the places are drawn.
const LONGEST_KNOWN: usize = 64;

/// Peers drawn at a time of one subnet, at most.
const OF_ONE_SUBNET: usize = 2;

/// The lots that were drawn, so that each try asks others. One that is new has drawn none.
#[derive(Debug, Default)]
pub struct PeerLot {
    drawn: HashMap<PeerId, u32>,
}

impl PeerLot {
    /// Where to ask at this try: addresses of remembered peers, beside those at `configured` addresses, who are asked at
    /// every try.
    pub fn draw(&mut self, store: &PeerStore, configured: &[Multiaddr]) -> Vec<Multiaddr> {
        let drawn = self.draw_with(store, configured, &mut rand::thread_rng());
        drawn.into_iter().filter_map(|peer| peer.addresses.first().cloned()).collect()
    }

    fn draw_with<'a>(
        &mut self,
        store: &'a PeerStore,
        configured: &[Multiaddr],
        chance: &mut impl Rng,
    ) -> Vec<&'a PeerRecord> {
        let configured: Vec<_> = configured.iter().map(address::split).collect();
        let is_configured = |peer: &PeerRecord| {
            configured.iter().any(|(address, id)| *id == Some(peer.peer_id) || peer.addresses.contains(address))
        };
        let mut all = store.longest_known();
        all.retain(|peer| !peer.addresses.is_empty() && !is_configured(peer));
        let mut longest = Spread::default();
        longest.fill(all.iter().copied(), LONGEST_KNOWN);
        let mut drawn = Spread::default();
        drawn.fill(self.shuffled(longest.peers, chance).into_iter(), PLACES / 2);
        drawn.fill(self.shuffled(all, chance).into_iter(), PLACES);
        // Of those who are forgotten meanwhile nothing stays here either.
        let times = |peer: &PeerRecord| Some((peer.peer_id, *self.drawn.get(&peer.peer_id)?));
        self.drawn = store.peers().filter_map(times).collect();
        for peer in &drawn.peers {
            *self.drawn.entry(peer.peer_id).or_default() += 1;
        }
        drawn.peers
    }

    /// Peers in an order of chance, those first who were drawn least often.
    fn shuffled<'a>(&self, mut peers: Vec<&'a PeerRecord>, chance: &mut impl Rng) -> Vec<&'a PeerRecord> {
        peers.shuffle(chance);
        peers.sort_by_key(|peer| self.drawn.get(&peer.peer_id).copied().unwrap_or(0));
        peers
    }
}

/// Peers of which few are neighbours.
#[derive(Default)]
struct Spread<'a> {
    peers: Vec<&'a PeerRecord>,
    of_subnet: HashMap<address::Subnet, usize>,
}

impl<'a> Spread<'a> {
    /// Takes peers in their order, until there are so many in all.
    fn fill(&mut self, peers: impl Iterator<Item = &'a PeerRecord>, most: usize) {
        for peer in peers {
            if self.peers.len() >= most {
                return;
            }
            let Some(address) = peer.addresses.first() else { continue };
            if self.peers.iter().any(|taken| taken.peer_id == peer.peer_id) {
                continue;
            }
            let taken = self.of_subnet.entry(address::Subnet::of(address)).or_default();
            if *taken < OF_ONE_SUBNET {
                *taken += 1;
                self.peers.push(peer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::{SeedableRng as _, rngs::StdRng};
    use std::{net::Ipv4Addr, path::Path};

    const DAY: u64 = 24 * 3600;
    const TODAY: u64 = 1_800_000_000;

    fn id(number: u16) -> PeerId {
        let mut seed = [0; 32];
        seed[..2].copy_from_slice(&number.to_le_bytes());
        crate::peer_id(&seed)
    }

    fn at(a: u8, b: u8, c: u8, d: u8) -> Multiaddr {
        address::of_socket((Ipv4Addr::new(a, b, c, d), 26603).into())
    }

    fn known(peer_id: PeerId, address: Multiaddr, first_seen: u64, last_seen: u64) -> PeerRecord {
        PeerRecord { peer_id, addresses: vec![address], first_seen, last_seen, score: 0.0, migrated_at: None }
    }

    fn empty() -> PeerStore {
        PeerStore::empty(Path::new("peers.json"))
    }

    /// A store that knew the greatest id for a month before a thousand others came today, each of a subnet of its own or all
    /// of its subnet.
    fn flooded(neighbours: bool, gone_for: u64) -> (PeerStore, PeerId) {
        let mut ids: Vec<PeerId> = (0..1001).map(id).collect();
        ids.sort();
        let honest = ids.pop().unwrap();
        let mut store = empty();
        store.insert(known(honest, at(10, 0, 0, 1), TODAY - 30 * DAY, TODAY - gone_for));
        for (number, ground) in (0u16..).zip(ids) {
            let [high, low] = number.to_be_bytes();
            let address = if neighbours { at(10, 0, 0, low) } else { at(11, high, low, 1) };
            store.seen(ground, vec![address], TODAY + u64::from(number));
            // It behaves better than anybody else.
            store.rate(&ground, 50.0, TODAY + u64::from(number));
        }
        (store, honest)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn h25_among_a_thousand_ground_ids_of_today_a_peer_known_for_a_month_is_asked_within_ten_tries(
            seed in any::<u64>(), neighbours in any::<bool>(), gone_for in 0..14 * DAY,
        ) {
            let (store, honest) = flooded(neighbours, gone_for);
            let by_id: Vec<PeerId> = store.peers().map(|peer| peer.peer_id).collect();
            prop_assert!(by_id.iter().position(|peer| *peer == honest) >= Some(PLACES), "the order of ids finds it late");
            let (mut lot, mut chance) = (PeerLot::default(), StdRng::seed_from_u64(seed));
            let mut asked = false;
            for _ in 0..10 {
                let drawn = lot.draw_with(&store, &[], &mut chance);
                prop_assert!(!drawn.is_empty() && drawn.len() <= PLACES);
                let subnet = |peer: &PeerRecord| address::Subnet::of(&peer.addresses[0]);
                for peer in &drawn {
                    let neighbours = drawn.iter().filter(|other| subnet(other) == subnet(peer)).count();
                    prop_assert!(neighbours <= OF_ONE_SUBNET);
                }
                asked |= drawn.iter().any(|peer| peer.peer_id == honest);
            }
            prop_assert!(asked);
        }
    }

    #[test]
    fn h25_half_is_drawn_among_those_known_longest_and_each_try_asks_others() {
        let mut store = empty();
        for number in 0..200u16 {
            let since = if number < 100 { TODAY - 90 * DAY } else { TODAY - DAY };
            store.insert(known(id(number), at(12, 0, number as u8, 1), since, TODAY));
        }
        let (mut lot, mut chance) = (PeerLot::default(), StdRng::seed_from_u64(25));
        let longest: Vec<PeerId> = store.longest_known().iter().take(LONGEST_KNOWN).map(|peer| peer.peer_id).collect();
        let mut tries = Vec::new();
        for _ in 0..LONGEST_KNOWN / (PLACES / 2) {
            let drawn = lot.draw_with(&store, &[], &mut chance);
            let drawn: Vec<PeerId> = drawn.iter().map(|peer| peer.peer_id).collect();
            assert_eq!(drawn.len(), PLACES);
            assert!(drawn[..PLACES / 2].iter().all(|peer| longest.contains(peer)));
            tries.push(drawn);
        }
        assert!(tries[1].iter().all(|peer| !tries[0].contains(peer)), "nobody twice while there are others");
        assert!(longest.iter().all(|peer| tries.concat().contains(peer)), "each has its turn");
    }

    #[test]
    fn h25_who_is_configured_takes_no_place_and_chance_decides_the_rest() {
        let mut store = empty();
        for number in 0..100u16 {
            store.insert(known(id(number), at(12, 0, number as u8, 1), TODAY - DAY, TODAY));
        }
        let named: Multiaddr = format!("/dns/node-1/tcp/26603/p2p/{}", id(1)).parse().unwrap();
        let configured = [at(12, 0, 0, 1), named];
        let hand = |seed| {
            let mut chance = StdRng::seed_from_u64(seed);
            let drawn = PeerLot::default().draw_with(&store, &configured, &mut chance);
            drawn.iter().map(|peer| peer.peer_id).collect::<Vec<_>>()
        };
        for seed in 0..50 {
            assert!(!hand(seed).contains(&id(0)) && !hand(seed).contains(&id(1)));
        }
        assert_ne!(hand(1), hand(2));
        assert_eq!(PeerLot::default().draw(&store, &configured).len(), PLACES);
        assert!(PeerLot::default().draw(&empty(), &configured).is_empty());
    }
}
