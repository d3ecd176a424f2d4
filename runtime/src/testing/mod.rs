//! A small network for tests, benches, examples and simulators: made from seeds, so that everybody gets the same.

mod calls;
mod counted;
pub mod examples;
pub mod migration;

pub use calls::*;
pub use counted::CountedRows;

use crate::{
    Call, Certificate, ChainParams, ConsensusParams, Context, Genesis, Header, LEVEL, Lane, Limits, Payload,
    Transaction, is_last_commit_due,
};
use accounts::{Endowment, FeeSchedule};
use governance::Track;
use primitives::{
    AccountId, Amount, BlockHash, BuildHash, ChainId, Fraction, Height, SecretKey, Text, Timestamp, VoteKind,
    vote_payload,
};
use releases::{Platform, Roster, Target};
use staking::{GenesisBond, Offence, SignedVote};
use state::State;

/// The key of validator `index`.
pub fn validator(index: u8) -> SecretKey {
    SecretKey::from_seed(&[index.wrapping_add(1); 32])
}

/// The key of release signer `index`.
pub fn signer(index: u8) -> SecretKey {
    SecretKey::from_seed(&[index.wrapping_add(101); 32])
}

/// The key of token holder `index`.
pub fn holder(index: u8) -> SecretKey {
    SecretKey::from_seed(&[index.wrapping_add(201); 32])
}

fn track(quorum: Option<Fraction>, support: Option<Fraction>) -> Track {
    let none = Fraction::new(0, 1);
    Track {
        deposit: Amount(1_000),
        least_window: 1,
        most_window: 20,
        least_delay: 1,
        most_delay: 20,
        quorum: quorum.or(none).unwrap_or_else(|| state::corrupt("no such fraction")),
        support: support.or(none).unwrap_or_else(|| state::corrupt("no such fraction")),
    }
}

/// What all builds run on.
pub fn platform() -> Platform {
    "x86_64-linux".parse().unwrap_or_else(|_| state::corrupt("no such platform"))
}

/// Four validators with 1,000,000 bonded each, three holders with 1,000,000 free each, a roster of three with threshold 2,
/// epochs of ten blocks, and one approved build of 32 bytes `0xaa`.
pub fn genesis() -> Genesis {
    let validators: Vec<AccountId> = (0..4).map(|index| validator(index).account()).collect();
    let holders = (0..3).map(|index| holder(index).account());
    let endowment = |account: AccountId| Endowment { account, balance: Amount(2_000_000) };
    Genesis {
        time: Timestamp(1_700_000_000_000),
        chain: ChainParams {
            chain_id: Text::new("the-block-test").unwrap_or_default(),
            epoch_length: 10,
            level: LEVEL,
            most_block_ms: 60_000,
            limits: Limits {
                max_block_bytes: 1 << 20,
                max_block_transactions: 5_000,
                max_block_signatures: 1_000,
                max_block_reads: 1 << 18,
                max_transaction_bytes: 64 << 10,
                max_transaction_lifetime: 1_000,
            },
            consensus: ConsensusParams {
                block_time_ms: 1_000,
                propose_timeout_ms: 3_000,
                vote_timeout_ms: 1_000,
                max_clock_drift_ms: 10_000,
            },
        },
        accounts: accounts::AccountsGenesis {
            fees: FeeSchedule { base: Amount(10), per_byte: Amount(0), per_read: Amount(0) },
            balances: validators.iter().copied().chain(holders).map(endowment).collect(),
        },
        staking: staking::StakingGenesis {
            params: staking::StakingParams {
                max_validators: 16,
                minimum_bond: Amount(1_000),
                minimum_delegation: Amount(1),
                unbonding_epochs: 3,
                remembered_epochs: 50,
                penalties: staking::PenaltyParams::default(),
            },
            bonds: validators
                .iter()
                .map(|account| GenesisBond { account: *account, validator: *account, amount: Amount(1_000_000) })
                .collect(),
        },
        governance: governance::GovernanceGenesis {
            params: governance::GovernanceParams {
                proposer_stake: Amount(10_000),
                max_live_proposals: 16,
                routine: track(Fraction::new(1, 3), None),
                expedited: track(Fraction::new(2, 3), Fraction::new(2, 3)),
            },
        },
        releases: releases::ReleasesGenesis {
            params: releases::ReleaseParams {
                notice_epochs: 2,
                reporter_stake: Amount(1_000),
                available_share: Fraction::THIRD,
            },
            roster: Roster {
                version: 1,
                signers: primitives::List::truncate_from((0..3).map(|index| signer(index).public()).collect()),
                threshold: 2,
            },
            approved: vec![Target {
                build_hash: BuildHash([0xaa; 32]),
                platform: platform(),
                sha256: None,
                size: None,
            }],
            manifests: Vec::new(),
        },
        rewards: rewards::RewardsGenesis::of(Amount(1_000_000), Amount(10_000)),
        rollouts: None,
    }
}

