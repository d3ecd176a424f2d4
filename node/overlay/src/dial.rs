//! Who is dialled next, and when? Pure bookkeeping with backoff; the swarm does the dialling.
//!
//! A target is due at a moment, being dialled, or settled (connected or refused) until [`Dialer::wake`]. Nothing polls.

use super::address;
use libp2p::{Multiaddr, PeerId, swarm::ConnectionId};
use rand::Rng;
use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, Instant},
};

/// The first wait after a failure; it doubles with each further one.
const BACKOFF: Duration = Duration::from_millis(500);

/// The longest wait for a configured peer.
const BACKOFF_MAX: Duration = Duration::from_secs(60);

/// The longest wait for a peer that is only remembered.
const BACKOFF_MAX_REMEMBERED: Duration = Duration::from_secs(10 * 60);

/// Dials under way at once.
const DIALS_AT_ONCE: usize = 8;

/// Targets at most, besides those that are configured; the one that failed most makes room for a new one.
const REMEMBERED: usize = 1024;

/// Names a target; never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct TargetId(u64);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Due(Instant),
    Dialling,
    Settled,
}

#[derive(Debug)]
struct Target {
    /// Known from the start, or since the last handshake there.
    peer: Option<PeerId>,
    /// Whether somebody else may be there by now: the peer went away since it was met there.
    outdated: bool,
    addresses: Vec<Multiaddr>,
    configured: bool,
    /// Whether it is this peer that is wanted, wherever it is; else whoever answers at the address that the operator wrote.
    named: bool,
    failures: u32,
    phase: Phase,
}

/// A dial that is due.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) target: TargetId,
    pub(super) peer: Option<PeerId>,
    pub(super) addresses: Vec<Multiaddr>,
}

/// A dial under way.
#[derive(Debug)]
struct Dial {
    target: TargetId,
    /// Where it goes; none when it goes to several addresses at once.
    address: Option<Multiaddr>,
}

/// Everyone this node wants to be connected with.
#[derive(Debug)]
pub(super) struct Dialer {
    local: PeerId,
    targets: BTreeMap<TargetId, Target>,
    dials: HashMap<ConnectionId, Dial>,
    next: u64,
}

impl Dialer {
    pub(super) fn new(local: PeerId) -> Self {
        Self { local, targets: BTreeMap::new(), dials: HashMap::new(), next: 0 }
    }

    /// Adds a peer that the operator named; it is dialled for ever. One named before by this address is dialled at once,
    /// unless it is connected.
    pub(super) fn configure(&mut self, address: &Multiaddr, now: Instant) {
        let (address, peer) = address::split(address);
        if peer == Some(self.local) {
            return;
        }
        let mut named = self.targets.values_mut().filter(|target| target.configured);
        if let Some(target) = named.find(|target| target.addresses == [address.clone()]) {
            if matches!(target.phase, Phase::Due(_)) {
                (target.failures, target.phase) = (0, Phase::Due(now));
            }
            return;
        }
        let phase = Phase::Due(now + self.head_start(peer));
        let (addresses, named) = (vec![address], peer.is_some());
        self.add(Target { peer, outdated: false, addresses, configured: true, named, failures: 0, phase });
    }

    /// Dials a peer no more, whoever named it, until it is named again or comes by itself. Gives whether it was dialled.
    pub(super) fn forget(&mut self, peer: &PeerId) -> bool {
        let before = self.targets.len();
        self.targets.retain(|_, target| target.peer.as_ref() != Some(peer));
        self.targets.len() < before
    }

    /// Adds a peer that the store remembers.
    pub(super) fn remember(&mut self, peer: PeerId, addresses: Vec<Multiaddr>, now: Instant) {
        let phase = Phase::Due(now + self.head_start(Some(peer)));
        self.learn(peer, addresses, phase);
    }

