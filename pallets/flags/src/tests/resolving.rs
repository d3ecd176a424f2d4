//! Which value applies where, and why.

use super::*;
use crate::EvaluationReason::{Default, Disabled, Split, Static, TargetingMatch};

fn shop_with(memory: &Memory, flag: Flag) -> State<'_> {
    let mut state = shop(memory);
    make(&mut state, 1, &define(flag)).unwrap();
    state
}

#[test]
fn the_setting_of_the_longest_path_decides() {
    let memory = Memory::default();
    let mut state = shop_with(&memory, risk_mode());
    set(&mut state, 2, "shop", "risk_mode", "PROD", Targeting::constant(0));
    set(&mut state, 3, "shop", "risk_mode", "PROD/t1/b2", Targeting::constant(1));
    let expected = [
        ("", (2, Default, 1)),
        ("DEV/t1", (2, Default, 1)),
        ("PROD", (0, Static, 2)),
        ("PROD/t1", (0, Static, 2)),
        ("PROD/t1/b1", (0, Static, 2)),
        ("PROD/t1/b2", (1, Static, 3)),
        ("PROD/t1/b2/deeper", (1, Static, 3)),
        ("PROD/t10/b2", (0, Static, 2)),
        ("PRODUCTION", (2, Default, 1)),
    ];
    for (place, answer) in expected {
        assert_eq!(served(&state, "risk_mode", place, &nobody()), answer, "{place:?}");
    }
    apply::unset(&mut state, &name("shop"), &name("risk_mode"), &path("PROD/t1/b2"));
    assert_eq!(served(&state, "risk_mode", "PROD/t1/b2", &nobody()), (0, Static, 2));
}

#[test]
fn what_is_disabled_is_off_below_whatever_is_set_until_exactly_that_is_enabled() {
    let memory = Memory::default();
    let mut state = shop_with(&memory, switch("sale"));
    let (plan, sale) = (name("shop"), name("sale"));
    set(&mut state, 2, "shop", "sale", "PROD/t1", Targeting::constant(1));
    apply::disable(&mut state, &plan, &sale, &path("PROD"), &disabled(3));
    apply::disable(&mut state, &plan, &sale, &path("PROD/t1"), &disabled(4));
    set(&mut state, 5, "shop", "sale", "PROD/t1/b2", Targeting::constant(1));
    assert_eq!(served(&state, "sale", "PROD/t1/b2", &nobody()), (0, Disabled, 4));
    assert_eq!(served(&state, "sale", "PROD/t2", &nobody()), (0, Disabled, 3));
    assert_eq!(served(&state, "sale", "", &nobody()), (0, Default, 1), "nothing above it is");
    let refused = admit::require_enabled(&state, &plan, &sale, &path("PROD/t1/b2")).unwrap_err();
    assert_eq!(refused, Error::Disabled { key: sale.clone(), above: path("PROD/t1") });
    assert_eq!((refused.code(), refused.number()), ("E_DISABLED", 211));

    apply::enable(&mut state, &plan, &sale, &path("PROD/t1"));
    assert_eq!(served(&state, "sale", "PROD/t1/b2", &nobody()), (0, Disabled, 3));
    apply::enable(&mut state, &plan, &sale, &path("PROD"));
    assert_eq!(served(&state, "sale", "PROD/t1/b2", &nobody()), (1, Static, 5));
    admit::require_enabled(&state, &plan, &sale, &path("PROD/t1/b2")).unwrap();
}

#[test]
fn the_first_case_that_holds_serves_and_says_so() {
    let memory = Memory::default();
    let mut state = shop_with(&memory, risk_mode());
    let germans = arm([is("country", "DE")], Serve::Variant(0));
    let anybody_known = arm([is("country", "DE"), RuleNode::Not], Serve::Variant(1));
    set(&mut state, 2, "shop", "risk_mode", "", cases([germans, anybody_known], Serve::Variant(2)));
    let from = |country: &str| nobody().with("country", Attribute::Text(country.into()));
    assert_eq!(served(&state, "risk_mode", "PROD", &from("DE")), (0, TargetingMatch, 2));
    assert_eq!(served(&state, "risk_mode", "PROD", &from("MM")), (1, TargetingMatch, 2));
    assert_eq!(served(&state, "risk_mode", "PROD", &nobody()), (2, Default, 2), "what is absent is not `not DE`");
    let number = nobody().with("country", Attribute::Number(decimal("49")));
    assert_eq!(served(&state, "risk_mode", "PROD", &number), (1, TargetingMatch, 2), "it is there, and no `DE`");
}

