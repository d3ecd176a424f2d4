//! What is held of a build on trial: that it is well, that it is not, or that it cannot be known.
//!
//! A build is given up only for what it did itself. That it hangs is its own doing, and that it ends. That its chain stands
//! still, that its peers are gone, or that it has nothing but errors for its supervisor, may have nothing to do with it: then the
//! build before is run on the same machine, and only what that one has and this one lacks is held against it. What the supervisor
//! could not ask says nothing.
//!
//! # Invariants
//! - An [`Unwell`] is made here alone. A build is counted against, marked and reported for one, and for nothing else.

use super::child::Ended;
use primitives::Height;
use rpc::views::Health;
use std::fmt;
use std::time::Duration;

/// Blocks that have to follow the first one seen.
const BLOCKS: u64 = 2;
/// Windows in a row in which a build comes nearer to the newest block, to be well before it is there: that may take days.
const GAINS: u32 = 3;

/// What a node was like before it was replaced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Before {
    /// Its newest block.
    pub height: Height,
    /// Its peers.
    pub peers: u32,
}

/// What one look at a node showed.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Seen {
    /// It answered.
    Health(Health),
    /// It did not, and nothing but itself was in the way.
    Silence,
    /// It answered, and not how it is: with an error, or with what this supervisor does not read. Nobody but the node answers at
    /// its socket.
    NoHealth,
    /// It could not be asked; why.
    Unasked(String),
}

/// What is held of a build on trial.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum TrialVerdict {
    /// It has proven itself.
    Well,
    /// It is not well, by its own doing.
    Unwell(Unwell),
    /// Whether it is well is not known.
    NotKnown(NotKnown),
}

/// Why it is not known whether a build is well.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum NotKnown {
    /// The supervisor could not ask; why.
    Unasked(String),
    /// It answers, and something is missing that may be missing here whatever build runs.
    Lacks(Lack),
}

/// Something that a node needs to be well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lack {
    /// No block came after this one.
    Blocks(Height),
    /// Its newest block is old, and does not become younger.
    Freshness,
    /// None of so many peers came back.
    Peers(u32),
    /// It does not say how it is.
    Health,
}

/// What the build before, run in the place of the one on trial, has of what that one lacks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Comparison {
    lack: Lack,
    /// The newest block that it began with: that its chain moves shows in those that follow.
    first: Option<Height>,
}

/// What the comparisons of a build on trial have shown, one after the other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Comparisons {
    /// How many showed nothing.
    pub open: u32,
    /// Whether the latest one spoke against the build.
    against: bool,
}

/// What a build did itself by which it is not well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unwell(String);

/// How a build came to an end that nobody asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// It ran, and ended.
    Ended(Ended),
    /// It could not be started; why.
    NotStarted(String),
    /// It ran, and was ended because it is not well.
    Unwell(Unwell),
}

/// How long a build on trial may take, and has to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Windows {
    /// To say something.
    pub silence: Duration,
    /// To get what it lacks; longer, each time that it turned out to be missing whatever build runs.
    pub lack: Duration,
    /// From its first answer on, before it is well: blocks alone may come faster than a build fails.
    pub least: Duration,
}

/// How a node is judged against what it was before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Judge {
    before: Before,
    /// None for who has proven itself before: it may take as long as it takes.
    windows: Option<Windows>,
    /// When it last said something.
    answered: Duration,
    /// From when on nothing was heard of it, although it could have been.
    silent_since: Duration,
    /// From when on it answered, if at all, and never how it is; none while it says that.
    erring_since: Option<Duration>,
    progress: Option<Progress>,
}

/// How far a node has come that answers. Times are since its start.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Progress {
    first: Height,
    since: Duration,
    newest: Height,
    /// When its newest block came.
    advanced: Duration,
    /// How old its newest block was, and when that was.
    age_ms: u64,
    aged: Duration,
    /// In how many windows in a row it became younger.
    gained: u32,
}

