//! Stories of proposals and ballots.
//!
//! Ann is a validator with 300 of her own and 200 of Bob's; Cat is one with 400, and Dan delegates 50 each to Ann and Cat.
//! Eve has tokens and no stake. All stake together is 1,000.

use crate::{
    Ballot, Call, Cancelled, Choice, DepositEnd, Error, Event, GovernanceGenesis, GovernanceParams, IndexKey, Motion,
    Reason, Shortfall, Status, Tally,
};
use crate::{Track, TrackName};
use crate::{activate, due, queries, storage::*};
use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, Amount, ChainId, Epoch, Fraction, Height, Mandate, Moment, ProposalId, Timestamp};
use state::{Apply, Decide, Enact, Memory, State};

mod boundaries;
mod closing;
mod council;
mod guests;
mod members;
mod opened;
mod places;

const ANN: AccountId = AccountId([1; 32]);
const BOB: AccountId = AccountId([2; 32]);
const CAT: AccountId = AccountId([3; 32]);
const DAN: AccountId = AccountId([4; 32]);
const EVE: AccountId = AccountId([5; 32]);
const ONE: ProposalId = ProposalId(1);

/// A motion that is found by what it wishes for.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
struct Wish(u8);

impl Enact for Wish {
    type Event = ();
    type Error = Error;

    fn admit(&self, _: &State, _: Moment, _: Epoch) -> Result<(), Error> {
        Ok(())
    }

    fn enact(&self, _: &State, _: Moment, _: &Mandate) -> Result<(), Error> {
        Ok(())
    }

    /// Ann may not say yes to what she [must not](NOT_FOR_ANN).
    fn votable(&self, _: &State, _: Moment, voter: AccountId) -> Result<(), Error> {
        if self.0 == NOT_FOR_ANN && voter == ANN { Err(Error::NotProposer(CAT)) } else { Ok(()) }
    }

    /// What is expedited stops something, and comes first.
    fn order(&self) -> u8 {
        u8::from(!(100..200).contains(&self.0))
    }

    fn tracks(&self, _: &State) -> &'static [TrackName] {
        match self.0 {
            0..100 => &[TrackName::Routine, TrackName::Expedited],
            100..200 => &[TrackName::Expedited],
            _ => &[TrackName::Council],
        }
    }
}

impl Motion for Wish {
    fn index_keys(&self) -> Vec<IndexKey> {
        vec![wished(self.0)]
    }

    /// Wishes from 50 to 59 lack signatures when they were made in epoch 1 and voting ends in epoch 3.
    fn lacks(&self, _: &State, _: ProposalId, made: Moment, voting_ends: Epoch) -> Option<Shortfall> {
        let unsigned = (50..60).contains(&self.0) && (made.epoch, voting_ends) == (Epoch(1), Epoch(3));
        if unsigned { Some(Shortfall::Signatures) } else { (self.0 == NOBODY_HAS).then_some(Shortfall::Unavailable) }
    }
}

/// What can be wished for, and is not to be had.
const NOBODY_HAS: u8 = 66;

/// What the chain alone asks, and Ann may not agree to.
const NOT_FOR_ANN: u8 = 201;

/// The key of those who wish for one thing.
fn wished(wish: u8) -> IndexKey {
    IndexKey::new("tests/wish", &wish)
}

fn at(epoch: u64) -> Moment {
    Moment {
        height: Height(epoch * 10),
        epoch: Epoch(epoch),
        time: Timestamp(epoch * 1_000),
        running: epoch * 1_000,
        level: 0,
    }
}

fn track(deposit: u64, quorum: (u32, u32), support: (u32, u32)) -> Track {
    Track {
        deposit: Amount(deposit),
        least_window: 2,
        most_window: 5,
        least_delay: 1,
        most_delay: 4,
        quorum: Fraction::new(quorum.0, quorum.1).unwrap(),
        support: Fraction::new(support.0, support.1).unwrap(),
    }
}

fn world(memory: &Memory) -> State<'_> {
    with_places(memory, 6)
}

