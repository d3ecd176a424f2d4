//! What a block burns, who pays for it, and what its proposer earns, counted from bytes, events and raw storage.

use crate::actions::{Action, small_network};
use crate::calls;
use crate::cells::{ACCOUNTS, BURNED};
use crate::network::{Done, Network, transfer, vote};
use accounts::FeeSchedule;
use governance::{Choice, DepositEnd};
use parity_scale_codec::Encode;
use primitives::{AccountId, Amount, SecretKey};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use runtime::testing::{examples, validator};
use runtime::{Call, Cause, Event, Genesis, Limits, Payload, Transaction, assemble};
use state::{Memory, State};
use std::collections::BTreeMap;
use std::sync::LazyLock;

const BASE: u64 = 10;
const PER_BYTE: u64 = 3;
const PER_READ: u64 = 1;

/// A network in which every byte costs.
fn costly_network() -> Genesis {
    let mut genesis = small_network();
    genesis.accounts.fees = FeeSchedule { base: Amount(BASE), per_byte: Amount(PER_BYTE), per_read: Amount(PER_READ) };
    genesis
}

/// What a transaction costs over the state before its block: its bytes, and the rows that its verdict may read. In this network, whose one
/// plan has nobody who acts under it, those are the epochs of which something may wait for whoever collects, the register of witnesses, and
/// what judging a change of the plan asks for, whoever submits it.
fn least_fee(before: &State, transaction: &Transaction) -> u64 {
    static LIMITS: LazyLock<Limits> = LazyLock::new(|| costly_network().chain.limits);
    let (bytes, signatures) = (LIMITS.max_block_bytes, LIMITS.max_block_signatures);
    let of_signatures = transaction.signatures_inside() * u64::from(bytes) / u64::from(signatures);
    let read = match transaction.payload.call {
        Call::Rewards(rewards::Call::Collect { .. }) => staking::queries::params(before).remembered_epochs,
        Call::Witnesses(witnesses::Call::Register { .. }) => u64::from(witnesses::MOST_WITNESSES),
        Call::Rollouts(rollouts::Call::Submit { .. }) => u64::from(transaction.reads(before)),
        _ => 0,
    };
    BASE + PER_BYTE * of_signatures.max(transaction.encode().len() as u64) + PER_READ * read
}

/// What the proposer takes into the next block of calls, each of which offers a tip above its least fee.
fn taken(network: &Network, asked: &[(SecretKey, Call)], tips: &[u64]) -> Vec<Transaction> {
    let signed = asked.iter().zip(network.sign(asked)).zip(tips.iter().cycle());
    let offered = signed.map(|(((key, _), Transaction { payload, .. }), tip)| {
        let fee = Amount(payload.fee.0 + tip);
        Payload { fee, ..payload }.sign(key)
    });
    assemble(network.memory(), &network.context(), 0, offered).0
}

/// Free and held tokens of each account.
fn wealth(state: &State) -> BTreeMap<AccountId, i128> {
    let all = ACCOUNTS.iter(state);
    all.map(|(who, account)| (who, i128::from(account.free.0) + i128::from(account.held.0))).collect()
}

/// What came up in the blocks so far, so that no law holds of nothing.
#[derive(Default)]
struct Seen {
    tips: u64,
    forfeited: u64,
    refused: usize,
}

impl Seen {
    /// Keeps books on a block: after it, everybody has what they had, with transfers, less fees and forfeited deposits, and its
    /// proposer has the tips. What nobody has any more is burned.
    fn check(&mut self, before: &Memory, network: &Network, done: &Done) {
        let (before, after) = (State::over(before), network.state());
        let mut books = wealth(&before);
        let mut book = |who: AccountId, amount: i128| *books.entry(who).or_default() += amount;
        let mut burned = 0;
        for transaction in &done.transactions {
            let (fee, least) = (transaction.payload.fee.0, least_fee(&before, transaction));
            book(transaction.payload.account, -i128::from(fee));
            book(done.context.proposer, i128::from(fee - least));
            self.tips += fee - least;
            burned += least;
        }
        let facts = &done.executed.facts;
        let said = facts.iter().map(|fact| match &fact.cause {
            Cause::Transaction { burned, .. } => burned.0,
            _ => 0,
        });
        assert_eq!(said.sum::<u64>(), burned, "facts say what is burned of fees");
        for fact in facts {
            match &fact.outcome {
                Ok(Event::Accounts(accounts::Event::Transferred { from, to, amount })) => {
                    book(*from, -i128::from(amount.0));
                    book(*to, i128::from(amount.0));
                }
                Ok(Event::Governance(
                    governance::Event::Rejected { deposit: DepositEnd::Burned(deposit), .. }
                    | governance::Event::Withdrawn { deposit: DepositEnd::Burned(deposit), .. },
                )) => {
                    book(deposit.account, -i128::from(deposit.amount.0));
                    self.forfeited += deposit.amount.0;
                    burned += deposit.amount.0;
                }
                Ok(Event::Staking(staking::Event::Punished { validator, reporter, loss, reward, .. })) => {
                    book(*validator, -i128::from(loss.total().0));
                    book(*reporter, i128::from(reward.0));
                    burned += loss.total().0 - reward.0;
                }
                Ok(Event::Staking(staking::Event::Slashed { who, loss, .. })) => {
                    book(*who, -i128::from(loss.total().0));
                    burned += loss.total().0;
                }
                Ok(Event::Rewards(rewards::Event::Funded { from, amount })) => book(*from, -i128::from(amount.0)),
                Ok(_) => {}
                Err(_) => self.refused += 1,
            }
        }
        assert_eq!(wealth(&after), books);
        let counted = BURNED.get_or_default(&after).0 - BURNED.get_or_default(&before).0;
        assert_eq!(counted, burned, "burned by least fees, forfeited deposits and lost stake, and by nothing else");
    }

