//! Stories of what is said about a release (T4, T14). An amendment is proposed in epoch 1, and passes at the start of epoch 2.

use super::lifetime::on_arm;
use super::live::put;
use super::*;
use crate::manifest::tests::{documented, example};
use crate::{Amended, Components, manifest_message};

const THIRD: BuildHash = BuildHash([3; 32]);

/// Everything that can be said, with another build.
fn whole() -> Manifest {
    let other = AttestedTarget { target: target(NEWER), signatures: attested(&[0, 1], NEWER) };
    Manifest { other_targets: List::truncate_from(vec![other]), ..example() }
}

/// A release of which everything is said, signed by two keys.
fn described() -> ReleaseVote {
    ReleaseVote { manifest: signed(whole(), NEW, &[0, 1]), ..vote(NEW, &[0, 1]) }
}

fn mixed(vote: &ReleaseVote) -> Error {
    let signed = vote.manifest.signed_root.as_ref().unwrap().root;
    Error::ManifestMixed { build_hash: NEW, signed, found: vote.manifest_root() }
}

#[test]
fn h09_t04_copied_signatures_do_not_carry_over_to_another_manifest() {
    let memory = Memory::default();
    let state = world(&memory);
    assert_eq!(admit(&state, described()), Ok(()));
    type Change = fn(&mut ReleaseVote);
    let changes: [Change; 13] = [
        |vote| vote.manifest.source_hash = Some(Digest([9; 32])),
        |vote| vote.manifest.source_hash = None,
        |vote| vote.manifest.size = Some(60_000_001),
        |vote| vote.manifest.sha256 = None,
        |vote| vote.manifest.end_of_support_epoch = None,
        |vote| vote.manifest.severity = crate::Severity::Critical,
        |vote| vote.manifest.level = None,
        |vote| vote.manifest.sbom_hash = vote.manifest.provenance_hash,
        |vote| vote.manifest.components = Components { runtime: Text::new("rocksdb"), ..Components::default() },
        |vote| vote.manifest.notes = Text::new("Update at http://updates.example now."),
        |vote| vote.manifest.other_targets = List::default(),
        |vote| vote.manifest.other_targets.as_mut()[0].target.size = Some(1),
        |vote| vote.manifest.other_targets.as_mut()[0].target.sha256 = vote.manifest.sha256,
    ];
    for (index, change) in changes.into_iter().enumerate() {
        let mut copied = described();
        change(&mut copied);
        assert_eq!(admit(&state, copied.clone()), Err(mixed(&copied)), "change {index}");
        // The proposer says what root it has; nobody signed that one.
        let root = copied.manifest_root();
        copied.manifest.signed_root.as_mut().unwrap().root = root;
        let bad = Error::BadManifestSignature { signer: key(0).public(), build_hash: NEW };
        assert_eq!(admit(&state, copied), Err(bad), "change {index}");
    }
}

#[test]
fn h09_what_is_said_needs_as_many_signatures_as_the_build() {
    let memory = Memory::default();
    let state = world(&memory);
    let with = |signed_root| {
        let manifest = Manifest { signed_root, ..whole() };
        admit(&state, ReleaseVote { manifest, ..vote(NEW, &[0, 1, 2]) })
    };
    let missing = |have| Err(Error::ManifestQuorumMissing { build_hash: NEW, have, need: 2 });
    assert_eq!(with(None), missing(0), "the signatures over the hash alone");
    let by = |keys: &[u8]| signed(whole(), NEW, keys).signed_root;
    assert_eq!(with(by(&[])), missing(0));
    assert_eq!(with(by(&[2])), missing(1));
    assert_eq!(with(by(&[0, 2])), Ok(()), "also others than signed the build");
    assert_eq!(with(by(&[0, 0])), Err(Error::DuplicateSigner(key(0).public())));
    assert_eq!(with(by(&[0, 1, 9])), Err(Error::UnknownSigner(key(9).public())));
    assert_eq!(admit(&state, vote(NEW, &[0, 1])), Ok(()), "hash and platform alone need none");
}

