//! Flags that are not whole, gates that go off, and what is on without what it requires.

use super::super::sample::*;
use super::{fine, only, only_of_application};
use crate::plan::Plan;
use flags::{Expiry, Flag, FlagKind, Value, Variant};
use primitives::Timestamp;
use proptest::prelude::*;

fn say(plan: &mut Plan, stage: usize, flag: usize, variant: &str) {
    plan.stages[stage].values[flag].1 = name(variant);
}

#[test]
fn req_103_only_some_kinds_of_flags_stay_for_ever() {
    for kind in [FlagKind::Gate, FlagKind::Permission, FlagKind::KillSwitch] {
        let mut plan = application();
        plan.flags[PRUNING].kind = kind;
        assert!(plan.mistakes().is_empty(), "{:#?}", plan.mistakes());
    }
    for kind in [FlagKind::Release, FlagKind::Experiment, FlagKind::Operational, FlagKind::Sunset] {
        let mut plan = application();
        plan.flags[PRUNING].kind = kind;
        let mistakes = plan.mistakes();
        assert_eq!(mistakes.len(), 1, "{mistakes:#?}");
        assert_eq!(mistakes[0].field, "flags.pruning.expires");
        plan.flags[PRUNING].expires = Expiry::At(Timestamp(1));
        assert!(plan.mistakes().is_empty());
    }
}

#[test]
fn a_flag_serves_variants_that_it_has_and_all_of_one_type() {
    only("flags.pruning.off", "lacks its off", |plan| plan.flags[PRUNING].off = 2);
    only("flags.pruning.fallback", "lacks its fallback", |plan| plan.flags[PRUNING].fallback = 2);
    only("flags.pruning.bypass", "none at place 2", |plan| plan.flags[PRUNING].bypass = list([2]));
    only("flags.pruning.variants", "of another type", |plan| {
        plan.policy.monotonic = false;
        plan.flags[PRUNING].variants[1].value = Value::Int(0);
    });
}

/// An application's plan with one more flag, that grants something: the sample's, with that change.
fn grants(change: impl FnOnce(&mut Flag)) -> impl FnOnce(&mut Plan) {
    move |plan| {
        let mut flag = Flag { kind: FlagKind::Permission, emergency: false, ..gate("more", true) };
        change(&mut flag);
        plan.flags.try_push(flag).unwrap();
    }
}

#[test]
fn what_is_wrong_with_a_flag_is_what_flags_say_of_it() {
    only_of_application(
        "flags.more.variants",
        "2^53",
        grants(|flag| {
            let variants = [("on", 1 << 53), ("off", 0)];
            flag.variants = list(variants.map(|(of, number)| Variant { name: name(of), value: Value::Int(number) }));
        }),
    );
    only_of_application(
        "flags.more.variants",
        "two variants \"on\"",
        grants(|flag| flag.variants[1].name = name("on")),
    );
    only_of_application("flags.more.variants", "in case alone", grants(|flag| flag.variants[1].name = name("ON")));
    only_of_application(
        "flags.more.off",
        "would be true where it is disabled",
        grants(|flag| {
            (flag.off, flag.emergency) = (0, true);
        }),
    );
    // An enforcement is safe when it is on, and no emergency touches it.
    let mut plan = application();
    grants(|flag| (flag.off, flag.bypass) = (0, list([1])))(&mut plan);
    assert!(plan.mistakes().is_empty(), "{:#?}", plan.mistakes());
}

#[test]
fn a_gate_of_a_node_is_true_or_false_and_off_is_false() {
    only("flags.pruning.off", "would be true where it is disabled", |plan| plan.flags[PRUNING].off = 0);
    only("flags.pruning.kind", "pruning", |plan| plan.flags[PRUNING].kind = FlagKind::KillSwitch);
    only("flags.speed.kind", "speed", |plan| {
        plan.flags.try_push(gate("speed", true)).unwrap();
        plan.stages.iter_mut().for_each(|stage| stage.values.try_push((name("speed"), name("on"))).unwrap());
    });
}

#[test]
fn a_plan_of_a_node_has_every_gate_of_the_network() {
    only("flags.reconstruction", "leaves out its gate reconstruction", |plan| {
        plan.flags.remove(2);
        plan.stages.iter_mut().for_each(|stage| {
            stage.values.remove(2);
        });
    });
}

#[test]
fn req_007_no_gate_of_a_node_is_off_in_the_last_stage_because_no_stage_names_it() {
    let unnamed = |mut plan: Plan| {
        plan.stages.iter_mut().for_each(|stage| {
            stage.values.remove(PRUNING);
        });
        plan.mistakes()
    };
    let fields: Vec<String> = unnamed(node()).into_iter().map(|mistake| mistake.field).collect();
    assert_eq!(fields, [0, 1, 2].map(|stage| format!("stages[{stage}].feature_gates.pruning")));
    assert!(unnamed(application()).is_empty());
    only("stages[1].feature_gates.pruning", "leaves out \"pruning\"", |plan| {
        plan.stages[TESTNET].values.remove(PRUNING);
    });
}

