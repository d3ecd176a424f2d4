//! Who answers for what is of no use? Not at once: a peer that is a block ahead passes on what is of use only there. What was of no use
//! when it came is kept for a while and then asked for once more. Pure, the caller has the clock.

use super::{Cost, check::Load};
use libp2p::PeerId;
use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    time::{Duration, Instant},
};

/// How long it is kept: longer than a node that keeps up is behind another one.
const FOR: Duration = Duration::from_secs(5);

/// What is kept of one peer at most: more than comes of one that is as far ahead. What it sends beyond that costs it at once.
const OF_PEER: Load = Load { messages: 4096, bytes: 8 * 1024 * 1024 };

/// What is kept of all peers at most. What others have filled is nobody's fault: what comes then costs nothing.
const OF_ALL: Load = Load { messages: 4 * OF_PEER.messages, bytes: 4 * OF_PEER.bytes };

/// The messages to be reconsidered.
#[derive(Debug, Default)]
pub(super) struct Doubts {
    /// By age, with the time at which each is due.
    kept: VecDeque<(Instant, PeerId, Vec<u8>)>,
    of_peers: HashMap<PeerId, Load>,
    total: Load,
}

impl Doubts {
    /// Keeps a message that was of no use. Gives what it costs its sender at once.
    pub(super) fn keep(&mut self, from: PeerId, message: Vec<u8>, now: Instant) -> Cost {
        let load = Load::of(std::slice::from_ref(&message));
        let of_peer = self.of_peers.get(&from).copied().unwrap_or_default().with(load);
        let total = self.total.with(load);
        if !of_peer.fits(OF_PEER) {
            return Cost::Much;
        }
        if total.fits(OF_ALL) {
            self.of_peers.insert(from, of_peer);
            self.total = total;
            self.kept.push_back((now + FOR, from, message));
        }
        Cost::Nothing
    }

    /// Takes out the messages whose time has come, by who sent them.
    pub(super) fn due(&mut self, now: Instant) -> BTreeMap<PeerId, Vec<Vec<u8>>> {
        let count = self.kept.partition_point(|(due, ..)| *due <= now);
        let mut by_peer = BTreeMap::<PeerId, Vec<Vec<u8>>>::new();
        for (_, from, message) in self.kept.drain(..count) {
            by_peer.entry(from).or_default().push(message);
        }
        for (from, messages) in &by_peer {
            let load = Load::of(messages);
            self.total = self.total.without(load);
            let left = self.of_peers.remove(from).unwrap_or_default().without(load);
            if left.messages > 0 {
                self.of_peers.insert(*from, left);
            }
        }
        by_peer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        CheckMessages, MessageChecker, MessageVerdict, OverlayConfig, OverlayMetrics, start,
        tests::{Home, Node, SOON, config},
    };
    use std::sync::Arc;
    use tokio::{sync::mpsc, time::timeout};

    fn keep(doubts: &mut Doubts, from: PeerId, bytes: usize, times: usize, now: Instant) -> Vec<Cost> {
        (0..times).map(|_| doubts.keep(from, vec![0; bytes], now)).collect()
    }

    #[test]
    fn what_is_kept_is_due_once_after_a_while_and_costs_nothing_until_then() {
        let (mut doubts, now) = (Doubts::default(), Instant::now());
        let (peer, other) = (PeerId::random(), PeerId::random());
        assert_eq!(keep(&mut doubts, peer, 1, 2, now), [Cost::Nothing; 2]);
        assert_eq!(keep(&mut doubts, other, 3, 1, now + FOR / 2), [Cost::Nothing]);
        assert!(doubts.due(now + FOR - Duration::from_millis(1)).is_empty());
        assert_eq!(doubts.due(now + FOR), BTreeMap::from([(peer, vec![vec![0]; 2])]));
        assert_eq!((doubts.total, doubts.of_peers.len()), (Load { messages: 1, bytes: 3 }, 1));
        assert_eq!(doubts.due(now + FOR * 2), BTreeMap::from([(other, vec![vec![0; 3]])]));
        assert!(doubts.due(now + FOR * 3).is_empty());
        assert_eq!((doubts.total, doubts.of_peers.len()), (Load::default(), 0));
    }

