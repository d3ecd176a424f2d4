//! The files of a new network: keys, one genesis, and a home for each node.

use crate::described::described;
use crate::governed_start::{CouncilKey, GovernedStart};
use crate::host_pattern::HostPattern;
use crate::new_files::NewFiles;
use accounts::Endowment;
use accounts::FeeSchedule;
use anyhow::{Context as _, bail, ensure};
use governance::Track;
use host::config::{Config, Home, loopback_multiaddr};
use host::keys;
use libp2p::PeerId;
use multiaddr::{Multiaddr, Protocol};
use primitives::{AccountId, Amount, BuildHash, ChainId, Fraction, List, SecretKey, Text, Timestamp};
use releases::{FirstManifest, Manifest, Roster, Target};
use runtime::Genesis;
use runtime::{ChainParams, ConsensusParams, Limits};
use staking::GenesisBond;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};
use update::release_file::host_platform;
use update::release_file::measure;

/// The size of the roster that a new network starts with.
const SIGNERS: usize = 3;
/// How many of them must sign a release.
const THRESHOLD: u32 = 2;
/// Token holders with keys of their own.
const HOLDERS: usize = 3;
/// Ports of a node, of which it takes the first half at most.
const PORTS: usize = 10;
/// Where the explorer serves unless it is told otherwise.
const EXPLORER_PORT: usize = 26_690;
/// What one block of a new network adds to the running time at most, in milliseconds; more only where blocks themselves take longer.
const MOST_BLOCK_MS: u64 = 60_000;
/// One token, in its smallest unit.
const TOKEN: u64 = 1_000_000;
/// What presence is paid from in a new network, in tokens, once its plan turns that on.
const REWARDS: u64 = 1_000_000;
/// The most of it that one epoch pays, in tokens.
const REWARDS_AN_EPOCH: u64 = 100;

/// What a new network looks like.
#[derive(Debug, Clone)]
pub struct NetworkPlan {
    /// The network's name.
    pub chain_id: ChainId,
    /// How many validators it starts with.
    pub nodes: u16,
    /// The first port: node `i` serves JSON-RPC at `base + 10 i`, metrics one above, consensus two, overlay three, flags four; ten
    /// higher from the node on that would take the explorer's.
    pub base_port: u16,
    /// Blocks in an epoch.
    pub epoch_length: u64,
    /// From one block to the next, in milliseconds.
    pub block_time_ms: u64,
    /// The nodes' hosts, where each has one of its own: it then listens on every address, and all take the ports of node 0.
    pub hosts: Option<HostPattern>,
    /// The plan that governs it from its first block on, where one does.
    pub governed: Option<GovernedStart>,
    /// What genesis says of this executable beside what that knows of itself.
    pub said: Manifest,
}

impl Default for NetworkPlan {
    fn default() -> Self {
        Self {
            chain_id: Text::new("the-block-dev").unwrap_or_default(),
            nodes: 1,
            base_port: 26600,
            epoch_length: 10,
            block_time_ms: 1000,
            hosts: None,
            governed: None,
            said: Manifest::default(),
        }
    }
}

/// A node of a new network.
#[derive(Debug, Clone)]
pub struct PlannedNode {
    /// Where its files are.
    pub home: Home,
    /// Its validator account.
    pub account: AccountId,
    /// Its settings.
    pub config: Config,
}

impl NetworkPlan {
    /// Writes a network below `dir`: `node0` and so on, `signers/` and `holders/`, and of one that a plan governs `council/`. Approves
    /// this very executable.
    ///
    /// # Errors
    /// When a file is already there or cannot be written; nothing is overwritten.
    pub fn write(&self, dir: &Path) -> anyhow::Result<Vec<PlannedNode>> {
        ensure!(self.nodes >= 1, "a network has at least one node; pass --nodes 1 or more");
        ensure!(
            u32::from(self.nodes) <= staking::MAX_VALIDATORS,
            "a network starts with at most {} validators; pass fewer with --nodes",
            staking::MAX_VALIDATORS
        );
        let last = self.first_port(usize::from(self.nodes) - 1) + PORTS - 1;
        ensure!(last <= usize::from(u16::MAX), "ports up to {last} would be needed; choose a lower --base-port");
        let homes: Vec<Home> = (0..self.nodes).map(|index| Home::at(dir.join(format!("node{index}")))).collect();
        self.write_homes(dir, &homes, None)
    }

    /// Writes one validator's home, with the signers and holders of its network beside its configuration.
    ///
    /// # Errors
    /// When a file is already there or cannot be written; nothing is overwritten.
    pub fn write_single(&self, home: &Home, validator_key: Option<&Path>) -> anyhow::Result<PlannedNode> {
        let mut nodes = self.write_homes(home.path(), std::slice::from_ref(home), validator_key)?;
        nodes.pop().context("no home was written")
    }

