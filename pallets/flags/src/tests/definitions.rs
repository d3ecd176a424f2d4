//! Who defines flags, what is refused, and what an edit and a retirement may do.

use super::*;

#[test]
fn a_flag_serves_its_fallback_from_the_block_that_defined_it() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    assert!(queries::resolution(&state, &name("shop"), &name("risk_mode"), &Path::ROOT, &nobody()).is_none());
    make(&mut state, 7, &define(risk_mode())).unwrap();
    assert_eq!(served(&state, "risk_mode", "PROD/t1", &nobody()), (2, EvaluationReason::Default, 7));
    assert_eq!(queries::counts(&state, &name("shop")).flags, 1);
    assert_eq!(queries::counts(&state, &name("other")), FlagCounts::default());
}

#[test]
fn a_role_without_the_grant_for_the_whole_plan_defines_nothing() {
    let memory = Memory::default();
    let state = shop(&memory);
    for (who, acting, code, number) in
        [(BEN, OWNER, "E_ROLE", 100), (AccountId([9; 32]), OWNER, "E_ROLE", 100), (ANN, "KING", "E_UNKNOWN_ROLE", 101)]
    {
        let call = Call::Define { plan: name("shop"), acting: name(acting), flag: switch("new") };
        let refused = call.decide(&state, at(1), who).unwrap_err();
        assert_eq!((refused.code(), refused.number()), (code, number));
    }
}

#[test]
fn req_103_a_flag_without_owner_fallback_or_a_day_to_go_is_refused() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    let past = Expiry::At(Timestamp(5_000));
    let number = |number: &str| list([variant("it", Value::Number(decimal(number)))]);
    let wrong = [
        (Flag { owner: name("NOBODY"), ..switch("a") }, "E_FLAG_INCOMPLETE"),
        (Flag { fallback: 2, ..switch("a") }, "E_FLAG_INCOMPLETE"),
        (Flag { off: 2, ..switch("a") }, "E_FLAG_INCOMPLETE"),
        (Flag { variants: List::new(), ..switch("a") }, "E_FLAG_INCOMPLETE"),
        (Flag { kind: FlagKind::Release, ..switch("a") }, "E_FLAG_EXPIRY"),
        (Flag { kind: FlagKind::Sunset, ..switch("a") }, "E_FLAG_EXPIRY"),
        (Flag { expires: past, ..switch("a") }, "E_FLAG_EXPIRY"),
        (Flag { bypass: list([2]), ..switch("a") }, "E_VARIANT"),
        (
            Flag { variants: list([variant("on", Value::Int(1)), variant("on", Value::Int(2))]), ..switch("a") },
            "E_VARIANT",
        ),
        (
            Flag { variants: list([variant("7", Value::Int(7)), variant("t", Value::Text(text("7")))]), ..switch("a") },
            "E_TYPE",
        ),
        (Flag { variants: list([variant("it", Value::Int(MOST_WHOLE + 1))]), ..switch("a") }, "E_TYPE"),
        (Flag { variants: list([variant("it", Value::Int(i64::MIN))]), ..switch("a") }, "E_TYPE"),
        (Flag { variants: number("1234567.890123456"), ..switch("a") }, "E_TYPE"),
        (Flag { variants: list([variant("it", Value::Object(text("{ }")))]), ..switch("a") }, "E_TYPE"),
        (Flag { requires: list([name("unheard")]), ..switch("a") }, "E_FLAG_UNKNOWN"),
        (Flag { requires: list([name("a")]), ..switch("a") }, "E_FLAG_UNKNOWN"),
    ];
    for (flag, code) in wrong {
        let refused = make(&mut state, 5, &define(flag.clone())).unwrap_err();
        assert_eq!(refused.code(), code, "{flag:?}: {refused}");
    }
    let right = [
        Flag { kind: FlagKind::Release, expires: Expiry::At(Timestamp(5_001)), ..switch("dated") },
        Flag { kind: FlagKind::KillSwitch, ..switch("kill") },
        Flag { variants: list([variant("it", Value::Int(-MOST_WHOLE))]), ..switch("whole") },
        Flag { variants: number("0.000000123"), ..switch("small") },
        Flag { requires: list([name("kill")]), ..switch("requiring") },
    ];
    for flag in right {
        make(&mut state, 5, &define(flag)).unwrap();
    }
}

#[test]
fn a_number_of_fifteen_significant_digits_is_the_longest() {
    for (number, is_taken) in [
        ("123456.789012345", true),
        ("1234567.890123456", false),
        ("-0.000012345", true),
        ("9223372036854775807", false),
        ("9000000000000000000", true),
        ("0", true),
    ] {
        assert_eq!(Value::Number(decimal(number)).check().is_ok(), is_taken, "{number}");
    }
}

