//! The first version of a node's plan.

use super::*;
use crate::plans::{self, FIRST_CHANGE};
use flags::{EvaluationContext, Gate, Gates};
use primitives::Path;
use roles::RoleKey;

#[test]
fn a_network_that_decides_by_quorum_begins_at_a_stage_where_it_does_and_lists_what_moves() {
    let memory = Memory::default();
    let state = State::over(&memory);
    let cases = [
        (begins("development", &[]), "E_STAGE"),
        (begins("canary", &[]), "E_STAGE"),
        (first(node()), "E_STAGE"),
        (begins("testnet", &[]), "E_MOVES"),
        (begins("testnet", &[("recursive_proofs", "on")]), "E_MOVES"),
        (begins("testnet", &[("recursive_proofs", "on"), ("timetoke_rewards", "off")]), "E_MOVES"),
        (begins("testnet", &[("malachite_consensus", "on")]), "E_MOVES"),
        (begins_at_testnet(), "granted"),
    ];
    for (asked, expected) in cases {
        assert_eq!(code(by_stake(&state, &asked)), expected, "{:?} {:?}", asked.stage, asked.moves);
    }
    let sealed = by_stake(&state, &begins("development", &[])).unwrap_err();
    assert!(sealed.to_string().contains("decides by quorum"), "{sealed}");
}

#[test]
fn what_moves_in_silence_is_named_with_what_it_served_and_would_serve() {
    let memory = Memory::default();
    let refused = by_stake(&State::over(&memory), &begins("testnet", &[("recursive_proofs", "on")])).unwrap_err();
    let (flag, before, after) = (name("timetoke_rewards"), name("off"), name("on"));
    assert_eq!(refused, Error::MovesInSilence { flag, path: Path::ROOT, before, after });
}

#[test]
fn the_stage_stands_with_all_before_it_and_the_gates_are_what_it_says() {
    let memory = Memory::default();
    let state = governed(&memory);
    let plan = plans::current(&state, &name("chain")).unwrap();
    let (stage, standing) = plan.last_standing(&state).unwrap();
    assert_eq!((stage, standing.since, standing.change), (name("testnet"), at(20), FIRST_CHANGE));
    assert!(plan.standing(&state, &name("development")).is_some() && plan.standing(&state, &name("mainnet")).is_none());
    assert_eq!(plan.successor(Some(&name("testnet"))), Some(&name("mainnet")));
    assert_eq!(plans::of_node(&state), Some(plan));
    let gates = Gates::of(&state);
    assert!(gates.is_on_for_all(Gate::MalachiteConsensus) && gates.is_on_for_all(Gate::RecursiveProofs));
    // Rewards are for the cohort alone, and all others have what the stage before serves.
    assert_eq!(gates.limited_to(Gate::TimetokeRewards), Some(&name("cohort")));
    assert!(
        gates.is_on_for(&state, Gate::TimetokeRewards, &CAT) && !gates.is_on_for(&state, Gate::TimetokeRewards, &ANN)
    );
    let set = flags::queries::setting(&state, &name("chain"), &name("malachite_consensus"), &Path::ROOT).unwrap();
    assert_eq!((set.by, set.since), (FIRST_CHANGE, at(20)));
}

#[test]
fn what_stands_at_its_fallback_is_not_set() {
    let memory = Memory::default();
    let state = governed(&memory);
    let (plan, pruning) = (name("chain"), name("pruning"));
    assert_eq!(flags::queries::setting(&state, &plan, &pruning, &Path::ROOT), None);
    let context = EvaluationContext::default();
    let served = flags::queries::resolution(&state, &plan, &pruning, &Path::ROOT, &context).unwrap();
    assert_eq!(served.version, at(20).height);
}

#[test]
fn roles_have_the_members_that_are_named_and_a_role_that_votes_has_fewer_places() {
    let memory = Memory::default();
    let state = governed(&memory);
    let key = |role| RoleKey { plan: name("chain"), role: name(role) };
    let heads = ["council", "sre"].map(|role| roles::queries::head(&state, &key(role)));
    assert_eq!(heads.map(|head| head.count), [3, 1]);
    assert_eq!(heads.map(|head| head.places), [roles::MOST_VOTERS, roles::MOST_MEMBERS]);
    let may = roles::queries::require(&state, &name("chain"), &name("commander"), ANN, "announce", &Path::ROOT);
    assert!(may.is_ok());
}

