//! Does a release pass that nobody can fetch? Not before enough nodes have it, which give it to each other once one does.

use host::config::Home;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;
use tests::network::QUICK;
use tests::votes::{
    TIME_TO_FETCH, all_yes, attested, concluded, follow, give, held_by_all, propose_signed_for, say_held,
};
use tests::{Contract, Network, NodeProcess};
use update::Releases;

/// Who has not said that it holds what a proposal asks for.
fn without(proposal: &Value) -> Vec<String> {
    let missing = proposal["not_holding"].as_array().into_iter().flatten();
    missing.filter_map(|validator| validator["account"].as_str().map(str::to_owned)).collect()
}

/// Proposes a build of which nothing but the hash is said; voting goes on for at least so long.
async fn proposed(network: &Network, hash: &str, least: Duration) -> anyhow::Result<u64> {
    propose_signed_for(network, least, &attested(network, hash)?, &[]).await
}

fn artifact(node: &NodeProcess, hash: &str) -> PathBuf {
    node.home.join(format!("artifacts/{hash}.bin"))
}

#[tokio::test]
async fn h28_t10_nodes_give_each_other_a_release_that_no_mirror_has_and_say_so() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(dir.path(), 4, QUICK)?;
    network.hurry()?;
    // The last one comes later; three are enough for blocks.
    network.nodes[..3].iter_mut().try_for_each(NodeProcess::start)?;
    network.reach(2).await?;
    let file = dir.path().join("candidate");
    std::fs::write(&file, (0..3_000_000u32).map(|at| (at % 251) as u8).collect::<Vec<_>>())?;
    let hash = update::release_file::inspect(&file)?.build_hash.to_string();
    give(&network.nodes[0], &file)?;
    let id = proposed(&network, &hash, TIME_TO_FETCH).await?;

    // The proposer's node is the only source there is.
    let last = network.nodes[3].account.clone();
    let all_but_the_last = |proposal: &Value| (without(proposal) == [last.as_str()]).then_some(());
    follow(&mut network.nodes[0], id, "the first three hold the release", all_but_the_last).await?;
    assert!(network.nodes[..3].iter().all(|node| artifact(node, &hash).is_file()));
    let served = network.nodes[0].metric("overlay_artifact_bytes_served_total{backend=\"libp2p\"}")?;
    assert!(served >= 3_000_000.0, "{served} bytes came from the proposer's node");

    // It goes, and who comes now has the release from the others.
    network.nodes[0].kill()?;
    network.nodes[3].start()?;
    let proposal = held_by_all(&mut network.nodes[1], id).await?;
    assert!(artifact(&network.nodes[3], &hash).is_file());
    assert_eq!((&proposal["status"], &proposal["availability"]["met"]), (&json!("open"), &json!(true)), "{proposal}");
    // Without it every fourth block takes a round more, and the vote ends later than it is waited for.
    network.nodes[0].start()?;
    network.nodes[0].reach(2).await?;
    all_yes(&network, id)?;
    assert_eq!(concluded(&mut network.nodes[1], id).await?, "activated");
    Ok(())
}

#[tokio::test]
async fn h28_a_release_that_its_proposer_withholds_is_rejected_whoever_votes_for_it() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(dir.path(), 1, QUICK)?;
    network.start_all()?;
    network.reach(2).await?;
    let node = &network.nodes[0];
    let held = node.call("account.get", json!({ "account": node.account })).await?["held"].clone();
    let id = proposed(&network, &"5a".repeat(32), Duration::ZERO).await?;
    all_yes(&network, id)?;
    let contract = Contract::at(&network.nodes[0].rpc)?;
    let shown = String::from_utf8(contract.run(&["gov", "proposal", &id.to_string()])?.stdout)?;
    for part in ["too few validators hold what they ask for", "Validators that do not hold the release"] {
        assert!(shown.contains(part), "{part:?} is missing in {shown}");
    }
    assert_eq!(concluded(&mut network.nodes[0], id).await?, "rejected");
    let node = &network.nodes[0];
    let proposal = node.call("gov.proposal", json!({ "id": id })).await?;
    assert_eq!(proposal["progress"]["shortfall"], "unavailable", "{proposal}");
    assert_eq!(without(&proposal), std::slice::from_ref(&node.account));
    let after = node.call("account.get", json!({ "account": node.account })).await?["held"].clone();
    assert_eq!(after, held, "the deposit is back");
    Ok(())
}

