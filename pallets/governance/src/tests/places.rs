//! Stories of the places that live proposals hold (H3). Ann and Cat are validators, Bob and Dan are not.

use super::*;
use crate::TrackName::{Expedited, Routine};
use crate::{MOST_PLACES_OF_ONE, Place};

fn short(wish: u8, track: TrackName) -> Call<Wish> {
    on(wish, track, None, None)
}

/// With the longest window and the longest delay.
fn long(wish: u8, track: TrackName) -> Call<Wish> {
    on(wish, track, Some(6), Some(4))
}

fn place(event: &Event<Wish>) -> Place {
    let Event::Proposed(proposal) = event else { panic!("{event:?} is no proposal") };
    proposal.place
}

fn full(track: TrackName, most: u32) -> Error {
    Error::TooManyOpen { track, most }
}

fn yes(id: u64) -> Call<Wish> {
    Call::Vote { proposal_id: ProposalId(id), choice: Choice::Yes, reason: None }
}

#[test]
fn h03_one_proposer_holds_two_places_and_a_validator_one_more() {
    let memory = Memory::default();
    let mut state = with_places(&memory, 64);
    let crowded = Error::TooManyOfOne(MOST_PLACES_OF_ONE);
    assert_eq!(place(&make(&mut state, 1, BOB, short(1, Routine))), Place::Shared);
    assert_eq!(place(&make(&mut state, 1, BOB, short(101, Expedited))), Place::Shared);
    for track in [Routine, Expedited] {
        assert_eq!(refused(&state, 1, BOB, short(2, track)), crowded);
        assert_eq!(place(&make(&mut state, 1, ANN, short(2, Routine))), Place::Shared);
    }
    assert_eq!(refused(&state, 1, ANN, short(3, Routine)), crowded);
    assert_eq!(place(&make(&mut state, 1, ANN, short(103, Expedited))), Place::Own);
    assert_eq!(refused(&state, 1, ANN, short(104, Expedited)), crowded);
    make(&mut state, 1, BOB, Call::Withdraw { proposal_id: ONE });
    make(&mut state, 1, BOB, short(1, Routine));
    assert_eq!(queries::live_of(&state, &BOB).collect::<Vec<_>>(), [ProposalId(2), ProposalId(6)]);
}

#[test]
fn h03_each_track_has_half_of_the_shared_places_and_no_more() {
    let memory = Memory::default();
    let mut state = with_places(&memory, 5);
    make(&mut state, 1, BOB, short(1, Routine));
    make(&mut state, 1, DAN, short(2, Routine));
    assert_eq!(refused(&state, 1, CAT, short(3, Routine)), full(Routine, 2), "the smaller half");
    make(&mut state, 1, BOB, short(101, Expedited));
    make(&mut state, 1, DAN, short(102, Expedited));
    make(&mut state, 1, CAT, short(103, Expedited));
    assert_eq!(place(&make(&mut state, 1, CAT, short(104, Expedited))), Place::Shared, "its own is taken");
    assert_eq!(refused(&state, 1, CAT, short(105, Expedited)), full(Expedited, 3), "the larger half");
    assert_eq!(place(&make(&mut state, 1, ANN, short(105, Expedited))), Place::Own);
    make(&mut state, 1, DAN, Call::Withdraw { proposal_id: ProposalId(2) });
    make(&mut state, 1, ANN, short(2, Routine));
}

/// Bob and Dan take every expedited place that strangers can have.
#[test]
fn h03_expedited_motions_do_not_close_the_routine_track() {
    let memory = Memory::default();
    let mut state = with_places(&memory, 4);
    for who in [BOB, DAN] {
        make(&mut state, 1, who, long(107, Expedited));
    }
    assert_eq!(refused(&state, 1, BOB, long(107, Expedited)), full(Expedited, 2));
    make(&mut state, 1, CAT, short(1, Routine));
    make(&mut state, 1, ANN, short(2, Routine));
}

#[test]
fn a_place_is_held_until_its_proposal_is_concluded() {
    let memory = Memory::default();
    let mut state = with_places(&memory, 2);
    make(&mut state, 1, BOB, short(1, Routine));
    make(&mut state, 1, CAT, yes(1));
    begin(&mut state, 3);
    assert_eq!(queries::poll(&state, ONE).status, Status::Passed);
    assert_eq!(refused(&state, 3, CAT, short(2, Routine)), full(Routine, 1), "it passed, and waits");
    begin(&mut state, 4);
    make(&mut state, 4, CAT, short(2, Routine));
    begin(&mut state, 6);
    assert_eq!(queries::poll(&state, ProposalId(2)).status, Status::Rejected);
    make(&mut state, 6, CAT, short(3, Routine));
}

