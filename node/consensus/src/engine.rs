//! Starting Malachite, and stopping it.

use super::app_loop::AppLoop;
use super::application::Application;
use super::codec::Scale;
use super::config::{ConsensusConfig, EngineConfig};
use super::connections::Connections;
use super::context::ChainContext;
use super::pen::Pen;
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
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tracing::{debug, error, info, warn};

/// How long the engine may take until it listens.
const READY: Duration = Duration::from_secs(15);
/// How long the engine's parts may take to stop.
const STOP: Duration = Duration::from_secs(10);

/// Starts consensus for one node, on threads of its own. `key` signs votes when its account is in the validator set and as far as
/// [`Application::signing`] has it sign here, and is not used otherwise; `node_key` is who this node is on the consensus network.
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
    let Begun { stop, task, net_requests, voices, pen, peer, is_ready } = begun;
    let handle = ConsensusHandle { stop, task, net_requests, voices, pen, peer, _threads: threads };
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
    net_requests: watch::Receiver<mpsc::Sender<NetworkRequest>>,
    voices: Voices,
    pen: Arc<Pen>,
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
    let peer = node_key.public().to_peer_id();
    let pen = Arc::new(Pen::new(app.clone(), key.public(), peer));
    let voices = Voices::default();
    let (begun, is_told) = (AtomicUsize::new(0), AtomicBool::new(false));
    let part = Arc::new(Part { config, key, node_key, app, pen: pen.clone(), voices: voices.clone(), begun, is_told });
    let (ready, is_ready) = oneshot::channel();
    let running = part.begin(ready).await?;
    let (net, net_requests) = watch::channel(running.net_requests.clone());
    let (stop, stopped) = watch::channel(false);
    let task = tokio::spawn(supervise(part, running, net, stopped));
    Ok(Begun { stop, task, net_requests, voices, pen, peer, is_ready })
}

/// One node's part in consensus, whichever engine plays it: one that signs with its key, or one that follows under a key of the moment.
struct Part {
    config: ConsensusConfig,
    key: SecretKey,
    node_key: Keypair,
    app: Arc<dyn Application>,
    pen: Arc<Pen>,
    voices: Voices,
    /// How many engines played it.
    begun: AtomicUsize,
    /// Whether the chain was told of a twin.
    is_told: AtomicBool,
}

/// An engine and whoever answers it.
struct Running {
    answers: AppLoop,
    inbox: mpsc::Receiver<AppMsg<ChainContext>>,
    engine: Engine,
    net_requests: mpsc::Sender<NetworkRequest>,
}

impl Part {
    /// Starts the engine for the height after the head, and tells `ready` once it listens.
    async fn begin(&self, ready: oneshot::Sender<()>) -> anyhow::Result<Running> {
        let (config, app, chain) = (self.config(), self.app.clone(), self.app.chain_id());
        let duty = self.pen.duty(app.head().next());
        let own = Signatory::new(chain.clone(), self.key.clone()).with(self.pen.clone());
        let of_the_moment = Signatory::new(chain.clone(), SecretKey::from_seed(&rand::random()));
        let signatory = if duty.signs { own.clone() } else { of_the_moment.clone() };
        let shown = if duty.shows { own } else { of_the_moment };
        let peer_id = self.node_key.public().to_peer_id();
        let peer = PeerId::from_bytes(&peer_id.to_bytes()).context("the node key has no peer id")?;
        let undecided = Undecided::open(&config.dir, app.head())?;

        let address = signatory.address();
        let proof = shown
            .sign_validator_proof(shown.address().0.key().0.to_vec(), peer_id.to_bytes())
            .await
            .map_err(|error| anyhow!("cannot sign the validator proof: {error}"))?;
        let identity = NetworkIdentity::new_validator(
            config.moniker.clone(),
            self.node_key.clone(),
            shown.address().to_string(),
            Scale.encode(&proof)?,
        );
        let checker = Box::new(SignatureChecker::new(chain.clone()).with(self.pen.clone()));
        // Who follows empties the log at each height, and what was signed stays known.
        let log = config.dir.join("wal").join(if duty.signs { "consensus.wal" } else { "following.wal" });
        let (channels, engine) = start_engine(
            ChainContext,
            EngineConfig::new(&config, &chain),
            WalContext::new(log.clone(), Scale),
            NetworkContext::new(identity, Scale),
            ConsensusContext::new_validator(address, checker, Box::new(signatory.clone())),
            SyncContext::new(Scale),
            RequestContext::new(16),
        )
        .await
        .map_err(|error| anyhow!("cannot start the consensus engine: {error:#}"))?;
        info!(validator = %address, signs = duty.signs, peer = %peer_id, listen = %config.listen, "consensus started");

        let Channels { consensus: inbox, network, net_requests, events, .. } = channels;
        tokio::spawn(self.voices.clone().listen(events.subscribe()));
        let mut answers = AppLoop::new(app, workers()?, signatory, peer, &config, undecided, network)?;
        answers.connections = (!config.open).then(|| Connections::new(net_requests.clone()));
        answers.pen = Some((self.pen.clone(), duty));
        answers.ready = Some(ready);
        Ok(Running { answers, inbox, engine: Engine { engine, log }, net_requests })
    }

    /// The configuration of the next engine: each counts under a name of its own.
    fn config(&self) -> ConsensusConfig {
        let config = self.config.clone();
        match self.begun.fetch_add(1, Ordering::Relaxed) {
            0 => config,
            before => ConsensusConfig { moniker: format!("{} {}", config.moniker, before + 1), ..config },
        }
    }

