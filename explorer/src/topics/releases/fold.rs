//! What happened to releases.

use super::installs::Receipts;
use super::{LISTS, RELEASES, STAGE_NODES, STAGES};
use crate::fold::{BlockWriter, FoldError};
use crate::store::column::{inside, json, parsed};
use crate::store::rows::{RowFilter, RowOrder, Selection};
use crate::store::table::{Row, SqlValue, natural};
use crate::topics::{governance, rebuilds, signers, validators};
use primitives::{AccountId, BuildHash, Epoch, Text};
use releases::{ApprovedRelease, Event, Installs, MinimumSequence, StageNodes, StageReport, Standing};
use rpc::views::{self, NodeStage};

/// The name of the least number of a release that may run, in `meta`.
const MINIMUM_SEQUENCE: &str = "minimum_sequence";

/// What one event writes; receipts are written together when the block ends.
///
/// # Errors
/// The database refuses, or has no such build.
pub async fn write(block: &mut BlockWriter<'_>, receipts: &mut Receipts, event: &Event) -> Result<(), FoldError> {
    match event {
        // The rules are read from genesis.
        Event::ParamsSet { .. } => {}
        Event::Advertised { node, advertisement } => validators::fold::advertised(block, node, advertisement),
        Event::LeftFleet { nodes } => nodes.iter().for_each(|node| validators::fold::left_fleet(block, node)),
        Event::Approved { builds, superseded, applied_threshold } => {
            for old in superseded {
                change(block, &old.build_hash, |build| build.give_way(old)).await?;
            }
            signers::fold::threshold_applied(block, *applied_threshold);
            approve(block, builds).await?;
        }
        Event::Installed { build_hash, node, receipt, report, nodes } => {
            receipts.give(*build_hash, *node, *receipt);
            reported(block, build_hash, node, report, nodes);
            validators::fold::runs(block, node, Some(*build_hash));
        }
        Event::Reported { build_hash, node, report, running, nodes } => {
            reported(block, build_hash, node, report, nodes);
            validators::fold::runs(block, node, *running);
        }
        Event::Held { build_hash, node, report, counted, nodes } => {
            reported(block, build_hash, node, report, nodes);
            governance::fold::held(block, build_hash, node, counted);
        }
        Event::Rebuilt { build_hash, builder, rebuild } => {
            rebuilds::fold::rebuilt(block, build_hash, builder, rebuild);
        }
        Event::Revealed { proposal_id, manifest, .. } => governance::fold::revealed(block, *proposal_id, manifest),
        Event::RosterSet(record) => signers::fold::roster_set(block, record),
        Event::SignerLeft { version, departure } => signers::fold::signer_left(block, *version, *departure).await?,
        Event::Revoked { build_hashes, reason, effective_epoch, reinstated } => {
            for hash in build_hashes {
                let standing = Standing::Revoked { reason: reason.clone(), effective_epoch: *effective_epoch };
                change(block, hash, |build| build.standing = standing).await?;
            }
            for hash in reinstated {
                change(block, hash, |build| build.standing = Standing::Active).await?;
            }
        }
        Event::MinimumSequenceRaised { minimum, .. } => raise_minimum(block, minimum).await?,
        Event::SupportEnds { build_hashes, epoch } => {
            for hash in build_hashes {
                change(block, hash, |build| build.end_support(*epoch)).await?;
            }
        }
        Event::Amended { builds } => {
            for amended in builds {
                change(block, &amended.build_hash, |build| build.clone_from(amended)).await?;
            }
        }
    }
    Ok(())
}

/// Writes the builds whose status, or verdict, changes with the epoch that has begun.
///
/// # Errors
/// The database refuses.
pub async fn begin_epoch(block: &mut BlockWriter<'_>) -> Result<(), FoldError> {
    let now = block.at().epoch.0;
    judge_again(block, RowFilter::AtMost("changes_epoch", now), RowOrder::Any).await
}

/// The builds of a release come into the lists.
async fn approve(block: &mut BlockWriter<'_>, builds: &[ApprovedRelease]) -> Result<(), FoldError> {
    let order = RowOrder::Last("ordinal");
    let last =
        block.select(Selection { table: &RELEASES, columns: &["ordinal"], filter: RowFilter::All, order }).await?;
    let last = last.first().and_then(|row| row[0].number()).map_or(0, natural);
    // Lists are read from their end, and of one release the first build comes first.
    for (ordinal, build) in (last + 1..).zip(builds.iter().rev()) {
        write_release(block, ordinal, build.clone()).await?;
        enlist(block, String::new(), build.activated_epoch, ordinal).await?;
        if let Some(proposer) = &build.proposer {
            enlist(block, proposer.to_string(), build.activated_epoch, ordinal).await?;
        }
    }
    Ok(())
}

async fn enlist(block: &mut BlockWriter<'_>, list: String, epoch: Epoch, ordinal: u64) -> Result<(), FoldError> {
    let filter = RowFilter::Equal("list", list.as_str().into());
    let order = RowOrder::Last("place");
    let last = block.select(Selection { table: &LISTS, columns: &["place"], filter, order }).await?;
    let last = last.first().and_then(|row| row[0].number()).map_or(0, natural);
    block.put(&LISTS, vec![list.into(), (last + 1).into(), epoch.0.into(), ordinal.into()]);
    Ok(())
}

