//! Changes under the plan of this repository, against a node with the real rules: what is filled in, what is refused, and with which
//! exit codes.

mod contract;
mod governed;
mod open_cases;
mod served;

use contract::{Run, Running, contract};
use governed::{CHAIN, ROOT, governed, name};
use primitives::{ChangeId, SecretKey};
use rollouts::change::{ChangeRequest, ChangeState};
use rollouts::verdict::Answer;
use rpc::NodeSource as _;
use rpc::api::RolloutApiClient as _;
use rpc::client::Node;
use rpc::views::{ChangeDetail, RolloutExplanation};
use runtime::testing::validator;
use serde_json::Value;
use served::Served;
use tempfile::{TempDir, tempdir};
use tokio::runtime::Runtime;

/// A network under the plan, and key files of it.
struct Network {
    folder: TempDir,
    served: Served,
}

impl Network {
    /// Makes a block when it was asked what became of a transaction.
    fn start() -> Self {
        let served = Served::of(governed(), |chain, method| {
            if ["tx.status", "tx.subscribe_status"].contains(&method) {
                chain.make_block();
            }
        });
        Self { folder: tempdir().unwrap(), served }
    }

    fn key(&self, name: &str, key: &SecretKey) -> String {
        let path = self.folder.path().join(name);
        if !path.exists() {
            host::keys::write(&path, key).unwrap();
        }
        path.to_str().unwrap().into()
    }

    fn ask(&self, arguments: &[&str]) -> Run {
        contract(&[arguments, &["--rpc", &self.served.url]].concat())
    }

    /// Runs as validator 0, who has every role.
    fn run(&self, arguments: &[&str]) -> Run {
        let key = self.key("validator0.key", &validator(0));
        self.ask(&[arguments, &["--key", &key]].concat())
    }

    fn disable(&self) -> Run {
        self.run(&["rollout", "disable", "pruning", "--cause", "SAFETY", "--reason", "nodes forget too much"])
    }

    fn change(&self, id: u64) -> ChangeDetail {
        let node = Node::open(&self.served.url).unwrap();
        Runtime::new().unwrap().block_on(node.rollout_change(ChangeId(id))).unwrap()
    }
}

#[test]
fn a_change_is_written_against_the_plan_in_force_in_the_only_role_that_may() {
    let network = Network::start();
    let run = network.disable();
    assert_eq!(run.code, 0, "{}", run.stderr);
    let change = network.change(1);
    assert_eq!((change.summary.version, change.summary.state), (1, ChangeState::Active));
    assert_eq!(change.asked.bundle, network.served.memory.genesis().rollouts.as_ref().unwrap().plan.bundle);
    assert_eq!(change.summary.by.unwrap().role, name("release_commander"));
    assert!(matches!(change.asked.request, ChangeRequest::Disable { .. }));

    let shown = network.ask(&["rollout", "change", "1"]);
    assert!(shown.code == 0 && shown.stdout.contains("nodes forget too much"), "{}{}", shown.stdout, shown.stderr);
    let board = network.ask(&["rollout", "status"]);
    assert!(board.code == 0 && board.stdout.contains("Emergencies"), "{}{}", board.stdout, board.stderr);
}

