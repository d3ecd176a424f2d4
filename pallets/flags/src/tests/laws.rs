//! What holds whatever is defined, set and asked.

use super::*;
use crate::counts::size;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use std::collections::BTreeMap;

/// A scope and all that it lies under.
const SCOPES: [&str; 4] = ["", "PROD", "PROD/t1", "PROD/t1/b2"];

fn operand() -> impl Strategy<Value = Operand> {
    prop_oneof![
        any::<bool>().prop_map(Operand::Bool),
        (-2i64..3).prop_map(|number| Operand::Number(Decimal::new(number, 0).unwrap())),
        select(vec!["a", "b", "1"]).prop_map(|word| Operand::Text(text(word))),
    ]
}

fn asked() -> impl Strategy<Value = Name> {
    select(vec!["x", "y", "z", TARGETING_KEY]).prop_map(name)
}

fn leaf() -> impl Strategy<Value = RuleNode> {
    prop_oneof![
        (asked(), operand()).prop_map(|(of, operand)| RuleNode::Is(of, operand)),
        (asked(), prop::collection::vec(operand(), 0..3)).prop_map(|(of, all)| RuleNode::In(of, list(all))),
        select(vec!["beta", "empty", "unheard"]).prop_map(|segment| RuleNode::Segment(name(segment))),
        asked().prop_map(|of| RuleNode::Starts(of, text("a"))),
        asked().prop_map(|of| RuleNode::Less(of, decimal("0.5"))),
        asked().prop_map(|of| RuleNode::Version(of, VersionOrdering::AtLeast, Semver::new("1.0.0").unwrap())),
        (asked(), 0u32..=WHOLE_SHARE).prop_map(|(of, per_100k)| RuleNode::Share { of, per_100k }),
    ]
}

/// Anything that decodes, most of it no rule.
pub(super) fn any_rule() -> impl Strategy<Value = Rule> {
    let joint = prop_oneof![(0u8..4).prop_map(RuleNode::All), (0u8..4).prop_map(RuleNode::Any), Just(RuleNode::Not)];
    prop::collection::vec(prop_oneof![3 => leaf(), 2 => joint], 0..8).prop_map(rule)
}

/// Leaves, all joined by one, which may be turned round.
pub(super) fn whole_rule() -> impl Strategy<Value = Rule> {
    (prop::collection::vec(leaf(), 1..5), any::<bool>(), any::<bool>()).prop_map(|(mut nodes, all, not)| {
        let parts = u8::try_from(nodes.len()).unwrap();
        nodes.push(if all { RuleNode::All(parts) } else { RuleNode::Any(parts) });
        nodes.extend(not.then_some(RuleNode::Not));
        rule(nodes)
    })
}

fn serve(variants: u8) -> impl Strategy<Value = Serve> {
    let weights = prop::collection::vec((0..variants, 0u32..5), 0..4);
    prop_oneof![
        3 => (0..variants).prop_map(Serve::Variant),
        1 => weights.prop_map(|weights| Serve::Split(list(weights))),
        1 => Just(Serve::Inherit),
    ]
}

pub(super) fn targeting(rule: impl Strategy<Value = Rule>, variants: u8) -> impl Strategy<Value = Targeting> {
    let case = (rule, serve(variants)).prop_map(|(when, serve)| Arm { when, serve });
    (prop::collection::vec(case, 0..4), serve(variants)).prop_map(|(all, otherwise)| cases(all, otherwise))
}

pub(super) fn context() -> impl Strategy<Value = EvaluationContext> {
    let known = prop_oneof![
        any::<bool>().prop_map(Attribute::Bool),
        (-2i64..3, 0u8..2).prop_map(|(units, scale)| Attribute::Number(Decimal::new(units, scale).unwrap())),
        select(vec!["a", "b", "1", "1.2.3", ""]).prop_map(|word| Attribute::Text(word.into())),
    ];
    prop::collection::vec((select(vec!["x", "y", "z", TARGETING_KEY]), known), 0..5)
        .prop_map(|all| all.into_iter().fold(nobody(), |context, (name, known)| context.with(name, known)))
}

