//! Which executable may run? Only one that certified chain state approves, whatever its operator or its disk says.

use parity_scale_codec::{DecodeAll, Encode};
use primitives::BuildHash;
use releases::{ApprovedRelease, queries::release_key};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use tests::network::QUICK;
use tests::refusal::refused_start;
use tests::{Network, NodeProcess, binaries};

/// A network of one whose chain has some blocks and whose node is stopped, and an executable that its state does not know:
/// the node's own with one byte appended, which changes nothing but the hash.
async fn stopped(dir: &Path) -> anyhow::Result<(Network, PathBuf)> {
    let mut network = Network::write(dir, 1, QUICK)?;
    network.start_all()?;
    network.reach(4).await?;
    assert_eq!(network.nodes[0].stop().await?.code(), Some(0));
    let wrong = binaries::copied("the-block", &dir.join("wrong"))?;
    // By another process, as in `binaries::copied`.
    let appended = Command::new("sh").args(["-c", "printf x >> \"$1\"", "sh"]).arg(&wrong).status()?;
    assert!(appended.success());
    Ok((network, wrong))
}

fn hash_of(executable: &Path) -> anyhow::Result<BuildHash> {
    let output = Command::new(executable).args(["version", "--json"]).output()?;
    let version: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    Ok(version["build_bin_hash"].as_str().unwrap_or_default().parse()?)
}

/// Starts a node that the boot check must refuse; no port may open meanwhile.
async fn refused(node: &mut NodeProcess, codes: &[i32]) -> anyhow::Result<String> {
    let refused = refused_start(node).await?;
    assert!(refused.code.is_some_and(|code| codes.contains(&code)), "{refused:?}");
    assert!(refused.said.contains("the-block: refused: "), "{refused:?}");
    Ok(refused.said)
}

#[tokio::test]
async fn an_executable_with_one_byte_appended_is_refused_before_any_port_opens() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let (mut network, wrong) = stopped(dir.path()).await?;
    let (right, hash) = (network.nodes[0].executable.clone(), hash_of(&wrong)?);
    assert_ne!(hash, hash_of(&right)?);
    let node = &mut network.nodes[0];
    node.executable = wrong;
    let said = refused(node, &[10]).await?;
    assert!(said.contains(&format!("build {hash} is not approved")), "{said}");
    assert!(said.contains("contract gov propose-release"), "what to do next is missing: {said}");
    let (code, report) = node.check()?;
    assert_eq!((code, report["decision"].as_str()), (Some(10), Some("not_approved")), "{report}");

    // The refusal has left the home as it was: the right executable goes on.
    node.executable = right;
    node.start()?;
    node.reach(6).await?;
    Ok(())
}

#[tokio::test]
async fn no_variable_and_no_flag_turns_the_check_off() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let (mut network, wrong) = stopped(dir.path()).await?;
    let approved = hash_of(&network.nodes[0].executable)?.to_string();
    let node = &mut network.nodes[0];
    node.executable = wrong.clone();

    let empty = dir.path().join("empty").display().to_string();
    let off = [
        "TB_SKIP_BOOT_CHECK",
        "TB_BOOT_CHECK",
        "TB_DISABLE_BOOT_CHECK",
        "TB_DEV",
        "TB_INSECURE",
        "TB_ALLOW_UNAPPROVED",
    ];
    let hashes = ["TB_BUILD_BIN_HASH", "BUILD_BIN_HASH", "BUILD_SOURCE_HASH", "TB_APPROVED", "TB_TRUSTED_HASH"];
    let mut environment: Vec<(String, String)> = off.map(|name| (name.into(), "1".into())).to_vec();
    environment.extend(hashes.map(|name| (name.to_owned(), approved.clone())));
    environment.push(("LD_PRELOAD".into(), String::new()));
    node.environment = environment;
    refused(node, &[10]).await?;
    // An empty database is not the one that this home has voted with.
    node.environment = vec![("TB_GOV_DB_PATH".into(), empty)];
    refused(node, &[12]).await?;

    node.environment.clear();
    for flag in ["--force", "--skip-boot-check", "--no-check", "--insecure", "--dev"] {
        node.arguments.push(flag.into());
        let refused = refused_start(node).await?;
        assert_eq!(refused.code, Some(2), "{flag}: {refused:?}");
        node.arguments.pop();
    }

    // The executable is measured, not its name or its place.
    let disguised = dir.path().join("disguise/the-block");
    std::fs::create_dir(dir.path().join("disguise"))?;
    std::os::unix::fs::symlink(&wrong, &disguised)?;
    node.executable = disguised;
    refused(node, &[10]).await?;
    Ok(())
}

