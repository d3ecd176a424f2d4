//! What does a supervisor execute, what does it bring along, and what does a node say of its supervisor?

use host::config::Home;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use tests::mirror::{MirrorBehaviour, MirrorServer};
use tests::network::{QUICK, free_base_port};
use tests::processes::children_of;
use tests::votes::{all_yes, approve_release, concluded, propose};
use tests::{Contract, Network, NodeProcess, binaries};
use update::audit::{self, Action};
use update::{Installer, Journal, RealDisk, Releases, Slot, Step};

/// A network of one that runs the product as its genesis approves it, until it is stopped and supervised.
struct Scene {
    dir: tempfile::TempDir,
    network: Network,
    /// What the obliging release leaves when it is executed.
    mark: PathBuf,
}

impl Scene {
    async fn set() -> anyhow::Result<Self> {
        let dir = tempfile::tempdir()?;
        let executable = binaries::copied("the-block", &dir.path().join("bin"))?;
        let network = Network::write_with(&executable, &dir.path().join("network"), 1, free_base_port(1)?, QUICK)?;
        // Where a build that is confined to the folders of its node leaves one too.
        let mark = network.nodes[0].home.join("run/mark");
        let mut scene = Self { dir, network, mark };
        scene.node().configure(|config| {
            config.supervise.switch = true;
            config.supervise.max_attempts = 2;
        })?;
        scene.run().await?;
        Ok(scene)
    }

    fn node(&mut self) -> &mut NodeProcess {
        &mut self.network.nodes[0]
    }

    fn releases(&self) -> Releases {
        Releases::of(&Home::at(&self.network.nodes[0].home))
    }

    fn obliging(&self) -> anyhow::Result<PathBuf> {
        binaries::obliging(&self.dir.path().join("obliging"), &self.mark)
    }

    /// Runs the product without a supervisor, until it takes part in new blocks.
    async fn run(&mut self) -> anyhow::Result<()> {
        let node = self.node();
        node.arguments = vec!["start".into(), "--home".into(), node.home.display().to_string()];
        node.start()?;
        let height = node.reach(1).await?;
        node.reach(height + 2).await?;
        Ok(())
    }

    /// Stops the node when it runs, and supervises it until that ends by itself; gives the exit code and what was said.
    async fn supervise(&mut self) -> anyhow::Result<(Option<i32>, String)> {
        let node = self.node();
        if node.has_started() {
            node.stop().await?;
        }
        let before = std::fs::read(node.log())?.len();
        node.supervised();
        node.start()?;
        let status = node.exit().await?;
        let log = std::fs::read(node.log())?;
        Ok((status.code(), String::from_utf8_lossy(&log[before..]).into_owned()))
    }

    /// The chain approves two releases one after the other, and an operator installs each: the first lies in slot a then, the
    /// second in slot b, which runs next.
    async fn install_both(&mut self, first: &Path, second: &Path) -> anyhow::Result<(String, String)> {
        let served = self.dir.path().join("mirror").display().to_string();
        let contract = Contract::at(&self.network.nodes[0].rpc)?;
        for build in [first, second] {
            contract.json(&["release", "publish", &build.display().to_string(), "--dest", &served])?;
        }
        let mirror = MirrorServer::of(Path::new(&served), MirrorBehaviour::Good)?;
        let contract = contract.fetching_from(&mirror);
        let home = self.network.nodes[0].home.display().to_string();
        let mut hashes = Vec::new();
        for build in [first, second] {
            let hash = approve_release(&mut self.network, build).await?;
            let fetch = ["gov", "fetch-release", "--hash", &hash, "--install", "--no-peers", "--home", &home];
            let output = contract.run(&fetch)?;
            anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            hashes.push(hash);
        }
        assert_eq!(self.releases().live(), Some(Slot::B));
        // The mark works: the self-check before the installation left one.
        assert!(std::fs::read_to_string(&self.mark)?.contains("--self-check"));
        std::fs::remove_file(&self.mark)?;
        let [first, second] = <[String; 2]>::try_from(hashes).expect("two were installed");
        Ok((first, second))
    }

