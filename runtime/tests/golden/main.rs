//! Golden files: what is encoded, stored and hashed, frozen in `tests/golden`, so that no change of it goes unseen.
//!
//! `BLESS=1 cargo test -p runtime --test golden` rewrites them.
#![allow(clippy::restriction, reason = "a test may stop where it fails")]

mod append_only;
mod errors;
mod genesis;
#[path = "../network/mod.rs"]
mod network;
mod plans;
mod recorded;
mod severity;
mod storage;
mod types;
mod vectors;

use std::path::{Path, PathBuf};

/// Compares with the file, or rewrites it when `BLESS` is set.
fn golden(name: &str, found: &str) {
    if is_blessed() { keep(name, found) } else { require_same(name, found) }
}

fn is_blessed() -> bool {
    std::env::var_os("BLESS").is_some()
}

/// Where a golden file is.
fn file(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden")).join(name)
}

fn keep(name: &str, found: &str) {
    let file = file(name);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, found).unwrap();
}

fn require_same(name: &str, found: &str) {
    let kept = std::fs::read_to_string(file(name)).unwrap_or_default();
    let Some((number, (kept, found))) = first_difference(&kept, found) else { return };
    panic!(
        "tests/golden/{name} differs at line {number}:\n  kept:  {kept}\n  found: {found}\nrun make bless if the change \
         is intended; note it under Consensus in CHANGELOG.md"
    );
}

fn first_difference<'t>(kept: &'t str, found: &'t str) -> Option<(usize, (&'t str, &'t str))> {
    let end = "(end of file)";
    let lines = kept.lines().map(Some).chain(std::iter::repeat(None));
    let pairs = lines.zip(found.lines().map(Some).chain(std::iter::repeat(None)));
    (1..)
        .zip(pairs.take_while(|pair| *pair != (None, None)))
        .find(|(_, (kept, found))| kept != found)
        .map(|(number, (kept, found))| (number, (kept.unwrap_or(end), found.unwrap_or(end))))
}
