//! Places for connections: so many in all, and of these so many for one address. Whoever has nothing to do gives way to whoever
//! comes; when nobody is, whoever has nothing but subscriptions, of those who hold the most. So neither idle connections nor
//! subscriptions keep anybody out, however many they are; only a request that is being served does, and that ends.

use super::peer::Peer;
use super::proxies::Proxies;
use rustix::net::Shutdown;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// Connections that gave way and may still be told so; of more, the oldest is cut.
pub(super) const MOST_LEAVING: u64 = 16;

/// A second hold on a connection, by which it is ended whatever the tasks that serve it wait for.
#[derive(Debug)]
pub(super) struct Line(OwnedFd);

impl Line {
    /// A hold on a connection; none when the system has no descriptor left.
    pub fn of(stream: &impl AsFd) -> Option<Self> {
        stream.as_fd().try_clone_to_owned().ok().map(Self)
    }

    /// Says something at once, as far as it fits without waiting.
    pub fn say(&self, text: &str) {
        // Whoever does not get it sees a closed connection, which says the same.
        let _ = rustix::io::write(&self.0, text.as_bytes());
    }

    fn cut(&self) {
        // One that is closed already is as good as cut.
        let _ = rustix::net::shutdown(&self.0, Shutdown::Both);
    }
}

/// The places of one way to the node.
#[derive(Debug)]
pub(super) struct Places {
    most: usize,
    most_of_one: usize,
    /// Those that come for many, and are bound by what all have.
    proxies: Proxies,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    /// Counts what happens, which orders who has waited for how long.
    turn: u64,
    by_number: BTreeMap<u64, Held>,
    /// Those that gave way, until they are cut or have ended.
    leaving: BTreeMap<u64, Line>,
}

/// A place that is taken.
#[derive(Debug)]
struct Held {
    peer: Peer,
    /// Requests that are being served.
    requests: usize,
    subscriptions: usize,
    /// The turn from which on it has had nothing to do.
    idle_since: u64,
    line: Option<Line>,
    /// Dropped with the place, by which all who serve the connection are told.
    _kept: watch::Sender<()>,
}

impl Places {
    /// So many in all, and so many for one address that is none of these proxies'.
    pub fn new(most: u32, most_of_one: u32, proxies: Proxies) -> Arc<Self> {
        Arc::new(Self { most: most as usize, most_of_one: most_of_one as usize, proxies, taken: Mutex::default() })
    }

    /// A place for a connection; its line is given back when everybody who would have to give way is being served a request.
    /// Without a line, a connection that has lost its place ends by itself, unless it is a WebSocket.
    pub fn take(self: &Arc<Self>, peer: Peer, line: Option<Line>) -> Result<Arc<Place>, Option<Line>> {
        let mut taken = self.taken();
        let is_of_one = |held: &Held| held.peer.share() == peer.share();
        let of_one = taken.by_number.values().filter(|held| is_of_one(held)).count();
        let is_free = if of_one >= self.most_of_one && !self.proxies.has(peer) {
            taken.make_room(peer, is_of_one)
        } else {
            taken.by_number.len() < self.most || taken.make_room(peer, |_| true)
        };
        if !is_free {
            return Err(line);
        }
        let number = taken.next_turn();
        let (kept, is_kept) = watch::channel(());
        let held = Held { peer, requests: 0, subscriptions: 0, idle_since: number, line, _kept: kept };
        taken.by_number.insert(number, held);
        Ok(Arc::new(Place { places: self.clone(), number, has_asked: AtomicBool::new(false), is_kept }))
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    fn next_turn(&mut self) -> u64 {
        self.turn = self.turn.saturating_add(1);
        self.turn
    }

    /// Takes the place of the connection that has had nothing to do for longest, else of one that is only subscribed; false when
    /// all are being served a request.
    fn make_room(&mut self, comes: Peer, among: impl Fn(&Held) -> bool) -> bool {
        let number = self.longest_idle(&among).or_else(|| self.of_the_largest(comes, &among));
        let Some((number, held)) = number.and_then(|number| self.by_number.remove_entry(&number)) else { return false };
        match held.line {
            Some(line) if held.subscriptions > 0 => self.let_leave(number, line),
            Some(line) => line.cut(),
            None => {}
        }
        true
    }

    fn longest_idle(&self, among: impl Fn(&Held) -> bool) -> Option<u64> {
        let is_idle = |held: &Held| held.requests == 0 && held.subscriptions == 0;
        let idle = self.by_number.iter().filter(|(_, held)| is_idle(held) && among(held));
        idle.min_by_key(|(_, held)| held.idle_since).map(|(number, _)| *number)
    }

    /// The oldest connection without a request of whoever holds the most places, counting with the one that comes: of the largest
    /// network, and in it of the largest address. Subscribing anew makes no connection younger.
    fn of_the_largest(&self, comes: Peer, among: impl Fn(&Held) -> bool) -> Option<u64> {
        let count = |of: fn(Peer) -> Option<IpAddr>| {
            let mut counts: BTreeMap<Option<IpAddr>, usize> = BTreeMap::new();
            for peer in self.by_number.values().map(|held| held.peer).chain([comes]) {
                *counts.entry(of(peer)).or_default() += 1;
            }
            counts
        };
        let (networks, addresses) = (count(Peer::network), count(Peer::share));
        let subscribed = self.by_number.iter().filter(|(_, held)| held.requests == 0 && among(held));
        let largest = subscribed.max_by_key(|(number, held)| {
            (networks.get(&held.peer.network()), addresses.get(&held.peer.share()), Reverse(**number))
        });
        largest.map(|(number, _)| *number)
    }

    /// Leaves a connection its line for its last messages.
    fn let_leave(&mut self, number: u64, line: Line) {
        self.leaving.insert(number, line);
        if self.leaving.len() as u64 > MOST_LEAVING
            && let Some((_, oldest)) = self.leaving.pop_first()
        {
            oldest.cut();
        }
    }
}

/// A connection's place, until it is dropped or given to another.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    number: u64,
    has_asked: AtomicBool,
    is_kept: watch::Receiver<()>,
}

