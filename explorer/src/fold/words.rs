//! What a fact is about, and what it says as a sentence.

use primitives::{AccountId, BuildHash, ProposalId, TransactionHash};
use releases::MinimumSequence;
use runtime::{Cause, Event, Fact, Motion};

/// A fact as the audit log lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// What happened, as a word.
    pub kind: &'static str,
    /// The release it is about.
    pub build_hash: Option<BuildHash>,
    /// The proposal it is about.
    pub proposal_id: Option<ProposalId>,
    /// The account that asked.
    pub account: Option<AccountId>,
    /// The transaction that asked.
    pub transaction: Option<TransactionHash>,
    /// What happened, or why not.
    pub sentence: String,
}

/// Every kind there is, for choosing from.
pub const KINDS: [&str; 25] = [
    "accounts.refused",
    "accounts.transferred",
    "governance.activated",
    "governance.cancelled",
    "governance.passed",
    "governance.proposed",
    "governance.refused",
    "governance.rejected",
    "governance.voted",
    "governance.withdrawn",
    "releases.approved",
    "releases.installed",
    "releases.minimum_sequence_raised",
    "releases.rebuilt",
    "releases.refused",
    "releases.reported",
    "releases.revealed",
    "releases.revoked",
    "releases.roster_set",
    "releases.support_ends",
    "staking.bonded",
    "staking.elected",
    "staking.refused",
    "staking.unbonded",
    "staking.unbonding",
];

type About = (&'static str, Option<BuildHash>, Option<ProposalId>, String);

/// Describes a fact.
pub fn describe(fact: &Fact) -> Description {
    let (kind, build_hash, proposal_id, sentence) = match &fact.outcome {
        Ok(event) => granted(event),
        Err(error) => refused(error),
    };
    let (account, transaction, of_proposal) = match &fact.cause {
        Cause::Transaction { hash, account, .. } => (Some(*account), Some(*hash), None),
        Cause::Proposal(id) => (None, None, Some(*id)),
        Cause::Clock => (None, None, None),
    };
    Description { kind, build_hash, proposal_id: proposal_id.or(of_proposal), account, transaction, sentence }
}

fn refused(error: &runtime::Error) -> About {
    let kind = match error {
        runtime::Error::Accounts(_) => "accounts.refused",
        runtime::Error::Staking(_) => "staking.refused",
        runtime::Error::Governance(_) => "governance.refused",
        runtime::Error::Releases(_) => "releases.refused",
    };
    (kind, None, None, error.to_string())
}

fn granted(event: &Event) -> About {
    match event {
        Event::Accounts(event) => account(event),
        Event::Staking(event) => staking(event),
        Event::Governance(event) => governance(event),
        Event::Releases(event) => release(event),
    }
}

fn account(event: &accounts::Event) -> About {
    let accounts::Event::Transferred { from, to, amount } = event;
    ("accounts.transferred", None, None, format!("{from} sent {amount} to {to}"))
}

fn staking(event: &staking::Event) -> About {
    use staking::Event::*;
    let (kind, sentence) = match event {
        Bonded { who, validator, amount } if who == validator => {
            ("staking.bonded", format!("{who} bonded {amount} to itself"))
        }
        Bonded { who, validator, amount } => ("staking.bonded", format!("{who} delegated {amount} to {validator}")),
        Unbonding { who, validator, amount, free_epoch } => (
            "staking.unbonding",
            format!("{who} takes {amount} out of its bond to {validator}; free from epoch {free_epoch} on"),
        ),
        Unbonded { who, amount, .. } => ("staking.unbonded", format!("{amount} of {who} is free again")),
        Elected { epoch, validators } => (
            "staking.elected",
            match validators.validators.len() {
                1 => format!("one validator was elected to decide blocks in epoch {epoch}"),
                count => format!("{count} validators were elected to decide blocks in epoch {epoch}"),
            },
        ),
    };
    (kind, None, None, sentence)
}

fn governance(event: &governance::Event<Motion>) -> About {
    use governance::Event::*;
    let about = |kind, id, sentence| (kind, None, Some(id), sentence);
    match event {
        Proposed(proposal) => {
            let (hash, what) = subject(&proposal.motion);
            let (id, proposer) = (proposal.id, proposal.proposer);
            ("governance.proposed", hash, Some(id), format!("{proposer} proposed {what}, as proposal {id}"))
        }
        Voted { ballot, .. } => about(
            "governance.voted",
            ballot.proposal_id,
            format!(
                "{} voted {} on proposal {} with {}",
                ballot.voter, ballot.choice, ballot.proposal_id, ballot.weight
            ),
        ),
        Withdrawn { proposal_id: id } => {
            about("governance.withdrawn", *id, format!("proposal {id} was taken back by its proposer"))
        }
        Passed { proposal_id: id, tally } => about(
            "governance.passed",
            *id,
            format!("proposal {id} passed: {} yes, {} no, {} abstain", tally.yes, tally.no, tally.abstain),
        ),
        Rejected { proposal_id: id, shortfall, .. } => {
            about("governance.rejected", *id, format!("proposal {id} was rejected: {}", lacking(*shortfall)))
        }
        Activated { proposal_id: id } => about("governance.activated", *id, format!("proposal {id} was carried out")),
        Cancelled { proposal_id: id } => {
            about("governance.cancelled", *id, format!("proposal {id} will not be carried out"))
        }
    }
}

/// What a rejected proposal was missing, in words.
pub fn lacking(shortfall: governance::Shortfall) -> &'static str {
    match shortfall {
        governance::Shortfall::Quorum => "too little stake voted",
        governance::Shortfall::Support => "too little of the stake was in favour",
        governance::Shortfall::Majority => "there was not more yes than no",
    }
}

