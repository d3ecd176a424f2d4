//! Bad input gets a sentence, a code of its own, and nothing is kept.

use crate::world::{World, transfer};
use parity_scale_codec::Encode;
use primitives::{Amount, Height, SecretKey, Text};
use rpc::client::{CallError, Node};
use rpc::error::*;
use rpc::{NodeSource, SubmitError};
use runtime::testing::holder;
use runtime::{Lane, Transaction, TxError};
use serde_json::{Value, json};

async fn require(world: &World, method: &str, params: Value, code: i32, sentence: &str) {
    let (found, message) = world.refused(method, params.clone()).await;
    assert_eq!(found, i64::from(code), "{method} {params}: {message}");
    assert!(message.contains(sentence), "{method} {params}: {message}");
}

#[tokio::test]
async fn a_method_or_parameter_that_does_not_exist_is_named() {
    let world = World::new().await;
    require(&world, "gov.relase", json!({}), METHOD_NOT_FOUND, "no method \"gov.relase\"").await;
    require(
        &world,
        "gov.release_history",
        json!({ "proposr": "" }),
        INVALID_PARAMS,
        "no parameter \"proposr\"; it takes page?",
    )
    .await;
    require(&world, "gov.release_signers", json!({ "a": 1 }), INVALID_PARAMS, "it takes no parameters").await;
    require(&world, "gov.release_signers", json!([1]), INVALID_PARAMS, "was given 1 parameters").await;
    require(&world, "gov.release", json!({}), INVALID_PARAMS, "gov.release needs hash").await;
    require(&world, "gov.release", json!([]), INVALID_PARAMS, "gov.release needs hash").await;
    require(&world, "gov.subscribe_events", json!({}), WEBSOCKET_ONLY, "needs a WebSocket connection").await;
    let ended = json!({ "subscription": 1 });
    require(&world, "gov.unsubscribe_events", ended, WEBSOCKET_ONLY, "needs a WebSocket connection").await;
}

#[tokio::test]
async fn a_malformed_parameter_is_refused_with_the_reason() {
    let world = World::new().await;
    let bad = [
        ("gov.release", json!({ "hash": "zz" }), "'z' is not a hex digit"),
        ("gov.release", json!({ "hash": "aa" }), "expected 64 hex digits, found 2"),
        ("gov.release", json!({ "hash": 7 }), "invalid type"),
        ("gov.proposal", json!({ "id": -1 }), "invalid value"),
        ("gov.proposals", json!({ "status": "maybe" }), "unknown variant `maybe`"),
        ("gov.release_history", json!({ "page_size": 0 }), "page_size must be 1 to 100, not 0"),
        ("gov.release_history", json!({ "page_size": 101 }), "page_size must be 1 to 100, not 101"),
        ("state.get", json!({ "key": "0xzz" }), "a storage key after 0x is hex"),
        ("state.proof", json!({ "key": "" }), "key is empty"),
        (
            "tx.prepare",
            json!({ "account": holder(0).account(), "call": { "acounts": {} } }),
            "unknown variant `acounts`",
        ),
        ("tx.submit", json!({ "transaction": "zz" }), "transaction is not hex"),
        ("tx.submit", json!({ "transaction": { "payload": {} } }), "missing field"),
        ("tx.submit", json!({ "transaction": 7 }), "a transaction: an object with payload and signature"),
    ];
    for (method, params, sentence) in bad {
        require(&world, method, params, INVALID_PARAMS, sentence).await;
    }
}