#[test]
fn inherit_goes_up_scope_by_scope_and_ends_at_the_fallback() {
    let memory = Memory::default();
    let mut state = shop_with(&memory, risk_mode());
    let ours = || cases([arm([is("tier", "gold")], Serve::Variant(0))], Serve::Inherit);
    set(&mut state, 2, "shop", "risk_mode", "PROD/t1", ours());
    let gold = nobody().with("tier", Attribute::Text("gold".into()));
    assert_eq!(served(&state, "risk_mode", "PROD/t1", &gold), (0, TargetingMatch, 2));
    assert_eq!(served(&state, "risk_mode", "PROD/t1", &nobody()), (2, Default, 1));
    set(&mut state, 3, "shop", "risk_mode", "PROD", cases([], Serve::Inherit));
    set(&mut state, 4, "shop", "risk_mode", "", Targeting::constant(1));
    assert_eq!(served(&state, "risk_mode", "PROD/t1", &nobody()), (1, Static, 4));
    set(&mut state, 5, "shop", "risk_mode", "", cases([], Serve::Inherit));
    assert_eq!(served(&state, "risk_mode", "PROD/t1", &nobody()), (2, Default, 1));
}

#[test]
fn without_a_targeting_key_where_one_is_drawn_by_the_fallback_is_served_as_an_error() {
    let memory = Memory::default();
    let mut state = shop_with(&memory, risk_mode());
    set(&mut state, 2, "shop", "risk_mode", "", cases([], Serve::Split(list([(0, 1), (1, 1)]))));
    let (place, reason, version) = served(&state, "risk_mode", "PROD", &EvaluationContext::of("user-42"));
    assert_eq!((place, reason, version), (1, Split, 2), "its bucket is {}", bucket(&name("salt"), "user-42", 2));
    assert_eq!(served(&state, "risk_mode", "PROD", &nobody()), (2, EvaluationReason::Error, 1));
    let odd = nobody().with(TARGETING_KEY, Attribute::Bool(true));
    assert_eq!(served(&state, "risk_mode", "PROD", &odd), (2, EvaluationReason::Error, 1), "nothing is drawn by a yes");
    assert_eq!((EvaluationReason::Error.error_code(), Static.error_code()), (Some("TARGETING_KEY_MISSING"), None));

    // A number is drawn by as the text of it.
    let number = nobody().with(TARGETING_KEY, Attribute::Number(decimal("42")));
    assert_eq!(served(&state, "risk_mode", "", &number), served(&state, "risk_mode", "", &EvaluationContext::of("42")));
}

#[test]
fn a_share_that_cannot_matter_needs_no_key() {
    let memory = Memory::default();
    let mut state = shop_with(&memory, risk_mode());
    let half = || RuleNode::Share { of: name(TARGETING_KEY), per_100k: 50_000 };
    let in_germany =
        |joined: RuleNode| cases([arm([is("country", "DE"), half(), joined], Serve::Variant(0))], Serve::Variant(1));
    let (german, burmese) = (
        nobody().with("country", Attribute::Text("DE".into())),
        nobody().with("country", Attribute::Text("MM".into())),
    );
    set(&mut state, 2, "shop", "risk_mode", "", in_germany(RuleNode::All(2)));
    assert_eq!(served(&state, "risk_mode", "", &burmese), (1, Default, 2));
    assert_eq!(served(&state, "risk_mode", "", &german), (2, EvaluationReason::Error, 1));
    assert_eq!(served(&state, "risk_mode", "", &nobody()), (1, Default, 2), "no country, so no case");
    set(&mut state, 3, "shop", "risk_mode", "", in_germany(RuleNode::Any(2)));
    assert_eq!(served(&state, "risk_mode", "", &german), (0, TargetingMatch, 3));
    assert_eq!(served(&state, "risk_mode", "", &burmese), (2, EvaluationReason::Error, 1));
}

#[test]
fn a_segment_is_a_list_of_targeting_keys() {
    let memory = Memory::default();
    let mut state = shop_with(&memory, risk_mode());
    let (plan, beta) = (name("shop"), name("beta"));
    apply::make_segment(&mut state, &plan, &beta);
    apply::change_segment(&mut state, &plan, &beta, &[text("ann"), text("42")], &[]);
    let in_beta = || cases([arm([RuleNode::Segment(beta.clone())], Serve::Variant(0))], Serve::Variant(1));
    set(&mut state, 2, "shop", "risk_mode", "", in_beta());
    let reason = |state: &State, context: &EvaluationContext| served(state, "risk_mode", "PROD", context).1;
    let number = nobody().with(TARGETING_KEY, Attribute::Number(decimal("42")));
    assert_eq!(reason(&state, &EvaluationContext::of("ann")), TargetingMatch);
    assert_eq!(reason(&state, &number), TargetingMatch);
    assert_eq!(reason(&state, &EvaluationContext::of("Ann")), Default);
    assert_eq!(reason(&state, &nobody()), Default);
    apply::change_segment(&mut state, &plan, &beta, &[], &[text("ann")]);
    assert_eq!(reason(&state, &EvaluationContext::of("ann")), Default);
}

