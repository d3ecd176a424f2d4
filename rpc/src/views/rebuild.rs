//! Who built a release from source.

use primitives::{AccountId, BuildHash};
use releases::queries;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use state::State;

/// The most builders that a release or a proposal names.
pub const MOST_REBUILDS: usize = 100;

/// The word of an independent builder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Rebuild")]
pub struct RebuildView {
    /// Who built it.
    pub builder: AccountId,
    /// When it was said, and what it was built from.
    #[serde(flatten)]
    pub rebuild: releases::Rebuild,
}

/// How many say that they built a build from source, and who: the first ones first, [`MOST_REBUILDS`] at most.
pub(crate) fn rebuilds(state: &State, hash: &BuildHash) -> (u64, Vec<RebuildView>) {
    let mut all: Vec<RebuildView> =
        queries::rebuilds(state, hash).map(|(builder, rebuild)| RebuildView { builder, rebuild }).collect();
    all.sort_by_key(|rebuild| (rebuild.rebuild.at.height, rebuild.builder));
    let count = all.len() as u64;
    all.truncate(MOST_REBUILDS);
    (count, all)
}