    #[test]
    fn h22_more_than_its_share_costs_a_peer_at_once_and_what_others_have_filled_costs_nobody() {
        let (mut doubts, now) = (Doubts::default(), Instant::now());
        let large = PeerId::random();
        let costs = keep(&mut doubts, large, OF_PEER.bytes / 8, 9, now);
        assert_eq!(costs.iter().position(|cost| *cost == Cost::Much), Some(8), "more bytes than its share");
        assert_eq!(doubts.due(now + FOR)[&large].len(), 8);
        for _ in 0..4 {
            let costs = keep(&mut doubts, PeerId::random(), 1, OF_PEER.messages + 1, now);
            assert_eq!(costs.iter().position(|cost| *cost == Cost::Much), Some(OF_PEER.messages), "more messages");
        }
        let late = PeerId::random();
        assert_eq!(keep(&mut doubts, late, 1, 1, now), [Cost::Nothing]);
        let due = doubts.due(now + FOR);
        assert_eq!((due.len(), due.contains_key(&late)), (4, false), "for that there was no room");
        assert_eq!((doubts.total, doubts.of_peers.len()), (Load::default(), 0));
    }

    /// Finds everything of no use when it comes, and says what it costs after all.
    struct Doubting {
        after_all: Cost,
        looked: mpsc::UnboundedSender<()>,
        reconsidered: mpsc::UnboundedSender<()>,
    }

    impl CheckMessages for Doubting {
        fn check(&self, _message: &[u8]) -> MessageVerdict {
            let _ = self.looked.send(());
            MessageVerdict::Ignore(Cost::Much)
        }

        fn reconsider(&self, _message: &[u8]) -> Cost {
            let _ = self.reconsidered.send(());
            self.after_all
        }
    }

    #[tokio::test]
    async fn h16_who_passes_on_what_is_of_use_a_block_later_stays_and_who_passes_on_what_never_is_does_not() {
        // Far beyond a budget.
        const MESSAGES: usize = 700;
        for after_all in [Cost::Nothing, Cost::Much] {
            let (home, other_home) = (Home::new(), Home::new());
            let ((looked, mut looks), (reconsidered, mut second_looks)) =
                (mpsc::unbounded_channel(), mpsc::unbounded_channel());
            let checker: MessageChecker = Arc::new(Doubting { after_all, looked, reconsidered });
            let doubting = start(config(&home), [1; 32], checker, OverlayMetrics::default()).await.unwrap();
            let peers = vec![doubting.status().listen[0].parse().unwrap()];
            let sender = Node::start(2, OverlayConfig { peers, ..config(&other_home) }).await;
            sender.until("connected", |status| status.live_peers.len() == 1).await;
            for number in 0..MESSAGES {
                sender.overlay.publish(number.to_be_bytes().to_vec()).unwrap();
                timeout(SOON, looks.recv()).await.expect("it is looked at in time").expect("the overlay runs");
            }
            assert!(doubting.status().refused_peers.is_empty(), "nobody answers for it yet");
            for _ in 0..MESSAGES {
                timeout(SOON, second_looks.recv())
                    .await
                    .expect("it is reconsidered in time")
                    .expect("the overlay runs");
            }
            if after_all == Cost::Much {
                let mut status = doubting.watch_status();
                let refused = status.wait_for(|status| status.refused_peers.len() == 1);
                timeout(SOON, refused).await.expect("it is refused in time").unwrap();
                continue;
            }
            sender.overlay.publish(b"one more".to_vec()).unwrap();
            timeout(SOON, looks.recv()).await.expect("it is heard still").expect("the overlay runs");
            assert!(doubting.status().refused_peers.is_empty());
            assert!(second_looks.try_recv().is_err(), "each is reconsidered once");
        }
    }
}
