//! What a network starts from: one JSON file with every number explicit.

use crate::{Context, Executed, Header, params::*};
use accounts::FeeSchedule;
use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, Amount, BlockHash, Digest, Height, StateRoot, Timestamp};
use releases::{Roster, Target};
use serde::{Deserialize, Serialize};
use staking::{MAX_BONDS, MAX_VALIDATORS, Validator, ValidatorSet};
use state::{Memory, State, Writes};
use std::collections::{BTreeMap, BTreeSet};

/// A network's first state. Its hash is the SCALE encoding's, so formatting does not matter.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Genesis {
    /// The time of height 0.
    pub time: Timestamp,
    /// The chain itself.
    pub chain: Chain,
    /// What transactions cost.
    pub fees: FeeSchedule,
    /// The rules of stake.
    pub staking: staking::Params,
    /// The rules of votes.
    pub governance: governance::Params,
    /// The rules of releases.
    pub releases: releases::Params,
    /// The release signers.
    pub roster: Roster,
    /// The builds that may run from the start.
    pub approved: Vec<Target>,
    /// Who owns what; bonds are taken from it.
    pub accounts: Vec<Endowment>,
    /// Who bonds what to whom; a bond to oneself makes a validator.
    pub bonds: Vec<Bond>,
}

/// An account's first balance.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endowment {
    /// Whose.
    pub account: AccountId,
    /// How much, bonds included.
    pub balance: Amount,
}

/// A bond in force from epoch 0.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bond {
    /// Whose tokens.
    pub account: AccountId,
    /// To which validator.
    pub validator: AccountId,
    /// How much.
    pub amount: Amount,
}

