//! A running node: the chain, consensus, the overlay, RPC and metrics, started in order and stopped in reverse.
//!
//! Nothing here runs before the boot check has passed; [`RunningNode::start`] takes its report as proof.

use crate::audit_signal::AuditSignal;
use crate::audit_watch::AuditWatch;
use crate::boot::{self, BootReport, Looked};
use crate::build_info;
use crate::chain::{Chain, Heard, Holders, KeyStanding};
use crate::evidence::EvidenceCourier;
use crate::flag_server::{self, FlagServer};
use crate::fleet::Advertiser;
use crate::gather::{self, Gatherer};
use crate::holdings::Holdings;
use crate::memory::HomeMemory;
use crate::mempool::MempoolBounds;
use crate::metrics::NodeMetrics;
use crate::own::Voice;
use crate::roll_call::RollCall;
use crate::rollout_metrics::RolloutMetrics;
use crate::service::Service;
use crate::supervise::{Signals, parent};
use crate::witness::LogPart;
use crate::{gossip, metrics_server, receipt};
use anyhow::{Context as _, anyhow};
use consensus::{self, ConsensusConfig, ConsensusHandle, ConsensusPeers, KeyWatch, Keypair};
use host::config::{Config, Home, Listener};
use host::keys;
use host::memory::AvailableMemory;
use host::provenance::TrustedSigners;
use multiaddr::Multiaddr;
use overlay::{self, OverlayConfig, OverlayHandle, OverlayMetrics, PeerStore};
use primitives::{Height, SecretKey, Timestamp};
use rpc::client::dial;
use rpc::views::PeerView;
use runtime::Genesis;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use store::db::{Damage, Extent, Pruned, Store};
use store::{EvidenceFolder, HomeOrigin, Watermarks};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use update::{Installer, RealDisk, Releases, UpdateMetrics};

/// The store disagrees with itself, found after the start.
#[derive(Debug, thiserror::Error)]
#[error(
    "the store is damaged: {0}; restore this home from a backup, or remove the database and fill it with \
     `the-block import-state`"
)]
pub struct StoreDamaged(String);

/// Something else listens where the node is to.
#[derive(Debug, thiserror::Error)]
#[error("port {} of {} is in use; stop what uses it, or set another address under {key}", .address.port(), .address.ip())]
pub struct PortTaken {
    /// Where.
    pub address: SocketAddr,
    /// The setting that says so.
    pub key: &'static str,
}

/// A witness with a key of something else.
#[derive(Debug, thiserror::Error)]
#[error(
    "witness.key names a key that this node signs other things with; make one for its witness alone, with `contract keys \
     generate`"
)]
pub struct SharedWitnessKey;

/// Who a node is and whom its operator trusts: what it needs of the home's files beside configuration and genesis.
pub struct Identity {
    /// The key it votes with; none when it only follows.
    validator: Option<SecretKey>,
    /// Its identity among other nodes.
    node: SecretKey,
    /// The key it cosigns the log of blocks with; none when it is no witness.
    witness: Option<SecretKey>,
    /// The release signers its operator trusts.
    trusted: TrustedSigners,
}

impl Identity {
    /// Reads the keys and the trusted signers of a home.
    ///
    /// # Errors
    /// A missing or unsafe key file, or a malformed list of signers; all of them the operator's to mend.
    pub fn read(home: &Home, config: &Config) -> anyhow::Result<Self> {
        let validator = home.validator_key(config).map(|path| keys::read(&path)).transpose()?;
        let node = keys::read(&home.node_key())?;
        let witness = home.witness_key(config).map(|path| keys::read(&path)).transpose()?;
        if let Some(witness) = &witness {
            let signs_else = |key: &SecretKey| key.public() == witness.public();
            anyhow::ensure!(!signs_else(&node) && !validator.as_ref().is_some_and(signs_else), SharedWitnessKey);
        }
        Ok(Self { validator, node, witness, trusted: TrustedSigners::from_env(home)? })
    }

    /// Looks at the same as far as that can be done without a passphrase.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn look(home: &Home, config: &Config) -> anyhow::Result<()> {
        for path in home.validator_key(config).into_iter().chain(home.witness_key(config)).chain([home.node_key()]) {
            keys::open(&path)?;
        }
        TrustedSigners::from_env(home)?;
        Ok(())
    }
}

