//! Places for connections: so many in all, and of these so many for one address. Whoever has nothing to do gives way to whoever
//! comes, so that no number of idle connections keeps anybody out.

use super::peer::Peer;
use rustix::net::Shutdown;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    /// Counts what happens, which orders who has waited for how long.
    turn: u64,
    by_number: BTreeMap<u64, Held>,
}

/// A place that is taken.
#[derive(Debug)]
struct Held {
    share: Option<IpAddr>,
    /// Requests and subscriptions that are being served.
    busy: usize,
    /// The turn from which on it has had nothing to do.
    idle_since: u64,
    line: Line,
}

impl Places {
    /// So many in all, and so many for one address.
    pub fn new(most: u32, most_of_one: u32) -> Arc<Self> {
        Arc::new(Self { most: most as usize, most_of_one: most_of_one as usize, taken: Mutex::default() })
    }

    /// A place for a connection; its line is given back when everybody who would have to give way has something to do.
    pub fn take(self: &Arc<Self>, peer: Peer, line: Line) -> Result<Arc<Place>, Line> {
        let mut taken = self.taken();
        let share = peer.share();
        let of_one = taken.by_number.values().filter(|held| held.share == share).count();
        let is_free = if of_one >= self.most_of_one {
            taken.make_room(|held| held.share == share)
        } else {
            taken.by_number.len() < self.most || taken.make_room(|_| true)
        };
        if !is_free {
            return Err(line);
        }
        let number = taken.next_turn();
        taken.by_number.insert(number, Held { share, busy: 0, idle_since: number, line });
        Ok(Arc::new(Place { places: self.clone(), number, has_asked: AtomicBool::new(false) }))
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

    /// Ends the connection that has had nothing to do for longest; false when all have something to do.
    fn make_room(&mut self, among: impl Fn(&Held) -> bool) -> bool {
        let idle = self.by_number.iter().filter(|(_, held)| held.busy == 0 && among(held));
        let longest = idle.min_by_key(|(_, held)| held.idle_since).map(|(number, _)| *number);
        match longest.and_then(|number| self.by_number.remove(&number)) {
            Some(held) => {
                held.line.cut();
                true
            }
            None => false,
        }
    }
}

/// A connection's place, until it is dropped or given to another.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    number: u64,
    has_asked: AtomicBool,
}

impl Place {
    /// Begins to serve a request or a subscription; until that is dropped, the connection gives way to nobody.
    pub fn begin(self: &Arc<Self>) -> Serving {
        self.has_asked.store(true, Ordering::Relaxed);
        if let Some(held) = self.places.taken().by_number.get_mut(&self.number) {
            held.busy = held.busy.saturating_add(1);
        }
        Serving(self.clone())
    }

    /// Whether the connection has ever asked for anything.
    pub fn has_asked(&self) -> bool {
        self.has_asked.load(Ordering::Relaxed)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // Its line with it, which closes the connection unless that was cut before.
        drop(self.places.taken().by_number.remove(&self.number));
    }
}

/// Something that a connection is being served.
#[derive(Debug)]
pub(super) struct Serving(Arc<Place>);

impl Drop for Serving {
    fn drop(&mut self) {
        let mut taken = self.0.places.taken();
        let turn = taken.next_turn();
        if let Some(held) = taken.by_number.get_mut(&self.0.number) {
            held.busy = held.busy.saturating_sub(1);
            held.idle_since = turn;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{ErrorKind, Read as _};
    use std::os::unix::net::UnixStream;

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
            Self { place: places.take(peer, Line::of(&near).unwrap()).ok(), far }
        }

        fn serving(&self) -> Serving {
            self.place.as_ref().unwrap().begin()
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
        let places = Places::new(10, 2);
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
        let places = Places::new(10, 1);
        let mut first = Connected::to(&places, "2001:db8::1");
        let mut neighbour = Connected::to(&places, "2001:db8:0:1::1");
        let mut operator = Connected::by(&places, Peer::Operator);
        let second = Connected::to(&places, "2001:db8::2");
        assert!(second.place.is_some());
        assert!(!first.is_open() && neighbour.is_open() && operator.is_open());
    }

    #[test]
    fn h14_when_all_are_taken_who_has_waited_longest_gives_way_and_who_is_served_does_not() {
        let places = Places::new(3, 3);
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

    #[test]
    fn a_connection_that_ends_leaves_its_place() {
        let places = Places::new(1, 1);
        let first = Connected::to(&places, "10.0.0.1");
        let busy = first.serving();
        assert!(Connected::to(&places, "10.0.0.2").place.is_none());
        drop((first, busy));
        assert!(Connected::to(&places, "10.0.0.2").place.is_some());
    }
}
