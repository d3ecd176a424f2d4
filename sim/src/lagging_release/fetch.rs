//! How a node fetches a release: pieces from all sources at once, as the real one does, where mirrors and peers share what they send
//! among all who ask them.
//!
//! A source that sends less than it must in a window is given up for this try, and so is one that sends other bytes, at the first of
//! them. What came of a try that failed is there for the next one, unless somebody lied. That each try has an end of its own is left
//! out: whoever is slower than the pace is given up before. What a node can take is only counted at the end of each piece.

use super::fleet::Fleet;
use super::happens::Happens;
use super::node::takes;
use super::properties::LIED_AND_LEFT;
use super::sources::Source;
use crate::world::Moment;

/// What is judged alone: a liar is known by so many bytes.
const GROUP: u64 = 16 << 10;
/// The smallest piece and the largest.
const PIECE: (u64, u64) = (1 << 20, 64 << 20);
/// How many pieces each source is to have.
const PIECES_EACH: u64 = 4;
/// How many nodes are asked whether they have it, and from how many of them it is fetched.
const ASKED: (usize, usize) = (8, 4);

/// A try to fetch a release.
#[derive(Clone, Debug)]
pub(super) struct Fetch {
    build: usize,
    had: u64,
    waiting: u64,
    piece: u64,
    lanes: Vec<Lane>,
    met_a_liar: bool,
}

#[derive(Clone, Debug)]
struct Lane {
    source: Source,
    work: Transfer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Transfer {
    /// There is nothing left that nobody fetches.
    Idle,
    /// A piece is on its way.
    Comes(Piece),
    /// The source has sent it, and the node has not taken it in yet.
    Taken(Piece),
    /// The source was given up.
    GivenUp,
}

/// A part of a release that one source sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    serial: u64,
    bytes: u64,
    began: Moment,
    /// How many bytes of it were missing when the window began.
    left: u64,
}