/// A node that runs.
pub struct RunningNode {
    chain: Arc<Chain>,
    consensus: ConsensusHandle,
    overlay: OverlayHandle,
    rpc: rpc::Server,
    flags: FlagServer,
    operator: rpc::OperatorServer,
    metrics_server: JoinHandle<()>,
    tasks: JoinSet<()>,
    whole_check: Option<JoinHandle<anyhow::Result<()>>>,
    memory: Arc<HomeMemory>,
    stop: watch::Sender<bool>,
}

impl RunningNode {
    /// Starts every part of a node whose boot check has passed.
    ///
    /// # Errors
    /// When a port is taken, a key is missing, or the store holds another chain.
    pub async fn start(
        home: Home,
        config: Config,
        genesis: Genesis,
        identity: Identity,
        store: Store,
        boot: BootReport,
        looked: Looked,
    ) -> anyhow::Result<Self> {
        let Identity { validator, node, witness, trusted } = identity;
        let key = validator.clone().unwrap_or_else(keys::generate);
        let metrics = NodeMetrics::new();
        metrics.installed();
        require_ready(&home, &config)?;
        let whole_check = (looked == Looked::Sample).then(|| check_whole(store.clone()));
        let evidence = EvidenceFolder::of(&home, &genesis);
        let standing = validator.as_ref().map(|key| stands(&home, &store, key)).transpose()?;
        let (holders, heard) = match validator.clone().map(Holders::with) {
            Some((holders, heard)) => (holders, Some(heard)),
            None => (Holders::none(), None),
        };
        let chain = Arc::new(
            Chain::open(store, genesis, key.account(), bounds(&config), trusted, metrics.clone())?
                .run_by(boot.build_bin_hash)
                .keeping(evidence.clone())
                .signing_by(standing)
                .calling(holders),
        );
        let update_metrics = UpdateMetrics::new(&home, chain.heads(), config.update.most_age());
        metrics.with_registry(|registry| registry.register_collector(Box::new(update_metrics)));
        let flag_metrics = web::WebMetrics::default();
        metrics.with_registry(|registry| flag_metrics.register(registry));
        let rollout_metrics = RolloutMetrics::new(chain.store().clone());
        metrics.with_registry(|registry| registry.register_collector(Box::new(rollout_metrics)));
        let (stop, stopped) = watch::channel(false);
        if let Some(key) = &validator {
            chain.store().acts_for(key.account());
        }
        chain.store().keeps_for(&config.storage.plans);
        forget_history(chain.store().clone(), metrics.clone(), stopped.clone());
        let artifacts = Holdings::open(&home, &config.artifacts, chain.clone())?;
        let overlay_metrics = OverlayMetrics::default();
        metrics.with_registry(|registry| overlay_metrics.register(registry));
        // From before anything can come in.
        let became_ready = chain.became_ready();
        let overlay = start_overlay(&home, &config, &node, &artifacts, &chain, &overlay_metrics).await?;
        let consensus = start_consensus(&home, &config, &node, &chain, key).await?;
        let (peers, peers_seen) = watch::channel(Vec::new());
        let build = build_info::of_this_process().context("cannot measure this executable")?;
        let votes_as = validator.as_ref().map(SecretKey::account);
        let roll = Arc::new(RollCall::new(chain.clone(), consensus.voices(), votes_as));
        let (asked, holds) = (overlay.clone(), artifacts.clone());
        let service = Service::new(chain.clone(), asked, holds, build, peers_seen, roll.clone(), (&home, &config));
        let audit = AuditWatch::begin(chain.clone(), stopped.clone());
        let log = LogPart::new(chain.clone(), &node, witness, (&home, &config));
        let service = service.auditing(audit.clone()).witnessing(log.served().vkey(), log.trouble());
        let service = Arc::new(service);
        let listeners = Listener::of_sockets(&config.metrics.listen);
        let metrics_server =
            metrics_server::serve(&listeners, metrics.clone(), service.clone(), stopped.clone()).await?;
        let operator = rpc::serve_operator(&home.socket(), service.clone(), counted(&metrics)).await?;
        let rpc = start_rpc(&config, service.clone(), &metrics).await?;
        let flags = flag_server::serve(&home, &config, chain.clone(), service.clone(), log.served(), flag_metrics)?;
        let serves = artifacts.serves();
        let voice = validator.map(|key| Voice::new(key, config.validator.max_fee_multiple));
        if voice.is_some() && !serves {
            tracing::warn!("artifacts.serve is false, so this validator does not say that it holds what is voted on");
        }
        let advertise = |voice| Advertiser::new(chain.clone(), voice, &home, &config, boot.build_bin_hash);
        let advertiser = voice.clone().map(advertise);
        let signal = voice.clone().map(|voice| AuditSignal::new(chain.clone(), voice, audit));
        let (held, held_seen) = watch::channel(BTreeSet::new());
        Gatherer::new(home.clone(), config, chain.clone(), artifacts.store().clone(), voice.is_some())
            .start(held, stopped)?;
        let mut tasks = JoinSet::new();
        tasks.spawn(roll.say());
        log.start(&mut tasks, overlay.clone(), voice.clone())?;
        if let Some(Heard { answers, met }) = heard {
            tasks.spawn(gossip::call_holders(chain.clone(), overlay.clone(), answers));
            tasks.spawn(tell_met(met, consensus.key_watch()));
        }
        tasks.spawn(watch_peers(consensus.peers(), peers, chain.heads()));
        tasks.spawn(gossip::tell(chain.clone(), became_ready, overlay.clone()));
        tasks.spawn(gossip::tell_ends(chain.clone(), overlay.clone()));
        tasks.spawn(gossip::tell_forks(chain.clone(), overlay.clone()));
        tasks.spawn(end_trial(Releases::of(&home), chain.heads()));
        tasks.spawn(artifacts.keep(overlay_metrics));
        let courier = EvidenceCourier::new(chain.clone(), evidence, voice.clone());
        let tells = overlay.clone();
        let courier = courier.started_by(boot::kept_ticket(&home)).telling(move |message| tells.publish(message));
        tasks.spawn(courier.run());
        let memory = Arc::new(HomeMemory::new(home, node, chain.clone()));
        tasks.spawn(memory.clone().keep_up());
        if let Some(advertiser) = advertiser {
            tasks.spawn(advertiser.run());
        }
        if let Some(signal) = signal {
            tasks.spawn(signal.run());
        }
        if let Some(voice) = voice {
            if serves {
                tasks.spawn(gather::say(chain.clone(), voice.clone(), held_seen));
            }
            tasks.spawn(receipt::deliver(chain.clone(), service, voice, boot.build_bin_hash));
        }
        Ok(Self { chain, consensus, overlay, rpc, flags, operator, metrics_server, tasks, whole_check, memory, stop })
    }

