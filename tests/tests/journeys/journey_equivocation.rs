//! What becomes of a validator whose key has signed on two machines, without anybody's help?

use anyhow::{Context as _, ensure};
use host::config::Home;
use primitives::{BlockHash, Height, VoteKind, vote_payload};
use serde_json::{Value, json};
use staking::{Offence, SignedVote};
use std::path::Path;
use store::EvidenceFolder;
use tests::{Contract, Network, NodeProcess};

/// Two prevotes of one round of the newest block that a validator has signed, as its key on a machine that does not look after it would.
pub async fn signed_twice(network: &Network, index: usize) -> anyhow::Result<Offence> {
    let (offender, witness) = (&network.nodes[index], &network.nodes[0]);
    let key = host::keys::read(Path::new(&offender.key()))?;
    let genesis = rpc::genesis_file::read(&Home::at(&witness.home).genesis())?;
    let height = Height(witness.height().await?);
    let signed = |block: Option<BlockHash>| {
        let payload = vote_payload(&genesis.chain.chain_id, VoteKind::Prevote, height, 0, block);
        SignedVote { block, signature: key.sign(&payload) }
    };
    let votes = [signed(None), signed(Some(BlockHash([9; 32])))];
    Offence::of_votes(key.account(), height, 0, VoteKind::Prevote, votes).context("it is an offence")
}

/// Leaves an offence where the first node keeps what it notices.
pub fn notice(network: &Network, offence: &Offence) -> anyhow::Result<()> {
    let home = Home::at(&network.nodes[0].home);
    let genesis = rpc::genesis_file::read(&home.genesis())?;
    EvidenceFolder::of(&home, &genesis).keep(offence)?;
    Ok(())
}

/// Whether a validator decides the blocks of this epoch.
pub async fn decides(node: &NodeProcess, account: &str) -> anyhow::Result<bool> {
    let status = node.call("chain.status", json!({})).await?;
    let set = status["validators"].as_array().context("no validators")?;
    Ok(set.iter().any(|member| member["account"] == account))
}

pub async fn account(node: &NodeProcess, account: &str) -> anyhow::Result<Value> {
    node.call("account.get", json!({ "account": account })).await
}

/// What a validator has bonded to itself.
pub fn own_bond(view: &Value) -> u64 {
    let bonds = view["bonds"].as_array().into_iter().flatten();
    let own = bonds.filter(|bond| bond["validator"] == view["account"]);
    own.filter_map(|bond| bond["amount"].as_str()?.parse::<u64>().ok()).sum()
}

/// The punishments in the blocks so far, with the account that proved each.
pub async fn punishments(node: &NodeProcess) -> anyhow::Result<Vec<(Value, Value)>> {
    let mut found = Vec::new();
    for height in 1..=node.height().await? {
        let record = node.call("chain.record", json!({ "height": height })).await?;
        for fact in record["facts"].as_array().context("a record without facts")? {
            let punished = &fact["outcome"]["Ok"]["staking"]["punished"];
            if punished.is_object() {
                found.push((punished.clone(), fact["cause"]["transaction"]["account"].clone()));
            }
        }
    }
    Ok(found)
}

/// The offences that wait in a home.
pub fn waiting(node: &NodeProcess) -> usize {
    std::fs::read_dir(node.home.join("evidence")).map_or(0, Iterator::count)
}

#[tokio::test]
async fn h15_a_key_that_signed_twice_is_proven_on_chain_loses_stake_leaves_the_set_and_returns() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(dir.path(), 4, &["--block-time-ms", "1", "--epoch-length", "40"])?;
    network.hurry()?;
    network.edit_genesis(|genesis| genesis["staking"]["params"]["penalties"]["jail_epochs"] = 1.into())?;
    network.start_all()?;
    network.reach(2).await?;
    let offender = network.nodes[3].account.clone();
    let before = own_bond(&account(&network.nodes[0], &offender).await?);
    ensure!(before > 0 && decides(&network.nodes[0], &offender).await?);

    notice(&network, &signed_twice(&network, 3).await?)?;
    let watched = offender.clone();
    let out = network.nodes[0]
        .until("punishment", async |node| {
            let view = account(node, &watched).await.ok()?;
            let gone = !decides(node, &watched).await.ok()?;
            (view["jailed_until"].is_number() && gone).then_some(view)
        })
        .await?;
    ensure!(own_bond(&out) <= before - before / 3, "{out} is not poorer than {before}");

    // Somebody else proved it, and was paid; nobody else was punished; the chain goes on.
    let punished = punishments(&network.nodes[0]).await?;
    ensure!(!punished.is_empty());
    for (punished, reporter) in &punished {
        ensure!(punished["validator"] == offender.as_str() && punished["reporter"] == *reporter, "{punished}");
        ensure!(*reporter != offender.as_str(), "{punished} by itself");
        ensure!(punished["reward"].as_str().is_some_and(|reward| reward != "0"), "{punished}");
    }
    let height = network.nodes[0].height().await?;
    network.nodes[0].reach(height + 10).await?;
    ensure!(network.nodes[0].metric("chain_offences_total")? >= 1.0);
    for node in &mut network.nodes {
        node.until("end of what waits", async |node| (waiting(node) == 0).then_some(())).await?;
    }

    // It comes back by its own word, once its time is over.
    let contract = Contract::at(&network.nodes[0].rpc)?;
    let until = account(&network.nodes[0], &offender).await?["jailed_until"].as_u64().context("it is not jailed")?;
    network.nodes[0]
        .until("end of the time", async |node| {
            let status = node.call("chain.status", json!({})).await.ok()?;
            (status["epoch"].as_u64()? >= until).then_some(())
        })
        .await?;
    let key = network.nodes[3].key();
    let view = contract.json(&["staking", "unjail", "--key", &key])?;
    ensure!(view["status"] == "included" && view["refusal"].is_null(), "{view}");
    network.nodes[0]
        .until("return to the set", async |node| decides(node, &offender).await.ok()?.then_some(()))
        .await?;
    let nodes: Vec<&NodeProcess> = network.nodes.iter().collect();
    tests::chain::same(&nodes).await?;
    Ok(())
}
