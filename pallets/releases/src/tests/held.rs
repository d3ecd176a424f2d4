//! Stories of what validators hold (H28). ANN, BEN and CLO decide blocks with 40, 40 and 20 power, DAN does not, and a third of
//! the power must hold a release. Proposals are of epoch 3; voting ends at epoch 5 and activation is at epoch 6.

use super::live::{close, put};
use super::*;
use crate::queries::{availability, holds, node_count, not_holding, running, stage, uptake};
use crate::{BuildHolders, HeldPower, MAX_COUNTED, StageCount};

const DAN: AccountId = AccountId([10; 32]);
const SALT: Digest = Digest([0x5a; 32]);

fn power_of(state: &State, id: u64, build: BuildHash) -> u64 {
    availability(state, ProposalId(id), [build]).builds[0].power.0
}

fn is_available(state: &State, id: u64, vote: &ReleaseVote) -> bool {
    let lacks = Motion::Approve(Box::new(vote.clone())).lacks(state, ProposalId(id), at(3), Epoch(5));
    assert!(matches!(lacks, None | Some(Shortfall::Unavailable)), "{lacks:?}");
    lacks.is_none()
}

fn counted(event: Event) -> Vec<HeldPower> {
    let Event::Held { counted, .. } = event else { panic!("{event:?}") };
    counted
}

#[test]
fn h28_a_withheld_release_and_one_that_too_few_hold_are_not_at_hand() {
    let memory = Memory::default();
    let mut state = decided(&memory);
    put(&mut state, 9, ANN, &vote(NEW, &[0, 1]));
    assert!(!is_available(&state, 9, &vote(NEW, &[0, 1])), "withheld");
    hold(&mut state, 3, CLO, NEW).unwrap();
    assert!(!is_available(&state, 9, &vote(NEW, &[0, 1])), "a fifth is not a third");
    let event = hold(&mut state, 3, BEN, NEW).unwrap();
    let both = HeldPower { proposal_id: ProposalId(9), power: Amount(60), total: Amount(100) };
    assert_eq!(counted(event), [both]);
    assert!(is_available(&state, 9, &vote(NEW, &[0, 1])));
    let seen = availability(&state, ProposalId(9), [NEW]);
    let build = BuildHolders { build_hash: NEW, power: Amount(60) };
    assert_eq!((seen.needed, seen.total, seen.builds), (Amount(34), Amount(100), vec![build]));
    assert_eq!(not_holding(&state, ProposalId(9), &[NEW])[0].account, ANN);
}

#[test]
fn h28_each_build_of_a_release_must_be_held() {
    let memory = Memory::default();
    let mut state = decided(&memory);
    let both = with(|vote| {
        let other = AttestedTarget { target: target(NEWER), signatures: attested(&[0, 1], NEWER) };
        vote.manifest.other_targets = List::truncate_from(vec![other]);
    });
    put(&mut state, 9, ANN, &both);
    hold(&mut state, 3, ANN, NEW).unwrap();
    assert!(!is_available(&state, 9, &both), "nobody has the other one");
    hold(&mut state, 3, BEN, NEWER).unwrap();
    assert!(is_available(&state, 9, &both), "by other nodes");
    assert_eq!(not_holding(&state, ProposalId(9), &[NEW, NEWER]).len(), 3, "and by none both");
}

#[test]
fn h28_only_validators_of_the_electorate_count_and_each_once_for_each_proposal() {
    let memory = Memory::default();
    let mut state = decided(&memory);
    assert_eq!(hold(&mut state, 3, ANN, NEW), Err(Error::NotProposed(NEW)));
    put(&mut state, 8, ANN, &vote(NEW, &[0, 1]));
    assert_eq!(hold(&mut state, 3, DAN, NEW), Err(Error::WithoutPower(NEW)));
    hold(&mut state, 3, ANN, NEW).unwrap();
    assert_eq!(hold(&mut state, 4, ANN, NEW), Err(Error::AlreadyHeld(NEW)), "also in another epoch");
    put(&mut state, 9, BEN, &vote(NEW, &[0, 1]));
    assert_eq!([8, 9].map(|id| power_of(&state, id, NEW)), [40, 0], "said before it was proposed");
    assert_eq!(counted(hold(&mut state, 3, ANN, NEW).unwrap()).len(), 1, "in the same epoch, for the other proposal");
    assert_eq!(counted(hold(&mut state, 3, BEN, NEW).unwrap()).len(), 2, "one word for both");
    assert_eq!([8, 9].map(|id| power_of(&state, id, NEW)), [80, 80]);
    close(&mut state, 8);
    hold(&mut state, 3, CLO, NEW).unwrap();
    assert_eq!([8, 9].map(|id| power_of(&state, id, NEW)), [80, 100], "what is concluded counts nobody any more");
}

