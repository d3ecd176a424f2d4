//! Every call with an id is answered: with that id, or with which ids are taken.

use crate::world::World;
use rpc::error::INVALID_REQUEST;
use serde_json::{Value, json};
use soketto::handshake::{Client, ServerResponse};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_util::compat::TokioAsyncReadCompatExt;

const TAKEN: [&str; 6] = ["0", "7", "18446744073709551615", "\"\"", "\"a \\\"quote\\\"\"", "null"];
const NOT_TAKEN: [&str; 8] = ["-1", "1.5", "1e0", "18446744073709551616", "-0.0", "true", "[]", "{}"];

fn call(id: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"node.version","params":{{}}}}"#)
}

fn require(id: &str, answer: &Value) {
    if TAKEN.contains(&id) {
        assert_eq!(answer["id"], serde_json::from_str::<Value>(id).unwrap(), "{id}: {answer}");
        assert!(answer["result"].is_object(), "{id}: {answer}");
    } else {
        let said = answer["error"]["message"].as_str().unwrap_or_default();
        assert_eq!(
            (&answer["id"], &answer["error"]["code"]),
            (&Value::Null, &json!(INVALID_REQUEST)),
            "{id}: {answer}"
        );
        assert!(said.contains("a whole number from 0 to 18446744073709551615"), "{id}: {said}");
    }
}

fn every_id() -> Vec<&'static str> {
    TAKEN.into_iter().chain(NOT_TAKEN).collect()
}

fn batch() -> String {
    format!("[{}]", every_id().into_iter().map(call).collect::<Vec<_>>().join(","))
}

fn require_each(answers: &Value) {
    let answers = answers.as_array().unwrap();
    assert_eq!(answers.len(), every_id().len());
    every_id().into_iter().zip(answers).for_each(|(id, answer)| require(id, answer));
}

#[tokio::test]
async fn o32_no_call_over_http_is_dropped_for_its_id() {
    let world = World::new().await;
    for id in every_id() {
        require(id, &world.post(&call(id)).await.1);
    }
    require_each(&world.post(&batch()).await.1);
    for params in ["", r#","params":null"#] {
        let (_, answer) = world.post(&format!(r#"{{"jsonrpc":"2.0","id":1,"method":"node.version"{params}}}"#)).await;
        assert!(answer["result"].is_object(), "{answer}");
    }
    let said = rpc::openrpc()["info"]["description"].as_str().unwrap();
    assert!(said.contains("One without an id does nothing, and is answered too"), "{said}");
}

#[tokio::test]
async fn o32_no_call_over_a_websocket_is_dropped_for_its_id() {
    let world = World::new().await;
    let stream = TcpStream::connect(world.address()).await.unwrap();
    let mut client = Client::new(stream.compat(), "node", "/");
    assert!(matches!(client.handshake().await.unwrap(), ServerResponse::Accepted { .. }));
    let (mut sender, mut receiver) = client.into_builder().finish();
    let mut ask = async |message: String| {
        sender.send_text(message).await.unwrap();
        sender.flush().await.unwrap();
        let mut bytes = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(20), receiver.receive_data(&mut bytes));
        read.await.expect("it is answered").unwrap();
        serde_json::from_slice::<Value>(&bytes).unwrap()
    };
    for id in every_id() {
        require(id, &ask(call(id)).await);
    }
    require_each(&ask(batch()).await);
}
