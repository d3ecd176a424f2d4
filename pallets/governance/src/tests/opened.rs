//! What the chain opens: for nobody's deposit, in nobody's place, and nobody's to take back.

use super::council::*;
use super::*;
use crate::{Intervention, Place, PollFailure, PollRules};
use primitives::Span;
use state::{AuditedRefusal as _, Told};

impl Told for Wish {
    fn sentence(&self) -> String {
        format!("to have {}", self.0)
    }

    fn kind(&self) -> &'static str {
        "tests.wish"
    }

    fn about(&self) -> Vec<primitives::Subject> {
        Vec::new()
    }
}

#[test]
fn what_the_chain_opens_costs_and_holds_nothing_and_keeps_nobody_out() {
    let memory = Memory::default();
    let mut state = with_council(&memory);
    let before = account(&state, EVE);
    for _ in 0..9 {
        ask(&mut state, height(11), ASKED, two_thirds(None));
        ask(&mut state, height(11), ASKED, PollRules::Stake);
    }
    assert_eq!(account(&state, EVE), before, "whose stake would let her propose nothing");
    assert_eq!((PLACES.iter(&state).count(), SHARED_PLACES.get(&state)), (0, None));
    for (who, track) in [(BOB, TrackName::Routine), (DAN, TrackName::Routine), (BOB, TrackName::Expedited)] {
        make(&mut state, 1, who, on(if track == TrackName::Routine { 1 } else { 101 }, track, None, None));
    }
    assert_eq!(queries::live_of(&state, &EVE).count(), 0);
    assert_eq!((queries::live(&state).count(), queries::live_polls(&state).count()), (9 + 3, 9));
}

#[test]
fn nobody_takes_it_back_and_nobody_else_puts_it_to_the_vote() {
    let memory = Memory::default();
    let mut state = with_council(&memory);
    let polls = [two_thirds(None), PollRules::Stake].map(|rules| ask(&mut state, height(11), ASKED, rules));
    for proposal_id in polls {
        for who in [EVE, ANN] {
            let refused = Call::<Wish>::Withdraw { proposal_id }.decide(&state, height(12), who);
            assert_eq!(refused, Err(Error::OpenedByChain(proposal_id)));
        }
    }
    let tracks = [TrackName::Routine, TrackName::Expedited, TrackName::Council];
    for track in tracks {
        let refused = refused(&state, 1, ANN, on(ASKED, track, None, None));
        assert_eq!((refused.code(), refused), (Some("E_COUNCIL_ONLY"), Error::CouncilOnly), "{track}");
    }
    assert_eq!(refused(&state, 1, ANN, on(1, TrackName::Council, None, None)), Error::CouncilOnly);
    assert_eq!(on(1, TrackName::Council, None, None).most_spent(&state), Amount::ZERO);
}

#[test]
fn on_stake_it_has_its_whole_window_and_waits_for_its_epoch() {
    let memory = Memory::default();
    let mut state = with_council(&memory);
    let id = ask(&mut state, height(11), NOT_FOR_ANN, PollRules::Stake);
    let proposal = queries::proposal::<Wish>(&state, id);
    assert_eq!((proposal.track, proposal.place, proposal.proposer), (TrackName::Expedited, Place::Chain, EVE));
    assert_eq!((proposal.vote_deadline_epoch, proposal.activation_epoch), (Epoch(3), Epoch(4)));
    assert_eq!((proposal.rules.support, proposal.rules.deposit), (Fraction::TWO_THIRDS, Amount::ZERO));
    let yes = |state: &mut State, who| make(state, 1, who, says(id, Choice::Yes));
    assert_eq!(says(id, Choice::Yes).decide(&state, at(1), ANN), Err(Error::NotProposer(CAT)), "its motion is asked");
    for who in [BOB, CAT, DAN] {
        assert!(matches!(yes(&mut state, who), Event::Voted { decides: false, .. }), "however many are in favour");
    }
    assert!(begin(&mut state, 2).is_empty());
    assert_eq!(begin(&mut state, 3), [decided(id, of(700, 0, 0), 1_000, None)]);
    assert_eq!(begin(&mut state, 4), [Event::Activated { proposal_id: id }]);
    assert!(unmet(&state).is_empty() && is_quiet(&state));

    let id = ask(&mut state, at(4), ASKED, PollRules::Stake);
    make(&mut state, 4, ANN, says(id, Choice::Yes));
    assert_eq!(begin(&mut state, 6), [decided(id, of(550, 0, 0), 1_000, Some(Shortfall::Quorum))]);
    assert_eq!(unmet(&state), [(id, PollFailure::Rejected(Shortfall::Quorum))]);
    assert_eq!((accounts::queries::burned(&state), is_quiet(&state)), (Amount(0), true));
}

