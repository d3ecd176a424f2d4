//! Stories of independent builders.

use super::live::{close, put};
use super::*;
use crate::Rebuild;
use crate::queries::{rebuild as numbered, rebuild_count};

fn attest(hash: BuildHash) -> Call {
    let (source_hash, source_commit) = (Some(Digest([4; 32])), Text::new("c0ffee"));
    Call::AttestRebuild { build_hash: hash, source_hash, source_commit }
}

#[test]
fn anybody_attests_a_rebuild_of_an_approved_build_once() {
    let memory = Memory::default();
    let mut state = world(&memory);
    for builder in [ANN, BEN] {
        attest(FIRST).decide(&state, at(3), builder).unwrap().apply(&mut state, at(0));
        let again = Call::AttestRebuild { build_hash: FIRST, source_hash: None, source_commit: None };
        let refused = Error::AlreadyAttested { build_hash: FIRST, builder };
        assert_eq!(again.decide(&state, at(9), builder), Err(refused), "in a later epoch too");
    }
    let (source_hash, source_commit) = (Some(Digest([4; 32])), Text::new("c0ffee"));
    let rebuild = |number| Rebuild { number, at: at(3).position(), source_hash, source_commit: source_commit.clone() };
    assert_eq!(rebuild_count(&state, &FIRST), 2);
    let listed = [1, 2].map(|number| numbered(&state, &FIRST, number));
    assert_eq!(listed, [Some((ANN, rebuild(1))), Some((BEN, rebuild(2)))]);
}

#[test]
fn a_build_is_attested_while_its_proposal_lives() {
    let memory = Memory::default();
    let mut state = world(&memory);
    assert_eq!(attest(NEW).decide(&state, at(3), ANN), Err(Error::NotProposed(NEW)));
    [4, 5].into_iter().for_each(|id| put(&mut state, id, ANN, &vote(NEW, &[0, 1])));
    close(&mut state, 4);
    attest(NEW).decide(&state, at(3), ANN).unwrap().apply(&mut state, at(0));
    close(&mut state, 5);
    assert_eq!(attest(NEW).decide(&state, at(4), BEN), Err(Error::NotProposed(NEW)), "it was rejected");
    enact(&mut state, 5, vote(NEW, &[0, 1])).unwrap();
    attest(NEW).decide(&state, at(6), BEN).unwrap().apply(&mut state, at(0));
    assert_eq!(rebuild_count(&state, &NEW), 2, "what was said during the vote stays");
}

#[test]
fn attesting_a_rebuild_approves_nothing() {
    let memory = Memory::default();
    let mut state = world(&memory);
    put(&mut state, 4, ANN, &vote(NEW, &[0, 1]));
    attest(NEW).decide(&state, at(3), ANN).unwrap().apply(&mut state, at(0));
    assert_eq!(verdict_now(&state, &NEW, Epoch(9)), Verdict::NotApproved);
}
