//! What does a wallet or a dashboard have of a node? It reads what it signs and follows it to the end, loses nothing when
//! the node restarts, finds every answer as described, and is told which bound it has met.

use anyhow::{Context as _, bail};
use host::config::Home;
use jsonrpsee::core::client::Subscription;
use primitives::{Amount, BuildHash, Height};
use rpc::api::{ChainApiClient, OperatorNetApiClient, OperatorNodeApiClient, TxApiClient};
use rpc::client::{CallError, Node};
use rpc::error;
use rpc::views::{CertifiedRecord, Dropped, DryRun, Feed, TransactionStatus};
use runtime::{Record, TxError};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tests::network::{QUICK, QUIET};
use tests::node::PATIENCE;
use tests::wallet::transfer;
use tests::{Contract, Network, NodeProcess, TestWallet, http};

async fn next<T: jsonrpsee::core::DeserializeOwned>(feed: &mut Subscription<T>) -> anyhow::Result<T> {
    Ok(tokio::time::timeout(PATIENCE, feed.next()).await?.context("the subscription ended")??)
}

#[tokio::test]
async fn a_wallet_reads_what_it_signs_and_follows_it_to_its_block() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let network = Network::settled(dir.path(), QUIET, |_| {}).await?;
    let (node, holder) = (Node::open(&network.nodes[0].rpc)?, TestWallet::open(network.holder(0))?);

    let prepared = node.prepare(holder.account(), transfer(5), None).await?;
    assert!(prepared.meaning.contains(&format!("account {} sends 5 tokens to", holder.account())), "{prepared:?}");
    assert_eq!(prepared.signing_bytes, hex::encode(prepared.payload.signing_bytes()));
    let transaction = prepared.payload.sign(&holder.0);
    let DryRun::Granted { hash, .. } = node.dry_run(transaction.clone().into()).await? else { bail!("not granted") };
    assert_eq!(node.transaction_status(hash).await?, TransactionStatus::Unknown, "a dry run left something");

    let socket = node.connect().await?;
    let mut changes = socket.subscribe_status(hash).await?;
    assert_eq!(next(&mut changes).await?, TransactionStatus::Unknown);
    assert_eq!(node.submit(transaction.into()).await?, hash);
    let mut status = next(&mut changes).await?;
    if status == TransactionStatus::Pending {
        status = next(&mut changes).await?;
    }
    let TransactionStatus::Included { height, fact: Some(fact), refusal: None, .. } = status else {
        bail!("not included: {status:?}")
    };
    assert!(node.record(height).await?.answer.facts.contains(&fact), "the block's record says otherwise");
    Ok(())
}

#[tokio::test]
async fn a_wallet_is_told_why_its_transaction_was_dropped() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let network = Network::settled(dir.path(), QUIET, |_| {}).await?;
    let (node, holder) = (Node::open(&network.nodes[0].rpc)?, TestWallet::open(network.holder(0))?);
    let socket = node.connect().await?;
    // A nonce too far ahead, so that it waits.
    let mut payload = node.prepare(holder.account(), transfer(5), None).await?.payload;
    (payload.nonce, payload.expires_at) = (1, node.head().await?.answer.height.plus(10));
    let hash = node.submit(payload.clone().sign(&holder.0).into()).await?;
    let mut changes = socket.subscribe_status(hash).await?;
    assert_eq!(next(&mut changes).await?, TransactionStatus::Pending);

    (payload.fee, payload.call) = (Amount(payload.fee.0 * 2), transfer(6));
    let by = node.submit(payload.clone().sign(&holder.0).into()).await?;
    let mut changes_of_other = socket.subscribe_status(by).await?;
    let TransactionStatus::Dropped { why, reason } = next(&mut changes).await? else { bail!("it was not dropped") };
    assert_eq!(why, Dropped::Replaced { by });
    assert!(reason.contains("replaced it"), "{reason}");

    assert_eq!(next(&mut changes_of_other).await?, TransactionStatus::Pending);
    let TransactionStatus::Dropped { why, .. } = next(&mut changes_of_other).await? else {
        bail!("it was not dropped")
    };
    assert!(matches!(why, Dropped::Invalid(TxError::Expired { expires_at, .. }) if expires_at == payload.expires_at));
    Ok(())
}

