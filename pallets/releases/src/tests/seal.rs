//! Stories of sealed proposals (T17). The proposal for `NEW` has the number 4.

use super::*;
use crate::queries::manifest_of;

const SALT: Digest = Digest([0x5a; 32]);

fn secret() -> Manifest {
    Manifest {
        version: Text::new("1.4.1"),
        notes: Text::new("closes the hole in the handshake"),
        ..Manifest::default()
    }
}

fn sealed(manifest: &Manifest) -> ReleaseVote {
    with(|vote| vote.sealed = Some(manifest.seal(&SALT)))
}

fn reveal(manifest: &Manifest, salt: Digest) -> Call {
    Call::Reveal { build_hash: NEW, manifest: Box::new(manifest.clone()), salt }
}

/// As governance does when the vote is proposed.
fn put(state: &mut State, vote: &ReleaseVote) {
    let claims = Motion::Approve(Box::new(vote.clone())).claims();
    claims.iter().for_each(|claim| CLAIMS.set(state, claim, &ProposalId(4)));
}

#[test]
fn t17_a_sealed_proposal_says_nothing_until_it_is_revealed_and_is_then_carried_out() {
    let memory = Memory::default();
    let mut state = world(&memory);
    let vote = sealed(&secret());
    assert_eq!(admit(&state, vote.clone()), Ok(()));
    put(&mut state, &vote);
    assert_eq!(manifest_of(&state, &vote), None);
    reveal(&secret(), SALT).decide(&state, at(3), ANN).unwrap().apply(&mut state, at(0));
    assert_eq!(manifest_of(&state, &vote), Some(secret()));
    enact(&mut state, 5, vote).unwrap();
    assert_eq!(approved(&state, NEW).manifest, secret().brief());
}

#[test]
fn t17_what_does_not_match_the_seal_is_refused() {
    let memory = Memory::default();
    let mut state = world(&memory);
    put(&mut state, &sealed(&secret()));
    let decide = |state: &State, call: Call| call.decide(state, at(3), ANN);
    let other = Manifest { version: Text::new("1.4.2"), ..secret() };
    assert_eq!(decide(&state, reveal(&other, SALT)), Err(Error::SealBroken(NEW)));
    assert_eq!(decide(&state, reveal(&secret(), Digest([0x5b; 32]))), Err(Error::SealBroken(NEW)));
    let elsewhere = Call::Reveal { build_hash: NEWER, manifest: Box::new(secret()), salt: SALT };
    assert_eq!(decide(&state, elsewhere.clone()), Err(Error::NothingSealed(NEWER)));
    CLAIMS.set(&mut state, &Digest(NEWER.0), &ProposalId(5));
    assert_eq!(decide(&state, elsewhere), Err(Error::SealBroken(NEWER)), "another proposal's seal");
    decide(&state, reveal(&secret(), SALT)).unwrap().apply(&mut state, at(0));
    assert_eq!(decide(&state, reveal(&secret(), SALT)), Err(Error::AlreadyRevealed(NEW)));
}

#[test]
fn t17_a_proposal_that_was_not_revealed_in_time_is_not_carried_out() {
    let memory = Memory::default();
    let mut state = world(&memory);
    let vote = sealed(&secret());
    put(&mut state, &vote);
    assert_eq!(enact(&mut state, 5, vote), Err(Error::StillSealed(NEW)));
    assert_eq!(verdict_now(&state, &NEW, Epoch(9)), Verdict::NotApproved);
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
        Manifest { other_targets, ..secret() }
    };
    let spoiled = [
        (other(NEW, attested(&[0, 1], NEW)), Error::DuplicateTarget(NEW)),
        (other(FIRST, attested(&[0, 1], FIRST)), Error::HashTaken(FIRST)),
        (other(NEWER, attested(&[0, 1], NEW)), Error::BadSignature { signer: key(0).public(), build_hash: NEWER }),
        (
            Manifest { end_of_support_epoch: Some(Epoch(4)), ..secret() },
            Error::SupportEndsTooSoon { end: Epoch(4), soonest: Epoch(5) },
        ),
    ];
    for (manifest, error) in spoiled {
        put(&mut state, &sealed(&manifest));
        assert_eq!(reveal(&manifest, SALT).decide(&state, at(3), ANN), Err(error));
    }
    let short = other(NEWER, attested(&[1], NEWER));
    put(&mut state, &sealed(&short));
    reveal(&short, SALT).decide(&state, at(3), ANN).unwrap().apply(&mut state, at(0));
    let missing = Err(Error::QuorumMissing { have: 1, need: 2 });
    assert_eq!(enact(&mut state, 5, sealed(&short)), missing, "each target needs its own signatures");
}

/// What is carried out only counts signatures, so none may come in that was not verified, whoever may sign by then.
#[test]
fn h04_every_signature_of_what_is_revealed_is_verified_also_of_keys_that_sign_only_later() {
    let memory = Memory::default();
    let mut state = world(&memory);
    let with_later = |later: ReleaseAttestation| {
        let signatures = List::truncate_from(vec![attest(1, NEWER), later]);
        let other_targets = List::truncate_from(vec![AttestedTarget { target: target(NEWER), signatures }]);
        Manifest { other_targets, ..secret() }
    };
    let forged = with_later(ReleaseAttestation { signer: key(3).public(), ..attest(1, NEWER) });
    put(&mut state, &sealed(&forged));
    let bad = Err(Error::BadSignature { signer: key(3).public(), build_hash: NEWER });
    assert_eq!(reveal(&forged, SALT).decide(&state, at(3), ANN), bad);

    let good = with_later(attest(3, NEWER));
    put(&mut state, &sealed(&good));
    reveal(&good, SALT).decide(&state, at(3), ANN).unwrap().apply(&mut state, at(0));
    let missing = Err(Error::QuorumMissing { have: 1, need: 2 });
    assert_eq!(enact(&mut state, 5, sealed(&good)), missing, "a stranger's counts for nothing");
    ROSTER.set(&mut state, &roster_of(0..4, 2));
    enact(&mut state, 5, sealed(&good)).unwrap();
}

#[test]
fn the_salt_hides_what_could_be_guessed() {
    let guess = Manifest::default();
    assert_ne!(guess.seal(&SALT), guess.seal(&Digest([0; 32])));
    assert_ne!(guess.seal(&SALT), secret().seal(&SALT));
}
