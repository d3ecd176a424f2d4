//! Up to which level a network has come, what is dormant until it comes further, and how state comes into another shape (ROLLOUTS 3.3).

use crate::lifetime::put;
use crate::network::*;
use governance::TrackName;
use primitives::{BuildHash, ChainPosition, Epoch, Height, Leveled as _, Moment};
use releases::queries::level_at;
use releases::{Manifest, MinimumStep};
use runtime::testing::{context, examples, genesis, migration, validator};
use runtime::{BlockError, Call, ChainEvent, Event, Genesis, LEVEL, MOST_MOVED, NextBlock, TxError, execute};
use state::{Apply as _, State, Told as _};

const NEW: BuildHash = BuildHash([1; 32]);
const NEWER: BuildHash = BuildHash([2; 32]);

/// The network of the tests, as it begins at a level.
fn beginning_at(level: u32) -> Genesis {
    let mut genesis = genesis();
    genesis.chain.level = level;
    genesis
}

/// The calls that came with the first level.
fn of_level_1() -> Vec<Call> {
    examples::calls().into_iter().filter(|call| call.level() == 1).collect()
}

/// In epoch 2 a release is approved that knows the first level; in epoch 4 it is decided that nothing less runs from epoch 6 on.
fn raising() -> Network {
    let mut network = Network::new(beginning_at(0));
    let said = Manifest { level: Some(1), ..Manifest::default() };
    let release = described(&network.genesis, release_vote(&network.genesis, NEW, 2), said, &[0, 1]);
    put(&mut network, runtime::testing::propose(release), 3);
    network.until(2);
    network.block(&[0, 1, 2].map(|index| (validator(index), install(NEW))));
    put(&mut network, propose_expedited(raise_minimum(2)), 3);
    network.until(4);
    network
}

/// Empty blocks up to a height.
fn until_height(network: &mut Network, height: u64) {
    while network.ledger.head().at.height < Height(height) {
        network.block(&[]);
    }
}

/// No block has the call, no proposer takes it, and no pool: as things stand it is dormant.
fn assert_dormant(network: &Network, call: &Call) {
    let (context, transactions) = (network.context(), network.sign(&[(validator(0), call.clone())]));
    let dormant = TxError::Dormant { needs: 1, have: 0 };
    let refused = BlockError::Transaction { index: 0, error: dormant.clone() };
    assert_eq!(execute(network.memory(), &context, &transactions), Err(refused));
    let (state, at) = (network.state(), context.moment(&network.state()));
    assert_eq!(transactions[0].check_terms(&state, &NextBlock::over(&state, at)), Err(dormant));
    assert_eq!(runtime::assemble(network.memory(), &context, 0, transactions).0, []);
}

/// Whether a word is of a pallet that every network began with; each pallet since came with a level as a whole.
fn is_from_the_start(kind: &str) -> bool {
    ["accounts.", "staking.", "governance.", "releases."].iter().any(|pallet| kind.starts_with(pallet))
}

#[test]
fn what_plans_brought_is_of_level_1_as_a_whole_and_all_else_was_there_from_the_start() {
    for call in examples::calls() {
        let kind = call.told().kind();
        let came_later = !is_from_the_start(kind) || ["releases.advertise", "staking.set_commission"].contains(&kind);
        assert_eq!(call.level(), u32::from(came_later), "{kind}");
    }
    for motion in examples::motions() {
        let kind = motion.kind();
        let proposed = propose_on(TrackName::Routine, motion);
        assert_eq!(proposed.level(), u32::from(!is_from_the_start(kind)), "a proposal of {kind}");
    }
    let on_another_track = propose_on(TrackName::Council, raise_minimum(2));
    assert_eq!(on_another_track.level(), 1, "the rules of polls of members came with it too");
    assert!(of_level_1().len() > 10 && LEVEL == 1);
}

#[test]
fn what_came_with_a_level_is_dormant_up_to_the_last_block_before_it_and_in_the_first_one_after() {
    let mut network = raising();
    let advertisement = releases::Advertisement { build: NEW, ..examples::advertisement() };
    let members = set_members(examples::role_key(), vec![examples::seat()]);
    let asked = || [advertise(advertisement.clone()), propose_on(TrackName::Routine, members.clone())];
    let dormant: Vec<Call> = of_level_1().into_iter().chain(asked()).collect();
    dormant.iter().for_each(|call| assert_dormant(&network, call));
    until_height(&mut network, 58);
    assert_eq!((network.moment().level, network.moment().epoch), (0, Epoch(5)));
    dormant.iter().for_each(|call| assert_dormant(&network, call));
    until_height(&mut network, 59);
    let outcomes = network.block(&asked().map(|call| (validator(0), call))).outcomes();
    assert_eq!((network.moment().level, network.moment().height), (1, Height(60)));
    assert!(outcomes[0].is_ok(), "{outcomes:?}");
    assert!(outcomes[1].is_err(), "it is judged from now on, and there is no such role");
}

#[test]
fn a_release_that_knows_too_little_is_refused_from_the_decision_on_and_what_knows_enough_is_not() {
    let mut network = raising();
    assert_eq!((network.moment().level, level_at(&network.state(), Epoch(6))), (0, 1));
    let too_low = releases::Error::LevelTooLow { build_hash: NEWER, level: 0, needed: 1 };
    let told = |network: &mut Network, call| network.block(&[(validator(3), call)]).outcomes().remove(0);
    let release = |network: &Network, level| {
        let said = Manifest { level: Some(level), ..Manifest::default() };
        runtime::testing::propose(described(&network.genesis, release_vote(&network.genesis, NEWER, 2), said, &[0, 1]))
    };
    let (low, knowing) = (release(&network, 0), release(&network, 1));
    assert_eq!(told(&mut network, low), Err(too_low.into()));
    let unsaid = propose(&network.genesis, NEWER, 2);
    assert!(told(&mut network, unsaid).is_ok(), "it would be carried out once that is in force");
    put(&mut network, knowing, 3);
    network.until(6);
    let approved = releases::queries::release(&network.state(), &NEWER).unwrap();
    assert_eq!((approved.level, approved.activated_epoch), (1, Epoch(6)));
}

