//! Sending, against a node with the real rules: what is printed, what is refused, and what is never signed.

mod contract;
mod node;
mod served;

use contract::{Run, contract, key_file};
use node::{Behaviour, Node};
use primitives::{BuildHash, SecretKey};
use tempfile::{TempDir, tempdir};

const HASH: BuildHash = BuildHash([0xcd; 32]);

/// Key files of the test network, and a node of it.
struct Network {
    folder: TempDir,
    node: Node,
}

impl Network {
    fn start(behaviour: Behaviour) -> Self {
        Self { folder: tempdir().unwrap(), node: node::start(behaviour) }
    }

    fn key(&self, name: &str, key: &SecretKey) -> String {
        let path = self.folder.path().join(name);
        if !path.exists() {
            host::keys::write(&path, key).unwrap();
        }
        path.to_str().unwrap().into()
    }

    /// Runs as validator 0.
    fn run(&self, arguments: &[&str]) -> Run {
        let key = self.key("validator0.key", &runtime::testing::validator(0));
        contract(&[arguments, &["--rpc", &self.node.url, "--key", &key]].concat())
    }

    /// Proposes [`HASH`] with the signatures that `contract release sign` makes for the first `signers`.
    fn propose(&self, signers: u8, extra: &[&str]) -> Run {
        let hash = HASH.to_string();
        let mut arguments: Vec<String> = ["gov", "propose-release", "--hash", &hash].map(String::from).into();
        for index in 0..signers {
            let key = self.key(&format!("signer{index}.key"), &runtime::testing::signer(index));
            let signed = contract(&["release", "sign", "--hash", &hash, "--key", &key]).stdout;
            let mut words = signed.split_whitespace().skip(1).step_by(2);
            for option in ["--signer", "--signature"] {
                arguments.extend([option.into(), words.next().unwrap().to_string()]);
            }
        }
        self.run(&[&arguments.iter().map(String::as_str).collect::<Vec<_>>()[..], extra].concat())
    }
}