impl Judge {
    /// Judges against `before`, from the start of the node on.
    pub fn new(before: Before, windows: Option<Windows>) -> Self {
        let (answered, silent_since) = (Duration::ZERO, Duration::ZERO);
        Self { before, windows, answered, silent_since, erring_since: None, progress: None }
    }

    /// How long one answer may take: who needs a whole window for it hangs.
    pub fn longest_answer(&self) -> Duration {
        self.windows.map_or(Duration::MAX, |windows| windows.silence)
    }

    /// Takes in what was seen at a time since the start of the node; none while it may still become well.
    pub fn look(&mut self, at: Duration, seen: Seen) -> Option<TrialVerdict> {
        match seen {
            Seen::Health(health) => {
                (self.answered, self.silent_since, self.erring_since) = (at, at, None);
                self.weigh(at, &health)
            }
            Seen::Silence => {
                let most = self.windows?.silence;
                let hangs = at.saturating_sub(self.silent_since) >= most;
                hangs.then(|| TrialVerdict::Unwell(Unwell::silent(most)))
            }
            Seen::NoHealth => {
                self.silent_since = at;
                let since = *self.erring_since.get_or_insert(at);
                let is_over = at.saturating_sub(since) >= self.windows?.lack;
                is_over.then_some(TrialVerdict::NotKnown(NotKnown::Lacks(Lack::Health)))
            }
            Seen::Unasked(why) => {
                (self.silent_since, self.erring_since) = (at, None);
                let is_over = at.saturating_sub(self.answered) >= self.windows?.silence;
                is_over.then_some(TrialVerdict::NotKnown(NotKnown::Unasked(why)))
            }
        }
    }

    fn weigh(&mut self, at: Duration, health: &Health) -> Option<TrialVerdict> {
        let before = self.before;
        let progress = self.progress.get_or_insert_with(|| Progress::begin(at, health));
        if health.height > progress.newest {
            (progress.newest, progress.advanced) = (health.height, at);
        }
        let least = self.windows.map_or(Duration::ZERO, |windows| windows.least);
        match progress.missing(before, health) {
            None => (at.saturating_sub(progress.since) >= least).then_some(TrialVerdict::Well),
            Some(missing) => {
                let lack = progress.lacks(missing, at, health, self.windows?.lack);
                if progress.gained >= GAINS {
                    return Some(TrialVerdict::Well);
                }
                lack.map(|lack| TrialVerdict::NotKnown(NotKnown::Lacks(lack)))
            }
        }
    }
}

impl Progress {
    fn begin(at: Duration, health: &Health) -> Self {
        let height = health.height;
        Self {
            first: height,
            since: at,
            newest: height,
            advanced: at,
            age_ms: health.block_age_ms,
            aged: at,
            gained: 0,
        }
    }

    /// What is still to come.
    fn missing(&self, before: Before, health: &Health) -> Option<Lack> {
        let need = Height(self.first.0.saturating_add(BLOCKS).max(before.height.0));
        if health.height < need {
            Some(Lack::Blocks(self.newest))
        } else if !health.ok {
            Some(Lack::Freshness)
        } else {
            (before.peers > 0 && health.peers == 0).then_some(Lack::Peers(before.peers))
        }
    }

    /// What did not come within a window.
    fn lacks(&mut self, missing: Lack, at: Duration, health: &Health, window: Duration) -> Option<Lack> {
        let is_over = |since: Duration| at.saturating_sub(since) >= window;
        if is_over(self.advanced) {
            return Some(Lack::Blocks(self.newest));
        }
        match missing {
            // They come, and there are not enough yet.
            Lack::Blocks(_) => None,
            Lack::Freshness if !is_over(self.aged) => None,
            // Coming nearer to the newest block is not being behind.
            Lack::Freshness if health.block_age_ms < self.age_ms => {
                (self.age_ms, self.aged, self.gained) = (health.block_age_ms, at, self.gained.saturating_add(1));
                None
            }
            Lack::Freshness => Some(missing),
            Lack::Peers(_) | Lack::Health => is_over(self.since).then_some(missing),
        }
    }
}