    /// Notes where a connected peer can be dialled, and that it is worth it: its failures are forgiven.
    pub(super) fn identified(&mut self, peer: PeerId, addresses: Vec<Multiaddr>) {
        for target in self.targets.values_mut().filter(|target| target.peer == Some(peer)) {
            target.failures = 0;
        }
        self.learn(peer, addresses, Phase::Settled);
    }

    fn learn(&mut self, peer: PeerId, addresses: Vec<Multiaddr>, phase: Phase) {
        if peer == self.local || addresses.is_empty() {
            return;
        }
        // What the operator wrote is not replaced by what the peer says; it is tried besides.
        let known = self.targets.values_mut().find(|target| target.peer == Some(peer) && !target.configured);
        match known {
            Some(target) => target.addresses = addresses,
            None => {
                self.make_room();
                let (peer, configured, named) = (Some(peer), false, true);
                self.add(Target { peer, outdated: false, addresses, configured, named, failures: 0, phase });
            }
        }
    }

    fn make_room(&mut self) {
        let remembered = || self.targets.iter().filter(|(_, target)| !target.configured);
        if remembered().count() >= REMEMBERED {
            let worst = remembered().max_by_key(|(_, target)| target.failures).map(|(id, _)| *id);
            worst.and_then(|id| self.targets.remove(&id));
        }
    }

    fn add(&mut self, target: Target) {
        self.next += 1;
        self.targets.insert(TargetId(self.next), target);
    }

    /// When the next dial is due; nothing while enough are under way.
    pub(super) fn due_at(&self) -> Option<Instant> {
        if self.under_way() >= DIALS_AT_ONCE {
            return None;
        }
        self.targets.values().filter_map(|target| if let Phase::Due(at) = target.phase { Some(at) } else { None }).min()
    }

    /// The dials due by `now`. A peer that is `settled` already (connected or refused) waits for [`Dialer::wake`].
    pub(super) fn take_due(&mut self, now: Instant, settled: impl Fn(&PeerId) -> bool) -> Vec<Attempt> {
        let mut room = DIALS_AT_ONCE.saturating_sub(self.under_way());
        let mut attempts = Vec::new();
        for (id, target) in &mut self.targets {
            if room == 0 || !matches!(target.phase, Phase::Due(at) if at <= now) {
                continue;
            }
            if target.expected().as_ref().is_some_and(&settled) {
                target.phase = Phase::Settled;
                continue;
            }
            target.phase = Phase::Dialling;
            room -= 1;
            attempts.push(Attempt { target: *id, peer: target.expected(), addresses: target.addresses.clone() });
        }
        attempts
    }

    /// Ties a dial to the connection it is to become, and to the one address to which it goes, if it is one.
    pub(super) fn dialling(&mut self, target: TargetId, connection: ConnectionId, address: Option<Multiaddr>) {
        self.dials.insert(connection, Dial { target, address });
    }

    /// Where a dial under way goes, if that is one address.
    pub(super) fn dialled(&self, connection: ConnectionId) -> Option<&Multiaddr> {
        self.dials.get(&connection).and_then(|dial| dial.address.as_ref())
    }

    /// Whether the operator has written down somebody else than `met` for the address of a dial under way.
    pub(super) fn expects_other(&self, connection: ConnectionId, met: &PeerId) -> bool {
        let target = self.dials.get(&connection).and_then(|dial| self.targets.get(&dial.target));
        target.is_some_and(|target| target.configured && target.named && target.peer.as_ref() != Some(met))
    }

    /// How often a target has failed since it was last identified.
    pub(super) fn failures(&self, target: TargetId) -> u32 {
        self.targets.get(&target).map_or(0, |target| target.failures)
    }

    /// A connection with `peer` stands, whoever opened it.
    pub(super) fn connected(&mut self, connection: ConnectionId, peer: PeerId) {
        let dial = self.dials.remove(&connection);
        if let Some(target) = dial.and_then(|dial| self.targets.get_mut(&dial.target)) {
            target.met(peer);
            target.phase = Phase::Settled;
        }
        // A second dial to the same peer is left to fail: the peer has one connection already.
        for target in self.targets.values_mut().filter(|target| target.expected() == Some(peer)) {
            if matches!(target.phase, Phase::Due(_)) {
                target.phase = Phase::Settled;
            }
        }
    }

