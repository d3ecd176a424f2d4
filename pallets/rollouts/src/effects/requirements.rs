//! What goes off with a flag: turning one off, by whatever kind of change, turns off what requires it (ROLLOUTS 6.2).

use super::moves::Moves;
use crate::Error;
use crate::change::MOST_EFFECTS;
use flags::Targeting;
use flags::admit::require_prerequisites;
use primitives::{Moment, Name, Path};
use state::State;

/// How what requires something goes off with it.
#[derive(Clone, Copy)]
pub(super) enum Along<'p> {
    /// It is set to its `off`, where it would be on.
    Set,
    /// It is disabled too, there. No emergency takes along what it may not touch.
    Disable(&'p Path),
}

/// Takes along what requires something that goes off.
///
/// # Errors
/// What the change itself turns on without what that requires; and in an emergency, what none may touch.
pub(super) fn take_along(
    state: &State,
    at: Moment,
    plan: &Name,
    moves: &mut Moves<'_>,
    along: Along<'_>,
) -> Result<(), Error> {
    for _ in 0..=MOST_EFFECTS {
        let Some((flag, path, refusal)) = first_missing(state, at, plan, moves) else { return Ok(()) };
        if moves.asks_for(&flag, &path) {
            return Err(refusal);
        }
        let defined = flags::queries::flag(state, plan, &flag).ok_or(refusal)?.flag;
        match along {
            Along::Set => {
                moves.flag(&flag, &path, false, |side| side.targeting = Some(Targeting::constant(defined.off)))
            }
            Along::Disable(_) if !defined.emergency => return Err(Error::NoEmergency { flag }),
            Along::Disable(scope) => moves.flag(&flag, scope, false, |side| side.disabled = true),
        }
    }
    let have = u32::try_from(moves.effects().len()).unwrap_or(u32::MAX);
    Err(Error::TooManyEffects { have, most: MOST_EFFECTS })
}

/// The first flag that would be on somewhere without what it requires, where, and the refusal that says so.
fn first_missing(state: &State, at: Moment, plan: &Name, moves: &Moves<'_>) -> Option<(Name, Path, Error)> {
    super::after(state, at, plan, &moves.effects(), |scratch| {
        moves.places().into_iter().find_map(|(flag, path)| {
            let dependent = flags::queries::required_by(scratch, plan, &flag);
            let mut concerned = std::iter::once(flag.clone()).chain(dependent);
            concerned.find_map(|key| missing(scratch, plan, &key, &path))
        })
    })
}

fn missing(scratch: &State, plan: &Name, key: &Name, path: &Path) -> Option<(Name, Path, Error)> {
    match require_prerequisites(scratch, plan, key, path) {
        Err(flags::Error::Prerequisite { key, requires, path }) => {
            let refusal = flags::Error::Prerequisite { key: key.clone(), requires, path: path.clone() };
            Some((key, path, refusal.into()))
        }
        _ => None,
    }
}
