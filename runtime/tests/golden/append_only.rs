//! Encodings only grow: every enumeration that is encoded, with the indices of its variants, as the sources have them (ROLLOUTS 3.3).
//!
//! `tests/golden/variants.txt` has each variant that there ever was, and where blocks contain it, the level it came with. None is taken
//! away, renamed or moved, none gets another level, and a new one takes an index that none had. `BLESS=1` writes down what is new and
//! never less than stands there: what is missing fails all the same. That no structure changes is held by `types.txt`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use syn::punctuated::Punctuated;
use syn::{Attribute, Item, ItemEnum, ItemStruct, LitInt, Token};

/// Where what is encoded on the chain stands: the folders of these crates, and each pallet.
const FOLDERS: [(&str, &str); 2] = [("primitives", "runtime/primitives/src"), ("runtime", "runtime/src")];

/// What a variant is called, and with which level it came, where blocks contain it.
type Variant = (String, Option<u32>);

/// The variants of each enumeration by their index.
type Enumerations = BTreeMap<String, BTreeMap<u8, Variant>>;

/// What the sources say.
#[derive(Default)]
struct Sources {
    enumerations: Enumerations,
    /// Every level that a type or a variant came with.
    levels: BTreeSet<u32>,
}

impl Sources {
    /// Those of this tree.
    fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut folders: Vec<(String, PathBuf)> =
            FOLDERS.iter().map(|(name, folder)| ((*name).to_owned(), root.join(folder))).collect();
        for pallet in fs::read_dir(root.join("pallets")).unwrap() {
            let pallet = pallet.unwrap();
            if !pallet.path().is_dir() {
                continue;
            }
            folders.push((pallet.file_name().into_string().unwrap(), pallet.path().join("src")));
        }
        let mut sources = Self::default();
        for (name, folder) in folders {
            for file in files(&folder) {
                sources.add(&name, &fs::read_to_string(&file).unwrap());
            }
        }
        sources
    }

    /// With those of a file; what stands in a module of its own, such as tests, is not encoded.
    fn add(&mut self, of: &str, text: &str) {
        for item in syn::parse_file(text).unwrap().items {
            match item {
                Item::Enum(item) if derives(&item.attrs, "Encode") => self.add_enumeration(of, &item),
                Item::Struct(ItemStruct { attrs, .. }) if derives(&attrs, "Leveled") => {
                    self.levels.insert(level(&attrs));
                }
                _ => {}
            }
        }
    }

    fn add_enumeration(&mut self, of: &str, item: &ItemEnum) {
        let is_in_blocks = derives(&item.attrs, "Leveled");
        let mut variants = BTreeMap::new();
        for (place, variant) in item.variants.iter().enumerate() {
            assert!(variant.discriminant.is_none(), "{}: say the index with #[codec(index = ..)]", item.ident);
            let index = index(&variant.attrs).unwrap_or(u8::try_from(place).unwrap());
            let level = is_in_blocks.then(|| level(&item.attrs).max(level(&variant.attrs)));
            self.levels.extend(level);
            let taken = variants.insert(index, (variant.ident.to_string(), level));
            assert_eq!(taken, None, "{of}::{}: two variants with index {index}", item.ident);
        }
        let name = format!("{of}::{}", item.ident);
        assert!(self.enumerations.insert(name.clone(), variants).is_none(), "{name} stands twice");
    }
}

/// The Rust files under a folder that are no tests.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let is_test = |path: &PathBuf| path.file_stem().is_some_and(|stem| stem == "tests" || stem == "testing");
    let shipped = paths.into_iter().filter(|path| !is_test(path));
    shipped
        .flat_map(|path| match path.extension() {
            _ if path.is_dir() => files(&path),
            Some(extension) if extension == "rs" => vec![path],
            _ => Vec::new(),
        })
        .collect()
}

/// Whether something is derived, by whatever path.
fn derives(attributes: &[Attribute], name: &str) -> bool {
    attributes.iter().filter(|attribute| attribute.path().is_ident("derive")).any(|attribute| {
        let paths = attribute.parse_args_with(Punctuated::<syn::Path, Token![,]>::parse_terminated).unwrap();
        paths.iter().any(|path| path.segments.last().is_some_and(|last| last.ident == name))
    })
}

/// The level that a type or a variant came with.
fn level(attributes: &[Attribute]) -> u32 {
    let said = attributes.iter().find(|attribute| attribute.path().is_ident("level"));
    said.map_or(0, |attribute| attribute.parse_args::<LitInt>().unwrap().base10_parse().unwrap())
}

