//! Stories of how builds go out of use. The notice is two epochs; ANN, BEN and CLO decide blocks with 40, 40 and 20 power.

use super::*;
use crate::queries::{minimum_sequence, stop};
use crate::{Components, Reason};

const THIRD: BuildHash = BuildHash([3; 32]);

fn reason() -> Reason {
    Text::new("leaks keys").unwrap()
}

/// A world with validators, whose releases 2 and 3 are `NEW` and `NEWER`.
fn grown(memory: &Memory) -> State<'_> {
    let mut state = decided(memory);
    enact(&mut state, 3, vote(NEW, &[0, 1])).unwrap();
    enact(&mut state, 4, vote(NEWER, &[0, 1])).unwrap();
    state
}

fn revoke(builds: &[BuildHash]) -> Motion {
    Motion::Revoke { build_hashes: List::truncate_from(builds.to_vec()), reason: reason() }
}

fn raise(minimum: u64) -> Motion {
    Motion::RaiseMinimumSequence { minimum, reason: reason() }
}

fn ask(state: &State, motion: Motion) -> Result<(), Error> {
    motion.admit(state, at(5), Epoch(7))
}

fn carry_out(state: &mut State, epoch: u64, motion: Motion) -> Event {
    let event = motion.enact(state, at(epoch), &mandate(9)).unwrap();
    event.apply(state, at(0));
    event
}

/// More than two thirds of the power have a build, beside the one that they run.
fn held(state: &mut State, epoch: u64, build: BuildHash) {
    [ANN, BEN].into_iter().for_each(|node| drop(hold(state, epoch, node, build).unwrap()));
}

fn run(state: &mut State, node: AccountId, build: BuildHash, epoch: u64) {
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
fn t25_a_superseded_release_is_revoked_whoever_runs_it_because_its_successor_is_active() {
    let memory = Memory::default();
    let mut state = grown(&memory);
    for node in [ANN, BEN, CLO] {
        run(&mut state, node, NEW, 4);
    }
    assert_eq!(ask(&state, revoke(&[NEW, FIRST])), Ok(()));
}

#[test]
fn t25_a_successor_for_another_platform_is_none() {
    let memory = Memory::default();
    let mut state = grown(&memory);
    let on = |platform: &str, hash| {
        let mut vote = vote(hash, &[0, 1]);
        vote.manifest.platform = Text::new(platform);
        vote
    };
    let (old, arm) = (BuildHash([4; 32]), BuildHash([5; 32]));
    enact(&mut state, 5, on("x86_64-linux", old)).unwrap();
    enact(&mut state, 6, on("aarch64-linux", arm)).unwrap();
    assert_eq!([old, arm].map(|hash| approved(&state, hash).standing), [Standing::Active, Standing::Active]);
    let refused = ask(&state, revoke(&[old]));
    assert_eq!(refused, Err(Error::WouldStrand { build_hash: old, running: Amount(0), total: Amount(100) }));
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
    assert_eq!(approved(&state, NEW).standing, Standing::Superseded { by: THIRD });
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
    carry_out(&mut state, 8, raise(3));
    assert_eq!([8, 9, 10].map(|epoch| minimum_sequence(&state).at(Epoch(epoch))), [0, 0, 3]);
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

#[test]
fn support_ends_only_for_what_is_superseded() {
    let memory = Memory::default();
    let mut state = grown(&memory);
    let end = |build_hash, epoch| Motion::EndSupport { build_hash, epoch: Epoch(epoch) };
    assert_eq!(ask(&state, end(THIRD, 20)), Err(Error::NotApproved(THIRD)));
    let soon = Error::SupportEndsTooSoon { end: Epoch(8), soonest: Epoch(9) };
    assert_eq!(ask(&state, end(NEWER, 8)), Err(soon));
    carry_out(&mut state, 7, end(NEWER, 9));
    assert_eq!(verdict_now(&state, &NEWER, Epoch(12)), Verdict::Approved, "nothing has superseded it");
    let third = ReleaseVote { build_hash: THIRD, signatures: attested(&[0, 1], THIRD), ..vote(NEW, &[]) };
    enact(&mut state, 12, third).unwrap();
    assert_eq!(verdict_now(&state, &NEWER, Epoch(13)), Verdict::Approved, "its nodes have the notice");
    assert_eq!(verdict_now(&state, &NEWER, Epoch(14)), Verdict::EndOfSupport { epoch: Epoch(14) });
}

#[test]
fn h03_of_two_ends_of_support_that_were_open_together_the_first_that_is_carried_out_holds() {
    let memory = Memory::default();
    let mut state = grown(&memory);
    let enact = |state: &State, end, epoch, created_epoch| {
        let motion = Motion::EndSupport { build_hash: NEW, epoch: Epoch(end) };
        motion.enact(state, at(epoch), &Mandate { created_epoch: Epoch(created_epoch), ..mandate(9) })
    };
    enact(&state, 20, 7, 5).unwrap().apply(&mut state, at(7));
    assert_eq!(enact(&state, 12, 8, 6), Err(Error::SupportMoved { build_hash: NEW, since: Epoch(7) }));
    assert_eq!(approved(&state, NEW).manifest.end_of_support_epoch, Some(Epoch(20)));
    assert!(enact(&state, 30, 9, 7).is_ok(), "made in knowledge of the first");
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

#[test]
fn what_is_long_stays_with_the_proposal() {
    let memory = Memory::default();
    let mut state = world(&memory);
    let components = Components { storage: Text::new("rocksdb"), ..Components::default() };
    let long = with(|vote| {
        vote.manifest.notes = Text::new("n".repeat(16_384).as_str());
        (vote.manifest.components, vote.manifest.updater_hash) = (components.clone(), Some(THIRD));
    });
    enact(&mut state, 3, long).unwrap();
    let kept = approved(&state, NEW).manifest;
    assert_eq!((kept.notes, kept.components, kept.updater_hash), (None, components, Some(THIRD)));
    use parity_scale_codec::Encode;
    assert!(approved(&state, NEW).encode().len() < 1_000, "a node proves this record at every boot");
}
