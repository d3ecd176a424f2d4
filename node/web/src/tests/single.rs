//! One flag.

use crate::testing::{World, client_token, for_whom, server_token, share};
use axum::http::Method;
use flags::Targeting;
use serde_json::json;

#[tokio::test]
async fn one_flag_is_answered_with_its_value_reason_variant_and_metadata() {
    let world = World::new();
    world.chain.set("risk_mode", "PROD", Targeting::constant(2));
    world.plane.refresh();
    let answer = world.one(&server_token(0), "risk_mode", "{}").await;
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (
            200,
            r#"{"key":"risk_mode","value":"BLOCK","reason":"STATIC","variant":"BLOCK","metadata":{"plan":"pos","owner":"OWNER","version":2,"expired":false,"risk":"high"}}"#
        )
    );
    assert_eq!(answer.header("content-type"), "application/json");
}

#[tokio::test]
async fn numbers_and_objects_keep_their_kind() {
    let world = World::new();
    let token = server_token(0);
    for (key, written) in [
        ("limit", "\"value\":10,"),
        ("ratio", "\"value\":1.0,"),
        ("menu", "\"value\":{\"items\":[1,2]},"),
        ("advanced_discounts", "\"value\":false,"),
    ] {
        let answer = world.one(&token, key, "{}").await;
        assert!(answer.status == 200 && answer.body.contains(written), "{answer:?}");
    }
}

#[tokio::test]
async fn each_reason_is_said() {
    let world = World::new();
    world.chain.set("rollout", "PROD", share(100_000));
    world.chain.set("limit", "PROD", for_whom("group", "staff", 1));
    world.chain.disable("ratio", "PROD/red-stores");
    world.plane.refresh();
    let token = server_token(0);
    let asked = [
        ("advanced_discounts", "{}", "DEFAULT", json!(false)),
        ("rollout", r#"{"targetingKey":"u1"}"#, "TARGETING_MATCH", json!(true)),
        ("limit", r#"{"group":"staff"}"#, "TARGETING_MATCH", json!(1_000)),
        ("limit", r#"{"group":"guest"}"#, "DEFAULT", json!(10)),
        ("ratio", "{}", "DISABLED", json!(1.0)),
    ];
    for (key, context, reason, value) in asked {
        let answer = world.one(&token, key, context).await.json();
        assert_eq!((&answer["reason"], &answer["value"]), (&json!(reason), &value), "{key}");
    }
}

#[tokio::test]
async fn a_branch_is_asked_below_the_tenant_of_the_token() {
    let world = World::new();
    world.chain.set("limit", "PROD/red-stores/b2", Targeting::constant(1));
    world.plane.refresh();
    let token = server_token(0);
    assert_eq!(world.one(&token, "limit", "{}").await.json()["value"], 10);
    assert_eq!(world.one(&token, "limit", r#"{"branch":"b2"}"#).await.json()["value"], 1_000);
    assert_eq!(world.one(&token, "limit", r#"{"branch":"b3"}"#).await.json()["value"], 10);
}

#[tokio::test]
async fn a_flag_that_is_not_there_and_one_that_a_client_may_not_see_are_the_same_to_it() {
    let world = World::new();
    let token = client_token(0);
    for key in ["server_secret", "nope", "a%2Fb", "a/b", "%C3%A9", "x".repeat(500).as_str()] {
        let answer = world.one(&token, key, "{}").await;
        let said = answer.json();
        assert_eq!((answer.status, &said["errorCode"]), (404, &json!("FLAG_NOT_FOUND")), "{key}");
        assert!(said["key"].is_string() && said["errorDetails"].as_str().unwrap().starts_with("no flag "), "{said}");
    }
    assert_eq!(world.one(&server_token(0), "server_secret", "{}").await.status, 200);
    assert_eq!(world.one(&token, "b%61nner", "{}").await.status, 200, "a path is percent-encoded");
    let no_text = world.one(&token, "%FF", "{}").await;
    assert_eq!((no_text.status, &no_text.json()["errorCode"]), (400, &json!("PARSE_ERROR")));
    assert_eq!(world.one(&token, "banner", "{}").await.status, 200);
    let answer = world.one(&token, "nope", "{}").await;
    assert_eq!(
        answer.body,
        r#"{"key":"nope","errorCode":"FLAG_NOT_FOUND","errorDetails":"no flag \"nope\" in plan pos; contract flags list --plan pos names them"}"#
    );
}

#[tokio::test]
async fn what_would_have_to_be_drawn_without_a_key_is_a_bad_request() {
    let world = World::new();
    world.chain.set("rollout", "PROD", share(50_000));
    world.plane.refresh();
    let answer = world.one(&server_token(0), "rollout", "{}").await;
    let said = answer.json();
    assert_eq!((answer.status, &said["errorCode"]), (400, &json!("TARGETING_KEY_MISSING")));
    assert_eq!(said["key"], "rollout");
}

#[tokio::test]
async fn malformed_bodies_have_the_codes_of_the_protocol_and_the_key() {
    let world = World::new();
    let bearer = format!("Bearer {}", server_token(0));
    for (body, code) in [
        ("", "PARSE_ERROR"),
        ("[]", "PARSE_ERROR"),
        ("null", "PARSE_ERROR"),
        ("{\"context\":", "PARSE_ERROR"),
        ("{\"context\":[]}", "INVALID_CONTEXT"),
        ("{\"context\":null}", "INVALID_CONTEXT"),
        ("{\"context\":{\"targetingKey\":1}}", "INVALID_CONTEXT"),
        ("{\"context\":{\"branch\":\"../x\"}}", "INVALID_CONTEXT"),
    ] {
        let uri = "/ofrep/v1/evaluate/flags/limit";
        let answer = world.ask(Method::POST, uri, &[("authorization", bearer.as_str())], body).await;
        let said = answer.json();
        assert_eq!((answer.status, &said["errorCode"], &said["key"]), (400, &json!(code), &json!("limit")), "{body}");
        assert!(said["errorDetails"].is_string());
    }
    let empty =
        world.ask(Method::POST, "/ofrep/v1/evaluate/flags/limit", &[("authorization", bearer.as_str())], "{}").await;
    assert_eq!(empty.status, 200, "some providers send no context");
}
