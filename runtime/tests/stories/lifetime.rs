//! How builds go out of use, and how a decision is stopped, in real blocks.

use crate::network::*;
use governance::Choice::{No, Yes};
use governance::{Event as Governance, Status, TrackName};
use primitives::{Amount, BuildHash, Epoch, ProposalId};
use releases::queries::{Verdict, verdict_now};
use runtime::testing::{genesis, held_by, validator};
use runtime::{Cause, Event};

const FIRST: BuildHash = BuildHash([0xaa; 32]);
const NEW: BuildHash = BuildHash([1; 32]);
const NEWER: BuildHash = BuildHash([2; 32]);

/// The last validator's proposal, for which the first `voters` validators vote; of a release they say that they hold it.
pub fn put(network: &mut Network, call: runtime::Call, voters: u8) -> ProposalId {
    put_by(network, 3, call, voters)
}

/// A proposal of the validator `index`, in favour of which the first `voters` validators vote.
pub fn put_by(network: &mut Network, index: u8, call: runtime::Call, voters: u8) -> ProposalId {
    let outcomes = network.block(&[(validator(index), call)]).outcomes();
    let Ok(Event::Governance(Governance::Proposed(proposal))) = &outcomes[0] else { panic!("{outcomes:?}") };
    let mut said: Vec<_> = (0..voters).map(|index| (validator(index), vote(proposal.id.0, Yes, None))).collect();
    said.extend(held_by(voters, &builds_of(&proposal.motion)));
    network.block(&said);
    proposal.id
}

pub fn status(network: &Network, id: ProposalId) -> Status {
    governance::queries::poll(&network.state(), id).status
}

/// A network in epoch 2, on which `NEW` is active and every validator but the last has said that it runs it.
pub fn upgraded() -> Network {
    upgraded_from(genesis())
}

/// The same from another genesis.
pub fn upgraded_from(genesis: runtime::Genesis) -> Network {
    let mut network = Network::new(genesis);
    let call = propose(&network.genesis, NEW, 2);
    put(&mut network, call, 3);
    network.until(2);
    network.block(&[0, 1, 2].map(|index| (validator(index), install(NEW))));
    network
}

fn refusal(network: &mut Network, call: runtime::Call) -> runtime::Error {
    network.block(&[(validator(3), call)]).outcomes().remove(0).unwrap_err()
}

#[test]
fn a_revocation_needs_the_high_bar() {
    let mut network = upgraded();
    let routine = propose_on(TrackName::Routine, revoke(&[FIRST]));
    assert_eq!(refusal(&mut network, routine), governance::Error::ExpeditedOnly.into());
    let id = put(&mut network, propose_expedited(revoke(&[FIRST])), 2);
    network.until(4);
    assert_eq!(status(&network, id), Status::Rejected, "half of the stake is not two thirds");
}

#[test]
fn a_revoked_build_stops_a_notice_period_after_the_decision() {
    let mut network = upgraded();
    let id = put(&mut network, propose_expedited(revoke(&[FIRST])), 3);
    let facts = network.until(4);
    assert!(facts.iter().any(|fact| fact.cause == Cause::Proposal(id) && fact.outcome.is_ok()));
    let verdict = |network: &Network| verdict_now(&network.state(), &FIRST, network.epoch());
    assert_eq!(verdict(&network), Verdict::Approved);
    network.until(6);
    assert_eq!(verdict(&network), Verdict::Revoked { reason: runtime::testing::WHY.into() });
}

#[test]
fn a_passed_release_is_cancelled_before_its_activation() {
    let mut network = Network::new(genesis());
    let motion = approve(release_vote(&network.genesis, NEW, 2));
    let release = put(&mut network, propose_for(TrackName::Routine, motion, None, Some(2)), 3);
    network.until(1);
    assert_eq!(status(&network, release), Status::Passed);
    let stop = put(&mut network, propose_expedited(cancel(release.0)), 3);
    let facts = network.until(3);
    assert_eq!((status(&network, release), status(&network, stop)), (Status::Cancelled, Status::Activated));
    let cancelled = governance::Cancelled { proposal_id: release, deposit: None };
    let stopped = Event::Governance(Governance::Cancelled(cancelled));
    assert!(facts.iter().any(|fact| fact.cause == Cause::Proposal(stop) && fact.outcome == Ok(stopped.clone())));
    assert!(facts.iter().all(|fact| fact.cause != Cause::Proposal(release)), "of the same epoch, the stop goes first");
    assert_eq!(verdict_now(&network.state(), &NEW, network.epoch()), Verdict::NotApproved);
    let again = network.block(&[(validator(2), propose(&network.genesis, NEW, 2))]);
    assert!(again.outcomes()[0].is_ok(), "the hash can be proposed again");
}

