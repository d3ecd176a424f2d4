//! How polls of many come to an end in one block: those of applications behind those of the network's own plan.

use super::council::*;
use super::*;
use crate::{MOST_GUESTS, PollRules};
use primitives::{Name, Span};
use roles::{RoleKey, Seat};

fn guest(within: Option<Span>) -> PollRules {
    PollRules::Members { key: key(), share: Fraction::TWO_THIRDS, within, guest: true }
}

fn ends(facts: &[Event<Wish>]) -> Vec<u64> {
    let ended = |fact: &Event<Wish>| match fact {
        Event::Decided { proposal_id, .. } => Some(proposal_id.0),
        _ => None,
    };
    facts.iter().filter_map(ended).collect()
}

/// Two agree to a poll in a block.
fn agree(state: &mut State, now: u64, id: ProposalId) {
    votes(state, now, ANN, id, Choice::Yes);
    votes(state, now, BOB, id, Choice::Yes);
}

#[test]
fn what_guests_have_opened_holds_up_no_poll_of_the_networks_own() {
    let memory = Memory::default();
    let mut state = with_council(&memory);
    let many = MOST_GUESTS as u64 + 8;
    let soon = Some(Span::Millis(400));
    for number in 0..many {
        let rules = guest(if number % 2 == 0 { soon } else { None });
        let id = ask(&mut state, height(11), ASKED, rules);
        if number % 2 == 1 {
            agree(&mut state, 12, id);
        }
    }
    let own = [soon, None].map(|within| ask(&mut state, height(11), ASKED, two_thirds(within)));
    agree(&mut state, 14, own[1]);
    let facts = clock(&mut state, 15);
    assert_eq!(ends(&facts)[..2], [own[0].0, own[1].0], "the one whose time is over, and the one that is decided");
    let half = MOST_GUESTS / 2;
    let over = (1..=many).filter(|number| number % 2 == 1).take(half);
    let agreed = (1..=many).filter(|number| number % 2 == 0).take(half);
    assert_eq!(ends(&facts)[2..], over.chain(agreed).collect::<Vec<_>>(), "half of each, who waits longest first");
    let done = |facts: &[Event<Wish>]| facts.iter().filter(|fact| matches!(fact, Event::Activated { .. })).count();
    assert_eq!(done(&facts), 1 + half, "all that passed");
    assert_eq!(ends(&clock(&mut state, 16)).len(), 8, "the others come in the next block");
    assert!(is_quiet(&state));
}

#[test]
fn a_small_block_has_room_for_some_of_them_and_for_what_they_do() {
    let memory = Memory::default();
    let mut state = with_council(&memory);
    let polls = [(); 5].map(|()| ask(&mut state, height(11), ASKED, guest(None)));
    polls.into_iter().for_each(|id| agree(&mut state, 12, id));
    let mut served = Vec::new();
    for (now, most, ended) in [(13, 3, 0), (14, 4, 1), (15, 11, 2), (16, 99, 2)] {
        let facts = block(&mut state, height(now), most);
        assert_eq!(facts.len(), 2 * ended, "{most}");
        served.extend(ends(&facts));
    }
    assert_eq!(served, polls.map(|id| id.0));
}

#[test]
fn whoever_has_a_poll_counted_again_and_again_keeps_no_other_from_its_turn() {
    let memory = Memory::default();
    let mut state = with_council(&memory);
    let first = [(); MOST_GUESTS].map(|()| ask(&mut state, height(11), ASKED, guest(None)));
    let other = ask(&mut state, height(11), ASKED, guest(None));
    let counted = |facts: &[Event<Wish>]| -> Vec<u64> {
        let id = |fact: &Event<Wish>| match fact {
            Event::Recounted { proposal_id, .. } => Some(proposal_id.0),
            _ => None,
        };
        facts.iter().filter_map(id).collect()
    };
    crate::apply::recount(&mut state, height(11), &key());
    assert_eq!(counted(&clock(&mut state, 12)), first.map(|id| id.0));
    crate::apply::recount(&mut state, height(12), &key());
    assert_eq!(counted(&clock(&mut state, 13))[0], other.0, "it waited since block 11");
}

#[test]
fn whoever_changes_members_in_every_block_keeps_no_poll_open_whose_time_is_over() {
    let memory = Memory::default();
    let mut state = with_council(&memory);
    for _ in 0..2 * MOST_GUESTS {
        ask(&mut state, height(11), ASKED, guest(None));
    }
    let others = RoleKey { role: Name::new("others").unwrap(), ..key() };
    roles::apply::seat(&mut state, &others, &Seat { account: DAN, scopes: Default::default() });
    let (share, within) = (Fraction::TWO_THIRDS, Some(Span::Millis(400)));
    let timed = ask(&mut state, height(11), ASKED, PollRules::Members { key: others, share, within, guest: true });
    let mut ended = Vec::new();
    for now in 14..17 {
        crate::apply::recount(&mut state, height(now), &key());
        ended.extend(ends(&clock(&mut state, now + 1)));
    }
    assert_eq!(ended, [timed.0]);
}

#[test]
fn what_stops_others_is_carried_out_before_what_members_decided_and_a_guests_motion_last() {
    let memory = Memory::default();
    let mut state = with_council(&memory);
    // In the order of their motions a routine wish comes with those of members; stopping comes first.
    for (who, wish, track) in [(ANN, 1, TrackName::Routine), (BOB, 101, TrackName::Expedited)] {
        let Event::Proposed(proposal) = make(&mut state, 1, who, on(wish, track, None, None)) else { unreachable!() };
        for voter in [ANN, CAT] {
            make(&mut state, 1, voter, says(proposal.id, Choice::Yes));
        }
    }
    let guests = ask(&mut state, height(11), ASKED, guest(None));
    let own = ask(&mut state, height(11), ASKED, two_thirds(None));
    begin(&mut state, 3);
    [guests, own].into_iter().for_each(|id| agree(&mut state, 39, id));
    due::<Wish>(&state, at(4), usize::MAX).iter().for_each(|event| event.apply(&mut state, at(4)));
    let carried_out = |most| {
        let proposals = activate::<Wish>(&state, at(4), most);
        proposals.iter().map(|proposal| proposal.id).collect::<Vec<_>>()
    };
    let all = [ProposalId(2), ProposalId(1), own, guests];
    assert_eq!(carried_out(9), all);
    assert_eq!(carried_out(3), all[..3], "what is over waits");
}
