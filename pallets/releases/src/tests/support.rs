//! Stories of how support ends. Of `FIRST`, `NEW` and `NEWER`, the last is active; the notice is two epochs, and ANN, BEN and CLO
//! decide blocks with 40, 40 and 20 power.

use super::lifetime::{THIRD, ask, carry_out, grown, raise, revoke, run};
use super::*;
use crate::queries::stop;
use primitives::TrackName;

const EITHER: &[TrackName] = &[TrackName::Routine, TrackName::Expedited];
const HIGH: &[TrackName] = &[TrackName::Expedited];

fn end(build_hash: BuildHash, epoch: u64) -> Motion {
    Motion::EndSupport { build_hash, epoch: Epoch(epoch) }
}

/// A world in which ANN and BEN run what is active, two thirds of the stake.
fn moved_on(memory: &Memory) -> State<'_> {
    let mut state = grown(memory);
    [ANN, BEN].into_iter().for_each(|node| run(&mut state, node, NEWER, 4));
    state
}

/// The epochs from which builds no longer boot.
fn stops(state: &State, builds: &[BuildHash]) -> Vec<Option<u64>> {
    builds.iter().map(|hash| stop(state, hash).map(|stop| stop.epoch.0)).collect()
}

#[test]
fn a_superseded_release_stops_at_the_end_of_its_support() {
    let memory = Memory::default();
    let mut state = moved_on(&memory);
    assert_eq!(ask(&state, end(THIRD, 20)), Err(Error::NotApproved(THIRD)));
    let soon = Error::SupportEndsTooSoon { end: Epoch(8), soonest: Epoch(9) };
    assert_eq!(ask(&state, end(NEW, 8)), Err(soon));
    carry_out(&mut state, 7, end(NEW, 9));
    assert_eq!(verdict_now(&state, &NEW, Epoch(8)), Verdict::Approved);
    assert_eq!(verdict_now(&state, &NEW, Epoch(9)), Verdict::EndOfSupport { epoch: Epoch(9) });
    carry_out(&mut state, 7, revoke(&[FIRST]));
    assert_eq!(ask(&state, end(FIRST, 20)), Err(Error::AlreadyRevoked(FIRST)));
}

#[test]
fn h10_t25_support_does_not_end_for_what_a_third_of_the_stake_runs_although_its_successor_is_active() {
    let memory = Memory::default();
    let mut state = grown(&memory);
    let strands = |running| Err(Error::WouldStrand { build_hash: NEW, running: Amount(running), total: Amount(100) });
    [(ANN, NEW), (CLO, NEW), (BEN, NEWER)].into_iter().for_each(|(node, build)| run(&mut state, node, build, 4));
    for epoch in [9, 1_000] {
        assert_eq!(ask(&state, end(NEW, epoch)), strands(40), "however far it is, an end is never urgent");
    }
    run(&mut state, CLO, NEWER, 5);
    assert_eq!(ask(&state, end(NEW, 9)), strands(60));
    run(&mut state, ANN, NEWER, 5);
    assert_eq!(ask(&state, end(NEW, 9)), Ok(()));

    // Receipts change between the proposal and its activation.
    run(&mut state, BEN, NEW, 6);
    assert_eq!(end(NEW, 9).enact(&state, at(7), &mandate(9)).map(drop), strands(60));
    assert_eq!(stop(&state, &NEW), None);
}

#[test]
fn h10_t25_a_build_that_is_to_stop_itself_is_none_that_stays() {
    let memory = Memory::default();
    let mut state = moved_on(&memory);
    carry_out(&mut state, 7, end(NEW, 20));
    [ANN, BEN].into_iter().for_each(|node| run(&mut state, node, NEW, 7));
    let strands = Error::WouldStrand { build_hash: FIRST, running: Amount(0), total: Amount(100) };
    assert_eq!(ask(&state, end(FIRST, 9)), Err(strands), "it boots until 20, and that is no place to stay");
}

