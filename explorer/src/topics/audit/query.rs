//! What can stand behind the `?` of the audit log.

use crate::queries::{Parameters, number, typed};
use primitives::{AccountId, BuildHash};
use serde::Deserialize;

/// Which facts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    /// Only of this kind, such as `governance.voted`.
    pub kind: Option<String>,
    /// Only granted ones, or only refused ones.
    pub outcome: Option<AuditOutcome>,
    /// Only those about this account: what it asked for, and what concerns it.
    #[serde(default, deserialize_with = "typed")]
    pub account: Option<AccountId>,
    /// Only those about this release.
    #[serde(default, deserialize_with = "typed")]
    pub build_hash: Option<BuildHash>,
    /// Only those about this proposal.
    #[serde(default, deserialize_with = "number")]
    pub proposal_id: Option<u64>,
    /// Only those before this one, which is not included: `height.index`, as `next` of an answer names it.
    pub before: Option<String>,
    /// How many, 1 to 100; 20 when left out.
    pub page_size: Option<u32>,
}

/// How a decision went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditOutcome {
    /// It was granted.
    Granted,
    /// It was refused.
    Refused,
}

impl Parameters for AuditQuery {
    const NAMES: &'static [&'static str] =
        &["kind", "outcome", "account", "build_hash", "proposal_id", "before", "page_size"];
}
