//! Presence is paid: to whom is there, to nobody for another's absence, to a cohort alone, and to delegators who come for it (ROLLOUTS 11).

use crate::founding::Founding;
use crate::network::{Network, SECOND};
use crate::people::{commander, disables};
use flags::Gate;
use ledger::Ledger;
use primitives::{BlockHash, SecretKey};
use runtime::testing::{certificate, collect, delegate, set_commission, validator};
use runtime::{Certificate, Context, Event};

/// What each of the first validators has free.
fn balances(network: &Network) -> [u64; 4] {
    [0, 1, 2, 3].map(|index| accounts::queries::account(&network.state(), &validator(index).account()).free.0)
}

/// How much more each of them has once an epoch has begun.
fn grown(network: &mut Network, epoch: u64) -> [u64; 4] {
    let before = balances(network);
    network.begin(epoch);
    let after = balances(network);
    [0, 1, 2, 3].map(|index| after[index] - before[index])
}

fn present(network: &mut Network, nodes: &[u8]) {
    network.present = nodes.iter().map(|index| validator(*index)).collect();
}

#[test]
fn a_node_that_stands_for_an_epoch_alone_is_not_paid_and_nobody_is_paid_more_for_it() {
    let mut network = Founding::at("mainnet").network();
    let supply = rewards::queries::supply(&network.state());
    network.begin(2);
    let all = grown(&mut network, 3);
    assert!(all.iter().all(|growth| *growth > 0), "{all:?}");
    present(&mut network, &[0, 1, 2]);
    let without = grown(&mut network, 4);
    assert_eq!(without[3], 0, "it was not there for any block of the epoch");
    for (index, (growth, before)) in without.into_iter().zip(all).enumerate() {
        assert!(growth <= before, "validator {index} gains by the absence of another: {growth}, {before}");
        assert!(growth > 0 || index == 3, "validator {index} was there");
    }
    present(&mut network, &[0, 1, 2, 3]);
    assert_eq!(grown(&mut network, 5), all, "once it is back it is as before");
    assert_eq!(rewards::queries::supply(&network.state()), supply);
}

#[test]
fn on_canary_the_balances_of_the_cohort_grow_and_no_others() {
    let canary = Founding::at("canary").segment("canary_validators", &[0, 1]).segment("canary_witnesses", &[2]);
    let mut network = canary.network();
    assert!(network.is_on(Gate::TimetokeRewards) && !network.gates().is_on_for_all(Gate::TimetokeRewards));
    network.begin(2);
    let growth = grown(&mut network, 3);
    assert!(growth[0] > 0 && growth[1] > 0, "{growth:?}");
    assert_eq!(growth[2..], [0, 0]);
}

#[test]
fn a_gate_that_is_disabled_drops_the_epoch_that_runs_and_blocks_bring_nothing_any_more() {
    let mut network = Founding::at("mainnet").network();
    network.begin(2);
    network.submitted(commander().submits(disables(&["timetoke_rewards"], "SAFETY")));
    assert!(!network.is_on(Gate::TimetokeRewards));
    assert_eq!(network.next_context(SECOND).last_commit, None);
    network.block(SECOND, &[]);
    assert_eq!(rewards::queries::attendance(&network.state()), None, "the epoch that ran is dropped");
    assert_eq!(grown(&mut network, 4), [0; 4], "nobody is paid");
}

#[test]
fn a_delegator_collects_what_its_delegation_has_earned_beside_the_commission_of_its_validator() {
    let mut network = Founding::at("mainnet").network();
    let (delegator, to) = (validator(5), validator(0).account());
    network.all_granted(&[(delegator.clone(), delegate(to, 1_000_000)), (validator(0), set_commission(100_000))]);
    network.refused((delegator.clone(), collect(to)), "E_POOL");
    // It counts from the next epoch on, which elects those of the one after that, which is paid an epoch later.
    network.begin(4);
    let before = accounts::queries::account(&network.state(), &delegator.account()).free;
    let due = rewards::queries::due(&network.state(), network.at.epoch, &delegator.account());
    let [(of, amount)] = due.as_slice() else { panic!("{due:?}") };
    assert_eq!(*of, to);
    let paid = network.granted((delegator.clone(), collect(to)));
    assert!(matches!(paid, Event::Rewards(rewards::Event::Collected { .. })), "{paid:?}");
    let after = accounts::queries::account(&network.state(), &delegator.account()).free;
    let fee = 1_000;
    assert_eq!(after.0 + fee - before.0, amount.0);
    network.refused((delegator, collect(to)), "E_POOL");
}

#[test]
fn a_block_is_refused_without_the_precommits_for_its_parent_while_presence_is_paid_for() {
    let mut network = Founding::at("mainnet").network();
    network.begin(1);
    let next = |network: &Network| Context { last_commit: None, ..network.next_context(SECOND) };
    let refused = runtime::execute(network.memory(), &next(&network), &[]).unwrap_err();
    assert_eq!(refused, runtime::BlockError::LastCommit(runtime::LastCommitError::Missing));
    runtime::execute(network.memory(), &network.next_context(SECOND), &[]).unwrap();
}

#[test]
fn a_proposer_brings_what_came_of_precommits_until_its_height_and_else_those_that_decided_the_parent() {
    let genesis = Founding::at("mainnet").genesis();
    let mut ledger = Ledger::in_memory(&genesis);
    let keys: Vec<SecretKey> = (0..4).map(validator).collect();
    let proposer = keys[1].account();
    let propose = |ledger: &mut Ledger<ledger::InMemory>, round| {
        let time = ledger.head().at.time.plus(SECOND);
        ledger.propose(round, time, proposer, []).unwrap()
    };
    let first = propose(&mut ledger, 0);
    assert_eq!(first.last_commit, None, "nobody decided genesis");
    let (decided, all) = (certificate(&first.header, &keys[..3]), certificate(&first.header, &keys));
    let no_more = certificate(&first.header, &keys[1..]);
    ledger.commit(first, decided).unwrap();
    let signers = |block: &runtime::Block| block.last_commit.as_ref().unwrap().signatures.clone();
    let brought = |block: runtime::Block| signers(&block).len();
    let kept = propose(&mut ledger, 0);
    assert_eq!(signers(&kept).len(), 3);
    ledger.finalized(no_more);
    assert_eq!(signers(&propose(&mut ledger, 0)), signers(&kept), "as many as were kept are no more");
    ledger.finalized(Certificate { block: BlockHash([7; 32]), ..all.clone() });
    ledger.finalized(Certificate { round: 5, ..all.clone() });
    assert_eq!(brought(propose(&mut ledger, 1)), 3, "what does not decide the parent is left");
    ledger.finalized(all);
    let second = propose(&mut ledger, 2);
    assert_eq!(brought(second.clone()), 4);
    let decided = certificate(&second.header, &keys);
    ledger.commit(second, decided).unwrap();
    assert_eq!(brought(propose(&mut ledger, 0)), 4, "of the new head");
}
