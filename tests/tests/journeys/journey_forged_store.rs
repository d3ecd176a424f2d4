//! Does a home run on the chain of whoever can write its data folder? It does not, however well that chain fits together.

use host::config::Home;
use light::testing::TestChain;
use parity_scale_codec::Encode as _;
use primitives::SecretKey;
use runtime::Genesis;
use std::path::{Path, PathBuf};
use std::process::Command;
use store::db::{Access, Extent, Settings, Store};
use tests::network::{QUICK, free_base_port};
use tests::refusal::refused_start;
use tests::stored::store_of;
use tests::{Network, NodeProcess, binaries};
use update::Releases;
use update::release_file::measure_file;

/// Blocks of a forged chain: more than the home has seen.
const FORGED: u64 = 60;

/// A network of one whose node has run twice and is stopped, and a build that its chain never approved.
struct Scene {
    dir: tempfile::TempDir,
    network: Network,
    genesis: Genesis,
    unapproved: PathBuf,
}

impl Scene {
    async fn set() -> anyhow::Result<Self> {
        let dir = tempfile::tempdir()?;
        let executable = binaries::copied("the-block", &dir.path().join("bin"))?;
        let unapproved = binaries::variant("the-block", &dir.path().join("wrong"), "nobody approved it")?;
        let mut network = Network::write_with(&executable, &dir.path().join("network"), 1, free_base_port(1)?, QUICK)?;
        network.start_all()?;
        network.reach(12).await?;
        assert!(network.nodes[0].stop().await?.success());
        let genesis = serde_json::from_str(&std::fs::read_to_string(Home::at(&network.nodes[0].home).genesis())?)?;
        Ok(Self { dir, network, genesis, unapproved })
    }

    /// A store of a chain whose validator is a thief and whose genesis approves another build, with this network's genesis in it.
    fn by_other_keys(&self) -> anyhow::Result<PathBuf> {
        let thief = SecretKey::from_seed(&[9; 32]);
        let validator = &self.network.nodes[0].account;
        let text = serde_json::to_string(&self.genesis)?.replace(validator, &thief.account().to_string());
        let mut forged: Genesis = serde_json::from_str(&text)?;
        assert_ne!(forged, self.genesis, "the validator is the thief");
        forged.releases.approved[0].build_hash = measure_file(&self.unapproved)?;
        forged.releases.manifests[0].build_hash = forged.releases.approved[0].build_hash;
        self.store_of(forged, thief, "by-other-keys")
    }

    /// A store of another history that the validator of genesis itself has signed.
    fn second_history(&self) -> anyhow::Result<PathBuf> {
        let validator = host::keys::read(Path::new(&self.network.nodes[0].key()))?;
        self.store_of(self.genesis.clone(), validator, "second-history")
    }

    fn store_of(&self, genesis: Genesis, key: SecretKey, name: &str) -> anyhow::Result<PathBuf> {
        let path = self.dir.path().join(name);
        let mut chain = TestChain::with_keys(genesis, vec![key]);
        chain.until(FORGED);
        store_of(&chain, &path)?;
        let options = rocksdb::Options::default();
        let columns = rocksdb::DB::list_cf(&options, &path)?;
        let mut db = rocksdb::DB::open_cf(&options, &path, columns)?;
        db.put(b"genesis", self.genesis.encode())?;
        // The hops are made anew, as trust takes them from that genesis, and so is the tree of blocks.
        db.put(b"schema", 2u32.encode())?;
        db.drop_cf("hops")?;
        db.drop_cf("log")?;
        db.flush()?;
        drop(db);
        // By itself there is nothing wrong with it.
        Store::open(&path, Access::Primary, Settings::default())?.verify(Extent::Whole, u64::MAX)?;
        Ok(path)
    }
}

/// Puts a store in the place of what a home has.
fn put(store: &Path, node: &NodeProcess) -> anyhow::Result<()> {
    let place = node.home.join("governance_db");
    let _ = std::fs::remove_dir_all(&place);
    let status = Command::new("cp").arg("-rT").args([store, &place]).status()?;
    anyhow::ensure!(status.success(), "cannot copy {}", store.display());
    Ok(())
}

