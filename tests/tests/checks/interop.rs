//! Do tools that nobody here wrote agree with us? `openssl` about keys and signatures, `b3sum` and `sha256sum` about hashes,
//! `scalecodec` about transactions, `ics23` about proofs.

use anyhow::{Context as _, ensure};
use governance::{Choice, TrackName};
use ics23::{CommitmentProof, HashOp, HostFunctionsManager, InnerSpec, LeafOp, LengthOp, ProofSpec};
use parity_scale_codec::Encode;
use primitives::{AccountId, Amount, BlockHash, BuildHash, ChainId, Height, List, PublicKey, Text, VoteKind};
use prost::Message;
use releases::{AttestedTarget, InstallStage, Manifest, ReleaseAttestation, ReleaseVote, SignedRoot};
use runtime::testing::{approve, attest_rebuild, evidence, examples, propose_for, propose_on, report};
use runtime::testing::{transfer, vote, withdraw};
use runtime::{Call, Lane, Payload};
use serde_json::{Value, json};
use staking::{Offence, SignedVote};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use tests::network::QUIET;
use tests::wallet::included;
use tests::{Contract, Network, NodeProcess, binaries, http};
use update::release_file::host_platform;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const HASH: &str = "abababababababababababababababababababababababababababababababab";

/// Runs a tool of the system; its standard output.
fn tool(program: &str, arguments: &[&str]) -> anyhow::Result<Vec<u8>> {
    let missing = || format!("{program} is not installed; run scripts/setup.sh test");
    let output = Command::new(program).args(arguments).output().with_context(missing)?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{program} {arguments:?} failed: {said}");
    Ok(output.stdout)
}

/// A key made by openssl: its file, and its public half as hex.
fn openssl_key(file: &Path) -> anyhow::Result<(String, String)> {
    let name = file.display().to_string();
    tool("openssl", &["genpkey", "-algorithm", "ed25519", "-out", &name])?;
    let der = tool("openssl", &["pkey", "-in", &name, "-pubout", "-outform", "DER"])?;
    // A SubjectPublicKeyInfo of Ed25519 ends in the key (RFC 8410 section 4).
    let key = der.len().checked_sub(32).and_then(|at| der.get(at..)).context("a short public key")?;
    Ok((name, hex::encode(key)))
}

/// A signature by openssl, as hex.
fn openssl_sign(key: &str, message: &[u8], dir: &Path) -> anyhow::Result<String> {
    let file = dir.join("message");
    std::fs::write(&file, message)?;
    let file = file.display().to_string();
    Ok(hex::encode(tool("openssl", &["pkeyutl", "-sign", "-rawin", "-inkey", key, "-in", &file])?))
}

