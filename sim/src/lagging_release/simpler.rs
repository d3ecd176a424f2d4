//! Plans that are simpler by one thing each, for what is broken to be shown by as little as possible.

use super::plan::{Does, Plan, Release};

/// What is tried, in this order: what takes most away comes first.
pub(super) fn simpler(plan: &Plan, validators: usize) -> Vec<Plan> {
    let mut found = Vec::new();
    let mut offer = |change: &dyn Fn(&mut Plan)| {
        let mut other = plan.clone();
        change(&mut other);
        found.push(other);
    };
    if plan.without_first {
        offer(&|plan| plan.without_first = false);
    }
    let fewer = validators + (plan.nodes - validators) / 2;
    if fewer < plan.nodes {
        offer(&|plan| to_nodes(plan, fewer));
    }
    if !plan.crashes.is_empty() {
        offer(&|plan| plan.crashes.clear());
        if plan.crashes.len() > 1 {
            let half = plan.crashes.len() / 2;
            offer(&|plan| plan.crashes.truncate(half));
            offer(&|plan| drop(plan.crashes.drain(..half)));
        }
    }
    if !plan.full_disks.is_empty() {
        offer(&|plan| plan.full_disks.clear());
    }
    if plan.revoke.is_some() {
        offer(&|plan| plan.revoke = None);
    }
    if plan.releases.len() > 1 {
        offer(&|plan| plan.releases.truncate(1));
    }
    for number in 0..plan.releases.len() {
        if plan.releases[number].bad.is_some() {
            offer(&|plan| plan.releases[number] = Release { bad: None, ..plan.releases[number].clone() });
        }
    }
    for number in 0..plan.mirrors.len() {
        if plan.mirrors[number].does != Does::Serves {
            offer(&|plan| plan.mirrors[number].does = Does::Serves);
        }
    }
    if plan.mirrors.len() > 1 {
        let fewer = plan.mirrors.len() - 1;
        offer(&|plan| plan.mirrors.truncate(fewer));
    }
    if plan.peers.is_some() {
        offer(&|plan| plan.peers = None);
    }
    found
}

fn to_nodes(plan: &mut Plan, nodes: usize) {
    plan.nodes = nodes;
    plan.crashes.retain(|crash| crash.node < nodes);
    plan.full_disks.retain(|full| full.node < nodes);
}