/// One thing wrong with a genesis file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct Mistake {
    /// The dotted path.
    pub field: String,
    /// What is wrong and what would be right.
    pub problem: String,
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

    /// The state of height 0. Call [`check`](Self::check) first.
    pub fn writes(&self) -> Writes {
        let empty = Memory::default();
        let mut state = State::over(&empty);
        CHAIN.set(&mut state, &self.chain);
        accounts::storage::FEES.set(&mut state, &self.fees);
        staking::storage::PARAMS.set(&mut state, &self.staking);
        governance::storage::PARAMS.set(&mut state, &self.governance);
        for Endowment { account, balance } in &self.accounts {
            accounts::apply::credit(&mut state, account, *balance);
        }
        for Bond { account, validator, amount } in &self.bonds {
            staking::endow(&mut state, account, validator, *amount);
        }
        staking::enthrone(&mut state, &self.validators());
        releases::approve_at_genesis(&mut state, &self.chain.chain_id, &self.releases, &self.roster, &self.approved);
        state.into_writes()
    }

    /// The state of height 0 in memory.
    pub fn build(&self) -> Memory {
        let mut memory = Memory::default();
        memory.commit(self.writes());
        memory
    }

    /// The validator set of the first two epochs.
    pub fn validators(&self) -> ValidatorSet {
        let mut power: BTreeMap<AccountId, Amount> = BTreeMap::new();
        for bond in &self.bonds {
            let sum = power.entry(bond.validator).or_default();
            *sum = sum.saturating_add(bond.amount);
        }
        let validators = power.into_iter().map(|(account, power)| Validator { account, power }).collect();
        ValidatorSet::strongest(validators, self.staking.max_validators)
    }

    /// The header of height 0: nobody proposed it, and its parent is the genesis hash.
    pub fn header(&self, state_root: StateRoot) -> Header {
        let validators = self.validators().hash();
        let executed = Executed {
            facts: Vec::new(),
            writes: Writes::new(),
            validators_hash: validators,
            next_validators_hash: validators,
        };
        let context = Context {
            chain_id: self.chain.chain_id.clone(),
            height: Height(0),
            time: self.time,
            proposer: AccountId([0; 32]),
            parent: BlockHash(self.hash().0),
        };
        Header::over(&context, &[], &executed, state_root)
    }

    /// Finds every mistake.
    ///
    /// # Errors
    /// All of them, each with its field.
    pub fn check(&self) -> Result<(), Mistakes> {
        let mut mistakes = Vec::new();
        let mut require = |holds: bool, field: &str, problem: String| {
            if !holds {
                mistakes.push(Mistake { field: field.into(), problem });
            }
        };
        self.check_chain(&mut require);
        self.check_governance(&mut require);
        self.check_roster(&mut require);
        self.check_stake(&mut require);
        if mistakes.is_empty() { Ok(()) } else { Err(Mistakes(mistakes)) }
    }

    fn check_chain(&self, require: &mut impl FnMut(bool, &str, String)) {
        let chain = &self.chain;
        require(!chain.chain_id.as_str().is_empty(), "chain.chain_id", "is empty; name the network".into());
        require(chain.epoch_length > 0, "chain.epoch_length", "is 0; an epoch has at least one block".into());
        let limits = &chain.limits;
        require(limits.max_block_transactions > 0, "chain.limits.max_block_transactions", "is 0".into());
        require(limits.max_transaction_lifetime > 0, "chain.limits.max_transaction_lifetime", "is 0".into());
        require(
            limits.max_block_bytes <= 32 << 20,
            "chain.limits.max_block_bytes",
            format!("is {}; at most 33554432 can be proposed", limits.max_block_bytes),
        );
        require(
            limits.max_transaction_bytes <= limits.max_block_bytes && limits.max_transaction_bytes >= 1024,
            "chain.limits.max_transaction_bytes",
            format!("is {}; it must be 1024 to max_block_bytes", limits.max_transaction_bytes),
        );
        let timing = &chain.consensus;
        for (field, value) in [
            ("chain.consensus.propose_timeout_ms", timing.propose_timeout_ms),
            ("chain.consensus.vote_timeout_ms", timing.vote_timeout_ms),
            ("chain.consensus.max_clock_drift_ms", timing.max_clock_drift_ms),
        ] {
            require(value > 0, field, "is 0; nodes would never wait for each other".into());
        }
        require(!self.approved.is_empty(), "approved", "is empty; no node could boot: name the first build".into());
        let hashes: BTreeSet<_> = self.approved.iter().map(|target| target.build_hash).collect();
        require(hashes.len() == self.approved.len(), "approved", "names a build twice".into());
    }

    fn check_governance(&self, require: &mut impl FnMut(bool, &str, String)) {
        let governance = &self.governance;
        require(
            governance.max_live_proposals > 0,
            "governance.max_live_proposals",
            "is 0; nothing could be proposed".into(),
        );
        let tracks = [("governance.routine", &governance.routine), ("governance.expedited", &governance.expedited)];
        for (name, track) in tracks {
            require(
                track.least_window >= 1 && track.least_window <= track.most_window,
                &format!("{name}.least_window"),
                format!("is {}; it must be 1 to most_window ({})", track.least_window, track.most_window),
            );
            require(
                track.least_delay >= 1 && track.least_delay <= track.most_delay,
                &format!("{name}.least_delay"),
                format!("is {}; it must be 1 to most_delay ({})", track.least_delay, track.most_delay),
            );
            require(
                track.most_window <= self.staking.remembered_epochs,
                &format!("{name}.most_window"),
                format!(
                    "is {}, longer than stake is remembered (staking.remembered_epochs is {})",
                    track.most_window, self.staking.remembered_epochs
                ),
            );
            require(
                track.quorum.least(Amount(1_000_000)) > Amount::ZERO,
                &format!("{name}.quorum"),
                "is zero; a single ballot would decide".into(),
            );
        }
    }

    fn check_roster(&self, require: &mut impl FnMut(bool, &str, String)) {
        require(
            self.releases.notice_epochs >= 1,
            "releases.notice_epochs",
            "is 0; operators would have no time to change a build that is revoked".into(),
        );
        let Roster { version, signers, threshold } = &self.roster;
        require(*version == 1, "roster.version", format!("is {version}; the first roster is 1"));
        let keys: BTreeSet<_> = signers.iter().collect();
        require(keys.len() == signers.len(), "roster.signers", "names a key twice".into());
        for (index, key) in signers.iter().enumerate() {
            require(key.is_usable(), &format!("roster.signers.{index}"), format!("{key} is not a usable Ed25519 key"));
        }
        require(
            *threshold >= 1 && *threshold as usize <= signers.len(),
            "roster.threshold",
            format!("is {threshold}; it must be 1 to the number of signers ({})", signers.len()),
        );
    }

    fn check_stake(&self, require: &mut impl FnMut(bool, &str, String)) {
        let supply = self.accounts.iter().try_fold(Amount::ZERO, |sum, endowment| sum.checked_add(endowment.balance));
        require(supply.is_some(), "accounts", "hold more than 18446744073709551615 tokens together".into());
        let balances: BTreeMap<_, _> = self.accounts.iter().map(|e| (e.account, e.balance)).collect();
        require(balances.len() == self.accounts.len(), "accounts", "names an account twice".into());
        let params = &self.staking;
        require(
            (1..=MAX_VALIDATORS).contains(&params.max_validators),
            "staking.max_validators",
            format!("is {}; it must be 1 to {MAX_VALIDATORS}", params.max_validators),
        );
        require(
            (1..=1000).contains(&params.remembered_epochs),
            "staking.remembered_epochs",
            format!("is {}; it must be 1 to 1000", params.remembered_epochs),
        );
        require(
            !self.bonds.is_empty(),
            "bonds",
            "is empty; without stake nobody decides: bond at least one validator".into(),
        );
        let own_bond = |who: &AccountId| -> Amount {
            self.bonds.iter().filter(|b| b.account == *who && b.validator == *who).map(|b| b.amount).sum()
        };
        let mut bonded: BTreeMap<AccountId, (Amount, usize)> = BTreeMap::new();
        for (index, bond) in self.bonds.iter().enumerate() {
            let field = format!("bonds.{index}");
            require(bond.amount > Amount::ZERO, &field, "is of 0 tokens".into());
            require(
                own_bond(&bond.validator) >= params.minimum_bond.max(Amount(1)),
                &field,
                format!(
                    "is to {}, whose own bond is below staking.minimum_bond ({})",
                    bond.validator, params.minimum_bond
                ),
            );
            require(
                bond.validator.key().is_usable(),
                &field,
                format!("{} is not a usable Ed25519 key", bond.validator),
            );
            let (sum, count) = bonded.entry(bond.account).or_default();
            *sum = sum.saturating_add(bond.amount);
            *count = count.saturating_add(1);
        }
        for (account, (sum, count)) in bonded {
            let balance = balances.get(&account).copied().unwrap_or_default();
            require(sum <= balance, "bonds", format!("{account} bonds {sum} and has a balance of {balance}"));
            require(
                count <= MAX_BONDS as usize,
                "bonds",
                format!("{account} has {count} bonds; at most {MAX_BONDS} are allowed"),
            );
        }
    }
}
