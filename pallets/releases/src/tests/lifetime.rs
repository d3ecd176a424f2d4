//! Stories of how builds go out of use. The notice is two epochs; ANN, BEN and CLO decide blocks with 40, 40 and 20 power.

use super::*;
use crate::queries::{minimum_sequence, stop};
use crate::{Components, MinimumStep};

pub(super) const THIRD: BuildHash = BuildHash([3; 32]);

fn reason() -> Reason {
    Reason::new("leaks keys").unwrap()
}

/// A world with validators, whose releases 2 and 3 are `NEW` and `NEWER`.
pub(super) fn grown(memory: &Memory) -> State<'_> {
    let mut state = decided(memory);
    enact(&mut state, 3, vote(NEW, &[0, 1])).unwrap();
    enact(&mut state, 4, vote(NEWER, &[0, 1])).unwrap();
    state
}

/// A release for another platform than the first.
pub(super) fn on_arm(hash: BuildHash) -> ReleaseVote {
    let platform: Platform = "aarch64-linux".parse().unwrap();
    ReleaseVote { signatures: attested_for(&[0, 1], hash, &platform), platform, ..vote(hash, &[]) }
}

pub(super) fn revoke(builds: &[BuildHash]) -> Motion {
    Motion::Revoke { build_hashes: List::truncate_from(builds.to_vec()), reason: reason() }
}

pub(super) fn raise(minimum: u64) -> Motion {
    Motion::RaiseMinimumSequence { minimum, reason: reason() }
}

pub(super) fn ask(state: &State, motion: Motion) -> Result<(), Error> {
    motion.admit(state, at(5), Epoch(7))
}

pub(super) fn carry_out(state: &mut State, epoch: u64, motion: Motion) -> Event {
    let event = motion.enact(state, at(epoch), &mandate(9)).unwrap();
    event.apply(state, at(0));
    event
}

/// More than two thirds of the power have a build, beside the one that they run.
fn held(state: &mut State, epoch: u64, build: BuildHash) {
    [ANN, BEN].into_iter().for_each(|node| drop(hold(state, epoch, node, build).unwrap()));
}

pub(super) fn run(state: &mut State, node: AccountId, build: BuildHash, epoch: u64) {
    let call = Call::RecordInstall { build_hash: build, stage: InstallStage::Booted };
    call.decide(state, at(epoch), node).unwrap().apply(state, at(0));
}

#[test]
fn a_revoked_build_runs_until_the_notice_is_over() {
    let memory = Memory::default();
    let mut state = grown(&memory);
    assert_eq!(stop(&state, &NEW), None);
    carry_out(&mut state, 7, revoke(&[NEW]));
    assert_eq!(approved(&state, NEW).standing, Standing::Revoked { reason: reason(), effective_epoch: Epoch(9) });
    let revoked = Verdict::Revoked { reason: "leaks keys".into() };
    assert_eq!(verdict_now(&state, &NEW, Epoch(8)), Verdict::Approved);
    assert_eq!(verdict_now(&state, &NEW, Epoch(9)), revoked);
    let stop = stop(&state, &NEW).unwrap();
    assert_eq!((stop.epoch, stop.verdict), (Epoch(9), revoked), "it is known before");
}

#[test]
fn what_is_not_there_to_revoke_is_refused() {
    let memory = Memory::default();
    let mut state = grown(&memory);
    assert_eq!(ask(&state, revoke(&[])), Err(Error::NothingToRevoke));
    assert_eq!(ask(&state, revoke(&[THIRD])), Err(Error::NotApproved(THIRD)));
    assert_eq!(ask(&state, revoke(&[NEW, NEW])), Err(Error::DuplicateTarget(NEW)));
    carry_out(&mut state, 7, revoke(&[NEW]));
    assert_eq!(ask(&state, revoke(&[NEW])), Err(Error::AlreadyRevoked(NEW)));
}

