//! Later versions of applications' plans, from being asked for until their owners have decided (ROLLOUTS 7.4).

use super::waiting;
use crate::install::{AskedAmendment, Installation};
use crate::storage::*;
use crate::{plans, polls};
use governance::Status;
use primitives::{Name, ProposalId};
use roles::{Actor, RoleKey};
use state::State;

pub(super) fn asked(state: &mut State, plan: &Name, number: u64, installation: &Installation, by: &Actor) {
    let place = (plan.clone(), number);
    LATEST_AMENDMENT.set(state, &number);
    AMENDMENTS.set(state, &place, &AskedAmendment { by: by.clone(), installation: installation.clone(), poll: None });
    let policy = plans::current(state, plan).map(|current| current.kept.policy);
    if let Some(amend) = policy.ok().and_then(|policy| policy.amend) {
        waiting::wait_to_amend(state, &RoleKey { plan: plan.clone(), role: amend.role }, number);
    }
}

/// The poll on a version is open.
pub(super) fn polled(state: &mut State, installation: &Installation, poll: ProposalId) {
    let plan = &installation.plan.name;
    let found = TO_AMEND.iter_under(state, plan).find_map(|row| {
        let asked = AMENDMENTS.get(state, &(plan.clone(), row.1))?;
        (asked.installation == *installation).then_some((row, asked))
    });
    let Some((row, asked)) = found else { return };
    waiting::amend_no_more(state, &row);
    let place = (plan.clone(), row.1);
    AMENDMENTS.set(state, &place, &AskedAmendment { poll: Some(poll), ..asked });
    AMENDMENT_POLLS.set(state, &poll, &place);
}

/// A later version is in force: what was asked for besides was written against the one before. That is not put to the vote any more, or its
/// vote can decide nothing. The vote that brought the version has its own end, [`carried_out`]: others may have been on the very same.
pub(super) fn installed(state: &mut State, plan: &Name) {
    let rows: Vec<_> = TO_AMEND.iter_under(state, plan).collect();
    rows.iter().for_each(|row| waiting::amend_no_more(state, row));
    let all: Vec<_> = AMENDMENTS.iter_under(state, plan).collect();
    for (place, asked) in all {
        match asked.poll {
            None => AMENDMENTS.remove(state, &place),
            Some(poll) if governance::queries::poll(state, poll).status == Status::Open => {
                NEEDLESS.insert(state, &poll);
            }
            Some(_) => {}
        }
    }
}

/// What a poll decided is carried out; where it was on a later version, all has come of that.
pub(super) fn carried_out(state: &mut State, poll: ProposalId) {
    if let Some((plan, number)) = AMENDMENT_POLLS.get(state, &poll) {
        ended(state, &plan, number, poll);
    }
}

/// Nothing comes of a version that was asked for any more, or all that could.
pub(super) fn ended(state: &mut State, plan: &Name, number: u64, poll: ProposalId) {
    AMENDMENTS.remove(state, &(plan.clone(), number));
    AMENDMENT_POLLS.remove(state, &poll);
    polls::settle(state, poll);
}