impl Place {
    /// Begins to serve a request; until that is dropped, the connection gives way to nobody.
    pub fn begin(self: &Arc<Self>) -> Serving {
        self.has_asked.store(true, Ordering::Relaxed);
        if let Some(held) = self.places.taken().by_number.get_mut(&self.number) {
            held.requests = held.requests.saturating_add(1);
        }
        Serving(self.clone())
    }

    /// Begins to serve a subscription; until that is dropped, the connection is not idle.
    pub fn subscribe(self: &Arc<Self>) -> Subscribed {
        if let Some(held) = self.places.taken().by_number.get_mut(&self.number) {
            held.subscriptions = held.subscriptions.saturating_add(1);
        }
        Subscribed(self.clone())
    }

    fn end(&self, what: fn(&mut Held) -> &mut usize) {
        let mut taken = self.places.taken();
        let turn = taken.next_turn();
        if let Some(held) = taken.by_number.get_mut(&self.number) {
            let count = what(held);
            *count = count.saturating_sub(1);
            held.idle_since = turn;
        }
    }

    /// Whether the connection has ever asked for anything.
    pub fn has_asked(&self) -> bool {
        self.has_asked.load(Ordering::Relaxed)
    }

    /// Returns when the place is given to another.
    pub async fn given_away(&self) {
        // Nothing is ever sent: it fails when the sender goes, with the place.
        let _ = self.is_kept.clone().changed().await;
    }

    /// Ends a connection that has lost its place.
    pub fn cut(&self) {
        if let Some(line) = self.places.taken().leaving.remove(&self.number) {
            line.cut();
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        // Its line with it, which closes the connection unless that was cut before.
        drop((taken.by_number.remove(&self.number), taken.leaving.remove(&self.number)));
    }
}

/// A request that a connection is being served.
#[derive(Debug)]
pub(super) struct Serving(Arc<Place>);

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.end(|held| &mut held.requests);
    }
}

/// A subscription that a connection is being served.
#[derive(Debug)]
pub(super) struct Subscribed(Arc<Place>);

impl Subscribed {
    /// Returns when the connection is to give way.
    pub async fn gives_way(&self) {
        self.0.given_away().await;
    }
}

