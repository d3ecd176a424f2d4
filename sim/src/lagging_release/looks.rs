//! When the scout of a node looks at the chain: at turns of its own, of which those are left out that would come to nothing.
//!
//! A scout looks every `--poll` seconds. While it leaves sources in peace after a failure, or nothing newer is there for its node, it
//! looks in vain; most turns in a large network are of this kind. What is left out would have changed nothing but which block was looked
//! at last, and that is made up for.

use super::fleet::Fleet;
use super::happens::Happens;
use crate::world::Moment;
use std::time::Duration;

/// The turns of one scout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Looks {
    /// The last turn that counts: those between it and the next look are left out.
    last: Moment,
    /// The next look; none while it looks, or has nothing to look for.
    next: Option<Moment>,
}

/// From when on a look may come to something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Worth {
    /// From the next turn on.
    AtOnce,
    /// From a moment on, at which sources are left in peace no longer.
    From(Moment),
    /// As soon as another release is looked for, or something else runs on the node.
    WithNews,
}

impl Looks {
    /// The first look is at a moment within the first round of turns.
    pub fn begin(first: Moment) -> Self {
        Self { last: Moment::BEGIN, next: Some(first) }
    }

    /// Takes the look that is due now; whether turns were left out before it. None where no look is due, for it was put to
    /// another time.
    pub fn has_left_turns_out(&mut self, now: Moment, poll: Duration) -> Option<bool> {
        if self.next != Some(now) {
            return None;
        }
        let has_left_out = now.since(self.last) > poll;
        *self = Self { last: now, next: None };
        Some(has_left_out)
    }

    /// The next look is at the first turn from a moment on. Gives it where none was set meanwhile.
    pub fn go_on(&mut self, from: Moment, poll: Duration) -> Option<Moment> {
        if self.next.is_some() {
            return None;
        }
        self.next = Some(self.turn(from, poll));
        self.next
    }

    /// No turn from now on is left out. Gives the next look where that is another one than it was.
    pub fn hurry(&mut self, now: Moment, poll: Duration) -> Option<Moment> {
        let at = self.turn(now, poll);
        // Only the first look of all is before that.
        if self.next.is_some_and(|next| next < at) {
            return None;
        }
        let is_set = self.next == Some(at);
        *self = Self { last: Moment::BEGIN.plus(at.since(Moment::BEGIN).saturating_sub(poll)), next: Some(at) };
        (!is_set).then_some(at)
    }

    /// The first turn from a moment on that comes after the last one.
    fn turn(&self, from: Moment, poll: Duration) -> Moment {
        let turns = from.since(self.last).as_micros().div_ceil(poll.as_micros().max(1)).max(1);
        self.last.plus(poll.saturating_mul(u32::try_from(turns).unwrap_or(u32::MAX)))
    }
}

impl Fleet<'_> {
    fn poll(&self) -> Duration {
        Duration::from_secs(self.setting.options.poll)
    }

    /// The turn of a scout has come.
    pub(super) fn look(&mut self, n: usize) {
        let (now, poll) = (self.now(), self.poll());
        if self.is_over {
            return;
        }
        let Some(has_left_out) = self.nodes[n].looks.has_left_turns_out(now, poll) else { return };
        let block_age = Duration::from_millis(self.clock().0.saturating_sub(self.view.time.0));
        if has_left_out && block_age >= poll {
            // It was there at a turn that was left out.
            self.nodes[n].scout.looked_at = Some(self.view.height);
        }
        let from = match self.look_at_chain(n) {
            _ if self.setting.leaves_no_look_out => now,
            Worth::AtOnce => now,
            Worth::From(moment) => moment,
            Worth::WithNews => return,
        };
        if let Some(at) = self.nodes[n].looks.go_on(from, poll) {
            self.world.at(at, Happens::Look(n));
        }
    }

    /// What a scout has to look for may be another thing from now on.
    pub(super) fn look_soon(&mut self, n: usize) {
        if self.is_over {
            return;
        }
        let (now, poll) = (self.now(), self.poll());
        if let Some(at) = self.nodes[n].looks.hurry(now, poll) {
            self.world.at(at, Happens::Look(n));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::setting::Setting;
    use super::super::testing::setting;
    use super::super::{LaggingRelease, Outcome};
    use super::*;
    use crate::futures::{Future, play};

    const POLL: Duration = Duration::from_secs(10);

    fn at(seconds: u64) -> Moment {
        Moment::BEGIN.plus(Duration::from_secs(seconds))
    }

    #[test]
    fn a_scout_keeps_its_turns_whatever_is_left_out() {
        let mut looks = Looks::begin(at(3));
        assert_eq!(looks.hurry(at(1), POLL), None, "the first look is soon enough");
        assert_eq!(looks.has_left_turns_out(at(2), POLL), None);
        assert_eq!(looks.has_left_turns_out(at(3), POLL), Some(false));
        assert_eq!(looks.go_on(at(3), POLL), Some(at(13)));
        assert_eq!(looks.has_left_turns_out(at(13), POLL), Some(false));
        assert_eq!(looks.go_on(at(40), POLL), Some(at(43)), "the first turn after a pause");
        assert_eq!(looks.has_left_turns_out(at(43), POLL), Some(true), "two were left out");
    }

    #[test]
    fn what_is_new_brings_a_look_forward_to_the_next_turn_and_the_old_one_counts_no_more() {
        let mut looks = Looks::begin(at(3));
        looks.has_left_turns_out(at(3), POLL);
        looks.go_on(at(300), POLL);
        assert_eq!(looks.hurry(at(25), POLL), Some(at(33)));
        assert_eq!(looks.hurry(at(26), POLL), None, "it is set");
        assert_eq!(looks.has_left_turns_out(at(33), POLL), Some(false), "nothing was left out since the news");
        assert_eq!(looks.has_left_turns_out(at(303), POLL), None);
        assert_eq!(looks.hurry(at(95), POLL), Some(at(103)), "it had nothing to look for");
        assert_eq!(looks.go_on(at(95), POLL), None, "one is set");
        let mut looking = Looks::begin(at(3));
        looking.has_left_turns_out(at(3), POLL);
        assert_eq!(looking.hurry(at(3), POLL), Some(at(13)), "what comes of a look is looked at with the next one");
    }

    /// What happens is the same, to the microsecond, where each scout looks at each of its turns.
    #[test]
    fn what_is_left_out_would_have_come_to_nothing() {
        let options =
            "--nodes 20 --hours 2 --bad 100 --outages 100 --revoke 100 --lies 25 --crashes 20 --full-disks 20";
        let played = |leaves_no_look_out: bool| {
            let simulation = LaggingRelease { setting: Setting { leaves_no_look_out, ..setting(options) } };
            play(&simulation, 0..20, 2, &|_| {})
        };
        let (all, some) = (played(true), played(false));
        for (all, some) in all.iter().zip(&some) {
            assert_eq!(all.trace, some.trace, "seed {}", all.seed);
            let outcomes = [all, some].map(|future| serde_json::to_string(&future.outcome).unwrap());
            assert_eq!(outcomes[0], outcomes[1], "seed {}", all.seed);
        }
        let events = |futures: &[Future<Outcome>]| futures.iter().map(|future| future.events).sum::<u64>();
        assert!(events(&some) < events(&all), "none was left out");
    }
}