#[test]
fn the_stake_stops_what_members_are_asked_until_they_have_decided() {
    let memory = Memory::default();
    let mut state = with_council(&memory);
    let id = ask(&mut state, height(11), ASKED, two_thirds(Some(Span::days(7))));
    votes(&mut state, 12, ANN, id, Choice::Yes);
    let reason = Reason::new("another build").unwrap();
    let stop = Intervention::Cancel { proposal_id: id, reason: reason.clone() };
    let mandate = Mandate { proposal_id: ProposalId(9), proposer: ANN, proposed: at(1), passed: Epoch(3) };
    stop.admit(&state, height(12), Epoch(900)).unwrap();
    let stopped = stop.enact(&state, height(40), &mandate).unwrap();
    assert_eq!(stopped, Cancelled { proposal_id: id, deposit: None });
    Event::<Wish>::from(stopped).apply(&mut state, height(40));
    assert_eq!((unmet(&state), is_quiet(&state)), (vec![(id, PollFailure::Cancelled)], true));

    let id = ask(&mut state, height(40), ASKED, two_thirds(None));
    votes(&mut state, 41, ANN, id, Choice::Yes);
    votes(&mut state, 41, BOB, id, Choice::Yes);
    clock(&mut state, 42);
    let late = Intervention::Cancel { proposal_id: id, reason }.admit(&state, height(42), Epoch(5)).unwrap_err();
    let said = format!(
        "proposal {id} is activated and no longer open; what members decide can be stopped only until they have"
    );
    assert_eq!(late.sentence(), said);
}

#[test]
fn what_passed_and_is_refused_in_the_end_is_nothing_that_came_of_it() {
    let memory = Memory::default();
    let mut state = with_council(&memory);
    let id = ask(&mut state, height(11), ASKED, two_thirds(None));
    votes(&mut state, 12, ANN, id, Choice::Yes);
    votes(&mut state, 12, BOB, id, Choice::Yes);
    due::<Wish>(&state, height(13), usize::MAX).iter().for_each(|event| event.apply(&mut state, height(13)));
    assert!(activate::<Wish>(&state, height(13), 0).is_empty());
    assert_eq!(activate::<Wish>(&state, height(14), 9).len(), 1, "what had no room comes in the next block");
    Event::<Wish>::Cancelled(Cancelled { proposal_id: id, deposit: None }).apply(&mut state, height(14));
    assert_eq!((unmet(&state), is_quiet(&state)), (vec![(id, PollFailure::Cancelled)], true));
}

#[test]
fn sentences_say_who_is_asked_what_and_until_when() {
    let memory = Memory::default();
    let mut state = with_council(&memory);
    let share = Fraction::TWO_THIRDS;
    let of_epochs = PollRules::Members { key: key(), share, within: Some(Span::Epochs(2)), guest: true };
    let asks = [
        (two_thirds(None), "the 3 who are council of plan chain", "until it is decided"),
        (two_thirds(Some(Span::days(7))), "the 3 who are council of plan chain", "for 7 d in which the chain runs"),
        (of_epochs, "the 3 who are council of plan chain", "until the start of epoch 4"),
        (PollRules::Stake, "the 1,000 stake in force", "until the start of epoch 3"),
    ];
    for (number, (rules, whom, until)) in (1..).zip(asks) {
        let event = crate::open(&state, height(11), EVE, Wish(ASKED), rules);
        event.apply(&mut state, height(11));
        let said = format!(
            "the chain asks {whom} to have 200, as proposal {number} for {EVE}; 2/3 of all must be in favour, and it is open {until}"
        );
        assert_eq!((event.sentence(), event.kind()), (said, "governance.opened"));
        assert_eq!(
            event.about(),
            [primitives::Subject::Proposal(ProposalId(number)), primitives::Subject::Account(EVE)]
        );
    }
    let ends = [
        (None, "proposal 1 passed with 2 yes, 1 no, 0 abstain, of 3"),
        (
            Some(Shortfall::Voters),
            "proposal 1 was rejected with 2 yes, 1 no, 0 abstain, of 3: nobody is left who could vote on it",
        ),
    ];
    for (shortfall, said) in ends {
        assert_eq!(decided(ONE, of(2, 1, 0), 3, shortfall).sentence(), said);
    }
    let went = Event::<Wish>::Recounted { proposal_id: ONE, tally: of(1, 0, 0), total: Amount(2) };
    assert_eq!(went.sentence(), "2 can still vote on proposal 1; now 1 yes, 0 no, 0 abstain");
}
