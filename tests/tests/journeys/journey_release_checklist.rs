//! What does seed 003's checklist look at before a release? The overlay's backend, its peer database and its two metrics, on a
//! node whose peers were taken over from the older store.

use host::config::Config;
use serde_json::{Value, json};
use std::fs;
use std::process::Command;
use tests::network::QUICK;
use tests::{Network, binaries};

#[tokio::test]
async fn a_node_with_a_migrated_peer_store_finds_its_peers_and_shows_them() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(&dir.path().join("network"), 1, QUICK)?;
    network.start_all()?;
    network.reach(2).await?;
    let known = network.nodes[0].call("net.overlay_status", json!({})).await?["local_peer_id"].clone();

    // The follower is told of no overlay peer but by the older store.
    let mut follower = network.follower()?;
    let file = follower.home.join("config/config.toml");
    let mut config = Config::parse(&fs::read_to_string(&file)?, "config.toml")?;
    config.overlay.peers.clear();
    fs::write(&file, config.to_text())?;
    let (older, today) = (follower.home.join("overlay_peers.json"), follower.home.join("overlay/peers.json"));
    let address = format!("127.0.0.1:{}", network.nodes[0].port + 3);
    fs::write(&older, json!([{ "id": known, "addresses": [address] }]).to_string())?;
    let migrator = binaries::built("migrate_overlay_store")?;
    let migrate = || Command::new(&migrator).arg(&older).arg(&today).arg("--json").output();
    let migrated: Value = serde_json::from_slice(&migrate()?.stdout)?;
    assert_eq!(migrated["peers"], 1, "{migrated}");
    let again = migrate()?;
    let said = String::from_utf8_lossy(&again.stderr);
    assert!(again.status.code() == Some(1) && said.contains("pass --force"), "{said}");

    follower.start()?;
    let metrics =
        ["overlay_peer_total", "overlay_peer_persisted_total"].map(|name| format!("{name}{{backend=\"libp2p\"}}"));
    follower
        .until("the migrated peer", async |node| {
            let counted = metrics.iter().all(|name| node.metric(name).is_ok_and(|count| count == 1.0));
            // Metrics are served before questions are answered.
            let status = node.call("net.overlay_status", json!({})).await.ok()?;
            (counted && status["live_peers"][0]["peer_id"] == known).then_some(())
        })
        .await?;
    let status = Command::new(&follower.executable)
        .args(["net", "overlay-status", "--json", "--rpc", &follower.rpc])
        .output()?;
    let status: Value = serde_json::from_slice(&status.stdout)?;
    assert_eq!((&status["backend"], &status["persisted_peers"]), (&json!("libp2p"), &json!(1)), "{status}");
    assert_eq!(status["peer_db_path"], today.display().to_string(), "{status}");
    assert_eq!(status["live_peers"][0]["peer_id"], known, "{status}");

    assert_eq!(follower.stop().await?.code(), Some(0));
    let stored: Value = serde_json::from_slice(&fs::read(&today)?)?;
    assert_eq!(stored["peers"][0]["migrated_at"], migrated["migrated_at"], "the stamp is lost: {stored}");
    Ok(())
}
