//! Which network is simulated: one that runs, as it is now, by its RPC or its store; one that is to begin, by its genesis; or the
//! built-in example.

use crate::network::Network;
use anyhow::{Context as _, Result, bail};
use parity_scale_codec::DecodeAll as _;
use primitives::Epoch;
use rpc::ChainView as _;
use rpc::api::{ChainApiClient as _, GovApiClient as _, StateApiClient as _};
use rpc::client::Node;
use rpc::genesis_file;
use rpc::views::{ParamsView, StorageKey};
use runtime::Genesis;
use staking::ValidatorSet;
use state::State;
use std::path::{Path, PathBuf};
use store::archive::Archive;

/// Where the network is taken from; the built-in example where nothing is said.
#[derive(clap::Args, Clone, Debug, Default)]
#[group(multiple = false)]
pub struct Source {
    /// A node of the network: its rules, roster and stakes as they are now.
    #[arg(long, value_name = "URL", help_heading = "The network")]
    pub rpc: Option<String>,
    /// A node's home, or its store: the same, without asking a node; one that runs is not disturbed.
    #[arg(long, value_name = "DIR", help_heading = "The network")]
    pub state: Option<PathBuf>,
    /// A genesis file: the network as it begins.
    #[arg(long, value_name = "FILE", help_heading = "The network")]
    pub genesis: Option<PathBuf>,
}

impl Source {
    /// Reads the network.
    ///
    /// # Errors
    /// What cannot be reached or read, and what to do.
    pub fn network(&self) -> Result<Network> {
        match self {
            Source { rpc: Some(url), .. } => of_node(url),
            Source { state: Some(path), .. } => of_store(path),
            Source { genesis: Some(path), .. } => {
                Network::of(&genesis_file::read(path)?, format!("the genesis {}", path.display()))
            }
            _ => Ok(Network::small()),
        }
    }
}

fn of_store(path: &Path) -> Result<Network> {
    let archive = Archive::open(path).with_context(|| {
        format!("cannot take the network from {}; give the home of a node, or its governance_db", path.display())
    })?;
    let view = archive.view();
    let (genesis, state, at) = (archive.genesis().clone(), State::over(&view), view.head()?.at);
    let rules = Genesis {
        accounts: accounts::AccountsGenesis { fees: accounts::queries::fees(&state), ..genesis.accounts },
        staking: staking::StakingGenesis { params: staking::queries::params(&state), ..genesis.staking },
        governance: governance::GovernanceGenesis { params: governance::queries::params(&state) },
        releases: releases::ReleasesGenesis { params: releases::queries::params(&state), ..genesis.releases },
        ..genesis
    };
    let set = staking::queries::validator_set(&state, at.epoch);
    let record = releases::queries::roster_record(&state);
    let roster = shape(record.roster.threshold, record.signing(at.epoch).len());
    Network::present(&rules, roster, &set, format!("the store {} at height {}", path.display(), at.height))
}

#[tokio::main(flavor = "current_thread")]
async fn of_node(url: &str) -> Result<Network> {
    let node = Node::open(url)?;
    let genesis = node.genesis().await.map_err(|error| node.explain(error))?;
    let params = node.params().await.map_err(|error| node.explain(error))?;
    let roster = node.release_signers().await.map_err(|error| node.explain(error))?;
    let key = StorageKey(staking::queries::validator_set_key(params.epoch).to_vec());
    let set = node.get(key).await.map_err(|error| node.explain(error))?;
    let source = format!("{url} at height {}", set.height);
    let set = validators(set.value.as_deref(), params.epoch)?;
    let roster = shape(roster.required, roster.signers.len());
    Network::present(&now(genesis, params), roster, &set, source)
}

/// The threshold and the number of keys that are played: those that sign now. Where so many have left that the threshold cannot be
/// reached, as many as it asks for, because there is no such beginning.
fn shape(threshold: u32, signing: usize) -> (u32, usize) {
    (threshold, signing.max(threshold as usize))
}

fn validators(value: Option<&str>, epoch: Epoch) -> Result<ValidatorSet> {
    let Some(value) = value else { bail!("the node has no validators of epoch {epoch}; ask it again, or another one") };
    let bytes = hex::decode(value.trim_start_matches("0x")).context("the node's validators are no hex")?;
    ValidatorSet::decode_all(&mut &bytes[..])
        .context("the node's validators are not of this version; use the tools of its version")
}

/// A genesis with the rules of now.
fn now(genesis: Genesis, params: ParamsView) -> Genesis {
    Genesis {
        chain: params.chain,
        accounts: accounts::AccountsGenesis { fees: params.fees, ..genesis.accounts },
        staking: staking::StakingGenesis { params: params.staking, ..genesis.staking },
        governance: governance::GovernanceGenesis { params: params.governance },
        releases: releases::ReleasesGenesis { params: params.releases, ..genesis.releases },
        ..genesis
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{Role, key};
    use store::db::{Access, Settings, Store};

    #[test]
    fn a_store_gives_the_network_that_began_it_with_keys_of_the_simulation() {
        let (home, genesis) = (tempfile::tempdir().unwrap(), runtime::testing::genesis());
        let folder = home.path().join("governance_db");
        // Held open, as by a node that runs.
        let store = Store::open(&folder, Access::Primary, Settings::default()).unwrap();
        store.commit_genesis(&genesis).unwrap();
        for path in [home.path(), folder.as_path()] {
            let source = Source { state: Some(path.to_owned()), ..Source::default() };
            let network = source.network().unwrap();
            assert_eq!((network.validators.clone(), network.signers), (vec![1_000_000; 4], 3));
            assert_eq!(
                (&network.genesis.chain, &network.genesis.releases.params),
                (&genesis.chain, &genesis.releases.params)
            );
            assert!(network.genesis.validators().power_of(&key(Role::Validator, 3).account()).is_some());
            assert!(network.source.ends_with("at height 0"), "{}", network.source);
        }
    }

    #[test]
    fn where_too_few_sign_as_many_as_the_threshold_are_played() {
        assert_eq!([shape(2, 3), shape(2, 2), shape(2, 1)], [(2, 3), (2, 2), (2, 2)]);
    }
}
