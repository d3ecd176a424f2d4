//! Starting Malachite, and stopping it.

use super::app_loop::AppLoop;
use super::application::Application;
use super::codec::Scale;
use super::config::{ConsensusConfig, EngineConfig};
use super::connections::Connections;
use super::context::ChainContext;
use super::signing::{Signatory, SignatureChecker};
use super::threads::{Threads, workers};
use super::undecided::Undecided;
use super::voices::Voices;
use anyhow::{Context as _, anyhow, bail};
use arc_malachitebft_app::types::PeerId;
use arc_malachitebft_app_channel::{
    AppMsg, Channels, ConsensusContext, EngineHandle, NetworkContext, NetworkIdentity, NetworkRequest, RequestContext,
    SyncContext, WalContext, start_engine,
};
use arc_malachitebft_codec::Codec;
use arc_malachitebft_signing::Signer;
use libp2p::identity::Keypair;
use primitives::SecretKey;
use std::fs::File;
use std::path::PathBuf;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tracing::{debug, error, info, warn};

/// How long the engine may take until it listens.
const READY: Duration = Duration::from_secs(15);
/// How long the engine's parts may take to stop.
const STOP: Duration = Duration::from_secs(10);

/// Starts consensus for one node, on threads of its own. `key` signs votes when its account is in the validator set and is not used
/// otherwise; `node_key` is who this node is on the consensus network.
pub async fn start(
    config: ConsensusConfig,
    key: SecretKey,
    node_key: Keypair,
    app: Arc<dyn Application>,
) -> anyhow::Result<ConsensusHandle> {
    config.check()?;
    let listen = config.listen.clone();
    let threads = Threads::start()?;
    let begun = threads.begin(move || begin(config, key, node_key, app)).await?;
    let Begun { stop, task, net_requests, voices, peer, is_ready } = begun;
    let handle = ConsensusHandle { stop, task, net_requests, voices, peer, _threads: threads };
    // An engine that cannot listen only logs it, and waits for ever.
    match timeout(READY, is_ready).await {
        Ok(Ok(())) => Ok(handle),
        Ok(Err(_)) => Err(handle.await.err().unwrap_or_else(|| anyhow!("consensus ended before it began"))),
        Err(_) => {
            handle.stop().await?;
            bail!("consensus cannot listen on {listen}; is the port taken?")
        }
    }
}

/// Consensus that has begun, and may not listen yet.
struct Begun {
    stop: watch::Sender<bool>,
    task: JoinHandle<anyhow::Result<()>>,
    net_requests: mpsc::Sender<NetworkRequest>,
    voices: Voices,
    peer: libp2p::PeerId,
    is_ready: oneshot::Receiver<()>,
}

/// Begins on the threads of whoever waits for it.
async fn begin(
    config: ConsensusConfig,
    key: SecretKey,
    node_key: Keypair,
    app: Arc<dyn Application>,
) -> anyhow::Result<Begun> {
    let chain = app.chain_id();
    let signatory = Signatory::new(chain.clone(), key.clone());
    let peer_id = node_key.public().to_peer_id();
    let peer = PeerId::from_bytes(&peer_id.to_bytes()).context("the node key has no peer id")?;
    let undecided = Undecided::open(config.dir.join("undecided"), app.head())?;

    let address = signatory.address();
    let proof = signatory
        .sign_validator_proof(key.public().0.to_vec(), peer_id.to_bytes())
        .await
        .map_err(|error| anyhow!("cannot sign the validator proof: {error}"))?;
    let identity =
        NetworkIdentity::new_validator(config.moniker.clone(), node_key, address.to_string(), Scale.encode(&proof)?);
    let (checker, signer) = (Box::new(SignatureChecker::new(chain.clone())), Box::new(signatory.clone()));
    let log = config.dir.join("wal").join("consensus.wal");
    let (channels, engine) = start_engine(
        ChainContext,
        EngineConfig::new(&config, &chain),
        WalContext::new(log.clone(), Scale),
        NetworkContext::new(identity, Scale),
        ConsensusContext::new_validator(address, checker, signer),
        SyncContext::new(Scale),
        RequestContext::new(16),
    )
    .await
    .map_err(|error| anyhow!("cannot start the consensus engine: {error:#}"))?;
    info!(validator = %address, peer = %peer_id, listen = %config.listen, "consensus started");

    let Channels { consensus: inbox, network, net_requests, events, .. } = channels;
    let voices = Voices::default();
    tokio::spawn(voices.clone().listen(events.subscribe()));
    let mut answers = AppLoop::new(app, workers()?, signatory, peer, &config, undecided, network)?;
    answers.connections = (!config.open).then(|| Connections::new(net_requests.clone()));
    let (ready, is_ready) = oneshot::channel();
    answers.ready = Some(ready);
    let (stop, stopped) = watch::channel(false);
    let task = tokio::spawn(supervise(answers, inbox, Engine { engine, log }, stopped));
    Ok(Begun { stop, task, net_requests, voices, peer: peer_id, is_ready })
}