    /// Runs until a signal asks to stop, or until the node must not go on.
    ///
    /// # Errors
    /// Why the node cannot go on.
    pub async fn run(mut self, mut signals: Signals) -> anyhow::Result<()> {
        let whole_check = self.whole_check.take();
        let damaged = async {
            match whole_check {
                Some(check) => check.await.unwrap_or_else(|panic| Err(panic.into())),
                None => Ok(()),
            }
        };
        tokio::pin!(damaged);
        let mut checked = false;
        let orphaned = parent::gone();
        tokio::pin!(orphaned);
        loop {
            tokio::select! {
                () = &mut orphaned => break,
                ended = &mut self.consensus => {
                    let error = ended.err().unwrap_or_else(|| anyhow!("consensus ended by itself"));
                    self.stop_all(false).await;
                    return Err(error);
                }
                found = &mut damaged, if !checked => match found {
                    Ok(()) => checked = true,
                    Err(error) => {
                        self.stop_all(true).await;
                        return Err(error);
                    }
                },
                () = signals.stop() => break,
            }
        }
        tracing::info!(height = %self.chain.head().at.height, "stopping");
        self.stop_all(true).await;
        Ok(())
    }

    /// Stops in the reverse order of starting: first who asks, last who writes.
    async fn stop_all(mut self, consensus_runs: bool) {
        self.rpc.stop().await;
        self.flags.stop().await;
        self.operator.stop().await;
        self.tasks.shutdown().await;
        self.memory.keep().await;
        if consensus_runs && let Err(error) = self.consensus.stop().await {
            tracing::error!("consensus did not stop cleanly: {error:#}");
        }
        if let Err(error) = self.overlay.stop().await {
            tracing::error!(%error, "the overlay did not stop cleanly");
        }
        self.stop.send_replace(true);
        // A request that never ends is waited for by nobody.
        let _ = tokio::time::timeout(Duration::from_secs(2), self.metrics_server).await;
    }
}

/// Requires what a node needs that may run: its ports, and peers and sentences that can be read. Where it runs already, the ports are its own.
///
/// # Errors
/// What is missing.
pub fn require_ready(home: &Home, config: &Config) -> anyhow::Result<()> {
    if dial(&home.socket()).is_err() {
        require_free_ports(config)?;
    }
    PeerStore::load(&home.overlay_peers())?;
    web::Locales::with(&home.locales())?;
    Ok(())
}