#[test]
fn a_release_is_proposed_and_voted_for() {
    let network = Network::start(Behaviour::Honest);
    let run = network.propose(2, &["--threshold", "2"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("as proposal 1; voting ends at the start of epoch"), "{}", run.stdout);
    assert!(run.stderr.contains("On chain the-block-test") && run.stderr.contains("fee of 10"), "{}", run.stderr);

    let run = network.run(&["gov", "approve-release", "--id", "1", "--reason", "tested"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains(" voted yes on proposal 1 with 1,000,000 stake"), "{}", run.stdout);

    let beside = network.propose(2, &["--threshold", "2"]);
    assert_eq!(beside.code, 0, "{}", beside.stderr);
    let crowded = network.propose(2, &["--threshold", "2"]);
    assert_eq!((crowded.code, crowded.stdout.as_str()), (1, ""));
    assert!(crowded.stderr.contains("this account has 2 proposals"), "{}", crowded.stderr);
    assert!(crowded.stderr.contains("\nnext: take one back with `contract gov withdraw`"), "{}", crowded.stderr);
    let gone = network.run(&["gov", "withdraw", "--id", "1"]);
    assert!(gone.stdout.contains("Proposal 1 was taken back by its proposer"), "{}{}", gone.stdout, gone.stderr);
    let late = network.run(&["gov", "approve-release", "--id", "1"]);
    assert_eq!(late.code, 1);
    assert!(late.stderr.contains("proposal 1 is withdrawn, so it takes no votes"), "{}", late.stderr);
    assert!(late.stderr.ends_with("\nnext: see what came of it with `contract gov proposal`\n"), "{}", late.stderr);
}

#[test]
fn a_refusal_prints_the_chains_sentence_and_exits_1() {
    let network = Network::start(Behaviour::Honest);
    let run = network.propose(2, &[]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""));
    assert!(run.stderr.contains("without --threshold all 3 signers have to sign"), "{}", run.stderr);
    assert!(run.stderr.contains("error: the release has 2 valid signatures and needs 3"), "{}", run.stderr);

    let run = network.run(&["gov", "vote", "--id", "9", "--choice", "no", "--json"]);
    let error: serde_json::Value = serde_json::from_str(&run.stderr).expect("one JSON object and nothing else");
    assert_eq!((run.code, run.stdout.as_str()), (1, ""));
    assert_eq!(error["error"]["data"]["governance"]["unknown_proposal"], 9, "{error}");
    assert!(error["error"]["message"].as_str().unwrap().starts_with("there is no proposal 9"));
}

#[test]
fn with_json_the_outcome_is_the_view_and_nothing_else() {
    let network = Network::start(Behaviour::Honest);
    let to = runtime::testing::holder(1).account().to_string();
    let run = network.run(&["account", "transfer", "--to", &to.to_uppercase(), "--amount", "5", "--json"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let view: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(view["status"], "included");
    assert_eq!(view["hash"], view["fact"]["cause"]["transaction"]["hash"]);
    assert_eq!(view["fact"]["outcome"]["Ok"]["accounts"]["transferred"]["to"], to);
}

#[test]
fn without_waiting_the_hash_is_printed_and_can_be_followed() {
    let network = Network::start(Behaviour::Honest);
    let run = network.run(&["account", "bond", "--amount", "5", "--no-wait"]);
    let hash = run.stdout.trim();
    assert_eq!((run.code, hash.len()), (0, 64), "{}", run.stderr);
    let follow = || contract(&["tx", hash, "--rpc", &network.node.url]).stdout;
    assert!(follow().contains("waits for a block"));
    assert!(follow().contains("is in block 1"));
}

#[test]
fn a_node_that_does_not_push_blocks_is_polled() {
    let network = Network::start(Behaviour::NoPush);
    let run = network.run(&["account", "bond", "--amount", "5"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("bonded 5 tokens to itself, in force from epoch"), "{}", run.stdout);
}

#[test]
fn a_node_that_prepares_something_else_gets_no_signature() {
    let network = Network::start(Behaviour::Forging);
    let run = network.run(&["gov", "approve-release", "--id", "1"]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""));
    assert!(run.stderr.contains("another transaction than was asked for"), "{}", run.stderr);
    let honest = Network::start(Behaviour::Honest);
    let pinned = honest.run(&["gov", "approve-release", "--id", "1", "--chain-id", "the-block-1"]);
    assert_eq!(pinned.code, 2, "{}", pinned.stderr);
    let dear = honest.run(&["gov", "approve-release", "--id", "1", "--max-fee", "9"]);
    assert!(dear.stderr.contains("--max-fee 10"), "{}", dear.stderr);
}

#[test]
fn what_a_hostile_node_says_does_not_reach_the_terminal_as_it_is() {
    let network = Network::start(Behaviour::Hostile);
    for extra in [&[][..], &["--json"]] {
        let run = network.run(&[&["gov", "approve-release", "--id", "1"], extra].concat());
        assert_eq!(run.code, 1);
        assert!(!run.stderr.contains(['\x1b', '\u{9b}']), "{:?}", run.stderr);
        assert!(run.stderr.contains("closed"), "{}", run.stderr);
    }
}

#[test]
fn a_signature_over_another_hash_and_a_signer_named_twice_are_refused_before_anything_is_sent() {
    let network = Network::start(Behaviour::Honest);
    let signer = runtime::testing::signer(0);
    let (public, other) =
        (signer.public().to_string(), signer.sign(&BuildHash([1; 32]).attestation_message()).to_string());
    let hash = HASH.to_string();
    let run = network.run(&["gov", "propose-release", "--hash", &hash, "--signer", &public, "--signature", &other]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains(&format!("the signature of {public} is not valid over")), "{}", run.stderr);

    let valid = signer.sign(&HASH.attestation_message()).to_string();
    let upper = public.to_uppercase();
    let twice = ["--signer", &public, "--signature", &valid, "--signer", &upper, "--signature", &valid];
    let run = network.run(&[&["gov", "propose-release", "--hash", &hash][..], &twice].concat());
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("appears twice among the signers"), "{}", run.stderr);

    let run = network.propose(2, &["--threshold", "0"]);
    assert!(run.stderr.contains("the threshold must be 2 to 3 signatures, not 0"), "{}", run.stderr);
    let notes = key_file(&"x".repeat(16385));
    let run = network.propose(2, &["--notes", notes.path().to_str().unwrap()]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("16385 bytes; at most 16384"), "{}", run.stderr);
}

#[test]
fn a_rebuild_is_attested_and_one_that_is_another_build_is_not_sent() {
    let network = Network::start(Behaviour::Honest);
    let file = network.folder.path().join("rebuilt");
    std::fs::write(&file, "the same bytes").unwrap();
    let (path, hash) = (file.to_str().unwrap(), blake3::hash(b"the same bytes").to_hex().to_string());
    let other = network.run(&["release", "attest", "--rebuilt", path, "--hash", &HASH.to_string()]);
    assert_eq!((other.code, other.stdout.as_str()), (1, ""));
    let said = format!("the rebuilt file has the hash {hash}, so it is not release {HASH} and nothing is sent");
    assert!(other.stderr.contains(&said), "{}", other.stderr);

    let unknown = network.run(&["release", "attest", "--rebuilt", path, "--hash", &hash.to_uppercase()]);
    assert_eq!(unknown.code, 1);
    assert!(unknown.stderr.contains("neither approved nor the subject of a live proposal"), "{}", unknown.stderr);

    let mut propose: Vec<String> =
        ["gov", "propose-release", "--hash", &hash, "--threshold", "2"].map(String::from).into();
    for signer in (0..2).map(runtime::testing::signer) {
        let signature = signer.sign(format!("release:{hash}").as_bytes()).to_string();
        propose.extend(["--signer".into(), signer.public().to_string(), "--signature".into(), signature]);
    }
    let proposed = network.run(&propose.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(proposed.code, 0, "{}", proposed.stderr);
    let attest = ["release", "attest", "--rebuilt", path, "--source-commit", "c0ffee"];
    let run = network.run(&attest);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("from source, at commit \"c0ffee\" and got the same bytes"), "{}", run.stderr);
    assert!(run.stdout.contains("from source and got the same bytes."), "{}", run.stdout);
    let again = network.run(&attest);
    assert_eq!(again.code, 1);
    assert!(again.stderr.contains("each account counts once"), "{}", again.stderr);
}

#[test]
fn t17_a_sealed_proposal_hides_its_description_until_it_is_revealed() {
    let network = Network::start(Behaviour::Honest);
    let file = network.folder.path().join("sealed.json");
    let path = file.to_str().unwrap();
    let described = ["--threshold", "2", "--version", "1.4.1", "--sealed", path];
    let proposed = network.propose(2, &[&described[..], &["--json"]].concat());
    assert_eq!(proposed.code, 0, "{}", proposed.stderr);
    assert!(!proposed.stdout.contains("1.4.1"), "{}", proposed.stdout);
    let view: serde_json::Value = serde_json::from_str(&proposed.stdout).unwrap();
    let motion = &view["fact"]["outcome"]["Ok"]["governance"]["proposed"]["motion"]["releases"]["approve"];
    assert_eq!(motion["sealed"].as_str().map(str::len), Some(64), "{view}");

    let revealed = network.run(&["gov", "reveal", "--sealed", path]);
    assert_eq!(revealed.code, 0, "{}", revealed.stderr);
    assert!(revealed.stderr.contains("reveals what the sealed proposal for build"), "{}", revealed.stderr);
    let again = network.run(&["gov", "reveal", "--sealed", path]);
    assert_eq!(again.code, 1);
    assert!(again.stderr.contains("is revealed already"), "{}", again.stderr);
}
