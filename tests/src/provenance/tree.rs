//! A tree whose release is built in seconds: a node that says what it is, compiled with the build script of the real one, a wallet,
//! and a crate beside them that no release is linked from.

use super::{python, root};
use anyhow::ensure;
use std::fs;
use std::path::Path;
use std::process::Command;

const WORKSPACE: &str = r#"[workspace]
resolver = "3"
members = ["aside", "cli", "node"]

[profile.dev]
debug = false
"#;
const NODE: &str = r#"[package]
name = "the_block"
version = "1.0.0"
edition = "2024"
license = "Apache-2.0"

[[bin]]
name = "the-block"
path = "src/main.rs"

[dependencies]
blake3 = "1"

[build-dependencies]
blake3 = "1"

[[bench]]
name = "idle"
harness = false
"#;
const WALLET: &str = r#"[package]
name = "cli"
version = "1.0.0"
edition = "2024"
license = "Apache-2.0"

[[bin]]
name = "contract"
path = "src/main.rs"
"#;
const ASIDE: &str = r#"[package]
name = "aside"
version = "1.0.0"
edition = "2024"
license = "Apache-2.0"
"#;
const MAIN: &str = r#"fn main() {
    let measured = blake3::hash(&std::fs::read("/proc/self/exe").unwrap()).to_hex();
    let facts = [
        ("version", env!("CARGO_PKG_VERSION")),
        ("build_source_hash", env!("BUILD_SOURCE_HASH")),
        ("build_bin_hash", measured.as_str()),
        ("target", env!("BUILD_TARGET")),
        ("rustc", env!("BUILD_RUSTC")),
        ("profile", env!("BUILD_PROFILE")),
    ];
    println!("{{{}}}", facts.map(|(name, fact)| format!("{name:?}: {fact:?}")).join(", "));
}
"#;

/// Writes the tree into an empty folder, with the versions of its dependencies that this workspace has. `mark` stands in a comment
/// of the node, so that it has a source hash and a build hash of its own.
pub(super) fn write(folder: &Path, mark: &str) -> anyhow::Result<()> {
    let files = [
        ("Cargo.toml", WORKSPACE.to_owned()),
        ("Cargo.lock", fs::read_to_string(root().join("Cargo.lock"))?),
        ("rust-toolchain.toml", fs::read_to_string(root().join("rust-toolchain.toml"))?),
        ("deny.toml", fs::read_to_string(root().join("deny.toml"))?),
        ("node/Cargo.toml", NODE.to_owned()),
        ("node/build.rs", build_script()?),
        ("node/src/main.rs", format!("// {mark}\n{MAIN}")),
        ("node/benches/idle.rs", "fn main() {}\n".to_owned()),
        ("cli/Cargo.toml", WALLET.to_owned()),
        ("cli/src/main.rs", "fn main() {}\n".to_owned()),
        ("aside/Cargo.toml", ASIDE.to_owned()),
        ("aside/src/lib.rs", "compile_error!(\"a release is linked from what stands beside it\");\n".to_owned()),
    ];
    for (name, content) in files {
        let path = folder.join(name);
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(path, content)?;
    }
    // Takes what this tree does not have out of the lock file, and changes no version.
    let lock = Command::new(env!("CARGO"))
        .args(["metadata", "--offline", "--format-version", "1"])
        .current_dir(folder)
        .output()?;
    ensure!(lock.status.success(), "the small tree has no lock file: {}", String::from_utf8_lossy(&lock.stderr));
    fs::create_dir(folder.join("config"))?;
    let snapshot = "from provenance import lockfile; print(lockfile.snapshot('Cargo.lock').decode(), end='')";
    Ok(fs::write(folder.join("config/dependency_baseline.txt"), python(snapshot, &[], folder)?)?)
}

/// The build script of the node, with the folders of this tree.
fn build_script() -> anyhow::Result<String> {
    let script = fs::read_to_string(root().join("node/build.rs"))?;
    let lines = script.lines().map(|line| match line {
        line if line.starts_with("const CRATES: ") => "const CRATES: [&str; 2] = [\"cli\", \"node\"];",
        line if line.starts_with("const BESIDE: ") => "const BESIDE: [&str; 1] = [\"aside\"];",
        line => line,
    });
    Ok(lines.flat_map(|line| [line, "\n"]).collect())
}
