//! What is asked of the index, and what it answers: one type for the API and the page of a URL.
//!
//! Chain types and the views of `rpc` are used as they are; here stands only what joins them.

use primitives::{AccountId, Amount, BlockHash, BuildHash, ChainId, Digest, Epoch, Height, Moment, Timestamp};
use releases::RosterRecord;
use rpc::views::{
    Deadline, PageOf, ProposalDetail, ProposalView, ReleaseDetail, ReleaseSigners, ReleaseView, VoteProgress,
};
use runtime::{Fact, Header};
use serde::{Deserialize, Serialize};

/// How far the index is, and what it knows of the node that it follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Position {
    /// The network.
    pub chain_id: ChainId,
    /// The BLAKE3 of the genesis that every header was verified from.
    pub genesis_hash: Digest,
    /// The newest block in the index; genesis is 0.
    pub at: Moment,
    /// Its hash.
    pub hash: BlockHash,
    /// Blocks in an epoch.
    pub epoch_length: u64,
    /// The newest block of the node; none before it answered.
    pub node_height: Option<Height>,
}

/// One turn in the life of a release or a proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Milestone {
    /// What happened, as in the audit log.
    pub kind: String,
    /// When; genesis has height 0 and no time.
    pub at: Moment,
    /// The same as a sentence; strangers wrote parts of it.
    pub sentence: String,
}

/// Everything about one release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReleaseAnswer {
    /// The build, its installs, stages and rebuilds.
    #[serde(flatten)]
    pub release: ReleaseDetail,
    /// What became of it, the earliest first.
    pub milestones: Vec<Milestone>,
    /// The vote that approved it, with notes and all targets; none for a build of genesis.
    pub proposal: Option<ProposalDetail>,
}

/// Everything about one proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProposalAnswer {
    /// The proposal, its count, its ballots, and who has not voted.
    #[serde(flatten)]
    pub proposal: ProposalDetail,
    /// What became of it, the earliest first.
    pub milestones: Vec<Milestone>,
}

/// Who signs releases, and who did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignersAnswer {
    /// The signers now.
    #[serde(flatten)]
    pub current: ReleaseSigners,
    /// Every roster there ever was, the latest first.
    pub history: PageOf<RosterRecord>,
}

/// Who decides blocks, and what they run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ValidatorsAnswer {
    /// The epoch of the set.
    pub epoch: Epoch,
    /// The power of all together.
    pub total_power: Amount,
    /// The set, the strongest first.
    pub validators: Vec<ValidatorAnswer>,
    /// The power by build, the most first; validators that never said what they run are together, without a build.
    pub builds: Vec<BuildShare>,
}

/// One validator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ValidatorAnswer {
    /// Its account.
    pub account: AccountId,
    /// Its power.
    pub power: Amount,
    /// The build it last said it runs.
    pub running: Option<BuildHash>,
    /// The version of that build, when its release names one.
    pub version: Option<String>,
    /// Its latest receipt of any build.
    pub last_receipt: Option<Moment>,
}

/// The power that runs one build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BuildShare {
    /// The build; none for validators that never said.
    pub build_hash: Option<BuildHash>,
    /// Its version, when its release names one.
    pub version: Option<String>,
    /// How many validators.
    pub validators: u64,
    /// Their power.
    pub power: Amount,
}

/// One block in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BlockRow {
    /// Its height.
    pub height: Height,
    /// Its hash.
    pub hash: BlockHash,
    /// Its epoch.
    pub epoch: Epoch,
    /// Its time.
    pub time: Timestamp,
    /// Who proposed it.
    pub proposer: AccountId,
    /// How many facts it has.
    pub facts: u64,
    /// How many of them are refusals.
    pub refused: u64,
}

/// One block with its facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BlockAnswer {
    /// Its hash.
    pub hash: BlockHash,
    /// Its epoch.
    pub epoch: Epoch,
    /// What is committed to.
    pub header: Header,
    /// The round it was decided in, from 0; none for genesis, which nobody decided.
    pub round: Option<u32>,
    /// How many validators' precommits are in the certificate that was verified.
    pub precommits: u64,
    /// Its facts, in order; [`MOST_FACTS`] at most, and the others are in the audit log.
    pub facts: Vec<AuditEntry>,
    /// How many facts it has in all.
    pub fact_count: u64,
}

