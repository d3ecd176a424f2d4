//! Which rules there are, and for whom they hold.

use super::*;
use crate::RuleFlaw::*;

/// Whether a rule holds, by what a flag with one case serves.
fn holds(nodes: impl IntoIterator<Item = RuleNode>, context: &EvaluationContext) -> bool {
    let targeting = cases([arm(nodes, Serve::Variant(1))], Serve::Variant(0));
    let scoped = ScopedFlag {
        flag: DefinedFlag { flag: switch("it"), since: Height(1) },
        disabled: [].into(),
        settings: [(Path::ROOT, setting(2, targeting))].into(),
        segments: [(name("beta"), list([text("ann")]))].into(),
    };
    resolve(&scoped, context).variant == 1
}

fn of(attribute: &str, known: Attribute) -> EvaluationContext {
    nobody().with(attribute, known)
}

fn word(known: &str) -> EvaluationContext {
    of("it", Attribute::Text(known.into()))
}

fn number(known: &str) -> EvaluationContext {
    of("it", Attribute::Number(decimal(known)))
}

fn yes() -> RuleNode {
    is("it", "yes")
}

fn no() -> RuleNode {
    is("it", "no")
}

#[test]
fn each_question_holds_where_it_should() {
    let it = || name("it");
    let seven = || Operand::Number(decimal("7"));
    let in_list = || RuleNode::In(it(), list([seven(), Operand::Text(text("a")), Operand::Bool(true)]));
    let version = |ordering, version: &str| RuleNode::Version(it(), ordering, version.parse().unwrap());
    use VersionOrdering::{After, AtLeast, AtMost, Before, Same};
    let table = [
        (is("it", "a"), word("a"), true),
        (is("it", "a"), word("A"), false),
        (RuleNode::Is(it(), seven()), number("7.0"), true),
        (RuleNode::Is(it(), seven()), word("7"), false),
        (RuleNode::Is(it(), Operand::Bool(true)), of("it", Attribute::Bool(true)), true),
        (RuleNode::Is(it(), Operand::Bool(true)), word("true"), false),
        (in_list(), word("a"), true),
        (in_list(), number("7"), true),
        (in_list(), of("it", Attribute::Bool(false)), false),
        (RuleNode::In(it(), List::new()), word("a"), false),
        (RuleNode::Starts(it(), text("ab")), word("abc"), true),
        (RuleNode::Starts(it(), text("")), word(""), true),
        (RuleNode::Starts(it(), text("7")), number("7"), false),
        (RuleNode::Ends(it(), text("bc")), word("abc"), true),
        (RuleNode::Ends(it(), text("ab")), word("abc"), false),
        (RuleNode::Less(it(), decimal("1.5")), number("1.499999999"), true),
        (RuleNode::Less(it(), decimal("1.5")), number("1.5"), false),
        (RuleNode::More(it(), decimal("-1")), number("0"), true),
        (RuleNode::More(it(), decimal("-1")), number("-1"), false),
        (RuleNode::More(it(), decimal("-1")), word("0"), false),
        (version(AtLeast, "1.4.0"), word("1.4.0"), true),
        (version(AtLeast, "1.4.0"), word("1.4.0-rc.1"), false),
        (version(After, "1.9.0"), word("1.10.0"), true),
        (version(Before, "1.4.0"), word("1.4.0-rc.1"), true),
        (version(AtMost, "1.4.0"), word("1.4.0+build.7"), true),
        (version(Same, "1.4.0+build.1"), word("1.4.0+build.7"), true),
        (version(Same, "1.4.0"), word("v1.4.0"), false),
        (version(Same, "1.4.0"), number("1"), false),
        (RuleNode::Segment(name("beta")), EvaluationContext::of("ann"), true),
        (RuleNode::Segment(name("beta")), EvaluationContext::of("ben"), false),
        (RuleNode::Segment(name("unheard")), EvaluationContext::of("ann"), false),
        (RuleNode::Share { of: it(), per_100k: 100_000 }, word("x"), true),
        (RuleNode::Share { of: it(), per_100k: 0 }, word("x"), false),
        (RuleNode::Share { of: it(), per_100k: 100_000 }, number("7"), true),
        (RuleNode::Share { of: it(), per_100k: 100_000 }, number("7.5"), false),
        (RuleNode::Share { of: it(), per_100k: 100_000 }, of("it", Attribute::Bool(true)), false),
    ];
    for (node, context, expected) in table {
        assert_eq!(holds([node.clone()], &context), expected, "{node:?} of {context:?}");
        assert_eq!(holds([node.clone(), RuleNode::Not], &context), !expected, "not {node:?} of {context:?}");
        assert!(!holds([node.clone()], &nobody()), "{node:?} of nobody");
        assert!(!holds([node.clone(), RuleNode::Not], &nobody()), "not {node:?} of nobody");
    }
}

