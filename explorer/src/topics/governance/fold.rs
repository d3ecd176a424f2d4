//! What happened to proposals.

use super::{BALLOTS, HELD_POWER, HOLDERS, OVERRIDDEN, PROPOSALS, REVEALED, place_list, status_list};
use crate::fold::{BlockDraft, BlockWriter, FoldError};
use crate::store::column::{json, parsed};
use crate::store::rows::{RowFilter, RowOrder, Selection};
use crate::store::table::{Row, natural};
use governance::{Ballot, Electorate, Event, LighterBallot, Overridden, Proposal, Tally};
use primitives::{AccountId, Amount, BuildHash, ProposalId};
use releases::{HeldPower, Manifest};
use rpc::views::{self, DecisionStatus, ProposalSubject};
use runtime::Motion;
use std::collections::BTreeMap;

/// What one event writes.
///
/// # Errors
/// The database refuses, or has no such proposal.
pub async fn write(block: &mut BlockWriter<'_>, event: &Event<Motion>) -> Result<(), FoldError> {
    match event {
        // The rules are read from genesis.
        Event::ParamsSet(_) => Ok(()),
        Event::Proposed(proposal) => {
            propose(block, proposal, stake_of(&proposal.electorate));
            Ok(())
        }
        Event::Opened { proposal, total } => {
            propose(block, proposal, *total);
            Ok(())
        }
        Event::Voted { ballot, tally, overridden, .. } => vote(block, ballot, tally, overridden).await,
        Event::Withdrawn { proposal_id, .. } => set_status(block, *proposal_id, DecisionStatus::Withdrawn).await,
        Event::Passed { proposal_id, .. } => set_status(block, *proposal_id, DecisionStatus::Passed).await,
        Event::Rejected { proposal_id, .. } => set_status(block, *proposal_id, DecisionStatus::Rejected).await,
        Event::Activated { proposal_id } => set_status(block, *proposal_id, DecisionStatus::Activated).await,
        Event::Cancelled(cancelled) => set_status(block, cancelled.proposal_id, DecisionStatus::Cancelled).await,
        Event::Decided { proposal_id, tally, total, shortfall } => {
            count(block, *proposal_id, tally, *total);
            let status = if shortfall.is_none() { DecisionStatus::Passed } else { DecisionStatus::Rejected };
            set_status(block, *proposal_id, status).await
        }
        Event::Recounted { proposal_id, tally, total } => {
            count(block, *proposal_id, tally, *total);
            Ok(())
        }
    }
}

/// It is known what a sealed proposal is about.
pub fn revealed(block: &mut BlockDraft, id: ProposalId, manifest: &Manifest) {
    block.put(&REVEALED, vec![id.0.into(), json(manifest).into()]);
}

/// A validator holds a build that proposals ask for.
pub fn held(block: &mut BlockDraft, build: &BuildHash, node: &AccountId, counted: &[HeldPower]) {
    let (build, height) = (build.to_string(), block.at().height.0);
    for held in counted {
        let id = held.proposal_id.0;
        block.put(&HELD_POWER, vec![id.into(), build.clone().into(), json(held).into()]);
        block.put(&HOLDERS, vec![id.into(), build.clone().into(), node.to_string().into(), height.into()]);
    }
}

/// A build stands elsewhere; a proposal that was carried out stands where the build does that it is named after.
///
/// # Errors
/// The database refuses.
pub async fn build_moved(
    block: &mut BlockWriter<'_>,
    id: ProposalId,
    build: &BuildHash,
    status: DecisionStatus,
) -> Result<(), FoldError> {
    let row = block.find(&PROPOSALS, &["build_hash", "status"], "id", id.0.into()).await?;
    let build = build.to_string();
    let named = row.filter(|row| row[0].text() == Some(build.as_str()));
    // Its approval is a fact before its activation.
    if named.is_some_and(|row| row[1].text() != Some("passed")) {
        set_status(block, id, status).await?;
    }
    Ok(())
}

/// All the weight there is on what an account proposes; members are asked by the chain alone.
fn stake_of(electorate: &Electorate) -> Amount {
    match electorate {
        Electorate::Stake { total, .. } => *total,
        Electorate::Members { .. } => Amount::ZERO,
    }
}

