//! Emergencies: a gate goes off by one key, at once, and then the council has a day for it (ROLLOUTS 7.7).

use crate::evidence::FIRST_BUILD;
use crate::founding::Founding;
use crate::made::{brought, kinds};
use crate::network::{DAY, HOUR, Network, PLAN, SECOND, name};
use crate::people::{
    Asked, Person, commander, disables, member, passed, pauses, promotes, sets, sre_lead, steward, stranger,
};
use flags::Gate;
use governance::Choice;
use primitives::{Amount, ChangeId};
use rollouts::change::ChangeState;
use rollouts::deadline::ChangeDeadline;
use rollouts::plan::Missed;
use rollouts::queries::{self, ChangeLabel};
use rollouts::statement::{Statement, StatementSubject};
use rollouts::verdict::FindingState;
use runtime::Event;

/// A network at testnet where the commander has switched pruning off, and the block after that has asked the council.
fn without_pruning() -> (Network, ChangeId) {
    let mut network = Founding::at("testnet").network();
    let change = network.submitted(commander().submits(disables(&["pruning"], "SAFETY")));
    (network, change)
}

/// The running time at which what an emergency owes is late.
fn late_at(network: &Network, change: ChangeId) -> u64 {
    network.progress(change).executed.unwrap().running + DAY
}

/// How many emergencies of the commander are undecided.
fn undecided(network: &Network) -> u32 {
    queries::emergencies(&network.state(), &name(PLAN), &commander().account())
}

/// What is held of the commander.
fn held(network: &Network) -> Amount {
    accounts::queries::account(&network.state(), &commander().account()).held
}

fn mitigation(change: ChangeId) -> Statement {
    passed("mitigation", StatementSubject::Change(change))
}

/// A member of the council says that an emergency is mitigated.
fn mitigates(change: ChangeId) -> Asked {
    member(2).states(mitigation(change))
}

/// The codes of all that keeps a change from being carried out.
fn refusals(network: &Network, change: ChangeId) -> Vec<&'static str> {
    let refusals = queries::refusals_of_execution(&network.state(), network.at, &name(PLAN), change).unwrap();
    refusals.iter().map(|refusal| refusal.code()).collect()
}

/// How the soak of testnet stands in the list of a promotion to canary.
fn soak(network: &Network, promotion: ChangeId) -> FindingState {
    let list = network.list(promotion);
    list.findings.iter().find(|finding| finding.key.as_str() == "canary.soak").unwrap().state
}

#[test]
fn a_gate_is_off_for_the_next_block_and_that_asks_the_council() {
    let mut network = Founding::at("testnet").network();
    let (promised, before) = (held(&network), network.gates());
    let change = match network.granted(commander().submits(disables(&["pruning"], "SAFETY"))) {
        Event::Rollouts(rollouts::Event::Submitted { change, vote: None, execution: Some(_), .. }) => change.id,
        other => panic!("it waits: {other:?}"),
    };
    assert!(before.is_on(Gate::Pruning) && !network.is_on(Gate::Pruning), "the next block stands on that");
    let progress = network.progress(change);
    let owed: Vec<_> = progress.duties.iter().map(|duty| (duty.check.as_str(), duty.ends, duty.poll)).collect();
    let end = Some(ChangeDeadline::Running(network.at.running + DAY));
    assert_eq!(owed, [("ratify", end, None), ("mitigation", end, None)]);
    assert!(held(&network) > promised, "it costs a deposit");

    let asks = network.block(SECOND, &[]);
    let opened = asks.facts.iter().filter_map(|fact| match &fact.outcome {
        Ok(Event::Governance(governance::Event::Opened { proposal, total })) => {
            Some((proposal.id, *total, proposal.closes_at))
        }
        _ => None,
    });
    let opened: Vec<_> = opened.collect();
    assert_eq!(opened, [(network.poll(change), Amount(3), None)], "of three members, until it is decided");
    assert_eq!((network.label(change), undecided(&network)), (ChangeLabel::RatifyDue, 1));
}

