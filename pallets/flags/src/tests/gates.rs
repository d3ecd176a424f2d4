//! Which gates of a network are on, and who says so.

use super::*;
use crate::Gate::*;
use crate::admit::FlagRoom;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// As `config/profiles/chain.toml` has them where no stage stands.
const FALLBACKS: [(&str, bool); 7] = [
    ("pruning", true),
    ("recursive_proofs", true),
    ("reconstruction", true),
    ("consensus_enforcement", true),
    ("malachite_consensus", false),
    ("timetoke_rewards", false),
    ("witness_network", false),
];

fn gate(key: &str, fallback: bool) -> Flag {
    Flag { kind: FlagKind::Gate, fallback: u8::from(fallback), audience: Audience::Node, ..switch(key) }
}

fn governed(memory: &Memory) -> State<'_> {
    let mut state = State::over(memory);
    let flags = FALLBACKS.map(|(key, on)| gate(key, on));
    admit::flags_of_plan(&state, at(1), &name("chain"), true, &flags).unwrap();
    apply::define_flags_of_plan(&mut state, at(1), &name("chain"), &flags);
    apply::set_node_plan(&mut state, Some(&name("chain")));
    apply::make_segment(&mut state, &name("chain"), &name("cohort"));
    state
}

fn on(state: &State) -> Vec<Gate> {
    let gates = Gates::of(state);
    Gate::ALL.iter().copied().filter(|gate| gates.is_on(*gate)).collect()
}

fn limited(members: u8, others: u8) -> Targeting {
    cases([arm([RuleNode::Segment(name("cohort"))], Serve::Variant(members))], Serve::Variant(others))
}

#[test]
fn a_network_without_a_plan_does_what_it_did_before_there_were_gates() {
    let memory = Memory::default();
    let state = State::over(&memory);
    assert_eq!(on(&state), [Pruning, Reconstruction, ConsensusEnforcement, MalachiteConsensus]);
    assert!(Gates::of(&state).is_on_for(&state, Pruning, &ANN));
    assert!(!Gates::of(&state).is_on_for(&state, WitnessNetwork, &ANN));
}

#[test]
fn the_gates_are_the_keys_of_the_bundle_and_keep_their_numbers() {
    for (number, (key, _)) in FALLBACKS.iter().enumerate() {
        let gate = Gate::named(&name(key)).unwrap();
        assert_eq!((gate as usize, gate.to_string()), (number, key.to_string()));
    }
    assert_eq!((Gate::ALL.len(), Gate::named(&name("Pruning"))), (7, None));
}

#[test]
fn the_nodes_plan_sets_the_gates_and_leaving_it_ends_that() {
    let memory = Memory::default();
    let mut state = governed(&memory);
    assert_eq!(on(&state), [Pruning, RecursiveProofs, Reconstruction, ConsensusEnforcement]);
    set(&mut state, 2, "chain", "malachite_consensus", "", Targeting::constant(1));
    set(&mut state, 2, "chain", "pruning", "", Targeting::constant(0));
    assert_eq!(on(&state), [RecursiveProofs, Reconstruction, ConsensusEnforcement, MalachiteConsensus]);
    apply::disable(&mut state, &name("chain"), &name("recursive_proofs"), &Path::ROOT, &disabled(3));
    assert_eq!(on(&state), [Reconstruction, ConsensusEnforcement, MalachiteConsensus]);
    apply::enable(&mut state, &name("chain"), &name("recursive_proofs"), &Path::ROOT);
    apply::unset(&mut state, &name("chain"), &name("pruning"), &Path::ROOT);
    assert_eq!(on(&state).len(), 5);
    apply::set_node_plan(&mut state, None);
    assert_eq!((Gates::of(&state), queries::node_plan(&state)), (Gates::without_plan(), None));
}

#[test]
fn req_009_a_gate_that_is_limited_is_on_for_the_members_of_its_segment_alone() {
    let memory = Memory::default();
    let mut state = governed(&memory);
    set(&mut state, 2, "chain", "timetoke_rewards", "", limited(1, 0));
    let gates = Gates::of(&state);
    assert!(gates.is_on(TimetokeRewards) && !gates.is_on_for_all(TimetokeRewards));
    assert_eq!(gates.limited_to(TimetokeRewards), Some(&name("cohort")));
    assert!(!gates.is_on_for(&state, TimetokeRewards, &ANN), "the segment has no members");
    apply::change_segment(&mut state, &name("chain"), &name("cohort"), &[text(&ANN.to_string())], &[]);
    assert_eq!(Gates::of(&state), gates, "who is in it is another cell");
    assert!(gates.is_on_for(&state, TimetokeRewards, &ANN) && !gates.is_on_for(&state, TimetokeRewards, &BEN));
    assert!(gates.is_on_for(&state, Pruning, &BEN));

    set(&mut state, 3, "chain", "timetoke_rewards", "", limited(1, 1));
    assert!(Gates::of(&state).is_on_for_all(TimetokeRewards), "on for members and on for others is on");
    set(&mut state, 4, "chain", "timetoke_rewards", "", limited(0, 0));
    assert!(!Gates::of(&state).is_on(TimetokeRewards));
}

