//! How an offence comes to the delegators of its validator: one after the other, by the clock, as many in a block as fit.
//!
//! While one is under way, the validator's bonds neither move nor ripen, so that it makes no difference to anybody when its turn
//! comes.

use crate::{Event, Penalty, loss, queries, storage::*};
use primitives::{AccountId, Amount, Epoch, Moment};
use state::State;

/// Whether anybody still bears an offence.
pub(crate) fn under_way(state: &State) -> bool {
    PENALTIES.iter(state).next().is_some()
}

/// What the next `most` who bear an offence lose, those of one offence after those of another. There is a fact of everyone who is
/// asked, also of who had nothing at stake: what is read is bounded by what is said.
pub fn sweep(state: &State, at: Moment, most: usize) -> Vec<Event> {
    let Some(((validator, epoch), penalty)) = PENALTIES.iter(state).next() else { return Vec::new() };
    let rules = PARAMS.require(state).penalties;
    let act = loss::Act { validator, epoch, oldest: penalty.oldest };
    let (from_epoch, mut taken) = (at.epoch.next(), penalty.taken);
    // Nothing is forgotten of what the next ones are asked about.
    let remembered_from = queries::remembered_from(state, at.epoch).min(penalty.oldest);
    let mut bearers = bearers(state, &validator, penalty.next).peekable();
    let mut events = Vec::new();
    while events.len() < most
        && let Some(who) = bearers.next()
    {
        let share = if who == validator { &rules.own_share } else { &rules.delegated_share };
        let (loss, unfinished) = loss::of(state, &act, &who, share, taken);
        taken = if unfinished { taken.saturating_add(loss.total()) } else { Amount::ZERO };
        let next = if unfinished { Some(who) } else { bearers.peek().copied() };
        let next = next.map(|next| Penalty { oldest: act.oldest, next, taken });
        events.push(Event::Slashed { who, validator, epoch, loss, from_epoch, remembered_from, next });
        if unfinished {
            break;
        }
    }
    events
}

/// Whose turn comes first once the validator itself has lost so much: its own, where there is more to take than one fact says,
/// else that of its first delegator. None where it has none.
pub(crate) fn first_bearer(state: &State, act: &loss::Act, lost: Amount, unfinished: bool) -> Option<Penalty> {
    let (place, taken) = if unfinished { (0, lost) } else { (1, Amount::ZERO) };
    let next = bearers(state, &act.validator, act.validator).nth(place)?;
    Some(Penalty { oldest: act.oldest, next, taken })
}

/// Has it be the next one's turn.
pub(crate) fn follow(state: &mut State, validator: &AccountId, epoch: Epoch, next: Option<&Penalty>) {
    let key = (*validator, epoch);
    match next {
        Some(penalty) => PENALTIES.set(state, &key, penalty),
        None => PENALTIES.remove(state, &key),
    }
}

/// Who bears an offence, from one of them on: the validator, then its delegators in the order of their accounts.
fn bearers<'s>(state: &'s State, validator: &AccountId, from: AccountId) -> impl Iterator<Item = AccountId> + use<'s> {
    let validator = *validator;
    let itself = (from == validator).then_some(validator);
    let first = if from == validator { AccountId([0; 32]) } else { from };
    let delegators = DELEGATORS.iter_from(state, &(validator, first));
    let delegators = delegators.take_while(move |(to, _)| *to == validator).map(|(_, who)| who);
    itself.into_iter().chain(delegators)
}
