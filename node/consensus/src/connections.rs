//! Ending connections, and taking peers back.
//!
//! The engine has no request for either. It disconnects a peer that is taken out of the configured ones, while it takes those
//! alone, and lets it in again once it is put back.

use arc_malachitebft_app::types::PeerId;
use arc_malachitebft_app_channel::NetworkRequest;
use libp2p::Multiaddr;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::mpsc;
use tracing::warn;

/// The engine's list of peers, for as long as it runs.
#[derive(Debug, Clone)]
pub struct Connections {
    requests: mpsc::Sender<NetworkRequest>,
    /// Whether the engine is being asked to disconnect a stranger; one at a time is enough.
    refusing: Arc<AtomicBool>,
}

impl Connections {
    /// Over the engine's own requests.
    pub fn new(requests: mpsc::Sender<NetworkRequest>) -> Self {
        Self { requests, refusing: Arc::default() }
    }

    /// Disconnects a configured peer, and lets it in no more.
    pub fn end(&self, addresses: Vec<Multiaddr>) {
        let requests = self.requests.clone();
        tokio::spawn(async move {
            for address in addresses {
                said(NetworkRequest::remove_persistent_peer(&requests, address).await);
            }
        });
    }

    /// Lets a configured peer in again.
    pub fn take_back(&self, addresses: Vec<Multiaddr>) {
        let requests = self.requests.clone();
        tokio::spawn(async move {
            for address in addresses {
                said(NetworkRequest::add_persistent_peer(&requests, address).await);
            }
        });
    }

    /// Disconnects a peer that is not configured. The engine refuses such a one when it says who it is, and keeps one that never
    /// says it: so it is configured for a moment, to be taken out.
    pub fn refuse(&self, peer: PeerId) {
        let Ok(address) = format!("/p2p/{peer}").parse::<Multiaddr>() else { return };
        if self.refusing.swap(true, Ordering::Relaxed) {
            return;
        }
        let Self { requests, refusing } = self.clone();
        tokio::spawn(async move {
            said(NetworkRequest::add_persistent_peer(&requests, address.clone()).await);
            said(NetworkRequest::remove_persistent_peer(&requests, address).await);
            refusing.store(false, Ordering::Relaxed);
        });
    }
}

/// Logs what the engine did not do. It is asked again when the peer speaks again.
fn said<E: fmt::Display, F: fmt::Display>(outcome: Result<Result<(), E>, F>) {
    match outcome {
        Ok(Ok(())) => {}
        Ok(Err(error)) => warn!(%error, "the consensus engine did not change its peers"),
        Err(error) => warn!(%error, "the consensus engine could not be asked to change its peers"),
    }
}
