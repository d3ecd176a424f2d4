//! When a node's word about a build is taken.

use crate::{Error, Event, InstallStage, Receipt, storage::*};
use primitives::{AccountId, BuildHash, Moment};
use state::State;

/// Each stage counts once for a build, a node and an epoch. A boot is also an install, with a receipt.
pub(super) fn record(
    state: &State,
    at: Moment,
    node: AccountId,
    build_hash: BuildHash,
    stage: &InstallStage,
) -> Result<Event, Error> {
    if !APPROVED.contains(state, &build_hash) {
        return Err(Error::NotApproved(build_hash));
    }
    let (key, name) = ((build_hash, node), stage.name());
    if STAGES.get(state, &key).is_some_and(|report| report.has(name, at)) {
        return Err(Error::AlreadyRecorded { build_hash, stage: name, epoch: at.epoch });
    }
    if *stage != InstallStage::Booted {
        return Ok(Event::Reported { build_hash, node, stage: stage.clone(), at });
    }
    let receipt = match RECEIPTS.get(state, &key) {
        Some(receipt) => Receipt { last: at, count: receipt.count.saturating_add(1), ..receipt },
        None => Receipt { first: at, last: at, count: 1 },
    };
    Ok(Event::Installed { build_hash, node, receipt })
}
