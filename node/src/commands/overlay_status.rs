//! `the-block net overlay-status`.

use super::{Failure, print, print_json};
use host::threads;
use rpc::api::NetApiClient;

/// Prints what a running node says of its overlay.
pub(super) fn overlay_status(url: &str, json: bool) -> Result<(), Failure> {
    let node = rpc::client::Node::open(url).map_err(|error| Failure::Usage(error.into()))?;
    let runtime = threads::given(tokio::runtime::Runtime::new()).map_err(anyhow::Error::from)?;
    let asked = runtime.block_on(async { node.overlay_status().await.map_err(|error| node.explain(error)) });
    let status = asked.map_err(anyhow::Error::from)?;
    if json {
        return print_json(&status);
    }
    // Beside each other they would be wider than a terminal.
    let peers: String =
        status.live_peers.iter().map(|peer| format!("  {}\n      {}\n", peer.peer_id, peer.address)).collect();
    let shared: String = status.shared_keys.iter().map(|key| format!("warning        {}\n", key.warning)).collect();
    print(&format!(
        "backend        {}\npeer database  {}\nlive peers     {}\n{peers}known peers    {}\n{shared}",
        status.backend,
        status.peer_db_path,
        status.live_peers.len(),
        status.persisted_peers
    ))
}
