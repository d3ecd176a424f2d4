//! Between the chain and the overlay: what peers send is judged, what became ready here is told to them, what waits is exchanged
//! with them, at each epoch's end what was decided is compared (T30), and what is known against validators comes to those who prove it.

use crate::chain::{AdmissionRefusal, Chain, CosignatureWord};
use crate::mempool::Admitted;
use overlay::{
    COSIGNATURE, CheckMessages, Cost, ExchangedPool, MessageChecker, MessageVerdict, OverlayHandle, PublishError,
};
use parity_scale_codec::Encode;
use primitives::{Height, TransactionHash};
use rpc::Head;
use runtime::Certificate;
use staking::Offence;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, Interval, MissedTickBehavior};

/// How long to wait for room where the overlay has as much before it as it takes.
const ROOM: Duration = Duration::from_millis(20);

/// What a decision begins with. No transaction does: its first byte is the length of a chain id, which is short.
const DECISION: u8 = 0xff;
/// What a decision begins with that another one contradicts. Whoever was behind when it was first told took no notice, and would take
/// the same message for one that it has had.
const CONTESTED: u8 = 0xfe;

/// What an offence begins with; no transaction does either.
const OFFENCE: u8 = 0xfd;

/// What the word of a node with a validator's key begins with.
const HOLDER: u8 = 0xfc;

/// How often a node whose home is in doubt calls for others with its validator key, and how often at first.
const CALL: Duration = Duration::from_secs(60);
/// See [`CALL`].
const FIRST_CALLS: Duration = Duration::from_secs(5);
/// How often it is looked whether to call.
const LOOK: Duration = Duration::from_secs(1);

/// How often peers are told again, for those who came late; the overlay has forgotten by then what it was told.
const AGAIN: Duration = Duration::from_secs(90);

/// What was decided at an epoch's end, for other nodes.
pub fn decision(certificate: &Certificate) -> Vec<u8> {
    told_as(DECISION, certificate)
}

/// The same, once it is known that there is another one of its height.
fn contested(certificate: &Certificate) -> Vec<u8> {
    told_as(CONTESTED, certificate)
}

/// What a validator did, for nodes that bring it on chain.
pub fn accusation(offence: &Offence) -> Vec<u8> {
    told_as(OFFENCE, offence)
}

/// What a witness cosigned, for those who are on the topic of that.
pub fn cosignature(word: &CosignatureWord) -> Vec<u8> {
    told_as(COSIGNATURE, word)
}

fn told_as(kind: u8, said: &impl Encode) -> Vec<u8> {
    let mut message = vec![kind];
    said.encode_to(&mut message);
    message
}