#[tokio::test]
async fn h28_a_node_that_gives_nothing_to_others_does_not_say_that_it_holds_a_release() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(dir.path(), 1, QUICK)?;
    network.nodes[0].configure(|config| config.artifacts.serve = false)?;
    network.start_all()?;
    network.reach(2).await?;
    let file = dir.path().join("candidate");
    std::fs::write(&file, [7_u8; 100_000])?;
    let hash = update::release_file::inspect(&file)?.build_hash.to_string();
    give(&network.nodes[0], &file)?;
    let id = proposed(&network, &hash, Duration::ZERO).await?;
    all_yes(&network, id)?;
    assert_eq!(concluded(&mut network.nodes[0], id).await?, "rejected");
    assert!(artifact(&network.nodes[0], &hash).is_file(), "it has it, and nobody could fetch it there");
    let proposal = network.nodes[0].call("gov.proposal", json!({ "id": id })).await?;
    assert_eq!(proposal["progress"]["shortfall"], "unavailable", "{proposal}");
    Ok(())
}

#[tokio::test]
async fn h28_t10_a_withheld_release_passes_by_no_lie_and_once_nodes_can_fetch_it() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(dir.path(), 4, QUICK)?;
    network.start_all()?;
    network.reach(2).await?;
    let file = dir.path().join("withheld");
    std::fs::write(&file, (0..1_000_000u32).map(|at| (at % 241) as u8).collect::<Vec<_>>())?;
    let build = update::release_file::inspect(&file)?.build_hash;
    let hash = build.to_string();

    // Everybody votes for it. Its proposer says that it holds it, and gives it to nobody.
    let id = proposed(&network, &hash, Duration::ZERO).await?;
    say_held(&network.nodes[0], build).await?;
    all_yes(&network, id)?;
    assert_eq!(concluded(&mut network.nodes[1], id).await?, "rejected");
    let proposal = network.nodes[1].call("gov.proposal", json!({ "id": id })).await?;
    assert_eq!(proposal["progress"]["shortfall"], "unavailable", "{proposal}");
    let missing = without(&proposal);
    assert!(missing.len() == 3 && !missing.contains(&network.nodes[0].account), "only the liar said so: {proposal}");

    // Nobody is told to run it, nobody can install it, and of the looking for it nothing is left.
    let node = &network.nodes[1];
    let runs = node.call("node.version", json!({})).await?;
    let place = node.home.display().to_string();
    let install = ["gov", "fetch-release", "--hash", &hash, "--no-peers", "--install", "--home", &place];
    let (code, said) = Contract::at(&node.rpc)?.refused(&install)?;
    assert!(code == Some(1) && said.contains("(E_NOT_APPROVED)"), "{said}");
    assert_eq!(node.metric("release_updates_refused_total{code=\"E_NOT_APPROVED\"}")?, 1.0);
    assert_eq!(node.call("node.version", json!({})).await?, runs);
    for node in &mut network.nodes {
        let home = Home::at(&node.home);
        assert_eq!(Releases::of(&home).live(), None);
        let looked_for = home.ahead().join(&hash);
        node.until("an end of looking for it", async |_| (!looked_for.exists()).then_some(())).await?;
        assert!(!artifact(node, &hash).exists());
    }

    // Given too late, it is voted on again, and the nodes pass it on.
    give(&network.nodes[0], &file)?;
    let id = proposed(&network, &hash, TIME_TO_FETCH).await?;
    held_by_all(&mut network.nodes[1], id).await?;
    all_yes(&network, id)?;
    assert_eq!(concluded(&mut network.nodes[1], id).await?, "activated");
    assert!(network.nodes.iter().all(|node| artifact(node, &hash).is_file()));
    Ok(())
}
