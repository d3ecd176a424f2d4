//! Examples of the log of blocks and of those who vouch for it.

use super::{KEY, SIXTEEN, TEN, WHO, digest, named, signature};
use crate::testing::calls::{cosign, retire_witness};
use crate::{Call, Error, Event};
use primitives::{BlockHash, Epoch, Height};
use tlog::{BlockLeaf, Frontier, LogOrigin};
use witnesses::{BlockLog, Cosignature, EpochCheckpoint, LogWitness};

/// The tree of three blocks.
pub fn block_log() -> BlockLog {
    let mut frontier = Frontier::default();
    for height in 0..3 {
        frontier.append(BlockLeaf { height: Height(height), block: BlockHash([0xb2; 32]) }.hash());
    }
    BlockLog { frontier, last: Height(2) }
}

/// What the log of the tests' network is called.
pub fn log_origin() -> LogOrigin {
    LogOrigin::of(&crate::testing::genesis().chain.chain_id, &BlockHash([0xb2; 32]))
}

/// What it was at the start of an epoch.
pub fn epoch_checkpoint() -> EpochCheckpoint {
    let BlockLog { frontier, .. } = block_log();
    EpochCheckpoint { size: frontier.size(), root: frontier.root() }
}

/// One who vouches for it.
pub fn log_witness() -> LogWitness {
    LogWitness { name: named("harbour"), key: KEY, registered: Epoch(3), is_member: true }
}

/// What that one said of a checkpoint.
pub fn cosignature() -> Cosignature {
    Cosignature { name: named("harbour"), key: KEY, timestamp: 1_790_000_000, signature: signature() }
}

pub(super) fn calls_of_witnesses() -> [Call; 3] {
    let Cosignature { name, key, timestamp, signature } = cosignature();
    let register = Call::Witnesses(witnesses::Call::Register { name, key, proof: signature });
    [register, retire_witness(), cosign(Epoch(4), timestamp, signature)]
}

pub(super) fn events_of_witnesses() -> [Event; 3] {
    use witnesses::Event::*;
    let (witness, epoch, EpochCheckpoint { size, root }) = (WHO, Epoch(4), epoch_checkpoint());
    let LogWitness { name, key, is_member, .. } = log_witness();
    let events = [
        Registered { witness, name, key, is_member },
        Retired { witness },
        Cosigned { witness, epoch, size, root, cosignature: cosignature() },
    ];
    events.map(Event::Witnesses)
}

pub(super) fn errors_of_witnesses() -> impl Iterator<Item = Error> {
    use witnesses::Error::*;
    let (who, key, epoch) = (WHO, KEY, Epoch(4));
    let errors = [
        GateOff { who },
        Full { have: witnesses::MOST_OF_OTHERS },
        KeyTaken { key },
        NoBond { have: TEN, need: SIXTEEN },
        UnknownWitness { who },
        UnknownCheckpoint { epoch },
        BadCosignature { epoch, size: 3, root: digest() },
        Again { who, epoch },
        AlreadyWitness { who, key },
        UnusableKey { key },
        TooNew { who, epoch, registered: Epoch(5) },
        NameTaken { name: named("harbour") },
        BadProof { who, key },
        FromTheFuture { timestamp: 1_790_000_000, time: 1_700_000_000 },
    ];
    errors.into_iter().map(Error::from)
}
