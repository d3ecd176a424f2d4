//! Networks whose plan governs their gates, and stores in which that stands: for tests. Nothing is decided here, so what no change
//! could do is done too.

use crate::db::{DbError, Store, StoredHead};
use flags::{
    Arm, Audience, Expiry, Flag, FlagKind, Gate, Risk, Rule, RuleNode, Serve, Setting, Targeting, Value, Variant, apply,
};
use ledger::Commit;
use primitives::{
    AccountId, ChangeId, Epoch, Height, List, Moment, Name, Path, SecretKey, Text, Timestamp, merkle_root,
};
use runtime::{Block, Header, testing};
use state::State;

/// When plan and settings came.
const AT: Moment = Moment { height: Height(0), epoch: Epoch(0), time: Timestamp(0), running: 0, level: 0 };

/// Makes a plan that of the network, in which these gates are off and all others as they are without a plan; or makes them so in the
/// plan that it has.
pub fn govern(state: &mut State, off: &[Gate]) {
    let is_on = |gate: &Gate| gate.without_plan() && !off.contains(gate);
    let flags: Vec<Flag> = Gate::ALL.iter().map(|gate| flag(*gate, is_on(gate))).collect();
    apply::define_flags_of_plan(state, AT, &plan(), &flags);
    apply::set_node_plan(state, Some(&plan()));
}

/// Turns a gate of that plan on for all.
pub fn turn_on(state: &mut State, gate: Gate) {
    let setting = Setting { targeting: Targeting::constant(1), since: AT, by: ChangeId(0) };
    apply::set(state, &plan(), &key(gate), &Path::ROOT, &setting);
}

/// Limits a gate of that plan to an account.
pub fn limit(state: &mut State, gate: Gate, to: &AccountId) {
    let cohort = name("cohort");
    let member = Text::new(to.to_string()).unwrap_or_default();
    apply::make_segment(state, &plan(), &cohort);
    apply::change_segment(state, &plan(), &cohort, &[member], &[]);
    let when = Rule::from(List::truncate_from(vec![RuleNode::Segment(cohort)]));
    let cases = List::truncate_from(vec![Arm { when, serve: Serve::Variant(1) }]);
    let targeting = Targeting { cases, otherwise: Serve::Variant(0) };
    apply::set(state, &plan(), &key(gate), &Path::ROOT, &Setting { targeting, since: AT, by: ChangeId(0) });
}

/// Commits a block without transactions whose state is changed so, decided by the first four of the testing keys. One that ends an
/// epoch is not kept as its end.
///
/// # Errors
/// When there is no chain, or it cannot be written.
pub fn write(store: &Store, change: impl FnOnce(&mut State)) -> Result<StoredHead, DbError> {
    let view = store.view();
    let head = view.head()?.ok_or(DbError::NoGenesis)?;
    let before = view.header(head.height)?.ok_or(DbError::NoGenesis)?;
    let mut state = State::over(&view);
    change(&mut state);
    let prepared = store.prepare(state.into_writes())?;
    let nothing = merkle_root(std::iter::empty());
    let header = Header {
        height: head.height.next(),
        time: before.time.plus(1_000),
        parent: head.hash,
        transactions_root: nothing,
        facts_root: nothing,
        state_root: prepared.root(),
        validators_hash: before.next_validators_hash,
        ..before
    };
    let keys: Vec<SecretKey> = (0..4).map(testing::validator).collect();
    let certificate = testing::certificate(&header, &keys);
    let block = Block { header, last_commit: None, transactions: Vec::new() };
    store.commit(Commit { block: &block, certificate: &certificate, facts: &[], prepared, epoch_end: None })
}

/// A gate as a profile has it.
fn flag(gate: Gate, is_on: bool) -> Flag {
    let variant = |key: &str, on: bool| Variant { name: name(key), value: Value::Bool(on) };
    Flag {
        key: key(gate),
        kind: FlagKind::Gate,
        variants: List::truncate_from(vec![variant("off", false), variant("on", true)]),
        fallback: u8::from(is_on),
        off: 0,
        owner: name("owner"),
        expires: Expiry::Never,
        risk: Risk::Low,
        audience: Audience::Node,
        emergency: true,
        requires: List::default(),
        bypass: List::default(),
        salt: name("salt"),
        text: Text::default(),
    }
}

fn plan() -> Name {
    name("chain")
}

fn key(gate: Gate) -> Name {
    name(gate.into())
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap_or_else(|| state::corrupt(&format!("{text:?} is no name")))
}