#[test]
fn a_gate_is_on_off_or_limited_and_nothing_else() {
    let memory = Memory::default();
    let state = governed(&memory);
    let admitted = |key: &str, targeting: &Targeting| {
        let mut room = FlagRoom::of(&state, &name("chain"));
        room.setting(&name(key), &Path::ROOT, 0, targeting).map_err(|error| error.code())
    };
    let two = cases([limited(1, 0).cases[0].clone(), limited(1, 0).cases[0].clone()], Serve::Variant(0));
    let asking = cases([arm([is("country", "DE")], Serve::Variant(1))], Serve::Variant(0));
    let split = cases([], Serve::Split(list([(0, 1), (1, 1)])));
    for right in
        [Targeting::constant(0), Targeting::constant(1), cases([], Serve::Inherit), limited(1, 0), limited(1, 1)]
    {
        assert_eq!(admitted("pruning", &right), Ok(()), "{right:?}");
    }
    for wrong in [limited(0, 1), two, asking, split] {
        assert_eq!(admitted("pruning", &wrong), Err("E_GATE_SHAPE"), "{wrong:?}");
    }
    let below =
        FlagRoom::of(&state, &name("chain")).setting(&name("pruning"), &path("PROD"), 0, &Targeting::constant(1));
    assert_eq!(below.unwrap_err().code(), "E_PATH", "a node's plan has no scopes but the root");
}

#[test]
fn a_gate_of_a_nodes_plan_is_one_that_the_network_has_and_is_true_or_false() {
    let memory = Memory::default();
    let state = governed(&memory);
    let words = Flag { variants: risk_mode().variants, ..gate("pruning", false) };
    let (no, yes) = (|key| variant(key, Value::Bool(false)), |key| variant(key, Value::Bool(true)));
    let table = [
        (gate("warp_drive", false), "E_GATE_UNKNOWN"),
        (Flag { kind: FlagKind::Permission, ..gate("pruning", true) }, "E_GATE_SHAPE"),
        (words, "E_GATE_SHAPE"),
        (Flag { variants: list([variant("off", Value::Bool(false))]), ..gate("pruning", false) }, "E_GATE_SHAPE"),
        (Flag { variants: list(["a", "b"].map(no)), ..gate("pruning", false) }, "E_GATE_SHAPE"),
        (Flag { variants: list([no("off"), yes("on"), no("never")]), ..gate("pruning", false) }, "E_GATE_SHAPE"),
    ];
    for (flag, code) in table {
        let admit =
            |is_of_node| admit::flags_of_plan(&state, at(2), &name("new"), is_of_node, std::slice::from_ref(&flag));
        assert_eq!(admit(true).unwrap_err().code(), code);
        assert_eq!(admit(false), Ok(()), "an application may name its flags as it likes");
    }
    let permission = switch("speed");
    admit::flags_of_plan(&state, at(2), &name("new"), true, &[permission]).unwrap();
}

#[test]
fn a_gate_is_off_where_it_is_disabled() {
    let memory = Memory::default();
    let state = governed(&memory);
    let wrong = [Flag { off: 1, ..gate("pruning", true) }];
    for is_of_node in [true, false] {
        let refused = admit::flags_of_plan(&state, at(2), &name("new"), is_of_node, &wrong).unwrap_err();
        assert_eq!((refused.code(), refused.number()), ("E_FLAG_OFF", 222));
    }
}

/// A node's plan in which Ann may define flags. It came with these gates once, and its version in force comes with none.
fn left_by_its_plan<'m>(memory: &'m Memory, gates: &[(&str, bool)]) -> State<'m> {
    let mut state = State::over(memory);
    seat_owners(&mut state, "chain");
    let flags: Vec<Flag> = gates.iter().map(|(key, on)| gate(key, *on)).collect();
    apply::define_flags_of_plan(&mut state, at(1), &name("chain"), &flags);
    apply::define_flags_of_plan(&mut state, at(1), &name("chain"), &[]);
    apply::set_node_plan(&mut state, Some(&name("chain")));
    state
}

