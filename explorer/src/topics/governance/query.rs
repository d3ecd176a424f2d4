//! What can stand behind the `?` of the URLs about proposals.

use crate::queries::{Parameters, number};
use rpc::views::DecisionStatus;
use serde::Deserialize;

/// Which proposals.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProposalsQuery {
    /// Only with this status.
    pub status: Option<DecisionStatus>,
    /// The page, from 0.
    #[serde(default, deserialize_with = "number")]
    pub page: Option<u64>,
    /// Entries on a page, 1 to 100; 20 when left out.
    pub page_size: Option<u32>,
}

impl Parameters for ProposalsQuery {
    const NAMES: &'static [&'static str] = &["status", "page", "page_size"];
}
