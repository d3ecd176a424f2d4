//! What goes off with what, and what finding that takes.

use super::*;
use crate::requirements::FlagRequirements;
use std::collections::BTreeSet;

/// A flag that others require, one that requires it, and one that requires that; and one that has to do with nothing.
fn chained(memory: &Memory) -> State<'_> {
    let mut state = shop(memory);
    let requires = |key: &str, of: &str| Flag { requires: list([name(of)]), ..switch(key) };
    for flag in [switch("base"), requires("middle", "base"), requires("top", "middle"), switch("alone")] {
        make(&mut state, 1, &define(flag)).unwrap();
    }
    state
}

#[test]
fn each_flag_comes_after_what_it_requires_and_what_requires_nothing_is_not_asked() {
    let memory = Memory::default();
    let state = chained(&memory);
    let order = |moved: &[&str]| {
        let moved: Vec<Name> = moved.iter().map(|key| name(key)).collect();
        let all = FlagRequirements::among(&state, &name("shop"), &moved);
        all.order().iter().map(Name::to_string).collect::<Vec<_>>()
    };
    assert_eq!(order(&["base"]), ["middle", "top"]);
    assert_eq!(order(&["top", "base"]), ["middle", "top"]);
    assert_eq!(order(&["top"]), ["top"]);
    assert_eq!(order(&["alone"]), Vec::<String>::new());
}

#[test]
fn what_a_flag_that_goes_off_leaves_without_what_it_requires_is_found_place_by_place() {
    let memory = Memory::default();
    let mut state = chained(&memory);
    let (plan, on) = (name("shop"), Targeting::constant(1));
    for key in ["base", "middle", "top"] {
        set(&mut state, 2, "shop", key, "", on.clone());
    }
    set(&mut state, 2, "shop", "middle", "PROD/t1", on);
    set(&mut state, 3, "shop", "base", "", Targeting::constant(0));
    let mut all = FlagRequirements::among(&state, &plan, [&name("base")]);
    let places = all.decided(&name("middle"), &BTreeSet::from([Path::ROOT]));
    assert_eq!(places.iter().map(Path::as_str).collect::<Vec<_>>(), ["", "PROD/t1"]);
    let missing = |all: &FlagRequirements, key: &str, place: &str| all.missing(&name(key), &path(place)).is_some();
    assert!(missing(&all, "middle", "") && missing(&all, "middle", "PROD/t1") && !missing(&all, "top", ""));
    all.set(&name("middle"), &Path::ROOT, &Targeting::constant(0));
    assert!(!missing(&all, "middle", "") && missing(&all, "middle", "PROD/t1"), "it is set again further down");
    assert!(missing(&all, "top", "PROD") && !missing(&all, "top", "PROD/t1"));
    all.disable(&name("middle"), &path("PROD"));
    assert!(!missing(&all, "middle", "PROD/t1"));
}

/// So that whoever has something moved pays for what is looked through because of it.
#[test]
fn finding_it_takes_more_where_more_is_set_of_flags_that_require_each_other_and_nowhere_else() {
    let memory = Memory::default();
    let mut state = chained(&memory);
    let cost_at = |state: &State, key: &str, paths| FlagRequirements::cost(state, &name("shop"), [&name(key)], paths);
    let cost = |state: &State, key: &str| cost_at(state, key, 1);
    let before = ["base", "top", "alone"].map(|key| cost(&state, key));
    assert_eq!(before[2].places, 0);
    for number in 0..10 {
        for key in ["base", "alone"] {
            set(&mut state, 2, "shop", key, &format!("PROD/t{number}"), Targeting::constant(1));
        }
    }
    let after = ["base", "top", "alone"].map(|key| cost(&state, key));
    assert_eq!((after[0].rows - before[0].rows, after[0].places - before[0].places), (10, 10));
    assert_eq!((after[1], after[2]), (before[1], before[2]));
    // Each of the two that require it goes off at every path at which it does.
    let at_ten = ["base", "alone"].map(|key| cost_at(&state, key, 10).places);
    assert_eq!(at_ten, [after[0].places + 2 * 9, 0]);
}
