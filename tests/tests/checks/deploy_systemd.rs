//! The Debian package under a real systemd, where one can be booted: installed, started, killed, stopped, upgraded, removed without a
//! trace but what is documented. What is done and looked at is `scripts/boot_package.sh`, as whoever makes a release runs it.

use anyhow::{Context as _, ensure};
use std::path::Path;
use std::process::{Command, Output};
use tests::binaries;
use tests::explorer::repository;

const PROGRAMS: [&str; 3] = ["the-block", "contract", "the-block-explorer"];

fn script(name: &str, arguments: &[&str]) -> anyhow::Result<Output> {
    let path = repository().join("scripts").join(name);
    Command::new(&path).args(arguments).output().with_context(|| format!("cannot run {}", path.display()))
}

fn words(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned()).concat()
}

/// What a script says, which must succeed.
fn told(name: &str, arguments: &[&str]) -> anyhow::Result<String> {
    let output = script(name, arguments)?;
    ensure!(output.status.success(), "{name} {arguments:?}: {}: {}", output.status, words(&output));
    Ok(String::from_utf8(output.stdout)?)
}

/// Where `scripts/setup.sh` puts cargo-deb, or the path has it.
fn has_cargo_deb() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let tools = binaries::cache().join("tools/bin");
    std::env::split_paths(&path).chain([tools]).any(|folder| folder.join("cargo-deb").is_file())
}

#[test]
fn what_is_no_package_of_ours_is_not_booted() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let odd = folder.path().join("odd.deb");
    std::fs::write(&odd, "no package")?;
    let odd = odd.display().to_string();
    for (arguments, expected) in [
        (vec![], "name a package"),
        (vec![odd.as_str()], "is no Debian package"),
        (vec!["/nowhere/the-block.deb"], "is not there"),
        (vec![odd.as_str(), odd.as_str()], "one package"),
        (vec!["--suite", "../x", odd.as_str()], "no name of a Debian"),
        (vec![odd.as_str(), "--root"], "needs a value"),
        (vec!["--odd"], "unknown option"),
    ] {
        let output = script("boot_package.sh", &arguments)?;
        let said = words(&output);
        ensure!(output.status.code() == Some(2) && said.contains(expected), "{arguments:?}: {}: {said}", output.status);
    }
    Ok(())
}

#[test]
fn a_booted_system_runs_the_package_and_is_as_it_was_once_it_is_purged() -> anyhow::Result<()> {
    let mut lacking = told("boot_package.sh", &["--lacks"])?;
    if !has_cargo_deb() {
        lacking.push_str("cargo-deb: scripts/setup.sh package\n");
    }
    if !lacking.is_empty() {
        eprintln!("no systemd is booted, so that the package is not tried in one; missing here:\n{lacking}");
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let (release, text) = (folder.path().join("release"), |path: &Path| path.display().to_string());
    PROGRAMS.iter().try_for_each(|name| binaries::copied(name, &release).map(drop))?;
    let out = text(&folder.path().join("out"));
    let made = told("package.sh", &["--out", &out, "--binaries", &text(&release), "--fast"])?;
    let said = told("boot_package.sh", &[made.trim()])?;
    // Each part was come to: a script that leaves one out is to be noticed.
    for step in [
        "with apt",
        "systemctl enable --now the-block-explorer",
        "the chain is at",
        "listens nowhere",
        "neither user has what is the other's",
        "a node that is killed",
        "a supervisor that is killed",
        "the watchdog",
        "exit code 2",
        "both stop with exit code 0",
        "the last shutdown",
        "an upgrade stops nothing",
        "removed:",
        "purged: left are",
        "purged without its keys",
    ] {
        ensure!(said.contains(step), "{step:?} is not among what was done:\n{said}");
    }
    Ok(())
}
