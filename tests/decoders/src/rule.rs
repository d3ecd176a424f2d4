//! For whom a flag serves what, as changes set it: the rules of a targeting, in postfix.

use crate::{Outcome, Seed};
use flags::{
    Arm, Attribute, DefinedFlag, EvaluationContext, Operand, Rule, RuleNode, ScopedFlag, Semver, Serve, Setting,
    TARGETING_KEY, Targeting, VersionOrdering, resolve,
};
use parity_scale_codec::{DecodeAll, Encode};
use primitives::{ChangeId, Decimal, Height, List, Name, Path, Text};
use runtime::testing::examples::{self, AT};
use std::collections::BTreeMap;

/// There is one encoding of a targeting, its JSON says the same, and what a flag may have is answered for everybody.
pub fn check(bytes: &[u8]) -> Outcome {
    let Ok(targeting) = Targeting::decode_all(&mut &bytes[..]) else { return Outcome::Refused };
    assert_eq!(targeting.encode(), bytes, "two encodings of one targeting");
    let json = serde_json::to_string(&targeting).expect("a targeting has a JSON form");
    let read: Targeting = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}"));
    assert_eq!(read, targeting, "JSON says something else");
    let flag = examples::flag();
    if targeting.check(&flag).is_err() {
        return Outcome::Refused;
    }
    let served = targeting.variants();
    let known = |place: u8| served.contains(&place) || place == flag.fallback;
    for context in contexts(&targeting) {
        let setting = Setting { targeting: targeting.clone(), since: AT, by: ChangeId(1) };
        let scoped = ScopedFlag {
            flag: DefinedFlag { flag: flag.clone(), since: Height(1) },
            disabled: BTreeMap::new(),
            settings: BTreeMap::from([(Path::ROOT, setting)]),
            segments: BTreeMap::new(),
        };
        let answer = resolve(&scoped, &context);
        assert!(known(answer.variant), "{answer:?} is nothing that it serves");
        assert!(scoped.may_serve().contains(&answer.variant), "{answer:?} is nothing that it may serve");
    }
    Outcome::Taken
}

/// Nobody; and people who have every attribute that is asked, of each type.
fn contexts(targeting: &Targeting) -> Vec<EvaluationContext> {
    let asked: Vec<&str> = targeting.attributes().into_iter().chain([TARGETING_KEY]).collect();
    let number = || Attribute::Number(Decimal::new(7, 0).expect("seven is one"));
    let with = |value: &dyn Fn() -> Attribute| {
        asked.iter().fold(EvaluationContext::default(), |context, name| context.with(name, value()))
    };
    vec![
        EvaluationContext::default(),
        with(&|| Attribute::Bool(true)),
        with(&number),
        with(&|| Attribute::Text("1.2.3-rc.1".into())),
    ]
}

fn name(text: &str) -> Name {
    Name::new(text).expect("an example is no name")
}

fn text(text: &str) -> Text<64> {
    Text::new(text).expect("an example is too long")
}

/// One of each part, and some joined.
pub fn seeds() -> Vec<Seed> {
    let version = Semver::new("1.4.0-rc.1").expect("an example is no version");
    let number = Decimal::new(75, 1).expect("an example is no number");
    let one = [
        ("is", RuleNode::Is(name("tier"), Operand::Text(text("gold")))),
        ("in", RuleNode::In(name("age"), List::truncate_from(vec![Operand::Number(number), Operand::Bool(true)]))),
        ("segment", RuleNode::Segment(name("testers"))),
        ("starts", RuleNode::Starts(name("mail"), text("ann@"))),
        ("ends", RuleNode::Ends(name("mail"), text(".example"))),
        ("less", RuleNode::Less(name("age"), number)),
        ("more", RuleNode::More(name("age"), number)),
        ("version", RuleNode::Version(name("app"), VersionOrdering::AtLeast, version)),
        ("share", RuleNode::Share { of: name(TARGETING_KEY), per_100k: 33_333 }),
    ];
    let all: Vec<RuleNode> = one.iter().map(|(_, node)| node.clone()).collect();
    let count = u8::try_from(all.len()).expect("there are few");
    let joined = [("all", RuleNode::All(count)), ("any", RuleNode::Any(count))];
    let joined = joined.map(|(called, node)| (called, [all.clone(), vec![node, RuleNode::Not]].concat()));
    let rules = one.map(|(called, node)| (called, vec![node])).into_iter().chain(joined);
    let split = Serve::Split(List::truncate_from(vec![(0, 1), (1, 9)]));
    let targetings = rules.map(|(called, nodes)| {
        let arm = Arm { when: Rule::from(List::truncate_from(nodes)), serve: split.clone() };
        (called, Targeting { cases: List::truncate_from(vec![arm]), otherwise: Serve::Inherit })
    });
    let seed = |(called, targeting): (&str, Targeting)| Seed { name: called.into(), bytes: targeting.encode() };
    targetings.chain([("constant", Targeting::constant(1))]).map(seed).collect()
}
