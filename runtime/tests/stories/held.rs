//! No release passes that nobody can fetch (H28), in real blocks. Each of four validators has a fourth of the power, and a
//! third must hold a release.

use crate::lifetime::status;
use crate::network::*;
use governance::Choice::Yes;
use governance::{Deposit, DepositEnd, Event as Governance, Shortfall, Status};
use primitives::{Amount, BuildHash, Digest, ProposalId};
use releases::InstallStage;
use releases::queries::{Verdict, availability, verdict_now};
use runtime::testing::{genesis, held_by, hold, holder, validator};
use runtime::{Call, Cause, Error, Event, Fact};

const NEW: BuildHash = BuildHash([1; 32]);
const OTHER: BuildHash = BuildHash([2; 32]);
const ONE: ProposalId = ProposalId(1);

/// The last validator proposes, and the others vote yes; nobody says anything of what they hold.
fn voted_for(calls: Vec<Call>) -> Network {
    let mut network = Network::new(genesis());
    let proposals: Vec<_> = calls.into_iter().map(|call| (validator(3), call)).collect();
    assert!(network.block(&proposals).outcomes().iter().all(Result::is_ok));
    let ids = 1..=proposals.len() as u64;
    let ballots: Vec<_> = ids.flat_map(|id| (0..3).map(move |index| (validator(index), vote(id, Yes, None)))).collect();
    assert!(network.block(&ballots).outcomes().iter().all(Result::is_ok));
    network
}

fn release(hash: BuildHash) -> Call {
    propose(&genesis(), hash, 2)
}

fn refused(network: &mut Network, index: u8, call: Call) -> Error {
    network.block(&[(validator(index), call)]).outcomes().remove(0).unwrap_err()
}

/// How the first proposal was rejected.
fn rejection(facts: &[Fact]) -> (Shortfall, DepositEnd) {
    let of_one = |fact: &Fact| match &fact.outcome {
        Ok(Event::Governance(Governance::Rejected { proposal_id: ONE, shortfall, deposit, .. })) => {
            Some((*shortfall, *deposit))
        }
        _ => None,
    };
    facts.iter().find_map(of_one).expect("it is rejected")
}

#[test]
fn h28_a_release_that_is_withheld_is_rejected_and_its_deposit_returns() {
    let mut network = voted_for(vec![release(NEW)]);
    let proposer = validator(3).account();
    let returned = DepositEnd::Returned(Deposit { account: proposer, amount: Amount(1_000) });
    assert_eq!(rejection(&network.until(1)), (Shortfall::Unavailable, returned), "three of four voted for it");
    assert_eq!(network.balance(&proposer).held, Amount(1_000_000), "the bond alone");
    assert_eq!(accounts::queries::burned(&network.state()), Amount(4 * 10), "the fees alone");
    network.until(3);
    assert_eq!(verdict_now(&network.state(), &NEW, network.epoch()), Verdict::NotApproved);
}

#[test]
fn h28_a_release_that_too_few_hold_is_rejected() {
    let mut network = voted_for(vec![release(NEW)]);
    assert!(network.block(&held_by(1, &[NEW])).outcomes()[0].is_ok());
    let stranger = network.block(&[(holder(0), hold(NEW))]).outcomes();
    assert_eq!(stranger, [Err(releases::Error::WithoutPower(NEW).into())], "anybody runs nodes");
    assert_eq!(refused(&mut network, 0, hold(NEW)), releases::Error::AlreadyHeld(NEW).into());
    let facts = network.until(1);
    assert_eq!(rejection(&facts).0, Shortfall::Unavailable);
    let kept = availability(&network.state(), ONE, [NEW]);
    assert_eq!((kept.builds[0].power, kept.needed), (Amount(1_000_000), Amount(1_333_334)));
}