    fn write_homes(
        &self,
        dir: &Path,
        homes: &[Home],
        validator_key: Option<&Path>,
    ) -> anyhow::Result<Vec<PlannedNode>> {
        for home in homes {
            if home.genesis().exists() {
                bail!("{} already holds a network; choose another --home or remove it", home.path().display());
            }
        }
        let mut draft = NewFiles::default();
        let signers = new_keys(&mut draft, &dir.join("signers"), "signer", SIGNERS);
        let holders = new_keys(&mut draft, &dir.join("holders"), "holder", HOLDERS);
        let council = self.governed.as_ref().map(GovernedStart::council).unwrap_or_default();
        for member in &council {
            draft.key(dir.join("council").join(&member.file), member.key.clone());
        }
        let (mut validators, mut peers) = (Vec::new(), Vec::new());
        for home in homes {
            let key = match validator_key {
                Some(path) => keys::read(path)?,
                None => keys::generate(),
            };
            let node = keys::generate();
            peers.push(overlay::peer_id(&node.seed()));
            validators.push(key.account());
            draft.key(home.default_validator_key(), key);
            draft.key(home.node_key(), node);
        }
        let build_hash = measure().context("cannot measure this executable")?;
        let genesis = self.genesis(&validators, &holders, &signers, &council, build_hash)?;
        genesis.check()?;
        let nodes = homes.iter().zip(validators).enumerate();
        let nodes: Vec<PlannedNode> = nodes
            .map(|(index, (home, account))| self.node(index, home, account, &peers))
            .collect::<anyhow::Result<_>>()?;
        for node in &nodes {
            draft.text(node.home.config(), node.config.to_text());
            if let Some(start) = &self.governed {
                let (place, bundle) = start.bundle_of(&node.home, &node.config)?;
                draft.text(place, bundle);
            }
        }
        let text = serde_json::to_string_pretty(&genesis)?;
        for home in homes {
            draft.text(home.genesis(), format!("{text}\n"));
        }
        draft.write()?;
        Ok(nodes)
    }

    /// The first port of a node: from the base on ten for each, past where the explorer is by default. Who plans one node names its
    /// ports, and nodes with hosts of their own are in nobody's way.
    fn first_port(&self, index: usize) -> usize {
        if self.hosts.is_some() {
            return usize::from(self.base_port);
        }
        let port = |index: usize| usize::from(self.base_port) + index * PORTS;
        let takes_explorers = |index: usize| (port(index)..port(index) + PORTS / 2).contains(&EXPLORER_PORT);
        let skipped = self.nodes > 1 && (0..=index).any(takes_explorers);
        port(index + usize::from(skipped))
    }

    fn node(&self, index: usize, home: &Home, account: AccountId, ids: &[PeerId]) -> anyhow::Result<PlannedNode> {
        let port = |index: usize, offset: usize| u16::try_from(self.first_port(index) + offset);
        let ip = if self.hosts.is_some() { Ipv4Addr::UNSPECIFIED } else { Ipv4Addr::LOCALHOST };
        let mut config = Config::default();
        config.rpc.listen = SocketAddr::from((ip, port(index, 0)?)).into();
        config.metrics.listen = SocketAddr::from((ip, port(index, 1)?)).into();
        config.consensus.listen = Multiaddr::from(ip).with(Protocol::Tcp(port(index, 2)?)).into();
        config.overlay.listen = Multiaddr::from(ip).with(Protocol::Tcp(port(index, 3)?)).into();
        config.web.listen = SocketAddr::from((ip, port(index, 4)?)).into();
        let others = || (0..usize::from(self.nodes)).filter(|other| *other != index);
        let peers = |offset: usize| -> anyhow::Result<Vec<Multiaddr>> {
            others().map(|other| self.reached(other, port(other, offset)?)).collect()
        };
        let named = |(other, address): (usize, Multiaddr)| Some(address.with(Protocol::P2p(*ids.get(other)?)));
        config.consensus.peers = others().zip(peers(2)?).filter_map(named).collect();
        config.overlay.peers = peers(3)?;
        if let Some(start) = &self.governed {
            start.configure(&mut config);
        }
        Ok(PlannedNode { home: home.clone(), account, config })
    }

    /// Where the others reach a node.
    fn reached(&self, index: usize, port: u16) -> anyhow::Result<Multiaddr> {
        match &self.hosts {
            Some(hosts) => Ok(hosts.address(index, port)?),
            None => Ok(loopback_multiaddr(port)),
        }
    }