/// The database with its columns, as a tool of the operator's would open it.
fn database(node: &NodeProcess) -> anyhow::Result<rocksdb::DB> {
    let path = node.home.join("governance_db");
    let options = rocksdb::Options::default();
    let columns = rocksdb::DB::list_cf(&options, &path)?;
    Ok(rocksdb::DB::open_cf(&options, &path, columns)?)
}

/// Changes the row of an approval by hand, in the column that readers scan.
fn write_approval(node: &NodeProcess, of: BuildHash, to: BuildHash) -> anyhow::Result<()> {
    let database = database(node)?;
    let state = database.cf_handle("state").expect("the store has a column for state");
    let row = database.get_cf(state, release_key(&of))?.expect("genesis approved the build");
    let mut approval = ApprovedRelease::decode_all(&mut &row[..])?;
    approval.build_hash = to;
    approval.target.build_hash = to;
    approval.manifest.notes = Some(primitives::Text::new("by hand").unwrap_or_default());
    database.put_cf(state, release_key(&to), approval.encode())?;
    Ok(())
}

#[tokio::test]
async fn t22_an_approval_written_into_the_database_by_hand_helps_nobody() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let (mut network, wrong) = stopped(dir.path()).await?;
    let (good, bad) = (hash_of(&network.nodes[0].executable)?, hash_of(&wrong)?);
    let right = network_executable(&network);
    let node = &mut network.nodes[0];
    let backup = dir.path().join("backup");
    let copy = |from: &Path, to: &Path| Command::new("cp").arg("-rT").args([from, to]).status();
    let store = node.home.join("governance_db");
    assert!(copy(&store, &backup)?.success());

    // An approval of the wrong build, where there was none.
    write_approval(node, good, bad)?;
    node.executable = wrong.clone();
    let said = refused(node, &[10, 12]).await?;
    println!("a row for the wrong build: {said}");

    // The approval of the right build, changed.
    std::fs::remove_dir_all(&store)?;
    assert!(copy(&backup, &store)?.success());
    write_approval(node, good, good)?;
    refused(node, &[10, 12]).await?;
    node.executable = right;
    let said = refused(node, &[12]).await?;
    assert!(said.contains("state root does not commit to"), "{said}");

    // With the old rows back, the right build runs again, and the wrong one does not.
    std::fs::remove_dir_all(&store)?;
    assert!(copy(&backup, &store)?.success());
    node.start()?;
    node.reach(6).await?;
    node.stop().await?;
    node.executable = wrong;
    refused(node, &[10]).await?;
    Ok(())
}

fn network_executable(network: &Network) -> PathBuf {
    network.dir.join("bin/the-block")
}

#[tokio::test]
async fn a_running_executable_that_is_replaced_on_disk_is_measured_anew_at_the_next_start() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(dir.path(), 1, QUICK)?;
    network.start_all()?;
    network.reach(2).await?;
    let path = network_executable(&network);
    // Unlink and write again: the running process keeps the old file, and the path names a new one.
    let mut bytes = std::fs::read(&path)?;
    bytes.push(b'x');
    std::fs::remove_file(&path)?;
    let staged = dir.path().join("staged");
    std::fs::File::create(&staged)?.write_all(&bytes)?;
    assert!(Command::new("install").args(["-m", "755"]).args([&staged, &path]).status()?.success());

    let node = &mut network.nodes[0];
    let height = node.height().await?;
    node.reach(height + 2).await?;
    let running = node.call("node.version", serde_json::json!({})).await?;
    assert_ne!(running["build_bin_hash"], hash_of(&path)?.to_string(), "the process is what it was when it started");
    node.stop().await?;
    refused(node, &[10]).await?;
    Ok(())
}
