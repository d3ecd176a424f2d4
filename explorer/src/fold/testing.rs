//! Plain values for tests of folds.

use primitives::{AccountId, BuildHash, ChainPosition, Epoch, Height, ProposalId, Timestamp};
use releases::{ApprovedRelease, Standing};

/// The block at a height: ten to an epoch, one a second.
pub fn moment(height: u64) -> ChainPosition {
    ChainPosition { height: Height(height), epoch: Epoch(height / 10), time: Timestamp(height * 1_000) }
}

/// A build that is told by one byte.
pub fn build(byte: u8) -> BuildHash {
    BuildHash([byte; 32])
}

/// An account that is told by one byte.
pub fn account(byte: u8) -> AccountId {
    AccountId([byte; 32])
}

/// A build that was just approved, of the release with a number; by a proposal, or by genesis.
pub fn release(byte: u8, sequence: u64, proposal: Option<u64>) -> ApprovedRelease {
    let vote = runtime::testing::release_vote(&runtime::testing::genesis(), build(byte), 2);
    ApprovedRelease {
        build_hash: build(byte),
        proposal_id: proposal.map(ProposalId),
        proposer: proposal.map(|_| account(0xee)),
        activated_epoch: Epoch(sequence),
        activated: proposal.map(|_| moment(sequence * 10)),
        sequence,
        level: 1,
        standing: Standing::Active,
        target: vote.first_target(),
        manifest: vote.manifest.brief(),
        signatures: vote.signatures.clone(),
        signature_threshold: vote.signature_threshold,
        signer_set: vote.signer_set.clone(),
        long_parts: vote.manifest.long_parts(vote.build_hash, &vote.platform),
        support_end: None,
        amended: None,
    }
}
