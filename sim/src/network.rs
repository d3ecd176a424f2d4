//! A network as it is simulated: its rules and its stakes, with keys that the simulation has.

use crate::keys::{Role, key};
use accounts::Endowment;
use anyhow::{Context as _, Result, ensure};
use primitives::{AccountId, Amount, List};
use releases::Roster;
use runtime::Genesis;
use serde::Serialize;
use staking::{GenesisBond, ValidatorSet};
use std::collections::BTreeMap;

/// What of its stake a validator has free, where nobody says: this part of it.
const FREE_PART: u64 = 4;

/// The rules and the stakes of a network, as a beginning.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Network {
    /// What it begins with. Accounts and signers are those of [`key`], in their order.
    pub genesis: Genesis,
    /// The power of each validator.
    pub validators: Vec<u64>,
    /// How many keys the roster has.
    pub signers: usize,
    /// What it was taken from, for people.
    pub source: String,
}

impl Network {
    /// The one that is simulated where nobody names another: seven validators of unlike stake, a roster of two of three, two holders.
    pub fn small() -> Self {
        let mut genesis = runtime::testing::genesis();
        genesis.accounts.balances.truncate(4);
        genesis.staking.bonds.truncate(4);
        let holders =
            [0, 1].map(|index| Endowment { account: account(Role::Holder, index), balance: Amount(2_000_000) });
        genesis.accounts.balances.extend(holders);
        let made = Self::of(&genesis, "the built-in example: 7 validators, a roster of 2 of 3".into());
        let made = made.unwrap_or_else(|error| state::corrupt(&format!("{error:#}")));
        made.with_validators(&[3_000_000, 2_500_000, 2_000_000, 1_500_000, 1_200_000, 1_000_000, 800_000])
    }

    /// That of a genesis.
    ///
    /// # Errors
    /// No network can begin with it, or not as simulations do; why.
    pub fn of(genesis: &Genesis, source: String) -> Result<Self> {
        genesis.check()?;
        let mut genesis = genesis.clone();
        let set = genesis.validators();
        let mut known: BTreeMap<AccountId, AccountId> = BTreeMap::new();
        for (index, validator) in (0..).zip(set.validators.iter()) {
            known.insert(validator.account, account(Role::Validator, index));
        }
        let mut holders = 0..;
        let mut named = |who: AccountId| {
            let next = || account(Role::Holder, holders.next().unwrap_or_default());
            *known.entry(who).or_insert_with(next)
        };
        for endowment in &mut genesis.accounts.balances {
            endowment.account = named(endowment.account);
        }
        for bond in &mut genesis.staking.bonds {
            (bond.account, bond.validator) = (named(bond.account), named(bond.validator));
        }
        let roster = &genesis.releases.roster;
        let (threshold, signers) = (roster.threshold, roster.signers.len());
        let validators = set.validators.iter().map(|validator| validator.power.0).collect();
        Self { genesis, validators, signers, source }.with_roster(threshold, signers)
    }

    /// That of a chain that has begun: its rules as they are now, its roster and who decides its blocks.
    ///
    /// # Errors
    /// No network can begin so; why.
    pub fn present(rules: &Genesis, roster: (u32, usize), set: &ValidatorSet, source: String) -> Result<Self> {
        let powers: Vec<u64> = set.validators.iter().map(|validator| validator.power.0).collect();
        let (threshold, signers) = roster;
        let mut begun = Self::of(rules, source)?.with_validators(&powers).with_roster(threshold, signers)?;
        // What the rules of staking forbid at a beginning may have come since: stake that was lost, for one.
        let least = powers.iter().copied().min().unwrap_or_default();
        let params = &mut begun.genesis.staking.params;
        params.minimum_bond = params.minimum_bond.min(Amount(least));
        begun.genesis.check().context("a chain with these rules and stakes cannot be played from a beginning")?;
        Ok(begun)
    }

    /// With another roster.
    ///
    /// # Errors
    /// There is no such roster.
    pub fn with_roster(mut self, threshold: u32, signers: usize) -> Result<Self> {
        ensure!(
            (1..=releases::MAX_SIGNERS as usize).contains(&signers),
            "a roster of {signers} keys cannot be; give 1 to {} signers",
            releases::MAX_SIGNERS
        );
        ensure!(
            threshold >= 1 && threshold as usize <= signers,
            "a threshold of {threshold} of {signers} cannot be; give 1 to {signers}"
        );
        let keys = (0..signers as u64).map(|index| key(Role::Signer, index).public()).collect();
        self.genesis.releases.roster = Roster { version: 1, signers: List::truncate_from(keys), threshold };
        self.signers = signers;
        Ok(self)
    }

    /// With other validators, by their power; what holders had bonded is free.
    pub fn with_validators(mut self, powers: &[u64]) -> Self {
        let bonds: Vec<GenesisBond> = (0..)
            .zip(powers)
            .map(|(index, power)| {
                let who = account(Role::Validator, index);
                GenesisBond { account: who, validator: who, amount: Amount(*power) }
            })
            .collect();
        let is_validator = |who: &AccountId| bonds.iter().any(|bond| bond.account == *who);
        let was_validator: Vec<AccountId> =
            (0..self.validators.len() as u64).map(|index| account(Role::Validator, index)).collect();
        let balances = &mut self.genesis.accounts.balances;
        balances.retain(|endowment| !is_validator(&endowment.account) && !was_validator.contains(&endowment.account));
        balances.extend(bonds.iter().map(|bond| {
            let balance = bond.amount.saturating_add(Amount(bond.amount.0 / FREE_PART));
            Endowment { account: bond.account, balance }
        }));
        self.genesis.staking.bonds = bonds;
        self.validators = powers.to_vec();
        self
    }
}

fn account(role: Role, index: u64) -> AccountId {
    key(role, index).account()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_keeps_its_rules_and_stakes_and_gets_keys_that_are_known() {
        let genesis = runtime::testing::genesis();
        let network = Network::of(&genesis, "a test".into()).unwrap();
        network.genesis.check().unwrap();
        assert_eq!((network.validators.clone(), network.signers), (vec![1_000_000; 4], 3));
        assert_eq!((&network.genesis.chain, &network.genesis.governance), (&genesis.chain, &genesis.governance));
        let set = network.genesis.validators();
        assert!((0..4).all(|index| set.power_of(&account(Role::Validator, index)) == Some(Amount(1_000_000))));
        assert_eq!(network.genesis.releases.roster.signers[2], key(Role::Signer, 2).public());
    }

    #[test]
    fn the_built_in_one_can_begin_and_nobody_has_a_third_of_it() {
        let network = Network::small();
        network.genesis.check().unwrap();
        let total: u64 = network.validators.iter().sum();
        assert!(network.validators.iter().all(|power| power * 3 < total));
        for (threshold, signers) in [(0, 3), (4, 3), (1, 0), (1, 1_000)] {
            let refused = Network::small().with_roster(threshold, signers).unwrap_err().to_string();
            assert!(refused.contains("cannot be; give 1 to"), "{refused}");
        }
    }
}
