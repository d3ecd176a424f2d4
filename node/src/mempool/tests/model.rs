//! The pool against a model of it that keeps no index: it sorts everything anew, and finds whatever it needs by going through
//! everything. And against another pool, which sorts every line after a block.

use super::{in_lane, unsigned, vote, waiting};
use crate::mempool::{APART_EACH, APART_SHARE, Admitted, Mempool, MempoolBounds};
use accounts::Endowment;
use parity_scale_codec::Encode as _;
use primitives::{AccountId, Amount, TransactionHash};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use rpc::SubmitError;
use rpc::views::Dropped;
use runtime::{Call, Genesis, Lane, NextBlock, Payload, Transaction, testing};
use state::{Memory, State};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

const ACCOUNTS: u8 = 16;
const EACH: u32 = 8;

fn who(index: u8) -> AccountId {
    AccountId([0xa0 + index; 32])
}

/// What an account does with a transaction of its own.
#[derive(Debug, Clone)]
enum Deed {
    /// Moves tokens to another account, whose turn it may bring.
    Pay(u8, u64),
    /// Spends nothing, in so many bytes more.
    Say(usize),
}

#[derive(Debug, Clone)]
enum Step {
    Send {
        from: u8,
        lane: Lane,
        ahead: u64,
        fee: u64,
        deed: Deed,
        lives: u64,
    },
    /// A block of so many of the candidates.
    Block(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let amount = prop_oneof![Just(0u64), 1..300u64, 300..3_000u64];
    let deed = prop_oneof![
        3 => (0..ACCOUNTS, amount).prop_map(|(to, amount)| Deed::Pay(to, amount)),
        2 => (0..400usize).prop_map(Deed::Say),
    ];
    let fee = prop_oneof![10..40u64, 10..400u64, Just(1_500u64)];
    let lane = prop_oneof![2 => Just(Lane::Wallet), 1 => Just(Lane::Node)];
    let send = (0..ACCOUNTS, lane, prop_oneof![4 => 0..4u64, 1 => 0..10u64], fee, deed, 0..12u64)
        .prop_map(|(from, lane, ahead, fee, deed, lives)| Step::Send { from, lane, ahead, fee, deed, lives });
    prop_oneof![40 => send, 1 => (0..8usize).prop_map(Step::Block)]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 100..400)
}

/// Compares what two transactions pay a byte.
fn by_rate(a: &Transaction, b: &Transaction) -> Ordering {
    let crosswise =
        |one: &Transaction, other: &Transaction| u128::from(one.payload.fee.0) * other.encoded_size() as u128;
    crosswise(a, b).cmp(&crosswise(b, a))
}

fn place(transaction: &Transaction) -> (AccountId, Lane, u64) {
    (transaction.payload.account, transaction.payload.lane, transaction.payload.nonce)
}

/// Waiting transactions, by account, lane and nonce.
type Held = BTreeMap<(AccountId, Lane, u64), Transaction>;

/// What is ready is what blocks could take one after the other, in its order, and nothing else that is held could follow it.
fn require_turns(held: &Held, ready: &[Transaction], state: &State) {
    for account in (0..ACCOUNTS).map(who) {
        let accounts::Account { nonce, node_nonce, free, .. } = accounts::queries::account(state, &account);
        let mut next = BTreeMap::from([(Lane::Wallet, nonce), (Lane::Node, node_nonce)]);
        let mut left = u128::from(free.0);
        for transaction in ready.iter().filter(|ready| ready.payload.account == account) {
            let (_, lane, nonce) = place(transaction);
            assert_eq!(next.insert(lane, nonce + 1), Some(nonce), "{transaction:?} is ready before its turn");
            let paid = left.checked_sub(transaction.payload.fee.0.into());
            let paid = paid.unwrap_or_else(|| panic!("{left} tokens are left for {transaction:?}"));
            left = match &transaction.payload.call {
                Call::Accounts(accounts::Call::Transfer { amount, .. }) => paid.saturating_sub(amount.0.into()),
                _ => paid,
            };
        }
        for (lane, nonce) in next {
            let could = held.get(&(account, lane, nonce)).filter(|held| u128::from(held.payload.fee.0) <= left);
            assert_eq!(could, None, "it waits apart in its turn");
        }
    }
}

