//! What does code that somebody else executes in a node reach of its home?

use anyhow::{Context as _, ensure};
use host::config::{Config, Home};
use serde_json::{Value, json};
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use tests::intrusion::Intrusion;
use tests::mirror::{MirrorBehaviour, MirrorServer};
use tests::network::{QUICK, free_base_port};
use tests::votes::approve_release;
use tests::{Contract, Network, NodeProcess, binaries};
use update::{Confinement, Releases, Slot};

/// A user that is nobody else's, by number.
const NODE_USER: u32 = 65_533;

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A network of one whose genesis approves a build, in a place that other users reach.
fn network(dir: &Path, build: &str) -> anyhow::Result<Network> {
    fs::set_permissions(dir, Permissions::from_mode(0o755))?;
    let executable = binaries::copied(build, &dir.join("bin"))?;
    Network::write_with(&executable, &dir.join("network"), 1, free_base_port(1)?, QUICK)
}

/// Gives a home to two users, as an installation does.
fn give_to_two_users(node: &NodeProcess) -> anyhow::Result<()> {
    node.configure(|config| config.supervise.node_user = NODE_USER.to_string())?;
    let home = Home::at(&node.home);
    let config = Config::load(&home)?;
    for slot in Slot::ALL {
        fs::create_dir_all(Releases::of(&home).slot(slot))?;
    }
    for folder in home.of_the_node(&config) {
        fs::create_dir_all(&folder)?;
        give(&folder)?;
        fs::set_permissions(&folder, Permissions::from_mode(0o700))?;
    }
    let keys = [home.node_key(), home.default_validator_key()];
    keys.iter().try_for_each(|key| give(key))
}

fn give(path: &Path) -> anyhow::Result<()> {
    chown(path, Some(NODE_USER), Some(NODE_USER)).with_context(|| format!("cannot give {} away", path.display()))?;
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            give(&entry?.path())?;
        }
    }
    Ok(())
}

/// Nothing that lies in the folders of a home's node is another user's.
fn require_nothing_left_by_others(home: &Home) -> anyhow::Result<()> {
    let mut folders = home.of_the_node(&Config::load(home)?);
    let mut left = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let found = fs::symlink_metadata(&path)?;
            if found.uid() != NODE_USER {
                left.push(path.clone());
            }
            if found.is_dir() {
                folders.push(path);
            }
        }
    }
    ensure!(left.is_empty(), "another user than the node's left {left:?}");
    Ok(())
}

/// Runs the node until it takes part in new blocks, and gives what it reached and what its operator is told.
async fn intrude(node: &mut NodeProcess) -> anyhow::Result<(Intrusion, Value)> {
    node.start()?;
    let height = node.reach(1).await?;
    node.reach(height + 2).await?;
    let health = node.operate("node.health", json!({})).await?;
    let status = node.stop().await?;
    ensure!(status.success(), "{}", node.last_words());
    Ok((Intrusion::take(&node.home)?, health))
}

/// What decides which build runs, of what lies in a home.
fn deciding(home: &Path) -> Vec<PathBuf> {
    let releases = Releases::of(&Home::at(home));
    let config = ["config", "config/config.toml", "config/genesis.json"].map(|name| home.join(name));
    let folders = [home.to_path_buf(), releases.path().into(), releases.slot(Slot::A)];
    let files = [releases.journal(), releases.current()];
    config.into_iter().chain(folders).chain(files).collect()
}

/// Nothing was reached but what is the node's own, though all was tried that is there.
fn require_kept_to_its_own(intrusion: &Intrusion, home: &Path) {
    let own = Home::at(home).of_the_node(&Config::default());
    let strays: Vec<&PathBuf> =
        intrusion.reached.iter().filter(|path| !own.iter().any(|folder| path.starts_with(folder))).collect();
    assert!(strays.is_empty(), "it reached {strays:?}");
    assert!(own.iter().all(|folder| intrusion.reached.contains(folder)), "it has its own: {:?}", intrusion.reached);
    for path in deciding(home).into_iter().chain([Releases::of(&Home::at(home)).executable(Slot::A)]) {
        assert!(intrusion.tried.contains(&path), "{} was not even tried", path.display());
    }
}

#[tokio::test]
async fn h20_code_inside_the_node_reaches_what_is_the_nodes_and_nothing_that_decides_what_runs() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = network(dir.path(), "intruding_release")?;
    let node = &mut network.nodes[0];
    let home = node.home.clone();
    let unsupervised = node.arguments.clone();
    let confines = Confinement::is_enforced();
    ensure!(confines || is_root(), "neither the kernel nor a second user can keep the node from anything here");

    // One user does all: the kernel alone keeps the node to its own, and its operator is told.
    node.supervised();
    let (confined, health) = intrude(node).await?;
    if confines {
        require_kept_to_its_own(&confined, &home);
    }
    assert!(health["warnings"].to_string().contains("E_ONE_USER"), "{health}");

    // Unconfined, the same code reaches all of it: otherwise this test would show nothing.
    node.arguments = unsupervised;
    let (unconfined, _) = intrude(node).await?;
    let missed: Vec<PathBuf> = deciding(&home).into_iter().filter(|path| !unconfined.reached.contains(path)).collect();
    assert!(missed.is_empty(), "without a supervisor it did not reach {missed:?}");

    if !is_root() {
        return Ok(());
    }
    // Two users: what is the supervisor's is not the node's, on any kernel.
    give_to_two_users(node)?;
    node.supervised();
    let (apart, health) = intrude(node).await?;
    require_kept_to_its_own(&apart, &home);
    let warnings = health["warnings"].to_string();
    assert!(!warnings.contains("E_ONE_USER") && !warnings.contains("E_UPDATER_HASH"), "{health}");
    assert_eq!(fs::metadata(home.join("governance_db/CURRENT"))?.uid(), NODE_USER, "the node ran as another user");

    // A home in which that user could write what is the supervisor's is not started.
    chown(home.join("releases"), Some(NODE_USER), None)?;
    node.start()?;
    assert_eq!(node.exit().await?.code(), Some(2), "{}", node.last_words());
    assert!(node.last_words().contains("(E_OWNER)"), "{}", node.last_words());
    assert!(Intrusion::take(&home).is_err(), "nothing was executed");
    Ok(())
}

