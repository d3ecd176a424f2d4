//! What events do to stake, and what a change of who decides blocks does to it.

use crate::{
    Bond, Bonds, Commission, Event, Loss, StakeHistory, ValidatorSet, candidates, line, memory, penalties, queries,
    storage::*,
};
use primitives::{AccountId, Amount, Epoch, Moment};
use state::{Apply, Map, State};

impl Apply for Event {
    fn apply(&self, state: &mut State, _at: Moment) {
        match self {
            Event::ParamsSet { params, chain_id, epoch_length, most_freed } => {
                PARAMS.set(state, params);
                CHAIN.set(state, &(chain_id.clone(), *epoch_length));
                MOST_FREED.set(state, most_freed);
            }
            Event::Bonded { who, validator, amount, from_epoch, remembered_from } => {
                accounts::apply::hold(state, who, *amount);
                change(state, who, validator, *from_epoch, *remembered_from, |bonded| bonded.saturating_add(*amount));
            }
            Event::Unbonding { who, validator, amount, from_epoch, free_epoch, remembered_from } => {
                change(state, who, validator, *from_epoch, *remembered_from, |bonded| bonded.saturating_sub(*amount));
                line::wait(state, *free_epoch, who, validator, *amount);
            }
            Event::Unbonded { who, validator, amount, free_epoch } => {
                line::leave(state, *free_epoch, who, validator);
                accounts::apply::release(state, who, *amount);
            }
            Event::Elected { epoch, validators, candidates, sealer, remembered_from } => {
                SETS.set(state, epoch, validators);
                CANDIDATE_SETS.set(state, epoch, candidates);
                seal(state, sealer.as_ref());
                forget_epochs(state, *remembered_from);
            }
            Event::Forgotten { who, validator, forget_epoch, with_power } => {
                memory::forget(state, who, validator, *forget_epoch, *with_power);
            }
            Event::Punished {
                validator,
                epoch,
                reporter,
                loss,
                reward,
                from_epoch,
                remembered_from,
                leaves_set_of,
                leaves_candidates_of,
                jailed_until,
                next,
                ..
            } => {
                jail(state, validator, *jailed_until);
                take_out(state, &SETS, validator, *leaves_set_of);
                take_out(state, &CANDIDATE_SETS, validator, *leaves_candidates_of);
                PUNISHED.insert(state, &(*epoch, *validator));
                lose(state, validator, validator, loss, *from_epoch, *remembered_from);
                accounts::apply::burn_held(state, validator, loss.total().saturating_sub(*reward));
                if *reward > Amount::ZERO {
                    accounts::apply::pass_on_held(state, validator, reporter, *reward);
                }
                penalties::follow(state, validator, *epoch, next.as_ref());
            }
            Event::Slashed { who, validator, epoch, loss, from_epoch, remembered_from, unlisted, next } => {
                if loss.total() > Amount::ZERO {
                    lose(state, who, validator, loss, *from_epoch, *remembered_from);
                    accounts::apply::burn_held(state, who, loss.total());
                }
                if *unlisted {
                    DELEGATORS.remove(state, &(*validator, *who));
                }
                penalties::follow(state, validator, *epoch, next.as_ref());
            }
            Event::Unjailed { validator } => {
                let stood = candidates::standing(state, validator);
                JAILED.remove(state, validator);
                candidates::follow(state, validator, stood);
            }
            Event::CommissionSet { validator, millionths, before, from_epoch } => {
                let commission = Commission { millionths: *millionths, from_epoch: *from_epoch, before: *before };
                COMMISSIONS.set(state, validator, &commission);
            }
            Event::Unenforced { epoch } => UNENFORCED.insert(state, epoch),
        }
    }
}

/// Has an account decide blocks alone from the next election on, as long as it stands for election and that election is
/// [of a sealer](crate::Election::Sealer). Whoever names one has seen that it can; what was named before is forgotten.
pub fn name_sealer(state: &mut State, who: &AccountId) {
    SEALER.set(state, who);
}

/// Who decides blocks alone is most often who did before, which is not written again.
fn seal(state: &mut State, sealer: Option<&AccountId>) {
    if SEALER.get(state).as_ref() != sealer {
        match sealer {
            Some(sealer) => SEALER.set(state, sealer),
            None => SEALER.remove(state),
        }
    }
}