    /// A dial came to nothing; `met` is who answered, when the handshake went that far.
    pub(super) fn failed(&mut self, connection: ConnectionId, met: Option<PeerId>, now: Instant) {
        if let Some(Dial { target: id, .. }) = self.dials.remove(&connection) {
            let target = self.targets.get_mut(&id).filter(|target| target.expected().is_none());
            if let (Some(target), Some(met)) = (target, met) {
                target.met(met);
            }
            self.postpone(id, now);
        }
    }

    /// A dial met somebody whom nobody looks for there: who is wanted of the address is forgotten, unless it was written down,
    /// so that whoever is there by then may answer the next time.
    pub(super) fn mistook(&mut self, connection: ConnectionId, now: Instant) {
        if let Some(Dial { target: id, .. }) = self.dials.remove(&connection) {
            if let Some(target) = self.targets.get_mut(&id).filter(|target| !target.named) {
                target.peer = None;
            }
            self.postpone(id, now);
        }
    }

    /// A dial met this node itself, or another one that has its key. A target that is only remembered is not dialled again;
    /// one that is configured is, because the next time somebody else may be there.
    pub(super) fn met_self(&mut self, connection: ConnectionId, now: Instant) {
        let target = self.dials.get(&connection).map(|dial| dial.target);
        if target.and_then(|id| self.targets.get(&id)).is_some_and(|target| target.configured) {
            return self.mistook(connection, now);
        }
        self.dials.remove(&connection).and_then(|dial| self.targets.remove(&dial.target));
    }

    /// A target could not be dialled, or in vain: it is due again after its backoff.
    pub(super) fn postpone(&mut self, id: TargetId, now: Instant) {
        if let Some(target) = self.targets.get_mut(&id) {
            target.failures = target.failures.saturating_add(1);
            target.phase = Phase::Due(now + target.wait());
        }
    }

    /// A peer went away or is no longer refused: dial it again soon, later the more often it failed. A peer that was not
    /// `identified` counts as failed: it let us in and hung up, as one does that has no place left. At an address that the operator wrote
    /// somebody else may be by then, even where the peer comes back from another one.
    pub(super) fn wake(&mut self, peer: &PeerId, identified: bool, now: Instant) {
        for target in self.targets.values_mut() {
            if target.peer.as_ref() == Some(peer) && target.phase == Phase::Settled {
                target.failures = target.failures.saturating_add(u32::from(!identified));
                target.outdated = true;
                target.phase = Phase::Due(now + target.wait());
            }
        }
    }

    fn under_way(&self) -> usize {
        self.targets.values().filter(|target| target.phase == Phase::Dialling).count()
    }

    /// Two nodes that start together would dial each other at once and both be refused a second connection; so they
    /// spread, and of two that know each other the one with the smaller id begins.
    fn head_start(&self, peer: Option<PeerId>) -> Duration {
        let spread = rand::thread_rng().gen_range(Duration::ZERO..BACKOFF / 2);
        if peer.is_some_and(|peer| peer < self.local) { BACKOFF + spread } else { spread }
    }
}

impl Target {
    /// Who has to answer: none where whoever is there may.
    fn expected(&self) -> Option<PeerId> {
        self.peer.filter(|_| self.named || !self.outdated)
    }

    fn met(&mut self, peer: PeerId) {
        (self.peer, self.outdated) = (Some(peer), false);
    }

