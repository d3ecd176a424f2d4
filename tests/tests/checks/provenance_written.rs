//! What can a tag do to the release that is made of it, and to whoever makes it? `scripts/release_provenance.sh` and what it asks,
//! on trees that were made to try.

use anyhow::{Context as _, ensure};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tests::binaries;
use tests::provenance::{TAG, Workshop, facts, python, refuses, root, shell};

/// Changes a file of a workshop's tree.
fn edit(workshop: &Workshop, file: &str, change: impl Fn(&str) -> String) -> anyhow::Result<()> {
    let path = workshop.repository().join(file);
    let before = fs::read_to_string(&path)?;
    let after = change(&before);
    ensure!(before != after, "{file} stayed as it was");
    Ok(fs::write(path, after)?)
}

/// Commits the tree under a tag whose release is refused, and takes the change back.
#[track_caller]
fn refuses_tree(workshop: &Workshop, tag: &str, sentence: &str) {
    workshop.commit(tag).unwrap();
    refuses(&mut workshop.write(tag), 1, sentence);
    shell(&format!("git reset -q --hard {TAG}"), &workshop.repository()).unwrap();
}

#[test]
fn no_release_is_written_of_what_does_not_agree() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let workshop = Workshop::open(dir.path(), "")?;
    refuses(&mut workshop.write("v9"), 1, "E_REF: v9 is neither a tag nor a commit");
    refuses(workshop.write(TAG).args(["--key", "/nowhere.key"]), 2, "unrecognized arguments: --key");
    refuses(workshop.write(TAG).env("TB_KEY_PASSPHRASE", ""), 2, "TB_KEY_PASSPHRASE is set");
    refuses(
        workshop.sign(Path::new("/nowhere")).args(["--key", "/nowhere.key"]),
        2,
        "there is no key file /nowhere.key",
    );
    refuses(&mut workshop.sign(Path::new("/nowhere")), 2, "there is no folder /nowhere");

    // Around the tree, where no source hash reaches.
    let around = dir.path().join(".cargo");
    fs::create_dir(&around)?;
    fs::write(around.join("config.toml"), "[net]\nretry = 3\n[build]\nrustflags = [\"-g\"]\n")?;
    refuses(&mut workshop.write(TAG), 1, "config.toml has [build], which cargo would build by");
    fs::remove_dir_all(around)?;

    edit(&workshop, "node/src/main.rs", |text| text.replace("env!(\"BUILD_SOURCE_HASH\")", "\"00\""))?;
    refuses_tree(&workshop, "v1.0.1", "E_SOURCE_HASH: the-block says it is of source 00");
    assert_eq!(fs::read_dir(workshop.out())?.count(), 0, "a refused release left something behind");
    Ok(())
}

#[test]
fn h21_taken_binaries_are_built_again_and_compared() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let workshop = Workshop::open(dir.path(), "")?;
    let taken = dir.path().join("taken");
    fs::create_dir(&taken)?;
    let write = || {
        let mut command = workshop.write(TAG);
        command.arg("--binaries").arg(&taken);
        command
    };
    refuses(&mut write(), 2, "there is no the-block in");

    let release = workshop.unsigned(TAG)?;
    let built = facts(&release)?;
    shell("cp releases/*/the-block releases/*/contract taken && mv releases before", dir.path())?;
    assert!(write().status()?.success(), "the very same binaries are refused");
    assert_eq!(facts(&release)?, built, "the same tag gave another release");
    fs::remove_dir_all(workshop.out())?;

    // It says all the right things of itself, and has a byte more.
    shell("printf x >> taken/the-block", dir.path())?;
    refuses(&mut write(), 1, &format!("E_DIFFERS: {}/the-block is not what {TAG} builds: ", taken.display()));
    shell("cp before/*/the-block taken && printf x >> taken/contract", dir.path())?;
    refuses(&mut write(), 1, &format!("E_DIFFERS: {}/contract is not what {TAG} builds: ", taken.display()));
    assert_eq!(fs::read_dir(workshop.out())?.count(), 0, "a refused release left something behind");
    Ok(())
}

/// Writes whatever it can find with `MARK` in it to the file `FOUND`: in its environment and its home, and in what every process that
/// it can see was started with.
const LOOK: &str = r#"
fn look() {
    use std::io::Write as _;
    let mut seen: Vec<String> = std::env::vars_os().map(|(name, value)| format!("{name:?}={value:?}")).collect();
    for process in std::fs::read_dir("/proc").unwrap().flatten() {
        for file in ["environ", "cmdline"] {
            let read = std::fs::read(process.path().join(file)).unwrap_or_default();
            seen.push(String::from_utf8_lossy(&read).into_owned());
        }
    }
    let home = std::env::var_os("HOME").unwrap_or_default();
    let entries = std::fs::read_dir(home).into_iter().flatten().flatten();
    seen.extend(entries.map(|entry| entry.path().display().to_string()));
    for found in seen.iter().filter(|text| text.contains("MARK")) {
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open("FOUND").unwrap();
        writeln!(file, "{}", found.escape_debug()).unwrap();
    }
}
"#;

/// A folder that a variable names, or the usual one in the home.
fn place(variable: &str, usual: &str) -> anyhow::Result<PathBuf> {
    let named = env::var_os(variable).map(PathBuf::from);
    let home = env::var_os("HOME").context("there is no home")?;
    Ok(named.unwrap_or_else(|| Path::new(&home).join(usual)))
}