/// Encodes values, given as the chain writes them in JSON, by their documented types.
fn scalecodec(values: &[Value]) -> anyhow::Result<Vec<Vec<u8>>> {
    let python = tests::binaries::python();
    let mut child = Command::new(&python)
        .args([format!("{ROOT}/tests/fixtures/scale.py"), format!("{ROOT}/docs/transaction.md")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| {
            format!("no Python at {}; run scripts/setup.sh test, or set TB_TEST_PYTHON", python.display())
        })?;
    let lines: String = values.iter().map(|value| format!("{value}\n")).collect();
    child.stdin.take().context("no input")?.write_all(lines.as_bytes())?;
    let output = child.wait_with_output()?;
    ensure!(output.status.success(), "scalecodec failed; is it installed? run scripts/setup.sh test");
    let text = String::from_utf8(output.stdout)?;
    text.lines().map(|line| hex::decode(line).context("scalecodec printed no hex")).collect()
}

/// The root of a manifest, from a file as `contract release manifest` writes it, computed by Python's standard library.
fn root_by_python(said: &Value, dir: &Path) -> anyhow::Result<String> {
    let file = dir.join("said.json");
    std::fs::write(&file, said.to_string())?;
    let (file, path) = (file.display().to_string(), format!("PYTHONPATH={ROOT}/scripts"));
    let run = [path.as_str(), "PYTHONDONTWRITEBYTECODE=1", "python3", "-m", "provenance.manifest", &file];
    Ok(String::from_utf8(tool("env", &run)?)?.trim().to_owned())
}

/// A running network of one, changed before it starts.
async fn network(dir: &tempfile::TempDir, change: impl Fn(&mut Value)) -> anyhow::Result<Network> {
    let mut network = Network::write(&dir.path().join("network"), 1, QUIET)?;
    network.edit_genesis(change)?;
    network.start_all()?;
    network.reach(3).await?;
    Ok(network)
}

/// A call over plain HTTP, as any client in any language would make it.
fn plain_call(node: &NodeProcess, method: &str, parameters: Value) -> anyhow::Result<Value> {
    let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": parameters });
    let answer = http::post(&node.rpc, request.to_string().as_bytes())?;
    let answer: Value = serde_json::from_str(&answer.body)?;
    ensure!(answer["error"].is_null(), "{method} is refused: {answer}");
    Ok(answer["result"].clone())
}

#[test]
fn the_hashes_of_a_release_are_those_of_b3sum_and_sha256sum() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let contract = Contract::at("http://127.0.0.1:9")?;
    for name in ["the-block", "contract"] {
        let file = binaries::copied(name, dir.path())?.display().to_string();
        let found = contract.json(&["release", "hash", &file])?;
        let first_word = |program: &str, arguments: &[&str]| -> anyhow::Result<String> {
            let text = String::from_utf8(tool(program, arguments)?)?;
            Ok(text.split_whitespace().next().unwrap_or_default().to_owned())
        };
        assert_eq!(found["build_hash"], first_word("b3sum", &[&file])?, "{found}");
        assert_eq!(found["sha256"], first_word("sha256sum", &[&file])?, "{found}");
        assert_eq!(found["size"], std::fs::metadata(&file)?.len(), "{found}");
    }
    Ok(())
}

