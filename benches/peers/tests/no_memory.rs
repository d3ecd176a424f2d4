//! No answer takes memory, whatever the flag, and whoever asks (ROLLOUTS 6.3).

use flags::{
    Arm, ContextValue, MOST_NODES, Operand, Rule, RuleNode, Semver, Serve, Setting, Snapshot, TARGETING_KEY, Targeting,
    VersionOrdering, apply,
};
use peers::counting::{CountingAllocator, taken_by};
use peers::shop::{Shop, TENANT, known};
use primitives::{ChangeId, Decimal, Epoch, Height, List, Moment, Name, Path, Text, Timestamp};
use state::State;
use std::hint::black_box;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

const FLAGS: [&str; 8] = ["plain", "static", "disabled", "ruled", "nested", "member", "share", "joined"];
const AT: Moment = Moment { height: Height(2), epoch: Epoch(0), time: Timestamp(2), running: 2, level: 0 };

#[test]
fn what_takes_memory_is_counted() {
    assert_eq!(taken_by(|| black_box(Box::new(black_box(7)))).0, 1);
    assert_eq!(taken_by(|| 7).0, 0);
}

#[test]
fn no_answer_takes_memory_and_neither_does_finding_a_flag_a_scope_or_what_is_known() {
    let shop = Shop::of(100);
    let snapshot = Snapshot::compile(&State::over(&shop.memory), &shop.plan);
    let tenant: Path = format!("{TENANT}/b2").parse().unwrap();
    let number = |text: &str| ContextValue::Number(text.parse::<Decimal>().unwrap());
    let people = [
        known().to_vec(),
        vec![],
        vec![(TARGETING_KEY, number("-9223372036854775808")), ("tier", number("1.5"))],
        vec![(TARGETING_KEY, ContextValue::Bool(true)), ("tier", ContextValue::Bool(false)), ("unheard", number("7"))],
    ];
    for person in &people {
        for path in [&Path::ROOT, &tenant] {
            for key in FLAGS {
                let (taken, served) = taken_by(|| {
                    let (scope, context) = (snapshot.scope(path), snapshot.context(person));
                    let served = snapshot.resolve(snapshot.find(key)?, &scope, &context)?;
                    Some((served.resolution(), served.value()?, served.variant()?, served.flag().expired))
                });
                assert!(served.is_some(), "{key} in {path}");
                assert_eq!(taken, 0, "{key} in {path} for {person:?}");
            }
        }
    }
}

#[test]
fn every_question_is_answered_without_memory() {
    let mut shop = Shop::of(0);
    let name = |text: &str| Name::new(text).unwrap();
    let text = |text: &str| Text::<64>::new(text).unwrap();
    let version: Semver = "1.4.0-release-candidate.10".parse().unwrap();
    let word = |word: &str| Operand::Text(text(word));
    let questions = [
        RuleNode::Is(name("x"), word("a")),
        RuleNode::Is(name("x"), Operand::Bool(true)),
        RuleNode::In(name("x"), List::truncate_from(vec![word("a"), word("b"), Operand::Number("7".parse().unwrap())])),
        RuleNode::Segment(name("beta")),
        RuleNode::Starts(name("x"), text("1.4")),
        RuleNode::Ends(name("x"), text("10")),
        RuleNode::Less(name("x"), "7.5".parse().unwrap()),
        RuleNode::More(name("x"), "7.5".parse().unwrap()),
        RuleNode::Version(name("x"), VersionOrdering::AtLeast, version),
        RuleNode::Share { of: name("x"), per_100k: 50_000 },
    ];
    let split = Serve::Split(List::truncate_from(vec![(0, 1), (1, 2)]));
    for question in questions {
        let nodes: List<RuleNode, MOST_NODES> = List::truncate_from(vec![question.clone(), RuleNode::Not]);
        let when = Rule::from(nodes);
        let targeting = Targeting {
            cases: List::truncate_from(vec![Arm { when, serve: Serve::Variant(1) }]),
            otherwise: split.clone(),
        };
        let mut state = State::over(&shop.memory);
        let setting = Setting { targeting, since: AT, by: ChangeId(2) };
        apply::set(&mut state, &shop.plan, &name("ruled"), &Path::ROOT, &setting);
        let writes = state.into_writes();
        shop.memory.commit(writes);
        let snapshot = Snapshot::compile(&State::over(&shop.memory), &shop.plan);
        let (flag, scope) = (snapshot.find("ruled").unwrap(), snapshot.scope(&Path::ROOT));
        for value in [
            ContextValue::Text("1.4.0-release-candidate.9+build.20261129"),
            ContextValue::Text("a text of no kind, and longer than what is compared with"),
            ContextValue::Number("123456789.5".parse().unwrap()),
            ContextValue::Number("7".parse().unwrap()),
            ContextValue::Bool(true),
        ] {
            let known = [("x", value), (TARGETING_KEY, ContextValue::Text("ann"))];
            let (taken, served) = taken_by(|| {
                let context = snapshot.context(&known);
                snapshot.resolve(flag, &scope, &context).map(flags::ServedFlag::resolution)
            });
            assert!(served.is_some_and(|served| served.reason.error_code().is_none()), "{question:?} of {value:?}");
            assert_eq!(taken, 0, "{question:?} of {value:?}");
        }
    }
}
