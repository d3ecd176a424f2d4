//! Proposals with their count.

use crate::views::page::missing;
use crate::views::{
    BlockPace, Deadline, DecisionStatus, Descriptions, MOST_PER_PAGE, PageOf, PageRange, ProposalSubject, RebuildView,
    first_rebuilds,
};
use governance::queries::{self, find, has_voted, latest, poll, represented};
use governance::{Ballot, Closing, Electorate, Place, Shortfall, Status, Tally, TrackName, TrackRules};
use primitives::{AccountId, Amount, BuildHash, Epoch, Moment, ProposalId};
use releases::{Availability, SignatureCount, SignedUnder};
use runtime::Motion;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use staking::Validator;
use state::State;

/// A proposal, what it proposes, and its count. A release's has the fields of the seeds' `ReleaseVote`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Proposal")]
pub struct ProposalView {
    /// Its number.
    pub id: ProposalId,
    /// What is proposed; its fields stand beside the others.
    #[serde(flatten)]
    pub subject: ProposalSubject,
    /// Who proposed it; of what the chain opened, for whom.
    pub proposer: AccountId,
    /// The name of its rules.
    pub track: TrackName,
    /// Its rules, as they were when it was made.
    pub rules: TrackRules,
    /// The place it holds while it is open or passed.
    pub place: Place,
    /// Who can vote.
    pub electorate: Electorate,
    /// When it was made.
    pub created: Moment,
    /// The epoch of its creation.
    pub created_epoch: Epoch,
    /// Voting ends at the start of this epoch; the last one there can be where members vote.
    pub vote_deadline_epoch: Epoch,
    /// It is carried out at the start of this epoch; the last one there can be where members vote.
    pub activation_epoch: Epoch,
    /// When voting ends where members vote and did not decide before; null where they can until they do, and where stake votes.
    pub closes_at: Option<Closing>,
    /// Where it stands.
    pub status: DecisionStatus,
    /// The count so far.
    pub tally: Tally,
    /// All the weight there is; of members, how many could vote when they were last counted.
    pub total: Amount,
    /// How much of the validators' power holds the release, which has to be enough before it passes, or, when it was sealed,
    /// before it is activated; null for other subjects.
    pub availability: Option<Availability>,
}

impl ProposalView {
    /// A proposal of the chain with what became of it, and all the weight there is; `subject` is what its motion proposes.
    pub fn new(
        proposal: governance::Proposal<Motion>,
        subject: ProposalSubject,
        status: DecisionStatus,
        (tally, total): (Tally, Amount),
    ) -> Self {
        Self {
            id: proposal.id,
            subject,
            proposer: proposal.proposer,
            track: proposal.track,
            rules: proposal.rules,
            place: proposal.place,
            electorate: proposal.electorate,
            created: proposal.created,
            created_epoch: proposal.created_epoch,
            vote_deadline_epoch: proposal.vote_deadline_epoch,
            activation_epoch: proposal.activation_epoch,
            closes_at: proposal.closes_at,
            status,
            tally,
            total,
            availability: None,
        }
    }

    /// The builds that it would approve, as far as they are known; none for other subjects.
    pub fn builds(&self) -> Vec<BuildHash> {
        match &self.subject {
            ProposalSubject::Release(release) => release.targets().iter().map(|target| target.build_hash).collect(),
            _ => Vec::new(),
        }
    }

    /// When voting ends and when it is carried out, at a pace of blocks; none where members vote, who decide when they do.
    pub fn deadlines(&self, pace: BlockPace) -> Option<(Deadline, Deadline)> {
        let on_stake = self.electorate.role().is_none();
        on_stake.then(|| (pace.start_of(self.vote_deadline_epoch), pace.start_of(self.activation_epoch)))
    }

