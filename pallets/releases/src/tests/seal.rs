//! Stories of sealed proposals (T17). Ann's proposal for `NEW` has the number 9.

use super::live::{close, put};
use super::*;
use crate::queries::manifest_of;

const SALT: Digest = Digest([0x5a; 32]);

fn secret() -> Manifest {
    said(Manifest {
        version: Text::new("1.4.1"),
        notes: Text::new("closes the hole in the handshake"),
        ..Manifest::default()
    })
}

/// The same signed, by as many as are needed.
fn said(manifest: Manifest) -> Manifest {
    signed(manifest, NEW, &[0, 1])
}

/// What Ann proposes.
fn sealed(manifest: &Manifest) -> ReleaseVote {
    with(|vote| vote.sealed = Some(manifest.seal(&ANN, &NEW, &SALT)))
}

fn reveal(proposer: AccountId, manifest: &Manifest, salt: Digest) -> Call {
    Call::Reveal { build_hash: NEW, proposer, manifest: Box::new(manifest.clone()), salt }
}

fn enact_as(state: &State, id: u64, vote: &ReleaseVote) -> Result<Event, Error> {
    Motion::Approve(Box::new(vote.clone())).enact(state, at(5), &mandate(id))
}

#[test]
fn t17_a_sealed_proposal_says_nothing_until_it_is_revealed_and_is_then_carried_out() {
    let memory = Memory::default();
    let mut state = decided(&memory);
    let vote = sealed(&secret());
    assert_eq!(admit(&state, vote.clone()), Ok(()));
    put(&mut state, 9, ANN, &vote);
    assert_eq!(manifest_of(&state, ProposalId(9), &vote), None);
    reveal(ANN, &secret(), SALT).decide(&state, at(3), BEN).unwrap().apply(&mut state, at(0));
    assert_eq!(manifest_of(&state, ProposalId(9), &vote), Some(secret()));
    hold(&mut state, 4, BEN, NEW).unwrap();
    enact(&mut state, 5, vote).unwrap();
    assert_eq!(approved(&state, NEW).manifest, secret().brief());
}

#[test]
fn t17_what_does_not_match_the_seal_is_refused() {
    let memory = Memory::default();
    let mut state = world(&memory);
    put(&mut state, 9, ANN, &sealed(&secret()));
    let decide = |state: &State, call: Call| call.decide(state, at(3), ANN);
    let other = Manifest { version: Text::new("1.4.2"), ..secret() };
    assert_eq!(decide(&state, reveal(ANN, &other, SALT)), Err(Error::SealBroken(NEW)));
    assert_eq!(decide(&state, reveal(ANN, &secret(), Digest([0x5b; 32]))), Err(Error::SealBroken(NEW)));
    let elsewhere = Call::Reveal { build_hash: NEWER, proposer: ANN, manifest: Box::new(secret()), salt: SALT };
    assert_eq!(decide(&state, elsewhere.clone()), Err(Error::NothingSealed(NEWER)));
    let moved = ReleaseVote { sealed: sealed(&secret()).sealed, ..vote(NEWER, &[0, 1]) };
    put(&mut state, 10, ANN, &moved);
    assert_eq!(decide(&state, elsewhere), Err(Error::SealBroken(NEWER)), "the seal of another build");
    decide(&state, reveal(ANN, &secret(), SALT)).unwrap().apply(&mut state, at(0));
    assert_eq!(decide(&state, reveal(ANN, &secret(), SALT)), Err(Error::AlreadyRevealed(NEW)));
    assert_eq!(enact_as(&state, 10, &moved), Err(Error::StillSealed(NEWER)));
}

