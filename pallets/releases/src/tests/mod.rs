//! Stories of releases. The roster has three keys and the threshold 2; the build `0xaa…` is approved from genesis.

use crate::queries::{Verdict, applied_threshold, roster, signed_under, verdict, verdict_now};
use crate::{ApprovedRelease, AttestedTarget, Call, Departure, Error, Event, InstallStage, Manifest, MinimumSequence};
use crate::{MinimumStep, Motion, Platform, ReleaseAttestation, ReleaseParams, ReleaseVote, ReleasesGenesis, Roster};
use crate::{RosterCause, RosterRecord, SignedRoot, SigningDomain, Standing, Target, leave_message, storage::*};
use governance::Shortfall;
use primitives::{
    AccountId, Amount, BuildHash, ChainId, Digest, Epoch, Fraction, Height, List, Mandate, Moment, ProposalId, Reason,
    SecretKey, Text, Timestamp,
};
use state::{Apply, Decide, Enact, Memory, State};

mod fleet;
mod held;
mod install;
mod level;
mod lifetime;
mod live;
mod manifest;
mod rebuild;
mod roster;
mod seal;
mod support;

const FIRST: BuildHash = BuildHash([0xaa; 32]);
const NEW: BuildHash = BuildHash([1; 32]);
const NEWER: BuildHash = BuildHash([2; 32]);
const ANN: AccountId = AccountId([7; 32]);

fn at(epoch: u64) -> Moment {
    Moment {
        height: Height(epoch * 10),
        epoch: Epoch(epoch),
        time: Timestamp(epoch * 1_000),
        running: epoch * 1_000,
        level: 1,
    }
}

fn key(index: u8) -> SecretKey {
    SecretKey::from_seed(&[index + 1; 32])
}

fn roster_of(keys: std::ops::Range<u8>, version: u64) -> Roster {
    let signers = List::truncate_from(keys.map(|index| key(index).public()).collect());
    Roster { version, signers, threshold: 2 }
}

fn platform() -> Platform {
    "x86_64-linux".parse().unwrap()
}

fn target(build_hash: BuildHash) -> Target {
    Target { build_hash, platform: platform(), sha256: None, size: None }
}

fn world(memory: &Memory) -> State<'_> {
    let mut state = State::over(memory);
    let params = ReleaseParams { notice_epochs: 2, reporter_stake: Amount(10), available_share: Fraction::THIRD };
    let chain_id = Text::new("the-block-test").unwrap();
    let genesis =
        ReleasesGenesis { params, roster: roster_of(0..3, 1), approved: vec![target(FIRST)], manifests: vec![] };
    genesis.events(&chain_id, 1).iter().for_each(|event| event.apply(&mut state, at(0)));
    state
}

/// Of what was proposed in epoch 1, and passed at the start of epoch 2.
fn mandate(id: u64) -> Mandate {
    Mandate { proposal_id: ProposalId(id), proposer: ANN, proposed: at(1), passed: Epoch(2) }
}

/// Has other keys sign, as a rotation that is carried out at a moment does.
fn rotate(state: &mut State, roster: Roster, since: Moment) {
    let cause = RosterCause::Proposal(ProposalId(4));
    let record = RosterRecord { roster, since: Some(since.position()), cause, left: List::default() };
    Event::from(record).apply(state, since);
}

/// Has a key of the roster that signs give its word that it leaves.
fn leave(state: &mut State, index: u8, epoch: u64) {
    let version = roster(state).version;
    let goodbye = roster::goodbye(index, version, roster::word(index, version));
    goodbye.decide(state, at(epoch), ANN).unwrap().apply(state, at(epoch));
}

const BEN: AccountId = AccountId([8; 32]);
const CLO: AccountId = AccountId([9; 32]);

/// The world, whose blocks ANN, BEN and CLO decide with 40, 40 and 20 power.
fn decided(memory: &Memory) -> State<'_> {
    let mut state = world(memory);
    let members = [(ANN, 40), (BEN, 40), (CLO, 20)];
    let members = members.map(|(account, power)| staking::Validator { account, power: Amount(power) });
    elect(&mut state, &staking::ValidatorSet::strongest(members.to_vec(), 3));
    state
}

