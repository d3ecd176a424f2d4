//! What events do to artifacts; and what the installation of plans, changes and cases do to them, which `rollouts` and `cases`
//! apply through this.
//!
//! Whoever calls these has decided before; nothing is judged here. Whatever moves what is needed of a plan writes anew what is
//! let go.

use crate::{
    ArtifactEntry, ArtifactStanding, CasePin, Event, InstalledArtifactRules, RegisteredArtifact, pins, retention,
    storage::*,
};
use primitives::{Digest, Height, Moment, Name, Path};
use roles::Actor;
use state::{Apply, State};
use std::collections::BTreeSet;

impl Apply for Event {
    fn apply(&self, state: &mut State, at: Moment) {
        match self {
            Event::Registered { plan, artifact, by, .. } => register(state, at, plan, artifact, by),
            Event::Marked { plan, digest, standing, .. } => mark(state, plan, digest, *standing),
            Event::ArtifactReleased { plan, digest, .. } => mark(state, plan, digest, ArtifactStanding::Released),
        }
    }
}

/// The rules of a version of a plan, in place of those before; none, where it has none, or is retired. What was registered stays,
/// and is judged by the rules in force when it is promoted.
pub fn install(state: &mut State, plan: &Name, rules: Option<&InstalledArtifactRules>) {
    match rules {
        Some(rules) => RULES.set(state, plan, rules),
        None => RULES.remove(state, plan),
    }
    find_releasable(state, plan);
}

/// An artifact stands in a stage from now on, in place of the one that stood there: it was promoted, or gone back to.
pub fn stand(state: &mut State, plan: &Name, stage: &Name, digest: &Digest, at: Moment) {
    let Some(mut row) = ARTIFACTS.get(state, &(plan.clone(), *digest)) else { return };
    let place = (plan.clone(), stage.clone());
    let mut head = HEADS.get(state, &place).unwrap_or_default();
    head.current = Some(*digest);
    head.stood = head.stood.saturating_add(1);
    HEADS.set(state, &place, &head);
    if let Some(before) = row.stood_in(stage) {
        LATEST.remove(state, &latest_key(plan, stage, before.number));
    }
    LATEST.set(state, &latest_key(plan, stage, head.stood), digest);
    row.stand_in(stage, at.height, head.stood);
    ARTIFACTS.set(state, &(plan.clone(), *digest), &row);
    find_releasable(state, plan);
}

/// Nothing stands in a stage any more: it was gone back from, or its plan is retired.
pub fn leave(state: &mut State, plan: &Name, stage: &Name) {
    leave_all(state, plan, std::slice::from_ref(stage));
}

/// The same of several stages at once; what there is to let go is found once for all of them.
pub fn leave_all(state: &mut State, plan: &Name, stages: &[Name]) {
    for stage in stages {
        let place = (plan.clone(), stage.clone());
        if let Some(head) = HEADS.get(state, &place) {
            HEADS.set(state, &place, &crate::standing::StageHead { current: None, ..head });
        }
    }
    find_releasable(state, plan);
}

/// A promotion of an artifact to a stage was closed: it is good there, unless it was found bad before.
pub fn good(state: &mut State, plan: &Name, stage: &Name, digest: &Digest) {
    let place = (plan.clone(), *digest);
    let Some(mut row) = ARTIFACTS.get(state, &place) else { return };
    if !row.become_good_in(stage) {
        return;
    }
    ARTIFACTS.set(state, &place, &row);
    find_releasable(state, plan);
}

/// An artifact was rolled back from: it is bad.
pub fn bad(state: &mut State, plan: &Name, digest: &Digest) {
    mark(state, plan, digest, ArtifactStanding::Bad);
}

/// Makes something of an artifact, whatever it was: what a call says, and what it was before a rollback that the vote undoes. One
/// that was let go stays so.
pub fn mark(state: &mut State, plan: &Name, digest: &Digest, standing: ArtifactStanding) {
    let place = (plan.clone(), *digest);
    let Some(mut row) = ARTIFACTS.get(state, &place).filter(|row| row.standing != ArtifactStanding::Released) else {
        return;
    };
    row.standing = standing;
    ARTIFACTS.set(state, &place, &row);
    if standing == ArtifactStanding::Released {
        row.stood.iter().for_each(|stood| LATEST.remove(state, &latest_key(plan, &stood.stage, stood.number)));
        count(state, plan, |count| count.saturating_sub(1));
    }
    find_releasable(state, plan);
}

/// A case keeps the artifacts of a scope from now on: of the root, all of the plan; of any other, those that are for its stage,
/// or stood there, those to come among them.
pub fn pin(state: &mut State, plan: &Name, scope: &Path, pin: CasePin) {
    PINS.insert(state, &(plan.clone(), scope.clone(), pin));
    find_releasable(state, plan);
}

/// A case keeps them no longer.
pub fn unpin(state: &mut State, plan: &Name, scope: &Path, pin: CasePin) {
    PINS.remove(state, &(plan.clone(), scope.clone(), pin));
    find_releasable(state, plan);
}

fn register(state: &mut State, at: Moment, plan: &Name, artifact: &ArtifactEntry, by: &Actor) {
    let row = RegisteredArtifact::candidate(artifact.clone(), by.clone(), at);
    ARTIFACTS.set(state, &(plan.clone(), artifact.digest), &row);
    NAMES.set(state, &(plan.clone(), artifact.name.clone()), &artifact.digest);
    LISTED.push(state, plan, &artifact.digest);
    count(state, plan, |count| count.saturating_add(1));
    if COUNTS.get(state, plan).unwrap_or_default() > pins::MOST_FOR_TENANTS {
        find_releasable(state, plan);
    }
}

fn count(state: &mut State, plan: &Name, change: impl FnOnce(u32) -> u32) {
    let count = COUNTS.get(state, plan).unwrap_or_default();
    COUNTS.set(state, plan, &change(count));
}

/// Writes anew what the clock lets go of a plan.
fn find_releasable(state: &mut State, plan: &Name) {
    let before: BTreeSet<(Height, Digest)> =
        RELEASABLE.iter_under(state, plan).map(|(_, registered, digest)| (registered, digest)).collect();
    let after = retention::releasable(state, plan);
    let key = |(registered, digest): &(Height, Digest)| (plan.clone(), *registered, *digest);
    before.difference(&after).for_each(|gone| RELEASABLE.remove(state, &key(gone)));
    after.difference(&before).for_each(|new| RELEASABLE.insert(state, &key(new)));
}
