//! What stake starts from.

use crate::{Event, MAX_BONDS, MAX_VALIDATORS, StakingParams, Validator, ValidatorSet};
use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, Amount, ChainId, Checker, Epoch};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// This pallet's part of a genesis.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StakingGenesis {
    /// The rules of stake.
    pub params: StakingParams,
    /// Who bonds what to whom; a bond to oneself makes a validator.
    pub bonds: Vec<GenesisBond>,
}

/// A bond in force from epoch 0.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GenesisBond {
    /// Whose tokens.
    pub account: AccountId,
    /// To which validator.
    pub validator: AccountId,
    /// How much.
    pub amount: Amount,
}

/// What each account bonds to each validator, all its bonds to that one together.
struct BondSums(BTreeMap<(AccountId, AccountId), Amount>);

impl BondSums {
    fn of(bonds: &[GenesisBond]) -> Self {
        let mut sums: BTreeMap<(AccountId, AccountId), Amount> = BTreeMap::new();
        for bond in bonds {
            let sum = sums.entry((bond.account, bond.validator)).or_default();
            *sum = sum.saturating_add(bond.amount);
        }
        Self(sums)
    }

    fn bonded(&self, who: &AccountId, validator: &AccountId) -> Amount {
        self.0.get(&(*who, *validator)).copied().unwrap_or_default()
    }
}

impl StakingGenesis {
    /// The validator set of the first two epochs: the sealer alone, where a network starts with one (ROLLOUTS 3.3), else the
    /// [candidates](Self::candidates).
    pub fn validators(&self, sealer: Option<&AccountId>) -> ValidatorSet {
        let alone = |account: &AccountId| {
            let bonds = self.bonds.iter().filter(|bond| bond.validator == *account);
            ValidatorSet::of_one(Validator { account: *account, power: bonds.map(|bond| bond.amount).sum() })
        };
        sealer.map_or_else(|| self.candidates(), alone)
    }

    /// The strongest validators: whom the rule of a quorum elects for the first two epochs.
    pub fn candidates(&self) -> ValidatorSet {
        let mut power: BTreeMap<AccountId, Amount> = BTreeMap::new();
        for bond in &self.bonds {
            let sum = power.entry(bond.validator).or_default();
            *sum = sum.saturating_add(bond.amount);
        }
        let validators = power.into_iter().map(|(account, power)| Validator { account, power }).collect();
        ValidatorSet::strongest(validators, self.params.max_validators)
    }

    /// What happens at height 0 of a network with epochs of so many blocks, each of which can free `most_freed` who wait. Its blocks
    /// are decided by the sealer that is named, if one is, else by a quorum.
    pub fn events(
        &self,
        chain_id: &ChainId,
        epoch_length: u64,
        most_freed: u64,
        sealer: Option<AccountId>,
    ) -> impl Iterator<Item = Event> {
        let bonded = self.bonds.iter().map(|bond| Event::Bonded {
            who: bond.account,
            validator: bond.validator,
            amount: bond.amount,
            from_epoch: Epoch(0),
            remembered_from: Epoch(0),
        });
        let elected = move |epoch| Event::Elected {
            epoch: Epoch(epoch),
            validators: self.validators(sealer.as_ref()),
            candidates: self.candidates(),
            sealer,
            remembered_from: Epoch(0),
        };
        let (params, chain_id) = (self.params.clone(), chain_id.clone());
        let params = Event::ParamsSet { params, chain_id, epoch_length, most_freed };
        std::iter::once(params).chain(bonded).chain([elected(0), elected(1)])
    }

    /// Finds every mistake; bonds are taken from `balances`.
    pub fn check(&self, balances: &BTreeMap<AccountId, Amount>, mut checker: Checker<'_>) {
        let params = &self.params;
        checker.require((1..=MAX_VALIDATORS).contains(&params.max_validators), "params.max_validators", || {
            format!("is {}; it must be 1 to {MAX_VALIDATORS}", params.max_validators)
        });
        checker.require(params.minimum_delegation > Amount::ZERO, "params.minimum_delegation", || {
            "is 0; every delegation is work for the whole network, so name the least that is worth it".into()
        });
        checker.require((1..=1000).contains(&params.remembered_epochs), "params.remembered_epochs", || {
            format!("is {}; it must be 1 to 1000", params.remembered_epochs)
        });
        self.check_penalties(&mut checker);
        checker.require(!self.bonds.is_empty(), "bonds", || {
            "is empty; without stake nobody decides: bond at least one validator".into()
        });
        let sums = BondSums::of(&self.bonds);
        for (index, bond) in self.bonds.iter().enumerate() {
            self.check_bond(bond, &sums, &format!("bonds.{index}"), &mut checker);
        }
        self.check_sums(balances, &mut checker);
    }

