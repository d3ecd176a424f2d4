//! Do a few nodes cosign the tree of blocks while the others have no part in it, does Go take what they signed, is an old fact proven by a
//! node that has forgotten its block, and does a witness refuse to sign another history than it signed before?

use anyhow::{Context as _, ensure};
use host::config::KeptHistory;
use host::keys;
use light::{Anchor, BlockProof, FactInBlock, FactProof};
use primitives::{AccountId, Digest, Epoch, Name, PublicKey, SecretKey};
use rpc::views::ProvenBlock;
use runtime::testing::register_witness;
use runtime::{Event, Genesis, Record};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tests::log_check::{LogQuestion, checked};
use tests::promotion::PromotionWalk;
use tests::{Network, NodeProcess, TestWallet, http};
use tlog::{Checkpoint, Note, NoteAlgorithm, VerifierKey, vkey};

/// Those that witness; both are in the segment that the gate is on for.
const WITNESSES: [usize; 2] = [0, 1];
/// It has a key of a witness as well, and is not in the segment.
const OUTSIDE: usize = 2;
/// It keeps its last blocks alone.
const FORGETFUL: usize = 3;
/// What a node says that has forgotten a block while the tree stands still.
const GATE_OFF: i32 = -32071;
/// The segment.
const SEGMENT: &str = "canary_witnesses";
/// The key that a witness cosigns with, in its home.
const WITNESS_KEY: &str = "config/witness.key";

/// Where a node serves the log.
fn log(node: &NodeProcess) -> String {
    format!("http://127.0.0.1:{}/log", node.port + 4)
}

/// What a witness is called.
fn named(index: usize) -> String {
    format!("witness{index}")
}

/// A network at testnet, before any of its nodes runs, with the keys of its witnesses.
fn write(walk: &PromotionWalk<'_>) -> anyhow::Result<Vec<PublicKey>> {
    let network = &walk.network;
    let mut members: Vec<&str> = WITNESSES.iter().map(|index| network.nodes[*index].account.as_str()).collect();
    members.sort_unstable();
    network.edit_genesis(|genesis| {
        let segments = genesis["rollouts"]["segments"].as_array_mut().expect("a plan has segments");
        let segment = segments.iter_mut().find(|fill| fill["segment"] == SEGMENT).expect("the plan has it");
        segment["members"] = json!(members);
    })?;
    network.nodes[FORGETFUL].configure(|config| config.storage.history = KeptHistory::Last(20))?;
    let mut made = Vec::new();
    for index in WITNESSES.into_iter().chain([OUTSIDE]) {
        let (node, key): (&NodeProcess, SecretKey) = (&network.nodes[index], keys::generate());
        keys::write(&node.home.join(WITNESS_KEY), &key)?;
        node.configure(|config| config.witness.key = WITNESS_KEY.into())?;
        made.push(key.public());
    }
    Ok(made)
}

/// A node's record at a height.
async fn record(node: &NodeProcess, height: u64) -> anyhow::Result<Record> {
    let record = node.call("chain.record", json!({ "height": height })).await?;
    Ok(serde_json::from_value(record)?)
}

/// Who cosigned the checkpoint of which epoch, by the facts of blocks above a height.
async fn cosigned(node: &NodeProcess, above: u64) -> anyhow::Result<BTreeSet<(Epoch, AccountId)>> {
    let mut found = BTreeSet::new();
    for height in above + 1..=node.height().await? {
        for fact in record(node, height).await?.facts {
            if let Ok(Event::Witnesses(witnesses::Event::Cosigned { witness, epoch, .. })) = fact.outcome {
                found.insert((epoch, witness));
            }
        }
    }
    Ok(found)
}

