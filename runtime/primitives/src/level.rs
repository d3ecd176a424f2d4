//! Which level a value needs: of several builds of a network's software, which of them know it (ROLLOUTS 3.3).
//!
//! Every type that a block can contain is [`Leveled`], by derivation. A variant, or a whole type, that came later says with which level
//! it did: `#[level(2)]`. So a value that an older build could not read is told apart before it is in a block, as a whole and however
//! deep inside the new part lies, and waits until the network's level has come up to it.

use crate::{
    AccountId, Amount, BlockHash, BuildHash, CaseId, ChangeId, Decimal, Digest, Epoch, Fraction, Height, Name, Path,
    Pattern, ProposalId, PublicKey, Reason, ScopePattern, Signature, StateRoot, Text, Timestamp, TransactionHash,
};
use bounded_collections::BoundedVec;

/// What has a level.
pub trait Leveled {
    /// The least level of a network whose nodes all know this value: the most of those with which its type, its variant and its parts
    /// came.
    fn level(&self) -> u32;
}

/// Words that were there from the start, and have no parts with a level of their own. One that comes to take more than it did, such as a
/// new placeholder, says so by hand.
macro_rules! from_the_start {
    ($($word:ty),+ $(,)?) => {
        $(impl Leveled for $word {
            fn level(&self) -> u32 {
                0
            }
        })+
    };
}
from_the_start!(bool, u8, u16, u32, u64, i64);
from_the_start!(AccountId, BlockHash, BuildHash, Digest, PublicKey, Signature, StateRoot, TransactionHash);
from_the_start!(CaseId, ChangeId, Epoch, Height, ProposalId, Timestamp);
from_the_start!(Amount, Decimal, Fraction, Name, Path, Pattern, Reason, ScopePattern);

impl<const MAX: u32> Leveled for Text<MAX> {
    fn level(&self) -> u32 {
        0
    }
}

impl<T: Leveled> Leveled for Option<T> {
    fn level(&self) -> u32 {
        self.as_ref().map_or(0, Leveled::level)
    }
}

impl<T: Leveled> Leveled for Box<T> {
    fn level(&self) -> u32 {
        T::level(self)
    }
}

impl<T: Leveled> Leveled for [T] {
    fn level(&self) -> u32 {
        self.iter().map(Leveled::level).max().unwrap_or(0)
    }
}

impl<T: Leveled> Leveled for Vec<T> {
    fn level(&self) -> u32 {
        self.as_slice().level()
    }
}

impl<T: Leveled, S> Leveled for BoundedVec<T, S> {
    fn level(&self) -> u32 {
        self.as_slice().level()
    }
}

impl<A: Leveled, B: Leveled> Leveled for (A, B) {
    fn level(&self) -> u32 {
        self.0.level().max(self.1.level())
    }
}

impl<A: Leveled, B: Leveled, C: Leveled> Leveled for (A, B, C) {
    fn level(&self) -> u32 {
        self.0.level().max(self.1.level()).max(self.2.level())
    }
}