#[test]
fn h09_t14_signatures_of_another_network_or_for_another_purpose_count_for_nobody() {
    let memory = Memory::default();
    let state = world(&memory);
    let root = whole().root(NEW, &platform());
    let with = |message: &[u8]| {
        let signed_root = Some(SignedRoot { root, signatures: signatures(&[0, 1], message) });
        admit(&state, ReleaseVote { manifest: Manifest { signed_root, ..whole() }, ..vote(NEW, &[0, 1]) })
    };
    assert_eq!(with(&domain().manifest_message(&root)), Ok(()));
    let bad = Err(Error::BadManifestSignature { signer: key(0).public(), build_hash: NEW });
    assert_eq!(with(&manifest_message(&Text::new("the-block-testnet").unwrap(), &root)), bad, "another network");
    assert_eq!(with(&NEW.attestation_message()), bad, "the attestation of the build");
    assert_eq!(with(&BuildHash(root.0).attestation_message()), bad, "the attestation of a build of that hash");
    assert_eq!(with(root.as_bytes()), bad, "the root alone");
    let next = Roster { version: 2, ..roster_of(0..3, 1) };
    assert_eq!(with(&next.approval_message(&domain().chain_id)), bad, "the approval of a roster");
    assert_eq!(with(&leave_message(&domain().chain_id, key(0).public(), 1)), bad, "the word with which a key leaves");

    let over_root = signatures(&[0, 1], &domain().manifest_message(&vote(NEW, &[]).manifest_root()));
    let bad = Err(Error::BadSignature { signer: key(0).public(), build_hash: NEW });
    let other_way = ReleaseVote { signatures: over_root, ..vote(NEW, &[]) };
    assert_eq!(admit(&state, other_way), bad, "and the other way round");
}

#[test]
fn h09_a_signature_that_names_no_platform_is_about_no_other_than_the_first() {
    let memory = Memory::default();
    let mut state = world(&memory);
    let arm: Platform = "aarch64-linux".parse().unwrap();
    // A copy of what was signed, for machines that nobody signed it for.
    let copied = ReleaseVote { platform: arm.clone(), ..vote(NEW, &[0, 1]) };
    let bad = Error::BadSignatureFor { signer: key(0).public(), build_hash: NEW, platform: arm.clone() };
    assert!(bad.to_string().contains(&format!("\"release:{NEW}:aarch64-linux\"")), "{bad}");
    assert_eq!(admit(&state, copied), Err(bad));
    // Nor the other way round, although a build for those machines was signed.
    let genuine = on_arm(NEWER);
    assert_eq!(admit(&state, genuine.clone()), Ok(()));
    let copied = ReleaseVote { platform: platform(), ..genuine.clone() };
    assert_eq!(admit(&state, copied), Err(Error::BadSignature { signer: key(0).public(), build_hash: NEWER }));
    enact(&mut state, 3, genuine).unwrap();
    assert_eq!(ACTIVE.get(&state), Some(vec![FIRST, NEWER]), "it takes nobody's place");

    // Further builds are no way round it.
    let other = |signatures| {
        let target = Target { platform: arm.clone(), ..target(THIRD) };
        let other_targets = List::truncate_from(vec![AttestedTarget { target, signatures }]);
        admit(&state, with(|vote| vote.manifest.other_targets = other_targets))
    };
    let bad = Error::BadSignatureFor { signer: key(0).public(), build_hash: THIRD, platform: arm.clone() };
    assert_eq!(other(attested(&[0, 1], THIRD)), Err(bad));
    assert_eq!(other(attested_for(&[0, 1], THIRD, &arm)), Ok(()));
}