#[test]
fn a_validator_that_left_the_set_keeps_its_place_no_longer_than_its_proposal() {
    let memory = Memory::default();
    let mut state = with_places(&memory, 2);
    make(&mut state, 1, CAT, short(101, Expedited));
    let set = staking::ValidatorSet::strongest(vec![staking::Validator { account: ANN, power: Amount(550) }], 1);
    let (validators, candidates) = (set.clone(), set);
    staking::Event::Elected { epoch: Epoch(2), validators, candidates, sealer: None, remembered_from: Epoch(0) }
        .apply(&mut state, at(1));
    assert_eq!(place(&make(&mut state, 2, CAT, short(102, Expedited))), Place::Shared, "as any holder of enough stake");
    begin(&mut state, 3);
    assert_eq!(queries::live_of(&state, &CAT).collect::<Vec<_>>(), [ProposalId(2)]);
}

#[test]
fn while_one_validator_decides_blocks_alone_the_others_that_stand_for_election_keep_their_places() {
    let memory = Memory::default();
    let mut state = with_places(&memory, 2);
    let alone = staking::ValidatorSet::of_one(staking::Validator { account: ANN, power: Amount(550) });
    let elected = staking::Event::Elected {
        epoch: Epoch(2),
        validators: alone,
        candidates: staking::queries::candidates(&state, Epoch(1)),
        sealer: Some(ANN),
        remembered_from: Epoch(0),
    };
    elected.apply(&mut state, at(1));
    assert_eq!(place(&make(&mut state, 2, ANN, short(101, Expedited))), Place::Own);
    assert_eq!(place(&make(&mut state, 2, CAT, short(102, Expedited))), Place::Own);
}

/// Bob closes whatever he and Dan can, for as long as the rules let them, and renews it.
#[test]
fn h03_a_renewed_proposals_do_not_close_the_way_of_a_validator() {
    let memory = Memory::default();
    let mut state = with_places(&memory, 4);
    let fill = |state: &mut State| {
        for who in [BOB, DAN] {
            for track in [Expedited, Routine, Expedited] {
                let _ = long(7, track).decide(state, at(1), who).map(|event| event.apply(state, at(1)));
            }
        }
    };
    fill(&mut state);
    for id in 1..4 {
        let proposer = queries::proposal::<Wish>(&state, ProposalId(id)).proposer;
        make(&mut state, 1, proposer, withdraw(id));
    }
    fill(&mut state);
    assert_eq!(PLACES.iter(&state).count(), 4, "every shared place is taken again");
    let Event::Proposed(mine) = make(&mut state, 1, CAT, short(7, Expedited)) else { unreachable!() };
    assert_eq!((mine.vote_deadline_epoch, mine.activation_epoch), (Epoch(3), Epoch(4)), "the least time");
    for who in [ANN, CAT] {
        make(&mut state, 2, who, yes(mine.id.0));
    }
    begin(&mut state, 3);
    begin(&mut state, 4);
    assert_eq!(queries::poll(&state, mine.id).status, Status::Activated);
}

fn withdraw(id: u64) -> Call<Wish> {
    Call::Withdraw { proposal_id: ProposalId(id) }
}

/// Bob proposes it first, and takes it back when others have voted.
#[test]
fn h03_b_whoever_proposes_first_has_no_veto() {
    let memory = Memory::default();
    let mut state = world(&memory);
    make(&mut state, 1, BOB, short(100, Expedited));
    make(&mut state, 1, CAT, yes(1));
    assert_eq!(refused(&state, 1, BOB, withdraw(1)), Error::StaysOpen(ONE));
    make(&mut state, 1, ANN, short(100, Expedited));
    for who in [ANN, CAT] {
        for id in [1, 2] {
            make(&mut state, 2, who, yes(id));
        }
    }
    begin(&mut state, 3);
    begin(&mut state, 4);
    let statuses = [1, 2].map(|id| queries::poll(&state, ProposalId(id)).status);
    assert_eq!(statuses, [Status::Activated; 2], "neither keeps the other out");
}