/// A node says that it holds a build.
fn hold(state: &mut State, epoch: u64, node: AccountId, build_hash: BuildHash) -> Result<Event, Error> {
    let event = Call::RecordInstall { build_hash, stage: InstallStage::Held }.decide(state, at(epoch), node)?;
    event.apply(state, at(0));
    Ok(event)
}

/// Has the set decide the blocks of the first epochs.
fn elect(state: &mut State, set: &staking::ValidatorSet) {
    let params = staking::StakingParams {
        max_validators: 9,
        minimum_bond: Amount(1),
        minimum_delegation: Amount(1),
        unbonding_epochs: 3,
        remembered_epochs: 50,
        penalties: staking::PenaltyParams::default(),
    };
    let (chain_id, epoch_length) = (ChainId::default(), 10);
    staking::Event::ParamsSet { params, chain_id, epoch_length, most_freed: 9 }.apply(state, at(0));
    for epoch in (0..20).map(Epoch) {
        let (validators, candidates, sealer) = (set.clone(), set.clone(), None);
        staking::Event::Elected { epoch, validators, candidates, sealer, remembered_from: Epoch(0) }
            .apply(state, at(0));
    }
}

/// ANN decides the blocks of the first epochs alone; by a quorum it would be BEN and CLO.
fn sealed(memory: &Memory) -> State<'_> {
    let mut state = decided(memory);
    let member = |account, power| staking::Validator { account, power: Amount(power) };
    for epoch in (0..20).map(Epoch) {
        let elected = staking::Event::Elected {
            epoch,
            validators: staking::ValidatorSet::of_one(member(ANN, 15)),
            candidates: staking::ValidatorSet::strongest(vec![member(BEN, 40), member(CLO, 20)], 2),
            sealer: Some(ANN),
            remembered_from: Epoch(0),
        };
        elected.apply(&mut state, at(0));
    }
    state
}

/// What a motion of epoch 1 lacks of signatures when voting ends at the start of an epoch.
fn unsigned(state: &State, motion: &Motion, voting_ends: u64) -> Option<Shortfall> {
    motion.shortfall(&signed_under(state, at(1)), Epoch(voting_ends))
}

/// What the signers' words are bound to in [`world`].
fn domain() -> SigningDomain {
    SigningDomain { chain_id: Text::new("the-block-test").unwrap(), first_platform: platform() }
}

fn attest(index: u8, hash: BuildHash) -> ReleaseAttestation {
    ReleaseAttestation { signer: key(index).public(), signature: key(index).sign(&hash.attestation_message()) }
}

fn attested(keys: &[u8], hash: BuildHash) -> List<ReleaseAttestation, 32> {
    attested_for(keys, hash, &platform())
}

fn attested_for(keys: &[u8], hash: BuildHash, platform: &Platform) -> List<ReleaseAttestation, 32> {
    signatures(keys, &domain().attestation_message(&hash, platform))
}

fn signatures(keys: &[u8], message: &[u8]) -> List<ReleaseAttestation, 32> {
    let sign = |index: &u8| ReleaseAttestation { signer: key(*index).public(), signature: key(*index).sign(message) };
    List::truncate_from(keys.iter().map(sign).collect())
}

/// A manifest that some keys have signed, of a release that is named after a build.
fn signed(manifest: Manifest, hash: BuildHash, keys: &[u8]) -> Manifest {
    let root = manifest.root(hash, &platform());
    let signatures = signatures(keys, &domain().manifest_message(&root));
    Manifest { signed_root: Some(SignedRoot { root, signatures }), ..manifest }
}

fn vote(hash: BuildHash, keys: &[u8]) -> ReleaseVote {
    ReleaseVote {
        build_hash: hash,
        platform: platform(),
        signatures: attested(keys, hash),
        signature_threshold: 2,
        signer_set: roster_of(0..3, 1).signers,
        manifest: Manifest::default(),
        sealed: None,
    }
}

/// A vote with a change; what is said then, all keys have signed.
fn with(change: impl FnOnce(&mut ReleaseVote)) -> ReleaseVote {
    let mut vote = vote(NEW, &[0, 1]);
    change(&mut vote);
    if !vote.manifest.is_bare() {
        vote.manifest = signed(vote.manifest, vote.build_hash, &[0, 1, 2]);
    }
    vote
}

fn admit(state: &State, vote: ReleaseVote) -> Result<(), Error> {
    Motion::Approve(Box::new(vote)).admit(state, at(3), Epoch(5))
}