impl Comparison {
    /// With a build that lacks something.
    pub fn with(lack: Lack) -> Self {
        Self { lack, first: None }
    }

    /// What is held against the build on trial when the build before, run in its place, answers this: nothing as long as that
    /// one lacks the same.
    pub fn look(&mut self, build_before: &Health) -> Option<Unwell> {
        let first = *self.first.get_or_insert(build_before.height);
        let has = match self.lack {
            Lack::Blocks(after) => build_before.height.0 >= first.max(after).0.saturating_add(BLOCKS),
            Lack::Freshness => build_before.ok,
            Lack::Peers(_) => build_before.peers > 0,
            Lack::Health => true,
        };
        has.then(|| Unwell(format!("{}, and with the build before it is not so", self.lack)))
    }
}

impl Comparisons {
    /// Takes in one more; whether it makes an attempt that failed. One alone does not: others may halt the chain until the build
    /// before runs, and only then let it move again, for every build on trial at once. So the build on trial runs once more, while it
    /// moves, and has to lack the same again.
    pub fn take(&mut self, speaks_against: bool) -> bool {
        let failed = speaks_against && self.against;
        self.against = speaks_against && !failed;
        if !speaks_against {
            self.open = self.open.saturating_add(1);
        }
        failed
    }
}

impl Unwell {
    /// It said nothing.
    fn silent(window: Duration) -> Self {
        Self(format!("it hangs: it did not answer for {} s", window.as_secs()))
    }

    /// It ended before it had proven itself, however well.
    pub fn ended(ended: Ended) -> Self {
        Self(ended.to_string())
    }

    /// It came to an end, or did not even begin.
    pub fn by(end: &End) -> Self {
        Self(end.to_string())
    }

    /// As often as it is tried; what it was the last time is only known to who has seen it.
    pub fn often(attempts: u32, last: Option<&Unwell>) -> Self {
        let last = last.map(|last| format!("; the last time, {last}")).unwrap_or_default();
        Self(format!("it did not become healthy in {attempts} attempts{last}"))
    }
}

