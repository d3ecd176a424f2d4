//! What it costs to say what a flag serves: from state, and with everything that decides in hand.

use crate::governed::plan::{list, name, text};
use crate::measure::{means, row};
use crate::rows::TouchedRows;
use flags::{
    Arm, Attribute, Audience, Disabled, EvaluationContext, Expiry, Flag, FlagKind, Gates, MOST_MEMBERS_OF_SEGMENT,
    MOST_NODES, Operand, Resolution, Risk, Rule, RuleNode, Serve, Setting, TARGETING_KEY, Targeting, Value, Variant,
    WHOLE_SHARE, apply, queries, resolve,
};
use primitives::{ChangeId, Epoch, Height, List, Moment, Name, Path, Text, Timestamp};
use state::{Memory, State};
use std::hint::black_box;
use std::time::Duration;

const PLAN: &str = "shop";
/// As deep as a path can be.
const DEEP: &str = "PROD/tenant/branch/till";
/// How many are asked at a time, so that one is not lost in reading the clock.
const EACH: u32 = 1_000;
const AT: Moment = Moment { height: Height(1), epoch: Epoch(0), time: Timestamp(1), running: 1, level: 0 };
const BY: ChangeId = ChangeId(1);

/// What each is called, its key, and the path at which it is asked.
const ASKED: [(&str, &str, &str); 7] = [
    ("of which nothing is set", "plain", ""),
    ("set at the root", "set", ""),
    ("set at the root, asked four levels below", "set", DEEP),
    ("with one rule", "rule", ""),
    ("with a segment of the most members", "segment", ""),
    ("with a share", "share", ""),
    ("set and disabled at the root", "disabled", ""),
];

pub fn measure() {
    let memory = shop();
    let context = EvaluationContext::of("user-000255").with("tier", Attribute::Text("pro".into()));
    println!("{EACH} answers each:");
    for (what, key, path) in ASKED {
        let (plan, key, path): (Name, Name, Path) = (name(PLAN), name(key), path.parse().unwrap());
        let touched = TouchedRows::of(&memory, |state| {
            black_box(queries::resolution(state, &plan, &key, &path, &context));
        });
        let state = State::over(&memory);
        let answers = over_and_over(|| queries::resolution(&state, &plan, &key, &path, &context));
        row(&format!("a flag {what}, from state"), answers, "");
        row(&format!("  floor: {touched}"), rereading(&memory, &touched), "");
        let scoped = queries::scoped(&state, &plan, &key, &path).unwrap();
        row("  with all that decides in hand", over_and_over(|| resolve(black_box(&scoped), &context)), "");
    }
    let finished: Vec<Resolution> = ASKED.iter().map(|(_, key, path)| answer(&memory, key, path, &context)).collect();
    row("floor: a finished answer, by its place", over_and_over(|| finished[black_box(1)]), "");
    gates(&memory);
}

/// What every block and every node asks first.
fn gates(memory: &Memory) {
    let state = State::over(memory);
    let touched = TouchedRows::of(memory, |state| drop(Gates::of(state)));
    row("the seven gates of a network", over_and_over(|| Gates::of(&state)), "");
    row(&format!("  floor: {touched}"), rereading(memory, &touched), "");
}

fn answer(memory: &Memory, key: &str, path: &str, context: &EvaluationContext) -> Resolution {
    queries::resolution(&State::over(memory), &name(PLAN), &name(key), &path.parse().unwrap(), context).unwrap()
}

fn over_and_over<T>(work: impl Fn() -> T) -> Vec<Duration> {
    means(1, || {
        for _ in 0..EACH {
            black_box(work());
        }
    })
}

fn rereading(memory: &Memory, touched: &TouchedRows) -> Vec<Duration> {
    means(1, || {
        let mut state = State::over(memory);
        (0..EACH).for_each(|_| touched.touch(&mut state));
    })
}

/// A plan with each of the flags that are asked. It is the node's, so that there are gates too; none of its flags is one.
fn shop() -> Memory {
    let mut memory = Memory::default();
    let (mut state, plan, root) = (State::over(&memory), name(PLAN), Path::ROOT);
    let keys = ["plain", "set", "rule", "segment", "share", "disabled"];
    apply::define_flags_of_plan(&mut state, AT, &plan, &keys.map(flag));
    apply::set_node_plan(&mut state, Some(&plan));
    let user = |number: u32| text::<64>(&format!("user-{number:06}"));
    let members: Vec<Text<64>> = (0..MOST_MEMBERS_OF_SEGMENT).map(user).collect();
    apply::make_segment(&mut state, &plan, &name("some"));
    apply::change_segment(&mut state, &plan, &name("some"), &members, &[]);
    let pro = RuleNode::Is(name("tier"), Operand::Text(text("pro")));
    let half = RuleNode::Share { of: name(TARGETING_KEY), per_100k: WHOLE_SHARE / 2 };
    let set = [
        ("set", Targeting::constant(1)),
        ("rule", on_if(pro)),
        ("segment", on_if(RuleNode::Segment(name("some")))),
        ("share", on_if(half)),
        ("disabled", Targeting::constant(1)),
    ];
    for (key, targeting) in set {
        apply::set(&mut state, &plan, &name(key), &root, &Setting { targeting, since: AT, by: BY });
    }
    apply::disable(&mut state, &plan, &name("disabled"), &root, &Disabled { since: AT, by: BY });
    let writes = state.into_writes();
    memory.commit(writes);
    memory
}

/// On for whom that holds of, and off for everybody else.
fn on_if(node: RuleNode) -> Targeting {
    let when = Rule::from(list::<_, MOST_NODES>([node]));
    Targeting { cases: list([Arm { when, serve: Serve::Variant(1) }]), otherwise: Serve::Variant(0) }
}

fn flag(key: &str) -> Flag {
    let variants = [("off", false), ("on", true)];
    Flag {
        key: name(key),
        kind: FlagKind::Permission,
        variants: list(variants.map(|(variant, on)| Variant { name: name(variant), value: Value::Bool(on) })),
        fallback: 0,
        off: 0,
        owner: name("owner"),
        expires: Expiry::Never,
        risk: Risk::Low,
        audience: Audience::Both,
        emergency: true,
        requires: List::new(),
        bypass: List::new(),
        salt: name(key),
        text: Text::default(),
    }
}