#[test]
fn a_key_that_was_retired_names_no_other_flag() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    make(&mut state, 1, &define(switch("sale"))).unwrap();
    assert_eq!(make(&mut state, 2, &define(risk_mode_as("sale"))).unwrap_err().code(), "E_FLAG_TAKEN");
    make(&mut state, 3, &retire("sale")).unwrap();
    assert!(queries::flag(&state, &name("shop"), &name("sale")).is_none());
    assert_eq!(queries::counts(&state, &name("shop")), FlagCounts::default());
    assert_eq!(make(&mut state, 4, &define(switch("sale"))).unwrap_err().code(), "E_FLAG_TAKEN");
    assert_eq!(make(&mut state, 4, &retire("sale")).unwrap_err().code(), "E_FLAG_UNKNOWN");
}

fn risk_mode_as(key: &str) -> Flag {
    Flag { key: name(key), ..risk_mode() }
}

#[test]
fn an_edit_changes_what_is_said_and_nothing_that_is_served() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    make(&mut state, 1, &define(risk_mode())).unwrap();
    let more = FlagEdit {
        text: Some(text("how strictly risky orders are handled")),
        expires: Some(Expiry::At(Timestamp(90_000))),
        raises_risk: true,
        variants: list([variant("ASK", Value::Text(text("ASK")))]),
        owner: None,
    };
    make(&mut state, 2, &edit("risk_mode", more)).unwrap();
    let DefinedFlag { flag, since } = queries::flag(&state, &name("shop"), &name("risk_mode")).unwrap();
    assert_eq!((since, flag.risk, flag.variants.len(), flag.owner), (Height(1), Risk::High, 4, name(OWNER)));
    assert_eq!(served(&state, "risk_mode", "", &nobody()), (2, EvaluationReason::Default, 1));
    make(&mut state, 3, &edit("risk_mode", FlagEdit::default())).unwrap();
    let same = queries::flag(&state, &name("shop"), &name("risk_mode")).unwrap().flag;
    assert_eq!((same.risk, same.variants.len()), (Risk::High, 4), "a risk is never lowered, and no variant goes");

    let twice = FlagEdit { variants: list([variant("WARN", Value::Text(text("W")))]), ..FlagEdit::default() };
    let typed = FlagEdit { variants: list([variant("NEW", Value::Bool(true))]), ..FlagEdit::default() };
    let many = (0..13).map(|n| variant(&format!("V{n}"), Value::Text(text("V"))));
    let many = FlagEdit { variants: list(many), ..FlagEdit::default() };
    let over = FlagEdit { expires: Some(Expiry::At(Timestamp(3_000))), ..FlagEdit::default() };
    let owner = FlagEdit { owner: Some(name("NOBODY")), ..FlagEdit::default() };
    for (wrong, code) in [
        (twice, "E_VARIANT"),
        (typed, "E_TYPE"),
        (many, "E_FULL"),
        (over, "E_FLAG_EXPIRY"),
        (owner, "E_FLAG_INCOMPLETE"),
    ] {
        assert_eq!(make(&mut state, 4, &edit("risk_mode", wrong)).unwrap_err().code(), code);
    }
}

#[test]
fn a_flag_of_a_plan_may_become_what_an_edit_could_make_of_it() {
    let flag = risk_mode();
    let longer = list(flag.variants.iter().cloned().chain([variant("ASK", Value::Text(text("ASK")))]));
    let swapped = list(flag.variants.iter().rev().cloned());
    let shorter = list(flag.variants.iter().take(2).cloned());
    let may = [
        flag.clone(),
        Flag { text: text("more"), owner: name("OTHER"), ..flag.clone() },
        Flag { expires: Expiry::At(Timestamp(1)), risk: Risk::High, ..flag.clone() },
        Flag { variants: longer, ..flag.clone() },
    ];
    assert!(may.iter().all(|other| flag.may_become(other)));
    let may_not = [
        Flag { fallback: 0, ..flag.clone() },
        Flag { off: 0, ..flag.clone() },
        Flag { kind: FlagKind::Operational, ..flag.clone() },
        Flag { salt: name("other"), ..flag.clone() },
        Flag { audience: Audience::Client, ..flag.clone() },
        Flag { emergency: false, ..flag.clone() },
        Flag { bypass: list([0]), ..flag.clone() },
        Flag { requires: list([name("x")]), ..flag.clone() },
        Flag { variants: swapped, ..flag.clone() },
        Flag { variants: shorter, ..flag.clone() },
    ];
    assert!(may_not.iter().all(|other| !flag.may_become(other)));
    let high = Flag { risk: Risk::High, ..flag.clone() };
    assert!(flag.may_become(&high) && !high.may_become(&flag));
}