fn propose(block: &mut BlockDraft, proposal: &Proposal<Motion>, total: Amount) {
    let (id, proposer) = (proposal.id, proposal.proposer);
    let build = match &proposal.motion {
        Motion::Releases(releases::Motion::Approve(vote)) => Some(vote.build_hash.to_string()),
        _ => None,
    };
    // What a sealed proposal is about is put in when it is read.
    let subject =
        ProposalSubject::new(proposal.motion.clone(), |vote| vote.sealed.is_none().then(|| vote.manifest.clone()));
    let count = (Tally::default(), total);
    let view = views::ProposalView::new(proposal.clone(), subject, DecisionStatus::Open, count);
    let kind = serde_json::to_value(&view).ok().and_then(|view| Some(view.get("kind")?.as_str()?.to_owned()));
    let row: Row = vec![
        id.0.into(),
        place(DecisionStatus::Open).into(),
        DecisionStatus::Open.to_string().into(),
        kind.unwrap_or_default().into(),
        build.into(),
        proposer.to_string().into(),
        json(&Tally::default()).into(),
        json(&total).into(),
        json(&view).into(),
    ];
    block.put(&PROPOSALS, row);
    block.enter(&status_list(&DecisionStatus::Open.to_string()), id.0);
    block.enter(&place_list(place(DecisionStatus::Open)), id.0);
}

/// A poll of members is counted from its ballots.
fn count(block: &mut BlockDraft, id: ProposalId, tally: &Tally, total: Amount) {
    tallied(block, id, tally);
    block.set_at_end(&PROPOSALS, &["id", "total"], vec![id.0.into(), json(&total).into()]);
}

/// How votes stand: many a block may bring are one row.
fn tallied(block: &mut BlockDraft, id: ProposalId, tally: &Tally) {
    block.set_at_end(&PROPOSALS, &["id", "tally"], vec![id.0.into(), json(tally).into()]);
}

async fn vote(
    block: &mut BlockWriter<'_>,
    ballot: &Ballot,
    tally: &Tally,
    overridden: &[Overridden],
) -> Result<(), FoldError> {
    let id = ballot.proposal_id;
    for Overridden { validator, total, .. } in overridden {
        block.put(&OVERRIDDEN, vec![id.0.into(), validator.to_string().into(), json(total).into()]);
    }
    lighten(block, id, overridden).await?;
    put_ballot(block, ballot);
    tallied(block, id, tally);
    Ok(())
}

/// The ballots of the validators that no longer speak for what voted for itself count for less.
async fn lighten(block: &mut BlockWriter<'_>, id: ProposalId, overridden: &[Overridden]) -> Result<(), FoldError> {
    let lighter: BTreeMap<AccountId, LighterBallot> =
        overridden.iter().filter_map(|overridden| Some((overridden.validator, overridden.lighter?))).collect();
    if lighter.is_empty() {
        return Ok(());
    }
    let keys: Vec<Row> = lighter.keys().map(|validator| vec![id.0.into(), validator.to_string().into()]).collect();
    let filter = RowFilter::Among(&["proposal_id", "voter"], keys);
    let selection = Selection { table: &BALLOTS, columns: &["ballot"], filter, order: RowOrder::Any };
    for row in block.select(selection).await? {
        let ballot: Ballot = parsed("a ballot", row[0].text().unwrap_or_default())?;
        if let Some(by) = lighter.get(&ballot.voter) {
            put_ballot(block, &ballot.lightened(by));
        }
    }
    Ok(())
}

fn put_ballot(block: &mut BlockDraft, ballot: &Ballot) {
    let Ballot { proposal_id, voter, number, .. } = ballot;
    let row = vec![proposal_id.0.into(), voter.to_string().into(), (*number).into(), json(ballot).into()];
    block.put(&BALLOTS, row);
}

/// Moves a proposal to a status.
async fn set_status(block: &mut BlockWriter<'_>, id: ProposalId, status: DecisionStatus) -> Result<(), FoldError> {
    let row = block.find(&PROPOSALS, &["status", "place"], "id", id.0.into()).await?;
    let row = row.ok_or_else(|| FoldError::Damaged(format!("proposal {id} is not in it")))?;
    let (before, stood) = (row[0].text().unwrap_or_default(), row[1].number().map_or(0, natural));
    let now = status.to_string();
    block.leave(&status_list(before), id.0);
    block.enter(&status_list(&now), id.0);
    if stood != place(status) {
        block.leave(&place_list(stood), id.0);
        block.enter(&place_list(place(status)), id.0);
    }
    let was_open = before == DecisionStatus::Open.to_string();
    let row = vec![id.0.into(), now.into(), place(status).into()];
    block.update(&PROPOSALS, &["id", "status", "place"], vec![row]).await?;
    if was_open {
        let height = block.at().height.0;
        block.update(&PROPOSALS, &["id", "ended"], vec![vec![id.0.into(), height.into()]]).await?;
    }
    Ok(())
}

/// Where proposals of a status stand in the list: open ones first, then those that wait.
fn place(status: DecisionStatus) -> u64 {
    match status {
        DecisionStatus::Open => 0,
        DecisionStatus::Passed => 1,
        _ => 2,
    }
}
