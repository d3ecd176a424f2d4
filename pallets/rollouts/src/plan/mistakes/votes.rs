//! Can every vote be held, is there one where there has to be, and does nothing take its place?

use super::{Found, duty_lists, lists, place};
use crate::check::{Ask, VoteRules};
use crate::plan::{AskedCheck, ChangeKind, Governs, ListOf, Missed, Plan, Procedure};
use primitives::Name;

/// The kinds that a node's plan decides by vote (REQ-019): no single key moves its gates.
const VOTED_ON_A_NODE: [ChangeKind; 3] = [ChangeKind::Promote, ChangeKind::Demote, ChangeKind::Set];
/// The kinds that move them at once in need, and are voted on afterwards: what one key did stands for a while alone.
const RATIFIED_ON_A_NODE: [ChangeKind; 2] = [ChangeKind::Disable, ChangeKind::Rollback];

pub(super) fn find(plan: &Plan, found: &mut Found) {
    rules(plan, found);
    one_in_a_list(plan, found);
    one_in_a_promotion(plan, found);
    none_where_none_is_opened(plan, found);
    one_where_a_node_is_moved(plan, found);
    none_that_an_incident_stands_for(plan, found);
    none_that_a_class_of_a_node_drops(plan, found);
}

fn rules(plan: &Plan, found: &mut Found) {
    for check in &plan.checks {
        if let Ask::Vote { ballot } = &check.ask {
            rule(plan, ballot, &format!("{}.vote", place::check(&check.key)), found);
        }
    }
    if let Some(amend) = &plan.policy.amend {
        rule(plan, amend, "policy.amend", found);
    }
    if let (Governs::Application { owner }, Some(amend)) = (&plan.governs, &plan.policy.amend) {
        found.require(amend.role == *owner, "policy.amend.role", || {
            format!("{:?} would amend what {owner:?} owns; let the owner's members vote", amend.role)
        });
    }
}

fn rule(plan: &Plan, vote: &VoteRules, place: &str, found: &mut Found) {
    // A role that is not there is another mistake.
    let has_members = plan.role(&vote.role).is_none_or(|role| role.least_members > 0);
    found.require(has_members, format!("{place}.role"), || {
        format!(
            "{:?} may be without members, and then nobody could vote; give the role a least of 1 or more",
            vote.role
        )
    });
    let asks = !vote.share.is_nothing() && vote.by_class.iter().all(|(_, share)| !share.is_nothing());
    found.require(asks, format!("{place}.share"), || {
        "a share of nothing is reached before anybody votes; say how many of the members have to agree".into()
    });
}

fn is_vote(plan: &Plan, key: &Name) -> bool {
    plan.check(key).is_some_and(|check| check.ask.is_vote())
}

/// Two votes in one list could contradict each other.
fn one_in_a_list(plan: &Plan, found: &mut Found) {
    for (place, keys) in lists(plan) {
        let votes = votes(plan, keys.iter());
        two(&place, votes.first(), votes.get(1), found);
    }
    for list in duty_lists(plan) {
        let votes = votes(plan, list.duties.iter().map(|duty| &duty.check));
        two(&list.place, votes.first(), votes.get(1), found);
    }
}

/// What is asked for a promotion is put together from several lists, and has one vote as well; and so has what it owes.
fn one_in_a_promotion(plan: &Plan, found: &mut Found) {
    for stage in &plan.stages {
        let asked = plan.approval_list(&stage.name);
        let placed = asked.iter().map(|asked| (list_of(plan, &stage.name, asked), &asked.key));
        let mut votes = placed.filter(|(_, key)| is_vote(plan, key));
        if let Some((list, first)) = votes.next() {
            votes
                .filter(|(other, _)| *other != list)
                .for_each(|(other, key)| two(&other, Some(&first), Some(&key), found));
        }
        let every = plan.procedure(ChangeKind::Promote, Some(&stage.name));
        let owed = every.map(|every| self::votes(plan, every.close.iter().map(|duty| &duty.check))).unwrap_or_default();
        let of_stage = self::votes(plan, stage.close.iter().map(|duty| &duty.check));
        two(&format!("{}.close", place::stage(&stage.name)), owed.first(), of_stage.first(), found);
    }
}

/// Where the list stands that a check is asked from before `to` is entered.
fn list_of(plan: &Plan, to: &Name, asked: &AskedCheck) -> String {
    // What is asked of a promotion is about a stage, each of it.
    let stage = place::stage(asked.stage.as_ref().unwrap_or(to));
    match &asked.from {
        ListOf::Readiness => format!("{stage}.readiness"),
        ListOf::Leave => format!("{stage}.leave"),
        ListOf::Step(_) => format!("{stage}.steps"),
        _ => {
            let procedure = plan.procedure(ChangeKind::Promote, Some(to));
            let at = plan.procedures.iter().position(|other| Some(other) == procedure).unwrap_or_default();
            format!("procedures[{at}].approve")
        }
    }
}