#[test]
fn h28_one_word_counts_for_so_many_proposals_and_for_the_others_when_it_is_said_again() {
    let memory = Memory::default();
    let mut state = decided(&memory);
    let all = MAX_COUNTED as u64 + 3;
    (1..=all).for_each(|id| put(&mut state, id, ANN, &vote(NEW, &[0, 1])));
    let ids = |event: Event| counted(event).iter().map(|held| held.proposal_id.0).collect::<Vec<_>>();
    assert_eq!(ids(hold(&mut state, 3, BEN, NEW).unwrap()), (1..=all - 3).collect::<Vec<_>>(), "the first ones first");
    assert_eq!(ids(hold(&mut state, 3, BEN, NEW).unwrap()), (all - 2..=all).collect::<Vec<_>>());
    assert_eq!(hold(&mut state, 3, BEN, NEW), Err(Error::AlreadyHeld(NEW)));
    assert!((1..=all).all(|id| power_of(&state, id, NEW) == 40));
}

#[test]
fn h28_power_that_comes_or_goes_later_changes_nothing() {
    let memory = Memory::default();
    let mut state = decided(&memory);
    put(&mut state, 9, ANN, &vote(NEW, &[0, 1]));
    let members = [(DAN, 900), (BEN, 1)].map(|(account, power)| staking::Validator { account, power: Amount(power) });
    let set = staking::ValidatorSet::strongest(members.to_vec(), 2);
    let (epoch, validators, candidates, remembered_from) = (Epoch(4), set.clone(), set, Epoch(0));
    staking::Event::Elected { epoch, validators, candidates, sealer: None, remembered_from }.apply(&mut state, at(3));
    assert_eq!(hold(&mut state, 4, DAN, NEW), Err(Error::WithoutPower(NEW)));
    hold(&mut state, 4, BEN, NEW).unwrap();
    assert_eq!(power_of(&state, 9, NEW), 40);
}

#[test]
fn while_one_decides_blocks_alone_the_power_of_the_candidates_counts_for_what_is_held_and_what_runs() {
    let memory = Memory::default();
    let mut state = sealed(&memory);
    put(&mut state, 9, DAN, &vote(NEW, &[0, 1]));
    assert_eq!(hold(&mut state, 3, ANN, NEW), Err(Error::WithoutPower(NEW)), "although it decides all blocks");
    let clo = HeldPower { proposal_id: ProposalId(9), power: Amount(20), total: Amount(60) };
    assert_eq!(counted(hold(&mut state, 3, CLO, NEW).unwrap()), [clo]);
    let missing: Vec<_> = not_holding(&state, ProposalId(9), &[NEW]).iter().map(|member| member.account).collect();
    assert_eq!(missing, [BEN]);
    enact(&mut state, 5, vote(NEW, &[0, 1])).unwrap();
    let raise = Motion::RaiseMinimumSequence { minimum: 2, reason: Reason::new("old").unwrap() };
    let refused = Error::HoldersMissing { minimum: 2, have: Amount(20), total: Amount(60) };
    assert_eq!(raise.admit(&state, at(5), Epoch(7)), Err(refused));
    let seen = uptake(&state, &NEW, Epoch(5));
    assert_eq!((seen.held, seen.total_stake), (StageCount { nodes: 1, stake: Amount(20) }, Amount(60)));

    // Of the candidates all have it now; the sealer has not, and without it there is no block.
    hold(&mut state, 5, BEN, NEW).unwrap();
    let refused = Error::HoldersMissing { minimum: 2, have: Amount(0), total: Amount(15) };
    assert_eq!(raise.admit(&state, at(5), Epoch(7)), Err(refused));
    hold(&mut state, 5, ANN, NEW).unwrap();
    assert_eq!(raise.admit(&state, at(5), Epoch(7)), Ok(()));
}

