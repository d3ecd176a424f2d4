//! `docs/operations` for who makes, signs and proposes releases.

use super::day::{Day, Signed, measured, signed_by_all};
use anyhow::ensure;
use serde_json::json;
use std::path::Path;
use std::time::Duration;
use tests::Network;
use tests::votes::deadline_after;

pub(crate) fn provenance(day: &mut Day, network: &Network) -> anyhow::Result<()> {
    day.follow("docs/operations/provenance.md");
    day.folder = day.dir.join("provenance");
    let folder = "the-block-v1.4.0-x86_64-linux";
    day.write("notes.md", "Repairs the stall of epoch 12.\n")?;
    // Any executable of this machine is one that can be released.
    let release = day.write(&format!("{folder}/release.json"), "{}")?;
    day.copy("/bin/true", &format!("{folder}/the-block"))?;
    let hash = measured(&day.folder.join(folder).join("the-block"))?;
    std::fs::write(release, json!({ "build_hash": hash, "version": "1.4.0" }).to_string())?;
    day.copy(network.nodes[0].key(), "validator.key")?;
    day.copy(network.signer(0), "signer.key")?;
    day.types(
        "contract release manifest --release the-block-v1.4.0-x86_64-linux/release.json --notes notes.md > \
         manifest.json",
        &[],
    )?;
    let sign = "contract release sign --manifest manifest.json --key signer.key";
    let signed = signed_by_all(day, sign, "signer.key", &[])?;
    let others: String = signed[1..].iter().map(|one| format!("{} ", one.options(true))).collect();
    let values = [
        ("P", signed[0].signer.as_str()),
        ("S", signed[0].signature.as_str()),
        ("M", signed[0].manifest_signature.as_str()),
        ("...", others.trim()),
    ];
    day.types(
        "contract release verify --manifest manifest.json --artifact the-block-v1.4.0-x86_64-linux/the-block --signer P \
         --signature S --manifest-signature M ...",
        &values,
    )?;
    day.types(
        "contract gov propose-release --manifest manifest.json --signer P --signature S --manifest-signature M ... --key \
         validator.key",
        &values,
    )?;
    day.types("jq -r .message manifest.json | xxd -r -p > message", &[])?;
    let by_openssl = "openssl pkeyutl -sign -rawin -inkey signer.key -in message | xxd -p -c 64";
    let by_openssl = day.types(by_openssl, &[])?;
    ensure!(by_openssl.trim() == signed[0].manifest_signature, "openssl signs something else: {by_openssl}");
    Ok(())
}

pub(crate) async fn receipts_and_rebuilds(
    day: &mut Day,
    network: &Network,
    candidate: &Path,
    hash: &str,
) -> anyhow::Result<()> {
    day.follow("docs/operations/receipts_and_rebuilds.md");
    day.folder = day.dir.join("receipts");
    day.write("notes.md", "It is told when it is known.\n")?;
    day.types("contract gov release HASH", &[("HASH", hash)])?;
    let (rebuilt, holder, key) = (candidate.display().to_string(), network.holder(1), network.nodes[1].key());
    let (commit, source) = ("c0".repeat(20), "5e".repeat(32));
    day.types(
        "contract release attest --rebuilt target/release/the-block --hash HASH --source-commit C --source-hash H --key \
         F",
        &[
            ("target/release/the-block", rebuilt.as_str()),
            ("HASH", hash),
            ("H", &source),
            ("C", &commit),
            ("F", &holder),
        ],
    )?;
    let sealed = "5a".repeat(32);
    let manifest = "contract release manifest --hash H --version 1.4.1 --notes notes.md > manifest.json";
    day.types(manifest, &[("H", &sealed)])?;
    let signed = (0..3).map(|signer| {
        let key = network.signer(signer);
        let sign = format!("contract release sign --manifest manifest.json --key {key}");
        Signed::of(&String::from_utf8_lossy(&day.shell(&sign).output()?.stdout))
    });
    let signed = signed.collect::<anyhow::Result<Vec<_>>>()?;
    let others: String = signed[1..].iter().map(|one| format!("{} ", one.options(true))).collect();
    // Long enough to reveal it.
    let deadline = deadline_after(&network.nodes[0], Duration::ZERO).await?;
    let propose = format!("propose-release --deadline {deadline}");
    day.types(
        "contract gov propose-release --manifest manifest.json --signer P --signature S --manifest-signature M ... \
         --sealed fix.json --key F",
        &[
            ("propose-release", propose.as_str()),
            ("P", &signed[0].signer),
            ("S", &signed[0].signature),
            ("M", &signed[0].manifest_signature),
            ("...", others.trim()),
            ("F", &key),
        ],
    )?;
    day.types("contract gov reveal --sealed fix.json --key F", &[("F", &key)])?;
    Ok(())
}

