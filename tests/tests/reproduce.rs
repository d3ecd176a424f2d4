//! Do two builds of one tree give the same bytes, wherever they are made? `scripts/reproduce.sh`, on a tree that is built in
//! seconds: a binary, a crate of the workspace whose build script writes code, a third-party crate with a build script, and
//! panics that name files.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tests::provenance::{root, script};

const MANIFEST: &str = r#"
[workspace]
members = ["part"]
[package]
name = "tiny"
version = "0.1.0"
edition = "2024"
[dependencies]
part = { path = "part" }
anyhow = "1"
"#;
const MAIN: &str = r#"fn main() -> anyhow::Result<()> {
    anyhow::ensure!(std::env::args().count() > 9, "{}", part::made(std::env::args().count()));
    Ok(())
}"#;
const PART: &str = "[package]\nname = \"part\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
const LIB: &str = r#"include!(concat!(env!("OUT_DIR"), "/made.rs"));"#;
const SCRIPT: &str = r#"fn main() {
    let code = "pub fn made(n: usize) -> String { [file!(), \"x\"][n].into() }";
    std::fs::write(std::path::Path::new(&std::env::var_os("OUT_DIR").unwrap()).join("made.rs"), code).unwrap();
}"#;

/// Writes the tree, with the workspace's own toolchain and its version of the third-party crate.
fn tree(folder: &Path, main: &str) -> anyhow::Result<()> {
    fs::create_dir_all(folder.join("part/src"))?;
    fs::create_dir_all(folder.join("src"))?;
    let lock = fs::read_to_string(root().join("Cargo.lock"))?;
    let third = lock.split("\n\n").find(|package| package.contains("\nname = \"anyhow\"\n")).expect("we use anyhow");
    let ours = "[[package]]\nname = \"part\"\nversion = \"0.1.0\"\n\n[[package]]\nname = \"tiny\"\nversion = \"0.1.0\"\n\
                dependencies = [\n \"anyhow\",\n \"part\",\n]\n";
    let files = [
        ("Cargo.toml", MANIFEST.to_owned()),
        ("Cargo.lock", format!("version = 4\n\n{third}\n\n{ours}")),
        ("src/main.rs", main.to_owned()),
        ("part/Cargo.toml", PART.to_owned()),
        ("part/build.rs", SCRIPT.to_owned()),
        ("part/src/lib.rs", LIB.to_owned()),
        ("rust-toolchain.toml", fs::read_to_string(root().join("rust-toolchain.toml"))?),
    ];
    files.into_iter().try_for_each(|(name, content)| Ok(fs::write(folder.join(name), content)?))
}

fn reproduce(folder: &Path, arguments: &[&str]) -> anyhow::Result<(Output, String)> {
    let work = folder.join("work");
    let mut command = script("reproduce.sh");
    command.args(["--packages", "tiny", "--profile", "dev", "--source"]).arg(folder.join("tree")).args(arguments);
    let output = command.arg("--work").arg(&work).output()?;
    assert_eq!(fs::read_dir(work).map_or(0, Iterator::count), 0, "something was left in the working folder");
    let said = [&output.stdout[..], &output.stderr].map(String::from_utf8_lossy).concat();
    Ok((output, said))
}

#[test]
fn two_builds_in_different_folders_give_the_same_bytes() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    tree(&dir.path().join("tree"), MAIN)?;
    let (output, said) = reproduce(dir.path(), &[])?;
    assert!(output.status.success() && said.contains("the two builds are the same"), "{said}");
    let digests: Vec<&str> = said.lines().filter(|line| line.ends_with("/tiny")).map(|line| &line[..64]).collect();
    assert!(digests.len() == 2 && digests[0] == digests[1], "{said}");
    assert_eq!(said.matches("Compiling anyhow").count(), 2, "{said}");

    // With third-party crates from a target folder that an ordinary build filled.
    let seed = dir.path().join("seed");
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--workspace", "--locked", "--target-dir"])
        .arg(&seed)
        .current_dir(dir.path().join("tree"))
        .output()?;
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let (output, said) = reproduce(dir.path(), &["--seed", &seed.display().to_string()])?;
    assert!(output.status.success() && said.contains("the two builds are the same"), "{said}");
    assert_eq!(said.matches("Compiling tiny").count(), 2, "{said}");
    assert!(!said.contains("Compiling anyhow"), "a third-party crate was compiled again: {said}");
    Ok(())
}

#[test]
fn a_build_that_depends_on_its_folder_is_named_with_the_section() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    tree(&dir.path().join("tree"), r#"fn main() { println!("{}{}", env!("CARGO_MANIFEST_DIR"), part::made(0)); }"#)?;
    let (output, said) = reproduce(dir.path(), &[])?;
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("E_DIFFERS: the two builds differ: ") && said.contains("section ."), "{said}");

    let (output, said) = reproduce(dir.path(), &["--seed", "/nowhere"])?;
    assert!(output.status.code() == Some(2) && said.contains("/nowhere holds no build of profile dev"), "{said}");
    Ok(())
}
