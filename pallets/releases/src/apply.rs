//! What events do to releases.

use crate::{
    ApprovedRelease, Event, InstallStage, Manifest, Params, Reason, Roster, RosterCause, RosterRecord, StageReport,
    Standing, Target,
};
use crate::{queries, storage::*};
use primitives::{AccountId, BuildHash, ChainId, Epoch, Moment};
use state::State;

impl Event {
    /// Writes the effects; cannot refuse.
    pub fn apply(&self, state: &mut State) {
        match self {
            Event::Approved(builds) => approve(state, builds),
            Event::Installed { build_hash, node, receipt } => {
                RECEIPTS.set(state, &(*build_hash, *node), receipt);
                report(state, build_hash, node, &InstallStage::Booted, receipt.last);
            }
            Event::Reported { build_hash, node, stage, at } => report(state, build_hash, node, stage, *at),
            Event::Rebuilt { build_hash, builder, rebuild } => REBUILDS.set(state, &(*build_hash, *builder), rebuild),
            Event::Revealed { seal, manifest, .. } => REVEALED.set(state, seal, manifest),
            Event::RosterSet(record) => set_roster(state, record),
            Event::Revoked { build_hashes, reason, effective_epoch, reinstated } => {
                build_hashes.iter().for_each(|hash| revoke(state, hash, reason, *effective_epoch));
                reinstated.iter().for_each(|hash| reinstate(state, hash));
            }
            Event::MinimumSequenceRaised { minimum, .. } => MINIMUM_SEQUENCE.set(state, minimum),
            Event::SupportEnds { build_hashes, epoch } => {
                build_hashes.iter().for_each(|hash| {
                    change(state, hash, |build| build.manifest.end_of_support_epoch = Some(*epoch));
                });
            }
        }
    }
}

/// A node that says a build failed no longer runs it; which one it runs instead, it says with that one's receipt.
fn report(state: &mut State, build_hash: &BuildHash, node: &AccountId, stage: &InstallStage, at: Moment) {
    let (key, name) = ((*build_hash, *node), stage.name());
    let report = StageReport::after(STAGES.get(state, &key), stage.clone(), at);
    STAGES.set(state, &key, &report);
    if name.is_running() {
        RUNNING.set(state, node, build_hash);
    } else if name.is_failure() && RUNNING.get(state, node).as_ref() == Some(build_hash) {
        RUNNING.remove(state, node);
    }
}

fn change(state: &mut State, hash: &BuildHash, change: impl FnOnce(&mut ApprovedRelease)) {
    if let Some(mut build) = APPROVED.get(state, hash) {
        change(&mut build);
        APPROVED.set(state, hash, &build);
    }
}

fn approve(state: &mut State, builds: &[ApprovedRelease]) {
    let Some(first) = builds.first() else { return };
    let mut active = supersede(state, builds);
    for build in builds {
        APPROVED.set(state, &build.build_hash, build);
        active.push(build.build_hash);
    }
    ACTIVE.set(state, &active);
    BUILDS.set(state, &first.sequence, &builds.iter().map(|build| build.build_hash).collect());
    LATEST_SEQUENCE.set(state, &first.sequence);
    APPLIED_THRESHOLD.set(state, &first.signature_threshold);
}

/// Each active build gives way to the new one for its platform. Returns those that stay active because there is none.
fn supersede(state: &mut State, by: &[ApprovedRelease]) -> Vec<BuildHash> {
    let mut staying = Vec::new();
    for hash in ACTIVE.get_or_default(state) {
        let Some(build) = APPROVED.get(state, &hash) else { continue };
        match by.iter().find(|new| new.target.shares_platform_with(&build.target)) {
            Some(new) => {
                let notice = PARAMS.require(state).notice_epochs;
                change(state, &hash, |build| build.give_way(new, notice));
            }
            None => staying.push(hash),
        }
    }
    staying
}

impl ApprovedRelease {
    /// What happens to an active build when a later one takes its place: it is superseded, and an end of support that was
    /// without effect until now leaves its nodes `notice_epochs` epochs from the activation of `new`.
    pub fn give_way(&mut self, new: &ApprovedRelease, notice_epochs: u64) {
        self.standing = Standing::Superseded { by: new.build_hash };
        let soonest = new.activated_epoch.plus(notice_epochs);
        self.manifest.end_of_support_epoch = self.manifest.end_of_support_epoch.map(|end| end.max(soonest));
    }
}

fn revoke(state: &mut State, hash: &BuildHash, reason: &Reason, effective_epoch: Epoch) {
    change(state, hash, |build| build.standing = Standing::Revoked { reason: reason.clone(), effective_epoch });
    let mut active = ACTIVE.get_or_default(state);
    active.retain(|other| other != hash);
    ACTIVE.set(state, &active);
}

fn reinstate(state: &mut State, hash: &BuildHash) {
    change(state, hash, |build| build.standing = Standing::Active);
    let mut active = ACTIVE.get_or_default(state);
    active.push(*hash);
    ACTIVE.set(state, &active);
}

fn set_roster(state: &mut State, record: &RosterRecord) {
    ROSTER.set(state, &record.roster);
    ROSTERS.set(state, &record.roster.version, record);
}

/// Genesis: the rules, the roster, and the first release, whose builds need no vote because genesis itself is what all agree
/// on.
pub fn approve_at_genesis(state: &mut State, chain_id: &ChainId, params: &Params, roster: &Roster, targets: &[Target]) {
    CHAIN_ID.set(state, chain_id);
    PARAMS.set(state, params);
    set_roster(state, &RosterRecord { roster: roster.clone(), since: None, cause: RosterCause::Genesis });
    let first_build = |target: &Target| ApprovedRelease {
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
    };
    approve(state, &targets.iter().map(first_build).collect::<Vec<_>>());
    APPLIED_THRESHOLD.set(state, &queries::roster(state).threshold);
}
