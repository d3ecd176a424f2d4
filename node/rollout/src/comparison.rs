//! What a build lacks for which it need not be to blame, and what the build before, run in its place, shows of that.

use crate::unwell::Unwell;
use crate::vitals::Vitals;
use primitives::Height;
use std::fmt;

/// Blocks that have to follow the first one seen.
pub(crate) const BLOCKS: u64 = 2;

/// Something that a node needs to be well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
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
pub struct Comparison {
    lack: Lack,
    /// The newest block that it began with: that its chain moves shows in those that follow.
    first: Option<Height>,
}

/// What a comparison has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compared {
    /// With the build before there is what the one on trial lacks.
    Against(Unwell),
    /// Nothing; why.
    Open(String),
}

/// What the comparisons of a build on trial have shown, one after the other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Comparisons {
    /// How many showed nothing.
    pub open: u32,
    /// Whether the latest one spoke against the build.
    against: bool,
}

impl Comparison {
    /// With a build that lacks something.
    pub fn with(lack: Lack) -> Self {
        Self { lack, first: None }
    }

    /// What is held against the build on trial when the build before, run in its place, says this of itself: nothing as long as that
    /// one lacks the same.
    pub fn look(&mut self, build_before: &Vitals) -> Option<Unwell> {
        let first = *self.first.get_or_insert(build_before.height);
        let has = match self.lack {
            Lack::Blocks(after) => build_before.height >= first.max(after).plus(BLOCKS),
            Lack::Freshness => build_before.ok,
            Lack::Peers(_) => build_before.peers > 0,
            Lack::Health => true,
        };
        has.then(|| Unwell::lacking(&self.lack))
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

    #[test]
    fn h14_it_takes_two_comparisons_in_a_row_to_make_an_attempt_that_failed() {
        let mut comparisons = Comparisons::default();
        let failed = [true, false, true, true, true, true, false, true].map(|against| comparisons.take(against));
        assert_eq!(failed, [false, false, false, true, false, true, false, false]);
        assert_eq!(comparisons.open, 2);
    }
}
