//! Learning what a peer has: its ids page by page, and of what is lacked a few transactions after the other.
//!
//! A fetch is always at one of three things: the peer is asked, what is lacked is looked up, or what came is judged. Each ends by
//! itself, and only then does the fetch go on, or end.

use super::{BATCH, Exchange, PAGE, PoolAnswer, PoolAsk, Step};
use crate::{MessageVerdict, frame::Garbled, peers::Refusal, swarm::Overlay};
use libp2p::{
    PeerId,
    request_response::{Event, Message, OutboundFailure, OutboundRequestId},
};
use primitives::TransactionHash;
use std::{
    collections::VecDeque,
    io,
    time::{Duration, Instant},
};

/// How often a peer is asked what waits there, one peer after the other. What it tells may be `FRESH` old, so whoever
/// has just connected may hear of what waits in the round after only; both are well below the five seconds in which it is to have it.
const ROUND: Duration = Duration::from_secs(2);

/// How long it may take to learn what one peer has; what is left then has to wait for another round.
const WITHIN: Duration = Duration::from_secs(60);

/// Ids that are heard of one peer in a fetch, at most.
const MOST_HEARD: u32 = 1 << 16;

/// What is being learnt of a peer.
pub(super) struct Fetch {
    ends: Instant,
    asked: Option<OutboundRequestId>,
    /// How many ids it has told.
    heard: u32,
    /// Whether it has others.
    more: bool,
    /// What of them was not looked at yet.
    rest: VecDeque<TransactionHash>,
    /// What it is asked for, or what of it has come and is judged.
    batch: Vec<TransactionHash>,
}

impl Fetch {
    fn until(ends: Instant) -> Self {
        Self { ends, asked: None, heard: 0, more: false, rest: VecDeque::new(), batch: Vec::new() }
    }
}

impl Exchange {
    /// Puts a fetch away, and lets others be asked for what its peer was.
    fn end(&mut self, peer: &PeerId) {
        for id in self.fetches.remove(peer).into_iter().flat_map(|fetch| fetch.batch) {
            self.under_way.remove(&id);
        }
    }

    /// Takes in a page of ids; `false` when it is none.
    fn hear(&mut self, peer: &PeerId, ids: Vec<TransactionHash>, more: bool) -> bool {
        let Some(fetch) = self.fetches.get_mut(peer) else { return false };
        let is_page = fetch.batch.is_empty() && ids.len() <= PAGE && (!more || !ids.is_empty());
        fetch.heard = fetch.heard.saturating_add(u32::try_from(ids.len()).unwrap_or(u32::MAX));
        fetch.more = more && fetch.heard < MOST_HEARD;
        fetch.rest.extend(ids);
        is_page
    }

    /// Takes in of how many transactions of the batch a peer has said whether it has them, having given `given`; `false` when
    /// that cannot be. The others are to be asked for again.
    fn look(&mut self, peer: &PeerId, looked_at: u32, given: usize) -> bool {
        let Some(fetch) = self.fetches.get_mut(peer) else { return false };
        let looked_at = looked_at as usize;
        if !(1..=fetch.batch.len()).contains(&looked_at) || given > looked_at {
            return false;
        }
        for id in fetch.batch.split_off(looked_at).into_iter().rev() {
            self.under_way.remove(&id);
            fetch.rest.push_front(id);
        }
        true
    }

    /// What was asked for has come, and is judged or was not there.
    fn settle(&mut self, peer: &PeerId) {
        for id in self.fetches.get_mut(peer).map(|fetch| std::mem::take(&mut fetch.batch)).into_iter().flatten() {
            self.under_way.remove(&id);
        }
    }
}

impl Overlay {
    /// Learns what a peer has, unless that is going on.
    pub(crate) fn learn(&mut self, peer: PeerId) {
        let now = Instant::now();
        let is_node = self.connections.get(&peer).is_some_and(|connection| connection.identified && !connection.guest);
        let goes_on = self.exchange.fetches.get(&peer).is_some_and(|fetch| now < fetch.ends + WITHIN);
        if self.exchange.pool.is_some() && is_node && !goes_on && !self.budgets.is_spent(&peer) {
            self.exchange.end(&peer);
            self.exchange.fetches.insert(peer, Fetch::until(now + WITHIN));
            self.ask_pool(peer, PoolAsk::Ids { from: 0 });
        }
    }

    /// Learns what the next peer has, when it is time to.
    pub(crate) fn take_turns(&mut self, now: Instant) {
        if now.saturating_duration_since(self.exchange.turned) < ROUND {
            return;
        }
        let nodes = || self.connections.iter().filter(|(_, connection)| connection.identified && !connection.guest);
        let after = nodes().map(|(peer, _)| *peer).find(|peer| Some(*peer) > self.exchange.turn);
        let next = after.or_else(|| nodes().map(|(peer, _)| *peer).next());
        (self.exchange.turn, self.exchange.turned) = (next, now);
        if let Some(peer) = next {
            self.learn(peer);
        }
    }

    fn ask_pool(&mut self, peer: PeerId, ask: PoolAsk) {
        // Asking a peer that is not connected would dial it.
        if !self.connections.contains_key(&peer) || self.refusals.contains(&peer) {
            return self.exchange.end(&peer);
        }
        let id = self.swarm.behaviour_mut().exchange.send_request(&peer, Ok(ask));
        if let Some(fetch) = self.exchange.fetches.get_mut(&peer) {
            fetch.asked = Some(id);
        }
    }