fn define_in_chain(flag: Flag) -> Call {
    Call::Define { plan: name("chain"), acting: name(OWNER), flag }
}

fn retire_in_chain(key: &str) -> Call {
    Call::Retire { plan: name("chain"), acting: name(OWNER), key: name(key) }
}

#[test]
fn a_gate_comes_with_the_nodes_plan_and_no_call_defines_or_retires_it() {
    let memory = Memory::default();
    let mut state = left_by_its_plan(&memory, &[("recursive_proofs", true)]);
    let before = on(&state);
    for call in [define_in_chain(gate("timetoke_rewards", true)), retire_in_chain("recursive_proofs")] {
        let refused = make(&mut state, 2, &call).unwrap_err();
        assert_eq!((refused.code(), refused.number()), ("E_GATE_OF_PLAN", 221), "{refused}");
    }
    assert_eq!(on(&state), before);
    make(&mut state, 3, &define_in_chain(switch("speed"))).unwrap();
    make(&mut state, 4, &retire_in_chain("speed")).unwrap();
    apply::set_node_plan(&mut state, None);
    make(&mut state, 5, &define_in_chain(gate("timetoke_rewards", true))).unwrap();
    make(&mut state, 6, &retire_in_chain("recursive_proofs")).unwrap();
}

fn call() -> impl Strategy<Value = Call> {
    let keys = FALLBACKS.iter().map(|(key, _)| *key).chain(["speed"]).collect::<Vec<_>>();
    (select(keys), any::<bool>(), any::<bool>(), 0u8..3).prop_map(|(key, is_on, is_longer, which)| match which {
        0 if key == "speed" => define_in_chain(switch(key)),
        0 => define_in_chain(gate(key, is_on)),
        1 => {
            let more = is_longer.then(|| variant("more", Value::Bool(is_on)));
            let edit = FlagEdit { raises_risk: is_on, variants: list(more), ..FlagEdit::default() };
            Call::Edit { plan: name("chain"), acting: name(OWNER), key: name(key), edit }
        }
        _ => retire_in_chain(key),
    })
}

proptest! {
    #[test]
    fn no_call_moves_a_gate(
        gates in subsequence(FALLBACKS.map(|(key, on)| (key, !on)).to_vec(), 0..=7),
        calls in prop::collection::vec(call(), 1..12)
    ) {
        let memory = Memory::default();
        let mut state = left_by_its_plan(&memory, &gates);
        let before = Gates::of(&state);
        for (call, height) in calls.iter().zip(2..) {
            let _ = make(&mut state, height, call);
            prop_assert_eq!(&Gates::of(&state), &before, "{:?}", call);
        }
    }
}

#[test]
fn an_applications_plan_moves_no_gate() {
    let memory = Memory::default();
    let mut state = governed(&memory);
    let before = on(&state);
    apply::define_flags_of_plan(&mut state, at(2), &name("shop"), &[gate("malachite_consensus", true)]);
    set(&mut state, 3, "shop", "malachite_consensus", "", Targeting::constant(1));
    set(&mut state, 3, "shop", "pruning", "", Targeting::constant(0));
    apply::disable(&mut state, &name("shop"), &name("pruning"), &Path::ROOT, &disabled(3));
    assert_eq!(on(&state), before);
}

#[test]
fn the_members_of_a_nodes_segments_are_accounts_as_they_are_printed() {
    let memory = Memory::default();
    let state = governed(&memory);
    let admitted = |member: &str| {
        let mut room = FlagRoom::of(&state, &name("chain"));
        room.segment(&name("cohort"), &[text(member)], &[]).map_err(|error| error.code())
    };
    let hex = AccountId([0xab; 32]).to_string();
    assert_eq!(admitted(&hex), Ok(()));
    for wrong in [hex.to_uppercase().as_str(), "ann", "", &hex[..62]] {
        assert_eq!(admitted(wrong), Err("E_SEGMENT"), "{wrong:?}");
    }
}

#[test]
fn the_cell_of_the_gates_is_written_only_when_one_moved() {
    let mut memory = Memory::default();
    let writes = governed(&memory).into_writes();
    memory.commit(writes);
    let mut state = State::over(&memory);
    set(&mut state, 2, "chain", "pruning", "", Targeting::constant(1));
    assert!(!state.into_writes().contains_key(crate::storage::GATES.key()), "it was on already");
    let mut state = State::over(&memory);
    set(&mut state, 2, "chain", "pruning", "", Targeting::constant(0));
    assert!(state.into_writes().contains_key(crate::storage::GATES.key()));
}
