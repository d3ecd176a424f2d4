//! What more than one topic answers, and what no topic does: one type for the API and the page of a URL.
//!
//! Chain types and the views of `rpc` are used as they are; here and in the topics stands only what joins them.

use crate::progress::Condition;
use primitives::{BlockHash, BuildHash, ChainId, ChainPosition, Digest, Height, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the kind of a fact looks like: its pallet, and its name there.
pub const KIND: &str = r"^[a-z_]+\.[a-z_]+$";

/// How far the index is, and what it knows of the node that it follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Position {
    /// The network.
    pub chain_id: ChainId,
    /// The BLAKE3 of the genesis that every header was verified from.
    pub genesis_hash: Digest,
    /// The newest block in the index; genesis is 0.
    pub at: ChainPosition,
    /// Its hash.
    pub hash: BlockHash,
    /// Blocks in an epoch.
    pub epoch_length: u64,
    /// The newest block of the node; none before it answered.
    pub node_height: Option<Height>,
}

/// One turn in the life of a release or a proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Milestone {
    /// What happened to it: the kind of the fact as in the audit log, but `releases.superseded` and `releases.reinstated` for a
    /// build that an approval put out of its place, or a revocation put back there.
    #[schemars(regex(pattern = KIND))]
    pub kind: String,
    /// When; genesis has height 0 and no time.
    pub at: ChainPosition,
    /// The same as a sentence; strangers wrote parts of it.
    pub sentence: String,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SearchAnswer {
    /// What was searched for.
    pub query: String,
    /// What was found; none is an answer too.
    #[schemars(length(max = SearchAnswer::MOST))]
    pub matches: Vec<Match>,
}

impl SearchAnswer {
    /// The most things that one search names.
    pub const MOST: usize = 20;
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Match {
    /// What it is: `release`, `proposal`, `change`, `case`, `block`, `transaction`, `account`, `validator`, `signer`.
    #[schemars(extend(
        "enum" = ["release", "proposal", "change", "case", "block", "transaction", "account", "validator", "signer"]
    ))]
    pub kind: &'static str,
    /// Its hash, number or key, whole.
    pub id: String,
    /// Where it is shown, on this server.
    #[schemars(regex(pattern = "^/"))]
    pub url: String,
}

impl Match {
    /// Something that was found.
    pub fn new(kind: &'static str, id: impl Into<String>, url: String) -> Self {
        Self { kind, id: id.into(), url }
    }
}

/// Whether the index keeps up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
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
    /// What is wrong with the index, as sentences: those of `own`.
    pub problems: Vec<String>,
    /// What keeps the index from keeping up, and since when. `ok`, and with it the status, says whether there is any.
    pub own: Vec<Condition>,
    /// What is wrong with the chain, as far as its node shows, and since when. It does not change the status.
    pub chain: Vec<Condition>,
    /// What happened to the index since the explorer started, and was mended.
    pub notes: Vec<Condition>,
}

/// The installs of one release over time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InstallSeries {
    /// The release.
    pub build_hash: BuildHash,
    /// Its version, when it names one.
    pub version: Option<String>,
    /// The time of a first install on a node, and how many nodes had it then; ascending. Thinned to
    /// [`MOST_POINTS`](Self::MOST_POINTS).
    pub points: Vec<(Timestamp, u64)>,
}

impl InstallSeries {
    /// The most points of one release on a chart.
    pub const MOST_POINTS: usize = 200;

    /// How many first installs it is from one point to the next, when there are so many in all. The last one is a point too: it says
    /// how many there are.
    pub fn step(all: u64) -> u64 {
        all.div_ceil(Self::MOST_POINTS as u64).max(1)
    }

    /// From the times of first installs, ascending.
    pub fn over(build_hash: BuildHash, version: Option<String>, times: &[Timestamp]) -> Self {
        let all = times.len() as u64;
        let step = Self::step(all);
        let counted = (1..).zip(times).map(|(count, time)| (*time, count));
        let points = counted.filter(|(_, count)| count % step == 0 || *count == all).collect();
        Self { build_hash, version, points }
    }
}
