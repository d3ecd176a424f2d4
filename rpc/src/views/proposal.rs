//! Proposals with their count.

use crate::views::{Deadline, Pace, Page, PageRange, Rebuild, rebuilds};
use governance::queries::{ballots, find, has_voted, latest, poll, represented};
use governance::{Ballot, Electorate, Intervention, Shortfall, Tally, TrackName, TrackRules};
use primitives::{AccountId, Amount, BuildHash, Digest, Epoch, List, Moment, ProposalId, PublicKey};
use releases::{Attestations, MAX_REVOKED, MAX_SIGNERS, Manifest, Reason, ReleaseVote, RosterChange, Standing, Target};
use runtime::Motion;
use serde::{Deserialize, Serialize};
use state::State;

/// Where a proposal, or the release it approved, stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Takes votes.
    Open,
    /// Waits for its activation epoch.
    Passed,
    /// Was carried out, and is in force.
    Activated,
    /// Did not find the votes.
    Rejected,
    /// Was taken back by its proposer.
    Withdrawn,
    /// Passed, and could not be carried out.
    Cancelled,
    /// The release it approved still runs, and a later one is active.
    Superseded,
    /// The release it approved was withdrawn from use.
    Revoked,
    /// The release it approved is past its end of support.
    Expired,
}

impl Status {
    /// The status of an approved release.
    pub fn of_release(release: &releases::ApprovedRelease, now: Epoch) -> Self {
        let ended = release.manifest.end_of_support_epoch.is_some_and(|end| now >= end);
        match &release.standing {
            Standing::Revoked { .. } => Status::Revoked,
            Standing::Superseded { .. } if ended => Status::Expired,
            Standing::Superseded { .. } => Status::Superseded,
            // A date does not stop what nothing has superseded.
            Standing::Active => Status::Activated,
        }
    }
}

impl From<governance::Status> for Status {
    fn from(status: governance::Status) -> Self {
        match status {
            governance::Status::Open => Status::Open,
            governance::Status::Passed => Status::Passed,
            governance::Status::Activated => Status::Activated,
            governance::Status::Rejected => Status::Rejected,
            governance::Status::Withdrawn => Status::Withdrawn,
            governance::Status::Cancelled => Status::Cancelled,
        }
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.serialize(f)
    }
}

impl std::str::FromStr for Status {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        serde_json::from_value(text.to_lowercase().into()).map_err(|error| error.to_string())
    }
}

/// A proposal, what it proposes, and its count. A release's has the fields of the seeds' `ReleaseVote`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Its number.
    pub id: ProposalId,
    /// What is proposed; its fields stand beside the others.
    #[serde(flatten)]
    pub subject: Subject,
    /// Who proposed it.
    pub proposer: AccountId,
    /// The name of its rules.
    pub track: TrackName,
    /// Its rules, as they were when it was made.
    pub rules: TrackRules,
    /// Who can vote.
    pub electorate: Electorate,
    /// When it was made.
    pub created: Moment,
    /// The epoch of its creation.
    pub created_epoch: Epoch,
    /// Voting ends at the start of this epoch.
    pub vote_deadline_epoch: Epoch,
    /// It is carried out at the start of this epoch.
    pub activation_epoch: Epoch,
    /// Where it stands.
    pub status: Status,
    /// The count so far.
    pub tally: Tally,
}

impl Proposal {
    /// A proposal of the chain with what became of it; `subject` is what its motion proposes.
    pub fn new(proposal: governance::Proposal<Motion>, subject: Subject, status: Status, tally: Tally) -> Self {
        Self {
            id: proposal.id,
            subject,
            proposer: proposal.proposer,
            track: proposal.track,
            rules: proposal.rules,
            electorate: proposal.electorate,
            created: proposal.created,
            created_epoch: proposal.created_epoch,
            vote_deadline_epoch: proposal.vote_deadline_epoch,
            activation_epoch: proposal.activation_epoch,
            status,
            tally,
        }
    }
}

/// What is proposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Subject {
    /// To approve a release.
    Release(Box<ReleaseProposal>),
    /// To replace the roster of release signers.
    RosterChange(Box<RosterChange>),
    /// To take builds out of use.
    Revocation {
        /// The builds.
        build_hashes: List<BuildHash, MAX_REVOKED>,
        /// Why.
        reason: Reason,
    },
    /// To take every release below a number out of use.
    MinimumSequence {
        /// The least number that may run.
        minimum: u64,
        /// Why.
        reason: Reason,
    },
    /// To set the end of support of a release.
    EndOfSupport {
        /// A build of the release.
        build_hash: BuildHash,
        /// The epoch from which it no longer boots once a later release is active.
        epoch: Epoch,
    },
    /// To stop another proposal.
    Cancellation {
        /// Which.
        proposal_id: ProposalId,
        /// Why.
        reason: Reason,
    },
}