    fn genesis(
        &self,
        validators: &[AccountId],
        holders: &[SecretKey],
        signers: &[SecretKey],
        council: &[CouncilKey],
        build_hash: BuildHash,
    ) -> anyhow::Result<Genesis> {
        let own = validators.iter().map(|account| (*account, *account, 1_000_000 * TOKEN));
        let delegated = holders
            .iter()
            .zip(validators.iter().cycle())
            .map(|(holder, validator)| (holder.account(), *validator, 100_000 * TOKEN));
        let endowed = validators.iter().copied().chain(holders.iter().map(SecretKey::account));
        let endowed = endowed.chain(council.iter().map(|member| member.key.account()));
        let endow = |account: AccountId| Endowment { account, balance: Amount(2_000_000 * TOKEN) };
        let minimum_bond = Amount(1_000 * TOKEN);
        let consensus = ConsensusParams {
            block_time_ms: self.block_time_ms,
            propose_timeout_ms: 3_000,
            vote_timeout_ms: 1_000,
            max_clock_drift_ms: 10_000,
        };
        Ok(Genesis {
            time: now()?,
            chain: ChainParams {
                chain_id: self.chain_id.clone(),
                epoch_length: self.epoch_length,
                level: runtime::LEVEL,
                most_block_ms: consensus.most_undisturbed_ms().max(MOST_BLOCK_MS),
                limits: Limits {
                    max_block_bytes: 4 << 20,
                    max_block_transactions: 10_000,
                    max_block_signatures: 1_000,
                    max_block_reads: 1 << 18,
                    max_transaction_bytes: 128 << 10,
                    max_transaction_lifetime: 10_000,
                },
                consensus,
            },
            accounts: accounts::AccountsGenesis {
                fees: FeeSchedule { base: Amount(1_000), per_byte: Amount(10), per_read: Amount(10) },
                balances: endowed.map(endow).collect(),
            },
            staking: staking::StakingGenesis {
                params: staking::StakingParams {
                    max_validators: 100,
                    minimum_bond,
                    minimum_delegation: Amount(10 * TOKEN),
                    unbonding_epochs: 20,
                    remembered_epochs: 200,
                    penalties: staking::PenaltyParams::default(),
                },
                bonds: own
                    .chain(delegated)
                    .map(|(account, validator, amount)| GenesisBond { account, validator, amount: Amount(amount) })
                    .collect(),
            },
            governance: governance::GovernanceGenesis {
                params: governance::GovernanceParams {
                    proposer_stake: Amount(10_000 * TOKEN),
                    max_live_proposals: 64,
                    routine: track(Fraction::new(1, 3), Fraction::new(0, 1))?,
                    expedited: track(Fraction::new(2, 3), Fraction::new(2, 3))?,
                },
            },
            releases: releases::ReleasesGenesis {
                params: releases::ReleaseParams {
                    notice_epochs: 1,
                    reporter_stake: minimum_bond,
                    available_share: Fraction::THIRD,
                },
                roster: Roster {
                    version: 1,
                    signers: List::truncate_from(signers.iter().map(SecretKey::public).collect()),
                    threshold: THRESHOLD,
                },
                approved: vec![Target { build_hash, platform: host_platform(), sha256: None, size: None }],
                manifests: vec![FirstManifest { build_hash, manifest: described(&self.said)? }],
            },
            rewards: rewards::RewardsGenesis::of(Amount(REWARDS * TOKEN), Amount(REWARDS_AN_EPOCH * TOKEN)),
            rollouts: self.governed.as_ref().map(|start| start.genesis(validators, council)).transpose()?.map(Box::new),
        })
    }
}

fn track(quorum: Option<Fraction>, support: Option<Fraction>) -> anyhow::Result<Track> {
    let (Some(quorum), Some(support)) = (quorum, support) else { bail!("a track's shares lie between 0/1 and 1/1") };
    let deposit = Amount(100 * TOKEN);
    Ok(Track { deposit, least_window: 1, most_window: 100, least_delay: 1, most_delay: 100, quorum, support })
}

fn now() -> anyhow::Result<Timestamp> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).context("this machine's clock is before 1970; set it")?;
    Ok(Timestamp(u64::try_from(since.as_millis())?))
}