    /// Governance takes a build out of use, and the notice is over.
    async fn revoke(&mut self, hash: &str, reason: &str) -> anyhow::Result<()> {
        let id = propose(&self.network, &["propose-revoke", "--hash", hash, "--reason", reason]).await?;
        all_yes(&self.network, id)?;
        assert_eq!(concluded(self.node(), id).await?, "activated");
        self.node()
            .until("the end of the notice", async |node| {
                let release = node.call("gov.release", json!({ "hash": hash })).await.ok()?;
                release["verdict"].get("revoked").map(|_| ())
            })
            .await
    }

    /// Nothing was executed that left a mark, the link is where it was, and the audit log says why nothing runs.
    fn require_safe_mode(&self, linked: Slot, why: &str) -> anyhow::Result<()> {
        assert!(!self.mark.exists(), "it was executed: {}", std::fs::read_to_string(&self.mark)?);
        assert_eq!(self.releases().live(), Some(linked), "the link is where it was");
        let newest = audit::read(&self.releases())?.pop().map(|entry| entry.action);
        assert!(matches!(&newest, Some(Action::SafeMode { reason, .. }) if reason.contains(why)), "{why}: {newest:?}");
        assert!(!self.releases().path().join("slots/a/the-block.new").exists());
        Ok(())
    }

    fn refused(&mut self, code: &str) -> anyhow::Result<f64> {
        self.node().metric(&format!("release_updates_refused_total{{code=\"{code}\"}}"))
    }
}

#[tokio::test]
async fn h05_t18_t19_a_revoked_build_behind_a_crashing_one_is_never_executed() -> anyhow::Result<()> {
    let mut scene = Scene::set().await?;
    let crashing = binaries::copied("crashing_release", &scene.dir.path().join("crashing"))?;
    let obliging = scene.obliging()?;
    let (revoked, crashed) = scene.install_both(&obliging, &crashing).await?;
    scene.revoke(&revoked, "it steals keys").await?;
    let (code, said) = scene.supervise().await?;
    assert_eq!(code, Some(11), "{said}");
    assert!(said.contains("this release does not come up"), "the build on trial was tried: {said}");
    assert!(said.contains("(E_PREVIOUS_REFUSED)") && said.contains("it steals keys"), "{said}");
    scene.require_safe_mode(Slot::B, "it steals keys")?;
    let journal = Journal::open(&scene.releases())?;
    assert!(journal.bad.iter().any(|bad| bad.hash.to_string() == crashed), "{:?}", journal.bad);
    scene.run().await?;
    assert_eq!(scene.node().metric("release_rollbacks_total")?, 1.0);
    Ok(())
}

#[tokio::test]
async fn h05_t02_t19_an_older_and_a_revoked_build_behind_a_retired_one_are_not_executed() -> anyhow::Result<()> {
    let mut scene = Scene::set().await?;
    let next = binaries::variant("the-block", &scene.dir.path().join("next"), "it runs, and is retired")?;
    let obliging = scene.obliging()?;
    let (older, retired) = scene.install_both(&obliging, &next).await?;
    Installer::open(scene.releases(), &RealDisk)?.settle()?;
    assert_eq!(Journal::open(&scene.releases())?.step, Step::Settled);

    // The older one may run, and is not gone back to by itself.
    scene.revoke(&retired, "it leaks").await?;
    let (code, said) = scene.supervise().await?;
    assert_eq!(code, Some(11), "{said}");
    assert!(said.contains("it leaks") && said.contains("(E_ROLLBACK)"), "{said}");
    scene.require_safe_mode(Slot::B, "(E_ROLLBACK)")?;

    scene.run().await?;
    assert_eq!(scene.refused("E_ROLLBACK")?, 1.0);
    scene.revoke(&older, "it steals keys").await?;
    let (code, said) = scene.supervise().await?;
    assert_eq!(code, Some(11), "{said}");
    assert!(said.contains("(E_PREVIOUS_REFUSED)") && said.contains("it steals keys"), "{said}");
    scene.require_safe_mode(Slot::B, "it steals keys")
}