/// How far a node has come with a build, and how many nodes stand where with it now.
fn reported(block: &mut BlockWriter<'_>, hash: &BuildHash, node: &AccountId, report: &StageReport, nodes: &StageNodes) {
    let (stage, reason, at) = (report.stage.name(), report.stage.reason().cloned(), report.at);
    let shown = json(&NodeStage { node: *node, stage, reason, at });
    block.put(&STAGES, vec![hash.to_string().into(), node.to_string().into(), report.number.into(), shown.into()]);
    block.put(&STAGE_NODES, vec![hash.to_string().into(), json(nodes).into()]);
    validators::fold::heard(block, node, &at);
}

/// Says anew of every release below the number whether it may run.
async fn raise_minimum(block: &mut BlockWriter<'_>, minimum: &MinimumSequence) -> Result<(), FoldError> {
    block.set_meta(MINIMUM_SEQUENCE, minimum);
    let below = RowFilter::Below("sequence", minimum.highest());
    judge_again(block, below, RowOrder::By("ordinal")).await
}

/// Some approved builds with their ordinals.
async fn approved(
    block: &mut BlockWriter<'_>,
    filter: RowFilter,
    order: RowOrder,
) -> Result<Vec<(u64, ApprovedRelease)>, FoldError> {
    let columns = &["ordinal", "entry"];
    let rows = block.select(Selection { table: &RELEASES, columns, filter, order }).await?;
    let release = |row: &Row| -> Result<(u64, ApprovedRelease), FoldError> {
        let entry = format!("{{{}}}", row[1].text().unwrap_or_default());
        Ok((row[0].number().map_or(0, natural), parsed("a release", &entry)?))
    };
    rows.iter().map(release).collect()
}

/// Says anew of some approved builds where they stand, and whether they may run.
async fn judge_again(block: &mut BlockWriter<'_>, filter: RowFilter, order: RowOrder) -> Result<(), FoldError> {
    for (ordinal, release) in approved(block, filter, order).await? {
        write_release(block, ordinal, release).await?;
    }
    Ok(())
}

/// Changes an approved build, as the chain changes its own record of it.
async fn change(
    block: &mut BlockWriter<'_>,
    hash: &BuildHash,
    change: impl FnOnce(&mut ApprovedRelease),
) -> Result<(), FoldError> {
    let filter = RowFilter::Equal("build_hash", hash.to_string().into());
    let found = approved(block, filter, RowOrder::Any).await?.pop();
    let missing = || FoldError::Damaged(format!("build {hash} is not in it"));
    let (ordinal, mut release) = found.ok_or_else(missing)?;
    change(&mut release);
    write_release(block, ordinal, release).await
}

/// Writes an approved build: its row, its status where that is shown, and the epoch at which that changes by itself.
async fn write_release(block: &mut BlockWriter<'_>, ordinal: u64, release: ApprovedRelease) -> Result<(), FoldError> {
    let now = block.at().epoch;
    let minimum: MinimumSequence = block.meta(MINIMUM_SEQUENCE).await?.unwrap_or_default();
    let changes = next_change(&release, &minimum, now);
    let view = views::ReleaseView::new(release, Installs::default(), &minimum, now);
    block.put(&RELEASES, release_row(ordinal, &view, changes));
    match view.release.proposal_id {
        Some(id) => governance::fold::build_moved(block, id, &view.release.build_hash, view.status).await,
        None => Ok(()),
    }
}

/// The next epoch at whose start a build's status or verdict changes without anybody doing anything.
fn next_change(release: &ApprovedRelease, minimum: &MinimumSequence, now: Epoch) -> Option<Epoch> {
    let stop = release.stop(minimum).map(|stop| stop.epoch);
    // Of a build that is below already, the number that it is told changes.
    let raise = minimum.ahead(now).find(|step| release.sequence < step.sequence).map(|step| step.effective_epoch);
    let changes = [stop, raise, release.support_ends()];
    changes.into_iter().flatten().filter(|epoch| *epoch > now).min()
}

/// The row of an approved build, without its installs.
pub fn release_row(ordinal: u64, view: &views::ReleaseView, changes: Option<Epoch>) -> Row {
    let release = &view.release;
    let text = |text: &Option<Text<64>>| text.as_ref().map(|text| text.to_string());
    let mut entry = serde_json::to_value(view).unwrap_or_default();
    for name in ["install_times", "install_count", "last_install_ts"] {
        entry.as_object_mut().map(|entry| entry.remove(name));
    }
    vec![
        ordinal.into(),
        release.build_hash.to_string().into(),
        release.proposal_id.map(|id| id.0).into(),
        release.proposer.map(|who| who.to_string()).into(),
        release.sequence.into(),
        release.activated_epoch.0.into(),
        release.activated.map(|at| at.time.0).into(),
        view.status.to_string().into(),
        text(&release.manifest.version).into(),
        release.target.platform.to_string().into(),
        u64::from(release.signature_threshold).into(),
        view.quorum_met.into(),
        SqlValue::from(changes.map(|epoch| epoch.0)),
        inside(json(&entry)).into(),
    ]
}