fn subject(motion: &Motion) -> (Option<BuildHash>, String) {
    use releases::Motion::*;
    match motion {
        Motion::Releases(Approve(vote)) => (Some(vote.build_hash), format!("to approve build {}", vote.build_hash)),
        Motion::Releases(SetRoster(change)) => {
            let roster = &change.roster;
            (
                None,
                format!(
                    "roster {} of {} signers, of whom {} must sign",
                    roster.version,
                    roster.size(),
                    roster.threshold
                ),
            )
        }
        Motion::Releases(Revoke { build_hashes, .. }) => {
            let first = build_hashes.first().copied();
            (first, format!("to take {} out of use", listed(build_hashes)))
        }
        Motion::Releases(RaiseMinimumSequence { minimum, .. }) => {
            (None, format!("to take every release before number {minimum} out of use"))
        }
        Motion::Releases(EndSupport { build_hash, epoch }) => {
            (Some(*build_hash), format!("to end the support of build {build_hash} at epoch {epoch}"))
        }
        Motion::Governance(governance::Intervention::Cancel { proposal_id, .. }) => {
            (None, format!("to stop proposal {proposal_id}"))
        }
    }
}

fn release(event: &releases::Event) -> About {
    use releases::Event::*;
    let about = |kind, hash, sentence| (kind, Some(hash), None, sentence);
    match event {
        Approved(builds) => {
            let first = builds.first();
            let sequence = first.map(|build| build.sequence).unwrap_or_default();
            let hashes: Vec<BuildHash> = builds.iter().map(|build| build.build_hash).collect();
            let sentence = format!("release {sequence} is approved: {}", listed(&hashes));
            ("releases.approved", first.map(|build| build.build_hash), None, sentence)
        }
        Installed { build_hash, node, .. } => {
            about("releases.installed", *build_hash, format!("{node} booted build {build_hash}"))
        }
        Reported { build_hash, node, stage, .. } => {
            let reason = stage.reason().map(|reason| format!(": {reason}")).unwrap_or_default();
            let sentence = format!("{node} says that build {build_hash} is {}{reason}", stage.name());
            about("releases.reported", *build_hash, sentence)
        }
        Rebuilt { build_hash, builder, .. } => {
            about("releases.rebuilt", *build_hash, format!("{builder} built {build_hash} from source"))
        }
        Revealed { build_hash, .. } => {
            about("releases.revealed", *build_hash, format!("the sealed proposal of build {build_hash} is revealed"))
        }
        RosterSet(record) => {
            let roster = &record.roster;
            let sentence =
                format!("roster {} signs releases: {} of {}", roster.version, roster.threshold, roster.size());
            ("releases.roster_set", None, None, sentence)
        }
        Revoked { build_hashes, reason, effective_epoch, .. } => {
            let sentence = format!("{} may not run from epoch {effective_epoch} on: {reason}", listed(build_hashes));
            ("releases.revoked", build_hashes.first().copied(), None, sentence)
        }
        MinimumSequenceRaised { minimum, reason } => {
            let MinimumSequence { sequence, effective_epoch, .. } = minimum;
            let sentence = format!("releases before {sequence} may not run from epoch {effective_epoch} on: {reason}");
            ("releases.minimum_sequence_raised", None, None, sentence)
        }
        SupportEnds { build_hashes, epoch } => {
            let sentence = format!("the support of {} ends at epoch {epoch}", listed(build_hashes));
            ("releases.support_ends", build_hashes.first().copied(), None, sentence)
        }
    }
}

fn listed(hashes: &[BuildHash]) -> String {
    let hashes: Vec<String> = hashes.iter().map(BuildHash::to_string).collect();
    hashes.join(", ")
}
