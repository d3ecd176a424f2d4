//! What events do to releases.

use crate::{ApprovedRelease, Event, Manifest, Roster, Standing, Target, storage::*};
use primitives::{BuildHash, Epoch};
use state::State;

impl Event {
    /// Writes the effects; cannot refuse.
    pub fn apply(&self, state: &mut State) {
        match self {
            Event::Approved(builds) => approve(state, builds),
            Event::Installed { build_hash, node, receipt } => RECEIPTS.set(state, &(*build_hash, *node), receipt),
        }
    }
}

fn approve(state: &mut State, builds: &[ApprovedRelease]) {
    let Some(first) = builds.first() else { return };
    supersede(state, first.build_hash);
    for build in builds {
        APPROVED.set(state, &build.build_hash, build);
    }
    ACTIVE.set(state, &builds.iter().map(|build| build.build_hash).collect());
    LATEST_SEQUENCE.set(state, &first.sequence);
    APPLIED_THRESHOLD.set(state, &first.signature_threshold);
}

fn supersede(state: &mut State, by: BuildHash) {
    for hash in ACTIVE.get_or_default(state) {
        if let Some(mut build) = APPROVED.get(state, &hash)
            && build.standing == Standing::Active
        {
            build.standing = Standing::Superseded { by };
            APPROVED.set(state, &hash, &build);
        }
    }
}

/// Genesis: the roster, and the first release, whose builds need no vote because genesis itself is what all agree on.
pub fn approve_at_genesis(state: &mut State, roster: &Roster, targets: &[Target]) {
    ROSTER.set(state, roster);
    APPLIED_THRESHOLD.set(state, &roster.threshold);
    let builds: Vec<ApprovedRelease> = targets
        .iter()
        .map(|target| ApprovedRelease {
            build_hash: target.build_hash,
            proposal_id: None,
            proposer: None,
            activated_epoch: Epoch(0),
            activated: None,
            sequence: 1,
            standing: Standing::Active,
            target: target.clone(),
            manifest: Manifest::default(),
            signatures: Default::default(),
            signature_threshold: 0,
            signer_set: Default::default(),
        })
        .collect();
    approve(state, &builds);
    APPLIED_THRESHOLD.set(state, &roster.threshold);
}
