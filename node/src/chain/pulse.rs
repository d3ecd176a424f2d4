//! Whether the chain moves here, by a clock that nobody sets, and what its blocks show of the one that somebody does.
//!
//! A block bears the time at which it was proposed, by its proposer's clock. Who hears the proposal knows by that what time it is, whatever
//! this machine's clock says; and a block whose proposal was heard is new, while one that peers hand over as decided may be of any age.
//!
//! # Invariants
//! - No clock that can be set says that the chain moves, and none hides that it stands.
//! - What is said of a clock is said to people, and decides nothing.

use primitives::{BlockHash, Timestamp};
use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

/// How far a clock is off the times of blocks, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skew {
    /// It is later.
    Ahead(u64),
    /// It is earlier.
    Behind(u64),
}

/// What another clock said, and when that was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Witness {
    heard: Instant,
    said: Timestamp,
}

/// How the chain moves here.
#[derive(Debug)]
pub struct Pulse {
    /// When the head came.
    came: Instant,
    /// Whether its proposal was known before it was decided.
    is_new: bool,
    /// The proposals for the height after the head; without a witness where this node made them itself.
    proposals: BTreeMap<BlockHash, Option<Witness>>,
    /// The proposals of the last two blocks of others: one proposer alone convinces nobody.
    witnesses: [Option<Witness>; 2],
}

impl Pulse {
    /// Of a head whose age is not known.
    pub fn begin(now: Instant) -> Self {
        Self { came: now, is_new: false, proposals: BTreeMap::new(), witnesses: [None; 2] }
    }

    /// Takes in that this node proposes a block.
    pub fn proposes(&mut self, block: BlockHash) {
        self.proposals.insert(block, None);
    }

    /// Takes in a proposal of a time. What is proposed again later is as old as it was.
    pub fn hears(&mut self, block: BlockHash, said: Timestamp, heard: Instant) {
        self.proposals.entry(block).or_insert(Some(Witness { heard, said }));
    }

    /// Takes in that a block is the head.
    pub fn moves(&mut self, head: BlockHash, now: Instant) {
        let proposal = self.proposals.remove(&head);
        (self.came, self.is_new) = (now, proposal.is_some());
        if let Some(Some(witness)) = proposal {
            self.witnesses = [self.witnesses[1], Some(witness)];
        }
        self.proposals.clear();
    }

    /// Whether the chain stands still here, or the head, of a time, is not the newest block there is: older than `limit`.
    pub fn is_stale(&self, now: Instant, clock: Timestamp, head: Timestamp, limit: Duration) -> bool {
        let right = self.right(now, clock);
        let off_ms = right.minus(head.0).0.max(head.minus(right.0).0);
        self.idle(now) > limit || !self.is_new && Duration::from_millis(off_ms) > limit
    }

    /// How old the head is, which bears a time: since it came, where it was new then.
    pub fn age(&self, now: Instant, clock: Timestamp, head: Timestamp) -> Duration {
        let idle = self.idle(now);
        if self.is_new { idle } else { idle.max(Duration::from_millis(self.right(now, clock).minus(head.0).0)) }
    }

    /// How far a clock is off what the last two blocks of others have shown, by what it is off at least; none while they have shown nothing.
    pub fn skew(&self, now: Instant, clock: Timestamp) -> Option<Skew> {
        let [one, other] = self.witnesses;
        Some(match (one?.skew(now, clock), other?.skew(now, clock)) {
            (Skew::Ahead(one), Skew::Ahead(other)) => Skew::Ahead(one.min(other)),
            (Skew::Behind(one), Skew::Behind(other)) => Skew::Behind(one.min(other)),
            _ => Skew::Ahead(0),
        })
    }

    /// What a clock would say if it were right.
    fn right(&self, now: Instant, clock: Timestamp) -> Timestamp {
        match self.skew(now, clock) {
            Some(Skew::Ahead(ms)) => clock.minus(ms),
            Some(Skew::Behind(ms)) => clock.plus(ms),
            None => clock,
        }
    }

    /// How long ago the head came.
    pub fn idle(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.came)
    }

    /// Lets the head have come so much earlier.
    #[cfg(test)]
    pub(super) fn stood_for(&mut self, longer: Duration) {
        self.came = self.came.checked_sub(longer).expect("this machine has run for longer");
    }
}

impl Witness {
    fn skew(&self, now: Instant, clock: Timestamp) -> Skew {
        let since = now.saturating_duration_since(self.heard).as_millis();
        let right = self.said.plus(u64::try_from(since).unwrap_or(u64::MAX));
        if clock < right { Skew::Behind(right.minus(clock.0).0) } else { Skew::Ahead(clock.minus(right.0).0) }
    }
}

impl Skew {
    /// By how much, in milliseconds.
    pub fn ms(self) -> u64 {
        let (Skew::Ahead(ms) | Skew::Behind(ms)) = self;
        ms
    }

    /// The same in seconds, below zero for a clock that is behind.
    pub fn seconds(self) -> i64 {
        let seconds = i64::try_from(self.ms() / 1000).unwrap_or(i64::MAX);
        if matches!(self, Skew::Behind(_)) { -seconds } else { seconds }
    }
}

