//! Laws of memory: keys sort as values, and pending writes read like a plain map.
#![allow(clippy::restriction, reason = "a test may stop where it fails")]

use primitives::{AccountId, BuildHash, ChangeId, Epoch, Height, Name, Path, ProposalId, Timestamp};
use proptest::prelude::*;
use state::{Item, Key, KeyBytes, Map, Memory, Set, State, Writes};
use std::collections::BTreeMap;

fn written(key: &impl Key) -> KeyBytes {
    let mut out = KeyBytes::new();
    key.write(&mut out);
    out
}

fn sorts_and_returns<K: Key + Ord + std::fmt::Debug>(a: K, b: K) {
    let (bytes_a, bytes_b) = (written(&a), written(&b));
    assert_eq!(bytes_a.cmp(&bytes_b), a.cmp(&b), "{a:?} and {b:?}");
    let mut rest = &bytes_a[..];
    assert_eq!(K::read(&mut rest), Some(a));
    assert!(rest.is_empty());
    assert!(K::read(&mut &bytes_b[..bytes_b.len() - 1]).is_none(), "a key cut short is none");
}

/// Few bytes and short keys, so that keys meet, nest and border on each other; 0xff has no successor.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(vec![0u8, 1, b'/', b'a', 0xff]), 0..5)
}

/// A key of any bytes.
struct Raw(Vec<u8>);

impl Key for Raw {
    fn write(&self, out: &mut KeyBytes) {
        out.extend_from_slice(&self.0);
    }
    fn read(bytes: &mut &[u8]) -> Option<Self> {
        Some(Raw(std::mem::take(bytes).to_vec()))
    }
}

const RAW: Map<Raw, u8> = Map::new("raw");

fn raw(key: &[u8]) -> Vec<u8> {
    [b"raw/", key].concat()
}

fn writes() -> impl Strategy<Value = Writes> {
    let value = prop::option::weighted(0.7, any::<u8>().prop_map(|byte| vec![byte]));
    prop::collection::btree_map(bytes().prop_map(|key| raw(&key)), value, 0..20)
}

/// Names of which one is how others begin, and some that sort unlike the paths they are in would as texts.
fn name() -> impl Strategy<Value = Name> {
    prop::sample::select(vec!["a", "a-", "a.b", "ab", "A", "b"]).prop_map(|text| Name::new(text).unwrap())
}

fn path() -> impl Strategy<Value = Path> {
    prop::collection::vec(name(), 0..=4).prop_map(|names| Path::new(names).unwrap())
}

const CELLS: Map<(Epoch, u32), u64> = Map::new("test/cells");
const NEXT_TO: Map<u32, u64> = Map::new("test/cells0");
const MEMBERS: Set<u32> = Set::new("test/members");
const ONE: Item<u64> = Item::new("test/one");