#[test]
fn a_flag_is_on_where_it_is_true_or_not_off() {
    let (switch, mode) = (switch("sale"), risk_mode());
    assert_eq!([0, 1, 2].map(|place| switch.is_on(place)), [false, true, false]);
    assert_eq!([0, 1, 2, 3].map(|place| mode.is_on(place)), [true, true, false, false]);
}

#[test]
fn req_011_what_a_flag_requires_is_on_for_everybody_or_the_flag_for_nobody() {
    let memory = Memory::default();
    let mut state = shop_with(&memory, switch("base"));
    make(&mut state, 1, &define(Flag { requires: list([name("base")]), ..switch("extra") })).unwrap();
    let plan = name("shop");
    let judge = |state: &State, place: &str| admit::require_prerequisites(state, &plan, &name("extra"), &path(place));
    judge(&state, "PROD").unwrap();
    set(
        &mut state,
        2,
        "shop",
        "extra",
        "PROD",
        cases([arm([is("tier", "gold")], Serve::Variant(1))], Serve::Variant(0)),
    );
    let missing = Error::Prerequisite { key: name("extra"), requires: name("base"), path: path("PROD/t1") };
    assert_eq!(judge(&state, "PROD/t1"), Err(missing.clone()));
    assert_eq!((missing.code(), missing.number()), ("E_PREREQUISITE", 210));
    judge(&state, "DEV").unwrap();
    set(&mut state, 3, "shop", "base", "", cases([], Serve::Split(list([(0, 1), (1, 9)]))));
    assert!(judge(&state, "PROD").is_err(), "on for some is not on for everybody");
    set(&mut state, 4, "shop", "base", "", Targeting::constant(1));
    judge(&state, "PROD/t1").unwrap();
    apply::disable(&mut state, &plan, &name("base"), &path("PROD"), &disabled(5));
    assert!(judge(&state, "PROD").is_err());
    assert_eq!(queries::required_by(&state, &plan, &name("base")).collect::<Vec<_>>(), [name("extra")]);
    apply::disable(&mut state, &plan, &name("extra"), &path("PROD"), &disabled(5));
    judge(&state, "PROD").unwrap();
}

#[test]
fn req_011_what_is_decided_below_a_path_counts_as_well() {
    let memory = Memory::default();
    let mut state = shop_with(&memory, switch("base"));
    make(&mut state, 1, &define(Flag { requires: list([name("base")]), ..switch("extra") })).unwrap();
    let plan = name("shop");
    let judge = |state: &State, place: &str| admit::require_prerequisites(state, &plan, &name("extra"), &path(place));
    let missing = |place: &str| -> Result<(), Error> {
        Err(Error::Prerequisite { key: name("extra"), requires: name("base"), path: path(place) })
    };
    set(&mut state, 2, "shop", "base", "PROD", Targeting::constant(1));
    set(&mut state, 2, "shop", "extra", "PROD", Targeting::constant(1));
    judge(&state, "").unwrap();
    set(&mut state, 3, "shop", "base", "PROD/t1", Targeting::constant(0));
    assert_eq!(judge(&state, "PROD"), missing("PROD/t1"), "what it requires is off below");
    assert_eq!(judge(&state, "PROD/t1/b2"), missing("PROD/t1/b2"));
    judge(&state, "PROD/t2").unwrap();
    set(&mut state, 4, "shop", "extra", "PROD/t1", Targeting::constant(0));
    judge(&state, "PROD").unwrap();
    set(&mut state, 5, "shop", "extra", "PROD/t1/b2", Targeting::constant(1));
    assert_eq!(judge(&state, ""), missing("PROD/t1/b2"), "it is on again further down");
    apply::unset(&mut state, &plan, &name("extra"), &path("PROD/t1/b2"));
    apply::disable(&mut state, &plan, &name("base"), &path("PROD/t2/b1"), &disabled(6));
    assert_eq!(judge(&state, "PROD"), missing("PROD/t2/b1"), "what it requires is disabled below");
    judge(&state, "PRODUCTION").unwrap();
    apply::disable(&mut state, &plan, &name("extra"), &path("PROD/t2"), &disabled(7));
    judge(&state, "").unwrap();
}
