//! Snapshots say what state says, whichever way they were come by.

use super::laws::{any_rule, context, targeting, whole_rule};
use super::*;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestCaseResult;

/// Where something may be set.
const SET: [&str; 6] = ["", "PROD", "PROD/t1", "PROD/t1/b2", "PROD/t2", "DEV"];
/// Where it is asked for: there, and where nothing is ever set.
const ASKED: [&str; 9] =
    ["", "PROD", "PROD/t1", "PROD/t1/b2", "PROD/t1/b2/till", "PROD/t10", "PROD/t2/b1", "DEV/t1/b2", "GA"];
/// The last one is there at times.
const KEYS: [&str; 4] = ["a_mode", "b_mode", "c_mode", "extra"];
const NAMES: [&str; 4] = ["x", "y", "z", TARGETING_KEY];
const READERS: [FlagReader; 2] = [FlagReader::Server, FlagReader::Client];

fn flags_of_shop() -> [Flag; 3] {
    let [a, b, c] = ["a_mode", "b_mode", "c_mode"].map(|key| Flag { key: name(key), ..risk_mode() });
    [
        Flag { audience: Audience::Server, ..a },
        Flag { salt: name("pepper"), fallback: 1, off: 0, ..b },
        Flag { audience: Audience::Client, ..c },
    ]
}

/// What a block may do to what flags serve.
#[derive(Debug, Clone)]
enum Turn {
    Set(&'static str, &'static str, Targeting),
    Unset(&'static str, &'static str),
    Disable(&'static str, &'static str),
    Enable(&'static str, &'static str),
    Joins(&'static str, &'static str),
    Leaves(&'static str, &'static str),
    Asked(Call),
}

fn turn() -> impl Strategy<Value = Turn> {
    let key = || select(KEYS[..3].to_vec());
    let place = || select(SET.to_vec());
    let segment = || select(vec!["beta", "empty"]);
    let word = || select(vec!["a", "b", "1", "-1"]);
    let said = FlagEdit { text: Some(text("about")), ..FlagEdit::default() };
    prop_oneof![
        4 => (key(), place(), targeting(whole_rule(), 3)).prop_map(|(key, place, to)| Turn::Set(key, place, to)),
        2 => (key(), place(), targeting(any_rule(), 5)).prop_map(|(key, place, to)| Turn::Set(key, place, to)),
        1 => (key(), place()).prop_map(|(key, place)| Turn::Unset(key, place)),
        1 => (key(), place()).prop_map(|(key, place)| Turn::Disable(key, place)),
        1 => (key(), place()).prop_map(|(key, place)| Turn::Enable(key, place)),
        1 => (segment(), word()).prop_map(|(segment, word)| Turn::Joins(segment, word)),
        1 => (segment(), word()).prop_map(|(segment, word)| Turn::Leaves(segment, word)),
        1 => select(vec![define(switch("extra")), retire("extra"), edit("a_mode", said)]).prop_map(Turn::Asked),
    ]
}

fn take(state: &mut State, height: u64, turn: &Turn) {
    let plan = name("shop");
    match turn {
        Turn::Set(key, place, targeting) => set(state, height, "shop", key, place, targeting.clone()),
        Turn::Unset(key, place) => apply::unset(state, &plan, &name(key), &path(place)),
        Turn::Disable(key, place) => apply::disable(state, &plan, &name(key), &path(place), &disabled(height)),
        Turn::Enable(key, place) => apply::enable(state, &plan, &name(key), &path(place)),
        Turn::Joins(segment, word) => apply::change_segment(state, &plan, &name(segment), &[text(word)], &[]),
        Turn::Leaves(segment, word) => apply::change_segment(state, &plan, &name(segment), &[], &[text(word)]),
        // What is refused changes nothing.
        Turn::Asked(call) => drop(make(state, height, call)),
    }
}

fn known(context: &EvaluationContext) -> Vec<(&'static str, ContextValue<'_>)> {
    NAMES.iter().filter_map(|name| Some((*name, ContextValue::from(context.attribute(name)?)))).collect()
}

/// Commits what was done to a state, and says which flags of the shop that touched.
fn commit(memory: &mut Memory, writes: state::Writes) -> TouchedFlags {
    let touched = TouchedFlags::of(&name("shop"), writes.keys().map(Vec::as_slice));
    memory.commit(writes);
    touched
}

