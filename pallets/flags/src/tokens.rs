//! Who ends tokens, and which (ROLLOUTS 12.2). A token is issued by an account, off chain; the chain says which of its tokens count
//! no more. Nobody lists them: everything that was issued before a time ends at once.

use crate::{Error, queries};
use primitives::{AccountId, Moment, Name, Path, Timestamp};
use roles::{Actor, RoleKey};
use state::State;

/// What a role has to be granted to issue tokens where that is, and to revoke what was issued.
const ACTION: &str = "token";

/// Who revokes. One's own tokens are revoked in any role with the grant, wherever that is: whoever lost a key should not have to ask.
/// Those of others take the grant at the root of the plan, as its owner's role has it.
pub(crate) fn revoker(
    state: &State,
    plan: &Name,
    acting: &Name,
    who: AccountId,
    account: &AccountId,
) -> Result<Actor, Error> {
    if who == *account && issues(state, plan, acting, &who) {
        return Ok(Actor { account: who, role: acting.clone() });
    }
    Ok(roles::queries::require(state, plan, acting, who, ACTION, &Path::ROOT)?)
}

/// Whether an account has a role that may issue tokens anywhere.
fn issues(state: &State, plan: &Name, acting: &Name, who: &AccountId) -> bool {
    let key = RoleKey { plan: plan.clone(), role: acting.clone() };
    let grants = roles::queries::role(state, &key).map(|role| role.grants).unwrap_or_default();
    let is_granted = grants.iter().any(|grant| grant.action.as_str() == ACTION);
    is_granted && roles::queries::member(state, &key, who).is_some()
}

/// What was revoked is never valid again, and what is still to be issued is not ended before it is there: neither could be undone.
pub(crate) fn require_revocable(
    state: &State,
    at: Moment,
    plan: &Name,
    account: &AccountId,
    issued_before: Timestamp,
) -> Result<(), Error> {
    if issued_before > at.time {
        return Err(Error::RevokesAhead { issued_before, at: at.time });
    }
    match queries::token_revoked_before(state, plan, account) {
        Some(before) if before >= issued_before => {
            Err(Error::AlreadyRevoked { plan: plan.clone(), account: *account, before })
        }
        _ => Ok(()),
    }
}
