//! What can stand behind the `?` of the URL about artifacts.

use crate::queries::{Parameters, number};
use artifacts::ArtifactStanding;
use serde::Deserialize;

/// Which artifacts of a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArtifactsQuery {
    /// Only those that are taken for this.
    pub standing: Option<ArtifactStanding>,
    /// The page, from 0.
    #[serde(default, deserialize_with = "number")]
    pub page: Option<u64>,
    /// Entries on a page, 1 to 100; 20 when left out.
    pub page_size: Option<u32>,
}

impl Parameters for ArtifactsQuery {
    const NAMES: &'static [&'static str] = &["standing", "page", "page_size"];
}