/// Tries each port before anything listens: the consensus engine only logs that it cannot listen, and goes on alone.
fn require_free_ports(config: &Config) -> anyhow::Result<()> {
    let listeners = config.listeners();
    for (key, Listener { address, v6_only }) in listeners.iter().copied() {
        rpc::take_address(address, v6_only).map_err(|error| match error.kind() {
            std::io::ErrorKind::AddrInUse => anyhow::Error::from(PortTaken { address, key }),
            _ => anyhow!("cannot listen on {address}: {error}; set another address under {key}"),
        })?;
    }
    for of_key in listeners.chunk_by(|(key, _), (next, _)| key == next) {
        let of_one: Vec<Listener> = of_key.iter().map(|(_, listener)| *listener).collect();
        if let (Some((key, _)), Some(family)) = (of_key.first(), Listener::unserved(&of_one)) {
            tracing::info!("{key} takes nothing that comes by {family}; a list of two addresses takes both");
        }
    }
    Ok(())
}

/// Whether the key of a home signs here from this start on.
fn stands(home: &Home, store: &Store, key: &SecretKey) -> anyhow::Result<KeyStanding> {
    let view = store.view();
    let head = view.head()?.map_or(Height(0), |head| head.height);
    let time = view.header(head)?.map_or(Timestamp(0), |header| header.time);
    let marks = Watermarks::read(&home.consensus())?;
    KeyStanding::at_start(HomeOrigin::of(home, key.account()), &marks, head.next(), time).with_context(|| {
        format!("it cannot be told from {} whether this validator signed last in this home", home.consensus().display())
    })
}

fn bounds(config: &Config) -> MempoolBounds {
    let max_bytes = config.mempool.bytes_within(AvailableMemory::here().bytes());
    MempoolBounds {
        max_bytes: usize::try_from(max_bytes).unwrap_or(usize::MAX),
        max_count: config.mempool.max_count as usize,
        max_per_account: config.mempool.max_per_account,
    }
}

/// Reads a store whole that was only sampled before the start.
fn check_whole(store: Store) -> JoinHandle<anyhow::Result<()>> {
    tokio::task::spawn_blocking(move || {
        let verified = store.verify(Extent::Whole, u64::MAX).map_err(|damage| match damage {
            Damage::Unreadable(error) if !error.is_damage() => anyhow::Error::from(error),
            damage => StoreDamaged(damage.to_string()).into(),
        })?;
        tracing::info!(keys = verified.keys, headers = verified.headers, "the whole store agrees with its root");
        Ok(())
    })
}

/// Catches up with a policy that was made shorter, beside everything else, and says what it did.
fn forget_history(store: Store, metrics: NodeMetrics, stopped: watch::Receiver<bool>) {
    tokio::task::spawn_blocking(move || match store.catch_up(|| !*stopped.borrow()) {
        Ok(None) => {}
        Ok(Some(Pruned { before, earliest })) => {
            metrics.earliest(earliest);
            tracing::info!(%before, %earliest, "forgot what storage.history no longer keeps");
        }
        Err(error) => tracing::error!(%error, "cannot forget what storage.history no longer keeps"),
    });
}

async fn start_overlay(
    home: &Home,
    config: &Config,
    node_key: &SecretKey,
    artifacts: &Holdings,
    chain: &Arc<Chain>,
    metrics: &OverlayMetrics,
) -> anyhow::Result<OverlayHandle> {
    let listeners: Vec<SocketAddr> =
        Listener::of_swarm(&config.overlay.listen).into_iter().map(|listener| listener.address).collect();
    let mut listen = listeners.iter();
    let overlay_config = OverlayConfig {
        listen: *listen.next().context("overlay.listen is not an address to listen on")?,
        also_listen: listen.copied().collect(),
        peers: config.overlay.peers.clone(),
        store_path: home.overlay_peers(),
        chain_id: chain.genesis().chain.chain_id.clone(),
        genesis_hash: chain.genesis().hash(),
        max_peers: config.overlay.max_peers,
        // The decision of an epoch's end is within it: evidence holds one, and genesis checks that evidence fits.
        max_message_bytes: chain.genesis().chain.limits.max_transaction_bytes as usize,
        mirror: artifacts.mirror(),
        pool: Some(gossip::exchanged(chain.clone())),
    };
    let checker = gossip::checker(chain.clone());
    Ok(overlay::start(overlay_config, node_key.seed(), checker, metrics.clone()).await?)
}