fn enact(state: &mut State, epoch: u64, vote: ReleaseVote) -> Result<Event, Error> {
    let event = Motion::Approve(Box::new(vote)).enact(state, at(epoch), &mandate(9))?;
    event.apply(state, at(0));
    Ok(event)
}

fn approved(state: &State, hash: BuildHash) -> ApprovedRelease {
    APPROVED.get(state, &hash).unwrap()
}

/// Where a build stands whose place a later one has taken, and whose support nobody has ended.
fn gave_way_to(by: BuildHash) -> Standing {
    Standing::Superseded { by, end_of_support_epoch: None }
}

#[test]
fn a_release_with_enough_signatures_of_roster_keys_is_admitted() {
    let memory = Memory::default();
    let state = world(&memory);
    for keys in [&[0, 1][..], &[2, 0], &[2, 1, 0]] {
        assert_eq!(admit(&state, vote(NEW, keys)), Ok(()), "{keys:?}");
    }
    assert_eq!(
        admit(&state, with(|vote| (vote.signatures, vote.signature_threshold) = (attested(&[0, 1, 2], NEW), 3))),
        Ok(())
    );
}

#[test]
fn a_threshold_of_zero_below_the_roster_or_above_it_is_refused() {
    let memory = Memory::default();
    let state = world(&memory);
    for asked in [0, 1, 4, u32::MAX] {
        let refused = admit(&state, with(|vote| vote.signature_threshold = asked));
        assert_eq!(refused, Err(Error::ThresholdOutOfRange { asked, least: 2, most: 3 }));
    }
}

#[test]
fn too_few_signatures_are_refused_with_both_numbers() {
    let memory = Memory::default();
    let state = world(&memory);
    assert_eq!(admit(&state, vote(NEW, &[])), Err(Error::QuorumMissing { have: 0, need: 2 }));
    assert_eq!(admit(&state, vote(NEW, &[1])), Err(Error::QuorumMissing { have: 1, need: 2 }));
    let three = admit(&state, with(|vote| vote.signature_threshold = 3));
    assert_eq!(three, Err(Error::QuorumMissing { have: 2, need: 3 }));
}

#[test]
fn a_bad_signature_is_refused_also_when_enough_others_are_good() {
    let memory = Memory::default();
    let state = world(&memory);
    let add = |extra: ReleaseAttestation| with(|vote| vote.signatures.try_push(extra).unwrap());
    assert_eq!(admit(&state, add(attest(9, NEW))), Err(Error::UnknownSigner(key(9).public())));
    assert_eq!(admit(&state, add(attest(1, NEW))), Err(Error::DuplicateSigner(key(1).public())));
    let bad = Err(Error::BadSignature { signer: key(2).public(), build_hash: NEW });
    assert_eq!(admit(&state, add(attest(2, NEWER))), bad, "the right key over another hash");
    let stolen = ReleaseAttestation { signer: key(2).public(), ..attest(1, NEW) };
    assert_eq!(admit(&state, add(stolen)), bad, "another key's signature");
    let raw = ReleaseAttestation { signer: key(2).public(), signature: key(2).sign(NEW.as_bytes()) };
    assert_eq!(admit(&state, add(raw)), bad, "the hash itself and not the text");
    let upper = NEW.to_string().to_uppercase();
    let upper = key(2).sign(format!("RELEASE:{upper}").as_bytes());
    assert_eq!(admit(&state, add(ReleaseAttestation { signer: key(2).public(), signature: upper })), bad);
}

#[test]
fn a_proposal_made_for_another_roster_is_refused() {
    let memory = Memory::default();
    let mut state = world(&memory);
    let changed = |current| Err(Error::RosterChanged { current });
    assert_eq!(admit(&state, with(|vote| vote.signer_set = roster_of(0..4, 1).signers)), changed(1));
    assert_eq!(admit(&state, with(|vote| vote.signer_set.as_mut().reverse())), changed(1), "the order counts");
    assert_eq!(admit(&state, with(|vote| vote.signer_set = List::default())), changed(1));
    rotate(&mut state, roster_of(1..4, 2), at(2));
    assert_eq!(admit(&state, vote(NEW, &[1, 2])), changed(2));
}

