//! Two decisions of one height: what no chain has while less than a third of its power is dishonest.

use primitives::Height;
use runtime::Certificate;
use serde::{Deserialize, Serialize};
use staking::Offence;
use std::fmt;

/// Two blocks of one height, each with precommits by those who are trusted with that height.
///
/// Says nothing by itself of who signed: whoever makes one has verified both. [`Anchor::step`](crate::Anchor::step) does so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fork {
    /// What was known before.
    ours: Certificate,
    /// What was shown then.
    theirs: Certificate,
}

impl Fork {
    /// The fork that two certificates show; none when they are of different heights, or of one block.
    pub fn of(ours: Certificate, theirs: Certificate) -> Option<Self> {
        (ours.height == theirs.height && ours.block != theirs.block).then_some(Self { ours, theirs })
    }

    /// The height that has two blocks.
    pub fn height(&self) -> Height {
        self.ours.height
    }

    /// The decision that was known before.
    pub fn ours(&self) -> &Certificate {
        &self.ours
    }

    /// The decision that was shown then.
    pub fn theirs(&self) -> &Certificate {
        &self.theirs
    }

    /// What those did who signed both.
    pub fn offences(&self) -> Vec<Offence> {
        Offence::of_two_decisions(&self.ours, &self.theirs)
    }
}

impl fmt::Display for Fork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ours, theirs } = self;
        write!(
            f,
            "the network has forked: its validators have decided two blocks of height {}, {} and {}",
            ours.height, ours.block, theirs.block
        )
    }
}
