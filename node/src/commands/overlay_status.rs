//! `the-block net overlay-status`.

use super::Failure;
use anyhow::Context as _;
use rpc::api::NetApiClient;

/// Prints what a running node says of its overlay.
pub(super) fn overlay_status(url: &str, json: bool) -> Result<(), Failure> {
    let node = rpc::client::Node::open(url).map_err(|error| Failure::Usage(error.into()))?;
    let runtime = tokio::runtime::Runtime::new().context("cannot start the asynchronous runtime")?;
    let asked = runtime.block_on(async { node.overlay_status().await.map_err(|error| node.explain(error)) });
    let status = asked.map_err(anyhow::Error::from)?;
    if json {
        println!("{}", serde_json::to_string_pretty(&status).context("a status is always JSON")?);
        return Ok(());
    }
    println!("backend        {}", status.backend);
    println!("peer database  {}", status.peer_db_path);
    println!("live peers     {}", status.live_peers.len());
    for peer in &status.live_peers {
        // Beside each other they would be wider than a terminal.
        println!("  {}\n      {}", peer.peer_id, peer.address);
    }
    println!("known peers    {}", status.persisted_peers);
    Ok(())
}
