//! What balances start from.

use crate::{Event, FeeSchedule};
use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, Amount, Checker};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// This pallet's part of a genesis.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AccountsGenesis {
    /// What transactions cost.
    pub fees: FeeSchedule,
    /// Who owns what; bonds are taken from it.
    pub balances: Vec<Endowment>,
}

/// An account's first balance.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Endowment {
    /// Whose.
    pub account: AccountId,
    /// How much, bonds included.
    pub balance: Amount,
}

impl AccountsGenesis {
    /// Each account's balance; of one that stands twice, the last.
    pub fn balances(&self) -> BTreeMap<AccountId, Amount> {
        self.balances.iter().map(|endowment| (endowment.account, endowment.balance)).collect()
    }

    /// What all accounts begin with together; none where that is more than there can be.
    pub fn endowed(&self) -> Option<Amount> {
        self.balances.iter().try_fold(Amount::ZERO, |sum, endowment| sum.checked_add(endowment.balance))
    }

    /// Finds every mistake.
    pub fn check(&self, mut checker: Checker<'_>) {
        checker.require(self.endowed().is_some(), "balances", || {
            "hold more than 18446744073709551615 tokens together".into()
        });
        let distinct = self.balances().len() == self.balances.len();
        checker.require(distinct, "balances", || "names an account twice".into());
    }

    /// What happens at height 0.
    pub fn events(&self) -> impl Iterator<Item = Event> + '_ {
        let endowed = self
            .balances
            .iter()
            .map(|endowment| Event::Endowed { account: endowment.account, amount: endowment.balance });
        std::iter::once(Event::FeesSet(self.fees.clone())).chain(endowed)
    }
}
