//! Do validators agree, whoever dies and whenever?

use rand::{Rng, SeedableRng, rngs::StdRng};
use std::time::Duration;
use tests::network::QUICK;
use tests::{Network, NodeProcess, chain};

/// Four validators whose rounds time out soon; any three of them have more than two thirds of the stake, no two have.
async fn four(dir: &tempfile::TempDir) -> anyhow::Result<Network> {
    let mut network = Network::write(dir.path(), 4, QUICK)?;
    network.hurry()?;
    network.start_all()?;
    network.reach(2).await?;
    Ok(network)
}

/// Compares all nodes at all heights, then stops them, and lets each look at its own store.
async fn end_in_agreement(network: &mut Network) -> anyhow::Result<()> {
    let nodes: Vec<&NodeProcess> = network.nodes.iter().collect();
    let compared = chain::same(&nodes).await?;
    println!("{} nodes agree on {compared} blocks", nodes.len());
    for node in &mut network.nodes {
        assert_eq!(node.stop().await?.code(), Some(0), "{}", node.last_words());
        let (code, report) = node.check()?;
        assert_eq!(code, Some(0), "{report}");
    }
    Ok(())
}

/// When a node is killed.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// While it decides blocks with the others.
    Deciding,
    /// So many milliseconds after its start: before, while or after it opens its store and its ports.
    Starting(u64),
    /// While it takes the blocks it has missed.
    CatchingUp,
}

#[tokio::test]
async fn a_validator_killed_and_restarted_at_different_moments_never_forks_the_chain() -> anyhow::Result<()> {
    let seed = rand::random();
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let dir = tempfile::tempdir()?;
    let mut network = four(&dir).await?;
    let moments = [
        Moment::Deciding,
        Moment::Starting(random.gen_range(1..40)),
        Moment::CatchingUp,
        Moment::Deciding,
        Moment::Starting(random.gen_range(40..400)),
        Moment::Deciding,
    ];
    for (round, moment) in moments.into_iter().enumerate() {
        let victim = random.gen_range(0..4);
        println!("round {round}: node{victim} dies, {moment:?}");
        die(&mut network, victim, moment).await?;
        let asked = &mut network.nodes[(victim + 1) % 4];
        let height = asked.height().await?;
        let height = asked.reach(height + 2).await?;
        let node = &mut network.nodes[victim];
        node.start()?;
        node.reach(height).await?;
    }
    end_in_agreement(&mut network).await
}

async fn die(network: &mut Network, victim: usize, moment: Moment) -> anyhow::Result<()> {
    let node = &mut network.nodes[victim];
    match moment {
        Moment::Deciding => {
            let height = node.height().await?;
            node.reach(height + 1).await?;
        }
        Moment::Starting(after) => {
            node.kill()?;
            node.start()?;
            // The moment is the point of the test, so there is no event to wait for.
            tokio::time::sleep(Duration::from_millis(after)).await;
        }
        Moment::CatchingUp => {
            node.kill()?;
            let asked = &mut network.nodes[(victim + 1) % 4];
            let height = asked.height().await?;
            asked.reach(height + 10).await?;
            let node = &mut network.nodes[victim];
            node.start()?;
            node.reach(height + 1).await?;
        }
    }
    network.nodes[victim].kill()
}

#[tokio::test]
async fn three_of_four_go_on_and_two_of_four_halt_until_one_returns() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = four(&dir).await?;
    network.nodes[3].kill()?;
    let height = network.nodes[0].height().await?;
    network.nodes[0].reach(height + 6).await?;

    network.nodes[2].kill()?;
    let halted = halted_height(&mut network.nodes[..2]).await?;
    for node in &network.nodes[..2] {
        let health = node.call("node.health", serde_json::json!({})).await?;
        assert_eq!(health["height"], halted, "a halted node still answers: {health}");
    }

    network.nodes[2].start()?;
    network.nodes[0].reach(halted + 3).await?;
    network.nodes[3].start()?;
    let height = network.nodes[0].height().await?;
    network.reach(height + 2).await?;
    end_in_agreement(&mut network).await
}

/// The height at which nodes stand still. That nothing happens has no event, so this waits for a bounded time: for 20 block
/// times, and several timeouts of each kind, in which a network that could decide would have.
async fn halted_height(nodes: &mut [NodeProcess]) -> anyhow::Result<u64> {
    // What was decided by three before the kill may still arrive.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = [nodes[0].height().await?, nodes[1].height().await?];
    tokio::time::sleep(Duration::from_secs(4)).await;
    let after = [nodes[0].height().await?, nodes[1].height().await?];
    assert_eq!(before, after, "half of the stake decided blocks");
    assert!(before[0].abs_diff(before[1]) <= 1, "{before:?}");
    Ok(before[0].min(before[1]))
}

#[tokio::test]
async fn a_late_joiner_and_a_node_that_was_down_for_many_blocks_take_the_chain_from_the_others() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(dir.path(), 4, QUICK)?;
    network.hurry()?;
    for node in &mut network.nodes[..3] {
        node.start()?;
    }
    let height = network.nodes[0].reach(20).await?;

    // A validator whose database is empty, and a node that only follows.
    network.nodes[3].start()?;
    let follower = network.follower()?;
    network.nodes.push(follower);
    network.nodes[4].start()?;
    network.nodes[3].reach(height).await?;
    network.nodes[4].reach(height).await?;

    network.nodes[1].kill()?;
    network.nodes[4].kill()?;
    let height = network.nodes[0].height().await?;
    let height = network.nodes[0].reach(height + 30).await?;
    for index in [1, 4] {
        network.nodes[index].start()?;
        network.nodes[index].reach(height).await?;
    }
    // The late joiner also votes: the others need it while one of them is down.
    network.nodes[2].kill()?;
    let height = network.nodes[0].height().await?;
    network.nodes[0].reach(height + 3).await?;
    network.nodes[2].start()?;
    network.reach(height + 3).await?;
    end_in_agreement(&mut network).await
}

#[tokio::test]
async fn a_power_cut_of_all_validators_at_once_loses_no_decided_block() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = four(&dir).await?;
    for _ in 0..3 {
        let height = network.nodes[0].height().await?;
        let height = network.nodes[0].reach(height + 2).await?;
        let decided = chain::blocks(&network.nodes[0], height).await?;
        for node in &mut network.nodes {
            node.kill()?;
        }
        network.start_all()?;
        network.reach(height + 2).await?;
        for node in &network.nodes {
            assert_eq!(chain::blocks(node, height).await?, decided, "{} has other blocks than before", node.rpc);
        }
    }
    end_in_agreement(&mut network).await
}