#[tokio::test]
async fn what_is_not_there_is_told_apart_from_what_is_gone_and_what_is_yet_to_come() {
    let world = World::with_story().await;
    let hash = |byte: &str| json!({ "hash": byte.repeat(32) });
    require(&world, "gov.release", hash("dd"), UNKNOWN_RELEASE, "was never approved").await;
    require(&world, "gov.release", hash("cc"), UNKNOWN_RELEASE, "; proposal 2 asks for it").await;
    require(&world, "gov.proposal", json!({ "id": 77 }), UNKNOWN_PROPOSAL, "there is no proposal 77").await;
    require(&world, "chain.certificate", json!({ "height": 0 }), NO_CERTIFICATE, "genesis").await;
    world.memory.prune_to(Height(10));
    for method in ["chain.block", "chain.record", "chain.certificate"] {
        require(&world, method, json!({ "height": 26 }), HEIGHT_NOT_YET, "the newest block is 25").await;
        require(&world, method, json!({ "height": 9 }), HEIGHT_PRUNED, "from height 10 on, and 9 is before").await;
    }
    let roster = |height: u64| json!({ "key": "releases/roster", "height": height });
    require(&world, "state.proof", roster(26), HEIGHT_NOT_YET, "not there yet").await;
    require(&world, "state.proof", roster(9), HEIGHT_PRUNED, "is before").await;
}

fn signed(world: &World, change: impl FnOnce(&mut runtime::Payload)) -> Transaction {
    let key: SecretKey = holder(0);
    let mut payload = world.memory.sign(&key, transfer(1)).payload;
    change(&mut payload);
    payload.sign(&key)
}

#[tokio::test]
async fn each_reason_why_a_transaction_cannot_be_in_a_block_has_its_code_and_its_type() {
    let world = World::with_story().await;
    let whole = signed(&world, |_| ()).encode();
    let hex = |bytes: &[u8]| json!({ "transaction": hex::encode(bytes) });
    require(&world, "tx.submit", hex(&[&whole[..], &[0]].concat()), TX_UNDECODABLE, "not a transaction").await;
    require(&world, "tx.submit", hex(&whole[..40]), TX_UNDECODABLE, "not a transaction").await;
    require(&world, "tx.submit", hex(&[]), TX_UNDECODABLE, "not a transaction").await;
    let json = |transaction: Transaction| json!({ "transaction": transaction });
    let mut forged = signed(&world, |_| ());
    forged.payload.fee = Amount(11);
    let cases = [
        (forged, TX_BAD_SIGNATURE, "signature is not valid"),
        (signed(&world, |p| p.chain_id = Text::new("other").unwrap()), TX_WRONG_CHAIN, "for chain"),
        (signed(&world, |p| p.expires_at = Height(25)), TX_EXPIRED, "expired at height 25; it is height 26"),
        (signed(&world, |p| p.expires_at = Height(99_999)), TX_EXPIRES_TOO_LATE, "later than"),
        (
            signed(&world, |p| p.nonce = 0),
            TX_NONCE_USED,
            "nonce 0 of this account is used in the wallet's lane; the next is 1",
        ),
        (signed(&world, |p| p.nonce = 9), TX_NONCE_TOO_HIGH, "cannot come yet"),
        (
            signed(&world, |p| p.lane = Lane::Node),
            TX_NONCE_TOO_HIGH,
            "nonce 1 cannot come yet in the node's lane; the next is 0",
        ),
        (signed(&world, |p| p.fee = Amount(1)), TX_FEE_TOO_LOW, "must be at least 10"),
        (signed(&world, |p| p.fee = Amount(u64::MAX)), TX_CANNOT_PAY_FEE, "add funds"),
    ];
    for (transaction, code, sentence) in cases {
        require(&world, "tx.submit", json(transaction), code, sentence).await;
    }
    assert_eq!(world.memory.health().pool_transactions, 0, "nothing was kept");

    let error = world.call("tx.submit", json(signed(&world, |p| p.fee = Amount(1)))).await.unwrap_err();
    let refusal: RpcRefusal = serde_json::from_value(error["data"].clone()).unwrap();
    let expected = TxError::FeeTooLow { have: Amount(1), need: Amount(10) };
    assert_eq!(refusal, RpcRefusal::Submit(SubmitError::Invalid(expected)));
}

