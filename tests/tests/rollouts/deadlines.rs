//! What has to be done by a time, one millisecond before its end and at it: audits, ratifications, pauses, freezes, polls and what is
//! approved, in the time that the chain ran (ROLLOUTS 7.4 to 7.7 and 19).

use crate::evidence::FIRST_BUILD;
use crate::founding::Founding;
use crate::made::{MadeBlock, brought, kinds};
use crate::network::{DAY, HOUR, Network, SECOND};
use crate::people::{Asked, commander, demotes, disables, member, passed, pauses, promotes, sets, sre_lead};
use crate::walk::{canary, entered_mainnet};
use flags::Gate;
use governance::Choice;
use primitives::{ChangeId, ProposalId};
use rollouts::change::{ChangeState, EndedWhy};
use rollouts::plan::Missed;
use rollouts::queries::ChangeLabel;
use rollouts::standing::ThawedWhy;
use rollouts::statement::StatementSubject;
use runtime::Fact;

/// What two of three members say in a poll.
pub fn two_of_three(poll: ProposalId, choice: Choice) -> Vec<Asked> {
    [0, 1].map(|index| member(index).votes(poll, choice)).to_vec()
}

/// A change that fills a cohort of testnet, carried out in a Tuesday's window: it owes its audit.
fn owes_audit() -> (Network, ChangeId, u64) {
    let mut network = Founding::at("testnet").network();
    let joining = network.joining("canary_witnesses", &[2]);
    let set = network.carried_out(sets(vec![joining]), "testnet");
    let deadline = network.progress(set).executed.unwrap().running + DAY;
    (network, set, deadline)
}

/// The commander says how a change came out.
fn audit(change: ChangeId) -> Asked {
    commander().states(passed("close.audit", StatementSubject::Change(change)))
}

#[test]
fn an_audit_is_in_time_until_a_millisecond_before_24_hours_and_overdue_at_them() {
    let (mut network, set, deadline) = owes_audit();
    network.run_until(deadline - 2);
    assert_eq!(network.block(1, &[audit(set)]).codes(), ["granted"]);
    assert_eq!(network.label(set), ChangeLabel::AuditDue, "the next block judges what was said");
    let block = network.block(HOUR, &[]);
    assert!(matches!(block.brought().as_slice(), [rollouts::Event::Met { late: false, .. }]));

    let (mut network, set, deadline) = owes_audit();
    assert_eq!(kinds(&network.run_until(deadline - 1)), Vec::<&str>::new());
    let block = network.block(1, &[audit(set)]);
    assert!(matches!(block.brought().as_slice(), [rollouts::Event::Missed { then: Missed::Block, .. }]));
    assert_eq!((block.at.running, network.label(set)), (deadline, ChangeLabel::AuditOverdue));
    let healed = network.block(SECOND, &[]);
    assert!(matches!(healed.brought().as_slice(), [rollouts::Event::Met { late: true, .. }]));
}

#[test]
fn no_audit_is_overdue_because_the_chain_stood_for_thirty_hours() {
    let (mut network, set, deadline) = owes_audit();
    assert_eq!(kinds(&network.stand(30 * HOUR).facts), Vec::<&str>::new());
    assert_eq!(kinds(&network.run_until(deadline - 1)), Vec::<&str>::new());
    assert_eq!(network.label(set), ChangeLabel::AuditDue);
    assert_eq!(kinds(&network.wait(1)), ["missed"]);
}

/// Pruning is disabled on testnet by the commander; when that lapses, in running time.
fn disabled() -> (Network, ChangeId, u64) {
    let mut network = Founding::at("testnet").network();
    let change = network.submitted(commander().submits(disables(&["pruning"], "SAFETY")));
    assert!(!network.is_on(Gate::Pruning));
    let lapses = network.progress(change).executed.unwrap().running + DAY;
    (network, change, lapses)
}

/// What became of a duty in a block: whether it was met, and late.
fn met(block: &MadeBlock, duty: &str) -> Vec<bool> {
    let of_duty = block.brought().into_iter().filter_map(|event| match event {
        rollouts::Event::Met { check, late, .. } if check.as_str() == duty => Some(late),
        _ => None,
    });
    of_duty.collect()
}