#[test]
fn a_hash_is_approved_once() {
    let memory = Memory::default();
    let mut state = world(&memory);
    assert_eq!(admit(&state, vote(FIRST, &[0, 1])), Err(Error::HashTaken(FIRST)));
    enact(&mut state, 3, vote(NEW, &[0, 1])).unwrap();
    assert_eq!(admit(&state, vote(NEW, &[0, 1])), Err(Error::HashTaken(NEW)));
    assert_eq!(enact(&mut state, 4, vote(NEW, &[0, 1])), Err(Error::HashTaken(NEW)));
    assert_eq!(LATEST_SEQUENCE.get(&state), Some(2), "a cancelled activation uses no number");
}

#[test]
fn every_target_brings_its_own_signatures_and_is_named_once() {
    let memory = Memory::default();
    let mut state = world(&memory);
    let other = |hash, signatures| {
        with(|vote| {
            vote.manifest.other_targets = List::truncate_from(vec![AttestedTarget { target: target(hash), signatures }])
        })
    };
    assert_eq!(admit(&state, other(NEW, attested(&[0, 1], NEW))), Err(Error::DuplicateTarget(NEW)));
    assert_eq!(admit(&state, other(FIRST, attested(&[0, 1], FIRST))), Err(Error::HashTaken(FIRST)));
    let lent = admit(&state, other(NEWER, attested(&[0, 1], NEW)));
    assert_eq!(lent, Err(Error::BadSignature { signer: key(0).public(), build_hash: NEWER }));
    let one = admit(&state, other(NEWER, attested(&[0], NEWER)));
    assert_eq!(one, Err(Error::QuorumMissing { have: 1, need: 2 }));

    let both = other(NEWER, attested(&[1, 2], NEWER));
    assert_eq!(Motion::Approve(Box::new(both.clone())).index_keys().len(), 2, "it is found by each");
    enact(&mut state, 3, both).unwrap();
    assert_eq!([NEW, NEWER].map(|hash| approved(&state, hash).sequence), [2, 2]);
    assert_eq!([NEW, NEWER].map(|hash| approved(&state, hash).standing), [Standing::Active, Standing::Active]);
}

#[test]
fn support_that_ends_before_the_notice_after_the_activation_is_refused() {
    let memory = Memory::default();
    let state = world(&memory);
    let ends = |end| with(|vote| vote.manifest.end_of_support_epoch = Some(Epoch(end)));
    assert_eq!(admit(&state, ends(6)), Err(Error::SupportEndsTooSoon { end: Epoch(6), soonest: Epoch(7) }));
    assert_eq!(admit(&state, ends(7)), Ok(()));
}

#[test]
fn activation_approves_with_the_whole_audit_trail_and_supersedes_the_release_before() {
    let memory = Memory::default();
    let mut state = world(&memory);
    let wanted = with(|vote| {
        (vote.signatures, vote.signature_threshold) = (attested(&[2, 0, 1], NEW), 3);
        vote.manifest.version = Text::new("1.1.0");
    });
    enact(&mut state, 3, wanted.clone()).unwrap();
    let expected = ApprovedRelease {
        build_hash: NEW,
        proposal_id: Some(ProposalId(9)),
        proposer: Some(ANN),
        activated_epoch: Epoch(3),
        activated: Some(at(3).position()),
        sequence: 2,
        level: 1,
        standing: Standing::Active,
        target: target(NEW),
        long_parts: wanted.manifest.long_parts(NEW, &platform()),
        manifest: wanted.manifest,
        signatures: wanted.signatures,
        signature_threshold: 3,
        signer_set: wanted.signer_set,
        support_end: None,
        amended: None,
    };
    assert_eq!(approved(&state, NEW), expected);
    assert_eq!((applied_threshold(&state), roster(&state).threshold), (3, 2));
    enact(&mut state, 4, vote(NEWER, &[0, 1])).unwrap();
    assert_eq!(approved(&state, FIRST).standing, gave_way_to(NEW), "by the one right after it");
    assert_eq!(approved(&state, NEW).standing, gave_way_to(NEWER));
    for hash in [FIRST, NEW, NEWER] {
        assert_eq!(verdict_now(&state, &hash, Epoch(4)), Verdict::Approved, "a superseded release still runs");
    }
}

