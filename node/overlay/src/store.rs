//! Which peers are remembered over a restart? The peer store, `overlay/peers.json`.

use super::{address, behaviour::REFUSE_BELOW};
use libp2p::{Multiaddr, PeerId};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

/// The version of the document that this program reads and writes.
const VERSION: u32 = 1;

/// Bytes of a document at most; a full store stays well below.
const DOCUMENT_BYTES: u64 = 4 * 1024 * 1024;

/// For how long a peer may be gone, at least, before others count as known for longer, in seconds: 90 days.
const GONE_AFTER: u64 = 90 * 24 * 3600;

/// One remembered peer. Times are seconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeerRecord {
    /// The peer's id, in JSON its canonical base58.
    #[serde(serialize_with = "write_peer_id", deserialize_with = "read_peer_id")]
    pub peer_id: PeerId,
    /// Where it can be dialled, best first; 4 at most, without `/p2p/..`.
    #[serde(deserialize_with = "read_addresses")]
    pub addresses: Vec<Multiaddr>,
    /// Since when it is known to be of this network.
    pub first_seen: u64,
    /// When it was last connected; never before [`first_seen`](Self::first_seen).
    pub last_seen: u64,
    /// Its gossip score when last connected.
    pub score: f64,
    /// When `migrate_overlay_store` took it over from an older store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub migrated_at: Option<u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(deserialize_with = "read_version")]
    version: u32,
    peers: Vec<PeerRecord>,
}

/// Why the peer store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PeerStoreError {
    /// The file is there but cannot be read.
    #[error("the peer store {path} cannot be read: {reason}", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: io::Error,
    },
    /// The file is not a peer store of this version.
    #[error(
        "the peer store {path}, line {line}: {reason}; correct it, or move the file away and the node starts with its configured peers",
        path = path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        reason: String,
    },
    /// The file cannot be written.
    #[error("the peer store {path} cannot be written: {reason}; check the disk and the directory's owner", path = path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: io::Error,
    },
}

/// The peers remembered, at most [`PeerStore::CAPACITY`]; in memory until it is saved.
#[derive(Debug)]
pub struct PeerStore {
    path: PathBuf,
    peers: BTreeMap<PeerId, PeerRecord>,
}

impl PeerStore {
    /// Peers remembered at most. Half of the places are kept by those [known longest](Self::longest_known), so that new ids,
    /// which cost nothing, cannot take them; of the others the one with the lowest score goes, among equals the one seen
    /// longest ago.
    pub const CAPACITY: usize = 512;

    /// A store without peers, whose file is at `path` once it is saved.
    pub fn empty(path: &Path) -> Self {
        Self { path: path.to_owned(), peers: BTreeMap::new() }
    }

