//! `contract explorer`: the same rows from a node, from its store, and as `contract gov releases` has them.

mod contract;

use contract::contract;
use governance::Choice;
use primitives::{BuildHash, ProposalId};
use rpc::testing::MemoryNode;
use rpc::{Server, ServerConfig, serve};
use runtime::Call;
use runtime::testing::{genesis, propose, release_vote, validator};
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use the_block::db::{Access, Settings, Store};
use tokio::runtime::Runtime;

const HASH: BuildHash = BuildHash([0xcd; 32]);

/// For people, and for scripts.
const FORMS: [&[&str]; 2] = [&[], &["--json"]];

/// A node that answers until it is dropped.
struct Node {
    memory: Arc<MemoryNode>,
    url: String,
    _server: Server,
    _runtime: Runtime,
}

impl Node {
    /// At genesis.
    fn start() -> Self {
        let memory = Arc::new(MemoryNode::new(genesis()));
        let runtime = Runtime::new().unwrap();
        let config = ServerConfig { listen: SocketAddr::from(([127, 0, 0, 1], 0)), ..ServerConfig::default() };
        let observer = Arc::new(|_: &'static str, _: Duration, _: bool| ());
        let server = runtime.block_on(serve(config, memory.clone(), observer)).unwrap();
        Self { memory, url: format!("http://{}", server.address()), _server: server, _runtime: runtime }
    }

    /// Approves [`HASH`], which validator 0 proposes; it is in force from epoch 2.
    fn approve(&self) {
        self.memory.send(&validator(0), propose(release_vote(self.memory.genesis(), HASH, 2)));
        self.memory.make_block();
        for index in 0..3 {
            let call = governance::Call::Vote { proposal_id: ProposalId(1), choice: Choice::Yes, reason: None };
            self.memory.send(&validator(index), Call::Governance(call));
        }
        self.memory.make_blocks_to(20);
    }

    /// What a command prints about this node.
    fn tell(&self, arguments: &[&str]) -> String {
        told(&[arguments, &["--rpc", &self.url]].concat())
    }
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
    let node = Node::start();
    node.approve();
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
            let asked = |command: &[&str]| node.tell(&[command, filter, form].concat());
            assert_eq!(asked(&["explorer", "release-history"]), asked(&["gov", "releases"]), "{filter:?} {form:?}");
        }
        let answer = node.tell(&[&["explorer", "release-history", "--json"], filter].concat());
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer["total"], total, "{filter:?}");
    }
}

#[test]
fn a_store_and_its_home_tell_what_the_node_tells() {
    let (node, home) = (Node::start(), home());
    let store = home.path().join("governance_db");
    for folder in [home.path(), &store] {
        for form in FORMS {
            let read = ["explorer", "release-history", "--state", folder.to_str().unwrap()];
            assert_eq!(told(&[&read, form].concat()), node.tell(&[&["gov", "releases"], form].concat()));
        }
    }
    let beyond = ["explorer", "release-history", "--start-epoch", "1", "--state", store.to_str().unwrap()];
    assert_eq!(told(&beyond), node.tell(&["gov", "releases", "--start-epoch", "1"]));
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
