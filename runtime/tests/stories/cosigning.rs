//! What gates, stake and rewards are for those who vouch for the log of blocks (ROLLOUTS 9 and 11), under a plan that has every gate on in its
//! last stage. What else is refused is told of the chain's own plan (`tests/tests/rollouts/journey_witness.rs`).

use crate::governed::plan::{COHORT, PLAN, Shape, gate_key, name, plan};
use crate::governed::{COUNCIL, Governed, Made, VALIDATORS, governed};
use ::witnesses::{Error as Refusal, Event as Vouched, queries};
use flags::{Arm, Gate, Rule, RuleNode, Serve, Setting, Targeting};
use primitives::{Amount, BlockHash, ChangeId, Epoch, List, Path, SecretKey};
use runtime::testing::{cosign, register_witness, retire_witness, validator};
use runtime::{BlockError, Call, Cause, Context, Error, Event, assemble, execute, testing};
use state::State;
use tlog::cosigned_bytes;

const SECOND: u64 = 1_000;
/// How many blocks an epoch has.
const LENGTH: u64 = 4;
/// When witnesses sign, in seconds since 1970: when the network begins.
const SIGNED: u64 = 1_700_000_000;

fn network(stage: &str) -> Governed {
    Governed::new(governed(plan(Shape::default()), stage, &COUNCIL, LENGTH))
}

/// The key that a validator cosigns with.
fn secret(index: u8) -> SecretKey {
    SecretKey::from_seed(&[0xc0 + index; 32])
}

fn registers(network: &Governed, index: u8) -> (SecretKey, Call) {
    let (who, chain_id) = (validator(index), &network.genesis.chain.chain_id);
    let call = register_witness(chain_id, who.account(), name(&format!("harbour{index}")), &secret(index));
    (who, call)
}

fn cosigns(network: &Governed, index: u8, epoch: u64) -> (SecretKey, Call) {
    let checkpoint = queries::signed_checkpoint(&network.state(), Epoch(epoch)).expect("there is a checkpoint");
    let signature = secret(index).sign(&cosigned_bytes(SIGNED, &checkpoint));
    (validator(index), cosign(Epoch(epoch), SIGNED, signature))
}

/// Empty blocks up to a height.
fn until(network: &mut Governed, height: u64) {
    while network.height.0 < height {
        network.block(SECOND, &[]);
    }
}

fn outcomes(made: &Made) -> Vec<Result<Event, Error>> {
    let by_transaction = |fact: &&runtime::Fact| matches!(fact.cause, Cause::Transaction { .. });
    made.facts.iter().filter(by_transaction).map(|fact| fact.outcome.clone()).collect()
}

/// Why the only call of a block was refused.
fn refusal(network: &mut Governed, asked: (SecretKey, Call)) -> Refusal {
    match outcomes(&network.block(SECOND, &[asked])).remove(0) {
        Err(Error::Witnesses(refusal)) => refusal,
        other => panic!("it was not refused by the rules of witnesses: {other:?}"),
    }
}

/// What an epoch paid in a block, in all and to witnesses; and to each validator by its place here.
fn paid(made: &Made) -> Option<(Epoch, Amount, [u64; VALIDATORS as usize])> {
    made.facts.iter().find_map(|fact| match &fact.outcome {
        Ok(Event::Rewards(rewards::Event::Rewarded { epoch, paid, witness, .. })) => {
            let to = |index: u8| {
                let payment = paid.iter().find(|payment| payment.validator == validator(index).account());
                payment.map_or(0, |payment| payment.own.0 + payment.delegated.0)
            };
            Some((*epoch, *witness, [0, 1, 2, 3].map(to)))
        }
        _ => None,
    })
}

/// Turns a gate between two blocks, as an executed change does: on, off, or on for the cohort alone.
fn turn(network: &mut Governed, gate: Gate, targeting: Targeting) {
    let mut state = State::over(&network.memory);
    let setting = Setting { targeting, since: network.moment(), by: ChangeId(0) };
    flags::apply::set(&mut state, &name(PLAN), &gate_key(gate), &Path::ROOT, &setting);
    let writes = state.into_writes();
    network.memory.commit(writes);
}