impl Subject {
    /// What a motion proposes. `manifest_of` gives the manifest of a release's vote: of a sealed one, what was revealed.
    pub fn new(motion: Motion, manifest_of: impl FnOnce(&ReleaseVote) -> Option<Manifest>) -> Self {
        use releases::Motion::*;
        let motion = match motion {
            Motion::Governance(Intervention::Cancel { proposal_id, reason }) => {
                return Subject::Cancellation { proposal_id, reason };
            }
            Motion::Releases(motion) => motion,
        };
        match motion {
            Approve(vote) => {
                let manifest = manifest_of(&vote);
                Subject::Release(Box::new(release(*vote, manifest)))
            }
            SetRoster(change) => Subject::RosterChange(change),
            Revoke { build_hashes, reason } => Subject::Revocation { build_hashes, reason },
            RaiseMinimumSequence { minimum, reason } => Subject::MinimumSequence { minimum, reason },
            EndSupport { build_hash, epoch } => Subject::EndOfSupport { build_hash, epoch },
        }
    }
}

/// The release that would be approved, its manifest's fields beside its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseProposal {
    /// The build for the first target.
    pub build_hash: BuildHash,
    /// Signatures over it.
    pub signatures: Attestations,
    /// How many it needs.
    pub signature_threshold: u32,
    /// The roster when it was proposed.
    pub signer_set: List<PublicKey, MAX_SIGNERS>,
    /// The seal of a proposal that was made without saying what it is about; null when it was open from the start.
    pub sealed: Option<Digest>,
    /// Whether the manifest is known: not while the proposal is sealed.
    pub revealed: bool,
    /// What the release is made of; of a sealed proposal, empty until it is revealed.
    #[serde(flatten)]
    pub manifest: Manifest,
}

impl ReleaseProposal {
    /// Every build of the release, the one it is named after first; of a sealed proposal only that one.
    pub fn targets(&self) -> Vec<Target> {
        let Manifest { platform, sha256, size, other_targets, .. } = &self.manifest;
        let first = Target { build_hash: self.build_hash, platform: platform.clone(), sha256: *sha256, size: *size };
        std::iter::once(first).chain(other_targets.iter().map(|other| other.target.clone())).collect()
    }
}

/// A proposal with every ballot, and what is still missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalDetail {
    /// The proposal.
    #[serde(flatten)]
    pub proposal: Proposal,
    /// The count against the rules.
    pub progress: Progress,
    /// When voting ends.
    pub vote_deadline: Deadline,
    /// When it is carried out.
    pub activation: Deadline,
    /// Who voted, how, with what weight and why.
    pub ballots: Vec<Ballot>,
    /// Which validators have not voted, the largest weight first, [`MOST_MISSING`] at most. After voting closed, who did not
    /// vote, while the chain remembers the stake of that epoch.
    pub not_voted: Vec<Missing>,
    /// How many validators have not voted, also those that `not_voted` leaves out; null when the chain no longer remembers.
    pub not_voted_count: Option<u64>,
    /// All weight without a ballot.
    pub not_voted_weight: Amount,
    /// How many say that they built the first build of the release from source; none for other subjects.
    pub rebuild_count: u64,
    /// Who does, the first ones first; [`MOST_REBUILDS`](crate::views::MOST_REBUILDS) at most.
    pub rebuilds: Vec<Rebuild>,
}

/// The most validators that [`ProposalDetail::not_voted`] names.
pub const MOST_MISSING: usize = 100;

/// A count against the rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// All the weight there is.
    pub electorate: Amount,
    /// The weight that voted.
    pub turnout: Amount,
    /// The turnout that the quorum needs.
    pub quorum_needed: Amount,
    /// Whether it is there.
    pub quorum_met: bool,
    /// The weight that must be in favour.
    pub support_needed: Amount,
    /// Whether it is there.
    pub support_met: bool,
    /// What would be missing if voting ended now; null when it would pass.
    pub shortfall: Option<Shortfall>,
}

