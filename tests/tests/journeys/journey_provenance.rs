//! Is a downloaded release the one that governance approved? From the script that writes it to the chain and back.

use anyhow::Context as _;
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use tests::network::QUICK;
use tests::provenance::{Workshop, facts, refusal};
use tests::votes::{all_yes, approve, concluded, propose};
use tests::{Network, SignedManifest};

/// A release whose node has a hash of its own, with the workshop that made it.
fn made(dir: &Path, mark: &str) -> anyhow::Result<(Workshop, PathBuf, Value)> {
    let workshop = Workshop::open(&dir.join(mark), mark)?;
    let release = workshop.release()?;
    let facts = facts(&release)?;
    Ok((workshop, release, facts))
}

/// A release.json in a file.
fn written(network: &Network, facts: &Value) -> anyhow::Result<String> {
    let file = network.dir.join("release.json");
    std::fs::write(&file, facts.to_string())?;
    Ok(file.display().to_string())
}

/// Has signed and approved what a release.json says, as the documentation has it.
async fn approved(network: &mut Network, facts: &Value) -> anyhow::Result<u64> {
    let (hash, file) = (facts["build_hash"].as_str().context("no build")?, written(network, facts)?);
    approve(network, hash, &["--release", &file]).await
}

/// Has signed and said what a release.json says of a build that is approved already.
async fn amended(network: &mut Network, facts: &Value) -> anyhow::Result<String> {
    let signed = SignedManifest::of(network, &["--release", &written(network, facts)?])?.to_amend()?;
    let words: Vec<&str> = std::iter::once("propose-amend").chain(signed.iter().map(String::as_str)).collect();
    let id = propose(network, &words).await?;
    all_yes(network, id)?;
    concluded(&mut network.nodes[0], id).await
}

/// A command that answers as `contract` does, when its answer is changed by a line of Python; `said` has the answer.
fn lying(contract: &Path, line: &str, to: &Path) -> anyhow::Result<PathBuf> {
    let python = format!("import json,sys;said=json.load(sys.stdin);{line};json.dump(said,sys.stdout)");
    let (contract, pipe) = (contract.display(), format!("printf %s \"$answer\" | python3 -c '{python}'"));
    std::fs::write(to, format!("#!/bin/sh\nset -e\nanswer=$('{contract}' \"$@\")\n{pipe}\n"))?;
    std::fs::set_permissions(to, std::fs::Permissions::from_mode(0o755))?;
    Ok(to.to_owned())
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

    // What a node says that its signers did not sign, and what they signed for another network.
    let source = "\"manifest\" in said and said[\"manifest\"].update(source_commit=None)";
    let network_of = "\"chain_id\" in said and said.update(chain_id=\"the-block-elsewhere\")";
    let unsigned = "\"manifest\" in said and said[\"manifest\"].update(signed_root=None)";
    for (line, code) in [(source, "E_MIXMATCH"), (unsigned, "E_MIXMATCH"), (network_of, "E_DOMAIN")] {
        let lying = lying(&contract, line, &dir.path().join("lying"))?;
        let mut command = workshop.verify(&release);
        let (status, said) = refusal(command.args(["--rpc", &rpc, "--contract"]).arg(&lying))?;
        assert!(status == Some(1) && said.contains(&format!("{code}: ")), "{line}: {said}");
    }

    // The right build beside the bill of materials of another release.
    let mut mixed = other_facts.clone();
    mixed["sbom_hash"] = facts["provenance_hash"].clone();
    approved(&mut network, &mixed).await?;
    let (code, said) = refusal(&mut verify(&other_workshop, &other_release))?;
    let sentence =
        format!("E_MIXMATCH: the chain approved sbom_hash {}", facts["provenance_hash"].as_str().unwrap_or_default());
    assert!(code == Some(1) && said.contains(&sentence), "{said}");
    assert_eq!(amended(&mut network, &other_facts).await?, "activated");
    let output = verify(&other_workshop, &other_release).output()?;
    assert!(output.status.success(), "it is not mended: {}", String::from_utf8_lossy(&output.stderr));

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
