//! Proofs as files: fetched from a node, verified without one, and worth nothing once anybody has changed them; and what is said of those
//! who vouch for the tree of blocks.

mod contract;
mod governed;
mod served;

use contract::{Run, contract};
use governed::governed;
use primitives::{Epoch, Height};
use rpc::NodeSource as _;
use runtime::testing::{cosign, register_witness, validator};
use serde_json::Value;
use served::Served;
use std::fs;
use tempfile::{TempDir, tempdir};
use tlog::{Checkpoint, Note, NoteAlgorithm, VerifierKey, cosigned_bytes};

/// A network under the plan of this repository, and the home of somebody who has its genesis.
struct Network {
    home: TempDir,
    served: Served,
}

impl Network {
    fn start() -> Self {
        let (home, served) = (tempdir().unwrap(), Served::of(governed(), |_, _| ()));
        served.memory.make_blocks_to(15);
        fs::create_dir(home.path().join("config")).unwrap();
        fs::write(home.path().join("config/genesis.json"), serde_json::to_vec(&governed()).unwrap()).unwrap();
        Self { home, served }
    }

    fn file(&self, name: &str) -> String {
        self.home.path().join(name).to_str().unwrap().into()
    }

    /// Asks the node, with the home at hand.
    fn ask(&self, arguments: &[&str]) -> Run {
        self.offline(&[arguments, &["--rpc", &self.served.url]].concat())
    }

    /// Asks nobody.
    fn offline(&self, arguments: &[&str]) -> Run {
        contract(&[arguments, &["--home", self.home.path().to_str().unwrap()]].concat())
    }
}

