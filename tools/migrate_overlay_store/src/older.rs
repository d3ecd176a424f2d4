//! What was the older peer store?
//!
//! A JSON list of peers, a JSON object of peers by id, or an object whose only field `peers` is one of these:
//!
//! ```json
//! [{ "id": "12D3KooW…", "addresses": ["/ip4/10.0.0.1/tcp/26603"], "first_seen": 1700000000, "last_seen": 1700000001, "score": 0.5 }]
//! { "12D3KooW…": { "addresses": ["10.0.0.1:26603"] }, "12D3KooX…": ["10.0.0.2:26603"] }
//! { "peers": [ … ] }
//! ```
//!
//! A peer has an `id` (or `peer_id`) in any of its spellings ([base58, hexadecimal, CID](crate::migrate)) and `addresses`, each
//! a multiaddress or `host:port`. Times, in seconds since 1970, and the score can be missing. A peer by id can be its
//! addresses alone. Everything else is refused.

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::fmt;

/// One peer as it was written, with its place in the document.
#[derive(Debug, Clone, PartialEq)]
pub struct OlderEntry {
    /// Where it stands, such as `peer 3`, from 1.
    pub place: String,
    /// What stands there.
    pub peer: OlderPeer,
}

/// One peer.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OlderPeer {
    /// Its id, in any spelling.
    #[serde(alias = "peer_id")]
    pub id: String,
    /// Where it can be dialled, best first.
    pub addresses: Vec<String>,
    /// When it was first known, in seconds since 1970.
    pub first_seen: Option<u64>,
    /// When it was last connected, in seconds since 1970.
    pub last_seen: Option<u64>,
    /// Its score.
    pub score: Option<f64>,
}

/// Why a document is no older peer store.
#[derive(Debug, thiserror::Error)]
pub enum Malformed {
    /// It is no JSON, or not a list or object.
    #[error("{0}")]
    Document(serde_json::Error),
    /// An entry is no peer.
    #[error("{place}: {reason}")]
    Entry {
        /// Where it stands.
        place: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// Reads a document.
///
/// # Errors
/// [`Malformed`], which names the entry.
pub fn read(text: &str) -> Result<Vec<OlderEntry>, Malformed> {
    let mut members: Members = serde_json::from_str(text).map_err(Malformed::Document)?;
    if let [(Some(key), inner)] = members.0.as_slice()
        && key == "peers"
    {
        members = Members::deserialize(inner).map_err(Malformed::Document)?;
    }
    members.0.into_iter().enumerate().map(|(index, (key, value))| entry(index + 1, key, value)).collect()
}

fn entry(number: usize, key: Option<String>, value: Value) -> Result<OlderEntry, Malformed> {
    let place = match &key {
        Some(key) => format!("peer {number}, {key:?}"),
        None => format!("peer {number}"),
    };
    let refuse = |reason: String| Malformed::Entry { place: place.clone(), reason };
    let value = match (key, value) {
        (None, value) => value,
        (Some(id), Value::Array(addresses)) => serde_json::json!({ "id": id, "addresses": addresses }),
        (Some(id), Value::Object(mut fields)) => {
            if fields.contains_key("id") || fields.contains_key("peer_id") {
                return Err(refuse("it has an id of its own beside the one it is listed under; remove one".into()));
            }
            fields.insert("id".into(), id.into());
            Value::Object(fields)
        }
        (Some(_), other) => return Err(refuse(format!("{other} is neither a peer nor a list of addresses"))),
    };
    let peer = serde_json::from_value(value).map_err(|error| refuse(error.to_string()))?;
    Ok(OlderEntry { place, peer })
}

/// The members of a list or an object, in order; of an object also those whose key is there twice, which are refused later.
struct Members(Vec<(Option<String>, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of peers, or an object of peers by id")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Members, A::Error> {
        let mut members = Vec::new();
        while let Some(value) = list.next_element()? {
            members.push((None, value));
        }
        Ok(Members(members))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Members, A::Error> {
        let mut members: Vec<(Option<String>, Value)> = Vec::new();
        while let Some((key, value)) = object.next_entry::<String, Value>()? {
            if members.iter().any(|(other, _)| other.as_ref() == Some(&key)) {
                return Err(de::Error::custom(format!("{key:?} is there twice")));
            }
            members.push((Some(key), value));
        }
        Ok(Members(members))
    }
}
