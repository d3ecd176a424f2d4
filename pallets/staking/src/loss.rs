//! What an account loses for an offence of a validator: of the stake that was at stake, and of nothing that came later.

use crate::{Bond, Loss, MAX_LOSSES, queries, storage::*};
use primitives::{AccountId, Amount, Epoch, Fraction, List};
use state::State;

/// An act that is punished.
pub(crate) struct Act {
    /// Whose it is.
    pub validator: AccountId,
    /// The epoch it is of.
    pub epoch: Epoch,
    /// The first epoch of which all that left a bond since still waits.
    pub oldest: Epoch,
}

/// What `who` loses: `share` of what it had at stake with the validator, less the `taken` that it lost of that already. With
/// whether there is more to lose than one fact says.
///
/// What other acts took since is at stake no more: it is in the bond no more and does not wait, so it would be taken from what came
/// later. Of what is still at stake, as much has stayed in the bond as was there all the time since. The rest left it and waits: that
/// is taken first, what is free the soonest before the others.
pub(crate) fn of(state: &State, act: &Act, who: &AccountId, share: &Fraction, taken: Amount) -> (Loss, bool) {
    let bonds = queries::bonds(state, who);
    let Some(bond) = bonds.iter().find(|bond| bond.validator == act.validator) else {
        return (Loss::default(), false);
    };
    let (since, at_stake) = at_stake(act, bond, taken);
    let stayed = bond.history.least_since(since);
    let owed = share.of(at_stake).saturating_sub(taken);
    let left = at_stake.saturating_sub(stayed).saturating_sub(taken);
    let first = since.plus(PARAMS.require(state).unbonding_epochs).next();
    let (waiting, unfinished) = out_of_waiting(state, act, who, first, owed.min(left));
    let found = waiting.iter().map(|(_, amount)| *amount).sum();
    let bonded = if unfinished { Amount::ZERO } else { owed.saturating_sub(found).min(stayed) };
    (Loss { bonded, waiting: List::truncate_from(waiting) }, unfinished)
}

/// The epoch whose stake answers for an act, and how much of it is left to: that of the act, or the one before, by whose stake the
/// set was elected, where that is more. Else whoever unbonds once it is elected would decide blocks with nothing to lose.
fn at_stake(act: &Act, bond: &Bond, taken: Amount) -> (Epoch, Amount) {
    let left_of = |epoch| {
        let by_other_acts = bond.lost.grown_since(epoch).saturating_sub(taken);
        bond.history.at(epoch).saturating_sub(by_other_acts)
    };
    let (before, of_act) = (act.epoch.minus(1), left_of(act.epoch));
    let of_before = if before >= act.oldest { left_of(before) } else { Amount::ZERO };
    if of_before > of_act { (before, of_before) } else { (act.epoch, of_act) }
}

/// Up to `most` of what waits for an epoch from `first` on, and whether there is more of it than one fact says.
fn out_of_waiting(
    state: &State,
    act: &Act,
    who: &AccountId,
    first: Epoch,
    most: Amount,
) -> (Vec<(Epoch, Amount)>, bool) {
    let whose = (*who, act.validator);
    let rows = WAITING.iter_from(state, &(whose.0, whose.1, first));
    let rows = rows.take_while(|(who, validator, _)| (*who, *validator) == whose);
    let mut rows = rows.map(|(who, validator, free_epoch)| {
        let amount = UNBONDING.get(state, &(free_epoch, validator, who)).unwrap_or_default();
        (free_epoch, amount)
    });
    let (mut rest, mut found) = (most, Vec::new());
    while rest > Amount::ZERO
        && let Some((free_epoch, amount)) = rows.next()
    {
        if found.len() >= MAX_LOSSES as usize {
            return (found, true);
        }
        let part = amount.min(rest);
        found.push((free_epoch, part));
        rest = rest.saturating_sub(part);
    }
    (found, false)
}
