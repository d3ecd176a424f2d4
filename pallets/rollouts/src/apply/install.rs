//! What the installation of a version writes, and the end of a plan.
//!
//! Roles, segments and flags are of their pallets, which write them here. What waits under the version before is not judged: it is put
//! where the next block looks, which ends it.

use crate::change::Effected;
use crate::check::Ask;
use crate::effects;
use crate::install::{Installation, PlanHead, RoleSeats, SegmentFill};
use crate::plan::Plan;
use crate::plans::{self, FIRST_CHANGE};
use crate::standing::StageStanding;
use crate::storage::*;
use artifacts::InstalledArtifactRules;
use cases::CaseRules;
use governance::DepositEnd;
use primitives::{AccountId, Amount, ChangeId, List, Moment, Name, RecordClass, Span};
use roles::{MOST_MEMBERS, MOST_VOTERS, RoleKey};
use state::State;
use std::collections::BTreeSet;

/// For how long something is kept of which nothing says it: ten years, the longest that a plan can say.
const LONGEST_KEPT: Span = Span::days(3_650);

/// A version of a plan is in force.
pub(crate) fn installed(
    state: &mut State,
    at: Moment,
    installation: &Installation,
    by: Option<AccountId>,
    deposit: Amount,
    moved: &[Effected],
) {
    let plan = &installation.plan;
    let before = plans::head(state, &plan.name);
    match &before {
        Some(_) => supersede(state, &plan.name),
        None => begin(state, plan, by, deposit),
    }
    let (owner, held) = before.as_ref().map_or((by, deposit), |before| (before.owner, before.deposit));
    let head = PlanHead { version: plan.version, installed: at, owner, deposit: held, retired: false };
    PLANS.set(state, &plan.name, &head);
    plans::write(state, plan);
    if let Some(before) = before {
        plans::drop_unneeded(state, &plan.name, before.version);
    }
    write_roles(state, at, plan);
    installation.members.iter().for_each(|seats| seat(state, at, &plan.name, seats));
    installation.segments.iter().for_each(|fill| make_segment(state, &plan.name, fill));
    flags::apply::define_flags_of_plan(state, at, &plan.name, &plan.flags);
    effects::write(state, at, &plan.name, FIRST_CHANGE, moved);
    if plan.is_of_node() {
        flags::apply::set_node_plan(state, Some(&plan.name));
    }
    if let Some(stage) = &installation.stage {
        stand(state, at, plan, stage);
    }
    tell_others(state, plan);
}

/// Artifacts and cases stand left of plans, and are told what the version in force says of them.
fn tell_others(state: &mut State, plan: &Plan) {
    let artifacts = plan.artifacts.clone().filter(|_| !plan.is_of_node()).map(|rules| InstalledArtifactRules {
        rules,
        stages: List::truncate_from(plan.stages.iter().map(|stage| stage.name.clone()).collect()),
        phases: List::truncate_from(plan.phases.iter().map(|phase| phase.key.clone()).collect()),
    });
    artifacts::apply::install(state, &plan.name, artifacts.as_ref());
    let levels = u8::try_from(plan.levels.len()).unwrap_or(u8::MAX);
    let retain = plan.policy.retain.iter().find(|(class, _)| *class == RecordClass::Audit);
    let rules = CaseRules {
        depth: if plan.is_of_node() { 0 } else { levels.saturating_add(1) },
        stages: List::truncate_from(
            plan.stages.iter().map(|stage| (stage.name.clone(), stage.public_report)).collect(),
        ),
        hold_at_most: plan.policy.hold_at_most,
        // A plan says of every class how long its records are kept.
        retain: retain.map_or(LONGEST_KEPT, |(_, span)| *span),
        deposit: plan.policy.deposit,
    };
    cases::apply::install(state, &plan.name, &rules);
    super::stand::tell_cases(state, &plan.name);
}

/// What comes with a first version alone.
fn begin(state: &mut State, plan: &Plan, by: Option<AccountId>, deposit: Amount) {
    LISTED.push(state, &(), &plan.name);
    if !plan.is_of_node() {
        let applications = plans::applications(state).saturating_add(1);
        APPLICATIONS.set(state, &applications);
    }
    if let Some(owner) = by {
        accounts::apply::hold(state, &owner, deposit);
    }
}

