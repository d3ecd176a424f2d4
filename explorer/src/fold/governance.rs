//! What happened to proposals.

use super::tables::{BALLOTS, OVERRIDDEN, PROPOSALS};
use super::work::{FoldError, Work, json, status_count, typed};
use crate::store::table::int;
use ::governance::{Ballot, Event, Overridden, Proposal, Tally};
use primitives::ProposalId;
use rpc::views::{self, DecisionStatus, ProposalSubject};
use runtime::Motion;
use sqlx::Row as _;

/// What one event writes.
pub async fn write(work: &mut Work<'_>, event: &Event<Motion>) -> Result<(), FoldError> {
    match event {
        // The rules are read from genesis.
        Event::ParamsSet(_) => Ok(()),
        Event::Proposed(proposal) => {
            propose(work, proposal);
            Ok(())
        }
        Event::Voted { ballot, tally, overridden } => vote(work, ballot, tally, overridden).await,
        Event::Withdrawn { proposal_id, .. } => work.proposal_status(*proposal_id, DecisionStatus::Withdrawn).await,
        Event::Passed { proposal_id, .. } => work.proposal_status(*proposal_id, DecisionStatus::Passed).await,
        Event::Rejected { proposal_id, .. } => work.proposal_status(*proposal_id, DecisionStatus::Rejected).await,
        Event::Activated { proposal_id } => activate(work, *proposal_id).await,
        Event::Cancelled(cancelled) => work.proposal_status(cancelled.proposal_id, DecisionStatus::Cancelled).await,
    }
}

fn propose(work: &mut Work<'_>, proposal: &Proposal<Motion>) {
    let (id, proposer) = (proposal.id, proposal.proposer);
    let build = match &proposal.motion {
        Motion::Releases(releases::Motion::Approve(vote)) => Some(vote.build_hash.to_string()),
        _ => None,
    };
    // What a sealed proposal is about is put in when it is read.
    let subject_of =
        ProposalSubject::new(proposal.motion.clone(), |vote| vote.sealed.is_none().then(|| vote.manifest.clone()));
    let view = views::ProposalView::new(proposal.clone(), subject_of, DecisionStatus::Open, Tally::default());
    let kind = serde_json::to_value(&view).ok().and_then(|view| Some(view.get("kind")?.as_str()?.to_owned()));
    work.put(
        &PROPOSALS,
        vec![
            id.0.into(),
            0_u64.into(),
            DecisionStatus::Open.to_string().into(),
            kind.unwrap_or_default().into(),
            build.into(),
            proposer.to_string().into(),
            json(&Tally::default()).into(),
            json(&view).into(),
        ],
    );
    work.count(status_count(&DecisionStatus::Open.to_string()), 1);
}

async fn vote(work: &mut Work<'_>, ballot: &Ballot, tally: &Tally, overridden: &[Overridden]) -> Result<(), FoldError> {
    let id = ballot.proposal_id;
    for Overridden { validator, total, .. } in overridden {
        work.put(&OVERRIDDEN, vec![id.0.into(), validator.to_string().into(), json(total).into()]);
    }
    let lighter = overridden.iter().filter_map(|overridden| overridden.ballot.as_ref());
    for ballot in lighter.chain([ballot]) {
        work.put(&BALLOTS, vec![id.0.into(), ballot.voter.to_string().into(), json(ballot).into()]);
    }
    work.flush().await?;
    let query = sqlx::query("UPDATE proposals SET tally=$1 WHERE id=$2").bind(json(tally)).bind(int(id.0));
    if query.execute(&mut *work.connection).await?.rows_affected() == 0 {
        return Err(FoldError::Damaged(format!("proposal {id} is not in it")));
    }
    Ok(())
}

/// A release that was approved may have moved on already, in this very block.
async fn activate(work: &mut Work<'_>, id: ProposalId) -> Result<(), FoldError> {
    let sql = "SELECT r.status FROM proposals p JOIN release_history r ON r.build_hash = p.build_hash \
               WHERE p.id=$1 AND r.proposal_id=$1";
    let row = work.row(sql, vec![id.0.into()]).await?;
    let status = row.map(|row| typed::<DecisionStatus>("a status", row.get(0))).transpose()?;
    work.proposal_status(id, status.unwrap_or(DecisionStatus::Activated)).await
}
