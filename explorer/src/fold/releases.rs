//! What happened to releases.

use super::tables::{HEARD, LISTS, REBUILDS, REVEALED, ROSTERS, RUNNING, STAGES};
use super::work::{FoldError, Work, json};
use crate::answers::MilestoneName;
use crate::store::table::{Cell, natural};
use ::releases::{ApprovedRelease, Event, InstallStage, MinimumSequence, Standing};
use primitives::{AccountId, BuildHash, Epoch, Moment};
use rpc::views::NodeStage;
use runtime::Cause;
use sqlx::Row as _;

/// The subject under which milestones of a build are kept.
pub fn subject(hash: &BuildHash) -> String {
    format!("release/{hash}")
}

/// What one event writes.
pub async fn write(work: &mut Work<'_>, event: &Event, cause: &Cause) -> Result<(), FoldError> {
    match event {
        Event::Approved(builds) => approve(work, builds).await,
        Event::Installed { build_hash, node, receipt } => {
            work.receipts.give(*build_hash, *node, *receipt);
            report(work, build_hash, node, &InstallStage::Booted, receipt.last).await
        }
        Event::Reported { build_hash, node, stage, at } => report(work, build_hash, node, stage, *at).await,
        Event::Rebuilt { build_hash, builder, rebuild } => {
            let (hash, builder) = (build_hash.to_string(), builder.to_string());
            work.put(&REBUILDS, vec![hash.into(), builder.into(), rebuild.at.height.0.into(), json(rebuild).into()]);
            Ok(())
        }
        Event::Revealed { seal, manifest, build_hash, .. } => {
            work.put(&REVEALED, vec![seal.to_string().into(), json(manifest).into()]);
            work.milestone(subject(build_hash), MilestoneName::Revealed, None);
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
                work.milestone(subject(hash), MilestoneName::Revoked, Some(reason.to_string()));
            }
            for hash in reinstated {
                work.change(hash, |build| build.standing = Standing::Active).await?;
                work.milestone(subject(hash), MilestoneName::Reinstated, proposal_of(cause));
            }
            Ok(())
        }
        Event::MinimumSequenceRaised { minimum, .. } => raise_minimum(work, minimum).await,
        Event::SupportEnds { build_hashes, epoch } => end_support(work, build_hashes, *epoch).await,
    }
}

fn proposal_of(cause: &Cause) -> Option<String> {
    match cause {
        Cause::Proposal(id) => Some(format!("by proposal {id}")),
        Cause::Transaction { .. } | Cause::Clock => None,
    }
}

/// A release: it takes the place of those before, and comes into the lists.
pub async fn approve(work: &mut Work<'_>, builds: &[ApprovedRelease]) -> Result<(), FoldError> {
    supersede(work, builds).await?;
    let sql = "SELECT ordinal FROM release_history ORDER BY ordinal DESC LIMIT 1";
    let last = work.row(sql, Vec::new()).await?.map_or(0, |row| row.get::<i64, _>(0));
    // Lists are read from their end, and of one release the first build comes first.
    for (ordinal, build) in (last + 1..).zip(builds.iter().rev()) {
        work.write_release(ordinal, build.clone()).await?;
        enlist(work, String::new(), build.activated_epoch, ordinal).await?;
        if let Some(proposer) = &build.proposer {
            enlist(work, proposer.to_string(), build.activated_epoch, ordinal).await?;
        }
        work.milestone(subject(&build.build_hash), MilestoneName::Activated, None);
    }
    if let Some(first) = builds.first() {
        work.set_meta(super::APPLIED_THRESHOLD, &first.signature_threshold);
    }
    Ok(())
}

async fn enlist(work: &mut Work<'_>, list: String, epoch: Epoch, ordinal: i64) -> Result<(), FoldError> {
    let sql = "SELECT place FROM release_lists WHERE list=$1 ORDER BY place DESC LIMIT 1";
    let last = work.row(sql, vec![list.clone().into()]).await?.map_or(0, |row| natural(row.get(0)));
    work.put(&LISTS, vec![list.into(), (last + 1).into(), epoch.0.into(), Cell::Int(Some(ordinal))]);
    Ok(())
}

/// The builds that are active are those of the current list, kept as the chain keeps it.
async fn supersede(work: &mut Work<'_>, by: &[ApprovedRelease]) -> Result<(), FoldError> {
    let notice = work.meta(super::genesis::NOTICE_EPOCHS).await?.unwrap_or_default();
    for (ordinal, mut build) in work.releases("status='activated'", Vec::new()).await? {
        let new = by.iter().find(|new| new.target.shares_platform_with(&build.target));
        if let Some(new) = new {
            let subject = subject(&build.build_hash);
            build.give_way(new, notice);
            work.write_release(ordinal, build).await?;
            work.milestone(subject, MilestoneName::Superseded, Some(format!("by {}", new.build_hash)));
        }
    }
    Ok(())
}

/// A node that says a build failed no longer runs it; which one it runs instead, it says with that one's receipt.
async fn report(
    work: &mut Work<'_>,
    hash: &BuildHash,
    node: &AccountId,
    stage: &InstallStage,
    at: Moment,
) -> Result<(), FoldError> {
    let (build, account, name) = (hash.to_string(), node.to_string(), stage.name());
    let report = NodeStage { node: *node, stage: name, reason: stage.reason().cloned(), at };
    let row = vec![build.clone().into(), account.clone().into(), at.height.0.into(), json(&report).into()];
    work.put(&STAGES, row);
    work.put(&HEARD, vec![account.clone().into(), json(&at).into()]);
    if name.is_running() {
        work.put(&RUNNING, vec![account.into(), build.into()]);
    } else if name.is_failure() {
        let row = work.row("SELECT build_hash FROM running WHERE node=$1", vec![account.clone().into()]).await?;
        if row.and_then(|row| row.get::<Option<String>, _>(0)) == Some(build) {
            work.put(&RUNNING, vec![account.into(), Cell::Text(None)]);
        }
    }
    Ok(())
}

/// Says anew of every release below the number whether it may run.
async fn raise_minimum(work: &mut Work<'_>, minimum: &MinimumSequence) -> Result<(), FoldError> {
    work.set_meta("minimum_sequence", minimum);
    let below = minimum.sequence.max(minimum.before);
    work.judge_again("sequence < $1 ORDER BY ordinal", vec![below.into()]).await
}

async fn end_support(work: &mut Work<'_>, builds: &[BuildHash], epoch: Epoch) -> Result<(), FoldError> {
    for hash in builds {
        work.change(hash, |build| build.manifest.end_of_support_epoch = Some(epoch)).await?;
        work.milestone(subject(hash), MilestoneName::SupportEnds, Some(format!("at epoch {epoch}")));
    }
    Ok(())
}
