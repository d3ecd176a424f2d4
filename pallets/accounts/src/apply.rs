//! What events do to balances and descriptions; and the holds and fees that other pallets' events apply.
//!
//! Amounts were checked when the event was decided; the saturating arithmetic here can therefore never bite.

use crate::{Account, Event, Lane, storage::*};
use primitives::{AccountId, Amount, Moment};
use state::{Apply, State};

impl Apply for Event {
    fn apply(&self, state: &mut State, _at: Moment) {
        match self {
            Event::FeesSet(fees) => FEES.set(state, fees),
            Event::Endowed { account, amount } => credit(state, account, *amount),
            Event::Transferred { from, to, amount } => {
                change(state, from, |account| account.free = account.free.saturating_sub(*amount));
                credit(state, to, *amount);
            }
            Event::Described { account, description } if description.is_empty() => DESCRIPTIONS.remove(state, account),
            Event::Described { account, description } => DESCRIPTIONS.set(state, account, description),
        }
    }
}

/// Takes a transaction's fee and its nonce, that of its lane; `burned` of the fee is destroyed, and the rest goes to the block's
/// proposer.
pub fn charge(state: &mut State, who: &AccountId, lane: Lane, fee: Amount, burned: Amount, proposer: &AccountId) {
    change(state, who, |account| {
        account.free = account.free.saturating_sub(fee);
        *account = std::mem::take(account).counted(lane);
    });
    burn(state, burned);
    let tip = fee.saturating_sub(burned);
    if tip > Amount::ZERO {
        credit(state, proposer, tip);
    }
}

/// Gives an account tokens to spend that a pallet kept for it.
pub fn give(state: &mut State, who: &AccountId, amount: Amount) {
    credit(state, who, amount);
}

/// Takes free tokens from an account, which a pallet keeps from now on.
pub fn take(state: &mut State, who: &AccountId, amount: Amount) {
    change(state, who, |account| account.free = account.free.saturating_sub(amount));
}

/// Adds free tokens.
fn credit(state: &mut State, who: &AccountId, amount: Amount) {
    change(state, who, |account| account.free = account.free.saturating_add(amount));
}

/// Moves free tokens into hold.
pub fn hold(state: &mut State, who: &AccountId, amount: Amount) {
    change(state, who, |account| {
        account.free = account.free.saturating_sub(amount);
        account.held = account.held.saturating_add(amount);
    });
}

/// Frees held tokens.
pub fn release(state: &mut State, who: &AccountId, amount: Amount) {
    change(state, who, |account| {
        account.held = account.held.saturating_sub(amount);
        account.free = account.free.saturating_add(amount);
    });
}

/// Destroys held tokens.
pub fn burn_held(state: &mut State, who: &AccountId, amount: Amount) {
    change(state, who, |account| account.held = account.held.saturating_sub(amount));
    burn(state, amount);
}

/// Takes held tokens from an account and gives them to another, to spend.
pub fn pass_on_held(state: &mut State, from: &AccountId, to: &AccountId, amount: Amount) {
    change(state, from, |account| account.held = account.held.saturating_sub(amount));
    credit(state, to, amount);
}

/// Counts what an account has no more, and nobody gets.
fn burn(state: &mut State, amount: Amount) {
    let burned = BURNED.get_or_default(state).saturating_add(amount);
    BURNED.set(state, &burned);
}

fn change(state: &mut State, who: &AccountId, change: impl FnOnce(&mut Account)) {
    let mut account = ACCOUNTS.get(state, who).unwrap_or_default();
    change(&mut account);
    ACCOUNTS.set(state, who, &account);
}
