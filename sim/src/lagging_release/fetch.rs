//! How a node fetches a release: pieces from all sources at once, as the real one does, where mirrors and peers share what they send
//! among all who ask them.
//!
//! A source that sends less than it must in a window is given up for this try, and so is one that sends other bytes, at the first of
//! them. What came of a try that failed is there for the next one, unless somebody lied. That each try has an end of its own is left
//! out: whoever is slower than the pace is given up before. What a node can take is only counted at the end of each piece.

use super::fleet::{Fleet, Happens};
use super::node::takes;
use super::pipe::Pipe;
use super::plan::Does;
use super::properties::LIED_AND_LEFT;
use crate::world::Moment;
use std::time::Duration;

/// What is judged alone: a liar is known by so many bytes.
const GROUP: u64 = 16 << 10;
/// The smallest piece and the largest.
const PIECE: (u64, u64) = (1 << 20, 64 << 20);
/// How many pieces each source is to have.
const PIECES_EACH: u64 = 4;
/// How many nodes are asked whether they have it, and from how many of them it is fetched.
const ASKED: (usize, usize) = (8, 4);

/// Where a release comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    /// A mirror, by number.
    Mirror(usize),
    /// Another node.
    Peer(usize),
}

/// A mirror as it is just now.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// What it sends.
    pub pipe: Pipe,
    /// What it does.
    pub does: Does,
    /// Whether anybody answers.
    pub is_gone: bool,
}

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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
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
        let sources = self.sources(n, build);
        if sources.is_empty() {
            return self.nodes[n].scout.pause(now, &mut self.chance);
        }
        let (of, kept) = self.nodes[n].partial;
        let had = if of == build { kept } else { 0 };
        let (size, count) = (self.setting.size, sources.len());
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
        let answer = |(number, line): (usize, &Line)| (!line.is_gone).then_some(Source::Mirror(number));
        let mut sources: Vec<Source> = self.mirrors.iter().enumerate().filter_map(answer).collect();
        if self.plan.peers.is_some() {
            let (now, mirrors) = (self.now(), sources.len());
            for _ in 0..ASKED.0 {
                let peer = self.chance.below(self.nodes.len() as u64) as usize;
                let has_it = peer != n && self.nodes[peer].holds(build) && self.nodes[peer].answers(now);
                if has_it && !sources.contains(&Source::Peer(peer)) && sources.len() < mirrors + ASKED.1 {
                    sources.push(Source::Peer(peer));
                }
            }
        }
        sources
    }

    /// A lane takes the next piece, if there is one.
    fn begin_piece(&mut self, n: usize, lane: usize) {
        let (now, serial) = (self.now(), self.next_serial());
        let Some(fetch) = &mut self.nodes[n].scout.fetch else { return };
        let bytes = fetch.piece.min(fetch.waiting);
        if bytes == 0 {
            return;
        }
        fetch.waiting -= bytes;
        let source = fetch.lanes[lane].source;
        fetch.lanes[lane].work = Transfer::Comes(Piece { serial, bytes, began: now, left: bytes });
        let sent = if self.lies(source) { bytes.min(GROUP) } else { bytes };
        if let Some(pipe) = self.pipe(source) {
            pipe.begin(now, n as u32, sent);
        }
        self.expect(source);
        self.world.after(self.setting.pace.window, Happens::Window(n, lane, serial));
    }

    fn lies(&self, source: Source) -> bool {
        matches!(source, Source::Mirror(number) if self.mirrors[number].does == Does::Lies)
    }

    fn pipe(&mut self, source: Source) -> Option<&mut Pipe> {
        match source {
            Source::Mirror(number) => self.mirrors.get_mut(number).map(|line| &mut line.pipe),
            Source::Peer(peer) => {
                let rate = self.plan.peers?;
                Some(self.uplinks.entry(peer).or_insert_with(|| Pipe::new(rate)))
            }
        }
    }

    /// Has it known when a source has sent the next piece.
    fn expect(&mut self, source: Source) {
        let Some((Some(after), turn)) = self.pipe(source).map(Pipe::next_end) else { return };
        self.world.after(after, Happens::Sent(source, turn));
    }

    /// A source has sent a piece.
    pub(super) fn has_sent(&mut self, source: Source, turn: u32) {
        let now = self.now();
        let Some(pipe) = self.pipe(source).filter(|pipe| pipe.is_current(turn)) else { return };
        for receiver in pipe.done(now) {
            self.gets_piece(receiver as usize, source);
        }
        self.expect(source);
    }

    fn gets_piece(&mut self, n: usize, source: Source) {
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
    fn coming(&self, n: usize, source: Source) -> Option<(usize, Piece)> {
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

    /// A source sends nothing more to a node; gives what came of the last piece.
    fn stop_sending(&mut self, source: Source, n: usize) -> u64 {
        let now = self.now();
        let came = self.pipe(source).map_or(0, |pipe| pipe.stop(now, n as u32));
        self.expect(source);
        came
    }

    /// Gives a source up for this try, with what came of its piece. Others fetch the rest, as long as there are any.
    fn give_up(&mut self, n: usize, lane: usize, piece: Piece, came: u64) {
        let Some(fetch) = &mut self.nodes[n].scout.fetch else { return };
        let whole = came / GROUP * GROUP;
        fetch.had += whole;
        fetch.waiting += piece.bytes - whole;
        fetch.lanes[lane].work = Transfer::GivenUp;
        let idle: Vec<usize> =
            (0..fetch.lanes.len()).filter(|lane| fetch.lanes[*lane].work == Transfer::Idle).collect();
        if fetch.lanes.iter().all(|lane| lane.work == Transfer::GivenUp) {
            return self.has_failed(n);
        }
        for lane in idle {
            self.begin_piece(n, lane);
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
        let node = &mut self.nodes[n];
        let Some(fetch) = node.scout.fetch.take() else { return };
        let build = fetch.build;
        node.partial = (build, 0);
        node.held |= 1 << build;
        node.scout.pauses.succeeded();
        if fetch.met_a_liar {
            self.run.happened(&LIED_AND_LEFT);
        }
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
        self.nodes[n].partial = (fetch.build, had);
    }

    /// A node sends nothing any more to those that fetch from it.
    pub(super) fn stop_serving(&mut self, n: usize) {
        if self.uplinks.contains_key(&n) {
            self.break_off(Source::Peer(n));
            if let Some(pipe) = self.uplinks.remove(&n) {
                self.counts.from_peers += pipe.sent();
            }
        }
    }

    /// All who are sent something give a source up.
    fn break_off(&mut self, source: Source) {
        let receivers = self.pipe(source).map(|pipe| pipe.receivers()).unwrap_or_default();
        for receiver in receivers {
            let n = receiver as usize;
            let came = self.stop_sending(source, n);
            if let Some((lane, piece)) = self.coming(n, source) {
                let came = if self.lies(source) { 0 } else { came };
                self.give_up(n, lane, piece, came);
            }
        }
    }

    /// What a mirror does begins or ends.
    pub(super) fn mirror_changes(&mut self, number: usize, begins: bool) {
        let now = self.now();
        let line = &mut self.mirrors[number];
        let rate = self.plan.mirrors[number].rate;
        match line.does {
            Does::Stalls { .. } => line.pipe.set_rate(now, if begins { 0 } else { rate }),
            Does::IsGone { .. } => line.is_gone = begins,
            Does::Serves | Does::Lies => return,
        }
        self.tell(|| format!("mirror {number} {}", if begins { "is away" } else { "is back" }));
        if begins && self.mirrors[number].is_gone {
            self.break_off(Source::Mirror(number));
        }
        self.expect(Source::Mirror(number));
    }

    /// The mirrors when the future begins, and when what they do begins and ends.
    pub(super) fn open_mirrors(&mut self) {
        for (number, mirror) in self.plan.mirrors.iter().enumerate() {
            let does = mirror.does;
            self.mirrors.push(Line { pipe: Pipe::new(mirror.rate), does, is_gone: false });
            if let Does::Stalls { from_s, until_s } | Does::IsGone { from_s, until_s } = does {
                self.world.at(Moment::BEGIN.plus(Duration::from_secs(from_s)), Happens::Mirror(number, true));
                if until_s < u64::MAX {
                    self.world.at(Moment::BEGIN.plus(Duration::from_secs(until_s)), Happens::Mirror(number, false));
                }
            }
        }
    }
}