#[test]
fn h03_c_t17_a_copied_seal_reveals_nothing_and_keeps_nobody_out() {
    let memory = Memory::default();
    let mut state = decided(&memory);
    let vote = sealed(&secret());
    assert_eq!(admit(&state, vote.clone()), Ok(()));
    // Ben has seen the proposal before it was in a block, and is first.
    put(&mut state, 8, BEN, &vote);
    assert_eq!(admit(&state, vote.clone()), Ok(()), "although there is one for the same build under the same seal");
    put(&mut state, 9, ANN, &vote);
    let by_ben = reveal(BEN, &secret(), SALT);
    assert_eq!(by_ben.decide(&state, at(3), BEN), Err(Error::SealBroken(NEW)), "who knew all that Ann knows");
    let revealed = reveal(ANN, &secret(), SALT).decide(&state, at(3), BEN).unwrap();
    assert!(matches!(revealed, Event::Revealed { proposal_id: ProposalId(9), .. }), "{revealed:?}");
    revealed.apply(&mut state, at(0));
    assert_eq!(by_ben.decide(&state, at(3), BEN), Err(Error::SealBroken(NEW)), "now that everybody does");
    assert_eq!([8, 9].map(|id| manifest_of(&state, ProposalId(id), &vote)), [None, Some(secret())]);
    assert_eq!(enact_as(&state, 8, &vote), Err(Error::StillSealed(NEW)));
    hold(&mut state, 4, CLO, NEW).unwrap();
    hold(&mut state, 4, BEN, NEW).unwrap();
    enact(&mut state, 5, vote.clone()).unwrap();
    assert_eq!(approved(&state, NEW).manifest, secret().brief());
}

#[test]
fn h03_c_t17_a_seal_is_never_found_as_anything_else() {
    let memory = Memory::default();
    let mut state = world(&memory);
    // It looks like the hash of another build, or like the key under which that build is found.
    use parity_scale_codec::Encode;
    let key = Digest::blake3(&("the-block/index/v1", "release/approval", NEWER).encode());
    for (id, seal) in [(1, Digest(NEWER.0)), (2, key)] {
        put(&mut state, id, BEN, &with(|vote| vote.sealed = Some(seal)));
    }
    let found = |hash| crate::queries::proposals_of(&state, &hash).map(|id| id.0).collect::<Vec<_>>();
    assert_eq!(found(NEW), [1, 2]);
    assert!(found(NEWER).is_empty());
    assert_eq!(admit(&state, vote(NEWER, &[0, 1])), Ok(()));
}

#[test]
fn the_same_seal_in_two_proposals_of_one_account_opens_each_on_its_own() {
    let memory = Memory::default();
    let mut state = world(&memory);
    let vote = sealed(&secret());
    [8, 9].into_iter().for_each(|id| put(&mut state, id, ANN, &vote));
    for id in [8, 9] {
        let event = reveal(ANN, &secret(), SALT).decide(&state, at(3), ANN).unwrap();
        assert!(matches!(event, Event::Revealed { proposal_id, .. } if proposal_id == ProposalId(id)), "{event:?}");
        event.apply(&mut state, at(0));
    }
    assert_eq!(reveal(ANN, &secret(), SALT).decide(&state, at(3), ANN), Err(Error::AlreadyRevealed(NEW)));
}

#[test]
fn t17_a_proposal_that_was_not_revealed_in_time_is_not_carried_out() {
    let memory = Memory::default();
    let mut state = world(&memory);
    let vote = sealed(&secret());
    put(&mut state, 9, ANN, &vote);
    assert_eq!(enact(&mut state, 5, vote), Err(Error::StillSealed(NEW)));
    assert_eq!(verdict_now(&state, &NEW, Epoch(9)), Verdict::NotApproved);
}

/// What is due may wait for the block that carries it out, and a reveal could come before it.
#[test]
fn h04_t17_from_its_activation_epoch_on_nothing_is_revealed_in_whatever_block_it_is_carried_out() {
    let memory = Memory::default();
    let mut state = decided(&memory);
    let vote = sealed(&secret());
    put(&mut state, 9, ANN, &vote);
    let reveal_in = |state: &State, epoch: u64| reveal(ANN, &secret(), SALT).decide(state, at(epoch), BEN);
    for late in [6, 7] {
        assert_eq!(reveal_in(&state, late), Err(Error::RevealedTooLate(NEW)));
    }
    assert_eq!(enact_as(&state, 9, &vote), Err(Error::StillSealed(NEW)));
    let in_time = reveal_in(&state, 5).unwrap();
    assert!(matches!(in_time, Event::Revealed { proposal_id: ProposalId(9), .. }), "{in_time:?}");
    in_time.apply(&mut state, at(5));
    assert_eq!(reveal_in(&state, 7), Err(Error::AlreadyRevealed(NEW)), "which is known already");
}

