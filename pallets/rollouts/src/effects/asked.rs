//! What a request moves, by its kind.

use super::going_back::of_rollback;
use super::moves::Moves;
use super::requirements::{Along, take_along};
use crate::Error;
use crate::change::{ChangeRequest, Effect, EffectTo, Effected, FlagServing, MOST_EFFECTS_BYTES};
use crate::plan::{ActivationStep, Plan, Stage};
use crate::plans::KeptRef;
use crate::{scope, start};
use flags::admit::{FlagRoom, require_enabled};
use flags::{Flag, Targeting};
use parity_scale_codec::Encode;
use primitives::{Moment, Name, Path};
use state::State;

/// What a request would move if it were carried out now, with what follows from that.
///
/// # Errors
/// Why that may not move so.
pub(crate) fn of_request(
    state: &State,
    at: Moment,
    plan: &KeptRef,
    request: &ChangeRequest,
) -> Result<Vec<Effected>, Error> {
    match request {
        // Deploy is not release: artifacts move no flag.
        ChangeRequest::Promote { to, .. } | ChangeRequest::Demote { to } if !plan.kept.is_of_node() => {
            plan.stage(state, to).map(|_| Vec::new())
        }
        ChangeRequest::Promote { to, .. } | ChangeRequest::Demote { to } => of_stage(state, at, plan, to),
        ChangeRequest::Set { effects } => of_set(state, at, plan, effects),
        ChangeRequest::Disable { flags, scope, .. } => of_disable(state, at, plan, flags, scope),
        ChangeRequest::Freeze { scope, .. } => require_path(plan, scope).map(|()| Vec::new()),
        ChangeRequest::Rollback { stage, .. } => of_rollback(state, at, plan, stage),
        ChangeRequest::Phase { .. } => Ok(Vec::new()),
    }
}

/// What every flag of the plan serves as a stage is entered, moved or not (REQ-034). Nothing of an application's plan, where no flag is
/// served by a promotion.
pub(crate) fn map_at(state: &State, plan: &KeptRef, stage: &Name) -> Vec<FlagServing> {
    if !plan.kept.is_of_node() {
        return Vec::new();
    }
    let whole = plan.whole(state);
    let values = whole.values_at(stage).into_iter();
    let served = values.map(|(flag, served)| FlagServing {
        flag: flag.clone(),
        variant: served.variant.clone(),
        only: served.only.cloned(),
    });
    served.collect()
}

/// Only what differs from what stands is written. What is disabled waits beneath that.
fn of_stage(state: &State, at: Moment, plan: &KeptRef, to: &Name) -> Result<Vec<Effected>, Error> {
    let whole = plan.whole(state);
    let unknown = || Error::StageUnknown { plan: plan.name.clone(), stage: to.clone() };
    let stage = whole.stage(to).ok_or_else(unknown)?;
    let (mut room, mut moves) = (FlagRoom::of(state, &plan.name), Moves::of(state, &plan.name));
    for (flag, targeting) in profile(&whole, stage) {
        let is_there = match super::side(state, &plan.name, &flag.key, &Path::ROOT).targeting {
            Some(before) => before == targeting,
            None => targeting == Targeting::constant(flag.fallback),
        };
        if !is_there {
            room.setting(&flag.key, &Path::ROOT, scope::depth(plan), &targeting)?;
            moves.flag(&flag.key, &Path::ROOT, true, |side| side.targeting = Some(targeting));
        }
    }
    take_along(state, at, &plan.name, &mut moves, Along::Set)?;
    moves.bounded()
}

/// What each flag of a plan serves as a stage is entered.
fn profile<'p>(plan: &'p Plan, stage: &'p Stage) -> impl Iterator<Item = (&'p Flag, Targeting)> {
    plan.flags.iter().filter_map(move |flag| Some((flag, start::targeting_at(plan, flag, stage)?)))
}

fn of_set(state: &State, at: Moment, plan: &KeptRef, effects: &[Effect]) -> Result<Vec<Effected>, Error> {
    let bytes = effects.encoded_size();
    if bytes > MOST_EFFECTS_BYTES {
        let (bytes, most) = (number(bytes), number(MOST_EFFECTS_BYTES));
        return Err(Error::EffectsTooLarge { bytes, most });
    }
    let (mut room, mut moves) = (FlagRoom::of(state, &plan.name), Moves::of(state, &plan.name));
    for effect in effects {
        match effect {
            Effect::Flag { flag, path, to, .. } => move_flag(state, plan, (&mut room, &mut moves), (flag, path), to)?,
            Effect::Segment { name, add, remove, .. } => {
                room.segment(name, add, remove)?;
                moves.segment(name, add, remove);
            }
        }
    }
    take_along(state, at, &plan.name, &mut moves, Along::Set)?;
    let moved = something(moves.bounded()?)?;
    super::after(state, at, &plan.name, &moved, |scratch| require_served(scratch, &plan.name, effects))?;
    Ok(moved)
}