#[tokio::test]
async fn h20_what_the_nodes_user_fetched_is_installed_by_the_one_that_supervises() -> anyhow::Result<()> {
    if !is_root() {
        // Only root has a second user to give files to.
        return Ok(());
    }
    let dir = tempfile::tempdir()?;
    let mut network = network(dir.path(), "the-block")?;
    let artifact = binaries::variant("the-block", &dir.path().join("new"), "the next release")?;
    let served = dir.path().join("mirror");
    let publish = ["release", "publish", &artifact.display().to_string(), "--dest", &served.display().to_string()];
    Contract::at("http://127.0.0.1:9")?.json(&publish)?;
    let mirror = MirrorServer::of(&served, MirrorBehaviour::Good)?;
    let node = &mut network.nodes[0];
    node.supervised();
    node.configure(|config| {
        config.supervise.switch = true;
        config.supervise.wave_s = 0;
        config.update.sources = vec![mirror.url.clone()];
    })?;
    give_to_two_users(node)?;
    network.start_all()?;
    network.reach(2).await?;
    let hash = approve_release(&mut network, &artifact).await?;
    let node = &mut network.nodes[0];
    node.until("the new build", async |node| {
        let version = node.call("node.version", json!({})).await.ok()?;
        (version["build_bin_hash"] == json!(hash)).then_some(())
    })
    .await?;
    let releases = Releases::of(&Home::at(&node.home));
    let slot = releases.live().context("nothing is linked")?;
    let (held, installed) = (node.home.join(format!("artifacts/{hash}.bin")), releases.executable(slot));
    assert_eq!(fs::metadata(&held)?.uid(), NODE_USER, "the node's user fetched it");
    let installed = fs::metadata(&installed)?;
    assert_eq!((installed.uid(), installed.mode() & 0o7777), (0, 0o555), "the supervisor's installed it");
    assert!(node.stop().await?.success(), "{}", node.last_words());
    Ok(())
}

#[tokio::test]
async fn h20_who_installs_by_hand_fetches_nothing_and_executes_the_build_as_the_nodes_user() -> anyhow::Result<()> {
    if !is_root() {
        // Only root has a second user to give files to.
        return Ok(());
    }
    let dir = tempfile::tempdir()?;
    fs::set_permissions(dir.path(), Permissions::from_mode(0o755))?;
    let bin = dir.path().join("bin");
    let (executable, contract) = (binaries::copied("the-block", &bin)?, binaries::copied("contract", &bin)?);
    let mut network = Network::write_with(&executable, &dir.path().join("network"), 2, free_base_port(2)?, QUICK)?;
    // A build that leaves a mark when it is executed, which nobody but a mirror has.
    let home = Home::at(&network.nodes[1].home);
    let mark = home.path().join("run/mark");
    let artifact = binaries::obliging(&dir.path().join("new"), &mark)?;
    let served = dir.path().join("mirror");
    let publish = ["release", "publish", &artifact.display().to_string(), "--dest", &served.display().to_string()];
    Contract::at("http://127.0.0.1:9")?.json(&publish)?;
    let mirror = MirrorServer::of(&served, MirrorBehaviour::Good)?;
    network.start_all()?;
    network.reach(2).await?;
    let hash = approve_release(&mut network, &artifact).await?;
    let approved = network.nodes[0].height().await?;
    network.nodes[1].reach(approved).await?;
    network.nodes[1].stop().await?;
    give_to_two_users(&network.nodes[1])?;
    require_nothing_left_by_others(&home)?;

    // The operator of the second node installs it by hand; the first one proves that it may.
    let (place, rpc) = (home.path().display().to_string(), network.nodes[0].rpc.clone());
    let from = ["--no-peers", "--source", &mirror.url];
    let fetch = [&["gov", "fetch-release", "--hash", &hash, "--home", &place][..], &from].concat();
    let install = [&fetch[..], &["--install"]].concat();
    let (code, said) = Contract::at(&rpc)?.refused(&install)?;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("has two users") && said.contains(&format!("sudo -u '#{NODE_USER}'")), "{said}");
    assert_eq!(mirror.sent(), 0, "root asked a stranger");
    require_nothing_left_by_others(&home)?;

    // As the sentence says.
    let staged = home.staged(hash.parse()?).display().to_string();
    assert!(said.contains(&staged), "{said}");
    let mut as_the_node = Command::new(contract);
    as_the_node.args(&fetch).args(["--dest", &staged, "--rpc", &rpc]).env_clear().current_dir("/");
    let fetched = as_the_node.uid(NODE_USER).gid(NODE_USER).output()?;
    ensure!(fetched.status.success(), "{}", String::from_utf8_lossy(&fetched.stderr));
    let installed = Contract::at(&rpc)?.run(&install)?;
    ensure!(installed.status.success(), "{}", String::from_utf8_lossy(&installed.stderr));

    let releases = Releases::of(&home);
    let slot = releases.live().context("nothing is linked")?;
    let executable = fs::metadata(releases.executable(slot))?;
    assert_eq!((executable.uid(), executable.mode() & 0o7777), (0, 0o555), "root installed it");
    assert_eq!(fs::metadata(&mark)?.uid(), NODE_USER, "it was executed as another user");
    require_nothing_left_by_others(&home)
}