#[test]
fn seats_are_of_the_plan_each_once_and_as_many_as_a_role_has_at_least() {
    let memory = Memory::default();
    let state = State::over(&memory);
    let council =
        |accounts: &[AccountId]| vec![seats("commander", &[ANN]), seats("council", accounts), seats("sre", &[BEN])];
    let cases = [
        (council(&[ANN, BEN]), "E_LAST_MEMBER"),
        (council(&[ANN, BEN, ANN]), "E_MEMBER"),
        ([council(&[ANN, BEN, CAT]), vec![seats("sre", &[CAT])]].concat(), "E_MEMBER"),
        ([council(&[ANN, BEN, CAT]), vec![seats("keeper", &[CAT])]].concat(), "E_UNKNOWN_ROLE"),
        (council(&[ANN, BEN, CAT]), "granted"),
    ];
    for (members, expected) in cases {
        let asked = Installation { members: list(members), ..begins_at_testnet() };
        assert_eq!(code(by_stake(&state, &asked)), expected, "{:?}", asked.members);
    }
}

#[test]
fn nothing_begins_for_a_segment_of_nobody() {
    let memory = Memory::default();
    let state = State::over(&memory);
    let with = |segments: Vec<SegmentFill>| Installation { segments: list(segments), ..begins_at_testnet() };
    let empty = by_stake(&state, &with(vec![segment("cohort", &[])])).unwrap_err();
    assert_eq!(empty, Error::SegmentEmpty { stage: name("testnet"), segment: name("cohort") });
    assert_eq!(code(by_stake(&state, &with(Vec::new()))), "E_SEGMENT");
    let twice = vec![segment("cohort", &[CAT]), segment("cohort", &[ANN])];
    assert_eq!(code(by_stake(&state, &with(twice))), "E_TWICE");
    let stranger = SegmentFill { segment: name("cohort"), members: list([Text::new("cat").unwrap()]) };
    assert_eq!(code(by_stake(&state, &with(vec![stranger]))), "E_SEGMENT");
}

#[test]
fn a_plan_that_contradicts_itself_is_refused_with_the_number_of_its_mistakes() {
    let memory = Memory::default();
    let mut asked = begins_at_testnet();
    asked.plan.stages[TESTNET].readiness = names(&["nothing", "neither"]);
    let count = asked.plan.mistakes().len() as u32;
    match by_stake(&State::over(&memory), &asked).unwrap_err() {
        Error::PlanInvalid { count: told, field, .. } => {
            assert!(told == count && count >= 2, "{told} of {count}");
            assert_eq!(field.as_str(), asked.plan.mistakes()[0].field);
        }
        other => panic!("{other}"),
    }
}

#[test]
fn a_network_has_one_plan_and_it_is_installed_by_the_stake_alone() {
    let memory = Memory::default();
    let state = governed(&memory);
    let mut other = begins_at_testnet();
    other.plan.name = name("other");
    assert_eq!(by_stake(&state, &other).unwrap_err(), Error::NodePlanTaken { current: name("chain") });
    assert_eq!(by_call(&state, ANN, &begins_at_testnet()).unwrap_err(), Error::StakeOnly { plan: name("chain") });
    let of_shop = by_stake(&state, &first(application())).unwrap_err();
    assert_eq!(of_shop, Error::OfApplication { plan: name("shop") });
    let retire = Call::Retire { plan: name("chain"), acting: name("council") };
    assert_eq!(retire.decide(&state, at(21), ANN).unwrap_err(), Error::StakeOnly { plan: name("chain") });
}

#[test]
fn a_first_version_is_number_one() {
    let memory = Memory::default();
    let mut asked = begins_at_testnet();
    asked.plan.version = 2;
    let refused = by_stake(&State::over(&memory), &asked).unwrap_err();
    assert_eq!(refused, Error::NotNextVersion { plan: name("chain"), asked: 2, next: 1 });
}
