//! `contract send` and `contract propose`: any call and any motion, as JSON, against a real server over a node that makes a
//! block of whatever it takes.

mod contract;
mod served;

use contract::{Run, contract, contract_reading, contract_with};
use primitives::{BuildHash, Height, SecretKey};
use rpc::NodeSource as _;
use runtime::testing::{double_vote, genesis, holder, release_vote, signer, validator};
use serde_json::{Value, json};
use served::Served;
use tempfile::TempDir;

/// The build that the network starts with.
const OLD: BuildHash = BuildHash([0xaa; 32]);
/// The one after it.
const NEW: BuildHash = BuildHash([0xcd; 32]);

/// A node that answers until it is dropped, and a folder for what is sent to it.
struct Node {
    served: Served,
    folder: TempDir,
}

impl Node {
    fn start() -> Self {
        let served = Served::start(|chain, method| {
            if method == "tx.submit" {
                chain.make_block();
            }
        });
        Self { served, folder: tempfile::tempdir().unwrap() }
    }

    /// Has [`NEW`] take the place of [`OLD`].
    fn supersede(&self) {
        self.served.approve(NEW);
    }

    fn file(&self, text: &str) -> String {
        let path = self.folder.path().join("what.json");
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().into()
    }

    fn key(&self, key: &SecretKey) -> String {
        let path = self.folder.path().join(format!("{}.key", key.account()));
        if !path.exists() {
            host::keys::write(&path, key).unwrap();
        }
        path.to_str().unwrap().into()
    }

    /// Sends or proposes what a text says, in the name of a key.
    fn ask(&self, command: &[&str], text: &str, key: &SecretKey, extra: &[&str]) -> Run {
        let (file, key) = (self.file(text), self.key(key));
        contract(&[command, &[file.as_str(), "--key", &key, "--rpc", &self.served.url], extra].concat())
    }

    fn send(&self, text: &str, key: &SecretKey, extra: &[&str]) -> Run {
        self.ask(&["send", "--call"], text, key, extra)
    }

    fn propose(&self, text: &str, key: &SecretKey, extra: &[&str]) -> Run {
        self.ask(&["propose", "--motion"], text, key, extra)
    }
}

fn json(run: &Run) -> Value {
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    serde_json::from_str(&run.stdout).expect("JSON and nothing else")
}

/// Exit code 2, nothing on standard output; the sentence.
fn misused(run: &Run) -> &str {
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    &run.stderr
}

#[test]
fn a_transfer_and_a_bond_are_sent_from_a_file() {
    let node = Node::start();
    let to = holder(1).account();
    let transfer = json!({ "accounts": { "transfer": { "to": to, "amount": "5" } } }).to_string();
    let view = json(&node.send(&transfer, &holder(0), &["--json"]));
    assert_eq!(view["status"], "included", "{view}");
    assert_eq!(view["fact"]["outcome"]["Ok"]["accounts"]["transferred"]["to"], to.to_string(), "{view}");

    let bond = "{\n  \"staking\": {\n    \"bond\": { \"amount\": 7 }\n  }\n}\n";
    let run = node.send(bond, &validator(0), &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("bonds 7 tokens to itself"), "what is signed is said: {}", run.stderr);
    assert!(run.stdout.contains("bonded 7 tokens to itself"), "{}", run.stdout);
}

#[test]
fn a_refusal_of_what_a_file_asks_is_the_chains() {
    let node = Node::start();
    let run = node.send(r#"{"accounts":{"transfer":{"to":""#, &holder(0), &[]);
    assert!(misused(&run).contains("is not JSON"), "{}", run.stderr);
    let zero = json!({ "accounts": { "transfer": { "to": holder(1).account(), "amount": "0" } } }).to_string();
    let run = node.send(&zero, &holder(0), &[]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""));
    assert!(run.stderr.contains("the amount is zero"), "{}", run.stderr);
    let forecast = node.send(&zero.replace("\"0\"", "\"1\""), &holder(0), &["--dry-run"]);
    assert!(forecast.stdout.starts_with("It would be granted."), "{}{}", forecast.stdout, forecast.stderr);
}

#[test]
fn a_revocation_is_proposed_from_a_file_with_the_timing_that_was_asked_for() {
    let node = Node::start();
    node.supersede();
    let revoke = json!({ "releases": { "revoke": { "build_hashes": [OLD], "reason": "it leaks keys" } } }).to_string();
    let view = json(&node.propose(&revoke, &validator(0), &["--deadline", "5", "--delay", "3", "--json"]));
    let proposed = &view["fact"]["outcome"]["Ok"]["governance"]["proposed"];
    assert_eq!(proposed["motion"]["releases"]["revoke"]["build_hashes"], json!([OLD]), "{view}");
    let timing = ["track", "vote_deadline_epoch", "activation_epoch"].map(|name| &proposed[name]);
    assert_eq!(timing, [&json!("expedited"), &json!(5), &json!(8)], "{view}");

    let routine = node.propose(&revoke.replace("leaks", "loses"), &validator(1), &["--track", "routine"]);
    assert_eq!((routine.code, routine.stdout.as_str()), (1, ""));
    assert!(routine.stderr.contains("--track expedited"), "{}", routine.stderr);
}

