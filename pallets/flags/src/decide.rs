//! When a call about the definition of a flag is granted. What flags serve is no call's to move: that is for changes.

use crate::admit::{FlagRoom, known, require_free, require_owner, require_to_come};
use crate::error::FlagUse;
use crate::{Call, Error, Event, Flag, FlagEdit, Gate, queries, tokens};
use primitives::{AccountId, Amount, Moment, Name, Path};
use roles::Actor;
use state::{Decide, State};

/// What a role has to be granted at the root of a plan to define its flags: they are of the whole plan, whoever is served what.
const ACTION: &str = "flag";

impl Decide for Call {
    type Event = Event;
    type Error = Error;

    fn decide(&self, state: &State, at: Moment, who: AccountId) -> Result<Event, Error> {
        match self {
            Call::Define { plan, acting, flag } => define(state, at, plan, actor(state, plan, acting, who)?, flag),
            Call::Edit { plan, acting, key, edit } => {
                edit_flag(state, at, plan, actor(state, plan, acting, who)?, key, edit)
            }
            Call::Retire { plan, acting, key } => retire(state, plan, actor(state, plan, acting, who)?, key),
            Call::RevokeTokens { plan, acting, account, issued_before } => {
                let by = tokens::revoker(state, plan, acting, who, account)?;
                tokens::require_revocable(state, at, plan, account, *issued_before)?;
                let (plan, account, issued_before) = (plan.clone(), *account, *issued_before);
                Ok(Event::TokensRevoked { plan, account, issued_before, by })
            }
        }
    }

    fn most_spent(&self, _state: &State) -> Amount {
        match self {
            Call::Define { .. } | Call::Edit { .. } | Call::Retire { .. } | Call::RevokeTokens { .. } => Amount::ZERO,
        }
    }
}

fn actor(state: &State, plan: &Name, acting: &Name, who: AccountId) -> Result<Actor, Error> {
    Ok(roles::queries::require(state, plan, acting, who, ACTION, &Path::ROOT)?)
}

fn define(state: &State, at: Moment, plan: &Name, by: Actor, flag: &Flag) -> Result<Event, Error> {
    require_no_gate(state, plan, &flag.key)?;
    require_free(state, plan, &flag.key)?;
    require_whole(state, at, plan, flag, None)?;
    flag.requires.iter().try_for_each(|required| known(state, plan, required).map(|_| ()))?;
    Ok(Event::Defined { plan: plan.clone(), flag: flag.clone(), by })
}

fn edit_flag(state: &State, at: Moment, plan: &Name, by: Actor, key: &Name, edit: &FlagEdit) -> Result<Event, Error> {
    let before = known(state, plan, key)?;
    let flag = before.edited(edit)?;
    require_whole(state, at, plan, &flag, Some(&before))?;
    Ok(Event::Edited { plan: plan.clone(), flag, by })
}

fn require_whole(state: &State, at: Moment, plan: &Name, flag: &Flag, before: Option<&Flag>) -> Result<(), Error> {
    require_owner(state, plan, flag)?;
    flag.check(queries::is_node_plan(state, plan))?;
    require_to_come(at, flag, before)?;
    FlagRoom::of(state, plan).flag(flag)
}

fn retire(state: &State, plan: &Name, by: Actor, key: &Name) -> Result<Event, Error> {
    known(state, plan, key)?;
    require_no_gate(state, plan, key)?;
    match in_use(state, plan, key) {
        Some(by) => Err(Error::InUse { key: key.clone(), by }),
        None => Ok(Event::Retired { plan: plan.clone(), key: key.clone(), by }),
    }
}

/// Refuses a gate of this network: once defined it stands at its fallback, and once retired as without a plan, which may be otherwise
/// than before, and nobody would have voted for that.
fn require_no_gate(state: &State, plan: &Name, key: &Name) -> Result<(), Error> {
    let is_gate = queries::is_node_plan(state, plan) && Gate::named(key).is_some();
    if is_gate { Err(Error::GateOfPlan { key: key.clone() }) } else { Ok(()) }
}

/// What still names a flag. Stages name flags that came with their plan alone, so that is asked instead of them.
fn in_use(state: &State, plan: &Name, key: &Name) -> Option<FlagUse> {
    let of_plan = queries::is_of_plan(state, plan, key).then_some(FlagUse::Plan);
    let set = || queries::settings(state, plan, key).next().map(|(path, _)| FlagUse::Setting(path));
    let disabled = || queries::disablings(state, plan, key).next().map(|(path, _)| FlagUse::Disabled(path));
    let required = || queries::required_by(state, plan, key).next().map(FlagUse::RequiredBy);
    of_plan.or_else(set).or_else(disabled).or_else(required)
}
