//! Stories of what builds know. The network begins with level 1, and the notice is two epochs; ANN, BEN and CLO decide blocks with 40, 40
//! and 20 power.

use super::lifetime::{THIRD, carry_out, raise};
use super::live::put;
use super::*;
use crate::Levels;
use crate::queries::{level_at, levels};
use state::AuditedRefusal as _;

const SALT: Digest = Digest([0x5a; 32]);

/// A vote on a build, of whose release a level is said.
fn knowing(hash: BuildHash, level: u32) -> ReleaseVote {
    let manifest = Manifest { level: Some(level), ..Manifest::default() };
    ReleaseVote { manifest: signed(manifest, hash, &[0, 1]), ..vote(hash, &[0, 1]) }
}

/// It is decided that a level is in force from an epoch on.
fn decide_level(state: &mut State, from: u64, level: u32) {
    let minimum = MinimumStep { sequence: 1, effective_epoch: Epoch(from) }.into();
    let reason = Reason::new("a new question").unwrap();
    Event::MinimumSequenceRaised { minimum, level, reason }.apply(state, at(3));
}

fn too_low(level: u32, needed: u32) -> Error {
    Error::LevelTooLow { build_hash: NEW, level, needed }
}

#[test]
fn what_knows_less_than_the_network_is_not_approved_and_what_knows_more_is() {
    let memory = Memory::default();
    let mut state = world(&memory);
    assert_eq!((approved(&state, FIRST).level, levels(&state)), (1, Levels::from_genesis(1)), "as genesis says");
    assert_eq!(admit(&state, knowing(NEW, 0)), Err(too_low(0, 1)));
    assert_eq!(enact(&mut state, 3, knowing(NEW, 0)), Err(too_low(0, 1)));
    assert_eq!((too_low(0, 1).code(), too_low(0, 1).number()), (Some("E_LEVEL"), 606));
    for said in [vote(NEW, &[0, 1]), knowing(NEW, 1), knowing(NEW, 7)] {
        assert_eq!(admit(&state, said), Ok(()));
    }
    enact(&mut state, 3, knowing(NEW, 7)).unwrap();
    enact(&mut state, 4, vote(NEWER, &[0, 1])).unwrap();
    assert_eq!([NEW, NEWER].map(|hash| approved(&state, hash).level), [7, 1], "what says nothing is of its time");
    assert_eq!(level_at(&state, Epoch(900)), 1, "an approval alone raises nothing");
}

#[test]
fn what_is_decided_counts_before_it_is_in_force_and_again_when_a_release_is_carried_out() {
    let memory = Memory::default();
    let mut state = world(&memory);
    let passed = knowing(NEW, 1);
    assert_eq!(admit(&state, passed.clone()), Ok(()));
    decide_level(&mut state, 6, 2);
    assert_eq!((level_at(&state, Epoch(5)), level_at(&state, Epoch(6))), (1, 2));
    assert_eq!(admit(&state, passed.clone()), Err(too_low(1, 2)));
    assert_eq!(enact(&mut state, 5, passed), Err(too_low(1, 2)), "it passed before that was decided");
    assert_eq!(admit(&state, knowing(NEW, 2)), Ok(()));
    // Of what says nothing, the epoch decides in which it is carried out.
    let unsaid = || Motion::Approve(Box::new(vote(NEW, &[0, 1])));
    assert_eq!(unsaid().admit(&state, at(3), Epoch(5)), Err(too_low(1, 2)));
    assert_eq!(unsaid().admit(&state, at(3), Epoch(6)), Ok(()));
    assert_eq!(enact(&mut state, 5, vote(NEW, &[0, 1])), Err(too_low(1, 2)));
    enact(&mut state, 6, vote(NEW, &[0, 1])).unwrap();
    assert_eq!(approved(&state, NEW).level, 2);
}

#[test]
fn a_level_comes_with_a_minimum_and_is_the_least_that_may_run_by_then() {
    let memory = Memory::default();
    let mut state = decided(&memory);
    enact(&mut state, 3, knowing(NEW, 2)).unwrap();
    // The line that runs still is mended, though a release is approved that knows more.
    enact(&mut state, 4, knowing(NEWER, 1)).unwrap();
    let raised = |state: &mut State, epoch, minimum| match carry_out(state, epoch, raise(minimum)) {
        Event::MinimumSequenceRaised { level, .. } => level,
        other => panic!("{other:?}"),
    };
    let have = |state: &mut State, epoch, build| {
        [ANN, BEN].into_iter().for_each(|node| drop(hold(state, epoch, node, build).unwrap()));
    };
    have(&mut state, 5, NEWER);
    assert_eq!(raised(&mut state, 7, 2), 1, "NEWER may run as well");
    assert_eq!(raised(&mut state, 8, 3), 1);
    assert_eq!(levels(&state), Levels::from_genesis(1));
    enact(&mut state, 9, knowing(THIRD, 3)).unwrap();
    have(&mut state, 9, THIRD);
    assert_eq!(raised(&mut state, 10, 4), 3);
    assert_eq!([11, 12].map(|epoch| level_at(&state, Epoch(epoch))), [1, 3], "from the epoch of the minimum on");
}

#[test]
fn no_level_falls_whatever_becomes_of_the_release_that_brought_it() {
    let memory = Memory::default();
    let mut state = decided(&memory);
    enact(&mut state, 3, knowing(NEW, 2)).unwrap();
    [ANN, BEN].into_iter().for_each(|node| drop(hold(&mut state, 4, node, NEW).unwrap()));
    carry_out(&mut state, 5, raise(2));
    let reason = Reason::new("leaks keys").unwrap();
    let build_hashes = List::truncate_from(vec![NEW]);
    Event::Revoked { build_hashes, reason, effective_epoch: Epoch(7), reinstated: Vec::new() }.apply(&mut state, at(5));
    assert_eq!([6, 7, 900].map(|epoch| level_at(&state, Epoch(epoch))), [1, 2, 2]);
    let below = Error::LevelTooLow { build_hash: NEWER, level: 1, needed: 2 };
    assert_eq!(admit(&state, knowing(NEWER, 1)), Err(below));
    assert_eq!(admit(&state, knowing(NEWER, 2)), Ok(()));
}

#[test]
fn t17_the_level_of_what_is_sealed_is_judged_when_it_is_revealed_and_when_it_is_carried_out() {
    let memory = Memory::default();
    let mut state = decided(&memory);
    let sealed = |level| {
        let manifest = knowing(NEW, level).manifest;
        let vote = with(|vote| vote.sealed = Some(manifest.seal(&ANN, &NEW, &SALT)));
        (vote, Call::Reveal { build_hash: NEW, proposer: ANN, manifest: Box::new(manifest), salt: SALT })
    };
    let (low, reveal_low) = sealed(0);
    assert_eq!(admit(&state, low.clone()), Ok(()), "nobody knows it yet");
    put(&mut state, 8, ANN, &low);
    assert_eq!(reveal_low.decide(&state, at(3), BEN), Err(too_low(0, 1)));
    let (vote, reveal) = sealed(1);
    put(&mut state, 9, ANN, &vote);
    reveal.decide(&state, at(3), BEN).unwrap().apply(&mut state, at(3));
    hold(&mut state, 4, BEN, NEW).unwrap();
    decide_level(&mut state, 6, 2);
    assert_eq!(enact(&mut state, 5, vote), Err(too_low(1, 2)));
}
