//! Stories of plans that come into force, and of what they bring with them.

mod amended;
mod application;
mod begun;
mod genesis;
mod kept;

use super::sample::*;
use crate::install::{Installation, ListedMove, RoleSeats, SegmentFill};
use crate::plan::Plan;
use crate::{Call, Error, Event, Motion};
use primitives::{AccountId, Amount, Epoch, Height, List, Mandate, Moment, ProposalId, ScopePattern, Text, Timestamp};
use roles::Seat;
use state::{Apply as _, Decide as _, Enact as _, Memory, State};

const ANN: AccountId = AccountId([1; 32]);
const BEN: AccountId = AccountId([2; 32]);
const CAT: AccountId = AccountId([3; 32]);

/// A block a second, in epochs of ten.
fn at(height: u64) -> Moment {
    let time = Timestamp(1_700_000_000_000 + height * 1_000);
    Moment { height: Height(height), epoch: Epoch(height / 10), time, running: height * 1_000, level: 0 }
}

fn seats(role: &str, accounts: &[AccountId]) -> RoleSeats {
    let seat = |account: &AccountId| Seat { account: *account, scopes: list([ScopePattern::everywhere()]) };
    RoleSeats { role: name(role), seats: list(accounts.iter().map(seat)) }
}

fn segment(name_of: &str, members: &[AccountId]) -> SegmentFill {
    let members = members.iter().map(|account| Text::new(account.to_string()).unwrap());
    SegmentFill { segment: name(name_of), members: list(members) }
}

fn moves(flag: &str, to: &str) -> ListedMove {
    ListedMove { flag: name(flag), to: name(to) }
}

/// The first version of a plan, with everybody in their roles and one in the cohort.
fn first(plan: Plan) -> Installation {
    Installation {
        plan,
        document: None,
        stage: None,
        members: list([seats("commander", &[ANN]), seats("council", &[ANN, BEN, CAT]), seats("sre", &[BEN])]),
        segments: list([segment("cohort", &[CAT])]),
        moves: List::new(),
    }
}

/// That of the node, which begins at a stage and says what moves by it.
fn begins(stage: &str, listed: &[(&str, &str)]) -> Installation {
    let moves = listed.iter().map(|(flag, to)| moves(flag, to));
    Installation { stage: Some(name(stage)), moves: list(moves), ..first(node()) }
}

/// At testnet the sample turns these on, one of them for a cohort alone.
fn begins_at_testnet() -> Installation {
    begins("testnet", &[("recursive_proofs", "on"), ("timetoke_rewards", "on")])
}

/// What comes of a motion of the stake, when it is proposed and when it is carried out.
fn by_stake(state: &State, asked: &Installation) -> Result<Event, Error> {
    let motion = Motion::Install(Box::new(asked.clone()));
    let mandate = Mandate { proposal_id: ProposalId(1), proposer: ANN, proposed: at(1), passed: Epoch(1) };
    let admitted = motion.admit(state, at(20), Epoch(3));
    let enacted = motion.enact(state, at(20), &mandate);
    assert_eq!(admitted.err(), enacted.clone().err(), "what may not be carried out may not be proposed");
    enacted
}

fn by_call(state: &State, who: AccountId, asked: &Installation) -> Result<Event, Error> {
    Call::Install { installation: Box::new(asked.clone()) }.decide(state, at(20), who)
}

fn code(outcome: Result<Event, Error>) -> &'static str {
    outcome.map_or_else(|error| error.code(), |_| "granted")
}

/// A network that the sample governs, which stands at testnet.
fn governed(memory: &Memory) -> State<'_> {
    let mut state = State::over(memory);
    by_stake(&state, &begins_at_testnet()).unwrap().apply(&mut state, at(20));
    state
}
