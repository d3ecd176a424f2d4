//! How an offence comes to the delegators of its validator: one after the other, by the clock, as many in a block as fit.
//!
//! While one is under way, the validator's bonds neither move nor ripen, so that it makes no difference to anybody when its turn
//! comes. Those of others do: this has a part of the clock's work for itself, and never more, however much there is to bear.

use crate::{Event, Penalty, line, loss, queries, storage::*};
use primitives::{AccountId, Amount, Epoch, Moment};
use state::State;

/// What the next `most` who bear an offence lose; where nobody does any more, the tokens that stood still for it are freed.
pub fn sweep(state: &State, at: Moment, most: usize) -> Vec<Event> {
    match PENALTIES.iter(state).next() {
        Some(((validator, epoch), penalty)) => bear(state, at, validator, epoch, &penalty, most),
        None => line::late(state, at, most),
    }
}

/// Whether an offence that is borne asks for a bond that is to be forgotten in `forget_epoch`: something was left of it in the first
/// epoch that the offence may ask for.
pub(crate) fn may_ask_for(state: &State, validator: &AccountId, forget_epoch: Epoch) -> bool {
    let spent_since = forget_epoch.minus(PARAMS.require(state).remembered_epochs);
    PENALTIES.iter_under(state, validator).any(|(_, penalty)| penalty.oldest < spent_since)
}

/// What the next `most` lose who bear one offence. There is a fact of everyone who is asked, also of who had nothing at stake: what is
/// read is bounded by what is said. Who had nothing in any epoch that is still judged is asked no more.
fn bear(state: &State, at: Moment, validator: AccountId, epoch: Epoch, penalty: &Penalty, most: usize) -> Vec<Event> {
    let rules = PARAMS.require(state).penalties;
    let act = loss::Act { validator, epoch, oldest: penalty.oldest };
    let (from_epoch, mut taken) = (at.epoch.next(), penalty.taken);
    // Nothing is forgotten of what the next ones are asked about.
    let remembered_from = queries::remembered_from(state, at.epoch).min(penalty.oldest);
    let reach = PENALTIES.iter_under(state, &validator).map(|(_, penalty)| penalty.oldest).fold(act.oldest, Epoch::min);
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
        let unlisted = who != validator && is_past(state, &who, &validator, reach);
        events.push(Event::Slashed { who, validator, epoch, loss, from_epoch, remembered_from, unlisted, next });
        if unfinished {
            break;
        }
    }
    events
}

/// Whether nothing was bonded to a validator in `oldest` or later.
fn is_past(state: &State, who: &AccountId, validator: &AccountId, oldest: Epoch) -> bool {
    let bonds = queries::bonds(state, who);
    bonds.iter().find(|bond| bond.validator == *validator).is_none_or(|bond| bond.history.is_spent(oldest))
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

/// Who bears an offence, from one of them on: the validator, then its delegators in the order of their accounts. The one whose turn it
/// was to be is asked also where it has left the index since.
fn bearers<'s>(state: &'s State, validator: &AccountId, from: AccountId) -> impl Iterator<Item = AccountId> + use<'s> {
    let validator = *validator;
    let first = if from == validator { AccountId([0; 32]) } else { from };
    let delegators = DELEGATORS.iter_from(state, &(validator, first));
    let delegators = delegators.take_while(move |(to, _)| *to == validator).map(|(_, who)| who);
    std::iter::once(from).chain(delegators.filter(move |who| *who != from))
}
