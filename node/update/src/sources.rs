//! Which sources a node asks: the mirrors of the environment, those of the configuration, and its peers.

use super::fetch::Sources;
use super::mirror::{Mirror, MirrorError};
use super::peer::Peer;
use super::source::ArtifactSource;
use host::config::{Config, Home};
use libp2p::Multiaddr;
pub use overlay::PeerLot;
use overlay::artifacts::PeerClient;
use overlay::{PeerStore, parse_address};
use primitives::BuildHash;
use runtime::Genesis;
use std::sync::Arc;
use std::time::Duration;

/// How long peers may take to be reached, and to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Whom to ask beside what the configuration says.
#[derive(Debug, Clone, Default)]
pub struct SourceList {
    /// Mirrors; they go before those of the configuration.
    pub mirrors: Vec<Mirror>,
    /// Overlay addresses of nodes, besides those of the configuration and some of those that the home remembers.
    pub peers: Vec<Multiaddr>,
    /// Whether peers are asked at all.
    pub ask_peers: bool,
}

/// Reads the overlay address of a node, as people write it.
///
/// # Errors
/// In words, what is wrong with it.
pub fn peer_address(text: &str) -> Result<Multiaddr, String> {
    parse_address(text).map_err(|error| error.to_string())
}

impl SourceList {
    /// What a node without further wishes asks: its environment's and its configuration's sources.
    ///
    /// # Errors
    /// When `TB_RELEASE_SOURCE_URL` names something that is no mirror.
    pub fn of_node(config: &Config) -> Result<Self, MirrorError> {
        Ok(Self { mirrors: Mirror::from_env()?, peers: Vec::new(), ask_peers: config.update.peers })
    }

    /// The sources of a build, each once: mirrors, and the peers that say they hold it. Of the remembered peers `lot` says
    /// which are asked at this try.
    ///
    /// # Errors
    /// When the configuration names something that is no mirror.
    pub async fn open(
        self,
        home: &Home,
        config: &Config,
        genesis: Option<&Genesis>,
        hash: BuildHash,
        lot: &mut PeerLot,
    ) -> Result<Sources, MirrorError> {
        let configured = config.update.sources.iter().map(|url| Mirror::open(url)).collect::<Result<Vec<_>, _>>()?;
        let mut sources: Sources = Vec::new();
        for mirror in self.mirrors.into_iter().chain(configured) {
            if sources.iter().all(|known| known.name() != mirror.name()) {
                sources.push(Arc::new(mirror));
            }
        }
        if let Some(genesis) = genesis.filter(|_| self.ask_peers) {
            sources.extend(holders(peers(self.peers, home, config, lot), genesis, hash).await);
        }
        Ok(sources)
    }
}

/// Where peers are asked: at every named and configured address, and at those of the remembered peers that are drawn.
fn peers(named: Vec<Multiaddr>, home: &Home, config: &Config, lot: &mut PeerLot) -> Vec<Multiaddr> {
    let mut addresses: Vec<Multiaddr> = Vec::new();
    for address in named.into_iter().chain(config.overlay.peers.iter().cloned()) {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    match PeerStore::load(&home.overlay_peers()) {
        Ok(store) => {
            let drawn = lot.draw(&store, &addresses);
            addresses.extend(drawn);
        }
        Err(error) => tracing::warn!(%error, "remembered peers cannot be asked for a release"),
    }
    addresses
}

/// The peers that say they hold a build.
async fn holders(addresses: Vec<Multiaddr>, genesis: &Genesis, hash: BuildHash) -> Vec<Arc<dyn ArtifactSource>> {
    if addresses.is_empty() {
        return Vec::new();
    }
    let network = (&genesis.chain.chain_id, &genesis.hash());
    let client = match PeerClient::connect(network, addresses, PATIENCE).await {
        Ok(client) => client,
        Err(error) => {
            tracing::warn!(%error, "peers cannot be asked for a release");
            return Vec::new();
        }
    };
    let holders = client.holders(&hash).await;
    holders.into_iter().map(|(id, size)| Arc::new(Peer::new(client.clone(), id, size)) as _).collect()
}