#[test]
fn an_encrypted_key_of_openssl_signs_here_and_one_of_ours_signs_there() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let file = |name: &str| dir.path().join(name).display().to_string();
    let (theirs, ours) = (file("theirs.key"), file("ours.key"));
    let mut contract = Contract::at("http://127.0.0.1:9")?;
    contract.environment.push(("TB_KEY_PASSPHRASE".into(), "vier Wörter für Schlüssel".into()));
    let pass = "pass:vier Wörter für Schlüssel";
    tool("openssl", &["genpkey", "-algorithm", "ed25519", "-aes-256-cbc", "-pass", pass, "-out", &theirs])?;
    contract.json(&["keys", "generate", &ours, "--encrypt"])?;
    std::fs::write(file("message"), format!("release:{HASH}"))?;
    for key in [&theirs, &ours] {
        assert!(std::fs::read_to_string(key)?.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----"), "{key}");
        let made = contract.json(&["release", "sign", "--hash", HASH, "--key", key])?;
        let sign = ["pkeyutl", "-sign", "-rawin", "-passin", pass, "-inkey", key, "-in", &file("message")];
        assert_eq!(made["signature"], hex::encode(tool("openssl", &sign)?), "{key}");
    }
    // What is decrypted and encrypted again by one is still read by the other.
    contract.json(&["keys", "decrypt", &theirs])?;
    contract.json(&["keys", "encrypt", &theirs])?;
    tool("openssl", &["pkey", "-in", &theirs, "-passin", pass, "-noout"])?;
    tool("openssl", &["pkcs8", "-topk8", "-in", &ours, "-passin", pass, "-passout", pass, "-out", &file("again.key")])?;
    std::fs::set_permissions(file("again.key"), std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    let again = contract.json(&["keys", "show", &file("again.key")])?;
    assert_eq!(again["public_key"], contract.json(&["keys", "show", &ours])?["public_key"]);
    Ok(())
}

#[tokio::test]
async fn a_key_and_a_signature_of_openssl_attest_a_release() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let (key, public) = openssl_key(&dir.path().join("openssl.key"))?;
    let network = network(&dir, |genesis| genesis["releases"]["roster"]["signers"][0] = public.clone().into()).await?;
    let contract = Contract::at(&network.nodes[0].rpc)?;
    let shown = contract.json(&["keys", "show", &key])?;
    assert!(shown.to_string().contains(&public), "{shown} is another key than {public}");

    // Ed25519 is deterministic: the same key signs the same text with the same bytes, whoever computes.
    let message = format!("release:{HASH}");
    let theirs = openssl_sign(&key, message.as_bytes(), dir.path())?;
    let ours = contract.json(&["release", "sign", "--hash", HASH, "--key", &key])?;
    assert_eq!((&ours["signer"], &ours["signature"]), (&json!(public), &json!(theirs)));

    let elsewhere = ["release", "sign", "--hash", HASH, "--platform", "riscv64-linux", "--key", &key];
    let theirs_elsewhere = openssl_sign(&key, format!("{message}:riscv64-linux").as_bytes(), dir.path())?;
    assert_eq!(contract.json(&elsewhere)?["signature"], theirs_elsewhere);

    // All that is said of a release, by the message that stands beside it.
    let said = contract.json(&["release", "manifest", "--hash", HASH, "--version", "2.0.0"])?;
    assert_eq!((&said["text"], &said["root"]), (&json!(message), &json!(root_by_python(&said, dir.path())?)));
    let over_all = hex::decode(said["message"].as_str().context("no message")?)?;
    let file = dir.path().join("said.json").display().to_string();
    let sign = ["release", "sign", "--manifest", &file, "--key", &key];
    assert_eq!(contract.json(&sign)?["manifest_signature"], openssl_sign(&key, &over_all, dir.path())?);

    // The other way round: openssl reads our key file and verifies our signature.
    let ours = contract.json(&["release", "sign", "--hash", HASH, "--key", &network.signer(1)])?;
    let text = |field: &str| ours[field].as_str().map(str::to_owned).context("a field is missing");
    let (signer, signature) = (text("signer")?, text("signature")?);
    let file = |name: &str| dir.path().join(name).display().to_string();
    std::fs::write(file("signature"), hex::decode(&signature)?)?;
    std::fs::write(file("message"), &message)?;
    let (made, text) = (file("signature"), file("message"));
    let verify = ["pkeyutl", "-verify", "-rawin", "-sigfile", &made, "-in", &text, "-inkey"];
    tool("openssl", &[&verify[..], &[&network.signer(1)]].concat())?;

    let validator = network.nodes[0].key();
    let mut propose = vec!["gov", "propose-release", "--hash", HASH, "--key", &validator, "--threshold", "2"];
    propose.extend(["--signer", &public, "--signature", &theirs, "--signer", &signer, "--signature", &signature]);
    assert_eq!(contract.json(&propose)?["status"], "included");
    Ok(())
}

/// Two prevotes of a node's validator in one round, of which the bytes are made by scalecodec and signed by openssl.
fn two_votes(node: &NodeProcess, chain_id: &ChainId) -> anyhow::Result<Offence> {
    let (height, round, kind) = (Height(1), 0, VoteKind::Prevote);
    let vote = |block: Option<BlockHash>| -> anyhow::Result<SignedVote> {
        let parts = [
            ("String", json!(chain_id)),
            ("VoteKind", json!(kind)),
            ("u64", json!(height)),
            ("u32", json!(round)),
            ("Option<Hash>", json!(block)),
        ];
        let parts = parts.map(|(kind, value)| json!({ "type": kind, "value": value }));
        let payload = [&b"the-block/vote/v1"[..], &scalecodec(&parts)?.concat()].concat();
        Ok(SignedVote { block, signature: openssl_sign(&node.key(), &payload, &node.home)?.parse()? })
    };
    let (validator, first, second) = (node.account.parse()?, vote(None)?, vote(Some(BlockHash([0x11; 32])))?);
    Ok(Offence::Votes { validator, height, round, kind, first, second })
}