#[test]
fn it_is_ratified_with_reasons_mitigated_and_closed_and_the_gate_is_on_again_by_a_vote() {
    let (mut network, change) = without_pruning();
    let poll = network.poll(change);
    network.refused(member(0).votes_without_a_word(poll, Choice::Yes), "E_REASON");
    network.refused(commander().votes(poll, Choice::Yes), "E_NOT_MEMBER");
    network.granted(member(0).votes(poll, Choice::Yes));
    assert_eq!(network.block(SECOND, &[]).brought(), [], "one of three decides nothing");
    network.granted(member(1).votes(poll, Choice::Yes));
    let events = network.block(SECOND, &[]).brought();
    let is_met = matches!(events.as_slice(), [rollouts::Event::Met { late: false, poll: Some(by), .. }] if *by == poll);
    assert!(is_met, "{events:?}");
    assert_eq!((network.label(change), undecided(&network)), (ChangeLabel::AuditDue, 0));

    network.refused(commander().closes(change), "E_DUTY");
    for other in [commander(), sre_lead(), steward()] {
        network.refused(other.states(mitigation(change)), "E_STATEMENT_OWNER");
    }
    network.refused(commander().acting_as("governance_council").states(mitigation(change)), "E_MEMBER");
    network.granted(mitigates(change));
    assert_eq!(kinds(&network.block(SECOND, &[]).facts), ["met"]);
    assert_eq!(network.label(change), ChangeLabel::Ratified);
    network.refused(sre_lead().closes(change), "E_ROLE");
    network.granted(commander().closes(change));
    assert_eq!((network.label(change), held(&network)), (ChangeLabel::Closed, Amount::ZERO));
    assert!(!network.is_on(Gate::Pruning), "what was ratified stays");

    network.refused(commander().submits(sets(vec![network.setting("pruning", true)])), "E_DISABLED");
    let again = network.approved(sets(vec![network.enabling("pruning")]));
    network.refused(commander().executes(again), "E_TOO_EARLY");
    network.outwait_stake(again);
    network.refused(commander().executes(again), "E_WINDOW");
    let window = network.window_of("testnet");
    network.wait_until(window);
    network.granted(commander().executes(again));
    assert!(network.is_on(Gate::Pruning));
    network.closed(again);
}

#[test]
fn what_the_council_rejects_is_undone_in_that_block() {
    let (mut network, change) = without_pruning();
    assert!(held(&network) > Amount::ZERO && !network.is_on(Gate::Pruning));
    let counted = network.council(change, 2, Choice::No);
    let events = counted.brought();
    let is_undone = matches!(events.as_slice(), [rollouts::Event::Reverted { effects, .. }] if effects.len() == 1);
    assert!(is_undone, "{events:?}");
    assert!(network.is_on(Gate::Pruning));
    assert_eq!(network.progress(change).state, ChangeState::Reverted { by: change });
    assert_eq!((network.label(change), undecided(&network)), (ChangeLabel::Reverted, 0));
    assert_eq!(held(&network), Amount::ZERO);
    network.refused(commander().closes(change), "E_STATE");
}

#[test]
fn one_that_nobody_ratifies_lapses_to_the_millisecond_is_held_and_is_ratified_late() {
    let (mut network, change) = without_pruning();
    let promotion = network.submitted(commander().submits(promotes("canary", FIRST_BUILD)));
    let end = late_at(&network, change);
    assert_eq!(brought(&network.run_until(end - 1)), []);
    assert_eq!(network.label(change), ChangeLabel::RatifyDue);
    assert!(!refusals(&network, promotion).contains(&"E_OVERDUE"));

    let events = network.block(1, &[]).brought();
    let missed = events.iter().map(|event| match event {
        rollouts::Event::Missed { check, then, effects, .. } => (check.as_str(), *then, effects.len()),
        other => panic!("{other:?}"),
    });
    let missed: Vec<_> = missed.collect();
    assert_eq!(missed, [("ratify", Missed::Hold, 0), ("mitigation", Missed::Block, 0)]);
    assert_eq!((network.label(change), undecided(&network)), (ChangeLabel::Lapsed, 1));
    assert!(!network.is_on(Gate::Pruning), "what endangered the network is not restored");
    assert!(refusals(&network, promotion).contains(&"E_OVERDUE"), "nothing is promoted meanwhile");

    assert_eq!(brought(&network.wait(2 * DAY)), [], "it is missed once");
    let events = network.council(change, 2, Choice::Yes).brought();
    assert!(matches!(events.as_slice(), [rollouts::Event::Met { late: true, poll: Some(_), .. }]), "{events:?}");
    assert_eq!((network.label(change), undecided(&network)), (ChangeLabel::AuditOverdue, 0));
    assert!(refusals(&network, promotion).contains(&"E_OVERDUE"), "it is still to be mitigated");
    network.granted(mitigates(change));
    let events = network.block(SECOND, &[]).brought();
    assert!(matches!(events.as_slice(), [rollouts::Event::Met { late: true, poll: None, .. }]), "{events:?}");
    assert_eq!(network.label(change), ChangeLabel::Ratified);
    assert!(!refusals(&network, promotion).contains(&"E_OVERDUE"), "what the miss caused has ended");
    network.granted(commander().closes(change));
    assert!(!network.is_on(Gate::Pruning));
}

