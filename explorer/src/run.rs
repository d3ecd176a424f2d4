//! Starting everything, in order, and stopping it.

use crate::arguments::ExplorerArguments;
use crate::complaints::Complaints;
use crate::feed::{BlockSource, LocalStore};
use crate::follow::Follower;
use crate::index::IndexStore;
use crate::metrics::ExplorerMetrics;
use crate::openapi;
use crate::serve::{Site, serve};
use crate::store::{Index, IndexPlace};
use crate::topics;
use anyhow::Context as _;
use host::console;
use host::variables::{RPC_VARIABLE, variable};
use rpc::client::Node;
use rpc::genesis_file;
use runtime::Genesis;
use sd_notify::{NotifyState, notify};
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// How long to wait for a node that does not answer yet.
const PAUSE: Duration = Duration::from_secs(1);

/// What the arguments name, before anything is asked or opened.
#[derive(Debug)]
pub struct Named {
    source: BlockSource,
    place: IndexPlace,
    genesis: Option<Genesis>,
}

impl Named {
    /// What they name, and where they leave it open, TB_RPC and DATABASE_URL of the environment.
    ///
    /// # Errors
    /// What cannot be used: an address that is none, another database, a genesis that cannot be read. Exit code 2.
    pub fn by(arguments: &ExplorerArguments) -> anyhow::Result<Self> {
        let set = |name| variable(name).map(|url| url.to_string_lossy().into_owned());
        let place = arguments.place(set("DATABASE_URL")).map_err(anyhow::Error::msg)?;
        let source = match &arguments.state {
            Some(path) => BlockSource::Store(LocalStore::at(path)),
            None => BlockSource::Node(Node::open(&arguments.node(set(RPC_VARIABLE))).context("--rpc")?),
        };
        let genesis = arguments.genesis.as_deref().map(genesis_file::read).transpose()?;
        Ok(Self { source, place, genesis })
    }
}

/// Runs until a signal ends it.
///
/// # Errors
/// What keeps it from starting, or broke the listener.
pub async fn run(arguments: ExplorerArguments, named: Named) -> anyhow::Result<()> {
    let Named { source, place, genesis: pinned } = named;
    let stopped = stopping()?;
    let listener = TcpListener::bind(arguments.listen).await;
    let listener = listener.with_context(|| {
        format!("cannot listen on {}; stop what uses the port, or choose another with --listen", arguments.listen)
    })?;
    let mut asked = stopped.clone();
    let store = tokio::select! {
        opened = IndexStore::open(place, arguments.rebuild) => opened?,
        _ = asked.wait_for(|stop| *stop) => return Ok(()),
    };
    let ended = follow_and_serve(arguments, source, pinned, &store, listener, stopped).await;
    // However it ends, another one may write the index.
    store.close().await;
    ended
}

/// Follows and serves, once there is a genesis, until it is told to stop.
async fn follow_and_serve(
    arguments: ExplorerArguments,
    source: BlockSource,
    pinned: Option<Genesis>,
    store: &IndexStore,
    listener: TcpListener,
    stopped: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let genesis = tokio::select! {
        genesis = genesis(pinned, &source, store, stopped.clone()) => genesis?,
        taken = store.hold_place() => return Err(taken.into()),
    };
    let Some(genesis) = genesis else { return Ok(()) };
    let head = store.begin(&genesis).await?;

    let metrics = ExplorerMetrics::default();
    metrics.at(head);
    let index = Index::new(store.readers(), genesis.clone());
    let (follower, progress) = Follower::new(source.clone(), store.clone(), genesis, head, metrics.clone());
    let following = tokio::spawn(follower.run(stopped.clone()));
    let stores = arguments.stores.iter().map(|(name, path)| (name.clone(), LocalStore::at(path))).collect();
    let (heads, stop) = (progress.head.clone(), stopped.clone());
    let site = Arc::new(Site::new(index.clone(), stores, source.clone(), progress, metrics, stopped));
    tokio::spawn(topics::watch_audit(site.audit.clone(), index, heads, stop));
    let address = listener.local_addr()?;
    tracing::info!(%source, index = %store.place(), from = %head.at.height, "following");
    console::announce(&format!("the explorer is at http://{address}\n"));
    tell(|| notify(&[NotifyState::Ready, NotifyState::Status("following")]));
    let mut following = following;
    let serving = serve(listener, site, topics::routes().merge(openapi::routes()));
    tokio::pin!(serving);
    tokio::select! {
        served = &mut serving => {
            served.inspect_err(|_| following.abort())?;
            following.await??;
        }
        // It ends when it is told to stop, and not before: an index that nobody writes is not served as if it were current.
        ended = &mut following => {
            ended.context("the index is no longer written")??;
            serving.await?;
        }
    }
    Ok(())
}

/// What the index begins with: the genesis of the file, else the one it has, else that of the node, which is waited for.
/// None when it is told to stop before.
async fn genesis(
    pinned: Option<Genesis>,
    source: &BlockSource,
    store: &IndexStore,
    mut stopped: watch::Receiver<bool>,
) -> anyhow::Result<Option<Genesis>> {
    if let Some(genesis) = pinned {
        return Ok(Some(genesis));
    }
    if let Some(genesis) = store.genesis().await? {
        return Ok(Some(genesis));
    }
    let asked = async {
        let mut complaints = Complaints::default();
        loop {
            match source.genesis().await {
                Ok(genesis) => return genesis,
                Err(error) => {
                    let said = source.sentence(&error);
                    if complaints.is_due(&said, Instant::now()) {
                        tracing::warn!(error = said, "waiting for the node");
                    }
                    tell(move || notify(&[NotifyState::Status(&format!("waiting for the node: {said}"))]));
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    let genesis = tokio::select! {
        genesis = asked => genesis,
        _ = stopped.wait_for(|stop| *stop) => return Ok(None),
    };
    genesis.check()?;
    tracing::info!(genesis = %genesis.hash(), "the genesis of the node is held on to from now on");
    Ok(Some(genesis))
}

/// Tells systemd from a thread of its own: a manager that does not read must not hold the explorer up.
fn tell(telling: impl FnOnce() -> io::Result<()> + Send + 'static) {
    // Without one, nothing is told.
    drop(std::thread::Builder::new().spawn(telling));
}

/// True once ctrl-c or a service manager says so.
fn stopping() -> anyhow::Result<watch::Receiver<bool>> {
    let (stop, stopped) = watch::channel(false);
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping");
        tell(|| notify(&[NotifyState::Stopping]));
        stop.send_replace(true);
    });
    Ok(stopped)
}