#[tokio::test]
async fn each_reason_why_a_node_does_not_take_a_transaction_has_its_code() {
    let world = World::new().await;
    let transaction = json!({ "transaction": signed(&world, |_| ()) });
    let account = holder(0).account();
    let reasons = [
        (SubmitError::PoolFull { least: Amount(50) }, POOL_FULL, "offer a fee above 50"),
        (SubmitError::AccountFull { account, most: 16 }, POOL_ACCOUNT_FULL, "16 transactions waiting"),
        (
            SubmitError::ReplacementFee { lane: Lane::Node, nonce: 3, need: Amount(11) },
            POOL_REPLACEMENT_FEE,
            "at least 11",
        ),
        (SubmitError::Known, POOL_KNOWN, "waiting already"),
        (SubmitError::Provenance("1 of 2".into()), POOL_PROVENANCE, "does not trust"),
        (SubmitError::Closed("it is stopping".into()), POOL_CLOSED, "takes no transactions now"),
    ];
    for (reason, code, sentence) in reasons {
        world.memory.refuse_with(reason.clone());
        require(&world, "tx.submit", transaction.clone(), code, sentence).await;
        assert_eq!(RpcRefusal::Submit(reason).code(), code);
    }
}

#[tokio::test]
async fn the_client_says_what_to_do_when_there_is_no_node_or_no_url() {
    use rpc::api::GovApiClient;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let node = Node::open(&format!("http://{free}")).unwrap();
    let error = node.explain(node.release_signers().await.unwrap_err());
    let said = format!("no node answers at http://{free}: connection refused; start one or pass --rpc");
    assert_eq!(error.to_string(), said);
    assert_eq!(node.connect().await.err(), Some(error));
    assert!(matches!(Node::open("nowhere"), Err(CallError::Url { .. })));
}

#[tokio::test]
async fn o48_a_name_without_an_address_is_told_from_a_node_that_is_not_there() {
    use rpc::api::GovApiClient;
    // A label of more than 63 letters is no name of DNS, so the resolver of no machine asks anybody for it, or has an answer.
    let node = Node::open(&format!("http://{}.invalid:26600", "a".repeat(64))).unwrap();
    for error in [node.explain(node.release_signers().await.unwrap_err()), node.connect().await.err().unwrap()] {
        let CallError::Unresolved { reason, .. } = &error else { panic!("{error}") };
        assert!(reason.contains("lookup"), "the resolver's own words are missing: {error}");
        assert!(error.is_silence(), "nothing was heard of a node");
    }
}

#[tokio::test]
async fn o48_what_speaks_something_else_is_no_node_and_what_ends_says_so() {
    use rpc::api::GovApiClient;
    // What libp2p greets with, and how TLS says that it was not spoken to in TLS.
    let multistream: &[u8] = b"\x13/multistream/1.0.0\n";
    let (tls, nothing): (&[u8], &[u8]) = (b"\x15\x03\x01\0\x02\x02\x28", b"");
    for (greeting, is_node) in [(multistream, false), (tls, false), (nothing, true)] {
        let node = Node::open(&format!("http://{}", answering(greeting))).unwrap();
        let error = node.explain(node.release_signers().await.unwrap_err());
        match &error {
            CallError::NotANode { .. } if !is_node => {}
            CallError::Broken { reason, .. } if is_node => {
                assert!(!reason.contains("client error (") && !reason.is_empty(), "the cause is missing: {error}");
            }
            other => panic!("{greeting:?}: {other}"),
        }
    }
}

/// The address of something that reads a request, answers it with this, and ends.
fn answering(with: &'static [u8]) -> std::net::SocketAddr {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let read = stream.read(&mut [0; 4096]).unwrap();
        assert!(read > 0, "it is asked");
        stream.write_all(with).unwrap();
        if with.is_empty() {
            return;
        }
        // Ends when the other side has enough.
        let _ = std::io::copy(&mut stream, &mut std::io::sink());
    });
    address
}

#[tokio::test]
async fn the_client_keeps_code_sentence_and_type_of_a_refusal() {
    use rpc::api::GovApiClient;
    let world = World::new().await;
    let error = world.node.proposal(primitives::ProposalId(7)).await.unwrap_err();
    let error = world.node.explain(error);
    assert_eq!(error.refusal(), Some(RpcRefusal::UnknownProposal(primitives::ProposalId(7))));
    assert_eq!(error.to_string(), "there is no proposal 7");
}
