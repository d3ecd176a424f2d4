//! A network of four processes: what is asked of it, and what its chain decided.

use anyhow::ensure;
use governance::Choice;
use host::config::Home;
use primitives::{BuildHash, Epoch};
use runtime::{Call, Fact, Genesis, testing};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use tests::network::QUICK;
use tests::votes::{concluded, deadline_after, follow, say, say_held};
use tests::{Network, TestWallet};

/// How many nodes there are. All are validators.
const NODES: u16 = 4;

/// The network, which ends with this.
pub struct Scene {
    /// Its nodes.
    pub network: Network,
    /// What it begins with, as its simulation does.
    pub genesis: Genesis,
    dir: tempfile::TempDir,
}

impl Scene {
    /// Writes the network; `change` changes its genesis first.
    pub fn write(change: impl Fn(&mut Value)) -> anyhow::Result<Self> {
        let dir = tempfile::tempdir()?;
        let network = Network::write(dir.path(), NODES, QUICK)?;
        network.hurry()?;
        network.edit_genesis(change)?;
        let genesis = rpc::genesis_file::read(&Home::at(&network.nodes[0].home).genesis())?;
        Ok(Self { network, genesis, dir })
    }

    /// Where it lies.
    pub fn folder(&self) -> &Path {
        self.dir.path()
    }

    /// Starts all nodes, and waits until each has said on chain what it runs: none says anything by itself after that, unless it is given
    /// something to say.
    pub async fn start(&mut self) -> anyhow::Result<()> {
        self.network.start_all()?;
        let accounts: Vec<String> = self.network.nodes.iter().map(|node| node.account.clone()).collect();
        for account in accounts {
            self.network.nodes[0]
                .until("an install receipt", async |node| {
                    let view = node.call("account.get", json!({ "account": account })).await.ok()?;
                    (view["node_nonce"].as_u64()? >= 1).then_some(())
                })
                .await?;
        }
        Ok(())
    }

    /// The keys of the release signers, in the order of the first roster.
    pub fn signers(&self) -> anyhow::Result<Vec<TestWallet>> {
        let count = self.genesis.releases.roster.signers.len();
        (0..count).map(|index| TestWallet::open(self.network.signer(index))).collect()
    }

    /// A token holder, who has stake enough to propose.
    pub fn holder(&self, index: usize) -> anyhow::Result<TestWallet> {
        TestWallet::open(self.network.holder(index))
    }

    /// The validator of a node.
    pub fn validator(&self, index: usize) -> anyhow::Result<TestWallet> {
        TestWallet::open(self.network.nodes[index].key())
    }

    /// An epoch at whose start a vote can end that begins now.
    pub async fn deadline(&self) -> anyhow::Result<Epoch> {
        Ok(Epoch(deadline_after(&self.network.nodes[0], Duration::ZERO).await?.parse()?))
    }

    /// Has a call in a block, which grants it.
    pub async fn ask(&mut self, who: &TestWallet, call: &Call) -> anyhow::Result<()> {
        let status = who.send(&mut self.network.nodes[0], call).await?;
        ensure!(status["refusal"].is_null(), "{call:?} was refused: {status}");
        Ok(())
    }

    /// The validators of some nodes say that they hold what is voted on, where that is a build, and vote yes; until all of it counts.
    pub async fn vote(&mut self, id: u64, nodes: &[usize], held: Option<BuildHash>) -> anyhow::Result<()> {
        for index in nodes {
            let node = &self.network.nodes[*index];
            if let Some(build) = held {
                say_held(node, build).await?;
            }
            say(node, &TestWallet::open(node.key())?, &testing::vote(id, Choice::Yes, None)).await?;
        }
        let (voters, others) = (nodes.len(), self.network.nodes.len() - nodes.len());
        self.network.nodes[0]
            .until(&format!("all votes on proposal {id}"), async |node| {
                let proposal = node.call("gov.proposal", json!({ "id": id })).await.ok()?;
                let has_voted = proposal["ballots"].as_array()?.len() >= voters;
                let is_held = held.is_none() || proposal["not_holding"].as_array()?.len() <= others;
                (has_voted && is_held).then_some(())
            })
            .await
    }

    /// Waits until voting on a proposal is over.
    pub async fn decided(&mut self, id: u64) -> anyhow::Result<()> {
        let is_decided = |proposal: &Value| (proposal["status"] != "open").then_some(());
        follow(&mut self.network.nodes[0], id, "it is decided", is_decided).await
    }

    /// Waits until a proposal is concluded, which has to be in this way.
    pub async fn ends(&mut self, id: u64, how: &str) -> anyhow::Result<()> {
        let status = concluded(&mut self.network.nodes[0], id).await?;
        ensure!(status == how, "proposal {id} is {status} and not {how}");
        Ok(())
    }

    /// What the chain decided so far, from height 1 on.
    pub async fn facts(&self) -> anyhow::Result<Vec<Fact>> {
        let (node, mut facts) = (&self.network.nodes[0], Vec::new());
        for height in 1..=node.height().await? {
            let mut record = node.call("chain.record", json!({ "height": height })).await?;
            facts.extend(serde_json::from_value::<Vec<Fact>>(record["facts"].take())?);
        }
        Ok(facts)
    }
}