impl fmt::Display for Unwell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Ended(ended) => write!(f, "{ended}"),
            End::NotStarted(why) => write!(f, "it cannot be started: {why}"),
            End::Unwell(unwell) => write!(f, "{unwell}"),
        }
    }
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Lack::Blocks(after) => write!(f, "its chain stands still at height {after}"),
            Lack::Freshness => write!(f, "it does not catch up with the chain"),
            Lack::Peers(before) => write!(f, "none of its {before} peers has come back"),
            Lack::Health => write!(f, "it answers, and does not say how it is"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::Skew;
    use crate::chain::pulse::tests::{Comes, Machine};
    use primitives::Timestamp;
    use proptest::prelude::*;

    const WINDOW: Duration = Duration::from_secs(10);

    fn health(height: u64, peers: u32, ok: bool) -> Health {
        Health {
            ok,
            height: Height(height),
            block_time: Timestamp(0),
            block_age_ms: 0,
            catching_up: !ok,
            validating: true,
            peers,
            pool_transactions: 0,
            halt: None,
            warnings: Vec::new(),
        }
    }

    fn judge(height: u64, peers: u32) -> Judge {
        let windows = Windows { silence: WINDOW, lack: WINDOW, least: Duration::ZERO };
        Judge::new(Before { height: Height(height), peers }, Some(windows))
    }

    /// What is held after the last of these looks, a second apart; the ones before have shown nothing.
    fn held(judge: &mut Judge, seen: impl IntoIterator<Item = Seen>) -> Option<TrialVerdict> {
        let mut found = None;
        for (at, seen) in seen.into_iter().enumerate() {
            assert_eq!(found, None, "the verdict came {at} looks after the start");
            found = judge.look(Duration::from_secs(at as u64), seen);
        }
        found
    }

    fn lacks(lack: Lack) -> Option<TrialVerdict> {
        Some(TrialVerdict::NotKnown(NotKnown::Lacks(lack)))
    }

    #[test]
    fn a_node_is_well_when_it_advances_beyond_the_old_one_and_has_peers_again() {
        let seen = [(8, 3, true), (10, 3, false), (11, 0, true), (11, 1, true)];
        let seen = seen.map(|(height, peers, ok)| Seen::Health(health(height, peers, ok)));
        assert_eq!(held(&mut judge(10, 3), seen), Some(TrialVerdict::Well));
    }

    #[test]
    fn o39_blocks_that_come_fast_make_no_build_well_before_the_least_time_since_its_first_answer() {
        let windows = Windows { silence: WINDOW, lack: WINDOW, least: Duration::from_secs(3) };
        let judge = || Judge::new(Before::default(), Some(windows));
        let blocks = |count: u64| (0..count).map(|at| Seen::Health(health(10 + 5 * at, 0, true)));
        assert_eq!(held(&mut judge(), blocks(3)), None);
        assert_eq!(held(&mut judge(), blocks(4)), Some(TrialVerdict::Well));
        // It starts slowly; that is no part of the time.
        let silent_first = || std::iter::repeat_n(Seen::Silence, 5);
        assert_eq!(held(&mut judge(), silent_first().chain(blocks(3))), None);
        assert_eq!(held(&mut judge(), silent_first().chain(blocks(4))), Some(TrialVerdict::Well));
        // What it has at the end counts.
        let at_the_end = blocks(3).chain([Seen::Health(health(90, 0, false))]);
        assert_eq!(held(&mut judge(), at_the_end), None);
        // Who has proven itself before is well at once.
        assert_eq!(held(&mut Judge::new(Before::default(), None), blocks(2)), Some(TrialVerdict::Well));
    }

    #[test]
    fn an_answer_alone_is_not_enough_and_who_had_no_peers_needs_none() {
        let seen = [50, 51, 52].map(|height| Seen::Health(health(height, 0, true)));
        assert_eq!(held(&mut judge(0, 0), seen), Some(TrialVerdict::Well));
    }

    #[test]
    fn h14_who_says_nothing_for_a_whole_window_hangs_and_who_says_something_in_between_does_not() {
        let hangs = held(&mut judge(0, 0), vec![Seen::Silence; 11]);
        let Some(TrialVerdict::Unwell(unwell)) = &hangs else { panic!("{hangs:?}") };
        assert!(unwell.to_string().contains("10 s"), "{unwell}");
        // An answer at last begins the window anew, and so does a moment in which it could not be asked.
        for between in [Seen::Health(health(5, 0, true)), Seen::Unasked("no descriptor".into())] {
            let seen = [vec![Seen::Silence; 9], vec![between], vec![Seen::Silence; 9]].concat();
            assert_eq!(held(&mut judge(0, 0), seen), None);
        }
        // It answers first, and hangs then.
        let seen = [vec![Seen::Health(health(5, 0, true))], vec![Seen::Silence; 10]].concat();
        assert!(matches!(held(&mut judge(0, 0), seen), Some(TrialVerdict::Unwell(_))));
    }

    #[test]
    fn h14_what_could_not_be_asked_is_not_known() {
        let why = || Seen::Unasked("too many open files".into());
        let verdict = held(&mut judge(0, 0), vec![why(); 11]);
        assert_eq!(verdict, Some(TrialVerdict::NotKnown(NotKnown::Unasked("too many open files".into()))));
    }

    #[test]
    fn h14_who_has_nothing_but_errors_for_a_window_is_compared_whatever_is_between_but_an_answer() {
        let lack = lacks(Lack::Health);
        assert_eq!(held(&mut judge(0, 0), vec![Seen::NoHealth; 11]), lack);
        let with_silence = (0..=10).map(|at| if at % 2 == 0 { Seen::NoHealth } else { Seen::Silence });
        assert_eq!(held(&mut judge(0, 0), with_silence), lack);
        for between in [Seen::Health(health(5, 0, true)), Seen::Unasked("no descriptor".into())] {
            let seen = [vec![Seen::NoHealth; 9], vec![between], vec![Seen::NoHealth; 9]].concat();
            assert_eq!(held(&mut judge(0, 0), seen), None);
        }
        let unwell = Comparison::with(Lack::Health).look(&health(0, 0, false)).unwrap();
        assert!(unwell.to_string().contains("does not say how it is"), "{unwell}");
    }

    #[test]
    fn h14_a_chain_that_stands_still_is_held_against_no_build_under_which_it_stands_still_too() {
        let seen = vec![Seen::Health(health(7, 3, false)); 11];
        let lack = Lack::Blocks(Height(7));
        assert_eq!(held(&mut judge(7, 3), seen), lacks(lack));
        // It stands still, also where the build before has more blocks to begin with.
        for (begins, ends) in [(7, 7), (7, 8), (0, 8), (50, 51)] {
            let mut comparison = Comparison::with(lack);
            let shown = [begins, ends].map(|height| comparison.look(&health(height, 3, true)));
            assert_eq!(shown, [None, None], "from height {begins} to {ends}");
        }
        for (begins, ends) in [(7, 9), (0, 9), (50, 52)] {
            let mut comparison = Comparison::with(lack);
            assert_eq!(comparison.look(&health(begins, 0, false)), None);
            let unwell = comparison.look(&health(ends, 0, false)).unwrap();
            assert!(unwell.to_string().contains("stands still at height 7"), "{unwell}");
        }
    }

    #[test]
    fn h14_who_comes_nearer_to_the_newest_block_is_waited_for_and_who_does_not_is_compared() {
        let behind =
            |at: u64, age_ms: u64| Seen::Health(Health { block_age_ms: age_ms, ..health(100 + at * 50, 3, false) });
        let gaining = |looks: u64| (0..looks).map(|at| behind(at, 90_000 - at * 2_000));
        assert_eq!(held(&mut judge(7, 3), gaining(30)), None);
        let outrun = (0..=10).map(|at| behind(at, 90_000 + at * 100));
        assert_eq!(held(&mut judge(7, 3), outrun), lacks(Lack::Freshness));
        let mut comparison = Comparison::with(Lack::Freshness);
        assert_eq!(comparison.look(&health(900, 3, false)), None);
        assert!(comparison.look(&health(900, 3, true)).is_some());
    }

    #[test]
    fn o19_who_gains_on_its_peers_for_three_windows_is_well_and_who_stands_or_is_outrun_is_not() {
        let behind =
            |at: u64, age_ms: u64| Seen::Health(Health { block_age_ms: age_ms, ..health(100 + at * 50, 3, false) });
        let gaining = (0..=30).map(|at| behind(at, 9_000_000 - at));
        assert_eq!(held(&mut judge(7, 3), gaining), Some(TrialVerdict::Well));
        // It gains for two windows, and no more.
        let outrun = (0..=30).map(|at| behind(at, if at <= 20 { 9_000_000 - at } else { 9_000_000 }));
        assert_eq!(held(&mut judge(7, 3), outrun), lacks(Lack::Freshness));
        let stands = (0..=10).map(|at| Seen::Health(Health { block_age_ms: at, ..health(100, 3, false) }));
        assert_eq!(held(&mut judge(7, 3), stands), lacks(Lack::Blocks(Height(100))));
    }

    #[test]
    fn o10_a_good_build_passes_its_trial_by_a_clock_that_is_off() {
        let day_ms = 86_400_000;
        for off in [Skew::Ahead(30_000), Skew::Behind(30_000), Skew::Ahead(day_ms), Skew::Behind(day_ms)] {
            let (mut machine, mut judge) = (Machine::off_by(off), judge(7, 3));
            // What was decided while it changed, and then what is being decided.
            let come = (0..10).map(|block| if block == 0 { Comes::Fetched(2_000) } else { Comes::Proposed });
            let verdicts: Vec<_> = (7u64..)
                .zip(come)
                .filter_map(|(height, comes)| {
                    machine.block(comes);
                    let age_ms = machine.age().as_millis() as u64;
                    let seen = Health { block_age_ms: age_ms, ..health(height, 3, !machine.is_stale()) };
                    judge.look(Duration::from_secs(height), Seen::Health(seen))
                })
                .collect();
            assert!(verdicts.iter().all(|verdict| *verdict == TrialVerdict::Well) && !verdicts.is_empty(), "{off:?}");
        }
    }

    #[test]
    fn h14_peers_that_are_gone_are_gone_for_the_build_before_too_unless_they_come_back_to_it() {
        let alone = (0..=10).map(|at| Seen::Health(health(10 + at, 0, true)));
        let lack = Lack::Peers(3);
        assert_eq!(held(&mut judge(7, 3), alone), lacks(lack));
        let mut comparison = Comparison::with(lack);
        assert_eq!(comparison.look(&health(30, 0, true)), None);
        assert!(comparison.look(&health(30, 1, true)).is_some());
    }

    #[test]
    fn h14_it_takes_two_comparisons_in_a_row_to_make_an_attempt_that_failed() {
        let mut comparisons = Comparisons::default();
        let failed = [true, false, true, true, true, true, false, true].map(|against| comparisons.take(against));
        assert_eq!(failed, [false, false, false, true, false, true, false, false]);
        assert_eq!(comparisons.open, 2);
    }

    #[test]
    fn who_has_proven_itself_before_may_take_as_long_as_it_takes() {
        let mut judge = Judge::new(Before { height: Height(9), peers: 3 }, None);
        let day = Duration::from_secs(86_400);
        let looks = [Seen::Silence, Seen::Health(health(5, 0, false)), Seen::Unasked("no descriptor".into())];
        for (days, seen) in (1..).zip(looks) {
            assert_eq!(judge.look(day * days, seen), None);
        }
        assert_eq!(judge.look(day * 4, Seen::Health(health(9, 1, true))), Some(TrialVerdict::Well));
    }

    fn seen() -> impl Strategy<Value = Seen> {
        prop_oneof![
            (0u64..40, 0u32..3, any::<bool>(), 0u64..100_000).prop_map(|(height, peers, ok, block_age_ms)| {
                Seen::Health(Health { block_age_ms, ..health(height, peers, ok) })
            }),
            Just(Seen::Unasked("the supervisor is out of descriptors".into())),
            Just(Seen::NoHealth),
            Just(Seen::Silence),
        ]
    }

    proptest! {
        /// Whatever is seen, nothing but a whole window of silence, which nobody interrupted, is held against a build.
        #[test]
        fn h14_nothing_but_a_window_of_silence_makes_a_build_unwell_by_itself(
            looks in prop::collection::vec((seen(), 1u64..8), 1..80), height in 0u64..40, peers in 0u32..3,
        ) {
            let (mut judge, mut at, mut heard) = (judge(height, peers), 0, 0);
            for (seen, pause) in looks {
                at += pause;
                if seen != Seen::Silence {
                    heard = at;
                }
                match judge.look(Duration::from_secs(at), seen) {
                    Some(TrialVerdict::Unwell(_)) => prop_assert!(at - heard >= WINDOW.as_secs()),
                    Some(TrialVerdict::NotKnown(NotKnown::Lacks(lack))) => {
                        // What is missing under the build before too is held against nobody. What that does not say either, it
                        // has no answer to show.
                        let shown = Comparison::with(lack).look(&health(99, 0, false));
                        prop_assert_eq!(shown.is_some(), lack == Lack::Health);
                    }
                    _ => {}
                }
            }
        }
    }
}