#[test]
fn t25_the_only_active_release_is_not_revoked_while_its_nodes_have_nothing_else() {
    let memory = Memory::default();
    let mut state = grown(&memory);
    let strand = |running| Err(Error::WouldStrand { build_hash: NEWER, running: Amount(running), total: Amount(100) });
    assert_eq!(ask(&state, revoke(&[NEWER])), strand(0), "nodes that said nothing may run anything");
    run(&mut state, ANN, NEW, 4);
    run(&mut state, CLO, NEWER, 4);
    assert_eq!(ask(&state, revoke(&[NEWER])), strand(40));
    run(&mut state, BEN, NEW, 4);
    assert_eq!(ask(&state, revoke(&[NEWER])), Ok(()), "80 of 100 stake runs a build that stays");
    assert_eq!(ask(&state, revoke(&[NEWER, NEW])), strand(0), "unless it goes too");
}

#[test]
fn t25_what_alone_decides_blocks_is_left_with_a_build_whatever_the_candidates_run() {
    let memory = Memory::default();
    let mut state = sealed(&memory);
    enact(&mut state, 3, vote(NEW, &[0, 1])).unwrap();
    enact(&mut state, 4, vote(NEWER, &[0, 1])).unwrap();
    [(ANN, NEWER), (BEN, NEW), (CLO, NEW)].into_iter().for_each(|(node, build)| run(&mut state, node, build, 4));
    let strands = Error::WouldStrand { build_hash: NEWER, running: Amount(0), total: Amount(15) };
    assert_eq!(ask(&state, revoke(&[NEWER])), Err(strands), "nobody would have another block");
    run(&mut state, ANN, NEW, 5);
    assert_eq!(ask(&state, revoke(&[NEWER])), Ok(()));
    [BEN, CLO].into_iter().for_each(|node| run(&mut state, node, NEWER, 5));
    let strands = Error::WouldStrand { build_hash: NEWER, running: Amount(0), total: Amount(60) };
    assert_eq!(ask(&state, revoke(&[NEWER])), Err(strands), "the candidates count as well");
}

#[test]
fn t25_a_superseded_release_is_revoked_whoever_runs_it_because_its_successor_is_active() {
    let memory = Memory::default();
    let mut state = grown(&memory);
    for node in [ANN, BEN, CLO] {
        run(&mut state, node, NEW, 4);
    }
    assert_eq!(ask(&state, revoke(&[NEW, FIRST])), Ok(()));
}

#[test]
fn h10_t25_a_release_for_another_platform_takes_no_place_and_is_no_successor() {
    let memory = Memory::default();
    let mut state = grown(&memory);
    let arm = BuildHash([5; 32]);
    enact(&mut state, 6, on_arm(arm)).unwrap();
    assert_eq!([NEWER, arm].map(|hash| approved(&state, hash).standing), [Standing::Active, Standing::Active]);
    let refused = ask(&state, revoke(&[NEWER]));
    assert_eq!(refused, Err(Error::WouldStrand { build_hash: NEWER, running: Amount(0), total: Amount(100) }));
    let newest = BuildHash([6; 32]);
    enact(&mut state, 7, vote(newest, &[0, 1])).unwrap();
    assert_eq!(ask(&state, revoke(&[NEWER])), Ok(()));
}

#[test]
fn h10_t25_what_a_revoked_build_leaves_to_is_of_its_own_platform() {
    let memory = Memory::default();
    let mut state = grown(&memory);
    let (first, second) = (BuildHash([5; 32]), BuildHash([6; 32]));
    for (epoch, hash) in [(5, first), (6, second)] {
        enact(&mut state, epoch, on_arm(hash)).unwrap();
    }
    [ANN, BEN].into_iter().for_each(|node| run(&mut state, node, first, 6));
    carry_out(&mut state, 7, revoke(&[second]));
    assert_eq!(ACTIVE.get(&state), Some(vec![NEWER, first]), "and not NEW, the latest that waits");
}