/// Takes a punished validator out of the elections to come.
fn jail(state: &mut State, validator: &AccountId, until: Epoch) {
    let stood = candidates::standing(state, validator);
    JAILED.set(state, validator, &until);
    candidates::follow(state, validator, stood);
}

/// Takes a punished validator out of what is elected already.
fn take_out(state: &mut State, sets: &Map<Epoch, ValidatorSet>, validator: &AccountId, epoch: Option<Epoch>) {
    if let Some(epoch) = epoch {
        let mut set = sets.get(state, &epoch).unwrap_or_default();
        set.validators.retain(|member| member.account != *validator);
        sets.set(state, &epoch, &set);
    }
}

/// Takes what was lost out of what waits and out of the bond, and counts it.
fn lose(state: &mut State, who: &AccountId, validator: &AccountId, loss: &Loss, from: Epoch, oldest: Epoch) {
    for (free_epoch, amount) in &loss.waiting {
        let key = (*free_epoch, *validator, *who);
        let left = UNBONDING.get(state, &key).unwrap_or_default().saturating_sub(*amount);
        if left == Amount::ZERO {
            line::leave(state, *free_epoch, who, validator);
        } else {
            UNBONDING.set(state, &key, &left);
        }
    }
    if loss.bonded > Amount::ZERO {
        change(state, who, validator, from, oldest, |bonded| bonded.saturating_sub(loss.bonded));
    }
    let (lost, mut bonds) = (loss.total(), queries::bonds(state, who));
    if lost > Amount::ZERO
        && let Some(mut bond) = bonds.iter().find(|bond| bond.validator == *validator).cloned()
    {
        bond.lost.set(from, bond.lost.latest().saturating_add(lost), oldest);
        put(&mut bonds, bond);
        BONDS.set(state, who, &bonds);
    }
}

/// Changes a bond, the validator's power and the total alike, and forgets what was in force in them only before `oldest`. What
/// is looked up by them follows.
fn change(
    state: &mut State,
    who: &AccountId,
    validator: &AccountId,
    from: Epoch,
    oldest: Epoch,
    to: impl Fn(Amount) -> Amount,
) {
    let stood = candidates::standing(state, validator);
    let mut bonds = queries::bonds(state, who);
    let known = bonds.iter().find(|bond| bond.validator == *validator).cloned();
    let (history, lost) = (StakeHistory::default(), StakeHistory::default());
    let mut bond = known.unwrap_or(Bond { validator: *validator, history, lost });
    let (before, spent_since) = (bond.history.latest(), bond.history.spent_since());
    let after = to(before);
    bond.history.set(from, after, oldest);
    memory::follow(state, who, validator, spent_since, bond.history.spent_since());
    put(&mut bonds, bond);
    BONDS.set(state, who, &bonds);
    if after > before && who != validator {
        DELEGATORS.insert(state, &(*validator, *who));
    }

    let mut power = POWER.get(state, validator).unwrap_or_default();
    power.set(from, power.latest().saturating_sub(before).saturating_add(after), oldest);
    POWER.set(state, validator, &power);
    candidates::follow(state, validator, stood);

    let mut total = TOTAL.get_or_default(state);
    total.set(from, total.latest().saturating_sub(before).saturating_add(after), oldest);
    TOTAL.set(state, &total);
}

/// Puts a bond in the place of the one to its validator. `decide` counted them, so there is room.
fn put(bonds: &mut Bonds, bond: Bond) {
    bonds.retain(|other| other.validator != bond.validator);
    if bonds.try_push(bond).is_err() {
        state::corrupt("an account is bonded to more validators than allowed");
    }
}

/// Forgets the sets before `oldest`, who of them was punished, and whether anybody could be.
fn forget_epochs(state: &mut State, oldest: Epoch) {
    let sets: Vec<Epoch> = SETS.iter(state).map(|(epoch, _)| epoch).take_while(|epoch| *epoch < oldest).collect();
    for epoch in sets {
        SETS.remove(state, &epoch);
        CANDIDATE_SETS.remove(state, &epoch);
    }
    let punished: Vec<(Epoch, AccountId)> = PUNISHED.iter(state).take_while(|(epoch, _)| *epoch < oldest).collect();
    for key in punished {
        PUNISHED.remove(state, &key);
    }
    let unenforced: Vec<Epoch> = UNENFORCED.iter(state).take_while(|epoch| *epoch < oldest).collect();
    for epoch in unenforced {
        UNENFORCED.remove(state, &epoch);
    }
}
