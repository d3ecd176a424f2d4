//! What is answered about proposals.

use crate::answers::Milestone;
use rpc::views::{Deadline, ProposalDetail, ProposalView, VoteProgress};
use schemars::JsonSchema;
use serde::Serialize;

/// Everything about one proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ProposalAnswer {
    /// The proposal, its count, its ballots, and who has not voted.
    #[serde(flatten)]
    pub proposal: ProposalDetail,
    /// What became of it, the earliest first.
    pub milestones: Vec<Milestone>,
}

/// One proposal in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ProposalLine {
    /// The proposal.
    #[serde(flatten)]
    pub proposal: ProposalView,
    /// The count against the rules.
    pub progress: VoteProgress,
    /// When voting ends; null where members vote, who decide when they do.
    pub vote_deadline: Option<Deadline>,
    /// When it is carried out; null where members vote.
    pub activation: Option<Deadline>,
}