#[test]
fn every_call_and_motion_is_encoded_by_scalecodec_as_documented() -> anyhow::Result<()> {
    let motions = examples::motions().into_iter().map(|motion| propose_on(TrackName::Routine, motion));
    let stages = examples::stages().into_iter().map(|stage| report(examples::HASH, stage));
    let offences = examples::offences().into_iter().map(evidence);
    let calls: Vec<Call> = examples::calls().into_iter().chain(motions).chain(stages).chain(offences).collect();
    let asked: Vec<Value> = calls.iter().map(|call| json!({ "type": "AnyCall", "value": call })).collect();
    let encoded = scalecodec(&asked)?;
    assert_eq!(encoded.len(), calls.len());
    for (call, encoded) in calls.iter().zip(encoded) {
        assert_eq!(hex::encode(encoded), hex::encode(call.encode()), "{call:?}");
    }
    Ok(())
}

#[test]
fn h09_the_root_of_a_manifest_is_that_of_python() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let platform = host_platform();
    let other = |number: u8| AttestedTarget {
        target: releases::Target {
            build_hash: BuildHash([number; 32]),
            sha256: number.is_multiple_of(2).then(examples::digest),
            size: number.is_multiple_of(3).then_some(u64::from(number) << 40),
            ..examples::target()
        },
        signatures: List::default(),
    };
    let mut manifests = vec![Manifest::default(), examples::manifest()];
    for others in 0..=8 {
        let other_targets = List::truncate_from((0..others).map(other).collect());
        let notes = Text::new("Grüße ".repeat(usize::from(others) * 200));
        manifests.push(Manifest { other_targets, notes, ..examples::manifest() });
    }
    for manifest in manifests {
        let root = manifest.root(examples::HASH, &platform).to_string();
        let said = json!({ "build_hash": examples::HASH, "platform": platform, "manifest": manifest });
        assert_eq!(root_by_python(&said, dir.path())?, root, "{said}");
    }
    Ok(())
}

/// The bytes of a transaction: encoded by scalecodec, signed by openssl.
fn foreign(key: &str, payload: &Payload, dir: &Path) -> anyhow::Result<Vec<u8>> {
    let encoded = scalecodec(&[json!({ "type": "Payload", "value": payload })])?.remove(0);
    let signature = openssl_sign(key, &[b"the-block/transaction/v2", &encoded[..]].concat(), dir)?;
    let transaction = json!({ "payload": payload, "signature": signature });
    Ok(scalecodec(&[json!({ "type": "Transaction", "value": transaction })])?.remove(0))
}

