//! What happened to releases.

use super::installs::Receipts;
use super::{LISTS, MINIMUM, RELEASES, STAGE_NODES, STAGES};
use crate::fold::{BlockDraft, BlockWriter, FoldError};
use crate::store::column::{inside, json, parsed, word};
use crate::store::rows::{RowFilter, RowOrder, Selection};
use crate::store::table::{Row, SqlValue, int, natural};
use crate::topics::{governance, rebuilds, signers, validators};
use primitives::{AccountId, BuildHash, Epoch, Text};
use releases::{ApprovedRelease, Event, Installs, MinimumSequence, StageNodes, StageReport, Standing, Verdict};
use rpc::views;

/// The key of the one row of its table.
const THE_ONE: u64 = 0;
/// The name of the least number of a release that may run, in `meta`.
const MINIMUM_SEQUENCE: &str = "minimum_sequence";

/// What one event writes without asking the index; receipts are written together when the block ends. Whether that is all of it.
pub fn draft(block: &mut BlockDraft, receipts: &mut Receipts, event: &Event) -> bool {
    match event {
        // The rules are read from genesis.
        Event::ParamsSet { .. } => {}
        Event::Advertised { node, advertisement } => validators::fold::advertised(block, node, advertisement),
        Event::LeftFleet { nodes } => nodes.iter().for_each(|node| validators::fold::left_fleet(block, node)),
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
        Event::Approved { .. }
        | Event::SignerLeft { .. }
        | Event::Revoked { .. }
        | Event::MinimumSequenceRaised { .. }
        | Event::SupportEnds { .. }
        | Event::Amended { .. } => return false,
    }
    true
}

/// What one event writes that has to ask for it.
///
/// # Errors
/// The database refuses, or has no such build.
pub async fn write(block: &mut BlockWriter<'_>, event: &Event) -> Result<(), FoldError> {
    match event {
        Event::Approved { builds, superseded, applied_threshold } => {
            for old in superseded {
                change(block, &old.build_hash, |build| build.give_way(old)).await?;
            }
            signers::fold::threshold_applied(block, *applied_threshold);
            approve(block, builds).await?;
        }
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
        Event::MinimumSequenceRaised { minimum, .. } => raise_minimum(block, minimum),
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
        Event::ParamsSet { .. }
        | Event::Advertised { .. }
        | Event::LeftFleet { .. }
        | Event::Installed { .. }
        | Event::Reported { .. }
        | Event::Held { .. }
        | Event::Rebuilt { .. }
        | Event::Revealed { .. }
        | Event::RosterSet(_) => {}
    }
    Ok(())
}