async fn start_consensus(
    home: &Home,
    config: &Config,
    node_key: &SecretKey,
    chain: &Arc<Chain>,
    key: SecretKey,
) -> anyhow::Result<ConsensusHandle> {
    let timing = &chain.genesis().chain.consensus;
    let consensus_config = ConsensusConfig {
        moniker: format!("the-block {}", key.account()),
        // One after the other: the engine has room for one, and what it dials and listens by (`node/names`) takes them apart.
        listen: config.consensus.listen.all().flat_map(Multiaddr::iter).collect(),
        peers: config.consensus.peers.clone(),
        open: config.consensus.open,
        dir: home.consensus(),
        timeouts: consensus::timeouts(timing),
        target_block_time: Duration::from_millis(timing.block_time_ms),
        limits: chain.genesis().chain.limits.clone(),
        max_connections_per_ip: 64,
    };
    let node_key = Keypair::ed25519_from_bytes(node_key.seed()).context("the node key is not an Ed25519 seed")?;
    consensus::start(consensus_config, key, node_key, chain.clone()).await
}

async fn start_rpc(config: &Config, service: Arc<Service>, metrics: &NodeMetrics) -> anyhow::Result<rpc::Server> {
    let rpc = &config.rpc;
    let server = rpc::ServerConfig {
        listen: *rpc.listen.first(),
        also_listen: rpc.listen.all().skip(1).copied().collect(),
        max_connections: rpc.max_connections,
        max_connections_per_address: rpc.max_connections_per_address,
        max_body_bytes: rpc.max_body_bytes,
        max_batch: rpc.max_batch,
        max_subscriptions_per_connection: rpc.max_subscriptions,
        requests_per_second: rpc.requests_per_second,
        trusted_proxies: rpc.trusted_proxies.clone(),
        max_heavy_requests: rpc.max_heavy_requests,
        report_budget_ms: config.web.report_budget_ms,
        catch_up_bytes_per_second: rpc.catch_up_bytes_per_second,
        catch_up_bytes_per_address: rpc.catch_up_bytes_per_address,
        cors_origins: rpc.cors_origins.clone(),
        ..rpc::ServerConfig::default()
    };
    Ok(rpc::serve(server, service, counted(metrics)).await?)
}

/// Counts every call that is answered, by whichever way it came.
fn counted(metrics: &NodeMetrics) -> Arc<dyn rpc::Observer> {
    let metrics = metrics.clone();
    Arc::new(move |method: &'static str, elapsed: Duration, succeeded: bool| {
        metrics.rpc(method, elapsed.as_secs_f64(), succeeded);
    })
}

/// Ends the trial of an installation that nobody supervises: a build that takes part in a new block has proven itself.
async fn end_trial(releases: Releases, mut heads: watch::Receiver<Arc<rpc::Head>>) {
    let here = std::env::current_exe().ok().and_then(|executable| releases.slot_of(&executable));
    if parent::is_supervised() || here.is_none() || here != releases.live() || heads.changed().await.is_err() {
        return;
    }
    let settled = tokio::task::spawn_blocking(move || Installer::open(releases, &RealDisk)?.settle()).await;
    match settled {
        Ok(Ok(Some(build))) => tracing::info!(%build, "the installed release runs"),
        Ok(Err(error)) => tracing::warn!(%error, "the installed release runs, and its trial cannot be ended"),
        _ => {}
    }
}

/// Tells consensus when another node has answered with this node's validator key.
async fn tell_met(mut met: watch::Receiver<bool>, key: KeyWatch) {
    if met.wait_for(|met| *met).await.is_ok() {
        key.answered();
    }
}

/// Keeps the list of consensus peers as old as the newest block, so that asking for it never waits for the engine.
async fn watch_peers(
    asked: ConsensusPeers,
    peers: watch::Sender<Vec<PeerView>>,
    mut heads: watch::Receiver<Arc<rpc::Head>>,
) {
    while heads.changed().await.is_ok() {
        let connected = asked.connected().await;
        let peer = |id: libp2p::PeerId| PeerView {
            peer_id: id.to_base58(),
            address: String::new(),
            network: "consensus".into(),
            outbound: false,
            score: 0,
        };
        peers.send_replace(connected.into_iter().map(peer).collect());
    }
}
