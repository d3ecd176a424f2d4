//! `contract explorer`: the same rows from a node, from its store, and as `contract gov releases` has them.

mod contract;
mod served;

use contract::contract;
use primitives::BuildHash;
use runtime::testing::{genesis, validator};
use serde_json::Value;
use served::Served;
use store::db::{Access, Settings, Store};
use tempfile::TempDir;

const HASH: BuildHash = BuildHash([0xcd; 32]);

/// For people, and for scripts.
const FORMS: [&[&str]; 2] = [&[], &["--json"]];

/// A node at genesis.
fn node() -> Served {
    Served::start(|_, _| ())
}

/// What a command prints about a node.
fn tell(node: &Served, arguments: &[&str]) -> String {
    told(&[arguments, &["--rpc", &node.url]].concat())
}

/// Runs, expects success, and returns what was printed.
fn told(arguments: &[&str]) -> String {
    let run = contract(arguments);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{arguments:?}");
    run.stdout
}

/// A home whose store holds the chain at genesis.
fn home() -> TempDir {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(home.path().join("governance_db"), Access::Primary, Settings::default()).unwrap();
    store.commit_genesis(&genesis()).unwrap();
    home
}

#[test]
fn the_history_of_a_node_is_the_list_of_its_releases() {
    let node = node();
    node.approve(HASH);
    let proposer = validator(0).account().to_string().to_uppercase();
    let nobody = validator(1).account().to_string();
    let filters: [(&[&str], u64); 6] = [
        (&[], 2),
        (&["--proposer", &proposer], 1),
        (&["--proposer", &nobody], 0),
        (&["--start-epoch", "2", "--end-epoch", "2"], 1),
        (&["--end-epoch", "1"], 1),
        (&["--page", "1", "--page-size", "1"], 2),
    ];
    for (filter, total) in filters {
        for form in FORMS {
            let asked = |command: &[&str]| tell(&node, &[command, filter, form].concat());
            assert_eq!(asked(&["explorer", "release-history"]), asked(&["gov", "releases"]), "{filter:?} {form:?}");
        }
        let answer = tell(&node, &[&["explorer", "release-history", "--json"], filter].concat());
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer["total"], total, "{filter:?}");
    }
}

#[test]
fn a_store_and_its_home_tell_what_the_node_tells() {
    let (node, home) = (node(), home());
    let store = home.path().join("governance_db");
    for folder in [home.path(), &store] {
        for form in FORMS {
            let read = ["explorer", "release-history", "--state", folder.to_str().unwrap()];
            assert_eq!(told(&[&read, form].concat()), tell(&node, &[&["gov", "releases"], form].concat()));
        }
    }
    let beyond = ["explorer", "release-history", "--start-epoch", "1", "--state", store.to_str().unwrap()];
    assert_eq!(told(&beyond), tell(&node, &["gov", "releases", "--start-epoch", "1"]));
}

#[test]
fn a_folder_without_a_store_is_a_failure_that_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let run = contract(&["explorer", "release-history", "--state", path]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{}", run.stderr);
    let said =
        format!("error: there is no store at {path}; check the home directory, or start the node once to create it\n");
    assert_eq!(run.stderr, said);
}