proptest! {
    #[test]
    fn keys_sort_as_values(a in any::<(u64, u64)>(), b in any::<(u64, u64)>(), c in any::<[[u8; 32]; 2]>(), d in any::<u32>()) {
        sorts_and_returns(a.0, b.0);
        sorts_and_returns(d, d.rotate_left(9));
        sorts_and_returns(Height(a.0), Height(b.0));
        sorts_and_returns((Epoch(a.0), ProposalId(a.1)), (Epoch(b.0), ProposalId(b.1)));
        sorts_and_returns((Epoch(a.0 % 2), d), (Epoch(b.0 % 2), d ^ 1));
        sorts_and_returns((BuildHash(c[0]), AccountId(c[1])), (BuildHash(c[0]), AccountId(c[0])));
        sorts_and_returns((a.0, a.1, d), (a.0, b.1, d));
    }

    #[test]
    fn names_and_paths_sort_as_values_beside_other_keys(
        a in (name(), name(), path()), b in (name(), name(), path()), at in any::<(u64, u64)>()
    ) {
        sorts_and_returns(a.0.clone(), b.0.clone());
        sorts_and_returns(a.2.clone(), b.2.clone());
        sorts_and_returns((Timestamp(at.0 % 2), a.0.clone(), ChangeId(at.1)), (Timestamp(at.1 % 2), b.0.clone(), ChangeId(at.0)));
        sorts_and_returns((a.0.clone(), a.2.clone(), at.0), (b.0.clone(), b.2.clone(), at.1));
        sorts_and_returns(a, b);
    }

    #[test]
    fn a_scan_over_pending_writes_is_that_of_a_plain_map(
        committed in prop::collection::btree_map(bytes().prop_map(|key| raw(&key)), bytes(), 0..20),
        writes in writes(), prefix in bytes(), from in bytes(), read in bytes(),
    ) {
        let (prefix, read) = (raw(&prefix), raw(&read));
        let from = if from.is_empty() { from } else { raw(&from) };
        let memory = Memory(committed.clone());
        let mut plain = memory.clone();
        plain.commit(writes.clone());
        let state = pending(&memory, &writes);
        let expected: Vec<_> = plain.0.iter()
            .filter(|(key, _)| key.starts_with(&prefix) && **key >= from)
            .map(|(key, value)| (key.clone(), value.clone())).collect();
        prop_assert_eq!(state.scan(&prefix, &from).collect::<Vec<_>>(), expected);
        prop_assert_eq!(state.read(&read), plain.0.get(&read).cloned());
        prop_assert_eq!(state.into_writes(), writes);
        prop_assert_eq!(memory.0, committed, "reading wrote");
    }

    #[test]
    fn cells_are_plain_maps(entries in prop::collection::btree_map((0..4u64, 0..9u32), any::<u64>(), 0..20),
        gone in prop::collection::vec((0..4u64, 0..9u32), 0..9), split in any::<prop::sample::Index>(),
    ) {
        // The first part is committed, the rest pending.
        let split = split.index(entries.len() + 1);
        let mut memory = Memory::default();
        let mut state = State::over(&memory);
        entries.iter().take(split).for_each(|((a, b), value)| CELLS.set(&mut state, &(Epoch(*a), *b), value));
        NEXT_TO.set(&mut state, &7, &7);
        let first = state.into_writes();
        memory.commit(first);
        let mut state = State::over(&memory);
        entries.iter().skip(split).for_each(|((a, b), value)| CELLS.set(&mut state, &(Epoch(*a), *b), value));
        let mut plain: BTreeMap<(Epoch, u32), u64> =
            entries.into_iter().map(|((a, b), value)| ((Epoch(a), b), value)).collect();
        for (a, b) in gone {
            CELLS.remove(&mut state, &(Epoch(a), b));
            plain.remove(&(Epoch(a), b));
        }
        prop_assert_eq!(CELLS.iter(&state).collect::<BTreeMap<_, _>>(), plain.clone());
        for a in (0..5).map(Epoch) {
            let under: Vec<_> = plain.clone().into_iter().filter(|((epoch, _), _)| *epoch == a).collect();
            let rest: Vec<_> = under.iter().map(|((_, rest), value)| (*rest, *value)).collect();
            prop_assert_eq!(CELLS.rest_under(&state, &a).collect::<Vec<_>>(), rest);
            let values: Vec<_> = under.iter().map(|(_, value)| *value).collect();
            prop_assert_eq!(CELLS.values_under(&state, &a).collect::<Vec<_>>(), values);
            prop_assert_eq!(CELLS.iter_under(&state, &a).collect::<Vec<_>>(), under);
            let from: Vec<_> = plain.clone().into_iter().filter(|(key, _)| *key >= (a, 4)).collect();
            prop_assert_eq!(CELLS.iter_from(&state, &(a, 4)).collect::<Vec<_>>(), from);
        }
    }
}

fn pending<'m>(memory: &'m Memory, writes: &Writes) -> State<'m> {
    let mut state = State::over(memory);
    for (key, value) in writes {
        let key = Raw(key[b"raw/".len()..].to_vec());
        match value {
            Some(value) => RAW.set(&mut state, &key, &value[0]),
            None => RAW.remove(&mut state, &key),
        }
    }
    state
}

#[test]
fn every_kind_of_cell_writes_values_that_the_tree_can_prove() {
    let memory = Memory::default();
    let mut state = State::over(&memory);
    ONE.set(&mut state, &1);
    CELLS.set(&mut state, &(Epoch(1), 1), &1);
    MEMBERS.insert(&mut state, &1);
    let writes = state.into_writes();
    assert_eq!(writes.len(), 3);
    let mut tree = state::tree::MemoryTree::default();
    let root = tree.commit(&writes).unwrap();
    for key in writes.keys() {
        state::tree::prove(&tree, key, 0).unwrap().verify(root).unwrap();
    }
}

#[test]
fn a_member_is_in_the_set_until_it_is_taken_out() {
    let memory = Memory::default();
    let mut state = State::over(&memory);
    [3, 1, 2].iter().for_each(|member| MEMBERS.insert(&mut state, member));
    MEMBERS.remove(&mut state, &2);
    assert_eq!(MEMBERS.iter(&state).collect::<Vec<_>>(), [1, 3]);
    assert!(MEMBERS.contains(&state, &3) && !MEMBERS.contains(&state, &2));
}

#[test]
#[should_panic(expected = "a value under test/one does not decode")]
fn a_value_that_does_not_decode_stops_the_node() {
    let memory = Memory([(b"test/one".to_vec(), vec![1, 2, 3])].into());
    ONE.get(&State::over(&memory));
}