/// Registers the witness of a node, by the key in its home; gives what came of it.
async fn register(network: &mut Network, index: usize) -> anyhow::Result<Value> {
    let node = &mut network.nodes[index];
    let genesis: Genesis = serde_json::from_value(node.call("chain.genesis", json!({})).await?)?;
    let (wallet, key) = (TestWallet::open(node.key())?, keys::read(&node.home.join(WITNESS_KEY))?);
    let name = Name::new(&named(index)).context("it is a name")?;
    let call = register_witness(&genesis.chain.chain_id, wallet.account(), name, &key);
    let sent = wallet.send(node, &call).await;
    // Its node may have sent something in the name of the same account at the same moment.
    if sent.is_ok() { sent } else { wallet.send(node, &call).await }
}

/// The first fact of a block that one of the first has, by a node that keeps everything.
async fn old_fact(node: &NodeProcess) -> anyhow::Result<(Record, FactInBlock)> {
    for height in 1..=node.height().await? {
        let record = record(node, height).await?;
        if let Some(fact) = FactInBlock::of(&record, 0) {
            return Ok((record, fact));
        }
    }
    anyhow::bail!("nothing is on record")
}

/// The note that a node serves, once it is of a larger tree than `above` and cosigned by some.
async fn note(node: &mut NodeProcess, above: u64, by: &[usize]) -> anyhow::Result<Note> {
    let url = format!("{}/checkpoint", log(node));
    node.until("a cosigned checkpoint", async |_| {
        let reply = http::get(&url).ok().filter(|reply| reply.status == 200)?;
        let note = Note::parse(&reply.body).ok()?;
        let checkpoint = Checkpoint::parse(&note.text).ok()?;
        let has = |index: &usize| note.lines.iter().any(|line| line.name == named(*index));
        (checkpoint.size > above && by.iter().all(has)).then_some(note)
    })
    .await
}

fn checkpoint(note: &Note) -> anyhow::Result<Checkpoint> {
    Checkpoint::parse(&note.text).map_err(|error| anyhow::anyhow!("{error}: {}", note.text))
}

/// What Go is asked about the log of a node.
async fn question(node: &NodeProcess, witnesses: &[(usize, PublicKey)]) -> anyhow::Result<LogQuestion> {
    let version = node.call("node.version", json!({})).await?;
    let own = version["log_vkey"].as_str().context("node.version has no log_vkey")?.to_owned();
    let keys = witnesses.iter().map(|(index, key)| vkey(&named(*index), NoteAlgorithm::Cosignature, key));
    Ok(LogQuestion { url: log(node), vkey: own, witnesses: keys.collect(), ..LogQuestion::default() })
}

/// Waits until a node has forgotten the block at a height.
async fn forgotten(node: &mut NodeProcess, height: u64) -> anyhow::Result<()> {
    node.until("forgetting", async |node| {
        let earliest = node.metric("chain_earliest_height").ok()?;
        (earliest > height as f64).then_some(())
    })
    .await
}

/// What a node shows of the block of a fact, put together with the fact, which it does not keep; it leads from genesis.
async fn proven(node: &NodeProcess, fact: &FactInBlock, genesis: &Genesis) -> anyhow::Result<FactProof> {
    let answer = node.call("audit.block_proof", json!({ "height": fact.height() })).await?;
    let shown: ProvenBlock = serde_json::from_value(answer)?;
    let proof = FactProof { fact: fact.clone(), proof: shown.proof };
    proof.verify(&Anchor::genesis(genesis))?;
    Ok(proof)
}