/// The index that a variant names; without one it is its place.
fn index(attributes: &[Attribute]) -> Option<u8> {
    let mut index = None;
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("codec")) {
        let read = attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("index") {
                index = Some(meta.value()?.parse::<LitInt>()?.base10_parse()?);
            }
            Ok(())
        });
        read.unwrap();
    }
    index
}

/// The file: a line for each enumeration, and under it one for each variant.
fn written(enumerations: &Enumerations) -> String {
    let mut text =
        String::from("# each enumeration that is encoded: index, name and, in blocks, level of its variants\n");
    for (name, variants) in enumerations {
        text += &format!("{name}\n");
        for (index, (variant, level)) in variants {
            let level = level.map(|level| format!(" {level}")).unwrap_or_default();
            text += &format!("  {index} {variant}{level}\n");
        }
    }
    text
}

fn read(text: &str) -> Enumerations {
    let mut enumerations = Enumerations::new();
    let mut name = String::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let Some(variant) = line.strip_prefix("  ") else {
            name = line.to_owned();
            continue;
        };
        let words: Vec<&str> = variant.split(' ').collect();
        let level = words.get(2).map(|level| level.parse().unwrap());
        let variants = enumerations.entry(name.clone()).or_default();
        variants.insert(words[0].parse().unwrap(), (words[1].to_owned(), level));
    }
    enumerations
}

/// What stands in one and is not the same in the other.
fn lost(kept: &Enumerations, found: &Enumerations) -> Vec<String> {
    let mut lost = Vec::new();
    for (name, variants) in kept {
        for (index, variant) in variants {
            let now = found.get(name).and_then(|variants| variants.get(index));
            if now != Some(variant) {
                lost.push(format!("{name} {index}: {variant:?} is now {now:?}"));
            }
        }
    }
    lost
}

#[test]
fn no_variant_is_ever_taken_away_renamed_or_moved() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/variants.txt");
    let (kept, found) = (read(&fs::read_to_string(file).unwrap_or_default()), Sources::read().enumerations);
    assert!(found.contains_key("runtime::Call") && found.contains_key("releases::Error"), "{:?}", found.keys());
    let lost = lost(&kept, &found);
    assert!(lost.is_empty(), "networks have encoded these, and nothing makes that undone:\n  {}", lost.join("\n  "));
    crate::golden("variants.txt", &written(&found));
}

#[test]
fn the_runtime_knows_the_highest_level_that_anything_came_with() {
    let levels = Sources::read().levels;
    assert_eq!(levels.last(), Some(&runtime::LEVEL), "{levels:?}");
}

fn of(text: &str) -> Enumerations {
    let mut sources = Sources::default();
    sources.add("flags", text);
    sources.enumerations
}

#[test]
fn what_is_missing_is_found_and_what_is_new_is_none_of_it() {
    let before = of("#[derive(Debug, Encode, primitives::Leveled)] enum Ask { Word, #[codec(index = 4)] #[level(1)] Soak { at: u8 } }
                     #[derive(Encode)] pub enum Error { Full } #[derive(Debug)] enum Other { A }");
    let variant = |name: &str, level| (name.to_owned(), level);
    let ask = BTreeMap::from([(0, variant("Word", Some(0))), (4, variant("Soak", Some(1)))]);
    let error = BTreeMap::from([(0, variant("Full", None))]);
    assert_eq!(before, BTreeMap::from([("flags::Ask".to_owned(), ask), ("flags::Error".to_owned(), error)]));
    assert_eq!(read(&written(&before)), before);
    let with = |ask: &str| {
        let after =
            of(&format!("#[derive(Encode, Leveled)] enum Ask {{ {ask} }} #[derive(Encode)] enum Error {{ Full }}"));
        lost(&before, &after).len()
    };
    let soak = "#[codec(index = 4)] #[level(1)] Soak";
    assert_eq!(with(&format!("Word, {soak}, #[codec(index = 5)] #[level(2)] Weather")), 0);
    assert_eq!(with(&format!("Word, #[codec(index = 2)] Weather, {soak}")), 0, "an index that none had");
    assert_eq!(with(&format!("Weather, #[codec(index = 1)] Word, {soak}")), 1, "one before the others");
    assert_eq!(with(&format!("Words, {soak}")), 1, "another name");
    assert_eq!(with("Word, #[codec(index = 4)] #[level(2)] Soak"), 1, "another level");
    assert_eq!(with("Word"), 1, "none");
    assert_eq!(lost(&before, &of("#[derive(Encode, Leveled)] enum Ask { Word }")).len(), 2);
}
