//! The chain's own types in the roles that Malachite gives them: height, address, value, validator set, proposer.

use super::messages::{ProposalMessage, ProposalPart, Vote};
use super::signing::Ed25519Strict;
use arc_malachitebft_core_types as malachite;
use malachite::{LinearTimeouts, NilOrVal, Round, VoteType};
use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, BlockHash, Height, PublicKey};
use staking::ValidatorSet;
use std::fmt;

/// Binds the types together.
#[derive(Debug, Clone, Copy, Default)]
pub struct ChainContext;

/// A height.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct BlockHeight(pub Height);

impl fmt::Display for BlockHeight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl malachite::Height for BlockHeight {
    const ZERO: Self = Self(Height(0));
    const INITIAL: Self = Self(Height(1));

    fn increment_by(&self, n: u64) -> Self {
        Self(self.0.plus(n))
    }

    fn decrement_by(&self, n: u64) -> Option<Self> {
        self.as_u64().checked_sub(n).map(|height| Self(Height(height)))
    }

    fn as_u64(&self) -> u64 {
        self.0.0
    }
}

/// A validator's address: its account, which is its public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct Address(pub AccountId);

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl malachite::Address for Address {}

/// What is decided: a block, by its hash. The block itself travels as proposal parts and waits in `undecided`, so that
/// proposals, votes and the write-ahead log stay small.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub struct BlockValue(pub BlockHash);

impl malachite::Value for BlockValue {
    type Id = BlockHash;

    fn id(&self) -> BlockHash {
        self.0
    }
}

/// One validator of a height.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voter {
    address: Address,
    key: PublicKey,
    power: u64,
}

impl malachite::Validator<ChainContext> for Voter {
    fn address(&self) -> &Address {
        &self.address
    }

    fn public_key(&self) -> &PublicKey {
        &self.key
    }

    fn voting_power(&self) -> u64 {
        self.power
    }
}

/// The validators of a height, in the order of the chain's [`ValidatorSet`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Members {
    list: Vec<Voter>,
    total: u64,
}

impl Members {
    /// `None` for an empty set, which can decide nothing.
    pub fn new(set: &ValidatorSet) -> Option<Self> {
        let member = |validator: &staking::Validator| Voter {
            address: Address(validator.account),
            key: validator.account.key(),
            power: validator.power.0,
        };
        let list: Vec<Voter> = set.validators.iter().map(member).collect();
        (!list.is_empty()).then_some(Self { list, total: set.total_power().0 })
    }

    /// Whose turn it is in round 0 of a height: a lot, drawn by power from the height alone, so that nobody can choose it
    /// and every node draws the same.
    fn lot(&self, height: BlockHeight) -> usize {
        let hash = blake3::hash(&(b"the-block/proposer/v1", height).encode());
        let draw = hash.as_bytes().iter().take(16).fold(0u128, |number, byte| (number << 8) | u128::from(*byte));
        let mut left = draw.checked_rem(self.total.into()).unwrap_or(0);
        for (index, member) in self.list.iter().enumerate() {
            match left.checked_sub(member.power.into()) {
                Some(rest) => left = rest,
                None => return index,
            }
        }
        0
    }
}

impl malachite::ValidatorSet<ChainContext> for Members {
    fn count(&self) -> usize {
        self.list.len()
    }

    fn total_voting_power(&self) -> u64 {
        self.total
    }

    fn get_by_address(&self, address: &Address) -> Option<&Voter> {
        self.list.iter().find(|member| member.address == *address)
    }

    fn get_by_index(&self, index: usize) -> Option<&Voter> {
        self.list.get(index)
    }
}

impl malachite::Context for ChainContext {
    type Address = Address;
    type Height = BlockHeight;
    type ProposalPart = ProposalPart;
    type Proposal = ProposalMessage;
    type Validator = Voter;
    type ValidatorSet = Members;
    type Timeouts = LinearTimeouts;
    type Value = BlockValue;
    type Vote = Vote;
    type Extension = ();
    type SigningScheme = Ed25519Strict;

    /// The lot of the height; each later round passes the turn on to the next in the set, so that `n` rounds reach everyone.
    fn select_proposer<'a>(&self, members: &'a Members, height: BlockHeight, round: Round) -> &'a Voter {
        let passed = round.as_u32().unwrap_or(0) as usize;
        // Invariant: a set has at least one member (`Members::new`).
        &members.list[members.lot(height).wrapping_add(passed) % members.list.len()]
    }

    fn new_proposal(
        &self,
        height: BlockHeight,
        round: Round,
        value: BlockValue,
        pol_round: Round,
        address: Address,
    ) -> ProposalMessage {
        ProposalMessage { height, round, value, pol_round, proposer: address }
    }

    fn new_prevote(&self, height: BlockHeight, round: Round, block: NilOrVal<BlockHash>, voter: Address) -> Vote {
        Vote { kind: VoteType::Prevote, height, round, block, voter }
    }

    fn new_precommit(&self, height: BlockHeight, round: Round, block: NilOrVal<BlockHash>, voter: Address) -> Vote {
        Vote { kind: VoteType::Precommit, height, round, block, voter }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use malachite::Context;
    use primitives::Amount;
    use staking::Validator;

    fn members(powers: &[u64]) -> Members {
        let validator =
            |(n, power): (usize, &u64)| Validator { account: AccountId([n as u8; 32]), power: Amount(*power) };
        let validators: Vec<Validator> = powers.iter().enumerate().map(validator).collect();
        Members::new(&ValidatorSet::strongest(validators, 100)).unwrap()
    }

    #[test]
    fn the_lot_follows_power_and_the_rounds_reach_everyone() {
        let set = members(&[60, 30, 10]);
        let mut turns = [0u32; 3];
        for height in 0..3000 {
            turns[set.lot(BlockHeight(Height(height)))] += 1;
        }
        assert!(
            turns[0].abs_diff(1800) < 150 && turns[1].abs_diff(900) < 150 && turns[2].abs_diff(300) < 100,
            "{turns:?}"
        );
        let reached: std::collections::BTreeSet<Address> = (0..3)
            .map(|round| ChainContext.select_proposer(&set, BlockHeight(Height(7)), Round::new(round)).address)
            .collect();
        assert_eq!(reached.len(), 3);
    }

    /// Consensus: nodes that draw another proposer cannot follow the chain.
    #[test]
    fn the_first_lots_are_frozen() {
        let set = members(&[60, 30, 10]);
        let lots: Vec<usize> = (1..=12).map(|height| set.lot(BlockHeight(Height(height)))).collect();
        assert_eq!(lots, [2, 1, 1, 1, 2, 0, 1, 2, 1, 2, 0, 0]);
    }

    #[test]
    fn an_empty_set_is_no_set() {
        assert!(Members::new(&ValidatorSet::default()).is_none());
    }
}
