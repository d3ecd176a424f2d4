//! Names of public types: each once, and each says something.

use crate::crates::SIM;
use crate::{code, shipped};
use std::collections::{BTreeMap, BTreeSet};

/// What every pallet, and the runtime over all of them, calls its calls, motions, events and errors.
const NAMES_OF_PALLETS: [&str; 4] = ["Call", "Motion", "Event", "Error"];
/// Names of types that say nothing of the field.
const NAMES_THAT_SAY_NOTHING: [&str; 6] = ["House", "Conduct", "Desk", "Work", "Given", "Link"];

/// The type that a line of code declares, and whether every crate may use it.
fn declared(line: &str) -> Option<(&str, bool)> {
    let line = line.trim_start();
    let (public, rest) = match line.strip_prefix("pub") {
        Some(rest) if rest.starts_with('(') => (false, rest.split_once(") ")?.1),
        Some(rest) => (true, rest.strip_prefix(' ')?),
        None => (false, line),
    };
    let (kind, rest) = rest.strip_prefix("unsafe ").unwrap_or(rest).split_once(' ')?;
    let name = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().filter(|name| !name.is_empty())?;
    ["struct", "enum", "trait", "type", "union"].contains(&kind).then_some((name, public))
}

/// Simulations have the words of what they imitate, such as a disk, a chain or a plan; each stands in the module of its program, and none
/// is known outside of its crate.
#[test]
fn public_type_names_are_unique() {
    let files = shipped(|name| name != SIM);
    let mut places: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (file, text) in &files {
        let names = code(text).filter_map(|(_, line)| declared(line)).filter(|(_, public)| *public);
        for (name, _) in names {
            places.entry(name).or_default().insert(file);
        }
    }
    let of_pallets = |file: &&str| file.starts_with("pallets/") || file.starts_with("runtime/src/");
    let wrong: Vec<String> = places
        .iter()
        .filter(|(_, files)| files.len() > 1)
        .filter(|(name, files)| !(NAMES_OF_PALLETS.contains(*name) && files.iter().all(of_pallets)))
        .map(|(name, files)| format!("{name}: {}", files.iter().copied().collect::<Vec<_>>().join(", ")))
        .collect();
    assert!(wrong.is_empty(), "a name that stands twice says too little:\n  {}", wrong.join("\n  "));
}

#[test]
fn no_type_has_a_name_that_says_nothing() {
    let mut wrong = Vec::new();
    for (file, text) in shipped(|_| true) {
        let names = code(&text).filter_map(|(number, line)| Some((number, declared(line)?.0)));
        let named = names.filter(|(_, name)| NAMES_THAT_SAY_NOTHING.contains(name));
        wrong.extend(named.map(|(number, name)| format!("{file}:{number}: {name}")));
    }
    assert!(wrong.is_empty(), "give them the field's words:\n  {}", wrong.join("\n  "));
}

#[test]
fn declarations_are_found() {
    assert_eq!(declared("    pub enum Answer<'a> {"), Some(("Answer", true)));
    assert_eq!(declared("pub(super) struct House(u8);"), Some(("House", false)));
    assert_eq!(declared("type Given = u8;"), Some(("Given", false)));
    assert_eq!(declared("pub fn struct_of() {"), None);
    assert_eq!(declared("published struct"), None);
}
