//! Stories of balances.

use crate::{Call, Error, Event, apply, queries::*};
use primitives::{AccountId, Amount, Epoch, Height, Moment, Timestamp};
use state::{Apply, Decide, Memory, State};

const AT: Moment = Moment { height: Height(1), epoch: Epoch(0), time: Timestamp(0) };
const ANN: AccountId = AccountId([1; 32]);
const BOB: AccountId = AccountId([2; 32]);

#[test]
fn a_transfer_moves_free_tokens_and_never_more_than_there_are() {
    let memory = Memory::default();
    let mut state = State::over(&memory);
    Event::Endowed { account: ANN, amount: Amount(10) }.apply(&mut state, AT);
    apply::hold(&mut state, &ANN, Amount(4));

    let refused = Call::Transfer { to: BOB, amount: Amount(7) }.decide(&state, AT, ANN);
    assert_eq!(refused, Err(Error::InsufficientBalance { have: Amount(6), need: Amount(7) }));
    assert_eq!(Call::Transfer { to: BOB, amount: Amount(0) }.decide(&state, AT, ANN), Err(Error::ZeroAmount));

    Call::Transfer { to: BOB, amount: Amount(6) }.decide(&state, AT, ANN).unwrap().apply(&mut state, AT);
    assert_eq!((account(&state, &ANN).free, account(&state, &BOB).free), (Amount(0), Amount(6)));
    assert_eq!(supply(&state), Amount(10));
}

#[test]
fn a_transfer_to_oneself_changes_nothing() {
    let memory = Memory::default();
    let mut state = State::over(&memory);
    Event::Endowed { account: ANN, amount: Amount(10) }.apply(&mut state, AT);
    Call::Transfer { to: ANN, amount: Amount(6) }.decide(&state, AT, ANN).unwrap().apply(&mut state, AT);
    assert_eq!(account(&state, &ANN).free, Amount(10));
}

#[test]
fn h19_the_least_fee_is_burned_and_the_proposer_gets_what_is_offered_above() {
    let memory = Memory::default();
    let mut state = State::over(&memory);
    for who in [ANN, BOB] {
        Event::Endowed { account: who, amount: Amount(100) }.apply(&mut state, AT);
    }
    apply::charge(&mut state, &ANN, Amount(12), Amount(10), &BOB);
    assert_eq!((account(&state, &ANN).free, account(&state, &ANN).nonce), (Amount(88), 1));
    assert_eq!((account(&state, &BOB).free, burned(&state)), (Amount(102), Amount(10)));

    apply::charge(&mut state, &BOB, Amount(12), Amount(10), &BOB);
    assert_eq!((account(&state, &BOB).free, burned(&state)), (Amount(92), Amount(20)), "its own block costs it too");
    assert_eq!(supply(&state), Amount(200));
}

#[test]
fn a_forfeited_deposit_is_burned_and_still_counted() {
    let memory = Memory::default();
    let mut state = State::over(&memory);
    Event::Endowed { account: ANN, amount: Amount(10) }.apply(&mut state, AT);
    apply::hold(&mut state, &ANN, Amount(4));
    apply::burn_held(&mut state, &ANN, Amount(4));
    assert_eq!((account(&state, &ANN).held, supply(&state)), (Amount(0), Amount(10)));
}
