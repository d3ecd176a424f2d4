//! How the roster rotates, in real blocks. Genesis' roster is the signers 0 to 2 with the threshold 2.

use crate::lifetime::{put, put_by, status};
use crate::network::*;
use governance::{DepositEnd, Shortfall, Status};
use primitives::{Amount, BuildHash, Epoch, ProposalId, PublicKey};
use releases::queries::{Verdict, verdict_now};
use runtime::Event;
use runtime::testing::{genesis, holder, propose_on, signer, validator};

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

/// Blocks up to and with the last one before an epoch.
fn last_before(network: &mut Network, epoch: u64) {
    while network.ledger.head().at.height.0 + 2 < epoch * network.genesis.chain.epoch_length {
        network.block(&[]);
    }
}

/// Signer 0 gives its word that it leaves the first roster, in the next block.
fn leave(network: &mut Network) {
    let word = leave_roster(&network.genesis, 0, 1);
    assert!(network.block(&[(holder(0), word)]).outcomes()[0].is_ok());
}

fn rejected(facts: &[runtime::Fact], id: ProposalId) -> Option<(Shortfall, DepositEnd)> {
    facts.iter().find_map(|fact| match &fact.outcome {
        Ok(Event::Governance(governance::Event::Rejected { proposal_id, shortfall, deposit, .. })) => {
            (*proposal_id == id).then_some((*shortfall, *deposit))
        }
        _ => None,
    })
}

fn signers_of(network: &Network, hash: BuildHash) -> Vec<PublicKey> {
    let release = releases::queries::release(&network.state(), &hash).unwrap();
    release.signatures.iter().map(|attestation| attestation.signer).collect()
}

#[test]
fn h17_t24_a_rotation_voids_what_is_open_and_what_passed_is_carried_out() {
    let mut network = Network::new(genesis());
    let call = rotate(&network, &[1, 2, 3], 2, &[1, 2]);
    let rotation = put_by(&mut network, 2, call, 3);
    // Of each, voting ends before the rotation is carried out, or after.
    let (passing, open) = (BuildHash([2; 32]), BuildHash([3; 32]));
    let release =
        |network: &Network, hash, until| propose_until(approve_signed(&network.genesis, hash, &[0, 1]), until, 2);
    let calls = [release(&network, passing, 1), release(&network, open, 3)];
    let [passing_id, open_id] = calls.map(|call| put(&mut network, call, 3));
    let facts = network.until(3);
    assert_eq!(status(&network, rotation), Status::Activated);
    assert_eq!([passing_id, open_id].map(|id| status(&network, id)), [Status::Activated, Status::Rejected]);
    let signed = [0, 1].map(|index| signer(index).public());
    assert_eq!(signers_of(&network, passing), signed, "also by the key that is gone");
    let account = validator(3).account();
    let deposit = DepositEnd::Returned(governance::Deposit { account, amount: Amount(1_000) });
    assert_eq!(rejected(&facts, open_id), Some((Shortfall::Signers, deposit)), "it was made for others");
    assert_eq!(verdict_now(&network.state(), &open, network.epoch()), Verdict::NotApproved);
    let replaced = release(&network, open, 4);
    let changed = releases::Error::RosterChanged { current: 2 };
    let outcomes = network.block(&[(validator(0), replaced)]).outcomes();
    assert_eq!(outcomes, [Err(changed.into())], "nor can it be proposed again as it was");
}

#[test]
fn h17_t11_the_last_block_before_the_activation_is_too_late_to_leave() {
    let mut network = Network::new(genesis());
    let call = propose(&network.genesis, NEW, 2);
    let id = put(&mut network, call, 3);
    last_before(&mut network, 2);
    assert_eq!(status(&network, id), Status::Passed);
    leave(&mut network);
    assert_eq!(network.ledger.head().at.height.0 + 1, 20, "the next block carries it out");
    network.until(2);
    assert_eq!(status(&network, id), Status::Activated);
    assert_eq!(verdict_now(&network.state(), &NEW, network.epoch()), Verdict::Approved);
    assert_eq!(signers_of(&network, NEW), [0, 1].map(|index| signer(index).public()));
    let next = approve_signed(&network.genesis, BuildHash([2; 32]), &[0, 1]);
    let refused = network.block(&[(validator(3), propose_until(next, 3, 1))]).outcomes();
    let missing = releases::Error::QuorumMissing { have: 1, need: 2 };
    assert_eq!(refused, [Err(missing.into())], "it signs nothing new");
}

#[test]
fn h17_t24_a_key_that_leaves_is_not_counted_in_an_open_vote() {
    let mut network = Network::new(genesis());
    let (short, spare) = (BuildHash([2; 32]), BuildHash([3; 32]));
    let release = |network: &Network, hash, by: &[u8]| propose_until(approve_signed(&network.genesis, hash, by), 1, 1);
    let calls = [release(&network, short, &[0, 1]), release(&network, spare, &[0, 1, 2])];
    let [short_id, spare_id] = calls.map(|call| put(&mut network, call, 3));
    last_before(&mut network, 1);
    leave(&mut network);
    let facts = network.until(1);
    assert_eq!([short_id, spare_id].map(|id| status(&network, id)), [Status::Rejected, Status::Passed]);
    let account = validator(3).account();
    let deposit = DepositEnd::Returned(governance::Deposit { account, amount: Amount(1_000) });
    assert_eq!(rejected(&facts, short_id), Some((Shortfall::Signatures, deposit)));
    network.until(2);
    assert_eq!(status(&network, spare_id), Status::Activated);
    assert_eq!(signers_of(&network, spare), [1, 2].map(|index| signer(index).public()), "those that counted");
}

#[test]
fn h17_t24_an_open_rotation_outlives_a_departure_while_the_others_approve_it() {
    for (approving, end) in [(vec![0, 1, 2], Status::Activated), (vec![0, 2], Status::Rejected)] {
        let mut network = Network::new(genesis());
        let change = set_roster(&network.genesis, roster(2, &[0, 1, 2, 3], 2), &approving);
        let id = put(&mut network, propose_until(change, 2, 1), 3);
        leave(&mut network);
        let facts = network.until(4);
        assert_eq!(status(&network, id), end, "{approving:?}");
        let record = releases::queries::roster_record(&network.state());
        let signing = record.signing(network.epoch());
        let keys = |indices: &[u8]| indices.iter().map(|index| signer(*index).public()).collect::<Vec<_>>();
        if end == Status::Activated {
            assert_eq!((record.roster.version, signing.into_inner()), (2, keys(&[1, 2, 3])), "its word still counts");
        } else {
            assert_eq!(rejected(&facts, id).map(|(shortfall, _)| shortfall), Some(Shortfall::Signatures));
            assert_eq!((record.roster.version, signing.into_inner()), (1, keys(&[1, 2])));
        }
    }
}

#[test]
fn a_stranger_may_carry_the_word_of_a_key_that_leaves() {
    let mut network = Network::new(genesis());
    let done = network.block(&[(holder(0), leave_roster(&network.genesis, 1, 1))]);
    let departure = releases::Departure { signer: signer(1).public(), from_epoch: Epoch(1) };
    let left = Event::Releases(releases::Event::SignerLeft { version: 1, departure });
    assert_eq!(done.outcomes(), [Ok(left)]);
    let signing = |epoch| releases::queries::roster_record(&network.state()).signing(Epoch(epoch));
    assert_eq!(signing(0), roster(1, &[0, 1, 2], 2).signers);
    assert_eq!(signing(1), roster(1, &[0, 2], 2).signers);
}
