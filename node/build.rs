//! Compiles in what this executable was made of: `BUILD_SOURCE_HASH` and its ingredients.
//!
//! The hash is the BLAKE3 over everything that can change the two binaries of a release: each source file, build script and
//! manifest of the crates that they are linked from; the manifests of the other crates, whose features theirs are built with;
//! `Cargo.lock`, the configuration of cargo, the pinned toolchain and the compiler's own version, the target with its features,
//! the profile, and the crate's features. It is read from the files on disk, so that a tarball without git gives the hash
//! of the checkout. Tests, benches, documents and the sources of other binaries do not change it, and do not rebuild the node:
//! a release is built where these are not (`scripts/provenance/source_tree.py`).

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

/// The folders whose crates the binaries of a release are linked from.
const CRATES: [&str; 7] = ["cli", "light", "node", "pallets", "profiles", "rpc", "runtime"];
/// Those of the other crates of the workspace: what they ask of a dependency, cargo builds into everything.
const BESIDE: [&str; 4] = ["explorer", "sim", "tests", "tools"];
/// Files of the workspace that decide what is compiled.
const SHARED: [&str; 4] = ["Cargo.lock", "Cargo.toml", "rust-toolchain", "rust-toolchain.toml"];
/// What cargo is configured by; hidden, and still no less part of the source. It is not watched where it is not, because cargo
/// runs this script each time when it watches what is not there.
const CONFIGURATION: &str = ".cargo";

fn main() -> io::Result<()> {
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    let mut files: Vec<PathBuf> = SHARED.iter().map(|name| root.join(name)).filter(|path| path.exists()).collect();
    let mut watched = files.clone();
    let configuration = root.join(CONFIGURATION);
    if configuration.is_dir() {
        sources(&configuration, &mut files)?;
        watched.push(configuration);
    }
    for folder in CRATES {
        collect(&root.join(folder), &["Cargo.toml", "build.rs", "src"], &mut files, &mut watched)?;
    }
    for folder in BESIDE {
        collect(&root.join(folder), &["Cargo.toml"], &mut files, &mut watched)?;
    }
    files.sort();

    let rustc = compiler();
    let mut hasher = blake3::Hasher::new();
    for file in &files {
        let name = file.strip_prefix(&root).map_err(io::Error::other)?;
        part(&mut hasher, name.to_string_lossy().as_bytes());
        part(&mut hasher, &fs::read(file)?);
    }
    for fact in [&rustc, &variable("TARGET"), &variable("CARGO_CFG_TARGET_FEATURE"), &profile(), &features()] {
        part(&mut hasher, fact.as_bytes());
    }

    for path in watched {
        println!("cargo::rerun-if-changed={}", path.display());
    }
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-env=BUILD_SOURCE_HASH={}", hasher.finalize().to_hex());
    println!("cargo::rustc-env=BUILD_TARGET={}", variable("TARGET"));
    println!("cargo::rustc-env=BUILD_RUSTC={}", rustc.lines().next().unwrap_or_default());
    println!("cargo::rustc-env=BUILD_PROFILE={}", profile());
    Ok(())
}

/// Adds one ingredient with its length, so that no two lists of ingredients run together to the same bytes.
fn part(hasher: &mut blake3::Hasher, bytes: &[u8]) {
    hasher.update(&(bytes.len() as u64).to_le_bytes());
    hasher.update(bytes);
}

/// Adds of every crate under `folder` what is named in `parts`: files, or folders whole, which are watched whole.
fn collect(folder: &Path, parts: &[&str], files: &mut Vec<PathBuf>, watched: &mut Vec<PathBuf>) -> io::Result<()> {
    for path in parts.iter().map(|name| folder.join(name)).filter(|path| path.exists()) {
        if path.is_dir() {
            sources(&path, files)?
        } else {
            files.push(path.clone())
        }
        watched.push(path);
    }
    for entry in entries(folder)? {
        if !entry.ends_with("src") && entry.join("Cargo.toml").exists() {
            collect(&entry, parts, files, watched)?;
        }
    }
    Ok(())
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for path in entries(folder)? {
        if path.is_dir() { sources(&path, files)? } else { files.push(path) }
    }
    Ok(())
}

/// What is in a folder, without hidden files and editors' backups, which are no part of the tree.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') && !name.ends_with('~') {
            paths.push(entry.path());
        }
    }
    Ok(paths)
}

/// The compiler's version in full, without the machine it runs on: the same source cross-compiled elsewhere is the same.
fn compiler() -> String {
    let output = Command::new(variable("RUSTC")).arg("-vV").output().expect("rustc runs, as it is about to");
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().filter(|line| !line.starts_with("host:")).collect::<Vec<_>>().join("\n")
}

fn profile() -> String {
    format!("{} opt-level={} debug={}", variable("PROFILE"), variable("OPT_LEVEL"), variable("DEBUG"))
}

fn features() -> String {
    let mut names: Vec<String> =
        env::vars().map(|(name, _)| name).filter(|n| n.starts_with("CARGO_FEATURE_")).collect();
    names.sort();
    names.join(",")
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_default()
}