/// Of a transaction and those of its account before it, the one that pays least a byte: what it would pay at most, if every
/// block took from the pool. `ready` is in the order of turns; what is not in it may come behind all that is held of the other
/// lane, and behind what is held of its own before it.
fn model_of_bid<'h>(of: &'h Transaction, ready: &'h [Transaction], held: &'h Held, state: &State) -> &'h Transaction {
    let (account, lane, nonce) = place(of);
    let now = accounts::queries::account(state, &account);
    let is_to_come = |other: &&Transaction| {
        let (whose, lane, nonce) = place(other);
        whose == account && nonce >= now.nonce_in(lane)
    };
    let before: Vec<&Transaction> = match ready.iter().position(|ready| ready == of) {
        Some(behind) => ready[..behind].iter().filter(is_to_come).collect(),
        None => {
            let may_come_before = |other: &&Transaction| other.payload.lane != lane || other.payload.nonce < nonce;
            held.values().filter(is_to_come).filter(may_come_before).collect()
        }
    };
    before.into_iter().chain([of]).min_by(|a, b| by_rate(a, b)).unwrap_or(of)
}

/// What was ready, with a newcomer in the place of what it replaces, or behind all others.
fn joined(ready: &[Transaction], newcomer: Option<&Transaction>) -> Vec<Transaction> {
    let mut joined = ready.to_vec();
    if let Some(newcomer) = newcomer {
        match joined.iter_mut().find(|ready| place(ready) == place(newcomer)) {
            Some(replaced) => *replaced = newcomer.clone(),
            None => joined.push(newcomer.clone()),
        }
    }
    joined
}

/// What came up, so that no law holds of nothing.
#[derive(Debug, Default)]
struct Seen {
    refused: usize,
    outbid: usize,
    promoted: usize,
    demoted: usize,
    apart_gone: usize,
    replaced: usize,
    included: usize,
}

struct World<'s> {
    genesis: Genesis,
    memory: Memory,
    height: u64,
    bounds: MempoolBounds,
    pool: Mempool,
    /// Leaves no line alone.
    thorough: Mempool,
    sent: BTreeMap<TransactionHash, Transaction>,
    seen: &'s mut Seen,
}

impl<'s> World<'s> {
    fn new(bounds: MempoolBounds, seen: &'s mut Seen) -> Self {
        let mut genesis = testing::genesis();
        let endow = |index| Endowment { account: who(index), balance: Amount(2_000) };
        genesis.accounts.balances.extend((0..ACCOUNTS).map(endow));
        let memory = genesis.build();
        let (pool, thorough) = (Mempool::new(bounds), Mempool::new(bounds));
        Self { genesis, memory, height: 0, bounds, pool, thorough, sent: BTreeMap::new(), seen }
    }

    fn next(&self) -> NextBlock {
        let (context, state) = (testing::context(&self.genesis, self.height + 1), State::over(&self.memory));
        NextBlock::over(&state, context.moment(&state))
    }

    fn held(&self) -> Held {
        let held = self.sent.iter().filter(|(hash, _)| self.pool.contains(hash));
        held.map(|(_, transaction)| (place(transaction), transaction.clone())).collect()
    }

