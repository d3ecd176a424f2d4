//! What can stand behind the `?` of a URL. Unknown names are refused: a misspelt filter must not answer everything.

use primitives::{AccountId, BuildHash, Epoch};
use rpc::views::DecisionStatus;
use serde::{Deserialize, Deserializer, de};

/// What can stand behind the `?` of one URL.
pub trait Parameters: de::DeserializeOwned {
    /// Every name there is.
    const NAMES: &'static [&'static str];
}

macro_rules! parameters {
    ($($query:ident: [$($name:literal),*];)+) => {
        $(impl Parameters for $query {
            const NAMES: &'static [&'static str] = &[$($name),*];
        })+
    };
}

parameters! {
    Nothing: [];
    ReleasesQuery: ["page", "page_size", "proposer", "start_epoch", "end_epoch", "store"];
    ProposalsQuery: ["status", "page", "page_size"];
    PageQuery: ["page", "page_size"];
    AuditQuery: ["kind", "outcome", "account", "build_hash", "proposal_id", "before", "page_size"];
    SearchQuery: ["q"];
}

/// Of a URL that takes no parameters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// Which releases.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleasesQuery {
    /// The page, from 0.
    #[serde(default, deserialize_with = "number")]
    pub page: Option<u64>,
    /// Entries on a page, 1 to 100; 20 when left out.
    pub page_size: Option<u32>,
    /// Only of this proposer; 64 hex digits of any case.
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

/// Which page of a list without filters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageQuery {
    /// The page, from 0.
    #[serde(default, deserialize_with = "number")]
    pub page: Option<u64>,
    /// Entries on a page, 1 to 100; 20 when left out.
    pub page_size: Option<u32>,
}

/// Which facts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    /// Only of this kind, such as `governance.voted`.
    pub kind: Option<String>,
    /// Only granted ones, or only refused ones.
    pub outcome: Option<Outcome>,
    /// Only those that this account asked for.
    pub account: Option<AccountId>,
    /// Only those about this release; a fact about several builds is found by the first it names.
    pub build_hash: Option<BuildHash>,
    /// Only those about this proposal.
    #[serde(default, deserialize_with = "number")]
    pub proposal_id: Option<u64>,
    /// Only those before this one, which is not included: `height.index`, as `next` of an answer names it.
    pub before: Option<String>,
    /// How many, 1 to 100; 20 when left out.
    pub page_size: Option<u32>,
}

/// How a decision went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was granted.
    Granted,
    /// It was refused.
    Refused,
}

/// What to look for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SearchQuery {
    /// A hash, a height, an account, a key, or the number of a proposal; at most 128 characters.
    #[serde(default)]
    pub q: String,
}

/// The largest number that every JSON reader keeps exactly.
const MOST: u64 = (1 << 53) - 1;

fn number<'de, D: Deserializer<'de>>(text: D) -> Result<Option<u64>, D::Error> {
    let number: Option<u64> = Option::deserialize(text)?;
    match number {
        Some(number) if number > MOST => {
            Err(de::Error::custom(format!("{number} is too large; numbers go up to {MOST}")))
        }
        number => Ok(number),
    }
}

fn epoch<'de, D: Deserializer<'de>>(text: D) -> Result<Option<Epoch>, D::Error> {
    Ok(number(text)?.map(Epoch))
}
