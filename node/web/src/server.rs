//! The server: where it listens, and until when.

use crate::connections::{BoundedListener, Connections};
use crate::endpoints::Endpoints;
use crate::plane::EvaluationPlane;
use host::config::Listener;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::{JoinHandle, JoinSet};

/// How long requests that are under way are waited for when the server stops.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

/// Serves the plane at some addresses, and compiles what blocks write, until its `stopped` says so.
///
/// # Errors
/// When an address is taken or not this machine's.
pub fn serve(listen: &[Listener], plane: Arc<EvaluationPlane>) -> io::Result<JoinHandle<()>> {
    let endpoints = Endpoints::of(plane.clone());
    let connections = Connections::new(plane.settings.max_streams, &plane.settings.trusted_proxies);
    let mut servers = JoinSet::new();
    for Listener { address, v6_only } in listen {
        let listener = rpc::listen_on(*address, *v6_only)?;
        let listener = BoundedListener { listener, connections: connections.clone() };
        let until_stopped = until_stopped(plane.clone());
        servers.spawn(axum::serve(listener, endpoints.clone()).with_graceful_shutdown(until_stopped).into_future());
    }
    let refreshing = tokio::spawn(keep_up(plane.clone()));
    Ok(tokio::spawn(async move {
        let all = async {
            while let Some(ended) = servers.join_next().await {
                if let Ok(Err(error)) = ended {
                    tracing::error!(%error, "the server of flags stopped");
                }
            }
        };
        let too_long = async {
            until_stopped(plane).await;
            // A request that never ends is waited for by nobody.
            tokio::time::sleep(LAST_ANSWERS).await;
        };
        tokio::select! {
            () = all => {}
            () = too_long => {}
        }
        refreshing.abort();
    }))
}

async fn until_stopped(plane: Arc<EvaluationPlane>) {
    let mut stopped = plane.stopped.clone();
    let _ = stopped.wait_for(|stop| *stop).await;
}

/// Compiles what blocks write, on a thread that may read state, so that no block waits for it.
async fn keep_up(plane: Arc<EvaluationPlane>) {
    let mut blocks = plane.source.writes().blocks();
    // What came between the first compilation and here is taken too.
    blocks.mark_changed();
    while blocks.changed().await.is_ok() {
        let refreshed = plane.clone();
        if let Err(error) = tokio::task::spawn_blocking(move || refreshed.refresh()).await {
            tracing::error!(%error, "what a block wrote about flags was not compiled");
        }
    }
}