/// The duties that were missed, and what comes of each.
fn missed(facts: &[Fact]) -> Vec<(String, Missed)> {
    let all = brought(facts).into_iter().filter_map(|event| match event {
        rollouts::Event::Missed { check, then, .. } => Some((check.to_string(), then)),
        _ => None,
    });
    all.collect()
}

#[test]
fn the_deciding_yes_in_the_last_block_before_24_hours_ratifies_in_time() {
    let (mut network, change, lapses) = disabled();
    network.answer_only(change, &["mitigation"]);
    let poll = network.poll(change);
    network.run_until(lapses - 2);
    assert_eq!(network.block(1, &two_of_three(poll, Choice::Yes)).codes(), ["granted"; 2]);
    let block = network.block(1, &[]);
    assert_eq!((block.at.running, met(&block, "ratify"), missed(&block.facts)), (lapses, vec![false], vec![]));
    assert_eq!(network.label(change), ChangeLabel::Ratified);
    network.granted(commander().closes(change));
}

#[test]
fn a_disabled_gate_lapses_after_24_hours_is_held_and_can_still_be_ratified() {
    let (mut network, change, lapses) = disabled();
    let poll = network.poll(change);
    assert!(missed(&network.run_until(lapses - 1)).is_empty());
    let block = network.block(1, &two_of_three(poll, Choice::Yes));
    let both = [("ratify", Missed::Hold), ("mitigation", Missed::Block)];
    assert_eq!(missed(&block.facts), both.map(|(check, then)| (check.to_owned(), then)));
    assert_eq!((block.at.running, network.label(change)), (lapses, ChangeLabel::Lapsed));
    assert!(!network.is_on(Gate::Pruning), "it is held");
    let block = network.block(SECOND, &[]);
    assert_eq!(met(&block, "ratify"), [true]);
    assert_eq!(network.label(change), ChangeLabel::AuditOverdue, "nobody has said how it was mitigated");
    network.answer_only(change, &["mitigation"]);
    assert_eq!(met(&network.block(SECOND, &[]), "mitigation"), [true]);
    assert_eq!(network.label(change), ChangeLabel::Ratified);
}

#[test]
fn what_mitigates_is_said_in_time_until_a_millisecond_before_24_hours() {
    let mitigated = |change| member(2).states(passed("mitigation", StatementSubject::Change(change)));
    for (at, late) in [(1, false), (0, true)] {
        let (mut network, change, lapses) = disabled();
        let poll = network.poll(change);
        network.all_granted(&two_of_three(poll, Choice::Yes));
        network.run_until(lapses - at - 1);
        network.block(1, &[mitigated(change)]);
        assert_eq!(network.at.running, lapses - at);
        assert_eq!(met(&network.block(SECOND, &[]), "mitigation"), [late]);
    }
}

#[test]
fn neither_lapses_while_the_chain_stands_for_thirty_hours() {
    let (mut network, change, lapses) = disabled();
    let paused = network.submitted(sre_lead().submits(pauses()));
    let stood = network.stand(30 * HOUR);
    assert!(stood.at.running < lapses && kinds(&stood.facts).is_empty());
    assert_eq!((network.label(change), network.paused()), (ChangeLabel::RatifyDue, Some(paused)));
    let ballots = [two_of_three(network.poll(change), Choice::Yes), two_of_three(network.poll(paused), Choice::Yes)];
    network.all_granted(&ballots.concat());
    let block = network.block(SECOND, &[]);
    assert_eq!(met(&block, "ratify"), [false, false], "the gate's, and the pause's");
}

/// The SRE lead pauses changes; when that ends if nobody ratifies it, in running time.
fn paused() -> (Network, ChangeId, u64) {
    let mut network = Founding::at("testnet").network();
    let change = network.submitted(sre_lead().submits(pauses()));
    let ends = network.progress(change).executed.unwrap().running + DAY;
    (network, change, ends)
}