/// Neither the boot check nor a start, by itself or supervised, goes on with what lies in the home, which stays as it is.
async fn require_unproven(node: &mut NodeProcess, executable: &Path, why: &str) -> anyhow::Result<()> {
    node.executable = executable.into();
    let remembered = std::fs::read(Home::at(&node.home).anchor()).ok();
    let (code, report) = node.check()?;
    assert!(code == Some(12) && report["code"] == "E_PROOF", "{code:?}: {report}");
    let refused = refused_start(node).await?;
    assert_eq!(refused.code, Some(12), "{refused:?}");
    assert!(refused.said.contains("(E_PROOF)") && refused.said.contains(why), "{refused:?}");
    assert_eq!(Releases::of(&Home::at(&node.home)).live(), None, "nothing was linked");
    assert_eq!(std::fs::read(Home::at(&node.home).anchor()).ok(), remembered, "trust has not moved");
    Ok(())
}

fn refusals(node: &NodeProcess) -> anyhow::Result<f64> {
    node.metric("release_updates_refused_total{code=\"E_PROOF\"}")
}

#[tokio::test]
async fn h11_t21_t22_a_whole_store_that_other_keys_signed_boots_no_fresh_home() -> anyhow::Result<()> {
    let mut scene = Scene::set().await?;
    let (forged, approved) = (scene.by_other_keys()?, scene.network.nodes[0].executable.clone());
    let mut node = scene.network.follower()?;
    put(&forged, &node)?;
    for executable in [&scene.unapproved, &approved] {
        require_unproven(&mut node, executable, "trusted power signed").await?;
    }
    // Who asks the home instead of the chain learns nothing either.
    let anchor = store::anchor_of(&Home::at(&node.home), &host::config::Config::default(), &scene.genesis)?;
    assert_eq!(anchor, light::Anchor::genesis(&scene.genesis));

    std::fs::remove_dir_all(node.home.join("governance_db"))?;
    scene.network.start_all()?;
    node.start()?;
    node.reach(14).await?;
    assert_eq!(refusals(&node)?, 2.0, "once for each of the two builds");
    Ok(())
}

#[tokio::test]
async fn h11_t22_a_home_that_has_verified_a_chain_boots_no_other() -> anyhow::Result<()> {
    let mut scene = Scene::set().await?;
    let approved = scene.network.nodes[0].executable.clone();
    let (forged, second, own) = (scene.by_other_keys()?, scene.second_history()?, scene.dir.path().join("own"));
    let node = &mut scene.network.nodes[0];
    assert!(Home::at(&node.home).anchor().is_file(), "it was kept when the node stopped");
    assert!(Command::new("cp").arg("-rT").args([&node.home.join("governance_db"), &own]).status()?.success());

    put(&forged, node)?;
    require_unproven(node, &scene.unapproved, "this home has verified block").await?;
    put(&second, node)?;
    require_unproven(node, &approved, "this home has verified block").await?;
    // A supervisor finds the same, before it executes anything.
    node.supervised();
    let before = std::fs::read_to_string(node.log())?.len();
    node.start()?;
    assert_eq!(node.exit().await?.code(), Some(12), "{}", node.last_words());
    let said = std::fs::read_to_string(node.log())?.split_off(before);
    assert!(said.contains("(E_PROOF)"), "{said}");

    // A home that has verified nothing cannot tell the second history from the first.
    let mut fresh = scene.network.follower()?;
    put(&second, &fresh)?;
    let (code, report) = fresh.check()?;
    assert_eq!(code, Some(0), "{report}");
    fresh.executable.clone_from(&scene.unapproved);
    // Its blocks are made ahead of their times, so that a clock that they are ahead of may be what is in doubt first.
    let (code, report) = fresh.check()?;
    assert!(matches!(code, Some(10 | 14)), "{code:?}: {report}");

    let node = &mut scene.network.nodes[0];
    put(&own, node)?;
    node.arguments = vec!["start".into(), "--home".into(), node.home.display().to_string()];
    node.start()?;
    node.reach(14).await?;
    assert_eq!(refusals(node)?, 2.0, "once for each build, however often it was found again");
    Ok(())
}