/// The world with so many shared places.
fn with_places(memory: &Memory, max_live_proposals: u32) -> State<'_> {
    let mut state = State::over(memory);
    let rules = staking::StakingParams {
        max_validators: 9,
        minimum_bond: Amount(10),
        minimum_delegation: Amount(1),
        unbonding_epochs: 3,
        remembered_epochs: 9,
        penalties: staking::PenaltyParams::default(),
    };
    let (routine, expedited) = (track(10, (1, 3), (0, 1)), track(20, (2, 3), (2, 3)));
    let params = GovernanceParams { proposer_stake: Amount(100), max_live_proposals, routine, expedited };
    for account in [ANN, BOB, CAT, DAN, EVE] {
        accounts::Event::Endowed { account, amount: Amount(1_000) }.apply(&mut state, at(0));
    }
    let bonds = [(ANN, ANN, 300), (BOB, ANN, 200), (CAT, CAT, 400), (DAN, ANN, 50), (DAN, CAT, 50)];
    let bond = |(account, validator, amount)| staking::GenesisBond { account, validator, amount: Amount(amount) };
    let stake = staking::StakingGenesis { params: rules, bonds: bonds.map(bond).to_vec() };
    stake.events(&ChainId::default(), 10, 9, None).for_each(|event| event.apply(&mut state, at(0)));
    GovernanceGenesis { params }.events::<Wish>().for_each(|event| event.apply(&mut state, at(0)));
    state
}

fn propose(wish: u8) -> Call<Wish> {
    on(wish, TrackName::Routine, None, None)
}

fn on(wish: u8, track: TrackName, deadline: Option<u64>, activation_delay: Option<u64>) -> Call<Wish> {
    Call::Propose { motion: Wish(wish), track, vote_deadline_epoch: deadline.map(Epoch), activation_delay }
}

fn vote(choice: Choice) -> Call<Wish> {
    Call::Vote { proposal_id: ONE, choice, reason: None }
}

fn make(state: &mut State, epoch: u64, who: AccountId, call: Call<Wish>) -> Event<Wish> {
    make_at(state, at(epoch), who, call)
}

fn make_at(state: &mut State, now: Moment, who: AccountId, call: Call<Wish>) -> Event<Wish> {
    let event = call.decide(state, now, who).unwrap();
    event.apply(state, now);
    event
}

fn refused(state: &State, epoch: u64, who: AccountId, call: Call<Wish>) -> Error {
    call.decide(state, at(epoch), who).unwrap_err()
}

/// The first block of an epoch: what is due, and the activation of what passed.
fn begin(state: &mut State, epoch: u64) -> Vec<Event<Wish>> {
    block(state, at(epoch), usize::MAX)
}

/// What the clock brings to a block, which has room for `most` ends of votes.
fn block(state: &mut State, now: Moment, most: usize) -> Vec<Event<Wish>> {
    let mut events = due(state, now, most);
    events.iter().for_each(|event| event.apply(state, now));
    for proposal in activate::<Wish>(state, now, most) {
        let event = Event::Activated { proposal_id: proposal.id };
        event.apply(state, now);
        events.push(event);
    }
    events
}

fn tally(state: &State) -> [u64; 3] {
    let Tally { yes, no, abstain } = queries::poll(state, ONE).tally;
    [yes.0, no.0, abstain.0]
}

fn ballot(state: &State, who: AccountId) -> Ballot {
    BALLOTS.get(state, &(ONE, who)).unwrap()
}

fn account(state: &State, who: AccountId) -> (u64, u64) {
    let account = accounts::queries::account(state, &who);
    (account.free.0, account.held.0)
}

#[test]
fn validators_and_holders_of_enough_stake_propose_and_others_do_not() {
    let memory = Memory::default();
    let mut state = world(&memory);
    let not_eligible = Error::NotEligible { have: Amount(0), need: Amount(100) };
    assert_eq!(refused(&state, 1, EVE, propose(1)), not_eligible);
    for (wish, who) in [(1, ANN), (2, BOB), (3, DAN)] {
        make(&mut state, 1, who, propose(wish));
    }
    let dan = queries::proposal::<Wish>(&state, ProposalId(3));
    assert_eq!((dan.proposer, dan.created_epoch, dan.electorate.total(&state)), (DAN, Epoch(1), Amount(1_000)));
    assert_eq!((dan.vote_deadline_epoch, dan.activation_epoch), (Epoch(3), Epoch(4)), "the shortest of the track");
    let full = Error::TooManyOpen { track: TrackName::Routine, most: 3 };
    assert_eq!(refused(&state, 1, CAT, propose(4)), full);
}

