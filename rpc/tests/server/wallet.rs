//! The client's wallet: what it signs, and what it is told of it.

use crate::world::{World, transfer};
use primitives::{Amount, Height, Text, TransactionHash};
use rpc::api::TxApiClient;
use rpc::client::{CallError, Node, SendOutcome, Sent, Terms, Wallet, WalletError};
use rpc::error::POOL_CLOSED;
use rpc::views::{Dropped, TransactionStatus};
use rpc::{NodeSource, SubmitError};
use runtime::testing::holder;
use runtime::{Call, Fact, TxError};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

const PATIENCE: Duration = Duration::from_secs(20);

/// The wallet of holder 0, which pays the fee of the network and no more.
fn wallet(world: &World) -> Wallet {
    let chain_id = world.memory.genesis().chain.chain_id.clone();
    Wallet::new(world.node.clone(), holder(0), Terms { chain_id: Some(chain_id), most_fee: Amount(10) })
}

/// Prepares, signs and sends.
async fn send(wallet: &Wallet, call: &Call) -> Sent {
    let payload = wallet.prepare(call).await.unwrap();
    wallet.submit(wallet.sign(payload)).await.unwrap()
}

#[tokio::test]
async fn a_call_is_signed_sent_and_followed_to_its_block() {
    let world = World::new().await;
    let wallet = wallet(&world);
    let sent = send(&wallet, &transfer(5)).await;
    let (outcome, _) = tokio::join!(wallet.outcome(sent, PATIENCE), async { world.memory.make_block() });
    let SendOutcome::Included { height, index, fact: Some(fact) } = outcome.clone().unwrap() else {
        panic!("{outcome:?}")
    };
    assert_eq!((height, index, fact.outcome.is_ok()), (Height(1), 0, true));
    // As the node itself would answer.
    let status = world.node.transaction_status(sent.hash).await.unwrap();
    assert_eq!(TransactionStatus::from(outcome.unwrap()), status);
}

#[tokio::test]
async fn a_refusal_on_chain_is_an_outcome_with_its_fact() {
    let world = World::new().await;
    let wallet = wallet(&world);
    let sent = send(&wallet, &transfer(u64::MAX)).await;
    world.memory.make_block();
    let outcome = wallet.outcome(sent, PATIENCE).await.unwrap();
    let SendOutcome::Included { fact: Some(fact), .. } = &outcome else { panic!("{outcome:?}") };
    let Fact { outcome: Err(error), .. } = fact.as_ref() else { panic!("{fact:?}") };
    let said = error.to_string();
    let TransactionStatus::Included { refusal, .. } = TransactionStatus::from(outcome) else {
        panic!("it is in a block")
    };
    assert_eq!(refusal, Some(said));
}

#[tokio::test]
async fn what_the_node_drops_is_an_outcome_with_its_reason() {
    let world = World::new().await;
    let wallet = wallet(&world);
    let sent = send(&wallet, &transfer(5)).await;
    world.memory.drop_waiting(sent.hash, Dropped::Outbid);
    assert_eq!(wallet.outcome(sent, PATIENCE).await, Ok(SendOutcome::Dropped { why: Dropped::Outbid }));
}

#[tokio::test]
async fn what_the_node_forgot_is_waited_for_until_it_expires() {
    let world = World::new().await;
    let wallet = wallet(&world);
    let forgotten = Sent { hash: TransactionHash([7; 32]), expires_at: Height(2) };
    let patience = Duration::from_millis(50);
    let waiting = wallet.outcome(forgotten, patience).await.unwrap_err();
    assert_eq!(waiting, WalletError::StillWaiting { hash: forgotten.hash, expires_at: Height(2), patience });
    world.memory.make_blocks_to(2);
    let why = Dropped::Invalid(TxError::Expired { expires_at: Height(2), now: Height(3) });
    assert_eq!(wallet.outcome(forgotten, PATIENCE).await, Ok(SendOutcome::Dropped { why }));
}

/// A way to a node that swallows WebSockets: whoever asks for one is neither answered nor refused.
async fn without_websockets(node: SocketAddr) -> Node {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut method = [0; 1];
                socket.peek(&mut method).await.unwrap();
                if method == *b"G" {
                    return std::future::pending().await;
                }
                let mut there = TcpStream::connect(node).await.unwrap();
                // Ends with either side.
                let _ = tokio::io::copy_bidirectional(&mut socket, &mut there).await;
            });
        }
    });
    Node::open(&url).unwrap()
}

#[tokio::test]
async fn a_subscription_that_never_opens_costs_the_wallet_no_patience() {
    let world = World::new().await;
    let node = without_websockets(world.address()).await;
    let wallet = Wallet::new(node, holder(0), Terms { chain_id: None, most_fee: Amount(10) });
    let sent = send(&wallet, &transfer(5)).await;
    world.memory.make_block();
    // Less than a connection may take.
    let outcome = wallet.outcome(sent, Duration::from_secs(4)).await.unwrap();
    assert!(matches!(outcome, SendOutcome::Included { height: Height(1), .. }), "{outcome:?}");
}

#[tokio::test]
async fn nothing_reaches_the_pool_that_the_terms_do_not_allow() {
    let world = World::new().await;
    let elsewhere = Terms { chain_id: Text::new("the-block-1"), most_fee: Amount(10) };
    let poor = Terms { chain_id: None, most_fee: Amount(9) };
    let refused = async |terms: Terms| {
        Wallet::new(world.node.clone(), holder(0), terms).send(&transfer(5), PATIENCE).await.unwrap_err()
    };
    assert!(matches!(refused(elsewhere).await, WalletError::OtherChain { .. }));
    assert_eq!(refused(poor).await, WalletError::FeeTooHigh { asked: Amount(10), most: Amount(9) });
    assert_eq!(world.memory.health().pool_transactions, 0);
}

#[tokio::test]
async fn a_node_that_refuses_or_does_not_answer_is_an_error_with_its_words() {
    let world = World::new().await;
    world.memory.refuse_with(SubmitError::Closed("it is stopping".into()));
    let error = wallet(&world).send(&transfer(5), PATIENCE).await.unwrap_err();
    assert!(matches!(&error, WalletError::Call(CallError::Refused { code: POOL_CLOSED, .. })), "{error}");
    // A port that was free a moment ago, so that nobody listens on it.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let nobody = Node::open(&format!("http://127.0.0.1:{port}")).unwrap();
    let wallet = Wallet::new(nobody, holder(0), Terms { chain_id: None, most_fee: Amount(10) });
    let error = wallet.send(&transfer(5), PATIENCE).await.unwrap_err();
    assert!(matches!(error, WalletError::Call(CallError::Unreachable { .. })), "{error}");
}