fn json(run: Run) -> Value {
    assert_eq!(run.code, 0, "{}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

/// Flips a bit in the middle of a file.
fn spoil(path: &str) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn what_is_on_record_is_proven_to_a_file_and_verified_from_genesis_alone() {
    let network = Network::start();
    let out = network.file("fact.proof");
    let asked = ["audit", "proof", "--height", "10", "--index", "0", "--out", &out];
    let written = json(network.ask(&[&asked[..], &["--json"]].concat()));
    assert_eq!((&written["verified"], &written["head"]), (&true.into(), &15.into()));
    let verified = json(network.offline(&["audit", "verify", &out, "--json"]));
    assert_eq!((&verified["height"], &verified["kind"], &verified["head"]), (&10.into(), &"tree".into(), &15.into()));
    let text = network.offline(&["audit", "verify", &out]).stdout;
    assert!(text.contains("tree of blocks"), "{text}");

    let nobody = contract(&["audit", "verify", &out]);
    assert_eq!(nobody.code, 2);
    assert!(nobody.stderr.contains("no genesis to verify it from"), "{}", nobody.stderr);
    spoil(&out);
    let spoilt = network.offline(&["audit", "verify", &out]);
    assert_eq!(spoilt.code, 1);
    assert!(spoilt.stderr.contains("proves nothing"), "{}", spoilt.stderr);
}

#[test]
fn a_node_that_has_forgotten_a_block_proves_it_with_the_record_of_another() {
    let (network, keeper) = (Network::start(), Network::start());
    network.served.memory.prune_to(Height(12));
    let out = network.file("fact.proof");
    let asked = ["audit", "proof", "--height", "10", "--index", "0", "--out", &out];
    let refused = network.ask(&asked);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("ask a node that keeps all"), "{}", refused.stderr);
    json(network.ask(&[&asked[..], &["--record-from", &keeper.served.url, "--json"]].concat()));
    assert_eq!(json(network.offline(&["audit", "verify", &out, "--json"]))["kind"], "tree");
}

#[test]
fn what_a_flag_serves_is_proven_to_a_file_and_verified_from_genesis_alone() {
    let network = Network::start();
    let out = network.file("flag.ticket");
    let written = json(network.ask(&["flags", "proof", "pruning", "--out", &out, "--json"]));
    assert_eq!(written["verified"], true);
    let verify =
        |flag: &str| network.offline(&["flags", "verify", flag, "--plan", "chain", "--ticket", &out, "--json"]);
    let said = json(network.ask(&["flags", "evaluate", "pruning", "--json"]));
    assert_eq!(json(verify("pruning")), said);
    let other = verify("timetoke_rewards");
    assert_eq!(other.code, 1);
    assert!(other.stderr.contains("proves nothing"), "{}", other.stderr);
    spoil(&out);
    assert_eq!(verify("pruning").code, 1);
}

#[test]
fn who_vouches_for_the_tree_is_listed_and_nobody_becomes_a_witness_while_the_gate_is_off() {
    let network = Network::start();
    let listed = json(network.ask(&["witness", "list", "--json"]));
    assert_eq!((&listed["grows"], &listed["is_open"], &listed["log_size"]), (&true.into(), &false.into(), &15.into()));
    let checkpoint = json(network.ask(&["audit", "checkpoint", "--epoch", "1", "--json"]));
    assert_eq!((&checkpoint["size"], &checkpoint["epoch"]), (&10.into(), &1.into()));
    let note = network.ask(&["audit", "checkpoint", "--epoch", "1", "--note"]).stdout;
    assert_eq!(checkpoint["note"], note.as_str());
    assert_eq!(note.lines().nth(1), Some("10"), "{note}");

    let key = network.file("validator0.key");
    host::keys::write(std::path::Path::new(&key), &validator(0)).unwrap();
    let own = network.file("witness.key");
    host::keys::write(std::path::Path::new(&own), &validator(9)).unwrap();
    let register = ["witness", "register", "--name", "first", "--witness-key", &own, "--key", &key];
    let refused = network.ask(&register);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("E_GATE_OFF: "), "{}", refused.stderr);
    assert!(refused.stderr.contains("next: `contract witness list`"), "{}", refused.stderr);
    let foreseen = network.ask(&[&register[..], &["--dry-run"]].concat());
    assert!(foreseen.stderr.contains("E_GATE_OFF: "), "{}", foreseen.stderr);

    // With its key elsewhere: what is printed there shows the same, and asks nobody where the network is named.
    let (account, chain) = (validator(0).account(), network.served.memory.genesis().chain.chain_id.clone());
    let prove = ["witness", "prove", "--witness-key", &own, "--account", &account.to_string(), "--json"];
    let proven = json(network.ask(&prove));
    assert_eq!(json(network.offline(&[&prove[..], &["--chain-id", chain.as_str()]].concat())), proven);
    let text = |field: &str| proven[field].as_str().unwrap().to_owned();
    let (public, proof) = (text("public_key"), text("proof"));
    let says = witnesses::witness_key_proof(&chain, &account);
    assert_eq!(public, validator(9).public().to_string());
    assert_eq!(proof, validator(9).sign(&says).to_string());
    let elsewhere = ["witness", "register", "--name", "first", "--public-key", &public, "--key", &key];
    let refused = network.ask(&[&elsewhere[..], &["--proof", &proof]].concat());
    assert!(refused.stderr.contains("E_GATE_OFF: "), "{}", refused.stderr);
    assert_eq!(network.ask(&elsewhere).code, 2, "a key alone shows nothing");

    let root = "00".repeat(32);
    let cosign = ["witness", "cosign", "--epoch", "1", "--root", &root, "--witness-key", &key, "--key", &key];
    let other = network.ask(&cosign);
    assert_eq!(other.code, 1);
    assert!(other.stderr.contains("nothing is signed"), "{}", other.stderr);
    assert_eq!(network.served.memory.head().at.height, Height(15), "nothing was sent");
}

#[test]
fn the_note_of_a_checkpoint_that_was_cosigned_is_one_as_tools_for_notes_read_it() {
    let mut mainnet = governed();
    mainnet.rollouts.as_mut().unwrap().stage = Some(governed::name("mainnet"));
    let served = Served::of(mainnet, |_, _| ());
    let (who, key) = (validator(0), host::keys::generate());
    let chain_id = &served.memory.genesis().chain.chain_id;
    served.memory.send(&who, register_witness(chain_id, who.account(), governed::name("first"), &key));
    served.memory.make_blocks_to(10);
    let shown = |form: &str| contract(&["audit", "checkpoint", "--epoch", "1", form, "--rpc", &served.url]);
    let text = shown("--note").stdout;
    let (checkpoint, timestamp) = (Checkpoint::parse(&text).unwrap(), 1_700_000_000);
    let signature = key.sign(&cosigned_bytes(timestamp, &checkpoint));
    served.memory.send(&who, cosign(Epoch(1), timestamp, signature));
    served.memory.make_block();

    let printed = shown("--note").stdout;
    assert_eq!(json(shown("--json"))["note"], printed.as_str());
    let note = Note::parse(&printed).unwrap();
    assert_eq!(note.text, text);
    let verifier = VerifierKey { name: "first".into(), algorithm: NoteAlgorithm::Cosignature, key: key.public() };
    assert_eq!((note.lines.len(), verifier.verify(&note)), (1, Some(timestamp)));
}
