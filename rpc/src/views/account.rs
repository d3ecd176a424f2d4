//! An account with its stake.

use crate::views::Descriptions;
use accounts::{Account, Description, DisplayName, WebLink};
use primitives::{AccountId, Amount, Epoch};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use state::State;

/// An account: its tokens, its nonces, and its stake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccountView {
    /// The account.
    pub account: AccountId,
    /// Free and held tokens, and the nonces on chain.
    #[serde(flatten)]
    pub balance: Account,
    /// The nonce that a wallet signs next: after what waits of its lane in this node's pool.
    pub next_nonce: u64,
    /// What it has bonded to whom, changes that are not in force yet included.
    pub bonds: Vec<Bonded>,
    /// What left a bond and is not free yet.
    pub unbonding: Vec<Unbonding>,
    /// Its own stake in force: the weight of its ballot on a proposal made now, what others delegated to it aside.
    pub stake: Amount,
    /// All bonds to it in force; zero when it is no validator.
    pub power: Amount,
    /// Whether it decides blocks in this epoch.
    pub validator: bool,
    /// The first epoch in which it may stand for election again, by a call of its own, because it contradicted itself; null
    /// when nothing keeps it from that.
    pub jailed_until: Option<Epoch>,
    /// What it calls itself, which proves nothing; empty when it has no name.
    #[serde(default)]
    pub name: DisplayName,
    /// Where more about it stands, by its own word; empty when it names no place.
    #[serde(default)]
    pub link: WebLink,
    /// What the validators say of themselves that it is bonded to, or was.
    #[serde(default)]
    pub described: Descriptions,
}

/// A bond.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Bonded {
    /// To whom.
    pub validator: AccountId,
    /// How much.
    pub amount: Amount,
}

/// Tokens that wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unbonding {
    /// The epoch at whose start they are free, or in one of the next blocks when many are.
    pub free_epoch: Epoch,
    /// The validator they strengthened.
    pub validator: AccountId,
    /// How much.
    pub amount: Amount,
}

pub(crate) fn account(state: &State, now: Epoch, account: AccountId, pending_nonce: Option<u64>) -> AccountView {
    let balance = accounts::queries::account(state, &account);
    let bonds = staking::queries::bonds(state, &account);
    let latest = bonds.iter().map(|bond| Bonded { validator: bond.validator, amount: bond.history.latest() });
    let bonds: Vec<Bonded> = latest.filter(|bond| bond.amount > Amount::ZERO).collect();
    let unbonding: Vec<Unbonding> = staking::queries::unbonding(state, &account)
        .into_iter()
        .map(|(free_epoch, validator, amount)| Unbonding { free_epoch, validator, amount })
        .collect();
    let validators = bonds.iter().map(|bond| bond.validator).chain(unbonding.iter().map(|part| part.validator));
    let described = Descriptions::of(state, validators);
    let Description { name, link } = accounts::queries::description(state, &account);
    AccountView {
        account,
        next_nonce: balance.nonce.max(pending_nonce.unwrap_or(0)),
        balance,
        bonds,
        unbonding,
        stake: staking::queries::stake_at(state, &account, now),
        power: staking::queries::power_at(state, &account, now),
        validator: staking::queries::validator_set(state, now).power_of(&account).is_some(),
        jailed_until: staking::queries::jailed_until(state, &account),
        name,
        link,
        described,
    }
}