/// The context of block `height`, one second after the one before, proposed by the first validator.
pub fn context(genesis: &Genesis, height: u64) -> Context {
    Context {
        chain_id: genesis.chain.chain_id.clone(),
        height: Height(height),
        time: Timestamp(genesis.time.0.saturating_add(height.saturating_mul(1_000))),
        proposer: validator(0).account(),
        parent: BlockHash::NONE,
        last_commit: None,
        missing: Vec::new(),
    }
}

/// A wallet's transaction that pays enough on a network such as [`genesis`], and may be in a block up to height 50.
pub fn signed(genesis: &Genesis, key: &SecretKey, nonce: u64, call: Call) -> Transaction {
    let (chain_id, account, lane) = (genesis.chain.chain_id.clone(), key.account(), Lane::Wallet);
    Payload { chain_id, account, lane, nonce, expires_at: Height(50), fee: Amount(1_000), call }.sign(key)
}

/// What some keys give when they decide a block in the first round.
pub fn certificate<'k>(header: &Header, keys: impl IntoIterator<Item = &'k SecretKey>) -> Certificate {
    precommits(&header.chain_id, header.height, header.hash(), keys)
}

/// A block's context with what it has to bring in the state that it stands on: the precommits for its parent, of as many of the keys as
/// decided that, and as many blocks as are missing in the tree of blocks, each with the hash that [`context`] has for every parent.
pub fn attended<'k>(
    genesis: &Genesis,
    state: &State<'_>,
    context: Context,
    keys: impl IntoIterator<Item = &'k SecretKey>,
) -> Context {
    let missing = witnesses::queries::missing(state, context.height).map(|_| BlockHash::NONE).collect();
    let context = Context { missing, ..context };
    if !is_last_commit_due(state, context.height) {
        return context;
    }
    let height = context.height.minus(1);
    let validators = staking::queries::validator_set(state, height.epoch(genesis.chain.epoch_length));
    let brought = precommits(&context.chain_id, height, context.parent, keys).of_members(&validators);
    Context { last_commit: Some(brought), ..context }
}

fn precommits<'k>(
    chain_id: &ChainId,
    height: Height,
    block: BlockHash,
    keys: impl IntoIterator<Item = &'k SecretKey>,
) -> Certificate {
    let payload = vote_payload(chain_id, VoteKind::Precommit, height, 0, Some(block));
    let signatures = keys.into_iter().map(|key| (key.account(), key.sign(&payload))).collect();
    Certificate { height, round: 0, block, signatures: primitives::List::truncate_from(signatures) }
}

/// What a validator signs that prevotes two blocks in the first round of a height.
pub fn double_vote(chain_id: &ChainId, key: &SecretKey, height: Height) -> Offence {
    let vote = |block: BlockHash| {
        let payload = vote_payload(chain_id, VoteKind::Prevote, height, 0, Some(block));
        SignedVote { block: Some(block), signature: key.sign(&payload) }
    };
    let votes = [BlockHash([1; 32]), BlockHash([2; 32])].map(vote);
    Offence::of_votes(key.account(), height, 0, VoteKind::Prevote, votes)
        .unwrap_or_else(|| state::corrupt("two blocks are not one"))
}
