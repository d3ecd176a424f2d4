//! Who decides the blocks of an epoch, of those who stand for election.

use crate::{Validator, ValidatorSet, candidates, queries};
use primitives::{AccountId, Epoch};
use state::State;

/// The rule by which it is elected who decides blocks (ROLLOUTS 11). By either of them those who are elected decide with more than two
/// thirds of their power, in the same engine: of one validator that is its word alone.
#[derive(Clone, Copy)]
pub enum Election<'q> {
    /// The strongest of those who stand.
    Quorum,
    /// One of them alone, the sealer: the one that [was named](crate::apply::name_sealer), or took the place of that one. It stays for
    /// as long as it stands for election, whoever has more stake. Then the strongest candidate follows whose node was heard of lately,
    /// which is asked here; where none was, the strongest.
    Sealer(&'q dyn Fn(&AccountId) -> bool),
}

/// What an election comes to.
pub(crate) struct ElectionResult {
    /// Who decides blocks.
    pub validators: ValidatorSet,
    /// Whom [`Election::Quorum`] elects.
    pub candidates: ValidatorSet,
    /// Who decides blocks alone.
    pub sealer: Option<AccountId>,
}

/// The result for the epoch after `now`, by the stake in force in that.
pub(crate) fn hold(state: &State, now: Epoch, election: Election<'_>) -> ElectionResult {
    let candidates = candidates::elected(state);
    let Some(strongest) = candidates.validators.first().cloned() else { return kept(state, now, election) };
    match election {
        Election::Quorum => ElectionResult { validators: candidates.clone(), candidates, sealer: None },
        Election::Sealer(was_heard) => {
            let heard = || candidates.validators.iter().find(|candidate| was_heard(&candidate.account)).cloned();
            let sealer = sealer_that_stands(state).or_else(heard).unwrap_or(strongest);
            let account = sealer.account;
            ElectionResult { validators: ValidatorSet::of_one(sealer), candidates, sealer: Some(account) }
        }
    }
}

/// While nobody stands for election, those go on who decide blocks now.
fn kept(state: &State, now: Epoch, election: Election<'_>) -> ElectionResult {
    let validators = queries::validator_set(state, now);
    match election {
        Election::Quorum => ElectionResult { validators: validators.clone(), candidates: validators, sealer: None },
        Election::Sealer(_) => {
            let sealer = queries::sealer(state).filter(|sealer| validators.is_alone(sealer));
            ElectionResult { validators, candidates: queries::candidates(state, now), sealer }
        }
    }
}

/// The sealer with its power, unless its own bond fell below the minimum or it is jailed. It need not be among the candidates.
fn sealer_that_stands(state: &State) -> Option<Validator> {
    let account = queries::sealer(state)?;
    let power = candidates::standing(state, &account)?;
    Some(Validator { account, power })
}