impl Drop for Subscribed {
    fn drop(&mut self) {
        self.0.end(|held| &mut held.subscriptions);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{ErrorKind, Read as _};
    use std::os::unix::net::UnixStream;

    fn places(most: u32, most_of_one: u32) -> Arc<Places> {
        Places::new(most, most_of_one, Proxies::default())
    }

    /// A connection, as its other end sees it.
    struct Connected {
        place: Option<Arc<Place>>,
        far: UnixStream,
    }

    impl Connected {
        fn to(places: &Arc<Places>, address: &str) -> Self {
            Self::by(places, Peer::At(address.parse().unwrap()))
        }

        fn by(places: &Arc<Places>, peer: Peer) -> Self {
            let (near, far) = UnixStream::pair().unwrap();
            far.set_nonblocking(true).unwrap();
            Self { place: places.take(peer, Line::of(&near)).ok(), far }
        }

        fn serving(&self) -> Serving {
            self.place.as_ref().unwrap().begin()
        }

        fn subscribed(&self) -> Subscribed {
            self.place.as_ref().unwrap().subscribe()
        }

        /// Whether it has lost its place.
        fn has_given_way(&self) -> bool {
            self.place.as_ref().unwrap().is_kept.has_changed().is_err()
        }

        /// Whether the other end still has a connection.
        fn is_open(&mut self) -> bool {
            matches!(self.far.read(&mut [0]), Err(error) if error.kind() == ErrorKind::WouldBlock)
        }
    }

    fn open(connected: &mut [Connected]) -> Vec<bool> {
        connected.iter_mut().map(Connected::is_open).collect()
    }

    #[test]
    fn h14_one_address_has_so_many_places_and_its_own_idle_ones_give_way_to_it() {
        let places = places(10, 2);
        let mut one: Vec<Connected> = (0..2).map(|_| Connected::to(&places, "10.0.0.1")).collect();
        let mut other = Connected::to(&places, "10.0.0.2");
        // The first has asked since, so the second has waited for longer.
        drop(one[0].serving());
        one.push(Connected::to(&places, "::ffff:10.0.0.1"));
        assert_eq!(open(&mut one), [true, false, true]);
        assert!(other.is_open(), "who is not of that address keeps its place");
        let _busy: Vec<Serving> = [&one[0], &one[2]].map(Connected::serving).into();
        assert!(Connected::to(&places, "10.0.0.1").place.is_none(), "all that it may have are busy");
        assert!(Connected::to(&places, "10.0.0.3").place.is_some());
    }

    #[test]
    fn h14_a_household_of_ipv6_counts_as_one_address_and_the_operator_as_nobody_at_the_port() {
        let places = places(10, 1);
        let mut first = Connected::to(&places, "2001:db8::1");
        let mut neighbour = Connected::to(&places, "2001:db8:0:1::1");
        let mut operator = Connected::by(&places, Peer::Operator);
        let second = Connected::to(&places, "2001:db8::2");
        assert!(second.place.is_some());
        assert!(!first.is_open() && neighbour.is_open() && operator.is_open());
    }

    #[test]
    fn h14_when_all_are_taken_who_has_waited_longest_gives_way_and_who_is_served_does_not() {
        let places = places(3, 3);
        let mut held: Vec<Connected> =
            ["10.0.0.1", "10.0.0.2", "10.0.0.3"].iter().map(|address| Connected::to(&places, address)).collect();
        let first = held[0].serving();
        held.push(Connected::to(&places, "10.0.0.4"));
        assert_eq!(open(&mut held), [true, false, true, true], "the first is served, the second waits for longest");
        let all: Vec<Serving> = [&held[2], &held[3]].map(Connected::serving).into();
        assert!(Connected::to(&places, "10.0.0.5").place.is_none(), "nobody is idle");
        drop((first, all));
        held.push(Connected::to(&places, "10.0.0.5"));
        assert_eq!(open(&mut held), [false, false, true, true, true]);
        // A place that was given away is not given back by whoever had it.
        let gone = std::mem::take(&mut held);
        drop(gone);
        assert!(places.taken().by_number.is_empty());
    }

    /// Connections with a subscription each.
    fn subscribed(places: &Arc<Places>, addresses: &[&str]) -> Vec<(Connected, Subscribed)> {
        let subscribed = |address: &&str| {
            let connected = Connected::to(places, address);
            let subscribed = connected.subscribed();
            (connected, subscribed)
        };
        addresses.iter().map(subscribed).collect()
    }

    fn gave_way(connected: &[(Connected, Subscribed)]) -> Vec<bool> {
        connected.iter().map(|(connected, _)| connected.has_given_way()).collect()
    }

    #[test]
    fn h14_subscriptions_keep_nobody_out_and_whoever_holds_the_most_gives_way_first() {
        let places = places(5, 3);
        let held = subscribed(&places, &["10.0.0.1", "10.1.0.1", "10.1.0.2", "10.1.0.2", "10.1.0.2"]);
        // An address that has all it may have gives way to itself.
        let again = subscribed(&places, &["10.1.0.2"]);
        assert_eq!(gave_way(&held), [false, false, true, false, false]);
        // Of the network with the most it is the address with the most, however long others have been there.
        let other = subscribed(&places, &["10.2.0.1"]);
        assert_eq!(gave_way(&held), [false, false, true, true, false]);
        // Whoever would hold more than all others by coming gives way to itself too.
        let more = subscribed(&places, &["10.2.0.2", "10.2.0.3"]);
        assert_eq!(gave_way(&held), [false, false, true, true, true]);
        assert_eq!((gave_way(&again), gave_way(&other)), (vec![false], vec![true]));
        // Who is being served a request does not give way, whatever else it is served.
        let asking = [&held[0].0, &held[1].0, &again[0].0, &more[0].0, &more[1].0];
        let _requests: Vec<Serving> = asking.map(Connected::serving).into();
        assert!(Connected::to(&places, "10.3.0.1").place.is_none());
    }

    #[test]
    fn h14_addresses_of_one_network_of_ipv6_hold_together_and_subscribing_anew_makes_nobody_younger() {
        let places = places(4, 2);
        let mut held = subscribed(&places, &["2001:db8:1::1", "2001:db8:2:1::1", "2001:db8:2:2::1", "2001:db8:2:3::1"]);
        held[1].1 = held[1].0.subscribed();
        let _new = subscribed(&places, &["2001:db8:3::1"]);
        assert_eq!(gave_way(&held), [false, true, false, false]);
    }

    #[test]
    fn h14_who_gives_way_with_a_subscription_has_its_line_for_a_last_word_and_few_do_at_once() {
        let places = places(1, 1);
        let mut held = subscribed(&places, &["10.0.0.1"; MOST_LEAVING as usize + 2]);
        assert_eq!(gave_way(&held).iter().filter(|gone| **gone).count() as u64, MOST_LEAVING + 1);
        assert!(!held[0].0.is_open() && held[1..].iter_mut().all(|(connected, _)| connected.is_open()));
        held[1].0.place.as_ref().unwrap().cut();
        assert!(!held[1].0.is_open());
        held.last().unwrap().0.place.as_ref().unwrap().cut();
        assert!(held.last_mut().unwrap().0.is_open(), "one that has its place is not cut");
        drop(held);
        let taken = places.taken();
        assert!(taken.by_number.is_empty() && taken.leaving.is_empty());
    }

    #[test]
    fn h14_an_operator_is_served_when_no_descriptor_is_left_for_a_line() {
        let places = places(1, 1);
        let without = places.take(Peer::Operator, None).unwrap();
        let busy = without.begin();
        assert!(places.take(Peer::Operator, None).is_err());
        drop(busy);
        assert!(places.take(Peer::Operator, None).is_ok());
        assert!(without.is_kept.has_changed().is_err(), "it ends by itself");
    }

    #[test]
    fn o15_a_named_proxy_has_as_many_places_as_there_are_and_gives_way_as_others_do() {
        let places = Places::new(4, 1, Proxies::new(&["10.0.0.1".parse().unwrap()]));
        let mut proxied: Vec<Connected> = (0..3).map(|_| Connected::to(&places, "10.0.0.1")).collect();
        assert_eq!(open(&mut proxied), [true; 3]);
        let mut direct: Vec<Connected> = ["10.0.0.2", "10.0.0.3"].map(|address| Connected::to(&places, address)).into();
        assert_eq!((open(&mut proxied), open(&mut direct)), (vec![false, true, true], vec![true, true]));
    }

    #[test]
    fn a_connection_that_ends_leaves_its_place() {
        let places = places(1, 1);
        let first = Connected::to(&places, "10.0.0.1");
        let busy = first.serving();
        assert!(Connected::to(&places, "10.0.0.2").place.is_none());
        drop((first, busy));
        assert!(Connected::to(&places, "10.0.0.2").place.is_some());
    }
}
