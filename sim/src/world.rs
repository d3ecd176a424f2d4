//! Virtual time, and what is to happen in it.

use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// A moment, in microseconds since the world began.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Moment(pub u64);

impl Moment {
    /// When the world began.
    pub const BEGIN: Moment = Moment(0);

    /// A while later.
    pub fn plus(self, after: Duration) -> Moment {
        Moment(self.0.saturating_add(u64::try_from(after.as_micros()).unwrap_or(u64::MAX)))
    }

    /// How long it is since an earlier moment; nothing where that is none.
    pub fn since(self, earlier: Moment) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06} s", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}

/// What is to happen, in the order in which it does.
#[derive(Clone, Debug)]
pub struct World<E> {
    now: Moment,
    /// By when, then by when it was asked for.
    ahead: BTreeMap<(Moment, u64), E>,
    asked: u64,
    events: u64,
}

impl<E> World<E> {
    /// A world in which nothing is to happen.
    pub fn new() -> Self {
        Self { now: Moment::BEGIN, ahead: BTreeMap::new(), asked: 0, events: 0 }
    }

    /// The time.
    pub fn now(&self) -> Moment {
        self.now
    }

    /// Something is to happen at a moment; now, where that has passed.
    pub fn at(&mut self, at: Moment, event: E) {
        self.ahead.insert((at.max(self.now), self.asked), event);
        self.asked += 1;
    }

    /// Something is to happen after a while.
    pub fn after(&mut self, after: Duration, event: E) {
        self.at(self.now.plus(after), event);
    }

    /// What happens next, whose moment it is then; what is at one moment happens as it was asked for.
    #[expect(clippy::should_implement_trait, reason = "a world is asked for more while it is gone through")]
    pub fn next(&mut self) -> Option<E> {
        let ((at, _), event) = self.ahead.pop_first()?;
        self.now = at;
        self.events += 1;
        Some(event)
    }

    /// How much has happened.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// How much is to happen, as far as it is known.
    pub fn waiting(&self) -> usize {
        self.ahead.len()
    }
}

impl<E> Default for World<E> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_at_one_moment_happens_as_it_was_asked_for_and_nothing_in_the_past() {
        let mut world = World::new();
        let second = Duration::from_secs(1);
        world.after(second, "third");
        world.at(Moment(5), "first");
        world.at(Moment(5), "second");
        assert_eq!((world.next(), world.next(), world.now()), (Some("first"), Some("second"), Moment(5)));
        world.at(Moment::BEGIN, "late");
        assert_eq!((world.next(), world.now()), (Some("late"), Moment(5)));
        assert_eq!((world.next(), world.now(), world.next()), (Some("third"), Moment(1_000_000), None));
        assert_eq!((world.events(), world.waiting()), (4, 0));
        assert_eq!(world.now().plus(second).to_string(), "2.000000 s");
        assert_eq!(
            (world.now().since(Moment(5)), Moment(5).since(world.now())),
            (second - Duration::from_micros(5), Duration::ZERO)
        );
    }
}
