//! Who is a member when a poll is counted.

use super::council::*;
use super::*;
use crate::{Electorate, PollFailure};

#[test]
fn whoever_came_later_or_went_and_came_again_has_no_vote() {
    let memory = Memory::default();
    let mut state = with_council(&memory);
    let id = ask(&mut state, height(11), ASKED, two_thirds(None));
    seat(&mut state, DAN);
    goes(&mut state, 11, CAT);
    seat(&mut state, CAT);
    let none = Err(Error::NotMember { proposal_id: id, key: key() });
    for who in [DAN, CAT, EVE] {
        for choice in [Choice::Yes, Choice::No, Choice::Abstain] {
            assert_eq!(says(id, choice).decide(&state, height(12), who), none, "{who}");
        }
    }
    let recounted = Event::Recounted { proposal_id: id, tally: of(0, 0, 0), total: Amount(2) };
    assert_eq!(clock(&mut state, 12), [recounted]);
    let later = ask(&mut state, height(12), ASKED, two_thirds(None));
    assert_eq!(queries::poll(&state, later).total, Amount(4), "they vote on what is opened now");
    for who in [DAN, CAT] {
        votes(&mut state, 12, who, later, Choice::Yes);
    }
}

#[test]
fn ballots_of_those_who_went_count_for_nothing_and_they_are_not_in_the_whole() {
    let memory = Memory::default();
    let mut state = with_council(&memory);
    seat(&mut state, DAN);
    let id = ask(&mut state, height(11), ASKED, two_thirds(None));
    votes(&mut state, 12, ANN, id, Choice::Yes);
    votes(&mut state, 12, BOB, id, Choice::No);
    assert!(!votes(&mut state, 12, CAT, id, Choice::Yes), "two of four");
    goes(&mut state, 12, CAT);
    let recounted = Event::Recounted { proposal_id: id, tally: of(1, 1, 0), total: Amount(3) };
    assert_eq!(clock(&mut state, 13), [recounted]);
    goes(&mut state, 13, BOB);
    let recounted = Event::Recounted { proposal_id: id, tally: of(1, 0, 0), total: Amount(2) };
    assert_eq!(clock(&mut state, 14), [recounted], "one of two is not two thirds");
    assert_eq!(queries::ballot_count(&state, id), 3, "what was said stays");
    assert!(votes(&mut state, 14, DAN, id, Choice::Yes));
    assert_eq!(clock(&mut state, 15)[0], decided(id, of(2, 0, 0), 2, None));
}

#[test]
fn a_poll_is_decided_by_those_who_go_too() {
    let memory = Memory::default();
    let mut state = with_council(&memory);
    seat(&mut state, DAN);
    let [passes, fails] = [(); 2].map(|()| ask(&mut state, height(11), ASKED, two_thirds(None)));
    for who in [ANN, BOB] {
        votes(&mut state, 12, who, passes, Choice::Yes);
    }
    votes(&mut state, 12, ANN, fails, Choice::No);
    goes(&mut state, 12, CAT);
    let ends = [
        decided(passes, of(2, 0, 0), 3, None),
        Event::Recounted { proposal_id: fails, tally: of(0, 1, 0), total: Amount(3) },
    ];
    let facts = clock(&mut state, 13);
    assert_eq!(facts[..2], ends, "two of three, and two could still be");
    goes(&mut state, 13, DAN);
    assert_eq!(clock(&mut state, 14), [decided(fails, of(0, 1, 0), 2, Some(Shortfall::Support))]);
}

#[test]
fn a_vote_that_was_certain_is_not_when_who_gave_it_went_in_the_same_block() {
    let memory = Memory::default();
    let mut state = with_council(&memory);
    let id = ask(&mut state, height(11), ASKED, two_thirds(None));
    votes(&mut state, 12, ANN, id, Choice::Yes);
    assert!(votes(&mut state, 12, BOB, id, Choice::Yes));
    goes(&mut state, 12, BOB);
    let recounted = Event::Recounted { proposal_id: id, tally: of(1, 0, 0), total: Amount(2) };
    assert_eq!(clock(&mut state, 13), [recounted]);
    assert_eq!(queries::poll(&state, id).status, Status::Open);
}

/// As when all keys are lost, and the stake has replaced the members.
#[test]
fn a_poll_of_which_nobody_is_left_ends_without_a_no_and_the_next_one_is_of_those_who_came() {
    let memory = Memory::default();
    let mut state = with_council(&memory);
    let id = ask(&mut state, height(11), ASKED, two_thirds(None));
    votes(&mut state, 12, ANN, id, Choice::Yes);
    COUNCIL.into_iter().for_each(|who| goes(&mut state, 12, who));
    seat(&mut state, DAN);
    assert_eq!(clock(&mut state, 13), [decided(id, of(0, 0, 0), 0, Some(Shortfall::Voters))]);
    assert_eq!(unmet(&state), [(id, PollFailure::Rejected(Shortfall::Voters))]);
    let next = ask(&mut state, height(13), ASKED, two_thirds(None));
    assert!(votes(&mut state, 13, DAN, next, Choice::Yes), "alone, and so two thirds of all");
}

#[test]
fn a_poll_that_is_opened_for_nobody_waits_until_somebody_came_and_is_of_no_other() {
    let memory = Memory::default();
    let mut state = with_council(&memory);
    COUNCIL.into_iter().for_each(|who| goes(&mut state, 11, who));
    let id = ask(&mut state, height(11), ASKED, two_thirds(None));
    assert!((12..50).all(|now| clock(&mut state, now).is_empty()), "nothing is said again and again");
    seat(&mut state, DAN);
    crate::apply::recount(&mut state, height(50), &key());
    assert_eq!(clock(&mut state, 51), [decided(id, of(0, 0, 0), 0, Some(Shortfall::Voters))]);
}