    /// Until when members can vote, as a clause; none where stake does.
    pub fn open_until(&self) -> Option<String> {
        self.electorate.role()?;
        Some(match self.closes_at {
            None => "until it is decided".into(),
            Some(Closing::Epoch(epoch)) => format!("until it is decided, or epoch {epoch} begins"),
            Some(closing) => {
                format!("until it is decided, or the chain has run for {} since", closing.within(self.created))
            }
        })
    }

    /// Whether too few hold the release when voting ends. A sealed one is judged when it is activated.
    fn is_withheld(&self) -> bool {
        let was_sealed = matches!(&self.subject, ProposalSubject::Release(release) if release.sealed.is_some());
        !was_sealed && self.availability.as_ref().is_some_and(|availability| !availability.met)
    }
}

/// A proposal with its latest voters, and what is still missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProposalDetail {
    /// The proposal.
    #[serde(flatten)]
    pub proposal: ProposalView,
    /// The count against the rules.
    pub progress: VoteProgress,
    /// When voting ends; null where members vote, who decide when they do.
    pub vote_deadline: Option<Deadline>,
    /// When it is carried out; null where members vote: that is carried out in the block in which it is decided.
    pub activation: Option<Deadline>,
    /// How many ballots there are.
    pub ballot_count: u64,
    /// Who voted, how, with what weight and why, the latest to vote for the first time first, 100 at most; `gov.ballots` has the
    /// others.
    #[schemars(length(max = MOST_PER_PAGE))]
    pub ballots: Vec<Ballot>,
    /// Which validators of the electorate's epoch have not voted, or which members, the largest weight first, [`MOST_MISSING`] at most.
    /// After voting closed, who did not vote, while the chain remembers the stake of that epoch.
    #[schemars(length(max = MOST_MISSING))]
    pub not_voted: Vec<Missing>,
    /// How many have not voted, also those that `not_voted` leaves out; null when it is no longer remembered, which it is of members only
    /// while they vote.
    pub not_voted_count: Option<u64>,
    /// All weight without a ballot.
    pub not_voted_weight: Amount,
    /// Which of the validators of the epoch that its stake is counted in have not said that they hold every build of the
    /// release, the strongest first; null for other subjects, and when the chain no longer remembers them.
    #[schemars(length(max = staking::MAX_VALIDATORS))]
    pub not_holding: Option<Vec<Validator>>,
    /// How many say that they built the first build of the release from source; none for other subjects.
    pub rebuild_count: u64,
    /// Who does, the first ones first, 100 at most; `gov.rebuilds` has the others.
    #[schemars(length(max = MOST_PER_PAGE))]
    pub rebuilds: Vec<RebuildView>,
    /// What those who are named here say of themselves: the proposer, voters, validators and builders.
    #[serde(default)]
    pub described: Descriptions,
}

impl ProposalDetail {
    /// A proposal whose votes come to `progress`. Of `ballots` and `rebuilds` it is given how many there are, and those that are
    /// named; who is `missing`, and who is `not_holding`, is none when the chain no longer remembers. What [they](Self::accounts) say
    /// of themselves is not in it yet.
    pub fn new(
        proposal: ProposalView,
        progress: VoteProgress,
        pace: BlockPace,
        (ballot_count, ballots): (u64, Vec<Ballot>),
        missing: Option<Vec<Missing>>,
        not_holding: Option<Vec<Validator>>,
        (rebuild_count, rebuilds): (u64, Vec<RebuildView>),
    ) -> Self {
        let (vote_deadline, activation) = proposal.deadlines(pace).unzip();
        Self {
            not_voted_count: missing.as_ref().map(|missing| missing.len() as u64),
            not_voted_weight: progress.electorate.saturating_sub(progress.turnout),
            not_holding,
            progress,
            vote_deadline,
            activation,
            ballot_count,
            ballots,
            rebuild_count,
            rebuilds,
            not_voted: missing.into_iter().flatten().take(MOST_MISSING).collect(),
            proposal,
            described: Descriptions::default(),
        }
    }

