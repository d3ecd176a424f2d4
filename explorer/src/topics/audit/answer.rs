//! What is answered about the audit log.

use crate::answers::KIND;
use crate::topics::roles::answer::RoleHeld;
use primitives::{
    AccountId, AlertSeverity, BlockHash, BuildHash, ChainPosition, Digest, Epoch, FactMarks, Height, RecordClass,
    Subject, Timestamp,
};
use rpc::views::{Descriptions, MOST_PER_PAGE};
use runtime::{Cause, Fact};
use schemars::JsonSchema;
use serde::Serialize;
use state::Told as _;

/// One fact, where it stands, and what it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
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
    #[schemars(regex(pattern = KIND))]
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
    /// How bad it is; computed from the fact, so that nobody who writes to the chain can lower it.
    pub severity: AlertSeverity,
    /// What it is a record of, which says for how long it is kept.
    pub class: RecordClass,
    /// Where, in which role and how it was done, as far as the fact says so.
    #[serde(flatten)]
    pub marks: FactMarks,
    /// Until when it is kept, by the plan that it was done under, or else by that of the network; none where no plan says so.
    pub retention_expires_at: Option<Timestamp>,
    /// Whether a hold keeps it, whatever its time is.
    pub legal_hold_active: bool,
    /// The fact itself.
    pub fact: Fact,
}

impl AuditEntry {
    /// A fact where it stands. Nothing is said yet of how long it is kept.
    pub fn of(at: ChainPosition, index: u64, fact: Fact) -> Self {
        let about = fact.about();
        let build = |subject: &Subject| if let Subject::Build(hash) = subject { Some(*hash) } else { None };
        let proposal = |subject: &Subject| if let Subject::Proposal(id) = subject { Some(id.0) } else { None };
        Self {
            height: at.height,
            index,
            epoch: at.epoch,
            time: at.time,
            kind: fact.kind().to_owned(),
            refused: fact.outcome.is_err(),
            sentence: kept_sentence(&fact),
            account: if let Cause::Transaction { account, .. } = &fact.cause { Some(*account) } else { None },
            build_hash: about.iter().find_map(build),
            proposal_id: about.iter().find_map(proposal),
            severity: fact.severity(),
            class: fact.record_class(),
            marks: fact.marks(),
            retention_expires_at: None,
            legal_hold_active: false,
            fact,
        }
    }
}

/// What is said of a fact, as an index keeps it: no database keeps a text with a zero in it.
pub(crate) fn kept_sentence(fact: &Fact) -> String {
    fact.sentence().replace('\0', "\u{fffd}")
}

/// A part of the audit log, the latest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AuditAnswer {
    /// The entries.
    #[schemars(length(max = MOST_PER_PAGE))]
    pub entries: Vec<AuditEntry>,
    /// What to pass as `before` for the entries that follow; null when these are the last.
    #[schemars(regex(pattern = r"^[0-9]+\.[0-9]+$"))]
    pub next: Option<String>,
    /// Every header up to this height was verified: its certificate, its parent, and the root of its facts.
    pub verified_height: Height,
    /// The hash of that header, which all before it hang from.
    pub verified_hash: BlockHash,
    /// The genesis that verification started from.
    pub genesis_hash: Digest,
    /// The roles of plans that the account has that was asked about.
    #[schemars(length(max = 100))]
    pub roles: Vec<RoleHeld>,
    /// What the account that was asked about, and those that asked for something, say of themselves.
    pub described: Descriptions,
}

/// How it is shown that a block is of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FactProofRoute {
    /// It is a leaf of the tree of blocks, whose root is in state under a newer header.
    Tree,
    /// Its own header is trusted.
    Direct,
}

/// A fact, and how it is shown to be on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FactProofAnswer {
    /// The fact.
    pub entry: AuditEntry,
    /// How its block is shown to be of the chain.
    pub kind: FactProofRoute,
    /// How many leaves the tree has that it is shown by; null without one.
    pub leaves: Option<u64>,
    /// How many headers lead trust from genesis to the one that it is shown under.
    pub hops: u64,
    /// The block whose header it is shown under.
    pub head: Height,
    /// The hash of that header.
    pub head_hash: BlockHash,
    /// The genesis that trust begins with.
    pub genesis_hash: Digest,
    /// How long the proof is, in bytes.
    pub size: u64,
    /// What the account that asked for it says of itself.
    pub described: Descriptions,
}
