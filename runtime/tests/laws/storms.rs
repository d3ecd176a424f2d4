//! H4: many bonds are taken back at once, in a network whose blocks hold little. No block is more than its limits say, and
//! everybody who waits is free in the epoch that was promised.

use crate::actions::small_network;
use crate::cells::{BONDS, POWER, SPENT, UNBONDING};
use crate::checks::Memo;
use crate::network::{Done, Network, approve, delegate, propose_expedited, unbond, vote};
use accounts::Endowment;
use governance::{Choice, Status};
use primitives::{AccountId, Amount, BuildHash, Epoch, ProposalId, SecretKey};
use proptest::prelude::*;
use runtime::testing::{held_by, holder, release_vote, validator};
use runtime::{Call, Cause, Event, Fact, Genesis};
use staking::GenesisBond;
use std::collections::BTreeMap;
use std::ops::Range;

/// Who has bonds to all validators, beside the accounts of the other laws.
pub const CROWD: Range<u8> = 3..55;
const VALIDATORS: Range<u8> = 0..4;
/// What each of them has bonded to each validator.
pub const STAKE: u64 = 10_000;

/// More writes than any one fact has, with its fee: a ballot that takes stake from sixteen validators has 36.
pub const WRITES_OF_A_FACT: usize = 40;
/// What every block writes beside its facts: how long the chain has run.
pub const WRITES_OF_A_FRAME: usize = 1;

/// The small network with a crowd in it.
pub fn crowded() -> Genesis {
    let mut genesis = small_network();
    genesis.governance.params.max_live_proposals = 2;
    genesis.chain.limits.max_block_transactions = 24;
    for account in CROWD.map(|index| holder(index).account()) {
        genesis.accounts.balances.push(Endowment { account, balance: Amount(2_000_000) });
        let bond = |to| GenesisBond { account, validator: validator(to).account(), amount: Amount(STAKE) };
        genesis.staking.bonds.extend(VALIDATORS.map(bond));
    }
    genesis
}

/// What was promised and what came of it.
#[derive(Default)]
struct Storm {
    memo: Memo,
    /// Until when tokens wait, of which validator, whose they are, and how many.
    promised: BTreeMap<(Epoch, AccountId, AccountId), Amount>,
    /// The most facts that the clock brought to one block.
    fullest: usize,
}

impl Storm {
    /// A block that is as full as it may be, held to the laws.
    fn block(&mut self, network: &mut Network, asked: &[(SecretKey, Call)]) -> Done {
        let done = network.full_block(asked);
        self.within_limits(network, &done);
        self.promises_are_kept(network, &done);
        self.memo.check(network);
        done
    }

    fn within_limits(&mut self, network: &Network, done: &Done) {
        let (limits, facts) = (&network.genesis.chain.limits, &done.executed.facts);
        let by_clock = facts.iter().filter(|fact| is_by_clock(fact)).count();
        assert!(facts.len() <= limits.max_block_transactions as usize, "{} facts", facts.len());
        assert!(by_clock * 2 <= limits.max_block_transactions as usize, "{by_clock} facts of the clock");
        let signatures: u64 = done.transactions.iter().map(|transaction| transaction.signatures_inside()).sum();
        assert!(signatures <= u64::from(limits.max_block_signatures), "{signatures} signatures");
        let writes = done.executed.writes.len();
        let most = facts.len() * WRITES_OF_A_FACT + WRITES_OF_A_FRAME;
        assert!(writes <= most, "{writes} writes of {} facts", facts.len());
        let json = serde_json::to_vec(facts).unwrap().len() as u64;
        assert!(json <= network.genesis.most_record_json(), "{json} bytes of JSON");
        let (state, now) = (network.state(), network.epoch());
        let waits = UNBONDING.iter(&state).any(|((free_epoch, ..), _)| free_epoch <= now)
            || SPENT.iter(&state).any(|(forget_epoch, ..)| forget_epoch <= now);
        let half = limits.max_block_transactions as usize / 2;
        assert!(!waits || by_clock == half, "somebody waits, and the clock brought {by_clock} of {half}");
        self.fullest = self.fullest.max(by_clock);
    }

    fn promises_are_kept(&mut self, network: &Network, done: &Done) {
        for event in done.executed.facts.iter().filter_map(|fact| fact.outcome.as_ref().ok()) {
            match event {
                Event::Staking(staking::Event::Unbonding { who, validator, amount, free_epoch, .. }) => {
                    let sum = self.promised.entry((*free_epoch, *validator, *who)).or_default();
                    *sum = sum.saturating_add(*amount);
                }
                Event::Staking(staking::Event::Unbonded { who, validator, amount, free_epoch }) => {
                    assert_eq!(self.promised.remove(&(*free_epoch, *validator, *who)), Some(*amount), "freed once");
                    assert_eq!(*free_epoch, network.epoch(), "freed in the epoch that was promised");
                }
                _ => {}
            }
        }
        let waiting: BTreeMap<_, _> = UNBONDING.iter(&network.state()).collect();
        assert_eq!(waiting, self.promised);
    }

    /// Nothing is asked until nobody waits, and nothing that was spent is remembered.
    fn calm(&mut self, network: &mut Network) {
        for _ in 0..400 {
            if is_calm(network) {
                return;
            }
            self.block(network, &[]);
        }
        panic!("{} still wait", self.promised.len());
    }
}