#[test]
fn an_open_proposal_is_cancelled_and_its_deposit_returns() {
    let mut network = Network::new(genesis());
    let free = network.balance(&validator(3).account()).free;
    let motion = approve(release_vote(&network.genesis, NEW, 2));
    let release = put(&mut network, propose_for(TrackName::Routine, motion, Some(Epoch(9)), None), 1);
    put(&mut network, propose_expedited(cancel(release.0)), 3);
    network.until(2);
    assert_eq!(status(&network, release), Status::Cancelled);
    assert_eq!(network.balance(&validator(3).account()).free.0, free.0 - 20, "two fees");
}

#[test]
fn what_is_carried_out_or_out_of_reach_cannot_be_cancelled() {
    let mut network = upgraded();
    let done =
        governance::Error::NotStoppable { proposal_id: ProposalId(1), status: Status::Activated, activation: Epoch(2) };
    assert_eq!(refusal(&mut network, propose_expedited(cancel(1))), done.into());
    let unknown = governance::Error::UnknownProposal(ProposalId(9));
    assert_eq!(refusal(&mut network, propose_expedited(cancel(9))), unknown.into());
    let call = propose(&network.genesis, NEWER, 2);
    let soon = put(&mut network, call, 3);
    network.until(3);
    let late = governance::Error::NotStoppable { proposal_id: soon, status: Status::Passed, activation: Epoch(4) };
    assert_eq!(refusal(&mut network, propose_expedited(cancel(soon.0))), late.into());
}

#[test]
fn t19_no_way_back_leads_to_a_build_that_is_out_of_use() {
    let mut network = upgraded();
    put(&mut network, propose_expedited(raise_minimum(2)), 3);
    network.until(6);
    let below = Verdict::BelowMinimumSequence { sequence: 1, minimum: 2 };
    assert_eq!(verdict_now(&network.state(), &FIRST, network.epoch()), below);
    let taken = releases::Error::HashTaken(FIRST);
    let again = propose(&network.genesis, FIRST, 2);
    assert_eq!(refusal(&mut network, again), taken.into(), "nor can it be approved a second time");
}

#[test]
fn t25_revoking_the_release_that_runs_the_network_is_refused() {
    let mut network = upgraded();
    network.block(&[(validator(3), install(FIRST))]);
    let stranding = |running: u64| releases::Error::WouldStrand {
        build_hash: NEW,
        running: primitives::Amount(running),
        total: primitives::Amount(4_000_000),
    };
    assert_eq!(refusal(&mut network, propose_expedited(revoke(&[NEW]))), stranding(1_000_000).into());
}

#[test]
fn t25_a_revocation_that_would_strand_by_the_time_it_is_due_is_not_carried_out() {
    let mut network = upgraded();
    network.until(3);
    network.block(&[0, 1, 2].map(|index| (validator(index), install(FIRST))));
    let id = put(&mut network, propose_expedited(revoke(&[NEW])), 3);
    network.until(4);
    assert_eq!(status(&network, id), Status::Passed);
    network.block(&[1, 2].map(|index| (validator(index), install(NEW))));
    let facts = network.until(5);
    let refused = facts.iter().find(|fact| fact.cause == Cause::Proposal(id)).unwrap();
    assert!(matches!(refused.outcome, Err(runtime::Error::Releases(releases::Error::WouldStrand { .. }))));
    assert_eq!(status(&network, id), Status::Cancelled);
    assert_eq!(verdict_now(&network.state(), &NEW, Epoch(99)), Verdict::Approved);
}

/// Why a proposal was not carried out, among the facts of its activation epoch.
fn why(facts: &[runtime::Fact], id: ProposalId) -> runtime::Error {
    let done = facts.iter().find(|fact| fact.cause == Cause::Proposal(id)).unwrap();
    done.outcome.clone().unwrap_err()
}

fn strands(build_hash: BuildHash, running: u64) -> runtime::Error {
    let (running, total) = (Amount(running), Amount(4_000_000));
    releases::Error::WouldStrand { build_hash, running, total }.into()
}