    /// Reads the store; a missing file is an empty store.
    ///
    /// # Errors
    /// [`PeerStoreError`] when the file cannot be read, or is not in every field what this version writes.
    pub fn load(path: &Path) -> Result<Self, PeerStoreError> {
        let unreadable = |reason| PeerStoreError::Unreadable { path: path.to_owned(), reason };
        let file = files::if_there(File::open(path)).map_err(unreadable)?;
        let Some(file) = file else { return Ok(Self::empty(path)) };
        let text = files::text_from(file.take(DOCUMENT_BYTES + 1)).map_err(unreadable)?;
        let damaged = |line, reason| PeerStoreError::Damaged { path: path.to_owned(), line, reason };
        if text.len() as u64 > DOCUMENT_BYTES {
            return Err(damaged(1, format!("the file is longer than {DOCUMENT_BYTES} bytes")));
        }
        let document: Document =
            serde_json::from_str(&text).map_err(|error| damaged(error.line().max(1), plain(&error)))?;
        if document.peers.len() > Self::CAPACITY {
            return Err(damaged(
                1,
                format!("{} peers are listed; at most {} fit", document.peers.len(), Self::CAPACITY),
            ));
        }
        let mut peers = BTreeMap::new();
        for record in document.peers {
            let id = record.peer_id;
            if record.first_seen > record.last_seen {
                let reason = format!("peer {id} is first seen at {}, after it is last seen", record.first_seen);
                return Err(damaged(line_of(&text, &id.to_base58(), 0), reason));
            }
            if peers.insert(id, record).is_some() {
                return Err(damaged(line_of(&text, &id.to_base58(), 1), format!("peer {id} is listed twice")));
            }
        }
        Ok(Self { path: path.to_owned(), peers })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The peers, by id.
    pub fn peers(&self) -> impl ExactSizeIterator<Item = &PeerRecord> {
        self.peers.values()
    }

    /// The peers, those known longest first: by the time between the first and the last time that each was seen. After
    /// them come those who have been gone for longer than they were known, and at the end those who misbehaved. "Now" is when
    /// any of them was seen last: no clock decides, and that this node was off makes nobody gone.
    pub fn longest_known(&self) -> Vec<&PeerRecord> {
        let now = self.peers.values().map(|peer| peer.last_seen).max().unwrap_or(0);
        let rank = |peer: &PeerRecord| {
            let known = peer.last_seen.saturating_sub(peer.first_seen);
            let is_there = now.saturating_sub(peer.last_seen) <= known.max(GONE_AFTER);
            (peer.score > REFUSE_BELOW, is_there, known)
        };
        let mut peers: Vec<&PeerRecord> = self.peers.values().collect();
        peers.sort_by(|a, b| {
            let by_value = || b.score.total_cmp(&a.score).then(b.last_seen.cmp(&a.last_seen));
            rank(b).cmp(&rank(a)).then_with(by_value)
        });
        peers
    }

    /// Adds or replaces a record, dropping the least valuable one when there are too many.
    pub fn insert(&mut self, record: PeerRecord) {
        self.peers.insert(record.peer_id, record);
        if self.peers.len() > Self::CAPACITY {
            let may_go = self.longest_known().into_iter().skip(Self::CAPACITY / 2);
            let least = may_go.min_by(|a, b| a.score.total_cmp(&b.score).then(a.last_seen.cmp(&b.last_seen)));
            if let Some(id) = least.map(|record| record.peer_id) {
                self.peers.remove(&id);
            }
        }
    }

    /// Forgets a peer; gives whether it was there.
    pub fn remove(&mut self, peer: &PeerId) -> bool {
        self.peers.remove(peer).is_some()
    }

    /// Records that a peer of this network is connected and can be dialled at `addresses` (none: as before).
    pub(super) fn seen(&mut self, peer: PeerId, addresses: Vec<Multiaddr>, now: u64) {
        let before = self.peers.get(&peer).cloned();
        let mut record = before.unwrap_or(PeerRecord {
            peer_id: peer,
            addresses: Vec::new(),
            first_seen: now,
            last_seen: now,
            score: 0.0,
            migrated_at: None,
        });
        if !addresses.is_empty() {
            record.addresses = addresses;
        }
        // A clock that was set back makes nobody unseen.
        record.last_seen = record.last_seen.max(now);
        self.insert(record);
    }

    /// Notes a peer's score, and that it is connected still.
    pub(super) fn rate(&mut self, peer: &PeerId, score: f64, now: u64) {
        if let Some(record) = self.peers.get_mut(peer) {
            record.score = super::status::shown(score);
            record.last_seen = record.last_seen.max(now);
        }
    }

    /// The document, as it is written.
    pub fn document(&self) -> Vec<u8> {
        let document = Document { version: VERSION, peers: self.peers.values().cloned().collect() };
        // Only a map with keys that are not text, or a failing writer, makes serde_json fail; there is neither here.
        let mut text = serde_json::to_vec_pretty(&document).unwrap_or_default();
        text.push(b'\n');
        text
    }

    /// Writes the store so that a crash leaves the old or the new document, never a mixture.
    ///
    /// # Errors
    /// [`PeerStoreError::Unwritable`].
    pub fn save(&self) -> Result<(), PeerStoreError> {
        write(&self.path, &self.document())
    }
}

/// Writes `document` in the place of what is at `path`, and makes the folders above it.
pub(super) fn write(path: &Path, document: &[u8]) -> Result<(), PeerStoreError> {
    let written = fs::create_dir_all(files::folder_of(path)).and_then(|()| files::replace(path, None, document));
    written.map_err(|reason| PeerStoreError::Unwritable { path: path.to_owned(), reason })
}

fn write_peer_id<S: Serializer>(peer: &PeerId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&peer.to_base58())
}

fn read_peer_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PeerId, D::Error> {
    let text = String::deserialize(deserializer)?;
    let peer: PeerId = text.parse().map_err(|_| de::Error::custom(format!("{text:?} is not a peer id")))?;
    if peer.to_base58() != text {
        return Err(de::Error::custom(format!("{text:?} is not the canonical base58 of peer {peer}")));
    }
    Ok(peer)
}

fn read_addresses<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Multiaddr>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    if texts.len() > address::PEER_ADDRESSES {
        let (have, max) = (texts.len(), address::PEER_ADDRESSES);
        return Err(de::Error::custom(format!("{have} addresses are listed; a peer has at most {max}")));
    }
    texts.iter().map(|text| address::parse(text).map_err(de::Error::custom)).collect()
}

fn read_version<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let version = u32::deserialize(deserializer)?;
    if version != VERSION {
        return Err(de::Error::custom(format!("version {version} is not known; this program reads version {VERSION}")));
    }
    Ok(version)
}

/// An error without serde_json's own " at line L column C", which [`PeerStoreError::Damaged`] says in its words.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&position).unwrap_or(&text).to_owned()
}

/// The line in which a word is found again after so many times.
fn line_of(text: &str, word: &str, times: usize) -> usize {
    let found = text.match_indices(word).nth(times).map_or(0, |(at, _)| at);
    text.bytes().take(found).filter(|byte| *byte == b'\n').count() + 1
}
