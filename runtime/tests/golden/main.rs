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
mod storage;
mod types;
mod vectors;

use std::path::Path;

/// Compares with the file, or rewrites it when `BLESS` is set.
fn golden(name: &str, found: &str) {
    let file = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden")).join(name);
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        return std::fs::write(file, found).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
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
