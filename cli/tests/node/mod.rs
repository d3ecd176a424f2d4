//! A node of one process: the chain in memory, behind the methods that sending needs, some of which can misbehave. It makes a
//! block when a transaction's status was told once, so that the one who sends it has to wait.

use jsonrpsee::server::{RpcModule, Server, ServerHandle};
use jsonrpsee::types::ErrorObjectOwned;
use jsonrpsee::types::Params;
use primitives::{AccountId, TransactionHash};
use rpc::testing::MemoryNode;
use rpc::views::{PreparedTransaction, ReleaseSigners, Submission, TransactionStatus};
use rpc::{ChainView, NodeSource};
use runtime::{Call, Cause, Fact, Payload};
use serde_json::{Value, json};
use state::State;
use std::sync::Arc;
use tokio::runtime::Runtime;

/// What a node does that it should not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// Nothing.
    Honest,
    /// It does not let WebSockets through.
    NoPush,
    /// It prepares another call than it was asked to.
    Forging,
    /// It refuses everything with a sentence that would clear the screen.
    Hostile,
}

/// The node, until it is dropped.
pub struct Node {
    /// Where it answers.
    pub url: String,
    _runtime: Runtime,
    _server: ServerHandle,
}

/// A payload with everything filled in.
fn payload(chain: &MemoryNode, account: AccountId, call: Call) -> Payload {
    let mut nonce = 0;
    chain.view(&mut |view| nonce = accounts::queries::account(&State::over(view), &account).nonce);
    let genesis = chain.genesis();
    Payload {
        chain_id: genesis.chain.chain_id.clone(),
        account,
        nonce,
        expires_at: chain.head().at.height.plus(100),
        fee: genesis.accounts.fees.base,
        call,
    }
}

/// What became of a transaction. One that waits is in a block when it is asked for again.
fn status(chain: &MemoryNode, hash: TransactionHash) -> TransactionStatus {
    if chain.pending(&hash) {
        chain.make_block();
        return TransactionStatus::Pending;
    }
    let mut found = None;
    chain.view(&mut |view| found = included(view, hash));
    found.unwrap_or(TransactionStatus::Unknown)
}

fn included(view: &dyn ChainView, hash: TransactionHash) -> Option<TransactionStatus> {
    let (height, index) = view.locate(&hash).unwrap()?;
    let of_it = |fact: &Fact| matches!(fact.cause, Cause::Transaction { hash: caused_by, .. } if caused_by == hash);
    let fact = view.record(height).unwrap()?.facts.into_iter().find(of_it)?;
    let refusal = fact.outcome.as_ref().err().map(ToString::to_string);
    Some(TransactionStatus::Included { height, index, fact: Some(fact), refusal })
}

/// The one parameter of a call.
fn named<T: serde::de::DeserializeOwned>(params: &Params, name: &str) -> T {
    let mut object: Value = params.parse().unwrap();
    serde_json::from_value(object[name].take()).unwrap()
}

/// Starts a node.
pub fn start(behaviour: Behaviour) -> Node {
    let chain = MemoryNode::new(runtime::testing::genesis());
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(async {
        let builder = Server::builder();
        let builder = if behaviour == Behaviour::NoPush { builder.set_config(http_only()) } else { builder };
        builder.build("127.0.0.1:0").await.unwrap()
    });
    let url = format!("http://{}", server.local_addr().unwrap());
    let guard = runtime.enter();
    let handle = server.start(methods(chain, behaviour));
    drop(guard);
    Node { url, _runtime: runtime, _server: handle }
}

fn http_only() -> jsonrpsee::server::ServerConfig {
    jsonrpsee::server::ServerConfig::builder().http_only().build()
}

fn methods(chain: MemoryNode, behaviour: Behaviour) -> RpcModule<MemoryNode> {
    let mut module = RpcModule::new(chain);
    let refuse = ErrorObjectOwned::owned(-32045, "closed \x1b[2J\u{9b}31m", Some(json!({"closed": "\x1b[2J"})));
    let roster = |chain: &MemoryNode| {
        let roster = &chain.genesis().releases.roster;
        let signers = roster.signers.clone().into_inner();
        let (threshold, roster) = (roster.threshold, roster.version);
        ReleaseSigners { signers, left: Vec::new(), threshold, required: threshold, roster }
    };
    module.register_method("gov.release_signers", move |_, chain, _| Ok::<_, ErrorObjectOwned>(roster(chain))).unwrap();
    module
        .register_method("tx.prepare", move |params, chain, _| {
            let mut call: Call = named(&params, "call");
            if behaviour == Behaviour::Hostile {
                return Err(refuse.clone());
            }
            if behaviour == Behaviour::Forging {
                call = Call::Staking(staking::Call::Bond { amount: primitives::Amount(1) });
            }
            let payload = payload(chain, named(&params, "account"), call);
            let signing_bytes = payload.signing_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
            Ok(PreparedTransaction { signing_bytes, meaning: String::new(), size: 0, payload })
        })
        .unwrap();
    module
        .register_method("tx.submit", |params, chain, _| {
            let transaction = named::<Submission>(&params, "transaction").transaction().unwrap();
            Ok::<_, ErrorObjectOwned>(chain.submit(transaction).unwrap())
        })
        .unwrap();
    module
        .register_method("tx.status", |params, chain, _| {
            Ok::<_, ErrorObjectOwned>(status(chain, named(&params, "hash")))
        })
        .unwrap();
    module.register_method("chain.head", |_, chain, _| Ok::<_, ErrorObjectOwned>(head(chain))).unwrap();
    subscriptions(&mut module);
    module
}

fn head(chain: &MemoryNode) -> Value {
    let head = chain.head();
    let mut answer = serde_json::to_value(&head.header).unwrap();
    answer["hash"] = json!(head.hash);
    answer
}

fn subscriptions(module: &mut RpcModule<MemoryNode>) {
    module
        .register_subscription(
            "tx.subscribe_status",
            "tx.subscribe_status",
            "tx.unsubscribe_status",
            |params, pending, chain: Arc<MemoryNode>, _| async move {
                let hash = named(&params, "hash");
                let Ok(sink) = pending.accept().await else { return };
                loop {
                    let status = status(&chain, hash);
                    let message = serde_json::value::to_raw_value(&status).unwrap();
                    if sink.send(message).await.is_err() || status != TransactionStatus::Pending {
                        return;
                    }
                }
            },
        )
        .unwrap();
}
