//! What a shell completes that only the node knows.

mod contract;
mod served;

use contract::{contract, contract_with};
use primitives::BuildHash;
use runtime::testing::{propose, release_vote, validator};
use served::Served;
use std::process::Command;

const HASH: BuildHash = BuildHash([0xcd; 32]);
const NEW: BuildHash = BuildHash([0xef; 32]);

/// A node with an approved release by proposal 1, and proposal 2 about another one that takes votes.
fn voting() -> Served {
    let served = Served::start(|_, _| ());
    served.approve(HASH);
    let memory = &served.memory;
    memory.send(&validator(1), propose(release_vote(memory.genesis(), NEW, 2)));
    memory.make_block();
    served
}

#[test]
fn what_comes_next_is_asked_of_the_node_that_the_line_names() {
    let served = voting();
    let after = |words: &[&str]| {
        let run = contract_with(&[&["completions", "--line"], words].concat(), &[("TB_RPC", &served.url)]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{words:?}");
        run.stdout
    };
    assert_eq!(after(&["gov", "vote", "--choice", "yes", "--id"]), "2\n", "the one that takes votes");
    assert_eq!(after(&["gov", "proposal"]), "2\n1\n", "the latest first");
    let builds = after(&["gov", "release"]);
    assert!(builds.lines().any(|line| line == HASH.to_string()), "{builds}");
    assert!(builds.lines().any(|line| line == NEW.to_string()), "{builds}");
    let account = validator(0).account().to_string();
    assert!(after(&["account", "delegate", "--validator"]).contains(&account));
    assert_eq!(after(&["gov", "vote", "--choice"]), "", "the shell has it by heart");
    assert_eq!(after(&["--rpc", "http://127.0.0.1:9", "gov", "proposal"]), "", "nobody answers there");

    let named = contract(&["completions", "--line", "gov", "proposal", "--rpc", &served.url]);
    assert_eq!(named.stdout, "2\n1\n");
    let named = contract(&["completions", "--line", &format!("--rpc={}", served.url), "gov", "proposal"]);
    assert_eq!(named.stdout, "2\n1\n", "{}", named.stderr);
    assert_eq!(contract(&["completions"]).code, 2, "a shell is named");
}

#[test]
fn bash_offers_what_the_node_says_and_else_what_it_has_by_heart() {
    let served = voting();
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("contract.bash");
    std::fs::write(&script, contract(&["completions", "bash"]).stdout).unwrap();
    // The line up to the cursor, of which the last word, which may be empty, is to be completed.
    let offered = |typed: &str, word: &str, rpc: &str| {
        let line = format!(
            "source {} && COMP_LINE='contract {typed}{word} and more' && COMP_POINT={} && \
             _contract_asked {} '{word}' before; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            script.display(),
            "contract ".len() + typed.len() + word.len(),
            env!("CARGO_BIN_EXE_contract")
        );
        let output = Command::new("bash").args(["-c", &line]).env("TB_RPC", rpc).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let url = served.url.as_str();
    assert_eq!(offered("gov proposal ", "", url), "2\n1\n");
    assert_eq!(offered("gov proposal ", "1", url), "1\n", "what is typed of it is no word before it");
    assert_eq!(offered("gov vote --id ", "", url), "2\n");
    // Of an address bash makes many words.
    let nobody = "http://127.0.0.1:9";
    assert_eq!(offered(&format!("--rpc {url} gov proposal "), "", nobody), "2\n1\n");
    assert_eq!(offered(&format!("--rpc={url} gov vote --id "), "", nobody), "2\n");
}
