//! Who built a release from source.

use crate::views::page::missing;
use crate::views::{PageOf, PageRange};
use primitives::{AccountId, BuildHash};
use releases::queries;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use state::State;

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

/// Who says that they built a build from source, the first ones first.
pub(crate) fn rebuilds<E>(
    state: &State,
    hash: &BuildHash,
    range: PageRange,
    go_on: impl Fn() -> Result<(), E>,
) -> Result<PageOf<RebuildView>, E> {
    range.ascending(queries::rebuild_count(state, hash), |number| {
        go_on()?;
        let (builder, rebuild) = queries::rebuild(state, hash, number).unwrap_or_else(|| missing("rebuild", number));
        Ok(RebuildView { builder, rebuild })
    })
}

/// How many they are, and the first ones: a page of them at most.
pub(crate) fn first_rebuilds(state: &State, hash: &BuildHash) -> (u64, Vec<RebuildView>) {
    let page = PageOf::read(rebuilds(state, hash, PageRange::FIRST, || Ok(())));
    (page.total, page.entries)
}