fn is_calm(network: &Network) -> bool {
    let state = network.state();
    let (waiting, spent) = (UNBONDING.iter(&state).count(), SPENT.iter(&state).count());
    waiting + spent == 0
}

fn is_by_clock(fact: &Fact) -> bool {
    !matches!(fact.cause, Cause::Transaction { .. })
}

#[test]
fn h04_when_everybody_leaves_at_once_blocks_stay_small_votes_stay_in_time_and_everybody_is_freed_as_promised() {
    let mut network = Network::new(crowded());
    let mut storm = Storm::default();
    let mut leaving: Vec<(SecretKey, Call)> = CROWD
        .flat_map(|who| VALIDATORS.map(move |to| (holder(who), unbond(validator(to).account(), STAKE / 2))))
        .collect();
    // In two halves, so that the storm lasts.
    leaving.extend(leaving.clone());
    let crowd = leaving.len();
    while network.epoch() < Epoch(1) {
        let taken = storm.block(&mut network, &leaving).transactions.len();
        leaving.drain(..taken);
    }
    // An urgent vote in the middle of it.
    let motion = approve(release_vote(&network.genesis, BuildHash([1; 32]), 2));
    let mut urgent = vec![(validator(0), propose_expedited(motion))];
    urgent.extend((0..4).map(|index| (validator(index), vote(1, Choice::Yes, None))));
    urgent.extend(held_by(4, &[BuildHash([1; 32])]));
    let calls = urgent.len();
    urgent.extend(leaving.iter().cloned());
    let taken = storm.block(&mut network, &urgent).transactions.len();
    leaving.drain(..taken - calls);
    let proposal = governance::queries::proposal::<runtime::Motion>(&network.state(), ProposalId(1));

    while !leaving.is_empty() {
        let done = storm.block(&mut network, &leaving);
        leaving.drain(..done.transactions.len());
        assert!(!done.transactions.is_empty(), "the clock keeps nobody out");
        // The vote ends, and what passed is carried out, in the first block of its epoch.
        let status = governance::queries::poll(&network.state(), ProposalId(1)).status;
        let expected = match network.epoch() {
            now if now < proposal.vote_deadline_epoch => Status::Open,
            now if now < proposal.activation_epoch => Status::Passed,
            _ => Status::Activated,
        };
        assert_eq!(status, expected, "in epoch {}", network.epoch());
    }
    let last = storm.promised.keys().map(|(epoch, ..)| *epoch).max().unwrap();
    assert!(last > network.epoch().plus(3), "they do not fit into one epoch: the last of {crowd} wait for {last}");
    assert!(network.epoch() > proposal.activation_epoch, "the storm lasted longer than the vote");
    storm.calm(&mut network);
    let half = network.genesis.chain.limits.max_block_transactions as usize / 2;
    assert_eq!(storm.fullest, half, "the clock's part was full");
    let crowd: Vec<AccountId> = CROWD.map(|index| holder(index).account()).collect();
    assert!(crowd.iter().all(|who| !BONDS.contains(&network.state(), who)), "nothing stays of what was spent");
    assert!(crowd.iter().all(|who| network.balance(who).held == Amount::ZERO));
}

#[test]
fn h04_a_crowd_of_former_validators_leaves_no_row() {
    let mut network = Network::new(crowded());
    let mut storm = Storm::default();
    let rows = |network: &Network| (POWER.iter(&network.state()).count(), BONDS.iter(&network.state()).count());
    let before = rows(&network);
    let bonds: Vec<_> = CROWD.map(|index| (holder(index), crate::network::bond(1_000))).collect();
    let unbonds: Vec<_> = CROWD.map(|index| (holder(index), unbond(holder(index).account(), 1_000))).collect();
    for mut asked in [bonds, unbonds] {
        while !asked.is_empty() {
            let taken = storm.block(&mut network, &asked).transactions.len();
            asked.drain(..taken);
        }
    }
    assert_eq!(rows(&network).0, before.0 + CROWD.len(), "each was a candidate");
    storm.calm(&mut network);
    assert_eq!(rows(&network), before);
}

/// What one of the crowd asks for: to bond more, to take a part back, or to take back all there is.
#[derive(Debug, Clone, Copy)]
pub enum Gust {
    Delegate,
    UnbondSome,
    UnbondAll,
}

pub fn gusts() -> impl Strategy<Value = Vec<(u8, u8, Gust)>> {
    use Gust::*;
    let gust = prop::sample::select(vec![Delegate, UnbondSome, UnbondSome, UnbondAll]);
    prop::collection::vec((CROWD, VALIDATORS, gust), 0..40)
}

/// What is asked for, and by whom.
pub fn blown(network: &Network, (who, to, gust): (u8, u8, Gust)) -> (SecretKey, Call) {
    let (key, to) = (holder(who), validator(to).account());
    let call = match gust {
        Gust::Delegate => delegate(to, 100),
        Gust::UnbondSome => unbond(to, 1),
        Gust::UnbondAll => unbond(to, staking::queries::bonded(&network.state(), &key.account(), &to).0),
    };
    (key, call)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn h04_whatever_is_bonded_and_taken_back_blocks_keep_their_limits_and_promises(
        blocks in prop::collection::vec(gusts(), 1..40)
    ) {
        let mut network = Network::new(crowded());
        let mut storm = Storm::default();
        for gusts in blocks {
            let asked: Vec<_> = gusts.into_iter().map(|gust| blown(&network, gust)).collect();
            storm.block(&mut network, &asked);
        }
        storm.calm(&mut network);
    }
}