#[test]
fn h09_t17_what_is_sealed_is_signed_and_nobody_reveals_it_with_fewer_signatures() {
    let salt = Digest([7; 32]);
    let sealed = |manifest: &Manifest| {
        let sealed = Some(manifest.seal(&ANN, &NEW, &salt));
        ReleaseVote { sealed, ..vote(NEW, &[0, 1]) }
    };
    let reveal = |manifest: &Manifest| {
        let manifest = Box::new(manifest.clone());
        Call::Reveal { build_hash: NEW, proposer: ANN, manifest, salt }
    };
    // Whether it is refused when it is revealed already, or when it would be carried out.
    let refused = |manifest: &Manifest| {
        let memory = Memory::default();
        let mut state = decided(&memory);
        put(&mut state, 9, ANN, &sealed(manifest));
        match reveal(manifest).decide(&state, at(3), BEN) {
            Ok(event) => event.apply(&mut state, at(3)),
            Err(error) => return Some((true, error)),
        }
        hold(&mut state, 4, BEN, NEW).unwrap();
        enact(&mut state, 5, sealed(manifest)).err().map(|error| (false, error))
    };
    let secret = Manifest { version: Text::new("1.4.1"), ..Manifest::default() };
    let good = signed(secret.clone(), NEW, &[0, 1]);
    assert_eq!(refused(&good), None);
    let missing = |have| Error::ManifestQuorumMissing { build_hash: NEW, have, need: 2 };
    assert_eq!(refused(&secret), Some((true, missing(0))));
    assert_eq!(refused(&signed(secret.clone(), NEW, &[1])), Some((true, missing(1))));
    let stolen = Manifest { version: Text::new("6.6.6"), ..good.clone() };
    let opened = ReleaseVote { manifest: stolen.clone(), ..vote(NEW, &[0, 1]) };
    assert_eq!(refused(&stolen), Some((false, mixed(&opened))), "another description under the signatures of this one");

    // Whoever sees the call that reveals it, and is first with less, has nothing.
    let memory = Memory::default();
    let mut state = world(&memory);
    put(&mut state, 9, ANN, &sealed(&good));
    for less in [secret.clone(), signed(secret, NEW, &[1])] {
        assert_eq!(reveal(&less).decide(&state, at(3), BEN), Err(Error::SealBroken(NEW)));
    }
    assert!(reveal(&good).decide(&state, at(3), BEN).is_ok());
}

#[test]
fn h09_an_approved_build_proves_by_its_record_what_was_signed() {
    let memory = Memory::default();
    let mut state = world(&memory);
    enact(&mut state, 3, described()).unwrap();
    let root = whole().root(NEW, &platform());
    for hash in [NEW, NEWER] {
        let record = approved(&state, hash);
        assert_eq!((record.manifest.notes.clone(), record.manifest.other_targets.len()), (None, 0));
        assert_eq!(record.manifest_root(), Some(root), "without what is long");
        assert_eq!(record.manifest.signed_root.clone().unwrap().root, root);
        assert_eq!(record.manifest_quorum(), (&roster_of(0..3, 1).signers[..], 2));
        let elsewhere = ApprovedRelease { target: target(THIRD), ..record.clone() };
        assert_eq!(elsewhere.manifest_root(), None);
        let other = if hash == NEW { NEWER } else { NEW };
        let swapped = ApprovedRelease { target: approved(&state, other).target, ..record };
        assert_eq!(swapped.manifest_root(), None, "the other target of the release is not this one's");
    }
    // What governance decides about the end of support is beside what was signed.
    Event::SupportEnds { build_hashes: vec![NEW], epoch: Epoch(40) }.apply(&mut state, at(7));
    let record = approved(&state, NEW);
    assert_eq!((record.support_ends(), record.manifest_root()), (Some(Epoch(40)), Some(root)));
}

#[test]
fn h09_h17_a_key_that_leaves_counts_for_what_is_said_as_for_the_build() {
    for (word, have) in [(1, 1), (2, 2), (5, 2)] {
        let memory = Memory::default();
        let mut state = world(&memory);
        leave(&mut state, 0, word);
        let vote = ReleaseVote { signatures: attested(&[0, 1, 2], NEW), ..described() };
        let other = AttestedTarget { target: target(NEWER), signatures: attested(&[0, 1, 2], NEWER) };
        let manifest = Manifest { other_targets: List::truncate_from(vec![other]), ..vote.manifest.clone() };
        let vote = ReleaseVote { manifest, ..vote };
        let motion = Motion::Approve(Box::new(vote.clone()));
        let lacks = (have < 2).then_some(Shortfall::Signatures);
        assert_eq!(unsigned(&state, &motion, 2), lacks, "left in epoch {word}");
        let done = enact(&mut state, 6, vote).map(|_| ());
        let refused = Error::ManifestQuorumMissing { build_hash: NEW, have, need: 2 };
        assert_eq!(done, if have < 2 { Err(refused) } else { Ok(()) }, "left in epoch {word}");
    }
}

