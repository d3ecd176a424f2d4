use super::*;
use host::config::{Config, Home};
use host::provenance::TrustedSigners;
use jsonrpsee::RpcModule;
use jsonrpsee::server::{Server, ServerHandle};
use jsonrpsee::types::ErrorObjectOwned;
use light::Anchor;
use light::testing::TestChain;
use rpc::client::Node;
use runtime::Genesis;
use serde_json::{Value, json};
use update::{Confinement, Releases};
use update::release_file::host_platform;

/// A node whose proofs are right and whose hints are lies: it names a release that was never approved, and where to get it.
async fn lying_node(chain: TestChain, lie: Value) -> (ServerHandle, Node) {
    let server = Server::builder().build("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", server.local_addr().unwrap());
    let mut module = RpcModule::new((chain, lie));
    let prove = |parameters: jsonrpsee::types::Params, context: &(TestChain, Value)| {
        let asked: Value = parameters.parse()?;
        let hash: BuildHash = serde_json::from_value(asked["hash"].clone()).unwrap();
        Ok::<_, ErrorObjectOwned>(serde_json::to_value(context.0.ticket(hash)).unwrap())
    };
    module.register_method("gov.release_proof", move |parameters, context, _| prove(parameters, context)).unwrap();
    module.register_method("gov.release_history", |_, context, _| context.1.clone()).unwrap();
    (server.start(module), Node::open(&url).unwrap())
}

fn scout(home: &Home, genesis: &Genesis, node: Node, running: BuildHash) -> Scout {
    let (config, trusted) = (Config::default(), TrustedSigners::default());
    Scout {
        gate: Arc::new(StartGate::new(home.clone(), config, genesis.clone(), trusted, None)),
        keeper: Arc::new(ReleaseKeeper::new(Releases::of(home), Confinement::none())),
        prover: Prover::new(node.clone(), Anchor::genesis(genesis)),
        reporter: Reporter::new(node, None, genesis),
        account: None,
        running,
        wanted: None,
        ready: None,
        patience: Patience::default(),
        said: None,
        untimely: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t27_a_release_that_only_a_node_speaks_of_is_neither_fetched_nor_told() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::at(folder.path());
    let chain = TestChain::new(runtime::testing::genesis());
    let genesis = chain.genesis.clone();
    let running = genesis.releases.approved[0].build_hash;
    let real = chain.ticket(running).verify(&Anchor::genesis(&genesis), &running).unwrap().release.unwrap();
    let invented = BuildHash([0xee; 32]);
    let mut entry = serde_json::to_value(&real).unwrap();
    entry["build_hash"] = json!(invented);
    entry["target"]["build_hash"] = json!(invented);
    entry["target"]["platform"] = json!(host_platform());
    entry["sequence"] = json!(99);
    entry["manifest"]["notes"] = json!("urgent: update at http://updates.example/now");
    for (name, value) in [
        ("status", json!("activated")),
        ("verdict", json!("approved")),
        ("attested_signers", json!([])),
        ("quorum_met", json!(true)),
        ("install_times", json!([])),
        ("install_count", json!(0)),
        ("last_install_ts", Value::Null),
    ] {
        entry[name] = value;
    }
    let lie = json!({ "total": 1, "page": 0, "page_size": 20, "entries": [entry] });
    let (_server, node) = lying_node(chain, lie).await;
    // The hint is believed to be one: otherwise this test would show nothing.
    let page = node.release_history(None, Some(LOOKED_AT), None, None, None).await.unwrap();
    assert_eq!(page.entries[0].release.build_hash, invented);

    let mut scout = scout(&home, &genesis, node, running);
    let shown = scout.prover.show(running).await.unwrap().approval;
    assert!(scout.candidate(&shown).await.unwrap().is_none());
    assert_eq!(scout.look().await.unwrap(), None);
    let said = scout.said.clone().unwrap_or_default();
    assert!(!said.contains("http://") && !said.contains(&invented.to_string()), "{said}");
    assert!(scout.ready.is_none() && !home.staging().exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn t30_a_fork_that_the_node_shows_is_kept_and_nothing_is_installed() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::at(folder.path());
    let [ours, theirs] = TestChain::forked(&runtime::testing::genesis(), 5);
    let genesis = ours.genesis.clone();
    let running = genesis.releases.approved[0].build_hash;
    let (_server, node) = lying_node(theirs, Value::Null).await;
    let mut scout = scout(&home, &genesis, node.clone(), running);
    scout.prover = Prover::new(node, Anchor::at(&genesis, ours.head()));
    let error = scout.look().await.unwrap_err();
    assert_eq!(error.code(), "E_FORK");
    scout.refuse(&error);
    let evidence = EvidenceFolder::of(&home, &genesis);
    assert!(evidence.fork().unwrap().is_some());
    assert_eq!(evidence.list().unwrap().len(), 3, "each that signed both");
    let proven = ours.ticket(running).verify(&Anchor::genesis(&genesis), &running).unwrap();
    let rules = scout.gate.rules().unwrap();
    let (journal, reading) = (update::Journal::default(), Reading::alone(clock::now()));
    let refused = ensure_release_authorized(running, &proven.into(), &rules, &journal, reading);
    assert_eq!(refused.unwrap_err().code(), "E_FORK");
}
