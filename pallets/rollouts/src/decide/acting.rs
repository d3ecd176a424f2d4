//! Whether an account may do something to a change, in the role that it says it acts in (REQ-016).

use crate::change::ChangeRequest;
use crate::plan::{ChangeKind, Stage};
use crate::plans::KeptRef;
use crate::{Error, scope};
use primitives::{AccountId, List, Name, Path, ScopePattern, Text};
use roles::{Actor, Grant, RoleKey};
use state::State;
use std::collections::BTreeSet;

/// Who acts, if it may do `what`, such as `submit`, to what a request moves: at each of its paths.
pub(super) fn require(
    state: &State,
    plan: &KeptRef,
    acting: &Name,
    who: AccountId,
    what: &str,
    request: &ChangeRequest,
) -> Result<Actor, Error> {
    let action = format!("{}.{what}", request.kind());
    let paths = scope::paths(state, &plan.name, request);
    let actor = require_at(state, plan, acting, who, &action, &paths)?;
    require_for_production(state, plan, acting, &action, request)?;
    Ok(actor)
}

/// Who acts, if it may do something at each of some paths; where there is none, at the root.
pub(super) fn require_at(
    state: &State,
    plan: &KeptRef,
    acting: &Name,
    who: AccountId,
    action: &str,
    paths: &BTreeSet<Path>,
) -> Result<Actor, Error> {
    let ask = |path: &Path| -> Result<Actor, Error> {
        Ok(roles::queries::require(state, &plan.name, acting, who, action, path)?)
    };
    let mut actor = None;
    for path in paths {
        actor = Some(ask(path)?);
    }
    match actor {
        Some(actor) => Ok(actor),
        None => ask(&Path::ROOT),
    }
}

/// What moves in a production stage takes a grant whose pattern names that stage, or everything (ROLLOUTS 7.1): one for any stage was
/// not given with it in mind.
fn require_for_production(
    state: &State,
    plan: &KeptRef,
    acting: &Name,
    action: &str,
    request: &ChangeRequest,
) -> Result<(), Error> {
    if plan.kept.is_of_node() || !matches!(request.kind(), ChangeKind::Set | ChangeKind::Disable) {
        return Ok(());
    }
    let key = RoleKey { plan: plan.name.clone(), role: acting.clone() };
    let role = roles::queries::role(state, &key).unwrap_or_default();
    let stages = scope::touched(state, plan, request)?;
    let grants = || role.grants.iter().filter(|grant| grant.action.as_str() == action);
    let mut production = stages.iter().filter(|stage| stage.production);
    match production.find(|stage| !grants().any(|grant| names(grant, stage))) {
        Some(stage) => Err(refusal(key, action, stage).into()),
        None => Ok(()),
    }
}

fn names(grant: &Grant, stage: &Stage) -> bool {
    let pattern = grant.scope.as_str();
    let first = pattern.split('/').next().unwrap_or_default();
    grant.scope == ScopePattern::everywhere() || first == stage.name.as_str()
}

fn refusal(RoleKey { plan, role }: RoleKey, action: &str, stage: &Stage) -> roles::Error {
    let path = Path::new([stage.name.clone()]).unwrap_or(Path::ROOT);
    roles::Error::Role {
        plan,
        role,
        action: Text::new(action).unwrap_or_default(),
        scope: Box::new(ScopePattern::exactly(&path)),
        held_by: List::new(),
        // It has the role that it acts in, and only no grant that names the stage.
        insider: true,
    }
}