/// Reads records up to a height, each on top of the one before.
async fn read_to(feed: &mut Subscription<Feed<CertifiedRecord>>, last: &mut Record, to: Height) -> anyhow::Result<()> {
    while last.header.height < to {
        let Feed::Item(CertifiedRecord { record, .. }) = next(feed).await? else {
            bail!("the subscription ended before {to}")
        };
        assert_eq!(record.header.parent, last.header.hash(), "a record is missing before {}", record.header.height);
        *last = record;
    }
    Ok(())
}

/// Where to go on when the node stops: it says so, or only closes the connection.
async fn end(feed: &mut Subscription<Feed<CertifiedRecord>>, last: &mut Record) -> anyhow::Result<Height> {
    while let Some(message) = tokio::time::timeout(PATIENCE, feed.next()).await? {
        match message? {
            Feed::Item(block) => *last = block.record,
            Feed::Failed { resume_from, .. } | Feed::Dropped { resume_from, .. } => return Ok(resume_from),
        }
    }
    Ok(last.header.height.next())
}

#[tokio::test]
async fn a_dashboard_goes_on_after_a_restart_where_it_was() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(dir.path(), 1, QUICK)?;
    network.start_all()?;
    network.reach(3).await?;
    let node = Node::open(&network.nodes[0].rpc)?;
    let mut last = node.record(Height(1)).await?.answer;
    let socket = node.connect().await?;
    let mut feed = socket.subscribe_records(Some(Height(2))).await?;
    read_to(&mut feed, &mut last, Height(5)).await?;

    assert_eq!(network.nodes[0].stop().await?.code(), Some(0));
    let resume_from = end(&mut feed, &mut last).await?;
    assert_eq!(resume_from, last.header.height.next(), "the node says where the reader is");
    network.start_all()?;
    network.reach(resume_from.0).await?;
    let socket = node.connect().await?;
    let mut feed = socket.subscribe_records(Some(resume_from)).await?;
    read_to(&mut feed, &mut last, resume_from.plus(4)).await
}

/// Every method that has an answer of its own, asked of a running node.
async fn questions(node: &NodeProcess) -> anyhow::Result<Vec<(&'static str, Value)>> {
    let running = node.call("node.version", json!({})).await?["build_bin_hash"].clone();
    let peer = node.call("net.overlay_status", json!({})).await?["local_peer_id"].clone();
    let transaction = json!({ "account": node.account, "call": transfer(1) });
    let mut questions = vec![
        ("gov.release", json!({ "hash": running })),
        ("gov.release_nodes", json!({ "hash": running })),
        ("gov.rebuilds", json!({ "hash": running })),
        ("gov.stage_proofs", json!({ "hash": running })),
        ("gov.release_advice", json!({ "hash": running })),
        ("gov.proposals", json!({})),
        ("gov.release_history", json!({})),
        ("gov.trust_path", json!({})),
        ("rollout.plans", json!({})),
        ("rollout.changes", json!({})),
        ("case.list", json!({})),
        ("roles.of", json!({ "account": node.account })),
        ("audit.integrity", json!({})),
        ("audit.witnesses", json!({})),
        ("audit.block_proof", json!({ "height": 2 })),
        ("staking.candidates", json!({})),
        ("staking.presence", json!({})),
        ("rewards.epoch", json!({ "epoch": 0 })),
        ("rewards.due", json!({ "account": node.account })),
        ("state.get", json!({ "key": "releases/roster" })),
        ("state.proof", json!({ "key": "releases/roster" })),
        ("tx.prepare", transaction),
        ("tx.status", json!({ "hash": "ab".repeat(32) })),
        ("account.get", json!({ "account": node.account })),
        ("node.log_level", json!({ "level": "debug" })),
        ("node.pin_artifact", json!({ "hash": running, "reason": "incident 7" })),
        ("node.artifacts", json!({})),
        ("node.unpin_artifact", json!({ "hash": running })),
        ("net.dial", json!({ "address": "127.0.0.1:9" })),
        ("net.forget", json!({ "peer_id": peer })),
    ];
    questions.extend(["block", "record", "certificate"].map(|what| match what {
        "block" => ("chain.block", json!({ "height": 2 })),
        "record" => ("chain.record", json!({ "height": 2 })),
        _ => ("chain.certificate", json!({ "height": 2 })),
    }));
    let plain = ["gov.release_signers", "gov.params", "chain.status", "chain.head", "node.version", "node.health"];
    questions.extend(plain.iter().chain(&["node.peers", "net.overlay_status"]).map(|method| (*method, json!({}))));
    Ok(questions)
}

