//! The chain with a pool of waiting transactions in front of it, as a node has them.

use super::cast::{Cast, Side};
use crate::chain::Chain;
use crate::chance::Chance;
use parity_scale_codec::Encode as _;
use primitives::{AccountId, Amount, Height, Moment, ProposalId, Signature, Timestamp, TransactionHash};
use rpc::SubmitError;
use runtime::{Call, Cause, Fact, Lane, Limits, Motion, NextBlock, Payload, Transaction};
use state::Decide as _;
use std::collections::BTreeMap;
use std::time::Duration;
use the_block::mempool::{Admitted, Mempool, MempoolBounds, Waiting};

/// The places of the pool: a hundredth of a node's, as its blocks are small.
const POOL: MempoolBounds = MempoolBounds { max_bytes: 128 << 10, max_count: 200, max_per_account: 64 };

/// How many blocks a transaction may wait before it expires.
const LIFETIME: u64 = 20;

/// A block that was made.
#[derive(Debug)]
pub struct Made {
    /// Where it stands.
    pub height: Height,
    /// The place of its proposer in the cast.
    pub proposer: usize,
    /// What came of it.
    pub facts: Vec<Fact>,
    /// The encoded bytes of its transactions.
    pub bytes: u64,
    /// The signatures inside their calls.
    pub signatures: u64,
    /// How many honest transactions its proposer left out on purpose.
    pub left_out: usize,
}

impl Made {
    /// What the clock brought.
    pub fn by_clock(&self) -> usize {
        self.facts.iter().filter(|fact| !matches!(fact.cause, Cause::Transaction { .. })).count()
    }
}

/// Where everybody meets.
pub struct Arena<'c> {
    /// Who plays.
    pub cast: &'c Cast,
    /// The chain.
    pub chain: Chain,
    /// The limits of its blocks.
    pub limits: Limits,
    pool: Mempool,
    after: Duration,
    lifetime: u64,
}

impl<'c> Arena<'c> {
    /// An empty pool before the first block.
    pub fn new(cast: &'c Cast) -> Self {
        let rules = &cast.network.genesis.chain;
        Self {
            cast,
            chain: Chain::begin(&cast.network),
            limits: rules.limits.clone(),
            pool: Mempool::new(POOL),
            after: Duration::from_millis(rules.consensus.block_time_ms.max(1)),
            lifetime: LIFETIME.min(rules.limits.max_transaction_lifetime),
        }
    }

    /// The moment of the block that comes next.
    pub fn next(&self) -> Moment {
        let after = u64::try_from(self.after.as_millis()).unwrap_or(u64::MAX);
        let time = Timestamp(self.chain.time().0.saturating_add(after));
        self.chain.ask(|state| runtime::moment_of(state, self.chain.height().next(), time))
    }

    /// Why the chain would refuse a call of somebody in the next block; nothing, if it would grant it as things stand.
    pub fn refusal(&self, who: usize, call: &Call) -> Option<runtime::Error> {
        let (at, account) = (self.next(), self.account(who));
        self.chain.ask(|state| call.decide(state, at, account).err())
    }

    /// The account at a place of the cast.
    pub fn account(&self, who: usize) -> AccountId {
        self.cast.people[who].account
    }

    /// What the chain's next transaction of somebody must be numbered.
    pub fn nonce(&self, who: usize) -> u64 {
        let account = self.account(who);
        self.chain.ask(|state| accounts::queries::account(state, &account).nonce)
    }

    /// Whether something of somebody waits that blocks could take.
    pub fn waits(&self, who: usize) -> bool {
        self.pool.next_nonce(&self.account(who), Lane::Wallet, self.nonce(who)).is_some()
    }

    /// Whether a transaction waits.
    pub fn contains(&self, hash: &TransactionHash) -> bool {
        self.pool.contains(hash)
    }

    /// Sends a call behind what waits of the same account, for so many times the least fee.
    pub fn submit(&mut self, who: usize, call: Call, times: u64) -> Result<Admitted, SubmitError> {
        let on_chain = self.nonce(who);
        let nonce = self.pool.next_nonce(&self.account(who), Lane::Wallet, on_chain).unwrap_or(on_chain);
        self.submit_as(who, nonce, call, times)
    }

