//! What a network starts from: one JSON file with every number explicit.
//!
//! Genesis is a block like any other, but that nobody proposed or signed it: its parts say what happens at height 0, and state is
//! what that writes.

use crate::{Cause, ChainParams, Context, Executed, Fact, Header, Record, replay};
use flags::Gate;
use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, BlockHash, Checker, Digest, Epoch, Height, Leveled as _, Mistake, StateRoot, Timestamp};
use serde::{Deserialize, Serialize};
use staking::ValidatorSet;
use state::{Memory, Writes};

/// A network's beginning. Its hash is the SCALE encoding's, so formatting does not matter.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Genesis {
    /// The time of height 0.
    pub time: Timestamp,
    /// The chain itself.
    pub chain: ChainParams,
    /// Balances and fees.
    pub accounts: accounts::AccountsGenesis,
    /// Bonds and the rules of stake.
    pub staking: staking::StakingGenesis,
    /// The rules of votes.
    pub governance: governance::GovernanceGenesis,
    /// The first builds, who signs the next ones, and the rules of releases.
    pub releases: releases::ReleasesGenesis,
    /// What presence is paid from, and by which rules.
    pub rewards: rewards::RewardsGenesis,
    /// The plan that governs the network from its first block on, and the stage that stands then; without it no plan does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollouts: Option<Box<rollouts::RolloutsGenesis>>,
}

/// Everything wrong with a genesis file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the genesis has {} mistake(s):\n{}", .0.len(), .0.iter().map(|m| format!("  - {m}")).collect::<Vec<_>>().join("\n"))]
pub struct Mistakes(pub Vec<Mistake>);

impl Genesis {
    /// The hash that all nodes of the network share.
    pub fn hash(&self) -> Digest {
        Digest::blake3(&self.encode())
    }

    /// Finds every mistake.
    ///
    /// # Errors
    /// All of them, each with its field.
    pub fn check(&self) -> Result<(), Mistakes> {
        let mistakes = self.mistakes();
        if mistakes.is_empty() { Ok(()) } else { Err(Mistakes(mistakes)) }
    }

    /// The facts of height 0. Call [`check`](Self::check) first.
    pub fn facts(&self) -> Vec<Fact> {
        self.events().into_iter().map(|event| Fact { cause: Cause::Genesis, outcome: Ok(event) }).collect()
    }

    /// Where height 0 stands: nobody proposed it, and its parent is the genesis hash.
    pub fn context(&self) -> Context {
        Context {
            chain_id: self.chain.chain_id.clone(),
            height: Height(0),
            time: self.time,
            proposer: AccountId([0; 32]),
            parent: BlockHash(self.hash().0),
            last_commit: None,
            missing: Vec::new(),
        }
    }

    /// The state of height 0: a fold of its facts.
    pub fn writes(&self) -> Writes {
        replay(&Memory::default(), &self.context(), &self.facts())
    }

    /// The state of height 0 in memory.
    pub fn build(&self) -> Memory {
        let mut memory = Memory::default();
        memory.commit(self.writes());
        memory
    }

    /// What the signatures of release signers are bound to; none where no build is approved.
    pub fn signing_domain(&self) -> Option<releases::SigningDomain> {
        self.releases.signing_domain(&self.chain.chain_id)
    }

    /// How long a stop is announced before it counts, if blocks come as fast as they should, in milliseconds.
    pub fn notice_ms(&self) -> u64 {
        let blocks = self.releases.params.notice_epochs.saturating_mul(self.chain.epoch_length);
        blocks.saturating_mul(self.chain.consensus.block_time_ms)
    }

    /// The validator set of the first two epochs: the sealer alone, where the network starts with one.
    pub fn validators(&self) -> ValidatorSet {
        self.staking.validators(self.sealer().as_ref())
    }

    /// Who decides the first blocks alone; none where a quorum does, which is how every network starts that no plan governs.
    pub(crate) fn sealer(&self) -> Option<AccountId> {
        self.rollouts.as_ref().and_then(|rollouts| rollouts.sealer)
    }

    /// That what validators sign in the epoch of height 0 is not punished, where the plan begins with the gate of that off.
    pub(crate) fn unenforced(&self) -> Option<staking::Event> {
        let is_enforced =
            self.rollouts.as_ref().is_none_or(|rollouts| rollouts.begins_with(Gate::ConsensusEnforcement));
        (!is_enforced).then_some(staking::Event::Unenforced { epoch: Epoch(0) })
    }

    /// Finds a level below that of what stands in it.
    pub(crate) fn check_level(&self, mut checker: Checker<'_>) {
        let (begins, needed) = (self.chain.level, self.rollouts.level());
        checker.require(needed <= begins, "level", || {
            format!("is {begins}, and there is a plan, which came with level {needed}; begin with that, or leave the plan out")
        });
    }

    /// The record of height 0, whose state has this root.
    pub fn record(&self, state_root: StateRoot) -> Record {
        let validators = self.validators().hash();
        let executed = Executed {
            facts: self.facts(),
            writes: Writes::new(),
            validators_hash: validators,
            next_validators_hash: validators,
        };
        let header = Header::over(&self.context(), &[], &executed, state_root);
        Record { header, facts: executed.facts }
    }

    /// The header of height 0.
    pub fn header(&self, state_root: StateRoot) -> Header {
        self.record(state_root).header
    }
}