#[test]
fn stake_bonded_in_this_epoch_does_not_make_a_proposer_yet() {
    let memory = Memory::default();
    let mut state = world(&memory);
    let bond = staking::Call::Delegate { validator: ANN, amount: Amount(500) };
    bond.decide(&state, at(1), EVE).unwrap().apply(&mut state, at(1));
    assert_eq!(refused(&state, 1, EVE, propose(1)), Error::NotEligible { have: Amount(0), need: Amount(100) });
    make(&mut state, 2, EVE, propose(1));
}

#[test]
fn a_proposal_holds_the_deposit_of_its_track_or_is_refused() {
    let memory = Memory::default();
    let mut state = world(&memory);
    make(&mut state, 1, ANN, on(1, TrackName::Expedited, None, None));
    assert_eq!(account(&state, ANN), (680, 320));
    accounts::apply::hold(&mut state, &BOB, Amount(791));
    let short = accounts::Error::InsufficientBalance { have: Amount(9), need: Amount(10) };
    assert_eq!(refused(&state, 1, BOB, propose(2)), Error::Deposit(short));
}

#[test]
fn proposals_about_one_thing_live_side_by_side_and_are_found_until_each_is_concluded() {
    let memory = Memory::default();
    let mut state = world(&memory);
    let found = |state: &State| queries::found_by(state, &wished(7)).map(|id| id.0).collect::<Vec<_>>();
    make(&mut state, 1, ANN, propose(7));
    make(&mut state, 1, CAT, propose(7));
    make(&mut state, 1, BOB, on(7, TrackName::Routine, Some(5), None));
    make(&mut state, 1, ANN, on(8, TrackName::Expedited, None, None));
    assert_eq!(found(&state), [1, 2, 3]);
    make(&mut state, 1, CAT, vote(Choice::Yes));
    begin(&mut state, 3);
    assert_eq!(found(&state), [1, 3], "one passed, one was rejected, one is open");
    begin(&mut state, 4);
    assert_eq!(found(&state), [3], "one was carried out");
    let (proposal_id, deposit) = (ProposalId(3), Some(DepositEnd::Returned(queries::deposit(&state, ProposalId(3)))));
    Event::<Wish>::Cancelled(Cancelled { proposal_id, deposit }).apply(&mut state, at(4));
    assert!(found(&state).is_empty());
    make(&mut state, 4, CAT, propose(7));
    make(&mut state, 4, CAT, Call::Withdraw { proposal_id: ProposalId(5) });
    assert!(found(&state).is_empty());
}

#[test]
fn deadline_and_delay_lie_within_the_track() {
    let memory = Memory::default();
    let state = world(&memory);
    let ask = |deadline, delay| on(1, TrackName::Routine, deadline, delay).decide(&state, at(1), ANN);
    for asked in [0, 2, 7, u64::MAX] {
        let range = Error::DeadlineOutOfRange { asked: Epoch(asked), soonest: Epoch(3), latest: Epoch(6) };
        assert_eq!(ask(Some(asked), None), Err(range));
    }
    for asked in [0, 5, u64::MAX] {
        assert_eq!(ask(None, Some(asked)), Err(Error::DelayOutOfRange { asked, least: 1, most: 4 }));
    }
    for (deadline, delay) in [(3, 1), (6, 4)] {
        let Ok(Event::Proposed(proposal)) = ask(Some(deadline), Some(delay)) else { panic!("refused {deadline}") };
        assert_eq!(proposal.activation_epoch, Epoch(deadline + delay));
    }
}