#[test]
fn what_a_release_needs_of_this_operators_signers_holds_for_files_too() {
    let node = Node::start();
    let vote = release_vote(&genesis(), NEW, 2);
    let approve = json!({ "releases": { "approve": vote } }).to_string();
    let (file, key, third) = (node.file(&approve), node.key(&validator(0)), signer(2).public().to_string());
    let arguments = ["propose", "--motion", &file, "--key", &key, "--rpc", &node.served.url];
    let run = contract_with(&arguments, &[("TB_RELEASE_SIGNERS", third.as_str())]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""));
    assert!(run.stderr.contains(&third) && run.stderr.contains("this operator requires"), "{}", run.stderr);
    assert_eq!(contract(&arguments).code, 0);
}

#[test]
fn h15_a_contradiction_is_proven_from_a_file_and_whoever_is_jailed_learns_until_when() {
    let node = Node::start();
    let offence = double_vote(&genesis().chain.chain_id, &validator(0), Height(1));
    let prove = |text: &str| node.ask(&["staking", "evidence", "--offence"], text, &holder(0), &[]);
    let text = serde_json::to_string(&offence).unwrap();
    let run = prove(&text);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("voted for two blocks in one round at height 1"), "{}", run.stdout);
    let again = prove(&text);
    assert_eq!((again.code, again.stdout.as_str()), (1, ""));
    assert!(again.stderr.contains("all acts of one epoch are one offence"), "{}", again.stderr);
    let said = prove(r#"{"staking":{"bond":{"amount":"5"}}}"#);
    assert!(misused(&said).contains("what.json is no proof of an offence: line 1, column "), "{}", said.stderr);

    let key = node.key(&validator(0));
    for group in ["staking", "account"] {
        let run = contract(&[group, "unjail", "--key", &key, "--rpc", &node.served.url]);
        assert_eq!((run.code, run.stdout.as_str()), (1, ""));
        assert!(run.stderr.contains("stays out until epoch 41"), "{}", run.stderr);
        assert!(run.stderr.contains("next: `contract account show`"), "{}", run.stderr);
    }
    let shown = contract(&["account", "show", "--key", &key, "--rpc", &node.served.url]);
    assert!(shown.stdout.contains("from epoch 41 on"), "{}{}", shown.stdout, shown.stderr);
}

#[test]
fn a_file_that_is_no_call_is_refused_with_its_place_and_an_example() {
    let node = Node::start();
    let unknown = "{\"staking\": {\n  \"bond\": {\"amount\": \"5\", \"tip\": \"1\"}\n}}";
    let run = node.send(unknown, &holder(0), &[]);
    let said = misused(&run);
    assert!(said.contains("what.json is no call: line 2, column "), "{said}");
    assert!(said.contains("unknown field `tip`, expected `amount`"), "{said}");
    assert!(said.contains(r#"write a call such as {"staking":{"bond":{"amount":"5"}}}"#), "{said}");

    let run = node.propose("{\"releases\": {\"revoke\"", &holder(0), &[]);
    assert!(misused(&run).contains("what.json is not JSON: line 1, column "), "{}", run.stderr);
    let run = node.propose(r#"{"staking":{"bond":{"amount":"5"}}}"#, &holder(0), &[]);
    assert!(misused(&run).contains("what.json is no motion: line 1, column "), "{}", run.stderr);
    let run = node.send(&" ".repeat((1 << 20) + 1), &holder(0), &[]);
    assert!(misused(&run).contains("has more than 1048576 bytes"), "{}", run.stderr);
    let run = contract(&["send", "--call", "/nonexistent/call.json", "--key", "k"]);
    assert!(misused(&run).contains("/nonexistent/call.json cannot be read"), "{}", run.stderr);
    assert_eq!(node.served.memory.head().at.height.0, 0, "nothing was sent");
}

#[test]
fn standard_input_is_read_for_a_dash() {
    let node = Node::start();
    let key = node.key(&validator(0));
    let arguments = ["send", "--call", "-", "--key", &key, "--rpc", &node.served.url];
    let run = contract_reading(&arguments, r#"{"staking":{"bond":{"amount":"5"}}}"#);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("bonded 5 tokens to itself"), "{}", run.stdout);
    let run = contract_reading(&arguments, "bond 5");
    assert!(misused(&run).contains("standard input is not JSON: line 1, column "), "{}", run.stderr);
}
