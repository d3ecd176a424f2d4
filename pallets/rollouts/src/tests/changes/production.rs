//! Who moves what a production stage of an application serves (ROLLOUTS 7.1).

use super::chain::*;
use crate::change::{ChangeDraft, ChangeRequest, Effect, EffectTo};
use crate::install::{Installation, RoleSeats, SegmentFill};
use crate::tests::sample::{application, list, name, names};
use crate::{Call, effects};
use flags::Targeting;
use primitives::{AccountId, Amount, Epoch, Height, List, Moment, Path, ScopePattern, Text, Timestamp};
use roles::{Grant, Role, Seat};
use state::{Apply as _, Decide as _, Memory, State};

/// The role of these stories, and what it is granted in each.
const SHIFT: &str = "shift";
const AT: Moment =
    Moment { height: Height(20), epoch: Epoch(2), time: Timestamp(1_699_963_200_000), running: 20_000, level: 0 };

fn seats(role: &str, accounts: &[AccountId]) -> RoleSeats {
    let seat = |account: &AccountId| Seat { account: *account, scopes: list([ScopePattern::everywhere()]) };
    RoleSeats { role: name(role), seats: list(accounts.iter().map(seat)) }
}

/// A network with the plan of a shop, in which Dan is on shift everywhere, with grants at a pattern.
fn shop<'m>(memory: &'m Memory, pattern: &str) -> State<'m> {
    let mut state = State::over(memory);
    for account in [ANN, DAN] {
        accounts::Event::Endowed { account, amount: Amount(1_000_000_000) }.apply(&mut state, AT);
    }
    let mut plan = application();
    let grants = ["set.submit", "disable.submit"];
    let grants = grants.map(|action| Grant { action: name(action), scope: pattern.parse().unwrap() });
    let shift = (name(SHIFT), Role { grants: list(grants), least_members: 0 });
    plan.roles = list(plan.roles.iter().cloned().chain([shift]));
    let members =
        [seats("commander", &[ANN]), seats("council", &[ANN, BEN, CAT]), seats("sre", &[BEN]), seats(SHIFT, &[DAN])];
    let segments = list([SegmentFill { segment: name("cohort"), members: list([Text::new("ann").unwrap()]) }]);
    let members = list(members);
    let asked = Installation { plan, document: None, stage: None, members, segments, moves: List::new() };
    let installs = Call::Install { installation: Box::new(asked) };
    installs.decide(&state, AT, ANN).unwrap().apply(&mut state, AT);
    state
}

/// What comes of a change that Dan submits on shift.
fn submits(state: &State, request: ChangeRequest) -> &'static str {
    let change = ChangeDraft { ticket: Some(name("CHG-7")), ..draft(request) };
    let call = Call::Submit { plan: name("shop"), acting: name(SHIFT), change: Box::new(change) };
    code(call.decide(state, AT, DAN))
}

fn sets_at(state: &State, path: &str) -> &'static str {
    let path: Path = path.parse().unwrap();
    let was = effects::side(state, &name("shop"), &name("pruning"), &path).digest();
    let to = EffectTo::Setting(Targeting::constant(1));
    submits(state, ChangeRequest::Set { effects: list([Effect::Flag { flag: name("pruning"), path, to, was }]) })
}

fn disables_at(state: &State, path: &str) -> &'static str {
    let scope = path.parse().unwrap();
    submits(state, ChangeRequest::Disable { flags: names(&["pruning"]), scope, cause: name("SAFETY") })
}

#[test]
fn req_024_what_moves_in_production_takes_a_grant_that_names_that_stage_or_everything() {
    let memory = Memory::default();
    for (pattern, in_production, below_it, everywhere) in [
        ("**", "granted", "granted", "granted"),
        ("mainnet/**", "granted", "E_ROLE", "E_ROLE"),
        ("testnet/**", "E_ROLE", "granted", "E_ROLE"),
        // It covers every stage, and was given with none in mind.
        ("*/**", "E_ROLE", "granted", "E_ROLE"),
    ] {
        let state = shop(&memory, pattern);
        let places = ["mainnet", "testnet", ""];
        let expected = [in_production, below_it, everywhere];
        assert_eq!(places.map(|path| sets_at(&state, path)), expected, "set with {pattern}");
        assert_eq!(places.map(|path| disables_at(&state, path)), expected, "disable with {pattern}");
    }
}
