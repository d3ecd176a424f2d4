//! What holds of rewards whatever happens (ROLLOUTS 19, law 14): the supply with the pool and what is to collect, however stake moves and
//! is lost; that no epoch pays more than its pot; and what a block has to bring.

use crate::cells::OWED;
use crate::governed::plan::{COHORT, PLAN, Shape, name, plan, text};
use crate::governed::{COUNCIL, Governed, VALIDATORS, governed, person};
use primitives::{Amount, BlockHash, Fraction, Height, List, SecretKey};
use proptest::prelude::*;
use runtime::testing::{
    self, attended, bond, collect, delegate, double_vote, evidence, fund, set_commission, unbond, unjail, validator,
};
use runtime::{BlockError, Call, CertificateError, Context, Event, LastCommitError, execute};
use state::{Memory, State};

const SECOND: u64 = 1_000;

/// A network where everybody is paid, with short epochs and a short memory.
fn network(stage: &str) -> Governed {
    let mut genesis = governed(plan(Shape::default()), stage, &COUNCIL, 3);
    genesis.staking.params.remembered_epochs = 7;
    genesis.staking.params.unbonding_epochs = 2;
    genesis.staking.params.penalties.jail_epochs = 1;
    for track in [&mut genesis.governance.params.routine, &mut genesis.governance.params.expedited] {
        (track.most_window, track.most_delay) = (4, 3);
    }
    Governed::new(genesis)
}

#[derive(Debug, Clone)]
enum Act {
    Fund(u8, u64),
    Bond(u8, u64),
    Delegate(u8, u8, u64),
    Unbond(u8, u8, u64),
    Collect(u8, u8),
    Commission(u8, u32),
    /// It signed twice at the newest height.
    Lie(u8),
    Unjail(u8),
}

fn act() -> impl Strategy<Value = Act> {
    let (who, to, amount) = (|| 0..3u8, || 0..VALIDATORS, || 1..600_000u64);
    prop_oneof![
        1 => (who(), amount()).prop_map(|(who, amount)| Act::Fund(who, amount)),
        1 => (to(), amount()).prop_map(|(to, amount)| Act::Bond(to, amount)),
        4 => (who(), to(), amount()).prop_map(|(who, to, amount)| Act::Delegate(who, to, amount)),
        3 => (who(), to(), amount()).prop_map(|(who, to, amount)| Act::Unbond(who, to, amount)),
        4 => (who(), to()).prop_map(|(who, to)| Act::Collect(who, to)),
        2 => (to(), 0..=1_000_000u32).prop_map(|(to, millionths)| Act::Commission(to, millionths)),
        1 => to().prop_map(Act::Lie),
        1 => to().prop_map(Act::Unjail),
    ]
}

/// Who asks what.
fn asked(network: &Governed, act: &Act) -> (SecretKey, Call) {
    let account = |to: u8| validator(to).account();
    match *act {
        Act::Fund(who, amount) => (person(who), fund(amount)),
        Act::Bond(to, amount) => (validator(to), bond(amount)),
        Act::Delegate(who, to, amount) => (person(who), delegate(account(to), amount)),
        Act::Unbond(who, to, amount) => (person(who), unbond(account(to), amount)),
        Act::Collect(who, to) => (person(who), collect(account(to))),
        Act::Commission(to, millionths) => (validator(to), set_commission(millionths)),
        Act::Lie(to) => {
            let chain_id = &network.genesis.chain.chain_id;
            (person(0), evidence(double_vote(chain_id, &validator(to), network.height)))
        }
        Act::Unjail(to) => (validator(to), unjail()),
    }
}

/// All but one, where the others decided the newest block without it; else all.
fn present(network: &Governed, away: Option<u8>) -> Vec<SecretKey> {
    let epoch = network.height.epoch(network.genesis.chain.epoch_length);
    let set = staking::queries::validator_set(&network.state(), epoch);
    let power = |index: u8| set.power_of(&validator(index).account()).unwrap_or_default();
    let there = |away: Option<u8>| (0..VALIDATORS).filter(move |index| Some(*index) != away);
    let enough = Fraction::TWO_THIRDS.is_exceeded(there(away).map(power).sum(), set.total_power());
    there(away.filter(|_| enough)).map(validator).collect()
}

fn left_to_collect(state: &State) -> Amount {
    OWED.iter(state).map(|(_, owed)| owed.left).sum()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    /// Law 14.
    #[test]
    fn l14_the_supply_is_constant_with_pool_collecting_slashing_and_rewards(
        blocks in prop::collection::vec((prop::collection::vec(act(), 0..4), prop::option::of(0..VALIDATORS), 1..5_000u64), 1..60),
    ) {
        let mut network = network("mainnet");
        let supply = rewards::queries::supply(&network.state());
        let per_epoch = network.genesis.rewards.per_epoch;
        for (acts, away, gap_ms) in blocks {
            let calls: Vec<_> = acts.iter().map(|act| asked(&network, act)).collect();
            let there = present(&network, away);
            let made = network.block_with(gap_ms, &there, &calls);
            let state = network.state();
            prop_assert_eq!(rewards::queries::supply(&state), supply, "after block {}", network.height);
            prop_assert_eq!(left_to_collect(&state), rewards::queries::to_collect(&state));
            for fact in &made.facts {
                if let Ok(Event::Rewards(rewards::Event::Rewarded { paid, .. })) = &fact.outcome {
                    let all: Amount = paid.iter().map(|one| one.own.saturating_add(one.delegated)).sum();
                    prop_assert!(all <= per_epoch);
                }
            }
        }
    }
}