#[test]
fn a_validator_speaks_for_its_delegators_until_they_speak_themselves() {
    let memory = Memory::default();
    let mut state = world(&memory);
    make(&mut state, 1, ANN, propose(1));
    make(&mut state, 1, ANN, vote(Choice::Yes));
    assert_eq!(tally(&state), [550, 0, 0]);
    make(&mut state, 1, BOB, vote(Choice::No));
    assert_eq!(tally(&state), [350, 200, 0], "after the validator's ballot");
    assert_eq!((ballot(&state, ANN).weight, ballot(&state, ANN).represented), (Amount(350), Amount(50)));
    make(&mut state, 1, DAN, vote(Choice::Abstain));
    assert_eq!(tally(&state), [300, 200, 100], "from two validators, of whom one has voted");
    make(&mut state, 1, CAT, vote(Choice::No));
    assert_eq!(tally(&state), [300, 600, 100], "before the validator's ballot");
    assert_eq!(ballot(&state, CAT).represented, Amount(0));
}

#[test]
fn a_later_ballot_replaces_the_earlier_one() {
    let memory = Memory::default();
    let mut state = world(&memory);
    make(&mut state, 1, ANN, propose(1));
    for who in [BOB, ANN, BOB, ANN] {
        make(&mut state, 1, who, vote(Choice::Yes));
    }
    assert_eq!(tally(&state), [550, 0, 0]);
    let why = Some(Reason::new("it does not build").unwrap());
    make(&mut state, 2, BOB, Call::Vote { proposal_id: ONE, choice: Choice::No, reason: why.clone() });
    make(&mut state, 2, ANN, vote(Choice::Abstain));
    assert_eq!(tally(&state), [0, 200, 350]);
    assert_eq!((ballot(&state, BOB).reason, ballot(&state, BOB).received_at), (why, Timestamp(2_000)));
    assert_eq!(queries::ballots(&state, ONE).count(), 2);
}

#[test]
fn a_validator_that_delegates_to_another_overrides_it_like_anyone() {
    let memory = Memory::default();
    let mut state = world(&memory);
    let (amount, from_epoch, remembered_from) = (Amount(100), Epoch(0), Epoch(0));
    staking::Event::Bonded { who: CAT, validator: ANN, amount, from_epoch, remembered_from }.apply(&mut state, at(0));
    make(&mut state, 1, ANN, propose(1));
    make(&mut state, 1, ANN, vote(Choice::Yes));
    make(&mut state, 1, CAT, vote(Choice::No));
    assert_eq!(tally(&state), [550, 550, 0]);
    assert_eq!((ballot(&state, CAT).weight, ballot(&state, CAT).represented), (Amount(550), Amount(50)));
}

#[test]
fn stake_moved_after_the_snapshot_counts_for_nothing() {
    let memory = Memory::default();
    let mut state = world(&memory);
    make(&mut state, 1, ANN, propose(1));
    let moves = [
        (EVE, staking::Call::Delegate { validator: ANN, amount: Amount(900) }),
        (BOB, staking::Call::Unbond { validator: ANN, amount: Amount(200) }),
        (BOB, staking::Call::Delegate { validator: CAT, amount: Amount(700) }),
    ];
    for (who, call) in moves {
        call.decide(&state, at(1), who).unwrap().apply(&mut state, at(1));
    }
    assert_eq!(refused(&state, 2, EVE, vote(Choice::No)), Error::NoStake(Epoch(1)));
    make(&mut state, 2, CAT, vote(Choice::No));
    make(&mut state, 2, ANN, vote(Choice::Yes));
    assert_eq!(tally(&state), [550, 450, 0]);
    make(&mut state, 2, BOB, vote(Choice::No));
    assert_eq!(tally(&state), [350, 650, 0]);
}

