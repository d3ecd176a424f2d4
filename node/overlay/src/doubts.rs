//! Who answers for what is of no use? Not at once: a peer that is a block ahead passes on what is of use only there. What was of no use
//! when it came is kept for a while and then asked for once more. Pure, the caller has the clock.

use libp2p::PeerId;
use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

/// How long it is kept: longer than a node that keeps up is behind another one.
const KEPT: Duration = Duration::from_secs(5);

/// What a message weighs at least, in bytes.
const LEAST: usize = 2048;

/// What is kept of one peer weighs no more: that is more than comes of one that is as far ahead.
const OF_PEER: usize = 4 * 1024 * 1024;

/// What is kept of all peers weighs no more.
const OF_ALL: usize = 8 * OF_PEER;

/// The messages to be reconsidered.
#[derive(Debug, Default)]
pub(super) struct Doubts {
    of_peers: BTreeMap<PeerId, Kept>,
    weight: usize,
}

/// What is kept of a peer.
#[derive(Debug, Default)]
struct Kept {
    /// By age, with the time at which each is due.
    messages: VecDeque<(Instant, Vec<u8>)>,
    weight: usize,
}

impl Doubts {
    /// Keeps a message that was of no use. Gives the peers that answer at once for one each, because there was no room for it any more:
    /// whoever has sent more than its share, and then whoever has sent most.
    pub(super) fn keep(&mut self, from: PeerId, message: Vec<u8>, now: Instant) -> Vec<PeerId> {
        let (kept, weight) = (self.of_peers.entry(from).or_default(), weight(&message));
        kept.messages.push_back((now + KEPT, message));
        kept.weight += weight;
        self.weight += weight;
        let mut answering = Vec::new();
        while let Some(peer) = self.beyond(&from) {
            self.take(&peer, |_| true);
            answering.push(peer);
        }
        answering
    }

    /// Of whom there is too much.
    fn beyond(&self, newest: &PeerId) -> Option<PeerId> {
        if self.of_peers.get(newest).is_some_and(|kept| kept.weight > OF_PEER) {
            return Some(*newest);
        }
        let most = || self.of_peers.iter().max_by_key(|(_, kept)| kept.weight).map(|(peer, _)| *peer);
        if self.weight > OF_ALL { most() } else { None }
    }

    /// Takes out the oldest message of a peer, if it is `such`.
    fn take(&mut self, peer: &PeerId, such: impl Fn(Instant) -> bool) -> Option<Vec<u8>> {
        let kept = self.of_peers.get_mut(peer)?;
        let (_, message) = kept.messages.pop_front_if(|(due, _)| such(*due))?;
        kept.weight -= weight(&message);
        self.weight -= weight(&message);
        if kept.messages.is_empty() {
            self.of_peers.remove(peer);
        }
        Some(message)
    }

    /// Takes out the messages whose time has come, by who sent them.
    pub(super) fn due(&mut self, now: Instant) -> Vec<(PeerId, Vec<Vec<u8>>)> {
        let peers: Vec<PeerId> = self.of_peers.keys().copied().collect();
        let of_peer = |peer| (peer, std::iter::from_fn(|| self.take(&peer, |due| due <= now)).collect());
        peers.into_iter().map(of_peer).collect()
    }

    /// Lets go of what is kept of a peer, which has answered for more than that.
    pub(super) fn forget(&mut self, peer: &PeerId) {
        self.weight -= self.of_peers.remove(peer).map_or(0, |kept| kept.weight);
    }
}

fn weight(message: &[u8]) -> usize {
    message.len().max(LEAST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        CheckMessages, Cost, MessageChecker, MessageVerdict, OverlayConfig, OverlayMetrics, start,
        tests::{Home, Node, SOON, config},
    };
    use std::sync::Arc;
    use tokio::{sync::mpsc, time::timeout};

    /// Keeps so many messages of a peer. Gives how often each peer had to answer at once.
    fn keep(doubts: &mut Doubts, from: PeerId, bytes: usize, times: usize, now: Instant) -> BTreeMap<PeerId, usize> {
        let mut answering = BTreeMap::new();
        for peer in (0..times).flat_map(|_| doubts.keep(from, vec![0; bytes], now)) {
            *answering.entry(peer).or_default() += 1;
        }
        answering
    }

    fn counts(due: Vec<(PeerId, Vec<Vec<u8>>)>) -> BTreeMap<PeerId, usize> {
        due.into_iter().map(|(peer, messages)| (peer, messages.len())).filter(|(_, count)| *count > 0).collect()
    }

    #[test]
    fn what_is_kept_is_due_once_after_a_while_and_nobody_answers_for_it_until_then() {
        let (mut doubts, now) = (Doubts::default(), Instant::now());
        let (peer, other) = (PeerId::random(), PeerId::random());
        assert!(keep(&mut doubts, peer, 1, 2, now).is_empty());
        assert!(keep(&mut doubts, other, 3, 1, now + KEPT / 2).is_empty());
        assert!(counts(doubts.due(now + KEPT - Duration::from_millis(1))).is_empty());
        assert_eq!(counts(doubts.due(now + KEPT)), BTreeMap::from([(peer, 2)]));
        assert_eq!(doubts.due(now + KEPT * 2), [(other, vec![vec![0; 3]])]);
        assert!(doubts.due(now + KEPT * 3).is_empty());
        assert_eq!((doubts.weight, doubts.of_peers.len()), (0, 0));
        keep(&mut doubts, peer, 1, 2, now);
        doubts.forget(&peer);
        assert!(doubts.due(now + KEPT).is_empty() && doubts.weight == 0);
    }

    #[test]
    fn h22_more_than_its_share_is_answered_for_at_once_and_what_others_fill_by_those_who_fill_most() {
        let (mut doubts, now) = (Doubts::default(), Instant::now());
        let fillers: Vec<PeerId> = (0..OF_ALL / OF_PEER).map(|_| PeerId::random()).collect();
        for (filler, bytes) in fillers.iter().zip([1, LEAST, LEAST * 2, 1, 1, 1, 1, 1]) {
            let share = OF_PEER / bytes.max(LEAST);
            assert_eq!(keep(&mut doubts, *filler, bytes, share + 3, now), BTreeMap::from([(*filler, 3)]));
        }
        let small = PeerId::random();
        let answering = keep(&mut doubts, small, 1, 100, now);
        assert!(!answering.is_empty() && !answering.contains_key(&small) && doubts.weight <= OF_ALL, "{answering:?}");
        let due = counts(doubts.due(now + KEPT));
        assert_eq!(due[&small], 100, "it is kept all the same");
        assert_eq!((doubts.weight, doubts.of_peers.len()), (0, 0));
        assert_eq!(keep(&mut doubts, small, OF_PEER + 1, 1, now), BTreeMap::from([(small, 1)]), "none is too long");
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
        }
    }
}
