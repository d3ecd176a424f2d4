//! What is tried against a governed network: by stolen keys, a hostile member, more stake, a guest, and by luck with the clock
//! (ROLLOUTS 19).

use crate::evidence::FIRST_BUILD;
use crate::founding::{Founding, accounts_of};
use crate::made::{code, kinds};
use crate::motions::{aborts, role_key};
use crate::network::{Network, SECOND, name};
use crate::people::{Asked, commander, demotes, disables, failed, member, node_of, passed, promotes, sets};
use crate::walk::canary;
use flags::Gate;
use governance::{Choice, Electorate, TrackName};
use primitives::{BlockHash, ChangeId, Epoch, List, VoteKind, vote_payload};
use rollouts::change::{ChangeDraft, ChangeState, Effect, EndedWhy, MOST_OPEN};
use rollouts::install::{Installation, ListedMove};
use rollouts::plan::ListOf;
use rollouts::queries::ChangeLabel;
use rollouts::statement::StatementSubject;
use rollouts::verdict::{EMPTY_SEGMENT, FindingState};
use runtime::testing::{bond, cancel, propose_on, resign, unbond, validator, vote, withdraw};
use runtime::{Certificate, Error, Motion};

/// The commander tries to carry a change out in every block before an epoch, in vain, because the stake still has time to stop it.
fn tries_in_vain_before(network: &mut Network, change: ChangeId, epoch: u64) {
    while network.at.height.next().epoch(network.genesis.chain.epoch_length) < Epoch(epoch) {
        network.refused(commander().executes(change), "E_TOO_EARLY");
    }
}

/// The precommits of some validators for a block of so many epochs ago.
fn precommits(network: &Network, epochs_ago: u64, by: &[u8]) -> Certificate {
    let chain = &network.genesis.chain;
    let epoch = network.at.height.next().epoch(chain.epoch_length).minus(epochs_ago);
    let (height, block) = (epoch.first_height(chain.epoch_length).plus(5), BlockHash([5; 32]));
    let payload = vote_payload(&chain.chain_id, VoteKind::Precommit, height, 0, Some(block));
    let signed = by.iter().map(|index| (validator(*index).account(), validator(*index).sign(&payload))).collect();
    Certificate { height, round: 0, block, signatures: List::truncate_from(signed) }
}

/// To have one validator decide alone.
fn ends_the_quorum(network: &Network, sealer: u8) -> ChangeDraft {
    let sealer = Some(validator(sealer).account());
    ChangeDraft { sealer, ..sets(vec![network.setting("malachite_consensus", false)]) }
}

#[test]
fn a_stolen_commander_with_two_of_three_members_does_not_end_the_quorum() {
    let mut network = Founding::at("testnet").network();
    network.refused(commander().submits(disables(&["malachite_consensus"], "SAFETY")), "E_EMERGENCY");
    network.refused(commander().submits(sets(vec![network.setting("malachite_consensus", false)])), "E_SEALER");
    let back = demotes("development", Some(validator(0).account()));
    for draft in [ends_the_quorum(&network, 0), back] {
        network.reach_place(0);
        let change = network.submitted(commander().submits(draft));
        let poll = network.poll(change);
        assert!(matches!(governance::queries::poll(&network.state(), poll).electorate, Electorate::Stake { .. }));
        for index in 0..2 {
            let refused = network.ask(member(index).votes(poll, Choice::Yes));
            assert!(matches!(refused, Err(Error::Governance(governance::Error::NoStake(_)))), "{refused:?}");
        }
        network.refused(commander().executes(change), "E_STATE");
        // One of four is no two thirds.
        network.granted((validator(0), vote(poll.0, Choice::Yes, None)));
        network.epochs(1);
        assert_eq!(network.progress(change).state, ChangeState::Ended { why: EndedWhy::Rejected });
    }
    assert!(network.is_on(Gate::MalachiteConsensus));
}

#[test]
fn what_a_stolen_council_agrees_to_the_stake_ends_before_it_can_be_carried_out() {
    let mut network = Founding::at("testnet").network();
    let window = network.window_of("testnet");
    network.wait_until(window);
    network.reach_place(1);
    let change = network.approved(sets(vec![network.setting("consensus_enforcement", false)]));
    let carried_out = network.stake_asks(aborts(change));
    tries_in_vain_before(&mut network, change, carried_out);
    network.refused(commander().executes(change), "E_STATE");
    assert_eq!((network.at.epoch, network.label(change)), (Epoch(carried_out), ChangeLabel::Aborted));
    assert!(network.is_on(Gate::ConsensusEnforcement));
}