    /// The wait after so many failures in a row: doubled each time up to a bound, and up to half of it shorter by chance,
    /// so that nodes which lost each other together do not return together.
    fn wait(&self) -> Duration {
        let longest = if self.configured { BACKOFF_MAX } else { BACKOFF_MAX_REMEMBERED };
        let full = BACKOFF.saturating_mul(2u32.saturating_pow(self.failures)).min(longest);
        rand::thread_rng().gen_range(full / 2..=full)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn address(port: u16) -> Multiaddr {
        format!("/ip4/127.0.0.1/tcp/{port}").parse().unwrap()
    }

    #[test]
    fn an_unreachable_peer_is_dialled_ever_more_rarely_but_for_ever() {
        let mut dialer = Dialer::new(PeerId::random());
        let mut now = Instant::now();
        dialer.configure(&address(1), now);
        for failures in 0..50 {
            let due = dialer.due_at().unwrap();
            let wait = due.saturating_duration_since(now);
            assert!(wait <= BACKOFF_MAX);
            assert!(failures < 8 || wait >= BACKOFF_MAX / 2);
            now = due;
            let attempts = dialer.take_due(now, |_| false);
            assert_eq!((attempts.len(), dialer.due_at()), (1, None));
            let connection = ConnectionId::new_unchecked(failures);
            dialer.dialling(attempts[0].target, connection, Some(address(1)));
            dialer.failed(connection, None, now);
        }
    }

    #[test]
    fn a_connected_peer_is_not_dialled_until_it_goes() {
        let (peer, now) = (PeerId::random(), Instant::now());
        let mut dialer = Dialer::new(PeerId::random());
        dialer.configure(&address(1), now);
        let attempt = dialer.take_due(now + HOUR, |_| false).remove(0);
        let connection = ConnectionId::new_unchecked(1);
        dialer.dialling(attempt.target, connection, Some(address(1)));
        dialer.connected(connection, peer);
        dialer.identified(peer, vec![address(2)]);
        assert_eq!(dialer.due_at(), None);
        dialer.wake(&peer, true, now);
        assert!(dialer.due_at().unwrap() <= now + BACKOFF);
        let known: Vec<_> = dialer.take_due(now + HOUR, |_| false).into_iter().map(|attempt| attempt.peer).collect();
        assert_eq!(known, [None, Some(peer)], "whoever is there by then, and the peer wherever it is");
    }

    #[test]
    fn a_peer_named_twice_is_one_target_and_a_forgotten_one_is_none() {
        let (peer, now) = (PeerId::random(), Instant::now());
        let named: Multiaddr = format!("/ip4/127.0.0.1/tcp/1/p2p/{peer}").parse().unwrap();
        let mut dialer = Dialer::new(PeerId::random());
        dialer.configure(&named, now);
        dialer.configure(&named, now);
        assert_eq!((dialer.targets.len(), dialer.due_at()), (1, Some(now)), "and it is dialled at once");
        dialer.remember(peer, vec![address(2)], now);
        assert!(dialer.forget(&peer));
        assert_eq!(dialer.due_at(), None);
        assert!(!dialer.forget(&peer));
    }

    #[test]
    fn the_node_does_not_dial_itself_and_remembers_a_bounded_number() {
        let (local, now) = (PeerId::random(), Instant::now());
        let mut dialer = Dialer::new(local);
        dialer.configure(&format!("/ip4/127.0.0.1/tcp/1/p2p/{local}").parse().unwrap(), now);
        dialer.remember(local, vec![address(1)], now);
        assert!(dialer.targets.is_empty());
        for _ in 0..REMEMBERED + 10 {
            dialer.remember(PeerId::random(), vec![address(1)], now);
        }
        assert_eq!(dialer.targets.len(), REMEMBERED);
        assert_eq!(dialer.take_due(now + HOUR, |_| false).len(), DIALS_AT_ONCE);
    }

    #[test]
    fn o24_a_configured_address_where_this_node_was_met_is_dialled_for_ever_whoever_is_there_by_then() {
        let (other, mut now) = (PeerId::random(), Instant::now());
        let mut dialer = Dialer::new(PeerId::random());
        dialer.configure(&address(1), now);
        for number in 0..3 {
            now += HOUR;
            let attempt = dialer.take_due(now, |_| false).remove(0);
            assert_eq!(attempt.peer, None);
            let connection = ConnectionId::new_unchecked(number);
            dialer.dialling(attempt.target, connection, Some(address(1)));
            dialer.met_self(connection, now);
        }
        // Somebody is there, goes, and comes back with a key of its own.
        now += HOUR;
        let attempt = dialer.take_due(now, |_| false).remove(0);
        dialer.dialling(attempt.target, ConnectionId::new_unchecked(10), Some(address(1)));
        dialer.connected(ConnectionId::new_unchecked(10), other);
        dialer.wake(&other, true, now);
        now += HOUR;
        let attempt = dialer.take_due(now, |_| false).remove(0);
        assert_eq!(attempt.peer, None);
        dialer.dialling(attempt.target, ConnectionId::new_unchecked(11), Some(address(1)));
        dialer.mistook(ConnectionId::new_unchecked(11), now);
        assert_eq!(dialer.take_due(now + HOUR, |_| false).remove(0).peer, None);
    }

    #[test]
    fn o24_a_configured_address_is_dialled_again_though_who_was_there_is_met_at_another_one() {
        let (twin, own, now) = (PeerId::random(), PeerId::random(), Instant::now());
        let mut dialer = Dialer::new(PeerId::random());
        let [copy, original] = [1, 2].map(address);
        dialer.configure(&copy, now);
        dialer.configure(&original, now);
        let dial = |dialer: &mut Dialer, at: &Multiaddr, number, now, connected: &[PeerId]| {
            let due = dialer.take_due(now, |peer| connected.contains(peer));
            let attempt = due.into_iter().find(|attempt| attempt.addresses == [at.clone()]).expect("it is dialled");
            let connection = ConnectionId::new_unchecked(number);
            dialer.dialling(attempt.target, connection, Some(at.clone()));
            connection
        };
        let first = dial(&mut dialer, &copy, 1, now + HOUR, &[]);
        dialer.connected(first, twin);
        // The copy ends, and the original, which has its key, is met before anybody is at the copy's address again.
        dialer.wake(&twin, true, now);
        for target in dialer.targets.values_mut() {
            target.phase = Phase::Due(if target.addresses == [copy.clone()] { now + HOUR } else { now });
        }
        let second = dial(&mut dialer, &original, 2, now, &[]);
        dialer.connected(second, twin);
        assert_eq!(dialer.due_at(), Some(now + HOUR), "nobody knows who is there by now");
        let third = dial(&mut dialer, &copy, 3, now + HOUR, &[twin]);
        dialer.connected(third, own);
        assert_eq!(dialer.due_at(), None);
    }

    #[test]
    fn o24_who_was_written_down_is_still_wanted_and_who_was_remembered_at_an_own_address_is_not() {
        let (wanted, now) = (PeerId::random(), Instant::now());
        let mut dialer = Dialer::new(PeerId::random());
        dialer.configure(&format!("/ip4/127.0.0.1/tcp/1/p2p/{wanted}").parse().unwrap(), now);
        let attempt = dialer.take_due(now + HOUR, |_| false).remove(0);
        let dial = ConnectionId::new_unchecked(1);
        dialer.dialling(attempt.target, dial, Some(address(1)));
        assert!(dialer.expects_other(dial, &PeerId::random()) && !dialer.expects_other(dial, &wanted));
        dialer.mistook(dial, now);
        assert_eq!(dialer.take_due(now + HOUR, |_| false).remove(0).peer, Some(wanted));

        let mut dialer = Dialer::new(PeerId::random());
        dialer.remember(wanted, vec![address(1)], now);
        let attempt = dialer.take_due(now + HOUR, |_| false).remove(0);
        dialer.dialling(attempt.target, ConnectionId::new_unchecked(2), Some(address(1)));
        assert!(!dialer.expects_other(ConnectionId::new_unchecked(2), &PeerId::random()), "nobody was written down");
        dialer.met_self(ConnectionId::new_unchecked(2), now);
        assert!(dialer.targets.is_empty());
    }
}
