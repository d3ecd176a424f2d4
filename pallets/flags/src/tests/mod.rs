//! Stories of flags, and what holds of all of them.

mod bucket;
mod changes;
mod definitions;
mod encoding;
mod expiry;
mod flaws;
mod gates;
mod laws;
mod objects;
mod requirements;
mod resolving;
mod rules;
mod shares;
mod snapshot;
mod tokens;

use crate::*;
use primitives::{AccountId, ChangeId, Decimal, Epoch, Height, List, Moment, Path, Text};
use roles::{Grant, MOST_MEMBERS, Role, RoleKey, Seat};
use state::{Apply, Decide, Memory, State};

const ANN: AccountId = AccountId([1; 32]);
const BEN: AccountId = AccountId([2; 32]);
const OWNER: &str = "OWNER";

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn path(text: &str) -> Path {
    text.parse().unwrap()
}

fn text<const N: u32>(text: &str) -> Text<N> {
    Text::new(text).unwrap()
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn list<T, const N: u32>(items: impl IntoIterator<Item = T>) -> List<T, N> {
    let items: Vec<T> = items.into_iter().collect();
    List::try_from(items).ok().unwrap()
}

/// A block a second.
fn at(height: u64) -> Moment {
    let time = Timestamp(height * 1_000);
    Moment { height: Height(height), epoch: Epoch(height / 10), time, running: height * 1_000, level: 0 }
}

/// A plan of a shop, in which Ann may define flags everywhere and Ben in one tenant, so nowhere.
fn shop(memory: &Memory) -> State<'_> {
    let mut state = State::over(memory);
    seat_owners(&mut state, "shop");
    state
}

fn seat_owners(state: &mut State, plan: &str) {
    let key = RoleKey { plan: name(plan), role: name(OWNER) };
    let grants = list(["flag **".parse::<Grant>().unwrap()]);
    roles::apply::write_role(state, &key, &Role { grants, least_members: 0 }, MOST_MEMBERS);
    for (account, scope) in [(ANN, "**"), (BEN, "*/t1/**")] {
        roles::apply::seat(state, &key, &Seat { account, scopes: list([scope.parse().unwrap()]) });
    }
}

fn variant(key: &str, value: Value) -> Variant {
    Variant { name: name(key), value }
}

/// A flag that is `off` where nothing is set, and `on` otherwise.
fn switch(key: &str) -> Flag {
    Flag {
        key: name(key),
        kind: FlagKind::Permission,
        variants: list([variant("off", Value::Bool(false)), variant("on", Value::Bool(true))]),
        fallback: 0,
        off: 0,
        owner: name(OWNER),
        expires: Expiry::Never,
        risk: Risk::Low,
        audience: Audience::Both,
        emergency: true,
        requires: List::new(),
        bypass: List::new(),
        salt: name("salt"),
        text: Text::default(),
    }
}

/// A flag that serves one of three words (REQ-113).
fn risk_mode() -> Flag {
    let words = ["WARN", "READ_ONLY", "BLOCK"];
    Flag {
        variants: list(words.map(|word| variant(word, Value::Text(text(word))))),
        fallback: 2,
        off: 2,
        ..switch("risk_mode")
    }
}

fn define(flag: Flag) -> Call {
    Call::Define { plan: name("shop"), acting: name(OWNER), flag }
}

fn edit(key: &str, edit: FlagEdit) -> Call {
    Call::Edit { plan: name("shop"), acting: name(OWNER), key: name(key), edit }
}

fn retire(key: &str) -> Call {
    Call::Retire { plan: name("shop"), acting: name(OWNER), key: name(key) }
}

/// Decides a call of Ann and applies what comes of it.
fn make(state: &mut State, height: u64, call: &Call) -> Result<Event, Error> {
    let event = call.decide(state, at(height), ANN)?;
    event.apply(state, at(height));
    Ok(event)
}

fn setting(height: u64, targeting: Targeting) -> Setting {
    Setting { targeting, since: at(height), by: ChangeId(height) }
}

fn disabled(height: u64) -> Disabled {
    Disabled { since: at(height), by: ChangeId(height) }
}

fn set(state: &mut State, height: u64, plan: &str, key: &str, place: &str, targeting: Targeting) {
    apply::set(state, &name(plan), &name(key), &path(place), &setting(height, targeting));
}

fn rule(nodes: impl IntoIterator<Item = RuleNode>) -> Rule {
    Rule::from(list::<_, MOST_NODES>(nodes))
}

fn arm(nodes: impl IntoIterator<Item = RuleNode>, serve: Serve) -> Arm {
    Arm { when: rule(nodes), serve }
}

fn cases(cases: impl IntoIterator<Item = Arm>, otherwise: Serve) -> Targeting {
    Targeting { cases: list(cases), otherwise }
}

fn is(attribute: &str, word: &str) -> RuleNode {
    RuleNode::Is(name(attribute), Operand::Text(text(word)))
}

fn nobody() -> EvaluationContext {
    EvaluationContext::default()
}

/// What a flag of the shop serves: the place of the variant, why, and the height that decided.
fn served(state: &State, key: &str, place: &str, context: &EvaluationContext) -> (u8, EvaluationReason, u64) {
    let found = queries::resolution(state, &name("shop"), &name(key), &path(place), context).unwrap();
    (found.variant, found.reason, found.version.0)
}