/// Of the epoch in which the council decides nothing may be left, so it is not one of those that the stake has (ROLLOUTS 3.1: of epochs
/// only whole ones count, and 5: what a council decides can always be stopped in time by stake).
#[test]
fn the_stake_has_its_time_also_when_the_council_decides_in_the_last_block_of_an_epoch() {
    let mut network = Founding::at("testnet").network();
    let window = network.window_of("testnet");
    network.wait_until(window);
    network.reach_place(1);
    let change = network.submitted(commander().submits(sets(vec![network.setting("consensus_enforcement", false)])));
    network.reach_place(7);
    assert_eq!(kinds(&network.council(change, 2, Choice::Yes).facts), ["approved"]);
    assert!(network.at.height.ends_epoch(network.genesis.chain.epoch_length));
    let carried_out = network.stake_asks(aborts(change));
    tries_in_vain_before(&mut network, change, carried_out);
    network.refused(commander().executes(change), "E_STATE");
    assert_eq!(network.label(change), ChangeLabel::Aborted);
    assert!(network.is_on(Gate::ConsensusEnforcement));
}

#[test]
fn a_hostile_member_of_the_council_ends_nothing_and_hinders_nothing() {
    let mut network = Founding::at("testnet").network();
    let hostile = member(2);
    let emergency = network.submitted(commander().submits(disables(&["pruning"], "SAFETY")));
    let change = network.submitted(commander().submits(sets(vec![network.setting("reconstruction", false)])));
    let (ratify, poll) = (network.poll(emergency), network.poll(change));

    network.refused(hostile.withdraws(change), "E_SUBMITTER");
    network.refused(hostile.closes(emergency), "E_ROLE");
    let taken_back = network.ask((hostile.key.clone(), withdraw(poll.0)));
    assert!(matches!(taken_back, Err(Error::Governance(governance::Error::OpenedByChain(_)))), "{taken_back:?}");
    let stopped = network.ask((hostile.key.clone(), propose_on(TrackName::Expedited, cancel(ratify.0))));
    assert!(matches!(stopped, Err(Error::Governance(governance::Error::NotEligible { .. }))), "{stopped:?}");
    network.refused((hostile.key.clone(), resign(role_key("governance_council"))), "E_LAST_MEMBER");
    let own = network.submitted(hostile.submits(sets(vec![network.setting("recursive_proofs", false)])));
    network.refused(hostile.votes(network.poll(own), Choice::Yes), "E_SELF_APPROVAL");

    let about = || StatementSubject::Change(emergency);
    network.all_granted(&[
        hostile.votes(ratify, Choice::No),
        hostile.votes(poll, Choice::No),
        hostile.states(failed("mitigation", about())),
    ]);
    assert_eq!(network.block(SECOND, &[]).brought(), []);
    let mut others: Vec<Asked> = [ratify, poll]
        .into_iter()
        .flat_map(|poll| [member(0).votes(poll, Choice::Yes), member(1).votes(poll, Choice::Yes)])
        .collect();
    others.push(member(0).states(passed("mitigation", about())));
    network.all_granted(&others);
    let mut came = kinds(&network.block(SECOND, &[]).facts);
    came.sort_unstable();
    assert_eq!(came, ["approved", "met", "met"]);
}

#[test]
fn a_member_that_takes_every_place_keeps_a_promotion_waiting_until_the_others_say_no() {
    let mut network = Founding::at("testnet").network();
    let change = sets(vec![network.setting("pruning", false)]);
    let all: Vec<Asked> = (0..MOST_OPEN).map(|_| member(2).submits(change.clone())).collect();
    network.all_granted(&all);
    network.refused(commander().submits(promotes("canary", FIRST_BUILD)), "E_TOO_MANY");
    network.submitted(commander().submits(disables(&["reconstruction"], "SAFETY")));
    let first = ChangeId(1);
    let poll = network.poll(first);
    network.all_granted(&[member(0).votes(poll, Choice::No), member(1).votes(poll, Choice::No)]);
    assert_eq!(kinds(&network.block(SECOND, &[]).facts), ["ended"]);
    network.submitted(commander().submits(promotes("canary", FIRST_BUILD)));
}