#[test]
fn one_that_lapsed_is_lifted_by_the_grant_of_the_council_itself() {
    let (mut network, change) = without_pruning();
    let end = late_at(&network, change);
    network.run_until(end);
    assert_eq!(network.label(change), ChangeLabel::Lapsed);
    let lift = network.submitted(member(0).submits(sets(vec![network.enabling("pruning")])));
    let poll = network.poll(lift);
    network.refused(member(0).votes(poll, Choice::Yes), "E_SELF_APPROVAL");
    network.all_granted(&[member(1).votes(poll, Choice::Yes), member(2).votes(poll, Choice::Yes)]);
    assert_eq!(kinds(&network.block(SECOND, &[]).facts), ["approved"]);
    network.outwait_stake(lift);
    let window = network.window_of("testnet");
    network.wait_until(window);
    network.granted(member(0).executes(lift));
    assert!(network.is_on(Gate::Pruning));
    assert_eq!(network.label(change), ChangeLabel::Lapsed, "whether it was right is still to be said");

    let events = network.council(change, 2, Choice::No).brought();
    let is_over = matches!(events.as_slice(), [rollouts::Event::Reverted { effects, .. }] if effects.is_empty());
    assert!(is_over, "there is nothing left to undo: {events:?}");
    assert_eq!((network.is_on(Gate::Pruning), undecided(&network)), (true, 0));
}

#[test]
fn what_is_done_in_the_last_block_before_the_deadline_counts_before_the_miss() {
    let (mut network, change) = without_pruning();
    let (poll, end) = (network.poll(change), late_at(&network, change));
    network.granted(member(0).votes(poll, Choice::Yes));
    network.run_until(end - 2);
    let last = network.block(1, &[member(1).votes(poll, Choice::Yes), mitigates(change)]);
    assert_eq!((last.codes(), last.at.running), (vec!["granted"; 2], end - 1));
    let events = network.block(1, &[]).brought();
    assert_eq!(network.at.running, end);
    let in_time = |event: &rollouts::Event| matches!(event, rollouts::Event::Met { late: false, .. });
    assert!(events.len() == 2 && events.iter().all(in_time), "{events:?}");

    let (mut network, change) = without_pruning();
    let (poll, end) = (network.poll(change), late_at(&network, change));
    network.granted(member(0).votes(poll, Choice::Yes));
    network.run_until(end - 1);
    let late = network.block(1, &[member(1).votes(poll, Choice::Yes), mitigates(change)]);
    assert_eq!(kinds(&late.facts), ["missed", "missed"], "one block later it is not in time");
    let events = network.block(SECOND, &[]).brought();
    let too_late = |event: &rollouts::Event| matches!(event, rollouts::Event::Met { late: true, .. });
    assert!(events.len() == 2 && events.iter().all(too_late), "{events:?}");
}

#[test]
fn a_chain_that_stands_for_thirty_hours_before_the_ratification_has_missed_nothing() {
    let (mut network, change) = without_pruning();
    assert_eq!(network.stand(30 * HOUR).brought(), []);
    assert_eq!(network.label(change), ChangeLabel::RatifyDue);
    let events = network.council(change, 2, Choice::Yes).brought();
    assert!(matches!(events.as_slice(), [rollouts::Event::Met { late: false, .. }]), "{events:?}");

    let (mut network, change) = without_pruning();
    let end = late_at(&network, change);
    network.stand(30 * HOUR);
    assert_eq!(brought(&network.run_until(end - 1)), [], "a day is one in which the chain runs");
    assert_eq!(kinds(&network.block(1, &[]).facts), ["missed", "missed"]);
}

