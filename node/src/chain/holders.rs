//! Is this node's validator key on another node that consensus does not connect with it, such as a copy under a node key that nobody named?
//!
//! Over gossip, a node whose home is in doubt, or new, calls from time to time, with a number that it makes up for that, and each node answers the
//! calls that others make with its key. An answer to one's own call can come from nobody but a node that has the key now: whoever says again
//! what was once said knows no number that was not made up yet. To all others a word is a validator's, passed on within a budget.

use super::{AdmissionRefusal, Chain};
use consensus::Application as _;
use parity_scale_codec::{Decode, DecodeAll as _, Encode};
use primitives::{AccountId, ChainId, SecretKey, Signature};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};

/// So many words of a validator are passed on within [`WINDOW`]: more than two nodes with one key need to find each other.
const MOST_WORDS: usize = 16;
/// See [`MOST_WORDS`]. For as long the same word is not passed on again.
const WINDOW: Duration = Duration::from_secs(60);
/// So many of its own calls a node knows again.
const MOST_CALLS: usize = 32;
/// Answers that may wait to be told.
const WAITING: usize = 16;

/// A number that is made up.
type Call = [u8; 16];

/// What a node with a validator's key says.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
struct Word {
    validator: AccountId,
    /// To be answered.
    call: Call,
    /// What it answers; zeros when it answers nothing.
    answers: Call,
    signature: Signature,
}

/// What a word signs; no vote, proposal, transaction or attestation begins like it.
fn payload(chain: &ChainId, call: &Call, answers: &Call) -> Vec<u8> {
    (b"the-block/key-holder/v1", chain, call, answers).encode()
}

/// The nodes with validators' keys, as far as they are heard.
pub struct Holders {
    own: Option<Own>,
    /// When each word of a validator came.
    heard: Mutex<BTreeMap<AccountId, VecDeque<(Instant, Call)>>>,
}

/// This node's own key.
struct Own {
    key: SecretKey,
    calls: Mutex<VecDeque<Call>>,
    answers: mpsc::Sender<Vec<u8>>,
    met: watch::Sender<bool>,
}

/// What comes of listening, for whoever tells peers, and consensus.
pub struct Heard {
    /// Answers, to be told to peers.
    pub answers: mpsc::Receiver<Vec<u8>>,
    /// Whether another node with this node's key has answered.
    pub met: watch::Receiver<bool>,
}

impl Holders {
    /// Of a node without a key.
    pub fn none() -> Self {
        Self { own: None, heard: Mutex::default() }
    }

    /// Of a node with a key.
    pub fn with(key: SecretKey) -> (Self, Heard) {
        let (answers, told) = mpsc::channel(WAITING);
        let (met, seen) = watch::channel(false);
        let own = Own { key, calls: Mutex::default(), answers, met };
        (Self { own: Some(own), heard: Mutex::default() }, Heard { answers: told, met: seen })
    }

    /// Whether a word is news, and within its validator's budget.
    fn has_room(&self, word: &Word, now: Instant) -> bool {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.retain(|_, words| {
            words.retain(|(came, _)| now.saturating_duration_since(*came) < WINDOW);
            !words.is_empty()
        });
        let words = heard.get(&word.validator);
        words.is_none_or(|words| words.len() < MOST_WORDS && words.iter().all(|(_, call)| *call != word.call))
    }

    fn keep(&self, word: &Word, now: Instant) {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.entry(word.validator).or_default().push_back((now, word.call));
    }
}

impl Own {
    /// A word with a call of its own.
    fn says(&self, chain: &ChainId, answers: Call) -> Vec<u8> {
        let call: Call = rand::random();
        let mut calls = self.calls();
        calls.push_back(call);
        if calls.len() > MOST_CALLS {
            calls.pop_front();
        }
        let signature = self.key.sign(&payload(chain, &call, &answers));
        Word { validator: self.key.account(), call, answers, signature }.encode()
    }

    /// Takes in a word of its own key.
    fn hears(&self, chain: &ChainId, word: &Word) {
        if self.calls().contains(&word.call) {
            return;
        }
        let is_met = self.calls().contains(&word.answers);
        // The other one is to know of this one, too. With many answers waiting it does.
        let _ = self.answers.try_send(self.says(chain, word.call));
        if is_met {
            self.met.send_replace(true);
        }
    }

    fn calls(&self) -> MutexGuard<'_, VecDeque<Call>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Chain {
    /// A call for other nodes with this node's key; none while its home is known to be the one where it signed last, or where it has no
    /// key or does not show it.
    pub fn call_of_holder(&self) -> Option<Vec<u8>> {
        let may_be_elsewhere = || self.silence().is_some() || self.signing().own_from.is_none();
        let own = self.showing().filter(|_| may_be_elsewhere())?;
        Some(own.says(&self.genesis.chain.chain_id, Call::default()))
    }

