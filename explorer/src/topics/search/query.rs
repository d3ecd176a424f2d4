//! What can stand behind the `?` of a search.

use crate::queries::Parameters;
use serde::Deserialize;

/// What to look for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SearchQuery {
    /// A hash, a height, an account, a key, or the number of a proposal; at most 128 characters.
    #[serde(default)]
    pub q: String,
}

impl Parameters for SearchQuery {
    const NAMES: &'static [&'static str] = &["q"];
}