#[test]
fn a_flag_is_retired_only_when_nothing_names_it() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    let (plan, sale) = (name("shop"), name("sale"));
    apply::define_flags_of_plan(&mut state, at(1), &plan, &[switch("sale")]);
    make(&mut state, 1, &define(Flag { requires: list([sale.clone()]), ..switch("coupons") })).unwrap();
    apply::set(&mut state, &plan, &sale, &path("PROD/t1"), &setting(2, Targeting::constant(1)));
    apply::disable(&mut state, &plan, &sale, &path("PROD"), &disabled(2));

    let in_use = |state: &mut State, by: FlagUse| {
        assert_eq!(make(state, 3, &retire("sale")), Err(Error::InUse { key: name("sale"), by }));
    };
    in_use(&mut state, FlagUse::Plan);
    apply::define_flags_of_plan(&mut state, at(3), &plan, &[]);
    in_use(&mut state, FlagUse::Setting(path("PROD/t1")));
    apply::unset(&mut state, &plan, &sale, &path("PROD/t1"));
    in_use(&mut state, FlagUse::Disabled(path("PROD")));
    apply::enable(&mut state, &plan, &sale, &path("PROD"));
    in_use(&mut state, FlagUse::RequiredBy(name("coupons")));
    make(&mut state, 3, &retire("coupons")).unwrap();
    make(&mut state, 3, &retire("sale")).unwrap();
}

#[test]
fn a_plan_comes_with_new_flags_and_edits_and_with_nothing_that_would_change_what_is_served() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    let plan = name("shop");
    make(&mut state, 1, &define(switch("old"))).unwrap();
    make(&mut state, 1, &define(switch("gone"))).unwrap();
    make(&mut state, 1, &retire("gone")).unwrap();
    let admit = |state: &State, flags: &[Flag]| {
        admit::flags_of_plan(state, at(9), &plan, false, flags).map_err(|error| error.code())
    };
    let (expired, dated) = (Expiry::At(Timestamp(9_000)), Expiry::At(Timestamp(9_001)));
    let both = [Flag { requires: list([name("b")]), ..switch("a") }, switch("b")];
    assert_eq!(admit(&state, &both), Ok(()), "what it requires may come with it");
    assert_eq!(admit(&state, &both[..1]), Err("E_FLAG_UNKNOWN"));
    assert_eq!(admit(&state, &[Flag { text: text("edited"), expires: dated, ..switch("old") }]), Ok(()));
    assert_eq!(admit(&state, &[Flag { fallback: 1, ..switch("old") }]), Err("E_FLAG_FIXED"));
    assert_eq!(admit(&state, &[switch("gone")]), Err("E_FLAG_TAKEN"));
    assert_eq!(admit(&state, &[Flag { expires: expired, ..switch("new") }]), Err("E_FLAG_EXPIRY"));
    assert_eq!(admit(&state, &[Flag { off: 7, ..switch("new") }]), Err("E_FLAG_INCOMPLETE"));

    apply::define_flags_of_plan(
        &mut state,
        at(3),
        &plan,
        &[Flag { expires: Expiry::At(Timestamp(5_000)), ..switch("old") }],
    );
    let same = [Flag { expires: Expiry::At(Timestamp(5_000)), ..switch("old") }];
    assert_eq!(admit(&state, &same), Ok(()), "a day that was said before may be over by now");
    assert_eq!(
        queries::flag(&state, &plan, &name("old")).unwrap().since,
        Height(1),
        "its fallback is as old as it was"
    );
}

#[test]
fn a_plan_has_no_more_flags_than_there_is_room_for() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    let plan = name("shop");
    for number in 0..MOST_FLAGS {
        Event::Defined {
            plan: plan.clone(),
            flag: switch(&format!("f{number}")),
            by: roles::Actor { account: ANN, role: name(OWNER) },
        }
        .apply(&mut state, at(1));
    }
    let full = Error::Full { of: plan.clone(), register: FlagRegister::Flags, most: MOST_FLAGS };
    assert_eq!(make(&mut state, 2, &define(switch("one_more"))), Err(full.clone()));
    assert_eq!((full.code(), full.number()), ("E_FULL", 213));
    make(&mut state, 2, &edit("f3", FlagEdit { text: Some(text("edited")), ..FlagEdit::default() })).unwrap();
    make(&mut state, 2, &retire("f3")).unwrap();
    make(&mut state, 2, &define(switch("one_more"))).unwrap();
}

#[test]
fn a_flag_of_more_than_8_kib_is_refused() {
    let large = |bytes: usize| {
        let object = format!("{{\"a\":\"{}\"}}", "x".repeat(bytes));
        Flag {
            variants: list([variant("a", Value::Object(text(&object))), variant("b", Value::Object(text(&object)))]),
            ..switch("large")
        }
    };
    assert!(large(3_900).check(false).is_ok());
    assert_eq!(large(4_088).check(false).unwrap_err().code(), "E_FULL");
}