/// A world whose release 2 is [`described`], with a source hash that nobody gets.
fn misdescribed(memory: &Memory) -> State<'_> {
    let mut state = world(memory);
    enact(&mut state, 3, described()).unwrap();
    state
}

/// What corrects it.
fn right() -> Manifest {
    Manifest { source_hash: Some(Digest([0x11; 32])), notes: None, ..whole() }
}

fn amend(manifest: Manifest) -> Motion {
    Motion::Amend { build_hash: NEW, manifest: Box::new(manifest) }
}

fn ask(state: &State, manifest: Manifest) -> Result<(), Error> {
    amend(manifest).admit(state, at(4), Epoch(6))
}

#[test]
fn h09_an_amendment_mends_a_wrong_source_hash_and_leaves_hash_number_and_standing() {
    let memory = Memory::default();
    let mut state = misdescribed(&memory);
    let before = [NEW, NEWER].map(|hash| approved(&state, hash));
    assert_eq!(before[0].boots_from(), Some(Digest([2; 32])));
    let motion = amend(signed(right(), NEW, &[1, 2]));
    assert_eq!(motion.admit(&state, at(4), Epoch(6)), Ok(()));
    assert_eq!(motion.tracks(&state)[0], primitives::TrackName::Routine, "a routine vote is enough");
    let proposed = Mandate { proposed: at(4), passed: Epoch(5), ..mandate(11) };
    motion.enact(&state, at(6), &proposed).unwrap().apply(&mut state, at(6));
    let signer_set = roster_of(0..3, 1).signers;
    let amended = Amended { proposal_id: ProposalId(11), at: at(6).position(), signature_threshold: 2, signer_set };
    for (before, hash) in before.into_iter().zip([NEW, NEWER]) {
        let after = approved(&state, hash);
        let manifest = signed(right(), NEW, &[1, 2]).brief();
        let long_parts = right().long_parts(NEW, &platform());
        let expected = ApprovedRelease { manifest, long_parts, amended: Some(amended.clone()), ..before };
        assert_eq!(after, expected);
        assert_eq!(after.manifest_root(), Some(right().root(NEW, &platform())));
        assert_eq!(after.manifest_quorum(), (&amended.signer_set[..], 2));
        assert_eq!(after.boots_from(), None, "words stop nothing that runs");
    }
    assert_eq!(LATEST_SEQUENCE.get(&state), Some(2));
    assert_eq!(admit(&state, described()), Err(Error::HashTaken(NEW)));
}

#[test]
fn h09_an_amendment_is_about_the_builds_of_the_release_and_about_no_level_and_no_end_of_support() {
    let memory = Memory::default();
    let mut state = misdescribed(&memory);
    let differs = Err(Error::TargetsDiffer(NEW));
    let without = Manifest { other_targets: List::default(), ..right() };
    assert_eq!(ask(&state, signed(without, NEW, &[0, 1])), differs);
    let with = |change: fn(&mut Target)| {
        let mut manifest = right();
        change(&mut manifest.other_targets.as_mut()[0].target);
        ask(&state, signed(manifest, NEW, &[0, 1]))
    };
    assert_eq!(with(|target| target.build_hash = THIRD), differs, "the hash stays");
    assert_eq!(with(|target| target.build_hash = NEW), differs);
    assert_eq!(with(|target| target.platform = "aarch64-linux".parse().unwrap()), differs, "and the platform");
    assert_eq!(with(|target| target.size = Some(7)), Ok(()), "what is said of it may change");
    for end in [None, Some(Epoch(20)), Some(Epoch(900))] {
        let manifest = signed(Manifest { end_of_support_epoch: end, ..right() }, NEW, &[0, 1]);
        assert_eq!(ask(&state, manifest), Err(Error::SupportNotAmended(NEW)));
    }
    for level in [None, Some(0), Some(2)] {
        let manifest = signed(Manifest { level, ..right() }, NEW, &[0, 1]);
        assert_eq!(ask(&state, manifest), Err(Error::LevelNotAmended(NEW)), "no word makes a build know more");
    }
    let elsewhere = Motion::Amend { build_hash: THIRD, manifest: Box::new(signed(right(), THIRD, &[0, 1])) };
    assert_eq!(elsewhere.admit(&state, at(4), Epoch(6)), Err(Error::NotApproved(THIRD)));
    let by_another = Motion::Amend { build_hash: NEWER, manifest: Box::new(signed(right(), NEW, &[0, 1])) };
    assert_eq!(by_another.admit(&state, at(4), Epoch(6)), Ok(()), "whichever of its builds is named");

    // What governance decided about the end stays decided.
    Event::SupportEnds { build_hashes: vec![NEW, NEWER], epoch: Epoch(40) }.apply(&mut state, at(4));
    let motion = amend(signed(right(), NEW, &[0, 1]));
    let mandate = Mandate { proposed: at(5), ..mandate(11) };
    motion.enact(&state, at(6), &mandate).unwrap().apply(&mut state, at(6));
    assert_eq!(approved(&state, NEW).support_ends(), Some(Epoch(40)));
}

