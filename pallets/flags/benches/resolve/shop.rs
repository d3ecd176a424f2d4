//! A plan with a flag for each thing that is measured, and as many others beside them as are asked for.

use flags::{
    Arm, Audience, ContextValue, Disabled, Expiry, Flag, FlagKind, MOST_MEMBERS_OF_SEGMENT, MOST_NODES, Operand, Risk,
    Rule, RuleNode, Serve, Setting, TARGETING_KEY, Targeting, Value, Variant, WHOLE_SHARE, apply,
};
use primitives::{ChangeId, Epoch, Height, List, Moment, Name, Path, Text, Timestamp};
use state::{Memory, State};

/// Where two levels are set.
pub const TENANT: &str = "PROD/t1";
const AT: Moment = Moment { height: Height(1), epoch: Epoch(0), time: Timestamp(1), running: 1, level: 0 };
const BY: ChangeId = ChangeId(1);

/// A plan in state.
pub struct Shop {
    pub plan: Name,
    pub memory: Memory,
}

/// What is known of whoever asks.
pub fn known() -> [(&'static str, ContextValue<'static>); 3] {
    [
        (TARGETING_KEY, ContextValue::Text("user-000255")),
        ("tier", ContextValue::Text("pro")),
        ("country", ContextValue::Text("DE")),
    ]
}

impl Shop {
    /// A shop with so many flags beside those that are measured. A tenth of them has a rule, and a tenth is set for a tenant.
    pub fn of(others: usize) -> Self {
        let (plan, mut memory) = (name("shop"), Memory::default());
        let mut state = State::over(&memory);
        let measured = ["plain", "static", "disabled", "ruled", "nested", "member", "share", "joined"];
        let keys: Vec<String> = (0..others).map(|number| format!("other_flag_{number:05}")).collect();
        let flags: Vec<Flag> = measured.into_iter().chain(keys.iter().map(String::as_str)).map(switch).collect();
        apply::define_flags_of_plan(&mut state, AT, &plan, &flags);
        let members: Vec<Text<64>> =
            (0..MOST_MEMBERS_OF_SEGMENT).map(|number| text(&format!("user-{number:06}"))).collect();
        apply::make_segment(&mut state, &plan, &name("beta"));
        apply::change_segment(&mut state, &plan, &name("beta"), &members, &[]);

        let share = RuleNode::Share { of: name(TARGETING_KEY), per_100k: WHOLE_SHARE / 2 };
        let names = ["a", "b", "c", "d", "e"].map(|word| is("tier", word));
        let joined = names.into_iter().chain([RuleNode::Any(5), is("country", "DE"), RuleNode::Any(2)]);
        let mut set = |key: &str, path: &str, targeting| set(&mut state, &plan, key, path, targeting);
        set("static", "", Targeting::constant(1));
        set("disabled", "", Targeting::constant(1));
        set("ruled", "", when([is("tier", "pro")]));
        set("nested", "", Targeting::constant(0));
        set("nested", "PROD", Targeting::constant(0));
        set("nested", TENANT, Targeting::constant(1));
        set("member", "", when([RuleNode::Segment(name("beta"))]));
        set("share", "", when([share]));
        set("joined", "", when(joined));
        for (number, key) in keys.iter().enumerate() {
            match number % 10 {
                0 => set(key, "", when([is("tier", "pro")])),
                1 => set(key, TENANT, Targeting::constant(1)),
                _ => set(key, "", Targeting::constant(1)),
            }
        }
        apply::disable(&mut state, &plan, &name("disabled"), &Path::ROOT, &Disabled { since: AT, by: BY });
        let writes = state.into_writes();
        memory.commit(writes);
        Self { plan, memory }
    }
}

fn set(state: &mut State, plan: &Name, key: &str, path: &str, targeting: Targeting) {
    let path: Path = path.parse().unwrap();
    apply::set(state, plan, &name(key), &path, &Setting { targeting, since: AT, by: BY });
}

/// On for those of whom that holds.
fn when(nodes: impl IntoIterator<Item = RuleNode>) -> Targeting {
    let when = Rule::from(list::<_, MOST_NODES>(nodes));
    Targeting { cases: list([Arm { when, serve: Serve::Variant(1) }]), otherwise: Serve::Variant(0) }
}

fn is(attribute: &str, word: &str) -> RuleNode {
    RuleNode::Is(name(attribute), Operand::Text(text(word)))
}

fn switch(key: &str) -> Flag {
    let variant = |key: &str, is| Variant { name: name(key), value: Value::Bool(is) };
    Flag {
        key: name(key),
        kind: FlagKind::Permission,
        variants: list([variant("off", false), variant("on", true)]),
        fallback: 0,
        off: 0,
        owner: name("OWNER"),
        expires: Expiry::Never,
        risk: Risk::Low,
        audience: Audience::Both,
        emergency: true,
        requires: List::new(),
        bypass: List::new(),
        salt: name("salt"),
        text: text("a flag of a shop"),
    }
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn text<const MAX: u32>(text: &str) -> Text<MAX> {
    Text::new(text).unwrap()
}

fn list<T, const MAX: u32>(items: impl IntoIterator<Item = T>) -> List<T, MAX> {
    List::truncate_from(items.into_iter().collect())
}
