//! Does a clock that is set back bring back what was refused? Not in the same process, not in the next, and not after a restart.

use host::config::Home;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Output;
use tests::clock::{OtherClock, accept};
use tests::mirror::{MirrorBehaviour, MirrorServer};
use tests::network::QUICK;
use tests::votes::approve_release;
use tests::{Contract, Network, NodeProcess, binaries};
use update::Releases;
use update::audit::{self, Action};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

/// A node that follows a chain which stands still, in which a release is approved that a mirror has.
struct Scene {
    dir: tempfile::TempDir,
    mirror: MirrorServer,
    clock: OtherClock,
    node: NodeProcess,
    hash: String,
}

impl Scene {
    async fn set() -> anyhow::Result<Self> {
        let dir = tempfile::tempdir()?;
        let clock = OtherClock::build(dir.path())?;
        let mut network = Network::write(&dir.path().join("network"), 1, QUICK)?;
        network.start_all()?;
        let artifact = binaries::variant("the-block", &dir.path().join("next"), "the next release")?;
        let served = dir.path().join("mirror");
        let (file, dest) = (artifact.display().to_string(), served.display().to_string());
        Contract::at(&network.nodes[0].rpc)?.json(&["release", "publish", &file, "--dest", &dest])?;
        let mirror = MirrorServer::of(&served, MirrorBehaviour::Good)?;
        network.reach(2).await?;
        let hash = approve_release(&mut network, &artifact).await?;
        let mut node = network.follower()?;
        node.configure(|config| config.update.max_head_age_minutes = 60)?;
        node.start()?;
        let height = network.nodes[0].height().await?;
        node.reach(height).await?;
        // Nobody decides any more, and the follower answers with what it has.
        assert!(network.nodes[0].stop().await?.success());
        Ok(Self { dir, mirror, clock, node, hash })
    }

    fn home(&self) -> Home {
        Home::at(&self.node.home)
    }

    /// Asks for the release, by a new process whose clock is ahead by some seconds.
    fn fetch(&self, ahead: i64, more: &[&str], variables: &[(&str, &str)]) -> anyhow::Result<Output> {
        let mut contract = Contract::at(&self.node.rpc)?.fetching_from(&self.mirror);
        contract.environment.extend(self.clock.ahead(ahead));
        contract.environment.extend(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let home = self.node.home.display().to_string();
        let fetch = ["gov", "fetch-release", "--hash", &self.hash, "--no-peers", "--home", &home];
        contract.run(&[&fetch[..], more].concat())
    }

    /// An installation that must be refused with a code, counted, and with nothing left.
    fn require_refused(&self, ahead: i64, code: &str, variables: &[(&str, &str)]) -> anyhow::Result<()> {
        let releases = Releases::of(&self.home());
        let counted = self.refused(code);
        let output = self.fetch(ahead, &["--install"], variables)?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{ahead} s: {said}");
        assert!(said.contains(&format!("({code})")), "{ahead} s, {code}: {said}");
        assert_eq!(releases.live(), None, "{ahead} s: nothing is linked");
        let staged = self.home().staged(self.hash.parse()?);
        assert!(!staged.exists(), "{ahead} s: nothing is left");
        assert_eq!(self.refused(code), counted + 1.0, "{ahead} s: it is counted");
        Ok(())
    }

    fn refused(&self, code: &str) -> f64 {
        self.node.metric(&format!("release_updates_refused_total{{code=\"{code}\"}}")).unwrap_or(0.0)
    }

    fn accept(&self) -> anyhow::Result<Value> {
        accept(&self.node)
    }
}

#[tokio::test]
async fn h12_t03_t26_a_view_that_stands_still_stays_old_however_the_clock_is_set() -> anyhow::Result<()> {
    let mut scene = Scene::set().await?;
    assert_eq!(scene.node.metric("release_view_frozen")?, 0.0);
    assert_eq!(scene.accept()?["accepted"], false, "there is nothing to accept");

    // At half of the allowed age it is said.
    let dest = scene.dir.path().join("only-to-look-at").display().to_string();
    let looked = scene.fetch(40 * MINUTE, &["--dest", &dest], &[])?;
    let said = String::from_utf8_lossy(&looked.stderr).into_owned();
    assert!(looked.status.success() && said.contains("nothing is installed once it is 3600 s"), "{said}");

    // Then it is refused, and stays so, though the clock of the next process is right, or says the very time of the block.
    scene.require_refused(2 * HOUR, "E_FREEZE", &[])?;
    for ahead in [0, -MINUTE, 30 * MINUTE] {
        scene.require_refused(ahead, "E_FREEZE", &[])?;
    }
    scene.require_refused(-24 * HOUR, "E_FREEZE", &[])?;

    // The node says so, and runs on; after a restart too.
    for _ in 0..2 {
        assert_eq!(scene.node.metric("release_view_frozen")?, 1.0);
        assert!(scene.node.metric("release_clock_behind_seconds")? > 3600.0);
        let health = scene.node.operate("node.health", json!({})).await?;
        assert!(health["warnings"].to_string().contains("`the-block clock accept`"), "{health}");
        assert!(scene.node.stop().await?.success());
        scene.node.start()?;
        scene.node.reach(1).await?;
    }

    let accepted = scene.accept()?;
    assert_eq!(accepted["accepted"], true, "{accepted}");
    let newest = audit::read(&Releases::of(&scene.home()))?.pop().map(|entry| entry.action);
    assert!(matches!(newest, Some(Action::ClockAccepted { latest: Some(_), .. })), "{newest:?}");
    assert_eq!(scene.node.metric("release_view_frozen")?, 0.0);
    assert_eq!(scene.node.metric("release_clock_behind_seconds")?, 0.0);
    let installed = scene.fetch(0, &["--install"], &[])?;
    assert!(installed.status.success(), "{}", String::from_utf8_lossy(&installed.stderr));
    assert_eq!(measured(&Releases::of(&scene.home()).running())?, scene.hash);
    Ok(())
}

#[tokio::test]
async fn h12_t26_a_clock_that_was_set_back_installs_nothing_from_a_view_that_is_young_either() -> anyhow::Result<()> {
    let scene = Scene::set().await?;
    // Refused for another reason, half an hour from now; then the clock is set back, and the reason is gone.
    let stranger = host::keys::generate().public().to_string();
    scene.require_refused(30 * MINUTE, "E_PROVENANCE", &[("TB_RELEASE_SIGNERS", &stranger)])?;
    scene.require_refused(0, "E_CLOCK", &[])?;
    scene.require_refused(25 * MINUTE, "E_CLOCK", &[])?;
    scene.accept()?;
    let installed = scene.fetch(0, &["--install"], &[])?;
    assert!(installed.status.success(), "{}", String::from_utf8_lossy(&installed.stderr));
    Ok(())
}

fn measured(file: &Path) -> anyhow::Result<String> {
    Ok(update::release_file::measure_file(file)?.to_string())
}
