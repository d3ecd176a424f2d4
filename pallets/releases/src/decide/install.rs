//! When a node's word about a build is taken.

use super::available::hold;
use crate::queries::require_reporter;
use crate::{Error, Event, InstallStage, Receipt, StageName, StageNodes, StageReport, storage::*};
use primitives::{AccountId, BuildHash, Moment};
use state::State;

/// Each stage counts once for a build, a node and an epoch. A boot is also an install, with a receipt. Of a build that is not
/// approved a node can say no more than that it holds it, and there the validators that it is measured by count, and no others.
pub(super) fn record(
    state: &State,
    at: Moment,
    node: AccountId,
    build_hash: BuildHash,
    stage: &InstallStage,
) -> Result<Event, Error> {
    if !APPROVED.contains(state, &build_hash) {
        let is_held = *stage == InstallStage::Held;
        return if is_held { hold(state, at, node, build_hash) } else { Err(Error::NotApproved(build_hash)) };
    }
    require_reporter(state, at.epoch, node)?;
    let (key, name) = ((build_hash, node), stage.name());
    let earlier = STAGES.get(state, &key);
    if earlier.as_ref().is_some_and(|report| report.has(name, at.epoch)) {
        return Err(Error::AlreadyRecorded { build_hash, stage: name, epoch: at.epoch });
    }
    let (report, nodes) = told(state, at, build_hash, earlier, stage.clone());
    if name != StageName::Booted {
        let running = running(state, node, build_hash, name);
        return Ok(Event::Reported { build_hash, node, report, running, nodes });
    }
    let last = at.position();
    let receipt = match RECEIPTS.get(state, &key) {
        Some(receipt) => Receipt { last, count: receipt.count.saturating_add(1), ..receipt },
        None => Receipt { first: last, last, count: 1 },
    };
    Ok(Event::Installed { build_hash, node, receipt, report, nodes })
}

/// What a node has said of a build with one more word, and how many nodes stand where then.
pub(super) fn told(
    state: &State,
    at: Moment,
    build_hash: BuildHash,
    earlier: Option<StageReport>,
    stage: InstallStage,
) -> (StageReport, StageNodes) {
    let before = earlier.as_ref().map(|report| report.stage.name());
    let nodes = STAGE_NODES.get(state, &build_hash).unwrap_or_default().moved(before, stage.name());
    let number = match &earlier {
        Some(report) => report.number,
        None => NODES.count(state, &build_hash).saturating_add(1),
    };
    (StageReport::after(earlier, number, stage, at.position()), nodes)
}

/// What a node runs once it said this. One that says a build failed no longer runs it; which one it runs instead, it says with
/// that one's receipt.
fn running(state: &State, node: AccountId, build_hash: BuildHash, stage: StageName) -> Option<BuildHash> {
    let before = RUNNING.get(state, &node);
    if stage.is_running() {
        Some(build_hash)
    } else {
        before.filter(|before| !(stage.is_failure() && *before == build_hash))
    }
}