#[test]
fn the_release_before_a_revoked_one_is_the_latest_again() {
    let memory = Memory::default();
    let mut state = grown(&memory);
    run(&mut state, ANN, NEW, 4);
    run(&mut state, BEN, NEW, 4);
    carry_out(&mut state, 7, revoke(&[NEWER]));
    assert_eq!(approved(&state, NEW).standing, Standing::Active);
    assert_eq!(ACTIVE.get(&state), Some(vec![NEW]));
    enact(&mut state, 8, ReleaseVote { build_hash: THIRD, signatures: attested(&[0, 1], THIRD), ..vote(NEW, &[]) })
        .unwrap();
    assert_eq!(approved(&state, NEW).standing, gave_way_to(THIRD));
}

#[test]
fn the_minimum_sequence_rises_after_a_notice_and_never_falls() {
    let memory = Memory::default();
    let mut state = grown(&memory);
    held(&mut state, 5, NEWER);
    for asked in [0, 1, 4, u64::MAX] {
        assert_eq!(ask(&state, raise(asked)), Err(Error::MinimumOutOfRange { asked, least: 2, most: 3 }));
    }
    carry_out(&mut state, 7, raise(2));
    assert_eq!([8, 9].map(|epoch| minimum_sequence(&state).at(Epoch(epoch))), [0, 2]);
    assert_eq!(verdict_now(&state, &FIRST, Epoch(8)), Verdict::Approved);
    let below = Verdict::BelowMinimumSequence { sequence: 1, minimum: 2 };
    assert_eq!(verdict_now(&state, &FIRST, Epoch(9)), below);
    assert_eq!(ask(&state, raise(2)), Err(Error::MinimumOutOfRange { asked: 2, least: 3, most: 3 }));
    let above = Error::MinimumOutOfRange { asked: 3, least: 4, most: 3 };
    carry_out(&mut state, 8, raise(3));
    assert_eq!(ask(&state, raise(3)), Err(above), "what is decided counts as asked for, and not what has come");
}

#[test]
fn h24_a_second_raise_leaves_the_first_its_epoch() {
    let memory = Memory::default();
    let mut state = grown(&memory);
    held(&mut state, 5, NEWER);
    carry_out(&mut state, 7, raise(2));
    carry_out(&mut state, 8, raise(3));
    assert_eq!([8, 9, 10].map(|epoch| minimum_sequence(&state).at(Epoch(epoch))), [0, 2, 3]);
    let below = |minimum| Verdict::BelowMinimumSequence { sequence: 1, minimum };
    let told = [8, 9, 10].map(|epoch| verdict_now(&state, &FIRST, Epoch(epoch)));
    assert_eq!(told, [Verdict::Approved, below(2), below(3)], "it is told the number that counts");
    assert_eq!(stop(&state, &FIRST).map(|stop| stop.epoch), Some(Epoch(9)));
    assert_eq!(stop(&state, &NEW).map(|stop| stop.epoch), Some(Epoch(10)));
}

/// Every way to raise in some of eight epochs, under every notice of one to four: each to the next number.
#[test]
fn h24_no_further_raise_lowers_the_minimum_of_any_epoch() {
    let epochs = 1..=8u64;
    let (mut merged, mut kept_apart) = (0, 0);
    for (notice, raises) in (1..=4u64).flat_map(|notice| (0..1u32 << 8).map(move |raises| (notice, raises))) {
        let (mut minimum, mut decided) = (MinimumSequence::default(), Vec::new());
        for now in epochs.clone().filter(|epoch| (raises >> (epoch - 1)) & 1 == 1).map(Epoch) {
            let step = MinimumStep { sequence: minimum.highest() + 1, effective_epoch: now.plus(notice) };
            decided.push(step);
            let raised = minimum.raised(now, step);
            let before = std::mem::replace(&mut minimum, raised);
            for epoch in (0..16).map(Epoch) {
                assert!(minimum.at(epoch) >= before.at(epoch), "{before:?} fell in {epoch} to {minimum:?}");
                let come = decided.iter().filter(|step| step.effective_epoch <= epoch).map(|step| step.sequence);
                let counts = come.max().unwrap_or(0);
                assert!(epoch < now || minimum.at(epoch) == counts, "in {epoch} {minimum:?} is not {counts}");
            }
            let steps = minimum.ahead(Epoch(0)).count();
            assert!(steps as u64 <= notice + 1, "{minimum:?} under a notice of {notice}");
            merged += usize::from(steps < decided.len());
            kept_apart += usize::from(steps as u64 == notice + 1);
        }
    }
    assert!(merged > 100 && kept_apart > 100, "{merged} were merged, {kept_apart} as many as there can be");
}