#[tokio::test]
async fn a_running_node_answers_as_its_own_document_says() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(dir.path(), 2, QUICK)?;
    network.start_all()?;
    network.reach(6).await?;
    let node = &network.nodes[0];
    let document = node.call("rpc.discover", json!({})).await?;
    let methods = document["methods"].as_array().context("no methods")?;
    for (method, parameters) in questions(node).await? {
        let described = methods.iter().find(|described| described["name"] == method).context(method)?;
        let schema = json!({ "allOf": [described["result"]["schema"]], "components": document["components"] });
        let validator = jsonschema::draft7::new(&schema)?;
        let answer = match described["x-access"].as_str() {
            Some("socket") => node.operate(method, parameters).await?,
            _ => node.call(method, parameters).await?,
        };
        let problems: Vec<String> = validator.iter_errors(&answer).map(|error| error.to_string()).collect();
        assert!(problems.is_empty(), "{method}: {problems:?}: {answer}");
    }
    Ok(())
}

#[tokio::test]
async fn an_operator_changes_the_log_and_the_peers_of_a_running_node() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(dir.path(), 2, QUICK)?;
    network.start_all()?;
    network.reach(2).await?;
    let node = &mut network.nodes[0];
    let refused = node.ask_as_operator("node.log_level", json!({ "level": "loud" })).await.expect_err("no level");
    assert_eq!(refused.code, error::INVALID_PARAMS, "{refused:?}");
    let before = node.operate("node.log_level", json!({})).await?["level"].clone();
    let changed = node.operate("node.log_level", json!({ "level": "off" })).await?;
    assert_eq!(changed, json!({ "before": before, "level": "off" }));
    let silent = std::fs::read_to_string(node.log())?.len();
    let height = node.height().await?;
    node.reach(height + 3).await?;
    assert_eq!(std::fs::read_to_string(node.log())?.len(), silent, "{}", node.last_words());
    node.operate("node.log_level", json!({ "level": before })).await?;
    let height = node.height().await?;
    node.reach(height + 2).await?;
    assert!(std::fs::read_to_string(node.log())?.len() > silent);

    let peer = node.until("overlay peer", live_peer).await?;
    let peer_id = peer["peer_id"].clone();
    let since = peer["connected_since"].as_u64().context("no time")?;
    assert_eq!(peer["connected_since_ms"], since * 1_000);
    let forgotten = node.operate("net.forget", json!({ "peer_id": peer_id })).await?;
    assert_eq!(forgotten, json!({ "peer_id": peer_id, "was_known": true }));
    let address = format!("127.0.0.1:{}", network.nodes[1].port + 3);
    let node = &mut network.nodes[0];
    let dialled = node.operate("net.dial", json!({ "address": address })).await?;
    assert_eq!(dialled["address"], format!("/ip4/127.0.0.1/tcp/{}", network.nodes[1].port + 3));
    let node = &mut network.nodes[0];
    assert_eq!(node.until("overlay peer again", live_peer).await?["peer_id"], peer_id);
    let refused = node.ask_as_operator("net.dial", json!({ "address": "nowhere" })).await.expect_err("no address");
    assert!(refused.message.contains("is not a peer address"), "{refused:?}");
    Ok(())
}

/// Forwards connections to a port, as `ssh -L`, stunnel and containers do: they come from this machine, and nothing is added.
async fn forward(port: u16) -> anyhow::Result<SocketAddr> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut far = tokio::net::TcpStream::connect(("127.0.0.1", port)).await?;
                tokio::io::copy_bidirectional(&mut near, &mut far).await
            });
        }
    });
    Ok(address)
}