#[test]
fn nobody_votes_late_twice_over_or_on_nothing() {
    let memory = Memory::default();
    let mut state = world(&memory);
    assert_eq!(refused(&state, 1, ANN, vote(Choice::Yes)), Error::UnknownProposal(ONE));
    assert_eq!(refused(&state, 1, ANN, Call::Withdraw { proposal_id: ONE }), Error::UnknownProposal(ONE));
    make(&mut state, 1, ANN, propose(1));
    make(&mut state, 2, ANN, vote(Choice::Yes));
    let ended = Error::VotingEnded { proposal_id: ONE, deadline: Epoch(3), now: Epoch(3) };
    assert_eq!(refused(&state, 3, ANN, vote(Choice::No)), ended);
    assert_eq!(refused(&state, 3, ANN, Call::Withdraw { proposal_id: ONE }), ended);
    begin(&mut state, 3);
    let closed = Error::NotOpen { proposal_id: ONE, status: Status::Passed };
    assert_eq!(refused(&state, 3, ANN, vote(Choice::No)), closed);
    assert_eq!(refused(&state, 3, ANN, Call::Withdraw { proposal_id: ONE }), closed);
}

#[test]
fn only_the_proposer_withdraws_and_gets_the_deposit_back_once() {
    let memory = Memory::default();
    let mut state = world(&memory);
    make(&mut state, 1, BOB, propose(1));
    make(&mut state, 1, BOB, vote(Choice::Yes));
    assert_eq!(refused(&state, 1, ANN, Call::Withdraw { proposal_id: ONE }), Error::NotProposer(BOB));
    let withdrawn = make(&mut state, 1, BOB, Call::Withdraw { proposal_id: ONE });
    assert!(matches!(withdrawn, Event::Withdrawn { deposit: DepositEnd::Returned(_), .. }), "nobody else has voted");
    assert_eq!(account(&state, BOB), (800, 200));
    let closed = Error::NotOpen { proposal_id: ONE, status: Status::Withdrawn };
    assert_eq!(refused(&state, 1, BOB, Call::Withdraw { proposal_id: ONE }), closed);
    assert!(begin(&mut state, 3).is_empty());
}

#[test]
fn h03_what_others_have_voted_on_is_withdrawn_for_the_deposit_and_an_expedited_motion_not_at_all() {
    let memory = Memory::default();
    let mut state = world(&memory);
    make(&mut state, 1, BOB, propose(1));
    make(&mut state, 1, BOB, on(100, TrackName::Expedited, None, None));
    let two = ProposalId(2);
    for proposal_id in [ONE, two] {
        make(&mut state, 1, DAN, Call::Vote { proposal_id, choice: Choice::No, reason: None });
    }
    assert_eq!(account(&state, BOB), (770, 230));
    make(&mut state, 1, BOB, Call::Withdraw { proposal_id: ONE });
    assert_eq!(account(&state, BOB), (770, 220), "ten are gone");
    assert_eq!(accounts::queries::burned(&state), Amount(10));
    assert_eq!(refused(&state, 1, BOB, Call::Withdraw { proposal_id: two }), Error::StaysOpen(two));
    assert_eq!(queries::poll(&state, two).status, Status::Open);
}