    /// Hears what happened in the protocol, on either side.
    pub(crate) fn hear_exchange(&mut self, event: Event<Result<PoolAsk, Garbled>, PoolAnswer>) {
        match event {
            Event::Message { peer, message: Message::Request { request_id, request: Ok(ask), channel }, .. } => {
                self.asked_of_pool(peer, request_id, ask, channel);
            }
            Event::Message { peer, message: Message::Request { request: Err(Garbled(why)), .. }, .. } => {
                tracing::debug!(%peer, why, "a request for what waits is none");
                self.refuse(peer, &Refusal::Garbled);
            }
            Event::Message { peer, message: Message::Response { request_id, response }, .. } => {
                if self.was_asked(&peer, request_id) {
                    self.learnt(peer, response);
                }
            }
            Event::OutboundFailure { peer, request_id, error, .. } => {
                tracing::debug!(%peer, %error, "a peer does not say what waits there");
                if self.was_asked(&peer, request_id) {
                    self.exchange.end(&peer);
                }
                if matches!(&error, OutboundFailure::Io(error) if error.kind() == io::ErrorKind::InvalidData) {
                    self.refuse(peer, &Refusal::BadAnswer);
                }
            }
            Event::ResponseSent { request_id, .. } | Event::InboundFailure { request_id, .. } => {
                self.exchange.answering.remove(&request_id);
            }
        }
    }

    /// Whether this is what a peer is being asked; it no longer is from now on.
    fn was_asked(&mut self, peer: &PeerId, id: OutboundRequestId) -> bool {
        let fetch = self.exchange.fetches.get_mut(peer);
        fetch.is_some_and(|fetch| fetch.asked.take_if(|asked| *asked == id).is_some())
    }

    fn learnt(&mut self, peer: PeerId, answer: PoolAnswer) {
        match answer {
            PoolAnswer::Busy => self.exchange.end(&peer),
            PoolAnswer::Ids { ids, more } => {
                if self.exchange.hear(&peer, ids, more) {
                    self.choose(peer);
                } else {
                    self.give_up(peer);
                }
            }
            PoolAnswer::Transactions { given, looked_at } => {
                if !self.exchange.look(&peer, looked_at, given.len()) {
                    self.give_up(peer);
                } else if given.is_empty() {
                    self.exchange.settle(&peer);
                    self.choose(peer);
                } else if !self.checks.submit_fetched(peer, given) {
                    self.exchange.end(&peer);
                }
            }
        }
    }

    /// Parts from a peer that answers what cannot be.
    fn give_up(&mut self, peer: PeerId) {
        self.exchange.end(&peer);
        self.refuse(peer, &Refusal::BadAnswer);
    }

    /// Looks up what of the peer's ids is lacked; without any left, asks for the next page, or ends.
    fn choose(&mut self, peer: PeerId) {
        let Some(fetch) = self.exchange.fetches.get_mut(&peer) else { return };
        if fetch.ends < Instant::now() {
            return self.exchange.end(&peer);
        }
        let mut rest = std::mem::take(&mut fetch.rest);
        match (self.exchange.pool.clone(), fetch.more) {
            (Some(pool), _) if !rest.is_empty() => {
                self.exchange.steps.spawn_blocking(move || {
                    let mut chosen = Vec::new();
                    while chosen.len() < BATCH
                        && let Some(id) = rest.pop_front()
                    {
                        if (pool.lacks)(&id) {
                            chosen.push(id);
                        }
                    }
                    Step::Chosen { peer, chosen, rest }
                });
            }
            (Some(_), true) => {
                let from = fetch.heard;
                self.ask_pool(peer, PoolAsk::Ids { from });
            }
            _ => self.exchange.end(&peer),
        }
    }

    /// Goes on with what was done beside the swarm's task.
    pub(crate) fn go_on(&mut self, step: Step) {
        match step {
            Step::Answer { peer, channel, answer } => self.give_of_pool(peer, channel, answer),
            Step::Chosen { peer, chosen, rest } => self.ask_for(peer, chosen, rest),
        }
    }

    fn ask_for(&mut self, peer: PeerId, mut chosen: Vec<TransactionHash>, rest: VecDeque<TransactionHash>) {
        let exchange = &mut self.exchange;
        let Some(fetch) = exchange.fetches.get_mut(&peer) else { return };
        fetch.rest = rest;
        // What another peer is asked for comes from there; if not, it is asked for again in a later round.
        chosen.retain(|id| exchange.under_way.insert(*id));
        if chosen.is_empty() {
            return self.choose(peer);
        }
        fetch.batch.clone_from(&chosen);
        self.ask_pool(peer, PoolAsk::Transactions { ids: chosen });
    }

    /// What a peer gave has been judged. It was asked for, so what another pool may rightly have costs the peer nothing; what was of no
    /// use is reconsidered.
    pub(crate) fn fetched(&mut self, peer: PeerId, verdicts: &[MessageVerdict]) {
        self.exchange.settle(&peer);
        for verdict in verdicts {
            match verdict {
                MessageVerdict::Accept => {
                    self.metrics.fetched();
                    self.charge(peer, *verdict);
                }
                MessageVerdict::Ignore(_) => {}
                MessageVerdict::Reject => {
                    self.metrics.rejected();
                    return self.give_up(peer);
                }
            }
        }
        if self.budgets.is_spent(&peer) {
            self.exchange.end(&peer);
        } else {
            self.choose(peer);
        }
    }
}
