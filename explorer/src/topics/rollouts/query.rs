//! What can stand behind the `?` of the URLs about rollouts.

use crate::queries::{Parameters, number, typed};
use primitives::{Digest, Name};
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
    /// Only those that promote this artifact, or this build: the latest 64.
    #[serde(default, deserialize_with = "typed")]
    pub artifact: Option<Digest>,
    /// The page, from 0.
    #[serde(default, deserialize_with = "number")]
    pub page: Option<u64>,
    /// Entries on a page, 1 to 100; 20 when left out.
    pub page_size: Option<u32>,
}

/// Which milestone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotesQuery {
    /// The milestone; the one with the latest change when left out.
    #[serde(default, deserialize_with = "typed")]
    pub milestone: Option<Name>,
}

impl ChangesQuery {
    /// Whether any change is left out.
    pub fn is_filtered(&self) -> bool {
        self.plan.is_some() || self.state.is_some() || self.artifact.is_some()
    }
}

impl Parameters for NotesQuery {
    const NAMES: &'static [&'static str] = &["milestone"];
}

impl Parameters for ChangesQuery {
    const NAMES: &'static [&'static str] = &["plan", "state", "artifact", "page", "page_size"];
}