#[test]
fn what_passed_before_a_level_was_decided_is_not_carried_out_if_it_knows_less() {
    let mut network = Network::new(beginning_at(0));
    let said = Manifest { level: Some(1), ..Manifest::default() };
    let release = described(&network.genesis, release_vote(&network.genesis, NEW, 2), said, &[0, 1]);
    put(&mut network, runtime::testing::propose(release), 3);
    network.until(2);
    network.block(&[0, 1, 2].map(|index| (validator(index), install(NEW))));
    // Both are put to the vote together; the release comes later than the minimum.
    let late = propose_until(approve(release_vote(&network.genesis, NEWER, 2)), 3, 2);
    let late = put(&mut network, late, 3);
    put(&mut network, propose_expedited(raise_minimum(2)), 3);
    let facts = network.until(5);
    let refused = facts.iter().find(|fact| fact.cause == runtime::Cause::Proposal(late)).unwrap();
    let too_low = releases::Error::LevelTooLow { build_hash: NEWER, level: 0, needed: 1 };
    assert_eq!(refused.outcome, Err(too_low.into()));
}

#[test]
fn a_network_begins_at_a_level_that_its_software_knows_and_that_covers_what_stands_in_its_genesis() {
    let mistaken = |change: fn(&mut Genesis)| {
        let mut genesis = genesis();
        change(&mut genesis);
        genesis
            .check()
            .err()
            .map(|mistakes| mistakes.0.into_iter().map(|mistake| mistake.to_string()).collect::<Vec<_>>())
    };
    assert_eq!(mistaken(|genesis| genesis.chain.level = 0), None);
    let said = mistaken(|genesis| genesis.chain.level = LEVEL + 1).unwrap();
    assert!(said.len() == 1 && said[0].contains("chain.level") && said[0].contains("levels up to 1"), "{said:?}");
    let said = mistaken(|genesis| {
        let examples = examples::installation();
        let (plan, members, segments) = (examples.plan, examples.members, examples.segments);
        let rollouts = rollouts::RolloutsGenesis { plan, members, segments, stage: None, sealer: None };
        (genesis.chain.level, genesis.rollouts) = (0, Some(Box::new(rollouts)));
    });
    let said = said.unwrap();
    assert!(said.iter().any(|said| said.contains("chain.level") && said.contains("came with level 1")), "{said:?}");
    let network = Network::new(beginning_at(0));
    let first = releases::queries::release(&network.state(), &network.genesis.releases.approved[0].build_hash).unwrap();
    assert_eq!((first.level, network.moment().level), (0, 0), "its first builds know that level");
}

/// A chain in memory whose every block is held to the law of replay; what it has migrated, by height.
fn migrated(genesis: &Genesis, memory: &mut state::Memory, heights: std::ops::Range<u64>) -> Vec<(u64, ChainEvent)> {
    let mut done = Vec::new();
    for height in heights {
        let context = context(genesis, height);
        let executed = execute(&*memory, &context, &[]).unwrap();
        assert_eq!(runtime::replay(&*memory, &context, &executed.facts), executed.writes);
        done.extend(executed.facts.iter().filter_map(|fact| match &fact.outcome {
            Ok(Event::Chain(event)) => Some((height, event.clone())),
            _ => None,
        }));
        memory.commit(executed.writes);
        let state = State::over(&*memory);
        assert!((0..ROWS).all(|key| migration::read(&state, key) == Some((key + 1, (key + 1) * 2))), "at {height}");
    }
    done
}

const ROWS: u64 = 600;

#[test]
fn a_migration_is_due_in_the_first_block_of_its_level_and_goes_on_until_nothing_is_left() {
    let (genesis, mut memory) = (genesis(), genesis().build());
    let mut state = State::over(&memory);
    (0..ROWS).for_each(|key| migration::write_v1(&mut state, key, key + 1));
    let minimum = MinimumStep { sequence: 1, effective_epoch: Epoch(1) }.into();
    let reason = examples::reason("a new shape");
    let raised = releases::Event::MinimumSequenceRaised { minimum, level: migration::LEVEL, reason };
    raised.apply(&mut state, Moment::of(ChainPosition::of(Height(0), genesis.time, 10), 0, 1));
    let writes = state.into_writes();
    memory.commit(writes);

    assert!(migrated(&genesis, &mut memory, 1..10).is_empty(), "not before the level is in force");
    assert_eq!(migration::rows(&State::over(&memory)), (600, 0));
    let moved = |written, done| ChainEvent::Migrated { level: migration::LEVEL, written, done };
    let expected = [(10, moved(MOST_MOVED, false)), (11, moved(MOST_MOVED, false)), (12, moved(88, true))];
    assert_eq!(migrated(&genesis, &mut memory, 10..25), expected, "so many in a block, and once");
    assert_eq!(migration::rows(&State::over(&memory)), (0, 600));
}

#[test]
fn a_network_that_begins_with_a_level_has_nothing_to_migrate() {
    let genesis = beginning_at(migration::LEVEL);
    let mut memory = genesis.build();
    for height in 1..12 {
        let executed = execute(&memory, &context(&genesis, height), &[]).unwrap();
        assert!(executed.facts.iter().all(|fact| !matches!(fact.outcome, Ok(Event::Chain(_)))), "at {height}");
        memory.commit(executed.writes);
    }
}
