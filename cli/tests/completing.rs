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
    assert_eq!(contract(&["completions"]).code, 2, "a shell is named");
}

#[test]
fn bash_offers_what_the_node_says_and_else_what_it_has_by_heart() {
    let served = voting();
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("contract.bash");
    std::fs::write(&script, contract(&["completions", "bash"]).stdout).unwrap();
    let offered = |words: &str, before: &str| {
        let line = format!(
            "source {} && COMP_WORDS=(contract {words} '') && COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)) && \
             _contract_asked {} '' {before}; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            script.display(),
            env!("CARGO_BIN_EXE_contract")
        );
        let output = Command::new("bash").args(["-c", &line]).env("TB_RPC", &served.url).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(offered("gov proposal", "proposal"), "2\n1\n");
    assert_eq!(offered("gov vote --id", "--id"), "2\n");
}