/// Ends of votes, and what passed, can be more than a block holds: what is over waits for the next one.
#[test]
fn h03_what_stops_comes_first_however_few_a_block_carries_out() {
    let memory = Memory::default();
    let mut state = with_places(&memory, 8);
    // The last one is proposed later than the others, and is due with the first of them.
    for (epoch, who, call) in [
        (1, ANN, on(1, Routine, Some(3), Some(2))),
        (1, CAT, on(2, Routine, Some(3), Some(1))),
        (2, BOB, on(101, Expedited, Some(4), Some(1))),
    ] {
        let Event::Proposed(proposal) = make(&mut state, epoch, who, call) else { unreachable!() };
        [ANN, CAT].into_iter().for_each(|voter| drop(make(&mut state, epoch, voter, yes(proposal.id.0))));
    }
    for epoch in [3, 4] {
        due::<Wish>(&state, at(epoch), usize::MAX).iter().for_each(|event| event.apply(&mut state, at(epoch)));
    }
    let carried_out = |epoch, most| {
        let proposals = activate::<Wish>(&state, at(epoch), most);
        proposals.iter().map(|proposal| proposal.id.0).collect::<Vec<_>>()
    };
    assert_eq!(carried_out(4, 9), [2], "the others are of epoch 5");
    let cut = [1, 2, 3].map(|most| carried_out(5, most));
    assert_eq!(cut, [vec![3], vec![3, 2], vec![3, 2, 1]], "also before what waits since epoch 4");
}

#[test]
fn h03_what_waits_for_the_block_that_ends_its_vote_is_not_taken_back() {
    let memory = Memory::default();
    let mut state = world(&memory);
    make(&mut state, 1, ANN, short(1, Routine));
    make(&mut state, 1, BOB, short(2, Routine));
    let ends = due::<Wish>(&state, at(3), 1);
    ends.iter().for_each(|event| event.apply(&mut state, at(3)));
    let two = ProposalId(2);
    assert_eq!((ends.len(), queries::poll(&state, two).status), (1, Status::Open), "the block held no more");
    let ended = Error::VotingEnded { proposal_id: two, deadline: Epoch(3), now: Epoch(3) };
    assert_eq!(refused(&state, 3, BOB, withdraw(2)), ended, "its deposit is forfeited");
    assert!(activate::<Wish>(&state, at(3), 0).is_empty());
    begin(&mut state, 3);
    assert_eq!(queries::poll(&state, two).status, Status::Rejected);
    assert_eq!(accounts::queries::burned(&state), Amount(20));
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Propose(TrackName),
    WithdrawFirst,
}

/// What an account can do about places; what is refused changes nothing.
fn take(state: &mut State, who: AccountId, step: Step) {
    let call = match step {
        Step::Propose(track) => long(7, track),
        Step::WithdrawFirst => withdraw(queries::live_of(state, &who).next().unwrap_or_default().0),
    };
    if let Ok(event) = call.decide(state, at(1), who) {
        event.apply(state, at(1));
    }
}

/// All ways in which four accounts can take three steps, with two shared places.
#[test]
fn h03_whatever_others_do_a_validator_without_a_live_expedited_motion_can_propose_one() {
    let kinds = [Step::Propose(Routine), Step::Propose(Expedited), Step::WithdrawFirst];
    let steps: Vec<_> = [ANN, BOB, CAT, DAN].into_iter().flat_map(|who| kinds.map(|kind| (who, kind))).collect();
    let (mut asked, mut closed) = (0, 0);
    for way in 0..steps.len().pow(3) {
        let memory = Memory::default();
        let mut state = with_places(&memory, 2);
        for digit in [1, steps.len(), steps.len().pow(2)] {
            let (who, step) = steps[way / digit % steps.len()];
            take(&mut state, who, step);
        }
        closed += u32::from(SHARED_PLACES.get_or_default(&state).expedited == 1);
        for who in [ANN, CAT] {
            let mut live = queries::live_of(&state, &who).map(|id| queries::proposal::<Wish>(&state, id).track);
            if !live.any(|track| track == Expedited) {
                asked += 1;
                assert!(short(7, Expedited).decide(&state, at(1), who).is_ok(), "{who} after {way}");
            }
        }
    }
    assert!(asked > 1_000 && closed > 10, "{asked} and {closed}");
}