impl Fleet<'_> {
    /// Begins to fetch a release.
    pub(super) fn fetch(&mut self, n: usize, build: usize) {
        let now = self.now();
        if now < self.nodes[n].has_room {
            self.tell(|| format!("n{n} has no room to fetch build {build}"));
            return self.nodes[n].scout.pause(now, &mut self.chance);
        }
        let (of, kept) = self.nodes[n].partial;
        let (size, had) = (self.setting.size, if of == build { kept } else { 0 });
        if had >= size {
            // All of it had come when the try before was broken off.
            return self.is_at_hand(n, build);
        }
        let sources = self.sources(n, build);
        if sources.is_empty() {
            return self.nodes[n].scout.pause(now, &mut self.chance);
        }
        let count = sources.len();
        let piece = (size / (PIECES_EACH * count as u64)).clamp(PIECE.0, PIECE.1);
        let lanes = sources.into_iter().map(|source| Lane { source, work: Transfer::Idle }).collect();
        let fetch = Fetch { build, had, waiting: size.saturating_sub(had), piece, lanes, met_a_liar: false };
        self.nodes[n].scout.fetch = Some(Box::new(fetch));
        for lane in 0..count {
            self.begin_piece(n, lane);
        }
    }

    /// The mirrors that answer, and some of the nodes that have it.
    fn sources(&mut self, n: usize, build: usize) -> Vec<Source> {
        let mirrors = (0..self.mirrors.len()).map(Source::Mirror);
        let mut sources: Vec<Source> = mirrors.filter(|mirror| self.is_there(*mirror)).collect();
        if self.plan.peers.is_some() {
            let mirrors = sources.len();
            for _ in 0..ASKED.0 {
                let peer = self.chance.below(self.nodes.len() as u64) as usize;
                let has_it = peer != n && self.nodes[peer].holds(build) && self.is_there(Source::Peer(peer));
                if has_it && !sources.contains(&Source::Peer(peer)) && sources.len() < mirrors + ASKED.1 {
                    sources.push(Source::Peer(peer));
                }
            }
        }
        sources
    }

    /// A lane takes the next piece, if there is one, and if its source has not gone since the last one.
    fn begin_piece(&mut self, n: usize, lane: usize) {
        let Some(fetch) = &self.nodes[n].scout.fetch else { return };
        let (bytes, source) = (fetch.piece.min(fetch.waiting), fetch.lanes[lane].source);
        if bytes == 0 {
            return;
        }
        if !self.is_there(source) {
            return self.has_no_source(n, lane);
        }
        let (now, serial) = (self.now(), self.next_serial());
        if let Some(fetch) = &mut self.nodes[n].scout.fetch {
            fetch.waiting -= bytes;
            fetch.lanes[lane].work = Transfer::Comes(Piece { serial, bytes, began: now, left: bytes });
        }
        let sent = if self.lies(source) { bytes.min(GROUP) } else { bytes };
        self.open_uplink(source);
        if let Some(pipe) = self.pipe(source) {
            pipe.begin(now, n as u32, sent);
        }
        self.expect(source);
        self.world.after(self.setting.pace.window, Happens::Window(n, lane, serial));
    }

    pub(super) fn gets_piece(&mut self, n: usize, source: Source) {
        let lies = self.lies(source);
        let (now, speed) = (self.now(), self.nodes[n].speed);
        let Some((lane, piece)) = self.coming(n, source) else { return };
        if lies {
            if let Some(fetch) = &mut self.nodes[n].scout.fetch {
                fetch.met_a_liar = true;
            }
            self.tell(|| format!("n{n}: {source:?} lies"));
            return self.give_up(n, lane, piece, 0);
        }
        let takes_until = piece.began.plus(takes(piece.bytes, speed.takes));
        if now >= takes_until {
            return self.has_piece(n, lane, piece);
        }
        if let Some(fetch) = &mut self.nodes[n].scout.fetch {
            fetch.lanes[lane].work = Transfer::Taken(piece);
        }
        self.world.at(takes_until, Happens::Taken(n, lane, piece.serial));
    }

    /// The piece that a source is just sending.
    pub(super) fn coming(&self, n: usize, source: Source) -> Option<(usize, Piece)> {
        let fetch = self.nodes[n].scout.fetch.as_ref()?;
        let lane = fetch.lanes.iter().position(|lane| lane.source == source)?;
        match fetch.lanes[lane].work {
            Transfer::Comes(piece) => Some((lane, piece)),
            Transfer::Idle | Transfer::Taken(_) | Transfer::GivenUp => None,
        }
    }

    /// A node has taken a piece in.
    pub(super) fn has_taken(&mut self, n: usize, lane: usize, serial: u64) {
        if let Some(Transfer::Taken(piece)) = self.work(n, lane)
            && piece.serial == serial
        {
            self.has_piece(n, lane, piece);
        }
    }

    fn work(&self, n: usize, lane: usize) -> Option<Transfer> {
        Some(self.nodes[n].scout.fetch.as_ref()?.lanes.get(lane)?.work)
    }

    fn has_piece(&mut self, n: usize, lane: usize, piece: Piece) {
        let size = self.setting.size;
        let Some(fetch) = &mut self.nodes[n].scout.fetch else { return };
        fetch.had += piece.bytes;
        fetch.lanes[lane].work = Transfer::Idle;
        if fetch.had >= size {
            return self.has_fetched(n);
        }
        self.begin_piece(n, lane);
    }

    /// A window is over: whoever sent less than it must is given up.
    pub(super) fn window_is_over(&mut self, n: usize, lane: usize, serial: u64) {
        let (now, pace) = (self.now(), self.setting.pace);
        let Some(Transfer::Comes(piece)) = self.work(n, lane) else { return };
        if piece.serial != serial {
            return;
        }
        let Some(source) = self.nodes[n].scout.fetch.as_ref().map(|fetch| fetch.lanes[lane].source) else { return };
        let left = self.pipe(source).map_or(0, |pipe| pipe.left(now, n as u32));
        let came = piece.left.saturating_sub(left);
        if came >= pace.least.saturating_mul(pace.window.as_secs()) || self.lies(source) {
            if let Some(fetch) = &mut self.nodes[n].scout.fetch {
                fetch.lanes[lane].work = Transfer::Comes(Piece { left, ..piece });
            }
            return self.world.after(pace.window, Happens::Window(n, lane, serial));
        }
        self.counts.too_slow += 1;
        let came = self.stop_sending(source, n);
        self.give_up(n, lane, piece, came);
    }

    /// Gives a source up for this try, with what came of its piece. Others fetch the rest, as long as there are any.
    pub(super) fn give_up(&mut self, n: usize, lane: usize, piece: Piece, came: u64) {
        let size = self.setting.size;
        let Some(fetch) = &mut self.nodes[n].scout.fetch else { return };
        let whole = came / GROUP * GROUP;
        fetch.had += whole;
        fetch.waiting += piece.bytes - whole;
        fetch.lanes[lane].work = Transfer::GivenUp;
        if fetch.had >= size {
            return self.has_fetched(n);
        }
        let idle: Vec<usize> =
            (0..fetch.lanes.len()).filter(|lane| fetch.lanes[*lane].work == Transfer::Idle).collect();
        if fetch.lanes.iter().all(|lane| lane.work == Transfer::GivenUp) {
            return self.has_failed(n);
        }
        for lane in idle {
            self.begin_piece(n, lane);
        }
    }

    /// A source has gone between two pieces; the rest of the release is left to the others, as long as there are any.
    fn has_no_source(&mut self, n: usize, lane: usize) {
        let Some(fetch) = &mut self.nodes[n].scout.fetch else { return };
        fetch.lanes[lane].work = Transfer::GivenUp;
        if fetch.lanes.iter().all(|lane| lane.work == Transfer::GivenUp) {
            self.has_failed(n);
        }
    }

    fn has_failed(&mut self, n: usize) {
        let now = self.now();
        let node = &mut self.nodes[n];
        let Some(fetch) = node.scout.fetch.take() else { return };
        node.partial = (fetch.build, if fetch.met_a_liar { 0 } else { fetch.had });
        node.scout.pause(now, &mut self.chance);
        self.counts.tries_failed += 1;
        self.tell(|| format!("n{n} cannot fetch build {}", fetch.build));
    }

    fn has_fetched(&mut self, n: usize) {
        let Some(fetch) = self.nodes[n].scout.fetch.take() else { return };
        if fetch.met_a_liar {
            self.run.happened(&LIED_AND_LEFT);
        }
        self.is_at_hand(n, fetch.build);
    }

    /// All bytes of a release are there, and are the right ones.
    fn is_at_hand(&mut self, n: usize, build: usize) {
        let node = &mut self.nodes[n];
        node.partial = (build, 0);
        node.held |= 1 << build;
        node.scout.pauses.succeeded();
        self.tell(|| format!("n{n} has fetched build {build}"));
        self.stage(n, build);
    }

    /// Nothing is fetched any more, such as when the node needs looking after; what came is there for the next try.
    pub(super) fn stop_fetching(&mut self, n: usize) {
        let Some(fetch) = self.nodes[n].scout.fetch.take() else { return };
        let mut had = fetch.had;
        for lane in &fetch.lanes {
            match lane.work {
                Transfer::Comes(_) => {
                    let came = self.stop_sending(lane.source, n);
                    had += if self.lies(lane.source) { 0 } else { came / GROUP * GROUP };
                }
                Transfer::Taken(piece) => had += piece.bytes,
                Transfer::Idle | Transfer::GivenUp => {}
            }
        }
        self.nodes[n].partial = (fetch.build, if fetch.met_a_liar { 0 } else { had });
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::with_fleet;
    use super::*;

    /// A node that only follows, and holds nothing.
    const WHO: usize = 9;
    const NO_PEERS: &str = "--nodes 10 --peer-kib-per-second 0";

    fn works(fleet: &Fleet<'_>) -> Vec<Transfer> {
        let fetch = fleet.nodes[WHO].scout.fetch.as_ref();
        fetch.map(|fetch| fetch.lanes.iter().map(|lane| lane.work).collect()).unwrap_or_default()
    }

    fn piece(fleet: &Fleet<'_>, lane: usize) -> Piece {
        match works(fleet)[lane] {
            Transfer::Comes(piece) => piece,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_mirror_that_is_gone_between_two_pieces_is_not_asked_for_the_next_one() {
        with_fleet(NO_PEERS, |fleet| {
            fleet.fetch(WHO, 1);
            let (first, second) = (piece(fleet, 0), piece(fleet, 1));
            fleet.stop_sending(Source::Mirror(0), WHO);
            fleet.mirrors[0].is_gone = true;
            fleet.has_piece(WHO, 0, first);
            assert_eq!(works(fleet), [Transfer::GivenUp, Transfer::Comes(second)]);
            assert!(fleet.mirrors[0].pipe.receivers().is_empty());
            fleet.stop_sending(Source::Mirror(1), WHO);
            fleet.mirrors[1].is_gone = true;
            fleet.has_piece(WHO, 1, second);
            assert!(fleet.nodes[WHO].scout.fetch.is_none(), "nobody is left");
            assert_eq!(fleet.nodes[WHO].partial, (1, first.bytes + second.bytes));
            assert_eq!(fleet.counts.tries_failed, 1);
        });
    }

    #[test]
    fn a_node_that_is_down_between_two_pieces_is_not_asked_for_the_next_one() {
        with_fleet("--nodes 10", |fleet| {
            let peers = 0..WHO;
            peers.for_each(|peer| fleet.nodes[peer].held |= 1 << 1);
            fleet.fetch(WHO, 1);
            let lanes = &fleet.nodes[WHO].scout.fetch.as_ref().unwrap().lanes;
            let is_peer = |lane: &Lane| matches!(lane.source, Source::Peer(_));
            let lane = lanes.iter().position(is_peer).expect("of eight who are asked some have it");
            let source = lanes[lane].source;
            let Source::Peer(peer) = source else { panic!("{source:?}") };
            let came = piece(fleet, lane);
            fleet.stop_sending(source, WHO);
            fleet.nodes[peer].state = super::super::node::State::Away;
            fleet.has_piece(WHO, lane, came);
            assert_eq!(works(fleet)[lane], Transfer::GivenUp);
        });
    }

    #[test]
    fn what_had_come_whole_when_a_try_was_broken_off_is_not_fetched_again() {
        with_fleet(NO_PEERS, |fleet| {
            fleet.nodes[WHO].partial = (1, fleet.setting.size);
            fleet.fetch(WHO, 1);
            assert!(fleet.nodes[WHO].holds(1) && fleet.nodes[WHO].scout.fetch.is_none());
            assert!(fleet.nodes[WHO].scout.staging.is_some());
        });
    }

    #[test]
    fn a_source_that_is_given_up_with_the_last_byte_ends_the_fetch() {
        with_fleet(NO_PEERS, |fleet| {
            fleet.nodes[WHO].partial = (1, fleet.setting.size - GROUP);
            fleet.fetch(WHO, 1);
            let last = piece(fleet, 0);
            assert_eq!((last.bytes, works(fleet)[1]), (GROUP, Transfer::Idle));
            fleet.give_up(WHO, 0, last, GROUP);
            assert!(fleet.nodes[WHO].holds(1) && fleet.nodes[WHO].scout.fetch.is_none());
        });
    }

    #[test]
    fn nothing_is_kept_of_a_try_that_met_a_liar_however_it_ends() {
        with_fleet(NO_PEERS, |fleet| {
            fleet.fetch(WHO, 1);
            let first = piece(fleet, 0);
            fleet.stop_sending(Source::Mirror(0), WHO);
            fleet.has_piece(WHO, 0, first);
            fleet.nodes[WHO].scout.fetch.as_mut().unwrap().met_a_liar = true;
            fleet.stop_fetching(WHO);
            assert_eq!(fleet.nodes[WHO].partial, (1, 0));
        });
    }
}
