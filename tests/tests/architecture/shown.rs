//! Which tests does a page name, and are they there, and run? For the pages that say of each of their rows which test shows it.

use crate::root;
use std::path::Path;

/// A file of the repository.
pub(crate) fn read(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The tests that a cell names, each with its file before it: `` `file.rs`: `test`, `test`; `file.rs`: `test` ``.
pub(crate) fn named(cell: &str) -> Vec<(&str, &str)> {
    let mut file = "";
    let mut tests = Vec::new();
    for word in cell.split('`').skip(1).step_by(2) {
        if word.ends_with(".rs") {
            file = word;
        } else {
            tests.push((file, word));
        }
    }
    tests
}

/// Those of them that are no tests which run, each said in a line that begins with the row's name.
pub(crate) fn unshown(row: &str, tests: &[(&str, &str)]) -> Vec<String> {
    let is_there = |file: &str, test: &str| {
        let source = std::fs::read_to_string(root().join(file)).unwrap_or_default();
        has_test(&source, test)
    };
    let missing = tests.iter().filter(|(file, test)| !is_there(file, test));
    missing.map(|(file, test)| format!("{row}: no test {test} in {file}")).collect()
}

/// The names of the functions of a source.
pub(crate) fn functions(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let line = line.trim_start();
        let function = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ")?;
        function.split_once('(').map(|(name, _)| name)
    })
}

/// Whether a source has a test of that name, and runs it.
pub(crate) fn has_test(text: &str, name: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim_start).collect();
    let declared = |line: &str| {
        let function = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
        function.and_then(|rest| rest.strip_prefix(name)).is_some_and(|rest| rest.starts_with('('))
    };
    let above = |at: usize| lines[..at].iter().rev().take_while(|line| line.starts_with(['#', '/']));
    (0..lines.len()).filter(|at| declared(lines[*at])).any(|at| {
        let is_test = above(at).any(|line| line.starts_with("#[test]") || line.starts_with("#[tokio::test"));
        is_test && !above(at).any(|line| line.starts_with("#[ignore"))
    })
}

/// Every Rust file of the repository that git keeps or would keep, tests among them, by its path from the root.
pub(crate) fn rust_files() -> Vec<String> {
    let mut files = Vec::new();
    for package in crate::workspace().packages {
        let folder = package.manifest_path.parent().expect("a manifest is in a folder").as_std_path().to_owned();
        for part in ["src", "tests"] {
            collect(&folder.join(part), &mut files);
        }
    }
    files.sort();
    files.dedup();
    files
}

fn collect(folder: &Path, files: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.expect("it can be listed").path()) {
        // A crate below this one is one of its own.
        if path.is_dir() && !path.join("Cargo.toml").is_file() {
            collect(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path.strip_prefix(root()).unwrap_or(&path).display().to_string());
        }
    }
}

#[test]
fn tests_that_a_cell_names_are_found_and_told_from_what_is_none() {
    let cell = "`x/a.rs`: `t01_a`, `b`; `c.rs`: `d`";
    assert_eq!(named(cell), [("x/a.rs", "t01_a"), ("x/a.rs", "b"), ("c.rs", "d")]);
    let source = "#[test]\nfn a() {\n#[tokio::test]\n/// Why.\nasync fn b() {\nfn c() {\n#[test]\n#[ignore]\nfn d() {";
    assert_eq!(functions(source).collect::<Vec<_>>(), ["a", "b", "c", "d"]);
    assert!(has_test(source, "a") && has_test(source, "b"));
    assert!(!has_test(source, "c") && !has_test(source, "d") && !has_test(source, "e"));
    let here = "tests/tests/architecture/shown.rs";
    let own = "tests_that_a_cell_names_are_found_and_told_from_what_is_none";
    assert!(unshown("X1", &[(here, own)]).is_empty());
    assert_eq!(unshown("X1", &[(here, "gone")]), [format!("X1: no test gone in {here}")]);
    assert!(rust_files().iter().any(|file| file == here));
}