#[test]
fn h17_a_key_that_left_signs_no_new_release_from_the_next_epoch_on() {
    let memory = Memory::default();
    let mut state = world(&memory);
    leave(&mut state, 0, 2);
    let ask = |epoch, vote| Motion::Approve(Box::new(vote)).admit(&state, at(epoch), Epoch(9));
    assert_eq!(ask(2, vote(NEW, &[0, 1])), Ok(()), "it counts until then");
    assert_eq!(ask(3, vote(NEW, &[0, 1])), Err(Error::QuorumMissing { have: 1, need: 2 }));
    assert_eq!(ask(3, vote(NEW, &[0, 1, 2])), Ok(()), "a proposal that was on its way is no worse for it");
    let without = |keys: &[u8]| ReleaseVote { signer_set: roster_of(1..3, 1).signers, ..vote(NEW, keys) };
    assert_eq!(ask(3, without(&[1, 2])), Ok(()));
    assert_eq!(ask(3, without(&[0, 1, 2])), Err(Error::UnknownSigner(key(0).public())));
    assert_eq!(ask(2, without(&[1, 2])), Err(Error::RosterChanged { current: 1 }));
    let reversed = List::truncate_from(vec![key(2).public(), key(1).public()]);
    let reversed = ask(3, ReleaseVote { signer_set: reversed, ..vote(NEW, &[]) });
    assert_eq!(reversed, Err(Error::RosterChanged { current: 1 }), "the order counts");
    let all = ask(3, with(|vote| (vote.signatures, vote.signature_threshold) = (attested(&[0, 1, 2], NEW), 3)));
    assert_eq!(all, Err(Error::ThresholdOutOfRange { asked: 3, least: 2, most: 2 }));
}

#[test]
fn h17_a_proposal_made_between_two_departures_is_undone_by_neither() {
    let memory = Memory::default();
    let mut state = world(&memory);
    let left = List::truncate_from([0, 3].map(|index| departure(index, 2)).to_vec());
    let record =
        RosterRecord { roster: roster_of(0..4, 2), since: Some(at(0).position()), cause: RosterCause::Genesis, left };
    Event::from(record).apply(&mut state, at(0));
    let ask = |signers: &[u8], keys: &[u8]| {
        let signer_set = List::truncate_from(signers.iter().map(|index| key(*index).public()).collect());
        admit(&state, ReleaseVote { signer_set, ..vote(NEW, keys) })
    };
    for signers in [&[0, 1, 2, 3][..], &[1, 2, 3], &[0, 1, 2], &[1, 2]] {
        assert_eq!(ask(signers, &[1, 2]), Ok(()), "{signers:?}");
    }
    let changed = Err(Error::RosterChanged { current: 2 });
    for signers in [&[0, 1, 3][..], &[0, 1, 2, 4], &[1, 2, 0], &[1, 1, 2], &[]] {
        assert_eq!(ask(signers, &[1]), changed, "{signers:?}");
    }
}

fn departure(index: u8, from_epoch: u64) -> Departure {
    Departure { signer: key(index).public(), from_epoch: Epoch(from_epoch) }
}

#[test]
fn h17_what_passed_is_carried_out_with_the_signatures_it_passed_with() {
    // Voting ends with the start of epoch 2. Who left before that does not count, whoever left later does.
    for (word, have) in [(1, 1), (2, 2), (5, 2)] {
        let memory = Memory::default();
        let mut state = world(&memory);
        leave(&mut state, 0, word);
        let motion = Motion::Approve(Box::new(vote(NEW, &[0, 1])));
        let lacks = (have < 2).then_some(Shortfall::Signatures);
        assert_eq!(unsigned(&state, &motion, 2), lacks, "left in epoch {word}");
        let done = enact(&mut state, 6, vote(NEW, &[0, 1])).map(|_| ());
        let refused = Error::QuorumMissing { have, need: 2 };
        assert_eq!(done, if have < 2 { Err(refused) } else { Ok(()) }, "left in epoch {word}");
        let more = ReleaseVote { signatures: attested(&[0, 1, 2], NEWER), ..vote(NEWER, &[]) };
        assert_eq!(unsigned(&state, &Motion::Approve(Box::new(more.clone())), 2), None);
        enact(&mut state, 6, more).unwrap();
        let counted = if have < 2 { attested(&[1, 2], NEWER) } else { attested(&[0, 1, 2], NEWER) };
        assert_eq!(approved(&state, NEWER).signatures, counted, "what counted is what is kept");
    }
}

