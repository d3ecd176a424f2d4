//! `overlay/peers.json`, in which stands what strangers said of themselves.

use crate::{Outcome, Seed};
use overlay::{PEER_ADDRESSES, PeerStore, PeerStoreError};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

/// What is read keeps to every bound, and is the same again when it is written and read; what is not says in which line.
pub fn check(bytes: &[u8]) -> Outcome {
    let file = File::new();
    match file.load(bytes) {
        Ok(store) => {
            let peers: Vec<_> = store.peers().cloned().collect();
            assert!(peers.len() <= PeerStore::CAPACITY);
            for peer in &peers {
                assert!(peer.first_seen <= peer.last_seen && peer.addresses.len() <= PEER_ADDRESSES, "{peer:?}");
            }
            assert_eq!(store.longest_known().len(), peers.len(), "everybody has a place in the order");
            let document = store.document();
            let again = file.load(&document).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(again.peers().cloned().collect::<Vec<_>>(), peers);
            assert_eq!(again.document(), document);
            Outcome::Taken
        }
        Err(PeerStoreError::Damaged { line, reason, .. }) => {
            let lines = bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
            assert!((1..=lines).contains(&line) && !reason.is_empty(), "line {line} of {lines}: {reason}");
            Outcome::Refused
        }
        Err(PeerStoreError::Unreadable { reason, .. }) => {
            assert_eq!(reason.kind(), std::io::ErrorKind::InvalidData, "{reason}");
            Outcome::Refused
        }
        Err(other) => panic!("nothing is written here: {other}"),
    }
}

/// A file that is read. Each has a name of its own, because tests run side by side.
struct File(PathBuf);

impl File {
    fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let (process, number) = (std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        Self(std::env::temp_dir().join(format!("peers_{process}_{number}.json")))
    }

    fn load(&self, bytes: &[u8]) -> Result<PeerStore, PeerStoreError> {
        std::fs::write(&self.0, bytes).expect("the file is written");
        PeerStore::load(&self.0)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        // What is left behind is a small file among temporary ones.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// An empty store, and one of three peers.
pub fn seeds() -> Vec<Seed> {
    let id = |seed: u8| overlay::peer_id(&[seed; 32]).to_base58();
    let (first, second, third) = (id(1), id(2), id(3));
    let three = format!(
        r#"{{
  "version": 1,
  "peers": [
    {{ "peer_id": "{first}", "addresses": ["/ip4/192.0.2.7/tcp/9"], "first_seen": 1, "last_seen": 99, "score": 1.25 }},
    {{ "peer_id": "{second}", "addresses": [], "first_seen": 5, "last_seen": 5, "score": -60.0, "migrated_at": 7 }},
    {{ "peer_id": "{third}", "addresses": ["node-1:26603", "[::1]:9"], "first_seen": 2, "last_seen": 3, "score": 0 }}
  ]
}}
"#
    );
    let empty = "{\n  \"version\": 1,\n  \"peers\": []\n}\n".to_owned();
    let files = [("empty", empty), ("three", three)];
    files.map(|(name, text)| Seed { name: name.into(), bytes: text.into_bytes() }).into()
}