#[test]
fn parts_are_joined_as_they_say() {
    let context = word("yes");
    let table = [
        (vec![yes(), no(), RuleNode::All(2)], false),
        (vec![yes(), no(), RuleNode::Any(2)], true),
        (vec![yes(), yes(), RuleNode::All(2)], true),
        (vec![no(), no(), RuleNode::Any(2)], false),
        (vec![yes(), RuleNode::All(1)], true),
        (vec![no(), RuleNode::Any(1), RuleNode::Not], true),
        // a and not b; not (a or b); (a or b) and c.
        (vec![yes(), no(), RuleNode::Not, RuleNode::All(2)], true),
        (vec![yes(), no(), RuleNode::Any(2), RuleNode::Not], false),
        (vec![no(), yes(), RuleNode::Any(2), no(), RuleNode::All(2)], false),
    ];
    for (nodes, expected) in table {
        assert_eq!(rule(nodes.clone()).check(), Ok(()), "{nodes:?}");
        assert_eq!(holds(nodes.clone(), &context), expected, "{nodes:?}");
    }
}

#[test]
fn what_is_absent_lets_no_case_hold_that_names_it() {
    let context = word("yes");
    let unknown = || is("unknown", "yes");
    for nodes in [
        vec![unknown()],
        vec![unknown(), RuleNode::Not],
        vec![yes(), unknown(), RuleNode::Any(2)],
        vec![no(), unknown(), RuleNode::All(2), RuleNode::Not],
    ] {
        assert!(!holds(nodes.clone(), &context), "{nodes:?}");
    }
}

#[test]
fn a_rule_that_is_none_is_refused_and_holds_for_nobody() {
    let deep =
        |levels: usize| [yes()].into_iter().chain(std::iter::repeat_n(RuleNode::Not, levels)).collect::<Vec<_>>();
    let share = |per_100k| vec![RuleNode::Share { of: name("it"), per_100k }];
    let table = [
        (vec![], Err(NotOne)),
        (vec![yes(), yes()], Err(NotOne)),
        (vec![RuleNode::Not], Err(NotOne)),
        (vec![yes(), RuleNode::All(2)], Err(NotOne)),
        (vec![yes(), yes(), RuleNode::All(1)], Err(NotOne)),
        (vec![RuleNode::All(0)], Err(NotOne)),
        (vec![RuleNode::Any(0), RuleNode::Not], Err(NotOne)),
        (vec![yes(), RuleNode::Any(255)], Err(NotOne)),
        (deep(4), Err(TooDeep)),
        (deep(3), Ok(())),
        (vec![yes(); 31].into_iter().chain([RuleNode::Any(31)]).collect(), Ok(())),
        (share(100_000), Ok(())),
        (share(100_001), Err(ShareTooLarge)),
    ];
    for (nodes, expected) in table {
        assert_eq!(rule(nodes.clone()).check(), expected, "{nodes:?}");
        if expected == Err(NotOne) {
            assert!(!holds(nodes.clone(), &word("yes")), "{nodes:?}");
        }
    }
}

#[test]
fn a_targeting_is_of_its_flag_and_within_its_bounds() {
    let beta = |number: usize| RuleNode::Segment(name(&format!("s{number}")));
    let segments =
        |count: usize| cases((0..count).map(|number| arm([beta(number)], Serve::Variant(0))), Serve::Inherit);
    let split = |weights: Vec<(u8, u32)>| cases([], Serve::Split(list(weights)));
    let long = |cases_count: usize| {
        let words = || list((0..14).map(|n| Operand::Text(text(&format!("{n:064}")))));
        cases((0..cases_count).map(|_| arm([RuleNode::In(name("it"), words())], Serve::Variant(0))), Serve::Variant(0))
    };
    let table = [
        (Targeting::constant(2), Ok(())),
        (Targeting::constant(3), Err("E_VARIANT")),
        (cases([arm([yes()], Serve::Variant(3))], Serve::Variant(0)), Err("E_VARIANT")),
        (cases([arm([], Serve::Variant(0))], Serve::Variant(0)), Err("E_RULE_TOO_LARGE")),
        (cases([], Serve::Inherit), Ok(())),
        (split(vec![(0, 1), (2, MOST_WEIGHT - 1)]), Ok(())),
        (split(vec![(0, 1), (2, MOST_WEIGHT)]), Err("E_VARIANT")),
        (split(vec![(0, 0)]), Err("E_VARIANT")),
        (split(vec![]), Err("E_VARIANT")),
        (split(vec![(3, 1)]), Err("E_VARIANT")),
        (segments(3), Ok(())),
        (segments(4), Err("E_RULE_TOO_LARGE")),
        (long(2), Ok(())),
        (long(3), Err("E_RULE_TOO_LARGE")),
    ];
    for (targeting, expected) in table {
        let found = targeting.check(&risk_mode()).map_err(|error| error.code());
        assert_eq!(found, expected, "{targeting:?}");
    }
}

#[test]
fn a_version_is_one_or_does_not_decode() {
    use parity_scale_codec::{DecodeAll, Encode};
    for wrong in ["", "1", "1.2", "v1.2.3", "1.2.3 ", "01.2.3", &format!("1.2.3-{}", "a".repeat(60))] {
        assert!(Semver::new(wrong).is_none(), "{wrong:?}");
        assert!(Semver::decode_all(&mut &wrong.encode()[..]).is_err(), "{wrong:?}");
    }
    let version = Semver::new("2.0.0-rc.1").unwrap();
    assert_eq!(Semver::decode_all(&mut &version.encode()[..]).unwrap(), version);
    assert_eq!(serde_json::to_string(&version).unwrap(), "\"2.0.0-rc.1\"");
    assert!(serde_json::from_str::<Semver>("\"2.0\"").unwrap_err().to_string().contains("such as 1.4.0"));
}
