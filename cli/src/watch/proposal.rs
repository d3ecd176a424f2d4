//! What became different from one view of a proposal to the next, one sentence each.

use super::Watched;
use crate::failure::Failure;
use crate::render::{self, Screen, grouped, percent, short_named, start};
use crate::session::Session;
use governance::Ballot;
use primitives::ProposalId;
use rpc::api::GovApiClient as _;
use rpc::views::{DecisionStatus, ProposalDetail, VoteProgress};

impl Watched for ProposalDetail {
    type Id = ProposalId;

    async fn asked(session: &Session, id: ProposalId) -> Result<Self, Failure> {
        session.node.proposal(id).await.map_err(|error| session.explain(error))
    }

    fn is_concluded(&self) -> bool {
        is_concluded(self.proposal.status)
    }

    fn sentences(&self, screen: &Screen, before: Option<&Self>) -> Vec<String> {
        sentences(screen, before, self)
    }

    fn is_different(&self, before: Option<&Self>) -> bool {
        is_different(before, self)
    }

    fn drawn(&self, screen: &Screen, epoch_length: u64, foot: &str) -> String {
        render::board(screen, self, epoch_length, foot)
    }

    fn conclusion(&self) -> String {
        format!("Proposal {} is {}.", self.proposal.id, self.proposal.status)
    }
}

/// Whether nothing will happen to a proposal any more. What its release goes through later is the release's own story.
fn is_concluded(status: DecisionStatus) -> bool {
    !matches!(status, DecisionStatus::Open | DecisionStatus::Passed)
}

/// Says what is different; everything, when nothing was seen before. Not yet escaped.
fn sentences(screen: &Screen, before: Option<&ProposalDetail>, now: &ProposalDetail) -> Vec<String> {
    let mut said = before.map(|before| votes(Some(before), now)).unwrap_or_default();
    said.extend(held(before, now));
    if before.is_none_or(|before| before.proposal.status != now.proposal.status) {
        said.push(standing(screen, now));
    }
    said
}

/// The ballots that were not there before.
pub(super) fn votes(before: Option<&ProposalDetail>, now: &ProposalDetail) -> Vec<String> {
    let seen = |ballot: &Ballot| before.is_some_and(|before| before.ballots.contains(ballot));
    now.ballots.iter().filter(|ballot| !seen(ballot)).map(|ballot| vote(before, now, ballot)).collect()
}

/// Whether anything is different but the estimates.
fn is_different(before: Option<&ProposalDetail>, now: &ProposalDetail) -> bool {
    before.is_none_or(|before| {
        before.proposal != now.proposal
            || before.ballots != now.ballots
            || before.not_voted != now.not_voted
            || before.rebuilds != now.rebuilds
    })
}

fn vote(before: Option<&ProposalDetail>, now: &ProposalDetail, ballot: &Ballot) -> String {
    let earlier = before.and_then(|before| before.ballots.iter().find(|earlier| earlier.voter == ballot.voter));
    let verb = match earlier {
        None => "votes",
        Some(earlier) if earlier.received_at == ballot.received_at => "now counts",
        Some(_) => "changes to",
    };
    let voter = short_named(&now.described, &ballot.voter);
    let weight = match now.proposal.electorate.role() {
        None => format!(" with {} stake", grouped(ballot.weight)),
        Some(_) => String::new(),
    };
    let reason = ballot.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    format!("{voter} {verb} {}{weight}; {}{reason}", ballot.choice, count(now))
}

/// How much power holds the release, when that is news.
fn held(before: Option<&ProposalDetail>, now: &ProposalDetail) -> Option<String> {
    let availability = now.proposal.availability.as_ref()?;
    let earlier = before?.proposal.availability.as_ref();
    let (power, state) = (availability.scarcest()?.power, if availability.met { "enough" } else { "too little" });
    let sentence = || format!("{} of the power holds the release ({state})", percent(power, availability.total));
    (earlier != Some(availability)).then(sentence)
}

fn standing(screen: &Screen, now: &ProposalDetail) -> String {
    let id = now.proposal.id;
    match now.proposal.status {
        DecisionStatus::Open => {
            let ends = now.vote_deadline.as_ref().map(|end| format!("; voting ends at the {}", start(end, screen)));
            let open = now.proposal.open_until().map(|until| format!(" {until}"));
            format!("proposal {id} is open{}; {}{}", open.unwrap_or_default(), count(now), ends.unwrap_or_default())
        }
        DecisionStatus::Passed => {
            let activation = now.activation.as_ref().map(|epoch| format!("; activation: {}", start(epoch, screen)));
            format!("proposal {id} passed; {}{}", count(now), activation.unwrap_or_default())
        }
        DecisionStatus::Rejected => {
            let missing = now.progress.shortfall.map(|missing| format!(": {missing}")).unwrap_or_default();
            format!("proposal {id} is rejected{missing}; {}", count(now))
        }
        other => format!("proposal {id} is {other}"),
    }
}

fn count(now: &ProposalDetail) -> String {
    let VoteProgress { electorate, turnout, quorum_met, .. } = now.progress;
    let tally = &now.proposal.tally;
    let share = |part| percent(part, electorate);
    let quorum = match (now.proposal.electorate.role(), quorum_met) {
        (Some(_), _) => "",
        (None, true) => " (quorum met)",
        (None, false) => " (quorum short)",
    };
    format!(
        "yes {}, no {}, abstain {}, turnout {}{quorum}",
        share(tally.yes),
        share(tally.no),
        share(tally.abstain),
        share(turnout)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_open_and_passed_proposals_go_on() {
        use DecisionStatus::*;
        assert!([Open, Passed].iter().all(|status| !is_concluded(*status)));
        let concluded = [Activated, Rejected, Withdrawn, Cancelled, Superseded, Revoked, Expired];
        assert!(concluded.iter().all(|status| is_concluded(*status)));
    }
}