#[test]
fn an_electorate_says_who_votes_with_how_much() {
    let memory = Memory::default();
    let state = with_council(&memory);
    let stake = Electorate::Stake { epoch: Epoch(1), total: Amount(1_000) };
    let weights = |of: &Electorate| [ANN, BOB, CAT, DAN, EVE].map(|who| of.weight_of(&state, &who).0);
    assert_eq!(weights(&stake), [300, 200, 400, 100, 0]);
    assert_eq!((stake.total(&state), stake.stake_epoch(), stake.role()), (Amount(1_000), Some(Epoch(1)), None));
    assert!(stake.members(&state).is_empty());
    let members = Electorate::Members { key: key(), version: 2 };
    assert_eq!(weights(&members), [1, 1, 0, 0, 0], "Cat came with the third version");
    assert_eq!((members.total(&state), members.stake_epoch(), members.role()), (Amount(2), None, Some(&key())));
    assert_eq!(members.members(&state), [ANN, BOB]);
}

/// Whoever appoints in some places packs no vote about the whole plan with those that it appoints.
#[test]
fn whoever_may_act_in_some_places_alone_neither_votes_nor_is_in_the_whole() {
    let memory = Memory::default();
    let mut state = with_council(&memory);
    let scopes = |pattern: &str| -> roles::Scopes { primitives::List::truncate_from(vec![pattern.parse().unwrap()]) };
    for (account, pattern) in [(DAN, "PROD/**"), (EVE, "**")] {
        roles::apply::seat(&mut state, &key(), &roles::Seat { account, scopes: scopes(pattern) });
    }
    let id = ask(&mut state, height(11), ASKED, two_thirds(None));
    let poll = queries::poll(&state, id);
    assert_eq!((poll.total, poll.electorate.members(&state)), (Amount(4), vec![ANN, BOB, CAT, EVE]));
    let none = Err(Error::NotMember { proposal_id: id, key: key() });
    assert_eq!(says(id, Choice::Yes).decide(&state, height(12), DAN), none);
    votes(&mut state, 12, EVE, id, Choice::Yes);

    // One that is named again with less has its ballot no longer.
    roles::apply::seat(&mut state, &key(), &roles::Seat { account: EVE, scopes: scopes("PROD/**") });
    crate::apply::recount(&mut state, height(12), &key());
    let recounted = Event::Recounted { proposal_id: id, tally: of(0, 0, 0), total: Amount(3) };
    assert_eq!(clock(&mut state, 13), [recounted]);
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Vote(Choice),
    Go,
}

/// What a member does; what is refused changes nothing.
fn take(state: &mut State, now: u64, who: AccountId, id: ProposalId, step: Step) {
    match step {
        Step::Vote(choice) => {
            if let Ok(event) = says(id, choice).decide(state, height(now), who) {
                event.apply(state, height(now));
            }
        }
        Step::Go => {
            if roles::queries::member(state, &key(), &who).is_some() {
                goes(state, now, who);
            }
        }
    }
}

/// Three members take four steps in all ways, two steps a block. After each block's clock a poll that is open has the count of its
/// ballots and is not certain, and one that has ended was decided by two thirds of those who were left.
#[test]
fn whatever_members_do_the_count_is_that_of_the_ballots_and_certain_is_decided() {
    let kinds = [Choice::Yes, Choice::No].map(Step::Vote).into_iter().chain([Step::Go]);
    let steps: Vec<_> = COUNCIL.into_iter().flat_map(|who| kinds.clone().map(move |kind| (who, kind))).collect();
    let (mut passed, mut failed, mut stayed) = (0, 0, 0);
    for way in 0..steps.len().pow(4) {
        let memory = Memory::default();
        let mut state = with_council(&memory);
        let id = ask(&mut state, height(11), ASKED, two_thirds(None));
        let step = |digit: u32| steps[way / steps.len().pow(digit) % steps.len()];
        for now in [12, 13] {
            for digit in [0, 1] {
                let (who, step) = step(2 * (now as u32 - 12) + digit);
                take(&mut state, now, who, id, step);
            }
            let facts = clock(&mut state, now + 1);
            let poll = queries::poll(&state, id);
            let (tally, total) = crate::counting::count(&state, id, &poll.electorate);
            let enough = 3 * tally.yes.0 >= 2 * total.0 && total.0 > 0;
            let possible = 3 * (total.0 - tally.no.0) >= 2 * total.0 && total.0 > 0;
            match poll.status {
                Status::Open => {
                    assert_eq!((poll.tally, poll.total), (tally, total), "{way}");
                    assert!(!enough && possible, "{way}: {tally} of {total} is certain");
                }
                Status::Activated => assert!(facts.is_empty() || enough, "{way}: {facts:?}"),
                Status::Rejected => assert!(facts.is_empty() || !possible, "{way}: {facts:?}"),
                other => panic!("{way}: {other}"),
            }
        }
        match queries::poll(&state, id).status {
            Status::Activated => passed += 1,
            Status::Rejected => failed += 1,
            _ => stayed += 1,
        }
    }
    assert!(passed > 500 && failed > 500 && stayed > 500, "{passed}, {failed} and {stayed}");
}
