//! What a fact can be about.

use crate::{AccountId, BuildHash, ProposalId};
use serde::{Deserialize, Serialize};

/// Something that facts are looked up by. As text: its kind, a slash, and its name, such as `proposal/7`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// An account.
    Account(AccountId),
    /// A build.
    Build(BuildHash),
    /// A proposal.
    Proposal(ProposalId),
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Subject::Account(account) => write!(f, "account/{account}"),
            Subject::Build(build_hash) => write!(f, "build/{build_hash}"),
            Subject::Proposal(id) => write!(f, "proposal/{id}"),
        }
    }
}
