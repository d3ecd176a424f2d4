//! Whose turn is it to be looked for? A build that is withheld, or sent as slowly as is allowed, must cost no other its chance
//! (T7).
//!
//! What lies on this machine already waits for nobody. Of the others a few are fetched at once: those first that were tried least
//! often, then those whose last try is longest ago, and by lot where that says nothing, because anybody can look for a hash that
//! comes first. While one waits that was not tried more often, a try lasts no longer than a turn; what it fetched is kept.

use crate::supervise::patience::Patience;
use primitives::BuildHash;
use rand::seq::SliceRandom as _;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use update::PeerLot;

/// Builds that are fetched at once; as many are looked at that lie here.
const MOST_AT_ONCE: usize = 4;

/// How long a try goes on although another waits.
const TURN: Duration = Duration::from_secs(600);

/// The builds that are not here yet.
#[derive(Default)]
pub(super) struct Turns(BTreeMap<BuildHash, Asked>);

/// How a build was asked for.
#[derive(Default)]
struct Asked {
    /// When it is asked for again.
    patience: Patience,
    /// Which of the remembered peers were asked, so that the next try asks others.
    lot: PeerLot,
    /// How often it was fetched.
    tries: u32,
    /// When the last try began.
    tried: Option<Instant>,
    /// Whether what lies here was looked at since it was last fetched.
    looked: bool,
    /// The try that goes on.
    running: Option<Running>,
}

struct Running {
    fetches: bool,
    /// Whether something lay here when it began, which was not the build.
    was_here: bool,
    /// Dropped when the try is to end.
    stop: Option<oneshot::Sender<()>>,
}

/// A try, for whoever carries it out.
pub(super) struct Turn {
    /// The build.
    pub hash: BuildHash,
    /// Whether its sources are asked when it does not lie here.
    pub fetches: bool,
    /// Which peers are asked; to be given back.
    pub lot: PeerLot,
    /// Resolves when the try is to end.
    pub stopped: oneshot::Receiver<()>,
}

/// How a try ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// The build is here.
    Found,
    /// It is not, and that is nobody's fault.
    Open,
    /// It cannot be had now.
    Failed,
}

impl Turns {
    /// Lets go of what is not awaited any more, also while it is fetched, and gives what nobody works on any longer.
    pub fn keep(&mut self, awaited: &BTreeSet<BuildHash>) -> Vec<BuildHash> {
        let mut gone: Vec<BuildHash> = self.0.keys().filter(|hash| !awaited.contains(*hash)).copied().collect();
        gone.retain(|hash| !self.0.get_mut(hash).is_some_and(Asked::stop));
        self.0.retain(|hash, _| !gone.contains(hash));
        gone
    }

    /// Stops a try that has had its turn when another waits for one.
    pub fn give_way(&mut self, missing: &BTreeSet<BuildHash>, now: Instant) {
        if self.0.values().filter(|asked| asked.fetches()).count() < MOST_AT_ONCE {
            return;
        }
        let Some(least) = self.waiting(missing, now).iter().map(|hash| self.order(hash).0).min() else { return };
        let had_its_turn = |asked: &&mut Asked| {
            let is_over = asked.tried.is_some_and(|began| now.saturating_duration_since(began) >= TURN);
            asked.fetches() && is_over && asked.tries >= least
        };
        if let Some(asked) = self.0.values_mut().filter(had_its_turn).max_by_key(|asked| asked.tries) {
            asked.stop();
        }
    }