    /// Takes what a node with a validator's key says.
    ///
    /// # Errors
    /// Whether the peer is to blame, when it is not worth passing on.
    pub fn hear_holder(&self, bytes: &[u8]) -> Result<(), AdmissionRefusal> {
        let word = Word::decode_all(&mut &bytes[..]).map_err(|_| AdmissionRefusal::PeerFault)?;
        let (chain, now) = (&self.genesis.chain.chain_id, Instant::now());
        let set = self.validators(self.next_position().height);
        let is_validator = set.is_some_and(|set| set.power_of(&word.validator).is_some());
        if !is_validator || !self.holders.has_room(&word, now) {
            return Err(AdmissionRefusal::Harmless);
        }
        if !word.validator.key().verify(&payload(chain, &word.call, &word.answers), &word.signature) {
            return Err(AdmissionRefusal::PeerFault);
        }
        self.holders.keep(&word, now);
        if let Some(own) = self.showing().filter(|own| own.key.account() == word.validator) {
            own.hears(chain, &word);
        }
        Ok(())
    }

    /// This node's key, while it is shown and no other node is known to have it.
    fn showing(&self) -> Option<&Own> {
        self.holders.own.as_ref().filter(|own| self.signing().shows && !*own.met.borrow())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::KeyStanding;
    use crate::chain::tests::open;
    use crate::metrics::NodeMetrics;
    use host::config::Home;
    use host::provenance::TrustedSigners;
    use primitives::{Height, Timestamp};
    use runtime::testing::{genesis, validator};
    use store::{HomeOrigin, Watermarks};

    /// A node with the key of a validator, in a home that is in doubt or not, and what it hears.
    struct Node {
        chain: Chain,
        heard: Heard,
        _folder: tempfile::TempDir,
    }

    fn node(number: u8, is_in_doubt: bool) -> Node {
        let folder = tempfile::tempdir().unwrap();
        let key = validator(number);
        let origin = HomeOrigin::of(&Home::at(folder.path()), key.account()).remembering(folder.path());
        // One with blocks that no start has marked is in doubt, and one that is started again is not.
        let next = Height(if is_in_doubt { 2 } else { 1 });
        let start = || KeyStanding::at_start(origin.clone(), &Watermarks::default(), next, Timestamp(0)).unwrap();
        assert!(start().signing().own_from.is_none(), "in a new home it asks");
        let standing = start();
        let (holders, heard) = Holders::with(key);
        let chain = open(&folder, &genesis(), TrustedSigners::default(), &NodeMetrics::new());
        let chain = chain.signing_by(Some(standing)).calling(holders);
        Node { chain, heard, _folder: folder }
    }

    fn met(node: &Node) -> bool {
        *node.heard.met.borrow()
    }

    #[test]
    fn o25_two_nodes_with_one_key_find_each_other_by_what_others_pass_on() {
        let (mut one, mut other, third) = (node(0, true), node(0, false), node(1, false));
        assert_eq!(other.chain.call_of_holder(), None, "who is not in doubt does not ask");
        let call = one.chain.call_of_holder().unwrap();
        third.chain.hear_holder(&call).unwrap();
        assert_eq!(third.chain.hear_holder(&call), Err(AdmissionRefusal::Harmless), "once");
        assert!(one.chain.hear_holder(&call).is_ok() && one.heard.answers.try_recv().is_err(), "its own comes back");
        other.chain.hear_holder(&call).unwrap();
        assert!(!met(&other), "it may have been said long ago");
        one.chain.hear_holder(&other.heard.answers.try_recv().unwrap()).unwrap();
        assert!(met(&one));
        other.chain.hear_holder(&one.heard.answers.try_recv().unwrap()).unwrap();
        assert!(met(&other) && !met(&third));
        assert_eq!(one.chain.call_of_holder(), None, "it has its answer");
        one.chain.hear_holder(&node(0, true).chain.call_of_holder().unwrap()).unwrap();
        assert!(one.heard.answers.try_recv().is_err(), "and gives none any more");
    }

    #[test]
    fn o25_words_that_are_forged_or_said_again_meet_nobody_and_have_a_bound() {
        let (mut one, old, mut earlier, third) = (node(0, true), node(0, true), node(0, false), node(1, false));
        // What this validator said in an earlier life, and what it answered then.
        let old_call = old.chain.call_of_holder().unwrap();
        earlier.chain.hear_holder(&old_call).unwrap();
        for said in [old_call, earlier.heard.answers.try_recv().unwrap()] {
            one.chain.hear_holder(&said).unwrap();
            assert!(one.heard.answers.try_recv().is_ok(), "it answers, and believes nothing");
        }
        let mut forged = Word::decode_all(&mut &one.chain.call_of_holder().unwrap()[..]).unwrap();
        forged.answers = forged.call;
        forged.call = [9; 16];
        assert_eq!(one.chain.hear_holder(&forged.encode()), Err(AdmissionRefusal::PeerFault));
        assert_eq!(one.chain.hear_holder(b"short"), Err(AdmissionRefusal::PeerFault));
        assert!(!met(&one));
        let passed = (0..100).filter(|_| third.chain.hear_holder(&old.chain.call_of_holder().unwrap()).is_ok()).count();
        assert_eq!(passed, MOST_WORDS);
    }
}
