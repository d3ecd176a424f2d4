//! What does `TB_RELEASE_SIGNERS` keep out? Every release that one of the operator's own signers has not signed, at the node
//! and at the command line, before anything is stored.

use primitives::{BuildHash, PublicKey};
use rpc::error;
use serde_json::{Value, json};
use tests::chain::stored_since;
use tests::network::QUIET;
use tests::refusal::refused_start;
use tests::release::{Draft, attest};
use tests::wallet::{included, submit};
use tests::{Contract, Network, TestWallet};

const HASH: BuildHash = BuildHash([0xcd; 32]);

#[tokio::test]
async fn a_node_takes_only_releases_that_all_its_trusted_signers_signed() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(dir.path(), 1, QUIET)?;
    let signers = (0..3).map(|index| TestWallet::open(network.signer(index))).collect::<anyhow::Result<Vec<_>>>()?;
    let roster: Vec<PublicKey> = signers.iter().map(|signer| signer.0.public()).collect();
    let trusted = format!("{}\n{}", roster[0].to_string().to_uppercase(), roster[2]);
    network.nodes[0].environment = vec![("TB_RELEASE_SIGNERS".into(), trusted)];
    network.start_all()?;
    network.settle().await?;
    let validator = TestWallet::open(network.nodes[0].key())?;
    let node = &mut network.nodes[0];
    let before = node.height().await?;

    // The chain would take two of three; this operator asks for the first and the third.
    let lacking = Draft::of(HASH, &signers[..2], &roster);
    let foreign = lacking.spoiled(|vote| {
        let spoiled = [attest(&signers[0], HASH), attest(&signers[2], BuildHash([1; 32]))];
        vote.signatures = primitives::List::truncate_from(spoiled.to_vec());
    });
    for (draft, says) in [(&lacking, "lacks the signature of"), (&foreign, "that is not valid over")] {
        let transaction = validator.signed(node, &draft.call(), |_| {}).await?;
        let refused = submit(node, &transaction).await.expect_err(says);
        assert_eq!(refused.code, error::POOL_PROVENANCE, "{refused:?}");
        assert!(refused.message.contains(says) && refused.message.contains(&roster[2].to_string()), "{refused:?}");
    }
    assert_eq!(node.metric("build_provenance_invalid_total")?, 2.0);
    assert_eq!(node.metric("build_provenance_valid_total")?, 0.0);
    assert_eq!(node.call("gov.proposals", json!({})).await?["total"], 0);
    assert_eq!(node.metric("mempool_transactions")?, 0.0);
    assert_eq!(stored_since(node, before).await?, [Value::Null; 0], "something was stored");

    let good = Draft::of(HASH, &[signers[0].clone(), signers[2].clone()], &roster);
    let hash = submit(node, &validator.signed(node, &good.call(), |_| {}).await?).await.expect("all of them signed");
    included(node, &hash).await?;
    assert_eq!(node.metric("build_provenance_valid_total")?, 1.0);
    assert_eq!(node.call("gov.proposals", json!({})).await?["total"], 1);
    Ok(())
}

#[tokio::test]
async fn the_command_line_submits_only_releases_that_all_its_trusted_signers_signed() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(dir.path(), 1, QUIET)?;
    network.start_all()?;
    network.reach(3).await?;
    let node = &network.nodes[0];
    let (key, hash) = (node.key(), HASH.to_string());
    let signers = (0..3).map(|index| TestWallet::open(network.signer(index))).collect::<anyhow::Result<Vec<_>>>()?;
    let mut arguments = vec!["gov", "propose-release", "--hash", &hash, "--key", &key, "--threshold", "2"];
    let pairs: Vec<(String, String)> = signers[..2]
        .iter()
        .map(|signer| (signer.0.public().to_string(), attest(signer, HASH).signature.to_string()))
        .collect();
    for (signer, signature) in &pairs {
        arguments.extend(["--signer", signer, "--signature", signature]);
    }
    let third = signers[2].0.public().to_string();
    let file = dir.path().join("trusted.txt");
    std::fs::write(&file, format!("# the third alone\n{third}\n"))?;
    let home = dir.path().join("operator");
    std::fs::create_dir_all(home.join("config"))?;
    std::fs::write(home.join("config/release_signers.txt"), &third)?;
    let in_file = ("TB_RELEASE_SIGNERS_FILE".to_owned(), file.display().to_string());
    let home = home.display().to_string();

    let mut contract = Contract::at(&node.rpc)?;
    contract.environment = vec![("TB_RELEASE_SIGNERS".into(), third.clone())];
    let by_variable = contract.refused(&arguments)?;
    contract.environment = vec![in_file];
    let by_file = contract.refused(&arguments)?;
    contract.environment.clear();
    let by_home = contract.refused(&[&arguments[..], &["--home", &home]].concat())?;
    for (code, said) in [by_variable, by_file, by_home] {
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains(&format!("lacks the signature of {third}")), "{said}");
    }
    // The node was not even asked: it would have counted a call.
    assert!(node.metric("rpc_latency_seconds_count{method=\"tx.submit\",result=\"ok\"}").is_err());
    assert_eq!(node.call("gov.proposals", json!({})).await?["total"], 0);

    contract.environment = vec![("TB_RELEASE_SIGNERS".into(), pairs[0].0.to_uppercase())];
    assert_eq!(contract.json(&arguments)?["status"], "included");
    Ok(())
}

#[tokio::test]
async fn a_malformed_list_of_signers_stops_node_and_command_line_and_names_the_line() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(dir.path(), 1, QUIET)?;
    let good = TestWallet::fresh().0.public().to_string();
    let file = dir.path().join("trusted.txt");
    std::fs::write(&file, format!("# ours\n{good}\n{}\n", &good[1..]))?;
    let place = file.display().to_string();
    let cases = [
        ("TB_RELEASE_SIGNERS", format!("{good},\nnonsense"), "TB_RELEASE_SIGNERS line 2".to_owned()),
        ("TB_RELEASE_SIGNERS", format!("{good}\n{}", good.to_uppercase()), "is already on line 1".to_owned()),
        ("TB_RELEASE_SIGNERS", " ".to_owned(), "names no release signer".to_owned()),
        ("TB_RELEASE_SIGNERS_FILE", place.clone(), format!("{place} line 3")),
        ("TB_RELEASE_SIGNERS_FILE", "/nowhere".to_owned(), "/nowhere cannot be read".to_owned()),
    ];
    let (key, hash) = (network.nodes[0].key(), HASH.to_string());
    for (name, value, says) in cases {
        let environment = vec![(name.to_owned(), value)];
        let node = &mut network.nodes[0];
        node.environment = environment.clone();
        let refused = refused_start(node).await?;
        // What could not be read may be there at the next start (O9).
        let code = if says.ends_with("cannot be read") { 1 } else { 2 };
        assert_eq!(refused.code, Some(code), "{refused:?}");
        assert!(refused.said.contains(&says), "{says:?} is missing: {refused:?}");
        let mut contract = Contract::at(&node.rpc)?;
        contract.environment = environment;
        let (code, said) = contract.refused(&["gov", "propose-release", "--hash", &hash, "--key", &key])?;
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains(&says), "{says:?} is missing: {said}");
    }
    Ok(())
}