#[test]
fn a_sealed_proposal_that_describes_the_release_as_well_is_refused() {
    let memory = Memory::default();
    let state = world(&memory);
    let both = ReleaseVote { manifest: secret(), ..sealed(&secret()) };
    assert_eq!(admit(&state, both), Err(Error::SealedAndOpen(NEW)));
}

#[test]
fn what_was_sealed_keeps_the_rules_of_open_manifests() {
    let memory = Memory::default();
    let mut state = world(&memory);
    let other = |hash, signatures| {
        let other_targets = List::truncate_from(vec![AttestedTarget { target: target(hash), signatures }]);
        said(Manifest { other_targets, ..secret() })
    };
    let spoiled = [
        (other(NEW, attested(&[0, 1], NEW)), Error::DuplicateTarget(NEW)),
        (other(FIRST, attested(&[0, 1], FIRST)), Error::HashTaken(FIRST)),
        (other(NEWER, attested(&[0, 1], NEW)), Error::BadSignature { signer: key(0).public(), build_hash: NEWER }),
        (other(NEWER, attested(&[1], NEWER)), Error::QuorumMissing { have: 1, need: 2 }),
        (
            Manifest { end_of_support_epoch: Some(Epoch(4)), ..secret() },
            Error::SupportEndsTooSoon { end: Epoch(4), soonest: Epoch(5) },
        ),
    ];
    for (id, (manifest, error)) in (1..).zip(spoiled) {
        put(&mut state, id, ANN, &sealed(&manifest));
        assert_eq!(reveal(ANN, &manifest, SALT).decide(&state, at(3), ANN), Err(error));
    }
}

/// What is carried out only counts signatures, so none may come in that was not verified, by whomever it is.
#[test]
fn h04_every_signature_of_what_is_revealed_is_verified_also_of_strangers() {
    let memory = Memory::default();
    let mut state = decided(&memory);
    let with_later = |first: &[u8], later: ReleaseAttestation| {
        let first = first.iter().map(|index| attest(*index, NEWER));
        let signatures = List::truncate_from(first.chain([later]).collect());
        let other_targets = List::truncate_from(vec![AttestedTarget { target: target(NEWER), signatures }]);
        said(Manifest { other_targets, ..secret() })
    };
    let forged = with_later(&[0, 1], ReleaseAttestation { signer: key(3).public(), ..attest(1, NEWER) });
    put(&mut state, 8, ANN, &sealed(&forged));
    let bad = Err(Error::BadSignature { signer: key(3).public(), build_hash: NEWER });
    assert_eq!(reveal(ANN, &forged, SALT).decide(&state, at(3), ANN), bad);

    let short = with_later(&[1], attest(3, NEWER));
    close(&mut state, 8);
    put(&mut state, 9, ANN, &sealed(&short));
    let missing = Err(Error::QuorumMissing { have: 1, need: 2 });
    assert_eq!(reveal(ANN, &short, SALT).decide(&state, at(3), ANN), missing, "a stranger's counts for nothing");
    rotate(&mut state, roster_of(0..4, 2), at(4));
    let late = reveal(ANN, &short, SALT).decide(&state, at(4), ANN);
    assert_eq!(late, missing, "nor once it signs: the proposal was made for the roster before");

    let good = with_later(&[0, 1], attest(3, NEWER));
    close(&mut state, 9);
    put(&mut state, 10, ANN, &sealed(&good));
    reveal(ANN, &good, SALT).decide(&state, at(4), ANN).unwrap().apply(&mut state, at(0));
    [NEW, NEWER].into_iter().for_each(|build| drop(hold(&mut state, 4, BEN, build).unwrap()));
    enact_as(&state, 10, &sealed(&good)).unwrap().apply(&mut state, at(0));
    assert_eq!(approved(&state, NEWER).signatures, attested(&[0, 1], NEWER), "and is not kept");
}