/// A message of a peer by its kind, with what it says.
enum Message<'m> {
    /// What was decided at an epoch's end, contested or not.
    Decision(&'m [u8]),
    /// What a validator did.
    Offence(&'m [u8]),
    /// The word of a node with a validator's key.
    Holder(&'m [u8]),
    /// What a witness cosigned.
    Cosignature(&'m [u8]),
    /// Whatever begins with none of those: all of it is the transaction.
    Transaction(&'m [u8]),
}

impl<'m> Message<'m> {
    fn read(message: &'m [u8]) -> Self {
        match message.split_first() {
            Some((&(DECISION | CONTESTED), said)) => Self::Decision(said),
            Some((&OFFENCE, said)) => Self::Offence(said),
            Some((&HOLDER, said)) => Self::Holder(said),
            Some((&COSIGNATURE, said)) => Self::Cosignature(said),
            _ => Self::Transaction(message),
        }
    }
}

/// Judges what peers send; what is ready is passed on, and what waits apart is not. Of decisions, offences and cosignatures, those
/// are that are news.
///
/// Only what hangs on nothing is its sender's fault. What hangs on the newest blocks costs its sender much, unless this node knows
/// that it has not got them, and never at once: honest nodes are a few blocks apart, and strangers can have a flood of what is good at
/// one alone. What was good before the last blocks costs as little as what hangs on this pool: two honest pools differ, and strangers
/// can make them. What may be good after the next ones is asked for once more then.
pub fn checker(chain: Arc<Chain>) -> MessageChecker {
    Arc::new(Checker(chain))
}

struct Checker(Arc<Chain>);

impl CheckMessages for Checker {
    fn check(&self, message: &[u8]) -> MessageVerdict {
        let Self(chain) = self;
        self.verdict(match Message::read(message) {
            Message::Decision(certificate) => chain.compare(certificate),
            Message::Offence(offence) => chain.accuse(offence),
            Message::Holder(word) => chain.hear_holder(word),
            Message::Cosignature(word) => chain.hear_cosignature(word),
            Message::Transaction(encoded) => return self.taken(chain.receive(encoded)),
        })
    }

    fn check_all(&self, messages: &[Vec<u8>]) -> Vec<MessageVerdict> {
        // A peer that is asked for what waits gives nothing else; one that does is judged as if it had gossiped that.
        if !messages.iter().all(|message| matches!(Message::read(message), Message::Transaction(_))) {
            return messages.iter().map(|message| self.check(message)).collect();
        }
        self.0.receive_all(messages).into_iter().map(|received| self.taken(received)).collect()
    }

    fn reconsider(&self, message: &[u8]) -> Cost {
        let Self(chain) = self;
        let is_transaction = matches!(Message::read(message), Message::Transaction(_));
        if is_transaction && chain.pool().waits_apart(&TransactionHash::of(message)) {
            return self.cost_apart(&TransactionHash::of(message));
        }
        match self.check(message) {
            MessageVerdict::Ignore(cost) => cost,
            MessageVerdict::Accept | MessageVerdict::Reject => Cost::Nothing,
        }
    }
}

impl Checker {
    /// What becomes of a transaction.
    fn taken(&self, received: Result<Admitted, AdmissionRefusal>) -> MessageVerdict {
        match received {
            Ok(Admitted { hash, ready: false }) => MessageVerdict::Ignore(self.cost_apart(&hash)),
            received => self.verdict(received.map(|_| ())),
        }
    }

    /// What it costs to bring what waits apart here: it has cost a verification, and can be passed on to nobody.
    fn cost_apart(&self, hash: &TransactionHash) -> Cost {
        self.cost(if self.0.may_be_ready_elsewhere(hash) { Cost::Little } else { Cost::Much })
    }

    /// What becomes of a message that is to be passed on, or refused.
    fn verdict(&self, judged: Result<(), AdmissionRefusal>) -> MessageVerdict {
        let cost = match judged {
            Ok(()) => return MessageVerdict::Accept,
            Err(AdmissionRefusal::PeerFault) => return MessageVerdict::Reject,
            Err(AdmissionRefusal::Useless) => Cost::Much,
            Err(AdmissionRefusal::Harmless) => Cost::Little,
        };
        MessageVerdict::Ignore(self.cost(cost))
    }

    /// What it costs as far as this node can tell.
    fn cost(&self, cost: Cost) -> Cost {
        if self.0.is_stale() { Cost::Nothing } else { cost }
    }
}

/// What this node and its peers exchange of their pools. A node that has not caught up lacks nothing, because it could not judge
/// it; it learns what waits once it has.
pub fn exchanged(chain: Arc<Chain>) -> ExchangedPool {
    let (ready, lacks, read) = (chain.clone(), chain.clone(), chain);
    ExchangedPool {
        ready: Arc::new(move || ready.pool().order()),
        lacks: Arc::new(move |hash| !lacks.is_stale() && !lacks.pool().contains(hash)),
        read: Arc::new(move |hash| read.pool().encoded(hash)),
    }
}

/// Tells other nodes of what becomes ready here, once. Who does not hear of it then fetches it later.
pub async fn tell(chain: Arc<Chain>, mut became_ready: broadcast::Receiver<TransactionHash>, overlay: OverlayHandle) {
    loop {
        match became_ready.recv().await {
            Ok(hash) => publish(&chain, &overlay, hash).await,
            Err(RecvError::Lagged(untold)) => {
                tracing::warn!(untold, "transactions wait here alone until others ask for them");
            }
            Err(RecvError::Closed) => return,
        }
    }
}

/// Gossips a transaction, if it is still ready.
async fn publish(chain: &Chain, overlay: &OverlayHandle, hash: TransactionHash) {
    let encoded = || chain.pool().encoded(&hash);
    while let Some(transaction) = encoded() {
        match overlay.publish(transaction) {
            Err(PublishError::QueueFull) => tokio::time::sleep(ROOM).await,
            Err(error) => {
                tracing::warn!(%hash, %error, "a transaction waits here alone until others ask for it");
                return;
            }
            Ok(()) => return,
        }
    }
}

/// Why it is looked what peers are to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// A block was committed.
    NewHead,
    /// It is time to say again what was said before.
    Again,
}

/// When it is looked what peers are to be told: at once, after each block, and from time to time.
pub struct Occasions {
    heads: watch::Receiver<Arc<Head>>,
    rounds: Interval,
}

impl Occasions {
    /// Those of a chain.
    pub fn of(chain: &Chain) -> Self {
        let mut rounds = tokio::time::interval(AGAIN);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { heads: chain.heads(), rounds }
    }

    /// Waits for the next one; none comes after the last block.
    pub async fn next(&mut self) -> Option<Occasion> {
        tokio::select! {
            changed = self.heads.changed() => changed.ok().map(|()| Occasion::NewHead),
            _ = self.rounds.tick() => Some(Occasion::Again),
        }
    }
}

/// Tells peers at each epoch's end what was decided here, and again from time to time. One that decided the same passes it on to
/// nobody.
pub async fn tell_ends(chain: Arc<Chain>, overlay: OverlayHandle) {
    let (mut occasions, mut told) = (Occasions::of(&chain), Height(0));
    while let Some(occasion) = occasions.next().await {
        let again = occasion == Occasion::Again;
        // What nobody hears would wait in the overlay, where transactions have more use of the place.
        let has_peers = !overlay.status().live_peers.is_empty();
        let end = chain.newest_end().filter(|end| has_peers && (again || end.height > told));
        if let Some(end) = end
            && overlay.publish(decision(&end)).is_ok()
        {
            told = end.height;
        }
    }
}

/// Calls for other nodes with this node's validator key while its home is in doubt or new, and answers those that call.
pub async fn call_holders(chain: Arc<Chain>, overlay: OverlayHandle, mut answers: mpsc::Receiver<Vec<u8>>) {
    let (mut looks, mut calls, mut last) = (tokio::time::interval(LOOK), 0_u32, None::<Instant>);
    loop {
        let word = tokio::select! {
            Some(answer) = answers.recv() => Some(answer),
            now = looks.tick() => {
                let pause = if calls < 3 { FIRST_CALLS } else { CALL };
                // What nobody hears would wait in the overlay.
                let has_peers = !overlay.status().live_peers.is_empty();
                let is_due = has_peers && last.is_none_or(|last| now.duration_since(last) >= pause);
                if !is_due {
                    continue;
                }
                (calls, last) = (calls.saturating_add(1), Some(now));
                chain.call_of_holder()
            }
        };
        let Some(word) = word else { continue };
        let message = [&[HOLDER][..], &word].concat();
        if let Err(error) = overlay.publish(message) {
            tracing::debug!(%error, "peers are not told that this node has its key");
        }
    }
}

/// Tells peers both decisions of a height that has two, so that those who know one of them learn of the other.
pub async fn tell_forks(chain: Arc<Chain>, overlay: OverlayHandle) {
    let mut forks = chain.forks();
    while forks.changed().await.is_ok() {
        let fork = forks.borrow_and_update().clone();
        // Of another height, which a ticket may show, peers want to hear nothing but what its signers did: the courier tells them.
        let fork = fork.filter(|fork| fork.height().ends_epoch(chain.epoch_length()));
        for certificate in fork.iter().flat_map(|fork| [fork.ours(), fork.theirs()]) {
            if let Err(error) = overlay.publish(contested(certificate)) {
                tracing::warn!(%error, "peers are not told of the fork; they compare at the next epoch's end");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::tests::{counting, decide, open};
    use crate::metrics::NodeMetrics;
    use host::provenance::TrustedSigners;
    use overlay::{OverlayConfig, OverlayMetrics, OverlayStatus};
    use primitives::{Epoch, SecretKey, Signature};
    use proptest::{collection::vec, prelude::any, sample::select, test_runner::TestRunner};
    use runtime::{Genesis, testing};
    use std::path::Path;
    use std::sync::atomic::Ordering;
    use tokio::time::{sleep, timeout};

    const SOON: Duration = Duration::from_secs(60);

    async fn start(
        number: u8,
        genesis: &Genesis,
        dir: &Path,
        to: Option<&OverlayHandle>,
        checker: MessageChecker,
    ) -> OverlayHandle {
        let peers = to.iter().flat_map(|to| to.status().listen).map(|address| address.parse().unwrap()).collect();
        let store = dir.join(format!("overlay{number}/peers.json"));
        let (chain, longest) = (&genesis.chain, genesis.chain.limits.max_transaction_bytes as usize);
        let lonely = overlay::testing::on_loopback(store, chain.chain_id.clone(), genesis.hash(), longest);
        let config = OverlayConfig { peers, ..lonely };
        overlay::start(config, [number; 32], checker, OverlayMetrics::default()).await.unwrap()
    }

    async fn until(overlay: &OverlayHandle, holds: impl Fn(&OverlayStatus) -> bool) {
        let mut status = overlay.watch_status();
        timeout(SOON, status.wait_for(|status| holds(status))).await.expect("in time").unwrap();
    }

    #[test]
    fn t30_a_decision_is_told_apart_from_a_transaction_and_is_passed_on_when_it_is_news() {
        let (genesis, dirs) = (testing::genesis(), [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()]);
        let [ours, theirs] =
            dirs.each_ref().map(|dir| open(dir, &genesis, TrustedSigners::default(), &NodeMetrics::new()));
        let pay = testing::transfer(testing::validator(1).account(), 5);
        let transaction = testing::signed(&genesis, &testing::holder(0), 0, pay);
        theirs.submit(transaction.clone()).unwrap();
        let end_of = |chain: &Chain| {
            while chain.newest_end().is_none() {
                decide(chain);
            }
            chain.newest_end().unwrap()
        };
        let (known, news) = (end_of(&ours), end_of(&theirs));
        let checker = checker(Arc::new(ours));
        let judge = |message: &[u8]| checker.check(message);
        assert_eq!(judge(&decision(&known)), MessageVerdict::Ignore(Cost::Little));
        assert_eq!(judge(&decision(&news)), MessageVerdict::Accept);
        assert_eq!(judge(&transaction.encode()), MessageVerdict::Accept);
        assert_eq!(judge(&news.encode()), MessageVerdict::Reject, "a decision that does not say so");
        assert_eq!(judge(&[DECISION]), MessageVerdict::Reject);
        // Who was behind has had the first as a message, and hears of the second.
        assert_eq!(judge(&contested(&known)), MessageVerdict::Ignore(Cost::Little));
        assert_ne!(contested(&news), decision(&news));
        assert_eq!(judge(&[]), MessageVerdict::Reject);
        let known_already = MessageVerdict::Ignore(Cost::Little);
        let together = [transaction.encode(), vec![], decision(&known)];
        let each = together.each_ref().map(|message| judge(message));
        assert_eq!(each, [known_already, MessageVerdict::Reject, known_already]);
        assert_eq!(checker.check_all(&together), each);
        assert_eq!(checker.check_all(&together[..2]), each[..2]);
        assert!(decision(&news).len() <= genesis.chain.limits.max_transaction_bytes as usize);
    }

    #[test]
    fn h16_what_was_good_before_a_block_costs_little_and_what_is_after_the_next_nothing() {
        let (mut genesis, dir) = (testing::genesis(), tempfile::tempdir().unwrap());
        genesis.chain.consensus.block_time_ms = 60_000;
        let chain = Arc::new(open(&dir, &genesis, TrustedSigners::default(), &NodeMetrics::new()));
        decide(&chain);
        let checker = checker(chain.clone());
        let by = |key: &SecretKey, nonce, to: &SecretKey, amount| {
            testing::signed(&genesis, key, nonce, testing::transfer(to.account(), amount)).encode()
        };
        let [newcomer, nobody] = [[9; 32], [10; 32]].map(|seed| SecretKey::from_seed(&seed));
        let (holder, validator) = (testing::holder(0), testing::validator(1));
        let (much, little) = (MessageVerdict::Ignore(Cost::Much), MessageVerdict::Ignore(Cost::Little));
        let late = by(&holder, 0, &newcomer, 100_000);
        let (ahead, never) = (by(&newcomer, 0, &validator, 5), by(&nobody, 0, &validator, 5));
        for message in [&ahead, &never] {
            assert_eq!(checker.check(message), much, "it cannot pay");
            assert_eq!(checker.reconsider(message), Cost::Much, "and no block has changed that");
        }
        assert_eq!(checker.check(&late), MessageVerdict::Accept);
        decide(&chain);
        assert_eq!(checker.check(&late), little, "its sender had not got the block");
        assert_eq!(checker.check(&by(&holder, 0, &nobody, 7)), little, "nor had one that knew of this one");
        assert_eq!(checker.reconsider(&ahead), Cost::Nothing, "its sender had got the block before");
        assert_eq!(checker.reconsider(&never), Cost::Much);

        let other = testing::holder(1);
        let (gap, missing) = (by(&other, 1, &validator, 5), by(&other, 0, &validator, 5));
        assert_eq!(checker.check(&gap), much);
        assert_eq!(checker.reconsider(&gap), Cost::Much, "what it waits for did not come");
        assert_eq!(checker.check(&missing), MessageVerdict::Accept);
        assert_eq!(checker.reconsider(&gap), Cost::Little, "it came by another way");
        decide(&chain);
        assert_eq!(checker.reconsider(&gap), Cost::Little);

        // Another node has another one of the same nonce, which leaves enough for what follows.
        let (leaves_nothing, next) = (by(&other, 2, &validator, 1_996_500), by(&other, 3, &validator, 5));
        assert_eq!(checker.check(&leaves_nothing), MessageVerdict::Accept);
        assert_eq!(checker.check(&next), little, "here it waits apart, and elsewhere it may be ready");
        decide(&chain);
        assert_eq!(checker.reconsider(&next), Cost::Little);
    }

    #[test]
    fn t28_what_peers_tell_has_one_encoding_and_what_they_make_up_is_passed_on_to_nobody() {
        let (genesis, dir) = (testing::genesis(), tempfile::tempdir().unwrap());
        let chain = open(&dir, &genesis, TrustedSigners::default(), &NodeMetrics::new());
        while chain.newest_end().is_none() {
            decide(&chain);
        }
        let (end, who) = (chain.newest_end().unwrap(), testing::validator(0));
        let offence = testing::double_vote(&genesis.chain.chain_id, &who, end.height);
        let (witness, signature) = (who.account(), Signature([1; 64]));
        let word = CosignatureWord { epoch: Epoch(0), witness, timestamp: 1, signature };
        // A validator, two calls, a signature.
        let held = [&[HOLDER][..], &[1; 32 + 16 + 16 + 64]].concat();
        let told = [decision(&end), contested(&end), accusation(&offence), held, cosignature(&word)];
        let kinds: Vec<u8> = told.iter().map(|message| message[0]).collect();
        let checker = checker(Arc::new(chain));
        let judge = |message: &[u8]| checker.check(message);
        for message in &told {
            assert_ne!(judge(message), MessageVerdict::Reject, "{message:?}");
            let longer = [&message[..], &[0]].concat();
            for damaged in [&message[..message.len() - 1], &longer] {
                assert_eq!(judge(damaged), MessageVerdict::Reject, "{damaged:?}");
            }
        }
        let made_up = (select(kinds), vec(any::<u8>(), 0..300));
        let passed_on = |(kind, said): (u8, Vec<u8>)| {
            proptest::prop_assert_ne!(judge(&[&[kind][..], &said].concat()), MessageVerdict::Accept);
            Ok(())
        };
        TestRunner::default().run(&made_up, passed_on).unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_looked_what_to_tell_after_each_block_and_again_from_time_to_time_until_no_block_comes() {
        let (genesis, dir) = (testing::genesis(), tempfile::tempdir().unwrap());
        let chain = open(&dir, &genesis, TrustedSigners::default(), &NodeMetrics::new());
        let (mut occasions, began) = (Occasions::of(&chain), Instant::now());
        assert_eq!(occasions.next().await, Some(Occasion::Again), "peers may not know what this node does");
        decide(&chain);
        assert_eq!(occasions.next().await, Some(Occasion::NewHead));
        assert_eq!(occasions.next().await, Some(Occasion::Again));
        assert!(began.elapsed() >= AGAIN);
        drop(chain);
        assert_eq!(occasions.next().await, None);
    }

    #[tokio::test]
    async fn h22_who_sends_what_unfunded_keys_sign_costs_no_verification_and_is_refused_when_its_budget_ends() {
        let (mut genesis, dir) = (testing::genesis(), tempfile::tempdir().unwrap());
        // A node that has not caught up blames nobody, so its block is new for as long as the test lasts.
        genesis.chain.consensus.block_time_ms = 60_000;
        let (chain, verified) = counting(open(&dir, &genesis, TrustedSigners::default(), &NodeMetrics::new()));
        decide(&chain);
        let chain = Arc::new(chain);
        let ignores: MessageChecker = Arc::new(|_: &[u8]| MessageVerdict::Ignore(Cost::Nothing));
        let node = start(1, &genesis, dir.path(), None, checker(chain.clone())).await;
        let hostile = start(2, &genesis, dir.path(), Some(&node), ignores.clone()).await;
        let honest = start(3, &genesis, dir.path(), Some(&node), ignores).await;
        until(&node, |status| status.live_peers.len() == 2).await;

        let call = testing::transfer(testing::validator(1).account(), 5);
        let good = testing::signed(&genesis, &testing::holder(0), 0, call.clone());
        for number in 0..1_000u32 {
            let mut seed = [9; 32];
            seed[..4].copy_from_slice(&number.to_be_bytes());
            let unfunded = testing::signed(&genesis, &SecretKey::from_seed(&seed), 0, call.clone());
            hostile.publish(unfunded.encode()).unwrap();
            if number == 300 {
                honest.publish(good.encode()).unwrap();
            }
            // No faster than they are judged: what is not looked at costs nothing.
            sleep(Duration::from_millis(1)).await;
        }
        until(&node, |status| status.refused_peers.len() == 1).await;
        let status = node.status();
        assert_eq!(status.refused_peers[0].peer_id, overlay::peer_id(&[2; 32]).to_base58());
        assert_eq!(status.live_peers.len(), 1, "the honest peer stays");
        let waits = async {
            while !chain.pool().contains(&good.hash()) {
                sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(SOON, waits).await.expect("what the honest peer sent is taken");
        assert_eq!((chain.pool().count(), verified.load(Ordering::SeqCst)), (1, 1));
        for overlay in [hostile, honest, node] {
            overlay.stop().await.unwrap();
        }
    }
}
