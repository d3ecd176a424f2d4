//! What does a node do with a transaction or a request that cannot be? It says which mistake it is, and keeps nothing of it.

use parity_scale_codec::Encode;
use primitives::{Amount, BuildHash, Height, Text};
use rpc::error;
use runtime::{Payload, Transaction};
use serde_json::{Value, json};
use tests::chain::stored_since;
use tests::network::QUIET;
use tests::node::Refused;
use tests::release::Draft;
use tests::wallet::{included, submit, transfer};
use tests::{Contract, Network, NodeProcess, TestWallet, http};

/// A network of one whose state does not change by itself.
async fn quiet(dir: &tempfile::TempDir, change: impl Fn(&mut Value)) -> anyhow::Result<Network> {
    Network::settled(dir.path(), QUIET, change).await
}

/// Everything that a refused request could have left behind.
async fn traces(node: &NodeProcess) -> anyhow::Result<Value> {
    let proposals = node.call("gov.proposals", json!({})).await?;
    let waits = ["mempool_transactions", "mempool_bytes", "mempool_apart"];
    let pool = waits.map(|metric| node.metric(metric)).into_iter().collect::<anyhow::Result<Vec<f64>>>()?;
    Ok(json!({ "proposals": proposals["total"], "pool": pool }))
}

/// What is there before something is refused.
struct Before {
    height: u64,
    traces: Value,
}

impl Before {
    async fn at(node: &NodeProcess) -> anyhow::Result<Self> {
        Ok(Self { height: node.height().await?, traces: traces(node).await? })
    }

    /// Nothing is there since.
    async fn holds(&self, node: &NodeProcess) -> anyhow::Result<()> {
        assert_eq!(traces(node).await?, self.traces, "something was kept");
        assert_eq!(stored_since(node, self.height).await?, [Value::Null; 0], "something was stored");
        Ok(())
    }
}

fn expect(found: Result<Value, Refused>, code: i32, says: &str) {
    let refused = found.expect_err(says);
    assert_eq!(refused.code, code, "{refused:?}");
    assert!(refused.message.contains(says), "{says:?} is missing: {refused:?}");
    assert_ne!(refused.data, Value::Null, "the typed error is missing: {refused:?}");
}

#[tokio::test]
async fn a_transaction_that_cannot_be_in_a_block_has_a_code_and_leaves_nothing() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = quiet(&dir, |genesis| {
        genesis["chain"]["limits"]["max_transaction_bytes"] = 1024.into();
        // The proof of an offence must fit.
        genesis["staking"]["params"]["max_validators"] = 4.into();
    })
    .await?;
    let holder = TestWallet::open(network.holder(0))?;
    let signers = (0..2).map(|index| TestWallet::open(network.signer(index))).collect::<anyhow::Result<Vec<_>>>()?;
    let roster = [0, 1, 2].map(|index| TestWallet::open(network.signer(index)).expect("a signer's key").0.public());
    let done = holder.signed(&network.nodes[0], &transfer(3), |_| {}).await?;
    let hash = submit(&network.nodes[0], &done).await.expect("a good transaction");
    included(&mut network.nodes[0], &hash).await?;
    let node = &mut network.nodes[0];
    let height = node.height().await?;
    node.reach(height + 1).await?;
    let before = Before::at(node).await?;

    expect(submit(node, &done).await, error::TX_NONCE_USED, "is used in the wallet's lane; the next is 1");
    type Change = fn(&mut Payload);
    let cases: [(Change, i32, &str); 6] = [
        (|p| p.chain_id = Text::new("another").unwrap_or_default(), error::TX_WRONG_CHAIN, "is for chain \"another\""),
        (|p| p.expires_at = Height(1), error::TX_EXPIRED, "expired at height 1"),
        (|p| p.expires_at = Height(u64::MAX), error::TX_EXPIRES_TOO_LATE, "earlier expiry"),
        (|p| p.nonce = 0, error::TX_NONCE_USED, "nonce 0 of this account is used"),
        (|p| p.fee = Amount(1), error::TX_FEE_TOO_LOW, "the fee is 1 and must be at least"),
        (|p| p.nonce += 1_000, error::POOL_ACCOUNT_FULL, "transactions waiting"),
    ];
    for (change, code, says) in cases {
        expect(submit(node, &holder.signed(node, &transfer(1), change).await?).await, code, says);
    }
    let poor = TestWallet::fresh();
    expect(submit(node, &poor.signed(node, &transfer(1), |_| {}).await?).await, error::TX_CANNOT_PAY_FEE, "add funds");

    // Signed by another key, and signed before it was changed.
    let mut forged = holder.signed(node, &transfer(1), |_| {}).await?;
    forged.signature = poor.0.sign(&forged.payload.signing_bytes());
    expect(submit(node, &forged).await, error::TX_BAD_SIGNATURE, "sign the payload with that account's key");
    let mut changed = holder.signed(node, &transfer(1), |_| {}).await?;
    changed.payload.fee = Amount(9_999);
    expect(submit(node, &changed).await, error::TX_BAD_SIGNATURE, "is not valid for account");

    let draft = Draft::of(BuildHash([7; 32]), &signers, &roster);
    let notes = |vote: &mut releases::ReleaseVote| vote.manifest.notes = Text::new("x".repeat(2_000));
    let large = holder.signed(node, &draft.spoiled(notes).call(), |_| {}).await?;
    expect(submit(node, &large).await, error::TX_TOO_LARGE, "bytes and may have 1024");

    before.holds(node).await?;
    Ok(())
}