#[test]
fn t25_a_minimum_above_what_nodes_run_needs_an_active_release_that_reaches_it() {
    let memory = Memory::default();
    let mut state = grown(&memory);
    run(&mut state, ANN, NEW, 4);
    run(&mut state, BEN, NEW, 4);
    carry_out(&mut state, 7, revoke(&[NEWER]));
    let refused = ask(&state, raise(3));
    assert_eq!(refused, Err(Error::WouldStrand { build_hash: NEW, running: Amount(0), total: Amount(100) }));
}

/// A world whose release 4 is for another platform, and whose latest, 5, is for the first again.
fn with_a_lone_platform(memory: &Memory) -> State<'_> {
    let mut state = grown(memory);
    enact(&mut state, 5, on_arm(ARM)).unwrap();
    enact(&mut state, 6, vote(THIRD, &[0, 1])).unwrap();
    state
}

const ARM: BuildHash = BuildHash([5; 32]);

#[test]
fn h10_t25_a_lone_platform_counts_by_the_stake_that_runs_it() {
    let memory = Memory::default();
    let mut state = with_a_lone_platform(&memory);
    let strands = |running| Err(Error::WouldStrand { build_hash: ARM, running: Amount(running), total: Amount(100) });
    run(&mut state, CLO, ARM, 4);
    assert_eq!(ask(&state, raise(5)), strands(0), "who said nothing may run it too");
    [ANN, BEN].into_iter().for_each(|node| run(&mut state, node, NEWER, 4));
    held(&mut state, 6, THIRD);
    assert_eq!(ask(&state, raise(5)), Ok(()), "the others have THIRD to change to");
    run(&mut state, BEN, ARM, 5);
    assert_eq!(ask(&state, raise(5)), strands(40));
}

#[test]
fn h10_t25_what_is_revoked_already_is_in_the_way_of_no_minimum() {
    let memory = Memory::default();
    let mut state = with_a_lone_platform(&memory);
    [ANN, BEN].into_iter().for_each(|node| run(&mut state, node, NEWER, 4));
    run(&mut state, CLO, ARM, 4);
    held(&mut state, 6, THIRD);
    carry_out(&mut state, 7, revoke(&[ARM]));
    [ANN, BEN].into_iter().for_each(|node| RUNNING.remove(&mut state, &node));
    assert_eq!(ask(&state, raise(5)), Ok(()), "one who says that it runs it puts nobody to the test");
}

#[test]
fn h03_what_puts_an_end_off_is_void_when_another_end_was_decided_since_and_is_no_veto_on_a_nearer_one() {
    let memory = Memory::default();
    let mut state = grown(&memory);
    let enact = |state: &State, end, epoch, proposed| {
        let motion = Motion::EndSupport { build_hash: NEW, epoch: Epoch(end) };
        motion.enact(state, at(epoch), &Mandate { proposed: at(proposed), ..mandate(9) })
    };
    [ANN, BEN].into_iter().for_each(|node| run(&mut state, node, NEWER, 4));
    enact(&state, 20, 7, 5).unwrap().apply(&mut state, at(7));
    for later in [20, 25] {
        assert_eq!(enact(&state, later, 8, 6), Err(Error::SupportMoved { build_hash: NEW, since: Epoch(7) }));
    }
    enact(&state, 30, 9, 7).unwrap().apply(&mut state, at(9));
    assert_eq!(approved(&state, NEW).support_ends(), Some(Epoch(30)), "made in knowledge of the first");

    // A nearer end passed while the routine votes above put it off: it holds by its own rules, and by no others.
    run(&mut state, BEN, NEW, 10);
    let strands = Error::WouldStrand { build_hash: NEW, running: Amount(40), total: Amount(100) };
    assert_eq!(enact(&state, 12, 10, 6), Err(strands));
    run(&mut state, BEN, NEWER, 11);
    enact(&state, 13, 11, 6).unwrap().apply(&mut state, at(11));
    assert_eq!(approved(&state, NEW).support_ends(), Some(Epoch(13)));
}

