//! A council of Ann, Bob and Cat, which the chain asks for Eve, and how its polls are decided (REQ-019, REQ-031, REQ-032).

use super::*;
use crate::{PollFailure, PollRules, open};
use primitives::{Name, Span};
use roles::{Role, RoleKey, Seat};
use state::AuditedRefusal as _;

pub(super) const COUNCIL: [AccountId; 3] = [ANN, BOB, CAT];

/// What the chain asks of members.
pub(super) const ASKED: u8 = 200;

pub(super) fn key() -> RoleKey {
    RoleKey { plan: Name::new("chain").unwrap(), role: Name::new("council").unwrap() }
}

pub(super) fn seat(state: &mut State, account: AccountId) {
    roles::apply::seat(state, &key(), &Seat { account, scopes: Default::default() });
}

/// The world with a council.
pub(super) fn with_council(memory: &Memory) -> State<'_> {
    let mut state = world(memory);
    roles::apply::write_role(&mut state, &key(), &Role::default(), roles::MOST_VOTERS);
    COUNCIL.into_iter().for_each(|account| seat(&mut state, account));
    state
}

/// A block of epoch 1 and later, of which each takes a hundred milliseconds.
pub(super) fn height(height: u64) -> Moment {
    let ms = height * 100;
    Moment { height: Height(height), epoch: Epoch(height / 10), time: Timestamp(ms), running: ms, level: 0 }
}

pub(super) fn two_thirds(within: Option<Span>) -> PollRules {
    PollRules::Members { key: key(), share: Fraction::TWO_THIRDS, within, guest: false }
}

/// The chain asks for Eve.
pub(super) fn ask(state: &mut State, now: Moment, wish: u8, rules: PollRules) -> ProposalId {
    let id = queries::next_id(state);
    open(state, now, EVE, Wish(wish), rules).apply(state, now);
    id
}

pub(super) fn says(proposal_id: ProposalId, choice: Choice) -> Call<Wish> {
    Call::Vote { proposal_id, choice, reason: Some(Reason::new("read it").unwrap()) }
}

pub(super) fn votes(state: &mut State, now: u64, who: AccountId, id: ProposalId, choice: Choice) -> bool {
    match make_at(state, height(now), who, says(id, choice)) {
        Event::Voted { decides, .. } => decides,
        other => panic!("{other:?} is no vote"),
    }
}

/// Somebody goes, as the runtime has it known.
pub(super) fn goes(state: &mut State, now: u64, who: AccountId) {
    roles::Call::Resign { key: key() }.decide(state, height(now), who).unwrap().apply(state, height(now));
    crate::apply::recount(state, height(now), &key());
}

pub(super) fn clock(state: &mut State, now: u64) -> Vec<Event<Wish>> {
    block(state, height(now), usize::MAX)
}

pub(super) fn of(yes: u64, no: u64, abstain: u64) -> Tally {
    Tally { yes: Amount(yes), no: Amount(no), abstain: Amount(abstain) }
}

pub(super) fn decided(proposal_id: ProposalId, tally: Tally, total: u64, shortfall: Option<Shortfall>) -> Event<Wish> {
    Event::Decided { proposal_id, tally, total: Amount(total), shortfall }
}

pub(super) fn unmet(state: &State) -> Vec<(ProposalId, PollFailure)> {
    queries::unmet(state).collect()
}

/// Nothing waits for anything any more.
pub(super) fn is_quiet(state: &State) -> bool {
    let lines = CLOSING.iter(state).count() + CLOSING_EPOCHS.iter(state).count() + DECIDED.iter(state).count();
    let found = OF_ROLES.iter(state).count() + INDEX.iter(state).count() + KEYS.iter(state).count();
    lines + found + AGENDA.iter(state).count() + PLACES.iter(state).count() + DEPOSITS.iter(state).count() == 0
}

