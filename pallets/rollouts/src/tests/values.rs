//! Which values hold at a stage, and what moves on the way to it.

use super::sample::{GATES, PRUNING, TESTNET, gate, list, name, node};
use crate::plan::Plan;

/// What a stage serves: flag, variant, and the segment that alone gets it.
fn served(plan: &Plan, stage: &str) -> Vec<(String, String, Option<String>)> {
    let stage = name(stage);
    let values = plan.values_at(&stage);
    let shown = values
        .into_iter()
        .map(|(flag, served)| (flag.to_string(), served.variant.to_string(), served.only.map(ToString::to_string)));
    shown.collect()
}

#[test]
fn a_stage_serves_a_value_of_every_flag_and_says_who_alone_gets_one() {
    let values = served(&node(), "testnet");
    let expected = GATES.map(|(gate, on)| {
        let only = (gate == "timetoke_rewards").then(|| "cohort".to_owned());
        (gate.to_owned(), if on[TESTNET] { "on" } else { "off" }.to_owned(), only)
    });
    assert_eq!(values, expected);
}

#[test]
fn a_flag_that_no_stage_names_serves_its_fallback() {
    let mut plan = node();
    plan.flags.try_push(gate("new", true)).unwrap();
    assert_eq!(served(&plan, "mainnet").last(), Some(&("new".into(), "on".into(), None)));
}

fn moved(plan: &Plan, stage: &str) -> Vec<String> {
    let stage = name(stage);
    plan.delta(&stage).into_iter().map(|delta| delta.flag.to_string()).collect()
}

#[test]
fn what_moves_to_a_stage_is_what_differs_from_the_one_before() {
    let plan = node();
    assert_eq!(moved(&plan, "development"), [""; 0]);
    assert_eq!(moved(&plan, "testnet"), ["malachite_consensus", "timetoke_rewards"]);
    let stage = name("testnet");
    let delta = plan.delta(&stage);
    assert_eq!((delta[1].before.variant, delta[1].after.variant), (&name("off"), &name("on")));
    assert_eq!((delta[1].before.only, delta[1].after.only), (None, Some(&name("cohort"))));
}

#[test]
fn a_limit_that_ends_moves_its_flag_for_everybody_else() {
    assert_eq!(moved(&node(), "mainnet"), ["timetoke_rewards", "witness_network"]);
}

#[test]
fn the_first_stage_moves_what_differs_from_the_fallbacks() {
    let mut plan = node();
    plan.flags[PRUNING].fallback = 1;
    assert_eq!(moved(&plan, "development"), ["pruning"]);
    plan.stages[0].values = list([]);
    assert_eq!(moved(&plan, "development"), [""; 0]);
}
