//! The evaluation plane of this node: the flags of the plans that its operator names, for whoever has a token (ROLLOUTS 12), and the log of
//! blocks for anybody.

use crate::chain::Chain;
use crate::witness::ServedLog;
use anyhow::Context as _;
use host::clock;
use host::config::{Config, Home, Listener};
use primitives::{Digest, Height, Timestamp};
use rpc::NodeSource;
use state::State;
use std::sync::Arc;
use tlog::Tile;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use web::{AccessLog, ChainSource, EvaluationPlane, FlagWrites, Locales, LogUnread, WebMetrics};

/// The chain of this node, as flags are evaluated from it.
struct EvaluatedChain {
    chain: Arc<Chain>,
    node: Arc<dyn NodeSource>,
    network: Digest,
    log: ServedLog,
}

impl ChainSource for EvaluatedChain {
    fn network(&self) -> Digest {
        self.network
    }

    fn read(&self, ask: &mut dyn FnMut(&State<'_>, Height, Timestamp)) {
        // The head is read first: the view may have a newer block, and what that wrote is read again when it is told of.
        let (at, view) = (self.chain.head().at, self.chain.store().view());
        ask(&State::over(&view), at.height, at.time);
    }

    fn newest(&self) -> (Height, Timestamp) {
        let at = self.chain.head().at;
        (at.height, at.time)
    }

    fn clock(&self) -> Timestamp {
        clock::now()
    }

    fn writes(&self) -> &FlagWrites {
        self.chain.flag_writes()
    }

    fn log_checkpoint(&self) -> Option<String> {
        self.log.checkpoint()
    }

    fn log_tile(&self, tile: &Tile) -> Result<Option<Vec<u8>>, LogUnread> {
        self.log.tile(tile).map_err(|error| LogUnread(error.to_string()))
    }

    fn complaint(&self) -> Option<String> {
        let health = self.node.chain_health();
        (!health.ok).then(|| health.warnings.join("; "))
    }
}

/// The server of flags, until it is stopped.
pub struct FlagServer {
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
}

/// Serves the flags of the plans that a configuration names, and the log of blocks.
///
/// # Errors
/// When an address is taken or not this machine's, the folder of the access log cannot be written, or a file of sentences has a mistake.
pub fn serve(
    home: &Home,
    config: &Config,
    chain: Arc<Chain>,
    node: Arc<dyn NodeSource>,
    blocks: ServedLog,
    metrics: WebMetrics,
) -> anyhow::Result<FlagServer> {
    let log = AccessLog::open(&home.web());
    let log = log.with_context(|| format!("cannot keep the access log in {}", home.web().display()))?;
    let locales = Locales::with(&home.locales())?;
    let (stop, stopped) = watch::channel(false);
    let network = chain.genesis().hash();
    let source = Arc::new(EvaluatedChain { chain, node, network, log: blocks });
    let plane = Arc::new(EvaluationPlane::new(source, config.web.clone(), locales, log, metrics, stopped));
    let listen = Listener::of_sockets(&config.web.listen);
    let server = web::serve(&listen, plane).with_context(|| {
        format!(
            "cannot serve flags on {}; stop what uses the port, or set web.listen in config.toml",
            config.web.listen
        )
    })?;
    Ok(FlagServer { stop, server })
}

impl FlagServer {
    /// Ends all streams, and stops when what is asked is answered, or after two seconds.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.server.await {
            tracing::error!(%error, "the server of flags did not stop cleanly");
        }
    }
}