#[test]
fn h03_what_an_earlier_motion_has_settled_is_refused_when_its_turn_comes() {
    let memory = Memory::default();
    let mut state = grown(&memory);
    let again = |state: &State, motion: Motion| motion.enact(state, at(7), &mandate(10)).unwrap_err();
    carry_out(&mut state, 7, revoke(&[FIRST]));
    assert_eq!(again(&state, revoke(&[FIRST])), Error::AlreadyRevoked(FIRST));
    held(&mut state, 7, NEWER);
    carry_out(&mut state, 7, raise(3));
    assert_eq!(again(&state, raise(2)), Error::MinimumOutOfRange { asked: 2, least: 4, most: 3 });
    let vote = Motion::Approve(Box::new(vote(NEW, &[0, 1])));
    assert_eq!(again(&state, vote), Error::HashTaken(NEW));
}

/// Whoever has a part of it revoked first does not keep the rest in use.
#[test]
fn h03_a_revocation_of_some_builds_is_no_veto_on_that_of_more() {
    let memory = Memory::default();
    let mut state = grown(&memory);
    let all = revoke(&[FIRST, NEW]);
    assert_eq!(ask(&state, all.clone()), Ok(()));
    carry_out(&mut state, 7, revoke(&[FIRST]));
    assert_eq!(ask(&state, all.clone()), Ok(()), "it can still be proposed");
    let Event::Revoked { build_hashes, effective_epoch, .. } = carry_out(&mut state, 8, all.clone()) else {
        panic!("no revocation")
    };
    assert_eq!((build_hashes.into_inner(), effective_epoch), (vec![NEW], Epoch(10)), "what was left of it");
    let effective = |hash| stop(&state, &hash).map(|stop| stop.epoch.0);
    assert_eq!([FIRST, NEW].map(effective), [Some(9), Some(10)], "the first revocation keeps its epoch");
    assert_eq!(all.enact(&state, at(9), &mandate(10)), Err(Error::AlreadyRevoked(FIRST)), "nothing is left");
}

#[test]
fn h03_what_is_left_of_a_revocation_is_judged_by_what_it_leaves() {
    let memory = Memory::default();
    let mut state = grown(&memory);
    let both = revoke(&[NEW, NEWER]);
    carry_out(&mut state, 7, revoke(&[NEW]));
    let strands = Error::WouldStrand { build_hash: NEWER, running: Amount(0), total: Amount(100) };
    assert_eq!(both.enact(&state, at(8), &mandate(10)), Err(strands));
    [ANN, BEN].into_iter().for_each(|node| run(&mut state, node, FIRST, 8));
    carry_out(&mut state, 8, both);
    assert_eq!(ACTIVE.get(&state), Some(vec![FIRST]));
}

#[test]
fn what_is_long_stays_with_the_proposal() {
    let memory = Memory::default();
    let mut state = world(&memory);
    let components = Components { storage: Text::new("rocksdb"), ..Components::default() };
    let said = Manifest { components, notes: Text::new("n".repeat(16_384)), ..Manifest::default() };
    enact(&mut state, 3, with(|vote| vote.manifest = said.clone())).unwrap();
    let kept = approved(&state, NEW).manifest;
    assert_eq!(Manifest { signed_root: None, ..kept }, Manifest { notes: None, ..said });
    use parity_scale_codec::Encode;
    assert!(approved(&state, NEW).encode().len() < 1_000, "a node proves this record at every boot");
}
