//! What can stand behind the `?` of the URL about rewards.

use crate::queries::{Parameters, epoch, number};
use primitives::Epoch;
use serde::Deserialize;

/// What an epoch paid.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RewardsQuery {
    /// The epoch; the last one that paid something when left out.
    #[serde(default, deserialize_with = "epoch")]
    pub epoch: Option<Epoch>,
    /// The page, from 0.
    #[serde(default, deserialize_with = "number")]
    pub page: Option<u64>,
    /// Entries on a page, 1 to 100; 20 when left out.
    pub page_size: Option<u32>,
}

impl Parameters for RewardsQuery {
    const NAMES: &'static [&'static str] = &["epoch", "page", "page_size"];
}
