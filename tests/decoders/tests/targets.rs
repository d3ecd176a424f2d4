//! The fuzzer is built beside the workspace, and follows it: each decoder has its target, and what both are made of is the
//! same.

use decoders::{DECODERS, LONGEST};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What only the fuzzer is made of.
const ONLY_THERE: [&str; 2] = ["arbitrary", "libfuzzer-sys"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

#[test]
fn every_decoder_has_a_target_and_no_target_is_without_one() {
    let names: BTreeSet<String> = DECODERS.iter().map(|decoder| decoder.name.to_owned()).collect();
    let files = fs::read_dir(root().join("fuzz/targets")).unwrap().map(|file| file.unwrap().path());
    let files: BTreeSet<String> = files.map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    assert_eq!(files, names);
    let manifest = read("fuzz/Cargo.toml");
    for name in &names {
        let bin = format!(
            "[[bin]]\nname = \"{name}\"\npath = \"targets/{name}.rs\"\ntest = false\ndoc = false\nbench = false\n"
        );
        assert!(manifest.contains(&bin), "fuzz/Cargo.toml needs\n{bin}");
        let target = read(&format!("fuzz/targets/{name}.rs"));
        assert!(target.contains(&format!("decoders::{name}::check(bytes)")), "fuzz/targets/{name}.rs");
    }
    assert_eq!(manifest.matches("[[bin]]").count(), names.len());
    assert!(read("scripts/fuzz.sh").contains(&format!("longest={LONGEST}\n")), "scripts/fuzz.sh has another bound");
}

/// The third-party packages of a lock file: name, version and checksum.
fn locked(file: &str) -> BTreeSet<[String; 3]> {
    let text = read(file);
    let value = |package: &str, key: &str| {
        let line = package.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "))?;
        Some(line.trim_matches('"').to_owned())
    };
    // Only what comes from elsewhere has a checksum.
    let third = |package| Some([value(package, "name")?, value(package, "version")?, value(package, "checksum")?]);
    text.split("[[package]]").skip(1).filter_map(third).collect()
}

#[test]
fn the_fuzzer_is_made_of_what_the_workspace_is_made_of() {
    let (ours, fuzzer) = (locked("Cargo.lock"), locked("fuzz/Cargo.lock"));
    let others: Vec<_> = fuzzer.difference(&ours).filter(|[name, ..]| !ONLY_THERE.contains(&name.as_str())).collect();
    assert!(
        others.is_empty(),
        "fuzz/Cargo.lock has other versions than Cargo.lock: {others:?}; copy Cargo.lock over it, and run \
         `cargo metadata --manifest-path fuzz/Cargo.toml --format-version 1`, which adds what only the fuzzer has"
    );
    for name in ONLY_THERE {
        assert!(fuzzer.iter().any(|[other, ..]| other == name), "fuzz/Cargo.lock does not lock {name}");
    }
}