    /// The tries that begin now, of what is missing; `is_here` says of what a file lies on this machine.
    pub fn begin(
        &mut self,
        missing: &BTreeSet<BuildHash>,
        is_here: impl Fn(&BuildHash) -> bool,
        now: Instant,
    ) -> Vec<Turn> {
        for hash in missing {
            self.0.entry(*hash).or_default();
        }
        // What comes by another way while it is fetched is looked at next.
        for (hash, asked) in &mut self.0 {
            if asked.running.as_ref().is_some_and(|running| running.fetches && !running.was_here) && is_here(hash) {
                asked.stop();
            }
        }
        let was_looked_at = |hash: &BuildHash| self.0.get(hash).is_some_and(|asked| asked.looked);
        let (mut here, mut others): (Vec<_>, Vec<_>) =
            self.waiting(missing, now).into_iter().partition(|hash| !was_looked_at(hash) && is_here(hash));
        others.shuffle(&mut rand::thread_rng());
        others.sort_by_key(|hash| self.order(hash));
        here.truncate(MOST_AT_ONCE.saturating_sub(self.running(false)));
        others.truncate(MOST_AT_ONCE.saturating_sub(self.running(true)));
        let tries = here.into_iter().map(|hash| (hash, false)).chain(others.into_iter().map(|hash| (hash, true)));
        let begin = |(hash, fetches)| self.0.entry(hash).or_default().begin(hash, fetches, is_here(&hash), now);
        tries.map(begin).collect()
    }

    /// Takes note of how a try ended.
    pub fn ended(&mut self, hash: BuildHash, lot: PeerLot, how: Ended, now: Instant) {
        if how == Ended::Found {
            self.0.remove(&hash);
        } else if let Some(asked) = self.0.get_mut(&hash) {
            (asked.running, asked.lot) = (None, lot);
            if how == Ended::Failed {
                asked.patience.learn(false, now);
            }
        }
    }

    /// What may be tried now, and is not.
    fn waiting(&self, missing: &BTreeSet<BuildHash>, now: Instant) -> Vec<BuildHash> {
        let waits = |asked: &Asked| asked.running.is_none() && asked.patience.is_over(now);
        missing.iter().filter(|hash| self.0.get(*hash).is_none_or(waits)).copied().collect()
    }

    /// Who comes first is least.
    fn order(&self, hash: &BuildHash) -> (u32, Option<Instant>) {
        self.0.get(hash).map(|asked| (asked.tries, asked.tried)).unwrap_or_default()
    }

    /// How many tries hold a place, of those that fetch or of the others.
    fn running(&self, fetching: bool) -> usize {
        self.0.values().filter_map(|asked| asked.running.as_ref()).filter(|running| running.fetches == fetching).count()
    }
}

impl Asked {
    fn begin(&mut self, hash: BuildHash, fetches: bool, was_here: bool, now: Instant) -> Turn {
        let (stop, stopped) = oneshot::channel();
        self.running = Some(Running { fetches, was_here, stop: Some(stop) });
        self.looked = !fetches;
        if fetches {
            (self.tries, self.tried) = (self.tries.saturating_add(1), Some(now));
        }
        Turn { hash, fetches, lot: std::mem::take(&mut self.lot), stopped }
    }

    /// Has the try end that goes on; gives whether there is one.
    fn stop(&mut self) -> bool {
        self.running.as_mut().map(|running| running.stop = None).is_some()
    }