    /// Everybody that it names, some more than once.
    pub fn accounts(&self) -> impl Iterator<Item = AccountId> + '_ {
        let voters = self.ballots.iter().map(|ballot| ballot.voter);
        let not_voted = self.not_voted.iter().map(|missing| missing.account);
        let not_holding = self.not_holding.iter().flatten().map(|validator| validator.account);
        let builders = self.rebuilds.iter().map(|rebuild| rebuild.builder);
        std::iter::once(self.proposal.proposer).chain(voters).chain(not_voted).chain(not_holding).chain(builders)
    }
}

/// The most validators that [`ProposalDetail::not_voted`] names.
pub const MOST_MISSING: usize = 100;

/// A count against the rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Progress")]
pub struct VoteProgress {
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
    /// The signatures that count for it, as far as it is known who will have left when voting ends; null for what brings
    /// none. One that brings no more than it needs cannot pass if one of its signers leaves before.
    pub signatures: Option<SignatureCount>,
    /// What would be missing if voting ended now; null when it would pass.
    pub shortfall: Option<Shortfall>,
}

impl VoteProgress {
    /// The count of a proposal against its rules, its signatures by the roster that it was made under, and who holds it.
    pub fn of(proposal: &ProposalView, under: &SignedUnder) -> Self {
        let ProposalView { rules, tally, vote_deadline_epoch: ends, .. } = proposal;
        let withheld = || proposal.is_withheld().then_some(Shortfall::Unavailable);
        let (total, turnout) = (proposal.total, tally.turnout());
        let (signatures, lacks) = match Motion::from(proposal.subject.clone()) {
            Motion::Releases(motion) => (motion.signature_count(under, *ends), motion.shortfall(under, *ends)),
            Motion::Governance(_) | Motion::Roles(_) | Motion::Rollouts(_) => (None, None),
        };
        Self {
            electorate: total,
            turnout,
            quorum_needed: rules.quorum.least(total),
            quorum_met: rules.quorum.is_met(turnout, total),
            support_needed: rules.support.least(total),
            support_met: rules.support.is_met(tally.yes, total),
            signatures,
            shortfall: rules.shortfall(tally, total).or(lacks).or_else(withheld),
        }
    }

    /// Whether one signer that leaves before voting ends would be one too many.
    pub fn has_no_spare_signature(&self) -> bool {
        self.signatures.is_some_and(|count| count.have == count.need)
    }
}

/// A validator that has not voted, or a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "NotVoted")]
pub struct Missing {
    /// The validator, or the member.
    pub account: AccountId,
    /// The stake that is not in the turnout because of it: its own bond, and what it would represent. Of a member one.
    pub weight: Amount,
}

fn view(state: &State, now: Epoch, proposal: governance::Proposal<Motion>) -> ProposalView {
    let poll = poll(state, proposal.id);
    let status = standing(state, now, &proposal, poll.status);
    let manifest_of = |vote: &releases::ReleaseVote| releases::queries::manifest_of(state, proposal.id, vote);
    let subject = ProposalSubject::new(proposal.motion.clone(), manifest_of);
    let view = ProposalView::new(proposal, subject, status, (poll.tally, poll.total));
    let builds = view.builds();
    let availability = (!builds.is_empty()).then(|| releases::queries::availability(state, view.id, builds));
    ProposalView { availability, ..view }
}

/// What was activated goes on to have a standing of its own.
fn standing(
    state: &State,
    now: Epoch,
    proposal: &governance::Proposal<Motion>,
    status: governance::Status,
) -> DecisionStatus {
    let release = match &proposal.motion {
        Motion::Releases(releases::Motion::Approve(vote)) => releases::queries::release(state, &vote.build_hash),
        _ => None,
    };
    match (status, release) {
        (governance::Status::Activated, Some(release)) => DecisionStatus::of_release(&release, now),
        (status, _) => status.into(),
    }
}