pub(crate) async fn release_checklist(day: &mut Day, network: &Network) -> anyhow::Result<()> {
    day.follow("docs/operations/release_checklist.md");
    let known = network.nodes[0].call("net.overlay_status", json!({})).await?["local_peer_id"].clone();
    let address = format!("127.0.0.1:{}", network.nodes[0].port + 3);
    let older = json!([{ "id": known, "addresses": [address] }]).to_string();
    day.write("user/.the_block/overlay_peers.json", &older)?;
    std::fs::create_dir_all(day.dir.join("user/.the_block/overlay"))?;
    day.types(
        "cargo run --bin migrate_overlay_store --release -- ~/.the_block/overlay_peers.json \
         ~/.the_block/overlay/peers.json",
        &[("cargo run --bin migrate_overlay_store --release --", "migrate_overlay_store")],
    )?;
    ensure!(day.dir.join("user/.the_block/overlay/peers.json").is_file(), "no peers were taken over");
    let notes = day.types(
        "cargo run -p release_notes -- --state-dir /var/lib/the-block --since-proposal ID",
        &[("cargo run -p release_notes --", "release_notes"), ("/var/lib/the-block", "net/node0"), ("ID", "0")],
    )?;
    ensure!(!notes.trim().is_empty(), "there are no notes");
    Ok(())
}

pub(crate) async fn rosters_and_lifetimes(
    day: &mut Day,
    network: &Network,
    candidate: &Path,
    hash: &str,
) -> anyhow::Result<()> {
    day.follow("docs/operations/rosters_and_lifetimes.md");
    what_was_said_is_wrong(day, network, hash)?;

    let new = host::keys::generate().public().to_string();
    let old = host::keys::read(Path::new(&network.signer(0)))?.public().to_string();
    let edit = [("NEW", new.as_str()), ("OLD", old.as_str())];
    let mut approved = Vec::new();
    for signer in [1, 2] {
        let key = network.signer(signer);
        let line = "contract gov sign-roster --add NEW --remove OLD --threshold 2 --key signer1.key";
        approved.push(Signed::of(&day.types(line, &[&edit[..], &[("signer1.key", key.as_str())]].concat())?)?);
    }
    let (proposer, voter) = (network.nodes[2].key(), network.nodes[1].key());
    let second = approved[1].options(true);
    let values = [
        ("P", approved[0].signer.as_str()),
        ("S", approved[0].signature.as_str()),
        ("...", second.as_str()),
        ("validator.key", proposer.as_str()),
    ];
    let line = "contract gov propose-roster --add NEW --remove OLD --threshold 2 --signer P --signature S ... --key \
                validator.key";
    day.types(line, &[&edit[..], &values].concat())?;
    let proposals = network.nodes[0].call("gov.proposals", json!({ "page": 0, "page_size": 1 })).await?;
    let id = proposals["entries"][0]["id"].to_string();
    let line = "contract gov approve-release --id ID --key ...";
    // The vote may be over by now; that it is read is what counts.
    day.is_answered(line, &[("ID", id.as_str()), ("...", &voter)])?;
    day.types("contract gov signers --history", &[])?;

    let key = format!("--key {}", network.nodes[3].key());
    let values = [("H", hash), ("--reason ...", "--reason theirs"), ("--key ...", key.as_str())];
    day.is_answered("contract gov propose-revoke --hash H --reason \"leaks keys\" --key ...", &values)?;
    let minimum = "contract gov propose-minimum --sequence 7 --reason ... --key ...";
    day.is_refused(minimum, &values, "minimum sequence")?;
    day.is_answered("contract gov propose-end-of-support --hash H --epoch 900 --key ...", &values)?;
    // There may be one of this number, and that it can be stopped no more.
    day.is_answered("contract gov propose-cancel --id 12 --reason ... --key ...", &values)?;

    let rpc = day.rpc.clone();
    let line = "contract gov ticket --hash H --out ticket --rpc http://any-node:26600";
    std::fs::remove_file(day.dir.join("ticket"))?;
    day.types(line, &[("H", hash), ("http://any-node:26600", &rpc)])?;
    let port = day.newcomer("late")?;
    let build = candidate.display().to_string();
    let values = [("the-block", build.as_str()), ("HOME", "late")];
    drop(day.starts("the-block start --home HOME --ticket ticket", &values, port)?);
    Ok(())
}

/// An amendment of the release that is in force.
fn what_was_said_is_wrong(day: &mut Day, network: &Network, hash: &str) -> anyhow::Result<()> {
    day.write("fixed/release.json", &json!({ "build_hash": hash, "version": "0.2.1" }).to_string())?;
    day.types("contract release manifest --release fixed/release.json > manifest.json", &[])?;
    let sign = "contract release sign --manifest manifest.json --key signer.key";
    let signed = signed_by_all(day, sign, "signer.key", &[])?;
    let others = signed[1..].iter();
    let others: String =
        others.map(|one| format!("--signer {} --manifest-signature {} ", one.signer, one.manifest_signature)).collect();
    let key = network.nodes[1].key();
    day.is_answered(
        "contract gov propose-amend --manifest manifest.json --signer P --manifest-signature M ... --key validator.key",
        &[
            ("P", signed[0].signer.as_str()),
            ("M", &signed[0].manifest_signature),
            ("...", others.trim()),
            ("validator.key", &key),
        ],
    )
}
