//! What happened to proposals.

use super::releases::subject as release_subject;
use super::tables::{BALLOTS, OVERRIDDEN, PROPOSALS};
use super::words::lacking;
use super::work::{FoldError, Work, json, parsed, status_count, typed};
use crate::answers::MilestoneName;
use crate::store::table::int;
use ::governance::{Ballot, Event, Overridden, Proposal, Tally};
use primitives::{Amount, ProposalId};
use releases::ReleaseVote;
use rpc::views::{self, Status, Subject};
use runtime::Motion;
use sqlx::Row as _;

/// The subject under which milestones of a proposal are kept.
pub fn subject(id: ProposalId) -> String {
    format!("proposal/{id}")
}

/// What one event writes.
pub async fn write(work: &mut Work<'_>, event: &Event<Motion>) -> Result<(), FoldError> {
    match event {
        Event::Proposed(proposal) => propose(work, proposal).await,
        Event::Voted { ballot, tally, overridden } => vote(work, ballot, tally, overridden).await,
        Event::Withdrawn { proposal_id } => {
            conclude(work, *proposal_id, Status::Withdrawn, MilestoneName::Withdrawn, None).await
        }
        Event::Passed { proposal_id, .. } => {
            conclude(work, *proposal_id, Status::Passed, MilestoneName::Passed, None).await
        }
        Event::Rejected { proposal_id, shortfall, .. } => {
            let why = Some(lacking(*shortfall).to_owned());
            conclude(work, *proposal_id, Status::Rejected, MilestoneName::Rejected, why).await
        }
        Event::Activated { proposal_id } => activate(work, *proposal_id).await,
        Event::Cancelled { proposal_id } => {
            conclude(work, *proposal_id, Status::Cancelled, MilestoneName::Cancelled, None).await
        }
    }
}

async fn propose(work: &mut Work<'_>, proposal: &Proposal<Motion>) -> Result<(), FoldError> {
    let (id, proposer) = (proposal.id, proposal.proposer);
    let vote = match &proposal.motion {
        Motion::Releases(releases::Motion::Approve(vote)) => Some(vote),
        _ => None,
    };
    // What a sealed proposal is about is put in when it is read.
    let subject_of = Subject::new(proposal.motion.clone(), |vote| vote.sealed.is_none().then(|| vote.manifest.clone()));
    let view = views::Proposal::new(proposal.clone(), subject_of, Status::Open, Tally::default());
    let kind = serde_json::to_value(&view).ok().and_then(|view| Some(view.get("kind")?.as_str()?.to_owned()));
    let build = vote.map(|vote| vote.build_hash.to_string());
    work.put(
        &PROPOSALS,
        vec![
            id.0.into(),
            0_u64.into(),
            Status::Open.to_string().into(),
            kind.unwrap_or_default().into(),
            build.into(),
            proposer.to_string().into(),
            json(&Tally::default()).into(),
            json(&view).into(),
        ],
    );
    work.count(status_count(&Status::Open.to_string()), 1);
    work.milestone(subject(id), MilestoneName::Proposed, None);
    if let Some(vote) = vote {
        for (target, signatures) in vote.attested() {
            let of = release_subject(&target.build_hash);
            work.milestone(of.clone(), MilestoneName::Proposed, Some(format!("as proposal {id}")));
            work.milestone(of, MilestoneName::Attested, Some(attested(vote, signatures.len())));
        }
        work.milestone(subject(id), MilestoneName::Attested, Some(attested(vote, vote.signatures.len())));
    }
    Ok(())
}

fn attested(vote: &ReleaseVote, have: usize) -> String {
    let need = vote.signature_threshold;
    format!("{have} signatures, {need} needed")
}

async fn vote(work: &mut Work<'_>, ballot: &Ballot, tally: &Tally, overridden: &[Overridden]) -> Result<(), FoldError> {
    let id = ballot.proposal_id;
    for Overridden { validator, amount } in overridden {
        override_validator(work, id, &validator.to_string(), *amount).await?;
    }
    work.put(&BALLOTS, vec![id.0.into(), ballot.voter.to_string().into(), json(ballot).into()]);
    let row = work.row("SELECT tally FROM proposals WHERE id=$1", vec![id.0.into()]).await?;
    let Some(row) = row else { return Err(FoldError::Damaged(format!("proposal {id} is not in it"))) };
    let first = parsed::<Tally>("a tally", row.get(0))? == Tally::default();
    let query = sqlx::query("UPDATE proposals SET tally=$1 WHERE id=$2").bind(json(tally)).bind(int(id.0));
    query.execute(&mut *work.connection).await?;
    if first {
        milestone(work, id, MilestoneName::Voted, None).await?;
    }
    Ok(())
}

/// Stake that votes for itself is no longer spoken for by its validator, whose ballot becomes lighter.
async fn override_validator(
    work: &mut Work<'_>,
    id: ProposalId,
    validator: &str,
    amount: Amount,
) -> Result<(), FoldError> {
    let key = || vec![id.0.into(), validator.into()];
    let spoken = work.row("SELECT amount FROM overridden WHERE proposal_id=$1 AND validator=$2", key()).await?;
    let spoken: Amount = spoken.map(|row| parsed("an amount", row.get(0))).transpose()?.unwrap_or_default();
    let spoken = json(&spoken.saturating_add(amount));
    work.put(&OVERRIDDEN, vec![id.0.into(), validator.into(), spoken.into()]);
    let theirs = work.row("SELECT ballot FROM ballots WHERE proposal_id=$1 AND voter=$2", key()).await?;
    if let Some(row) = theirs {
        let mut ballot: Ballot = parsed("a ballot", row.get(0))?;
        ballot.weight = ballot.weight.saturating_sub(amount);
        ballot.represented = ballot.represented.saturating_sub(amount);
        work.put(&BALLOTS, vec![id.0.into(), validator.into(), json(&ballot).into()]);
    }
    Ok(())
}

/// A release that was approved may have moved on already, in this very block.
async fn activate(work: &mut Work<'_>, id: ProposalId) -> Result<(), FoldError> {
    let sql = "SELECT r.status FROM proposals p JOIN release_history r ON r.build_hash = p.build_hash \
               WHERE p.id=$1 AND r.proposal_id=$1";
    let row = work.row(sql, vec![id.0.into()]).await?;
    let status = row.map(|row| typed::<Status>("a status", row.get(0))).transpose()?;
    work.proposal_status(id, status.unwrap_or(Status::Activated)).await?;
    work.milestone(subject(id), MilestoneName::Activated, None);
    Ok(())
}

async fn conclude(
    work: &mut Work<'_>,
    id: ProposalId,
    status: Status,
    name: MilestoneName,
    note: Option<String>,
) -> Result<(), FoldError> {
    work.proposal_status(id, status).await?;
    milestone(work, id, name, note).await
}

/// Of a proposal, and of the release that it is about.
async fn milestone(
    work: &mut Work<'_>,
    id: ProposalId,
    name: MilestoneName,
    note: Option<String>,
) -> Result<(), FoldError> {
    work.milestone(subject(id), name, note.clone());
    let row = work.row("SELECT build_hash FROM proposals WHERE id=$1", vec![id.0.into()]).await?;
    if let Some(hash) = row.and_then(|row| row.get::<Option<String>, _>(0)) {
        work.milestone(release_subject(&typed("a build", &hash)?), name, note);
    }
    Ok(())
}