/// The proposals, the latest first; of those that ended in one way, the last to end first.
pub(crate) fn proposals<E>(
    state: &State,
    now: Epoch,
    status: Option<Status>,
    range: PageRange,
    go_on: impl Fn() -> Result<(), E>,
) -> Result<PageOf<ProposalView>, E> {
    let show = |id: ProposalId| -> Result<ProposalView, E> {
        go_on()?;
        Ok(view(state, now, queries::proposal(state, id)))
    };
    match status {
        None => range.descending(latest(state).0, |number| show(ProposalId(number))),
        Some(status @ (Status::Open | Status::Passed)) => {
            let all = queries::live(state).chain(queries::live_polls(state));
            let mut live: Vec<ProposalId> = all.filter(|id| poll(state, *id).status == status).collect();
            live.sort_unstable();
            range.descending(live.len() as u64, |number| show(live[number as usize - 1]))
        }
        Some(ended) => range.descending(queries::ended_count(state, ended), |number| {
            show(queries::ended(state, ended, number).unwrap_or_else(|| missing("proposal", number)))
        }),
    }
}

/// The ballots on a proposal, the latest to vote for the first time first.
pub(crate) fn ballots<E>(
    state: &State,
    id: ProposalId,
    range: PageRange,
    go_on: impl Fn() -> Result<(), E>,
) -> Result<PageOf<Ballot>, E> {
    range.descending(queries::ballot_count(state, id), |number| {
        go_on()?;
        Ok(queries::numbered_ballot(state, id, number).unwrap_or_else(|| missing("ballot", number)))
    })
}

/// One proposal of a state whose newest block is of epoch `now`; `None` when there is none of this number.
pub fn proposal_detail(state: &State, now: Epoch, pace: BlockPace, id: ProposalId) -> Option<ProposalDetail> {
    let proposal = view(state, now, find(state, id)?);
    let progress = VoteProgress::of(&proposal, &releases::queries::signed_under(state, proposal.created));
    let voted = PageOf::read(ballots(state, id, PageRange::FIRST, || Ok(())));
    let without = not_voted(state, now, &proposal);
    let rebuilds = match &proposal.subject {
        ProposalSubject::Release(release) => first_rebuilds(state, &release.build_hash),
        _ => Default::default(),
    };
    let not_held = not_holding(state, now, &proposal);
    let ballots = (voted.total, voted.entries);
    let detail = ProposalDetail::new(proposal, progress, pace, ballots, without, not_held, rebuilds);
    let described = Descriptions::of(state, detail.accounts());
    Some(ProposalDetail { described, ..detail })
}

/// The candidates that do not hold the release; `None` for other subjects, and when the chain no longer remembers them.
fn not_holding(state: &State, now: Epoch, proposal: &ProposalView) -> Option<Vec<Validator>> {
    let (builds, epoch) = (proposal.builds(), proposal.electorate.stake_epoch()?);
    let is_known = !builds.is_empty() && epoch >= staking::queries::remembered_from(state, now);
    is_known.then(|| releases::queries::not_holding(state, proposal.id, &builds))
}

/// The candidates without a ballot, by what is missing because of them; `None` when the chain no longer remembers what was at
/// stake.
fn not_voted(state: &State, now: Epoch, proposal: &ProposalView) -> Option<Vec<Missing>> {
    let Some(epoch) = proposal.electorate.stake_epoch() else { return members_without(state, proposal) };
    if epoch < staking::queries::remembered_from(state, now) {
        return None;
    }
    let mut missing: Vec<Missing> = staking::queries::candidates(state, epoch)
        .validators
        .iter()
        .map(|validator| validator.account)
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

/// The members without a ballot, while they can give one; who could have is not kept.
fn members_without(state: &State, proposal: &ProposalView) -> Option<Vec<Missing>> {
    let members = (proposal.status == DecisionStatus::Open).then(|| proposal.electorate.members(state))?;
    let silent = members.into_iter().filter(|account| !has_voted(state, proposal.id, account));
    Some(silent.map(|account| Missing { account, weight: Electorate::OF_A_MEMBER }).collect())
}
