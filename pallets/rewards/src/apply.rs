//! What events do to the pool, to what waits, and to what is counted.

use crate::{Attendance, Event, Owed, Payment, storage::*};
use primitives::{AccountId, Amount, Epoch, Moment};
use state::{Apply, State};

impl Apply for Event {
    fn apply(&self, state: &mut State, _at: Moment) {
        match self {
            Event::ParamsSet { params, pool } => {
                PARAMS.set(state, params);
                POOL.set(state, pool);
            }
            Event::Began { epoch, paid } => {
                let candidates = staking::queries::candidates(state, *epoch).validators.len();
                ATTENDANCE.set(state, &Attendance::begin(*epoch, *paid, candidates));
            }
            Event::Attended { epoch, present, ms, leader, led_ms } => {
                if let Some(mut attendance) = ATTENDANCE.get(state).filter(|attendance| attendance.epoch == *epoch) {
                    attendance.credit(*present, *ms, *leader, *led_ms);
                    ATTENDANCE.set(state, &attendance);
                }
            }
            Event::Dropped { .. } => ATTENDANCE.remove(state),
            Event::Rewarded { epoch, paid, pool, .. } => {
                ATTENDANCE.remove(state);
                POOL.set(state, pool);
                paid.iter().for_each(|payment| pay(state, *epoch, payment));
                let waits: Amount = paid.iter().map(|payment| payment.delegated).sum();
                change_to_collect(state, |all| all.saturating_add(waits));
            }
            Event::Funded { from, amount } => {
                accounts::apply::take(state, from, *amount);
                change_pool(state, |pool| pool.saturating_add(*amount));
            }
            Event::Collected { who, validator, epochs } => {
                for (epoch, amount) in epochs {
                    collected(state, validator, *epoch, *amount);
                }
                let amount: Amount = epochs.iter().map(|(_, amount)| *amount).sum();
                change_to_collect(state, |all| all.saturating_sub(amount));
                if let Some((through, _)) = epochs.last() {
                    COLLECTED.set(state, &(*who, *validator), through);
                }
                accounts::apply::give(state, who, amount);
            }
            Event::Lapsed { epoch, amount } => {
                forget(state, *epoch);
                change_to_collect(state, |all| all.saturating_sub(*amount));
                change_pool(state, |pool| pool.saturating_add(*amount));
            }
        }
    }
}

/// Forgets what somebody has collected for a delegation that nobody remembers any more.
pub fn forgotten(state: &mut State, who: &AccountId, validator: &AccountId) {
    let key = (*who, *validator);
    if COLLECTED.contains(state, &key) {
        COLLECTED.remove(state, &key);
    }
}

fn pay(state: &mut State, epoch: Epoch, payment: &Payment) {
    let Payment { validator, own, delegated, delegation, .. } = *payment;
    if own > Amount::ZERO {
        accounts::apply::give(state, &validator, own);
    }
    if delegated > Amount::ZERO {
        OWED.set(state, &(validator, epoch), &Owed { amount: delegated, delegation, left: delegated });
        LAPSING.insert(state, &(epoch, validator));
    }
}

fn collected(state: &mut State, validator: &AccountId, epoch: Epoch, amount: Amount) {
    let key = (*validator, epoch);
    if let Some(owed) = OWED.get(state, &key) {
        OWED.set(state, &key, &Owed { left: owed.left.saturating_sub(amount), ..owed });
    }
}

fn forget(state: &mut State, epoch: Epoch) {
    let rows: Vec<(Epoch, AccountId)> = LAPSING.iter_under(state, &epoch).collect();
    for (epoch, validator) in rows {
        LAPSING.remove(state, &(epoch, validator));
        OWED.remove(state, &(validator, epoch));
    }
}

fn change_pool(state: &mut State, change: impl FnOnce(Amount) -> Amount) {
    let pool = change(POOL.get_or_default(state));
    POOL.set(state, &pool);
}

fn change_to_collect(state: &mut State, change: impl FnOnce(Amount) -> Amount) {
    let before = TO_COLLECT.get_or_default(state);
    let after = change(before);
    if after != before {
        TO_COLLECT.set(state, &after);
    }
}
