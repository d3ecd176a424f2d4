//! How what is said about a release is signed and corrected (H9), in real blocks.

use crate::lifetime::{put, status};
use crate::network::*;
use governance::Choice::Yes;
use governance::Status;
use primitives::{BuildHash, Digest, Epoch, ProposalId, Text};
use releases::{FirstManifest, Manifest, ReleaseVote};
use runtime::testing::{genesis, held_by, validator};
use runtime::{Cause, Payload};

const FIRST: BuildHash = BuildHash([0xaa; 32]);
const NEW: BuildHash = BuildHash([1; 32]);

fn said(source_hash: u8) -> Manifest {
    let (version, size) = (Text::new("1.4.0"), Some(60_000_000));
    Manifest { version, size, source_hash: Some(Digest([source_hash; 32])), ..Manifest::default() }
}

/// What the signers signed.
fn genuine(network: &Network) -> ReleaseVote {
    described(&network.genesis, release_vote(&network.genesis, NEW, 2), said(2), &[0, 1])
}

/// Three validators vote for a proposal that asks for `NEW`, and two say that they hold that.
fn agree(network: &mut Network, voters: [u8; 3], id: u64) {
    let ballots = voters.map(|index| (validator(index), vote(id, Yes, None)));
    let outcomes = network.block(&[&ballots[..], &held_by(2, &[NEW])[..]].concat()).outcomes();
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
}

fn release(network: &Network) -> releases::ApprovedRelease {
    releases::queries::release(&network.state(), &NEW).unwrap()
}

#[test]
fn h09_t04_signatures_copied_out_of_the_pool_carry_no_other_description() {
    let mut network = Network::new(genesis());
    let genuine = genuine(&network);
    let copied = ReleaseVote {
        manifest: Manifest { signed_root: genuine.manifest.signed_root.clone(), ..said(0x66) },
        ..genuine.clone()
    };
    // The thief pays more and is in the block before it.
    let payload = network.payload(validator(2).account(), 0, runtime::testing::propose(copied.clone()));
    let dearer = Payload { fee: primitives::Amount(payload.fee.0 + 500), ..payload }.sign(&validator(2));
    let own = network.payload(validator(3).account(), 0, runtime::testing::propose(genuine.clone()));
    let own = own.sign(&validator(3));
    let outcomes = network.include(vec![dearer, own]).outcomes();
    let mixed = releases::Error::ManifestMixed {
        build_hash: NEW,
        signed: genuine.manifest_root(),
        found: copied.manifest_root(),
    };
    assert_eq!(outcomes[0], Err(mixed.into()));
    assert!(outcomes[1].is_ok(), "the genuine proposal is not disturbed: {outcomes:?}");
    agree(&mut network, [0, 1, 2], 1);
    network.until(2);
    assert_eq!(release(&network).manifest.source_hash, Some(Digest([2; 32])));
}

#[test]
fn h09_a_bare_copy_lives_beside_the_genuine_proposal_which_activates() {
    let mut network = Network::new(genesis());
    let bare = runtime::testing::propose(release_vote(&network.genesis, NEW, 2));
    let genuine = runtime::testing::propose(genuine(&network));
    let outcomes = network.block(&[(validator(2), bare), (validator(3), genuine)]).outcomes();
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    agree(&mut network, [0, 1, 3], 2);
    network.until(2);
    let statuses = [1, 2].map(|id| status(&network, ProposalId(id)));
    assert_eq!(statuses, [Status::Rejected, Status::Activated]);
    assert_eq!(release(&network).manifest.source_hash, Some(Digest([2; 32])));
}

#[test]
fn h09_a_bare_copy_that_is_carried_out_first_burns_nothing_that_was_said() {
    let mut network = Network::new(genesis());
    let genuine = genuine(&network);
    let bare = runtime::testing::propose(release_vote(&network.genesis, NEW, 2));
    network.block(&[(validator(2), bare), (validator(3), runtime::testing::propose(genuine.clone()))]);
    let both = |index| [1, 2].map(|id| (validator(index), vote(id, Yes, None)));
    network.block(&[0, 1, 3].map(both).concat());
    network.block(&held_by(2, &[NEW]));
    let facts = network.until(2);
    let late = facts.iter().find(|fact| fact.cause == Cause::Proposal(ProposalId(2))).unwrap();
    assert_eq!(late.outcome, Err(releases::Error::HashTaken(NEW).into()));
    assert_eq!(release(&network).manifest, Manifest::default());

    // What the signers signed is good for the amendment, as it is.
    let manifest = Box::new(genuine.manifest.clone());
    let amend = runtime::Motion::Releases(releases::Motion::Amend { build_hash: NEW, manifest });
    let id = put(&mut network, propose_on(governance::TrackName::Routine, amend), 3);
    network.until(4);
    assert_eq!(status(&network, id), Status::Activated);
    assert_eq!(release(&network).manifest, genuine.manifest);
}