#[tokio::test]
async fn a_transaction_encoded_by_scalecodec_and_signed_by_openssl_is_granted() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let (key, public) = openssl_key(&dir.path().join("openssl.key"))?;
    let owner = public.clone();
    let mut network = network(&dir, move |genesis| {
        let accounts = genesis["accounts"]["balances"].as_array_mut().expect("a list of accounts");
        accounts.push(json!({ "account": owner, "balance": "200000000000" }));
        let validator = genesis["staking"]["bonds"][0]["validator"].clone();
        let bonds = genesis["staking"]["bonds"].as_array_mut().expect("a list of bonds");
        bonds.push(json!({ "account": owner, "validator": validator, "amount": "20000000000" }));
        genesis["releases"]["roster"]["signers"] = json!([owner]);
        genesis["releases"]["roster"]["threshold"] = 1.into();
    })
    .await?;
    let node = &mut network.nodes[0];
    let status = plain_call(node, "chain.status", json!({}))?;
    let (chain_id, height): (ChainId, Height) =
        (serde_json::from_value(status["chain_id"].clone())?, serde_json::from_value(status["height"].clone())?);
    let (hash, signer): (BuildHash, PublicKey) = (HASH.parse()?, public.parse()?);
    let signature = openssl_sign(&key, format!("release:{HASH}").as_bytes(), dir.path())?.parse()?;
    let (version, notes) = (Text::new("2.0.0"), Text::new("Grüße from Python"));
    let said = Manifest { version, notes, other_targets: List::default(), signed_root: None, ..examples::manifest() };
    let file = json!({ "build_hash": hash, "platform": host_platform(), "manifest": said });
    let root = hex::decode(root_by_python(&file, dir.path())?)?;
    let over_all = [b"the-block/manifest/v1", &chain_id.encode()[..], &root[..]].concat();
    let over_all = ReleaseAttestation { signer, signature: openssl_sign(&key, &over_all, dir.path())?.parse()? };
    let root = primitives::Digest(root.try_into().ok().context("a root of another length")?);
    let signed_root = Some(SignedRoot { root, signatures: List::truncate_from(vec![over_all]) });
    let release = ReleaseVote {
        build_hash: hash,
        platform: host_platform(),
        signatures: List::truncate_from(vec![ReleaseAttestation { signer, signature }]),
        signature_threshold: 1,
        signer_set: List::truncate_from(vec![signer]),
        manifest: Manifest { signed_root, ..said },
        sealed: None,
    };
    let runs = plain_call(node, "node.version", json!({}))?["build_bin_hash"].clone();
    let (to, reason) = (AccountId([0x11; 32]), Text::new("zu wenig Platz").context("too long")?);
    let calls = [
        transfer(to, 41),
        propose_for(TrackName::Routine, approve(release), None, Some(2)),
        vote(1, Choice::Yes, Some("tested")),
        attest_rebuild(hash, Some(examples::digest()), Text::new("c0ffee")),
        report(serde_json::from_value(runs.clone())?, InstallStage::Unusable { reason }),
        withdraw(1),
        evidence(two_votes(node, &chain_id)?),
    ];
    // What nodes say is in their lane, which has nonces of its own.
    let is_of_node = |call: &Call| matches!(call, Call::Releases(releases::Call::RecordInstall { .. }));
    let lanes = calls.map(|call| (if is_of_node(&call) { Lane::Node } else { Lane::Wallet }, call));
    let mut sent: BTreeMap<Lane, u64> = BTreeMap::new();
    for (lane, call) in lanes {
        let before = sent.entry(lane).or_default();
        let nonce = *before;
        *before += 1;
        let (account, expires_at, chain_id) = (AccountId(signer.0), height.plus(100), chain_id.clone());
        let payload = Payload { chain_id, account, lane, nonce, expires_at, fee: Amount(200_000), call };
        let transaction = foreign(&key, &payload, dir.path())?;
        let hash = plain_call(node, "tx.submit", json!({ "transaction": hex::encode(&transaction) }))?;
        let file = dir.path().join("transaction");
        std::fs::write(&file, &transaction)?;
        let b3sum = String::from_utf8(tool("b3sum", &["--no-names", &file.display().to_string()])?)?;
        assert_eq!(hash, b3sum.trim(), "the hash of a transaction is its BLAKE3");
        let became = included(node, &hash).await?;
        assert_eq!(became["refusal"], Value::Null, "{became}");
    }
    assert_eq!(plain_call(node, "account.get", json!({ "account": to }))?["free"], "41");
    let stages = plain_call(node, "gov.release", json!({ "hash": runs }))?["stages"].to_string();
    assert!(stages.contains("zu wenig Platz") && stages.contains(&public), "{stages}");
    let proposal = plain_call(node, "gov.proposal", json!({ "id": 1 }))?;
    assert_eq!(proposal["rebuilds"][0]["builder"], public, "{proposal}");
    let proposal = proposal.to_string();
    for part in ["Grüße from Python", "c0ffee", "2.0.0", HASH, "withdrawn", "tested"] {
        assert!(proposal.contains(part), "{part} is lost: {proposal}");
    }
    Ok(())
}

/// The specification of proofs as docs/transaction.md describes it.
fn documented_spec() -> ProofSpec {
    ProofSpec {
        leaf_spec: Some(LeafOp {
            hash: HashOp::Sha256.into(),
            prehash_key: HashOp::Sha256.into(),
            prehash_value: HashOp::Sha256.into(),
            length: LengthOp::NoPrefix.into(),
            prefix: b"JMT::LeafNode".to_vec(),
        }),
        inner_spec: Some(InnerSpec {
            child_order: vec![0, 1],
            child_size: 32,
            min_prefix_length: 16,
            max_prefix_length: 16,
            empty_child: b"SPARSE_MERKLE_PLACEHOLDER_HASH__".to_vec(),
            hash: HashOp::Sha256.into(),
        }),
        max_depth: 64,
        min_depth: 0,
        prehash_key_before_comparison: true,
    }
}