    /// Finds what is wrong with the account that is to decide blocks alone from the start, and is named in `field`.
    pub fn check_sealer(&self, sealer: &AccountId, field: &str, checker: &mut Checker<'_>) {
        let (own, minimum) = (BondSums::of(&self.bonds).bonded(sealer, sealer), self.params.minimum_bond);
        checker.require(own >= minimum.max(Amount(1)), field, || {
            format!(
                "is {sealer}, whose own bond of {own} is below staking.params.minimum_bond ({minimum}); nobody else would decide a \
                 block: name an account that is a validator"
            )
        });
    }

    /// What makes contradicting oneself cost something, for as long as it can be found out.
    fn check_penalties(&self, checker: &mut Checker<'_>) {
        let StakingParams { minimum_bond, unbonding_epochs, remembered_epochs, penalties, .. } = &self.params;
        checker.require(*unbonding_epochs >= 2, "params.unbonding_epochs", || {
            format!("is {unbonding_epochs}; it must be at least 2, because trust in validators reaches over two thirds of it")
        });
        checker.require(remembered_epochs > unbonding_epochs, "params.remembered_epochs", || {
            format!(
                "is {remembered_epochs}; it must be more than unbonding_epochs ({unbonding_epochs}), or nobody would know who \
                 answers for what"
            )
        });
        let least_loss = penalties.own_share.of((*minimum_bond).max(Amount(1)));
        checker.require(least_loss > Amount::ZERO, "params.penalties.own_share", || {
            format!(
                "is {}; with minimum_bond ({minimum_bond}) at stake, contradicting oneself would cost nothing",
                penalties.own_share
            )
        });
        checker.require(!penalties.reward_share.is_all(), "params.penalties.reward_share", || {
            format!(
                "is {}; whoever reports itself from another account would get back all it loses",
                penalties.reward_share
            )
        });
        checker.require(penalties.jail_epochs > 0, "params.penalties.jail_epochs", || {
            "is 0; a punished validator stays out for at least one epoch".into()
        });
    }

    fn check_bond(&self, bond: &GenesisBond, sums: &BondSums, field: &str, checker: &mut Checker<'_>) {
        let (who, validator) = (bond.account, bond.validator);
        let StakingParams { minimum_bond, minimum_delegation, .. } = self.params;
        checker.require(bond.amount > Amount::ZERO, field, || "is of 0 tokens".into());
        checker.require(sums.bonded(&validator, &validator) >= minimum_bond.max(Amount(1)), field, || {
            format!("is to {validator}, whose own bond is below staking.params.minimum_bond ({minimum_bond})")
        });
        checker.require(who == validator || sums.bonded(&who, &validator) >= minimum_delegation, field, || {
            format!("is a delegation below staking.params.minimum_delegation ({minimum_delegation})")
        });
        checker.require(validator.key().is_usable(), field, || format!("{validator} is not a usable Ed25519 key"));
    }

    fn check_sums(&self, balances: &BTreeMap<AccountId, Amount>, checker: &mut Checker<'_>) {
        let mut bonded: BTreeMap<AccountId, (Amount, usize)> = BTreeMap::new();
        for bond in &self.bonds {
            let (sum, count) = bonded.entry(bond.account).or_default();
            *sum = sum.saturating_add(bond.amount);
            *count = count.saturating_add(1);
        }
        for (account, (sum, count)) in bonded {
            let balance = balances.get(&account).copied().unwrap_or_default();
            checker
                .require(sum <= balance, "bonds", || format!("{account} bonds {sum} and has a balance of {balance}"));
            checker.require(count <= MAX_BONDS as usize, "bonds", || {
                format!("{account} has {count} bonds; at most {MAX_BONDS} are allowed")
            });
        }
    }
}
