//! This node's validator key: what it has signed here, whether it may sign on, and whether another node has it as well.
//!
//! # Invariants
//! - Nothing is signed that is not remembered first, so that it is known again when it comes back.
//! - Nothing is signed once a twin is known.
//! - Only a signature that holds, or a proof, makes a twin known; what was signed before this process began is none.

use super::application::{Application, TwinSighting};
use primitives::{AccountId, Height, PublicKey};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// So many heights are remembered; the engine looks at no signature of an earlier one.
const REMEMBERED: usize = 64;

/// What the key of a node does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SigningDuty {
    /// It signs votes and proposals.
    pub signs: bool,
    /// Peers are shown that it is here.
    pub shows: bool,
}

/// The key of a validator, apart from the secret.
pub struct Pen {
    app: Arc<dyn Application>,
    key: PublicKey,
    /// This node among the peers.
    peer: libp2p::PeerId,
    made: Mutex<BTreeMap<Height, BTreeSet<Vec<u8>>>>,
    twin: watch::Sender<Option<TwinSighting>>,
}

impl Pen {
    /// Of a key that signs for `app` on the node that others know as `peer`.
    pub fn new(app: Arc<dyn Application>, key: PublicKey, peer: libp2p::PeerId) -> Self {
        Self { app, key, peer, made: Mutex::default(), twin: watch::Sender::new(None) }
    }

    /// Whether the key may sign for a height.
    pub fn signs(&self, height: Height) -> bool {
        self.twin.borrow().is_none() && self.app.signing().may_sign(height)
    }

    /// What the key does for a height.
    pub fn duty(&self, height: Height) -> SigningDuty {
        let shows = self.twin.borrow().is_none() && self.app.signing().shows;
        SigningDuty { signs: self.signs(height), shows }
    }

    /// Remembers what is about to be signed. False when it must not be.
    pub fn takes(&self, height: Height, bytes: &[u8]) -> bool {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.signs(height) {
            return false;
        }
        made.entry(height).or_default().insert(bytes.to_vec());
        while made.len() > REMEMBERED {
            made.pop_first();
        }
        true
    }

    /// Takes in that `key` has signed something for a height, which holds; `what` it is, in a word.
    pub fn overhears(&self, key: &PublicKey, height: Height, bytes: &[u8], what: &'static str) {
        if *key != self.key || !self.is_of_this_life(height) {
            return;
        }
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let is_ours = made.get(&height).is_some_and(|made| made.contains(bytes));
        drop(made);
        if !is_ours {
            self.found(TwinSighting::Signed { what, height });
        }
    }

    /// Takes in that a peer has announced a block, and that the announcement holds.
    pub fn announced(&self, publisher: &AccountId, height: Height, peer: &[u8]) {
        if publisher.key() == self.key && peer != self.peer.to_bytes() && self.is_of_this_life(height) {
            self.found(TwinSighting::Signed { what: "an announcement of a block", height });
        }
    }

    /// Takes in that a peer, which is the one that it says it is, has proven that it has a key.
    pub fn proven(&self, key: &PublicKey, peer: &[u8]) {
        if *key != self.key || peer == self.peer.to_bytes() || !self.app.signing().shows {
            return;
        }
        let peer = libp2p::PeerId::from_bytes(peer).map_or_else(|_| "without an id".into(), |peer| peer.to_string());
        self.found(TwinSighting::Proof { peer });
    }

    /// Takes in that a node has answered with the key outside of consensus.
    pub fn answered(&self) {
        if self.app.signing().shows {
            self.found(TwinSighting::Answered);
        }
    }

    /// What shows that another node has the key, as soon as something does.
    pub fn twin(&self) -> watch::Receiver<Option<TwinSighting>> {
        self.twin.subscribe()
    }

    /// Whether everything that the key has signed for a height was signed here, or by a twin.
    fn is_of_this_life(&self, height: Height) -> bool {
        self.app.signing().own_from.is_some_and(|from| height >= from)
    }

    fn found(&self, shown: TwinSighting) {
        self.twin.send_if_modified(|known| {
            let is_news = known.is_none();
            if is_news {
                *known = Some(shown);
            }
            is_news
        });
    }
}

