//! What waits at other nodes? Peers tell each other the ids of what is ready, and fetch what they lack.
//!
//! Gossip tells of a transaction once. Whoever was not there then, or took no notice, learns of it here: one request-response
//! protocol, `/the-block/{chain}/{genesis}/pool/1`, by which a node asks each peer when they connect, and then one peer after the
//! other, for the [ids](PoolAsk::Ids) of all that is ready, a page at a time, in the order in which blocks take it. What it lacks it
//! [asks for](PoolAsk::Transactions), a few at once; what comes is judged like gossip, one after the other, before the next are asked
//! for. So a transaction that was told in vain reaches those who lack it within some rounds, and nothing is gossiped twice.
//!
//! # Invariants
//! - The pool is never read on the swarm's task.
//! - What is asked at once, answered at once and given in a second is bounded, for each peer and for all of them.
//! - A transaction is asked of one peer at a time, and no peer holds up what others can give.
//! - What comes counts against its sender's budget; once that is spent, nothing more is fetched from it.

mod allowance;
mod fetch;
mod serve;
#[cfg(test)]
mod tests;

use super::{frame::Frames, network::NetworkName};
use allowance::Allowances;
use fetch::Fetch;
use libp2p::{
    PeerId, StreamProtocol,
    request_response::{self, InboundRequestId, ProtocolSupport, ResponseChannel},
};
use parity_scale_codec::{Decode, Encode};
use primitives::TransactionHash;
use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::task::{JoinError, JoinSet};

/// Ids in an answer at most: 128 KiB of them.
const PAGE: usize = 4096;

/// Transactions asked for at once.
const BATCH: usize = 64;

/// Once this much is in an answer, no further transaction is: 1 MiB.
const ENOUGH_BYTES: usize = 1 << 20;

/// How long an ask may take, there and back.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Streams of one connection at once, each way.
const STREAMS: usize = 4;

/// Bytes of an ask at most: variant, length, ids.
const ASK_BYTES: usize = 8 + BATCH * 32;

/// Gives the ids of all transactions that are ready, in the order in which blocks take them. May block.
pub type ReadyIds = Arc<dyn Fn() -> Vec<TransactionHash> + Send + Sync>;

/// Says whether this node lacks a transaction that it could judge now. May block.
pub type Lacks = Arc<dyn Fn(&TransactionHash) -> bool + Send + Sync>;

/// Gives a transaction that is ready, encoded. May block.
pub type ReadTransaction = Arc<dyn Fn(&TransactionHash) -> Option<Vec<u8>> + Send + Sync>;

/// The pool of a node, as far as its peers and it exchange what waits.
#[derive(Clone)]
pub struct ExchangedPool {
    /// What is ready.
    pub ready: ReadyIds,
    /// What is to be fetched.
    pub lacks: Lacks,
    /// What is given.
    pub read: ReadTransaction,
}

impl std::fmt::Debug for ExchangedPool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExchangedPool").finish_non_exhaustive()
    }
}

/// What a peer is asked.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub(super) enum PoolAsk {
    /// The ids of what is ready, from this place in their order on.
    Ids { from: u32 },
    /// Some of these transactions, [`BATCH`] at most.
    Transactions { ids: Vec<TransactionHash> },
}

/// What it answers.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub(super) enum PoolAnswer {
    /// A page of ids, and whether others follow.
    Ids { ids: Vec<TransactionHash>, more: bool },
    /// Those of the first `looked_at` that are ready there, in the order of the ask.
    Transactions { given: Vec<Vec<u8>>, looked_at: u32 },
    /// It gives as much as it may at the moment; another peer, or another time.
    Busy,
}

/// Reads and writes the messages.
pub(super) type PoolCodec = Frames<PoolAsk, PoolAnswer>;

/// The protocol of a network; without `exchanges` it is neither asked nor answered.
pub(super) fn behaviour(
    network: &NetworkName,
    exchanges: bool,
    max_message_bytes: usize,
) -> Result<request_response::Behaviour<PoolCodec>, String> {
    let protocol = StreamProtocol::try_from_owned(network.pool_protocol()).map_err(|error| error.to_string())?;
    let config =
        request_response::Config::default().with_request_timeout(ANSWER_WITHIN).with_max_concurrent_streams(STREAMS);
    let protocols = exchanges.then_some((protocol, ProtocolSupport::Full));
    Ok(request_response::Behaviour::with_codec(frames(max_message_bytes), protocols, config))
}

/// What reads and writes the messages, within their bounds.
pub(super) fn frames(max_message_bytes: usize) -> PoolCodec {
    Frames::new(ASK_BYTES, answer_bytes(max_message_bytes))
}

/// Bytes of an answer at most. The last transaction of it may begin just below what is enough; each has its length before it.
fn answer_bytes(max_message_bytes: usize) -> usize {
    ENOUGH_BYTES.saturating_add(max_message_bytes).saturating_add(16 + BATCH * 8)
}

/// The ids last told, and when they were looked up.
type Told = Mutex<Option<(Instant, Arc<[TransactionHash]>)>>;

/// Something that was done beside the swarm's task.
pub(super) enum Step {
    /// An answer is ready to be sent.
    Answer { peer: PeerId, channel: ResponseChannel<PoolAnswer>, answer: PoolAnswer },
    /// Of what a peer has, this much is lacked and to be asked for next; the rest was not looked at.
    Chosen { peer: PeerId, chosen: Vec<TransactionHash>, rest: VecDeque<TransactionHash> },
}

/// Both sides of the protocol.
pub(super) struct Exchange {
    pool: Option<ExchangedPool>,
    steps: JoinSet<Step>,
    told: Arc<Told>,
    allowances: Allowances,
    answering: HashMap<InboundRequestId, PeerId>,
    /// What is being learnt of each peer.
    fetches: HashMap<PeerId, Fetch>,
    /// What some peer is asked for at the moment.
    under_way: HashSet<TransactionHash>,
    /// Whose turn it was last, and when.
    turn: Option<PeerId>,
    turned: Instant,
}

impl Exchange {
    pub(super) fn new(pool: Option<ExchangedPool>, now: Instant) -> Self {
        Self {
            pool,
            steps: JoinSet::new(),
            told: Arc::default(),
            allowances: Allowances::new(now),
            answering: HashMap::new(),
            fetches: HashMap::new(),
            under_way: HashSet::new(),
            turn: None,
            turned: now,
        }
    }

    /// The next thing that was done; none while nothing is being done.
    pub(super) async fn step(&mut self) -> Option<Result<Step, JoinError>> {
        self.steps.join_next().await
    }
}