fn scoped(settings: BTreeMap<Path, Setting>) -> ScopedFlag {
    ScopedFlag {
        flag: DefinedFlag { flag: risk_mode(), since: Height(1) },
        disabled: BTreeMap::new(),
        settings,
        segments: [(name("beta"), list([text("a"), text("1")])), (name("empty"), List::new())].into(),
    }
}

/// What is set on the way to a scope, each place at a height of its own.
fn settings(targetings: impl Strategy<Value = Targeting>) -> impl Strategy<Value = BTreeMap<Path, Setting>> {
    (subsequence(SCOPES.to_vec(), 0..=4), prop::collection::vec(targetings, 4)).prop_map(|(scopes, targetings)| {
        let places = scopes.into_iter().zip(targetings).zip(2..);
        places.map(|((place, targeting), height)| (path(place), setting(height, targeting))).collect()
    })
}

proptest! {
    #[test]
    fn there_is_always_an_answer_and_it_is_one_that_the_flag_can_give(
        settings in settings(targeting(any_rule(), 5)), context in context()
    ) {
        let scoped = scoped(settings);
        let answer = resolve(&scoped, &context);
        prop_assert_eq!(answer, resolve(&scoped, &context));
        prop_assert!(scoped.may_serve().contains(&answer.variant), "{answer:?} of {:?}", scoped.may_serve());
        let heights: Vec<Height> = scoped.settings.values().map(|setting| setting.since.height).collect();
        prop_assert!(answer.version == Height(1) || heights.contains(&answer.version));
        let fell_back = [EvaluationReason::Default, EvaluationReason::Error].contains(&answer.reason);
        prop_assert!(fell_back || answer.version > Height(1));
    }

    #[test]
    fn what_is_admitted_serves_a_variant_of_the_flag(
        settings in settings(targeting(whole_rule(), 3)), context in context()
    ) {
        let flag = risk_mode();
        prop_assume!(settings.values().all(|setting| setting.targeting.check(&flag).is_ok()));
        let scoped = scoped(settings);
        prop_assert!(scoped.value(resolve(&scoped, &context)).is_some());
    }

    #[test]
    fn what_is_disabled_anywhere_above_is_off_whatever_is_set(
        settings in settings(targeting(any_rule(), 3)), context in context(), at_scopes in subsequence(SCOPES.to_vec(), 1..=4)
    ) {
        let mut scoped = scoped(settings);
        scoped.disabled = at_scopes.iter().zip(50..).map(|(place, height)| (path(place), disabled(height))).collect();
        let nearest = Height(49 + at_scopes.len() as u64);
        let off = Resolution { variant: scoped.flag.flag.off, reason: EvaluationReason::Disabled, version: nearest };
        prop_assert_eq!(resolve(&scoped, &context), off);
        prop_assert!(!scoped.is_on_for_some());
    }

    #[test]
    fn the_longest_path_that_is_set_decides_and_the_others_change_nothing(
        settings in settings((0u8..3).prop_map(Targeting::constant)), context in context()
    ) {
        prop_assume!(!settings.is_empty());
        let longest = settings.iter().max_by_key(|(path, _)| path.depth()).map(|(path, set)| (path.clone(), set.clone()));
        let (place, set) = longest.unwrap();
        let answer = resolve(&scoped(settings), &context);
        prop_assert_eq!(answer, resolve(&scoped([(place, set.clone())].into()), &context));
        prop_assert_eq!(set.targeting, Targeting::constant(answer.variant));
        prop_assert_eq!((answer.reason, answer.version), (EvaluationReason::Static, set.since.height));
    }

    #[test]
    fn a_case_that_names_an_absent_attribute_does_not_hold_nor_does_its_opposite(
        leaves in prop::collection::vec(leaf(), 0..4), at in 0usize..4, all in any::<bool>(), context in context()
    ) {
        let mut nodes = leaves;
        nodes.insert(at.min(nodes.len()), is("absent", "a"));
        let parts = u8::try_from(nodes.len()).unwrap();
        nodes.push(if all { RuleNode::All(parts) } else { RuleNode::Any(parts) });
        for _ in 0..2 {
            let targeting = cases([arm(nodes.clone(), Serve::Variant(0))], Serve::Variant(1));
            let answer = resolve(&scoped([(Path::ROOT, setting(2, targeting))].into()), &context);
            prop_assert_eq!((answer.variant, answer.reason), (1, EvaluationReason::Default));
            nodes.push(RuleNode::Not);
        }
    }

    #[test]
    fn a_rule_and_its_opposite_never_both_hold(rule in whole_rule(), context in context()) {
        let reason = |rule: Rule| {
            let targeting = cases([Arm { when: rule, serve: Serve::Variant(0) }], Serve::Variant(1));
            resolve(&scoped([(Path::ROOT, setting(2, targeting))].into()), &context).reason
        };
        let opposite = Rule::from(list::<_, MOST_NODES>(rule.nodes().iter().cloned().chain([RuleNode::Not])));
        let both = [reason(rule), reason(opposite)];
        prop_assert_ne!(both, [EvaluationReason::TargetingMatch; 2]);
        let needs_key = both.contains(&EvaluationReason::Error);
        prop_assert!(!needs_key || both == [EvaluationReason::Error; 2]);
        prop_assert!(!needs_key || context.targeting_key().is_none());
    }

    #[test]
    fn a_segment_has_each_member_once_and_in_order_however_often_it_is_listed(
        steps in prop::collection::vec((prop::collection::vec(0u8..6, 0..8), prop::collection::vec(0u8..6, 0..8)), 1..8)
    ) {
        let memory = Memory::default();
        let mut state = shop(&memory);
        let (plan, beta) = (name("shop"), name("beta"));
        apply::make_segment(&mut state, &plan, &beta);
        let texts = |all: Vec<u8>| all.iter().map(|number| text(&format!("u{number}"))).collect::<Vec<Text<64>>>();
        for (add, remove) in steps {
            let (add, remove) = (texts(add), texts(remove));
            apply::change_segment(&mut state, &plan, &beta, &add, &remove);
            let members = queries::segment(&state, &plan, &beta).unwrap();
            prop_assert!(members.windows(2).all(|pair| pair[0] < pair[1]), "{members:?}");
            prop_assert!(add.iter().all(|member| members.contains(member)));
            prop_assert!(remove.iter().all(|member| add.contains(member) || !members.contains(member)));
            let counts = queries::counts(&state, &plan);
            prop_assert_eq!((counts.segments, counts.bytes), (1, size(&members)));
        }
    }

    #[test]
    fn what_is_counted_is_what_there_is(
        steps in prop::collection::vec((select(SCOPES.to_vec()), prop::option::of(targeting(whole_rule(), 3))), 1..12)
    ) {
        let memory = Memory::default();
        let mut state = shop(&memory);
        make(&mut state, 1, &define(risk_mode())).unwrap();
        let (plan, key) = (name("shop"), name("risk_mode"));
        for ((place, targeting), height) in steps.into_iter().zip(2..) {
            match targeting {
                Some(targeting) => apply::set(&mut state, &plan, &key, &path(place), &setting(height, targeting)),
                None => apply::unset(&mut state, &plan, &key, &path(place)),
            }
            let all: Vec<Setting> = queries::settings(&state, &plan, &key).map(|(_, setting)| setting).collect();
            let asked: std::collections::BTreeSet<&str> =
                all.iter().flat_map(|setting| setting.targeting.attributes()).collect();
            let flag = queries::flag(&state, &plan, &key).unwrap();
            let bytes: u32 = all.iter().map(size).sum();
            let expected = FlagCounts {
                flags: 1,
                settings: all.len() as u32,
                segments: 0,
                attributes: asked.len() as u32,
                bytes: bytes + size(&flag),
            };
            prop_assert_eq!(queries::counts(&state, &plan), expected);
        }
    }
}
