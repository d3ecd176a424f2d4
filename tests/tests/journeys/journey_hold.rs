//! How long does it keep a supervisor from a release that others say it failed?

use host::config::Home;
use primitives::BuildHash;
use releases::{InstallStage, StageReason};
use runtime::Call;
use serde_json::{Value, json};
use std::path::Path;
use tests::mirror::{MirrorBehaviour, MirrorServer};
use tests::network::{QUICK, free_base_port};
use tests::votes::{all_yes, approve_release, concluded, propose};
use tests::{Contract, Network, NodeProcess, TestWallet, binaries};
use update::Releases;
use update::audit::{self, Action, Entry};

/// The stake of each node, in percent. Any one of them can be missing. The first two say that the release failed; a word of
/// their own supervisors would take that back, so they run without.
const SHARES: [u64; 5] = [25, 15, 20, 20, 20];

/// A running network whose nodes have these shares and would change to a release that a mirror has, were they supervised.
async fn network(dir: &Path, mirror: &str) -> anyhow::Result<Network> {
    let executable = binaries::copied("the-block", &dir.join("bin"))?;
    let mut network = Network::write_with(&executable, &dir.join("network"), 5, free_base_port(5)?, QUICK)?;
    network.hurry()?;
    network.edit_genesis(|genesis| {
        // Nothing that is taken out of use ends while this runs.
        genesis["releases"]["params"]["notice_epochs"] = 500.into();
        let bonds = genesis["staking"]["bonds"].as_array_mut().expect("genesis has bonds");
        bonds.retain(|bond| bond["account"] == bond["validator"]);
        assert_eq!(bonds.len(), SHARES.len());
        for (bond, share) in bonds.iter_mut().zip(SHARES) {
            let amount: u64 = bond["amount"].as_str().and_then(|text| text.parse().ok()).expect("an amount");
            bond["amount"] = (amount / 100 * share).to_string().into();
        }
    })?;
    for node in &network.nodes {
        node.configure(|config| {
            config.supervise.switch = true;
            config.supervise.wave_s = 0;
            config.supervise.health_window_s = 60;
            config.update.sources = vec![mirror.to_owned()];
        })?;
    }
    network.start_all()?;
    network.reach(2).await?;
    Ok(network)
}

/// A validator says, whatever is true, that a release failed on it; gives how much of the stake says so now, in percent.
async fn report_failure(node: &mut NodeProcess, hash: &str) -> anyhow::Result<u64> {
    let build_hash: BuildHash = serde_json::from_value(json!(hash))?;
    let stage = InstallStage::RolledBack { reason: StageReason::new("so they say").unwrap_or_default() };
    let call = Call::Releases(releases::Call::RecordInstall { build_hash, stage });
    let said = TestWallet::open(node.key())?.send(node, &call).await?;
    assert_eq!(said["refusal"], Value::Null, "{said}");
    failed_percent(node, hash).await
}

async fn failed_percent(node: &NodeProcess, hash: &str) -> anyhow::Result<u64> {
    let rollout = node.call("gov.release", json!({ "hash": hash })).await?["rollout"].clone();
    let stake = |name: &str| rollout[name].as_str().and_then(|text| text.parse::<u64>().ok()).expect("an amount");
    Ok(stake("failed_stake") / (stake("total_stake") / 100))
}

/// Has a node go on under its supervisor.
async fn supervise(node: &mut NodeProcess) -> anyhow::Result<()> {
    node.stop().await?;
    node.supervised();
    node.start()
}

async fn runs(node: &mut NodeProcess, hash: &str) -> anyhow::Result<()> {
    node.until("the build", async |node| {
        let version = node.call("node.version", json!({})).await.ok()?;
        (version["build_bin_hash"] == hash).then_some(())
    })
    .await
}

/// A line of a node's audit log, once there is one.
async fn recorded(node: &mut NodeProcess, what: &str, wanted: fn(&Action) -> bool) -> anyhow::Result<Entry> {
    let releases = Releases::of(&Home::at(&node.home));
    node.until(what, async |_| audit::read(&releases).ok()?.into_iter().find(|entry| wanted(&entry.action))).await
}

fn is_held_back(action: &Action) -> bool {
    matches!(action, Action::HeldBack { .. })
}

#[tokio::test]
async fn h18_t20_reports_of_a_third_delay_for_a_while_and_never_on_a_build_that_is_to_stop() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let artifact = binaries::variant("the-block", &dir.path().join("new"), "the next release")?;
    let served = dir.path().join("mirror").display().to_string();
    let publish = ["release", "publish", &artifact.display().to_string(), "--dest", &served];
    Contract::at("http://127.0.0.1:9")?.json(&publish)?;
    let mirror = MirrorServer::of(Path::new(&served), MirrorBehaviour::Good)?;
    let mut network = network(dir.path(), &mirror.url).await?;
    let old = network.nodes[0].call("node.version", json!({})).await?["build_bin_hash"].clone();
    let old = old.as_str().expect("a hash").to_owned();
    let hash = approve_release(&mut network, &artifact).await?;

    // 25 %: too few to keep anybody from it.
    assert_eq!(report_failure(&mut network.nodes[0], &hash).await?, 25);
    supervise(&mut network.nodes[2]).await?;
    runs(&mut network.nodes[2], &hash).await?;
    let happened = audit::read(&Releases::of(&Home::at(&network.nodes[2].home)))?;
    assert!(!happened.iter().any(|entry| is_held_back(&entry.action)), "{happened:?}");

    // 40 %: the others wait, and then try it by themselves.
    assert_eq!(report_failure(&mut network.nodes[1], &hash).await?, 40);
    network.nodes[3].configure(|config| config.supervise.most_hold_s = 8)?;
    supervise(&mut network.nodes[3]).await?;
    let held = recorded(&mut network.nodes[3], "a hold", is_held_back).await?;
    let installed = |action: &Action| matches!(action, Action::Installed { .. });
    let changed = recorded(&mut network.nodes[3], "the change", installed).await?;
    let waited_ms = changed.at.0 - held.at.0;
    assert!(waited_ms > 6_000, "it waited {waited_ms} ms");
    runs(&mut network.nodes[3], &hash).await?;

    // 40 %, and a day to wait: not once the build that runs was taken out of use.
    supervise(&mut network.nodes[4]).await?;
    recorded(&mut network.nodes[4], "a hold", is_held_back).await?;
    let height = network.nodes[0].height().await?;
    network.reach(height + 5).await?;
    let running = network.nodes[4].call("node.version", json!({})).await?["build_bin_hash"].clone();
    assert_eq!((running.as_str(), failed_percent(&network.nodes[0], &hash).await?), (Some(old.as_str()), 40));
    let id = propose(&network, &["propose-revoke", "--hash", &old, "--reason", "it leaks keys"]).await?;
    all_yes(&network, id)?;
    assert_eq!(concluded(&mut network.nodes[0], id).await?, "activated");
    runs(&mut network.nodes[4], &hash).await?;
    let advice = network.nodes[0].call("gov.release_advice", json!({ "hash": old })).await?;
    let epoch = network.nodes[0].call("chain.status", json!({})).await?["epoch"].as_u64().expect("an epoch");
    let end = advice["must_upgrade_by_epoch"].as_u64().expect("an end");
    assert!(end > epoch, "it need not have changed yet: {advice}");
    Ok(())
}