#[tokio::test]
async fn state_proofs_verify_with_the_public_ics23_crate() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = network(&dir, |_| {}).await?;
    let node = &mut network.nodes[0];
    let spec = documented_spec();
    let bytes = |value: &Value| hex::decode(value.as_str().unwrap_or_default()).context("not hex");
    let height = node.height().await?;
    node.reach(height + 1).await?;
    for asked_height in [0, 1, height] {
        let block = node.call("chain.block", json!({ "height": asked_height })).await?;
        let root = bytes(&block["header"]["state_root"])?;
        for key in ["releases/roster", "chain/params", "releases/minimum_sequence", "zzz/absent", "a"] {
            let answer = node.call("state.proof", json!({ "key": key, "height": asked_height })).await?;
            assert_eq!(answer["state_root"], block["header"]["state_root"]);
            let proof = CommitmentProof::decode(&bytes(&answer["proof"]["proof"])?[..])?;
            let value = &answer["proof"]["value"];
            let member = |key: &[u8], value: &[u8], root: &Vec<u8>| {
                ics23::verify_membership::<HostFunctionsManager>(&proof, &spec, root, key, value)
            };
            let absent = |key: &[u8]| ics23::verify_non_membership::<HostFunctionsManager>(&proof, &spec, &root, key);
            if value.is_null() {
                assert!(absent(key.as_bytes()), "{key} at {asked_height}: {answer}");
                assert!(!member(key.as_bytes(), b"anything", &root), "{key} at {asked_height}");
                continue;
            }
            let value = bytes(value)?;
            assert!(member(key.as_bytes(), &value, &root), "{key} at {asked_height}: {answer}");
            assert!(!member(key.as_bytes(), &[&value[..], &[0]].concat(), &root), "another value passed");
            assert!(!member(b"releases/rosteR", &value, &root), "another key passed");
            let mut other = root.clone();
            other[31] ^= 1;
            assert!(!member(key.as_bytes(), &value, &other), "another root passed");
            assert!(!absent(key.as_bytes()), "a present key passed as absent");
        }
    }
    let roster = node.call("state.proof", json!({ "key": "releases/roster" })).await?;
    assert!(roster["proof"]["value"].is_string(), "the roster is in state: {roster}");
    Ok(())
}

#[tokio::test]
async fn the_openrpc_document_describes_every_method_that_answers() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let network = network(&dir, |_| {}).await?;
    let node = &network.nodes[0];
    let document = plain_call(node, "rpc.discover", json!({}))?;
    let methods = document["methods"].as_array().context("no methods")?;
    let mut names: Vec<&str> = methods.iter().filter_map(|method| method["name"].as_str()).collect();
    for pinned in PINNED.split_whitespace() {
        assert!(names.contains(&pinned), "{pinned} is not described");
    }
    for name in &names {
        // Described, so there: anything but "no such method", even for a call that lacks its parameters.
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": name, "params": {} });
        let answer: Value = serde_json::from_str(&http::post(&node.rpc, request.to_string().as_bytes())?.body)?;
        let over_websocket_only = name.contains("subscribe");
        assert!(over_websocket_only || answer["error"]["code"] != -32601, "{name} is described, and missing");
    }
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count, "a method is described twice");
    Ok(())
}

/// The methods that INTERFACES pins and that this stage has.
const PINNED: &str = "gov.release_signers gov.release_history gov.release gov.release_advice gov.release_proof gov.proposals gov.proposal gov.params
    gov.subscribe_events chain.status chain.head chain.block chain.record chain.certificate chain.subscribe_records state.get
    state.proof tx.prepare tx.submit tx.dry_run tx.status account.get node.version node.health node.peers net.overlay_status
    rpc.discover";