#[test]
fn h17_t24_a_rotation_voids_what_is_voted_on_and_nothing_that_passed() {
    // What is proposed in the block of a rotation comes after it; a vote that ends there has ended before.
    let release = || Motion::Approve(Box::new(vote(NEW, &[1, 2])));
    for (since, lacks) in [(at(1), None), (later(1), Some(Shortfall::Signers)), (at(2), None), (at(3), None)] {
        let memory = Memory::default();
        let mut state = world(&memory);
        rotate(&mut state, Roster { threshold: 3, ..roster_of(1..4, 2) }, since);
        assert_eq!(unsigned(&state, &release(), 2), lacks, "by a rotation at {since:?}");
        if since.epoch >= Epoch(2) {
            enact(&mut state, 4, vote(NEW, &[0, 1])).unwrap();
            assert_eq!(approved(&state, NEW).signatures, attested(&[0, 1], NEW), "also of the key that was replaced");
        }
    }
}

/// The second block of an epoch.
fn later(epoch: u64) -> Moment {
    Moment { height: at(epoch).height.next(), ..at(epoch) }
}

#[test]
fn h17_what_is_hidden_when_voting_ends_loses_no_signature() {
    let other = AttestedTarget { target: target(NEWER), signatures: attested(&[0, 1], NEWER) };
    let manifest = Manifest { other_targets: List::truncate_from(vec![other]), ..Manifest::default() };
    let manifest = signed(manifest, NEW, &[0, 1]);
    let salt = Digest([7; 32]);
    let sealed = ReleaseVote { sealed: Some(manifest.seal(&ANN, &NEW, &salt)), ..vote(NEW, &[0, 1, 2]) };
    let memory = Memory::default();
    let mut state = decided(&memory);
    leave(&mut state, 0, 1);
    assert_eq!(unsigned(&state, &Motion::Approve(Box::new(sealed.clone())), 2), None);
    live::put_in(&mut state, 1, 9, ANN, &sealed);
    let reveal = Call::Reveal { build_hash: NEW, proposer: ANN, manifest: Box::new(manifest), salt };
    reveal.decide(&state, at(3), ANN).unwrap().apply(&mut state, at(3));
    [NEW, NEWER].into_iter().for_each(|build| drop(hold(&mut state, 3, BEN, build).unwrap()));
    enact(&mut state, 4, sealed).unwrap();
    assert_eq!(approved(&state, NEW).signatures, attested(&[1, 2], NEW), "what is public loses it");
    assert_eq!(approved(&state, NEWER).signatures, attested(&[0, 1], NEWER));
    let whole = approved(&state, NEW).manifest.signed_root.unwrap();
    assert_eq!(whole.signatures.len(), 2, "nor does what is said");
}

#[test]
fn the_verdict_names_the_first_thing_that_stops_a_build() {
    let memory = Memory::default();
    let state = world(&memory);
    let at_least = |sequence| MinimumSequence::from(MinimumStep { sequence, effective_epoch: Epoch(0) });
    let judge = |change: fn(&mut ApprovedRelease), minimum, now| {
        let mut release = approved(&state, FIRST);
        change(&mut release);
        verdict(Some(&release), &at_least(minimum), Epoch(now))
    };
    assert_eq!(verdict(None, &at_least(0), Epoch(0)), Verdict::NotApproved);
    assert_eq!(judge(|_| (), 1, 9), Verdict::Approved);
    assert_eq!(judge(|_| (), 2, 9), Verdict::BelowMinimumSequence { sequence: 1, minimum: 2 });
    let ends = |release: &mut ApprovedRelease| {
        release.standing = Standing::Superseded { by: NEW, end_of_support_epoch: Some(Epoch(9)) };
    };
    assert_eq!((judge(ends, 0, 8), judge(ends, 0, 9)), (Verdict::Approved, Verdict::EndOfSupport { epoch: Epoch(9) }));
    let revoke = |release: &mut ApprovedRelease| {
        release.standing = Standing::Revoked { reason: Reason::new("leaks keys").unwrap(), effective_epoch: Epoch(0) };
        release.manifest.end_of_support_epoch = Some(Epoch(1));
    };
    assert_eq!(judge(revoke, 2, 9), Verdict::Revoked { reason: "leaks keys".into() });
}

#[test]
fn a_refusal_says_what_to_do() {
    let sentence = Error::QuorumMissing { have: 1, need: 2 }.to_string();
    assert_eq!(sentence, "the release has 1 valid signatures and needs 2");
}
