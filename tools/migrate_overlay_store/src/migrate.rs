//! From the older document to today's.

use crate::older::{self, Malformed, OlderEntry, OlderPeer};
use crate::peer_id;
use libp2p::multiaddr::Protocol;
use libp2p::{Multiaddr, PeerId};
use overlay::{PEER_ADDRESSES, PeerRecord, PeerStore, parse_address};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The permission bits of the new store: its owner's alone.
const MODE: u32 = 0o600;

/// Bytes of an older document at most.
const DOCUMENT_BYTES: u64 = 16 << 20;

/// What a migration did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Migrated {
    /// The older store, which stays.
    pub source: PathBuf,
    /// Today's.
    pub destination: PathBuf,
    /// Peers that are in it.
    pub peers: usize,
    /// Peers left out because the store holds [`PeerStore::CAPACITY`]; which, that says.
    pub peers_left_out: usize,
    /// Addresses left out because a peer has at most [`PEER_ADDRESSES`]: the later ones of each.
    pub addresses_left_out: usize,
    /// The stamp of every entry, in seconds since 1970.
    pub migrated_at: u64,
}

/// Why nothing was migrated.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The older store cannot be read.
    #[error("the older peer store {path} cannot be read: {reason}", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: io::Error,
    },
    /// It is longer than any peer store.
    #[error("{path} is longer than {DOCUMENT_BYTES} bytes; it is no older peer store", path = path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
    },
    /// The document or one of its entries is malformed.
    #[error("{path}, {reason}; correct it, or remove it", path = path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What, and where.
        reason: Malformed,
    },
    /// Something is at the destination.
    #[error("{path} is there already and was not overwritten; pass --force to replace it", path = path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Source and destination are the same file.
    #[error("{path} is the older store itself, which stays as it is; name another destination", path = path.display())]
    Same {
        /// The file.
        path: PathBuf,
    },
    /// The new store cannot be written.
    #[error("the peer store {path} cannot be written: {reason}; check the disk and the folder's owner", path = path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: io::Error,
    },
}

/// Writes `destination` from the older store `source`, with `now` in seconds since 1970 as the stamp. Replaces what is there
/// only when told to by `force`.
///
/// # Errors
/// [`MigrateError`]; then the destination is as it was.
pub fn migrate(source: &Path, destination: &Path, force: bool, now: u64) -> Result<Migrated, MigrateError> {
    let text = read(source)?;
    let malformed = |reason| MigrateError::Malformed { path: source.to_owned(), reason };
    let entries = older::read(&text).map_err(malformed)?;
    let (peers, addresses_left_out) = peers(entries, now).map_err(malformed)?;
    let all = peers.len();
    let mut store = PeerStore::empty(destination);
    peers.into_values().for_each(|record| store.insert(record));
    if source.canonicalize().ok().is_some_and(|source| destination.canonicalize().is_ok_and(|other| other == source)) {
        return Err(MigrateError::Same { path: destination.to_owned() });
    }
    write(destination, &store.document(), force)?;
    let kept = store.peers().len();
    Ok(Migrated {
        source: source.to_owned(),
        destination: destination.to_owned(),
        peers: kept,
        peers_left_out: all - kept,
        addresses_left_out,
        migrated_at: now,
    })
}

fn read(path: &Path) -> Result<String, MigrateError> {
    let text = std::fs::File::open(path)
        .and_then(|file| files::text_from(file.take(DOCUMENT_BYTES + 1)))
        .map_err(|reason| MigrateError::Unreadable { path: path.to_owned(), reason })?;
    if text.len() as u64 > DOCUMENT_BYTES {
        return Err(MigrateError::TooLong { path: path.to_owned() });
    }
    Ok(text)
}

/// The records by peer, and how many addresses did not fit.
fn peers(entries: Vec<OlderEntry>, now: u64) -> Result<(BTreeMap<PeerId, PeerRecord>, usize), Malformed> {
    let (mut peers, mut left_out) = (BTreeMap::new(), 0);
    for OlderEntry { place, peer } in entries {
        let refuse = |reason| Malformed::Entry { place: place.clone(), reason };
        let (record, dropped) = record(peer, now).map_err(refuse)?;
        left_out += dropped;
        let id = record.peer_id;
        if peers.insert(id, record).is_some() {
            return Err(refuse(format!("peer {id} is listed a second time")));
        }
    }
    Ok((peers, left_out))
}

/// One record, and how many of its addresses did not fit; or what is wrong with the peer.
fn record(peer: OlderPeer, now: u64) -> Result<(PeerRecord, usize), String> {
    let id = peer_id::parse(&peer.id)
        .ok_or_else(|| format!("{:?} is no peer id in base58, hexadecimal or as a CID", peer.id))?;
    let mut addresses: Vec<Multiaddr> = Vec::new();
    for text in &peer.addresses {
        let address = bare(text, id)?;
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    let dropped = addresses.len().saturating_sub(PEER_ADDRESSES);
    addresses.truncate(PEER_ADDRESSES);
    let last_seen = peer.last_seen.unwrap_or(now);
    let first_seen = peer.first_seen.unwrap_or(last_seen);
    if first_seen > last_seen {
        return Err(format!("it was first seen at {first_seen}, after it was last seen at {last_seen}"));
    }
    let score = peer.score.unwrap_or_default();
    Ok((PeerRecord { peer_id: id, addresses, first_seen, last_seen, score, migrated_at: Some(now) }, dropped))
}

/// An address without its `/p2p/..` end, which has to name the peer itself.
fn bare(text: &str, peer: PeerId) -> Result<Multiaddr, String> {
    let mut address = parse_address(text).map_err(|error| error.to_string())?;
    match address.iter().last() {
        Some(Protocol::P2p(other)) if other != peer => {
            Err(format!("its address {text} is one of another peer, {other}"))
        }
        Some(Protocol::P2p(_)) => {
            address.pop();
            Ok(address)
        }
        _ => Ok(address),
    }
}

/// Writes the document at once, and makes the folders above it.
fn write(path: &Path, document: &[u8], force: bool) -> Result<(), MigrateError> {
    let unwritable = |reason| MigrateError::Unwritable { path: path.to_owned(), reason };
    std::fs::create_dir_all(files::folder_of(path)).map_err(unwritable)?;
    let write = if force { files::replace } else { files::create_new };
    write(path, Some(MODE), document).map_err(|reason| match reason.kind() {
        io::ErrorKind::AlreadyExists => MigrateError::Exists { path: path.to_owned() },
        _ => unwritable(reason),
    })
}
