//! What goes off with a flag: turning one off, by whatever kind of change, turns off what requires it (ROLLOUTS 6.2).

use super::moves::Moves;
use crate::Error;
use crate::change::MOST_EFFECTS;
use flags::Targeting;
use flags::requirements::FlagRequirements;
use primitives::{Moment, Name, Path};
use state::State;
use std::collections::{BTreeMap, BTreeSet};

/// How what requires something goes off with it.
#[derive(Clone, Copy)]
pub(super) enum Along<'p> {
    /// It is set to its `off`, where it would be on.
    Set,
    /// It is disabled too, there. No emergency takes along what it may not touch.
    Disable(&'p Path),
}

/// Takes along what requires something that goes off: each flag after what it requires, so that it is asked once of everything.
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
    let mut moved: BTreeMap<Name, BTreeSet<Path>> = BTreeMap::new();
    for (flag, path) in moves.places() {
        moved.entry(flag).or_default().insert(path);
    }
    let mut flags =
        super::after(state, at, plan, &moves.effects(), |scratch| FlagRequirements::among(scratch, plan, moved.keys()));
    let mut taken = 0_u32;
    for key in flags.order().to_vec() {
        let concerned = flags.requires(&key).chain([&key]).filter_map(|flag| moved.get(flag));
        let places = flags.decided(&key, &concerned.flatten().cloned().collect());
        for path in places {
            let Some(missing) = flags.missing(&key, &path) else { continue };
            if moves.asks_for(&key, &path) {
                return Err(missing.into());
            }
            let place = take(state, plan, (&mut *moves, &mut flags), (&key, &path), along)?;
            if let Some(still) = flags.missing(&key, &path) {
                // What it serves when it is off is on.
                return Err(still.into());
            }
            moved.entry(key.clone()).or_default().insert(place);
            taken = taken.saturating_add(1);
            if taken > MOST_EFFECTS {
                return Err(Error::TooManyEffects { have: taken, most: MOST_EFFECTS });
            }
        }
    }
    Ok(())
}

/// Turns a flag off that would be on somewhere; where it is off from then on.
fn take(
    state: &State,
    plan: &Name,
    (moves, flags): (&mut Moves<'_>, &mut FlagRequirements),
    (key, path): (&Name, &Path),
    along: Along<'_>,
) -> Result<Path, Error> {
    let flag = super::asked::known(state, plan, key)?;
    match along {
        Along::Set => {
            let off = Targeting::constant(flag.off);
            flags.set(key, path, &off);
            moves.flag(key, path, false, |side| side.targeting = Some(off));
            Ok(path.clone())
        }
        Along::Disable(_) if !flag.emergency => Err(Error::NoEmergency { flag: key.clone() }),
        Along::Disable(scope) => {
            flags.disable(key, scope);
            moves.flag(key, scope, false, |side| side.disabled = true);
            Ok(scope.clone())
        }
    }
}