#[test]
fn what_enough_members_agree_to_is_carried_out_in_the_next_block_and_not_later() {
    let memory = Memory::default();
    let mut state = with_council(&memory);
    let id = ask(&mut state, height(11), ASKED, two_thirds(Some(Span::hours(24))));
    assert!(clock(&mut state, 11).is_empty(), "nobody has voted");
    assert!(!votes(&mut state, 12, ANN, id, Choice::Yes));
    assert!(clock(&mut state, 13).is_empty(), "nothing is certain, so nothing is counted");
    assert!(votes(&mut state, 13, BOB, id, Choice::Yes), "two of three");
    assert_eq!(queries::poll(&state, id).status, Status::Open, "the next block says so");
    let carried_out = Event::Activated { proposal_id: id };
    assert_eq!(clock(&mut state, 14), [decided(id, of(2, 0, 0), 3, None), carried_out]);
    assert_eq!(queries::poll(&state, id).status, Status::Activated);
    assert!(unmet(&state).is_empty() && is_quiet(&state));
    assert_eq!((1..99).map(|later| clock(&mut state, 14 + later).len()).sum::<usize>(), 0, "once");
}

#[test]
fn what_can_no_longer_find_enough_is_rejected_at_once_and_its_opener_learns_of_it() {
    let memory = Memory::default();
    let mut state = with_council(&memory);
    let id = ask(&mut state, height(11), ASKED, two_thirds(None));
    assert!(!votes(&mut state, 12, ANN, id, Choice::No), "the two others would be enough");
    assert!(votes(&mut state, 12, BOB, id, Choice::Abstain), "one is not");
    let short = Shortfall::Support;
    assert_eq!(clock(&mut state, 13), [decided(id, of(0, 1, 1), 3, Some(short))]);
    assert_eq!(queries::poll(&state, id).status, Status::Rejected);
    assert_eq!(unmet(&state), [(id, PollFailure::Rejected(short))]);
    assert!(is_quiet(&state));
    assert_eq!(queries::ended(&state, Status::Rejected, 1), Some(id));
    crate::apply::take_note(&mut state, id);
    assert!(unmet(&state).is_empty());
}

#[test]
fn a_member_votes_with_one_says_why_and_may_change_its_mind_until_the_block_that_says_so() {
    let memory = Memory::default();
    let mut state = with_council(&memory);
    let id = ask(&mut state, height(11), ASKED, two_thirds(None));
    for choice in [Choice::Yes, Choice::No, Choice::Abstain] {
        let silent: Call<Wish> = Call::Vote { proposal_id: id, choice, reason: None };
        let refused = silent.decide(&state, height(12), ANN).unwrap_err();
        assert_eq!((refused.code(), refused), (Some("E_REASON"), Error::ReasonMissing(id)));
    }
    votes(&mut state, 12, ANN, id, Choice::Yes);
    let ballot = BALLOTS.get(&state, &(id, ANN)).unwrap();
    assert_eq!((ballot.weight, ballot.represented), (Amount(1), Amount(0)), "whatever she has bonded");
    assert!(votes(&mut state, 12, BOB, id, Choice::Yes));
    assert!(!votes(&mut state, 12, BOB, id, Choice::No), "in the same block");
    let open = Event::Recounted { proposal_id: id, tally: of(1, 1, 0), total: Amount(3) };
    assert_eq!(clock(&mut state, 13), [open]);
    assert!(clock(&mut state, 14).is_empty(), "counted once");
    assert!(votes(&mut state, 14, CAT, id, Choice::Yes));
    assert_eq!(clock(&mut state, 15)[0], decided(id, of(2, 1, 0), 3, None));
    let over = Error::NotOpen { proposal_id: id, status: Status::Activated };
    assert_eq!(says(id, Choice::No).decide(&state, height(15), ANN), Err(over));
    assert_eq!(queries::ballot_count(&state, id), 3);
}

#[test]
fn the_motion_is_asked_before_a_yes_counts_and_no_other_vote_waits_for_it() {
    let memory = Memory::default();
    let mut state = with_council(&memory);
    let id = ask(&mut state, height(11), NOT_FOR_ANN, two_thirds(None));
    let own = Err(Error::NotProposer(CAT));
    assert_eq!(says(id, Choice::Yes).decide(&state, height(12), ANN), own, "as the motion has it");
    votes(&mut state, 12, ANN, id, Choice::No);
    assert_eq!(says(id, Choice::Yes).decide(&state, height(12), ANN), own, "nor in place of another vote");
    votes(&mut state, 12, ANN, id, Choice::Abstain);
    votes(&mut state, 12, BOB, id, Choice::Yes);
    assert!(votes(&mut state, 12, CAT, id, Choice::Yes));
    let stranger = says(id, Choice::Yes).decide(&state, height(12), DAN).unwrap_err();
    assert_eq!(stranger.code(), Some("E_NOT_MEMBER"), "before the motion is asked");
}