    /// Plays blocks on a network; each is also held to the law of replay. The first installs the plan of the examples: where a call does in
    /// the midst of a block, others in it would cost something else than before.
    fn play(&mut self, blocks: Vec<Vec<(usize, Action)>>, tips: &[u64]) {
        let installation = Box::new(examples::installation());
        let installs = vec![(6, Action::Ask(Call::Rollouts(rollouts::Call::Install { installation })))];
        let mut network = Network::new(costly_network());
        let endowed: u64 = network.genesis.accounts.balances.iter().map(|endowment| endowment.balance.0).sum();
        for asked in std::iter::once(installs).chain(blocks) {
            let asked = calls(&network, &asked);
            let before = network.memory().clone();
            let transactions = taken(&network, &asked, tips);
            let done = network.include(transactions);
            self.check(&before, &network, &done);
            let state = network.state();
            let supply = wealth(&state).values().sum::<i128>() + i128::from(BURNED.get_or_default(&state).0);
            let funded = rewards::queries::pool(&state).0 - network.genesis.rewards.pool.0;
            assert_eq!(supply + i128::from(funded), i128::from(endowed), "supply is constant, with what is burned");
        }
    }
}

fn tips() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(prop_oneof![Just(0), 1..10_000u64], 1..5)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn h19_each_block_burns_its_least_fees_and_what_its_facts_burn(blocks in crate::blocks(), tips in tips()) {
        Seen::default().play(blocks, &tips);
    }

    #[test]
    fn h19_whoever_fills_a_block_with_own_calls_is_poorer_by_their_least_fees(
        most in 32..44usize, reasons in prop::collection::vec(0..800usize, 44..56), tips in tips(),
    ) {
        let mut genesis = costly_network();
        genesis.governance.params.max_live_proposals = 4;
        genesis.chain.limits.max_block_transactions = u32::try_from(most).unwrap();
        let mut network = Network::new(genesis);
        let proposer = validator(0);
        prop_assert_eq!(network.context().proposer, proposer.account());
        // One is refused, the next is granted; both say nothing but bytes.
        let own = |(index, length): (usize, &usize)| match index % 2 {
            0 => (proposer.clone(), vote(1, Choice::Yes, Some(&"x".repeat(*length)))),
            _ => (proposer.clone(), transfer(proposer.account(), 1)),
        };
        let own: Vec<_> = reasons.iter().enumerate().map(own).collect();
        let before = network.memory().clone();
        let transactions = taken(&network, &own, &tips);
        prop_assert_eq!(transactions.len(), most, "the block is full");
        let least: u64 = transactions.iter().map(|transaction| least_fee(&State::over(&before), transaction)).sum();
        let done = network.include(transactions);
        prop_assert!(done.outcomes()[0].is_err() && done.outcomes().iter().skip(1).step_by(2).all(Result::is_ok));

        let mut poorer = wealth(&State::over(&before));
        *poorer.get_mut(&proposer.account()).unwrap() -= i128::from(least);
        prop_assert_eq!(wealth(&network.state()), poorer, "the tips come back, and nothing else does");
        prop_assert_eq!(BURNED.get_or_default(&network.state()), Amount(least));
    }
}

/// Random blocks come to some calls too seldom to show what they cost.
#[test]
fn h19_a_call_of_each_kind_burns_its_least_fee() {
    let alone = |call: Call| vec![(0, Action::Ask(call))];
    let blocks: Vec<_> = examples::calls().into_iter().map(alone).collect();
    let kinds = blocks.len();
    let mut seen = Seen::default();
    seen.play(blocks, &[1]);
    assert!(seen.tips * 2 > kinds as u64, "most are taken into a block: {} of {kinds}", seen.tips);
}

/// The law of fees means something only where there are some of each kind.
#[test]
fn h19_the_random_blocks_have_tips_forfeited_deposits_and_refused_calls() {
    let (mut runner, mut seen) = (TestRunner::deterministic(), Seen::default());
    for _ in 0..60 {
        let (blocks, tips) = (crate::blocks(), tips()).new_tree(&mut runner).unwrap().current();
        seen.play(blocks, &tips);
    }
    assert!(seen.tips > 0 && seen.forfeited > 0 && seen.refused > 0);
}
