//! The key that a node signs checkpoints of the log with: not its node key, but one that follows from it.

use primitives::SecretKey;
use tlog::{LogOrigin, NoteAlgorithm, NoteLine, VerifierKey};

/// What it is derived for. Another text would make another key of every node.
const CONTEXT: &str = "the-block 2026-11-30 key of a log of blocks";

/// A node's key for one log.
#[derive(Debug, Clone)]
pub struct LogKey {
    secret: SecretKey,
    verifier: VerifierKey,
}

impl LogKey {
    /// That of a node with this node key, for a log of this name.
    pub fn of(node: &SecretKey, origin: &LogOrigin) -> Self {
        let secret = SecretKey::from_seed(&blake3::derive_key(CONTEXT, &node.seed()));
        let (name, key) = (origin.as_str().to_owned(), secret.public());
        Self { secret, verifier: VerifierKey { name, algorithm: NoteAlgorithm::Log, key } }
    }

    /// The text by which tools verify it (C2SP `vkey`).
    pub fn vkey(&self) -> String {
        self.verifier.to_string()
    }

    /// The line of its signature over a text.
    pub fn sign(&self, text: &str) -> NoteLine {
        self.verifier.signed(&self.secret, 0, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::{BlockHash, ChainId};
    use tlog::Note;

    #[test]
    fn a_node_has_one_key_a_log_which_is_none_of_its_others_and_verifies_what_it_signs() {
        let node = SecretKey::from_seed(&[7; 32]);
        let log = |digit: u8| LogOrigin::of(&ChainId::new("net-1").unwrap(), &BlockHash([digit; 32]));
        let key = LogKey::of(&node, &log(1));
        assert_eq!(key.vkey(), LogKey::of(&node, &log(1)).vkey());
        assert_ne!(key.vkey(), LogKey::of(&node, &log(2)).vkey());
        assert_ne!(key.vkey(), LogKey::of(&SecretKey::from_seed(&[8; 32]), &log(1)).vkey());
        let verifier: VerifierKey = key.vkey().parse().unwrap();
        assert_ne!(verifier.key, node.public());
        assert_eq!((verifier.name.as_str(), verifier.algorithm), (log(1).as_str(), NoteAlgorithm::Log));
        let text = "a text\n".to_owned();
        let signed = Note { lines: vec![key.sign(&text)], text };
        assert_eq!(verifier.verify(&signed), Some(0));
        let other = Note { text: "another\n".into(), ..signed };
        assert_eq!(verifier.verify(&other), None);
    }
}
