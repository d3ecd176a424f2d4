//! What the start of an epoch brings, and what waited long enough.

use crate::election::{self, Election, ElectionResult};
use crate::{Event, line, penalties, queries, storage::*};
use primitives::Moment;
use state::State;

/// The election in the first block of an epoch, by the rule that holds in this block: the next set. Else none. So a set is known, and in
/// the state that headers commit to, an epoch before it decides its first block.
///
/// It comes before everything else in its epoch. So all changes of stake that were made are in force, and the candidates with the
/// most stake are the strongest by the stake in force.
pub fn due(state: &State, at: Moment, election: Election<'_>) -> Option<Event> {
    if queries::has_begun(state, at.epoch) {
        return None;
    }
    let epoch = at.epoch.next();
    let remembered_from = queries::remembered_from(state, at.epoch);
    let ElectionResult { validators, candidates, sealer } = election::hold(state, at.epoch, election);
    Some(Event::Elected { epoch, validators, candidates, sealer, remembered_from })
}

/// That what validators sign in an epoch is not punished, in its first block: where the gate of enforcement was off before it. Nothing
/// where it was on, and in no other block, so that what holds of an epoch that has begun never changes.
pub fn unenforced(state: &State, at: Moment, is_enforced: bool) -> Option<Event> {
    let begins = !queries::has_begun(state, at.epoch);
    (begins && !is_enforced).then_some(Event::Unenforced { epoch: at.epoch })
}

/// What waited long enough, `most` of it: tokens that were promised for this epoch first, then those that are late, then bonds
/// that nobody needs to remember; each in the order of its line. The rest waits for the next blocks.
///
/// Tokens wait on while the validator's bonds stand still, because an offence of it is [borne](crate::sweep), and keep nobody else.
pub fn ripe(state: &State, at: Moment, most: usize) -> Vec<Event> {
    let mut events = line::freed(state, at.epoch..at.epoch.next(), most);
    events.extend(line::late(state, at, most.saturating_sub(events.len())));
    let remembered_from = queries::remembered_from(state, at.epoch);
    let forgotten = SPENT
        .iter(state)
        .take_while(|(forget_epoch, _, validator)| {
            *forget_epoch <= at.epoch && !penalties::may_ask_for(state, validator, *forget_epoch)
        })
        .map(|(forget_epoch, who, validator)| {
            let with_power = POWER.get(state, &validator).is_some_and(|power| power.is_spent(remembered_from));
            Event::Forgotten { who, validator, forget_epoch, with_power }
        });
    events.extend(forgotten.take(most.saturating_sub(events.len())));
    events
}