#[tokio::test]
async fn w06_two_of_a_segment_cosign_and_go_takes_the_log_of_a_node_that_has_forgotten_the_blocks() -> anyhow::Result<()>
{
    let dir = tempfile::tempdir()?;
    let tell = |text: &str| println!("{text}");
    let mut walk = PromotionWalk::write_at("testnet", dir.path(), &tell)?;
    let keys = write(&walk)?;
    walk.network.start_all()?;
    walk.network.reach(2).await?;

    // While the gate is off nobody registers, and no node has a part in it.
    let early = register(&mut walk.network, 0).await?;
    let refusal = &early["fact"]["outcome"]["Err"]["witnesses"]["gate_off"];
    ensure!(refusal.is_object(), "it is registered while the gate is off: {early}");
    walk.witness_by_a_subset().await?;
    for index in 0..walk.network.nodes.len() {
        let expected = f64::from(u8::from(WITNESSES.contains(&index)));
        walk.network.nodes[index]
            .until("the gate", async |node| {
                let gate = node.metric("feature_gate{gate=\"witness_network\"}").ok()?;
                (gate.to_bits() == expected.to_bits()).then_some(())
            })
            .await?;
    }
    for index in WITNESSES {
        let registered = register(&mut walk.network, index).await?;
        ensure!(registered["refusal"].is_null(), "{registered}");
    }

    // Both sign the tree of an epoch, by themselves; the one outside signs nothing, though it has a key.
    let first = note(&mut walk.network.nodes[0], 0, &WITNESSES).await?;
    // What the note says may have come by gossip, before any block has it.
    let signers = walk.network.nodes[0]
        .until("cosignatures of both in blocks", async |node| {
            let signed = cosigned(node, 0).await.ok()?;
            let signers: BTreeSet<String> = signed.iter().map(|(_, witness)| witness.to_string()).collect();
            (signers.len() >= WITNESSES.len()).then_some(signers)
        })
        .await?;
    let nodes = &walk.network.nodes;
    let expected: BTreeSet<String> = WITNESSES.iter().map(|index| nodes[*index].account.clone()).collect();
    ensure!(signers == expected, "{signers:?}");
    for index in [OUTSIDE, FORGETFUL] {
        ensure!(!nodes[index].home.join("witness/latest").exists(), "node{index} has signed something");
    }

    // Go verifies log, witnesses, and block 1; later that the tree only grew.
    let witnesses: Vec<(usize, PublicKey)> = WITNESSES.into_iter().zip(keys.clone()).collect();
    let hash = |block: &Value| block["hash"].as_str().map(str::to_owned).context("a block without hash");
    let one = hash(&nodes[0].call("chain.block", json!({ "height": 1 })).await?)?;
    let asked = LogQuestion { quorum: 2, blocks: vec![(1, one.clone())], ..question(&nodes[0], &witnesses).await? };
    let done = checked(&asked)?;
    println!("Go takes the log: {done}");
    let elsewhere = LogQuestion { blocks: vec![(1, "ab".repeat(32))], ..asked.clone() };
    ensure!(checked(&elsewhere).is_err(), "Go takes a block that is none");
    let foreign: Vec<(usize, PublicKey)> = vec![(WITNESSES[0], keys[0]), (WITNESSES[1], keys[2])];
    let foreign = LogQuestion { quorum: 2, ..question(&nodes[0], &foreign).await? };
    ensure!(checked(&foreign).is_err(), "Go takes a key that has not cosigned");
    let another =
        LogQuestion { from: Some((2, done["root"].as_str().unwrap_or_default().to_owned())), ..asked.clone() };
    ensure!(checked(&another).is_err(), "Go takes a tree that did not grow out of the one before");
    let before = checkpoint(&first)?;
    let root = done["root"].as_str().unwrap_or_default().to_owned();
    let size = done["size"].as_u64().context("no size")?;
    ensure!(size >= before.size, "{done} is of less than {} blocks", before.size);

    // An old fact, under the newest header, by a node that has forgotten its block.
    let (record, fact) = old_fact(&nodes[0]).await?;
    let genesis: Genesis = serde_json::from_value(nodes[0].call("chain.genesis", json!({})).await?)?;
    forgotten(&mut walk.network.nodes[FORGETFUL], record.header.height.0).await?;
    let forgetful = &walk.network.nodes[FORGETFUL];
    let shown = proven(forgetful, &fact, &genesis).await?;
    ensure!(matches!(shown.proof, BlockProof::Tree { .. }), "{:?}", shown.proof);
    // It is in no gossip of cosignatures, and knows them from blocks.
    let forgetful = &mut walk.network.nodes[FORGETFUL];
    note(forgetful, size.saturating_sub(1), &WITNESSES).await?;
    let asked = LogQuestion { from: Some((size, root)), blocks: vec![(1, one)], ..question(forgetful, &[]).await? };
    println!("Go takes the log of a node without the block: {}", checked(&asked)?);

    // Without the tree the one has to say where to ask, and the others have the old header.
    walk.stop_proving().await?;
    walk.network.nodes[FORGETFUL]
        .until("the end of the tree", async |node| {
            let gate = node.metric("feature_gate{gate=\"recursive_proofs\"}").ok()?;
            (gate.to_bits() == 0.0_f64.to_bits()).then_some(())
        })
        .await?;
    let asked = json!({ "height": record.header.height });
    let refused = walk.network.nodes[FORGETFUL].ask("audit.block_proof", asked).await;
    let refusal = refused.err().context("a node proves what it has forgotten, without a tree")?;
    ensure!(refusal.code == GATE_OFF && refusal.message.contains("recursive_proofs"), "{refusal:?}");
    let shown = proven(&walk.network.nodes[0], &fact, &genesis).await?;
    ensure!(matches!(shown.proof, BlockProof::Direct { .. }), "{:?}", shown.proof);
    Ok(())
}