#[test]
fn h28_a_sealed_release_is_nobodys_to_hold_before_its_reveal_and_must_be_held_before_its_activation() {
    let memory = Memory::default();
    let mut state = decided(&memory);
    let manifest = Manifest {
        version: Text::new("1.4.1"),
        other_targets: List::truncate_from(vec![AttestedTarget {
            target: target(NEWER),
            signatures: attested(&[0, 1], NEWER),
        }]),
        ..Manifest::default()
    };
    let manifest = signed(manifest, NEW, &[0, 1]);
    let vote = with(|vote| vote.sealed = Some(manifest.seal(&ANN, &NEW, &SALT)));
    put(&mut state, 9, ANN, &vote);
    assert_eq!(hold(&mut state, 3, BEN, NEW), Err(Error::StillSecret(NEW)));
    assert_eq!(hold(&mut state, 3, BEN, NEWER), Err(Error::NotProposed(NEWER)), "nobody knows of it");
    assert!(is_available(&state, 9, &vote), "it is judged later");
    let reveal = Call::Reveal { build_hash: NEW, proposer: ANN, manifest: Box::new(manifest), salt: SALT };
    reveal.decide(&state, at(4), CLO).unwrap().apply(&mut state, at(4));

    let refused = |state: &State| Motion::Approve(Box::new(vote.clone())).enact(state, at(5), &mandate(9)).unwrap_err();
    let short = |build_hash, have| Error::Unavailable { build_hash, have: Amount(have), need: Amount(34) };
    assert_eq!(refused(&state), short(NEW, 0));
    hold(&mut state, 4, BEN, NEW).unwrap();
    assert_eq!(refused(&state), short(NEWER, 0));
    hold(&mut state, 4, CLO, NEWER).unwrap();
    assert_eq!(refused(&state), short(NEWER, 20));
    hold(&mut state, 4, ANN, NEWER).unwrap();
    enact(&mut state, 5, vote.clone()).unwrap();
    assert_eq!(approved(&state, NEWER).standing, Standing::Active);
}

/// What is over may wait for the block that says how it ended.
#[test]
fn h28_what_is_held_once_it_is_judged_counts_for_nothing_in_whatever_block_the_outcome_is_said() {
    let memory = Memory::default();
    let mut state = decided(&memory);
    put(&mut state, 9, ANN, &vote(NEW, &[0, 1]));
    hold(&mut state, 4, CLO, NEW).unwrap();
    assert_eq!(hold(&mut state, 5, BEN, NEW), Err(Error::NotProposed(NEW)), "voting has ended");
    assert_eq!(power_of(&state, 9, NEW), 20);
    assert!(!is_available(&state, 9, &vote(NEW, &[0, 1])));

    let sealed = ReleaseVote { sealed: Some(Manifest::default().seal(&ANN, &NEWER, &SALT)), ..vote(NEWER, &[0, 1]) };
    put(&mut state, 8, ANN, &sealed);
    let reveal = Call::Reveal { build_hash: NEWER, proposer: ANN, manifest: Box::default(), salt: SALT };
    reveal.decide(&state, at(5), CLO).unwrap().apply(&mut state, at(5));
    hold(&mut state, 5, CLO, NEWER).unwrap();
    assert_eq!(hold(&mut state, 6, BEN, NEWER), Err(Error::NotProposed(NEWER)), "its activation has come");
    let short = Error::Unavailable { build_hash: NEWER, have: Amount(20), need: Amount(34) };
    let refused = Motion::Approve(Box::new(sealed)).enact(&state, at(6), &mandate(8));
    assert_eq!(refused, Err(short));
}

#[test]
fn h28_an_open_copy_of_a_sealed_release_is_counted_for_itself_alone() {
    let memory = Memory::default();
    let mut state = decided(&memory);
    put(&mut state, 8, ANN, &with(|vote| vote.sealed = Some(Manifest::default().seal(&ANN, &NEW, &SALT))));
    put(&mut state, 9, BEN, &vote(NEW, &[0, 1]));
    let event = hold(&mut state, 3, CLO, NEW).unwrap();
    assert_eq!(counted(event).iter().map(|held| held.proposal_id.0).collect::<Vec<_>>(), [9]);
}

#[test]
fn what_is_held_is_neither_an_install_nor_run() {
    let memory = Memory::default();
    let mut state = decided(&memory);
    put(&mut state, 9, ANN, &vote(NEW, &[0, 1]));
    let run = Call::RecordInstall { build_hash: FIRST, stage: InstallStage::Booted };
    run.decide(&state, at(3), BEN).unwrap().apply(&mut state, at(0));
    hold(&mut state, 3, BEN, NEW).unwrap();
    assert_eq!(running(&state, &BEN), Some(FIRST));
    assert_eq!(stage(&state, &NEW, &BEN).unwrap().stage, InstallStage::Held);
    assert!(holds(&state, &NEW, &BEN) && !holds(&state, &NEW, &ANN));
    let stand = |state: &State| {
        let uptake = uptake(state, &NEW, Epoch(5));
        (node_count(state, &NEW), uptake.held, uptake.unusable, uptake.failed_stake)
    };
    let (nobody, ben) = (StageCount::default(), StageCount { nodes: 1, stake: Amount(40) });
    assert_eq!(stand(&state), (1, ben, nobody, Amount(0)), "counted where it stands, before it is approved");
    enact(&mut state, 5, vote(NEW, &[0, 1])).unwrap();
    let failed = InstallStage::Unusable { reason: Text::default() };
    let failed = Call::RecordInstall { build_hash: NEW, stage: failed }.decide(&state, at(5), BEN).unwrap();
    failed.apply(&mut state, at(5));
    assert!(!holds(&state, &NEW, &BEN), "what cannot run here is no build to change to");
    assert_eq!(stand(&state), (1, nobody, ben, Amount(40)), "the same node, elsewhere");
}