    /// Whether it is fetched, and is to be fetched on.
    fn fetches(&self) -> bool {
        self.running.as_ref().is_some_and(|running| running.fetches && running.stop.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot::error::TryRecvError;

    const HONEST: BuildHash = BuildHash([0xff; 32]);

    /// Builds that nobody gives, whose hashes come first.
    fn withheld(count: u8) -> BTreeSet<BuildHash> {
        (0..count).map(|byte| BuildHash([byte; 32])).collect()
    }

    /// Everything that is fetched, and never arrives.
    #[derive(Default)]
    struct World {
        turns: Turns,
        running: Vec<Turn>,
    }

    impl World {
        /// A new block: what is stopped ends, and what may begins.
        fn block(&mut self, missing: &BTreeSet<BuildHash>, now: Instant) {
            self.turns.give_way(missing, now);
            for mut turn in std::mem::take(&mut self.running) {
                match turn.stopped.try_recv() {
                    Err(TryRecvError::Closed) => self.turns.ended(turn.hash, turn.lot, Ended::Open, now),
                    _ => self.running.push(turn),
                }
            }
            self.running.extend(self.turns.begin(missing, |_| false, now));
            assert!(self.running.len() <= MOST_AT_ONCE);
        }

        fn fetches(&self, hash: BuildHash) -> bool {
            self.running.iter().any(|turn| turn.hash == hash)
        }
    }

    #[test]
    fn h28_t07_builds_that_are_withheld_keep_none_waiting_for_longer_than_their_turns() {
        let (mut world, began) = (World::default(), Instant::now());
        let mut missing = withheld(2 * MOST_AT_ONCE as u8);
        world.block(&missing, began);
        assert_eq!(world.running.len(), MOST_AT_ONCE);
        missing.insert(HONEST);
        world.block(&missing, began + TURN / 2);
        assert!(!world.fetches(HONEST), "all places are taken, and nobody has had a turn");
        let blocks = |from: Duration, until: Duration| {
            (0..).map(move |number| from + Duration::from_secs(number)).take_while(move |at| *at <= until)
        };
        let mut fetched = Duration::ZERO;
        for at in blocks(TURN, TURN * 8) {
            world.block(&missing, began + at);
            fetched += Duration::from_secs(world.fetches(HONEST).into());
        }
        assert!(fetched >= TURN * 2, "in turns with all others, which are twice the places: {fetched:?}");
    }

    #[test]
    fn h28_what_was_never_tried_comes_before_what_failed_whatever_its_hash() {
        let (mut turns, now) = (Turns::default(), Instant::now());
        let mut missing = withheld(MOST_AT_ONCE as u8);
        for turn in turns.begin(&missing, |_| false, now) {
            turns.ended(turn.hash, turn.lot, Ended::Failed, now);
        }
        let later = now + Duration::from_secs(3600);
        missing.insert(HONEST);
        let next: Vec<_> = turns.begin(&missing, |_| false, later).iter().map(|turn| turn.hash).collect();
        assert_eq!((next[0], next.len()), (HONEST, MOST_AT_ONCE));
    }

    #[test]
    fn h28_what_lies_here_waits_for_nobody_and_is_fetched_when_it_is_something_else() {
        let (mut world, now) = (World::default(), Instant::now());
        let mut missing = withheld(MOST_AT_ONCE as u8);
        world.block(&missing, now);
        missing.insert(HONEST);
        let look = world.turns.begin(&missing, |hash| *hash == HONEST, now).pop().unwrap();
        assert_eq!((look.hash, look.fetches), (HONEST, false));
        world.turns.ended(HONEST, look.lot, Ended::Open, now);
        assert!(world.turns.begin(&missing, |_| true, now).is_empty(), "it was looked at");
        let first = world.running.pop().unwrap();
        world.turns.ended(first.hash, first.lot, Ended::Found, now);
        missing.remove(&first.hash);
        let fetch = world.turns.begin(&missing, |_| true, now).pop().unwrap();
        assert_eq!((fetch.hash, fetch.fetches), (HONEST, true));
    }

    #[test]
    fn h28_what_comes_to_lie_here_while_it_is_fetched_is_looked_at() {
        let (mut turns, now, missing) = (Turns::default(), Instant::now(), BTreeSet::from([HONEST]));
        let mut fetch = turns.begin(&missing, |_| false, now).pop().unwrap();
        assert!(turns.begin(&missing, |_| false, now).is_empty());
        assert_eq!(fetch.stopped.try_recv(), Err(TryRecvError::Empty));
        assert!(turns.begin(&missing, |_| true, now).is_empty());
        assert_eq!(fetch.stopped.try_recv(), Err(TryRecvError::Closed));
        turns.ended(HONEST, fetch.lot, Ended::Open, now);
        assert!(!turns.begin(&missing, |_| true, now)[0].fetches);
    }

    #[test]
    fn h28_a_fetch_ends_with_its_vote_and_leaves_nothing() {
        let (mut world, now) = (World::default(), Instant::now());
        world.block(&withheld(1), now);
        let nothing = BTreeSet::new();
        assert!(world.turns.keep(&nothing).is_empty(), "it is still at work");
        let mut turn = world.running.pop().unwrap();
        assert_eq!(turn.stopped.try_recv(), Err(TryRecvError::Closed));
        world.turns.ended(turn.hash, turn.lot, Ended::Open, now);
        assert_eq!(world.turns.keep(&nothing), [BuildHash([0; 32])]);
        assert!(world.turns.keep(&nothing).is_empty() && world.turns.0.is_empty());
    }
}