/// The law means something only where tokens move.
#[test]
fn l14_the_random_acts_pay_collect_slash_and_give_back() {
    use proptest::strategy::ValueTree;
    use std::collections::BTreeSet;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = BTreeSet::new();
    for _ in 0..40 {
        let mut network = network("mainnet");
        for _ in 0..45 {
            let acts = prop::collection::vec(act(), 0..4).new_tree(&mut runner).unwrap().current();
            let calls: Vec<_> = acts.iter().map(|act| asked(&network, act)).collect();
            let there = present(&network, None);
            for fact in network.block_with(SECOND, &there, &calls).facts {
                seen.insert(state::Told::kind(&fact));
            }
        }
    }
    let wanted = [
        "rewards.began",
        "rewards.attended",
        "rewards.rewarded",
        "rewards.collected",
        "rewards.lapsed",
        "rewards.funded",
    ];
    for kind in wanted.into_iter().chain(["staking.punished", "staking.commission_set", "rewards.refused"]) {
        assert!(seen.contains(kind), "{kind} never came up: {seen:?}");
    }
}

#[test]
fn a_block_brings_the_precommits_for_its_parent_exactly_while_presence_is_paid_for() {
    let mut network = network("mainnet");
    let first = testing::context(&network.genesis, 1);
    assert!(execute(&network.memory, &first, &[]).is_ok(), "nobody decided genesis");
    network.block(SECOND, &[]);
    let keys: Vec<SecretKey> = (0..VALIDATORS).map(validator).collect();
    let bare = testing::context(&network.genesis, 2);
    let judged = |context: &Context| execute(&network.memory, context, &[]).map(drop);
    let refused = |error: LastCommitError| Err(BlockError::LastCommit(error));
    assert_eq!(judged(&bare), refused(LastCommitError::Missing));
    let good = attended(&network.genesis, &network.state(), bare.clone(), &keys);
    assert_eq!(judged(&good), Ok(()));
    let spoiled = |spoil: &dyn Fn(&mut runtime::Certificate)| {
        let mut context = good.clone();
        spoil(context.last_commit.as_mut().unwrap());
        judged(&context)
    };
    let (block, height) = (BlockHash([7; 32]), Height(1));
    assert_eq!(spoiled(&|brought| brought.block = block), refused(LastCommitError::Elsewhere { block, height }));
    let (block, height) = (BlockHash::NONE, Height(2));
    assert_eq!(spoiled(&|brought| brought.height = height), refused(LastCommitError::Elsewhere { block, height }));
    let swapped = |brought: &mut runtime::Certificate| {
        let mut signatures: Vec<_> = brought.signatures.iter().cloned().collect();
        signatures.swap(0, 1);
        brought.signatures = List::truncate_from(signatures);
    };
    assert_eq!(spoiled(&swapped), refused(LastCommitError::Unsorted));
    let undecided = |error| refused(LastCommitError::Undecided(error));
    let (have, total) = (Amount(2_000_000), Amount(4_000_000));
    let half = |brought: &mut runtime::Certificate| {
        let signatures = brought.signatures.iter().take(2).cloned().collect();
        brought.signatures = List::truncate_from(signatures);
    };
    assert_eq!(spoiled(&half), undecided(CertificateError::TooLittlePower { have, total }));
    let last = good.last_commit.as_ref().unwrap().signatures[3].0;
    let forged = |brought: &mut runtime::Certificate| brought.round += 1;
    let Err(BlockError::LastCommit(LastCommitError::Undecided(CertificateError::BadSignature(_)))) = spoiled(&forged)
    else {
        panic!("signed for another round")
    };
    let a_third = |brought: &mut runtime::Certificate| brought.signatures.retain(|(account, _)| *account != last);
    assert_eq!(spoiled(&a_third), Ok(()), "a quarter may be left out");
}

#[test]
fn a_block_that_brings_precommits_for_which_nobody_is_paid_is_refused() {
    let mut network = network("development");
    network.block(SECOND, &[]);
    let mut paid = self::network("mainnet");
    paid.block(SECOND, &[]);
    let keys: Vec<SecretKey> = (0..VALIDATORS).map(validator).collect();
    let brings = attended(&paid.genesis, &paid.state(), testing::context(&paid.genesis, 2), &keys);
    assert!(brings.last_commit.is_some());
    let context = Context { last_commit: brings.last_commit, ..testing::context(&network.genesis, 2) };
    let refused = execute(&network.memory, &context, &[]).unwrap_err();
    assert_eq!(refused, BlockError::LastCommit(LastCommitError::Unasked));
}

#[test]
fn a_segment_that_is_edited_in_the_last_block_of_an_epoch_is_paid_as_it_then_stands_for_all_of_the_next_one() {
    let mut network = network("testnet");
    let paid_in = |network: &mut Governed| {
        let made = network.block(SECOND, &[]);
        made.facts.iter().find_map(|fact| match &fact.outcome {
            Ok(Event::Rewards(rewards::Event::Rewarded { epoch, paid, .. })) => {
                Some((epoch.0, paid.iter().map(|payment| payment.validator).collect::<Vec<_>>()))
            }
            _ => None,
        })
    };
    let first = validator(0).account();
    while network.height < Height(8) {
        paid_in(&mut network);
    }
    // The last block of the third epoch has it for the second validator alone.
    let second = validator(1).account();
    let mut memory: Memory = network.memory.clone();
    let mut state = State::over(&network.memory);
    let (add, remove) = (text(&second.to_string()), text(&first.to_string()));
    flags::apply::change_segment(&mut state, &name(PLAN), &name(COHORT), &[add], &[remove]);
    memory.commit(state.into_writes());
    network.memory = memory;
    assert_eq!(paid_in(&mut network), Some((2, vec![first])), "it began with the first one");
    while network.height < Height(11) {
        paid_in(&mut network);
    }
    assert_eq!(paid_in(&mut network), Some((3, vec![second])));
}
