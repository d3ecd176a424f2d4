//! What can stand behind the `?` of the URLs about rollouts.

use crate::queries::{Parameters, number, typed};
use primitives::Name;
use rpc::views::ChangeStateName;
use serde::Deserialize;

/// Which changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangesQuery {
    /// Only of this plan.
    #[serde(default, deserialize_with = "typed")]
    pub plan: Option<Name>,
    /// Only those that stand so.
    pub state: Option<ChangeStateName>,
    /// The page, from 0.
    #[serde(default, deserialize_with = "number")]
    pub page: Option<u64>,
    /// Entries on a page, 1 to 100; 20 when left out.
    pub page_size: Option<u32>,
}

impl Parameters for ChangesQuery {
    const NAMES: &'static [&'static str] = &["plan", "state", "page", "page_size"];
}