#[test]
fn h28_what_is_held_in_the_last_block_of_the_vote_counts_and_what_is_held_later_does_not() {
    let mut network = voted_for(vec![release(NEW)]);
    while !network.ledger.head().at.height.next().ends_epoch(network.genesis.chain.epoch_length) {
        network.block(&[]);
    }
    assert!(network.block(&held_by(2, &[NEW])).outcomes().iter().all(Result::is_ok));
    network.until(1);
    assert_eq!(status(&network, ONE), Status::Passed);

    let mut network = voted_for(vec![release(NEW)]);
    network.until(1);
    assert_eq!(status(&network, ONE), Status::Rejected);
    let late = network.block(&held_by(2, &[NEW])).outcomes();
    assert!(late.iter().all(|outcome| *outcome == Err(releases::Error::NotProposed(NEW).into())), "{late:?}");
}

#[test]
fn h28_a_release_that_was_withheld_is_proposed_again_and_passes_once_it_is_given() {
    let mut network = voted_for(vec![release(NEW)]);
    network.block(&held_by(1, &[NEW]));
    network.until(1);
    network.block(&[(validator(3), release(NEW))]);
    let ballots = [0, 1].map(|index| (validator(index), vote(2, Yes, None)));
    network.block(&[&ballots[..], &held_by(2, &[NEW])[..]].concat());
    network.until(3);
    assert_eq!([1, 2].map(|id| status(&network, ProposalId(id))), [Status::Rejected, Status::Activated]);
}

#[test]
fn h28_t17_a_sealed_release_passes_unheld_and_dies_unless_it_is_held_between_reveal_and_activation() {
    let (proposer, salt) = (validator(3).account(), Digest([7; 32]));
    let sealed = |hash| propose_sealed(&genesis(), proposer, hash, 2, salt);
    let mut network = voted_for(vec![sealed(NEW), sealed(OTHER)]);
    assert_eq!(refused(&mut network, 0, hold(NEW)), releases::Error::StillSecret(NEW).into());
    network.until(1);
    let ids = [ONE, ProposalId(2)];
    assert_eq!(ids.map(|id| status(&network, id)), [Status::Passed; 2], "nobody can hold what is secret");
    let reveals = [NEW, OTHER].map(|hash| (holder(0), reveal(hash, proposer, secret(&genesis(), hash), salt)));
    assert!(network.block(&reveals).outcomes().iter().all(Result::is_ok));
    let said = [held_by(2, &[NEW]), held_by(1, &[OTHER])].concat();
    assert!(network.block(&said).outcomes().iter().all(Result::is_ok));
    let facts = network.until(2);
    assert_eq!(ids.map(|id| status(&network, id)), [Status::Activated, Status::Cancelled]);
    let why = facts.iter().find(|fact| fact.cause == Cause::Proposal(ids[1])).unwrap();
    let short = releases::Error::Unavailable { build_hash: OTHER, have: Amount(1_000_000), need: Amount(1_333_334) };
    assert_eq!(why.outcome, Err(short.into()), "the reason is on record");
    assert_eq!(verdict_now(&network.state(), &OTHER, network.epoch()), Verdict::NotApproved);
}

#[test]
fn h28_a_minimum_is_not_raised_to_a_release_that_less_than_two_thirds_have() {
    let mut network = voted_for(vec![release(NEW)]);
    network.block(&held_by(2, &[NEW]));
    network.until(2);
    assert_eq!(status(&network, ONE), Status::Activated, "a third is enough for it to pass");
    let missing = releases::Error::HoldersMissing { minimum: 2, have: Amount(2_000_000), total: Amount(4_000_000) };
    assert_eq!(refused(&mut network, 3, propose_expedited(raise_minimum(2))), missing.clone().into());
    assert!(network.block(&[(validator(2), hold(NEW))]).outcomes()[0].is_ok(), "fetched since");
    let id = crate::lifetime::put(&mut network, propose_expedited(raise_minimum(2)), 3);

    // One of those who held it cannot run it, and the motion is judged again when it is due.
    let reason = primitives::Text::new("needs a newer C library").unwrap();
    network.block(&[(validator(0), report(NEW, InstallStage::Unusable { reason }))]);
    let facts = network.until(4);
    let why = facts.iter().find(|fact| fact.cause == Cause::Proposal(id)).unwrap();
    assert_eq!(why.outcome, Err(missing.into()));
    network.block(&[(validator(0), install(NEW))]);
    let id = crate::lifetime::put(&mut network, propose_expedited(raise_minimum(2)), 3);
    network.until(6);
    assert_eq!(status(&network, id), Status::Activated);
}