#[tokio::test]
async fn h05_t01_t18_what_was_written_over_the_installed_build_is_not_executed() -> anyhow::Result<()> {
    let mut scene = Scene::set().await?;
    let obliging = scene.obliging()?;
    // The chain approves it, so that nothing but the journal stands in its way.
    approve_release(&mut scene.network, &obliging).await?;
    let height = scene.node().height().await?;
    scene.node().stop().await?;
    scene.node().supervised();
    scene.node().start()?;
    scene.node().reach(height + 2).await?;
    assert_eq!(scene.releases().live(), Some(Slot::A), "the product was adopted");
    scene.node().stop().await?;

    let (installed, product) = (scene.releases().executable(Slot::A), scene.node().executable.clone());
    binaries::put(&obliging, &installed)?;
    for _ in 0..2 {
        let (code, said) = scene.supervise().await?;
        assert_eq!(code, Some(10), "{said}");
        assert!(said.contains("(E_SELF_HASH)"), "{said}");
        scene.require_safe_mode(Slot::A, "(E_SELF_HASH)")?;
    }
    // The right bytes, which somebody could change before they are executed.
    binaries::put(&product, &installed)?;
    assert!(Command::new("chmod").arg("755").arg(&installed).status()?.success());
    let (code, said) = scene.supervise().await?;
    assert_eq!(code, Some(10), "{said}");
    scene.require_safe_mode(Slot::A, "(E_UNSAFE_FILE)")?;

    // The right bytes, sealed.
    binaries::put(&product, &installed)?;
    scene.node().start()?;
    scene.node().reach(height + 4).await?;
    assert_eq!((scene.refused("E_SELF_HASH")?, scene.refused("E_UNSAFE_FILE")?), (1.0, 1.0), "each is on record once");
    Ok(())
}

/// A library that leaves a mark when a process ends into which it was loaded.
fn meddling_library(dir: &Path, mark: &Path) -> anyhow::Result<PathBuf> {
    let (source, library) = (dir.join("meddling.c"), dir.join("libmeddling.so"));
    std::fs::write(
        &source,
        format!(
            "#include <fcntl.h>\n#include <unistd.h>\n\
             unsigned int la_version(unsigned int version) {{ return version; }}\n\
             __attribute__((destructor)) static void leave(void) {{\n\
             int file = open({:?}, O_CREAT | O_WRONLY, 0600); if (file >= 0) close(file);\n}}\n",
            mark.display().to_string()
        ),
    )?;
    let compiled = Command::new("cc").args(["-shared", "-fPIC", "-o"]).args([&library, &source]).status()?;
    anyhow::ensure!(compiled.success(), "the C compiler failed");
    Ok(library)
}

/// What a process was told by its environment.
fn environment_of(process: u32) -> anyhow::Result<Vec<String>> {
    let text = String::from_utf8_lossy(&std::fs::read(format!("/proc/{process}/environ"))?).into_owned();
    Ok(text.split('\0').filter_map(|one| one.split_once('=')).map(|(name, _)| name.to_owned()).collect())
}

/// A process has nothing of the library, and goes by the product's name.
fn require_plain(process: u32, library: &Path) -> anyhow::Result<()> {
    let mapped = std::fs::read_to_string(format!("/proc/{process}/maps"))?;
    assert!(mapped.contains("the-block"), "it is the product: {mapped}");
    assert!(!mapped.contains(&library.display().to_string()), "it is loaded: {mapped}");
    assert_eq!(std::fs::read_to_string(format!("/proc/{process}/comm"))?, "the-block\n");
    Ok(())
}

