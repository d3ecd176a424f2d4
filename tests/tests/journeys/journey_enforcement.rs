//! What does a Byzantine validator lose while a council has enforcement on, what when it is turned off afterwards, and what for signing twice
//! while it is off?

use crate::journey_equivocation::{account, decides, notice, own_bond, punishments, signed_twice, waiting};
use anyhow::ensure;
use serde_json::json;
use tests::promotion::PromotionWalk;
use tests::{Contract, Network};

/// Waits until a validator has lost a third of its own stake and decides no block.
async fn loses(network: &mut Network, index: usize, before: u64) -> anyhow::Result<()> {
    let offender = network.nodes[index].account.clone();
    let out = network.nodes[0]
        .until("punishment", async |node| {
            let view = account(node, &offender).await.ok()?;
            let gone = !decides(node, &offender).await.ok()?;
            (view["jailed_until"].is_number() && gone).then_some(view)
        })
        .await?;
    ensure!(own_bond(&out) <= before - before / 3, "{out} is not poorer than {before}");
    Ok(())
}

#[tokio::test]
async fn h15_who_signs_twice_is_punished_unless_enforcement_was_off_when_the_epoch_of_the_act_began()
-> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let tell = |text: &str| println!("{text}");
    let mut walk = PromotionWalk::write_at("testnet", dir.path(), &tell)?;
    // However slow the machine is, what was signed before the vote can still be judged after it.
    walk.network.edit_genesis(|genesis| {
        genesis["staking"]["params"]["unbonding_epochs"] = 500.into();
        genesis["staking"]["params"]["remembered_epochs"] = 600.into();
    })?;
    walk.network.start_all()?;
    walk.network.reach(2).await?;
    let mut bonds = Vec::new();
    for node in &walk.network.nodes {
        bonds.push(own_bond(&account(node, &node.account).await?));
    }

    // With the gate, its bond shrinks and the next set lacks it.
    notice(&walk.network, &signed_twice(&walk.network, 3).await?)?;
    loses(&mut walk.network, 3, bonds[3]).await?;

    let before_the_vote = signed_twice(&walk.network, 2).await?;
    let off = walk.stop_enforcing().await?;
    let while_off = signed_twice(&walk.network, 1).await?;

    // What is signed while it is off is refused, whoever brings it; and the node that noticed it sends nothing.
    let file = dir.path().join("offence.json");
    std::fs::write(&file, serde_json::to_vec(&while_off)?)?;
    let (offence, key) = (file.display().to_string(), walk.network.nodes[0].key());
    let contract = Contract::at(&walk.network.nodes[0].rpc)?;
    let (_, said) = contract.refused(&["staking", "evidence", "--offence", &offence, "--key", &key])?;
    ensure!(said.contains("E_GATE_OFF: "), "it is refused otherwise: {said}");
    notice(&walk.network, &while_off)?;
    walk.network.nodes[0].until("end of what waits", async |node| (waiting(node) == 0).then_some(())).await?;
    let status = walk.network.nodes[0].call("chain.status", json!({})).await?;
    let unenforced = status["unenforced"].as_array().cloned().unwrap_or_default();
    ensure!(unenforced.first() == Some(&off.into()), "epoch {off} is not the first that is not punished: {status}");

    // Turned off afterwards, it is punished all the same.
    notice(&walk.network, &before_the_vote)?;
    loses(&mut walk.network, 2, bonds[2]).await?;
    let accounts: Vec<String> = walk.network.nodes.iter().map(|node| node.account.clone()).collect();
    for (punished, _) in punishments(&walk.network.nodes[0]).await? {
        ensure!(punished["validator"] != accounts[1].as_str(), "{punished} while it was off");
    }
    let unhurt = account(&walk.network.nodes[0], &accounts[1]).await?;
    ensure!(own_bond(&unhurt) == bonds[1] && unhurt["jailed_until"].is_null(), "{unhurt}");
    ensure!(decides(&walk.network.nodes[0], &accounts[1]).await?);
    Ok(())
}