#[test]
fn who_may_do_it_in_two_roles_says_in_which() {
    let network = Network::start();
    let freeze = ["rollout", "pause", "--announcement", "we look", "--reason", "odd blocks"];
    let both = network.run(&freeze);
    assert_eq!((both.code, both.stdout.as_str()), (2, ""), "{}", both.stderr);
    assert!(both.stderr.contains("release_commander and sre_lead") && both.stderr.contains("--as"), "{}", both.stderr);
    let run = network.run(&[&freeze[..], &["--as", "sre_lead"]].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(network.change(1).summary.by.unwrap().role, name("sre_lead"));

    let stranger = network.key("stranger.key", &SecretKey::from_seed(&[99; 32]));
    let nobody = network.ask(&[&freeze[..], &["--key", &stranger]].concat());
    assert_eq!(nobody.code, 1);
    assert!(nobody.stderr.contains("has no role of plan chain"), "{}", nobody.stderr);
}

#[test]
fn a_refusal_has_its_code_before_its_sentence_and_a_next_step() {
    let network = Network::start();
    assert_eq!(network.disable().code, 0);
    let close = network.run(&["rollout", "close", "--change", "1"]);
    assert_eq!(close.code, 1);
    assert!(close.stderr.contains("error: E_DUTY: "), "{}", close.stderr);
    assert!(close.stderr.contains("\nnext: `contract rollout explain --change` says why"), "{}", close.stderr);
    let unknown = network.run(&["rollout", "execute", "--change", "7"]);
    assert_eq!(unknown.code, 1);
    assert!(unknown.stderr.contains("there is no change 7"), "{}", unknown.stderr);
    assert!(unknown.stderr.contains("\nnext: list them with `contract rollout changes`"), "{}", unknown.stderr);
    let other =
        network.run(&["rollout", "disable", "pruning", "--cause", "SAFETY", "--reason", "again", "--bundle", CHAIN]);
    assert!(other.code == 1 && other.stderr.contains("E_BUNDLE_HASH: "), "{}", other.stderr);
}

#[test]
fn an_explanation_answers_by_its_exit_code_and_fails_with_others() {
    let network = Network::start();
    let run = network.ask(&["rollout", "explain", "--stage", "canary", "--json"]);
    let said: RolloutExplanation = serde_json::from_str(&run.stdout).unwrap();
    let expected = match said.list.answer {
        Answer::Go => 0,
        Answer::NoGo => 1,
        Answer::Deferred => 2,
    };
    assert_eq!(run.code, expected);
    assert_ne!(said.list.answer, Answer::Go, "nobody has said anything yet");
    let text = network.ask(&["rollout", "explain", "--stage", "canary"]);
    assert!(text.code == expected && text.stdout.contains(&said.list.answer.to_string()), "{}", text.stdout);

    assert_eq!(contract(&["rollout", "explain", "--rpc", "http://127.0.0.1:1"]).code, 3, "nobody answers there");
    assert_eq!(network.ask(&["rollout", "explain", "--change", "99"]).code, 3, "there is none");
    let both = |of: &'static str| ["--phase", "8", of, "1"];
    let (change, stage) = (both("--change"), both("--stage"));
    for misused in [&["--nonsense"][..], &["--change", "x"], &["--change", "1", "--stage", "canary"], &change, &stage] {
        assert_eq!(network.ask(&[&["rollout", "explain"][..], misused].concat()).code, 64, "{misused:?}");
    }
    let told = network.ask(&["rollout", "explain", "--change", "x", "--json"]);
    let error: Value = serde_json::from_str(&told.stderr).unwrap();
    assert_eq!((told.code, &error["error"]["code"]), (64, &Value::from(64)));
}

#[test]
fn a_simulation_sends_nothing_and_says_what_is_in_the_way() {
    let network = Network::start();
    assert_eq!(network.disable().code, 0);
    let height = network.served.memory.head().at.height;
    let run = network.ask(&["rollout", "simulate", "--change", "1", "--json"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let said: Value = serde_json::from_str(&run.stdout).unwrap();
    let codes: Vec<&str> =
        said["refusals"].as_array().unwrap().iter().map(|refusal| refusal["code"].as_str().unwrap()).collect();
    assert!(codes.contains(&"E_STATE") || codes.contains(&"E_ROLE"), "it is carried out already: {codes:?}");
    assert_eq!(network.served.memory.head().at.height, height);
}

#[test]
fn a_change_is_followed_until_nothing_happens_to_it_any_more() {
    let network = Network::start();
    let (build, acting) = ("aa".repeat(32), ["--as", "release_commander"]);
    let promote =
        ["rollout", "promote", "--to", "canary", "--artifact", &build, "--class", "minor", "--reason", "it is time"];
    let asked = network.run(&[&promote[..], &acting].concat());
    assert_eq!(asked.code, 0, "{}", asked.stderr);
    let watch = ["rollout", "change", "1", "--watch", "--rpc", &network.served.url];
    let mut lines = Running::start(&watch);
    assert!(lines.until("\n").contains("UTC  change 1 is "), "{}", lines.seen);
    let mut objects = Running::start(&[&watch[..], &["--json"]].concat());
    let object = |line: &str| -> Value { serde_json::from_str(line).expect("one object a line") };
    let first = object(&objects.until("\n"));
    assert_eq!((&first["id"], &first["is_foreseen"]), (&Value::from(1), &Value::from(true)));
    let mut drawn = Running::on_terminal(&watch);
    drawn.until("nothing else.");
    let withdrawn = network.run(&[&["rollout", "withdraw", "--change", "1"][..], &acting].concat());
    assert_eq!(withdrawn.code, 0, "{}", withdrawn.stderr);
    lines.until("change 1 is withdrawn\n");
    drawn.until("Change 1 is withdrawn.");
    let objects = objects.end();
    assert_eq!(object(objects.stdout.lines().last().unwrap())["label"], "withdrawn", "{}", objects.stdout);
    assert_eq!([lines.end().code, objects.code, drawn.end().code], [0; 3], "an end is an answer, whatever it is");
    let unknown = network.ask(&["rollout", "change", "99", "--watch"]);
    assert_eq!(unknown.code, 1, "what was never there is not waited for: {}", unknown.stderr);
}

#[test]
fn a_statement_takes_its_type_its_subject_and_its_result_from_its_file() {
    let network = Network::start();
    assert_eq!(network.disable().code, 0);
    let file = network.folder.path().join("ticket.json");
    let write = |subject: Value| {
        let body = serde_json::json!({
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [subject],
            "predicateType": "https://in-toto.io/attestation/test-result/v0.1",
            "predicate": { "result": "PASSED" },
        });
        std::fs::write(&file, body.to_string()).unwrap();
        blake3::hash(body.to_string().as_bytes()).to_hex().to_string()
    };
    let attest = |key: &str| network.run(&["rollout", "attest", "--check", key, "--statement", file.to_str().unwrap()]);
    // A word of the council about the change.
    let key = "mitigation";

    write(serde_json::json!({ "name": "change:1", "digest": { "blake3": "ab".repeat(32) } }));
    let other = attest(key);
    assert!(other.code == 2 && other.stderr.contains("is about a change with hash"), "{}", other.stderr);
    write(serde_json::json!({ "name": "something else" }));
    let unsaid = attest(key);
    assert!(unsaid.code == 2 && unsaid.stderr.contains("say --about"), "{}", unsaid.stderr);
    let digest = network.change(1).digest.to_string();
    let hash = write(serde_json::json!({ "name": "change:1", "digest": { "blake3": digest } }));
    let said = attest(key);
    assert_eq!(said.code, 0, "{}", said.stderr);
    let shown = network.ask(&["rollout", "statements", "--check", key, "--json"]);
    let stated: Value = serde_json::from_str(&shown.stdout).unwrap();
    let stated = &stated["entries"][0];
    assert_eq!(stated["statement"]["digest"], hash.as_str(), "{stated}");
    assert_eq!(stated["statement"]["outcome"], "passed", "{stated}");
    assert_eq!(stated["actor"]["role"], "governance_council", "the role that owns the check");
}

#[test]
fn a_later_version_is_numbered_and_what_it_lacks_is_said() {
    let network = Network::start();
    let run = network.run(&["rollout", "install", CHAIN, "--root", ROOT]);
    assert_eq!(run.code, 1, "{}", run.stdout);
    assert!(run.stderr.contains("E_DOCUMENT: "), "version 2 is the next one: {}", run.stderr);
    assert!(run.stderr.contains("\nnext: pass --document"), "{}", run.stderr);
}

#[test]
fn roles_are_shown_and_given_back() {
    let network = Network::start();
    let list = network.ask(&["roles", "list"]);
    assert!(list.code == 0 && list.stdout.contains("security_steward"), "{}{}", list.stdout, list.stderr);
    let account = validator(1).account().to_string();
    let held = network.ask(&["roles", "of", &account]);
    assert!(held.stdout.contains("governance_council") && !held.stdout.contains("sre_lead"), "{}", held.stdout);
    let last = network.run(&["roles", "resign", "--role", "sre_lead"]);
    assert!(last.code == 1 && last.stderr.contains("E_LAST_MEMBER: "), "{}", last.stderr);
    let nobody = network.run(&["roles", "appoint", "--role", "sre_lead", "--account", &account]);
    assert!(nobody.code == 1 && nobody.stderr.contains("appoint.sre_lead"), "the stake alone may: {}", nobody.stderr);
    let unknown = network.ask(&["roles", "show", "nobody"]);
    assert!(unknown.code == 1 && unknown.stderr.contains("contract roles list"), "{}", unknown.stderr);
    let proposed = network.run(&[
        "roles",
        "propose-members",
        "--role",
        "sre_lead",
        "--member",
        &account,
        "--reason",
        "she took over",
        "--dry-run",
    ]);
    assert_eq!(proposed.code, 0, "{}", proposed.stderr);
}

#[test]
fn names_are_completed_from_the_plan() {
    let network = Network::start();
    assert_eq!(network.disable().code, 0);
    let known = |words: &[&str]| {
        let run =
            contract::contract_with(&[&["completions", "--line"], words].concat(), &[("TB_RPC", &network.served.url)]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{words:?}");
        run.stdout
    };
    assert_eq!(known(&["rollout", "board"]), "chain\n");
    assert_eq!(known(&["rollout", "explain", "--stage"]), "development\ntestnet\ncanary\nmainnet\n");
    assert_eq!(known(&["rollout", "close", "--change"]), "1\n");
    assert!(known(&["roles", "show"]).lines().any(|role| role == "sre_lead"));
    assert!(known(&["rollout", "set"]).lines().any(|flag| flag == "pruning"));
}
