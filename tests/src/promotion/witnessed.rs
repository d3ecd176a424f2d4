//! Who vouches for the tree of blocks, what that proves once blocks are gone, and how its gates are turned.

use super::PromotionWalk;
use super::canary::{CANARY_VALIDATORS, CANARY_WITNESSES, PRUNED};
use crate::Contract;
use anyhow::{Context as _, ensure};
use host::config::KeptHistory;
use host::keys;
use serde_json::{Value, json};
use std::path::PathBuf;

/// How many blocks the one keeps that keeps few.
const KEPT: u64 = 20;
/// The key that a witness cosigns with, in its home.
const WITNESS_KEY: &str = "config/witness.key";
/// It has a key of a witness as well, and the gate stays off for it.
const STRANGER: usize = CANARY_VALIDATORS[0];

impl PromotionWalk<'_> {
    /// Gives those that are to witness keys for that, and one that is not to, and has one node keep few blocks; from their next start on.
    ///
    /// # Errors
    /// When a key or a configuration cannot be written.
    pub fn equip(&self) -> anyhow::Result<()> {
        for index in CANARY_WITNESSES.into_iter().chain([STRANGER]) {
            keys::write(&self.witness_key(index), &keys::generate())?;
            self.network.nodes[index].configure(|config| config.witness.key = WITNESS_KEY.into())?;
        }
        self.network.nodes[PRUNED].configure(|config| config.storage.history = KeptHistory::Last(KEPT))
    }

    /// Those for whom `witness_network` is on register, and both cosign the checkpoint of an epoch; nobody else does either.
    ///
    /// # Errors
    /// When one of them does not, or another one does.
    pub async fn witness(&mut self) -> anyhow::Result<()> {
        self.step("Those that witness first register their keys, and their nodes cosign the checkpoint of each epoch");
        let (name, file) = (named(STRANGER), self.witness_key(STRANGER).display().to_string());
        let key = self.network.nodes[STRANGER].key();
        let early = ["witness", "register", "--name", &name, "--witness-key", &file, "--key", &key];
        let (_, said) = self.contract()?.refused(&early)?;
        ensure!(said.contains("E_GATE_OFF: "), "node{STRANGER} is refused otherwise: {said}");
        self.tell(&format!("node{STRANGER}, for which the gate is off, is refused: E_GATE_OFF"));
        for index in CANARY_WITNESSES {
            let (name, file) = (named(index), self.witness_key(index).display().to_string());
            self.act_as_validator(index, &["witness", "register", "--name", &name, "--witness-key", &file])?;
        }

        let mut expected = CANARY_WITNESSES.map(|index| self.network.nodes[index].account.clone()).to_vec();
        expected.sort();
        let asked = &mut self.network.nodes[0];
        let (epoch, size) = asked
            .until("a checkpoint that both cosigned", async |node| {
                let newest = node.call("audit.witnesses", json!({})).await.ok()?["checkpoint"].as_u64()?;
                for epoch in [newest, newest.saturating_sub(1)] {
                    let checkpoint = node.call("audit.checkpoint", json!({ "epoch": epoch })).await.ok()?;
                    if cosigners(&checkpoint) == expected {
                        return Some((epoch, checkpoint["size"].clone()));
                    }
                }
                None
            })
            .await?;
        let listed = self.contract()?.json(&["witness", "list"])?;
        let witnesses = listed["witnesses"].as_array().context("no list of witnesses")?;
        ensure!(witnesses.len() == CANARY_WITNESSES.len(), "others are witnesses, too: {listed}");
        for index in CANARY_VALIDATORS {
            let latest = self.network.nodes[index].home.join("witness/latest");
            ensure!(!latest.exists(), "node{index} has signed {}", latest.display());
        }
        self.tell(&format!(
            "both cosigned the checkpoint of epoch {epoch}, a tree of {size} blocks; the others sign none"
        ));
        Ok(())
    }

    /// That a change was carried out is proven under the newest header by a node that has forgotten the block, with the fact itself from
    /// one that need not be trusted; and is verified without a node, from genesis alone.
    ///
    /// # Errors
    /// When the node still has the block, or its proof does not hold.
    pub async fn prove_what_was_forgotten(&mut self, change: u64) -> anyhow::Result<()> {
        self.step(&format!(
            "node{PRUNED} has forgotten the block in which testnet was entered, and proves that it was"
        ));
        let height = self.change(change).await?["executed"]["height"].as_u64().context("no height of execution")?;
        let record = self.network.nodes[0].call("chain.record", json!({ "height": height })).await?;
        let facts = record["facts"].as_array().context("a record without facts")?;
        let place = facts.iter().position(|fact| fact["outcome"]["Ok"]["rollouts"]["executed"].is_object());
        let place = place.with_context(|| format!("nothing was carried out in block {height}: {record}"))?;
        let pruned = &mut self.network.nodes[PRUNED];
        pruned
            .until("forgetting", async |node| {
                let status = node.call("chain.status", json!({})).await.ok()?;
                (status["earliest"].as_u64()? > height).then_some(())
            })
            .await?;

        let (file, home) = (self.dir.join("fact"), self.network.nodes[PRUNED].home.display().to_string());
        let (out, height, index) = (file.display().to_string(), height.to_string(), place.to_string());
        let contract = Contract::at(&self.network.nodes[PRUNED].rpc)?;
        let asked = ["audit", "proof", "--height", &height, "--index", &index, "--out", &out, "--home", &home];
        let (_, said) = contract.refused(&asked)?;
        ensure!(said.contains("ask a node that keeps all"), "it is refused otherwise: {said}");
        let keeper = self.network.nodes[0].rpc.clone();
        let written = contract.json(&[&asked[..], &["--record-from", &keeper]].concat())?;
        ensure!(written["verified"] == true, "the proof does not lead from genesis: {written}");
        let verified = contract.json(&["audit", "verify", &out, "--home", &home])?;
        ensure!(verified["kind"] == "tree", "it is not proven by the tree: {verified}");
        ensure!(verified["height"].as_u64() == height.parse().ok(), "another block is proven: {verified}");
        self.tell(&format!(
            "block {height} is proven under the header of block {}: {}",
            verified["head"], verified["sentence"]
        ));
        Ok(())
    }

    /// The council has `witness_network` turned on for the members of `canary_witnesses` alone, and that is carried out.
    ///
    /// # Errors
    /// The first step that does not do what it says.
    pub async fn witness_by_a_subset(&mut self) -> anyhow::Result<()> {
        self.step("The council has witness_network turned on, for the members of canary_witnesses alone");
        let set = ["flags", "set", "witness_network", "--variant", "on", "--only", "canary_witnesses"];
        let change = self.ask_and_agree(&[&set[..], &["--reason", "a few of us begin"]].concat()).await?;
        self.execute_when_ripe(change).await?;
        ensure!(!self.is_on("witness_network").await?, "witness_network is on for everybody");
        Ok(())
    }

    /// The commander disables `recursive_proofs` in an emergency, and `witness_network` goes along.
    ///
    /// # Errors
    /// When they are on afterwards.
    pub async fn stop_proving(&mut self) -> anyhow::Result<()> {
        self.step("The commander disables recursive_proofs, and what requires it goes off with it");
        let disable = ["rollout", "disable", "recursive_proofs", "--cause", "SAFETY", "--reason", "its roots differ"];
        self.ask_for("release_commander", &disable)?;
        for gate in ["recursive_proofs", "witness_network"] {
            ensure!(!self.is_on(gate).await?, "{gate} is still on");
        }
        Ok(())
    }

    fn witness_key(&self, index: usize) -> PathBuf {
        self.network.nodes[index].home.join(WITNESS_KEY)
    }
}

/// What a witness is called in what it signs.
fn named(index: usize) -> String {
    format!("witness{index}")
}

/// The accounts of those who cosigned a checkpoint, in order.
fn cosigners(checkpoint: &Value) -> Vec<String> {
    let said = checkpoint["cosignatures"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut accounts: Vec<String> =
        said.iter().filter_map(|said| said["account"].as_str().map(str::to_owned)).collect();
    accounts.sort();
    accounts
}