#[test]
fn who_cosigns_the_checkpoint_of_an_epoch_shares_its_witness_tenth_and_nobody_else_does() {
    let mut network = network("mainnet");
    let both = [0, 1].map(|index| registers(&network, index));
    network.block(SECOND, &both);
    until(&mut network, LENGTH);
    let cosigned = cosigns(&network, 1, 1);
    let made = network.block(SECOND, &[cosigned]);
    let root = queries::checkpoint(&network.state(), Epoch(1)).unwrap().root;
    let done = outcomes(&made).remove(0);
    assert!(
        matches!(&done, Ok(Event::Witnesses(Vouched::Cosigned { size: LENGTH, root: of, .. })) if *of == root),
        "{done:?}"
    );
    until(&mut network, 2 * LENGTH - 1);
    let (epoch, witness, to) = paid(&network.block(SECOND, &[])).expect("an epoch is over");
    assert!(epoch == Epoch(1) && witness > Amount::ZERO);
    // All have as much power and were there, and none of these three ever led.
    assert!(to[1] == to[2] + witness.0 && to[2] == to[3], "{to:?}");
}

#[test]
fn a_gate_that_goes_off_takes_no_more_witnesses_and_lets_those_go_that_there_are() {
    let mut network = network("mainnet");
    let asked = registers(&network, 0);
    network.block(SECOND, &[asked]);
    until(&mut network, LENGTH);
    let asked = cosigns(&network, 0, 1);
    turn(&mut network, Gate::WitnessNetwork, Targeting::constant(1));
    let off = |index| Refusal::GateOff { who: validator(index).account() };
    assert_eq!(refusal(&mut network, asked), off(0));
    let another = registers(&network, 2);
    assert_eq!(refusal(&mut network, another), off(2));
    assert!(outcomes(&network.block(SECOND, &[(validator(0), retire_witness())])).remove(0).is_ok(), "who goes may go");
}

#[test]
fn while_the_gate_is_limited_to_a_segment_its_members_alone_are_witnesses() {
    let mut network = network("testnet");
    let rule = Rule::from(List::truncate_from(vec![RuleNode::Segment(name(COHORT))]));
    let arm = Arm { when: rule, serve: Serve::Variant(0) };
    let limited = Targeting { cases: List::truncate_from(vec![arm]), ..Targeting::constant(1) };
    turn(&mut network, Gate::WitnessNetwork, limited);
    let both = [0, 1].map(|index| registers(&network, index));
    let made = network.block(SECOND, &both);
    let done = outcomes(&made);
    assert!(matches!(&done[0], Ok(Event::Witnesses(Vouched::Registered { is_member: true, .. }))), "{done:?}");
    assert_eq!(done[1], Err(Refusal::GateOff { who: validator(1).account() }.into()));
}

#[test]
fn a_block_that_is_given_more_or_fewer_hashes_than_are_missing_in_the_tree_is_refused() {
    let mut network = network("development");
    until(&mut network, 2);
    turn(&mut network, Gate::RecursiveProofs, Targeting::constant(1));
    until(&mut network, 6);
    turn(&mut network, Gate::RecursiveProofs, Targeting::constant(0));
    let (height, time) = (network.height.next(), network.time.plus(SECOND));
    let bare = Context { height, time, ..testing::context(&network.genesis, height.0) };
    let judged = |count: usize| {
        let context = Context { missing: vec![BlockHash::NONE; count], ..bare.clone() };
        execute(&network.memory, &context, &[])
    };
    for have in [0, 3, 5] {
        assert_eq!(judged(have).unwrap_err(), BlockError::Missing { have: have as u64, need: 4 });
    }
    let executed = judged(4).expect("blocks 2 to 5 are missing");
    let context = Context { missing: vec![BlockHash::NONE; 4], ..bare };
    assert_eq!(assemble(&network.memory, &context, 0, []).1, executed, "whoever proposes it");
}

#[test]
fn who_has_no_bond_any_more_is_no_witness_from_the_next_epoch_on() {
    let mut network = network("mainnet");
    let both = [0, 1].map(|index| registers(&network, index));
    network.block(SECOND, &both);
    let who = validator(1).account();
    let bonded = queries::bond(&network.state(), &who);
    network.block(SECOND, &[(validator(1), runtime::testing::unbond(who, bonded.0))]);
    until(&mut network, LENGTH - 1);
    assert_eq!(queries::witnesses(&network.state()).len(), 2);
    let made = network.block(SECOND, &[]);
    let retired = |fact: &runtime::Fact| fact.outcome == Ok(Event::Witnesses(Vouched::Retired { witness: who }));
    assert!(made.facts.iter().any(|fact| fact.cause == Cause::Clock && retired(fact)));
    assert_eq!(queries::witnesses(&network.state()).len(), 1);
}