#[tokio::test]
async fn h05_t08_nothing_that_the_environment_names_is_loaded_into_what_decides_or_runs() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mark = dir.path().join("mark");
    let library = meddling_library(dir.path(), &mark)?;
    let mut network = Network::write(&dir.path().join("network"), 1, QUICK)?;
    let place = library.display().to_string();
    let loading = [
        ("LD_PRELOAD", place.clone()),
        ("LD_AUDIT", place),
        ("LD_LIBRARY_PATH", dir.path().display().to_string()),
        ("A_STRANGERS_VARIABLE", "1".into()),
        ("TB_KEY_PASSPHRASE", "the key is not encrypted".into()),
    ];
    // The library works, in a program that does nothing about it.
    assert!(Command::new("true").env("LD_PRELOAD", &library).status()?.success() && mark.exists());
    std::fs::remove_file(&mark)?;

    let node = &mut network.nodes[0];
    let check = ["check".to_owned(), "--home".into(), node.home.display().to_string()];
    let checked = Command::new(&node.executable).args(&check).envs(loading.clone()).output()?;
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    assert!(!mark.exists(), "it is in `check`");

    node.environment = loading.map(|(name, value)| (name.to_owned(), value)).to_vec();
    node.start()?;
    node.reach(2).await?;
    require_plain(node.process_id().expect("it runs"), &library)?;
    assert!(node.stop().await?.success() && !mark.exists(), "it is in `start`: {}", node.last_words());

    node.supervised();
    node.start()?;
    node.reach(4).await?;
    let supervisor = node.process_id().expect("it runs");
    require_plain(supervisor, &library)?;
    let started = children_of(supervisor)?;
    assert_eq!(started.len(), 1, "{started:?}");
    require_plain(started[0], &library)?;
    let told = environment_of(started[0])?;
    for named in ["TB_SUPERVISED", "TB_KEY_PASSPHRASE"] {
        assert!(told.iter().any(|name| name == named), "{named}: {told:?}");
    }
    let stray = |name: &&String| name.starts_with("LD_") || ["A_STRANGERS_VARIABLE", "PATH"].contains(&name.as_str());
    assert_eq!(told.iter().find(stray), None, "{told:?}");
    assert!(node.stop().await?.success() && !mark.exists(), "it is in `supervise`: {}", node.last_words());
    Ok(())
}

/// What is wrong with the latest boot of a build on a node, by chain state; none before the node has said that it booted it.
async fn warning_of_boot(node: &NodeProcess, hash: &Value, account: &str) -> Option<Value> {
    let release = node.call("gov.release", json!({ "hash": hash })).await.ok()?;
    let booted = |one: &&Value| one["node"] == account && one["stage"] == "booted";
    release["stages"].as_array()?.iter().find(booted).map(|one| one["reason"].clone())
}

#[tokio::test]
async fn h05_t29_a_tampered_supervisor_is_in_the_health_and_in_the_receipt_of_its_node() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(&dir.path().join("network"), 1, QUICK)?;
    let tampered = binaries::variant("the-block", &dir.path().join("tampered"), "nobody approved this supervisor")?;
    let node = &mut network.nodes[0];
    node.supervised();
    node.start()?;
    let (account, mut height) = (node.account.clone(), node.reach(2).await?);
    let running = node.call("node.version", json!({})).await?["build_bin_hash"].clone();
    let said = node.until("the receipt", async |node| warning_of_boot(node, &running, &account).await).await?;
    assert_eq!(said, Value::Null, "its supervisor is approved");
    // A boot is on record once an epoch.
    height = node.reach(height + 6).await?;
    node.stop().await?;

    node.executable = tampered;
    node.start()?;
    node.reach(height + 2).await?;
    let health = node.operate("node.health", json!({})).await?;
    assert!(health["warnings"].to_string().contains("E_UPDATER_HASH"), "{health}");
    let said = node
        .until("the receipt", async |node| {
            warning_of_boot(node, &running, &account).await.filter(|warning| !warning.is_null())
        })
        .await?;
    assert!(said.to_string().contains("E_UPDATER_HASH"), "{said}");
    let version = node.call("node.version", json!({})).await?;
    assert_eq!(version["build_bin_hash"], running, "the node itself is what it was");
    Ok(())
}