#[test]
fn what_is_no_emergency_is_refused_and_leaves_nothing() {
    let mut network = Founding::at("testnet").network();
    let gates = network.gates();
    let refused: [(Person, &[&str], &str, &str); 8] = [
        (commander(), &["malachite_consensus"], "SAFETY", "E_EMERGENCY"),
        (commander(), &["consensus_enforcement"], "LIVENESS", "E_EMERGENCY"),
        (commander(), &["pruning", "malachite_consensus"], "SAFETY", "E_EMERGENCY"),
        (commander(), &["pruning"], "CONTAINMENT", "E_CAUSE"),
        (commander(), &["pruning", "no_gate"], "SAFETY", "E_FLAG_UNKNOWN"),
        (sre_lead(), &["pruning"], "SAFETY", "E_ROLE"),
        (member(0), &["pruning"], "SAFETY", "E_ROLE"),
        (stranger(0), &["pruning"], "SAFETY", "E_ROLE"),
    ];
    for (who, flags, cause, code) in refused {
        network.refused(who.submits(disables(flags, cause)), code);
    }
    assert_eq!((network.gates(), queries::latest(&network.state())), (gates, ChangeId(0)));
    assert_eq!((undecided(&network), held(&network)), (0, Amount::ZERO));
}

#[test]
fn one_key_has_three_emergencies_undecided_and_what_goes_along_with_a_gate_is_one() {
    let mut network = Founding::at("mainnet").network();
    let off = |gate: &str| commander().submits(disables(&[gate], "LIVENESS"));
    let first = network.submitted(off("pruning"));
    network.submitted(off("reconstruction"));
    network.refused(off("recursive_proofs"), "E_TOO_MANY");
    assert!(network.is_on(Gate::RecursiveProofs) && network.is_on(Gate::WitnessNetwork), "it would take these along");
    network.submitted(off("timetoke_rewards"));
    assert_eq!(undecided(&network), 3);
    network.refused(off("witness_network"), "E_TOO_MANY");
    network.refused(commander().submits(pauses()), "E_TOO_MANY");
    network.submitted(sre_lead().submits(pauses()));
    network.council(first, 2, Choice::Yes);
    network.submitted(off("witness_network"));
    assert_eq!(undecided(&network), 3, "one was decided");
}

#[test]
fn what_requires_a_gate_goes_off_with_it_and_comes_back_with_it() {
    let mut network = Founding::at("mainnet").network();
    let both = |network: &Network| [Gate::RecursiveProofs, Gate::WitnessNetwork].map(|gate| network.is_on(gate));
    let change = network.submitted(commander().submits(disables(&["recursive_proofs"], "SAFETY")));
    assert_eq!((both(&network), undecided(&network)), ([false; 2], 2));
    network.refused(commander().submits(sets(vec![network.enabling("witness_network")])), "E_PREREQUISITE");
    assert_eq!(kinds(&network.council(change, 2, Choice::No).facts), ["reverted"]);
    assert_eq!((both(&network), undecided(&network)), ([true; 2], 0));
}

#[test]
fn every_emergency_begins_the_soak_of_what_stands_anew_and_so_does_its_end() {
    let mut network = Founding::at("testnet").network();
    let promotion = network.submitted(commander().submits(promotes("canary", FIRST_BUILD)));
    network.begin(10);
    assert_eq!(soak(&network, promotion), FindingState::Missing, "nine whole epochs are over since that of genesis");
    network.begin(11);
    assert_eq!(soak(&network, promotion), FindingState::Met);
    let change = network.submitted(commander().submits(disables(&["pruning"], "SAFETY")));
    assert_eq!(soak(&network, promotion), FindingState::Missing);
    network.begin(21);
    assert_eq!(soak(&network, promotion), FindingState::Missing);
    network.begin(22);
    assert_eq!(soak(&network, promotion), FindingState::Met, "ten whole epochs later");
    network.council(change, 2, Choice::No);
    assert!(network.is_on(Gate::Pruning));
    assert_eq!(soak(&network, promotion), FindingState::Missing, "what was off for a while has not soaked");
}
