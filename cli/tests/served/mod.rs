//! A node in memory behind a real server.

use governance::Choice;
use primitives::{BuildHash, ProposalId};
use rpc::testing::MemoryNode;
use rpc::{Server, ServerConfig, serve};
use runtime::Call;
use runtime::testing::{genesis, held_by, propose, release_vote, validator};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;

/// Answers until it is dropped.
pub struct Served {
    pub memory: Arc<MemoryNode>,
    pub url: String,
    _server: Server,
    _runtime: Runtime,
}

impl Served {
    /// At genesis. `answered` is told of each method that it answered without a refusal.
    pub fn start(answered: impl Fn(&MemoryNode, &'static str) + std::marker::Send + Sync + 'static) -> Self {
        let memory = Arc::new(MemoryNode::new(genesis()));
        let runtime = Runtime::new().unwrap();
        let config = ServerConfig { listen: SocketAddr::from(([127, 0, 0, 1], 0)), ..ServerConfig::default() };
        let chain = memory.clone();
        let observer = Arc::new(move |method: &'static str, _: Duration, ok: bool| {
            if ok {
                answered(&chain, method);
            }
        });
        let server = runtime.block_on(serve(config, memory.clone(), observer)).unwrap();
        Self { memory, url: format!("http://{}", server.address()), _server: server, _runtime: runtime }
    }

    /// Approves a build, which validator 0 proposes and all say they hold; it is in force from epoch 2.
    pub fn approve(&self, build_hash: BuildHash) {
        self.memory.send(&validator(0), propose(release_vote(self.memory.genesis(), build_hash, 2)));
        self.memory.make_block();
        for index in 0..3 {
            let call = governance::Call::Vote { proposal_id: ProposalId(1), choice: Choice::Yes, reason: None };
            self.memory.send(&validator(index), Call::Governance(call));
        }
        for (who, call) in held_by(4, &[build_hash]) {
            self.memory.send(&who, call);
        }
        self.memory.make_blocks_to(20);
    }
}
