//! A node in memory behind a real server.
#![allow(dead_code, reason = "not every test file needs all of it")]

use governance::Choice;
use primitives::BuildHash;
use rpc::testing::MemoryNode;
use rpc::{Observer, Server, ServerConfig, serve};
use runtime::Genesis;
use runtime::testing::{genesis, held_by, propose, release_vote, validator, vote};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;

/// Answers until it is dropped, or stopped.
pub struct Served {
    pub memory: Arc<MemoryNode>,
    pub url: String,
    address: SocketAddr,
    server: Option<Server>,
    observer: Arc<dyn Observer>,
    runtime: Runtime,
}

impl Served {
    /// At genesis. `answered` is told of each method that it answered without a refusal.
    pub fn start(answered: impl Fn(&MemoryNode, &'static str) + std::marker::Send + Sync + 'static) -> Self {
        Self::of(genesis(), answered)
    }

    /// The same of another network.
    pub fn of(
        genesis: Genesis,
        answered: impl Fn(&MemoryNode, &'static str) + std::marker::Send + Sync + 'static,
    ) -> Self {
        let memory = Arc::new(MemoryNode::new(genesis));
        let chain = memory.clone();
        let observer = Arc::new(move |method: &'static str, _: Duration, ok: bool| {
            if ok {
                answered(&chain, method);
            }
        });
        let (address, runtime) = (SocketAddr::from(([127, 0, 0, 1], 0)), Runtime::new().unwrap());
        let mut served = Self { memory, url: String::new(), address, server: None, observer, runtime };
        served.serve();
        served
    }

    /// Answers from now on, at the same address as before.
    pub fn serve(&mut self) {
        let config = ServerConfig { listen: self.address, ..ServerConfig::default() };
        let started = self.runtime.block_on(serve(config, self.memory.clone(), self.observer.clone()));
        let server = started.unwrap();
        (self.address, self.url) = (server.address(), format!("http://{}", server.address()));
        self.server = Some(server);
    }

    /// Answers no more until it [serves](Self::serve) again.
    pub fn stop(&mut self) {
        let server = self.server.take().unwrap();
        self.runtime.block_on(server.stop());
    }

    /// Approves a build, which validator 0 proposes and all say they hold; it is in force from epoch 2.
    pub fn approve(&self, build_hash: BuildHash) {
        self.memory.send(&validator(0), propose(release_vote(self.memory.genesis(), build_hash, 2)));
        self.memory.make_block();
        for index in 0..3 {
            self.memory.send(&validator(index), vote(1, Choice::Yes, None));
        }
        for (who, call) in held_by(4, &[build_hash]) {
            self.memory.send(&who, call);
        }
        self.memory.make_blocks_to(20);
    }
}
