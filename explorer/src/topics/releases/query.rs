//! What can stand behind the `?` of the URLs about releases.

use crate::queries::{Parameters, epoch, number, typed};
use primitives::{AccountId, Epoch};
use serde::Deserialize;

/// Which releases.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleasesQuery {
    /// The page, from 0.
    #[serde(default, deserialize_with = "number")]
    pub page: Option<u64>,
    /// Entries on a page, 1 to 100; 20 when left out.
    pub page_size: Option<u32>,
    /// Only of this proposer; 64 hex digits of any case, with or without `0x`.
    #[serde(default, deserialize_with = "typed")]
    pub proposer: Option<AccountId>,
    /// Only activated in this epoch or later.
    #[serde(default, deserialize_with = "epoch")]
    pub start_epoch: Option<Epoch>,
    /// Only activated in this epoch or earlier.
    #[serde(default, deserialize_with = "epoch")]
    pub end_epoch: Option<Epoch>,
    /// Another governance database, by the name it was configured with.
    pub store: Option<String>,
}

impl Parameters for ReleasesQuery {
    const NAMES: &'static [&'static str] = &["page", "page_size", "proposer", "start_epoch", "end_epoch", "store"];
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::ask;
    use axum::http::Uri;

    fn asked(query: &str) -> Result<ReleasesQuery, String> {
        let uri: Uri = format!("/releases?{query}").parse().unwrap();
        ask::query(&uri).map_err(|problem| problem.detail)
    }

    #[test]
    fn what_a_form_leaves_empty_is_left_out() {
        let query = asked("proposer=&start_epoch=3&end_epoch=&page_size=50").unwrap();
        let expected = ReleasesQuery { start_epoch: Some(Epoch(3)), page_size: Some(50), ..ReleasesQuery::default() };
        assert_eq!(query, expected);
        assert_eq!(asked("").unwrap(), ReleasesQuery::default());
    }

    #[test]
    fn misspelt_doubled_and_senseless_parameters_are_refused() {
        for bad in [
            "propser=ab",
            "page=1&page=2",
            "page=-1",
            "page_size=x",
            "proposer=zz",
            "start_epoch=1.5",
            "page=9007199254740992",
            "store=%00",
        ] {
            assert!(asked(bad).is_err(), "{bad}");
        }
        assert!(asked(&format!("store={}", "x".repeat(3000))).is_err());
    }

    #[test]
    fn keys_are_read_in_any_case() {
        let query = asked(&format!("proposer={}", "AB".repeat(32))).unwrap();
        assert_eq!(query.proposer.unwrap().to_string(), "ab".repeat(32));
    }

    #[test]
    fn o31_keys_are_read_as_people_have_them() {
        let digits = "AB".repeat(32);
        for form in [format!("0x{digits}"), format!("0X{digits}"), format!("%200x{digits}+")] {
            let query = asked(&format!("proposer={form}")).unwrap();
            assert_eq!(query.proposer.unwrap().to_string(), "ab".repeat(32), "{form}");
        }
        assert!(asked("proposer=0x").is_err());
    }
}