impl Progress {
    /// The count of a proposal against its rules.
    pub fn of(proposal: &Proposal) -> Self {
        let Proposal { rules, tally, electorate, .. } = proposal;
        let (total, turnout) = (electorate.total(), tally.turnout());
        Self {
            electorate: total,
            turnout,
            quorum_needed: rules.quorum.least(total),
            quorum_met: rules.quorum.is_met(turnout, total),
            support_needed: rules.support.least(total),
            support_met: rules.support.is_met(tally.yes, total),
            shortfall: rules.shortfall(tally, electorate),
        }
    }
}

/// A validator that has not voted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// The validator.
    pub account: AccountId,
    /// The stake that is not in the turnout because of it: its own bond, and what it would represent.
    pub weight: Amount,
}

fn view(state: &State, now: Epoch, proposal: governance::Proposal<Motion>) -> Proposal {
    let poll = poll(state, proposal.id);
    let status = standing(state, now, &proposal, poll.status);
    let subject = Subject::new(proposal.motion.clone(), |vote| releases::queries::manifest_of(state, vote));
    Proposal::new(proposal, subject, status, poll.tally)
}

fn release(vote: ReleaseVote, manifest: Option<Manifest>) -> ReleaseProposal {
    ReleaseProposal {
        build_hash: vote.build_hash,
        signatures: vote.signatures,
        signature_threshold: vote.signature_threshold,
        signer_set: vote.signer_set,
        sealed: vote.sealed,
        revealed: manifest.is_some(),
        manifest: manifest.unwrap_or_default(),
    }
}

/// What was activated goes on to have a standing of its own.
fn standing(state: &State, now: Epoch, proposal: &governance::Proposal<Motion>, status: governance::Status) -> Status {
    let release = match &proposal.motion {
        Motion::Releases(releases::Motion::Approve(vote)) => releases::queries::release(state, &vote.build_hash),
        _ => None,
    };
    match (status, release) {
        (governance::Status::Activated, Some(release)) => Status::of_release(&release, now),
        (status, _) => status.into(),
    }
}

/// The proposals, the latest first.
pub(crate) fn proposals(state: &State, now: Epoch, status: Option<Status>, range: PageRange) -> Page<Proposal> {
    let all: Vec<ProposalId> = (1..=latest(state).0).rev().map(ProposalId).collect();
    let read = |id| governance::queries::proposal::<Motion>(state, id);
    let Some(status) = status else { return range.cut(all, |id| view(state, now, read(id))) };
    let matching = all.into_iter().map(|id| view(state, now, read(id))).filter(|view| view.status == status);
    range.cut(matching.collect(), |view| view)
}

/// One proposal of a state whose newest block is of epoch `now`; `None` when there is none of this number.
pub fn proposal_detail(state: &State, now: Epoch, pace: Pace, id: ProposalId) -> Option<ProposalDetail> {
    let proposal = view(state, now, find(state, id)?);
    let progress = Progress::of(&proposal);
    let missing = not_voted(state, now, &proposal);
    let (rebuild_count, rebuilds) = match &proposal.subject {
        Subject::Release(release) => rebuilds(state, &release.build_hash),
        _ => Default::default(),
    };
    Some(ProposalDetail {
        not_voted_count: missing.as_ref().map(|missing| missing.len() as u64),
        not_voted_weight: progress.electorate.saturating_sub(progress.turnout),
        progress,
        vote_deadline: pace.start_of(proposal.vote_deadline_epoch),
        activation: pace.start_of(proposal.activation_epoch),
        ballots: ballots(state, id).collect(),
        rebuild_count,
        rebuilds,
        not_voted: missing.into_iter().flatten().take(MOST_MISSING).collect(),
        proposal,
    })
}

/// The validators without a ballot, by what is missing because of them; `None` when the chain no longer remembers what was at
/// stake.
fn not_voted(state: &State, now: Epoch, proposal: &Proposal) -> Option<Vec<Missing>> {
    let epoch = proposal.electorate.epoch();
    if epoch < staking::queries::remembered_from(state, now) {
        return None;
    }
    let mut missing: Vec<Missing> = staking::queries::validators(state)
        .filter(|account| !has_voted(state, proposal.id, account))
        .map(|account| {
            let own = staking::queries::bond_at(state, &account, &account, epoch);
            let weight = own.saturating_add(represented(state, proposal.id, &account, own, epoch));
            Missing { account, weight }
        })
        .filter(|missing| missing.weight > Amount::ZERO)
        .collect();
    missing.sort_by_key(|missing| (std::cmp::Reverse(missing.weight), missing.account));
    Some(missing)
}