/// Who votes how on the expedited (20) or routine (10) track, what is missing at the end, and what Ann's account then is.
#[test]
fn the_outcome_follows_quorum_then_support_then_majority_and_only_a_missed_quorum_burns_the_deposit() {
    use Choice::{Abstain, No, Yes};
    use TrackName::{Expedited, Routine};
    let cases = [
        (Routine, vec![], Some(Shortfall::Quorum), (690, 300)),
        (Routine, vec![(BOB, Yes), (DAN, Yes)], Some(Shortfall::Quorum), (690, 300)),
        (Routine, vec![(ANN, Abstain)], Some(Shortfall::Majority), (700, 300)),
        (Routine, vec![(CAT, Yes)], None, (700, 300)),
        (Routine, vec![(BOB, Yes), (CAT, Abstain), (DAN, No)], None, (700, 300)),
        (Routine, vec![(ANN, Yes), (BOB, No), (DAN, No)], Some(Shortfall::Majority), (700, 300)),
        (Expedited, vec![(ANN, Yes)], Some(Shortfall::Quorum), (680, 300)),
        (Expedited, vec![(ANN, Yes), (CAT, No)], Some(Shortfall::Support), (700, 300)),
        (Expedited, vec![(ANN, Yes), (CAT, Yes), (BOB, No)], None, (700, 300)),
    ];
    for (track, votes, missing, ann) in cases {
        let memory = Memory::default();
        let mut state = world(&memory);
        make(&mut state, 1, ANN, on(1, track, None, None));
        votes.iter().for_each(|(who, choice)| drop(make(&mut state, 1, *who, vote(*choice))));
        assert!(begin(&mut state, 2).is_empty(), "the whole window, also when the outcome is certain");
        let (proposal_id, tally) = (ONE, queries::poll(&state, ONE).tally);
        let (deposit, activation_epoch) = (queries::deposit(&state, ONE), queries::poll(&state, ONE).activation_epoch);
        let outcome = match missing {
            None => {
                let deposit = DepositEnd::Returned(deposit);
                Event::Passed { proposal_id, tally, activation_epoch, deposit }
            }
            Some(shortfall) => {
                let burned = shortfall == Shortfall::Quorum;
                let deposit = if burned { DepositEnd::Burned(deposit) } else { DepositEnd::Returned(deposit) };
                Event::Rejected { proposal_id, tally, shortfall, deposit }
            }
        };
        assert_eq!(begin(&mut state, 3), [outcome], "{track:?} {votes:?}");
        assert_eq!(account(&state, ANN), ann, "{track:?} {votes:?}");
        assert_eq!(accounts::queries::supply(&state), Amount(5_000));
    }
}

#[test]
fn h17_what_lacks_more_than_votes_when_voting_ends_is_rejected_and_its_deposit_returns() {
    let memory = Memory::default();
    let mut state = world(&memory);
    make(&mut state, 1, ANN, propose(50));
    make(&mut state, 1, BOB, propose(51));
    make(&mut state, 1, CAT, vote(Choice::Yes));
    let tally = queries::poll(&state, ONE).tally;
    let rejected = |proposal_id, tally, shortfall, deposit| Event::Rejected { proposal_id, tally, shortfall, deposit };
    let [returned, burned] = [ONE, ProposalId(2)].map(|id| queries::deposit(&state, id));
    let signed = rejected(ONE, tally, Shortfall::Signatures, DepositEnd::Returned(returned));
    let unvoted = rejected(ProposalId(2), Tally::default(), Shortfall::Quorum, DepositEnd::Burned(burned));
    assert_eq!(begin(&mut state, 3), [signed, unvoted], "votes are missed first");
    make(&mut state, 3, ANN, propose(50));
    make(&mut state, 3, CAT, Call::Vote { proposal_id: ProposalId(3), choice: Choice::Yes, reason: None });
    assert!(matches!(begin(&mut state, 5)[..], [Event::Passed { .. }]), "the same, signed anew");
}

#[test]
fn h28_what_the_votes_are_there_for_and_nobody_has_is_rejected_and_its_deposit_returns() {
    let memory = Memory::default();
    let mut state = world(&memory);
    make(&mut state, 1, ANN, propose(NOBODY_HAS));
    let missing = |state: &State| {
        let (proposal, poll) = (queries::proposal::<Wish>(state, ONE), queries::poll(state, ONE));
        queries::shortfall(state, &proposal, &poll)
    };
    assert_eq!(missing(&state), Some(Shortfall::Quorum), "the votes first");
    make(&mut state, 1, CAT, vote(Choice::Yes));
    assert_eq!(missing(&state), Some(Shortfall::Unavailable));
    let (deposit, tally) = (DepositEnd::Returned(queries::deposit(&state, ONE)), queries::poll(&state, ONE).tally);
    let rejected = Event::Rejected { proposal_id: ONE, tally, shortfall: Shortfall::Unavailable, deposit };
    assert_eq!(begin(&mut state, 3), [rejected]);
    assert_eq!((account(&state, ANN), accounts::queries::burned(&state)), ((700, 300), Amount(0)));
}