/// Writes the minimum that counts in the epoch that has begun, and the builds whose own status, or verdict, changes with it.
///
/// # Errors
/// The database refuses.
pub async fn begin_epoch(block: &mut BlockWriter<'_>) -> Result<(), FoldError> {
    if let Some(minimum) = block.meta::<MinimumSequence>(MINIMUM_SEQUENCE).await? {
        put_minimum(block, &minimum);
    }
    let filter = RowFilter::AtMost("changes_epoch", block.at().epoch.0);
    for (ordinal, release) in approved(block, filter).await? {
        write_release(block, ordinal, release).await?;
    }
    Ok(())
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
fn reported(block: &mut BlockDraft, hash: &BuildHash, node: &AccountId, report: &StageReport, nodes: &StageNodes) {
    let (hash, at) = (hash.to_string(), report.at);
    let row = vec![
        hash.clone().into(),
        node.to_string().into(),
        report.number.into(),
        word(&report.stage.name()).into(),
        report.stage.reason().map(json).into(),
        at.height.0.into(),
        at.epoch.0.into(),
        at.time.0.into(),
    ];
    block.put(&STAGES, row);
    block.put(&STAGE_NODES, vec![hash.into(), json(nodes).into()]);
    validators::fold::heard(block, node, &at);
}

/// What a release is below is the same for all of them, so none of them is written again.
fn raise_minimum(block: &mut BlockDraft, minimum: &MinimumSequence) {
    block.set_meta(MINIMUM_SEQUENCE, minimum);
    put_minimum(block, minimum);
}

/// The number that counts now, and since when whatever is below one may not run; nothing before the first has come.
fn put_minimum(block: &mut BlockDraft, minimum: &MinimumSequence) {
    if let Some(counting) = minimum.counting(block.at().epoch) {
        block.put(&MINIMUM, vec![THE_ONE.into(), counting.sequence.into(), counting.effective_epoch.0.into()]);
    }
}

/// Some approved builds with their ordinals.
async fn approved(block: &mut BlockWriter<'_>, filter: RowFilter) -> Result<Vec<(u64, ApprovedRelease)>, FoldError> {
    let (columns, order) = (&["ordinal", "entry"], RowOrder::Any);
    let rows = block.select(Selection { table: &RELEASES, columns, filter, order }).await?;
    let release = |row: &Row| -> Result<(u64, ApprovedRelease), FoldError> {
        let entry = format!("{{{}}}", row[1].text().unwrap_or_default());
        Ok((row[0].number().map_or(0, natural), parsed("a release", &entry)?))
    };
    rows.iter().map(release).collect()
}

/// Changes an approved build, as the chain changes its own record of it.
async fn change(
    block: &mut BlockWriter<'_>,
    hash: &BuildHash,
    change: impl FnOnce(&mut ApprovedRelease),
) -> Result<(), FoldError> {
    let filter = RowFilter::Equal("build_hash", hash.to_string().into());
    let found = approved(block, filter).await?.pop();
    let missing = || FoldError::Damaged(format!("build {hash} is not in it"));
    let (ordinal, mut release) = found.ok_or_else(missing)?;
    change(&mut release);
    write_release(block, ordinal, release).await
}

/// Writes an approved build: its row, its status where that is shown, and the epoch at which that changes by itself.
async fn write_release(block: &mut BlockWriter<'_>, ordinal: u64, release: ApprovedRelease) -> Result<(), FoldError> {
    let now = block.at().epoch;
    let changes = next_change(&release, now);
    let view = views::ReleaseView::new(release, Installs::default(), &MinimumSequence::default(), now);
    block.put(&RELEASES, release_row(ordinal, &view, changes));
    match view.release.proposal_id {
        Some(id) => governance::fold::build_moved(block, id, &view.release.build_hash, view.status).await,
        None => Ok(()),
    }
}

/// The next epoch at whose start a build's own status or verdict changes without anybody doing anything.
fn next_change(release: &ApprovedRelease, now: Epoch) -> Option<Epoch> {
    let stop = release.stop(&MinimumSequence::default()).map(|stop| stop.epoch);
    [stop, release.support_ends()].into_iter().flatten().filter(|epoch| *epoch > now).min()
}

/// The last epoch in which a minimum that came is why a build below it may not run, because nothing else ended it before; none where
/// nothing else ends it. Of what comes in one epoch, a revocation goes before a minimum, and that before an end of support.
fn minimum_counts_until(release: &ApprovedRelease) -> Option<i64> {
    let stop = release.stop(&MinimumSequence::default())?;
    let before = i64::from(matches!(stop.verdict, Verdict::Revoked { .. }));
    Some(int(stop.epoch.0) - before)
}

/// The row of an approved build as it stands whatever the minimum is, without its installs.
pub fn release_row(ordinal: u64, view: &views::ReleaseView, changes: Option<Epoch>) -> Row {
    let release = &view.release;
    let text = |text: &Option<Text<64>>| text.as_ref().map(|text| text.to_string());
    let mut entry = serde_json::to_value(view).unwrap_or_default();
    for name in ["verdict", "install_times", "install_count", "last_install_ts"] {
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
        json(&view.verdict).into(),
        SqlValue::Int(minimum_counts_until(release)),
        inside(json(&entry)).into(),
    ]
}