/// The strongest validator is offline: it votes for nothing, signs no block and says nothing of itself.
#[test]
fn who_decides_alone_is_alive_and_loses_its_place_to_nobody_that_has_more_stake() {
    let mut network = Founding::at("testnet").bonds([1_200_000, 1_100_000, 1_000_000, 1_000_000]).network();
    let strongest = network.submitted(commander().submits(ends_the_quorum(&network, 0)));
    let alive = network.submitted(commander().submits(ends_the_quorum(&network, 1)));
    for poll in [strongest, alive].map(|change| network.poll(change)) {
        let ballots = (1..4).map(|index| (validator(index), vote(poll.0, Choice::Yes, None)));
        network.all_granted(&ballots.collect::<Vec<_>>());
    }
    network.epochs(2);
    assert_eq!([strongest, alive].map(|change| network.progress(change).state), [ChangeState::Approved; 2]);
    let window = network.window_of("testnet");
    network.wait_until(window);

    network.reach_place(0);
    network.refused(commander().executes(alive), "E_SEALER");
    for (change, proof) in [
        (alive, precommits(&network, 1, &[2, 3])),
        (alive, precommits(&network, 2, &[1, 2, 3])),
        (alive, precommits(&network, 0, &[1, 2, 3])),
        (strongest, precommits(&network, 1, &[1, 2, 3])),
    ] {
        network.refused(commander().executes_with(change, proof), "E_SEALER");
    }
    network.granted(commander().executes_with(alive, precommits(&network, 1, &[1, 2, 3])));
    network.refused(commander().executes_with(strongest, precommits(&network, 1, &[1, 2, 3])), "E_MOVED");
    assert!(!network.is_on(Gate::MalachiteConsensus));

    let off = network.at.epoch;
    network.granted((validator(4), bond(5_000_000)));
    network.begin(off.0 + 1);
    let account = |index| validator(index).account();
    assert_eq!((network.deciding(off.next()).len(), network.deciding(off.plus(2))), (4, vec![account(1)]));
    network.begin(off.0 + 3);
    let candidates = staking::queries::candidates(&network.state(), off.plus(4));
    assert_eq!(candidates.validators[0].account, account(4), "it is the strongest by now");
    assert_eq!(network.deciding(off.plus(4)), [account(1)]);

    network.advertise(&[2]);
    network.granted((validator(1), unbond(account(1), 1_100_000)));
    network.epochs(1);
    assert_eq!(network.deciding(network.at.epoch.next()), [account(2)], "the strongest whose node was heard of");
}

#[test]
fn a_cohort_edited_in_the_last_block_of_an_epoch_is_asked_and_served_as_it_is_from_then_on() {
    let cohort = "canary_validators";
    let mut network = Founding::at("testnet").segment(cohort, &[0, 1]).network();
    let promotion = network.submitted(commander().submits(promotes("canary", FIRST_BUILD)));
    let tried = || passed("canary.dry_run", StatementSubject::Change(promotion));
    network.all_granted(&[node_of(cohort, 0).states(tried()), node_of(cohort, 1).states(tried())]);
    let swap = sets(vec![swapped(&network, cohort, 0, 2)]);
    let (first, second) = (network.approved(swap.clone()), network.approved(swap));
    network.outwait_stake(second);
    let window = network.window_of("testnet");
    network.wait_until(window);
    network.reach_place(8);
    network.granted(commander().executes(first));
    assert!(network.at.height.ends_epoch(network.genesis.chain.epoch_length));

    for index in [0, 2] {
        network.refused(node_of(cohort, index).states(tried()), "E_STATEMENT_OWNER");
    }
    let list = network.list(promotion);
    let dry_run = list.findings.iter().find(|finding| finding.key.as_str() == "canary.dry_run").unwrap();
    assert_eq!((dry_run.state, dry_run.have.as_str()), (FindingState::Met, "1 of 1 canary_validators"));
    network.refused(commander().executes(second), "E_MOVED");
}

#[test]
fn a_gate_that_is_for_a_cohort_is_for_whoever_is_in_it_after_the_last_block_of_an_epoch() {
    let mut network = canary().network();
    let served = |network: &Network| {
        let (state, gates) = (network.state(), network.gates());
        [0, 1, 2].map(|index| gates.is_on_for(&state, Gate::TimetokeRewards, &validator(index).account()))
    };
    let change = network.approved(sets(vec![swapped(&network, "canary_validators", 0, 2)]));
    network.outwait_stake(change);
    let window = network.window_of("canary");
    network.wait_until(window);
    network.reach_place(8);
    assert_eq!(served(&network), [true, true, false]);
    let gates = network.gates();
    network.granted(commander().executes(change));
    assert_eq!((served(&network), network.gates()), ([false, true, true], gates));
    network.block(SECOND, &[]);
    assert_eq!(served(&network), [false, true, true], "the next epoch stands on the same");
}

