//! How does a build go out of use, and what does a node that runs it do?

use serde_json::json;
use tests::network::{QUICK, free_base_port};
use tests::votes::{all_hold, all_yes, concluded, propose};
use tests::walk::{Walk, stripped};
use tests::{Contract, Network, binaries};

#[tokio::test]
async fn a_node_whose_build_is_revoked_says_so_and_stops_at_the_end_of_the_notice() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let executable = binaries::copied("the-block", dir.path())?;
    let candidate = stripped(&executable, &dir.path().join("the-block-0.2.0"))?;
    let mut network = Network::write_with(&executable, &dir.path().join("network"), 4, free_base_port(4)?, QUICK)?;
    // Long enough to look at a node that has been warned.
    network.edit_genesis(|genesis| genesis["releases"]["params"]["notice_epochs"] = 8.into())?;
    network.hurry()?;
    let walked = Walk { network: &mut network, candidate: &candidate, tell: &|_| {} }.take().await?;
    let old = network.nodes[0].call("node.version", json!({})).await?["build_bin_hash"].as_str().unwrap().to_owned();
    for index in [0, 1] {
        let node = &mut network.nodes[index];
        let height = node.height().await?;
        node.stop().await?;
        node.executable.clone_from(&candidate);
        node.start()?;
        node.reach(height + 1).await?;
    }

    // T25: the build that the network runs has no successor yet.
    let refused = propose(&network, &["propose-revoke", "--hash", &walked.build_hash, "--reason", "it leaks"]).await;
    let said = refused.unwrap_err().to_string();
    assert!(said.contains("activate a successor of "), "{said}");

    let id = propose(&network, &["propose-revoke", "--hash", &old, "--reason", "it leaks keys"]).await?;
    all_yes(&network, id)?;
    assert_eq!(concluded(&mut network.nodes[0], id).await?, "activated");
    let advice = network.nodes[0].call("gov.release_advice", json!({ "hash": old })).await?;
    assert_eq!(
        (&advice["status"], &advice["upgrade_to"]),
        (&json!("must_upgrade"), &json!(walked.build_hash)),
        "{advice}"
    );
    let end = advice["must_upgrade_by_epoch"].as_u64().expect("an epoch");

    let warned = &mut network.nodes[2];
    warned.until("the warning", async |node| (node.metric("build_ends").ok()? == 1.0).then_some(())).await?;
    assert_eq!(warned.metric("build_end_epoch")?, end as f64);
    let health = warned.operate("node.health", json!({})).await?;
    assert!(health["warnings"].to_string().contains("it leaks keys"), "{health}");
    assert_eq!(warned.exit().await?.code(), Some(11), "{}", warned.last_words());
    let log = std::fs::read_to_string(warned.log())?;
    assert!(log.contains("was revoked") && log.contains("the-block: stopped: "), "{}", warned.last_words());
    let (code, report) = warned.check()?;
    assert_eq!((code, report["decision"].as_str()), (Some(11), Some("no_longer_approved")), "{report}");
    assert!(report["reason"].as_str().unwrap_or_default().contains("it leaks keys"), "{report}");

    // It signed nothing of the epoch in which its build is out of use; the others go on.
    let first_height = end * 5;
    network.nodes[0].reach(first_height + 3).await?;
    for height in first_height..first_height + 3 {
        let certificate = network.nodes[0].call("chain.certificate", json!({ "height": height })).await?;
        assert!(!certificate.to_string().contains(&network.nodes[2].account), "height {height}: {certificate}");
    }
    assert_eq!(network.nodes[0].metric("build_ends")?, 0.0);
    Ok(())
}

#[tokio::test]
async fn a_minimum_an_end_of_support_and_a_cancellation_are_proposed_shown_and_carried_out() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let executable = binaries::copied("the-block", dir.path())?;
    let candidate = stripped(&executable, &dir.path().join("the-block-0.2.0"))?;
    let mut network = Network::write_with(&executable, &dir.path().join("network"), 1, free_base_port(1)?, QUICK)?;
    let walked = Walk { network: &mut network, candidate: &candidate, tell: &|_| {} }.take().await?;
    let genesis: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(network.nodes[0].home.join("config/genesis.json"))?)?;
    let old = genesis["releases"]["approved"][0]["build_hash"].as_str().expect("a hash").to_owned();

    let far =
        (network.nodes[0].call("chain.status", json!({})).await?["epoch"].as_u64().unwrap_or(0) + 500).to_string();
    // T25: all of the stake runs the new build, and none of it the old one.
    let ends = ["propose-end-of-support", "--hash", &walked.build_hash, "--epoch", &far];
    let refused = propose(&network, &ends).await.unwrap_err().to_string();
    assert!(refused.contains(" 0 of ") && refused.contains("let its nodes change to it first"), "{refused}");
    let ends = ["propose-end-of-support", "--hash", &old, "--epoch", &far, "--track"];
    let refused = propose(&network, &[&ends[..], &["routine"]].concat()).await.unwrap_err().to_string();
    assert!(refused.contains("it can only be decided on the expedited track"), "{refused}");
    let support = propose(&network, &ends[..5]).await?;
    let minimum = propose(&network, &["propose-minimum", "--sequence", "2", "--reason", "the old one leaks"]).await?;
    let contract = Contract::at(&network.nodes[0].rpc)?;
    let stop = minimum.to_string();
    let twice = propose(&network, &["propose-minimum", "--sequence", "2", "--reason", "twice"]).await?;
    all_yes(&network, support)?;
    all_yes(&network, minimum)?;
    all_yes(&network, twice)?;
    let shown = String::from_utf8(contract.run(&["gov", "proposal", &stop])?.stdout)?;
    assert!(shown.contains("no release below 2 may run") && shown.contains("the old one leaks"), "{shown}");
    assert_eq!(concluded(&mut network.nodes[0], support).await?, "activated");
    assert_eq!(concluded(&mut network.nodes[0], minimum).await?, "activated");
    assert_eq!(concluded(&mut network.nodes[0], twice).await?, "cancelled", "the first has done it");
    let release = contract.json(&["gov", "release", &old])?;
    assert_eq!(release["standing"]["superseded"]["end_of_support_epoch"].to_string(), far, "{release}");
    network.nodes[0]
        .until("the end of the old build", async |node| {
            let advice = node.call("gov.release", json!({ "hash": old })).await.ok()?;
            advice["verdict"].get("below_minimum_sequence").map(|_| ())
        })
        .await?;

    // Another build passes, and is stopped before it activates.
    let third = "ab".repeat(32);
    let roster = contract.json(&["gov", "signers"])?;
    let mut arguments = vec!["propose-release", "--hash", &third, "--threshold", "2", "--delay", "40"];
    let signed: Vec<serde_json::Value> = (0..2)
        .map(|index| contract.json(&["release", "sign", "--hash", &third, "--key", &network.signer(index)]))
        .collect::<anyhow::Result<_>>()?;
    for one in &signed {
        arguments.extend([
            "--signer",
            one["signer"].as_str().unwrap(),
            "--signature",
            one["signature"].as_str().unwrap(),
        ]);
    }
    let release = propose(&network, &arguments).await?;
    all_hold(&network, release).await?;
    all_yes(&network, release)?;
    let cancel =
        propose(&network, &["propose-cancel", "--id", &release.to_string(), "--reason", "found a bug"]).await?;
    all_yes(&network, cancel)?;
    assert_eq!(concluded(&mut network.nodes[0], cancel).await?, "activated");
    assert_eq!(concluded(&mut network.nodes[0], release).await?, "cancelled", "{roster}");
    Ok(())
}