fn move_flag(
    state: &State,
    plan: &KeptRef,
    (room, moves): (&mut FlagRoom<'_>, &mut Moves<'_>),
    (flag, path): (&Name, &Path),
    to: &EffectTo,
) -> Result<(), Error> {
    match to {
        EffectTo::Setting(targeting) => {
            room.setting(flag, path, scope::depth(plan), targeting)?;
            moves.flag(flag, path, true, |side| side.targeting = Some(targeting.clone()));
        }
        EffectTo::Unset => {
            room.unset(flag, path)?;
            moves.flag(flag, path, true, |side| side.targeting = None);
        }
        EffectTo::Enabled => {
            known(state, &plan.name, flag)?;
            moves.flag(flag, path, true, |side| side.disabled = false);
        }
    }
    Ok(())
}

/// Nothing is set beneath what stays disabled: nobody would get it.
fn require_served(scratch: &State, plan: &Name, effects: &[Effect]) -> Result<(), Error> {
    for effect in effects {
        if let Effect::Flag { flag, path, to: EffectTo::Setting(_), .. } = effect {
            require_enabled(scratch, plan, flag, path)?;
        }
    }
    Ok(())
}

fn of_disable(state: &State, at: Moment, plan: &KeptRef, flags: &[Name], scope: &Path) -> Result<Vec<Effected>, Error> {
    require_path(plan, scope)?;
    let mut moves = Moves::of(state, &plan.name);
    for key in flags {
        if !known(state, &plan.name, key)?.emergency {
            return Err(Error::NoEmergency { flag: key.clone() });
        }
        moves.flag(key, scope, true, |side| side.disabled = true);
    }
    take_along(state, at, &plan.name, &mut moves, Along::Disable(scope))?;
    something(moves.bounded()?)
}

/// What a step of a stage moves, with what follows from that: of an application's plan in that stage alone.
///
/// # Errors
/// Why that may not move so.
pub(crate) fn of_step(
    state: &State,
    at: Moment,
    plan: &KeptRef,
    (stage, step): (&Name, &ActivationStep),
) -> Result<Vec<Effected>, Error> {
    let path = scope::of_stage(state, &plan.name, stage);
    let (mut room, mut moves) = (FlagRoom::of(state, &plan.name), Moves::of(state, &plan.name));
    for (key, variant, only) in &step.sets {
        let flag = known(state, &plan.name, key)?;
        let of = u8::try_from(flag.variants.len()).unwrap_or(u8::MAX);
        let unknown = || flags::Error::VariantUnknown { key: key.clone(), place: of, of };
        let place = flag.place_of(variant).ok_or_else(unknown)?;
        let before = super::side(state, &plan.name, key, &path).targeting;
        let before = before.unwrap_or_else(|| Targeting::constant(flag.fallback));
        let targeting = start::served(place, only.as_ref(), before);
        room.setting(key, &path, scope::depth(plan), &targeting)?;
        moves.flag(key, &path, true, |side| side.targeting = Some(targeting));
    }
    take_along(state, at, &plan.name, &mut moves, Along::Set)?;
    moves.bounded()
}

fn something(effects: Vec<Effected>) -> Result<Vec<Effected>, Error> {
    if effects.is_empty() { Err(Error::NoEffect) } else { Ok(effects) }
}

pub(super) fn known(state: &State, plan: &Name, key: &Name) -> Result<Flag, Error> {
    let unknown = || flags::Error::FlagUnknown { plan: plan.clone(), key: key.clone() };
    Ok(flags::queries::flag(state, plan, key).ok_or_else(unknown)?.flag)
}

fn require_path(plan: &KeptRef, path: &Path) -> Result<(), Error> {
    let most = scope::depth(plan);
    let is_scope = path.depth() <= usize::from(most);
    let bad = || flags::Error::BadPath { plan: plan.name.clone(), path: path.clone(), most };
    if is_scope { Ok(()) } else { Err(bad().into()) }
}

fn number(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}