/// The effect that has one validator in a segment in place of another, written against who is in it.
fn swapped(network: &Network, segment: &str, goes: u8, comes: u8) -> Effect {
    match network.joining(segment, &[comes]) {
        Effect::Segment { name, add, was, .. } => {
            Effect::Segment { name, add, remove: accounts_of(&[validator(goes).account()]), was }
        }
        other => other,
    }
}

#[test]
fn the_first_promotion_is_to_the_stage_behind_that_of_genesis_and_asks_nothing_of_its_steps() {
    const STAGES: [&str; 4] = ["development", "testnet", "canary", "mainnet"];
    for (founding, next) in [
        (Founding::before_any_stage(), Some("development")),
        (Founding::at("development"), Some("testnet")),
        (Founding::at("testnet"), Some("canary")),
        (canary(), Some("mainnet")),
        (Founding::at("mainnet"), None),
    ] {
        let mut network = founding.network();
        for stage in STAGES {
            let outcome = network.ask(commander().submits(promotes(stage, FIRST_BUILD)));
            let expected = if Some(stage) == next { "granted" } else { "E_NOT_SUCCESSOR" };
            assert_eq!(code(&outcome), expected, "{stage}, where {next:?} is next");
        }
        if next.is_some() {
            let list = network.list(ChangeId(1));
            let is_of_step = |from: &ListOf| matches!(from, ListOf::Step(_));
            let mut of_steps = list.findings.iter().filter(|finding| is_of_step(&finding.from));
            assert!(of_steps.all(|finding| finding.state == FindingState::Met), "{next:?}");
        }
    }
}

#[test]
fn a_canary_of_nobody_is_entered_by_nobody() {
    let mut network = Founding::at("testnet").network();
    let promotion = network.submitted(commander().submits(promotes("canary", FIRST_BUILD)));
    let list = network.list(promotion);
    let empty = list.findings.iter().filter(|finding| finding.code.as_str() == EMPTY_SEGMENT);
    let empty: Vec<_> = empty.map(|finding| (finding.key.as_str(), finding.state)).collect();
    assert_eq!(empty, [("canary.installed", FindingState::Missing), ("canary.dry_run", FindingState::Missing)]);
    let refusal = network.refused(member(0).votes(network.poll(promotion), Choice::Yes), "E_NOT_READY");
    assert!(refusal.to_string().contains("canary.dry_run"), "{refusal}");
}

#[test]
fn the_stake_puts_a_network_that_decides_by_quorum_under_the_plan_at_no_stage_without_one() {
    let mut genesis = Founding::at("testnet").genesis();
    let governed = genesis.rollouts.take().unwrap();
    let mut network = Network::new(genesis);
    let installs = |stage: &str, moves: &[(&str, &str)]| {
        let moves = moves.iter().map(|(flag, to)| ListedMove { flag: name(flag), to: name(to) });
        let installation = Installation {
            plan: governed.plan.clone(),
            document: None,
            stage: Some(name(stage)),
            members: governed.members.clone(),
            segments: governed.segments.clone(),
            moves: List::truncate_from(moves.collect()),
        };
        Motion::Rollouts(rollouts::Motion::Install(Box::new(installation)))
    };
    let proofs = ("recursive_proofs", "on");
    for (motion, code) in [
        (installs("development", &[proofs]), "E_STAGE"),
        (installs("canary", &[proofs]), "E_SEGMENT"),
        (installs("testnet", &[]), "E_MOVES"),
        (installs("testnet", &[proofs, ("malachite_consensus", "off")]), "E_MOVES"),
    ] {
        network.refused((validator(0), propose_on(TrackName::Expedited, motion)), code);
    }
    let before = network.gates();
    network.stake_decides(installs("testnet", &[proofs]));
    assert_eq!(network.standing(), ("testnet".to_owned(), ChangeId(0)));
    for gate in Gate::ALL {
        let has_moved = before.is_on(*gate) != network.is_on(*gate);
        assert_eq!(has_moved, *gate == Gate::RecursiveProofs, "{gate}");
    }
}
