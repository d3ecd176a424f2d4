//! The house has rooms with doors: which crate may know which, and what may not appear in a pure one.
//!
//! A crate exists where the compiler has to forbid something, or where its users ask for it without the rest. These tests are
//! that prohibition: they read the workspace as cargo resolves it, and name the edge or the line that breaks a rule.

mod circles;
mod crates;
mod names;
mod requirements;
mod rules;
mod security;
mod shown;

use cargo_metadata::{Metadata, MetadataCommand};
use std::path::{Path, PathBuf};

/// Knows everybody.
const TESTS: &str = "tests";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the workspace's folder")
}

fn workspace() -> Metadata {
    let options = ["--locked".to_string()];
    MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().other_options(options).exec().unwrap()
}

/// The Rust files under a folder that ship, in order; files of tests use what they like.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let shipped = paths.into_iter().filter(|path| path.file_stem().is_some_and(|stem| stem != "tests"));
    shipped
        .flat_map(|path| match path.extension() {
            _ if path.is_dir() => sources(&path),
            Some(extension) if extension == "rs" => vec![path],
            _ => Vec::new(),
        })
        .collect()
}

/// Whether `code` has `word` as a whole, and not as part of another name.
fn has_word(code: &str, word: &str) -> bool {
    let part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = code[at + word.len()..].chars().next();
        !before.is_some_and(part_of_name) && !after.is_some_and(part_of_name)
    })
}

/// The shipped sources of the packages that `wanted` names, each with its path from the workspace's folder.
fn shipped(wanted: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    let metadata = workspace();
    let packages = metadata.packages.iter().filter(|package| wanted(&package.name));
    let folders =
        packages.map(|package| package.manifest_path.parent().expect("a manifest is in a folder").join("src"));
    let files = folders.flat_map(|folder| sources(folder.as_std_path()));
    let shown = |file: &Path| file.strip_prefix(root()).unwrap_or(file).display().to_string();
    files.map(|file| (shown(&file), std::fs::read_to_string(&file).unwrap())).collect()
}

/// The lines of a source, numbered, without comments and the tests at the end.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let code = (1..).zip(text.lines()).take_while(|(_, line)| line.trim() != "mod tests {");
    code.filter(|(_, line)| !line.trim_start().starts_with("//"))
}