#[test]
fn h09_an_amendment_needs_signers_and_a_bare_copy_that_was_first_is_mended_by_what_they_signed() {
    let memory = Memory::default();
    let mut state = world(&memory);
    // Somebody copied the signatures over the hash, and the copy was carried out first.
    let manifest = Manifest { version: Text::new("1.4.0"), source_hash: Some(Digest([2; 32])), ..Manifest::default() };
    let genuine = signed(manifest.clone(), NEW, &[0, 1]);
    let said = ReleaseVote { manifest: genuine.clone(), ..vote(NEW, &[0, 1]) };
    assert_eq!(admit(&state, said.clone()), Ok(()));
    enact(&mut state, 3, vote(NEW, &[0, 1])).unwrap();
    assert_eq!(enact(&mut state, 3, said), Err(Error::HashTaken(NEW)));

    let missing = |have| Err(Error::ManifestQuorumMissing { build_hash: NEW, have, need: 2 });
    assert_eq!(ask(&state, manifest.clone()), missing(0));
    assert_eq!(ask(&state, Manifest::default()), missing(0), "nothing is not less to sign");
    assert_eq!(ask(&state, signed(manifest.clone(), NEW, &[0])), missing(1));
    assert_eq!(ask(&state, signed(manifest.clone(), NEW, &[0, 9])), Err(Error::UnknownSigner(key(9).public())));
    let lent = signed(manifest.clone(), NEWER, &[0, 1]);
    assert!(matches!(ask(&state, lent), Err(Error::ManifestMixed { .. })), "signed for another build");
    assert_eq!(ask(&state, genuine.clone()), Ok(()));
    let mandate = Mandate { proposed: at(4), passed: Epoch(5), ..mandate(11) };
    amend(genuine).enact(&state, at(6), &mandate).unwrap().apply(&mut state, at(6));
    assert_eq!(approved(&state, NEW).manifest.source_hash, Some(Digest([2; 32])));
}

#[test]
fn h09_of_two_amendments_that_were_voted_on_together_the_first_that_is_carried_out_holds() {
    let memory = Memory::default();
    let mut state = misdescribed(&memory);
    let motion = amend(signed(right(), NEW, &[0, 1]));
    let rival = amend(signed(Manifest { source_hash: Some(Digest([0x66; 32])), ..right() }, NEW, &[0, 1]));
    let proposed = |height| Mandate { proposed: at(height), ..mandate(11) };
    motion.enact(&state, at(6), &proposed(4)).unwrap().apply(&mut state, at(6));
    let moved = Error::ManifestMoved { build_hash: NEW, since: Epoch(6) };
    assert_eq!(rival.enact(&state, at(6), &proposed(5)).map(|_| ()), Err(moved.clone()));
    assert_eq!(rival.enact(&state, at(9), &proposed(5)).map(|_| ()), Err(moved));
    assert!(rival.enact(&state, at(9), &proposed(7)).is_ok(), "made in knowledge of the first");
}