impl fmt::Debug for Pen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pen").field("key", &self.key).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::application::Signing;
    use crate::context::{Address, BlockHeight, BlockValue, ChainContext};
    use crate::messages::{ProposalMessage, Vote};
    use crate::signing::{Signatory, SignatureChecker};
    use crate::tests::{Memory, secret};
    use arc_malachitebft_core_types::{NilOrVal, Round, SignedMessage, VoteType};
    use arc_malachitebft_signing::{Signer, Verifier};
    use primitives::{BlockHash, Signature};

    struct Scene {
        app: Arc<Memory>,
        pen: Arc<Pen>,
        here: Signatory,
        elsewhere: Signatory,
        checker: SignatureChecker,
    }

    /// A node with the key of validator 1, whose signatures from height 5 on are its own.
    fn scene() -> Scene {
        let app = Memory::new(1, &[(0, &[1, 2, 3, 4])]);
        app.signs(Signing { from: Some(Height(0)), own_from: Some(Height(5)), shows: true });
        let pen = Arc::new(Pen::new(app.clone(), secret(1).public(), libp2p::PeerId::random()));
        let signatory = Signatory::new(app.chain_id(), secret(1));
        Scene {
            here: signatory.clone().with(pen.clone()),
            elsewhere: signatory,
            checker: SignatureChecker::new(app.chain_id()).with(pen.clone()),
            app,
            pen,
        }
    }

    fn vote(by: u8, height: u64, block: Option<u8>) -> Vote {
        let block = block.map_or(NilOrVal::Nil, |block| NilOrVal::Val(BlockHash([block; 32])));
        let (height, voter) = (BlockHeight(Height(height)), Address(secret(by).account()));
        Vote { kind: VoteType::Prevote, height, round: Round::new(0), block, voter }
    }

    impl Scene {
        async fn hears(&self, vote: &SignedMessage<ChainContext, Vote>) {
            let key = vote.message.voter.0.key();
            self.checker.verify_signed_vote(&vote.message, &vote.signature, &key).await.unwrap();
        }

        fn twin(&self) -> Option<TwinSighting> {
            self.pen.twin().borrow().clone()
        }
    }

    #[tokio::test]
    async fn o25_a_vote_of_this_key_that_was_not_made_here_ends_its_signing_at_once() {
        let scene = scene();
        let own = scene.here.sign_vote(vote(1, 6, Some(1))).await.unwrap();
        scene.hears(&own).await;
        assert_eq!(scene.twin(), None, "what comes back is known again");
        scene.hears(&scene.elsewhere.sign_vote(vote(1, 7, Some(1))).await.unwrap()).await;
        assert_eq!(scene.twin(), Some(TwinSighting::Signed { what: "a vote", height: Height(7) }));
        assert!(scene.here.sign_vote(vote(1, 7, Some(2))).await.is_err(), "it does not contradict the other");
        assert!(!scene.pen.duty(Height(8)).shows, "who signs no more ends nobody else's signing");
    }

    #[tokio::test]
    async fn o25_a_proposal_that_was_not_made_here_shows_the_twin_too() {
        let scene = scene();
        let (height, proposer) = (BlockHeight(Height(6)), Address(secret(1).account()));
        let proposal = |block| ProposalMessage {
            height,
            round: Round::new(0),
            value: BlockValue(BlockHash([block; 32])),
            pol_round: Round::Nil,
            proposer,
        };
        for (signer, known) in [(&scene.here, false), (&scene.elsewhere, true)] {
            let signed = signer.sign_proposal(proposal(u8::from(known))).await.unwrap();
            let key = proposer.0.key();
            scene.checker.verify_signed_proposal(&signed.message, &signed.signature, &key).await.unwrap();
            assert_eq!(scene.twin().is_some(), known);
        }
    }

    #[tokio::test]
    async fn o25_what_is_forged_replayed_or_of_an_earlier_life_stops_nobody() {
        let scene = scene();
        // Of the height that was being decided when this process began, or before.
        scene.hears(&scene.elsewhere.sign_vote(vote(1, 4, Some(1))).await.unwrap()).await;
        // In this validator's name, by somebody else.
        let forged = SignedMessage::new(vote(1, 6, Some(1)), Signature([7; 64]));
        scene.hears(&forged).await;
        let other = Signatory::new(scene.app.chain_id(), secret(2));
        scene.hears(&other.sign_vote(vote(2, 6, Some(1))).await.unwrap()).await;
        let of_another_chain = Signatory::new("other-1".parse().unwrap(), secret(1));
        scene.hears(&of_another_chain.sign_vote(vote(1, 6, Some(1))).await.unwrap()).await;
        // What this node has shown itself, and what somebody made of it.
        let (key, own, stranger) = (secret(1).public().0.to_vec(), scene.pen.peer.to_bytes(), vec![7; 38]);
        let proof = scene.elsewhere.sign_validator_proof(key, own).await.unwrap();
        scene.checker.verify_validator_proof(&proof).await.unwrap();
        let mut turned = proof;
        turned.peer_id = stranger.clone();
        scene.checker.verify_validator_proof(&turned).await.unwrap();
        scene.pen.announced(&secret(1).account(), Height(4), &stranger);
        scene.pen.announced(&secret(2).account(), Height(6), &stranger);
        assert_eq!(scene.twin(), None);
        assert!(scene.here.sign_vote(vote(1, 6, Some(1))).await.is_ok());
    }

    #[tokio::test]
    async fn o25_a_peer_that_proves_to_have_the_key_ends_its_signing_before_it_votes() {
        let scene = scene();
        let peer = libp2p::PeerId::random();
        let key = secret(1).public().0.to_vec();
        let proof = scene.elsewhere.sign_validator_proof(key, peer.to_bytes()).await.unwrap();
        scene.checker.verify_validator_proof(&proof).await.unwrap();
        assert_eq!(scene.twin(), Some(TwinSighting::Proof { peer: peer.to_string() }));
        assert!(scene.here.sign_vote(vote(1, 6, Some(1))).await.is_err());
    }
}
