//! What can stand behind the `?` of the lists of cases.

use crate::queries::{Parameters, number, typed};
use cases::CaseStep;
use primitives::Name;
use serde::Deserialize;

/// Which cases of a kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CasesQuery {
    /// Only of this plan.
    #[serde(default, deserialize_with = "typed")]
    pub plan: Option<Name>,
    /// Only those that have come exactly so far.
    pub step: Option<CaseStep>,
    /// The page, from 0.
    #[serde(default, deserialize_with = "number")]
    pub page: Option<u64>,
    /// Entries on a page, 1 to 100; 20 when left out.
    pub page_size: Option<u32>,
}

impl Parameters for CasesQuery {
    const NAMES: &'static [&'static str] = &["plan", "step", "page", "page_size"];
}