#[test]
fn h09_h17_what_passed_is_amended_with_the_signatures_it_passed_with() {
    // Voting ends with the start of epoch 2.
    for (word, have) in [(1, 1), (2, 2), (5, 2)] {
        let memory = Memory::default();
        let mut state = misdescribed(&memory);
        leave(&mut state, 0, word);
        let motion = amend(signed(right(), NEW, &[0, 1]));
        let lacks = (have < 2).then_some(Shortfall::Signatures);
        assert_eq!(unsigned(&state, &motion, 2), lacks, "left in epoch {word}");
        let done = motion.enact(&state, at(6), &mandate(11)).map(|_| ());
        let refused = Error::ManifestQuorumMissing { build_hash: NEW, have, need: 2 };
        assert_eq!(done, if have < 2 { Err(refused) } else { Ok(()) }, "left in epoch {word}");
    }
    let memory = Memory::default();
    let mut state = misdescribed(&memory);
    rotate(&mut state, roster_of(1..4, 2), later(1));
    let motion = amend(signed(right(), NEW, &[1, 2]));
    assert_eq!(unsigned(&state, &motion, 2), Some(Shortfall::Signers), "it was made for other signers");
}

#[test]
fn h09_what_many_signers_said_no_fewer_amend() {
    let memory = Memory::default();
    let mut state = world(&memory);
    let other = AttestedTarget { target: target(NEWER), signatures: attested(&[0, 1, 2], NEWER) };
    let said = Manifest { other_targets: List::truncate_from(vec![other]), ..whole() };
    let (manifest, signatures) = (signed(said, NEW, &[0, 1, 2]), attested(&[0, 1, 2], NEW));
    enact(&mut state, 3, ReleaseVote { manifest, signatures, signature_threshold: 3, ..vote(NEW, &[]) }).unwrap();
    let missing = |have| Error::ManifestQuorumMissing { build_hash: NEW, have, need: 3 };
    assert_eq!(ask(&state, signed(right(), NEW, &[0, 1])), Err(missing(2)), "although the roster asks for two");
    assert_eq!(ask(&state, signed(right(), NEW, &[0, 1, 2])), Ok(()));

    // Of a roster of four keys that asks for two as well, some leave before voting ends with the start of epoch 7.
    rotate(&mut state, roster_of(0..4, 2), at(4));
    let motion = amend(signed(right(), NEW, &[0, 1, 2]));
    let mandate = Mandate { proposed: at(5), passed: Epoch(7), ..mandate(11) };
    let judged = |state: &State| {
        (motion.lacks(state, ProposalId(11), at(5), Epoch(7)), motion.enact(state, at(8), &mandate).map(|_| ()))
    };
    assert_eq!(judged(&state), (None, Ok(())));
    leave(&mut state, 2, 5);
    assert_eq!(judged(&state), (Some(Shortfall::Signatures), Err(missing(2))), "three others sign");
    leave(&mut state, 3, 5);
    assert_eq!(judged(&state), (None, Ok(())), "no more than two sign any release");
    motion.enact(&state, at(8), &mandate).unwrap().apply(&mut state, at(8));
    assert_eq!(approved(&state, NEW).manifest_quorum().1, 2);
}

/// The root as anybody computes it who has SHA-256 and the documentation, and not by the code under test.
#[test]
fn the_root_is_that_of_its_documented_leaves() {
    use parity_scale_codec::Encode;
    let other = Target { sha256: Some(Digest([8; 32])), ..target(NEWER) };
    let mut manifest = whole();
    manifest.other_targets.as_mut()[0].target = other.clone();
    let first = Target { sha256: Some(Digest([1; 32])), size: Some(60_000_000), ..target(NEW) };
    let long = [
        ("notes", Some(Digest::sha256(b"Repairs the stall of epoch 12."))).encode(),
        ("target", Digest::sha256(&first.encode())).encode(),
        ("target", Digest::sha256(&other.encode())).encode(),
    ];
    let leaves = documented().into_iter().chain(long);
    assert_eq!(manifest.root(NEW, &platform()), primitives::merkle_root(leaves));
}