/// The most facts that the answer about a block brings.
pub const MOST_FACTS: usize = 200;

/// One fact, where it stands, and what it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditEntry {
    /// The block.
    pub height: Height,
    /// The fact's place in the block's record, from 0.
    pub index: u64,
    /// The block's epoch.
    pub epoch: Epoch,
    /// The block's time.
    pub time: Timestamp,
    /// What happened, as a word such as `governance.voted`; a refusal is `governance.refused`.
    pub kind: String,
    /// Whether it was refused.
    pub refused: bool,
    /// What happened, or why not, as a sentence.
    pub sentence: String,
    /// The account that asked; none when it was the clock or a proposal.
    pub account: Option<AccountId>,
    /// The release it is about.
    pub build_hash: Option<BuildHash>,
    /// The proposal it is about.
    pub proposal_id: Option<u64>,
    /// The fact itself.
    pub fact: Fact,
}

/// A part of the audit log, the latest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditAnswer {
    /// The entries.
    pub entries: Vec<AuditEntry>,
    /// What to pass as `before` for the entries that follow; null when these are the last.
    pub next: Option<String>,
    /// Every header up to this height was verified: its certificate, its parent, and the root of its facts.
    pub verified_height: Height,
    /// The hash of that header, which all before it hang from.
    pub verified_hash: BlockHash,
    /// The genesis that verification started from.
    pub genesis_hash: Digest,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SearchAnswer {
    /// What was searched for.
    pub query: String,
    /// What was found; none is an answer too.
    pub matches: Vec<Match>,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Match {
    /// What it is: `release`, `proposal`, `block`, `transaction`, `account`, `validator`, `signer`.
    pub kind: &'static str,
    /// Its hash, number or key, whole.
    pub id: String,
    /// Where it is shown, on this server.
    pub url: String,
}

/// Whether the index keeps up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HealthAnswer {
    /// Whether it does.
    pub ok: bool,
    /// The newest block in the index; none before genesis is.
    pub height: Option<Height>,
    /// The newest block of the node; none as long as it did not answer.
    pub node_height: Option<Height>,
    /// How many blocks the index lags behind.
    pub lag_blocks: Option<u64>,
    /// How old the newest block in the index is, in milliseconds.
    pub block_age_ms: Option<u64>,
    /// What is wrong, as sentences.
    pub problems: Vec<String>,
}

/// The installs of one release over time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Installs {
    /// The release.
    pub build_hash: BuildHash,
    /// Its version, when it names one.
    pub version: Option<String>,
    /// The time of a first install on a node, and how many nodes had it then; ascending. Thinned to
    /// [`MOST_POINTS`](Self::MOST_POINTS).
    pub points: Vec<(Timestamp, u64)>,
}

impl Installs {
    /// The most points of one release on a chart.
    pub const MOST_POINTS: usize = 200;

    /// From the times of first installs, ascending.
    pub fn over(build_hash: BuildHash, version: Option<String>, times: &[Timestamp]) -> Self {
        let all = times.len();
        // Thinned evenly, and the last one stays: it says how many there are.
        let step = all.div_ceil(Self::MOST_POINTS).max(1);
        let counted = (1..).zip(times).map(|(count, time)| (*time, count));
        let points = counted.filter(|(_, count)| count % step as u64 == 0 || *count == all as u64).collect();
        Self { build_hash, version, points }
    }
}

/// What the page of releases shows beside the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleasesAnswer {
    /// The rows.
    pub page: PageOf<ReleaseView>,
    /// Installs over time of the releases on the page, the latest ones.
    pub timeline: Vec<Installs>,
}

/// One proposal in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProposalLine {
    /// The proposal.
    #[serde(flatten)]
    pub proposal: ProposalView,
    /// The count against the rules.
    pub progress: VoteProgress,
    /// When voting ends.
    pub vote_deadline: Deadline,
    /// When it is carried out.
    pub activation: Deadline,
}