#[test]
fn req_007_a_gate_that_is_on_stays_on() {
    only("stages[1].feature_gates.pruning", "is on at \"development\" and off at \"testnet\"", |plan| {
        say(plan, TESTNET, PRUNING, "off");
    });
    fine(|plan| {
        plan.policy.monotonic = false;
        say(plan, TESTNET, PRUNING, "off");
    });
    only("stage.testnet.steps[0].sets[0]", "turns \"pruning\" off, which is on", |plan| {
        let mut deploy = step("deploy", &["deployed"]);
        deploy.sets = list([(name("pruning"), name("off"), None)]);
        plan.stages[TESTNET].steps = list([deploy]);
    });
}

#[test]
fn req_007_every_gate_is_on_in_the_last_stage_and_for_everybody() {
    only("stages[2].feature_gates.witness_network", "is off at \"mainnet\", the last stage", |plan| {
        say(plan, MAINNET, 6, "off");
    });
    only("stage.mainnet.limits.pruning", "for a segment alone at \"mainnet\"", |plan| {
        let limit = crate::plan::Limit { flag: name("pruning"), segment: name("cohort") };
        plan.stages[MAINNET].limits = list([limit]);
    });
}

#[test]
fn req_011_what_a_flag_requires_is_on_where_the_flag_is() {
    only(
        "stages[1].feature_gates.timetoke_rewards",
        "for whom \"malachite_consensus\", which it requires, is off",
        |plan| {
            plan.playbooks[1].profile = None;
            say(plan, TESTNET, QUORUM, "off");
        },
    );
    only("stages[0].feature_gates.timetoke_rewards", "is on at \"development\"", |plan| {
        say(plan, DEVELOPMENT, REWARDS, "on");
    });
    only("flags.timetoke_rewards.fallback", "before any stage stands", |plan| plan.flags[REWARDS].fallback = 0);
    only("stage.development.steps[0].sets[0]", "after the step \"deploy\"", |plan| {
        let mut deploy = step("deploy", &["deployed"]);
        deploy.sets = list([(name("timetoke_rewards"), name("on"), Some(name("cohort")))]);
        plan.stages[DEVELOPMENT].steps = list([deploy]);
    });
}

#[test]
fn req_011_a_limited_prerequisite_is_enough_for_its_segment_alone() {
    let limited = |segment: &'static str| {
        move |plan: &mut Plan| {
            plan.flags[PRUNING].requires = names(&["witness_network"]);
            plan.flags[PRUNING].fallback = 1;
            say(plan, DEVELOPMENT, PRUNING, "off");
            say(plan, TESTNET, 6, "on");
            for (flag, segment) in [("pruning", segment), ("witness_network", "cohort")] {
                let limit = crate::plan::Limit { flag: name(flag), segment: name(segment) };
                plan.stages[TESTNET].limits.try_push(limit).unwrap();
            }
        }
    };
    fine(limited("cohort"));
    only("stages[1].feature_gates.pruning", "for somebody for whom \"witness_network\"", limited("others"));
}

#[test]
fn what_is_on_for_everybody_does_not_go_off_for_a_segment_alone() {
    let limit = |flag| crate::plan::Limit { flag: name(flag), segment: name("cohort") };
    only("stage.testnet.limits.pruning", "is on for everybody", |plan| {
        plan.policy.monotonic = false;
        plan.flags.iter_mut().for_each(|flag| flag.requires = list([]));
        say(plan, TESTNET, PRUNING, "off");
        plan.stages[TESTNET].limits.try_push(limit("pruning")).unwrap();
    });
    only("stage.testnet.steps[0].sets[0]", "is on for everybody", |plan| {
        plan.policy.monotonic = false;
        let mut deploy = step("deploy", &["deployed"]);
        deploy.sets = list([(name("pruning"), name("off"), Some(name("cohort")))]);
        plan.stages[TESTNET].steps = list([deploy]);
    });
    // Off already, and on for that segment alone.
    fine(|plan| plan.stages[TESTNET].limits.try_push(limit("witness_network")).unwrap());
    fine(|plan| {
        plan.policy.monotonic = false;
        let mut deploy = step("deploy", &["deployed"]);
        deploy.sets = list([(name("timetoke_rewards"), name("off"), Some(name("cohort")))]);
        plan.stages[TESTNET].steps = list([deploy]);
    });
}

proptest! {
    /// By another way than the rule goes: a gate's values, as a word of letters, are sorted and end on.
    #[test]
    fn a_plan_is_monotonic_when_every_gate_goes_on_once_and_for_good(bits in proptest::collection::vec(any::<bool>(), 9)) {
        let mut plan = node();
        // Those that nothing requires, and that require nothing.
        let free = [PRUNING, 2, 3];
        for (gate, values) in free.iter().zip(bits.chunks(3)) {
            for (stage, on) in values.iter().enumerate() {
                say(&mut plan, stage, *gate, if *on { "on" } else { "off" });
            }
        }
        let monotonic = bits.chunks(3).all(|values| values.is_sorted() && values[2]);
        prop_assert_eq!(plan.mistakes().is_empty(), monotonic, "{:?}", plan.mistakes());
    }
}