#[test]
fn what_becomes_known_of_a_proposal_finds_it_until_it_is_concluded() {
    let memory = Memory::default();
    let mut state = world(&memory);
    make(&mut state, 1, ANN, propose(7));
    make(&mut state, 1, CAT, propose(8));
    let found = |state: &State, wish| queries::found_by(state, &wished(wish)).map(|id| id.0).collect::<Vec<_>>();
    assert!(found(&state, 9).is_empty());
    crate::apply::index(&mut state, ONE, &[wished(9), wished(8)]);
    assert_eq!([7, 8, 9].map(|wish| found(&state, wish)), [vec![1], vec![1, 2], vec![1]]);
    make(&mut state, 1, ANN, Call::Withdraw { proposal_id: ONE });
    assert_eq!([7, 8, 9].map(|wish| found(&state, wish)), [vec![], vec![2], vec![]]);
    assert_eq!(KEYS.iter(&state).count(), 1);
}

#[test]
fn a_share_of_the_electorate_is_met_exactly_at_its_boundary() {
    let rules = track(0, (1, 3), (1, 2)).rules();
    let judge = |yes, no, abstain| {
        rules.shortfall(&Tally { yes: Amount(yes), no: Amount(no), abstain: Amount(abstain) }, Amount(900))
    };
    assert_eq!(judge(0, 0, 299), Some(Shortfall::Quorum));
    assert_eq!(judge(0, 0, 300), Some(Shortfall::Support));
    assert_eq!(judge(449, 0, 0), Some(Shortfall::Support));
    assert_eq!(judge(450, 450, 0), Some(Shortfall::Majority));
    assert_eq!(judge(450, 449, 0), None);
}

#[test]
fn each_transition_fires_once() {
    let memory = Memory::default();
    let mut state = world(&memory);
    make(&mut state, 1, ANN, on(1, TrackName::Routine, Some(3), Some(2)));
    make(&mut state, 1, CAT, vote(Choice::Yes));
    let fired: Vec<usize> = (1..9).map(|epoch| begin(&mut state, epoch).len()).collect();
    assert_eq!(fired, [0, 0, 1, 0, 1, 0, 0, 0], "passed in epoch 3, activated in epoch 5");
    assert_eq!(queries::poll(&state, ONE).status, Status::Activated);
    assert_eq!((AGENDA.iter(&state).count(), INDEX.iter(&state).count(), PLACES.iter(&state).count()), (0, 0, 0));
    assert_eq!(KEYS.iter(&state).count(), 0);
}

#[test]
fn h06_ballots_are_numbered_as_their_voters_first_vote_and_what_ended_is_listed_by_how_it_did() {
    let memory = Memory::default();
    let mut state = world(&memory);
    make(&mut state, 1, ANN, propose(1));
    for (who, choice) in [(CAT, Choice::Yes), (BOB, Choice::No), (CAT, Choice::No), (ANN, Choice::Yes)] {
        make(&mut state, 1, who, vote(choice));
    }
    let numbered: Vec<Ballot> = (1..=queries::ballot_count(&state, ONE))
        .map(|number| queries::numbered_ballot(&state, ONE, number).unwrap())
        .collect();
    assert_eq!(numbered.iter().map(|ballot| ballot.voter).collect::<Vec<_>>(), [CAT, BOB, ANN]);
    assert_eq!(numbered.iter().map(|ballot| ballot.number).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(numbered[0].choice, Choice::No, "the ballot that counts, by the number of the first");

    let two = ProposalId(2);
    make(&mut state, 1, ANN, propose(2));
    make(&mut state, 1, ANN, Call::Withdraw { proposal_id: two });
    let listed = |state: &State, how| -> Vec<ProposalId> {
        (1..=queries::ended_count(state, how)).map(|number| queries::ended(state, how, number).unwrap()).collect()
    };
    assert_eq!((listed(&state, Status::Withdrawn), listed(&state, Status::Rejected)), (vec![two], vec![]));
    assert_eq!(queries::live(&state).collect::<Vec<_>>(), [ONE]);
    begin(&mut state, 3);
    assert_eq!((listed(&state, Status::Withdrawn), listed(&state, Status::Rejected)), (vec![two], vec![ONE]));
    assert_eq!(queries::live(&state).count(), 0);
}
