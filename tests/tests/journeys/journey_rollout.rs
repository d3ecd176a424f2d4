//! Does a council promote a network that one validator seals to one that a quorum decides, and does each go on without those that it can
//! do without; and does it go on from there to mainnet, where every gate does what it says? The walks that `make demo-rollout` takes, the
//! first with validators killed before and after, the second with some killed at each gate.

use std::path::Path;
use std::process::Command;
use tests::promotion::{PRUNED, PromotionWalk, TestedBuild, standstill};
use tests::{Network, chain};

/// Sealed: who does not decide may be gone, all of them; without the one who does, all stand still.
async fn sealed(network: &mut Network) -> anyhow::Result<()> {
    for node in &mut network.nodes[1..] {
        node.kill()?;
    }
    let height = network.nodes[0].height().await?;
    let height = network.nodes[0].reach(height + 5).await?;
    network.start_all()?;
    network.reach(height).await?;
    println!("three of four were killed, and the sealer went on to block {height}");

    network.nodes[0].kill()?;
    let stood = standstill(&mut network.nodes[1..]).await?;
    println!("the sealer was killed, and the three others stood still at block {stood}");
    network.nodes[0].start()?;
    network.reach(stood + 2).await
}

/// By quorum: whoever of the four is gone, the others go on; without two, they stand still.
async fn by_quorum(network: &mut Network) -> anyhow::Result<()> {
    for victim in 0..network.nodes.len() {
        network.nodes[victim].kill()?;
        let asked = &mut network.nodes[(victim + 1) % 4];
        let height = asked.height().await?;
        let height = asked.reach(height + 3).await?;
        println!("node{victim} was killed, and the others went on to block {height}");
        network.nodes[victim].start()?;
        network.nodes[victim].reach(height).await?;
    }
    for victim in [1, 3] {
        network.nodes[victim].kill()?;
    }
    let stood = standstill(&mut network.nodes).await?;
    println!("two of four were killed, and the others stood still at block {stood}");
    network.start_all()?;
    network.reach(stood + 2).await
}

/// The build starts on a home that has nothing but genesis, by a ticket from there, and by nothing else.
fn proven(network: &Network, build: &TestedBuild, ticket: &Path) -> anyhow::Result<()> {
    let newcomer = network.follower()?;
    let checked = |more: &[&str]| -> anyhow::Result<Option<i32>> {
        let check = Command::new(&build.file).args(["check", "--home"]).arg(&newcomer.home).args(more).output()?;
        Ok(check.status.code())
    };
    assert_eq!(checked(&[])?, Some(10), "genesis does not know the build");
    assert_eq!(checked(&["--ticket", &ticket.display().to_string()])?, Some(0));
    Ok(())
}

#[tokio::test]
async fn a_sealed_network_is_promoted_to_a_quorum_and_goes_on_without_those_it_can_do_without() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let tell = |text: &str| println!("{text}");
    let mut walk = PromotionWalk::write(dir.path(), &tell)?;
    walk.start().await?;
    sealed(&mut walk.network).await?;
    let build = walk.approve_build().await?;
    walk.promote(&build).await?;
    by_quorum(&mut walk.network).await?;
    let ticket = walk.prove(&build)?;
    proven(&walk.network, &build, &ticket)?;
    let compared = chain::same(&walk.network.nodes.iter().collect::<Vec<_>>()).await?;
    println!("four nodes agree on {compared} blocks, across the change of who decides them");
    for node in &mut walk.network.nodes {
        assert_eq!(node.stop().await?.code(), Some(0), "{}", node.last_words());
    }
    Ok(())
}

/// Who is paid and who is not, who witnesses, and what a pruned node proves is required on the way; a validator is dead each time that a
/// gate is turned on.
#[tokio::test]
async fn a_network_goes_on_to_mainnet_where_who_is_there_is_paid_two_witness_and_a_pruned_node_proves_what_it_forgot()
-> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let tell = |text: &str| println!("{text}");
    let mut walk = PromotionWalk::write(dir.path(), &tell)?;
    walk.equip()?;
    walk.start().await?;
    let build = walk.approve_build().await?;
    let testnet = walk.promote(&build).await?;
    walk.go_on_to_mainnet(testnet, &build).await?;
    walk.look_back(dir.path()).await?.stop()?;
    let nodes = walk.network.nodes.iter().enumerate();
    let keepers: Vec<_> = nodes.filter(|(index, _)| *index != PRUNED).map(|(_, node)| node).collect();
    let compared = chain::same(&keepers).await?;
    println!("three nodes agree on {compared} blocks, over every gate");
    for node in &mut walk.network.nodes {
        assert_eq!(node.stop().await?.code(), Some(0), "{}", node.last_words());
    }
    Ok(())
}
