//! What events do to releases.

use crate::{
    ApprovedRelease, Departure, Event, Levels, Manifest, Reason, RosterRecord, StageNodes, StageReport, Standing,
    Superseded, index, storage::*,
};
use primitives::{AccountId, BuildHash, Epoch, Moment, ProposalId};
use state::{Apply, State};

impl Apply for Event {
    fn apply(&self, state: &mut State, at: Moment) {
        match self {
            Event::ParamsSet { chain_id, level, params } => {
                CHAIN_ID.set(state, chain_id);
                LEVELS.set(state, &Levels::from_genesis(*level));
                PARAMS.set(state, params);
            }
            Event::Approved { builds, superseded, applied_threshold } => {
                superseded.iter().for_each(|old| give_way(state, old));
                approve(state, builds);
                APPLIED_THRESHOLD.set(state, applied_threshold);
            }
            Event::Installed { build_hash, node, receipt, report, nodes } => {
                RECEIPTS.set(state, &(*build_hash, *node), receipt);
                let mut installs = INSTALLS.get(state, build_hash).unwrap_or_default();
                installs.add(receipt.last.time);
                INSTALLS.set(state, build_hash, &installs);
                stand(state, build_hash, node, report, nodes);
                run(state, node, Some(*build_hash));
            }
            Event::Reported { build_hash, node, report, running, nodes } => {
                stand(state, build_hash, node, report, nodes);
                run(state, node, *running);
            }
            Event::Rebuilt { build_hash, builder, rebuild } => {
                REBUILDS.set(state, &(*build_hash, *builder), rebuild);
                REBUILDERS.push(state, build_hash, builder);
            }
            Event::Revealed { proposal_id, manifest, .. } => reveal(state, *proposal_id, manifest),
            Event::RosterSet(record) => set_roster(state, record),
            Event::SignerLeft { version, departure } => leave(state, *version, *departure),
            Event::Revoked { build_hashes, reason, effective_epoch, reinstated } => {
                build_hashes.iter().for_each(|hash| revoke(state, hash, reason, *effective_epoch));
                reinstated.iter().for_each(|hash| reinstate(state, hash));
            }
            Event::MinimumSequenceRaised { minimum, .. } => {
                MINIMUM_SEQUENCE.set(state, minimum);
                let levels = LEVELS.get_or_default(state).after(at.epoch, self);
                LEVELS.set(state, &levels);
            }
            Event::SupportEnds { build_hashes, epoch } => {
                build_hashes.iter().for_each(|hash| {
                    change(state, hash, |build| build.end_support(*epoch));
                    SUPPORT_SET.set(state, hash, &at.epoch);
                });
            }
            Event::Held { build_hash, node, report, counted, nodes } => {
                stand(state, build_hash, node, report, nodes);
                for held in counted {
                    HOLDERS.insert(state, &(held.proposal_id, *build_hash, *node));
                    HELD.set(state, &(held.proposal_id, *build_hash), held);
                }
            }
            Event::Amended { builds } => builds.iter().for_each(|build| APPROVED.set(state, &build.build_hash, build)),
            Event::Advertised { node, advertisement } => FLEET.set(state, node, &(at.epoch, advertisement.clone())),
            Event::LeftFleet { nodes } => nodes.iter().for_each(|node| FLEET.remove(state, node)),
        }
    }
}

fn stand(state: &mut State, build_hash: &BuildHash, node: &AccountId, report: &StageReport, nodes: &StageNodes) {
    STAGES.set(state, &(*build_hash, *node), report);
    STAGE_NODES.set(state, build_hash, nodes);
    if report.number > NODES.count(state, build_hash) {
        NODES.push(state, build_hash, node);
    }
}

/// From now on the proposal is found by every build of the release, as an open one is from the start.
fn reveal(state: &mut State, id: ProposalId, manifest: &Manifest) {
    REVEALED.set(state, &id, manifest);
    governance::apply::index(state, id, &index::keys_of_others(manifest));
}

/// What a node runs is most often what it ran before, which is not written again.
fn run(state: &mut State, node: &AccountId, now: Option<BuildHash>) {
    if RUNNING.get(state, node) != now {
        match now {
            Some(build_hash) => RUNNING.set(state, node, &build_hash),
            None => RUNNING.remove(state, node),
        }
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
    for build in builds {
        APPROVED.set(state, &build.build_hash, build);
    }
    for build in builds.iter().rev() {
        LISTED.push(state, &(), &build.build_hash);
        if let Some(proposer) = &build.proposer {
            LISTED_BY.push(state, proposer, &build.build_hash);
        }
    }
    change_active(state, |active| active.extend(builds.iter().map(|build| build.build_hash)));
    BUILDS.set(state, &first.sequence, &builds.iter().map(|build| build.build_hash).collect());
    LATEST_SEQUENCE.set(state, &first.sequence);
}

fn give_way(state: &mut State, old: &Superseded) {
    change(state, &old.build_hash, |build| build.give_way(old));
    change_active(state, |active| active.retain(|other| *other != old.build_hash));
}

impl ApprovedRelease {
    /// What happens to an active build when a later one takes its place.
    pub fn give_way(&mut self, superseded: &Superseded) {
        self.standing = Standing::Superseded { by: superseded.by, end_of_support_epoch: None };
    }

    /// What an end of support moves: see [`support_ends`](Self::support_ends).
    pub fn end_support(&mut self, epoch: Epoch) {
        match &mut self.standing {
            Standing::Active => self.support_end = Some(epoch),
            Standing::Superseded { end_of_support_epoch, .. } => *end_of_support_epoch = Some(epoch),
            Standing::Revoked { .. } => {}
        }
    }
}

fn revoke(state: &mut State, hash: &BuildHash, reason: &Reason, effective_epoch: Epoch) {
    change(state, hash, |build| build.standing = Standing::Revoked { reason: reason.clone(), effective_epoch });
    change_active(state, |active| active.retain(|other| other != hash));
}

fn reinstate(state: &mut State, hash: &BuildHash) {
    change(state, hash, |build| build.standing = Standing::Active);
    change_active(state, |active| active.push(*hash));
}

fn change_active(state: &mut State, change: impl FnOnce(&mut Vec<BuildHash>)) {
    let mut active = ACTIVE.get_or_default(state);
    change(&mut active);
    ACTIVE.set(state, &active);
}

fn set_roster(state: &mut State, record: &RosterRecord) {
    ROSTER.set(state, &record.roster);
    ROSTERS.set(state, &record.roster.version, record);
}

fn leave(state: &mut State, version: u64, departure: Departure) {
    if let Some(mut record) = ROSTERS.get(state, &version) {
        record.leave(departure);
        ROSTERS.set(state, &version, &record);
    }
}