#[tokio::test]
async fn bytes_that_are_not_exactly_one_transaction_are_refused() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let network = quiet(&dir, |_| {}).await?;
    let node = &network.nodes[0];
    let holder = TestWallet::open(network.holder(0))?;
    let good = holder.signed(node, &transfer(1), |_| {}).await?;
    let (bytes, before) = (good.encode(), Before::at(node).await?);
    let scale = |text: String| node.ask("tx.submit", json!({ "transaction": text }));

    expect(scale("zz".into()).await, error::INVALID_PARAMS, "not hex");
    expect(scale(hex::encode(&bytes)[1..].into()).await, error::INVALID_PARAMS, "not hex");
    expect(scale(String::new()).await, error::TX_UNDECODABLE, "not a transaction");
    expect(scale(hex::encode(&bytes[..bytes.len() - 1])).await, error::TX_UNDECODABLE, "not a transaction");
    expect(scale(hex::encode([&bytes[..], &[0]].concat())).await, error::TX_UNDECODABLE, "not a transaction");
    expect(scale(hex::encode([&bytes[..], &bytes].concat())).await, error::TX_UNDECODABLE, "not a transaction");
    let mut unknown_call = bytes.clone();
    let call = bytes.len() - 64 - good.payload.call.encoded_size();
    unknown_call[call] = 99;
    expect(scale(hex::encode(unknown_call)).await, error::TX_UNDECODABLE, "not a transaction");

    let spoil = |path: &str, value: Value| {
        let mut object = serde_json::to_value(&good).expect("a transaction has a JSON form");
        *object.pointer_mut(path).expect("a field of a transaction") = value;
        object
    };
    let mut extra = serde_json::to_value::<&Transaction>(&good)?;
    extra["payload"]["tip"] = json!("1");
    let account = good.payload.account.to_string();
    for object in [
        extra,
        spoil("/payload/account", json!(account[1..])),
        spoil("/payload/account", json!(format!("{account}00"))),
        spoil("/payload/account", json!(account.replace(|c: char| c.is_ascii_digit(), "g"))),
        spoil("/signature", json!("00")),
        spoil("/payload/nonce", json!(-1)),
        spoil("/payload/nonce", json!(0.5)),
        spoil("/payload/fee", json!("1e3")),
        spoil("/payload/call", json!({ "accounts": { "mint": {} } })),
        json!(null),
        json!([]),
    ] {
        expect(node.ask("tx.submit", json!({ "transaction": object })).await, error::INVALID_PARAMS, "");
    }
    before.holds(node).await?;
    // It was a good transaction all along; in any case of its hex.
    scale(format!("0x{}", hex::encode(&bytes).to_uppercase())).await.expect("a good transaction");
    Ok(())
}

#[tokio::test]
async fn a_waiting_transaction_is_known_and_replaced_only_for_a_higher_fee() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = quiet(&dir, |_| {}).await?;
    let holder = TestWallet::open(network.holder(0))?;
    let node = &mut network.nodes[0];
    // Nonce 1 has to wait for nonce 0, so it stays where it is.
    let waiting = holder.signed(node, &transfer(1), |payload| payload.nonce = 1).await?;
    let hash = submit(node, &waiting).await.expect("a transaction for later");
    expect(submit(node, &waiting).await, error::POOL_KNOWN, "waiting already");
    let change = |payload: &mut Payload| (payload.nonce, payload.fee.0) = (1, payload.fee.0 + 1);
    let cheap = holder.signed(node, &transfer(2), change).await?;
    expect(submit(node, &cheap).await, error::POOL_REPLACEMENT_FEE, "replaces it");
    assert_eq!((node.metric("mempool_transactions")?, node.metric("mempool_apart")?), (0.0, 1.0));
    holder.send(node, &transfer(3)).await?;
    included(node, &hash).await?;
    // A block is shown before the pool has let go of what is in it.
    node.until("empty pool", async |node| {
        let waits = ["mempool_transactions", "mempool_apart"].map(|metric| node.metric(metric).ok());
        (waits == [Some(0.0); 2]).then_some(())
    })
    .await
}