#[test]
fn h10_what_brings_a_stop_nearer_takes_the_high_bar_and_putting_it_off_does_not() {
    let memory = Memory::default();
    let mut state = moved_on(&memory);
    for motion in [revoke(&[FIRST]), raise(2), end(FIRST, 1_000), end(NEWER, 1_000)] {
        assert_eq!(motion.tracks(&state), HIGH, "{motion:?}");
    }
    carry_out(&mut state, 7, end(NEW, 20));
    assert_eq!([19, 20, 21].map(|epoch| end(NEW, epoch).tracks(&state)), [HIGH, EITHER, EITHER]);
    // Nobody runs what is active any more, and still an end may be put off.
    [ANN, BEN, CLO].into_iter().for_each(|node| run(&mut state, node, NEW, 8));
    assert!(matches!(ask(&state, end(NEW, 19)), Err(Error::WouldStrand { .. })));
    assert_eq!(ask(&state, end(NEW, 30)), Ok(()));
    // What puts it off when it is proposed may bring it nearer when it is due.
    carry_out(&mut state, 9, end(NEW, 40));
    assert_eq!(end(NEW, 30).tracks(&state), HIGH);
}

#[test]
fn h10_an_end_that_has_come_is_not_put_off() {
    let memory = Memory::default();
    let mut state = moved_on(&memory);
    carry_out(&mut state, 7, end(NEW, 9));
    let moved = |epoch| Motion::EndSupport { build_hash: NEW, epoch: Epoch(40) }.admit(&state, at(epoch), Epoch(30));
    let ended = Err(Error::SupportEnded { build_hash: NEW, epoch: Epoch(9) });
    assert_eq!([8, 9, 20].map(moved), [Ok(()), ended.clone(), ended.clone()], "by whatever track");
    let late = end(NEW, 40).enact(&state, at(9), &Mandate { proposed: at(8), ..mandate(9) }).map(drop);
    assert_eq!(late, ended, "what passed while it was to come is too late as well");
    assert_eq!(verdict_now(&state, &NEW, Epoch(20)), Verdict::EndOfSupport { epoch: Epoch(9) });
}

#[test]
fn h10_neither_a_date_in_a_manifest_nor_a_successor_stops_a_build() {
    let memory = Memory::default();
    let mut state = grown(&memory);
    let third = with(|vote| {
        (vote.build_hash, vote.signatures) = (THIRD, attested(&[0, 1], THIRD));
        vote.manifest.end_of_support_epoch = Some(Epoch(9));
    });
    enact(&mut state, 5, third).unwrap();
    [ANN, BEN, CLO].into_iter().for_each(|node| run(&mut state, node, THIRD, 5));
    let fourth = BuildHash([4; 32]);
    enact(&mut state, 12, vote(fourth, &[0, 1])).unwrap();
    assert_eq!(approved(&state, THIRD).standing, gave_way_to(fourth));
    assert_eq!(stops(&state, &[FIRST, NEW, NEWER, THIRD, fourth]), [None; 5], "all run THIRD, past its date");
    assert_eq!(approved(&state, THIRD).manifest.end_of_support_epoch, Some(Epoch(9)), "what was voted on stays");
}

#[test]
fn the_end_of_support_of_the_latest_release_stops_nothing_that_runs() {
    let memory = Memory::default();
    let mut state = grown(&memory);
    [ANN, BEN].into_iter().for_each(|node| run(&mut state, node, NEW, 4));
    carry_out(&mut state, 7, end(NEWER, 9));
    assert_eq!(approved(&state, NEWER).support_ends(), Some(Epoch(9)), "from then on it is not installed");
    enact(&mut state, 12, vote(BuildHash([4; 32]), &[0, 1])).unwrap();
    assert_eq!(stops(&state, &[NEWER]), [None], "nor once it has a successor");
}

#[test]
fn what_is_in_use_again_has_no_end() {
    let memory = Memory::default();
    let mut state = moved_on(&memory);
    carry_out(&mut state, 7, end(NEW, 20));
    [ANN, BEN].into_iter().for_each(|node| run(&mut state, node, NEW, 8));
    carry_out(&mut state, 9, revoke(&[NEWER]));
    assert_eq!(approved(&state, NEW).standing, Standing::Active);
    assert_eq!(stops(&state, &[NEW]), [None]);
}