#[tokio::test]
async fn h13_a_node_is_acted_on_over_its_socket_and_by_nobody_who_comes_to_its_port() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(dir.path(), 1, QUICK)?;
    network.start_all()?;
    network.reach(2).await?;
    let node = &mut network.nodes[0];
    let socket = Home::at(&node.home).socket();
    let mode = |path: &Path| std::fs::metadata(path).map(|found| found.permissions().mode() & 0o7777);
    assert_eq!((mode(&socket)?, mode(socket.parent().context("no folder")?)?), (0o600, 0o700));

    for url in [node.rpc.clone(), format!("http://{}", forward(node.port).await?)] {
        let stranger = Node::open(&url)?;
        assert!(stranger.head().await.is_ok(), "{url} leads to the node");
        let refused = [
            stranger.log_level(Some("off".into())).await.err(),
            stranger.pin_artifact(BuildHash([7; 32]), "mine".into()).await.err(),
            stranger.dial("127.0.0.1:9".into()).await.err(),
            stranger.forget("12D3KooW".into()).await.err(),
            stranger.health().await.err(),
        ];
        for error in refused {
            let refused = stranger.explain(error.context("it was done")?);
            let CallError::Refused { code, message, .. } = refused else { bail!("{url}: {refused}") };
            assert_eq!(code, error::SOCKET_ONLY, "{url}: {message}");
            assert!(message.contains("run/node.sock"), "{message}");
        }
    }
    let operator = Node::at_socket(&socket)?;
    assert_eq!(operator.log_level(None).await?.level, "info", "nothing was done");
    assert!(operator.artifacts().await?.is_empty(), "nothing was done");
    let home = node.home.display().to_string();
    let contract = Contract::at("http://127.0.0.1:9")?;
    let changed = contract.json(&["node", "log-level", "debug", "--home", &home])?;
    assert_eq!(changed, json!({ "before": "info", "level": "debug" }));
    assert_eq!(operator.log_level(None).await?.level, "debug");
    assert!(operator.health().await?.height >= Height(2));

    // What a killed node leaves behind is in nobody's way, and what a stopped one has is gone.
    node.kill()?;
    assert!(socket.exists());
    node.start()?;
    node.reach(3).await?;
    assert_eq!(contract.json(&["node", "log-level", "--home", &home])?["level"], "info");
    assert!(node.stop().await?.success(), "{}", node.last_words());
    assert!(!socket.exists());
    Ok(())
}

async fn live_peer(node: &NodeProcess) -> Option<Value> {
    let status = node.call("net.overlay_status", json!({})).await.ok()?;
    status["live_peers"].get(0).cloned()
}

/// A node with narrow bounds.
async fn narrow(dir: &tempfile::TempDir) -> anyhow::Result<Network> {
    let mut network = Network::write(dir.path(), 1, QUICK)?;
    let file = network.nodes[0].home.join("config/config.toml");
    let mut config = host::config::Config::parse(&std::fs::read_to_string(&file)?, "config.toml")?;
    (config.rpc.max_body_bytes, config.rpc.max_batch, config.rpc.max_subscriptions) = (65_536, 3, 1);
    config.rpc.max_connections = 8;
    config.rpc.cors_origins = vec!["https://explorer.example".into()];
    std::fs::write(&file, config.to_text())?;
    network.start_all()?;
    network.reach(2).await?;
    Ok(network)
}

#[tokio::test]
async fn every_bound_has_an_error_of_its_own() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let network = narrow(&dir).await?;
    let url = &network.nodes[0].rpc;
    let one = json!({ "jsonrpc": "2.0", "id": 1, "method": "chain.head", "params": {} });
    let code = |body: Value| -> anyhow::Result<(u16, Value)> {
        let answer = http::post(url, body.to_string().as_bytes())?;
        let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
        Ok((answer.status, body["error"]["code"].clone()))
    };
    assert_eq!(code(json!(vec![&one; 4]))?.1, error::BATCH_TOO_LARGE);
    assert_eq!(code(json!({ "padding": "x".repeat(65_536) }))?, (413, json!(error::OVERSIZED_REQUEST)));

    let node = Node::open(url)?;
    let socket = node.connect().await?;
    let mut first = socket.subscribe_records(Some(Height(1))).await?;
    let refused = node.explain(socket.subscribe_records(None).await.expect_err("a second subscription"));
    let rpc::client::CallError::Refused { code: told, .. } = refused else { bail!("{refused}") };
    assert_eq!(told, error::TOO_MANY_SUBSCRIPTIONS);

    // Subscriptions take every place, and keep nobody out: the oldest gives way, and is told where to go on.
    let mut served = Vec::new();
    for _ in 1..8 {
        let socket = node.connect().await?;
        let records = socket.subscribe_records(None).await?;
        served.push((socket, records));
    }
    assert_eq!(code(one)?.0, 200);
    let mut sent = Height(0);
    loop {
        match tokio::time::timeout(PATIENCE, first.next()).await?.context("it ended without a word")?? {
            Feed::Item(block) => sent = block.record.header.height,
            Feed::Dropped { resume_from, .. } => break assert_eq!(resume_from, sent.next()),
            Feed::Failed { reason, .. } => bail!("{reason}"),
        }
    }
    drop(served);
    Ok(())
}