#[test]
fn a_pause_that_nobody_ratifies_ends_at_24_hours_and_one_that_is_ratified_a_millisecond_before_goes_on() {
    let (mut network, change, ends) = paused();
    assert_eq!(kinds(&network.run_until(ends - 1)), Vec::<&str>::new());
    assert_eq!((network.paused(), network.label(change)), (Some(change), ChangeLabel::Paused));
    let facts = network.wait(1);
    assert_eq!(missed(&facts), [("ratify".to_owned(), Missed::Restore)]);
    assert_eq!((network.paused(), network.label(change)), (None, ChangeLabel::Reverted));

    let (mut network, change, ends) = paused();
    let poll = network.poll(change);
    network.run_until(ends - 2);
    network.block(1, &two_of_three(poll, Choice::Yes));
    let block = network.block(1, &[]);
    assert_eq!((block.at.running, met(&block, "ratify")), (ends, vec![false]));
    network.wait(7 * DAY);
    assert_eq!(network.paused(), Some(change), "until it is closed");
    network.granted(sre_lead().closes(change));
    assert_eq!(network.paused(), None);
}

#[test]
fn a_freeze_is_over_at_72_hours_whatever_is_left_undone() {
    let (mut network, change) = entered_mainnet();
    let ends = network.progress(change).executed.unwrap().running + 72 * HOUR;
    network.run_until(ends - 1);
    assert_eq!((network.frozen(), network.label(change)), (Some(change), ChangeLabel::AuditOverdue));
    let facts = network.wait(1);
    let thawed = |event: &rollouts::Event| matches!(event, rollouts::Event::Thawed { why: ThawedWhy::TimeOver, .. });
    assert!(brought(&facts).iter().any(thawed));
    assert_eq!(missed(&facts), [("mainnet.monitored".to_owned(), Missed::Block)], "that was to be done by then too");
    assert_eq!((network.frozen(), network.progress(change).state), (None, ChangeState::Active));
}

#[test]
fn what_is_approved_is_carried_out_within_its_days_or_expires_and_its_deposit_is_burned() {
    let networks = [(Founding::at("testnet"), 14 * DAY, 2_000), (canary(), 7 * DAY, 3_000)];
    for (is_set, (founding, within, deposit)) in [true, false].into_iter().zip(networks) {
        let mut network = founding.network();
        let joining = network.joining("canary_witnesses", &[3]);
        let leaving = demotes("testnet", None);
        let change = network.approved(if is_set { sets(vec![joining]) } else { leaving });
        let approved = network.progress(change).since.running;
        network.run_until(approved + within - 1);
        assert_eq!(network.label(change), ChangeLabel::Approved);
        let burned = accounts::queries::burned(&network.state()).0;
        let facts = network.wait(1);
        assert_eq!(kinds(&facts), ["ended"]);
        assert_eq!(network.progress(change).state, ChangeState::Ended { why: EndedWhy::Expired });
        assert_eq!(accounts::queries::burned(&network.state()).0 - burned, deposit);
    }
}

#[test]
fn the_council_has_seven_days_for_what_goes_on_and_72_hours_for_what_goes_back() {
    let mut network = canary().network();
    let joining = network.joining("canary_witnesses", &[1]);
    let drafts = [promotes("mainnet", FIRST_BUILD), sets(vec![joining]), demotes("testnet", None)];
    let [promotion, set, demotion] =
        drafts.map(|draft| (network.submitted(commander().submits(draft)), network.at.running));
    for ((change, opened), within) in [(demotion, 72 * HOUR), (promotion, 7 * DAY), (set, 7 * DAY)] {
        network.run_until(opened + within - 1);
        assert_eq!(network.label(change), ChangeLabel::Voting);
        assert_eq!(kinds(&network.wait(1)), ["ended"]);
        assert_eq!(network.progress(change).state, ChangeState::Ended { why: EndedWhy::Rejected });
    }
}

#[test]
fn a_yes_in_the_last_millisecond_of_seven_days_decides_and_one_at_their_end_is_refused() {
    for (at, label) in [(1, ChangeLabel::Approved), (0, ChangeLabel::Rejected)] {
        let mut network = Founding::at("testnet").network();
        let joining = network.joining("canary_witnesses", &[1]);
        let change = network.submitted(commander().submits(sets(vec![joining])));
        let closes = network.at.running + 7 * DAY;
        let poll = network.poll(change);
        network.run_until(closes - at - 1);
        let ballots = network.block(1, &two_of_three(poll, Choice::Yes));
        assert_eq!((ballots.at.running, ballots.outcomes().iter().all(Result::is_ok)), (closes - at, at == 1));
        network.block(SECOND, &[]);
        assert_eq!(network.label(change), label);
    }
}
