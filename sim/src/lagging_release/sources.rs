//! What sends a release: mirrors, and nodes that have it. Each has one line, which all who ask share.

use super::fleet::Fleet;
use super::happens::Happens;
use super::pipe::Pipe;
use super::plan::Does;
use crate::world::Moment;
use std::time::Duration;

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

impl Fleet<'_> {
    /// Whether somebody answers there.
    pub(super) fn is_there(&self, source: Source) -> bool {
        match source {
            Source::Mirror(number) => !self.mirrors[number].is_gone,
            Source::Peer(peer) => self.nodes[peer].answers(self.now()),
        }
    }

    /// Whether it sends something else than the release.
    pub(super) fn lies(&self, source: Source) -> bool {
        matches!(source, Source::Mirror(number) if self.mirrors[number].does == Does::Lies)
    }

    /// Its line, if it has one.
    pub(super) fn pipe(&mut self, source: Source) -> Option<&mut Pipe> {
        match source {
            Source::Mirror(number) => self.mirrors.get_mut(number).map(|line| &mut line.pipe),
            Source::Peer(peer) => self.uplinks.get_mut(&peer),
        }
    }

    /// A node that sends something has a line for it.
    pub(super) fn open_uplink(&mut self, source: Source) {
        if let (Source::Peer(peer), Some(rate)) = (source, self.plan.peers) {
            self.uplinks.entry(peer).or_insert_with(|| Pipe::new(rate));
        }
    }

    /// Has it asked when a source has sent the next piece.
    pub(super) fn expect(&mut self, source: Source) {
        if let Some(at) = self.pipe(source).and_then(Pipe::ask_at) {
            self.world.at(at, Happens::Sent(source));
        }
    }

    /// A source may have sent a piece.
    pub(super) fn has_sent(&mut self, source: Source) {
        let now = self.now();
        let Some(pipe) = self.pipe(source) else { return };
        if !pipe.is_asked(now) {
            return;
        }
        for receiver in pipe.done(now) {
            self.gets_piece(receiver as usize, source);
        }
        self.expect(source);
    }

    /// A source sends nothing more to a node; gives what came of the last piece.
    pub(super) fn stop_sending(&mut self, source: Source, n: usize) -> u64 {
        let now = self.now();
        let came = self.pipe(source).map_or(0, |pipe| pipe.stop(now, n as u32));
        self.expect(source);
        came
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