fn shop_of_three() -> Memory {
    let mut memory = Memory::default();
    let mut state = shop(&memory);
    for flag in flags_of_shop() {
        make(&mut state, 1, &define(flag)).unwrap();
    }
    for segment in ["beta", "empty"] {
        apply::make_segment(&mut state, &name("shop"), &name(segment));
    }
    apply::change_segment(&mut state, &name("shop"), &name("beta"), &[text("a"), text("1")], &[]);
    let writes = state.into_writes();
    memory.commit(writes);
    memory
}

/// What everything serves somebody everywhere.
fn answers(snapshot: &Snapshot, reader: FlagReader, place: &str, context: &EvaluationContext) -> Vec<ServedFlag> {
    let (scope, context) = (snapshot.scope(&path(place)), snapshot.context(&known(context)));
    let seen = snapshot.seen_by(reader).iter();
    seen.map(|flag| snapshot.resolve(*flag, &scope, &context).unwrap().clone()).collect()
}

fn agrees(state: &State, snapshot: &Snapshot, context: &EvaluationContext) -> TestCaseResult {
    let made = snapshot.context(&known(context));
    for (place, key) in ASKED.iter().flat_map(|place| KEYS.map(|key| (place, key))) {
        let scoped = queries::scoped(state, &name("shop"), &name(key), &path(place));
        let found = snapshot.find(key).and_then(|flag| snapshot.resolve(flag, &snapshot.scope(&path(place)), &made));
        prop_assert_eq!(found.is_some(), scoped.is_some(), "{}", key);
        if let (Some(found), Some(scoped)) = (found, scoped) {
            let resolution = resolve(&scoped, context);
            prop_assert_eq!(found.resolution(), resolution, "{} in {:?}", key, place);
            prop_assert_eq!(found.value(), scoped.value(resolution));
            prop_assert_eq!(found.error_code(), resolution.reason.error_code());
            prop_assert_eq!(&found.flag().defined, &scoped.flag);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_snapshot_serves_what_state_serves_and_so_does_one_that_follows_it(
        turns in prop::collection::vec(turn(), 1..10), contexts in prop::collection::vec(context(), 2)
    ) {
        let (mut memory, plan) = (shop_of_three(), name("shop"));
        let mut snapshot = Snapshot::compile(&State::over(&memory), &plan);
        for (turn, height) in turns.iter().zip(2..) {
            let mut state = State::over(&memory);
            take(&mut state, height, turn);
            let writes = state.into_writes();
            let touched = commit(&mut memory, writes);
            let state = State::over(&memory);
            let (anew, following) = (Snapshot::compile(&state, &plan), snapshot.following(&state, &touched));
            for context in &contexts {
                agrees(&state, &anew, context)?;
                agrees(&state, &following, context)?;
            }
            for reader in READERS {
                prop_assert_eq!(anew.seen_by(reader), following.seen_by(reader));
                for place in ASKED {
                    let digest = following.digest(&path(place), reader);
                    prop_assert_eq!(digest, anew.digest(&path(place), reader));
                    // Whoever was told of no change is served what it was served, with all that is beside it.
                    let is_same = digest == snapshot.digest(&path(place), reader);
                    for context in contexts.iter().filter(|_| is_same) {
                        let before = answers(&snapshot, reader, place, context);
                        prop_assert_eq!(before, answers(&following, reader, place, context));
                    }
                }
            }
            snapshot = following;
        }
    }

    /// Most of these are no versions; `semver` says which are.
    #[test]
    fn a_snapshot_compares_versions_as_state_does(
        bound in "(0|1|10)\\.(0|2)\\.[0-3](-(rc\\.)?(1|2|10|alpha|alpha-beta-gamma))?",
        sent in concat!(
            "0?(0|1|10)\\.(0|2)\\.[0-3](\\.4)?",
            "(-(rc\\.)?(01|1|2|10|alpha|alpha-beta-gamma|x\\.)?)?",
            "(\\+([a-z0-9]{1,9}|\\+|x\\.01))?"
        )
    ) {
        let mut memory = shop_of_three();
        let mut state = State::over(&memory);
        let bound = Semver::new(&bound).unwrap();
        let before = RuleNode::Version(name("x"), VersionOrdering::Before, bound.clone());
        let same = RuleNode::Version(name("x"), VersionOrdering::Same, bound);
        let to = cases([arm([before], Serve::Variant(0)), arm([same], Serve::Variant(1))], Serve::Variant(2));
        set(&mut state, 2, "shop", "a_mode", "", to);
        let writes = state.into_writes();
        memory.commit(writes);
        let state = State::over(&memory);
        let snapshot = Snapshot::compile(&state, &name("shop"));
        agrees(&state, &snapshot, &nobody().with("x", Attribute::Text(sent)))?;
    }

    /// By other code than the one that state is asked with.
    #[test]
    fn a_snapshot_draws_whom_state_draws(salt in "[a-z][a-z0-9]{0,8}", key in ".{0,20}", whole in any::<i64>()) {
        let mut memory = shop_of_three();
        let mut state = State::over(&memory);
        make(&mut state, 2, &define(Flag { key: name("extra"), salt: name(&salt), ..risk_mode() })).unwrap();
        let weights = Serve::Split(list([(0, 333), (1, MOST_WEIGHT / 2), (2, MOST_WEIGHT / 3)]));
        let third = RuleNode::Share { of: name("x"), per_100k: 33_333 };
        set(&mut state, 3, "shop", "extra", "", cases([arm([third], Serve::Variant(0))], weights));
        let writes = state.into_writes();
        memory.commit(writes);
        let state = State::over(&memory);
        let snapshot = Snapshot::compile(&state, &name("shop"));
        let number = Attribute::Number(Decimal::new(whole, 0).unwrap());
        let by_text = EvaluationContext::of(&key).with("x", Attribute::Text(key.clone()));
        agrees(&state, &snapshot, &by_text)?;
        agrees(&state, &snapshot, &by_text.with("x", number.clone()).with(TARGETING_KEY, number))?;
    }
}

/// Law 8 means something only where all that can be answered is.
#[test]
fn l08_what_both_are_asked_comes_to_every_reason_that_there_is() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let (mut runner, mut reasons) = (TestRunner::deterministic(), std::collections::BTreeSet::new());
    for _ in 0..200 {
        let drawn = (prop::collection::vec(turn(), 1..10), context()).new_tree(&mut runner).unwrap();
        let (turns, context) = drawn.current();
        let memory = shop_of_three();
        let mut state = State::over(&memory);
        turns.iter().zip(2..).for_each(|(turn, height)| take(&mut state, height, turn));
        for (place, key) in ASKED.iter().flat_map(|place| KEYS.map(|key| (place, key))) {
            let found = queries::resolution(&state, &name("shop"), &name(key), &path(place), &context);
            reasons.extend(found.map(|found| found.reason.to_string()));
        }
    }
    let all = <EvaluationReason as strum::VariantArray>::VARIANTS;
    assert_eq!(reasons.len(), all.len(), "{reasons:?} of {all:?}");
}

#[test]
fn a_flag_is_found_by_its_key_alone_among_many_that_are_like_it() {
    let mut memory = Memory::default();
    let mut state = shop(&memory);
    // Keys of every length from 1 on, many of them the beginning of another.
    let keys: Vec<String> = (0..300).map(|number| format!("{}{number}", "f".repeat(number % 60 + 1))).collect();
    let flags: Vec<Flag> = keys.iter().map(|key| switch(key)).collect();
    apply::define_flags_of_plan(&mut state, at(1), &name("shop"), &flags);
    apply::define_flags_of_plan(&mut state, at(1), &name("another"), &[switch("elsewhere")]);
    let writes = state.into_writes();
    memory.commit(writes);
    let snapshot = Snapshot::compile(&State::over(&memory), &name("shop"));
    for key in &keys {
        let flag = snapshot.find(key).unwrap();
        assert_eq!(snapshot.flag(flag).unwrap().defined.flag.key.as_str(), key);
    }
    for unheard in ["", "f", "F0", "elsewhere", "f0 ", &"f".repeat(100)] {
        assert_eq!(snapshot.find(unheard), None, "{unheard:?}");
    }
    let mut sorted = keys;
    sorted.sort();
    let listed = snapshot.seen_by(FlagReader::Server).iter();
    let listed: Vec<&str> = listed.map(|flag| snapshot.flag(*flag).unwrap().defined.flag.key.as_str()).collect();
    assert_eq!(listed, sorted);
    let none = Snapshot::compile(&State::over(&memory), &name("unheard"));
    assert!(none.seen_by(FlagReader::Server).is_empty() && none.find("f0").is_none());
}

#[test]
fn flags_that_come_and_go_or_have_others_to_see_them_are_listed_as_in_a_snapshot_made_anew() {
    let (mut memory, plan) = (shop_of_three(), name("shop"));
    let mut snapshot = Snapshot::compile(&State::over(&memory), &plan);
    let [.., last] = flags_of_shop();
    let of_servers = [Flag { audience: Audience::Server, ..last }];
    let blocks: [&dyn Fn(&mut State); 4] = [
        &|state| drop(make(state, 2, &define(switch("b_second"))).unwrap()),
        &|state| drop(make(state, 3, &retire("a_mode")).unwrap()),
        &|state| apply::define_flags_of_plan(state, at(4), &plan, &of_servers),
        &|state| set(state, 5, "shop", "b_mode", "", Targeting::constant(1)),
    ];
    for block in blocks {
        let mut state = State::over(&memory);
        block(&mut state);
        let writes = state.into_writes();
        let touched = commit(&mut memory, writes);
        let state = State::over(&memory);
        let anew = Snapshot::compile(&state, &plan);
        snapshot = snapshot.following(&state, &touched);
        for reader in READERS {
            assert_eq!(snapshot.seen_by(reader), anew.seen_by(reader));
        }
        for key in ["a_mode", "b_mode", "b_second", "c_mode"] {
            let flag = snapshot.find(key);
            assert_eq!(flag, anew.find(key), "{key}");
            let found = flag.and_then(|flag| snapshot.flag(flag)).map(|flag| flag.defined.flag.key.as_str());
            assert_eq!(found, flag.map(|_| key));
        }
    }
    let seen = snapshot.seen_by(FlagReader::Client).iter().filter_map(|flag| snapshot.flag(*flag));
    let seen: Vec<&str> = seen.map(|flag| flag.defined.flag.key.as_str()).collect();
    assert_eq!(seen, ["b_mode", "b_second"]);
}

#[test]
fn req_106_a_client_sees_flags_for_clients_and_for_both_and_a_server_sees_all() {
    let memory = shop_of_three();
    let snapshot = Snapshot::compile(&State::over(&memory), &name("shop"));
    let seen = |reader| {
        let flags = snapshot.seen_by(reader).iter();
        flags.map(|flag| snapshot.flag(*flag).unwrap().defined.flag.key.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(seen(FlagReader::Client), ["b_mode", "c_mode"]);
    assert_eq!(seen(FlagReader::Server), ["a_mode", "b_mode", "c_mode"]);
    assert_eq!(snapshot.find_for(FlagReader::Client, "a_mode"), None);
    assert_eq!(snapshot.find_for(FlagReader::Server, "a_mode"), snapshot.find("a_mode"));
    assert_eq!(snapshot.find_for(FlagReader::Client, "c_mode"), snapshot.find("c_mode"));
}

#[test]
fn a_digest_changes_where_something_else_is_served_and_nowhere_beside_it() {
    let mut memory = shop_of_three();
    let plan = name("shop");
    let digests = |memory: &Memory, reader| {
        let snapshot = Snapshot::compile(&State::over(memory), &plan);
        ["PROD/t1", "PROD/t2", "DEV"].map(|place| snapshot.digest(&path(place), reader))
    };
    let changed = |memory: &mut Memory, work: &dyn Fn(&mut State)| {
        let before = READERS.map(|reader| digests(memory, reader));
        let mut state = State::over(memory);
        work(&mut state);
        let writes = state.into_writes();
        memory.commit(writes);
        let after = READERS.map(|reader| digests(memory, reader));
        [0, 1].map(|reader| [0, 1, 2].map(|place| before[reader][place] != after[reader][place]))
    };
    let to = |key: &'static str, place: &'static str, targeting: Targeting| {
        move |state: &mut State| set(state, 7, "shop", key, place, targeting.clone())
    };
    let (all, none, first) = ([true; 3], [false; 3], [true, false, false]);
    // Each for servers, then for clients: the first flag is for servers alone.
    assert_eq!(changed(&mut memory, &to("a_mode", "PROD/t1", Targeting::constant(1))), [first, none]);
    assert_eq!(changed(&mut memory, &to("c_mode", "PROD/t1", Targeting::constant(1))), [first, first]);
    assert_eq!(changed(&mut memory, &to("c_mode", "PROD/t1", Targeting::constant(1))), [none, none], "as it was");
    let above = changed(&mut memory, &to("c_mode", "PROD", Targeting::constant(2)));
    assert_eq!(above, [[false, true, false]; 2], "what is set closer hides it");
    let beta = cases([arm([RuleNode::Segment(name("beta"))], Serve::Variant(0))], Serve::Inherit);
    assert_eq!(changed(&mut memory, &to("c_mode", "PROD/t1", beta)), [first, first]);
    assert_eq!(changed(&mut memory, &to("c_mode", "PROD", Targeting::constant(1))), [[true, true, false]; 2]);
    let joined = |state: &mut State| apply::change_segment(state, &plan, &name("beta"), &[text("zoe")], &[]);
    assert_eq!(changed(&mut memory, &joined), [first, first], "who is in a segment that is named there");
    let off = |state: &mut State| apply::disable(state, &plan, &name("c_mode"), &path("PROD/t2"), &disabled(9));
    assert_eq!(changed(&mut memory, &off), [[false, true, false]; 2]);
    let said = FlagEdit { text: Some(text("about")), ..FlagEdit::default() };
    let edited = |state: &mut State| drop(make(state, 10, &edit("b_mode", said.clone())).unwrap());
    assert_eq!(changed(&mut memory, &edited), [all, all], "what is said of it is served beside it");
    let elsewhere = |state: &mut State| {
        apply::define_flags_of_plan(state, at(11), &name("another"), &[switch("sale")]);
    };
    assert_eq!(changed(&mut memory, &elsewhere), [none, none]);
}

#[test]
fn what_a_block_touched_is_told_by_what_it_wrote() {
    let mut memory = shop_of_three();
    let mut touched = |work: &dyn Fn(&mut State)| {
        let mut state = State::over(&memory);
        work(&mut state);
        let writes = state.into_writes();
        commit(&mut memory, writes)
    };
    assert!(touched(&|_| {}).is_empty());
    assert!(touched(&|state| set(state, 2, "another", "a_mode", "", Targeting::constant(1))).is_empty());
    let some = [
        touched(&|state| set(state, 2, "shop", "a_mode", "PROD/t1", Targeting::constant(1))),
        touched(&|state| apply::disable(state, &name("shop"), &name("a_mode"), &Path::ROOT, &disabled(2))),
        touched(&|state| drop(make(state, 3, &edit("a_mode", FlagEdit { raises_risk: true, ..FlagEdit::default() })))),
    ];
    assert_eq!(some[0], some[1]);
    assert_eq!(some[0], some[2]);
    assert!(!some[0].is_empty());
    let segment = touched(&|state| apply::change_segment(state, &name("shop"), &name("beta"), &[text("zoe")], &[]));
    assert!(!segment.is_empty() && segment != some[0]);
}

#[test]
fn req_115_an_expired_flag_says_so_once_its_day_has_come_and_serves_what_it_served() {
    let mut memory = Memory::default();
    let mut state = shop(&memory);
    let sale = Flag { kind: FlagKind::Release, expires: Expiry::At(Timestamp(20_000)), ..switch("sale") };
    make(&mut state, 1, &define(sale)).unwrap();
    let writes = state.into_writes();
    memory.commit(writes);
    let before = Snapshot::compile(&State::over(&memory), &name("shop"));
    let mut state = State::over(&memory);
    due(&state, at(20), usize::MAX).iter().for_each(|event| event.apply(&mut state, at(20)));
    let writes = state.into_writes();
    let touched = commit(&mut memory, writes);
    let after = before.following(&State::over(&memory), &touched);
    let sale = |snapshot: &Snapshot| {
        let (flag, scope, context) = (snapshot.find("sale").unwrap(), FlagScope::default(), snapshot.context(&[]));
        let served = snapshot.resolve(flag, &scope, &context).unwrap();
        (served.flag().expired, served.resolution())
    };
    let resolution = Resolution { variant: 0, reason: EvaluationReason::Default, version: Height(1) };
    assert_eq!([sale(&before), sale(&after)], [(false, resolution), (true, resolution)]);
    let digest = |snapshot: &Snapshot| snapshot.digest(&Path::ROOT, FlagReader::Client);
    assert_ne!(digest(&before), digest(&after));
}

#[test]
fn attributes_that_no_rule_asks_any_more_leave_their_room_to_others() {
    let (mut memory, plan) = (shop_of_three(), name("shop"));
    let mut snapshot = Snapshot::compile(&State::over(&memory), &plan);
    for round in 0..6u64 {
        let asked = |number: u64| format!("r{round}_{number}");
        let mut state = State::over(&memory);
        let arms = (0..16).map(|number| arm([is(&asked(number), "yes")], Serve::Variant(0)));
        set(&mut state, 2 + round, "shop", "a_mode", "", cases(arms, Serve::Variant(1)));
        let writes = state.into_writes();
        let touched = commit(&mut memory, writes);
        snapshot = snapshot.following(&State::over(&memory), &touched);
        let last = asked(15);
        let context = snapshot.context(&[(last.as_str(), ContextValue::Text("yes"))]);
        let flag = snapshot.find("a_mode").unwrap();
        let served = snapshot.resolve(flag, &snapshot.scope(&path("PROD")), &context).unwrap();
        assert_eq!(served.reason(), EvaluationReason::TargetingMatch, "round {round}");
    }
}