impl fmt::Display for Skew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = if matches!(self, Skew::Ahead(_)) { "ahead of" } else { "behind" };
        write!(f, "{} s {side}", self.ms() / 1000)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(10);
    const NOON: Timestamp = Timestamp(1_700_000_000_000);
    const DAY_MS: u64 = 86_400_000;
    /// How far clocks are off, both ways.
    const OFF: [Skew; 5] =
        [Skew::Ahead(0), Skew::Ahead(30_000), Skew::Behind(30_000), Skew::Ahead(DAY_MS), Skew::Behind(DAY_MS)];

    /// A machine whose clock is off, beside a chain that decides a block in each second.
    pub(crate) struct Machine {
        began: Instant,
        passed: Duration,
        off: Skew,
        blocks: u8,
        head: Timestamp,
        pub(crate) pulse: Pulse,
    }

    /// How a block comes.
    #[derive(Clone, Copy)]
    pub(crate) enum Comes {
        /// After its proposal.
        Proposed,
        /// From a peer, decided so many milliseconds after it was proposed.
        Fetched(u64),
    }

    impl Machine {
        pub(crate) fn off_by(off: Skew) -> Self {
            let began = Instant::now();
            let (passed, head) = (Duration::ZERO, NOON.minus(3_600_000));
            Self { began, passed, off, blocks: 0, head, pulse: Pulse::begin(began) }
        }

        fn now(&self) -> Instant {
            self.began + self.passed
        }

        /// What time it is.
        fn time(&self) -> Timestamp {
            NOON.plus(self.passed.as_millis() as u64)
        }

        fn clock(&self) -> Timestamp {
            match self.off {
                Skew::Ahead(ms) => self.time().plus(ms),
                Skew::Behind(ms) => self.time().minus(ms),
            }
        }

        pub(crate) fn passes(&mut self, seconds: u64) {
            self.passed += Duration::from_secs(seconds);
        }

        /// A second later, one more block.
        pub(crate) fn block(&mut self, comes: Comes) {
            self.passes(1);
            self.blocks += 1;
            let hash = BlockHash([self.blocks; 32]);
            match comes {
                Comes::Proposed => {
                    self.head = self.time();
                    self.pulse.hears(hash, self.head, self.now());
                }
                Comes::Fetched(ms) => self.head = self.time().minus(ms),
            }
            self.pulse.moves(hash, self.now());
        }

        pub(crate) fn is_stale(&self) -> bool {
            self.pulse.is_stale(self.now(), self.clock(), self.head, LIMIT)
        }

        pub(crate) fn age(&self) -> Duration {
            self.pulse.age(self.now(), self.clock(), self.head)
        }

        fn skew(&self) -> Option<Skew> {
            self.pulse.skew(self.now(), self.clock())
        }
    }

    #[test]
    fn o10_blocks_that_come_on_time_are_no_illness_whatever_the_clock_says_and_name_by_how_much_it_is_off() {
        for off in OFF {
            let mut machine = Machine::off_by(off);
            machine.block(Comes::Proposed);
            assert_eq!((machine.is_stale(), machine.skew()), (false, None), "one proposer alone convinces nobody");
            machine.block(Comes::Proposed);
            assert_eq!((machine.is_stale(), machine.skew()), (false, Some(off)));
            assert!(machine.age() < LIMIT);
            // As far as the clock was found to be off, it can be reckoned with.
            machine.block(Comes::Fetched(500));
            assert!(!machine.is_stale(), "{off:?}");
        }
        assert_eq!(Skew::Behind(30_999).to_string(), "30 s behind");
        assert_eq!((Skew::Ahead(DAY_MS).seconds(), Skew::Behind(DAY_MS).seconds()), (86_400, -86_400));
    }

    #[test]
    fn o10_no_clock_hides_that_the_chain_stands_still_or_that_this_node_is_behind() {
        for off in OFF {
            let mut machine = Machine::off_by(off);
            assert!(machine.is_stale(), "the head that was stored is an hour old");
            machine.block(Comes::Proposed);
            machine.block(Comes::Proposed);
            machine.passes(10);
            assert!(!machine.is_stale());
            machine.passes(1);
            assert!(machine.is_stale(), "{off:?}");
            assert_eq!(machine.age(), Duration::from_secs(11));
            // It was away, and takes what was decided meanwhile.
            machine.block(Comes::Fetched(60_000));
            assert!(machine.is_stale(), "{off:?}");
            assert_eq!(machine.age(), Duration::from_secs(60));
        }
    }

    #[test]
    fn o10_a_clock_that_is_set_right_is_off_no_more_and_what_is_proposed_again_is_as_old_as_it_was() {
        let mut machine = Machine::off_by(Skew::Behind(DAY_MS));
        (0..3).for_each(|_| machine.block(Comes::Proposed));
        machine.off = Skew::Ahead(0);
        assert_eq!(machine.skew(), Some(Skew::Ahead(0)), "at once");
        // The height takes rounds: the block that is decided at last is one that was heard before.
        let (hash, said, heard) = (BlockHash([0xee; 32]), machine.time(), machine.now());
        for _ in 0..4 {
            machine.pulse.hears(hash, said, machine.now());
            machine.passes(30);
        }
        machine.head = said;
        machine.pulse.moves(hash, machine.now());
        assert_eq!(machine.skew(), Some(Skew::Ahead(0)), "it was heard {:?} ago", machine.now() - heard);
    }

    #[test]
    fn what_this_node_proposes_itself_is_new_and_shows_nothing_of_its_clock() {
        let mut machine = Machine::off_by(Skew::Behind(DAY_MS));
        for block in 1..=3 {
            machine.passes(1);
            machine.pulse.proposes(BlockHash([block; 32]));
            machine.pulse.moves(BlockHash([block; 32]), machine.now());
        }
        assert_eq!((machine.is_stale(), machine.skew()), (false, None));
    }
}