    /// The same, for whoever is on the threads of consensus already; with what tells when it listens.
    async fn begin_again(self: &Arc<Self>) -> anyhow::Result<(Running, oneshot::Receiver<()>)> {
        let (part, threads) = (self.clone(), Handle::current());
        let (ready, is_ready) = oneshot::channel();
        let begun = tokio::task::spawn_blocking(move || threads.block_on(part.begin(ready)));
        let begun = begun.await.map_err(|panic| anyhow!("consensus stopped before it began again: {panic}"))?;
        Ok((begun?, is_ready))
    }

    /// Stops an engine; meanwhile, and not after it, tells the chain of a twin when one is known, so that a crash forgets none.
    async fn end(&self, engine: &Engine) -> anyhow::Result<()> {
        let (told, ()) = tokio::join!(self.tell(), engine.stop());
        told
    }

    /// Tells the chain of a twin, once, when one is known.
    async fn tell(&self) -> anyhow::Result<()> {
        let known = self.pen.twin().borrow().clone();
        let Some(shown) = known else { return Ok(()) };
        if self.is_told.swap(true, Ordering::Relaxed) {
            return Ok(());
        }
        let app = self.app.clone();
        let told = tokio::task::spawn_blocking(move || app.has_twin(&shown));
        told.await.map_err(|panic| anyhow!("the chain stopped: {panic}"))
    }
}

/// How an engine ended that is not at fault.
enum Ended {
    /// Somebody wants consensus to stop.
    Asked,
    /// The next height is for another one.
    Relieved,
}

/// Lets one engine after the other play the part, until someone stops it, one stops by itself, or the chain cannot go on.
async fn supervise(
    part: Arc<Part>,
    mut running: Running,
    net: watch::Sender<mpsc::Sender<NetworkRequest>>,
    mut stopped: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    // Whoever started the first waits for it.
    let mut is_ready = None;
    loop {
        if let Ended::Asked = play(&part, running, is_ready, &mut stopped).await? {
            return Ok(());
        }
        // One that was found while the engine stopped.
        part.tell().await?;
        let (next, listens) = part.begin_again().await?;
        (running, is_ready) = (next, Some(listens));
        net.send_replace(running.net_requests.clone());
    }
}

/// Answers an engine until it ends, or does not listen in time, where `is_ready` tells.
async fn play(
    part: &Part,
    running: Running,
    is_ready: Option<oneshot::Receiver<()>>,
    stopped: &mut watch::Receiver<bool>,
) -> anyhow::Result<Ended> {
    let Running { mut answers, inbox, engine, .. } = running;
    let duty = answers.pen.as_ref().map(|(_, duty)| *duty);
    let mut twin = part.pen.twin();
    // Who shows nobody the key has nothing to end any more.
    let met = async {
        let is_known = twin.wait_for(Option::is_some).await.is_ok();
        if !is_known || !duty.is_some_and(|duty| duty.shows) {
            std::future::pending::<()>().await;
        }
    };
    let mut conversation = pin!(answers.run(inbox));
    let outcome = tokio::select! {
        ended = &mut conversation => {
            // An engine whose key signs no more also stops by itself, at its next vote.
            let is_relieved = duty.is_some_and(|duty| part.pen.duty(part.app.head().next()) != duty);
            let outcome = match ended {
                Ok(()) if is_relieved => Ok(Ended::Relieved),
                Ok(()) => Err(anyhow!("the consensus engine stopped by itself; its log says why")),
                Err(error) => Err(error),
            };
            if let Err(error) = &outcome {
                error!("consensus stops: {error:#}");
            }
            let told = part.end(&engine).await;
            return outcome.and_then(|ended| told.map(|()| ended));
        }
        () = met => Ok(Ended::Relieved),
        () = asked(stopped) => Ok(Ended::Asked),
        () = is_deaf(is_ready) => {
            Err(anyhow!("consensus cannot listen again on {}; is the port taken?", part.config.listen))
        }
    };
    // The engine's parts finish what they are at, for which they need their answers.
    let (told, ended) = tokio::join!(part.end(&engine), &mut conversation);
    ended.and(told).and(outcome)
}

/// Waits until an engine should have listened for long, and does not. One that ends meanwhile is seen elsewhere.
async fn is_deaf(is_ready: Option<oneshot::Receiver<()>>) {
    let in_time = match is_ready {
        Some(is_ready) => timeout(READY, is_ready).await.is_ok(),
        None => true,
    };
    if in_time {
        std::future::pending::<()>().await;
    }
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
    net_requests: watch::Receiver<mpsc::Sender<NetworkRequest>>,
    voices: Voices,
    pen: Arc<Pen>,
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

    /// A way to say what was seen of this node's key elsewhere that can be kept apart from the handle.
    pub fn key_watch(&self) -> KeyWatch {
        KeyWatch(self.pen.clone())
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

/// Takes in what is seen of this node's key outside of consensus.
#[derive(Debug, Clone)]
pub struct KeyWatch(Arc<Pen>);

impl KeyWatch {
    /// Another node has answered this one with the key: it signs nothing more here.
    pub fn answered(&self) {
        self.0.answered();
    }
}

/// The peers of the consensus network.
#[derive(Debug, Clone)]
pub struct ConsensusPeers(watch::Receiver<mpsc::Sender<NetworkRequest>>);

impl ConsensusPeers {
    /// The peers connected now; none when consensus has stopped.
    pub async fn connected(&self) -> Vec<libp2p::PeerId> {
        let asked = self.0.borrow().clone();
        match NetworkRequest::dump_state(&asked).await {
            Ok(Some(state)) => state.peers.into_keys().collect(),
            _ => Vec::new(),
        }
    }
}