#[test]
fn h21_a_tag_whose_build_script_and_binary_look_for_key_and_environment_finds_neither() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut workshop = Workshop::open(dir.path(), "")?;
    // A home with a key in it, and a word that stands in nothing but secrets and their names.
    let mark = format!("h21-{}", std::process::id());
    let (home, found) = (dir.path().join("home"), dir.path().join("found"));
    fs::create_dir(&home)?;
    let key = home.join(format!("{mark}.key"));
    fs::rename(&workshop.key, &key)?;
    workshop.key = key;
    let usual = [
        ("CARGO_HOME", place("CARGO_HOME", ".cargo")?),
        ("RUSTUP_HOME", place("RUSTUP_HOME", ".rustup")?),
        ("XDG_CACHE_HOME", place("XDG_CACHE_HOME", ".cache")?),
    ];
    let with_secrets = |mut command: Command| {
        command.env("HOME", &home).env("RELEASE_TOKEN", &mark).envs(usual.clone());
        command
    };

    let look = LOOK.replace("MARK", &mark).replace("FOUND", &found.display().to_string());
    for (file, start) in [("node/build.rs", "fn main() -> io::Result<()> {"), ("node/src/main.rs", "fn main() {")] {
        edit(&workshop, file, |text| format!("{}{look}", text.replace(start, &format!("{start}\n    look();"))))?;
    }
    workshop.commit("v1.0.1")?;
    let output = with_secrets(workshop.write("v1.0.1")).output()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = || fs::read_to_string(&found).unwrap_or_default();
    assert!(!found.exists(), "the tag found {}", said());

    let release = PathBuf::from(String::from_utf8(output.stdout)?.trim());
    let signed = with_secrets(workshop.sign(&release)).env("TB_KEY_PASSPHRASE", &mark).output()?;
    assert!(signed.status.success(), "{}", String::from_utf8_lossy(&signed.stderr));
    assert!(!found.exists(), "signing ran the binary, which found {}", said());
    assert!(workshop.verify(&release).output()?.status.success());

    // Both look well: run as anybody runs a program, they find the token and the key.
    let finds = |command: Command| -> anyhow::Result<()> {
        let output = with_secrets(command).output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = said();
        ensure!(text.contains("RELEASE_TOKEN") && text.contains(&format!("{mark}.key")), "it found only {text:?}");
        Ok(fs::remove_file(&found)?)
    };
    finds(Command::new(release.join("the-block"))).context("the binary")?;
    let mut build = Command::new(env!("CARGO"));
    build.args(["check", "--offline", "--quiet", "--target-dir"]).arg(dir.path().join("target"));
    build.current_dir(workshop.repository().join("node"));
    finds(build).context("the build script")
}

#[test]
fn h21_a_tree_with_a_cargo_config_has_another_hash() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let workshop = Workshop::open(dir.path(), "")?;
    let before = facts(&workshop.unsigned(TAG)?)?;
    let folder = workshop.repository().join(".cargo");
    fs::create_dir(&folder)?;
    fs::write(folder.join("config.toml"), "[env]\nH21 = \"what a build script may read\"\n")?;
    workshop.commit("v1.0.1")?;
    // The binary's word and the script's are the same, or nothing would be written.
    let after = facts(&workshop.unsigned("v1.0.1")?)?;
    assert_ne!(before["source_hash"], after["source_hash"]);
    Ok(())
}

#[test]
fn h21_what_the_source_hash_leaves_out_is_not_there_when_a_release_is_built() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let workshop = Workshop::open(dir.path(), "")?;
    let repository = workshop.repository();

    fs::create_dir(repository.join("docs"))?;
    fs::write(repository.join("docs/outside.rs"), "const OUTSIDE: u8 = 1;\n")?;
    edit(&workshop, "node/src/main.rs", |text| format!("{text}include!(\"../../docs/outside.rs\");\n"))?;
    refuses_tree(&workshop, "v1.0.1", "docs/outside.rs");

    edit(&workshop, "cli/Cargo.toml", |text| text.replace("src/main.rs", "main.rs"))?;
    fs::rename(repository.join("cli/src/main.rs"), repository.join("cli/main.rs"))?;
    refuses_tree(
        &workshop,
        "v1.0.2",
        "E_SOURCE: cli/Cargo.toml builds from main.rs, which the source hash does not cover",
    );

    shell("ln -s /etc/hostname cli/src/linked.rs", &repository)?;
    refuses_tree(&workshop, "v1.0.3", "E_SOURCE: cli/src/linked.rs of the tree is, or lies behind, a link");

    edit(&workshop, "node/build.rs", |text| {
        text.replace(
            "fn main() -> io::Result<()> {",
            "fn main() -> io::Result<()> {\n    fs::write(\"src/made.rs\", \"\")?;",
        )
    })?;
    refuses_tree(&workshop, "v1.0.4", "E_SOURCE: building changed the source");
    assert_eq!(fs::read_dir(workshop.out())?.count(), 0, "a refused release left something behind");
    Ok(())
}

#[test]
fn the_source_hash_of_this_tree_is_what_its_node_says_and_what_it_covers_is_a_workspace() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let laid = dir.path().join("laid");
    let output = Command::new(binaries::built("the-block")?).args(["version", "--json"]).output()?;
    let said = String::from_utf8(output.stdout)?;
    let version: serde_json::Value = serde_json::from_str(&said)?;
    let code = "
import json, sys
from provenance import source_hash, source_tree
tree, laid, version = sys.argv[1:]
source_tree.lay_out(tree, laid)
print(*(source_hash.of_tree(root, json.loads(version)) for root in (tree, laid)))
";
    let tree = root().canonicalize()?;
    let hashes = python(code, &[&tree.display().to_string(), &laid.display().to_string(), &said], dir.path())?;
    let compiled = version["build_source_hash"].as_str().context("a node says its source hash")?;
    assert_eq!(hashes.split_whitespace().collect::<Vec<_>>(), [compiled, compiled]);

    let read = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--no-deps", "--format-version", "1"])
        .current_dir(&laid)
        .output()?;
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    Ok(())
}
