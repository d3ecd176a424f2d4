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

    /// The account of validator 0, as the chain has it.
    fn account(&self) -> serde_json::Value {
        let account = runtime::testing::validator(0).account().to_string();
        let shown = contract(&["account", "show", &account, "--json", "--rpc", &self.node.url]).stdout;
        serde_json::from_str(&shown).unwrap()
    }

    /// Proposes [`HASH`] with the signatures that `contract release sign` makes for the first `signers`.
    fn propose(&self, signers: u8, extra: &[&str]) -> Run {
        self.propose_signed(signers, &["--hash", &HASH.to_string()], extra)
    }

    /// The same with what `words` say of it, which they sign as well.
    fn propose_described(&self, signers: u8, words: &[&str], extra: &[&str]) -> Run {
        let file = self.manifest(words);
        self.propose_signed(signers, &["--manifest", &file], extra)
    }

    /// What `contract release manifest` prints, in a file.
    fn manifest(&self, words: &[&str]) -> String {
        let (hash, platform) = (HASH.to_string(), runtime::testing::platform().to_string());
        let build = ["release", "manifest", "--hash", &hash, "--platform", &platform, "--rpc", &self.node.url];
        let printed = contract(&[&build[..], words].concat());
        assert_eq!((printed.code, printed.stderr.as_str()), (0, ""));
        let file = self.folder.path().join("manifest.json");
        std::fs::write(&file, printed.stdout).unwrap();
        file.to_str().unwrap().into()
    }

    fn propose_signed(&self, signers: u8, build: &[&str], extra: &[&str]) -> Run {
        let mut arguments: Vec<String> = ["gov", "propose-release"].map(String::from).into();
        arguments.extend(build.iter().map(|word| word.to_string()));
        for index in 0..signers {
            let key = self.key(&format!("signer{index}.key"), &runtime::testing::signer(index));
            let signed = contract(&[&["release", "sign", "--key", &key], build].concat()).stdout;
            for line in signed.lines() {
                let (option, word) = line.split_once(' ').unwrap();
                arguments.extend([format!("--{}", option.replace('_', "-")), word.to_string()]);
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
    assert!(run.stdout.contains(" voted yes on proposal 1 with a weight of 1,000,000"), "{}", run.stdout);

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
fn an_account_gives_itself_a_name_which_is_shown_beside_its_key_and_takes_it_back() {
    let network = Network::start(Behaviour::Honest);
    let key = runtime::testing::validator(0).account().to_string();
    let link = "https://acme.example/about";
    let run = network.run(&["account", "describe", "--name", "Acme Validators", "--link", link]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    // A sentence begins with a large letter, be it of a key.
    let said = format!("{} described itself by the name \"Acme Validators\" and the link", &key[1..]);
    assert!(run.stdout.contains(&said), "{}", run.stdout);
    let account = network.account();
    assert_eq!((account["name"].as_str(), account["link"].as_str()), (Some("Acme Validators"), Some(link)));
    let shown = contract(&["account", "show", &key, "--rpc", &network.node.url]).stdout;
    for words in [key.as_str(), "Acme Validators, by its own word", link] {
        assert!(shown.contains(words), "{words} is missing: {shown}");
    }
    let status = contract(&["status", "--rpc", &network.node.url]).stdout;
    assert!(status.contains(&format!("Acme Validators ({key})")), "{status}");

    let run = network.run(&["account", "describe", "--name", "Acme"]);
    assert_eq!((run.code, network.account()["link"].as_str()), (0, Some("")), "what is left out is taken back");
    let run = network.run(&["account", "describe", "--name", ""]);
    assert!(run.stdout.contains("took back what it said of itself"), "{}{}", run.stdout, run.stderr);
    assert_eq!(network.account()["name"], "");
}

#[test]
fn a_name_that_could_be_taken_for_something_else_is_refused_before_it_costs_anything() {
    let network = Network::start(Behaviour::Honest);
    let before = network.account();
    let key = runtime::testing::validator(1).account().to_string();
    let refused = [
        (["--name", key.as_str()], "could be taken for a key", "another --name"),
        (["--name", "Acme\u{202e}srotadilaV"], "a character that could be taken for another", "another --name"),
        (["--name", "\u{410}cme"], "a character that could be taken for another", "another --name"),
        (["--name", " Acme"], "begins or ends with a blank", "another --name"),
        (["--link", "https://acme.example@evil.example"], "does not name its host plainly", "another --link"),
    ];
    for (arguments, says, next) in refused {
        let run = network.run(&[&["account", "describe"][..], &arguments].concat());
        assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{arguments:?}: {}", run.stderr);
        assert!(run.stderr.contains(says) && run.stderr.contains(next), "{arguments:?}: {}", run.stderr);
        assert!(!run.stderr.contains('\u{202e}'), "{}", run.stderr.escape_unicode());
    }
    let long = "a".repeat(65);
    for arguments in [&["--name", long.as_str()][..], &[]] {
        assert_eq!(network.run(&[&["account", "describe"][..], arguments].concat()).code, 2, "{arguments:?}");
    }
    assert_eq!(network.account(), before, "nothing came of it");
}

#[test]
fn o43_what_would_be_refused_is_not_sent_and_costs_nothing() {
    let network = Network::start(Behaviour::Honest);
    let to = runtime::testing::holder(1).account().to_string();
    let before = network.account();
    // Of what is prepared before the first block.
    let last = 1 + runtime::testing::genesis().chain.limits.max_transaction_lifetime / 2;
    let refused: [(&[&str], &str); 5] = [
        (&["gov", "vote", "--id", "99", "--choice", "yes"], "there is no proposal 99"),
        (&["account", "transfer", "--to", &to, "--amount", "0"], "the amount is zero"),
        (&["account", "transfer", "--to", &to, "--amount", "0", "--no-wait"], "the amount is zero"),
        (&["account", "transfer", "--to", &to, "--amount", "900000000000000"], "free"),
        (&["staking", "unjail"], "jailed"),
    ];
    for (arguments, says) in refused {
        let run = network.run(arguments);
        assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{arguments:?}: {}", run.stderr);
        assert!(run.stderr.contains(says), "{says:?} is missing: {}", run.stderr);
        // The node has it, signed; what it may do with that is said, and until when.
        let unsent = "it is not sent and no fee is paid, unless the node that was asked sends it on; no block takes it after height";
        assert!(run.stderr.contains(&format!("{unsent} {last}; --force sends it")), "{}", run.stderr);
    }
    assert_eq!(network.account(), before, "nothing came of it");

    let forced = network.run(&["gov", "vote", "--id", "99", "--choice", "yes", "--force"]);
    assert_eq!((forced.code, forced.stdout.as_str()), (1, ""));
    let said = "there is no proposal 99";
    assert!(forced.stderr.contains(said) && forced.stderr.contains("; the fee of 10 is paid"), "{}", forced.stderr);
    let (nonce, next) = (before["nonce"].as_u64().unwrap(), network.account()["nonce"].as_u64().unwrap());
    assert_eq!(next, nonce + 1, "the chain refused it");
}

#[test]
fn o43_a_vote_that_comes_too_late_is_not_sent() {
    let served = served::Served::start(|_, _| ());
    served.approve(HASH);
    let folder = tempdir().unwrap();
    let key = folder.path().join("validator0.key");
    host::keys::write(&key, &runtime::testing::validator(0)).unwrap();
    let vote = ["gov", "approve-release", "--id", "1", "--rpc", &served.url, "--key", key.to_str().unwrap()];
    let late = contract(&vote);
    assert_eq!((late.code, late.stdout.as_str()), (1, ""));
    assert!(late.stderr.contains("so it takes no votes and cannot be withdrawn; it is not sent"), "{}", late.stderr);
    assert!(late.stderr.ends_with("\nnext: see what came of it with `contract gov proposal`\n"), "{}", late.stderr);
}

#[test]
fn o43_what_a_node_is_about_to_know_is_waited_for() {
    // The proposal is in no block before the node was asked about it once.
    let asked = std::sync::atomic::AtomicU32::new(0);
    let served = served::Served::start(move |chain, method| {
        if method == "tx.dry_run" && asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0 {
            let vote = runtime::testing::release_vote(chain.genesis(), HASH, 2);
            chain.send(&runtime::testing::validator(1), runtime::testing::propose(vote));
        }
        if ["tx.dry_run", "tx.status", "tx.subscribe_status"].contains(&method) {
            chain.make_block();
        }
    });
    let folder = tempdir().unwrap();
    let key = folder.path().join("validator0.key");
    host::keys::write(&key, &runtime::testing::validator(0)).unwrap();
    let vote = ["gov", "approve-release", "--id", "1", "--rpc", &served.url, "--key", key.to_str().unwrap()];
    let voted = contract(&vote);
    assert_eq!(voted.code, 0, "{}", voted.stderr);
    assert!(voted.stdout.contains(" voted yes on proposal 1 with "), "{}", voted.stdout);
}

#[test]
fn o43_tokens_that_a_node_is_about_to_know_are_waited_for() {
    let me = runtime::testing::validator(0).account();
    // They are in no block before the node was asked about them once.
    let asked = std::sync::atomic::AtomicU32::new(0);
    let served = served::Served::start(move |chain, method| {
        if method == "tx.dry_run" && asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0 {
            chain.send(&runtime::testing::holder(0), runtime::testing::transfer(me, 1_000));
        }
        if ["tx.dry_run", "tx.status", "tx.subscribe_status"].contains(&method) {
            chain.make_block();
        }
    });
    let folder = tempdir().unwrap();
    let key = folder.path().join("validator0.key");
    host::keys::write(&key, &runtime::testing::validator(0)).unwrap();
    let shown = contract(&["account", "show", &me.to_string(), "--json", "--rpc", &served.url]).stdout;
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    // All of it, so that the fee is missing.
    let (all, to) = (shown["free"].as_str().unwrap(), runtime::testing::holder(1).account().to_string());
    let transfer = ["account", "transfer", "--to", &to, "--amount", all, "--rpc", &served.url];
    let sent = contract(&[&transfer[..], &["--key", key.to_str().unwrap()]].concat());
    assert_eq!(sent.code, 0, "{}", sent.stderr);
    assert!(sent.stdout.contains("is in block "), "{}", sent.stdout);
}

#[test]
fn o43_the_answer_names_the_fee_and_an_equal_vote_changes_nothing() {
    let network = Network::start(Behaviour::Honest);
    assert_eq!(network.propose(2, &["--threshold", "2"]).code, 0);
    let vote = ["gov", "vote", "--id", "1", "--choice", "yes", "--reason", "tested"];
    let foreseen = network.run(&[&vote[..], &["--dry-run"]].concat());
    assert!(foreseen.stdout.starts_with("It would be granted. "), "{}", foreseen.stdout);
    assert!(foreseen.stdout.contains(" It would pay a fee of 10."), "{}", foreseen.stdout);
    let first = network.run(&vote);
    assert_eq!(first.code, 0, "{}", first.stderr);
    assert!(first.stdout.contains("is in block ") && first.stdout.contains(", for a fee of 10."), "{}", first.stdout);

    let before = network.account();
    let second = network.run(&vote);
    assert_eq!(second.code, 0, "{}", second.stderr);
    assert!(second.stdout.starts_with("Nothing changed: "), "{}", second.stdout);
    assert!(second.stdout.contains(" has voted yes on proposal 1 already; it is not sent"), "{}", second.stdout);
    let second: serde_json::Value =
        serde_json::from_str(&network.run(&[&vote[..], &["--json"]].concat()).stdout).unwrap();
    assert_eq!((&second["status"], &second["ballot"]["choice"]), (&"unchanged".into(), &"yes".into()), "{second}");
    assert_eq!(network.account(), before, "no fee is paid");

    let other = network.run(&["gov", "vote", "--id", "1", "--choice", "no", "--reason", "tested", "--json"]);
    let other: serde_json::Value = serde_json::from_str(&other.stdout).unwrap();
    assert_eq!((&other["status"], &other["fee"]), (&"included".into(), &"10".into()), "{other}");
    let again = network.run(&["gov", "vote", "--id", "1", "--choice", "no", "--reason", "tested", "--force"]);
    assert!(again.stdout.contains(" voted no on proposal 1 with "), "{}{}", again.stdout, again.stderr);
}

#[test]
fn o44_a_proposal_is_open_for_a_whole_epoch_and_the_answer_says_when_that_ends() {
    let network = Network::start(Behaviour::Honest);
    let proposed = network.propose(2, &["--threshold", "2"]);
    assert_eq!(proposed.code, 0, "{}", proposed.stderr);
    // It is made in epoch 0, of which a part is over.
    assert!(proposed.stderr.contains("voting ends at epoch 2"), "it is said before it is signed: {}", proposed.stderr);
    assert!(proposed.stdout.contains("\nVoting ends at the start of epoch 2, about "), "{}", proposed.stdout);
    let other = network.propose(2, &["--threshold", "2", "--json"]).stdout;
    let other: serde_json::Value = serde_json::from_str(&other).unwrap();
    assert_eq!(other["vote_deadline"]["epoch"], 2, "{other}");
    assert!(other["vote_deadline"]["estimated_time"].is_u64(), "{other}");
    let named = network.propose(2, &["--threshold", "2", "--deadline", "5", "--dry-run"]);
    assert!(named.stderr.contains("voting ends at epoch 5"), "what is named counts: {}", named.stderr);
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
fn h09_what_is_said_is_proposed_with_the_signatures_over_it_and_not_without() {
    let network = Network::start(Behaviour::Honest);
    let unsigned = network.propose(2, &["--threshold", "2", "--version", "1.4.0"]);
    assert_eq!(unsigned.code, 1, "{}", unsigned.stderr);
    assert!(unsigned.stderr.contains("has 0 valid signatures and needs 2"), "{}", unsigned.stderr);
    assert!(unsigned.stderr.contains("\nnext: sign what `contract release manifest` prints"), "{}", unsigned.stderr);

    let both = network.propose_described(2, &["--version", "1.4.0"], &["--threshold", "2", "--version", "1.4.1"]);
    assert_eq!(both.code, 2);
    assert!(both.stderr.contains("--manifest says all there is to say"), "{}", both.stderr);

    let said = network.propose_described(2, &["--version", "1.4.0"], &["--threshold", "2", "--json"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    let view: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    let motion = &view["fact"]["outcome"]["Ok"]["governance"]["proposed"]["motion"]["releases"]["approve"];
    assert_eq!(motion["manifest"]["version"], "1.4.0", "{view}");
    assert_eq!(motion["manifest"]["signed_root"]["signatures"].as_array().map(Vec::len), Some(2), "{view}");
}

#[test]
fn h09_t14_a_manifest_of_another_network_is_not_proposed() {
    let network = Network::start(Behaviour::Honest);
    let mut genesis = runtime::testing::genesis();
    genesis.chain.chain_id = "the-block-testnet".parse().unwrap();
    let home = network.folder.path().join("testnet");
    std::fs::create_dir_all(home.join("config")).unwrap();
    std::fs::write(home.join("config/genesis.json"), serde_json::to_string(&genesis).unwrap()).unwrap();
    let said = ["--version", "1.4.0", "--home", home.to_str().unwrap()];
    let foreign = network.propose_described(2, &said, &["--threshold", "2"]);
    assert_eq!(foreign.code, 2);
    assert!(foreign.stderr.contains("is for the network \"the-block-testnet\""), "{}", foreign.stderr);
    assert!(foreign.stderr.contains("E_DOMAIN"), "{}", foreign.stderr);
}

#[test]
fn h09_an_amendment_is_proposed_with_the_signatures_over_it() {
    let network = Network::start(Behaviour::Honest);
    let first = runtime::testing::genesis().releases.approved[0].build_hash.to_string();
    let platform = runtime::testing::platform().to_string();
    let build = ["release", "manifest", "--hash", &first, "--platform", &platform, "--version", "1.0.0"];
    let printed = contract(&[&build[..], &["--rpc", &network.node.url]].concat());
    let file = network.folder.path().join("amended.json");
    std::fs::write(&file, printed.stdout).unwrap();
    let path = file.to_str().unwrap();
    let mut arguments: Vec<String> = ["gov", "propose-amend", "--manifest", path].map(String::from).into();
    for index in 0..2 {
        let key = network.key(&format!("signer{index}.key"), &runtime::testing::signer(index));
        let signed = contract(&["release", "sign", "--manifest", path, "--key", &key, "--json"]).stdout;
        let signed: serde_json::Value = serde_json::from_str(&signed).unwrap();
        for (option, field) in [("--signer", "signer"), ("--manifest-signature", "manifest_signature")] {
            arguments.extend([option.into(), signed[field].as_str().unwrap().to_owned()]);
        }
    }
    let all: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let short = network.run(&all[..all.len() - 4]);
    assert_eq!(short.code, 1);
    assert!(short.stderr.contains("has 1 valid signatures and needs 2"), "{}", short.stderr);
    let proposed = network.run(&all);
    assert_eq!(proposed.code, 0, "{}", proposed.stderr);
    assert!(proposed.stderr.contains("to correct what is said about the release with build"), "{}", proposed.stderr);
    let shown = contract(&["gov", "proposal", "1", "--rpc", &network.node.url]).stdout;
    assert!(shown.contains("routine track") && shown.contains("what is said about the release of"), "{shown}");
}

#[test]
fn t17_a_sealed_proposal_hides_its_description_until_it_is_revealed() {
    let network = Network::start(Behaviour::Honest);
    let file = network.folder.path().join("sealed.json");
    let path = file.to_str().unwrap();
    let sealed = ["--threshold", "2", "--sealed", path, "--json"];
    let proposed = network.propose_described(2, &["--version", "1.4.1"], &sealed);
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