#[test]
fn h09_a_copy_for_another_platform_takes_no_build_out_of_its_place_and_burns_no_hash() {
    const ARM: BuildHash = BuildHash([0xab; 32]);
    let arm: releases::Platform = "aarch64-linux".parse().unwrap();
    let mut genesis = genesis();
    let target = releases::Target { build_hash: ARM, platform: arm.clone(), ..genesis.releases.approved[0].clone() };
    genesis.releases.approved.push(target);
    let mut network = Network::new(genesis);
    let genuine = release_vote(&network.genesis, NEW, 2);
    let copied = ReleaseVote { platform: arm.clone(), ..genuine.clone() };
    let asked = [(validator(2), copied), (validator(3), genuine)];
    let outcomes = network.block(&asked.map(|(who, vote)| (who, runtime::testing::propose(vote)))).outcomes();
    let bad = releases::Error::BadSignatureFor { signer: signer(0).public(), build_hash: NEW, platform: arm.clone() };
    assert_eq!(outcomes[0], Err(bad.into()));
    agree(&mut network, [0, 1, 2], 1);
    network.until(2);
    assert_eq!(releases::queries::active(&network.state()), [ARM, NEW], "each in the place it was signed for");

    // And the other way round: what was signed for that platform names it.
    let theirs = release_vote_for(&network.genesis, BuildHash([2; 32]), arm, 2);
    let copied = ReleaseVote { platform: platform(), ..theirs.clone() };
    let asked = [(validator(2), copied), (validator(3), theirs)];
    let outcomes = network.block(&asked.map(|(who, vote)| (who, runtime::testing::propose(vote)))).outcomes();
    assert!(outcomes[0].is_err() && outcomes[1].is_ok(), "{outcomes:?}");
}

#[test]
fn h09_an_amendment_mends_a_wrong_source_hash_by_a_routine_vote() {
    let mut network = Network::new(genesis());
    let call = runtime::testing::propose(genuine(&network));
    put(&mut network, call, 3);
    network.until(2);
    let before = release(&network);
    assert_eq!(before.standing, releases::Standing::Active);

    let alone = amend(&network.genesis, &before, said(0x11), &[0]);
    let refused = network.block(&[(validator(3), propose_on(governance::TrackName::Routine, alone))]).outcomes();
    let missing = releases::Error::ManifestQuorumMissing { build_hash: NEW, have: 1, need: 2 };
    assert_eq!(refused, [Err(missing.into())]);
    let motion = amend(&network.genesis, &before, said(0x11), &[1, 2]);
    let id = put(&mut network, propose_on(governance::TrackName::Routine, motion), 3);
    let facts = network.until(4);
    assert!(facts.iter().any(|fact| fact.cause == Cause::Proposal(id) && fact.outcome.is_ok()));
    let after = release(&network);
    assert_eq!(after.manifest.source_hash, Some(Digest([0x11; 32])));
    assert_eq!(
        (after.build_hash, after.sequence, &after.standing, &after.signatures),
        (before.build_hash, before.sequence, &before.standing, &before.signatures)
    );
    assert_eq!(after.amended.map(|amended| (amended.proposal_id, amended.at.epoch)), Some((id, Epoch(4))));
    let first = releases::queries::release(&network.state(), &FIRST).unwrap();
    assert_eq!(first.standing, releases::Standing::Superseded { by: NEW, end_of_support_epoch: None });
}

/// Genesis is what all agree on, so what it says of its builds is on record from the first block on, and nobody signs it.
#[test]
fn what_genesis_says_of_a_build_is_on_record_until_an_amendment_says_otherwise() {
    let mut genesis = genesis();
    let manifest = Manifest { sbom_hash: Some(Digest([3; 32])), size: None, ..said(8) };
    genesis.releases.manifests = vec![FirstManifest { build_hash: FIRST, manifest: manifest.clone() }];
    let mut network = Network::new(genesis);
    let first = releases::queries::release(&network.state(), &FIRST).unwrap();
    assert_eq!((&first.manifest, first.signatures.len(), first.proposal_id), (&manifest, 0, None));
    let motion = amend(&network.genesis, &first, said(9), &[0, 2]);
    put(&mut network, propose_on(governance::TrackName::Routine, motion), 3);
    network.until(2);
    let after = releases::queries::release(&network.state(), &FIRST).unwrap();
    assert_eq!((after.manifest.source_hash, after.manifest.sbom_hash), (Some(Digest([9; 32])), None));
}

#[test]
fn h09_what_is_said_about_a_build_of_genesis_is_amended_too() {
    let mut network = Network::new(genesis());
    let first = releases::queries::release(&network.state(), &FIRST).unwrap();
    let motion = amend(&network.genesis, &first, said(9), &[0, 2]);
    put(&mut network, propose_on(governance::TrackName::Routine, motion), 3);
    network.until(2);
    let after = releases::queries::release(&network.state(), &FIRST).unwrap();
    assert_eq!((after.manifest.source_hash, after.signature_threshold), (Some(Digest([9; 32])), 0));
    assert_eq!(after.manifest_quorum(), (&network.genesis.releases.roster.signers[..], 2));
}