/// Anybody may seal a build that signers have signed together with others that they have not.
#[test]
fn h28_t10_nobody_looks_for_builds_that_signers_did_not_sign() {
    let memory = Memory::default();
    let mut state = decided(&memory);
    let asked_for = |state: &State, id: u64, vote: &ReleaseVote| {
        let targets = crate::queries::asked_for(state, ProposalId(id), at(3), vote);
        targets.iter().map(|target| target.build_hash).collect::<Vec<_>>()
    };
    let with_others = |signatures| {
        let other_targets = List::truncate_from(vec![AttestedTarget { target: target(NEWER), signatures }]);
        Manifest { other_targets, ..Manifest::default() }
    };
    let unsigned = |manifest: Manifest| {
        let root = manifest.root(NEW, &platform());
        Manifest { signed_root: Some(SignedRoot { root, signatures: List::default() }), ..manifest }
    };
    let said = |have| Error::ManifestQuorumMissing { build_hash: NEW, have, need: 2 };
    let short = |have| Error::QuorumMissing { have, need: 2 };
    let refused = [
        (unsigned(with_others(List::default())), said(0)),
        (unsigned(with_others(attested(&[0, 1], NEWER))), said(0)),
        (signed(with_others(List::default()), NEW, &[1]), said(1)),
        (signed(with_others(List::default()), NEW, &[0, 1]), short(0)),
        (signed(with_others(attested(&[1, 3], NEWER)), NEW, &[0, 1]), short(1)),
    ];
    for (id, (manifest, error)) in (1..).zip(refused) {
        put(&mut state, id, BEN, &with(|vote| vote.sealed = Some(manifest.seal(&BEN, &NEW, &SALT))));
        assert_eq!(reveal(BEN, &manifest, SALT).decide(&state, at(3), BEN), Err(error));
        assert_eq!(crate::queries::proposals_of(&state, &NEWER).count(), 0);
    }

    // The signatures of all that is said may be of another release, which only the vote tells.
    let lent = signed(Manifest::default(), NEW, &[0, 1]).signed_root;
    let mixed = Manifest { signed_root: lent, ..with_others(attested(&[0, 1], NEWER)) };
    let good = signed(with_others(attested(&[0, 1], NEWER)), NEW, &[0, 1]);
    for (id, manifest, expected) in [(9, mixed, vec![]), (10, good, vec![NEW, NEWER])] {
        let vote = sealed(&manifest);
        put(&mut state, id, ANN, &vote);
        assert!(asked_for(&state, id, &vote).is_empty(), "it is sealed");
        reveal(ANN, &manifest, SALT).decide(&state, at(3), BEN).unwrap().apply(&mut state, at(3));
        assert_eq!(asked_for(&state, id, &vote), expected);
    }

    // What loses its signatures while it is voted on is looked for no more.
    let open = vote(NEW, &[0, 1]);
    put(&mut state, 11, ANN, &open);
    assert_eq!(asked_for(&state, 11, &open), [NEW]);
    leave(&mut state, 0, 3);
    assert!(asked_for(&state, 11, &open).is_empty());
}

#[test]
fn a_seal_is_of_one_salt_one_build_and_one_proposer() {
    let guess = Manifest::default();
    let seal = guess.seal(&ANN, &NEW, &SALT);
    assert_ne!(seal, guess.seal(&ANN, &NEW, &Digest([0; 32])), "the salt hides what could be guessed");
    assert_ne!(seal, guess.seal(&BEN, &NEW, &SALT));
    assert_ne!(seal, guess.seal(&ANN, &NEWER, &SALT));
    assert_ne!(seal, secret().seal(&ANN, &NEW, &SALT));
}