#[tokio::test]
async fn a_request_that_is_none_has_a_code_of_its_own() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let network = quiet(&dir, |_| {}).await?;
    let node = &network.nodes[0];
    let before = Before::at(node).await?;
    expect_code(
        node.ask("gov.nothing", json!({})).await,
        error::METHOD_NOT_FOUND,
        "there is no method \"gov.nothing\"",
    );
    expect_code(
        node.ask("gov.proposals", json!({ "pages": 1 })).await,
        error::INVALID_PARAMS,
        "no parameter \"pages\"",
    );
    expect_code(node.ask("gov.proposal", json!({})).await, error::INVALID_PARAMS, "id");
    expect_code(node.ask("gov.proposal", json!({ "id": 77 })).await, error::UNKNOWN_PROPOSAL, "no proposal 77");
    let hash = "ab".repeat(32);
    expect_code(node.ask("gov.release", json!({ "hash": hash })).await, error::UNKNOWN_RELEASE, "was never approved");
    for bad in [&hash[1..], "", "xyz", &format!("{hash}0")] {
        expect_code(node.ask("gov.release", json!({ "hash": bad })).await, error::INVALID_PARAMS, "");
    }
    expect_code(
        node.ask("chain.block", json!({ "height": 1u64 << 40 })).await,
        error::HEIGHT_NOT_YET,
        "is not there yet",
    );
    expect_code(node.ask("chain.certificate", json!({ "height": 0 })).await, error::NO_CERTIFICATE, "genesis");

    let code = |body: &[u8]| -> anyhow::Result<Value> {
        let answer = http::post(&node.rpc, body)?;
        let value: Value = serde_json::from_str(&answer.body).unwrap_or_else(|_| json!({ "status": answer.status }));
        Ok(value["error"]["code"].clone())
    };
    assert_eq!(code(b"{\"jsonrpc\":")?, error::PARSE_ERROR);
    assert_eq!(code(b"\xff\xfe")?, error::PARSE_ERROR);
    assert_eq!(code(b"{\"jsonrpc\":\"2.0\",\"id\":1}")?, error::INVALID_REQUEST);
    assert_eq!(code(&vec![b' '; 2 << 20])?, error::OVERSIZED_REQUEST);
    let one = json!({ "jsonrpc": "2.0", "id": 1, "method": "node.version", "params": {} });
    assert_eq!(code(&serde_json::to_vec(&vec![one; 51])?)?, error::BATCH_TOO_LARGE);
    before.holds(node).await?;
    Ok(())
}

fn expect_code(found: Result<Value, Refused>, code: i32, says: &str) {
    let refused = found.expect_err(says);
    assert_eq!(refused.code, code, "{refused:?}");
    assert!(refused.message.contains(says), "{says:?} is missing: {refused:?}");
}

#[tokio::test]
async fn the_command_line_refuses_what_it_cannot_send_with_exit_code_2_and_passes_refusals_on_with_1()
-> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let network = quiet(&dir, |_| {}).await?;
    let node = &network.nodes[0];
    let before = Before::at(node).await?;
    let contract = Contract::at(&node.rpc)?;
    let (key, hash, signature) = (network.holder(0), "ab".repeat(32), "cd".repeat(64));
    let signer = "12".repeat(32);
    let usage: [&[&str]; 7] = [
        &["gov", "propose-release", "--hash", &hash[1..], "--key", &key],
        &["gov", "propose-release", "--hash", "xyz", "--key", &key],
        &["gov", "propose-release", "--hash", &hash, "--signer", &signer, "--key", &key],
        &["gov", "propose-release", "--hash", &hash, "--signature", &signature, "--key", &key],
        &["gov", "propose-release", "--hash", &hash, "--signature", "00", "--signer", &signer, "--key", &key],
        &["gov", "vote", "--id", "1", "--choice", "maybe", "--key", &key],
        &["account", "transfer", "--to", &hash, "--amount", "-1", "--key", &key],
    ];
    for arguments in usage {
        let (code, said) = contract.refused(arguments)?;
        assert_eq!(code, Some(2), "{arguments:?}: {said}");
    }
    let transfer = ["account", "transfer", "--to", &hash, "--amount", "0", "--key", &key];
    for (how, cost) in [(&[][..], "no fee is paid"), (&["--force"][..], "fee of")] {
        let (code, said) = contract.refused(&[&transfer[..], how].concat())?;
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("the amount is zero"), "the chain's own sentence is missing: {said}");
        assert!(said.contains(cost), "what it cost is missing: {said}");
    }
    let after = traces(node).await?;
    // The chain took the fee for the call that it refused, and nothing else.
    assert_eq!((&after["proposals"], &after["pool"]), (&before.traces["proposals"], &before.traces["pool"]));
    assert_eq!(node.call("account.get", json!({ "account": hash })).await?["nonce"], 0);

    let nobody = Contract::at("http://127.0.0.1:9")?;
    let (code, said) = nobody.refused(&["status"])?;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("127.0.0.1:9"), "{said}");
    Ok(())
}
