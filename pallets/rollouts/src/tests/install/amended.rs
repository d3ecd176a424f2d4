//! Later versions of a node's plan.

use super::*;
use crate::plans;
use flags::Gates;
use roles::RoleKey;

/// The version after the first, which changes nothing.
fn second() -> Installation {
    let mut plan = node();
    plan.version = 2;
    let document = Some(reference("docs/amendments.md", None));
    Installation { plan, document, stage: None, members: List::new(), segments: List::new(), moves: List::new() }
}

fn amended(change: impl FnOnce(&mut Installation)) -> Installation {
    let mut asked = second();
    change(&mut asked);
    asked
}

#[test]
fn an_amendment_says_why_and_names_neither_stage_nor_members() {
    let memory = Memory::default();
    let state = governed(&memory);
    let cases = [
        (amended(|asked| asked.document = None), "E_DOCUMENT"),
        (amended(|asked| asked.stage = Some(name("testnet"))), "E_STAGE"),
        (amended(|asked| asked.members = list([seats("sre", &[CAT])])), "E_MEMBER"),
        (amended(|asked| asked.plan.version = 1), "E_PLAN_VERSION"),
        (amended(|asked| asked.plan.version = 3), "E_PLAN_VERSION"),
        (second(), "granted"),
    ];
    for (asked, expected) in cases {
        assert_eq!(code(by_stake(&state, &asked)), expected, "version {}", asked.plan.version);
    }
}

#[test]
fn stages_that_stand_keep_their_places_and_what_follows_is_free() {
    let memory = Memory::default();
    let state = governed(&memory);
    let with = |places: &[usize]| {
        amended(|asked| asked.plan.stages = list(places.iter().map(|place| node().stages[*place].clone())))
    };
    let gone = |asked: &Installation| match by_stake(&state, asked) {
        Err(Error::StageGone { stage }) => Some(stage),
        // What follows from a stage that is left out may be a mistake of the plan as well.
        Err(Error::PlanInvalid { .. }) | Ok(_) => None,
        Err(other) => panic!("{other}"),
    };
    assert_eq!(gone(&second()), None);
    let mut renamed = second();
    renamed.plan.stages[MAINNET].name = name("production");
    assert_eq!(gone(&renamed), None);
    let kept = plans::current(&state, &name("chain")).unwrap();
    for places in [&[TESTNET, MAINNET][..], &[TESTNET, DEVELOPMENT, MAINNET], &[DEVELOPMENT, MAINNET]] {
        let asked = with(places);
        let refused = crate::decide::install::require_stages_kept(&state, &kept, &asked.plan);
        assert!(matches!(refused, Err(Error::StageGone { .. })), "{places:?}: {refused:?}");
    }
    for places in [&[DEVELOPMENT, TESTNET][..], &[DEVELOPMENT, TESTNET, MAINNET]] {
        crate::decide::install::require_stages_kept(&state, &kept, &with(places).plan).unwrap();
    }
}

#[test]
fn an_amendment_moves_no_value_and_the_version_before_goes() {
    let memory = Memory::default();
    let mut state = governed(&memory);
    let before = Gates::of(&state);
    let asked = amended(|asked| {
        // What the stage that stands would serve is another matter than what it serves.
        asked.plan.stages[TESTNET].values = node().stages[MAINNET].values.clone();
        asked.plan.stages[TESTNET].limits = List::new();
        asked.plan.checks[0].text = Text::new("the builds are green").unwrap();
    });
    let event = by_stake(&state, &asked).unwrap();
    assert!(matches!(&event, Event::Installed { effects, by: None, .. } if effects.is_empty()));
    event.apply(&mut state, at(30));
    assert_eq!(Gates::of(&state), before);
    let current = plans::current(&state, &name("chain")).unwrap();
    assert_eq!((current.version, current.last_standing(&state).unwrap().0), (2, name("testnet")));
    assert_eq!(current.check(&state, &name("ci")).unwrap().text.as_str(), "the builds are green");
    assert_eq!(plans::of_version(&state, &name("chain"), 1).unwrap_err().code(), "E_PLAN_VERSION");
    assert!(flags::queries::segment(&state, &name("chain"), &name("cohort")).is_some_and(|members| members.len() == 1));
}

#[test]
fn a_flag_is_not_made_another_by_an_amendment() {
    let memory = Memory::default();
    let state = governed(&memory);
    let asked = amended(|asked| asked.plan.flags[REWARDS].fallback = 0);
    let refused = code(by_stake(&state, &asked));
    assert!(["E_FLAG_FIXED", "E_PLAN_INVALID"].contains(&refused), "{refused}");
    let asked = amended(|asked| asked.plan.flags[PRUNING].text = Text::new("old blocks are forgotten").unwrap());
    assert_eq!(code(by_stake(&state, &asked)), "granted");
}

#[test]
fn members_stay_where_the_role_does_and_go_with_one_that_is_no_more() {
    let memory = Memory::default();
    let mut state = governed(&memory);
    let key = |role| RoleKey { plan: name("chain"), role: name(role) };
    let asked = amended(|asked| {
        let roles = asked.plan.roles.iter().cloned();
        let keeper = (name("keeper"), roles::Role::default());
        asked.plan.roles = list(roles.chain([keeper]));
    });
    by_stake(&state, &asked).unwrap().apply(&mut state, at(30));
    assert_eq!(roles::queries::head(&state, &key("council")).count, 3);
    roles::apply::seat(&mut state, &key("keeper"), &Seat { account: CAT, scopes: List::new() });
    let back = amended(|asked| asked.plan.version = 3);
    by_stake(&state, &back).unwrap().apply(&mut state, at(40));
    assert_eq!(roles::queries::role(&state, &key("keeper")), None);
    assert_eq!(roles::queries::head(&state, &key("keeper")).count, 0);
    assert_eq!(roles::queries::head(&state, &key("council")).count, 3);
}

#[test]
fn a_version_stays_while_a_change_is_active_under_it() {
    let memory = Memory::default();
    let mut state = governed(&memory);
    let chain = name("chain");
    plans::keep(&mut state, &chain, 1);
    plans::keep(&mut state, &chain, 1);
    by_stake(&state, &second()).unwrap().apply(&mut state, at(30));
    assert_eq!(plans::of_version(&state, &chain, 1).unwrap().kept.active, 2);
    plans::let_go(&mut state, &chain, 1);
    assert!(plans::of_version(&state, &chain, 1).unwrap().stage(&state, &name("mainnet")).is_ok());
    plans::let_go(&mut state, &chain, 1);
    assert!(plans::of_version(&state, &chain, 1).is_err());
    plans::keep(&mut state, &chain, 2);
    plans::let_go(&mut state, &chain, 2);
    assert!(plans::current(&state, &chain).is_ok(), "the one in force stays");
}