    fn ready(&self) -> Vec<Transaction> {
        self.pool.candidates(usize::MAX)
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Send { from, lane, ahead, fee, deed, lives } => {
                let account = who(*from);
                let on_chain = accounts::queries::account(&State::over(&self.memory), &account);
                let nonce = on_chain.nonce_in(*lane) + ahead;
                let call = match deed {
                    Deed::Pay(to, amount) => testing::transfer(who(*to), *amount),
                    Deed::Say(bytes) => vote(&"x".repeat(*bytes)),
                };
                let Transaction { payload, signature } = in_lane(*lane, unsigned(account, nonce, *fee, call));
                let expires_at = self.next().at.height.plus(*lives);
                self.send(Transaction { payload: Payload { expires_at, ..payload }, signature });
            }
            Step::Block(most) => self.block(*most),
        }
    }

    fn send(&mut self, transaction: Transaction) {
        let (held, ready) = (self.held(), self.ready());
        let next = self.next();
        let admitted = self.pool.admit(waiting(transaction.clone()), &State::over(&self.memory), &next);
        let thorough = self.thorough.admit(waiting(transaction.clone()), &State::over(&self.memory), &next);
        assert_eq!(thorough, admitted);
        match admitted {
            Ok(Admitted { hash, ready: is_ready }) => {
                self.sent.insert(hash, transaction.clone());
                // Somebody gave way to it, and what that account had waiting apart may outbid it at once.
                let waits = self.pool.contains(&hash);
                assert!(waits || self.pool.dropped(&hash) == Some(&Dropped::Outbid));
                assert_eq!(is_ready && waits, self.ready().contains(&transaction));
            }
            Err(refusal) => {
                assert_eq!((&self.held(), &self.ready()), (&held, &ready), "what is refused changes nothing");
                if matches!(refusal, SubmitError::PoolFull { .. }) {
                    self.seen.refused += 1;
                    self.require_no_room_for(&transaction, &joined(&ready, Some(&transaction)), &held);
                }
            }
        }
        self.check(held, ready, Some(&transaction));
    }

    fn block(&mut self, most: usize) {
        let (held, ready) = (self.held(), self.ready());
        let candidates = self.pool.candidates(most);
        assert_eq!(candidates, ready[..most.min(ready.len())]);
        self.height += 1;
        let context = testing::context(&self.genesis, self.height);
        let (taken, executed) = runtime::assemble(&self.memory, &context, 0, candidates.clone());
        assert_eq!(taken, candidates, "blocks take what is ready, one after the other");
        self.seen.included += taken.len();
        self.memory.commit(executed.writes);
        let next = self.next();
        let dropped = self.pool.recheck(&State::over(&self.memory), &next);
        assert_eq!(self.thorough.recheck_every_line(&State::over(&self.memory), &next), dropped);
        self.require_as_thorough();
        self.check(held, ready, None);
    }

    /// What waits is the same where every line was sorted, in the same order, and so is what became ready, and why the others went.
    fn require_as_thorough(&mut self) {
        let Self { pool, thorough, sent, .. } = self;
        assert_eq!((pool.order(), pool.take_ready()), (thorough.order(), thorough.take_ready()));
        for hash in sent.keys() {
            let (waits, why) = (pool.contains(hash), pool.dropped(hash));
            assert_eq!((waits, why), (thorough.contains(hash), thorough.dropped(hash)));
        }
    }

    /// The laws after each step, which found the pool with `held` and `ready`.
    fn check(&mut self, held: Held, ready: Vec<Transaction>, newcomer: Option<&Transaction>) {
        let (now_held, now_ready) = (self.held(), self.ready());
        let state = State::over(&self.memory);
        let hashes: BTreeSet<_> = now_ready.iter().map(Transaction::hash).collect();
        require_turns(&now_held, &now_ready, &state);
        self.require_bounds(&now_held, &hashes);
        require_order(&now_ready);
        let was_ready: BTreeSet<_> = ready.iter().map(Transaction::hash).collect();
        for transaction in held.values() {
            let hash = transaction.hash();
            let (was, is) = (was_ready.contains(&hash), hashes.contains(&hash));
            self.seen.promoted += usize::from(!was && is);
            self.seen.demoted += usize::from(was && !is && self.pool.contains(&hash));
            if self.pool.contains(&hash) {
                continue;
            }
            match self.pool.dropped(&hash).expect("whatever goes is told why") {
                Dropped::Outbid => {
                    self.seen.outbid += 1;
                    let among = newcomer.map_or_else(|| held.clone(), |newcomer| with(&held, newcomer));
                    let turns = if was { joined(&ready, newcomer) } else { Vec::new() };
                    self.require_no_room_for(transaction, &turns, &among);
                }
                Dropped::Replaced { .. } => self.seen.replaced += 1,
                Dropped::Invalid(_) => self.seen.apart_gone += usize::from(!was),
            }
        }
    }

    /// Who found no room bids no more than each that has some. It would have had its turn among `turns`, or waited among `among`.
    fn require_no_room_for(&self, transaction: &Transaction, turns: &[Transaction], among: &Held) {
        let state = State::over(&self.memory);
        let bid = model_of_bid(transaction, turns, among, &state);
        let stays = self.ready();
        assert!(!stays.is_empty());
        if self.bounds.max_bytes == usize::MAX {
            for stay in &stays {
                let other = model_of_bid(stay, &stays, among, &state);
                assert!(by_rate(bid, other).is_le(), "{bid:?} gave way to {other:?}");
            }
        } else if !self.sent.contains_key(&transaction.hash()) {
            // By bytes some may stay that bid less: those that would not have made room together.
            let as_dear = stays.iter().filter(|stay| by_rate(model_of_bid(stay, turns, among, &state), bid).is_ge());
            let bytes: usize = as_dear.map(Transaction::encoded_size).sum();
            let needed = bytes + transaction.encoded_size();
            assert!(needed > self.bounds.max_bytes, "there was room for {transaction:?}");
        }
    }

    fn require_bounds(&self, held: &Held, ready: &BTreeSet<TransactionHash>) {
        let (mut places, mut apart, mut apart_each) = ((0, 0), (0, 0), BTreeMap::<AccountId, u32>::new());
        for transaction in held.values() {
            let load = if ready.contains(&transaction.hash()) {
                &mut places
            } else {
                *apart_each.entry(transaction.payload.account).or_default() += 1;
                &mut apart
            };
            *load = (load.0 + 1, load.1 + transaction.encoded_size());
        }
        let MempoolBounds { max_count, max_bytes, .. } = self.bounds;
        assert!(places.0 <= max_count && places.1 <= max_bytes, "{places:?}");
        assert!(apart.0 <= max_count / APART_SHARE && apart.1 <= max_bytes / APART_SHARE, "{apart:?}");
        assert!(apart_each.values().all(|count| *count <= APART_EACH));
        let kept = [self.pool.ready(), self.pool.apart()].map(|load| (load.count, load.bytes));
        assert_eq!((kept, self.pool.count()), ([places, apart], held.len()));
    }
}

