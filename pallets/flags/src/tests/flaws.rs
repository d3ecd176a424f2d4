//! Everything that is wrong with a flag, and with a gate.

use super::*;
use proptest::prelude::*;

fn fields(flag: &Flag, is_of_node: bool) -> Vec<&'static str> {
    flag.flaws(is_of_node).into_iter().map(|(field, _)| field).collect()
}

#[test]
fn every_flaw_is_told_each_with_its_field() {
    let many = Flag { kind: FlagKind::Release, fallback: 7, off: 8, bypass: list([1, 9, 10]), ..switch("a") };
    assert_eq!(fields(&many, false), ["fallback", "off", "bypass", "bypass", "expires"]);
    let (_, last) = many.flaws(false).pop().unwrap();
    assert!(last.contains("only a gate, a permission and a kill switch may stay for ever"), "{last}");

    let words = ["x", "x"].map(|word| variant(word, Value::Text(text(word))));
    let odd = variant("odd", Value::Int(i64::MAX));
    let mixed = Flag { variants: list(words.into_iter().chain([odd])), ..switch("a") };
    let flaws = mixed.flaws(false);
    assert!(flaws.iter().all(|(field, _)| *field == "variants"));
    let told: Vec<bool> = ["two variants", "of another type", "beyond 2^53 - 1"]
        .iter()
        .zip(&flaws)
        .map(|(part, (_, problem))| problem.contains(part))
        .collect();
    assert_eq!((told, flaws.len()), (vec![true; 3], 3), "{flaws:?}");

    let empty = Flag { variants: List::new(), ..switch("a") };
    assert_eq!(fields(&empty, true), ["variants"], "where there is none, none is missing by its place");
    assert!(empty.flaws(true)[0].1.contains("say one variant at least"));
}

#[test]
fn what_disabling_turns_off_is_false_where_it_is_disabled() {
    let on = |kind, emergency| Flag { kind, emergency, off: 1, ..switch("risk_enforcement") };
    for (kind, emergency, is_flaw) in [
        (FlagKind::Permission, false, false),
        (FlagKind::Permission, true, true),
        (FlagKind::KillSwitch, false, true),
        (FlagKind::KillSwitch, true, true),
        (FlagKind::Gate, false, true),
    ] {
        let expected: &[&str] = if is_flaw { &["off"] } else { &[] };
        assert_eq!(fields(&on(kind, emergency), false), expected, "{kind} {emergency}");
        let off = Flag { off: 0, ..on(kind, emergency) };
        assert!(off.flaws(false).is_empty());
    }
    assert!(Flag { kind: FlagKind::KillSwitch, ..risk_mode() }.flaws(false).is_empty(), "of words any may be safe");
}

#[test]
fn a_gate_of_the_nodes_plan_has_its_kind_and_two_variants() {
    let gate = Flag { kind: FlagKind::Gate, ..switch("pruning") };
    let longer = list(gate.variants.iter().cloned().chain([variant("never", Value::Bool(false))]));
    let word = list([variant("off", Value::Bool(false)), variant("on", Value::Text(text("on")))]);
    for (flag, expected) in [
        (gate.clone(), None),
        (switch("speed"), None),
        (switch("pruning"), Some("kind")),
        (Flag { key: name("warp_drive"), ..gate.clone() }, Some("kind")),
        (Flag { variants: longer, ..gate.clone() }, Some("variants")),
    ] {
        assert_eq!(fields(&flag, true), Vec::from_iter(expected), "{flag:?}");
        assert!(flag.flaws(false).is_empty());
    }
    let mixed = Flag { variants: word, ..gate };
    assert_eq!(fields(&mixed, true), ["variants"], "what is told is not told again");
}

proptest! {
    #[test]
    fn a_flag_is_refused_for_the_first_of_its_flaws_and_for_nothing_else(
        of_kind in prop::sample::select(<FlagKind as strum::VariantArray>::VARIANTS),
        key in prop::sample::select(vec!["pruning", "speed"]),
        values in prop::collection::vec(any::<bool>(), 0..4),
        places in (0u8..4, 0u8..4, prop::collection::vec(0u8..4, 0..3)),
        emergency in any::<bool>(),
        is_of_node in any::<bool>()
    ) {
        let (fallback, off, bypass) = places;
        let variants = values.iter().zip(["a", "b", "c"]).map(|(value, key)| variant(key, Value::Bool(*value)));
        let flag = Flag {
            kind: of_kind, variants: list(variants), fallback, off, bypass: list(bypass), emergency, ..switch(key)
        };
        let first = flag.flaws(is_of_node).into_iter().next().map(|(_, problem)| problem);
        prop_assert_eq!(flag.check(is_of_node).err().map(|error| error.to_string()), first);
        prop_assert!(flag.flaws(false).len() <= flag.flaws(true).len(), "the node's plan asks more");
    }
}
