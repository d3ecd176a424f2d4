//! When a poll of members ends that nobody decided (ROLLOUTS 3.1).

use super::council::*;
use super::*;
use crate::{Closing, PollFailure, PollRules};
use primitives::Span;

#[test]
fn a_poll_closes_when_its_span_is_over_and_at_no_other_moment() {
    let spans = [Span::Millis(1), Span::Millis(250), Span::Millis(1_000), Span::Epochs(1), Span::Epochs(3)];
    for opened in [0, 9, 10, 15].map(height) {
        for span in spans {
            let closing = Closing::after(opened, span);
            assert_eq!(closing.within(opened), span);
            let over: Vec<bool> = (opened.height.0..70).map(|now| closing.is_over(height(now))).collect();
            let measured = (opened.height.0..70).map(|now| span.since(opened, height(now)).is_enough());
            assert_eq!(over, measured.collect::<Vec<_>>(), "{span} from {opened:?}");
            assert!(!over[0] && over.iter().any(|over| *over), "{span} from {opened:?}");
        }
    }
    for longest in [Span::Millis(u64::MAX), Span::Epochs(u64::MAX)] {
        assert!(!Closing::after(height(15), longest).is_over(height(1_000_000)), "{longest}");
    }
}

#[test]
fn what_finds_too_few_in_its_time_is_rejected_and_nobody_votes_meanwhile() {
    let memory = Memory::default();
    for (span, ends) in [(Span::Millis(1_500), 26), (Span::Epochs(2), 40)] {
        let mut state = with_council(&memory);
        let id = ask(&mut state, height(11), ASKED, two_thirds(Some(span)));
        votes(&mut state, ends - 1, ANN, id, Choice::Yes);
        assert!(clock(&mut state, ends - 1).is_empty());
        let late = says(id, Choice::Yes).decide(&state, height(ends), BOB);
        assert_eq!(late, Err(Error::PollClosed(id)), "also before the block says how it ended");
        assert_eq!(clock(&mut state, ends), [decided(id, of(1, 0, 0), 3, Some(Shortfall::Support))]);
        assert_eq!(unmet(&state), [(id, PollFailure::Rejected(Shortfall::Support))]);
        assert!(is_quiet(&state));
    }
}

#[test]
fn the_last_vote_in_time_decides_although_its_block_is_the_last() {
    let memory = Memory::default();
    let mut state = with_council(&memory);
    let id = ask(&mut state, height(11), ASKED, two_thirds(Some(Span::Millis(1_500))));
    votes(&mut state, 25, ANN, id, Choice::Yes);
    assert!(votes(&mut state, 25, BOB, id, Choice::Yes));
    let facts = clock(&mut state, 26);
    assert_eq!(facts, [decided(id, of(2, 0, 0), 3, None), Event::Activated { proposal_id: id }], "once, and it passed");
    assert!(is_quiet(&state));
}

#[test]
fn those_who_went_are_not_missed_when_time_is_over() {
    let memory = Memory::default();
    let mut state = with_council(&memory);
    let id = ask(&mut state, height(11), ASKED, two_thirds(Some(Span::Millis(1_500))));
    votes(&mut state, 12, ANN, id, Choice::Yes);
    [BOB, CAT].into_iter().for_each(|who| goes(&mut state, 25, who));
    assert_eq!(clock(&mut state, 26)[0], decided(id, of(1, 0, 0), 1, None));
}

#[test]
fn half_of_the_members_are_enough_only_when_no_others_can_say_no_any_more() {
    let memory = Memory::default();
    let mut state = with_council(&memory);
    seat(&mut state, DAN);
    let (share, within) = (Fraction::new(1, 2).unwrap(), Some(Span::Millis(1_500)));
    let rules = || PollRules::Members { key: key(), share, within, guest: false };
    let [silent, against] = [(); 2].map(|()| ask(&mut state, height(11), ASKED, rules()));
    for (who, id) in [(ANN, silent), (BOB, silent), (ANN, against), (BOB, against)] {
        assert!(!votes(&mut state, 12, who, id, Choice::Yes), "the other half could say no");
    }
    votes(&mut state, 12, CAT, against, Choice::No);
    assert!(votes(&mut state, 12, DAN, against, Choice::No));
    assert_eq!(clock(&mut state, 13), [decided(against, of(2, 2, 0), 4, Some(Shortfall::Majority))]);
    assert_eq!(clock(&mut state, 26)[0], decided(silent, of(2, 0, 0), 4, None), "nobody did");
}

#[test]
fn a_poll_without_a_time_stays_open_until_it_is_decided() {
    let memory = Memory::default();
    let mut state = with_council(&memory);
    let id = ask(&mut state, height(11), ASKED, two_thirds(None));
    votes(&mut state, 12, ANN, id, Choice::Yes);
    assert!((12..2_000).all(|now| clock(&mut state, now).is_empty()));
    assert!(votes(&mut state, 2_000, CAT, id, Choice::Yes));
    assert_eq!(clock(&mut state, 2_001).len(), 2);
}