/// Answers Malachite until someone stops it, it stops by itself, or the chain cannot go on.
async fn supervise(
    mut answers: AppLoop,
    inbox: mpsc::Receiver<AppMsg<ChainContext>>,
    engine: Engine,
    mut stopped: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let mut conversation = pin!(answers.run(inbox));
    let outcome = tokio::select! {
        ended = &mut conversation => ended.and(Err(anyhow!("the consensus engine stopped by itself; its log says why"))),
        () = asked(&mut stopped) => {
            // The engine's parts finish what they are at, for which they need their answers.
            let ((), ended) = tokio::join!(engine.stop(), &mut conversation);
            return ended;
        }
    };
    if let Err(error) = &outcome {
        error!("consensus stops: {error:#}");
    }
    engine.stop().await;
    outcome
}

/// Waits until someone wants consensus to stop. A dropped handle means so too.
async fn asked(stopped: &mut watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stop| *stop).await;
}

/// Malachite's actors, and the write-ahead log that they hold locked.
struct Engine {
    engine: EngineHandle,
    log: PathBuf,
}

impl Engine {
    async fn stop(&self) {
        let reason = || Some("the node stops".to_string());
        self.engine.actor.get_cell().stop_children_and_wait(reason(), Some(STOP)).await;
        if self.engine.actor.stop_and_wait(reason(), Some(STOP)).await.is_err() {
            debug!("the consensus engine had stopped already, or did not in time");
        }
        // The thread that writes the log outlives its actor for a moment. What was stopped can be started again at once.
        let log = self.log.clone();
        let released = tokio::task::spawn_blocking(move || File::open(log).and_then(|log| log.lock()));
        if timeout(STOP, released).await.is_err() {
            warn!("the write-ahead log is still in use");
        }
    }
}

/// A running consensus. As a future it resolves when consensus ends: to `Ok` after [`stop`](Self::stop), to an error when
/// the node must not go on. Dropping it stops consensus without waiting.
#[derive(Debug)]
pub struct ConsensusHandle {
    stop: watch::Sender<bool>,
    task: JoinHandle<anyhow::Result<()>>,
    net_requests: mpsc::Sender<NetworkRequest>,
    voices: Voices,
    peer: libp2p::PeerId,
    _threads: Threads,
}

impl ConsensusHandle {
    /// Lets the engine finish what it is at, and waits for it.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.stop.send_replace(true);
        self.await
    }

    /// Who this node is on the consensus network.
    pub fn peer_id(&self) -> libp2p::PeerId {
        self.peer
    }

    /// Which validators are heard.
    pub fn voices(&self) -> Voices {
        self.voices.clone()
    }

    /// A way to ask for the connected peers that can be kept apart from the handle.
    pub fn peers(&self) -> ConsensusPeers {
        ConsensusPeers(self.net_requests.clone())
    }
}

impl Future for ConsensusHandle {
    type Output = anyhow::Result<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.task)
            .poll(cx)
            .map(|ended| ended.unwrap_or_else(|panic| Err(anyhow!("consensus stopped: {panic}"))))
    }
}

/// The peers of the consensus network.
#[derive(Debug, Clone)]
pub struct ConsensusPeers(mpsc::Sender<NetworkRequest>);

impl ConsensusPeers {
    /// The peers connected now; none when consensus has stopped.
    pub async fn connected(&self) -> Vec<libp2p::PeerId> {
        match NetworkRequest::dump_state(&self.0).await {
            Ok(Some(state)) => state.peers.into_keys().collect(),
            _ => Vec::new(),
        }
    }
}