#[test]
fn h28_a_build_for_another_machine_is_none_to_change_to() {
    let memory = Memory::default();
    let mut state = decided(&memory);
    let arm: Platform = "aarch64-linux".parse().unwrap();
    let both = with(|vote| {
        let signatures = attested_for(&[0, 1], NEWER, &arm);
        let target = Target { platform: arm.clone(), ..target(NEWER) };
        vote.manifest.other_targets = List::truncate_from(vec![AttestedTarget { target, signatures }]);
    });
    enact(&mut state, 4, both).unwrap();
    let run = |state: &mut State, node, build_hash, epoch| {
        let booted = Call::RecordInstall { build_hash, stage: InstallStage::Booted };
        booted.decide(state, at(epoch), node).unwrap().apply(state, at(0));
    };
    let ask = |state: &State| {
        let motion = Motion::RaiseMinimumSequence { minimum: 2, reason: Reason::new("old").unwrap() };
        (motion.admit(state, at(5), Epoch(7)), motion.enact(state, at(7), &mandate(9)).err())
    };
    let missing = |have| {
        let missing = Error::HoldersMissing { minimum: 2, have: Amount(have), total: Amount(100) };
        (Err(missing.clone()), Some(missing))
    };
    // All run the first build, which is not for arm, and hold the new one that is; a fifth holds the one that it can run.
    for node in [ANN, BEN, CLO] {
        run(&mut state, node, FIRST, 4);
        hold(&mut state, 4, node, NEWER).unwrap();
    }
    hold(&mut state, 4, CLO, NEW).unwrap();
    assert_eq!(ask(&state), missing(20));
    hold(&mut state, 4, BEN, NEW).unwrap();
    assert_eq!(ask(&state), missing(60));
    hold(&mut state, 4, ANN, NEW).unwrap();
    assert_eq!(ask(&state), (Ok(()), None));

    // Who has said nothing may be on either machine, and needs both.
    RUNNING.remove(&mut state, &ANN);
    assert_eq!(ask(&state), (Ok(()), None));
    let failed = Call::RecordInstall { build_hash: NEWER, stage: InstallStage::Unusable { reason: Text::default() } };
    let fail = |state: &mut State, node| failed.decide(state, at(5), node).unwrap().apply(state, at(5));
    fail(&mut state, BEN);
    assert_eq!(ask(&state), (Ok(()), None), "it does not run on arm");
    fail(&mut state, ANN);
    assert_eq!(ask(&state), missing(60));
    // Once it says what it runs, that counts.
    run(&mut state, ANN, NEW, 5);
    assert_eq!(ask(&state), (Ok(()), None));
}

#[test]
fn h28_a_minimum_is_raised_to_what_two_thirds_run_or_hold() {
    let memory = Memory::default();
    let mut state = decided(&memory);
    enact(&mut state, 4, vote(NEW, &[0, 1])).unwrap();
    let ask = |state: &State| {
        let motion = Motion::RaiseMinimumSequence { minimum: 2, reason: Reason::new("old").unwrap() };
        (motion.admit(state, at(5), Epoch(7)), motion.enact(state, at(7), &mandate(9)).err())
    };
    let missing = |have| Error::HoldersMissing { minimum: 2, have: Amount(have), total: Amount(100) };
    assert_eq!(ask(&state), (Err(missing(0)), Some(missing(0))), "a successor is active, and nobody has it");
    hold(&mut state, 5, ANN, NEW).unwrap();
    assert_eq!(ask(&state), (Err(missing(40)), Some(missing(40))));
    let run = Call::RecordInstall { build_hash: NEW, stage: InstallStage::Booted };
    run.decide(&state, at(5), BEN).unwrap().apply(&mut state, at(0));
    assert_eq!(ask(&state), (Ok(()), None), "one runs it, one holds it");
    let failed = InstallStage::RolledBack { reason: Text::default() };
    let failed = Call::RecordInstall { build_hash: NEW, stage: failed }.decide(&state, at(6), ANN).unwrap();
    failed.apply(&mut state, at(6));
    assert_eq!(ask(&state), (Err(missing(40)), Some(missing(40))), "it failed where it was held");
}
