//! Is a downloaded release the one that governance approved? From the script that writes it to the chain and back.

use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tests::Network;
use tests::network::QUICK;
use tests::provenance::{Workshop, facts, refusal};
use tests::votes::{all_yes, approve, concluded, propose};

/// A release whose node has a hash of its own, with the workshop that made it.
fn made(dir: &Path, mark: &str) -> anyhow::Result<(Workshop, PathBuf, Value)> {
    let workshop = Workshop::open(&dir.join(mark), mark)?;
    let release = workshop.release()?;
    let facts = facts(&release)?;
    Ok((workshop, release, facts))
}

/// The words of a release for a proposal, as the documentation says them.
fn words(facts: &Value) -> Vec<String> {
    let named = [
        ("--version", "version"),
        ("--platform", "platform"),
        ("--sha256", "sha256"),
        ("--source-commit", "source_commit"),
        ("--source-hash", "source_hash"),
        ("--vendor-hash", "vendor_tree_hash"),
        ("--dependency-snapshot", "dependency_snapshot_hash"),
        ("--sbom", "sbom_hash"),
        ("--provenance", "provenance_hash"),
    ];
    let mut words = vec!["--size".to_owned(), facts["size"].to_string()];
    for (option, name) in named {
        words.extend([option.to_owned(), facts[name].as_str().unwrap_or_default().to_owned()]);
    }
    words
}

async fn approved(network: &mut Network, facts: &Value) -> anyhow::Result<u64> {
    let words = words(facts);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    approve(network, facts["build_hash"].as_str().unwrap_or_default(), &words).await
}

#[tokio::test]
async fn t4_a_release_is_held_against_what_the_chain_approved() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let (workshop, release, facts) = made(dir.path(), "one")?;
    let (other_workshop, other_release, other_facts) = made(dir.path(), "other")?;
    let mut network = Network::write(&dir.path().join("network"), 1, QUICK)?;
    network.edit_genesis(|genesis| genesis["releases"]["params"]["notice_epochs"] = 1.into())?;
    network.start_all()?;
    network.reach(2).await?;
    let rpc = network.nodes[0].rpc.clone();
    let contract = tests::binaries::built("contract")?;
    let verify = |workshop: &Workshop, release: &Path| {
        let mut command = workshop.verify(release);
        command.args(["--rpc", &rpc, "--contract"]).arg(&contract);
        command
    };

    let (code, said) = refusal(&mut verify(&workshop, &release))?;
    assert!(code == Some(1) && said.contains("E_NODE: the node at") && said.contains("approved"), "{said}");

    approved(&mut network, &facts).await?;
    let output = verify(&workshop, &release).output()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(
        String::from_utf8_lossy(&output.stdout).contains("the chain approves this release\n"),
        "a digest was left out"
    );

    // The right build beside the bill of materials of another release.
    let mut mixed = other_facts.clone();
    mixed["sbom_hash"] = facts["provenance_hash"].clone();
    approved(&mut network, &mixed).await?;
    let (code, said) = refusal(&mut verify(&other_workshop, &other_release))?;
    let sentence =
        format!("E_MIXMATCH: the chain approved sbom_hash {}", facts["provenance_hash"].as_str().unwrap_or_default());
    assert!(code == Some(1) && said.contains(&sentence), "{said}");

    let hash = facts["build_hash"].as_str().unwrap_or_default().to_owned();
    let id = propose(&network, &["propose-revoke", "--hash", &hash, "--reason", "it leaks keys"]).await?;
    all_yes(&network, id)?;
    concluded(&mut network.nodes[0], id).await?;
    network.nodes[0]
        .until("the end of the notice", async |node| {
            let release = node.call("gov.release", json!({ "hash": hash })).await.ok()?;
            (release["verdict"] != "approved").then_some(())
        })
        .await?;
    let (code, said) = refusal(&mut verify(&workshop, &release))?;
    assert!(code == Some(1) && said.contains("E_NOT_APPROVED: ") && said.contains("it leaks keys"), "{said}");
    Ok(())
}
