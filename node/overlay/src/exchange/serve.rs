//! What is a peer answered? Admission on the swarm's task; the pool is read on threads that may block.

use super::{ENOUGH_BYTES, Exchange, ExchangedPool, PAGE, PoolAnswer, PoolAsk, Step, Told};
use crate::swarm::Overlay;
use libp2p::{
    PeerId,
    request_response::{InboundRequestId, ResponseChannel},
};
use parity_scale_codec::Encode as _;
use primitives::TransactionHash;
use std::{
    sync::{Arc, PoisonError},
    time::{Duration, Instant},
};

/// Answers under way to one peer; it asks for one after the other.
const AT_ONCE_EACH: usize = 2;

/// Answers under way to all peers; each is held in memory until it is taken.
const AT_ONCE: usize = 32;

/// For so long the ids are told as they were looked up last, so that asking for them costs the pool nothing.
const FRESH: Duration = Duration::from_secs(1);

impl Exchange {
    /// The pool, when an ask of a peer may be looked into.
    fn admit(&mut self, peer: &PeerId, now: Instant) -> Option<ExchangedPool> {
        let of_peer = self.answering.values().filter(|other| *other == peer).count();
        let has_room = of_peer < AT_ONCE_EACH && self.answering.len() < AT_ONCE;
        self.pool.clone().filter(|_| has_room && self.allowances.is_left(peer, now))
    }

    /// Forgets the peers that were given nothing for a while.
    pub(crate) fn forget_the_quiet(&mut self, now: Instant) {
        self.allowances.forget_the_quiet(now);
    }
}

impl Overlay {
    pub(super) fn asked_of_pool(
        &mut self,
        peer: PeerId,
        id: InboundRequestId,
        ask: PoolAsk,
        channel: ResponseChannel<PoolAnswer>,
    ) {
        let now = Instant::now();
        let is_guest = self.connections.get(&peer).is_some_and(|connection| connection.guest);
        let Some(pool) = self.exchange.admit(&peer, now).filter(|_| !is_guest) else {
            return self.give_of_pool(peer, channel, PoolAnswer::Busy);
        };
        self.exchange.answering.insert(id, peer);
        let told = self.exchange.told.clone();
        self.exchange.steps.spawn_blocking(move || {
            let answer = answer(&pool, &told, &ask, now);
            Step::Answer { peer, channel, answer }
        });
    }

    /// Sends an answer; whoever asked may have gone away meanwhile, which the next event says.
    pub(super) fn give_of_pool(&mut self, peer: PeerId, channel: ResponseChannel<PoolAnswer>, answer: PoolAnswer) {
        self.exchange.allowances.spend(peer, answer.encoded_size(), Instant::now());
        let _ = self.swarm.behaviour_mut().exchange.send_response(channel, answer);
    }
}

fn answer(pool: &ExchangedPool, told: &Told, ask: &PoolAsk, now: Instant) -> PoolAnswer {
    match ask {
        PoolAsk::Ids { from } => page(&ids(pool, told, now), *from),
        PoolAsk::Transactions { ids } => give(pool, ids),
    }
}

/// The ids of what is ready, as they were within [`FRESH`].
fn ids(pool: &ExchangedPool, told: &Told, now: Instant) -> Arc<[TransactionHash]> {
    let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
    match &*told {
        Some((at, ids)) if now.saturating_duration_since(*at) < FRESH => ids.clone(),
        _ => {
            let ids: Arc<[TransactionHash]> = (pool.ready)().into();
            *told = Some((now, ids.clone()));
            ids
        }
    }
}

fn page(ids: &[TransactionHash], from: u32) -> PoolAnswer {
    let rest = ids.get(from as usize..).unwrap_or_default();
    PoolAnswer::Ids { ids: rest.iter().take(PAGE).copied().collect(), more: rest.len() > PAGE }
}

fn give(pool: &ExchangedPool, ids: &[TransactionHash]) -> PoolAnswer {
    let (mut given, mut bytes, mut looked_at) = (Vec::new(), 0, 0);
    for id in ids {
        if bytes >= ENOUGH_BYTES {
            break;
        }
        looked_at += 1;
        if let Some(transaction) = (pool.read)(id) {
            bytes += transaction.len();
            given.push(transaction);
        }
    }
    PoolAnswer::Transactions { given, looked_at }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn id(number: usize) -> TransactionHash {
        TransactionHash::of(&number.to_le_bytes())
    }

    fn pool(count: usize, bytes: usize, asked: &Arc<AtomicUsize>) -> ExchangedPool {
        let asked = asked.clone();
        ExchangedPool {
            ready: Arc::new(move || {
                asked.fetch_add(1, Ordering::SeqCst);
                (0..count).map(id).collect()
            }),
            lacks: Arc::new(|_| false),
            read: Arc::new(move |asked| (*asked != id(1)).then(|| vec![0; bytes])),
        }
    }

    #[test]
    fn ids_are_told_by_pages_and_looked_up_once_a_second() {
        let asked = Arc::new(AtomicUsize::new(0));
        let (pool, told, now) = (pool(PAGE + 5, 1, &asked), Told::default(), Instant::now());
        let page = |from, now| answer(&pool, &told, &PoolAsk::Ids { from }, now);
        let PoolAnswer::Ids { ids, more: true } = page(0, now) else { panic!("a page and more") };
        assert_eq!((ids.len(), ids[0]), (PAGE, id(0)));
        assert_eq!(page(PAGE as u32, now), PoolAnswer::Ids { ids: (PAGE..PAGE + 5).map(id).collect(), more: false });
        assert_eq!(page(u32::MAX, now), PoolAnswer::Ids { ids: Vec::new(), more: false });
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        page(0, now + FRESH);
        assert_eq!(asked.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn an_answer_ends_when_it_holds_enough_and_says_how_far_it_came() {
        let asked = Arc::new(AtomicUsize::new(0));
        let ids: Vec<_> = (0..6).map(id).collect();
        let PoolAnswer::Transactions { given, looked_at: 3 } = give(&pool(6, ENOUGH_BYTES / 2, &asked), &ids) else {
            panic!("two of the first three");
        };
        assert_eq!(given.len(), 2, "the second is gone");
        let all = PoolAnswer::Transactions { given: vec![vec![0; 10]; 5], looked_at: 6 };
        assert_eq!(give(&pool(6, 10, &asked), &ids), all);
    }
}
