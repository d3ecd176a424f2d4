//! What does a node do on a disk that lost a bit, or is full? It stops and says so; it never goes on with another chain.

use anyhow::Context as _;
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Command;
use tests::network::{QUICK, free_base_port};
use tests::refusal::refused_start;
use tests::{Network, NodeProcess, binaries};

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    let _ = std::fs::remove_dir_all(to);
    let status = Command::new("cp").arg("-rT").args([from, to]).status()?;
    anyhow::ensure!(status.success(), "cannot copy {}", from.display());
    Ok(())
}

/// The files of a store whose bytes mean something. `LOG` is for people, `OPTIONS` and `IDENTITY` are not read at a start.
fn files(store: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for file in std::fs::read_dir(store)? {
        let path = file?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let counts =
            name.ends_with(".sst") || name.ends_with(".log") || name.starts_with("MANIFEST") || name == "CURRENT";
        if counts && path.metadata()?.len() > 0 {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn flip(file: &Path, position: usize, bit: u32) -> anyhow::Result<()> {
    let mut bytes = std::fs::read(file)?;
    bytes[position] ^= 1 << bit;
    Ok(std::fs::write(file, bytes)?)
}

/// Flips one bit at several places of every file, each in a fresh copy, and asks the boot check about it.
fn flip_everywhere(node: &NodeProcess, random: &mut StdRng) -> anyhow::Result<()> {
    let store = node.home.join("governance_db");
    let (code, sound) = node.check()?;
    assert_eq!(code, Some(0), "{sound}");
    let backup = node.home.with_extension("backup");
    copy(&store, &backup)?;
    let (mut found, mut harmless) = (0, 0);
    for file in files(&backup)? {
        let length = usize::try_from(file.metadata()?.len())?;
        let places = [0, length / 3, length - 1, random.gen_range(0..length), random.gen_range(0..length)];
        for place in places {
            let bit = random.gen_range(0..8);
            copy(&backup, &store)?;
            flip(&store.join(file.file_name().context("a file without a name")?), place, bit)?;
            let (code, report) = node.check()?;
            let at = format!("{} byte {place} bit {bit}: {report}", file.display());
            // Bytes that no reader looks at may change; then everything that is read is what it was.
            if code == Some(0) {
                assert_eq!(report["state_root"], sound["state_root"], "{at}");
                assert_eq!(report["height"], sound["height"], "{at}");
                harmless += 1;
            } else {
                assert_eq!(code, Some(12), "{at}");
                assert_eq!(report["decision"], "store_damaged", "{at}");
                assert!(report["reason"].as_str().is_some_and(|reason| reason.contains("restore")), "{at}");
                found += 1;
            }
        }
    }
    println!("{found} flipped bits were found, {harmless} were where nothing is read");
    assert!(found > 10 * harmless, "most bits of a store matter");
    copy(&backup, &store)
}

/// Runs a command of the node within a limit for open files.
fn within(limit: u32, node: &NodeProcess, arguments: &[&str]) -> anyhow::Result<(Option<i32>, String)> {
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("ulimit -n {limit}; exec \"$0\" \"$@\"")).arg(&node.executable).args(arguments);
    let output = command.arg("--home").arg(&node.home).output()?;
    Ok((output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned()))
}

#[tokio::test]
async fn o05_a_limit_is_named_as_that_and_only_a_node_that_runs_is_in_use() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let below = dir.path().join("lock");
    std::fs::create_dir(&below)?;
    let mut network = Network::write(&below, 1, QUICK)?;
    network.start_all()?;
    network.reach(12).await?;
    let node = &mut network.nodes[0];
    let (code, said) = within(4_096, node, &["start"])?;
    assert!(code == Some(1) && said.contains("in use by another process"), "{code:?}: {said}");
    assert_eq!(node.stop().await?.code(), Some(0));
    let snapshot = dir.path().join("snapshot").display().to_string();
    let mut limited = 0;
    for limit in (8..=24).step_by(4) {
        for arguments in [&["start"][..], &["check"], &["export-state", "--out", snapshot.as_str()]] {
            let (code, said) = within(limit, node, arguments)?;
            let at = format!("{arguments:?} with {limit} files: {code:?}: {said}");
            assert!(!said.contains("damaged") && !said.contains("in use") && !said.contains("panicked"), "{at}");
            if code != Some(0) {
                assert!(code == Some(1) && said.contains("LimitNOFILE"), "{at}");
                limited += 1;
            }
            let _ = std::fs::remove_file(&snapshot);
        }
    }
    assert!(limited > 5, "only {limited} were limited");
    node.start()?;
    node.reach(14).await?;
    Ok(())
}

#[tokio::test]
async fn a_flipped_bit_anywhere_in_the_store_is_exit_code_12_and_never_another_chain() -> anyhow::Result<()> {
    let seed = rand::random();
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(dir.path(), 1, QUICK)?;
    network.start_all()?;
    network.reach(12).await?;
    let node = &mut network.nodes[0];
    // First the store of a crash, whose last blocks stand in the log, then the one of an orderly stop, which has no log.
    node.kill()?;
    flip_everywhere(node, &mut random)?;
    lose_the_log(node).await?;
    node.start()?;
    node.reach(16).await?;
    assert_eq!(node.stop().await?.code(), Some(0));
    flip_everywhere(node, &mut random)?;

    let (_, sound) = node.check()?;
    // What check says of a damaged store, start does, without opening a port.
    let store = node.home.join("governance_db");
    let backup = node.home.with_extension("backup");
    let largest = files(&store)?.into_iter().max_by_key(|file| file.metadata().map_or(0, |data| data.len()));
    flip(&largest.context("an empty store")?, 100, 0)?;
    let refused = refused_start(node).await?;
    assert_eq!(refused.code, Some(12), "{refused:?}");
    assert!(refused.said.contains("restore"), "{refused:?}");

    // So does a file that is gone; each in a fresh copy.
    for file in files(&backup)? {
        copy(&backup, &store)?;
        std::fs::remove_file(store.join(file.file_name().context("a file without a name")?))?;
        let (code, report) = node.check()?;
        // A log whose content is in other files already may not have been removed yet.
        let obsolete = file.extension().is_some_and(|extension| extension == "log")
            && (code, &report["height"], &report["state_root"]) == (Some(0), &sound["height"], &sound["state_root"]);
        assert!(code == Some(12) || obsolete, "{} is gone, and the answer is {code:?}: {report}", file.display());
    }
    copy(&backup, &store)?;
    node.start()?;
    node.reach(18).await?;
    Ok(())
}

/// Removes the log of a crash, which holds every block since the start: what is left fits together at height 0, but consensus
/// remembers that it came further.
async fn lose_the_log(node: &mut NodeProcess) -> anyhow::Result<()> {
    let store = node.home.join("governance_db");
    let backup = node.home.with_extension("backup");
    let logs = files(&store)?.into_iter().filter(|file| file.extension().is_some_and(|extension| extension == "log"));
    let logs: Vec<PathBuf> = logs.collect();
    anyhow::ensure!(!logs.is_empty(), "a crash left no log");
    logs.iter().try_for_each(std::fs::remove_file)?;
    let (code, report) = node.check()?;
    assert_eq!((code, &report["decision"]), (Some(12), &json!("store_damaged")), "{report}");
    let reason = report["reason"].as_str().unwrap_or_default();
    assert!(reason.contains("ends at height 0") && reason.contains("was deciding height"), "{reason}");
    assert!(reason.contains("restore this home's newest backup"), "{reason}");
    assert_eq!(refused_start(node).await?.code, Some(12));
    copy(&backup, &store)
}

/// A small file system in memory, unmounted when dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Mounts one; none, with the reason, where this user may not.
    fn mount(at: PathBuf) -> anyhow::Result<Option<Self>> {
        std::fs::create_dir_all(&at)?;
        let output = Command::new("mount").args(["-t", "tmpfs", "-o", "size=48m", "tmpfs"]).arg(&at).output()?;
        if output.status.success() {
            return Ok(Some(Self(at)));
        }
        let said = String::from_utf8_lossy(&output.stderr);
        println!("SKIPPED: a disk cannot be filled without mounting one, which is not permitted here: {}", said.trim());
        Ok(None)
    }

    /// Takes all the space that is left.
    fn fill(&self) -> anyhow::Result<PathBuf> {
        let file = self.0.join("full");
        let status =
            Command::new("dd").arg("if=/dev/zero").arg(format!("of={}", file.display())).arg("bs=4k").output()?;
        anyhow::ensure!(!status.status.success(), "the disk did not fill up");
        Ok(file)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily, because a process that is just being killed may still hold a file.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[tokio::test]
async fn a_full_disk_stops_the_node_with_a_clear_error_and_loses_nothing() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let Some(disk) = SmallDisk::mount(dir.path().join("disk"))? else { return Ok(()) };
    let executable = binaries::copied("the-block", dir.path())?;
    let mut network = Network::write_with(&executable, &disk.0.join("network"), 1, free_base_port(1)?, QUICK)?;
    let node = &mut network.nodes[0];
    node.output = Some(dir.path().join("node.log"));
    node.start()?;
    let height = node.reach(5).await?;
    let block = node.call("chain.block", json!({ "height": height })).await?;

    let filler = disk.fill()?;
    assert_eq!(node.exit().await?.code(), Some(1), "{}", node.last_words());
    let words = node.last_words();
    let sentence = words.lines().rev().find(|line| line.starts_with("the-block: ")).context("no last sentence")?;
    println!("{sentence}");
    assert!(sentence.contains("No space left on device") || sentence.contains("disk"), "{sentence}");

    std::fs::remove_file(filler)?;
    node.start()?;
    node.reach(height + 3).await?;
    assert_eq!(node.call("chain.block", json!({ "height": height })).await?, block, "a block was lost");
    assert_eq!(node.stop().await?.code(), Some(0));
    drop(network);
    drop(disk);
    Ok(())
}
