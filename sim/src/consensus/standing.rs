//! Whether a machine's key signs: the node's rule for a home that may be older than what its key has signed
//! (`node/src/chain/standing.rs`), in virtual time.
//!
//! A machine that lost its log follows until a block came whose time is surely after its start. Its key can have signed for the height
//! after that block and for none later; it waits a little longer, in which the node would look out for a twin.

use ::consensus::Signing;
use primitives::{Height, Timestamp};

/// After a block that is surely new, the key can have signed for so many heights in an earlier life.
const SIGNED_BEFORE: u64 = 1;
/// So many heights later a twin is looked out for before the key signs.
const LOOKED_OUT: u64 = 2;

/// Whether a machine's key signs, over restarts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It does.
    Signs,
    /// Its home may know less than what it signed.
    InDoubt {
        /// A block of a later time is surely made after the start.
        since: Timestamp,
        /// The first such block.
        new: Option<Height>,
    },
}

impl Standing {
    /// The log is gone. The machine has to be [begun](Self::begins) before it goes on.
    pub fn loses_log(&mut self) {
        *self = Self::InDoubt { since: Timestamp(u64::MAX), new: None };
    }

    /// The process starts, at a time by the machine's clock, where clocks may be off by so much.
    pub fn begins(&mut self, clock: Timestamp, drift_ms: u64) {
        if let Self::InDoubt { since, new } = self {
            (*since, *new) = (clock.plus(drift_ms.saturating_mul(2)), None);
        }
    }

    /// A block of a time was committed.
    pub fn committed(&mut self, height: Height, time: Timestamp) {
        let Self::InDoubt { since, new } = self else { return };
        match *new {
            None if time > *since => *new = Some(height),
            Some(new) if height.next() >= signs_from(new) => *self = Self::Signs,
            _ => {}
        }
    }

    /// For which heights it signs.
    pub fn signing(&self) -> Signing {
        match self {
            Self::Signs => Signing::ALWAYS,
            Self::InDoubt { new, .. } => Signing { from: new.map(signs_from), own_from: None, shows: false },
        }
    }
}

fn signs_from(new: Height) -> Height {
    new.plus(SIGNED_BEFORE).next().plus(LOOKED_OUT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_whose_log_is_gone_signs_only_past_what_it_may_have_signed() {
        let mut standing = Standing::Signs;
        standing.begins(Timestamp(1_000), 10);
        assert!(standing.signing().may_sign(Height(1)));
        standing.loses_log();
        standing.begins(Timestamp(1_000), 10);
        standing.committed(Height(4), Timestamp(1_020));
        assert!(!standing.signing().may_sign(Height(1_000)), "that block may be older than the start");
        standing.committed(Height(5), Timestamp(1_021));
        assert_eq!([8, 9].map(|height| standing.signing().may_sign(Height(height))), [false, true]);
        standing.begins(Timestamp(1_500), 10);
        assert!(!standing.signing().may_sign(Height(1_000)), "it is in doubt until it signs");
        for (height, time) in [(6, 1_600), (7, 1_601), (8, 1_602), (9, 1_603)] {
            standing.committed(Height(height), Timestamp(time));
        }
        assert_eq!(standing, Standing::Signs);
    }
}
