//! How the roster rotates, in real blocks. Genesis' roster is the signers 0 to 2 with the threshold 2.

use crate::lifetime::{put, status};
use crate::network::*;
use governance::Status;
use primitives::BuildHash;
use releases::queries::{Verdict, verdict_now};
use runtime::Cause;
use runtime::testing::{genesis, holder, propose_on, release_vote, signer, validator};

const NEW: BuildHash = BuildHash([1; 32]);

fn rotate(network: &Network, signers: &[u8], threshold: u32, approving: &[u8]) -> runtime::Call {
    let version = releases::queries::roster(&network.state()).version + 1;
    let motion = set_roster(&network.genesis, roster(version, signers, threshold), approving);
    propose_on(governance::TrackName::Routine, motion)
}

#[test]
fn a_rotation_applies_at_its_epoch_and_leaves_every_release_its_own_roster() {
    let mut network = Network::new(genesis());
    let call = propose(&network.genesis, NEW, 2);
    put(&mut network, call, 3);
    network.until(2);
    let call = rotate(&network, &[1, 2, 3], 3, &[1, 2, 3]);
    let id = put(&mut network, call, 3);
    network.until(3);
    assert_eq!(releases::queries::roster(&network.state()).version, 1, "passed is not in force");
    network.until(4);
    assert_eq!(status(&network, id), Status::Activated);
    assert_eq!(releases::queries::roster(&network.state()), roster(2, &[1, 2, 3], 3));
    let release = releases::queries::release(&network.state(), &NEW).unwrap();
    assert_eq!(release.signer_set, network.genesis.releases.roster.signers, "the roster it was proposed under");
    let old = network.block(&[(validator(0), propose(&network.genesis, BuildHash([2; 32]), 3))]);
    let below = releases::Error::ThresholdOutOfRange { asked: 2, least: 3, most: 3 };
    assert_eq!(old.outcomes(), [Err(below.into())]);
}

#[test]
fn signers_alone_change_no_roster_and_neither_does_stake_alone() {
    let mut network = Network::new(genesis());
    let call = rotate(&network, &[0, 1, 2, 3], 2, &[0, 1, 2, 3]);
    let id = put(&mut network, call, 0);
    network.until(2);
    assert_eq!(status(&network, id), Status::Rejected);
    let call = rotate(&network, &[3, 4], 2, &[3, 4]);
    let refused = network.block(&[(validator(0), call)]).outcomes();
    let missing = releases::Error::ApprovalsMissing { side: releases::Side::Old, have: 0, need: 2 };
    assert_eq!(refused, [Err(missing.into())], "all stake could vote for it, and it is not even stored");
}

#[test]
fn t24_a_release_that_was_signed_by_rotated_keys_is_judged_again_at_its_activation() {
    let mut network = Network::new(genesis());
    let call = rotate(&network, &[1, 2, 3], 2, &[1, 2]);
    put(&mut network, call, 3);
    let vote_of = |network: &Network, hash, by: [u8; 2]| {
        let mut vote = release_vote(&network.genesis, hash, 0);
        let attest = |index: u8| releases::ReleaseAttestation {
            signer: signer(index).public(),
            signature: signer(index).sign(&hash.attestation_message()),
        };
        vote.signatures = primitives::List::truncate_from(by.map(attest).to_vec());
        vote
    };
    let (lost, kept) = (BuildHash([2; 32]), BuildHash([3; 32]));
    let calls = [vote_of(&network, lost, [0, 1]), vote_of(&network, kept, [1, 2])]
        .map(|vote| propose_for(governance::TrackName::Routine, approve(vote), None, Some(2)));
    let ids = calls.map(|call| put(&mut network, call, 3));
    let facts = network.until(3);
    assert_eq!(releases::queries::roster(&network.state()).version, 2);
    assert_eq!(ids.map(|id| status(&network, id)), [Status::Cancelled, Status::Activated]);
    let outcome = &facts.iter().find(|fact| fact.cause == Cause::Proposal(ids[0])).unwrap().outcome;
    assert_eq!(*outcome, Err(releases::Error::QuorumMissing { have: 1, need: 2 }.into()));
    assert_eq!(verdict_now(&network.state(), &lost, network.epoch()), Verdict::NotApproved);
    assert_eq!(verdict_now(&network.state(), &kept, network.epoch()), Verdict::Approved);
}

#[test]
fn a_stranger_may_carry_the_word_of_a_key_that_leaves() {
    let mut network = Network::new(genesis());
    let done = network.block(&[(holder(0), leave_roster(&network.genesis, 1, 1))]);
    assert!(done.outcomes()[0].is_ok());
    assert_eq!(releases::queries::roster(&network.state()), roster(2, &[0, 2], 2));
}