/// Changes that wait were written against the version before: the next block ends them.
fn supersede(state: &mut State, plan: &Name) {
    let live: Vec<ChangeId> = LIVE.iter_under(state, plan).map(|(_, change)| change).collect();
    let waits = |change: &ChangeId| PROGRESS.get(state, change).is_some_and(|progress| progress.state.waits());
    let waiting: Vec<ChangeId> = live.into_iter().filter(waits).collect();
    waiting.iter().for_each(|change| super::waiting::ask_no_more(state, plan, *change));
    super::ends::look_next(state, plan, &waiting);
}

/// The roles of a version, in place of those before: one that is no more goes with its members, and whoever is in another stays.
fn write_roles(state: &mut State, at: Moment, plan: &Plan) {
    let before = roles::queries::roles(state, &plan.name);
    for (role, _) in before.into_iter().filter(|(role, _)| plan.role(role).is_none()) {
        remove_role(state, at, &plan.name, role);
    }
    let voting = voting_roles(plan);
    for (name, role) in &plan.roles {
        let key = RoleKey { plan: plan.name.clone(), role: name.clone() };
        roles::apply::write_role(state, &key, role, if voting.contains(name) { MOST_VOTERS } else { MOST_MEMBERS });
    }
}

fn remove_role(state: &mut State, at: Moment, plan: &Name, role: Name) {
    let key = RoleKey { plan: plan.clone(), role };
    roles::apply::remove_role(state, &key);
    recount(state, at, &key);
}

/// The members of a role changed: its polls are counted again, those that are open and those that wait.
fn recount(state: &mut State, at: Moment, key: &RoleKey) {
    governance::apply::recount(state, at, key);
    super::members_changed(state, key);
}

/// The roles whose members vote on something.
fn voting_roles(plan: &Plan) -> BTreeSet<&Name> {
    let asked = plan.checks.iter().filter_map(|check| match &check.ask {
        Ask::Vote { ballot } => Some(&ballot.role),
        _ => None,
    });
    asked.chain(plan.policy.amend.iter().map(|vote| &vote.role)).collect()
}

/// A first version alone has seats. Whatever changes members has the polls of their role counted again, so that does this.
fn seat(state: &mut State, at: Moment, plan: &Name, RoleSeats { role, seats }: &RoleSeats) {
    let key = RoleKey { plan: plan.clone(), role: role.clone() };
    seats.iter().for_each(|seat| roles::apply::seat(state, &key, seat));
    recount(state, at, &key);
}

/// A segment that is there stays as it is.
fn make_segment(state: &mut State, plan: &Name, SegmentFill { segment, members }: &SegmentFill) {
    if flags::queries::segment(state, plan, segment).is_none() {
        flags::apply::make_segment(state, plan, segment);
        flags::apply::change_segment(state, plan, segment, members, &[]);
    }
}

/// A stage stands, and so do those before it.
fn stand(state: &mut State, at: Moment, plan: &Plan, stage: &Name) {
    let Some(last) = plan.place(stage) else { return };
    let standing = StageStanding { subject: None, since: at, change: FIRST_CHANGE };
    for (_, stage) in plan.stages.iter().enumerate().filter(|(place, _)| *place <= last) {
        STANDINGS.set(state, &(plan.name.clone(), stage.name.clone()), &standing);
    }
}

/// A plan governs nothing any more: nobody has a role of it, and its flags serve what they served.
pub(crate) fn retired(state: &mut State, at: Moment, plan: &Name, deposit: &DepositEnd) {
    let Some(head) = plans::head(state, plan) else { return };
    PLANS.set(state, plan, &PlanHead { retired: true, deposit: Amount::ZERO, ..head.clone() });
    let applications = plans::applications(state).saturating_sub(1);
    APPLICATIONS.set(state, &applications);
    super::follow::settle(state, deposit);
    for (role, _) in roles::queries::roles(state, plan) {
        remove_role(state, at, plan, role);
    }
    artifacts::apply::install(state, plan, None);
    cases::apply::retire(state, plan);
    let standing: Vec<(Name, Name)> = STANDINGS.iter_under(state, plan).map(|(place, _)| place).collect();
    standing.iter().for_each(|place| STANDINGS.remove(state, place));
    // What a signal asked for in this very block is opened by no other any more, and no block looks for it.
    let asked: Vec<(Name, Name)> = ASKED_ROLLBACKS.iter_under(state, plan).map(|(place, _)| place).collect();
    asked.iter().for_each(|(_, stage)| super::stand::let_ask_go(state, plan, stage));
    plans::drop_unneeded(state, plan, head.version);
}
