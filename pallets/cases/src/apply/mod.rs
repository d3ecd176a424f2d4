//! What events do to cases; and what the events of changes and the installation of plans do, which `rollouts` applies through this.
//!
//! Whoever calls these has asked [`queries`](crate::queries) before; nothing is judged here.

mod changed;
mod moved;

use crate::storage::*;
use crate::{CaseHead, CaseKind, CaseRules, CaseStep, Event, OpenedCase, queries};
use primitives::{AccountId, List, Moment, Name, Path};
use state::{Apply, State};

impl Apply for Event {
    fn apply(&self, state: &mut State, at: Moment) {
        changed::apply(self, state, at);
    }
}

/// What a version of a plan says about cases, from now on.
pub fn install(state: &mut State, plan: &Name, rules: &CaseRules) {
    RULES.set(state, plan, rules);
}

/// A plan is retired. What is open of it is given up by the clock, and deposits come back.
pub fn retire(state: &mut State, plan: &Name) {
    RULES.remove(state, plan);
    if queries::has_open(state, plan) {
        RETIRED.insert(state, plan);
    }
}

/// Which stage of the node's plan stands last from now on; none where none does. Incidents that are opened after are in that one.
pub fn enter(state: &mut State, stage: Option<&Name>) {
    match stage {
        Some(stage) => NODE_STAGE.set(state, stage),
        None if NODE_STAGE.get(state).is_some() => NODE_STAGE.remove(state),
        None => {}
    }
}

/// What the chain opens by itself, as [`queries::opened`] and [`queries::opened_by_signal`] made it.
pub fn open(state: &mut State, at: Moment, plan: &Name, opened: &OpenedCase) {
    if opened.as_report {
        moved::report_of_signal(state, at, plan, opened);
    } else {
        moved::incident_of_chain(state, at, plan, opened);
    }
}

/// The head of something that is opened now.
fn newly(at: Moment, plan: &Name, path: &Path, (kind, step): (CaseKind, CaseStep), by: Option<AccountId>) -> CaseHead {
    CaseHead {
        plan: plan.clone(),
        kind,
        path: path.clone(),
        step,
        since: at,
        severity: None,
        opened: at,
        by,
        keeps_from: at.height,
        register: None,
        wider: List::new(),
        drops: None,
    }
}