fn new_keys(draft: &mut NewFiles, dir: &Path, name: &str, count: usize) -> Vec<SecretKey> {
    let keys: Vec<SecretKey> = (0..count).map(|_| keys::generate()).collect();
    for (index, key) in keys.iter().enumerate() {
        draft.key(dir.join(format!("{name}{index}.key")), key.clone());
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn o52_a_network_that_is_refused_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("net");
        let plan = NetworkPlan { nodes: 2, epoch_length: 0, ..NetworkPlan::default() };
        assert!(plan.write(&dir).is_err(), "an epoch has blocks");
        assert!(!dir.exists(), "nothing is left");
        let missing = folder.path().join("no.key");
        assert!(NetworkPlan::default().write_single(&Home::at(&dir), Some(&missing)).is_err());
        assert!(!dir.exists(), "nothing is left");

        std::fs::create_dir_all(dir.join("node1/config")).unwrap();
        std::fs::write(dir.join("node1/config/config.toml"), "mine").unwrap();
        let plan = NetworkPlan { nodes: 2, ..NetworkPlan::default() };
        assert!(plan.write(&dir).unwrap_err().to_string().contains("is not overwritten"));
        assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 1, "nothing is added");
        assert_eq!(std::fs::read_to_string(dir.join("node1/config/config.toml")).unwrap(), "mine");
    }

    #[test]
    fn a_slow_network_runs_for_as_long_as_its_blocks_take() {
        let folder = tempfile::tempdir().unwrap();
        let most = |block_time_ms: u64| {
            let plan = NetworkPlan { block_time_ms, ..NetworkPlan::default() };
            let nodes = plan.write(&folder.path().join(block_time_ms.to_string())).unwrap();
            let genesis = std::fs::read(nodes[0].home.genesis()).unwrap();
            serde_json::from_slice::<Genesis>(&genesis).unwrap().chain.most_block_ms
        };
        assert_eq!([0, 55_000, 55_001, 120_000].map(most), [60_000, 60_000, 60_001, 125_000]);
    }

    #[test]
    fn o52_no_node_of_a_network_takes_the_explorers_port_or_anothers() {
        for base_port in [26_600, 26_690, 26_686, 26_693, 30_000] {
            let plan = NetworkPlan { nodes: 12, base_port, ..NetworkPlan::default() };
            let ports: Vec<usize> = (0..12).map(|index| plan.first_port(index)).collect();
            assert!(!ports.iter().any(|port| (*port..*port + 5).contains(&EXPLORER_PORT)), "{base_port}: {ports:?}");
            assert!(ports.is_sorted_by(|one, next| one + PORTS <= *next), "{base_port}: {ports:?}");
            if base_port == 26_600 {
                assert_eq!((ports[8], ports[9], ports[11]), (26_680, 26_700, 26_720), "{ports:?}");
            }
        }
        let apart = NetworkPlan {
            nodes: 12,
            base_port: 26_690,
            hosts: Some("node{}".parse().unwrap()),
            ..NetworkPlan::default()
        };
        assert!((0..12).all(|index| apart.first_port(index) == 26_690), "on hosts of their own nobody is in the way");
        let named = NetworkPlan { base_port: 26_690, ..NetworkPlan::default() };
        assert_eq!(named.first_port(0), 26_690, "of one node the port is named");
        let low = NetworkPlan { nodes: 12, base_port: 65_500, ..NetworkPlan::default() };
        assert!(low.write(Path::new("/nowhere")).unwrap_err().to_string().contains("choose a lower --base-port"));
    }

    #[test]
    fn nodes_on_hosts_of_their_own_listen_there_and_name_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let plan = NetworkPlan { nodes: 3, hosts: Some("node{}".parse().unwrap()), ..NetworkPlan::default() };
        let nodes = plan.write(&folder.path().join("net")).unwrap();
        let id = |node: usize| {
            let key = keys::read(&nodes[node].home.node_key()).unwrap();
            overlay::peer_id(&key.seed())
        };
        for (index, node) in nodes.iter().enumerate() {
            // As a node reads it: that it is possible, too.
            let config = Config::load(&node.home).unwrap();
            assert_eq!(config, node.config);
            assert_eq!(config.rpc.listen.to_string(), "0.0.0.0:26600");
            assert_eq!(config.metrics.listen.to_string(), "0.0.0.0:26601");
            assert_eq!(config.consensus.listen.to_string(), "/ip4/0.0.0.0/tcp/26602");
            assert_eq!(config.overlay.listen.to_string(), "/ip4/0.0.0.0/tcp/26603");
            assert_eq!(config.web.listen.to_string(), "0.0.0.0:26604");
            let others: Vec<usize> = (0..3).filter(|other| *other != index).collect();
            let written = |peers: &[Multiaddr]| peers.iter().map(Multiaddr::to_string).collect::<Vec<_>>();
            let consensus: Vec<_> =
                others.iter().map(|other| format!("/dns/node{other}/tcp/26602/p2p/{}", id(*other))).collect();
            assert_eq!(written(&config.consensus.peers), consensus);
            let overlay: Vec<_> = others.iter().map(|other| format!("/dns/node{other}/tcp/26603")).collect();
            assert_eq!(written(&config.overlay.peers), overlay);
        }
        let far = NetworkPlan { nodes: 12, hosts: Some("10.0.0.25{}".parse().unwrap()), ..NetworkPlan::default() };
        let refused = far.write(&folder.path().join("far")).unwrap_err().to_string();
        assert!(refused.contains("10.0.0.25"), "{refused}");
        assert!(!folder.path().join("far").exists(), "nothing is left");
    }
}