    /// The same with a nonce that is given.
    pub fn submit_as(&mut self, who: usize, nonce: u64, call: Call, times: u64) -> Result<Admitted, SubmitError> {
        let (waiting, next) = (Waiting::of(self.sign(who, nonce, call, times), &self.limits), self.next());
        let pool = &mut self.pool;
        self.chain.ask(|state| pool.admit(waiting, state, &NextBlock::over(state, next)))
    }

    fn sign(&self, who: usize, nonce: u64, call: Call, times: u64) -> Transaction {
        let (chain_id, account) = (self.chain.genesis().chain.chain_id.clone(), self.account(who));
        let lane = Lane::Wallet;
        let expires_at = self.chain.height().plus(self.lifetime);
        let payload = Payload { chain_id, account, lane, nonce, expires_at, fee: Amount::ZERO, call };
        let unsigned = Transaction { payload, signature: Signature([0; 64]) };
        let least = self.chain.ask(|state| unsigned.least_fee(state)).max(Amount(1));
        Payload { fee: least.saturating_mul(times), ..unsigned.payload }.sign(&self.cast.people[who].key)
    }

    /// The motions that honest accounts have sent and no block has taken yet.
    pub fn motions_in_pool(&self) -> Vec<::governance::Call<Motion>> {
        let candidates = self.pool.candidates(POOL.max_count).into_iter();
        candidates
            .filter(|transaction| self.cast.side_of(&transaction.payload.account) == Some(Side::Honest))
            .filter_map(|transaction| match transaction.payload.call {
                Call::Governance(call @ ::governance::Call::Propose { .. }) => Some(call),
                _ => None,
            })
            .collect()
    }

    /// The open and passed proposals of somebody.
    pub fn live_of(&self, who: usize) -> Vec<::governance::Proposal<Motion>> {
        let account = self.account(who);
        self.chain.ask(|state| {
            let live: Vec<ProposalId> = ::governance::queries::live_of(state, &account).collect();
            live.into_iter().map(|id| ::governance::queries::proposal(state, id)).collect()
        })
    }

    /// Whose turn it is to propose: a lot by power, as in the node.
    pub fn lot(&self, chance: &mut Chance) -> usize {
        let set = self.chain.validators();
        let mut drawn = chance.below(set.total_power().0);
        for member in set.validators.iter() {
            match drawn.checked_sub(member.power.0) {
                Some(left) => drawn = left,
                None => return self.cast.place_of(&member.account).unwrap_or_default(),
            }
        }
        0
    }

    /// The next block, of what waits in the order of the pool; without what honest accounts sent, if the proposer is so
    /// minded.
    ///
    /// # Errors
    /// Which law of the runtime the block breaks.
    pub fn block(&mut self, proposer: usize, censored: bool) -> Result<Made, String> {
        let wanted = self.pool.candidates(self.limits.max_block_transactions as usize);
        let is_kept = |transaction: &Transaction| {
            !censored || self.cast.side_of(&transaction.payload.account) != Some(Side::Honest)
        };
        let (given, left_out): (Vec<_>, Vec<_>) = wanted.into_iter().partition(is_kept);
        let size = |transaction: &Transaction| (transaction.encoded_size() as u64, transaction.signatures_inside());
        let sizes: BTreeMap<_, _> = given.iter().map(|transaction| (transaction.hash(), size(transaction))).collect();
        let committed = self.chain.block(self.after, proposer, given)?;
        let next = self.next();
        let pool = &mut self.pool;
        self.chain.ask(|state| pool.recheck(state, &NextBlock::over(state, next)));
        let (height, facts) = (committed.height, committed.executed.facts);
        let mut made = Made { height, proposer, facts, bytes: 0, signatures: 0, left_out: left_out.len() };
        for fact in &made.facts {
            let Cause::Transaction { hash, .. } = &fact.cause else { continue };
            let (bytes, signatures) = sizes.get(hash).copied().unwrap_or_default();
            (made.bytes, made.signatures) = (made.bytes + bytes, made.signatures + signatures);
        }
        Ok(made)
    }
}