/// What would be held with one more, which replaces whoever has its nonce.
fn with(held: &Held, newcomer: &Transaction) -> Held {
    let mut held = held.clone();
    held.insert(place(newcomer), newcomer.clone());
    held
}

/// Each is, of those that are next of their accounts, one that pays most a byte.
fn require_order(ready: &[Transaction]) {
    for (index, chosen) in ready.iter().enumerate() {
        let mut passed_over = BTreeSet::new();
        for later in &ready[index..] {
            let is_next = passed_over.insert(later.payload.account);
            assert!(!is_next || by_rate(chosen, later).is_ge(), "{chosen:?} before {later:?}");
        }
    }
}

fn by_count(max_count: usize) -> MempoolBounds {
    MempoolBounds { max_bytes: usize::MAX, max_count, max_per_account: EACH }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn h02_who_is_outbid_or_refused_bids_no_more_than_each_that_stays(steps in steps(), max_count in 20..60usize) {
        let mut seen = Seen::default();
        let mut world = World::new(by_count(max_count), &mut seen);
        steps.iter().for_each(|step| world.take(step));
    }

    #[test]
    fn h02_bytes_bound_the_pool_as_places_do(steps in steps(), max_bytes in 6_000..14_000usize) {
        let mut seen = Seen::default();
        let mut world = World::new(MempoolBounds { max_bytes, ..by_count(200) }, &mut seen);
        steps.iter().for_each(|step| world.take(step));
    }
}

#[test]
fn h02_the_random_steps_come_to_everything_that_the_laws_are_about() {
    let (mut runner, mut seen) = (TestRunner::deterministic(), Seen::default());
    for _ in 0..60 {
        let steps = steps().new_tree(&mut runner).unwrap().current();
        let mut world = World::new(by_count(24), &mut seen);
        steps.iter().for_each(|step| world.take(step));
    }
    let Seen { refused, outbid, promoted, demoted, apart_gone, replaced, included } = seen;
    let all = [refused, outbid, promoted, demoted, apart_gone, replaced, included];
    assert!(all.iter().all(|count| *count > 0), "{all:?}");
}
