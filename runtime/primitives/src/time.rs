//! Where on the chain something happens. Epochs are counted by height; hours are judged by block time.

use parity_scale_codec::{Decode, Encode};
use serde::{Deserialize, Serialize};

macro_rules! counter {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(
            Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, Serialize, Deserialize,
        )]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl $name {
            /// The one after; the last stays the last.
            pub fn next(self) -> Self {
                self.plus(1)
            }
            /// `count` later, at most the last.
            pub fn plus(self, count: u64) -> Self {
                Self(self.0.saturating_add(count))
            }
            /// `count` earlier, at least zero.
            pub fn minus(self, count: u64) -> Self {
                Self(self.0.saturating_sub(count))
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
        impl std::str::FromStr for $name {
            type Err = $crate::NumberError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::typed_number(text).map(Self)
            }
        }
    };
}

counter!(
    /// The number of a block; genesis is 0, the first block 1.
    Height
);
counter!(
    /// A run of blocks of the length that genesis sets; the unit of deadlines and delays.
    Epoch
);
counter!(
    /// Block time in milliseconds since 1970-01-01T00:00:00Z, as the proposer's clock had it.
    Timestamp
);
counter!(
    /// The number of a governance proposal, from 1.
    ProposalId
);
counter!(
    /// The number of a change of what a plan governs, from 1; 0 is the change of genesis.
    ChangeId
);
counter!(
    /// The number of a case, which is something open that keeps others waiting, from 1.
    CaseId
);

impl Height {
    /// The epoch this height lies in. A zero `epoch_length`, which genesis refuses, counts as one.
    pub fn epoch(self, epoch_length: u64) -> Epoch {
        Epoch(self.0.checked_div(epoch_length.max(1)).unwrap_or(0))
    }
}

impl Height {
    /// Whether this is the last block of its epoch. Genesis is not: nobody decided it.
    pub fn ends_epoch(self, epoch_length: u64) -> bool {
        self > Height(0) && self.epoch(epoch_length) != self.next().epoch(epoch_length)
    }
}

impl Epoch {
    /// The last there can be, which stands where nothing happens at the start of an epoch.
    pub const MAX: Self = Self(u64::MAX);

    /// The first height of this epoch.
    pub fn first_height(self, epoch_length: u64) -> Height {
        Height(self.0.saturating_mul(epoch_length.max(1)))
    }
}

/// The moment at which a block's contents are judged. Who only shows where something stands shows its
/// [`position`](Self::position).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Moment {
    /// The block.
    pub height: Height,
    /// The epoch of that height.
    pub epoch: Epoch,
    /// The block's time.
    pub time: Timestamp,
    /// How long the chain has run by this block, in milliseconds since genesis: the sum over blocks of the time since the block
    /// before, of each at most `chain.most_block_ms` of genesis. A chain that stands still does not run.
    pub running: u64,
    /// The level in force in that epoch: what every node that may run by then knows. It never falls. What decides otherwise than the
    /// build before did asks for it.
    pub level: u32,
}

impl Moment {
    /// The moment of a block that stands somewhere, on a chain that has run for `running` milliseconds by then and has come up to a
    /// `level`.
    pub fn of(position: ChainPosition, running: u64, level: u32) -> Self {
        let ChainPosition { height, epoch, time } = position;
        Self { height, epoch, time, running, level }
    }

    /// Where its block stands.
    pub fn position(&self) -> ChainPosition {
        ChainPosition { height: self.height, epoch: self.epoch, time: self.time }
    }
}

/// Where on the chain something stands: what a header says, and the epoch of its height. It tells which of two came first, and no
/// [`Span`](crate::Span) can be measured from it; that takes a [`Moment`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChainPosition {
    /// The block.
    pub height: Height,
    /// The epoch of that height.
    pub epoch: Epoch,
    /// The block's time.
    pub time: Timestamp,
}

impl ChainPosition {
    /// Where a block stands in a chain whose epochs have `epoch_length` blocks.
    pub fn of(height: Height, time: Timestamp, epoch_length: u64) -> Self {
        Self { height, epoch: height.epoch(epoch_length), time }
    }
}
