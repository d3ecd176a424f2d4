//! A node of one process: the real rules over a small genesis, behind the methods that sending needs. It makes a block when a
//! transaction's status was told once, so that the one who sends it has to wait.

use jsonrpsee::server::{RpcModule, Server, ServerHandle};
use jsonrpsee::types::ErrorObjectOwned;
use jsonrpsee::types::Params;
use primitives::{AccountId, Height, StateRoot, TransactionHash};
use rpc::views::{PreparedTransaction, ReleaseSigners, Submission, TransactionStatus};
use runtime::{Call, Fact, Genesis, Header, Payload, Transaction};
use serde_json::{Value, json};
use state::{Memory, State};
use std::sync::{Arc, Mutex};
use tokio::runtime::Runtime;

/// What a node does that it should not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conduct {
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

struct Chain {
    genesis: Genesis,
    memory: Memory,
    height: Height,
    pending: Vec<Transaction>,
    settled: Vec<(TransactionHash, Height, Fact)>,
}

impl Chain {
    fn payload(&self, account: AccountId, call: Call) -> Payload {
        let nonce = accounts::queries::account(&State::over(&self.memory), &account).nonce;
        let chain_id = self.genesis.chain.chain_id.clone();
        Payload {
            chain_id,
            account,
            nonce,
            expires_at: self.height.plus(100),
            fee: self.genesis.accounts.fees.base,
            call,
        }
    }

    /// Executes what is pending.
    fn advance(&mut self) {
        self.height = self.height.next();
        let transactions = std::mem::take(&mut self.pending);
        let context = runtime::testing::context(&self.genesis, self.height.0);
        let executed = runtime::execute(&self.memory, &context, &transactions).unwrap();
        self.memory.commit(executed.writes);
        for fact in executed.facts {
            if let runtime::Cause::Transaction { hash, .. } = fact.cause {
                self.settled.push((hash, self.height, fact));
            }
        }
    }

    fn status(&mut self, hash: TransactionHash) -> TransactionStatus {
        if self.pending.iter().any(|transaction| transaction.hash() == hash) {
            self.advance();
            return TransactionStatus::Pending;
        }
        let Some((_, height, fact)) = self.settled.iter().find(|(settled, ..)| *settled == hash).cloned() else {
            return TransactionStatus::Unknown;
        };
        let refusal = fact.outcome.as_ref().err().map(ToString::to_string);
        TransactionStatus::Included { height, index: 0, fact: Some(fact), refusal }
    }
}

/// The one parameter of a call.
fn named<T: serde::de::DeserializeOwned>(params: &Params, name: &str) -> T {
    let mut object: Value = params.parse().unwrap();
    serde_json::from_value(object[name].take()).unwrap()
}

/// Starts a node.
pub fn start(conduct: Conduct) -> Node {
    let genesis = runtime::testing::genesis();
    let chain = Chain { memory: genesis.build(), genesis, height: Height(0), pending: vec![], settled: vec![] };
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(async {
        let builder = Server::builder();
        let builder = if conduct == Conduct::NoPush { builder.set_config(http_only()) } else { builder };
        builder.build("127.0.0.1:0").await.unwrap()
    });
    let url = format!("http://{}", server.local_addr().unwrap());
    let guard = runtime.enter();
    let handle = server.start(methods(chain, conduct));
    drop(guard);
    Node { url, _runtime: runtime, _server: handle }
}

fn http_only() -> jsonrpsee::server::ServerConfig {
    jsonrpsee::server::ServerConfig::builder().http_only().build()
}

fn methods(chain: Chain, conduct: Conduct) -> RpcModule<Mutex<Chain>> {
    let mut module = RpcModule::new(Mutex::new(chain));
    let refuse = ErrorObjectOwned::owned(-32045, "closed \x1b[2J\u{9b}31m", Some(json!({"closed": "\x1b[2J"})));
    let roster = |chain: &Chain| {
        let roster = &chain.genesis.releases.roster;
        let signers = roster.signers.clone().into_inner();
        ReleaseSigners { signers, threshold: roster.threshold, required: roster.threshold, roster: roster.version }
    };
    module
        .register_method("gov.release_signers", move |_, chain, _| {
            Ok::<_, ErrorObjectOwned>(roster(&chain.lock().unwrap()))
        })
        .unwrap();
    module
        .register_method("tx.prepare", move |params, chain, _| {
            let mut call: Call = named(&params, "call");
            if conduct == Conduct::Hostile {
                return Err(refuse.clone());
            }
            if conduct == Conduct::Forging {
                call = Call::Staking(staking::Call::Bond { amount: primitives::Amount(1) });
            }
            let payload = chain.lock().unwrap().payload(named(&params, "account"), call);
            let signing_bytes = payload.signing_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
            Ok(PreparedTransaction { signing_bytes, meaning: String::new(), size: 0, payload })
        })
        .unwrap();
    module
        .register_method("tx.submit", |params, chain, _| {
            let transaction = named::<Submission>(&params, "transaction").transaction().unwrap();
            transaction.check_signature().unwrap();
            let hash = transaction.hash();
            chain.lock().unwrap().pending.push(transaction);
            Ok::<_, ErrorObjectOwned>(hash)
        })
        .unwrap();
    module
        .register_method("tx.status", |params, chain, _| {
            Ok::<_, ErrorObjectOwned>(chain.lock().unwrap().status(named(&params, "hash")))
        })
        .unwrap();
    module
        .register_method("chain.head", |_, chain, _| Ok::<_, ErrorObjectOwned>(head(&chain.lock().unwrap())))
        .unwrap();
    subscriptions(&mut module);
    module
}

fn head(chain: &Chain) -> Value {
    let context = runtime::testing::context(&chain.genesis, chain.height.0);
    let executed = runtime::execute(&chain.memory, &context, &[]).unwrap();
    let header = Header::over(&context, &[], &executed, StateRoot([0; 32]));
    let mut answer = serde_json::to_value(&header).unwrap();
    answer["hash"] = json!(header.hash());
    answer
}

fn subscriptions(module: &mut RpcModule<Mutex<Chain>>) {
    module
        .register_subscription(
            "tx.subscribe_status",
            "tx.subscribe_status",
            "tx.unsubscribe_status",
            |params, pending, chain: Arc<Mutex<Chain>>, _| async move {
                let hash = named(&params, "hash");
                let Ok(sink) = pending.accept().await else { return };
                loop {
                    let status = chain.lock().unwrap().status(hash);
                    let message = serde_json::value::to_raw_value(&status).unwrap();
                    if sink.send(message).await.is_err() || status != TransactionStatus::Pending {
                        return;
                    }
                }
            },
        )
        .unwrap();
}