#[test]
fn h10_t25_a_few_votes_do_not_end_the_support_of_what_most_of_the_stake_runs() {
    let mut network = upgraded();
    network.until(3);
    network.block(&[0, 1, 3].map(|index| (validator(index), install(FIRST))));
    let routine = propose_on(TrackName::Routine, end_support(FIRST, Epoch(9)));
    assert_eq!(refusal(&mut network, routine), governance::Error::ExpeditedOnly.into());
    let expedited = propose_expedited(end_support(FIRST, Epoch(9)));
    assert_eq!(refusal(&mut network, expedited), strands(FIRST, 1_000_000), "although NEW has taken its place");
    assert_eq!(verdict_now(&network.state(), &FIRST, Epoch(99)), Verdict::Approved);
}

#[test]
fn h10_t25_an_end_of_support_that_would_strand_by_the_time_it_is_due_is_not_carried_out() {
    let mut network = upgraded();
    let id = put(&mut network, propose_expedited(end_support(FIRST, Epoch(9))), 3);
    network.until(3);
    assert_eq!(status(&network, id), Status::Passed);
    network.block(&[(validator(0), install(FIRST))]);
    let facts = network.until(4);
    assert_eq!(why(&facts, id), strands(FIRST, 2_000_000));
    assert_eq!(status(&network, id), Status::Cancelled);
    assert_eq!(verdict_now(&network.state(), &FIRST, Epoch(99)), Verdict::Approved);
}

/// The nodes of one platform have nothing to change to in a release for another.
#[test]
fn h10_t25_a_release_for_one_platform_takes_no_build_of_another_out_of_use() {
    const ARM: BuildHash = BuildHash([0xab; 32]);
    let mut genesis = genesis();
    let platform = "aarch64-linux".parse().unwrap();
    let target = releases::Target { build_hash: ARM, platform, ..genesis.releases.approved[0].clone() };
    genesis.releases.approved.push(target);
    let mut network = upgraded_from(genesis);
    assert_eq!(releases::queries::active(&network.state()), [ARM, NEW]);
    network.block(&[0, 1].map(|index| (validator(index), install(ARM))));
    for motion in [revoke(&[ARM]), raise_minimum(2)] {
        assert_eq!(refusal(&mut network, propose_expedited(motion)), strands(ARM, 1_000_000));
    }

    // Receipts change before the activation.
    network.until(3);
    network.block(&[0, 1].map(|index| (validator(index), install(NEW))));
    let id = put(&mut network, propose_expedited(revoke(&[ARM])), 3);
    network.until(4);
    assert_eq!(status(&network, id), Status::Passed);
    network.block(&[(validator(0), install(ARM))]);
    let facts = network.until(5);
    assert_eq!(why(&facts, id), strands(ARM, 2_000_000));
    assert_eq!(verdict_now(&network.state(), &ARM, Epoch(99)), Verdict::Approved);
}

/// Two builds of one release, each named by a proposal of its own: the second puts the end off further while the first waits.
#[test]
fn h10_what_brings_a_stop_nearer_by_the_time_it_is_due_needs_the_high_bar_then() {
    const SECOND: BuildHash = BuildHash([0xab; 32]);
    let mut genesis = genesis();
    let target = releases::Target { build_hash: SECOND, ..genesis.releases.approved[0].clone() };
    genesis.releases.approved.push(target);
    let mut network = upgraded_from(genesis);
    put(&mut network, propose_expedited(end_support(FIRST, Epoch(10))), 3);
    network.until(4);
    let stops = |network: &Network| {
        [FIRST, SECOND].map(|hash| releases::queries::stop(&network.state(), &hash).map(|stop| stop.epoch.0))
    };
    assert_eq!(stops(&network), [Some(10), Some(10)]);

    let motion = end_support(SECOND, Epoch(20));
    let waiting = put(&mut network, propose_for(TrackName::Routine, motion, None, Some(5)), 2);
    let further = put(&mut network, propose_on(TrackName::Routine, end_support(FIRST, Epoch(30))), 2);
    network.until(6);
    assert_eq!((status(&network, waiting), status(&network, further)), (Status::Passed, Status::Activated));
    assert_eq!(stops(&network), [Some(30), Some(30)], "putting an end off is routine");

    let facts = network.until(10);
    assert_eq!(why(&facts, waiting), governance::Error::ExpeditedOnly.into());
    assert_eq!(status(&network, waiting), Status::Cancelled);
    assert_eq!(stops(&network), [Some(30), Some(30)]);
}

#[test]
fn voting_no_is_heard() {
    let mut network = upgraded();
    let id = put(&mut network, propose_expedited(raise_minimum(2)), 0);
    network.block(&[0, 1, 2, 3].map(|index| (validator(index), vote(id.0, No, None))));
    network.until(4);
    assert_eq!(status(&network, id), Status::Rejected);
}