fn votes<'p>(plan: &Plan, keys: impl Iterator<Item = &'p Name>) -> Vec<&'p Name> {
    keys.filter(|key| is_vote(plan, key)).collect()
}

fn two(place: &str, first: Option<&&Name>, second: Option<&&Name>, found: &mut Found) {
    let (Some(first), Some(second)) = (first, second) else { return };
    found.require(first == second, place, || {
        format!("{first:?} and {second:?} are both votes, and the two could contradict each other; leave one out")
    });
}

/// A poll is opened for a change that waits. What is carried out at once waits for none, and what a step needs is asked when the
/// change is long since carried out.
fn none_where_none_is_opened(plan: &Plan, found: &mut Found) {
    for (at, procedure) in plan.procedures.iter().enumerate().filter(|(_, procedure)| procedure.at_once) {
        for (item, key) in procedure.approve.iter().enumerate() {
            found.require(!is_vote(plan, key), format!("procedures[{at}].approve[{item}]"), || {
                format!(
                    "{key:?} is a vote, and what is carried out at once waits for none; let it wait, or vote afterwards"
                )
            });
        }
    }
    for stage in &plan.stages {
        for (at, step) in stage.steps.iter().enumerate() {
            for (item, key) in step.needs.iter().enumerate() {
                let place = format!("{}.steps[{at}].needs[{item}]", place::stage(&stage.name));
                found.require(!is_vote(plan, key), place, || {
                    format!(
                        "{key:?} is a vote, and none is opened for a step; move it to what approves, or to the duties"
                    )
                });
            }
        }
    }
}

fn one_where_a_node_is_moved(plan: &Plan, found: &mut Found) {
    if !plan.is_of_node() {
        return;
    }
    for (at, procedure) in plan.procedures.iter().enumerate() {
        let needs = VOTED_ON_A_NODE.contains(&procedure.of);
        let voted = procedure.approve.iter().any(|key| is_vote(plan, key));
        found.require(!needs || voted, format!("procedures[{at}].approve"), || {
            format!("a {} moves the gates of the network, and no vote is among what approves it; add one", procedure.of)
        });
        if RATIFIED_ON_A_NODE.contains(&procedure.of) {
            ratified(plan, at, procedure, voted, found);
        }
    }
}

/// What is done in an emergency is voted on, and something comes of a vote that is not held. Such a duty has its time by that:
/// see `duties`.
fn ratified(plan: &Plan, at: usize, procedure: &Procedure, voted: bool, found: &mut Found) {
    let mut duties = procedure.close.iter().enumerate().filter(|(_, duty)| is_vote(plan, &duty.check)).peekable();
    found.require(voted || duties.peek().is_some(), format!("procedures[{at}].close"), || {
        let kind = procedure.of;
        format!("a {kind} moves the gates of the network, and nobody votes on it; add a vote to what it owes")
    });
    for (item, duty) in duties {
        found.require(duty.missed != Missed::Block, format!("procedures[{at}].close[{item}].missed"), || {
            let (check, kind) = (&duty.check, procedure.of);
            format!(
                "the vote {check:?} could stay out for ever after a {kind}; say hold or restore, and within which time"
            )
        });
    }
}

/// An incident may stand for an audit (REQ-035): it says what went wrong. It does not say who agrees.
fn none_that_an_incident_stands_for(plan: &Plan, found: &mut Found) {
    for list in duty_lists(plan) {
        for (at, duty) in list.duties.iter().enumerate() {
            let stands = duty.or_incident && is_vote(plan, &duty.check);
            found.require(!stands, format!("{}[{at}].or_incident", list.place), || {
                format!("{:?} is a vote, and no incident says who agrees; leave out or_incident", duty.check)
            });
        }
    }
}

/// A class may drop other checks (REQ-036), and have a share of its own in a vote; the gates of a network move for none without one.
fn none_that_a_class_of_a_node_drops(plan: &Plan, found: &mut Found) {
    for check in plan.checks.iter().filter(|check| plan.is_of_node() && check.ask.is_vote()) {
        found.require(check.skip.is_empty(), format!("{}.skip", place::check(&check.key)), || {
            "it is a vote, and the gates of the network move for no class without it; leave out the classes, or say a share for them \
             under by_class"
                .into()
        });
    }
}