#[tokio::test]
async fn w02_a_witness_that_signed_another_history_signs_nothing_of_this_one() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let tell = |text: &str| println!("{text}");
    let mut walk = PromotionWalk::write_at("testnet", dir.path(), &tell)?;
    write(&walk)?;
    walk.network.start_all()?;
    walk.network.reach(2).await?;
    walk.witness_by_a_subset().await?;
    for index in WITNESSES {
        let registered = register(&mut walk.network, index).await?;
        ensure!(registered["refusal"].is_null(), "{registered}");
    }
    let first = checkpoint(&note(&mut walk.network.nodes[0], 0, &WITNESSES).await?)?;

    // It comes back with a database of this history, and a memory of having signed another one.
    let witness = &mut walk.network.nodes[1];
    let account = witness.account.clone();
    witness.stop().await?;
    let latest = witness.home.join("witness/latest");
    ensure!(latest.is_file(), "{} is not there", latest.display());
    let secret = keys::read(&witness.home.join("config/witness.key"))?;
    let verifier = VerifierKey { name: named(1), algorithm: NoteAlgorithm::Cosignature, key: secret.public() };
    let text = Checkpoint { root: Digest([7; 32]), ..first }.text();
    let lines = vec![verifier.signed(&secret, 1_700_000_000, &text)];
    std::fs::write(&latest, Note { text, lines }.to_string())?;
    witness.start()?;
    witness
        .until("refusal", async |node| {
            let health = node.operate("node.health", json!({})).await.ok()?;
            health["warnings"].to_string().contains("refuses to sign a fork").then_some(())
        })
        .await?;
    let height = walk.network.nodes[0].height().await?;
    let epoch = walk.network.nodes[0].call("chain.status", json!({})).await?["epoch"].as_u64().context("no epoch")?;

    // The other one goes on, for two epochs that are over by then; this one signs none of them.
    let asked = &mut walk.network.nodes[0];
    asked
        .until("two epochs that the other one signed", async |node| {
            let signed = cosigned(node, height).await.ok()?;
            let later: BTreeSet<Epoch> = signed.iter().map(|(of, _)| *of).filter(|of| of.0 > epoch).collect();
            (later.len() > 2).then_some(())
        })
        .await?;
    let signed = cosigned(&walk.network.nodes[0], height).await?;
    let own: Vec<_> = signed.iter().filter(|(of, by)| of.0 > epoch && by.to_string() == account).collect();
    ensure!(own.is_empty(), "it signed a history that does not go on where the one before stood: {own:?}");
    ensure!(walk.network.nodes[1].is_running(), "it is a node all the same; {}", walk.network.nodes[1].last_words());
    Ok(())
}
