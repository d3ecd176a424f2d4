//! What happened to releases.

use super::tables::{HEARD, LISTS, REBUILDS, REVEALED, ROSTERS, RUNNING, STAGES};
use super::work::{FoldError, Work, json};
use crate::store::table::{Cell, natural};
use ::releases::{ApprovedRelease, Event, MinimumSequence, StageReport, Standing};
use primitives::{AccountId, BuildHash, Epoch};
use rpc::views::NodeStage;
use sqlx::Row as _;

/// The name of the latest release's threshold in `meta`.
pub const APPLIED_THRESHOLD: &str = "applied_threshold";

/// What one event writes.
pub async fn write(work: &mut Work<'_>, event: &Event) -> Result<(), FoldError> {
    match event {
        // The rules are read from genesis.
        Event::ParamsSet { .. } => Ok(()),
        Event::Approved { builds, superseded, applied_threshold } => {
            for old in superseded {
                work.change(&old.build_hash, |build| build.give_way(old)).await?;
            }
            work.set_meta(APPLIED_THRESHOLD, applied_threshold);
            approve(work, builds).await
        }
        Event::Installed { build_hash, node, receipt, report } => {
            work.receipts.give(*build_hash, *node, *receipt);
            self::report(work, build_hash, node, report, Some(*build_hash));
            Ok(())
        }
        Event::Reported { build_hash, node, report, running } => {
            self::report(work, build_hash, node, report, *running);
            Ok(())
        }
        Event::Rebuilt { build_hash, builder, rebuild } => {
            let (hash, builder) = (build_hash.to_string(), builder.to_string());
            work.put(&REBUILDS, vec![hash.into(), builder.into(), rebuild.at.height.0.into(), json(rebuild).into()]);
            Ok(())
        }
        Event::Revealed { seal, manifest, .. } => {
            work.put(&REVEALED, vec![seal.to_string().into(), json(manifest).into()]);
            Ok(())
        }
        Event::RosterSet(record) => {
            work.put(&ROSTERS, vec![record.roster.version.into(), json(record).into()]);
            Ok(())
        }
        Event::Revoked { build_hashes, reason, effective_epoch, reinstated } => {
            for hash in build_hashes {
                let standing = Standing::Revoked { reason: reason.clone(), effective_epoch: *effective_epoch };
                work.change(hash, |build| build.standing = standing).await?;
            }
            for hash in reinstated {
                work.change(hash, |build| build.standing = Standing::Active).await?;
            }
            Ok(())
        }
        Event::MinimumSequenceRaised { minimum, .. } => raise_minimum(work, minimum).await,
        Event::SupportEnds { build_hashes, epoch } => {
            for hash in build_hashes {
                work.change(hash, |build| build.manifest.end_of_support_epoch = Some(*epoch)).await?;
            }
            Ok(())
        }
    }
}

/// The builds of a release come into the lists.
async fn approve(work: &mut Work<'_>, builds: &[ApprovedRelease]) -> Result<(), FoldError> {
    let sql = "SELECT ordinal FROM release_history ORDER BY ordinal DESC LIMIT 1";
    let last = work.row(sql, Vec::new()).await?.map_or(0, |row| row.get::<i64, _>(0));
    // Lists are read from their end, and of one release the first build comes first.
    for (ordinal, build) in (last + 1..).zip(builds.iter().rev()) {
        work.write_release(ordinal, build.clone()).await?;
        enlist(work, String::new(), build.activated_epoch, ordinal).await?;
        if let Some(proposer) = &build.proposer {
            enlist(work, proposer.to_string(), build.activated_epoch, ordinal).await?;
        }
    }
    Ok(())
}

async fn enlist(work: &mut Work<'_>, list: String, epoch: Epoch, ordinal: i64) -> Result<(), FoldError> {
    let sql = "SELECT place FROM release_lists WHERE list=$1 ORDER BY place DESC LIMIT 1";
    let last = work.row(sql, vec![list.clone().into()]).await?.map_or(0, |row| natural(row.get(0)));
    work.put(&LISTS, vec![list.into(), (last + 1).into(), epoch.0.into(), Cell::Int(Some(ordinal))]);
    Ok(())
}

fn report(work: &mut Work<'_>, hash: &BuildHash, node: &AccountId, report: &StageReport, running: Option<BuildHash>) {
    let (build, account, at) = (hash.to_string(), node.to_string(), report.at);
    let (stage, reason) = (report.stage.name(), report.stage.reason().cloned());
    let shown = json(&NodeStage { node: *node, stage, reason, at });
    work.put(&STAGES, vec![build.into(), account.clone().into(), at.height.0.into(), shown.into()]);
    work.put(&HEARD, vec![account.clone().into(), json(&at).into()]);
    work.put(&RUNNING, vec![account.into(), Cell::Text(running.map(|hash| hash.to_string()))]);
}

/// Says anew of every release below the number whether it may run.
async fn raise_minimum(work: &mut Work<'_>, minimum: &MinimumSequence) -> Result<(), FoldError> {
    work.set_meta("minimum_sequence", minimum);
    let below = minimum.sequence.max(minimum.before);
    work.judge_again("sequence < $1 ORDER BY ordinal", vec![below.into()]).await
}
